package backupplan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

const nightly = "vdam_backup_plan.nightly"

// noise is what nothing compresses.
func noise(n int) []byte {
	out, x := make([]byte, n), uint32(2463534242)
	for i := range out {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		out[i] = byte(x)
	}
	return out
}

func plans(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

// ground has a volume at iem-ic and a vault at lvrtc.
const ground = `
resource "vdam_storage_volume" "data" {
  operator            = "iem-ic"
  name                = "data"
  size_gib            = 8
  deletion_protection = false
}

resource "vdam_backup_vault" "registry" {
  operator            = "lvrtc"
  name                = "registry"
  immutability        = { mode = "governance", days = 7 }
  retention_days      = 31
  deletion_protection = false
}
`

// protected is the ground with a plan.
func protected(env *acctest.Env, key, arguments string) string {
	return env.Config(ground + fmt.Sprintf(`
resource "vdam_backup_plan" "nightly" {
  operator          = "iem-ic"
  name              = "nightly"
  sources           = [vdam_storage_volume.data.id]
  vault_id          = vdam_backup_vault.registry.id
  encryption_key_wo = %q
%s
}
`, key, arguments))
}

// readers are data sources of all that a plan has made.
const readers = `
data "vdam_backup_plan" "by_id" {
  id         = vdam_backup_plan.nightly.id
  depends_on = [vdam_backup.now]
}

data "vdam_backup_plans" "all" {
  operator   = "iem-ic"
  depends_on = [vdam_backup.now]
}

data "vdam_backup_recovery_points" "nightly" {
  plan_id    = vdam_backup_plan.nightly.id
  depends_on = [vdam_backup.now]
}

data "vdam_backup_coverage" "all" {
  depends_on = [vdam_backup.now]
}
`

const (
	promise = "  retention = \"720h\"\n"
	full    = promise + "  schedule = \"0 2 * * *\"\n  rpo = \"26h\"\n  encryption_key_wo_version = 1\n"
	now     = `
resource "vdam_backup" "now" {
  plan_id = vdam_backup_plan.nightly.id
  name    = "now"
  keepers = { release = "1" }
}
`
)

func restored(key, from string) string {
	return fmt.Sprintf(`
resource "vdam_storage_volume" "restored" {
  operator            = "lvrtc"
  name                = "restored"
  size_gib            = 8
  deletion_protection = false
  restore_from        = { vault_id = vdam_backup_vault.registry.id, encryption_key_wo = %q, %s }
  depends_on          = [vdam_backup.now]
}
`, key, from)
}

func created() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("iem-ic"), "operator": text("iem-ic"), "status": text("ready"), "created_at": acctest.Time, "name": text("nightly"),
		"description": knownvalue.Null(), "labels": knownvalue.Null(), "effective_labels": acctest.Labels("suite", "acctest"),
		"sources": knownvalue.SetExact([]knownvalue.Check{acctest.ID("iem-ic")}), "vault_id": acctest.ID("lvrtc"),
		"allow_same_operator": knownvalue.Bool(false), "schedule": knownvalue.Null(), "retention": text("720h"), "rpo": knownvalue.Null(),
		"consistency": text("crash"),
		"paused":      knownvalue.Bool(false), "key_fingerprint": knownvalue.NotNull(), "last_success_at": knownvalue.Null(),
		"last_error": knownvalue.Null(), "next_run_at": knownvalue.Null(), "stale": knownvalue.Bool(true),
		"last_drill": knownvalue.Null(),
		"protected": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
			"volume_id": acctest.ID("iem-ic"), "name": text("data"), "virtual_machine_id": knownvalue.Null(), "newest": knownvalue.Null(),
		})}),
		"encryption_key_wo": knownvalue.Null(), "encryption_key_wo_version": knownvalue.Null(), "timeouts": knownvalue.Null(),
	}
}

func point() knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"id": knownvalue.NotNull(), "volume_id": acctest.ID("iem-ic"), "volume_name": text("data"), "taken_at": acctest.Time,
		"size_bytes": knownvalue.Int64Exact(8 << 30), "uploaded_bytes": knownvalue.NotNull(), "tree_sha256": knownvalue.NotNull(),
	})
}

// ended moves the clock past the lock of what is in the vault.
func ended(env *acctest.Env) resource.TestCheckFunc {
	return func(*terraform.State) error {
		env.Box.MoveClock(8 * 24 * time.Hour)
		return nil
	}
}

