package lifecycle_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// TestFailedThoughProtected replaces a volume that failed to be made, although volumes are protected by default.
func TestFailedThoughProtected(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	order(t, env, sandbox.Fault{Method: "POST", Times: 1, Fail: "Nav vietas."})
	protected := strings.Replace(config(env, ""), "deletion_protection = false", "deletion_protection = true", 1)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: protected, ExpectError: regexp.MustCompile(`Nav vietas\.`)},
		{Config: protected, Check: func(*terraformState) error { one(t, env); return nil }},
		{Config: config(env, "")}, // So that it can be destroyed.
	}})
}

// TestFailedLater lifts the protection of a volume whose growing failed, and destroys it.
func TestFailedLater(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	protected := strings.Replace(config(env, ""), "deletion_protection = false", "deletion_protection = true", 1)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: protected, Check: func(*terraformState) error {
			return env.Box.Fail(t.Context(), "lvrtc", env.Objects(t, "lvrtc")[stored].ID, "Disks bojāts.")
		}},
		{
			Config: config(env, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(volume, plancheck.ResourceActionUpdate),
			}},
			ExpectError: regexp.MustCompile(`Disks bojāts\.`), // It has failed still.
		},
		{Config: config(env, ""), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(volume, tfjsonpath.New("deletion_protection"), knownvalue.Bool(false)),
		}},
	}})
}

// TestAdoptsWhileCreating adopts what a cut-off apply ordered for something else, while it is still being made.
func TestAdoptsWhileCreating(t *testing.T) {
	for name, timeouts := range map[string]string{
		"in time":     "",
		"out of time": `timeouts = { create = "1s", update = "30s" }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Start(t, "lvrtc")
			order(t, env, sandbox.Fault{Method: "POST", After: true, Status: 500})
			order(t, env, sandbox.Fault{Method: "GET", Status: 403})
			release := env.Box.Hold()
			described := config(env, `description = "Cits"`+"\n"+timeouts)
			var first sandbox.Object
			hook := planHook(func() {})
			if timeouts == "" {
				hook = releaseOnceAsked(env, release)
			}
			steps := []resource.TestStep{
				{Config: config(env, ""), ExpectError: regexp.MustCompile(`Nothing is lost`)},
				{
					PreConfig: func() {
						env.Box.ClearFaults()
						first = env.Objects(t, "lvrtc")[stored]
					},
					Config:             described,
					ConfigPlanChecks:   resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{hook}},
					ExpectNonEmptyPlan: timeouts != "",
				},
				{
					PreConfig: release,
					Config:    described,
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(volume, tfjsonpath.New("description"), knownvalue.StringExact("Cits")),
						statecheck.ExpectKnownValue(volume, status, knownvalue.StringExact("ready")),
					},
					Check: func(*terraformState) error {
						if got := one(t, env); got.ID != first.ID {
							t.Errorf("another volume was made: %s, first %s", got.ID, first.ID)
						}
						return nil
					},
				},
				steady(described),
			}
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: steps})
		})
	}
}
