package cloudtest

import (
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// testDrills keeps the latest drill of a plan, whichever is told last.
func testDrills(t *testing.T, h BackupHarness) {
	op, k := h.Source.Operator, backupPlans(t, h)
	spec := k.spec(t)
	made := k.ready(t, spec, newKey())
	if made.LastDrill != nil {
		t.Errorf("before the first drill there is %+v", made.LastDrill)
	}
	began := time.Now().Add(-time.Hour).UTC().Truncate(time.Second)
	for _, c := range []struct {
		what       string
		told, want cloud.Drill
	}{
		{
			"after the first",
			cloud.Drill{StartedAt: began, Passed: true, RTO: 2 * time.Second},
			cloud.Drill{StartedAt: began, Passed: true, RTO: 2 * time.Second},
		},
		{
			"after a later one that failed",
			cloud.Drill{StartedAt: began.Add(time.Minute), RTO: 3 * time.Second},
			cloud.Drill{StartedAt: began.Add(time.Minute), RTO: 3 * time.Second},
		},
		{
			"after news of an earlier one",
			cloud.Drill{StartedAt: began.Add(30 * time.Second), Passed: true, RTO: time.Second},
			cloud.Drill{StartedAt: began.Add(time.Minute), RTO: 3 * time.Second},
		},
	} {
		if err := op.DrillLog.Note(t.Context(), made.ID, c.told); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		plan, err := op.BackupPlans.Get(t.Context(), made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if plan.LastDrill == nil || *plan.LastDrill != c.want {
			t.Errorf("the last drill %s is %+v; want %+v", c.what, plan.LastDrill, c.want)
		}
	}
	to := spec
	to.Retention += day
	if plan := k.update(t, made.ID, spec, to); plan.LastDrill == nil {
		t.Error("a change of the plan has lost its last drill")
	}
	err := op.DrillLog.Note(t.Context(), "no-such-plan", cloud.Drill{StartedAt: began})
	wantError(t, "a drill of no plan", err, cloud.ErrNotFound)
}
