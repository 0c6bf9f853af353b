package clusterrestore

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// restoreModel is vdam_container_cluster_restore.
type restoreModel struct {
	evidence
	ID                   types.String         `tfsdk:"id"`
	ClusterID            types.String         `tfsdk:"cluster_id"`
	VaultID              types.String         `tfsdk:"vault_id"`
	Folder               types.String         `tfsdk:"folder"`
	BackupName           types.String         `tfsdk:"backup_name"`
	Namespaces           types.Set            `tfsdk:"only_namespaces"`
	NamespaceMapping     types.Map            `tfsdk:"namespace_mapping"`
	IntoExisting         types.Bool           `tfsdk:"into_existing"`
	ClusterObjects       types.Bool           `tfsdk:"cluster_objects"`
	ReadyWithin          timetypes.GoDuration `tfsdk:"ready_within"`
	StorageClassMapping  types.Map            `tfsdk:"storage_class_mapping"`
	ImageRegistryMapping types.Map            `tfsdk:"image_registry_mapping"`
	Keepers              types.Map            `tfsdk:"keepers"`
	Timeouts             timeouts.Value       `tfsdk:"timeouts"`
}

// Schema implements resource.Resource.
func (r *restoreResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	all := restoreDeclared()
	maps.Copy(all, restoreExtent())
	maps.Copy(all, mappings())
	maps.Copy(all, evidenceAttributes())
	all["id"] = schema.StringAttribute{
		MarkdownDescription: "The operator, and what the restore is called there.", Computed: true,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
	all["timeouts"] = timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: "How long all of it may take, such as `2h`. Default is `1h`.",
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "Restores a backup of a container cluster into a cluster at the operator of the vault, once. It needs neither the " +
			"cluster that was backed up nor its operator. Objects that exist stay as they are, but service accounts, to which Velero adds " +
			"labels, annotations and secrets of those in the backup. It is an error if nothing was restored, if a workload or all objects of a " +
			"kind are not there, or if workloads do not become ready. Destroying it forgets it: what was restored lives on. Drills " +
			"and restores in one cluster wait for each other within one run of Terraform; do not run two at a time.",
		Attributes: all,
	}
}

func restoreDeclared() map[string]schema.Attribute {
	again := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return map[string]schema.Attribute{
		"cluster_id": schema.StringAttribute{
			MarkdownDescription: "The `vdam_container_cluster` that is restored into, `<operator>/<id>`. It needs a Velero in the namespace " +
				"`velero`, with its plugin for AWS.",
			Required: true, PlanModifiers: again,
		},
		"vault_id": schema.StringAttribute{
			MarkdownDescription: "The `vdam_backup_vault`, `<operator>/<id>`, at the same operator.", Required: true, PlanModifiers: again,
		},
		"folder": schema.StringAttribute{
			MarkdownDescription: "Where in the vault the backups are: `folder` of the `vdam_container_cluster_backup_plan`.", Required: true,
			PlanModifiers: again,
		},
		"backup_name": schema.StringAttribute{
			MarkdownDescription: "The backup. Default is the newest one that went well.", Optional: true, Computed: true,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()},
		},
		"ready_within": schema.StringAttribute{
			MarkdownDescription: "How long workloads may take to be ready, such as `30m`. Default is `10m`.",
			CustomType:          timetypes.GoDurationType{}, Optional: true, PlanModifiers: again,
			Validators: []validator.String{lifecycle.AtLeast(time.Second)},
		},
		"keepers": schema.MapAttribute{
			MarkdownDescription: "Any values; when one of them changes, it is restored again.", ElementType: types.StringType, Optional: true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
		},
	}
}

// restoreExtent says what is restored, and where in the cluster.
func restoreExtent() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"only_namespaces": schema.SetAttribute{
			MarkdownDescription: "Namespaces of the backup that are restored. Default is all, but `default` where it has only what Kubernetes " +
				"itself makes there. It is an error if the backup has nothing of one.",
			ElementType: types.StringType, Optional: true,
			Validators:    []validator.Set{setvalidator.SizeAtLeast(1)},
			PlanModifiers: []planmodifier.Set{setplanmodifier.RequiresReplace()},
		},
		"namespace_mapping": schema.MapAttribute{
			MarkdownDescription: "What namespaces of the backup are called here. Those that are not in it keep their names. It is an " +
				"error if the backup has nothing of one, or if two become one.",
			ElementType: types.StringType, Optional: true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
		},
		"into_existing": schema.BoolAttribute{
			MarkdownDescription: "Whether it is restored into namespaces that exist already; objects that exist stay as they are, " +
				"but service accounts. Default is `false`: then nothing is restored if one of them exists.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			PlanModifiers: []planmodifier.Bool{boolplanmodifier.RequiresReplace()},
		},
		"cluster_objects": schema.BoolAttribute{
			MarkdownDescription: "Whether what of the backup is in no namespace is restored, such as custom resource definitions. What there is " +
				"of it by the same names stays as it is. Default is `true`.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			PlanModifiers: []planmodifier.Bool{boolplanmodifier.RequiresReplace()},
		},
	}
}
