package clusterrestore

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// drillModel is vdam_container_cluster_restore_drill.
type drillModel struct {
	evidence
	ID                   types.String         `tfsdk:"id"`
	PlanID               types.String         `tfsdk:"plan_id"`
	ClusterID            types.String         `tfsdk:"cluster_id"`
	MaximumAge           timetypes.GoDuration `tfsdk:"maximum_age"`
	MinItems             types.Int64          `tfsdk:"min_items"`
	WorkloadsReady       types.Bool           `tfsdk:"workloads_ready"`
	ReadyWithin          timetypes.GoDuration `tfsdk:"ready_within"`
	StorageClassMapping  types.Map            `tfsdk:"storage_class_mapping"`
	ImageRegistryMapping types.Map            `tfsdk:"image_registry_mapping"`
	Cleanup              types.Bool           `tfsdk:"cleanup"`
	Keepers              types.Map            `tfsdk:"keepers"`
	BackupName           types.String         `tfsdk:"backup_name"`
	Result               types.String         `tfsdk:"result"`
	Failures             types.List           `tfsdk:"failures"`
	Timeouts             timeouts.Value       `tfsdk:"timeouts"`
}

// Schema implements resource.Resource.
func (r *drillResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	all := drillDeclared()
	maps.Copy(all, mappings())
	maps.Copy(all, evidenceAttributes())
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	all["id"] = schema.StringAttribute{MarkdownDescription: "The plan's id and the time of the drill.", Computed: true, PlanModifiers: keep}
	all["backup_name"] = schema.StringAttribute{MarkdownDescription: "What was restored.", Computed: true, PlanModifiers: keep}
	all["result"] = schema.StringAttribute{MarkdownDescription: "`passed` or `failed`.", Computed: true, PlanModifiers: keep}
	all["failures"] = schema.ListAttribute{
		MarkdownDescription: "What went wrong.", ElementType: types.StringType, Computed: true,
		PlanModifiers: []planmodifier.List{listplanmodifier.UseStateForUnknown()},
	}
	all["timeouts"] = timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: "How long all of it may take, such as `2h`. Default is `1h`.",
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Proves that what a `vdam_container_cluster_backup_plan` protects can be restored: in a cluster at the operator " +
			"of the vault, into namespaces of their own that go again. It passes if the newest backup is young enough and the one that the plan " +
			"speaks of, if what is in the backup is in the cluster then, and if its workloads are ready; what Velero says of it counts for " +
			"nothing. In the cluster are each deployment, stateful set, daemon set and cron job, and of each other kind at least one; pods, " +
			"jobs and the like need not be, which come and go, and what Kubernetes itself makes does not count. A drill that fails is an " +
			"error, and the next apply has another. Change `keepers` for another drill, such as with the month. Drills and restores in one " +
			"cluster wait for each other within one run of Terraform; do not run two at a time.\n\n" +
			"A drill starts what is in the backup, with its real Secrets: what sends mail, calls other services, takes jobs from a queue, runs " +
			"by a cron job or has the host name of an ingress does so again, beside what lives. Have the drill's cluster not let it reach " +
			"anything where that does harm.",
		Attributes: all,
	}
}

func drillDeclared() map[string]schema.Attribute {
	again := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return map[string]schema.Attribute{
		"plan_id": schema.StringAttribute{
			MarkdownDescription: "The plan, `<operator>/<id>`.", Required: true, PlanModifiers: again,
		},
		"cluster_id": schema.StringAttribute{
			MarkdownDescription: "The `vdam_container_cluster` that is restored into, `<operator>/<id>`, at the operator of the vault. It needs a " +
				"Velero as the plan's cluster does. Each namespace of the backup becomes one called `drill-`, its name and some letters; nothing is " +
				"restored that is in no namespace.",
			Required: true, PlanModifiers: again,
		},
		"maximum_age": schema.StringAttribute{
			MarkdownDescription: "How old the newest backup may be, such as `26h`. Default is the plan's `rpo`, if it has one.",
			CustomType:          timetypes.GoDurationType{}, Optional: true, PlanModifiers: again,
			Validators: []validator.String{lifecycle.AtLeast(time.Minute)},
		},
		"min_items": schema.Int64Attribute{
			MarkdownDescription: "How many objects have to be restored. Default is 1.", Optional: true, Computed: true,
			Default: int64default.StaticInt64(1), Validators: []validator.Int64{int64validator.AtLeast(1)},
			PlanModifiers: []planmodifier.Int64{int64planmodifier.RequiresReplace()},
		},
		"workloads_ready": schema.BoolAttribute{
			MarkdownDescription: "Whether deployments, stateful sets, daemon sets and pods that belong to nothing have to be ready. Default is " +
				"`true`.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			PlanModifiers: []planmodifier.Bool{boolplanmodifier.RequiresReplace()},
		},
		"ready_within": schema.StringAttribute{
			MarkdownDescription: "How long they may take to be, such as `15m`. Default is `10m`.", CustomType: timetypes.GoDurationType{},
			Optional: true, PlanModifiers: again, Validators: []validator.String{lifecycle.AtLeast(time.Second)},
		},
		"cleanup": schema.BoolAttribute{
			MarkdownDescription: "Whether the namespaces go at once. Else they go with the next drill of the plan, or when this is destroyed. " +
				"Where a drill is cut off before Velero has ended, they go with the next one as well. Default is `true`.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			PlanModifiers: []planmodifier.Bool{boolplanmodifier.RequiresReplace()},
		},
		"keepers": schema.MapAttribute{
			MarkdownDescription: "Any values; when one of them changes, there is another drill.", ElementType: types.StringType, Optional: true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
		},
	}
}

// mappings are for what is called otherwise at another operator.
func mappings() map[string]schema.Attribute {
	again := []planmodifier.Map{mapplanmodifier.RequiresReplace()}
	return map[string]schema.Attribute{
		"storage_class_mapping": schema.MapAttribute{
			MarkdownDescription: "Storage classes of this cluster, by those of the backup.", ElementType: types.StringType, Optional: true,
			PlanModifiers: again,
		},
		"image_registry_mapping": schema.MapAttribute{
			MarkdownDescription: "What names of images have here, by the part of them that it replaces, such as the name of a registry. Images " +
				"are in no backup: a registry that outlives the other operator has to have them.",
			ElementType: types.StringType, Optional: true, PlanModifiers: again,
		},
	}
}
