package lifecycle_test

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

type terraformState = terraform.State

// planHook runs something between a plan and its apply.
type planHook func()

func releaseAfterPlan(release func()) plancheck.PlanCheck { return planHook(release) }

// releaseOnceAsked lets things settle once somebody has begun to wait for them.
func releaseOnceAsked(env *acctest.Env, release func()) planHook {
	return func() {
		env.Box.ResetRequests()
		go func() {
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for range tick.C {
				for _, r := range env.Box.Requests() {
					if r.Method == http.MethodPost {
						release()
						return
					}
				}
			}
		}()
	}
}

// CheckPlan implements plancheck.PlanCheck.
func (h planHook) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	h()
}
