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

// TestMovesToAnotherOperator leaves class and zone to the operators, which have none in common.
func TestMovesToAnotherOperator(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "lnb")
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: config(env, `operator = "lvrtc"`)},
		{
			Config: config(env, `operator = "lnb"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(volume, plancheck.ResourceActionDestroyBeforeCreate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(volume, tfjsonpath.New("zone"), knownvalue.StringExact("gaisma")),
				statecheck.ExpectKnownValue(volume, tfjsonpath.New("class"), knownvalue.StringExact("ceph")),
			},
		},
	}})
}

// TestMadeAgainAfterADeletionThatWasNotSeen finds a volume being deleted, waits until it is gone and makes another.
func TestMadeAgainAfterADeletionThatWasNotSeen(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	short := config(env, `timeouts = { delete = "1s" }`)
	longer := config(env, "")
	var first string
	release := func() {}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: short, Check: func(*terraformState) error { first = one(t, env).ID; return nil }},
		{
			PreConfig:   func() { release = env.Box.Hold() },
			Config:      short,
			Destroy:     true,
			ExpectError: regexp.MustCompile(`is still being deleted`),
		},
		{
			Config: longer,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(volume, plancheck.ResourceActionDestroyBeforeCreate),
				planHook(func() { release() }),
			}},
			Check: func(*terraformState) error {
				if got := one(t, env); got.ID == first {
					t.Errorf("the volume that was being deleted, %s, is in the state", first)
				}
				return nil
			},
		},
	}})
}

// TestWaitsForItsName makes a volume whose name is taken by one that is being deleted.
func TestWaitsForItsName(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	release := func() {}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: config(env, `timeouts = { delete = "1s" }`)},
		{
			PreConfig:   func() { release = env.Box.Hold() },
			Config:      config(env, `timeouts = { delete = "1s" }`),
			Destroy:     true,
			ExpectError: regexp.MustCompile(`is still being deleted`),
		},
		{
			Config:           strings.Replace(config(env, ""), `"vdam_storage_volume" "data"`, `"vdam_storage_volume" "other"`, 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planHook(func() { release() })}},
			Check:            func(*terraformState) error { one(t, env); return nil },
		},
	}})
}

// TestProjectChanged keeps what is in one project when the provider block names another.
func TestProjectChanged(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	elsewhere := strings.Replace(config(env, ""), `project = "`+acctest.Project+`"`, `project = "`+sandbox.DefaultProjects()[1].Name+`"`, 1)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: config(env, "")},
		{Config: elsewhere, ExpectError: regexp.MustCompile(`The project of operator "lvrtc" has changed from "registry" to\s+"cadastre"`)},
		steady(config(env, "")),
	}})
}
