package virtualmachine_test

import (
	"fmt"
	"maps"
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

const (
	app = "vdam_virtual_machine.app"
	key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake"
)

// surroundings are what the machine's interfaces refer to.
const surroundings = `
resource "vdam_network" "app" {
  operator = "iem-ic"
  name     = "app"
  cidr     = "10.20.0.0/24"
}

resource "vdam_network" "back" {
  operator = "iem-ic"
  name     = "back"
  cidr     = "2001:db8:7::/64"
}

resource "vdam_security_group" "web" {
  operator = "iem-ic"
  name     = "web"
}

resource "vdam_security_group" "ssh" {
  operator = "iem-ic"
  name     = "ssh"
}
`

// fullMachine has every attribute but those that exclude these.
const fullMachine = surroundings + `
resource "vdam_virtual_machine" "app" {
  operator    = "iem-ic"
  name        = "app"
  description = "` + acctest.Diacritics + `"
  labels      = { tier = "app", vieta = "Ķīšezers" }
  zone        = "b"
  vcpus       = 2
  memory_mib  = 4096
  image       = "iem-ic/img-0001"
  boot_disk   = { size_gib = 64, class = "archive", on_destroy = "retain" }
  network_interfaces = [
    {
      network_id         = vdam_network.app.id
      ip_address         = "10.20.0.77"
      security_group_ids = [vdam_security_group.web.id, vdam_security_group.ssh.id]
    },
    { network_id = vdam_network.back.id },
  ]
  ssh_authorized_keys = ["` + key + ` āris\n", "` + key + ` bēris"]
  user_data           = "#cloud-config\n# ` + acctest.Diacritics + `\n"
  power_state         = "stopped"
  deletion_protection = false
  timeouts            = { create = "5m", update = "6m", delete = "7m" }
}
`

// minimalMachine has what is required.
const minimalMachine = `
resource "vdam_virtual_machine" "app" {
  name       = "app"
  vcpus      = 1
  memory_mib = 1024
  image      = "lvrtc/debian-13-20261102"
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
%s
}
`

// minimal is the minimal machine with more arguments.
func minimal(more string) string { return fmt.Sprintf(minimalMachine, more) }

func plans(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func with(m, more map[string]knownvalue.Check) map[string]knownvalue.Check {
	m = maps.Clone(m)
	maps.Copy(m, more)
	return m
}

func disk(sizeGiB int64, class, onDestroy string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"size_gib": knownvalue.Int64Exact(sizeGiB), "class": knownvalue.StringExact(class),
		"on_destroy": knownvalue.StringExact(onDestroy),
	})
}

var mac = knownvalue.StringFunc(func(v string) error {
	if len(v) != len("02:00:00:00:00:00") || !strings.HasPrefix(v, "02:") {
		return fmt.Errorf("%q is no address of this sandbox", v)
	}
	return nil
})

// nic is an interface with a number of security groups.
func nic(ip string, groups int) knownvalue.Check {
	var ids knownvalue.Check = knownvalue.Null()
	if groups > 0 {
		ids = knownvalue.SetSizeExact(groups)
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"network_id": acctest.ID("iem-ic"), "ip_address": knownvalue.StringExact(ip), "mac_address": mac,
		"security_group_ids": ids,
	})
}

// fullAttributes are what the operator answers of fullMachine.
func fullAttributes() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("iem-ic"), "operator": knownvalue.StringExact("iem-ic"), "status": knownvalue.StringExact("ready"),
		"created_at": acctest.Time, "name": knownvalue.StringExact("app"),
		"description":      knownvalue.StringExact(acctest.Diacritics),
		"labels":           acctest.Labels("tier", "app", "vieta", "Ķīšezers"),
		"effective_labels": acctest.Labels("suite", "acctest", "tier", "app", "vieta", "Ķīšezers"),
		"zone":             knownvalue.StringExact("b"), "vcpus": knownvalue.Int64Exact(2), "memory_mib": knownvalue.Int64Exact(4096),
		"image":          knownvalue.StringExact("iem-ic/img-0001"),
		"boot_disk":      disk(64, "archive", "retain"),
		"boot_volume_id": acctest.ID("iem-ic"),
		"network_interfaces": knownvalue.ListExact([]knownvalue.Check{
			nic("10.20.0.77", 2), nic("2001:db8:7::2", 0),
		}),
		"addresses":           acctest.Texts("10.20.0.77", "2001:db8:7::2"),
		"ssh_authorized_keys": acctest.Texts(key+" āris\n", key+" bēris"),
		"power_state":         knownvalue.StringExact("stopped"),
		"deletion_protection": knownvalue.Bool(false),
		"metered_since":       acctest.Time,
		"restored":            knownvalue.Null(),
	}
}

