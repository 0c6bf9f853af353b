package backupplan_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// plan is one called by a name, with arguments that stand for themselves.
func plan(name, key string, arguments ...string) string {
	return "resource \"vdam_backup_plan\" \"" + name + "\" {\n  name = \"" + name + "\"\n  encryption_key_wo = \"" + key + "\"\n  " +
		strings.Join(arguments, "\n  ") + "\n}\n\n"
}

const (
	here   = `operator = "iem-ic"`
	volume = `sources = ["iem-ic/vol-1"]`
	there  = `vault_id = "lvrtc/vault-1"`
	month  = `retention = "720h"`
)

// TestAcceptanceRefusals plans what would not protect.
func TestAcceptanceRefusals(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic", "lnb"), acctest.NewBackupKey()
	t.Run("before anything is asked", func(t *testing.T) {
		env.Refuse(t, env.Config(
			plan("key", "AGE-SECRET-KEY-1PLANTED", here, volume, there, month)+
				plan("macro", key, here, volume, there, month, `schedule = "@daily"`)+
				plan("minute", key, here, volume, there, month, `schedule = "61 * * * *"`)+
				plan("day", key, here, volume, there, month, `schedule = "0 0 30 2 *"`)+
				plan("brief", key, here, volume, there, `retention = "30m"`)+
				plan("nothing", key, here, `sources = []`, there, month)),
			acctest.Refusal{Address: "vdam_backup_plan.key", At: "encryption_key_wo", Summary: "This is no key for backups",
				Detail: "It has to be one age identity, a line that begins with AGE-SECRET-KEY-1, and nothing beside it. Run `age-keygen` to make one"},
			acctest.Refusal{Address: "vdam_backup_plan.macro", At: "schedule", Summary: `"@daily" is not a schedule`,
				Detail: "As cron reads it, there are 1 fields. Write minute, hour, day of month, month and day of week, in UTC"},
			acctest.Refusal{Address: "vdam_backup_plan.minute", At: "schedule", Summary: `"61 * * * *" is not a schedule`},
			acctest.Refusal{Address: "vdam_backup_plan.day", At: "schedule", Summary: `"0 0 30 2 *" is not a schedule`,
				Detail: "As cron reads it, there is no such day."},
			acctest.Refusal{Address: "vdam_backup_plan.brief", At: "retention", Summary: "retention cannot be 30m",
				Detail: "Set it to whole seconds, 1h or more."},
			acctest.Refusal{Address: "vdam_backup_plan.nothing", At: "sources", Summary: "Invalid Attribute Value"},
		)
	})
	t.Run("at plan", func(t *testing.T) {
		env.Refuse(t, env.Config(
			plan("same", key, here, volume, `vault_id = "iem-ic/vault-1"`, month)+
				plan("source", key, here, `sources = ["lvrtc/vol-1"]`, there, month)+
				plan("ill", key, here, `sources = ["vol-1"]`, there, month)+
				plan("none", key, `operator = "lnb"`, `sources = ["lnb/vol-1"]`, there, month)+
				plan("unvaulted", key, here, volume, `vault_id = "lnb/vault-1"`, month)+
				plan("unknown", key, here, volume, `vault_id = "mākonis/vault-1"`, month)+`
resource "vdam_storage_volume" "restored" {
  operator     = "lnb"
  name         = "restored"
  size_gib     = 8
  restore_from = { vault_id = "lnb/vault-1", encryption_key_wo = "`+key+`", source_id = "iem-ic/vol-1" }
}

resource "vdam_storage_volume" "elsewhere" {
  operator     = "iem-ic"
  name         = "elsewhere"
  size_gib     = 8
  restore_from = { vault_id = "lvrtc/vault-1", encryption_key_wo = "`+key+`", source_id = "iem-ic/vol-1" }
}

data "vdam_backup_recovery_points" "none" {
  plan_id = "lnb/plan-1"
}
`),
			acctest.Refusal{Address: "vdam_backup_plan.same", At: "vault_id", Summary: "The vault is at iem-ic, as is what it is to protect",
				Detail: "A failure of iem-ic as a whole would take the backups along. Choose lvrtc, which offers them. " +
					"If the backups are to stay at the same operator nevertheless, set allow_same_operator = true."},
			acctest.Refusal{Address: "vdam_backup_plan.source", At: "sources",
				Summary: "This storage volume or virtual machine is at lvrtc, not at iem-ic"},
			acctest.Refusal{Address: "vdam_backup_plan.ill", At: "sources", Summary: `"vol-1" is not the id of a storage volume or virtual machine`},
			acctest.Refusal{Address: "vdam_backup_plan.none", At: "operator", Summary: "lnb offers no backup plans",
				Detail: "Choose another operator: iem-ic, lvrtc offer them."},
			acctest.Refusal{Address: "vdam_backup_plan.unvaulted", At: "vault_id", Summary: "lnb keeps no backup vaults",
				Detail: "Choose lvrtc, which offers them."},
			acctest.Refusal{Address: "vdam_backup_plan.unknown", At: "vault_id", Summary: `The provider block configures no operator "mākonis"`},
			acctest.Refusal{Address: "vdam_storage_volume.restored", At: "restore_from",
				Summary: "lnb keeps no backup vaults, so no volume can be restored there",
				Detail:  "Choose another operator: iem-ic, lvrtc offer them."},
			acctest.Refusal{Address: "vdam_storage_volume.elsewhere", At: "resource", Summary: "This backup vault is at lvrtc, not at iem-ic"},
			acctest.Refusal{Address: "data.vdam_backup_recovery_points.none", At: "plan_id", Summary: "lnb makes no backups"},
		)
	})
}

