package tmf621

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Kind is what a desk's kind says in the configuration.
const Kind = "tmf621"

const (
	product = "TMF621 Trouble Ticket Management API"
	// serverTimeout is longer than gateways commonly let a request run.
	serverTimeout = 2 * time.Minute
	// nameless is who writes our messages where nobody has configured the account's name.
	nameless = "terraform-provider-vdam"
)

// Options is what opening a desk needs.
type Options struct {
	// Name is the desk's key in the provider's configuration.
	Name string
	// Endpoint is the URL that ends before /troubleTicket, as in https://desk.example/tmf-api/troubleTicket/v5, or that of
	// the host, at which v5 is looked for, and then v4.
	Endpoint string
	// Account is who the desk takes us for, such as the id of an OAuth client. The API does not tell: if it is empty, every
	// ticket with a key of this provider counts as our own, and messages are signed with the provider's name.
	Account string
	// HTTP authenticates, and retries.
	HTTP *http.Client
	// Mapping goes over that of the standard.
	Mapping servicedesk.Mapping
}

// desk is one API, seen with one account.
type desk struct {
	name, endpoint string
	account        string
	version        version
	http           *http.Client
	mapping        servicedesk.Mapping
	described      servicedesk.Description
	now            func() time.Time

	// filter is what has been found out about the filter for keys.
	filter atomic.Int32
	// noJSONPatch and noMergePatch say that the desk has refused such media types, noIDLists that it does not list by id.
	noJSONPatch, noMergePatch, noIDLists atomic.Bool

	mu sync.Mutex
	// authors are names that the desk has put under our messages.
	authors map[string]bool
}

var _ servicedesk.Desk = (*desk)(nil)

// Open makes a desk's client. It looks at a few tickets at once: that there is an API, of which version, and whether it
// keeps what has happened to a ticket is told here, once.
func Open(ctx context.Context, o Options) (servicedesk.Desk, error) {
	d := &desk{
		name: o.Name, account: o.Account, http: o.HTTP, mapping: o.Mapping.Over(defaults()), now: time.Now, authors: make(map[string]bool),
	}
	if err := d.checkMapping(); err != nil {
		return nil, err
	}
	candidates, err := d.candidates(o.Endpoint)
	if err != nil {
		return nil, err
	}
	sample, err := d.probe(ctx, candidates)
	if err != nil {
		return nil, err
	}
	history, err := d.keepsHistory(ctx, sample)
	if err != nil {
		return nil, err
	}
	d.describe(history)
	return d, nil
}

// defaults are the words of the standard. The statuses are those of TroubleTicketStatusType, in both versions.
func defaults() servicedesk.Mapping {
	types := make(map[servicedesk.Type]servicedesk.TypeMapping)
	for t, ticketType := range map[servicedesk.Type]string{
		servicedesk.TypeChange: "change", servicedesk.TypeIncident: "incident", servicedesk.TypeServiceRequest: "serviceRequest",
	} {
		types[t] = servicedesk.TypeMapping{
			Queue: ticketType, CancelStatus: "cancelled", CloseStatus: "closed",
			Statuses: map[string]servicedesk.Meaning{
				acknowledged: {Status: servicedesk.StatusAcknowledged},
				"inProgress": {Status: servicedesk.StatusInProgress},
				"pending":    {Status: servicedesk.StatusPending},
				"held":       {Status: servicedesk.StatusHeld},
				"resolved":   {Status: servicedesk.StatusResolved},
				"closed":     {Status: servicedesk.StatusClosed},
				"cancelled":  {Status: servicedesk.StatusCancelled},
				"rejected":   {Status: servicedesk.StatusRejected},
			},
		}
	}
	return servicedesk.Mapping{Types: types, Fields: servicedesk.FieldNames{
		ExternalKey: "vdam", Severity: "severity", Project: "project", AffectedResources: "affectedResource",
	}}
}

// acknowledged is the status of a ticket with which nobody has done anything.
const acknowledged = "acknowledged"

// checkMapping refuses names that would be taken for others.
func (d *desk) checkMapping() error {
	f := d.mapping.Fields
	if f.Severity != "severity" {
		return d.refused(cloud.ErrInvalid, fmt.Sprintf("The severity is to be kept in %q, and TMF621 has a place of its own for it.", f.Severity),
			"Leave the desk's field_names.severity out.")
	}
	roles := []string{f.Project, f.AffectedResources}
	for _, role := range linkRoles {
		roles = append(roles, role)
	}
	slices.Sort(roles)
	if len(slices.Compact(slices.Clone(roles))) < len(roles) {
		return d.refused(cloud.ErrInvalid, "Two parts of a ticket have one role in the mapping of the desk.",
			"Give the desk's field_names.project and field_names.affected_resources roles of their own.")
	}
	return nil
}

// describe puts together what the desk is. Which ticketTypes there are it does not tell, nor which characteristics.
func (d *desk) describe(history bool) {
	d.described = servicedesk.Description{
		Name: d.name, Kind: Kind, Endpoint: d.endpoint, Product: product, Version: d.version.String(), Account: d.signature(),
		Mapping: d.mapping,
		Capabilities: servicedesk.Capabilities{
			EditsDescription: true, History: history, Attachments: true, Requesters: true, ServerTimeout: serverTimeout,
		},
	}
	for _, t := range servicedesk.Types {
		q := servicedesk.Queue{Name: d.mapping.Types[t].Queue}
		if d.version < v5 {
			q.Fields = []string{}
		}
		known := func(other servicedesk.Queue) bool { return other.Name == q.Name }
		if q.Name != "" && !slices.ContainsFunc(d.described.Queues, known) {
			d.described.Queues = append(d.described.Queues, q)
		}
	}
}

// Describe says what the desk is and can do.
func (d *desk) Describe() servicedesk.Description { return d.described }