// ofResource are those that data sources do not have.
func ofResource() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"user_data": knownvalue.Null(), "user_data_wo": knownvalue.Null(), "user_data_wo_version": knownvalue.Null(),
		"timeouts": knownvalue.Null(), "restore_from": knownvalue.Null(),
	}
}

func fullResource() map[string]knownvalue.Check {
	return with(with(fullAttributes(), ofResource()), map[string]knownvalue.Check{
		"user_data": knownvalue.StringExact("#cloud-config\n# " + acctest.Diacritics + "\n"),
		"timeouts": knownvalue.ObjectExact(map[string]knownvalue.Check{
			"create": knownvalue.StringExact("5m"), "update": knownvalue.StringExact("6m"), "delete": knownvalue.StringExact("7m"),
		}),
	})
}

func minimalAttributes() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "operator": knownvalue.StringExact("lvrtc"), "status": knownvalue.StringExact("ready"),
		"created_at": acctest.Time, "name": knownvalue.StringExact("app"), "description": knownvalue.Null(),
		"labels": knownvalue.Null(), "effective_labels": acctest.Labels("suite", "acctest"),
		"zone": knownvalue.StringExact("riga-1"), "vcpus": knownvalue.Int64Exact(1), "memory_mib": knownvalue.Int64Exact(1024),
		"image":     knownvalue.StringExact("lvrtc/debian-13-20261102"),
		"boot_disk": disk(10, "standard", "delete"), "boot_volume_id": acctest.ID("lvrtc"),
		"network_interfaces": knownvalue.Null(), "addresses": knownvalue.ListExact(nil),
		"ssh_authorized_keys": knownvalue.Null(), "power_state": knownvalue.StringExact("running"),
		"deletion_protection": knownvalue.Bool(false), "metered_since": acctest.Time,
		"restored": knownvalue.Null(),
	}
}

// same are checks that hold only if these attributes are the same whenever they are added.
type same []*sameValue

type sameValue struct {
	path tfjsonpath.Path
	add  interface {
		AddStateValue(string, tfjsonpath.Path) statecheck.StateCheck
	}
}

func sameValues(paths ...tfjsonpath.Path) (s same) {
	for _, p := range paths {
		s = append(s, &sameValue{p, statecheck.CompareValue(compare.ValuesSame())})
	}
	return s
}

