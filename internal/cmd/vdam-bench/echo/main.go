// Echo is the floor that vdam-bench measures the provider against: a stock provider on terraform-plugin-framework
// with the same schemas, whose resources only answer what they are asked with. It has no HTTP and no tuning.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/attr"           //nolint:depguard // The floor is a provider.
	"github.com/hashicorp/terraform-plugin-framework/diag"           //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-framework/list"           //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-framework/path"           //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-framework/provider"       //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-framework/providerserver" //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-framework/resource"       //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"          //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-framework/types"          //nolint:depguard // As above.
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	vdam "github.com/vdam-lv/terraform-provider-vdam/internal/provider"
)

func main() {
	err := providerserver.Serve(context.Background(), newEcho, providerserver.ServeOpts{Address: "registry.terraform.io/vdam-lv/vdam"})
	if err != nil {
		log.Fatal(err)
	}
}

func newEcho() provider.Provider { return echo{vdam.New("echo")()} }

// echo has the provider's schemas and reaches nobody.
type echo struct{ provider.Provider }

// Configure makes nothing.
func (echo) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// Resources are the provider's with the same schemas.
func (e echo) Resources(ctx context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for _, original := range e.Provider.Resources(ctx) {
		all = append(all, func() resource.Resource { return mirror{original()} })
	}
	return all
}

// ListResources are the provider's: part of the schemas, and never called.
func (e echo) ListResources(ctx context.Context) []func() list.ListResource {
	if p, ok := e.Provider.(provider.ProviderWithListResources); ok {
		return p.ListResources(ctx)
	}
	return nil
}

// mirror is a resource that answers what it is asked with. All other abilities of the original it does not have.
type mirror struct{ original resource.Resource }

// Metadata is the original's.
func (m mirror) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	m.original.Metadata(ctx, req, resp)
}

// Schema is the original's.
func (m mirror) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	m.original.Schema(ctx, req, resp)
}

// IdentitySchema is the original's.
func (m mirror) IdentitySchema(ctx context.Context, req resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	if o, ok := m.original.(resource.ResourceWithIdentity); ok {
		o.IdentitySchema(ctx, req, resp)
	}
}

// Create answers the plan.
func (m mirror) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	answer(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Read leaves the state as it is, which is the least that a provider can do.
func (m mirror) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	identify(ctx, req.State, resp.Identity, &resp.Diagnostics)
}

// Update answers the plan.
func (m mirror) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	answer(ctx, req.Plan, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete has nothing to do.
func (m mirror) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// answer makes a plan the state, with a value for all that the plan leaves open.
func answer(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	known, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.IsKnown() {
			return v, nil
		}
		return anything(v.Type()), nil
	})
	if err != nil {
		diags.AddError("The plan cannot be answered", err.Error())
		return
	}
	state.Raw = known
	identify(ctx, *state, identity, diags)
}

// anything is a known value of a type; as text, one that serves as an id and as a time.
func anything(t tftypes.Type) tftypes.Value {
	switch {
	case t.Is(tftypes.String):
		return tftypes.NewValue(t, "2026-11-23T00:00:00Z")
	case t.Is(tftypes.Number):
		return tftypes.NewValue(t, 0)
	case t.Is(tftypes.Bool):
		return tftypes.NewValue(t, false)
	case t.Is(tftypes.List{}), t.Is(tftypes.Set{}):
		return tftypes.NewValue(t, []tftypes.Value{})
	case t.Is(tftypes.Map{}):
		return tftypes.NewValue(t, map[string]tftypes.Value{})
	}
	return tftypes.NewValue(t, nil)
}

// identify sets the identity, which the framework demands of a resource that has one.
func identify(ctx context.Context, state tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if identity == nil {
		return
	}
	for _, name := range []string{"operator", "id"} {
		var v types.String
		diags.Append(state.GetAttribute(ctx, path.Root(name), &v)...)
		diags.Append(identity.SetAttribute(ctx, path.Root(name), attr.Value(v))...)
	}
}
