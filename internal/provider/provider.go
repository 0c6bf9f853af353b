// Package provider is the provider block, the directory of operators, and the wiring of services to drivers.
package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// vdam is the provider.
type vdam struct {
	version string
	core    Core
}

// Core is what asks for the provider's calls, and may be gone before they are answered.
type Core interface {
	// Later runs what may be done only when the core has written down what the provider answered.
	Later(func(context.Context))
	// Abandoned reports that the core is gone.
	Abandoned() bool
}

var (
	_ provider.Provider                       = (*vdam)(nil)
	_ provider.ProviderWithListResources      = (*vdam)(nil)
	_ provider.ProviderWithEphemeralResources = (*vdam)(nil)
	_ provider.ProviderWithActions            = (*vdam)(nil)
)

// New makes the provider's constructor, as the protocol server wants it.
func New(version string) func() provider.Provider { return NewRecorded(version, nil) }

// NewRecorded is New for a process whose core can be killed.
func NewRecorded(version string, core Core) func() provider.Provider {
	return func() provider.Provider { return &vdam{version: version, core: core} }
}

// Metadata names the provider.
func (p *vdam) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "vdam"
	resp.Version = p.version
}

// Schema is the provider block.
func (p *vdam) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure makes the federation. No operator is contacted: each is opened at first use, so that unknown values never
// fail a plan that does not need them.
func (p *vdam) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	operators, known := m.operators()
	dir := &directory{location: valueOrEnv(m.Directory, "VDAM_DIRECTORY"), unknown: m.Directory.IsUnknown(), version: p.version}
	openers := make(map[string]cloud.Opener, len(operators))
	var f *cloud.Federation // It is there when the first operator is opened.
	others := func(ctx context.Context, name string) (*cloud.Operator, error) { return f.Operator(ctx, name) }
	for name, c := range operators {
		c.name, c.version = name, p.version
		c.parallel = m.MaxParallelRequests
		openers[name] = backingUp(c.withClusterBackups(c.opener(dir), others), others)
	}
	f = cloud.NewFederation(known, openers)
	f.DefaultOperatorUnknown = m.DefaultOperator.IsUnknown()
	if !f.DefaultOperatorUnknown {
		f.DefaultOperator = valueOrEnv(m.DefaultOperator, "VDAM_DEFAULT_OPERATOR")
	}
	if p.core != nil {
		f.WhenRecorded, f.Abandoned = p.core.Later, p.core.Abandoned
	}
	f.SeparateReads = m.SeparateReads.ValueBool()
	f.DeploymentID = valueOrEnv(m.DeploymentID, "VDAM_DEPLOYMENT_ID")
	f.DefaultLabels, f.DefaultLabelsUnknown = knownLabels(m.DefaultLabels)
	if f.DefaultOperator != "" && !f.Has(f.DefaultOperator) {
		resp.Diagnostics.AddAttributeError(path.Root("default_operator"),
			"default_operator "+quoted(f.DefaultOperator)+" is not among the operators",
			"operators has: "+strings.Join(f.Names(), ", ")+".")
		return
	}
	desks := p.desks(&m, operatorSet{operators, known}, dir, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	c := &lifecycle.Configured{Federation: f, Desks: desks}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData = c, c, c
	resp.EphemeralResourceData, resp.ActionData = c, c
}

// knownLabels also tells whether there are others that are not known yet.
func knownLabels(m types.Map) (labels map[string]string, others bool) {
	labels, others = make(map[string]string), m.IsUnknown()
	for k, v := range m.Elements() {
		s, ok := v.(types.String)
		switch {
		case v.IsUnknown():
			others = true
		case ok && !s.IsNull():
			labels[k] = s.ValueString()
		}
	}
	return labels, others
}

// Resources lists the resources.
func (p *vdam) Resources(context.Context) []func() resource.Resource { return resources }

// DataSources lists the data sources.
func (p *vdam) DataSources(context.Context) []func() datasource.DataSource { return dataSources }

// ListResources lists the list resources.
func (p *vdam) ListResources(context.Context) []func() list.ListResource { return listResources }

// EphemeralResources lists the ephemeral resources.
func (p *vdam) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return ephemeralResources
}

// Actions lists the actions.
func (p *vdam) Actions(context.Context) []func() action.Action { return actions }
