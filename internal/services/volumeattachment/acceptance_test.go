package volumeattachment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

const db = "vdam_volume_attachment.db"

// ends are two volumes and two machines of one zone.
const ends = `
resource "vdam_storage_volume" "data" {
  count               = 2
  name                = "data-${count.index}"
  size_gib            = 10
  deletion_protection = false
}

resource "vdam_virtual_machine" "db" {
  count      = 2
  name       = "db-${count.index}"
  vcpus      = 1
  memory_mib = 1024
  image      = "lvrtc/debian-13-20261102"
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
}
`

// attachment plugs a volume of these into a machine of these.
func attachment(volume, machine int, more string) string {
	return fmt.Sprintf(`
resource "vdam_volume_attachment" "db" {
  volume_id          = vdam_storage_volume.data[%d].id
  virtual_machine_id = vdam_virtual_machine.db[%d].id
%s}
`, volume, machine, more)
}

func plans(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func attachmentAttributes() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "operator": knownvalue.StringExact("lvrtc"), "status": knownvalue.StringExact("ready"),
		"created_at": acctest.Time, "volume_id": acctest.ID("lvrtc"), "virtual_machine_id": acctest.ID("lvrtc"),
		"device": knownvalue.StringExact("/dev/vdb"),
	}
}

func resourceAttributes(timeouts knownvalue.Check) map[string]knownvalue.Check {
	all := attachmentAttributes()
	all["timeouts"] = timeouts
	return all
}

// attachmentKey is the kind and name of the only attachment, whose name nobody chose.
func attachmentKey(t *testing.T, env *acctest.Env) string {
	t.Helper()
	for key := range env.Objects(t, "lvrtc") {
		if strings.HasPrefix(key, "volume-attachments/") {
			return key
		}
	}
	t.Fatal("there is no attachment")
	return ""
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	same, other := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	ofPair := func(volume, machine int) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.CompareValuePairs(db, tfjsonpath.New("volume_id"),
				fmt.Sprintf("vdam_storage_volume.data[%d]", volume), id, compare.ValuesSame()),
			statecheck.CompareValuePairs(db, tfjsonpath.New("virtual_machine_id"),
				fmt.Sprintf("vdam_virtual_machine.db[%d]", machine), id, compare.ValuesSame()),
		}
	}
	const timeouts = `  operator = "lvrtc"
  timeouts = { create = "5m", update = "6m", delete = "7m" }
`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				// Everything in one go, in the right order.
				Config:           env.Config(ends + attachment(0, 0, timeouts)),
				ConfigPlanChecks: plans(db, plancheck.ResourceActionCreate),
				ConfigStateChecks: append(ofPair(0, 0), same.AddStateValue(db, id),
					acctest.Attributes(db, resourceAttributes(knownvalue.ObjectExact(map[string]knownvalue.Check{
						"create": knownvalue.StringExact("5m"), "update": knownvalue.StringExact("6m"),
						"delete": knownvalue.StringExact("7m"),
					})))),
			},
			{ResourceName: db, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"}},
			{
				// The operator follows from the machine; the volume knows by now where it is; the volume's growth leaves it
				// plugged in.
				Config: env.Config(strings.Replace(ends, "= 10\n  deletion", "= 20\n  deletion", 1) + attachment(0, 0, "")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(db, plancheck.ResourceActionUpdate),
					plancheck.ExpectResourceAction("vdam_storage_volume.data[0]", plancheck.ResourceActionUpdate),
				}},
				ConfigStateChecks: append(ofPair(0, 0), same.AddStateValue(db, id), other.AddStateValue(db, id),
					acctest.Attributes(db, resourceAttributes(knownvalue.Null())),
					statecheck.CompareValuePairs("vdam_storage_volume.data[0]", tfjsonpath.New("virtual_machine_id"),
						"vdam_virtual_machine.db[0]", id, compare.ValuesSame()),
				),
			},
			{
				// Somebody unplugs it at the operator's portal.
				PreConfig:         func() { env.Remove(t, "lvrtc", attachmentKey(t, env)) },
				Config:            env.Config(strings.Replace(ends, "= 10\n  deletion", "= 20\n  deletion", 1) + attachment(0, 0, "")),
				ConfigPlanChecks:  plans(db, plancheck.ResourceActionCreate),
				ConfigStateChecks: append(ofPair(0, 0), other.AddStateValue(db, id)),
			},
			{
				Config:            env.Config(strings.Replace(ends, "= 10\n  deletion", "= 20\n  deletion", 1) + attachment(1, 0, "")),
				ConfigPlanChecks:  plans(db, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: append(ofPair(1, 0), other.AddStateValue(db, id)),
			},
			{
				Config:            env.Config(strings.Replace(ends, "= 10\n  deletion", "= 20\n  deletion", 1) + attachment(1, 1, "")),
				ConfigPlanChecks:  plans(db, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: append(ofPair(1, 1), other.AddStateValue(db, id)),
			},
			{
				ResourceName: db, ImportState: true, ImportStateId: "data/",
				ExpectError: acctest.Words(`"data/" is not the id of a volume attachment`, `Write <operator>/<id>`),
			},
			{
				ResourceName: db, ImportState: true, ImportStateId: "lnb/att-1",
				ExpectError: acctest.Words(`The provider block configures no operator "lnb"`, `It has: iem-ic, lvrtc.`),
			},
		},
	})
}

