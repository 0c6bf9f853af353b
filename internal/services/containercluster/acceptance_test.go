package containercluster_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

const app = "vdam_container_cluster.app"

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(app, action)}}
}

// cluster is one called app.
func cluster(env *acctest.Env, version, arguments string) string {
	return env.Config(fmt.Sprintf(`
resource "vdam_container_cluster" "app" {
  name               = "app"
  kubernetes_version = %q
%s
}
`, version, arguments))
}

// pools are declared by the cluster.
const (
	stdPool = `
  node_pools = {
    std = { vcpus = 2, memory_mib = 4096, size = 2 }
  }
`
	twoPools = `
  node_pools = {
    std = {
      vcpus = 2, memory_mib = 4096, size = 3
      node_labels = { "example.org/tier" = "web" }
      taints      = [{ key = "example.org/dedicated", value = "web", effect = "NoSchedule" }, { key = "b", effect = "NoExecute" }]
    }
    burst = { vcpus = 4, memory_mib = 8192, boot_disk_gib = 80, zone = "riga-2", autoscaling = { min = 1, max = 5 } }
  }
`
	unprotected = "  deletion_protection = false\n"
)

// dataSources read the cluster app in all ways.
const dataSources = `
data "vdam_container_cluster" "by_id" {
  id = vdam_container_cluster.app.id
}

data "vdam_container_cluster" "by_name" {
  name       = "app"
  depends_on = [vdam_container_cluster.app]
}

data "vdam_container_clusters" "all" {
  depends_on = [vdam_container_cluster.app]
}

data "vdam_kubernetes_versions" "offered" {}

data "vdam_kubernetes_versions" "none" {
  operator = "lnb"
}
`

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

// pool is one of node_pools as the state has it.
func pool(vcpus, memory int64, size, autoscaling knownvalue.Check, current int64, more map[string]knownvalue.Check) knownvalue.Check {
	all := map[string]knownvalue.Check{
		"vcpus": knownvalue.Int64Exact(vcpus), "memory_mib": knownvalue.Int64Exact(memory), "boot_disk_gib": knownvalue.Int64Exact(50),
		"zone": text("riga-1"), "size": size, "autoscaling": autoscaling, "node_labels": knownvalue.Null(),
		"taints": knownvalue.Null(), "current_size": knownvalue.Int64Exact(current),
	}
	for name, check := range more {
		all[name] = check
	}
	return knownvalue.ObjectExact(all)
}

