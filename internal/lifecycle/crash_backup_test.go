package lifecycle_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// TestKilledWhileABackupIsMade kills the provider when a plan, a backup of it, or a volume restored from that has been
// ordered and nobody has heard the answer. One more apply leaves one of each, and no key where none should be.
func TestKilledWhileABackupIsMade(t *testing.T) {
	for name, c := range map[string]struct{ operator, segment, object string }{
		"plan":    {"iem-ic", "backup-plans", "backup-plans/register"},
		"backup":  {"iem-ic", "backups", "backups/register"},
		"restore": {"lvrtc", "storage-volumes", "storage-volumes/restored"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, key := acctest.Start(t, "lvrtc", "iem-ic"), acctest.NewBackupKey()
			run := newCrash(t, env.Config(fmt.Sprintf(`
resource "vdam_storage_volume" "register" {
  operator = "iem-ic"
  name     = "register"
  size_gib = 8
}

resource "vdam_backup_vault" "register" {
  name           = "register"
  immutability   = { mode = "governance", days = 7 }
  retention_days = 31
}

resource "vdam_backup_plan" "register" {
  operator          = "iem-ic"
  name              = "register"
  sources           = [vdam_storage_volume.register.id]
  vault_id          = vdam_backup_vault.register.id
  retention         = "240h"
  encryption_key_wo = %[1]q
}

resource "vdam_backup" "register" {
  plan_id = vdam_backup_plan.register.id
  name    = "register"
}

resource "vdam_storage_volume" "restored" {
  name         = "restored"
  size_gib     = 8
  restore_from = { vault_id = vdam_backup_vault.register.id, encryption_key_wo = %[1]q, source_id = vdam_storage_volume.register.id }
  depends_on   = [vdam_backup.register]
}
`, key)))
			err := env.Box.AddFault(sandbox.Fault{
				Operator: c.operator, Method: "POST", Path: c.segment + "$", After: true, LatencyMS: 60_000,
			})
			if err != nil {
				t.Fatal(err)
			}
			cmd, out := run.command("apply", "-auto-approve", "-no-color")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var first sandbox.Object
			until(t, "it was ordered", func() (there bool) {
				first, there = env.Objects(t, c.operator)[c.object]
				return there
			})
			run.killProvider(cmd.Process.Pid)
			if err := cmd.Wait(); err == nil {
				t.Fatalf("the apply did not notice:\n%s", out)
			}
			env.Box.ClearFaults()
			run.run("apply", "-auto-approve", "-no-color")
			if o := env.Object(t, c.operator, c.object); o.ID != first.ID || !o.Claimed {
				t.Errorf("there is %v, and first it was %s", o, first.ID)
			}
			if n := len(env.Objects(t, "iem-ic")) + len(env.Objects(t, "lvrtc")); n != 5 {
				t.Errorf("there are %d objects", n)
			}
			if plan := run.run("plan", "-no-color"); !strings.Contains(plan, "No changes.") {
				t.Errorf("the next plan is not empty:\n%s", plan)
			}
			state, err := os.ReadFile(filepath.Join(run.dir, "terraform.tfstate"))
			for _, wrong := range []string{`"tainted"`, key} {
				if err != nil || strings.Contains(string(state), wrong) {
					t.Errorf("the state has %s (%v)", wrong, err)
				}
			}
		})
	}
}
