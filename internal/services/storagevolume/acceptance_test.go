package storagevolume_test

import (
	"fmt"
	"maps"
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

const data = "vdam_storage_volume.data"

// dataVolume has every attribute.
const dataVolume = `
resource "vdam_storage_volume" "data" {
  operator            = "iem-ic"
  name                = "data"
  description         = "` + acctest.Diacritics + `"
  labels              = { tier = "data", vieta = "Ķīšezers" }
  size_gib            = 64
  class               = "archive"
  zone                = "b"
  deletion_protection = false
  timeouts            = { create = "5m", update = "6m", delete = "7m" }
}
`

func plans(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func dataAttributes() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("iem-ic"), "operator": knownvalue.StringExact("iem-ic"), "status": knownvalue.StringExact("ready"),
		"created_at": acctest.Time, "name": knownvalue.StringExact("data"),
		"description":         knownvalue.StringExact(acctest.Diacritics),
		"labels":              acctest.Labels("tier", "data", "vieta", "Ķīšezers"),
		"effective_labels":    acctest.Labels("suite", "acctest", "tier", "data", "vieta", "Ķīšezers"),
		"size_gib":            knownvalue.Int64Exact(64),
		"class":               knownvalue.StringExact("archive"),
		"zone":                knownvalue.StringExact("b"),
		"deletion_protection": knownvalue.Bool(false),
		"image":               knownvalue.Null(),
		"virtual_machine_id":  knownvalue.Null(),
		"metered_since":       acctest.Time,
		"restored":            knownvalue.Null(),
	}
}

// dataResource are the resource's, which data sources have all but timeouts and restore_from of.
func dataResource() map[string]knownvalue.Check {
	all := dataAttributes()
	all["timeouts"] = knownvalue.ObjectExact(map[string]knownvalue.Check{
		"create": knownvalue.StringExact("5m"), "update": knownvalue.StringExact("6m"), "delete": knownvalue.StringExact("7m"),
	})
	all["restore_from"] = knownvalue.Null()
	return all
}

