package operator_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

func object(nameAndTitle ...string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{"name": text(nameAndTitle[0]), "title": text(nameAndTitle[1])}
}

func class(name, title string, smallest, largest, step int64) knownvalue.Check {
	c := object(name, title)
	c["size_gib"] = knownvalue.ObjectExact(map[string]knownvalue.Check{
		"min": knownvalue.Int64Exact(smallest), "max": knownvalue.Int64Exact(largest), "step": knownvalue.Int64Exact(step),
	})
	return knownvalue.ObjectExact(c)
}

func price(component string, class knownvalue.Check, unit, amount string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"component": text(component), "class": class, "unit": text(unit), "per": text("minute"), "amount": text(amount),
		"currency": text("EUR"), "valid_from": text("2026-01-01T00:00:00Z"),
	})
}

// common is what the sandbox says of all operators.
func common(env *acctest.Env, name string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"name": text(name), "driver": text("selfservice"), "endpoint": text(env.Box.Endpoint(name)),
		"project":                     text(acctest.Project),
		"kinds":                       acctest.Texts("network", "security_group", "storage_volume", "virtual_machine", "volume_attachment"),
		"metering_resolution_seconds": knownvalue.Int64Exact(60),
	}
}

func lvrtc(env *acctest.Env) map[string]knownvalue.Check {
	o := common(env, "lvrtc")
	o["kinds"] = acctest.Texts("backup", "backup_plan", "backup_vault", "container_cluster", "container_cluster_backup",
		"container_cluster_backup_plan", "network", "node_pool", "security_group",
		"storage_volume", "virtual_machine", "volume_attachment")
	o["legal_name"] = text(`VAS "Latvijas Valsts radio un televīzijas centrs"`)
	o["description"] = text("Sandbox: sizes, prices and quotas are made up.")
	o["qualification"] = knownvalue.ObjectExact(map[string]knownvalue.Check{
		"tier": knownvalue.Int64Exact(3), "rack_units": knownvalue.Int64Exact(1200), "virsis_id": text("SANDBOX-1"),
	})
	o["zones"] = knownvalue.ListExact([]knownvalue.Check{
		knownvalue.ObjectExact(object("riga-1", "Rīga 1")), knownvalue.ObjectExact(object("riga-2", "Rīga 2")),
	})
	o["default_zone"] = text("riga-1")
	o["volume_classes"] = knownvalue.ListExact([]knownvalue.Check{
		class("standard", "Standarta", 1, 16384, 1), class("fast", "Ātrs", 10, 4096, 10),
	})
	o["default_volume_class"] = text("standard")
	o["prices"] = knownvalue.ListExact([]knownvalue.Check{
		price("vcpu", knownvalue.Null(), "vcpu", "0.000210"), price("memory_gib", knownvalue.Null(), "GiB", "0.000070"),
		price("storage_gib", text("standard"), "GiB", "0.0000018"), price("storage_gib", text("fast"), "GiB", "0.0000046"),
	})
	return o
}

func lnb(env *acctest.Env) map[string]knownvalue.Check {
	o := common(env, "lnb")
	o["legal_name"] = text("Latvijas Nacionālā bibliotēka")
	o["description"] = text("Sandbox: sizes, prices and quotas are made up. Fixed flavours, no long polls.")
	o["qualification"] = knownvalue.ObjectExact(map[string]knownvalue.Check{
		"tier": knownvalue.Int64Exact(2), "rack_units": knownvalue.Int64Exact(714), "virsis_id": knownvalue.Null(),
	})
	o["zones"] = knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(object("gaisma", "Gaisma"))})
	o["default_zone"] = text("gaisma")
	o["volume_classes"] = knownvalue.ListExact([]knownvalue.Check{class("ceph", "Ceph", 1, 2048, 1)})
	o["default_volume_class"] = text("ceph")
	o["prices"] = knownvalue.ListExact([]knownvalue.Check{
		price("vcpu", knownvalue.Null(), "vcpu", "0.000180"), price("memory_gib", knownvalue.Null(), "GiB", "0.000080"),
		price("storage_gib", text("ceph"), "GiB", "0.0000021"),
	})
	return o
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "lnb")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{{
			Config: env.Config(`
data "vdam_operators" "all" {}

data "vdam_operator" "one" {
  name = "lvrtc"
}
`),
			ConfigStateChecks: []statecheck.StateCheck{
				acctest.Attributes("data.vdam_operator.one", lvrtc(env)),
				acctest.Attributes("data.vdam_operators.all", map[string]knownvalue.Check{
					"operators": knownvalue.ListExact([]knownvalue.Check{
						knownvalue.ObjectExact(lnb(env)), knownvalue.ObjectExact(lvrtc(env)),
					}),
				}),
			},
		}},
	})
	env.Refuse(t, env.Config(`
data "vdam_operator" "nowhere" {
  name = "iem-ic"
}
`), acctest.Refusal{Address: "data.vdam_operator.nowhere", At: `name = "iem-ic"`,
		Summary: `The provider block configures no operator "iem-ic"`, Detail: "It has: lnb, lvrtc."})
}
