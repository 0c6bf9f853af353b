package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// TestBackupAndRestore loses an operator's volume and has it again at another.
func TestBackupAndRestore(t *testing.T) {
	p := startPair(t, Options{}, nil)
	data := p.volume("data", "Dainu skapis")
	if !p.vault.Simulated || !strings.Contains(p.vault.StateMessage, "nothing locks") {
		t.Errorf("the vault does not say that nothing locks it: %+v", p.vault)
	}
	plan := p.plan(nil, data.ID)
	if !plan.Stale || len(plan.Protected) != 1 || plan.Protected[0].Newest != nil || plan.Protected[0].Name != "data" {
		t.Errorf("before the first backup the plan is %+v", plan)
	}
	first := p.backUp("first", plan.ID)
	if first.State != "ready" || len(first.RecoveryPoints) != 1 {
		t.Fatalf("the backup is %+v", first)
	}
	point := first.RecoveryPoints[0]
	if point.VolumeId != data.ID || point.VolumeName != "data" || point.SizeBytes != 1<<30 || point.UploadedBytes == 0 ||
		!point.TakenAt.Equal(noon) {
		t.Errorf("the recovery point is %+v", point)
	}
	plan = p.at(plan.ID)
	if plan.Stale || plan.LastError != "" || !plan.LastSuccessAt.Equal(noon) || plan.Protected[0].Newest.Id != point.Id {
		t.Errorf("after the first backup the plan is %+v", plan)
	}
	if used := p.there.get("backup-vaults/" + p.vault.ID).backup().UsedBytes; used <= point.UploadedBytes {
		t.Errorf("%d bytes are used after %d were put into it", used, point.UploadedBytes)
	}
	path := "storage-volumes/" + data.ID
	p.here.patch(path, p.here.get(path).view().Etag, `{"size_gib":8}`).is(http.StatusOK) // As large as the other is going to be.
	sum := diskOf(t, p.Sandbox, "lvrtc", data.ID).checksum()
	p.here.remove(path).is(http.StatusAccepted)

	order := p.restoreOf("again", m{"volume_id": data.ID})
	v := settled(p.there, "storage-volumes/"+p.there.order("storage-volumes", order).is(http.StatusCreated).view().ID)
	if v.State != "ready" || v.Restored == nil || v.Restored.RecoveryPointId != point.Id || *v.Restored.VolumeId != data.ID ||
		*v.Restored.TreeSha256 != point.TreeSha256 || !v.Restored.TakenAt.Equal(noon) {
		t.Fatalf("the volume is %+v, restored %+v", v, v.Restored)
	}
	if got := diskOf(t, p.Sandbox, "iem-ic", v.ID).checksum(); got != sum {
		t.Error("the restored volume does not have the bytes of the one that was lost")
	}
	p.MoveClock(time.Minute)
	again := p.backUp("second", plan.ID)
	if again.State != "failed" || !strings.Contains(again.StateMessage, "data: It does not exist any more") {
		t.Errorf("a backup of what is gone is %s: %s", again.State, again.StateMessage)
	}
	if plan = p.at(plan.ID); plan.LastError == "" || plan.Protected[0].Newest.Id != point.Id || !plan.LastSuccessAt.Equal(noon) {
		t.Errorf("after the failure the plan is %+v", plan)
	}
}

