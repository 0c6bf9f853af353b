package backupvault_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

const vault = "vdam_backup_vault.registry"

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(vault, action)}}
}

func config(env *acctest.Env, mode string, days, retention, arguments string) string {
	return env.Config(`
resource "vdam_backup_vault" "registry" {
  name           = "registry"
  immutability   = { mode = "` + mode + `", days = ` + days + ` }
  retention_days = ` + retention + `
` + arguments + `
}
`)
}

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

func lock(mode string, days int64) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{"mode": text(mode), "days": knownvalue.Int64Exact(days)})
}

func created() map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": acctest.ID("lvrtc"), "operator": text("lvrtc"), "status": text("ready"), "created_at": acctest.Time, "name": text("registry"),
		"description": knownvalue.Null(), "labels": knownvalue.Null(), "effective_labels": acctest.Labels("suite", "acctest"),
		"immutability": lock("governance", 7), "retention_days": knownvalue.Int64Exact(30), "quota_gib": knownvalue.Int64Exact(100),
		"beneficiary": text("iem-ic"), "deletion_protection": knownvalue.Bool(true), "url": knownvalue.NotNull(),
		"used_bytes": knownvalue.Int64Exact(0), "simulated": knownvalue.Bool(true),
	}
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	same := statecheck.CompareValue(compare.ValuesSame())
	keeps := func(more ...statecheck.StateCheck) []statecheck.StateCheck {
		return append(more, same.AddStateValue(vault, tfjsonpath.New("id")))
	}
	const limits = "  quota_gib   = 100\n  beneficiary = \"iem-ic\"\n"
	all := created()
	all["timeouts"] = knownvalue.Null()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{
				Config: config(env, "governance", "7", "30", limits), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
				ConfigStateChecks: keeps(acctest.Attributes(vault, all)),
			},
			{ResourceName: vault, ImportState: true, ImportStateVerify: true},
			{
				ResourceName: vault, ImportState: true, ImportStateKind: resource.ImportBlockWithID,
				ImportPlanChecks: resource.ImportPlanChecks{
					PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(vault, plancheck.ResourceActionNoop)},
				},
			},
			{
				Config: config(env, "governance", "7", "30", limits) + `
data "vdam_backup_vault" "by_name" {
  name       = "registry"
  depends_on = [vdam_backup_vault.registry]
}

data "vdam_backup_vaults" "all" {
  depends_on = [vdam_backup_vault.registry]
}
`,
				ConfigStateChecks: []statecheck.StateCheck{
					acctest.Attributes("data.vdam_backup_vault.by_name", created()),
					acctest.Some("data.vdam_backup_vaults.all", map[string]knownvalue.Check{
						"backup_vaults": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(created())}),
					}),
				},
			},
			{
				// It gets longer and stricter in place.
				Config:           config(env, "compliance", "14", "60", "  beneficiary = \"iem-ic\"\n"),
				ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
				ConfigStateChecks: keeps(acctest.Some(vault, map[string]knownvalue.Check{
					"immutability": lock("compliance", 14), "retention_days": knownvalue.Int64Exact(60), "quota_gib": knownvalue.Null(),
				})),
			},
			{
				Config: config(env, "compliance", "7", "60", "  beneficiary = \"iem-ic\"\n"),
				ExpectError: acctest.Refusal{Address: vault, At: "resource \"vdam_backup_vault\"",
					Summary: `Backup vault "registry" cannot go from 14 days of immutability to 7`,
					Detail:  "What is in it stays locked as it was promised. Set immutability.days to 14 or more, or make another vault"}.Pattern(),
			},
			{
				Config: config(env, "governance", "14", "60", "  beneficiary = \"iem-ic\"\n"),
				ExpectError: acctest.Refusal{Address: vault, At: "resource \"vdam_backup_vault\"",
					Summary: `Backup vault "registry" cannot go back from compliance to governance`,
					Detail:  "In the mode compliance nobody ends a lock, and nobody weakens the mode."}.Pattern(),
			},
			{
				Config: config(env, "compliance", "14", "10", "  beneficiary = \"iem-ic\"\n"),
				ExpectError: acctest.Refusal{Address: vault, At: "retention_days",
					Summary: "retention_days of 10 is less than the 14 days for which everything is locked",
					Detail:  "Nothing can expire while it is locked. Set retention_days to 14 or more."}.Pattern(),
			},
			{
				Config: config(env, "compliance", "14", "60", ""),
				ExpectError: acctest.Refusal{Address: vault,
					Summary: `Changing beneficiary would destroy backup vault "registry"`}.Pattern(),
			},
			{
				Config:      env.Config(""),
				ExpectError: acctest.Refusal{Summary: `Backup vault "registry" is protected from deletion`}.Pattern(),
			},
			{
				Config: config(env, "compliance", "14", "60", "  beneficiary = \"iem-ic\"\n  deletion_protection = false\n"),
			},
		},
	})
}