// TestAcceptanceRetention promises no more than the vault keeps, be it known at plan or at apply alone.
func TestAcceptanceRetention(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic"), acctest.NewBackupKey()
	refused := acctest.Refusal{Address: nightly, At: "retention",
		Summary: "A retention of 744h is too long for a vault that keeps what was written for 31 days",
		Detail: "A recovery point relies on what earlier runs have written, so it is certain for a day less at most than that is kept. " +
			`Set retention to 720h or less, or retention_days of vault "registry" to 32 or more.`}.Pattern()
	long := protected(env, key, "  retention = \"744h\"\n")
	both := strings.Replace(long, "retention_days      = 31", "retention_days      = 32", 1)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: long, ExpectError: refused},                     // The vault is made in this apply.
			{Config: long, PlanOnly: true, ExpectNonEmptyPlan: true}, // The apply may be to raise what the vault keeps.
			{Config: long, ExpectError: refused},
			{Config: protected(env, key, promise)},
			{
				Config:      long,
				ExpectError: acctest.Words(`iem-ic refused the change of backup plan "nightly"`, "The vault keeps what was written for 31 days."),
			},
			{Config: both, ConfigPlanChecks: plans(nightly, plancheck.ResourceActionUpdate)},
			{
				Config: long,
				ExpectError: acctest.Refusal{Address: "vdam_backup_vault.registry", At: "retention_days",
					Summary: `Backup plan "nightly" at iem-ic needs a vault that keeps what was written for 32 days`,
					Detail: `With retention_days = 31, recovery points of vault "registry" that the plan has promised would be deleted at once. ` +
						"Set retention_days to 32 or more, or lower the plan's retention first, in an apply of its own."}.Pattern(),
			},
			{Config: strings.Replace(both, "744h", "720h", 1)},
			{Config: protected(env, key, promise), ConfigPlanChecks: plans("vdam_backup_vault.registry", plancheck.ResourceActionUpdate)},
		},
	})
}

// plain is the restored volume without a word of where it came from.
const plain = `
resource "vdam_storage_volume" "restored" {
  operator = "lvrtc"
  name     = "restored"
  size_gib = 8
}
`

// kept is a configuration whose first volume is protected from deletion.
func kept(config string) string {
	return strings.Replace(config, "deletion_protection = false", "deletion_protection = true", 1)
}

// TestAcceptanceRestoreRefused restores what there is not, what does not fit, and with the wrong key.
func TestAcceptanceRestoreRefused(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic"), acctest.NewBackupKey()
	small := strings.Replace(restored(key, "source_id = vdam_storage_volume.data.id"), "= 8\n", "= 7\n", 1)
	base := protected(env, key, promise) + now
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: base},
			{
				Config: base + small, PlanOnly: true,
				ExpectError: acctest.Refusal{Address: "vdam_storage_volume.restored", At: "size_gib",
					Summary: "What is to be restored has 8 GiB, and the volume 7", Detail: "Set size_gib to 8 or more."}.Pattern(),
			},
			{
				Config:      base + restored(acctest.NewBackupKey(), "source_id = vdam_storage_volume.data.id"),
				ExpectError: acctest.Words(`lvrtc refused the order of storage volume "restored"`, "another key", "restore_from.encryption_key_wo"),
			},
			{
				Config:      base + restored(key, `recovery_point_id = "none"`),
				ExpectError: acctest.Words(`lvrtc refused the order of storage volume "restored"`, "restore_from.recovery_point_id"),
			},
			{
				Config:      base + restored(key, `source_id = "iem-ic/vol-none"`),
				ExpectError: acctest.Words(`lvrtc refused the order of storage volume "restored"`, "restore_from.source_id"),
			},
			{Config: base + kept(restored(key, "source_id = vdam_storage_volume.data.id"))},
			{
				// Another content would be another volume, and what this one holds be lost.
				Config: base + kept(restored(key, `recovery_point_id = "another"`)), PlanOnly: true,
				ExpectError: acctest.Refusal{Address: "vdam_storage_volume.restored", At: "restore_from",
					Summary: `Changing restore_from would destroy storage volume "restored"`}.Pattern(),
			},
			{
				// What it was restored from need not be said for ever.
				Config:           base + plain,
				ConfigPlanChecks: plans("vdam_storage_volume.restored", plancheck.ResourceActionUpdate),
			},
			{Config: base + restored(key, "source_id = vdam_storage_volume.data.id")},
			{Config: protected(env, key, promise), Check: ended(env)},
		},
	})
}
