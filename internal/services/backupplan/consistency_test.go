package backupplan_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// runningMachine has the volume that the plan protects.
const runningMachine = `
resource "vdam_virtual_machine" "web" {
  operator   = "iem-ic"
  name       = "web"
  vcpus      = 2
  memory_mib = 4096
  image      = data.vdam_image.debian.id
  boot_disk  = { size_gib = 24, on_destroy = "delete" }
}

resource "vdam_volume_attachment" "data" {
  volume_id          = vdam_storage_volume.data.id
  virtual_machine_id = vdam_virtual_machine.web.id
}

data "vdam_image" "debian" {
  operator  = "iem-ic"
  os_family = "debian"
}
`

// TestAcceptanceConsistency backs up what was shut down, and finds it as it was declared afterwards.
func TestAcceptanceConsistency(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic"), acctest.NewBackupKey()
	stopped := protected(env, key, promise+"  consistency = \"stopped\"\n  depends_on = [vdam_volume_attachment.data]\n") + runningMachine
	declared := func(consistency string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			acctest.Some(nightly, map[string]knownvalue.Check{"consistency": text(consistency)}),
			acctest.Some("vdam_virtual_machine.web", map[string]knownvalue.Check{"power_state": text("running"), "status": text("ready")}),
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: protected(env, key, promise+"  consistency = \"frozen\"\n"),
				ExpectError: acctest.Refusal{
					Address: nightly, At: `consistency = "frozen"`, Summary: "Invalid Attribute Value Match",
					Detail: `Attribute consistency value must be one of: ["crash" "stopped"], got: "frozen"`,
				}.Pattern(),
			},
			{Config: stopped, ConfigStateChecks: declared("stopped")},
			{
				Config: stopped + now, ConfigPlanChecks: plans("vdam_backup.now", plancheck.ResourceActionCreate),
				ConfigStateChecks: declared("stopped"),
			},
			{
				// It is a plan for crashes again when nothing is said.
				Config:           protected(env, key, promise+"  depends_on = [vdam_volume_attachment.data]\n") + runningMachine + now,
				ConfigPlanChecks: plans(nightly, plancheck.ResourceActionUpdate), ConfigStateChecks: declared("crash"),
				Check: ended(env),
			},
		},
	})
}
