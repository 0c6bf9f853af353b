package restoredrill_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

const address = "vdam_restore_drill.monthly"

// protected are more volumes at lvrtc than are restored at a time, whose backups are at iem-ic.
func protected(key, more string) string {
	return fmt.Sprintf(`
resource "vdam_storage_volume" "data" {
  count               = 6
  operator            = "lvrtc"
  name                = "data-${count.index}"
  size_gib            = 1
  deletion_protection = false
}

resource "vdam_backup_vault" "registry" {
  operator            = "iem-ic"
  name                = "registry"
  immutability        = { mode = "governance", days = 7 }
  retention_days      = 31
  deletion_protection = false
}

resource "vdam_backup_plan" "nightly" {
  operator          = "lvrtc"
  name              = "nightly"
  sources           = vdam_storage_volume.data[*].id
  vault_id          = vdam_backup_vault.registry.id
  retention         = "720h"
  encryption_key_wo = %q
}
%s`, key, more)
}

func drill(key, arguments string) string {
	return fmt.Sprintf(`
resource "vdam_restore_drill" "monthly" {
  plan_id           = vdam_backup_plan.nightly.id
  encryption_key_wo = %q
%s
}
`, key, arguments)
}

const backup = `
resource "vdam_backup" "now" {
  plan_id = vdam_backup_plan.nightly.id
  name    = "now"
}
`

func after(what string) string { return "  depends_on = [" + what + "]\n" }

// nothingLeft fails if something of a drill is still there.
func nothingLeft(t *testing.T, env *acctest.Env) resource.TestCheckFunc {
	return func(*terraform.State) error {
		for key := range env.Objects(t, "iem-ic") {
			if strings.Contains(key, "drill-") {
				return fmt.Errorf("%s is left over", key)
			}
		}
		return nil
	}
}

// noted fails unless the plan shows what came of its last drill.
func noted(t *testing.T, env *acctest.Env, passed bool) resource.TestCheckFunc {
	return func(*terraform.State) error {
		last, _ := env.Body(t, "lvrtc", "backup-plans/nightly")["last_drill"].(map[string]any)
		if last["passed"] != passed {
			return fmt.Errorf("the plan's last drill is %v, and it is to be said that it has passed: %t", last, passed)
		}
		return nil
	}
}

// TestAcceptance has drills that pass, and such as do not. The operators' clock is two hours behind, so that backups are old.
func TestAcceptance(t *testing.T) {
	t.Parallel()
	late := func() time.Time { return time.Now().Add(-2 * time.Hour) }
	env := acctest.StartWith(t, sandbox.Options{Operators: []string{"lvrtc", "iem-ic"}, Transition: 5 * time.Millisecond, Now: late})
	key, other := acctest.NewBackupKey(), acctest.NewBackupKey()
	config := func(more ...string) string { return env.Config(protected(key, strings.Join(more, ""))) }
	text := knownvalue.StringExact
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: config(drill(key, "")),
				ExpectError: acctest.Words("The restore drill of backup plan \"nightly\" failed at iem-ic", "it has no recovery point",
					"the next apply has another drill"),
			},
			{
				PreConfig: func() { env.Write(t, "lvrtc", "data-3", 12345, []byte("Dainu skapis")) },
				Config:    config(backup, drill(key, after("vdam_backup.now"))),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Lacks(key), acctest.Some(address, map[string]knownvalue.Check{
					"result": text("passed"), "operator": text("iem-ic"), "rto_seconds": knownvalue.NotNull(), "started_at": acctest.Time,
					"volumes": knownvalue.ListExact(slices.Repeat([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
						"source_id": acctest.ID("lvrtc"), "name": knownvalue.NotNull(), "recovery_point_id": knownvalue.NotNull(), "taken_at": acctest.Time,
						"size_bytes": knownvalue.Int64Exact(1 << 30), "tree_sha256": knownvalue.NotNull(), "seconds": knownvalue.NotNull(),
						"failure": knownvalue.Null(),
					})}, 6)),
				})},
				Check: resource.ComposeTestCheckFunc(nothingLeft(t, env), noted(t, env, true)),
			},
			{
				// What the plan's operator cannot remember is proven all the same.
				PreConfig: func() {
					if err := env.Box.AddFault(sandbox.Fault{Operator: "lvrtc", Path: "/last-drill", Status: 500}); err != nil {
						t.Error(err)
					}
				},
				Config:            config(backup, drill(key, "  keepers = { month = \"2026-11\" }\n")),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Some(address, map[string]knownvalue.Check{"result": text("passed")})},
			},
			{
				PreConfig: env.Box.ClearFaults,
				Config:    config(backup, drill(key, "  keepers = { month = \"2026-12\" }\n")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
				}},
			},
			{
				Config:      config(backup, drill(key, "  maximum_age = \"1h\"\n")),
				ExpectError: acctest.Words("its newest recovery point is of", "older than 1h0m0s"),
			},
			{
				Config:      config(backup, drill(other, "  encryption_key_wo_version = \"2\"\n")),
				ExpectError: acctest.Words("data-0 (", "restoring was refused", "another key"),
			},
			{
				Config: config(backup), Check: resource.ComposeTestCheckFunc(nothingLeft(t, env), noted(t, env, false), func(*terraform.State) error {
					env.Box.MoveClock(8 * 24 * time.Hour) // The lock of what is in the vault comes to its end.
					return nil
				}),
			},
		},
	})
}

// TestRefusals are about what there is no drill of.
func TestRefusals(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "lnb")
	for _, c := range []struct{ arguments, summary, detail string }{
		{"plan_id = \"lvrtc/plan-1\"\n  maximum_age = \"0s\"", "No recovery point is younger than 0s", "such as 26h"},
		{`plan_id = "nightly"`, `"nightly" is not the id of a backup plan`, "Write <operator>/<id>"},
		{`plan_id = "lnb/plan-1"`, "lnb makes no backups", "Choose a plan of another operator."},
		{`plan_id = "lvrtc/plan-1"`, "lvrtc does not show backup plan lvrtc/plan-1: not found", ""},
	} {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: env.Factories,
			TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
			Steps: []resource.TestStep{{
				Config: env.Config(fmt.Sprintf("resource \"vdam_restore_drill\" \"d\" {\n  %s\n  encryption_key_wo = %q\n}\n",
					c.arguments, acctest.NewBackupKey())),
				ExpectError: acctest.Words(c.summary, c.detail),
			}},
		})
	}
}
