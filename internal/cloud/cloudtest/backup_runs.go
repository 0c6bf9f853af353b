package cloudtest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func testBackupWithoutPlan(t *testing.T, h BackupHarness) {
	k := backupsOf(t, h)
	_, err := k.create(t, cloud.BackupSpec{SpecMeta: cloud.SpecMeta{Name: newName("backup")}, PlanID: "no-such-plan"}, newKey())
	wantField(t, err, "/plan_id")
	for _, err := range h.Source.Operator.RecoveryPoints.Of(t.Context(), "no-such-plan") {
		wantError(t, "recovery points of no plan", err, cloud.ErrNotFound)
	}
}

// testIncremental moves what has changed alone, and can restore each of the runs.
func testIncremental(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	sums := []string{p.sum(t, p.volume.ID)}
	first := p.runOne(t)
	if first.UploadedBytes < 8<<20 {
		t.Errorf("the first run has put %d bytes into the vault for 8 MiB of noise", first.UploadedBytes)
	}
	same := p.runOne(t)
	h.Write(t, h.Source.Operator, p.volume.ID, 5<<20, noise(1000))
	sums = append(sums, p.sum(t, p.volume.ID))
	changed := p.runOne(t)
	if same.UploadedBytes >= 1<<20 || changed.UploadedBytes >= first.UploadedBytes/2 {
		t.Errorf("the runs have put %d, %d and %d bytes into the vault", first.UploadedBytes, same.UploadedBytes, changed.UploadedBytes)
	}
	equal(t, "content where nothing has changed", same.TreeSHA256, first.TreeSHA256)
	for i, point := range []cloud.RecoveryPoint{first, changed} {
		restored := p.restore(t, cloud.RestoreFrom{RecoveryPointID: point.ID})
		p.same(t, "of "+point.ID, restored, sums[i])
	}
}

// testMachineAsSource backs up all volumes that a machine has when the run begins, also one that came after the plan.
func testMachineAsSource(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	plans, machines, attachments := backupPlans(t, h), virtualMachines(t, h.Source), volumeAttachments(t, h.Source)
	machine := machines.ready(t, machines.spec(t), newKey())
	from := p.spec
	p.spec.Sources = []string{machine.ID}
	plans.verify(t, p.spec, plans.update(t, p.plan.ID, from, p.spec))
	attachments.ready(t, cloud.VolumeAttachmentSpec{
		SpecMeta: cloud.SpecMeta{Name: newName("att")}, VolumeID: p.volume.ID, VirtualMachineID: machine.ID,
	}, newKey())
	var got []string
	for _, point := range p.run(t).RecoveryPoints {
		got = append(got, point.VolumeID)
	}
	want := []string{machine.BootVolumeID, p.volume.ID}
	if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Fatalf("there are recovery points of %v; want %v", got, want)
	}
	for _, v := range p.read(t).Protected {
		equal(t, "machine of the volume "+v.VolumeID, v.VirtualMachineID, machine.ID)
		if v.Newest == nil || !slices.Contains(want, v.VolumeID) || v.Newest.VolumeID != v.VolumeID {
			t.Errorf("the volume %s is protected by %+v", v.VolumeID, v.Newest)
		}
	}
	p.same(t, "of the machine's volume", p.restore(t, cloud.RestoreFrom{VolumeID: p.volume.ID}), p.sum(t, p.volume.ID))
}