func (s same) checks(more ...statecheck.StateCheck) []statecheck.StateCheck {
	for _, v := range s {
		more = append(more, v.add.AddStateValue(app, v.path))
	}
	return more
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	nic0, nic1 := tfjsonpath.New("network_interfaces").AtSliceIndex(0), tfjsonpath.New("network_interfaces").AtSliceIndex(1)
	kept := sameValues(tfjsonpath.New("id"), tfjsonpath.New("boot_volume_id"), tfjsonpath.New("created_at"),
		tfjsonpath.New("metered_since"), nic0.AtMapKey("ip_address"), nic0.AtMapKey("mac_address"), nic1.AtMapKey("ip_address"),
		nic1.AtMapKey("mac_address"))
	id, other := tfjsonpath.New("id"), statecheck.CompareValue(compare.ValuesDiffer())
	// changed has everything changed that changes in place.
	changed := surroundings + `
resource "vdam_virtual_machine" "app" {
  operator    = "iem-ic"
  name        = "app-2"
  description = "Cits"
  labels      = { tier = "db" }
  zone        = "b"
  vcpus       = 4
  memory_mib  = 8192
  image       = "iem-ic/img-0001"
  boot_disk   = { size_gib = 128, class = "archive", on_destroy = "delete" }
  network_interfaces = [
    { network_id = vdam_network.app.id, security_group_ids = [vdam_security_group.ssh.id] },
    { network_id = vdam_network.back.id, security_group_ids = [vdam_security_group.ssh.id] },
    { network_id = vdam_network.app.id },
  ]
  ssh_authorized_keys = ["` + key + ` cits"]
  user_data           = "#!/bin/sh\n"
  power_state         = "running"
  deletion_protection = true
}
`
	// bare has everything taken away that may be.
	bare := surroundings + `
resource "vdam_virtual_machine" "app" {
  name       = "app-2"
  vcpus      = 4
  memory_mib = 8192
  image      = "iem-ic/img-0001"
  boot_disk  = { size_gib = 128, on_destroy = "delete" }
}
`
	zone := `zone        = "b"`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config:            env.Config(fullMachine),
				ConfigPlanChecks:  plans(app, plancheck.ResourceActionCreate),
				ConfigStateChecks: kept.checks(acctest.Attributes(app, fullResource())),
			},
			{
				// Of a key's writing the operator keeps all but the white space around it.
				ResourceName: app, ImportState: true, ImportStateVerify: true,
				ImportStateVerifyIgnore: []string{"timeouts", "user_data", "ssh_authorized_keys.0"},
			},
			{
				Config: env.Config(changed),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(app, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(app, nic0.AtMapKey("ip_address"), knownvalue.StringExact("10.20.0.77")),
					plancheck.ExpectUnknownValue(app, tfjsonpath.New("addresses")),
				}},
				ConfigStateChecks: kept.checks(acctest.Attributes(app, with(fullResource(), map[string]knownvalue.Check{
					"name": knownvalue.StringExact("app-2"), "description": knownvalue.StringExact("Cits"),
					"labels": acctest.Labels("tier", "db"), "effective_labels": acctest.Labels("suite", "acctest", "tier", "db"),
					"vcpus": knownvalue.Int64Exact(4), "memory_mib": knownvalue.Int64Exact(8192),
					"boot_disk": disk(128, "archive", "delete"),
					"network_interfaces": knownvalue.ListExact([]knownvalue.Check{
						nic("10.20.0.77", 1), nic("2001:db8:7::2", 1), nic("10.20.0.2", 0),
					}),
					"addresses":           acctest.Texts("10.20.0.77", "2001:db8:7::2", "10.20.0.2"),
					"ssh_authorized_keys": acctest.Texts(key + " cits"), "user_data": knownvalue.StringExact("#!/bin/sh\n"),
					"power_state": knownvalue.StringExact("running"), "deletion_protection": knownvalue.Bool(true),
					"timeouts": knownvalue.Null(),
				}))),
			},
			{
				// Somebody changes it at the operator's portal: the plan shows that, and puts it back.
				PreConfig: func() {
					env.Change(t, "iem-ic", "virtual-machines/app-2", `{"vcpus": 8, "memory_mib": 16384, "power_state": "stopped",
						"deletion_protection": false, "labels": {"suite": "x"}, "ssh_authorized_keys": []}`)
				},
				Config:           env.Config(changed),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionUpdate),
				ConfigStateChecks: kept.checks(acctest.Some(app, map[string]knownvalue.Check{
					"vcpus": knownvalue.Int64Exact(4), "memory_mib": knownvalue.Int64Exact(8192),
					"power_state": knownvalue.StringExact("running"), "deletion_protection": knownvalue.Bool(true),
					"effective_labels":    acctest.Labels("suite", "acctest", "tier", "db"),
					"ssh_authorized_keys": acctest.Texts(key + " cits"),
				})),
			},
			{
				Config: env.Config(strings.Replace(changed, zone, `zone        = "a"`, 1)),
				ExpectError: acctest.Refusal{Address: app, At: `zone = "a"`,
					Summary: `Changing zone would destroy virtual machine "app-2"`,
					Detail:  "It cannot be changed in place"}.Pattern(),
			},
			{
				Config:      env.Config(surroundings),
				ExpectError: acctest.Refusal{Summary: `Virtual machine "app-2" is protected from deletion`}.Pattern(),
			},
			{
				Config: env.Config(strings.Replace(changed, "size_gib = 128", "size_gib = 64", 1)),
				ExpectError: acctest.Refusal{Address: app,
					Summary: `The boot disk of virtual machine "app-2" cannot shrink from 128 to 64 GiB`,
					Detail:  "Shrinking would cut data off."}.Pattern(),
			},
			{
				Config: env.Config(strings.Replace(changed, `class = "archive"`, `class = "nvme"`, 1)),
				ExpectError: acctest.Refusal{Address: app,
					Summary: `The boot disk of virtual machine "app-2" cannot change from class "archive" to "nvme"`,
					Detail:  "A disk keeps its class."}.Pattern(),
			},
			{
				Config:           env.Config(bare),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionUpdate),
				ConfigStateChecks: kept[:4].checks(other.AddStateValue(app, id),
					acctest.Attributes(app, with(with(minimalAttributes(), ofResource()), map[string]knownvalue.Check{
						"id": acctest.ID("iem-ic"), "operator": knownvalue.StringExact("iem-ic"),
						"name": knownvalue.StringExact("app-2"), "zone": knownvalue.StringExact("b"),
						"vcpus": knownvalue.Int64Exact(4), "memory_mib": knownvalue.Int64Exact(8192),
						"image": knownvalue.StringExact("iem-ic/img-0001"), "boot_disk": disk(128, "archive", "delete"),
						"boot_volume_id": acctest.ID("iem-ic"),
					}))),
			},
			{
				PreConfig:        func() { env.Remove(t, "iem-ic", "virtual-machines/app-2") },
				Config:           env.Config(strings.Replace(fullMachine, `"retain"`, `"delete"`, 1)),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					other.AddStateValue(app, id),
					acctest.Attributes(app, with(fullResource(), map[string]knownvalue.Check{"boot_disk": disk(64, "archive", "delete")})),
				},
			},
			{
				Config: env.Config(strings.NewReplacer(`"retain"`, `"delete"`, `img-0001`, `img-0002`).Replace(fullMachine)),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(app, plancheck.ResourceActionDestroyBeforeCreate),
					plancheck.ExpectUnknownValue(app, tfjsonpath.New("boot_volume_id")),
				}},
				ConfigStateChecks: []statecheck.StateCheck{
					other.AddStateValue(app, id), acctest.Some(app, map[string]knownvalue.Check{
						"image": knownvalue.StringExact("iem-ic/img-0002"),
					}),
				},
			},
			{
				Config: env.Config(strings.NewReplacer(`"retain"`, `"delete"`, `img-0001`, `img-0002`, zone, `zone = "a"`).
					Replace(fullMachine)),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionReplace),
				ConfigStateChecks: []statecheck.StateCheck{
					other.AddStateValue(app, id), acctest.Some(app, map[string]knownvalue.Check{"zone": knownvalue.StringExact("a")}),
				},
			},
			{
				ResourceName: app, ImportState: true, ImportStateId: "app",
				ExpectError: acctest.Words(`"app" is not the id of a virtual machine`, `Write <operator>/<id>`),
			},
			{
				ResourceName: app, ImportState: true, ImportStateId: "lnb/vm-1",
				ExpectError: acctest.Words(`The provider block configures no operator "lnb"`, `It has: iem-ic, lvrtc.`),
			},
		},
	})
}