// TestAcceptance backs a volume up at another operator, and restores it there.
func TestAcceptance(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic", "lnb"), acctest.NewBackupKey()
	same, runs := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	keeps := func(more ...statecheck.StateCheck) []statecheck.StateCheck {
		return append(more, same.AddStateValue(nightly, tfjsonpath.New("id")), acctest.Lacks(key))
	}
	again := func(release string) string {
		return protected(env, key, full) + "resource \"vdam_backup\" \"now\" {\n  plan_id = vdam_backup_plan.nightly.id\n  name = \"now\"\n" +
			"  keepers = { release = \"" + release + "\" }\n}\n"
	}
	equal := func(volume string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if a, b := env.Checksum(t, "iem-ic", "data"), env.Checksum(t, "lvrtc", volume); a != b {
				return fmt.Errorf("data has %s, and %s %s", a, volume, b)
			}
			return nil
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: protected(env, key, promise), ConfigPlanChecks: plans(nightly, plancheck.ResourceActionCreate),
				ConfigStateChecks: keeps(acctest.Attributes(nightly, created())),
			},
			{
				ResourceName: nightly, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
				ImportPlanChecks: resource.ImportPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(nightly, plancheck.ResourceActionNoop)},
				},
			},
			{
				Config: protected(env, key, full), ConfigPlanChecks: plans(nightly, plancheck.ResourceActionUpdate),
				ConfigStateChecks: keeps(acctest.Some(nightly, map[string]knownvalue.Check{
					"schedule": text("0 2 * * *"), "rpo": text("26h"), "next_run_at": acctest.Time,
				})),
			},
			{
				PreConfig: func() { env.Write(t, "iem-ic", "data", 12345, noise(3<<20)) },
				Config:    protected(env, key, full) + now, ConfigPlanChecks: plans("vdam_backup.now", plancheck.ResourceActionCreate),
				ConfigStateChecks: keeps(
					acctest.Some("vdam_backup.now", map[string]knownvalue.Check{
						"status": text("ready"), "operator": text("iem-ic"), "recovery_points": knownvalue.ListExact([]knownvalue.Check{point()}),
					}),
					runs.AddStateValue("vdam_backup.now", tfjsonpath.New("id")),
				),
			},
			{
				Config: protected(env, key, full) + now + readers,
				ConfigStateChecks: keeps(
					acctest.Some("data.vdam_backup_plan.by_id", map[string]knownvalue.Check{
						"stale": knownvalue.Bool(false), "last_success_at": acctest.Time, "retention": text("720h"),
						"protected": knownvalue.ListPartial(map[int]knownvalue.Check{
							0: knownvalue.ObjectPartial(map[string]knownvalue.Check{"newest": point()}),
						}),
					}),
					acctest.Some("data.vdam_backup_plans.all", map[string]knownvalue.Check{"backup_plans": knownvalue.ListSizeExact(1)}),
					acctest.Some("data.vdam_backup_recovery_points.nightly", map[string]knownvalue.Check{
						"recovery_points": knownvalue.ListExact([]knownvalue.Check{point()}),
					}),
					acctest.Some("data.vdam_backup_coverage.all", map[string]knownvalue.Check{
						"unprotected": knownvalue.ListExact(nil), "stale": knownvalue.ListExact(nil), "mutual": knownvalue.ListExact(nil),
						"protections": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
							"source_id": acctest.ID("iem-ic"), "source_name": text("data"), "kind": text("storage_volume"), "plan_id": acctest.ID("iem-ic"),
							"operator": text("iem-ic"), "vault_operator": text("lvrtc"), "last_success_at": acctest.Time, "rpo_met": knownvalue.Bool(true),
							"stale": knownvalue.Bool(false), "last_drill": knownvalue.Null(), "separation_level": knownvalue.Int64Exact(1),
						})}),
					}),
				),
			},
			{
				Config:           protected(env, key, full) + now + restored(key, "source_id = vdam_storage_volume.data.id"),
				ConfigPlanChecks: plans("vdam_storage_volume.restored", plancheck.ResourceActionCreate),
				ConfigStateChecks: keeps(acctest.Some("vdam_storage_volume.restored", map[string]knownvalue.Check{
					"status": text("ready"),
					"restored": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"recovery_point_id": knownvalue.NotNull(), "source_volume_id": knownvalue.NotNull(), "taken_at": acctest.Time,
						"tree_sha256": knownvalue.NotNull(), "vault_id": acctest.ID("lvrtc"), "source_virtual_machine_id": knownvalue.Null(),
					}),
				})),
				Check: equal("restored"),
			},
			{
				// The same in other words is no change.
				Config: protected(env, key, full) + now +
					restored(key, "recovery_point_id = vdam_backup.now.recovery_points[0].id"),
				ConfigPlanChecks: plans("vdam_storage_volume.restored", plancheck.ResourceActionUpdate),
			},
			{
				ResourceName: "vdam_storage_volume.restored", ImportState: true, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"restore_from"},
			},
			{
				// Another release is another backup.
				Config: again("2"), ConfigPlanChecks: plans("vdam_backup.now", plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: keeps(runs.AddStateValue("vdam_backup.now", tfjsonpath.New("id"))),
			},
			{
				ResourceName: "vdam_backup.now", ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"keepers"},
			},
			{
				// Keepers and a schedule that go are no reason to run. Then the lock of what is in the vault comes to its end.
				Config: protected(env, key, promise), Check: ended(env),
			},
		},
	})
}
