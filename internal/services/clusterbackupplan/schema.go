package clusterbackupplan

import (
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

const (
	secretsInclude = "include"
	secretsExclude = "exclude"
	secretsEncrypt = "encrypt"

	leastRetention = time.Hour
	leastRPO       = time.Minute
)

// usualExclusions are namespaces of which each cluster has its own.
var usualExclusions = []string{"kube-node-lease", "kube-public", "kube-system", "velero"}

func planSchema() schema.Schema {
	all := declared()
	maps.Copy(all, what())
	maps.Copy(all, answered())
	return schema.Schema{
		MarkdownDescription: "What of a container cluster is backed up in a vault at another operator, and when: the objects of Kubernetes, by " +
			"the Velero that runs in the cluster. Velero has to be there already, in the namespace `velero` and with its plugin for AWS; this " +
			"resource gives it a storage location with a key that can write and not delete, and a schedule.",
		Attributes: all,
	}
}

func declared() map[string]schema.Attribute {
	same := []planmodifier.String{lifecycle.SameDuration()}
	return map[string]schema.Attribute{
		"cluster_id": schema.StringAttribute{
			MarkdownDescription: "The `vdam_container_cluster`, `<operator>/<id>`. A change makes a new plan.", Required: true,
		},
		"vault_id": schema.StringAttribute{
			MarkdownDescription: "The `vdam_backup_vault`, `<operator>/<id>`, at another operator. A change makes a new plan; what is in the old " +
				"vault stays there.",
			Required: true,
		},
		"allow_same_operator": schema.BoolAttribute{
			MarkdownDescription: "Whether the vault may be at the cluster's own operator, whose failure would take the backups along. Default is " +
				"`false`.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
		},
		"schedule": schema.StringAttribute{
			MarkdownDescription: "When it runs: minute, hour, day of month, month, day of week as cron has them, in UTC, such as `0 2 * * *`. " +
				"Default is only when a `vdam_container_cluster_backup` asks for it. Changed in place.",
			Optional: true, Validators: []validator.String{lifecycle.CronValidator()},
		},
		"retention": schema.StringAttribute{
			MarkdownDescription: "How long a backup has to be restorable, such as `720h`: no longer than the vault's `retention_days`, by which " +
				"it is kept. Velero deletes none, as it may not, and shows a backup for as long as it is in the vault. Changed in place.",
			CustomType: timetypes.GoDurationType{}, Required: true,
			Validators: []validator.String{lifecycle.AtLeast(leastRetention)}, PlanModifiers: same,
		},
		"rpo": schema.StringAttribute{
			MarkdownDescription: "How old the newest backup may be at most, such as `26h`; past that it is `stale`. Changed in place.",
			CustomType:          timetypes.GoDurationType{}, Optional: true,
			Validators: []validator.String{lifecycle.AtLeast(leastRPO)}, PlanModifiers: same,
		},
		"paused": schema.BoolAttribute{
			MarkdownDescription: "Whether the schedule rests. Default is `false`. Changed in place.",
			Optional:            true, Computed: true, Default: booldefault.StaticBool(false),
		},
	}
}

func what() map[string]schema.Attribute {
	usual := make([]attr.Value, len(usualExclusions))
	for i, name := range usualExclusions {
		usual[i] = types.StringValue(name)
	}
	return map[string]schema.Attribute{
		"included_namespaces": schema.SetAttribute{
			MarkdownDescription: "Namespaces that are backed up. Default is all. Changed in place.", ElementType: types.StringType, Optional: true,
			Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		},
		"excluded_namespaces": schema.SetAttribute{
			MarkdownDescription: "Namespaces that are not. Default is `kube-system`, `kube-public`, `kube-node-lease` and `velero`. Changed in " +
				"place.",
			ElementType: types.StringType, Optional: true, Computed: true,
			Default: setdefault.StaticValue(types.SetValueMust(types.StringType, usual)),
		},
		"label_selector": schema.MapAttribute{
			MarkdownDescription: "Labels, in Kubernetes, of the objects that are backed up. Default is all objects. Changed in place.",
			ElementType:         types.StringType, Optional: true, Validators: []validator.Map{mapvalidator.SizeAtLeast(1)},
		},
		"cluster_objects": schema.BoolAttribute{
			MarkdownDescription: "Whether what is in no namespace is backed up, such as custom resource definitions and cluster roles, also where " +
				"namespaces are chosen; `label_selector` applies to it. With `false`, only what objects in the namespaces need of it is, such as " +
				"their volumes. Default is `true`. Changed in place.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
		},
		"secrets": schema.StringAttribute{
			MarkdownDescription: "What becomes of Secrets: `include`, or `exclude` where they come to the other cluster in another way. Velero " +
				"does not encrypt: Secrets that are included can be read by whoever can read the vault, which is the other operator. Changed in place.",
			Required: true, Validators: []validator.String{secretsValidator{}},
		},
		"volume_data": schema.StringAttribute{
			MarkdownDescription: "What becomes of the bytes in volumes: `none`, or `file_system`, by which Velero's node agent reads the files " +
				"while they are in use. Default is `none`. Changed in place.",
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(cloud.VolumeDataNone)),
			Validators: []validator.String{stringvalidator.OneOf(string(cloud.VolumeDataNone), string(cloud.VolumeDataFileSystem))},
		},
		"hooks": schema.ListNestedAttribute{
			MarkdownDescription: "What is run in containers around their backup, such as to have a database write to its files. Changed in place.",
			Optional:            true, Validators: []validator.List{listvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{
				Attributes: hookAttributes(), Validators: []validator.Object{lifecycle.Required("namespace", "timeout"), commandValidator{}},
			},
		},
	}
}

func hookAttributes() map[string]schema.Attribute {
	command := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			MarkdownDescription: description, ElementType: types.StringType, Optional: true,
			Validators: []validator.List{listvalidator.SizeAtLeast(1)},
		}
	}
	return map[string]schema.Attribute{
		"namespace": schema.StringAttribute{MarkdownDescription: "The namespace of the pods. Required.", Optional: true},
		"label_selector": schema.MapAttribute{
			MarkdownDescription: "Labels of the pods. Default is all of the namespace.", ElementType: types.StringType, Optional: true,
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1)},
		},
		"container": schema.StringAttribute{MarkdownDescription: "The container. Default is the pod's first.", Optional: true},
		"pre":       command("Command with its arguments that is run before; if it fails, the backup does."),
		"post":      command("Command with its arguments that is run after."),
		"timeout": schema.StringAttribute{
			MarkdownDescription: "How long a command may take, such as `30s`. Required.", CustomType: timetypes.GoDurationType{},
			Optional:   true,
			Validators: []validator.String{lifecycle.AtLeast(time.Second)},
		},
	}
}

