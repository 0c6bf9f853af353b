// Package serviceticket is the service of tickets at service desks.
package serviceticket

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/ticketing"
)

// noun is what messages call it.
const noun = "service ticket"

type ticketResource struct{ configured *lifecycle.Configured }

var (
	_ resource.ResourceWithConfigure   = (*ticketResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*ticketResource)(nil)
	_ resource.ResourceWithImportState = (*ticketResource)(nil)
	_ resource.ResourceWithIdentity    = (*ticketResource)(nil)
)

// NewResource makes vdam_service_ticket.
func NewResource() resource.Resource { return &ticketResource{} }

// identity is what locates a ticket.
type identity struct {
	Desk types.String `tfsdk:"desk"`
	ID   types.String `tfsdk:"id"`
}

// Metadata names the type.
func (r *ticketResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_service_ticket"
}

// Schema implements resource.Resource.
func (r *ticketResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = ticketSchema()
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *ticketResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"desk": identityschema.StringAttribute{Description: "Name of the service desk.", RequiredForImport: true},
		"id":   identityschema.StringAttribute{Description: "The desk's id of the ticket.", RequiredForImport: true},
	}}
}

func setIdentity(ctx context.Context, to *tfsdk.ResourceIdentity, desk string, id servicedesk.ID, diags *diag.Diagnostics) {
	if to != nil {
		diags.Append(to.Set(ctx, identity{Desk: types.StringValue(desk), ID: types.StringValue(string(id))})...)
	}
}

// Configure takes the desks over from the provider.
func (r *ticketResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.configured = lifecycle.ConfiguredOf(req.ProviderData, &resp.Diagnostics)
}

