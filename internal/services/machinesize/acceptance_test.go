package machinesize_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// sizes is a range.
func sizes(smallest, largest, step int64) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"min": knownvalue.Int64Exact(smallest), "max": knownvalue.Int64Exact(largest), "step": knownvalue.Int64Exact(step),
	})
}

func family(name string, title, vcpus, memoryMiB knownvalue.Check) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"name": knownvalue.StringExact(name), "title": title, "vcpus": vcpus, "memory_mib": memoryMiB,
		"local_disk_gib": knownvalue.Null(),
	})
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "lnb")
	memory := family("memory", knownvalue.StringExact("Atmiņas"), sizes(4, 64, 4), sizes(32768, 524288, 8192))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{{
			Config: env.Config(`
data "vdam_machine_sizes" "all" {}

data "vdam_machine_sizes" "large" {
  vcpus      = 40
  memory_mib = 40960
}

data "vdam_machine_sizes" "fixed" {
  operator   = "lnb"
  memory_mib = 4096
}

data "vdam_machine_sizes" "none" {
  operator = "lnb"
  vcpus    = 3
}
`),
			ConfigStateChecks: []statecheck.StateCheck{
				acctest.Attributes("data.vdam_machine_sizes.all", map[string]knownvalue.Check{
					"operator": knownvalue.StringExact("lvrtc"), "vcpus": knownvalue.Null(), "memory_mib": knownvalue.Null(),
					"machine_sizes": knownvalue.ListExact([]knownvalue.Check{
						family("standard", knownvalue.StringExact("Standarta"), sizes(1, 32, 1), sizes(1024, 131072, 1024)), memory,
					}),
				}),
				acctest.Attributes("data.vdam_machine_sizes.large", map[string]knownvalue.Check{
					"operator": knownvalue.StringExact("lvrtc"), "vcpus": knownvalue.Int64Exact(40),
					"memory_mib": knownvalue.Int64Exact(40960), "machine_sizes": knownvalue.ListExact([]knownvalue.Check{memory}),
				}),
				acctest.Some("data.vdam_machine_sizes.fixed", map[string]knownvalue.Check{
					"operator": knownvalue.StringExact("lnb"), "machine_sizes": knownvalue.ListExact([]knownvalue.Check{
						family("m1.medium", knownvalue.Null(), sizes(2, 2, 1), sizes(4096, 4096, 1)),
					}),
				}),
				acctest.Some("data.vdam_machine_sizes.none", map[string]knownvalue.Check{
					"machine_sizes": knownvalue.ListExact(nil),
				}),
			},
		}},
	})
	env.Refuse(t, env.Config(`
data "vdam_machine_sizes" "nowhere" {
  operator = "iem-ic"
}
`), acctest.Refusal{Address: "data.vdam_machine_sizes.nowhere", At: `operator = "iem-ic"`,
		Summary: `The provider block configures no operator "iem-ic"`, Detail: "It has: lnb, lvrtc."})
}