// testRecoveryPoints lists them newest first.
func testRecoveryPoints(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	equal(t, "number of recovery points before the first run", len(p.points(t)), 0)
	var want []string
	for range 3 {
		point := p.runOne(t)
		want = append([]string{point.ID}, want...)
		equal(t, "volume", point.VolumeID, p.volume.ID)
		equal(t, "its name", point.VolumeName, p.volume.Name)
		equal(t, "size", point.SizeBytes, p.volume.SizeGiB<<30)
		if at := point.TakenAt; at.Before(p.plan.CreatedAt.Truncate(time.Second)) || at.Location() != time.UTC {
			t.Errorf("it was taken at %v; the plan is of %v", at, p.plan.CreatedAt)
		}
	}
	points := p.points(t)
	got := make([]string, len(points))
	for i, point := range points {
		if got[i] = point.ID; i > 0 && point.TakenAt.After(points[i-1].TakenAt) {
			t.Errorf("%s of %v comes behind %s of %v", point.ID, point.TakenAt, points[i-1].ID, points[i-1].TakenAt)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the recovery points are %v; want %v", got, want)
	}
	plan := p.read(t)
	equal(t, "last success", plan.LastSuccessAt, points[0].TakenAt)
	if len(plan.Protected) != 1 || plan.Protected[0].Newest == nil || *plan.Protected[0].Newest != points[0] {
		t.Errorf("protected are %+v; want the volume with %+v", plan.Protected, points[0])
	}
	backups := backupsOf(t, h)
	for id := range backups.find(t, cloud.ListOptions{}) {
		backups.delete(t, id)
	}
	equal(t, "number of recovery points when all backups are forgotten", len(p.points(t)), 3)
}

// testFailedRun leaves what was good.
func testFailedRun(t *testing.T, h BackupHarness) {
	if h.Source.Remove == nil {
		t.Skip("volumes of this operator cannot be removed behind the driver's back")
	}
	p := h.protect(t)
	sum, good := p.sum(t, p.volume.ID), p.runOne(t)
	before := p.read(t)
	equal(t, "error after a run that worked", before.LastError, "")
	h.Source.Remove(t, cloud.KindStorageVolume, p.volume.ID)

	runs := backupsOf(t, h)
	spec := p.backupSpec(p.plan.ID, p.spec.Key)
	failed := runs.becomes(t, runs.order(t, spec, newKey()).ID, cloud.StateFailed)
	chosen(t, "reason why the backup has failed", failed.StateMessage, "")
	after := p.read(t)
	equal(t, "last success after a run that failed", after.LastSuccessAt, before.LastSuccessAt)
	chosen(t, "reason why the last run has failed", after.LastError, "")
	if points := p.points(t); len(points) != 1 || points[0] != good {
		t.Errorf("the recovery points are %+v; want %+v", points, good)
	}
	restored := p.restore(t, cloud.RestoreFrom{VolumeID: p.volume.ID})
	p.same(t, "after a run that failed", restored, sum)

	from := p.spec
	p.spec.Sources = []string{h.volume(t).ID}
	plans := backupPlans(t, h)
	plans.verify(t, p.spec, plans.update(t, p.plan.ID, from, p.spec))
	p.runOne(t)
	equal(t, "error after a run that works again", p.read(t).LastError, "")
}

// testSchedule backs up when its time has come, unless the plan is paused.
func testSchedule(t *testing.T, h BackupHarness) {
	if h.unattended() {
		t.Skip("nobody is there to begin a scheduled run")
	}
	if h.Source.MoveClock == nil {
		t.Skip("the clock of this operator cannot be moved")
	}
	p := h.protect(t)
	plans := backupPlans(t, h)
	resting := p.spec
	resting.Name, resting.Schedule, resting.Paused = newName("plan"), "0 3 * * *", true
	paused := plans.ready(t, resting, newKey())
	from := p.spec
	p.spec.Schedule = "0 3 * * *"
	due := plans.update(t, p.plan.ID, from, p.spec).NextRunAt
	for range 2 {
		if due.Location() != time.UTC || due.Format("15:04:05") != "03:00:00" {
			t.Fatalf("the next run is at %v", due)
		}
		h.Source.MoveClock(t, day)
		ran := p.waitFor(t, "a run", func(plan cloud.BackupPlan) bool {
			return !plan.LastSuccessAt.Before(due) && plan.NextRunAt.After(due)
		})
		due = ran.NextRunAt
	}
	if n := len(p.points(t)); n != 2 {
		t.Errorf("there are %d recovery points after two nights", n)
	}
	p.plan = paused
	equal(t, "number of recovery points of a paused plan", len(p.points(t)), 0)
}

// waitFor reads the plan until something is so.
func (p protection) waitFor(t *testing.T, what string, so func(cloud.BackupPlan) bool) cloud.BackupPlan {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), p.Source.patience())
	defer cancel()
	for {
		plan := p.read(t)
		if so(plan) {
			return plan
		}
		if err := pause(ctx, plan.Meta); err != nil {
			t.Fatalf("%s does not come: %+v", what, plan)
		}
	}
}

// testStale says of a plan that its newest recovery point is too old, or missing.
func testStale(t *testing.T, h BackupHarness) {
	if h.Source.MoveClock == nil {
		t.Skip("the clock of this operator cannot be moved")
	}
	p := h.protect(t)
	plans := backupPlans(t, h)
	from := p.spec
	p.spec.RPO = 26 * time.Hour
	equal(t, "stale before the first run", plans.update(t, p.plan.ID, from, p.spec).Stale, true)
	p.runOne(t)
	equal(t, "stale after a run", p.read(t).Stale, false)
	h.Source.MoveClock(t, 27*time.Hour)
	equal(t, "stale after a day and more", p.read(t).Stale, true)
}
