package redmine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// TokenHeader carries an account's API key.
const TokenHeader = "X-Redmine-API-Key" //nolint:gosec // The name of a header.

const (
	// Kind is what a desk's kind says in the configuration.
	Kind = "redmine"
	// serverTimeout is longer than any proxy in front of a Redmine lets it work on a request.
	serverTimeout = 2 * time.Minute
	// maxSubject is the length of Redmine's column, in letters.
	maxSubject = 255
)

// Options is what opening a desk needs.
type Options struct {
	// Name is the desk's key in the provider's configuration.
	Name string
	// Endpoint is Redmine's start page.
	Endpoint string
	// Project is the identifier of the project that is the desk.
	Project string
	// HTTP authenticates by TokenHeader, and retries.
	HTTP *http.Client
	// Mapping goes over that of a Redmine as it is installed.
	Mapping servicedesk.Mapping
}

// project is the one whose issues are the desk's tickets.
type project struct {
	ID         int64  `json:"id"`
	Identifier string `json:"identifier"`
	Name       string `json:"name"`
	Trackers   []ref  `json:"trackers"`
	Fields     []ref  `json:"issue_custom_fields"`
}

// desk is one project of one Redmine, seen with one account.
type desk struct {
	name, endpoint string
	http           *http.Client
	now            func() time.Time

	account     account
	permissions permissions
	project     project
	statuses    []ref
	fields      *fields
	people      *people
	mapping     servicedesk.Mapping
	description servicedesk.Description
}

// Open makes a desk's client. It asks at once who the account is, what it may do, and for the ids of everything that has
// a name in the mapping: what is configured wrongly is told here, once, and not by every ticket.
func Open(ctx context.Context, o Options) (servicedesk.Desk, error) {
	d := &desk{
		name: o.Name, http: o.HTTP, now: time.Now, fields: newFields(), people: newPeople(), mapping: o.Mapping.Over(defaults()),
	}
	var err error
	if d.endpoint, err = d.checkEndpoint(o.Endpoint); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{
		d.whoAmI,
		func(ctx context.Context) error { return d.findProject(ctx, o.Project) },
		d.learnPermissions,
		d.learnStatuses,
		d.learnFields,
		func(context.Context) error { return d.checkMapping(o.Mapping) },
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	d.describe()
	return d, nil
}

// checkEndpoint refuses what cannot be an address, without repeating it, as it may have a password in it.
func (d *desk) checkEndpoint(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return "", d.refused(cloud.ErrInvalid, "The endpoint is not the address of a Redmine.", "Write https://host or https://host/path.")
	}
	return strings.TrimRight(endpoint, "/"), nil
}

// findProject reads the project. A misspelt one would make every ticket look out of sight.
func (d *desk) findProject(ctx context.Context, identifier string) error {
	if identifier == "" || url.PathEscape(identifier) != identifier || strings.Trim(identifier, ".") == "" {
		return d.refused(cloud.ErrInvalid, fmt.Sprintf("%q cannot be the identifier of a project.", identifier),
			"The identifier is the last part of the address of the project's page.")
	}
	var answer struct{ Project project }
	err := d.get(ctx, "/projects/"+identifier+".json", url.Values{"include": {"trackers,issue_custom_fields"}}, &answer)
	var e *cloud.Error
	switch {
	case errors.Is(err, cloud.ErrNotFound) && errors.As(err, &e):
		e.Reason, e.Text = cloud.ErrInvalid, fmt.Sprintf("There is no project %q.", identifier)
		e.Advice = "Correct the desk's project: its identifier is the last part of the address of the project's page, not its title."
	case errors.Is(err, cloud.ErrForbidden) && errors.As(err, &e):
		e.Text = fmt.Sprintf("The account %q does not see the project %q.", d.account.Login, identifier)
		e.Advice = "Ask the desk's operator to make it a member of the project, or correct the project."
	case err == nil && answer.Project.ID <= 0:
		return d.strange("it has no project", reading)
	}
	d.project = answer.Project
	for _, f := range d.project.Fields {
		d.fields.add(f.ID, f.Name)
	}
	return err
}

func (d *desk) learnStatuses(ctx context.Context) error {
	var answer struct {
		Statuses []ref `json:"issue_statuses"`
	}
	err := d.get(ctx, "/issue_statuses.json", nil, &answer)
	d.statuses = answer.Statuses
	return err
}

// learnFields finds out about custom fields. Redmine has a list of them for administrators alone, and a desk that only an
// administrator can use is none.
func (d *desk) learnFields(ctx context.Context) error {
	if err := d.sample(ctx); err != nil || d.sampled() {
		return err
	}
	own := d.mapping.Fields
	return d.probe(ctx, []string{own.ExternalKey, own.Severity, own.Project, own.AffectedResources})
}

// sampled reports whether the fields of all trackers are known.
func (d *desk) sampled() bool {
	return !slices.ContainsFunc(d.project.Trackers, func(t ref) bool { return d.fields.of(t.ID) == nil })
}

// describe puts together what the desk is. A field that it does not have is no place for anything.
func (d *desk) describe() {
	own := &d.mapping.Fields
	for _, name := range []*string{&own.Severity, &own.Project, &own.AffectedResources} {
		if d.fields.find(*name) == 0 {
			*name = ""
		}
	}
	shown := d.mapping
	if d.fields.find(own.ExternalKey) == 0 {
		shown.Fields.ExternalKey = ""
	}
	d.description = servicedesk.Description{
		Name: d.name, Kind: Kind, Endpoint: d.endpoint, Product: "Redmine", Account: d.account.Login, Mapping: shown,
		Capabilities: servicedesk.Capabilities{
			EditsDescription: d.permissions.edits(), History: true, InternalMessages: d.permissions.surely(setNotesPrivate),
			Attachments: true, DatesOnly: true, MaxSubject: maxSubject, ServerTimeout: serverTimeout,
		},
	}
	for _, t := range d.project.Trackers {
		d.description.Queues = append(d.description.Queues, servicedesk.Queue{Name: t.Name, Fields: d.fields.of(t.ID)})
	}
}

// Describe says what the desk is and can do.
func (d *desk) Describe() servicedesk.Description { return d.description }
