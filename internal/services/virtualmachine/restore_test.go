package virtualmachine_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// keeper has a vault for what runs at lvrtc.
const keeper = `
variable "machine" {
  type    = string
  default = "vm-none"
}

variable "volume" {
  type    = string
  default = "vol-none"
}

resource "vdam_backup_vault" "registry" {
  operator            = "iem-ic"
  name                = "registry"
  immutability        = { mode = "governance", days = 7 }
  retention_days      = 31
  deletion_protection = false
}
`

// lost is a machine, and its plan.
func lost(key string) string {
	return fmt.Sprintf(`
resource "vdam_virtual_machine" "lost" {
  operator   = "lvrtc"
  name       = "app"
  vcpus      = 1
  memory_mib = 1024
  image      = "lvrtc/debian-13-20261102"
  boot_disk  = { size_gib = 16, on_destroy = "delete" }
}

resource "vdam_backup_plan" "nightly" {
  operator          = "lvrtc"
  name              = "nightly"
  sources           = [vdam_virtual_machine.lost.id]
  vault_id          = vdam_backup_vault.registry.id
  retention         = "720h"
  encryption_key_wo = %q
}
`, key)
}

const backedUp = `
resource "vdam_backup" "now" {
  plan_id = vdam_backup_plan.nightly.id
  name    = "now"
}
`

// found is the machine at the keeper.
func found(sizeGiB int, restoreFrom string) string {
	return fmt.Sprintf(`
resource "vdam_virtual_machine" "found" {
  operator   = "iem-ic"
  name       = "app"
  vcpus      = 2
  memory_mib = 4096
  boot_disk  = { size_gib = %d, on_destroy = "delete" }
  %s
}
`, sizeGiB, restoreFrom)
}

func restoreFrom(key, source string) string {
	return fmt.Sprintf("restore_from = {\n    vault_id = vdam_backup_vault.registry.id\n    encryption_key_wo = %q\n    %s\n  }", key, source)
}

// late is an id that an earlier step has made.
type late struct{ id *string }

// MarshalJSON implements config.Variable.
func (l late) MarshalJSON() ([]byte, error) { return json.Marshal(*l.id) }

// TestAcceptanceRestore loses a machine at one operator and has it again at another.
func TestAcceptanceRestore(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic"), acctest.NewBackupKey()
	const address = "vdam_virtual_machine.found"
	var machineID, volumeID, sum string
	ids := config.Variables{"machine": late{&machineID}, "volume": late{&volumeID}}
	sameTree, sameMachine := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesSame())
	restored := tfjsonpath.New("restored")
	stays := func(restoreFrom string) resource.TestStep {
		return resource.TestStep{
			Config: env.Config(keeper + found(16, restoreFrom)), ConfigVariables: ids,
			ConfigPlanChecks: plans(address, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				sameMachine.AddStateValue(address, tfjsonpath.New("id")), sameTree.AddStateValue(address, restored.AtMapKey("tree_sha256")),
				acctest.Lacks(key),
			},
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: env.Config(keeper + lost(key))},
			{
				PreConfig: func() { env.Write(t, "lvrtc", "app-boot", 12345, []byte("Dainu skapis")) },
				Config:    env.Config(keeper + lost(key) + backedUp),
				ConfigStateChecks: []statecheck.StateCheck{
					sameTree.AddStateValue("vdam_backup.now", tfjsonpath.New("recovery_points").AtSliceIndex(0).AtMapKey("tree_sha256")),
				},
				Check: func(*terraform.State) error {
					machineID = env.Object(t, "lvrtc", "virtual-machines/app").ID
					volumeID = env.Object(t, "lvrtc", "storage-volumes/app-boot").ID
					sum = env.Checksum(t, "lvrtc", "app-boot")
					return nil
				},
			},
			{
				// While the operator of the machine is there, the plan sees that it does not fit.
				Config:      env.Config(keeper + lost(key) + backedUp + found(8, restoreFrom(key, `source_id = vdam_virtual_machine.lost.id`))),
				ExpectError: acctest.Words("What is to be restored has 16 GiB, and the boot disk 8", "Set boot_disk.size_gib to 16 or more."),
			},
			{Config: env.Config(keeper)}, // Nothing is left at lvrtc.
			{
				Config:          env.Config(keeper + found(16, restoreFrom(acctest.NewBackupKey(), `source_id = "lvrtc/${var.machine}"`))),
				ConfigVariables: ids,
				ExpectError:     acctest.Words(`iem-ic refused the order of virtual machine "app"`, "another key", "restore_from.encryption_key_wo"),
			},
			{
				Config:      env.Config(keeper + found(16, restoreFrom(key, `source_id = "lvrtc/vm-none"`))),
				ExpectError: acctest.Words(`iem-ic refused the order of virtual machine "app"`, "vm-none", "restore_from.source_id"),
			},
			{
				Config:          env.Config(keeper + found(16, restoreFrom(key, `source_id = "lvrtc/${var.machine}"`))),
				ConfigVariables: ids, ConfigPlanChecks: plans(address, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Some(address, map[string]knownvalue.Check{
						"status": knownvalue.StringExact("ready"), "power_state": knownvalue.StringExact("running"), "image": knownvalue.Null(),
						"restored": knownvalue.ObjectExact(map[string]knownvalue.Check{
							"recovery_point_id": knownvalue.NotNull(), "source_volume_id": knownvalue.NotNull(),
							"source_virtual_machine_id": knownvalue.NotNull(), "taken_at": acctest.Time, "tree_sha256": knownvalue.NotNull(),
							"vault_id": acctest.ID("iem-ic"),
						}),
					}),
					sameTree.AddStateValue(address, restored.AtMapKey("tree_sha256")),
					sameMachine.AddStateValue(address, tfjsonpath.New("id")), acctest.Lacks(key),
				},
				Check: func(*terraform.State) error {
					if got := env.Checksum(t, "iem-ic", "app-boot"); got != sum {
						return fmt.Errorf("the boot volume has %s, and that of the lost machine had %s", got, sum)
					}
					return nil
				},
			},
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"restore_from"},
				ConfigVariables: ids,
			},
			stays(restoreFrom(key, `source_id = "lvrtc/${var.volume}"`)), // The same in other words.
			stays(""), // What it was restored from need not be said for ever.
			stays(restoreFrom(key, `source_id = "lvrtc/${var.machine}"`)),
			{
				Config: env.Config(keeper + found(16, restoreFrom(key, `source_id = terraform_data.lost.output`)) + `
resource "terraform_data" "lost" {
  input = "lvrtc/vm-other"
}
`),
				ConfigVariables: ids,
				ExpectError: acctest.Words(`restore_from.source_id is not known yet, and virtual machine "app" holds what was restored`,
					"take restore_from away: then the machine stays as it is."),
			},
			{
				// The lock of what is in the vault comes to its end.
				Config: env.Config(keeper), ConfigVariables: ids, Check: func(*terraform.State) error {
					env.Box.MoveClock(8 * 24 * time.Hour)
					return nil
				},
			},
		},
	})
}