func minimalAttributes() map[string]knownvalue.Check {
	all := dataAttributes()
	maps.Copy(all, map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "operator": knownvalue.StringExact("lvrtc"), "description": knownvalue.Null(),
		"labels": knownvalue.Null(), "effective_labels": acctest.Labels("suite", "acctest"),
		"size_gib": knownvalue.Int64Exact(1), "class": knownvalue.StringExact("standard"),
		"zone": knownvalue.StringExact("riga-1"), "deletion_protection": knownvalue.Bool(true),
	})
	return all
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	same, other := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	// changed is the volume with other arguments than its name.
	changed := func(arguments string) string {
		return env.Config(`resource "vdam_storage_volume" "data" {
  name = "data"
` + arguments + `
}`)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config:            env.Config(dataVolume),
				ConfigPlanChecks:  plans(data, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes(data, dataResource()), same.AddStateValue(data, id)},
			},
			{ResourceName: data, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"}},
			{
				// It grows, takes another name, and what is optional is taken away. Class and zone stay as they are, which
				// the operator has others for by default.
				Config: env.Config(`resource "vdam_storage_volume" "data" {
					name     = "data-2"
					size_gib = 128
				}`),
				ConfigPlanChecks: plans(data, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					same.AddStateValue(data, id),
					acctest.Attributes(data, map[string]knownvalue.Check{
						"id": acctest.ID("iem-ic"), "operator": knownvalue.StringExact("iem-ic"),
						"status": knownvalue.StringExact("ready"), "created_at": acctest.Time,
						"name": knownvalue.StringExact("data-2"), "description": knownvalue.Null(), "labels": knownvalue.Null(),
						"effective_labels": acctest.Labels("suite", "acctest"), "size_gib": knownvalue.Int64Exact(128),
						"class": knownvalue.StringExact("archive"), "zone": knownvalue.StringExact("b"),
						"deletion_protection": knownvalue.Bool(true), "image": knownvalue.Null(),
						"virtual_machine_id": knownvalue.Null(), "metered_since": acctest.Time, "timeouts": knownvalue.Null(),
						"restore_from": knownvalue.Null(), "restored": knownvalue.Null(),
					}),
				},
			},
			{
				// Somebody changes it at the operator's portal: the plan shows that, and puts it back.
				PreConfig: func() {
					env.Change(t, "iem-ic", "storage-volumes/data-2",
						`{"name": "cits", "description": "Svešs", "labels": {"suite": "x"}, "deletion_protection": false}`)
				},
				Config:           changed(`  size_gib = 128`),
				ConfigPlanChecks: plans(data, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					same.AddStateValue(data, id),
					acctest.Some(data, map[string]knownvalue.Check{
						"name": knownvalue.StringExact("data"), "description": knownvalue.Null(),
						"effective_labels": acctest.Labels("suite", "acctest"), "deletion_protection": knownvalue.Bool(true),
					}),
				},
			},
			{
				// Grown there, it cannot shrink back.
				PreConfig: func() { env.Change(t, "iem-ic", "storage-volumes/data", `{"size_gib": 192}`) },
				Config:    changed(`  size_gib = 128`),
				ExpectError: acctest.Refusal{Address: data, At: "size_gib = 128",
					Summary: `Storage volume "data" cannot shrink from 192 to 128 GiB`,
					Detail: "Shrinking would cut data off. Leave the size, or make a smaller volume beside this one and copy " +
						"what is needed."}.Pattern(),
			},
			{
				Config: changed(`  size_gib = 192
  zone     = "a"`),
				ExpectError: acctest.Refusal{Address: data, At: `zone = "a"`,
					Summary: `Changing zone would destroy storage volume "data"`,
					Detail: "It cannot be changed in place: a new one would be made and the data of this one lost. Set it back, " +
						"or, if that is intended, set deletion_protection = false, apply, and change it then."}.Pattern(),
			},
			{
				Config: env.Config(``),
				ExpectError: acctest.Refusal{Summary: `Storage volume "data" is protected from deletion`,
					Detail: "Its data would be gone. If that is intended, set deletion_protection = false, apply, and destroy " +
						"then."}.Pattern(),
			},
			{
				// To take the protection off together with what it protects from is no way around it.
				Config: changed(`  size_gib = 192
  class    = "nvme"
  deletion_protection = false`),
				ExpectError: acctest.Refusal{Address: data, At: `class = "nvme"`,
					Summary: `Changing class would destroy storage volume "data"`}.Pattern(),
			},
			{
				Config: changed(`  size_gib = 192
  deletion_protection = false`),
				ConfigPlanChecks:  plans(data, plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(data, id), other.AddStateValue(data, id)},
			},
			{
				// A new volume is where the configuration says, and where it says nothing at the operator's default.
				Config: changed(`  operator = "iem-ic"
  size_gib = 192
  class    = "nvme"
  deletion_protection = false`),
				ConfigPlanChecks: plans(data, plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					other.AddStateValue(data, id),
					acctest.Some(data, map[string]knownvalue.Check{
						"class": knownvalue.StringExact("nvme"), "zone": knownvalue.StringExact("a"),
					}),
				},
			},
			{
				PreConfig:         func() { env.Remove(t, "iem-ic", "storage-volumes/data") },
				Config:            env.Config(dataVolume),
				ConfigPlanChecks:  plans(data, plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes(data, dataResource()), other.AddStateValue(data, id)},
			},
			{
				ResourceName: data, ImportState: true, ImportStateId: "data",
				ExpectError: acctest.Words(`"data" is not the id of a storage volume`, `Write <operator>/<id>`),
			},
			{
				ResourceName: data, ImportState: true, ImportStateId: "lnb/vol-1",
				ExpectError: acctest.Words(`The provider block configures no operator "lnb"`, `It has: iem-ic, lvrtc.`),
			},
		},
	})
}

func TestAcceptanceMinimal(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	minimal, all := minimalAttributes(), minimalAttributes()
	minimal["timeouts"], minimal["restore_from"] = knownvalue.Null(), knownvalue.Null()
	volumes := func(protection string) string {
		return `
resource "vdam_storage_volume" "data" {
  name     = "data"
  size_gib = 1
` + protection + `
}
`
	}
	both := volumes("") + dataVolume[:len("\nresource \"vdam_storage_volume\" \"")] + "far" +
		dataVolume[len("\nresource \"vdam_storage_volume\" \"data"):]
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: env.Config(both), ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes(data, minimal)}},
			{ResourceName: data, ImportState: true, ImportStateVerify: true},
			{
				Config: env.Config(both + `
data "vdam_storage_volume" "by_id" {
  id = vdam_storage_volume.far.id
}

data "vdam_storage_volume" "by_name" {
  name = "data"
}

data "vdam_storage_volumes" "all" {}

data "vdam_storage_volumes" "labelled" {
  operator = "iem-ic"
  labels   = { tier = "data" }
}

data "vdam_storage_volumes" "none" {
  labels = { tier = "data" }
}
`),
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes("data.vdam_storage_volume.by_id", dataAttributes()),
					acctest.Attributes("data.vdam_storage_volume.by_name", all),
					acctest.Attributes("data.vdam_storage_volumes.all", map[string]knownvalue.Check{
						"operator": knownvalue.StringExact("lvrtc"), "labels": knownvalue.Null(),
						"storage_volumes": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(all)}),
					}),
					acctest.Some("data.vdam_storage_volumes.labelled", map[string]knownvalue.Check{
						"operator":        knownvalue.StringExact("iem-ic"),
						"storage_volumes": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(dataAttributes())}),
					}),
					acctest.Some("data.vdam_storage_volumes.none", map[string]knownvalue.Check{
						"storage_volumes": knownvalue.ListExact(nil),
					}),
				},
			},
			{
				// A destroy of everything is refused, and everything is still there.
				Config: env.Config(both), Destroy: true,
				ExpectError: acctest.Refusal{Summary: `Storage volume "data" is protected from deletion`}.Pattern(),
			},
			{
				Config: env.Config(volumes("  deletion_protection = false")),
				Check: func(*terraform.State) error {
					if p := env.Body(t, "lvrtc", "storage-volumes/data")["deletion_protection"]; p != false {
						return fmt.Errorf("the operator still says deletion_protection = %v", p)
					}
					return nil
				},
			},
		},
	})
}

