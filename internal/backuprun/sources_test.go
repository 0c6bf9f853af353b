package backuprun_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// hosted is a machine that boots from a volume or, without one, from a disk on its host.
type hosted struct {
	cloud.Collection[cloud.VirtualMachineSpec, cloud.VirtualMachine]
	volumeID string
	paused   bool
}

func (h hosted) Get(_ context.Context, id string) (cloud.VirtualMachine, error) {
	return cloud.VirtualMachine{
		Meta: cloud.Meta{ID: id, Name: "app", State: cloud.StateReady}, BootVolumeID: h.volumeID,
		PowerState: cloud.PowerStopped, Paused: h.paused,
	}, nil
}

// TestHostDisks refuses machines whose own disks are not volumes, and says so of those that are sources already.
func TestHostDisks(t *testing.T) {
	s := newScene(t, 1)
	op := s.ops[source]
	to := s.spec()
	to.Sources = append(slices.Clone(to.Sources), "vm-1")
	change := cloud.Change[cloud.BackupPlanSpec]{From: s.spec(), To: to}
	op.VirtualMachines = hosted{}
	_, err := op.BackupPlans.Update(t.Context(), s.plan.ID, change)
	mentions(t, "the refusal", refusedAt(t, "a disk on the host", err, "/sources/1"), "on its host", "by their own ids")
	op.VirtualMachines = hosted{volumeID: "vol-1"}
	_, err = op.BackupPlans.Update(t.Context(), s.plan.ID, change)
	must(t, err)
	op.VirtualMachines = hosted{}
	b := settle(t, op.Backups, s.backup(t, op, "now"))
	if b.State != cloud.StateFailed || len(b.RecoveryPoints) != 1 || strings.Contains(b.StateMessage, "does not exist") {
		t.Errorf("the backup is %+v", b)
	}
	mentions(t, "the reason", b.StateMessage, "Virtual machine app: ", "on its host")
}

// many is an operator with so many volumes, all of one machine.
type many struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	n int
}

func (m many) List(context.Context, cloud.ListOptions) iter.Seq2[cloud.StorageVolume, error] {
	return func(yield func(cloud.StorageVolume, error) bool) {
		for i := range m.n {
			meta := cloud.Meta{ID: fmt.Sprintf("vol-%036d", i), Name: fmt.Sprintf("volume-%d", i), State: cloud.StateReady}
			if !yield(cloud.StorageVolume{Meta: meta, VirtualMachineID: "vm-1"}, nil) {
				return
			}
		}
	}
}

// of is an operator with volumes of a plan, the first of which is plugged into a machine.
type of struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
}

func (o of) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[cloud.StorageVolume, error] {
	return func(yield func(cloud.StorageVolume, error) bool) {
		for v, err := range o.Collection.List(ctx, opts) {
			if v.Name == "one" {
				v.VirtualMachineID = "vm-1"
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// TestPaused does not take a paused machine for a stopped one, and backs up all others.
func TestPaused(t *testing.T) {
	for paused, points := range map[bool]int{true: 1, false: 2} {
		t.Run(fmt.Sprint(paused), func(t *testing.T) {
			s := newScene(t, 2)
			op := s.open(t, source)
			op.BackupPlans, op.Records, op.VolumeBytes = nil, s.texts[source], s.bytes[source]
			op.StorageVolumes, op.VirtualMachines = of{op.StorageVolumes}, hosted{volumeID: "vol-1", paused: paused}
			s.attach(op)
			to := s.spec()
			to.Consistency = cloud.ConsistencyStopped
			_, err := op.BackupPlans.Update(t.Context(), s.plan.ID, cloud.Change[cloud.BackupPlanSpec]{From: s.spec(), To: to})
			must(t, err)
			b := settle(t, op.Backups, s.backup(t, op, "now"))
			if (b.State == cloud.StateFailed) != paused || len(b.RecoveryPoints) != points {
				t.Fatalf("the backup is %+v", b)
			}
			if paused {
				mentions(t, "the reason", b.StateMessage, "virtual machine app", "paused or suspended", "shut it down")
			}
		})
	}
}

// TestTooMany refuses more volumes than can be written down, before it stops or freezes anything.
func TestTooMany(t *testing.T) {
	s := newScene(t, 0)
	for n, want := range map[int]string{100: "there is no volume", 250: "250 volumes, which is more than one backup has room for"} {
		op := s.open(t, source)
		op.BackupPlans, op.Records, op.VolumeBytes = nil, s.texts[source], s.bytes[source]
		op.StorageVolumes, op.VirtualMachines = many{n: n}, hosted{volumeID: "vol-1"}
		s.attach(op)
		spec := s.spec()
		spec.Sources, spec.Consistency, spec.Name = []string{"vm-1"}, cloud.ConsistencyStopped, fmt.Sprint(n)
		s.plan = created(t, op.BackupPlans, spec, spec.Name)
		b := settle(t, op.Backups, s.backup(t, op, spec.Name))
		if b.State != cloud.StateFailed {
			t.Errorf("the backup of %d volumes is %+v", n, b)
		}
		mentions(t, "the reason", strings.ToLower(b.StateMessage), want)
	}
}

// TestKeyOfNewest has a plan with a new key be stale until there is a backup that the new key restores.
func TestKeyOfNewest(t *testing.T) {
	s := newScene(t, 1)
	s.protected(t, "before")
	to := s.spec()
	var err error
	to.Key.Value, err = mover.NewKey()
	must(t, err)
	to.Key.Fingerprint = "another"
	plan, err := s.ops[source].BackupPlans.Update(t.Context(), s.plan.ID, cloud.Change[cloud.BackupPlanSpec]{From: s.spec(), To: to})
	must(t, err)
	if !plan.Stale || plan.Protected[0].Newest != nil {
		t.Errorf("what only the old key restores counts for the new one: %+v", plan)
	}
	s.key = to.Key.Value
	s.protected(t, "after")
	plan, err = s.ops[source].BackupPlans.Get(t.Context(), s.plan.ID)
	must(t, err)
	if plan.Stale || plan.Protected[0].Newest == nil {
		t.Errorf("with a backup by the new key it is %+v", plan)
	}
}
