package serviceticket

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// ImportState takes <desk>/<number>, <desk>/key:<external_key> or the identity.
func (r *ticketResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	text := req.ID
	if text == "" && req.Identity != nil {
		var i identity
		if resp.Diagnostics.Append(req.Identity.Get(ctx, &i)...); resp.Diagnostics.HasError() {
			return
		}
		text = i.Desk.ValueString() + "/" + i.ID.ValueString()
	}
	d, id, ok := r.located(ctx, text, &resp.Diagnostics)
	if !ok {
		return
	}
	desk := d.Describe().Name
	for name, value := range map[string]string{
		"id": ticketing.TicketID(desk, id), "desk": desk, "on_destroy": "cancel", "on_closed_change": "error", "on_missing": "recreate",
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
	setIdentity(ctx, resp.Identity, desk, id, &resp.Diagnostics)
}

// located finds the ticket that is to be imported. A key may have slashes in it, which an id has not.
func (r *ticketResource) located(ctx context.Context, text string, diags *diag.Diagnostics) (*servicedesk.Opened, servicedesk.ID, bool) {
	desk, key, has := strings.Cut(text, "/key:")
	if !has {
		return ticketing.OfTicket(ctx, r.configured, path.Root("id"), text, diags)
	}
	if !keyPattern.MatchString(key) {
		diags.AddAttributeError(path.Root("id"), fmt.Sprintf("%q is not the key of a ticket", key),
			"It "+keyRule+". Correct the id: <desk>/key:<external_key>.")
		return nil, "", false
	}
	d, ok := ticketing.Open(ctx, r.configured, path.Root("id"), desk, diags)
	if !ok {
		return nil, "", false
	}
	id, ok := byKey(ctx, d, key, "Import it by its number: "+desk+"/<number>.", diags)
	return d, id, ok
}

// byKey finds the ticket of a key: the open one if there is one, else the last. Otherwise says what else could be tried.
func byKey(ctx context.Context, d *servicedesk.Opened, key, otherwise string, diags *diag.Diagnostics) (servicedesk.ID, bool) {
	desk := d.Describe().Name
	found, err := d.FindByKey(ctx, key)
	if err != nil {
		ticketing.Refused(ticketing.Looking, desk, err, diags)
		return "", false
	}
	if len(found) == 0 {
		diags.AddError(fmt.Sprintf("Service desk %s has no ticket of the key %q", desk, key),
			"Only tickets that the provider block's account has filed are found by their key. "+otherwise)
		return "", false
	}
	i := slices.IndexFunc(found, func(t servicedesk.Ticket) bool { return !t.Status.Terminal() })
	if i < 0 {
		i = len(found) - 1
	}
	return found[i].ID, true
}