func created() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "operator": text("lvrtc"), "status": text("ready"), "created_at": acctest.Time, "name": text("app"),
		"description": knownvalue.Null(), "labels": knownvalue.Null(), "effective_labels": acctest.Labels("suite", "acctest"),
		"kubernetes_version": text("1.34"), "running_version": text("1.34.4"), "auto_patch": knownvalue.Bool(true),
		"high_availability": text("none"), "api_allowed_cidrs": knownvalue.Null(), "network_id": knownvalue.Null(),
		"pod_cidr": text("10.42.0.0/16"), "service_cidr": text("10.43.0.0/16"), "oidc": knownvalue.Null(),
		"node_pools": knownvalue.MapExact(map[string]knownvalue.Check{
			"std": pool(2, 4096, knownvalue.Int64Exact(2), knownvalue.Null(), 2, nil),
		}),
		"deletion_protection": knownvalue.Bool(true), "api_endpoint": knownvalue.Null(), "ca_certificate": knownvalue.Null(),
		"simulated": knownvalue.Bool(true), "timeouts": knownvalue.Null(),
	}
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "lnb")
	same, other := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	id34 := func(arguments string) string { return cluster(env, "1.34", arguments) }
	keeps := func(more ...statecheck.StateCheck) []statecheck.StateCheck {
		return append(more, same.AddStateValue(app, id))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: id34(stdPool), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
				ConfigStateChecks: keeps(acctest.Attributes(app, created())),
			},
			{ResourceName: app, ImportState: true, ImportStateVerify: true},
			{Config: id34(stdPool) + dataSources, ConfigStateChecks: readChecks()},
			{
				// Everything that can be changed is, in place.
				Config: id34(twoPools + `
  description       = "` + acctest.Diacritics + `"
  labels            = { tier = "app" }
  auto_patch        = false
  high_availability = "zone"
  api_allowed_cidrs = ["192.0.2.0/24", "10.0.0.0/8"]
  oidc              = { issuer_url = "https://login.example.lv", client_id = "kubernetes", groups_claim = "groups" }
`),
				ConfigPlanChecks:  plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: keeps(acctest.Some(app, changed())),
			},
			{
				// The operator scales a pool by itself, but installs no patch where that is not wanted: nothing is to be done about it.
				PreConfig: func() {
					o := env.Object(t, "lvrtc", "container-clusters/app")
					if err := env.Box.Autoscale(t.Context(), "lvrtc", o.ID, "burst", 4); err != nil {
						t.Error(err)
					}
					if err := env.Box.InstallPatch(t.Context(), "lvrtc", o.ID, "1.34.9"); err == nil {
						t.Error("a patch was installed that was not to come by itself")
					}
				},
				RefreshState: true,
				RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(app, plancheck.ResourceActionNoop),
				}},
				ExpectNonEmptyPlan: false,
			},
			{
				// A pool goes, and what is optional is taken away.
				Config: id34(stdPool), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: keeps(acctest.Some(app, map[string]knownvalue.Check{
					"running_version": text("1.34.4"), "high_availability": text("zone"), "api_allowed_cidrs": knownvalue.Null(),
					"oidc": knownvalue.Null(), "description": knownvalue.Null(), "auto_patch": knownvalue.Bool(true),
					"node_pools": created()["node_pools"],
				})),
				Check: func(*terraform.State) error {
					body := env.Body(t, "lvrtc", "container-clusters/app")
					if p, ok := body["node_pools"].(map[string]any); !ok || len(p) != 1 || body["oidc"] != nil || body["api_allowed_cidrs"] != nil {
						return fmt.Errorf("the operator still has %v", body)
					}
					return nil
				},
			},
			{
				// Where patches are wanted, one comes.
				PreConfig: func() {
					if err := env.Box.InstallPatch(t.Context(), "lvrtc", env.Object(t, "lvrtc", "container-clusters/app").ID, "1.34.9"); err != nil {
						t.Error(err)
					}
				},
				Config: id34(stdPool), ConfigPlanChecks: plans(plancheck.ResourceActionNoop),
				ConfigStateChecks: keeps(acctest.Some(app, map[string]knownvalue.Check{"running_version": text("1.34.9")})),
			},
			{
				Config: cluster(env, "1.35", stdPool), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: keeps(acctest.Some(app, map[string]knownvalue.Check{
					"kubernetes_version": text("1.35"), "running_version": text("1.35.4"),
				})),
			},
			{
				Config: cluster(env, "1.35.4", stdPool), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: keeps(), // A pin to what runs is written down, and changes nothing else.
			},
			{
				Config: id34(stdPool),
				ExpectError: acctest.Refusal{Address: app, At: `kubernetes_version = "1.34"`,
					Summary: "A cluster that runs 1.35.4 cannot go to 1.34", Detail: "Kubernetes goes up one minor at a time, and never back."}.Pattern(),
			},
			{
				Config:      id34(""),
				ExpectError: acctest.Words("A cluster that runs 1.35.4 cannot go to 1.34", "lvrtc has nothing newer for it."),
			},
			{
				Config:      cluster(env, "1.35", "  high_availability = \"none\"\n"+stdPool),
				ExpectError: acctest.Words(`The control plane cannot go back from "zone" to "none"`),
			},
			{
				Config:      env.Config(""),
				ExpectError: acctest.Refusal{Summary: `Container cluster "app" is protected from deletion`}.Pattern(),
			},
			{
				Config:      cluster(env, "1.35", stdPool+"  pod_cidr = \"10.99.0.0/16\"\n"),
				ExpectError: acctest.Words(`Changing pod_cidr would destroy container cluster "app"`),
			},
			{
				// Somebody deletes it: another one is made.
				PreConfig: func() { env.Remove(t, "lvrtc", "container-clusters/app") },
				Config:    id34(stdPool + unprotected), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{other.AddStateValue(app, id)},
			},
		},
	})
}

// changed is what the second apply leads to.
func changed() map[string]knownvalue.Check {
	bounds := knownvalue.ObjectExact(map[string]knownvalue.Check{"min": knownvalue.Int64Exact(1), "max": knownvalue.Int64Exact(5)})
	return map[string]knownvalue.Check{
		"description": text(acctest.Diacritics), "labels": acctest.Labels("tier", "app"), "auto_patch": knownvalue.Bool(false),
		"high_availability": text("zone"), "running_version": text("1.34.4"),
		"api_allowed_cidrs": knownvalue.SetExact([]knownvalue.Check{text("10.0.0.0/8"), text("192.0.2.0/24")}),
		"oidc": knownvalue.ObjectExact(map[string]knownvalue.Check{
			"issuer_url": text("https://login.example.lv"), "client_id": text("kubernetes"), "username_claim": knownvalue.Null(),
			"groups_claim": text("groups"),
		}),
		"node_pools": knownvalue.MapExact(map[string]knownvalue.Check{
			"std": pool(2, 4096, knownvalue.Int64Exact(3), knownvalue.Null(), 3, map[string]knownvalue.Check{
				"node_labels": acctest.Labels("example.org/tier", "web"),
				"taints":      knownvalue.SetSizeExact(2),
			}),
			"burst": pool(4, 8192, knownvalue.Null(), bounds, 1, map[string]knownvalue.Check{
				"boot_disk_gib": knownvalue.Int64Exact(80), "zone": text("riga-2"),
			}),
		}),
	}
}