// TestAcceptanceReplacedMachine has the volume unplugged before its machine goes, and plugged into the new one.
func TestAcceptanceReplacedMachine(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             resource.ComposeAggregateTestCheckFunc(inOrder(t, env), env.Gone(t)),
		Steps: []resource.TestStep{
			{Config: env.Config(ends + attachment(0, 0, ""))},
			{
				PreConfig: env.Box.ResetRequests,
				Config: env.Config(strings.Replace(ends, "debian-13-20261102", "debian-13-20260601", 1) +
					attachment(0, 0, "")),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(db, plancheck.ResourceActionReplace),
					plancheck.ExpectResourceAction("vdam_virtual_machine.db[0]", plancheck.ResourceActionReplace),
					plancheck.ExpectResourceAction("vdam_storage_volume.data[0]", plancheck.ResourceActionNoop),
				}},
				Check: inOrder(t, env),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.CompareValuePairs(db, tfjsonpath.New("virtual_machine_id"),
					"vdam_virtual_machine.db[0]", tfjsonpath.New("id"), compare.ValuesSame())},
			},
			{
				PreConfig: env.Box.ResetRequests,
				Config: env.Config(ends + attachment(0, 0, "") + `
data "vdam_volume_attachment" "by_id" {
  id = vdam_volume_attachment.db.id
}

data "vdam_volume_attachments" "all" {
  depends_on = [vdam_volume_attachment.db]
}
`),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes(db, resourceAttributes(knownvalue.Null())),
					acctest.Attributes("data.vdam_volume_attachment.by_id", attachmentAttributes()),
					acctest.Attributes("data.vdam_volume_attachments.all", map[string]knownvalue.Check{
						"operator":           knownvalue.StringExact("lvrtc"),
						"volume_attachments": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(attachmentAttributes())}),
					}),
				},
				Check: inOrder(t, env),
			},
			{
				PreConfig: env.Box.ResetRequests, Config: env.Config(ends + attachment(0, 0, "")), Destroy: true,
			},
		},
	})
}

// inOrder checks that the attachment was the first to be deleted, and that no deletion was refused.
func inOrder(t *testing.T, env *acctest.Env) resource.TestCheckFunc {
	return func(*terraform.State) error {
		var deleted []string
		for _, r := range env.Box.Requests() {
			if r.Method != "DELETE" {
				continue
			}
			if r.Status >= 300 {
				return fmt.Errorf("%s was answered %d", r.Path, r.Status)
			}
			deleted = append(deleted, strings.Split(r.Path, "/")[4])
		}
		if len(deleted) == 0 || slices.Index(deleted, "volume-attachments") != 0 {
			t.Errorf("deleted were, in this order, %q", deleted)
		}
		return nil
	}
}

