package rt

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

const (
	kind    = "rt"
	product = "Request Tracker"
	// maxSubject is where RT cuts a subject, in bytes.
	maxSubject = 200
	// serverTimeout is how long RT works on a request whose client has gone. Under load, a ticket takes it half a minute.
	serverTimeout = 2 * time.Minute
)

// Options is what opening a desk needs.
type Options struct {
	// Name is the desk's key in the provider's configuration.
	Name string
	// Endpoint is RT's base address, as in https://desk.example.
	Endpoint string
	// HTTP authenticates and retries. RT needs longer for an answer than most: a minute for a try is not too long.
	HTTP *http.Client
	// Tokens are those of HTTP. If they come from Token or Session, they tell whose they are, which RT does not: a ticket
	// filed without a requester gets the account as one only by its name. Without them, the account is who has filed the
	// tickets that RT calls its own.
	Tokens transport.TokenSource
	// Mapping is the user's, over the default one.
	Mapping servicedesk.Mapping
}

// desk is an RT, seen with one account.
type desk struct {
	name, endpoint, api string
	http                *http.Client
	mapping             servicedesk.Mapping
	// named has the fields' names that the user has set.
	named       servicedesk.FieldNames
	queues      *queues
	people      *people
	description servicedesk.Description
}

// Open makes a desk's client. It asks RT who it is, who we are and what queues there are, so that wrong credentials and
// a wrong address are told once, here.
func Open(ctx context.Context, o Options) (servicedesk.Desk, error) {
	endpoint := base(o.Endpoint)
	d := &desk{
		name: o.Name, endpoint: endpoint, api: endpoint + apiPath, http: o.HTTP,
		mapping: o.Mapping.Over(defaults()), named: o.Mapping.Fields,
		queues: &queues{}, people: &people{addresses: make(map[string]string)},
	}
	version, err := d.version(ctx)
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	var peopleErr, queuesErr error
	wg.Go(func() { peopleErr = d.meet(ctx, o.Tokens) })
	wg.Go(func() {
		if queuesErr = d.listQueues(ctx); queuesErr == nil {
			queuesErr = d.tellQueues(ctx)
		}
	})
	wg.Wait()
	if err := cmp.Or(peopleErr, queuesErr); err != nil {
		return nil, err
	}
	d.forget()
	account, err := d.account(ctx)
	if err != nil {
		return nil, err
	}
	d.description = servicedesk.Description{
		Name: d.name, Kind: kind, Endpoint: d.endpoint, Product: product, Version: version, Account: account,
		Queues: d.queues.described(), Mapping: d.mapping,
		Capabilities: servicedesk.Capabilities{
			History: true, InternalMessages: true, Attachments: true, Requesters: true,
			MaxSubject: maxSubject, MaxSubjectBytes: maxSubject, ServerTimeout: serverTimeout,
		},
	}
	return d, nil
}

// base is RT's address without that of its API.
func base(endpoint string) string {
	return strings.TrimSuffix(strings.TrimRight(endpoint, "/"), apiPath)
}

// version asks whether it is RT that answers.
func (d *desk) version(ctx context.Context) (string, error) {
	var about struct{ Version text }
	_, err := d.read(ctx, "/rt", nil, &about)
	var e *cloud.Error
	if errors.As(err, &e) && errors.Is(err, cloud.ErrNotFound) {
		e.Reason, e.Text, e.Advice = cloud.ErrUnavailable, "What answers has no API REST2.", checkEndpoint
	}
	if err == nil && about.Version == "" {
		return "", &cloud.Error{
			Reason: cloud.ErrUnavailable, Operator: d.name, Text: "What answers is not RT's API REST2.", Advice: checkEndpoint,
		}
	}
	return string(about.Version), err
}

// meet finds out who we are.
func (d *desk) meet(ctx context.Context, tokens transport.TokenSource) error {
	if o, ok := tokens.(interface{ owner(context.Context) owner }); ok {
		if err := d.introduce(ctx, o.owner(ctx)); err != nil {
			return err
		}
	}
	_, err := d.account(ctx)
	return err
}

// forget takes out of the mapping the fields of the default one that no queue has: the desk has no place for these parts
// of the model. Those that the user has named stay, and are missed when a ticket is to have them.
func (d *desk) forget() {
	known := true
	var has []string
	for _, q := range d.queues.described() {
		has = append(has, q.Fields...)
		known = known && q.Fields != nil
	}
	if !known {
		return
	}
	f := &d.mapping.Fields
	for _, p := range []struct {
		name  *string
		named string
	}{
		{&f.ExternalKey, d.named.ExternalKey}, {&f.Severity, d.named.Severity},
		{&f.Project, d.named.Project}, {&f.AffectedResources, d.named.AffectedResources},
	} {
		if p.named == "" && !slices.Contains(has, *p.name) {
			*p.name = ""
		}
	}
}

// Describe says what the desk is.
func (d *desk) Describe() servicedesk.Description { return d.description }