func readChecks() []statecheck.StateCheck {
	version := func(version, minor, end string) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"version": text(version), "minor": text(minor), "end_of_life": text(end)})
	}
	read := created()
	delete(read, "timeouts")
	return []statecheck.StateCheck{
		acctest.Attributes("data.vdam_container_cluster.by_id", read),
		acctest.Attributes("data.vdam_container_cluster.by_name", read),
		acctest.Attributes("data.vdam_container_clusters.all", map[string]knownvalue.Check{
			"operator": text("lvrtc"), "labels": knownvalue.Null(),
			"container_clusters": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(read)}),
		}),
		acctest.Attributes("data.vdam_kubernetes_versions.offered", map[string]knownvalue.Check{
			"operator": text("lvrtc"), "default_version": text("1.34.4"),
			"kubernetes_versions": knownvalue.ListExact([]knownvalue.Check{
				version("1.35.4", "1.35", "2030-02-28"), version("1.34.4", "1.34", "2029-10-27"), version("1.33.13", "1.33", "2026-06-28"),
			}),
		}),
		acctest.Attributes("data.vdam_kubernetes_versions.none", map[string]knownvalue.Check{
			"operator": text("lnb"), "default_version": knownvalue.Null(), "kubernetes_versions": knownvalue.ListExact(nil),
		}),
	}
}

// TestAcceptanceImport imports with a configuration, and nothing is left to do.
func TestAcceptanceImport(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	config := cluster(env, "1.34", twoPools+unprotected)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_5_0)},
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: config},
			{ResourceName: app, ImportState: true, ImportStateKind: resource.ImportBlockWithID, ImportPlanChecks: resource.ImportPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(app, plancheck.ResourceActionNoop)},
			}},
		},
	})
}

// TestAcceptanceNotOffered looks for clusters where there are none.
func TestAcceptanceNotOffered(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "lnb")
	none := acctest.Words("lnb", "not supported by this operator", "lnb offers no container clusters.", "Choose another operator")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: env.Config("data \"vdam_container_cluster\" \"x\" {\n  id = \"lnb/cluster-1\"\n}\n"), ExpectError: none},
			{Config: env.Config("data \"vdam_container_clusters\" \"x\" {\n  operator = \"lnb\"\n}\n"), ExpectError: none},
			{Config: cluster(env, "1.34", unprotected)},
			{ResourceName: app, ImportState: true, ImportStateId: "lnb/cluster-1", ExpectError: none},
		},
	})
}

// TestAcceptanceAccess asks a sandbox without Kubernetes for credentials, and operators that have none.
func TestAcceptanceAccess(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "lnb")
	access := func(arguments string) string {
		return cluster(env, "1.34", stdPool+unprotected) + `
ephemeral "vdam_container_cluster_access" "app" {
` + arguments + `
}
`
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: cluster(env, "1.34", stdPool+unprotected)},
			{
				Config: access(`  cluster_id = vdam_container_cluster.app.id`),
				ExpectError: acctest.Words("lvrtc minted no credentials for container cluster lvrtc/", "not supported by this operator",
					"there is no Kubernetes behind it", "make testbed-kubernetes-build"),
			},
			{
				Config:      access("  cluster_id = vdam_container_cluster.app.id\n  ttl = \"1m\""),
				ExpectError: acctest.Words("Credentials that live 1m0s are of no use"),
			},
			{
				Config:      access("  cluster_id = vdam_container_cluster.app.id\n  ttl = \"25h\""),
				ExpectError: acctest.Words("lvrtc issues credentials for 24h0m0s at most"),
			},
			{Config: access(`  cluster_id = "app"`), ExpectError: acctest.Words(`"app" is not the id of a container cluster`)},
			{Config: access(`  cluster_id = "lnb/cluster-1"`), ExpectError: acctest.Words("lnb offers no container clusters")},
			{
				Config:      access(`  cluster_id = "lvrtc/cluster-1"`),
				ExpectError: acctest.Words("lvrtc minted no credentials for container cluster lvrtc/cluster-1: not found"),
			},
			{
				Config:      access("  cluster_id = vdam_container_cluster.app.id\n  role = \"root\""),
				ExpectError: acctest.Words("Attribute role value must be one of"),
			},
			{Config: cluster(env, "1.34", stdPool+unprotected)},
		},
	})
}
