package lifecycle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// drilled is a volume with a backup plan, what is backed up of it, and a drill.
const drilled = `
resource "vdam_storage_volume" "register" {
  operator = "lvrtc"
  name     = "register"
  size_gib = 1
}

resource "vdam_backup_vault" "register" {
  operator       = "iem-ic"
  name           = "register"
  immutability   = { mode = "governance", days = 7 }
  retention_days = 31
}

resource "vdam_backup_plan" "register" {
  operator          = "lvrtc"
  name              = "register"
  sources           = [vdam_storage_volume.register.id]
  vault_id          = vdam_backup_vault.register.id
  retention         = "240h"
  encryption_key_wo = %[1]q
}

resource "vdam_backup" "register" {
  plan_id = vdam_backup_plan.register.id
  name    = "register"
  keepers = { run = %[2]q }
}

resource "vdam_restore_drill" "register" {
  plan_id           = vdam_backup_plan.register.id
  encryption_key_wo = %[1]q
  keepers           = { month = %[3]q }
  timeouts          = { create = "1m" }
  depends_on        = [vdam_backup.register]
}
`

// left counts what drills have at iem-ic.
func left(t *testing.T, env *acctest.Env) (n int) {
	t.Helper()
	for key := range env.Objects(t, "iem-ic") {
		if strings.Contains(key, "storage-volumes/drill-") {
			n++
		}
	}
	return n
}

// TestKilledInADrill kills the provider when a drill has ordered what it restores into. The next drill, of a newer recovery
// point, is not misled by what the first one has left, and one of the month after removes what it did not need.
func TestKilledInADrill(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic"), acctest.NewBackupKey()
	config := func(backup, month string) string {
		return "terraform {\n  required_providers {\n    vdam = { source = \"vdam-lv/vdam\" }\n  }\n}\n" +
			env.Config(fmt.Sprintf(drilled, key, backup, month))
	}
	run := newCrash(t, "")
	run.write("main.tf", config("1", "1"))
	kill := func() {
		t.Helper()
		if err := env.Box.AddFault(sandbox.Fault{
			Operator: "iem-ic", Method: "POST", Path: "storage-volumes$", After: true, LatencyMS: 60_000,
		}); err != nil {
			t.Fatal(err)
		}
		cmd, out := run.command("apply", "-auto-approve", "-no-color")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, "a volume was ordered", func() bool { return left(t, env) == 1 })
		run.killProvider(cmd.Process.Pid)
		if err := cmd.Wait(); err == nil {
			t.Fatalf("the apply did not notice:\n%s", out)
		}
		env.Box.ClearFaults()
	}
	kill()
	run.write("main.tf", config("2", "1"))
	run.run("apply", "-auto-approve", "-no-color")
	if n := left(t, env); n != 0 {
		t.Errorf("%d volumes are left", n)
	}
	run.write("main.tf", config("2", "2"))
	env.Box.MoveClock(-3 * time.Minute) // What is left is soon older than two drills may take.
	kill()
	run.write("main.tf", config("2", "3"))
	run.run("apply", "-auto-approve", "-no-color")
	if n := left(t, env); n != 0 {
		t.Errorf("%d volumes of another month are left", n)
	}
}