func answered() map[string]schema.Attribute {
	// These are kept for what changes nothing, such as another writing of a duration; for all else the plan opens them.
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return map[string]schema.Attribute{
		"folder": schema.StringAttribute{
			MarkdownDescription: "Where in the vault the backups are. Write it down: with it and the vault, they can be restored without this " +
				"cluster and its operator.",
			Computed: true, PlanModifiers: keep,
		},
		"key_expires_at": schema.StringAttribute{
			MarkdownDescription: "When the key ends by which Velero writes into the vault (RFC 3339, UTC). It lives for 90 days; an apply in the " +
				"last 30 mints another one.",
			CustomType: timetypes.RFC3339Type{}, Computed: true, PlanModifiers: []planmodifier.String{renewal{time.Now}},
		},
		"agent_version": schema.StringAttribute{
			MarkdownDescription: "Version of the cluster's Velero, as of the last apply.", Computed: true, PlanModifiers: keep,
		},
		"last_success_at": schema.StringAttribute{
			MarkdownDescription: "When the cluster was as it is in the newest backup that went well (RFC 3339, UTC).",
			CustomType:          timetypes.RFC3339Type{}, Computed: true, PlanModifiers: keep,
		},
		"last_backup_name": schema.StringAttribute{MarkdownDescription: "That backup.", Computed: true, PlanModifiers: keep},
		"last_backup_items": schema.Int64Attribute{
			MarkdownDescription: "How many objects are in it.", Computed: true,
			PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"last_error": schema.StringAttribute{
			MarkdownDescription: "Why the last run has failed, or why Velero cannot use the vault. What earlier runs have made can be restored " +
				"all the same.",
			Computed: true, PlanModifiers: keep,
		},
		"next_run_at": schema.StringAttribute{
			MarkdownDescription: "When the schedule runs next (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
			PlanModifiers: keep,
		},
		"stale": schema.BoolAttribute{
			MarkdownDescription: "Whether there is no backup, or one that is older than `rpo`.", Computed: true,
			PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
		},
	}
}
