// Package servicelevelreport is the service that accounts for how well a service desk's operator kept the service level.
package servicelevelreport

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicelevel"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

const noun = "service-level report"

type dataSource struct{ configured *lifecycle.Configured }

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// NewDataSource makes data.vdam_service_level_report.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// Metadata names the type.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_level_report"
}

// Configure takes the desks over from the provider.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// Read collects the tickets with their histories, and computes.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	opened, desk, found := ticketing.Now(ctx, d.configured, path.Root("desk"), m.Desk, m.Operator.ValueString(), &resp.Diagnostics)
	in, ok := m.input(time.Now(), &resp.Diagnostics)
	if !found || !ok {
		return
	}
	if _, err := servicelevel.Compute(in); err != nil { // Before anything is asked for.
		explain(err, &resp.Diagnostics)
		return
	}
	m.Desk = types.StringValue(desk)
	tickets, err := collect(ctx, opened.Desk, m.query(), in.Period.From, in.Period.To)
	if err == nil {
		in.Records, err = histories(ctx, opened.Desk, tickets)
	}
	if err != nil {
		ticketing.Refused(ticketing.Looking, desk, err, &resp.Diagnostics)
		return
	}
	report, err := servicelevel.Compute(in)
	if err != nil {
		explain(err, &resp.Diagnostics)
		return
	}
	m.read(desk, report, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// query selects what the report is about.
func (m *model) query() servicedesk.Query {
	q := servicedesk.Query{AffectedResource: m.AffectedResource.ValueString(), Project: m.Project.ValueString()}
	if operator := m.Operator.ValueString(); operator != "" {
		q.AffectedResource = operator + "/"
	}
	return q
}

// collect finds the tickets of the period, and the critical incidents from before it that may have lasted into it.
func collect(ctx context.Context, d servicedesk.Desk, q servicedesk.Query, from, to time.Time) ([]servicedesk.Ticket, error) {
	var tickets []servicedesk.Ticket
	within := q
	within.CreatedFrom, within.CreatedBefore = from, to
	for t, err := range d.Search(ctx, within) {
		if err != nil {
			return nil, err
		}
		tickets = append(tickets, t)
	}
	before := q
	before.Type, before.CreatedBefore = servicedesk.TypeIncident, from
	for t, err := range d.Search(ctx, before) {
		if err != nil {
			return nil, err
		}
		// What nobody has touched since it ended, ended before.
		if t.Severity == servicedesk.SeverityCritical && (!t.Status.Terminal() || !t.UpdatedAt.Before(from)) {
			tickets = append(tickets, t)
		}
	}
	return tickets, nil
}

// histories reads those of all tickets, as many at a time as the desk is given requests.
func histories(ctx context.Context, d servicedesk.Desk, tickets []servicedesk.Ticket) ([]servicelevel.Record, error) {
	records := make([]servicelevel.Record, len(tickets))
	errs := make([]error, len(tickets))
	var all sync.WaitGroup
	for i, t := range tickets {
		records[i].Ticket = t
		if !d.Describe().History {
			continue
		}
		all.Go(func() {
			records[i].History, errs[i] = cloud.Caught(func() ([]servicedesk.Event, error) { return d.History(ctx, t) })
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err // One is enough to be told.
		}
	}
	return records, nil
}

// faults are what can be wrong with an input, on the argument that says it, and how a sentence about it begins.
var faults = []struct {
	err              error
	attribute, about string
}{
	{servicelevel.ErrPeriod, "period_end", "The period is "}, {servicelevel.ErrAsOf, "as_of", "It is "},
	{servicelevel.ErrWindow, "planned_maintenance", "Window "}, {servicelevel.ErrTarget, "targets", "The "},
}

// explain puts each thing that is wrong with an input on the argument that says it.
func explain(err error, diags *diag.Diagnostics) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			explain(e, diags)
		}
		return
	}
	for _, f := range faults {
		if errors.Is(err, f.err) {
			text := strings.TrimPrefix(err.Error(), f.err.Error()+": ")
			diags.AddAttributeError(path.Root(f.attribute), "There can be no report of this", f.about+text+".")
			return
		}
	}
	diags.AddError("There can be no report of what the desk says", err.Error()+".")
}
