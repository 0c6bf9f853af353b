package selfservice

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// deskProduct is what runs there, as far as anybody can tell from outside.
	deskProduct = "VDAM Self-Service API"
	// maxSubject is the contract's.
	maxSubject = 200
	// deskTimeout is how long a gateway lets a request run.
	deskTimeout = time.Minute
)

// DeskOptions is what opening an operator's service desk needs.
type DeskOptions struct {
	// Name is the desk's key in the provider's configuration.
	Name    string
	Project string
	// HTTP authenticates and retries.
	HTTP *http.Client
	// Discovery is what Discover answered.
	Discovery *Discovery
	// Mapping goes before what the operator says of itself.
	Mapping servicedesk.Mapping
}

// desk is an operator's service desk, seen through one project. The contract makes one ticket of a key, so that there is
// nothing to claim.
type desk struct {
	*session
	described servicedesk.Description
}

// OpenDesk makes the client of an operator's service desk. Like Open, it asks for the project at once, which also tells
// who the operator takes us for.
func OpenDesk(ctx context.Context, o DeskOptions) (servicedesk.Desk, error) {
	s, err := newSession(o.Name, o.Project, o.Discovery.endpoint, o.HTTP)
	if err != nil {
		return nil, err
	}
	offered := o.Discovery.document.Capabilities.ServiceDesk
	if offered == nil {
		return nil, &cloud.Error{
			Reason: cloud.ErrUnsupported, Operator: o.Name,
			Text: driver.Sentence(fmt.Sprintf("The operator %s has no service desk at its API",
				driver.OneLine(o.Discovery.document.Name, driver.LineLimit))),
			Advice: "Name another desk, or ask the operator where its service desk is.",
		}
	}
	project, err := s.readProject(ctx)
	if err != nil {
		return nil, err
	}
	return &desk{session: s, described: servicedesk.Description{
		Name: o.Name, Kind: driverName, Endpoint: o.Discovery.endpoint,
		Product: deskProduct, Version: o.Discovery.version(), Account: deref(project.Account),
		Queues: queues(*offered), Mapping: o.Mapping.Over(defaultMapping(*offered)),
		Capabilities: servicedesk.Capabilities{
			AtomicKeys: true, EditsDescription: true, History: true, InternalMessages: true, Attachments: true, Requesters: true,
			MaxSubject: maxSubject, ServerTimeout: deskTimeout,
		},
	}}, nil
}

// version is the last of the operator's that this driver speaks.
func (d *Discovery) version() (last string) {
	for _, v := range d.document.ApiVersions {
		if v == "1" || strings.HasPrefix(v, "1.") {
			last = driver.OneLine(v, 20)
		}
	}
	return last
}

// queues are those that the operator tells of. Its fields are the same in all of them.
func queues(offered api.ServiceDesk) (all []servicedesk.Queue) {
	fields := []string{}
	for _, f := range offered.Fields {
		fields = append(fields, f.Name)
	}
	slices.Sort(fields)
	for _, q := range offered.Queues {
		all = append(all, servicedesk.Queue{Name: q.Name, Fields: fields})
	}
	return all
}

// endings are the contract's ways in which a requester takes leave of a ticket, by the native status that comes of it.
const (
	cancelled = string(api.TicketStatusCancelled)
	closed    = string(api.TicketStatusClosed)
)

// defaultMapping has the contract's words, which are the port's own. Of approvals the contract tells apart from the
// status.
func defaultMapping(offered api.ServiceDesk) servicedesk.Mapping {
	m := servicedesk.Mapping{
		Types: make(map[servicedesk.Type]servicedesk.TypeMapping, len(servicedesk.Types)),
		Fields: servicedesk.FieldNames{
			ExternalKey: "external_key", Severity: "severity", Project: "project_name", AffectedResources: "affected_resources",
		},
	}
	for _, typ := range servicedesk.Types {
		i := slices.IndexFunc(offered.Queues, func(q api.TicketQueue) bool {
			return slices.Contains(q.TicketTypes, api.TicketType(typ))
		})
		if i < 0 {
			continue
		}
		statuses := make(map[string]servicedesk.Meaning, len(servicedesk.Statuses))
		for _, s := range servicedesk.Statuses {
			if s != servicedesk.StatusUnknown {
				statuses[string(s)] = servicedesk.Meaning{Status: s}
			}
		}
		m.Types[typ] = servicedesk.TypeMapping{
			Queue: offered.Queues[i].Name, Statuses: statuses, CancelStatus: cancelled, CloseStatus: closed,
		}
	}
	return m
}

// Describe implements servicedesk.Desk.
func (d *desk) Describe() servicedesk.Description { return d.described }

// asksFor makes an error of a request that was refused speak of the model's parts, not of the contract's.
func asksFor(err error) error {
	var e *cloud.Error
	if errors.As(err, &e) {
		for i, f := range e.Fields {
			switch f.Pointer {
			case "/project_name":
				e.Fields[i].Pointer = "/project"
			case "/ticket_type":
				e.Fields[i].Pointer = "/type"
			}
		}
	}
	return err
}
