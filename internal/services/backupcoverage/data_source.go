// Package backupcoverage shows what of all operators is backed up at another one, and what is not.
package backupcoverage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

type dataSource struct{ federation *cloud.Federation }

// NewDataSource makes data.vdam_backup_coverage.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// Metadata names the type.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_coverage"
}

// Configure takes the federation over; Read tells if there is none.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.federation = lifecycle.FederationOf(req.ProviderData, &resp.Diagnostics)
}

// Read takes stock of all operators at once: the slowest decides, and one that is down is told together with the others.
// Half a survey would call protected what nobody has looked at.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	defer lifecycle.Recovered(ctx, "coverage by backups", &resp.Diagnostics)
	var config model
	var names []string
	var domains map[string]types.String
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	if !config.Operators.IsNull() {
		resp.Diagnostics.Append(config.Operators.ElementsAs(ctx, &names, false)...)
	}
	if !config.FailureDomains.IsNull() {
		resp.Diagnostics.Append(config.FailureDomains.ElementsAs(ctx, &domains, false)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if d.federation == nil || len(names) == 0 && !d.federation.Known() {
		resp.Diagnostics.AddError("The operators are not known yet",
			"The keys of operators in the provider block come from resources that do not exist yet. Apply those first, with "+
				"-target, or give the values as variables.")
		return
	}
	if len(names) == 0 {
		names = d.federation.Names()
	}
	slices.Sort(names)
	all, diags := make([]stock, len(names)), make([]diag.Diagnostics, len(names))
	var taking sync.WaitGroup
	for i, name := range names {
		taking.Go(func() { all[i] = d.take(ctx, name, &diags[i]) })
	}
	taking.Wait()
	for _, d := range diags {
		resp.Diagnostics.Append(d...)
	}
	declared := make(map[string]string, len(domains))
	for name, domain := range domains {
		declared[name] = domain.ValueString() // Null is left out.
	}
	if resp.Diagnostics.Append(d.strangers(declared, all)...); resp.Diagnostics.HasError() {
		return
	}
	m := modelOf(survey(all, declared, time.Now()))
	m.Operators, m.FailureDomains = config.Operators, config.FailureDomains
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// strangers refuses failure domains of what is no operator: a misspelt name would declare nothing.
func (d *dataSource) strangers(declared map[string]string, all []stock) (diags diag.Diagnostics) {
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		keeps := func(p cloud.BackupPlan) bool { return p.Vault.Operator == name }
		if !d.federation.Has(name) && !slices.ContainsFunc(all, func(s stock) bool { return slices.ContainsFunc(s.plans, keeps) }) {
			diags.AddAttributeError(path.Root("failure_domains").AtMapKey(name), fmt.Sprintf("There is no operator %q", name),
				"The provider block configures none of this name, and no plan keeps its backups there. It has: "+
					strings.Join(d.federation.Names(), ", ")+".")
		}
	}
	return diags
}

// take lists what an operator has, each kind once.
func (d *dataSource) take(ctx context.Context, name string, diags *diag.Diagnostics) (s stock) {
	defer lifecycle.Recovered(ctx, "coverage by backups", diags) // A panic here would end the process.
	op, ok := lifecycle.OpenOperator(ctx, d.federation, types.StringValue(name), diags)
	if !ok {
		return s
	}
	s.operator, s.host = name, hostOf(op.Endpoint)
	if op.Capabilities.Offers(cloud.KindStorageVolume) {
		s.volumes = collect(op.StorageVolumes.List(ctx, cloud.ListOptions{}), op.Name, "storage volumes", diags)
	}
	if op.Capabilities.Offers(cloud.KindVirtualMachine) {
		s.machines = collect(op.VirtualMachines.List(ctx, cloud.ListOptions{}), op.Name, "virtual machines", diags)
	}
	if op.Capabilities.Offers(cloud.KindBackupPlan) {
		s.plans = collect(op.BackupPlans.List(ctx, cloud.ListOptions{}), op.Name, "backup plans", diags)
	}
	return s
}

func collect[O cloud.Object](list iter.Seq2[O, error], operator, nouns string, diags *diag.Diagnostics) (all []O) {
	for obj, err := range list {
		if err != nil {
			summary := fmt.Sprintf("%s did not list its %s", operator, nouns)
			var ce *cloud.Error
			if errors.As(err, &ce) {
				diags.AddError(summary+": "+ce.Reason.Error(), lifecycle.Paragraphs(ce.Text, ce.Advice, lifecycle.RequestLine(ce.RequestID)))
			} else {
				diags.AddError(summary, err.Error())
			}
			return nil
		}
		if obj.Metadata().State != cloud.StateDeleting {
			all = append(all, obj)
		}
	}
	return all
}