func TestAcceptanceMinimal(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "lnb")
	kept := sameValues(tfjsonpath.New("id"), tfjsonpath.New("boot_volume_id"))
	stopped := map[string]knownvalue.Check{"power_state": knownvalue.StringExact("stopped")}
	// Two operators in one configuration, with other sizes and images.
	library := `
resource "vdam_virtual_machine" "library" {
  operator   = "lnb"
  name       = "app"
  labels     = { tier = "library" }
  vcpus      = 2
  memory_mib = 4096
  image      = "lnb/deb13"
  boot_disk  = { size_gib = 9, on_destroy = "delete" }
}
`
	far := with(minimalAttributes(), map[string]knownvalue.Check{
		"id": acctest.ID("lnb"), "operator": knownvalue.StringExact("lnb"), "labels": acctest.Labels("tier", "library"),
		"effective_labels": acctest.Labels("suite", "acctest", "tier", "library"), "zone": knownvalue.StringExact("gaisma"),
		"vcpus": knownvalue.Int64Exact(2), "memory_mib": knownvalue.Int64Exact(4096), "image": knownvalue.StringExact("lnb/deb13"),
		"boot_disk": disk(9, "ceph", "delete"), "boot_volume_id": acctest.ID("lnb"),
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: env.Config(minimal("") + library),
				ConfigStateChecks: kept.checks(acctest.Attributes(app, with(minimalAttributes(), ofResource())),
					acctest.Attributes("vdam_virtual_machine.library", with(far, ofResource()))),
			},
			{ResourceName: app, ImportState: true, ImportStateVerify: true},
			{
				// Power that the configuration leaves out is the operator's people's to switch.
				PreConfig:         func() { env.Change(t, "lvrtc", "virtual-machines/app", `{"power_state": "stopped"}`) },
				Config:            env.Config(minimal("") + library),
				ConfigPlanChecks:  plans(app, plancheck.ResourceActionNoop),
				ConfigStateChecks: kept.checks(acctest.Some(app, stopped)),
			},
			{
				Config:           env.Config(minimal(`  power_state = "running"`) + library),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionUpdate),
				ConfigStateChecks: kept.checks(acctest.Some(app, map[string]knownvalue.Check{
					"power_state": knownvalue.StringExact("running"),
				})),
			},
			{
				Config:            env.Config(minimal(`  power_state = "stopped"`) + library),
				ConfigPlanChecks:  plans(app, plancheck.ResourceActionUpdate),
				ConfigStateChecks: kept.checks(acctest.Some(app, stopped)),
			},
			{
				Config: env.Config(minimal("") + library + `
data "vdam_virtual_machine" "by_id" {
  id = vdam_virtual_machine.library.id
}

data "vdam_virtual_machine" "by_name" {
  name = "app"
}

data "vdam_virtual_machines" "all" {}

data "vdam_virtual_machines" "labelled" {
  operator = "lnb"
  labels   = { tier = "library" }
}

data "vdam_virtual_machines" "none" {
  labels = { tier = "library" }
}
`),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionNoop),
				ConfigStateChecks: kept.checks(
					acctest.Attributes("data.vdam_virtual_machine.by_id", far),
					acctest.Attributes("data.vdam_virtual_machine.by_name", with(minimalAttributes(), stopped)),
					acctest.Attributes("data.vdam_virtual_machines.all", map[string]knownvalue.Check{
						"operator": knownvalue.StringExact("lvrtc"), "labels": knownvalue.Null(),
						"virtual_machines": knownvalue.ListExact([]knownvalue.Check{
							knownvalue.ObjectExact(with(minimalAttributes(), stopped)),
						}),
					}),
					acctest.Some("data.vdam_virtual_machines.labelled", map[string]knownvalue.Check{
						"operator":         knownvalue.StringExact("lnb"),
						"virtual_machines": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(far)}),
					}),
					acctest.Some("data.vdam_virtual_machines.none", map[string]knownvalue.Check{
						"virtual_machines": knownvalue.ListExact(nil),
					}),
				),
			},
		},
	})
}

