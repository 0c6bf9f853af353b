// Package backupcoverage shows what of all operators is backed up at another one, and what is not.
package backupcoverage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
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
	var wanted types.Set
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("operators"), &wanted)...)
	var names []string
	if !wanted.IsNull() {
		resp.Diagnostics.Append(wanted.ElementsAs(ctx, &names, false)...)
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
	if resp.Diagnostics.HasError() {
		return
	}
	m := modelOf(survey(all, time.Now()))
	m.Operators = wanted
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// take lists what an operator has, each kind once.
func (d *dataSource) take(ctx context.Context, name string, diags *diag.Diagnostics) (s stock) {
	defer lifecycle.Recovered(ctx, "coverage by backups", diags) // A panic here would end the process.
	op, ok := lifecycle.OpenOperator(ctx, d.federation, types.StringValue(name), diags)
	if !ok {
		return s
	}
	s.operator = name
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