// Create files the ticket. Once there is one, nothing is an error any more: an error would taint it, and the next apply
// would withdraw it and file another.
func (r *ticketResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	d, ok := ticketing.Open(ctx, r.configured, path.Root("desk"), plan.Desk.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	f, ok := r.filing(ctx, d, &plan, &resp.Diagnostics)
	if !ok {
		return
	}
	key := f.New.Key
	if !d.Reserve(key) {
		resp.Diagnostics.AddAttributeError(path.Root("external_key"), "Two resources declare the same ticket",
			"They say the same to the same desk, and a ticket is found again by what it says. Nothing was filed for this one. "+
				"Give this one an external_key, or keepers of its own.")
		return
	}
	t := takeTurn(d, key)
	defer t.mu.Unlock()
	filed, err := f.Run(ctx)
	if filed.Adopted {
		t.adopted = filed.Ticket.ID
	}
	if err != nil {
		d.Release(key)
		ticketing.Refused(ticketing.Filing, d.Describe().Name, withKey(err, key), &resp.Diagnostics)
		return
	}
	r.record(ctx, d, &plan, filed, resp)
}

// withKey tells by which key an order without an answer will be found.
func withKey(err error, key string) error {
	var ce *cloud.Error
	if !errors.Is(err, cloud.ErrUnknownOutcome) || !errors.As(err, &ce) {
		return err
	}
	told := *ce
	told.Text = strings.TrimSpace(ce.Text + " No ticket of the key " + key + " has appeared since.")
	return &told
}

// filing is the order of a plan.
func (r *ticketResource) filing(
	ctx context.Context, d *servicedesk.Opened, plan *model, diags *diag.Diagnostics,
) (servicedesk.Filing, bool) {
	f := servicedesk.Filing{Desk: d.Desk, New: servicedesk.NewTicket{
		Type: servicedesk.Type(plan.Type.ValueString()), Queue: plan.Queue.ValueString(), Content: plan.content(ctx, diags),
	}}
	keepers := make(map[string]string)
	if !plan.Keepers.IsNull() {
		diags.Append(plan.Keepers.ElementsAs(ctx, &keepers, false)...)
	}
	// What replaces a ticket without being told to the desk in its words has to make another key too.
	for name, v := range map[string]types.String{"\x00operator": plan.Operator, "\x00requester": plan.Requester} {
		if v.ValueString() != "" {
			keepers[name] = v.ValueString()
		}
	}
	if f.Derived = plan.ExternalKey.IsUnknown() || plan.ExternalKey.IsNull(); f.Derived {
		f.New.Key = servicedesk.DeriveKey(r.configured.Desks.DeploymentID, d.Describe(), f.New, keepers)
	} else {
		f.New.Key = plan.ExternalKey.ValueString()
	}
	return f, !diags.HasError()
}

// record puts a ticket into the state, as it was declared where the requester has the say.
func (r *ticketResource) record(
	ctx context.Context, d *servicedesk.Opened, plan *model, filed servicedesk.Filed, resp *resource.CreateResponse,
) {
	desk, t := d.Describe().Name, filed.Ticket
	plan.ID = types.StringValue(ticketing.TicketID(desk, t.ID))
	if plan.ExternalKey.IsUnknown() {
		plan.ExternalKey = types.StringValue(filed.Key)
	}
	plan.readResource(desk, servicedesk.Sight{Ticket: t}, time.Now())
	setIdentity(ctx, resp.Identity, desk, t.ID, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(tellFiled(desk, plan, filed)...)
}

// Read shows what has become of the ticket. One that has ended is a record, and stays in the state.
func (r *ticketResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	d, id, ok := ticketing.OfTicket(ctx, r.configured, path.Root("id"), state.ID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	desk := d.Describe().Name
	setIdentity(ctx, resp.Identity, desk, id, &resp.Diagnostics) // Terraform wants it also of what cannot be seen.
	seen, err := servicedesk.Look(ctx, d.Desk, id)
	if err != nil {
		r.unseen(ctx, desk, &state, err, resp)
		return
	}
	if state.Subject.IsNull() {
		var events []servicedesk.Event
		if d.Describe().History {
			events, _ = d.History(ctx, seen.Ticket) // Only the description may be in it, which the desk need not tell.
		}
		state.readImported(ctx, desk, seen, events, &resp.Diagnostics)
	} else {
		resp.Diagnostics.Append(tellMerged(desk, &state, seen)...)
		if seen.MergedInto == "" && !seen.Ticket.Status.Terminal() {
			state.readContent(ctx, d.Describe(), seen.Ticket, &resp.Diagnostics)
		}
		state.readResource(desk, seen, time.Now())
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// unseen decides what a ticket means that cannot be read. Out of sight is not gone, and what has ended is kept.
func (r *ticketResource) unseen(ctx context.Context, desk string, state *model, err error, resp *resource.ReadResponse) {
	ended := servicedesk.Status(state.Status.ValueString()).Terminal()
	imported := state.Subject.IsNull() // Then there is no state yet to be kept.
	switch {
	case imported:
		ticketing.Refused(ticketing.Finding, desk, err, &resp.Diagnostics)
	case !errors.Is(err, cloud.ErrForbidden) && !errors.Is(err, cloud.ErrNotFound):
		ticketing.Refused(ticketing.Reading, desk, err, &resp.Diagnostics)
	case errors.Is(err, cloud.ErrForbidden):
		if !ended {
			resp.Diagnostics.Append(tellOutOfSight(desk, state, err))
		}
	case ended || state.OnMissing.ValueString() == "keep":
		if !ended {
			resp.Diagnostics.Append(tellMissing(desk, state, "It is kept in the state, as on_missing says."))
		}
	default:
		resp.Diagnostics.Append(tellMissing(desk, state,
			`It is taken out of the state, so the next apply files another. Set on_missing = "keep" if it should not.`))
		resp.State.RemoveResource(ctx)
	}
}

// Delete takes leave of the ticket.
func (r *ticketResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer lifecycle.Recovered(ctx, noun, &resp.Diagnostics)
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	how := servicedesk.Ending(state.OnDestroy.ValueString())
	if how == servicedesk.EndDetach {
		return
	}
	d, id, ok := ticketing.OfTicket(ctx, r.configured, path.Root("id"), state.ID.ValueString(), &resp.Diagnostics)
	if !ok {
		return
	}
	desk := d.Describe().Name
	t := takeTurn(d, state.ExternalKey.ValueString())
	defer t.mu.Unlock()
	if t.adopted == id {
		t.adopted = "" // Whose it is now may destroy it.
		resp.Diagnostics.Append(tellTaken(desk, &state))
		return
	}
	ended, err := servicedesk.End(context.WithoutCancel(ctx), d.Desk, id, how, state.DestroyComment.ValueString())
	if err != nil {
		ticketing.Refused(ticketing.Ending, desk, err, &resp.Diagnostics)
		return
	}
	resp.Diagnostics.Append(tellEnded(desk, &state, ended)...)
}