// TestAcceptanceBootVolume has disks outlive their machines, and machines boot what exists.
func TestAcceptanceBootVolume(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	retained := strings.Replace(minimal(`  zone = "riga-2"`), `"delete"`, `"retain"`, 1)
	// fromVolume boots a volume; the disk of the machine that is gone is still there to be chosen.
	fromVolume := func(volume string) string {
		return `
data "vdam_storage_volume" "boot" {
  name = "app-boot"
}

resource "vdam_storage_volume" "other" {
  name                = "other"
  size_gib            = 20
  zone                = "riga-2"
  deletion_protection = false
}

resource "vdam_virtual_machine" "app" {
  name           = "app-2"
  vcpus          = 2
  memory_mib     = 2048
  boot_volume_id = ` + volume + `
}
`
	}
	id, other := tfjsonpath.New("id"), statecheck.CompareValue(compare.ValuesDiffer())
	fromDisk := with(with(minimalAttributes(), ofResource()), map[string]knownvalue.Check{
		"name": knownvalue.StringExact("app-2"), "zone": knownvalue.StringExact("riga-2"), "vcpus": knownvalue.Int64Exact(2),
		"memory_mib": knownvalue.Int64Exact(2048), "image": knownvalue.Null(), "boot_disk": knownvalue.Null(),
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t, "lvrtc/storage-volumes/app-boot"),
		Steps: []resource.TestStep{
			{
				Config: env.Config(retained),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Some(app, map[string]knownvalue.Check{
					"boot_disk": disk(10, "standard", "retain"), "zone": knownvalue.StringExact("riga-2"),
				})},
			},
			{
				// Grown as a volume, the disk is larger for its machine, too, which would shrink it.
				PreConfig: func() { env.Change(t, "lvrtc", "storage-volumes/app-boot", `{"size_gib": 12}`) },
				Config:    env.Config(retained),
				ExpectError: acctest.Refusal{Address: app,
					Summary: `The boot disk of virtual machine "app" cannot shrink from 12 to 10 GiB`}.Pattern(),
			},
			{
				Config: env.Config(strings.Replace(retained, "size_gib = 10", "size_gib = 12", 1)), Destroy: true,
			},
			{
				PreConfig: func() {
					if v := env.Body(t, "lvrtc", "storage-volumes/app-boot"); v["state"] != "ready" || v["size_gib"] != 12.0 {
						t.Errorf("the retained disk is %v", v)
					}
				},
				Config:           env.Config(fromVolume("data.vdam_storage_volume.boot.id")),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes(app, fromDisk), other.AddStateValue(app, id),
					statecheck.CompareValuePairs(app, tfjsonpath.New("boot_volume_id"), "data.vdam_storage_volume.boot", id,
						compare.ValuesSame()),
					acctest.Some("data.vdam_storage_volume.boot", map[string]knownvalue.Check{
						"size_gib": knownvalue.Int64Exact(12), "image": knownvalue.StringExact("lvrtc/debian-13-20261102"),
					}),
				},
			},
			{ResourceName: app, ImportState: true, ImportStateVerify: true},
			{
				// Another volume needs another machine, and leaves the first one as it was.
				Config:           env.Config(fromVolume("vdam_storage_volume.other.id")),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes(app, fromDisk), other.AddStateValue(app, id),
					statecheck.CompareValuePairs(app, tfjsonpath.New("boot_volume_id"), "vdam_storage_volume.other", id,
						compare.ValuesSame()),
				},
			},
			{
				// So does a change from a volume to an image. The retained disk has its name still.
				Config:           env.Config(strings.Replace(minimal(""), `= "app"`, `= "app-3"`, 1)),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionReplace),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Some(app, map[string]knownvalue.Check{"boot_disk": disk(10, "standard", "delete")}),
				},
			},
		},
	})
}

