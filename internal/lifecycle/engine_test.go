package lifecycle_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

const (
	volume  = "vdam_storage_volume.data"
	stored  = "storage-volumes/data"
	declare = `resource "vdam_storage_volume" "data" {
		name                = "data"
		size_gib            = 10
		deletion_protection = false
		%s
	}`
)

var status = tfjsonpath.New("status")

func order(t *testing.T, env *acctest.Env, f sandbox.Fault) {
	t.Helper()
	if f.Path == "" {
		f.Path = "storage-volumes$"
	}
	if err := env.Box.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// one asserts that there is exactly one volume, that a state knows about.
func one(t *testing.T, env *acctest.Env) sandbox.Object {
	t.Helper()
	objects := env.Objects(t, "lvrtc")
	if len(objects) != 1 {
		t.Errorf("there are %d objects; want 1: %v", len(objects), objects)
	}
	o, ok := objects[stored]
	if !ok || !o.Claimed {
		t.Errorf("the volume is there: %t, claimed: %t", ok, o.Claimed)
	}
	return o
}

func config(env *acctest.Env, more string) string {
	return env.Config(regexp.MustCompile(`%s`).ReplaceAllLiteralString(declare, more))
}

// steady is a step that finds nothing to do.
func steady(cfg string) resource.TestStep {
	return resource.TestStep{Config: cfg, ConfigPlanChecks: resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}}
}

// TestLostAnswer carries an order out and loses its answer: the same apply finds the object.
func TestLostAnswer(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"reset":     {Method: "POST", Times: 1, After: true, Reset: true},
		"truncated": {Method: "POST", Times: 1, Truncate: true},
		"500":       {Method: "POST", Times: 1, After: true, Status: 500},
		"503":       {Method: "POST", Times: 1, After: true, Status: 503},
		"page":      {Method: "POST", Times: 1, After: true, HTML: true, Status: 502},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Start(t, "lvrtc")
			order(t, env, fault)
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
				{
					Config: config(env, ""),
					Check:  func(*terraformState) error { one(t, env); return nil },
				},
				steady(config(env, "")),
			}})
		})
	}
}

// TestOutcomeUnknown never gets an answer about an order that was carried out: the apply fails, the next one adopts.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	order(t, env, sandbox.Fault{Method: "POST", After: true, Status: 500})
	order(t, env, sandbox.Fault{Method: "GET", Status: 403})
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{
			Config:      config(env, ""),
			ExpectError: regexp.MustCompile(`(?s)did not answer the order of storage volume.*Nothing is lost`),
		},
		{
			PreConfig: env.Box.ClearFaults,
			Config:    config(env, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(volume, plancheck.ResourceActionCreate),
			}},
			Check: func(*terraformState) error { one(t, env); return nil },
		},
		steady(config(env, "")),
	}})
}

// TestAdoptsAndChanges adopts what a cut-off apply ordered although the declaration has changed since.
func TestAdoptsAndChanges(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	order(t, env, sandbox.Fault{Method: "POST", After: true, Status: 500})
	order(t, env, sandbox.Fault{Method: "GET", Status: 403})
	var first sandbox.Object
	larger := env.Config(`resource "vdam_storage_volume" "data" {
		name                = "data"
		description         = "Lielāks"
		size_gib            = 20
		deletion_protection = false
	}`)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: config(env, ""), ExpectError: regexp.MustCompile(`Nothing is lost`)},
		{
			PreConfig: func() {
				env.Box.ClearFaults()
				first = env.Objects(t, "lvrtc")[stored]
			},
			Config: larger,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(volume, tfjsonpath.New("size_gib"), knownvalue.Int64Exact(20)),
				statecheck.ExpectKnownValue(volume, status, knownvalue.StringExact("ready")),
			},
			Check: func(*terraformState) error {
				if got := one(t, env); got.ID != first.ID {
					t.Errorf("another volume was made: %s, first %s", got.ID, first.ID)
				}
				return nil
			},
		},
		steady(larger),
	}})
}

// TestTimeoutThenResume gives up waiting without an error, for an error would taint a healthy volume, and goes on in
// the next apply.
func TestTimeoutThenResume(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	release := env.Box.Hold()
	short := config(env, `timeouts = { create = "1s", update = "30s" }`)
	var first string
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{
			Config: short,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(volume, status, knownvalue.StringExact("creating")),
			},
			Check:              func(*terraformState) error { first = one(t, env).ID; return nil },
			ExpectNonEmptyPlan: true, // It is to be waited for.
		},
		{
			PreConfig: release,
			Config:    short,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectEmptyPlan(), // The refresh sees that it has become ready.
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(volume, status, knownvalue.StringExact("ready")),
				statecheck.ExpectKnownValue(volume, tfjsonpath.New("metered_since"), knownvalue.NotNull()),
			},
			Check: func(*terraformState) error {
				if got := one(t, env); got.ID != first {
					t.Errorf("another volume was made: %s, first %s", got.ID, first)
				}
				return nil
			},
		},
	}})
}

// TestResumeInUpdate finds an object still on its way, waits for it in place, and makes no other.
func TestResumeInUpdate(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	release := env.Box.Hold()
	short := config(env, `timeouts = { create = "1s", update = "30s" }`)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: short, ExpectNonEmptyPlan: true},
		{
			Config: short,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(volume, plancheck.ResourceActionUpdate),
				releaseAfterPlan(release),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(volume, status, knownvalue.StringExact("ready")),
			},
			Check: func(*terraformState) error { one(t, env); return nil },
		},
		steady(short),
	}})
}

// TestFailedIsReplaced takes the operator's "failed" as the only reason to make another.
func TestFailedIsReplaced(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc")
	order(t, env, sandbox.Fault{Method: "POST", Times: 1, Fail: "Nav vietas."})
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{
		{Config: config(env, ""), ExpectError: regexp.MustCompile(`(?s)Storage volume "data" failed at lvrtc.*Nav vietas\.`)},
		{
			Config: config(env, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(volume, plancheck.ResourceActionDestroyBeforeCreate),
			}},
			Check: func(*terraformState) error { one(t, env); return nil },
		},
	}})
}

// TestDeletionIsConfirmed loses the answers to a deletion, before and after it was carried out.
func TestDeletionIsConfirmed(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"after":  {Method: "DELETE", Path: "storage-volumes/", Times: 1, After: true, Reset: true},
		"before": {Method: "DELETE", Path: "storage-volumes/", Times: 1, Reset: true},
		"500":    {Method: "DELETE", Path: "storage-volumes/", Times: 1, Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Start(t, "lvrtc")
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: env.Factories,
				Steps: []resource.TestStep{
					{Config: config(env, ""), Check: func(*terraformState) error { order(t, env, fault); return nil }},
				},
				CheckDestroy: func(*terraformState) error {
					if left := env.Objects(t, "lvrtc"); len(left) != 0 {
						t.Errorf("after the destruction there is %v", left)
					}
					return nil
				},
			})
		})
	}
}
