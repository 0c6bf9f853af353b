package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Resource is the engine running one definition.
type Resource[M, A, S any, O cloud.Object] struct {
	def        Definition[M, A, S, O]
	federation *cloud.Federation
}

// NewResource makes the resource of a definition.
func NewResource[M, A, S any, O cloud.Object](def Definition[M, A, S, O]) *Resource[M, A, S, O] {
	return &Resource[M, A, S, O]{def: def}
}

// Identity is what locates an object, whatever its name or place in a configuration.
type Identity struct {
	Operator types.String `tfsdk:"operator"`
	ID       types.String `tfsdk:"id"`
}

// Metadata names the type.
func (r *Resource[M, A, S, O]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.def.typeName()
}

// Schema is the definition's with the engine's attributes.
func (r *Resource[M, A, S, O]) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.def.Schema
	resp.Schema.Attributes = maps.Clone(r.def.Schema.Attributes)
	maps.Copy(resp.Schema.Attributes, r.def.commonAttributes(ctx))
}

// IdentitySchema is the same for every kind.
func (r *Resource[M, A, S, O]) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"operator": identityschema.StringAttribute{
			Description: "Name of the operator.", RequiredForImport: true,
		},
		"id": identityschema.StringAttribute{
			Description: "The operator's id of the object.", RequiredForImport: true,
		},
	}}
}

// Configure takes the federation over from the provider.
func (r *Resource[M, A, S, O]) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.federation = FederationOf(req.ProviderData, &resp.Diagnostics)
}

// ImportState takes <operator>/<id> or the identity.
func (r *Resource[M, A, S, O]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	text := req.ID
	if req.ID == "" && req.Identity != nil {
		var identity Identity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if resp.Diagnostics.HasError() {
			return
		}
		text = identity.Operator.ValueString() + "/" + identity.ID.ValueString()
	}
	id, ok := cloud.ParseID(text)
	if !ok {
		resp.Diagnostics.AddError(
			fmt.Sprintf("%q is not the id of %s", text, indefinite(r.def.Noun)),
			"Write <operator>/<id>, as in lvrtc/7c1f0c2e: the operator's name in the provider block and the operator's own id.",
		)
		return
	}
	if r.federation != nil && !r.federation.Has(id.Operator) {
		resp.Diagnostics.Append(unknownOperator(r.federation, id.Operator))
		return
	}
	id = r.resolved(ctx, id)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id.String())...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("operator"), id.Operator)...)
	setIdentity(ctx, resp.Identity, id, &resp.Diagnostics)
}

// resolved is the id of what is imported by another name. What cannot be found the read that follows tells better.
func (r *Resource[M, A, S, O]) resolved(ctx context.Context, id cloud.ID) cloud.ID {
	if r.federation == nil {
		return id
	}
	op, err := r.federation.Operator(ctx, id.Operator)
	if err != nil || !op.Capabilities.Offers(r.def.Kind) {
		return id
	}
	names, ok := r.def.Collection(op).(cloud.Resolver)
	if !ok {
		return id
	}
	if found, err := names.Resolve(ctx, id.Object); err == nil {
		id.Object = found
	}
	return id
}

func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, id cloud.ID, diags *diag.Diagnostics) {
	if identity == nil {
		return
	}
	diags.Append(identity.Set(ctx, Identity{
		Operator: types.StringValue(id.Operator), ID: types.StringValue(id.Object),
	})...)
}

// session is one object's operator and collection, opened for one call of the engine.
type session[S any, O cloud.Object] struct {
	operator   *cloud.Operator
	collection cloud.Collection[S, O]
	loader     *loader[O]
	polls      *polls[O]
	// read is how a Read gets the object.
	read func(ctx context.Context, id string) (O, error)
	// id is empty before the object exists; fresh says that this call has made it.
	id    cloud.ID
	fresh bool
}

// open finds the operator of a base, explaining what is wrong if it cannot be reached.
func (r *Resource[M, A, S, O]) open(ctx context.Context, b *Base, diags *diag.Diagnostics) (session[S, O], bool) {
	var s session[S, O]
	if r.federation == nil {
		diags.AddError("The provider is not configured", "Terraform asked for an object before it configured the provider. Please report this.")
		return s, false
	}
	if !b.ID.IsNull() && !b.ID.IsUnknown() {
		id, ok := cloud.ParseID(b.ID.ValueString())
		if !ok {
			diags.AddAttributeError(path.Root("id"), fmt.Sprintf("The state holds %q, which is no id", b.ID.ValueString()),
				"Ids are written <operator>/<id>. Remove the resource from the state and import it again.")
			return s, false
		}
		s.id = id
	}
	op, err := r.federation.Operator(ctx, b.Operator.ValueString())
	if err != nil {
		diags.Append(describeOpening(b.Operator.ValueString(), err))
		return s, false
	}
	s.operator, s.collection = op, r.def.collection(op)
	s.loader, s.polls = loaderOf(op, r.def.Kind, s.collection), pollsOf(op, r.def.Kind, s.collection)
	if s.read = s.loader.load; r.federation.SeparateReads {
		s.read = s.collection.Get
	}
	return s, true
}

// Recovered turns a panic into a diagnostic: without it one resource's panic ends the process and with it every
// create in flight.
func Recovered(ctx context.Context, noun string, diags *diag.Diagnostics) {
	if v := recover(); v != nil {
		tflog.Error(ctx, "recovered from a panic", map[string]any{"panic": fmt.Sprint(v), "stack": string(debug.Stack())})
		diags.AddError("The provider stumbled over this "+noun,
			fmt.Sprintf("This is a mistake in the provider, not in the configuration. What had been recorded is in the state. "+
				"Please report it with the log of TF_LOG=ERROR: %T.", v))
	}
}