func TestAcceptanceUserData(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	const first, second = "#cloud-config\npassword: pirmais-noslēpums\n", "#cloud-config\npassword: otrais-noslēpums\n"
	id := sameValues(tfjsonpath.New("id"))
	writeOnly := func(value string, version int) string {
		return env.Config(minimal(fmt.Sprintf("  user_data_wo = %q\n  user_data_wo_version = %d", value, version)))
	}
	// changes checks how often the machine was changed at the operator since the last time; the operator never shows what
	// user data it has.
	changes := func(want int) resource.TestCheckFunc {
		return func(*terraform.State) error {
			n := 0
			for _, r := range env.Box.Requests() {
				if r.Method == "PATCH" && strings.Contains(r.Path, "/virtual-machines/") && r.Status < 300 {
					n++
				}
			}
			env.Box.ResetRequests()
			if n != want {
				return fmt.Errorf("the machine was changed %d times, want %d", n, want)
			}
			return nil
		}
	}
	etag := ""
	etagDiffers := func() {
		is, _ := env.Body(t, "lvrtc", "virtual-machines/app")["etag"].(string)
		if is == "" || is == etag {
			t.Errorf("the machine's ETag was %q and is %q", etag, is)
		}
		etag = is
	}
	version := func(v int64) statecheck.StateCheck {
		return acctest.Some(app, map[string]knownvalue.Check{
			"user_data": knownvalue.Null(), "user_data_wo": knownvalue.Null(), "user_data_wo_version": knownvalue.Int64Exact(v),
		})
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config:            writeOnly(first, 1),
				ConfigPlanChecks:  plans(app, plancheck.ResourceActionCreate),
				ConfigStateChecks: id.checks(version(1), acctest.Lacks("nosl")),
				Check:             changes(0),
			},
			{
				PreConfig: etagDiffers,
				// Of another value alone nobody knows.
				Config:            writeOnly(second, 1),
				ConfigPlanChecks:  plans(app, plancheck.ResourceActionNoop),
				ConfigStateChecks: id.checks(version(1), acctest.Lacks("nosl")),
				Check:             changes(0),
			},
			{
				Config:            writeOnly(second, 2),
				ConfigPlanChecks:  plans(app, plancheck.ResourceActionUpdate),
				ConfigStateChecks: id.checks(version(2), acctest.Lacks("nosl")),
				Check:             changes(1),
			},
			{
				PreConfig:        etagDiffers,
				Config:           env.Config(minimal("  user_data = \"redzams\"")),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionUpdate),
				ConfigStateChecks: id.checks(acctest.Some(app, map[string]knownvalue.Check{
					"user_data": knownvalue.StringExact("redzams"), "user_data_wo_version": knownvalue.Null(),
				}), statecheck.ExpectSensitiveValue(app, tfjsonpath.New("user_data"))),
				Check: changes(1),
			},
			{
				PreConfig:         etagDiffers,
				Config:            env.Config(minimal("")),
				ConfigPlanChecks:  plans(app, plancheck.ResourceActionUpdate),
				ConfigStateChecks: id.checks(acctest.Attributes(app, with(minimalAttributes(), ofResource()))),
				Check:             changes(1),
			},
			{
				PreConfig: etagDiffers,
				Config:    writeOnly(first, 1), ConfigStateChecks: id.checks(version(1), acctest.Lacks("nosl")),
				ConfigPlanChecks: plans(app, plancheck.ResourceActionUpdate),
				Check:            changes(1),
			},
		},
	})
}

// TestAcceptanceRetainedName has a machine replaced whose disk is retained: the new machine's disk gets another name.
func TestAcceptanceRetainedName(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	retained := strings.Replace(minimal(""), `"delete"`, `"retain"`, 1)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t, "lvrtc/storage-volumes/app-boot", "lvrtc/storage-volumes/app-boot-2"),
		Steps: []resource.TestStep{
			{Config: env.Config(retained)},
			{Config: env.Config(strings.Replace(retained, "debian-13-20261102", "debian-13-20260601", 1))},
		},
	})
}

