package backupplan

import (
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// The least that the contract allows.
const (
	leastRetention = time.Hour
	leastRPO       = time.Minute
)

func planSchema() schema.Schema {
	all := declared()
	maps.Copy(all, when())
	maps.Copy(all, answered())
	return schema.Schema{
		MarkdownDescription: "What of one operator is backed up in a vault at another one, and when. Each run makes a recovery point of each " +
			"volume: incremental, compressed, and encrypted before it leaves the operator. Only who has the key can restore.",
		Attributes: all,
	}
}

func declared() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"sources": schema.SetAttribute{
			MarkdownDescription: "What is backed up: ids of volumes, and of machines, which stand for the volume that they boot and all that are " +
				"attached when a run begins. All are at the plan's operator; up to 100. Changed in place.",
			ElementType: types.StringType, Required: true, Validators: []validator.Set{setvalidator.SizeBetween(1, 100)},
		},
		"vault_id": schema.StringAttribute{
			MarkdownDescription: "The `vdam_backup_vault`, `<operator>/<id>`, at another operator, or a bucket that the provider block has there, " +
				"`<operator>/<name>`: the plan's operator is given its keys, new ones with the next change of the plan. A change makes a new " +
				"plan; what is in the old vault stays there.",
			Required: true,
		},
		"allow_same_operator": schema.BoolAttribute{
			MarkdownDescription: "Whether the vault may be at the plan's own operator, whose failure would take the backups along. Default is " +
				"`false`.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
		},
		"encryption_key_wo": schema.StringAttribute{
			MarkdownDescription: "The age identity (`age-keygen`) that everything is encrypted with; never stored in plan or state (Terraform " +
				"1.11 or later). Whoever loses it loses the backups. It is handed over again when `encryption_key_wo_version` changes.",
			Required: true, Sensitive: true, WriteOnly: true,
			Validators: []validator.String{lifecycle.BackupKeyValidator()},
		},
		"encryption_key_wo_version": schema.Int64Attribute{
			MarkdownDescription: "Version of `encryption_key_wo`; change it together with the value. Changed in place: runs from then on use the " +
				"new key, and what was written before is still restored with the old one.",
			Optional: true, Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("encryption_key_wo"))},
		},
	}
}

func when() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"schedule": schema.StringAttribute{
			MarkdownDescription: "When it runs: minute, hour, day of month, month, day of week as cron has them, in UTC, such as `0 2 * * *`. " +
				"Default is only when a `vdam_backup` asks for it. Where the machine that runs Terraform makes the backups (OpenStack), nobody is " +
				"there to begin a scheduled run: run Terraform by the schedule of a pipeline instead. Changed in place.",
			Optional: true, Validators: []validator.String{lifecycle.CronValidator()},
		},
		"retention": schema.StringAttribute{
			MarkdownDescription: "How long each recovery point can be restored for certain, such as `720h`: less than the `retention_days` of the " +
				"vault by a day at least. Changed in place.",
			CustomType: timetypes.GoDurationType{}, Required: true,
			Validators: []validator.String{lifecycle.AtLeast(leastRetention)}, PlanModifiers: []planmodifier.String{lifecycle.SameDuration()},
		},
		"rpo": schema.StringAttribute{
			MarkdownDescription: "How old the newest recovery point of a source may be at most, such as `26h`; past that it is `stale`. Changed " +
				"in place.",
			CustomType: timetypes.GoDurationType{}, Optional: true,
			Validators: []validator.String{lifecycle.AtLeast(leastRPO)}, PlanModifiers: []planmodifier.String{lifecycle.SameDuration()},
		},
		"paused": schema.BoolAttribute{
			MarkdownDescription: "Whether the schedule rests. Default is `false`. Changed in place.",
			Optional:            true, Computed: true, Default: booldefault.StaticBool(false),
		},
		"consistency": schema.StringAttribute{
			MarkdownDescription: "What state the volumes are backed up in: `crash`, as after a loss of power, or `stopped`: each running machine " +
				"that has one of them is shut down while they are frozen, all at one time, and started again, also if that fails. It is `updating` " +
				"meanwhile. Default is `crash`. Changed in place.",
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(cloud.ConsistencyCrash)),
			Validators: []validator.String{stringvalidator.OneOf(string(cloud.ConsistencyCrash), string(cloud.ConsistencyStopped))},
		},
	}
}

func answered() map[string]schema.Attribute {
	// These are kept for what changes nothing, such as another writing of a duration; for all else the plan opens them.
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	return map[string]schema.Attribute{
		"key_fingerprint": schema.StringAttribute{
			MarkdownDescription: "What tells the key from others, and nothing else of it: the first 16 hex digits of its SHA-256.", Computed: true,
			PlanModifiers: keep,
		},
		"last_success_at": schema.StringAttribute{
			MarkdownDescription: "When the sources were as they are in the newest recovery points of all of them (RFC 3339, UTC).",
			CustomType:          timetypes.RFC3339Type{}, Computed: true, PlanModifiers: keep,
		},
		"last_error": schema.StringAttribute{
			MarkdownDescription: "Why the last run has failed, if it has. What earlier runs have made can be restored all the same.", Computed: true,
			PlanModifiers: keep,
		},
		"next_run_at": schema.StringAttribute{
			MarkdownDescription: "When the schedule runs next (RFC 3339, UTC).", CustomType: timetypes.RFC3339Type{}, Computed: true,
			PlanModifiers: keep,
		},
		"stale": schema.BoolAttribute{
			MarkdownDescription: "Whether a source has no recovery point, or one that is older than `rpo`.", Computed: true,
			PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
		},
		"last_drill": schema.SingleNestedAttribute{
			MarkdownDescription: "What came of the last `vdam_restore_drill` of this plan; null before the first.", Computed: true,
			PlanModifiers: []planmodifier.Object{objectplanmodifier.UseStateForUnknown()}, Attributes: lifecycle.DrillAttributes(),
		},
		"protected": schema.ListNestedAttribute{
			MarkdownDescription: "The volumes that the sources come to.", Computed: true,
			PlanModifiers: []planmodifier.List{listplanmodifier.UseStateForUnknown()},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"volume_id": schema.StringAttribute{MarkdownDescription: "The volume, `<operator>/<id>`.", Computed: true},
				"name":      schema.StringAttribute{MarkdownDescription: "What the volume is called.", Computed: true},
				"virtual_machine_id": schema.StringAttribute{
					MarkdownDescription: "The machine by which the volume is among the sources, `<operator>/<id>`.", Computed: true,
				},
				"newest": schema.SingleNestedAttribute{
					MarkdownDescription: "The newest recovery point.", Computed: true, Attributes: lifecycle.RecoveryPointAttributes(),
				},
			}},
		},
	}
}
