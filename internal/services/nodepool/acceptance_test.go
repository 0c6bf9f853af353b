package nodepool_test

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

const batch = "vdam_node_pool.batch"

// withPool is a cluster and a pool called batch.
func withPool(env *acctest.Env, pools, arguments string) string {
	return env.Config(`
resource "vdam_container_cluster" "app" {
  name                = "app"
  kubernetes_version  = "1.34"
  deletion_protection = false
` + pools + `
}

resource "vdam_node_pool" "batch" {
  cluster_id = vdam_container_cluster.app.id
` + arguments + `
}
`)
}

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(batch, action),
		plancheck.ExpectResourceAction("vdam_container_cluster.app", map[bool]plancheck.ResourceActionType{
			true: plancheck.ResourceActionCreate, false: plancheck.ResourceActionNoop,
		}[action == plancheck.ResourceActionCreate]),
	}}
}

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

func attributes() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "operator": text("lvrtc"), "status": text("ready"), "created_at": acctest.Time, "name": text("batch"),
		"description": knownvalue.Null(), "labels": knownvalue.Null(), "effective_labels": acctest.Labels("suite", "acctest"),
		"cluster_id": acctest.ID("lvrtc"), "vcpus": knownvalue.Int64Exact(2), "memory_mib": knownvalue.Int64Exact(4096),
		"boot_disk_gib": knownvalue.Int64Exact(50), "zone": text("riga-1"), "size": knownvalue.Int64Exact(2),
		"autoscaling": knownvalue.Null(), "node_labels": knownvalue.Null(), "taints": knownvalue.Null(),
		"current_size": knownvalue.Int64Exact(2),
	}
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	same, other := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	const two = "  name = \"batch\"\n  vcpus = 2\n  memory_mib = 4096\n  size = 2\n"
	minimal := attributes()
	minimal["timeouts"] = knownvalue.Null()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: withPool(env, "", two), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{acctest.Attributes(batch, minimal), same.AddStateValue(batch, id)},
			},
			{ResourceName: batch, ImportState: true, ImportStateVerify: true},
			{
				Config: withPool(env, "", two) + `
data "vdam_node_pool" "by_name" {
  name       = "batch"
  depends_on = [vdam_node_pool.batch]
}

data "vdam_node_pools" "all" {
  depends_on = [vdam_node_pool.batch]
}
`,
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes("data.vdam_node_pool.by_name", attributes()),
					acctest.Attributes("data.vdam_node_pools.all", map[string]knownvalue.Check{
						"operator": text("lvrtc"), "labels": knownvalue.Null(),
						"node_pools": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(attributes())}),
					}),
				},
			},
			{
				Config: withPool(env, "", `
  name          = "batch-2"
  description   = "`+acctest.Diacritics+`"
  vcpus         = 4
  memory_mib    = 16384
  boot_disk_gib = 100
  autoscaling   = { min = 1, max = 4 }
  node_labels   = { "example.org/use" = "batch" }
  taints        = [{ key = "example.org/dedicated", value = "batch", effect = "NoSchedule" }]
`),
				ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(batch, id), acctest.Some(batch, map[string]knownvalue.Check{
					"vcpus": knownvalue.Int64Exact(4), "boot_disk_gib": knownvalue.Int64Exact(100), "size": knownvalue.Null(),
					"autoscaling": knownvalue.ObjectExact(map[string]knownvalue.Check{
						"min": knownvalue.Int64Exact(1), "max": knownvalue.Int64Exact(4),
					}),
					"current_size": knownvalue.Int64Exact(2), "node_labels": acctest.Labels("example.org/use", "batch"),
				})},
			},
			{
				PreConfig: func() {
					if err := env.Box.Autoscale(t.Context(), "lvrtc", env.Object(t, "lvrtc", "node-pools/batch-2").ID, "", 4); err != nil {
						t.Error(err)
					}
				},
				RefreshState: true,
				RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(batch, plancheck.ResourceActionNoop),
				}},
			},
			{
				Config: withPool(env, "", two), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(batch, id), acctest.Some(batch, map[string]knownvalue.Check{
					"size": knownvalue.Int64Exact(2), "current_size": knownvalue.Int64Exact(2), "taints": knownvalue.Null(),
					"node_labels": knownvalue.Null(), "boot_disk_gib": knownvalue.Int64Exact(100),
				})},
				Check: func(*terraform.State) error {
					body := env.Body(t, "lvrtc", "node-pools/batch")
					if body["taints"] != nil || body["autoscaling"] != nil || body["node_labels"] != nil {
						return fmt.Errorf("the operator still has %v", body)
					}
					return nil
				},
			},
			{
				// Another zone is another pool. The cluster stays.
				Config:            withPool(env, "", two+"  zone = \"riga-2\"\n"),
				ConfigPlanChecks:  plans(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{other.AddStateValue(batch, id)},
			},
			{
				PreConfig: func() { env.Remove(t, "lvrtc", "node-pools/batch") },
				Config:    withPool(env, "", two),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(batch, plancheck.ResourceActionCreate),
				}},
			},
		},
	})
}

// TestAcceptanceConflict has two places declare one pool.
func TestAcceptanceConflict(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	const (
		pools = "  node_pools = { std = { vcpus = 2, memory_mib = 4096, size = 1 } }\n"
		both  = `
  node_pools = {
    std   = { vcpus = 2, memory_mib = 4096, size = 1 }
    batch = { vcpus = 2, memory_mib = 4096, size = 1 }
  }
`
		size = "  vcpus = 2\n  memory_mib = 4096\n  size = 1\n"
	)
	own := withPool(env, pools, "  name = \"batch\"\n"+size)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: own},
			{
				// At plan, since the cluster is known.
				Config: withPool(env, pools, "  name = \"std\"\n"+size),
				ExpectError: acctest.Refusal{Address: batch, At: `name = "std"`,
					Summary: `Container cluster "app" declares a pool of this name itself`,
					Detail:  "Two places would fight over it."}.Pattern(),
			},
			{
				// The other way round it is the operator who refuses.
				Config:      withPool(env, both, "  name = \"batch\"\n"+size),
				ExpectError: acctest.Words(`lvrtc refused the change of container cluster "app"`, "a pool called batch already"),
			},
			{Config: own},
		},
	})
	if left := maps.Collect(maps.All(env.Objects(t, "lvrtc"))); len(left) > 0 {
		t.Errorf("there is still %v", left)
	}
}