func TestAcceptanceRefusals(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic", "lnb")
	// machine has the required arguments that are not given.
	machine := func(name, arguments string) string {
		for _, a := range []string{
			`name = "` + strings.ReplaceAll(name, "_", "-") + `"`, "vcpus = 1", "memory_mib = 2048",
			`image = "lvrtc/debian-13-20261102"`, `boot_disk = { size_gib = 10, on_destroy = "delete" }`,
		} {
			if argument, _, _ := strings.Cut(a, " "); !strings.Contains("\n"+arguments, "\n"+argument+" ") {
				arguments += "\n" + a
			}
		}
		return fmt.Sprintf("resource \"vdam_virtual_machine\" %q {\n%s\n}\n", name, arguments)
	}
	at := func(name string) string { return "vdam_virtual_machine." + name }
	t.Run("before anything is asked", func(t *testing.T) {
		env.Refuse(t, env.Config(machine("capital", `name = "App"`)+
			machine("both", `boot_volume_id = "lvrtc/vol-1"`)+
			`
resource "vdam_virtual_machine" "neither" {
  name       = "neither"
  vcpus      = 1
  memory_mib = 1024
}

resource "vdam_virtual_machine" "no_disk" {
  name           = "no-disk"
  vcpus          = 1
  memory_mib     = 1024
  image          = "lvrtc/debian-13-20261102"
  boot_volume_id = "lvrtc/vol-1"
}
`+
			machine("power", `power_state = "off"`)+
			machine("on_destroy", `boot_disk = { size_gib = 10, on_destroy = "keep" }`)+
			machine("two_data", "user_data = \"a\"\nuser_data_wo = \"b\"\nuser_data_wo_version = 1")+
			machine("no_version", `user_data_wo = "b"`)+
			machine("no_data", `user_data_wo_version = 1`)),
			acctest.Refusal{Address: at("capital"), At: `name = "App"`, Summary: "Invalid Attribute Value Match"},
			acctest.Refusal{Address: at("both"), At: "boot_disk =", Summary: "Invalid Attribute Combination",
				Detail: "2 attributes specified when one (and only one) of [boot_disk,boot_volume_id] is required"},
			acctest.Refusal{Address: at("neither"), Summary: "Invalid Attribute Combination",
				Detail: "No attribute specified when one (and only one) of [boot_disk,boot_volume_id] is required"},
			acctest.Refusal{Address: at("no_disk"), At: "image =", Summary: "Invalid Attribute Combination",
				Detail: `Attribute "boot_disk" must be specified when "image" is specified`},
			acctest.Refusal{Address: at("power"), At: `power_state = "off"`, Summary: "Invalid Attribute Value Match",
				Detail: `Attribute power_state value must be one of: ["running" "stopped"], got: "off"`},
			acctest.Refusal{Address: at("on_destroy"), Summary: "Invalid Attribute Value Match",
				Detail: `Attribute boot_disk.on_destroy value must be one of: ["delete" "retain"], got: "keep"`},
			acctest.Refusal{Address: at("two_data"), At: `user_data =`, Summary: "Invalid Attribute Combination",
				Detail: `Attribute "user_data_wo" cannot be specified when "user_data" is specified`},
			acctest.Refusal{Address: at("no_version"), At: `user_data_wo =`, Summary: "Invalid Attribute Combination",
				Detail: `Attribute "user_data_wo_version" must be specified when "user_data_wo" is specified`},
			acctest.Refusal{Address: at("no_data"), At: `user_data_wo_version =`, Summary: "Invalid Attribute Combination",
				Detail: `Attribute "user_data_wo" must be specified when "user_data_wo_version" is specified`},
		)
	})
	t.Run("at plan", func(t *testing.T) {
		nic := func(arguments string) string { return "network_interfaces = [{ " + arguments + " }]" }
		env.Refuse(t, env.Config(
			machine("fixed", "operator = \"lnb\"\nvcpus = 3\nmemory_mib = 6144\nimage = \"lnb/deb13\"")+
				machine("odd", "operator = \"iem-ic\"\nvcpus = 3\nmemory_mib = 4096\nimage = \"iem-ic/img-0001\"\n"+
					`boot_disk = { size_gib = 16, on_destroy = "delete" }`)+
				machine("memory", "vcpus = 2\nmemory_mib = 1500")+
				machine("zone", `zone = "a"`)+
				machine("class", `boot_disk = { size_gib = 10, class = "nvme", on_destroy = "delete" }`)+
				machine("off_step", `boot_disk = { size_gib = 15, class = "fast", on_destroy = "delete" }`)+
				machine("small", "image = \"lvrtc/windows-server-2025-20261014\"\n"+
					`boot_disk = { size_gib = 30, on_destroy = "delete" }`)+
				machine("image", `image = "lvrtc/debian-11"`)+
				machine("image_id", `image = "debian-13"`)+
				machine("far_image", `image = "lnb/deb13"`)+
				machine("far_network", nic(`network_id = "lnb/net-1"`))+
				machine("network", nic(`network_id = "app"`))+
				machine("far_group", nic(`network_id = "lvrtc/net-1", security_group_ids = ["iem-ic/sg-1"]`))+
				machine("address", nic(`network_id = "lvrtc/net-1", ip_address = "10.20.0.300"`))+
				machine("writing", nic(`network_id = "lvrtc/net-1", ip_address = "2001:DB8::7"`))+
				machine("nowhere", `operator = "other"`)+
				`
resource "vdam_virtual_machine" "far_volume" {
  name           = "far-volume"
  vcpus          = 1
  memory_mib     = 1024
  boot_volume_id = "lnb/vol-1"
}

resource "vdam_virtual_machine" "no_image" {
  name       = "no-image"
  vcpus      = 1
  memory_mib = 1024
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
}

data "vdam_virtual_machine" "gone" {
  id = "lvrtc/vm-1"
}

data "vdam_virtual_machine" "unnamed" {
  name = "app"
}
`),
			acctest.Refusal{Address: at("fixed"), At: "vcpus = 3", Summary: `Operator "lnb" has no size for 3 vCPU and 6144 MiB`,
				Detail: "lnb offers fixed sizes. The nearest are m1.medium (2 vCPU, 4096 MiB) and m1.large (4 vCPU, 8192 MiB)."},
			acctest.Refusal{Address: at("odd"), At: "vcpus = 3", Summary: `Operator "iem-ic" has no size for 3 vCPU and 4096 MiB`,
				Detail: "iem-ic offers sizes in steps. The nearest are even (2 vCPU, 4096 MiB) and even (4 vCPU, 4096 MiB)."},
			acctest.Refusal{Address: at("memory"), At: "memory_mib = 1500", Summary: `Operator "lvrtc" has no size for 2 vCPU and 1500 MiB`,
				Detail: "lvrtc offers sizes in steps. The nearest are standard (2 vCPU, 1024 MiB) and standard (2 vCPU, 2048 MiB)."},
			acctest.Refusal{Address: at("zone"), At: `zone = "a"`, Summary: `lvrtc has no zone "a"`, Detail: "It has: riga-1, riga-2."},
			acctest.Refusal{Address: at("class"), Summary: `lvrtc has no volume class "nvme"`, Detail: "It has: standard, fast."},
			acctest.Refusal{Address: at("off_step"), Summary: "lvrtc has no fast volume of 15 GiB",
				Detail: "It offers 10 to 4096 GiB in steps of 10. The nearest are 10 and 20 GiB."},
			acctest.Refusal{Address: at("small"), Summary: `Image "windows-server-2025" needs a boot disk of at least 40 GiB, not 30`,
				Detail: "Set boot_disk.size_gib to 40 or more, or choose a smaller image."},
			acctest.Refusal{Address: at("image"), At: "image =", Summary: `lvrtc has no image "lvrtc/debian-11"`,
				Detail: "Images come and go; data.vdam_images lists those that there are"},
			acctest.Refusal{Address: at("image_id"), At: "image =", Summary: `"debian-13" is not the id of an image`},
			acctest.Refusal{Address: at("far_image"), At: "image =", Summary: "This image is at lnb, not at lvrtc",
				Detail: "Both have to be at the same operator."},
			acctest.Refusal{Address: at("far_network"), Summary: "This network is at lnb, not at lvrtc"},
			acctest.Refusal{Address: at("network"), Summary: `"app" is not the id of a network`},
			acctest.Refusal{Address: at("far_group"), Summary: "This security group is at iem-ic, not at lvrtc"},
			acctest.Refusal{Address: at("address"), Summary: "Not an IP address: 10.20.0.300"},
			acctest.Refusal{Address: at("writing"), Summary: "Not the usual writing of an IP address: 2001:DB8::7",
				Detail: "Write it as 2001:db8::7."},
			acctest.Refusal{Address: at("nowhere"), At: `operator = "other"`,
				Summary: `The provider block configures no operator "other"`, Detail: "It has: iem-ic, lnb, lvrtc."},
			acctest.Refusal{Address: at("far_volume"), At: "boot_volume_id =", Summary: "This storage volume is at lnb, not at lvrtc"},
			acctest.Refusal{Address: at("no_image"), At: "boot_disk =",
				Summary: `Nothing says what the boot disk of virtual machine "no-image" is made of`,
				Detail:  "Set image, or restore_from to fill it from a recovery point"},
			acctest.Refusal{Address: "data.vdam_virtual_machine.gone",
				Summary: `lvrtc refused the reading of virtual machine "lvrtc/vm-1": not found`},
			acctest.Refusal{Address: "data.vdam_virtual_machine.unnamed",
				Summary: `lvrtc refused the reading of virtual machine "app": not found`,
				Detail:  `Project "registry" has no virtual machine of this name.`},
		)
	})
}