func TestAcceptanceRefusals(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	t.Run("before anything is asked", func(t *testing.T) {
		env.Refuse(t, env.Config(`
resource "vdam_storage_volume" "name" {
  name     = "-data"
  size_gib = 10
}

resource "vdam_storage_volume" "empty" {
  name     = "empty"
  size_gib = 0
}
`),
			acctest.Refusal{Address: "vdam_storage_volume.name", At: `name = "-data"`, Summary: "Invalid Attribute Value Match"},
			acctest.Refusal{Address: "vdam_storage_volume.empty", At: `size_gib = 0`, Summary: "Invalid Attribute Value",
				Detail: "Attribute size_gib value must be at least 1, got: 0"},
		)
	})
	t.Run("at plan", func(t *testing.T) {
		env.Refuse(t, env.Config(`
resource "vdam_storage_volume" "off_step" {
  name     = "off-step"
  class    = "fast"
  size_gib = 15
}

resource "vdam_storage_volume" "small" {
  operator = "iem-ic"
  name     = "small"
  size_gib = 4
}

resource "vdam_storage_volume" "large" {
  name     = "large"
  size_gib = 16385
}

resource "vdam_storage_volume" "zone" {
  name     = "zone"
  size_gib = 10
  zone     = "riga-3"
}

resource "vdam_storage_volume" "class" {
  name     = "class"
  size_gib = 10
  class    = "nvme"
}

resource "vdam_storage_volume" "both" {
  operator = "iem-ic"
  name     = "both"
  size_gib = 100
  class    = "archive"
  zone     = "riga-1"
}

resource "vdam_storage_volume" "nowhere" {
  operator = "lnb"
  name     = "nowhere"
  size_gib = 10
}

data "vdam_storage_volume" "gone" {
  id = "lvrtc/vol-1"
}

data "vdam_storage_volume" "unnamed" {
  operator = "iem-ic"
  name     = "data"
}
`),
			acctest.Refusal{Address: "vdam_storage_volume.off_step", At: "size_gib = 15", Summary: "lvrtc has no fast volume of 15 GiB",
				Detail: "It offers 10 to 4096 GiB in steps of 10. The nearest are 10 and 20 GiB."},
			acctest.Refusal{Address: "vdam_storage_volume.small", At: "size_gib = 4", Summary: "iem-ic has no nvme volume of 4 GiB",
				Detail: "It offers 8 to 8192 GiB in steps of 8. The nearest is 8 GiB."},
			acctest.Refusal{Address: "vdam_storage_volume.large", At: "size_gib = 16385",
				Summary: "lvrtc has no standard volume of 16385 GiB", Detail: "It offers 1 to 16384 GiB in steps of 1. The nearest is 16384 GiB."},
			acctest.Refusal{Address: "vdam_storage_volume.zone", At: `zone = "riga-3"`, Summary: `lvrtc has no zone "riga-3"`,
				Detail: "It has: riga-1, riga-2."},
			acctest.Refusal{Address: "vdam_storage_volume.class", At: `class = "nvme"`, Summary: `lvrtc has no volume class "nvme"`,
				Detail: "It has: standard, fast."},
			acctest.Refusal{Address: "vdam_storage_volume.both", At: `zone = "riga-1"`, Summary: `iem-ic has no zone "riga-1"`,
				Detail: "It has: a, b."},
			acctest.Refusal{Address: "vdam_storage_volume.both", At: `size_gib = 100`, Summary: `iem-ic has no archive volume of 100 GiB`,
				Detail: "It offers 64 to 32768 GiB in steps of 64. The nearest are 64 and 128 GiB."},
			acctest.Refusal{Address: "vdam_storage_volume.nowhere", At: `operator = "lnb"`,
				Summary: `The provider block configures no operator "lnb"`, Detail: "It has: iem-ic, lvrtc."},
			acctest.Refusal{Address: "data.vdam_storage_volume.gone",
				Summary: `lvrtc refused the reading of storage volume "lvrtc/vol-1": not found`},
			acctest.Refusal{Address: "data.vdam_storage_volume.unnamed",
				Summary: `iem-ic refused the reading of storage volume "data": not found`,
				Detail:  `Project "registry" has no storage volume of this name.`},
		)
	})
}