func TestAcceptanceRefusals(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	const zones = `
resource "vdam_storage_volume" "far" {
  name                = "far"
  size_gib            = 10
  zone                = "riga-2"
  deletion_protection = false
}
`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: env.Config(ends + zones)},
			{
				Config: env.Config(ends + zones + `
resource "vdam_volume_attachment" "db" {
  volume_id          = vdam_storage_volume.far.id
  virtual_machine_id = vdam_virtual_machine.db[0].id
}
`),
				ExpectError: acctest.Refusal{Address: db, At: "volume_id = vdam_storage_volume.far.id",
					Summary: `Storage volume "far" is in zone riga-2, virtual machine "db-0" in riga-1`,
					Detail:  "A volume can be plugged into machines of its own zone only. Make one of them in the other's zone."}.Pattern(),
			},
			{
				// A volume that is plugged in already is known to be so only by the operator.
				Config: env.Config(ends + zones + attachment(0, 0, "") + `
resource "vdam_volume_attachment" "second" {
  volume_id          = vdam_volume_attachment.db.volume_id
  virtual_machine_id = vdam_virtual_machine.db[1].id
}
`),
				ExpectError: acctest.Words(`Error: lvrtc refused the order of volume attachment`, `with vdam_volume_attachment.second,`,
					`The volume data-0 is at the machine`),
			},
		},
	})
	env.Refuse(t, env.Config(`
resource "vdam_volume_attachment" "elsewhere" {
  volume_id          = "iem-ic/vol-1"
  virtual_machine_id = "lvrtc/vm-1"
}

resource "vdam_volume_attachment" "no_id" {
  volume_id          = "vol-1"
  virtual_machine_id = "lvrtc/vm-1"
}

resource "vdam_volume_attachment" "no_machine" {
  volume_id          = "lvrtc/vol-1"
  virtual_machine_id = "vm-1"
}

resource "vdam_volume_attachment" "contradiction" {
  operator           = "iem-ic"
  volume_id          = "iem-ic/vol-1"
  virtual_machine_id = "lvrtc/vm-1"
}

resource "vdam_volume_attachment" "nowhere" {
  volume_id          = "lnb/vol-1"
  virtual_machine_id = "lnb/vm-1"
}

data "vdam_volume_attachment" "gone" {
  id = "lvrtc/att-1"
}

data "vdam_volume_attachment" "ill" {
  id = "att-1"
}
`),
		acctest.Refusal{Address: "vdam_volume_attachment.elsewhere", At: `volume_id = "iem-ic/vol-1"`,
			Summary: "This storage volume is at iem-ic, not at lvrtc", Detail: "Both have to be at the same operator."},
		acctest.Refusal{Address: "vdam_volume_attachment.no_id", At: `volume_id = "vol-1"`,
			Summary: `"vol-1" is not the id of a storage volume`, Detail: "Ids are written <operator>/<id>."},
		acctest.Refusal{Address: "vdam_volume_attachment.no_machine", At: `virtual_machine_id = "vm-1"`,
			Summary: `"vm-1" is not the id of a virtual machine`, Detail: "Ids are written <operator>/<id>."},
		acctest.Refusal{Address: "vdam_volume_attachment.contradiction", At: `virtual_machine_id = "lvrtc/vm-1"`,
			Summary: "This virtual machine is at lvrtc, not at iem-ic", Detail: "Both have to be at the same operator."},
		acctest.Refusal{Address: "vdam_volume_attachment.nowhere", Summary: `The provider block configures no operator "lnb"`,
			Detail: "It has: iem-ic, lvrtc."},
		acctest.Refusal{Address: "data.vdam_volume_attachment.gone",
			Summary: `lvrtc refused the reading of volume attachment "lvrtc/att-1": not found`},
		acctest.Refusal{Address: "data.vdam_volume_attachment.ill", At: `id = "att-1"`,
			Summary: `"att-1" is not the id of a volume attachment`, Detail: "Write <operator>/<id>, as in lvrtc/7c1f0c2e."},
	)
}
