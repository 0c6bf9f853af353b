package selfservice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Update implements servicedesk.Desk.
func (d *desk) Update(ctx context.Context, from servicedesk.Ticket, c servicedesk.Change) error {
	if !validID(string(from.ID)) {
		return d.noSuchID(string(from.ID))
	}
	patch := ticketPatch(from, c)
	if len(patch) == 0 {
		return nil
	}
	body, err := json.Marshal(patch)
	if err != nil {
		return d.invalid(driver.Sentence("The change cannot be written as JSON: " + err.Error()))
	}
	params := &api.UpdateTicketParams{IfMatch: optional(from.Version)}
	return asksFor(d.write(func() (*http.Response, error) {
		return d.client.UpdateTicketWithBody(ctx, d.project, string(from.ID), params, mergePatchType, bytes.NewReader(body))
	}, d.isTicket))
}

// ticketPatch is the merge patch (RFC 7396) for a change; null takes off what has no empty value.
func ticketPatch(from servicedesk.Ticket, c servicedesk.Change) map[string]any {
	patch := make(map[string]any)
	set := func(name string, value *string, removable bool) {
		switch {
		case value == nil:
		case *value == "" && removable:
			patch[name] = nil
		default:
			patch[name] = *value
		}
	}
	set("subject", c.Subject, false)
	set("description", c.Description, true)
	set("severity", (*string)(c.Severity), false)
	set("project_name", c.Project, true)
	if at := c.RequestedResolutionAt; at != nil {
		patch["requested_resolution_at"] = someTime(*at)
	}
	if c.AffectedResources != nil {
		patch["affected_resources"] = list(*c.AffectedResources)
	}
	if watchers := changedWatchers(from.Watchers, c); !sameSet(watchers, from.Watchers) {
		patch["watchers"] = list(watchers)
	}
	if changed := changedLinks(from.Links, c); !sameSet(changed, from.Links) {
		patch["links"] = list(links(changed))
	}
	if len(c.Fields) > 0 {
		fields := make(map[string]*string, len(c.Fields))
		for name, text := range c.Fields {
			fields[name] = optional(text)
		}
		patch["fields"] = fields
	}
	return patch
}

// changedWatchers compares as people write: addresses do not differ by their case.
func changedWatchers(were []string, c servicedesk.Change) []string {
	has := func(all []string, one string) bool {
		return slices.ContainsFunc(all, func(w string) bool { return strings.EqualFold(w, one) })
	}
	are := slices.DeleteFunc(slices.Clone(were), func(w string) bool { return has(c.RemoveWatchers, w) })
	for _, w := range c.AddWatchers {
		if !has(are, w) {
			are = append(are, w)
		}
	}
	return are
}

func changedLinks(were []servicedesk.Link, c servicedesk.Change) []servicedesk.Link {
	are := slices.DeleteFunc(slices.Clone(were), func(l servicedesk.Link) bool { return slices.Contains(c.RemoveLinks, l) })
	for _, l := range c.AddLinks {
		if !slices.Contains(are, l) {
			are = append(are, l)
		}
	}
	return are
}

// Transition implements servicedesk.Desk.
func (d *desk) Transition(ctx context.Context, t servicedesk.Ticket, to servicedesk.Status, m servicedesk.Message) error {
	if !validID(string(t.ID)) {
		return d.noSuchID(string(t.ID))
	}
	body := api.TicketEnding{}
	if m.Text != "" {
		body.Message = &api.TicketMessageCreate{Text: m.Text, Public: &m.Public}
	}
	mapping := d.described.Mapping.Types[t.Type]
	native := map[servicedesk.Status]string{
		servicedesk.StatusCancelled: mapping.CancelStatus, servicedesk.StatusClosed: mapping.CloseStatus,
	}[to]
	send := map[string]call{
		cancelled: func() (*http.Response, error) { return d.client.CancelTicket(ctx, d.project, string(t.ID), body) },
		closed:    func() (*http.Response, error) { return d.client.CloseTicket(ctx, d.project, string(t.ID), body) },
	}[native]
	if send == nil {
		return &cloud.Error{
			Reason: servicedesk.ErrTransition, Operator: d.operator,
			Text: fmt.Sprintf("A requester can bring a ticket into the status %q or %q here, and not into %q.", cancelled, closed,
				driver.OneLine(native, driver.LineLimit)),
		}
	}
	return d.write(send, d.isTicket)
}

// isTicket believes an answer only if it is one of the contract: a gateway's page would pass for a change that was made.
func (d *desk) isTicket(a answer) error {
	_, err := d.decodeTicket(a)
	return err
}
