package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// stallTransfers lets none of a sandbox go on, until its end cuts them off.
func stallTransfers(s *Sandbox) {
	for range transfersAtOnce {
		s.transfers.width <- struct{}{}
	}
}

// TestBackupsSurvive ends the sandbox while a backup, a run of a schedule and a restore are on.
func TestBackupsSurvive(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	p := startPair(t, o, nil)
	data := p.volume("data", "survives")
	plan := p.plan(m{"schedule": "0 * * * *"}, data.ID)
	first := p.backUp("first", plan.ID)
	before := string(p.here.get("backup-plans/" + plan.ID).body)
	p = p.again(o)
	if got := string(p.here.get("backup-plans/" + plan.ID).body); got != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, got)
	}

	stallTransfers(p.Sandbox)
	cut := p.here.order("backups", m{"name": "cut", "plan_id": plan.ID}).is(http.StatusCreated).view()
	restore := p.restoreOf("again", m{"recovery_point_id": first.RecoveryPoints[0].Id})
	volume := p.there.order("storage-volumes", restore).is(http.StatusCreated).view()
	p.MoveClock(time.Hour)
	if got := p.at(plan.ID); !got.LastSuccessAt.Equal(noon) {
		t.Errorf("the plan went on: %+v", got)
	}
	p = p.again(Options{Dir: o.Dir, Now: func() time.Time { return noon.Add(time.Hour) }})
	if got := settled(p.here, "backups/"+cut.ID); got.State != "ready" || len(got.RecoveryPoints) != 1 {
		t.Errorf("the backup that was cut off is %s: %s", got.State, got.StateMessage)
	}
	if got := settled(p.there, "storage-volumes/"+volume.ID); got.State != "ready" || got.Restored == nil {
		t.Errorf("the volume that was cut off is %s: %s", got.State, got.StateMessage)
	}
	p.until(plan.ID, func(v backupView) bool {
		return v.LastSuccessAt.Equal(noon.Add(time.Hour)) && len(p.points(plan.ID, "").Items) == 3
	})
	got := diskOf(t, p.Sandbox, "iem-ic", volume.ID).read(5<<20+17, 8).is(http.StatusOK)
	if string(got.body) != "survives" {
		t.Errorf("%q was restored", got.body)
	}
}

// TestBackupsWithoutTheOther starts an operator without the one that has its vault.
func TestBackupsWithoutTheOther(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	p := startPair(t, o, nil)
	plan := p.plan(nil, p.volume("data", "").ID)
	o.Operators = []string{"lvrtc"}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	alone := at(t, start(t, o), "lvrtc")
	b := alone.order("backups", m{"name": "x", "plan_id": plan.ID}).is(http.StatusCreated).view()
	if got := settled(alone, "backups/"+b.ID); got.State != "failed" || !strings.Contains(got.StateMessage, "not part of this sandbox") {
		t.Errorf("it is %s: %s", got.State, got.StateMessage)
	}
}