func TestBackupIsIncremental(t *testing.T) {
	p := startPair(t, Options{}, nil)
	data := p.volume("data", strings.Repeat("random enough? ", 1000))
	plan := p.plan(m{"rpo_seconds": 3600}, data.ID)
	first := p.backUp("first", plan.ID).RecoveryPoints[0]
	p.MoveClock(time.Hour + time.Second)
	if !p.at(plan.ID).Stale {
		t.Error("a recovery point that is older than the RPO is not stale")
	}
	second := p.backUp("second", plan.ID).RecoveryPoints[0]
	if second.UploadedBytes != 0 || second.TreeSha256 != first.TreeSha256 {
		t.Errorf("of what has not changed, %d bytes were uploaded", second.UploadedBytes)
	}
	p.MoveClock(time.Minute)
	p.write(data.ID, "changed")
	third := p.backUp("third", plan.ID).RecoveryPoints[0]
	if third.UploadedBytes == 0 || third.TreeSha256 == first.TreeSha256 || p.at(plan.ID).Stale {
		t.Errorf("of what has changed, there is %+v", third)
	}
	var ids []string
	for query := "?limit=2"; query != ""; {
		page := p.points(plan.ID, query)
		for _, point := range page.Items {
			ids = append(ids, point.Id)
		}
		if query = ""; page.NextCursor != nil {
			query = "?limit=2&cursor=" + *page.NextCursor
		}
	}
	if got, want := fmt.Sprint(ids), fmt.Sprint([]string{third.Id, second.Id, first.Id}); got != want {
		t.Errorf("recovery points %s, want %s", got, want)
	}
	// The first of three is still what it was.
	order := p.restoreOf("old", m{"recovery_point_id": first.Id})
	v := settled(p.there, "storage-volumes/"+p.there.order("storage-volumes", order).is(http.StatusCreated).view().ID)
	got := diskOf(t, p.Sandbox, "iem-ic", v.ID).read(5<<20+17, 14).is(http.StatusOK)
	if string(got.body) != "random enough?" {
		t.Errorf("of the first recovery point %q was restored", got.body)
	}
}

func TestBackupOfMachine(t *testing.T) {
	p := startPair(t, Options{}, nil)
	boot := p.volume("boot", "an operating system")
	machine := p.here.made("virtual-machines", machineOf("web", m{"image_id": nil, "boot_disk": nil, "boot_volume_id": boot.ID}))
	data := p.volume("data", "attached")
	attach := func(volumeID string) {
		p.here.made("volume-attachments", m{"name": "a" + volumeID, "volume_id": volumeID, "virtual_machine_id": machine.ID})
	}
	attach(data.ID)
	plan := p.plan(nil, machine.ID)
	more := p.volume("more", "attached later")
	attach(more.ID)
	b := p.backUp("all", plan.ID)
	var volumes []string
	for _, point := range b.RecoveryPoints {
		volumes = append(volumes, point.VolumeId)
	}
	if want := []string{boot.ID, data.ID, more.ID}; fmt.Sprint(volumes) != fmt.Sprint(want) {
		t.Errorf("recovery points of %v, want %v; %s", volumes, want, b.StateMessage)
	}
	plan = p.at(plan.ID)
	if len(plan.Protected) != 3 || *plan.Protected[2].VirtualMachineId != machine.ID || plan.Stale {
		t.Errorf("the plan is %+v", plan)
	}
	later := p.volume("later", "no backup yet")
	attach(later.ID)
	if plan = p.at(plan.ID); !plan.Stale || len(plan.Protected) != 4 {
		t.Errorf("with a volume that was never backed up the plan is %+v", plan)
	}
}

func TestBackupSchedule(t *testing.T) {
	p := startPair(t, Options{}, nil)
	data := p.volume("data", "every night")
	plan := p.plan(m{"schedule": "30 2 * * *"}, data.ID)
	night := time.Date(2026, time.November, 24, 2, 30, 0, 0, time.UTC)
	if !plan.NextRunAt.Equal(night) {
		t.Errorf("the next run is at %s, want %s", plan.NextRunAt, night)
	}
	p.MoveClock(night.Sub(noon))
	plan = p.until(plan.ID, func(v backupView) bool { return v.LastSuccessAt.Equal(night) })
	if want := night.Add(day); !plan.NextRunAt.Equal(want) || plan.Stale {
		t.Errorf("after it, the next run is at %s, want %s; stale %t", plan.NextRunAt, want, plan.Stale)
	}
	p.MoveClock(3*day + time.Hour) // Three nights are made up for once.
	late := night.Add(3*day + time.Hour)
	plan = p.until(plan.ID, func(v backupView) bool { return v.LastSuccessAt.Equal(late) })
	if points := p.points(plan.ID, "").Items; len(points) != 2 {
		t.Errorf("there are %d recovery points, want 2", len(points))
	}
	set := func(patch string) {
		t.Helper()
		path := "backup-plans/" + plan.ID
		p.here.patch(path, p.here.get(path).view().Etag, patch).is(http.StatusOK)
	}
	set(`{"paused":true}`)
	p.MoveClock(2 * day)
	if plan = p.at(plan.ID); !plan.NextRunAt.IsZero() || !plan.LastSuccessAt.Equal(late) {
		t.Errorf("while it rests it is %+v", plan)
	}
	set(`{"paused":false}`)
	if plan = p.at(plan.ID); !plan.NextRunAt.Equal(night.Add(6*day)) || !plan.LastSuccessAt.Equal(late) {
		t.Errorf("when it rests no more, the next run is at %s and the last was at %s", plan.NextRunAt, plan.LastSuccessAt)
	}
	set(`{"schedule":null}`)
	if plan = p.at(plan.ID); !plan.NextRunAt.IsZero() {
		t.Errorf("without a schedule the next run is at %s", plan.NextRunAt)
	}
}

