package lifecycle_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

type terraformState = terraform.State

// planHook runs something between a plan and its apply.
type planHook func()

func releaseAfterPlan(release func()) plancheck.PlanCheck { return planHook(release) }

// CheckPlan implements plancheck.PlanCheck.
func (h planHook) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	h()
}
