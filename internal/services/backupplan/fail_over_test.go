package backupplan_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// example is one of the examples at the operators of a sandbox, with vaults that let themselves be deleted.
func example(t *testing.T, env *acctest.Env, name string) string {
	t.Helper()
	raw, err := os.ReadFile("../../../examples/" + name + "/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(string(raw), "\nvariable ")
	if !ok {
		t.Fatalf("the example %s has no variable", name)
	}
	for _, days := range []string{"31", "35"} {
		body = strings.ReplaceAll(body, "retention_days = "+days, "retention_days = "+days+"\n  deletion_protection = false")
	}
	return env.Config("\nvariable " + body)
}

// over ends the plans and the locks of what they have made, so that the vaults can be deleted.
func over(t *testing.T, env *acctest.Env, plans ...string) {
	t.Helper()
	for _, operator := range plans {
		env.Remove(t, operator, "backup-plans/register")
	}
	env.Box.MoveClock(15 * 24 * time.Hour)
}

// TestAcceptanceExample applies examples/backup. No plan of it is empty, as the check reads again in every apply.
func TestAcceptanceExample(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic", "lnb")
	main := strings.Replace(example(t, env, "backup"), "size_gib = 64", "size_gib = 8\n  deletion_protection = false", 1)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{{
			Config: main, ConfigVariables: config.Variables{"backup_key": config.StringVariable(acctest.NewBackupKey())},
			ConfigStateChecks: []statecheck.StateCheck{
				acctest.Some("vdam_backup.first", map[string]knownvalue.Check{"recovery_points": knownvalue.ListSizeExact(1)}),
				acctest.Some("data.vdam_backup_coverage.all", map[string]knownvalue.Check{
					"unprotected": knownvalue.ListExact(nil), "stale": knownvalue.ListExact(nil),
				}),
			},
			ExpectNonEmptyPlan: true,
		}, {
			// An operator that has nothing of this lets nobody in: the check does not hold up the others.
			PreConfig: func() {
				if err := env.Box.AddFault(sandbox.Fault{Operator: "lnb", Status: 403}); err != nil {
					t.Error(err)
				}
			},
			Config: main, ConfigVariables: config.Variables{"backup_key": config.StringVariable(acctest.NewBackupKey())},
			ConfigPlanChecks: plans("vdam_backup_plan.register", plancheck.ResourceActionNoop), // Nobody sees another key of the same version.
			Check: func(*terraform.State) error {
				env.Box.ClearFaults()
				over(t, env, "iem-ic")
				return nil
			},
			ExpectNonEmptyPlan: true,
		}},
	})
}

// TestAcceptanceFailOver applies examples/fail-over in both directions, twice.
func TestAcceptanceFailOver(t *testing.T) {
	t.Parallel()
	env, key := acctest.Start(t, "lvrtc", "iem-ic"), acctest.NewBackupKey()
	main := example(t, env, "fail-over")
	active := func(side string) config.Variables {
		return config.Variables{"active": config.StringVariable(side), "backup_key": config.StringVariable(key)}
	}
	// runs checks that the register runs at one operator alone, with the bytes that the other one had.
	runs := func(at, not string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			var errs []error
			if a, b := env.Checksum(t, at, "register"), env.Checksum(t, not, "register"); a != b {
				errs = append(errs, fmt.Errorf("%s has %s, and %s %s", at, a, not, b))
			}
			env.Object(t, at, "virtual-machines/register")
			if _, two := env.Objects(t, not)["virtual-machines/register"]; two {
				errs = append(errs, fmt.Errorf("the register runs at %s, too", not))
			}
			return errors.Join(errs...)
		}
	}
	written := func(operator string, offset int64) func() {
		return func() { env.Write(t, operator, "register", offset, noise(1<<20)) }
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		CheckDestroy:             env.Gone(t),
		Steps: []resource.TestStep{
			{Config: main, ConfigVariables: active("primary")},
			{PreConfig: written("iem-ic", 0), Taint: []string{"vdam_backup.primary"}, Config: main, ConfigVariables: active("primary")},
			{
				Config: main, ConfigVariables: active("recovery"), Check: runs("lvrtc", "iem-ic"),
				ConfigPlanChecks: plans("vdam_storage_volume.primary", plancheck.ResourceActionNoop),
			},
			{PreConfig: written("lvrtc", 5<<20), Taint: []string{"vdam_backup.recovery[0]"}, Config: main, ConfigVariables: active("recovery")},
			{
				Config: main, ConfigVariables: active("primary"), Check: runs("iem-ic", "lvrtc"),
				ConfigPlanChecks: plans("vdam_storage_volume.recovery", plancheck.ResourceActionUpdate),
			},
			{PreConfig: written("iem-ic", 7<<20), Taint: []string{"vdam_backup.primary"}, Config: main, ConfigVariables: active("primary")},
			{Config: main, ConfigVariables: active("recovery"), Check: runs("lvrtc", "iem-ic")},
			{
				Config: main, ConfigVariables: active("recovery"), Destroy: true,
				ExpectError: acctest.Refusal{Summary: `Storage volume "register" is protected from deletion`}.Pattern(),
			},
			{
				Config: strings.Replace(main, `var.active == "recovery"`+"\n\n", "false\n\n", 1), ConfigVariables: active("recovery"),
				Check: func(*terraform.State) error {
					over(t, env, "iem-ic", "lvrtc")
					return nil
				},
				ExpectNonEmptyPlan: true,
			},
		},
	})
}