// TestBackupScheduleIsBehind has the time of two runs come while one before them is on: they are made up for once.
func TestBackupScheduleIsBehind(t *testing.T) {
	p := startPair(t, Options{}, nil)
	plan := p.plan(m{"schedule": "0 * * * *"}, p.volume("data", "every hour").ID)
	stallTransfers(p.Sandbox)
	for range 3 {
		p.MoveClock(time.Hour)
		p.at(plan.ID)
	}
	for range transfersAtOnce {
		<-p.transfers.width
	}
	next := noon.Add(4 * time.Hour).Truncate(time.Hour)
	plan = p.until(plan.ID, func(v backupView) bool { return v.NextRunAt.Equal(next) })
	plan = p.until(plan.ID, func(backupView) bool { return len(p.points(plan.ID, "").Items) == 2 })
	if !plan.LastSuccessAt.Equal(noon.Add(3 * time.Hour)) {
		t.Errorf("the last run was at %s", plan.LastSuccessAt)
	}
}

// TestBackupOfWhatVanishes has a volume go between the look at it and the copy of it.
func TestBackupOfWhatVanishes(t *testing.T) {
	p := startPair(t, Options{}, nil)
	data, stays := p.volume("data", "going"), p.volume("stays", "staying")
	plan := p.plan(nil, data.ID, stays.ID)
	p.operator("lvrtc").world.disks.remove(data.ID)
	b := p.backUp("first", plan.ID)
	if b.State != "failed" || b.StateMessage != "Storage volume data: It was deleted while it was backed up." || len(b.RecoveryPoints) != 1 {
		t.Errorf("it is %s: %s", b.State, b.StateMessage)
	}
}

// TestBackupOfOneInstant counts in two volumes, first in one and then in the other, while they are copied.
func TestBackupOfOneInstant(t *testing.T) {
	p := startPair(t, Options{}, nil)
	first, second := p.volume("a", ""), p.volume("b", "")
	d := p.operator("lvrtc").world.disks
	over, counted := make(chan struct{}), make(chan error)
	go func() {
		var err error
		for n := uint64(1); err == nil; n++ {
			for _, id := range []string{first.ID, second.ID} {
				err = errors.Join(err, d.write(id, 0, binary.BigEndian.AppendUint64(nil, n)))
			}
			select {
			case <-over:
				counted <- err
				return
			default:
			}
		}
		counted <- err
	}()
	volumes := []api.ProtectedVolume{{VolumeId: first.ID}, {VolumeId: second.ID}}
	for i := range 100 {
		s := d.newSnapshot(fmt.Sprint(i))
		if err := errors.Join(s.take(t.Context(), volumes, p.clock.now)...); err != nil {
			t.Fatal(err)
		}
		var counts []uint64
		for _, v := range volumes {
			raw := make([]byte, 8)
			f, err := os.Open(s.path(v.VolumeId))
			if err == nil {
				_, err = f.ReadAt(raw, 0)
			}
			if err = errors.Join(err, f.Close()); err != nil {
				t.Fatal(err)
			}
			counts = append(counts, binary.BigEndian.Uint64(raw))
		}
		s.remove()
		if counts[0] != counts[1] && counts[0] != counts[1]+1 {
			t.Fatalf("when the first volume had %d, the second had %d", counts[0], counts[1])
		}
	}
	close(over)
	if err := <-counted; err != nil {
		t.Fatal(err)
	}
}
