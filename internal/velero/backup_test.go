package velero

import (
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// ended has a backup end, as Velero does.
func (c *cluster) ended(id, phase string) {
	i, _ := parseIdentity(id)
	c.objects[path("backups", i.name)]["status"] = object{
		"phase": phase, "startTimestamp": noon.Format(time.RFC3339), "completionTimestamp": noon.Add(time.Minute).Format(time.RFC3339),
	}
}

// TestBackupIsMadeAgain orders a backup, loses the answer, has it fail, and orders it again: the vault keeps the name of the
// first one.
func TestBackupIsMadeAgain(t *testing.T) {
	c := newCluster(t)
	c.made(t, "nightly-0", noon.Add(80*24*time.Hour), plan("0 2 * * *"))
	b := &backups{c.plans(&vaultKeys{}, noon).clusters}
	spec := cloud.ClusterBackupSpec{SpecMeta: cloud.SpecMeta{Name: "before"}, PlanID: "c~nightly-0"}
	order := func() cloud.ClusterBackup {
		t.Helper()
		made, err := b.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: "AAAAAAAA-0000"})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	first := order()
	if again := order(); again.ID != first.ID || !again.Replayed || first.Replayed {
		t.Errorf("an order whose answer was lost makes %s after %s", again.ID, first.ID)
	}
	if err := b.Claim(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	c.ended(first.ID, partiallyFailed)
	if err := b.Delete(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	second := order()
	if second.ID == first.ID || second.Replayed || second.State != cloud.StateCreating {
		t.Errorf("after one that failed, the backup is %+v", second)
	}
	// Velero has lost it, and finds it in the vault as it was when it ended: it is not what is ordered now.
	c.ended(second.ID, completed)
	i, _ := parseIdentity(second.ID)
	metadata, _ := c.objects[path("backups", i.name)]["metadata"].(object)
	metadata["creationTimestamp"] = noon.Add(time.Hour).Format(time.RFC3339)
	if third := order(); third.ID == second.ID || third.Replayed {
		t.Errorf("what Velero remembers is taken for a new backup: %+v", third)
	}
}

// TestBackupOutlivesItsTime is of one that Velero has been told to delete, and may not: it is there, as it was.
func TestBackupOutlivesItsTime(t *testing.T) {
	for errors, want := range map[int64]cloud.State{0: cloud.StateReady, 2: cloud.StateFailed} {
		c := newCluster(t)
		c.made(t, "nightly-0", noon.Add(80*24*time.Hour), plan("0 2 * * *"))
		p := c.plans(&vaultKeys{}, noon)
		b := &backups{p.clusters}
		made, err := b.Create(t.Context(), cloud.ClusterBackupSpec{PlanID: "c~nightly-0"}, cloud.CreateOptions{OwnerKey: "AAAAAAAA-0000"})
		if err != nil {
			t.Fatal(err)
		}
		i, _ := parseIdentity(made.ID)
		c.objects[path("backups", i.name)]["status"] = object{"phase": deleting, "startTimestamp": noon.Format(time.RFC3339), "errors": errors}
		got, err := b.Get(t.Context(), made.ID)
		if err != nil || got.State != want || (got.RecoveryPoint != nil) != (want == cloud.StateReady) {
			t.Errorf("with %d errors, the backup is %+v, %v", errors, got, err)
		}
		plan, err := p.Get(t.Context(), "c~nightly-0")
		if err != nil || (plan.Newest != nil) != (want == cloud.StateReady) {
			t.Errorf("with %d errors, the plan is %+v, %v", errors, plan, err)
		}
	}
}