// TestAcceptanceRestoreRefused sees at plan what cannot be restored.
func TestAcceptanceRestoreRefused(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic", "lnb"), acctest.NewBackupKey()
	machine := func(name, operator, arguments string) string {
		return fmt.Sprintf("resource \"vdam_virtual_machine\" %q {\n  operator = %q\n  name = %q\n  vcpus = 2\n  memory_mib = 4096\n%s\n}\n",
			name, operator, name, arguments)
	}
	from := func(vault, source string) string {
		return fmt.Sprintf("  restore_from = { vault_id = %q, encryption_key_wo = %q, %s }\n", vault, key, source)
	}
	const disk = "  boot_disk = { size_gib = 16, on_destroy = \"delete\" }\n"
	at := func(name string) string { return "vdam_virtual_machine." + name }
	t.Run("before anything is asked", func(t *testing.T) {
		env.Refuse(t, env.Config(
			machine("image", "iem-ic", disk+from("iem-ic/vault-1", `source_id = "lvrtc/vm-1"`)+"  image = \"iem-ic/img-0001\"\n")+
				machine("bare", "iem-ic", "  boot_volume_id = \"iem-ic/vol-1\"\n"+from("iem-ic/vault-1", `source_id = "lvrtc/vm-1"`))+
				machine("two", "iem-ic", disk+from("iem-ic/vault-1", `source_id = "lvrtc/vm-1", recovery_point_id = "p"`))),
			acctest.Refusal{Address: at("image"), Summary: "Invalid Attribute Combination",
				Detail: `Attribute "restore_from" cannot be specified when "image" is specified`},
			acctest.Refusal{Address: at("bare"), Summary: "Invalid Attribute Combination",
				Detail: `Attribute "boot_disk" must be specified when "restore_from" is specified`},
			acctest.Refusal{Address: at("two"), Summary: "Invalid Attribute Combination"},
		)
	})
	t.Run("at plan", func(t *testing.T) {
		env.Refuse(t, env.Config(
			machine("none", "lnb", disk+from("lnb/vault-1", `source_id = "lvrtc/vm-1"`))+
				machine("elsewhere", "iem-ic", disk+from("lvrtc/vault-1", `source_id = "lvrtc/vm-1"`))+
				machine("source", "iem-ic", disk+from("iem-ic/vault-1", `source_id = "vm-1"`))),
			acctest.Refusal{Address: at("none"), At: "restore_from", Summary: "lnb keeps no backup vaults, so no machine can be restored there"},
			acctest.Refusal{Address: at("elsewhere"), Summary: "This backup vault is at lvrtc, not at iem-ic"},
			acctest.Refusal{Address: at("source"), Summary: `"vm-1" is not the id of a virtual machine or storage volume`},
		)
	})
}
