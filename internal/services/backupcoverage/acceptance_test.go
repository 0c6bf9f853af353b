package backupcoverage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// federation has two operators with a vault each, and a third one that offers no backups.
func federation() string {
	var b strings.Builder
	for _, operator := range []string{"lvrtc", "iem-ic", "lnb"} {
		fmt.Fprintf(&b, `
resource "vdam_storage_volume" %[1]q {
  operator            = %[1]q
  name                = "register"
  size_gib            = 16
  deletion_protection = false
}
`, operator)
	}
	for _, operator := range []string{"lvrtc", "iem-ic"} {
		fmt.Fprintf(&b, `
resource "vdam_backup_vault" %[1]q {
  operator            = %[1]q
  name                = "register"
  immutability        = { mode = "governance", days = 1 }
  retention_days      = 31
  deletion_protection = false
}
`, operator)
	}
	return b.String()
}

// plans have the two operators protect each other.
func plans(key string) string {
	var b strings.Builder
	for operator, keeper := range map[string]string{"lvrtc": "iem-ic", "iem-ic": "lvrtc"} {
		fmt.Fprintf(&b, `
resource "vdam_backup_plan" %[1]q {
  operator          = %[1]q
  name              = "register"
  sources           = [vdam_storage_volume.%[1]s.id]
  vault_id          = vdam_backup_vault.%[2]s.id
  retention         = "240h"
  encryption_key_wo = %[3]q
}
`, operator, keeper, key)
	}
	return b.String()
}

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

func ids(operators ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(operators))
	for i, operator := range operators {
		checks[i] = acctest.ID(operator)
	}
	return knownvalue.ListExact(checks)
}

func covers(address string, want map[string]knownvalue.Check) []statecheck.StateCheck {
	return []statecheck.StateCheck{acctest.Some(address, want)}
}

// cycle is the one of the two operators.
func cycle(by, domain string) knownvalue.Check {
	return knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
		"operators": acctest.Texts("iem-ic", "lvrtc"), "shared_by": text(by), "failure_domain": text(domain),
	})})
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic", "lnb")
	planned := federation() + plans(acctest.NewBackupKey())
	const all = "data.vdam_backup_coverage.all"
	coverage := func(arguments string) string {
		return "data \"vdam_backup_coverage\" \"all\" {\n" + arguments + "\n}\n"
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: env.Config(federation())},
			{
				Config: env.Config(federation() + coverage("")),
				ConfigStateChecks: covers(all, map[string]knownvalue.Check{
					"protections": knownvalue.ListExact(nil), "unprotected": ids("iem-ic", "lnb", "lvrtc"), "stale": knownvalue.ListExact(nil),
					"mutual": knownvalue.ListExact(nil), "cycles": knownvalue.ListExact(nil),
				}),
			},
			{Config: env.Config(planned)},
			{
				// Nothing has run yet: it is planned to be protected, and says that it is not so yet.
				Config: env.Config(planned + coverage("")),
				ConfigStateChecks: covers(all, map[string]knownvalue.Check{
					"unprotected": ids("lnb"), "stale": ids("iem-ic", "lvrtc"),
					"mutual": knownvalue.ListExact([]knownvalue.Check{acctest.Texts("iem-ic", "lvrtc")}),
					"cycles": cycle("endpoint", "127.0.0.1"),
					"protections": knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.ObjectExact(map[string]knownvalue.Check{
						"source_id": acctest.ID("iem-ic"), "source_name": text("register"), "kind": text("storage_volume"), "plan_id": acctest.ID("iem-ic"),
						"operator": text("iem-ic"), "vault_operator": text("lvrtc"), "last_success_at": knownvalue.Null(), "rpo_met": knownvalue.Null(),
						"stale": knownvalue.Bool(true), "last_drill": knownvalue.Null(), "separation_level": knownvalue.Int64Exact(1),
					})}),
				}),
			},
			{
				Config: env.Config(planned + coverage(`  failure_domains = { "iem-ic" = "Rīga", lvrtc = "Ogre", lnb = null }`)),
				ConfigStateChecks: covers(all, map[string]knownvalue.Check{
					"cycles": knownvalue.ListExact(nil), "protections": knownvalue.ListPartial(map[int]knownvalue.Check{
						0: knownvalue.ObjectPartial(map[string]knownvalue.Check{"separation_level": knownvalue.Int64Exact(4)}),
					}),
				}),
			},
			{
				Config:            env.Config(planned + coverage(`  failure_domains = { "iem-ic" = "Rīga", lvrtc = "Rīga" }`)),
				ConfigStateChecks: covers(all, map[string]knownvalue.Check{"cycles": cycle("failure_domains", "Rīga")}),
			},
			{
				Config:      env.Config(planned + coverage(`  failure_domains = { lvrct = "Rīga" }`)),
				ExpectError: acctest.Words(`There is no operator "lvrct"`, "no plan keeps its backups there"),
			},
			{
				Config: env.Config(planned + coverage(`  operators = ["iem-ic"]`)),
				ConfigStateChecks: covers(all, map[string]knownvalue.Check{
					"unprotected": knownvalue.ListExact(nil), "stale": ids("iem-ic"), "mutual": knownvalue.ListExact(nil),
				}),
			},
			{
				// Half a survey would call protected what nobody has looked at.
				PreConfig: func() {
					if err := env.Box.AddFault(sandbox.Fault{Operator: "lnb", Path: "storage-volumes", Status: 403}); err != nil {
						t.Error(err)
					}
				},
				Config:      env.Config(federation() + coverage("")),
				ExpectError: acctest.Words("lnb did not list its storage volumes: not allowed with these credentials"),
			},
			{PreConfig: env.Box.ClearFaults, Config: env.Config(planned)},
			{
				Config:      env.Config(planned + coverage(`  operators = ["mākonis"]`)),
				ExpectError: acctest.Words(`The provider block configures no operator "mākonis"`),
			},
		},
	})
}
