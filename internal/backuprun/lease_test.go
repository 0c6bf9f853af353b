package backuprun_test

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/backuprun"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// shelves are the volumes of an operator that is nothing but memory, and so in a bubble of time.
type shelves struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	disks *disks
}

func (s shelves) one(id string) cloud.StorageVolume {
	return cloud.StorageVolume{Meta: cloud.Meta{ID: id, Name: id, State: cloud.StateReady}, SizeGiB: 1, Mark: s.disks.markOf(id)}
}

func (s shelves) Get(_ context.Context, id string) (cloud.StorageVolume, error) {
	return s.one(id), nil
}

func (s shelves) Await(_ context.Context, id string, _ time.Duration) (cloud.StorageVolume, error) {
	return s.one(id), nil
}

func (s shelves) Create(_ context.Context, spec cloud.StorageVolumeSpec, _ cloud.CreateOptions) (cloud.StorageVolume, error) {
	to, err := mover.CreateTarget(s.disks.path(spec.Name), 1<<20)
	return s.one(spec.Name), errors.Join(err, to.Close())
}

func (s shelves) List(context.Context, cloud.ListOptions) iter.Seq2[cloud.StorageVolume, error] {
	return func(yield func(cloud.StorageVolume, error) bool) { yield(s.one("one"), nil) }
}

// vaults have one.
type vaults struct {
	cloud.Collection[cloud.BackupVaultSpec, cloud.BackupVault]
}

func (vaults) Get(_ context.Context, id string) (cloud.BackupVault, error) {
	return cloud.BackupVault{Meta: cloud.Meta{ID: id, State: cloud.StateReady}, RetentionDays: 31}, nil
}

// still is an operator at which only time passes.
type still struct {
	op, other *cloud.Operator
	disks     *disks
	// mute refuses to keep anything.
	mute atomic.Bool
	key  string
	b    cloud.BackupSpec
}

func newStill(t *testing.T) *still {
	t.Helper()
	dir := t.TempDir()
	s := &still{disks: &disks{operator: source, dir: dir, now: time.Now, marks: map[string]string{}, left: map[string]int{}}}
	texts := &texts{
		records: &records{operator: source, now: time.Now, known: map[string]cloud.Record{}},
		reading: func(string) error {
			if s.mute.Load() {
				return refusal(cloud.ErrUnavailable)
			}
			return nil
		},
	}
	process := func() *cloud.Operator {
		op := &cloud.Operator{
			Name: source, Records: texts, VolumeBytes: s.disks, BackupVaults: vaults{}, StorageVolumes: shelves{disks: s.disks},
			VaultAccess: &folders{box: dir, operator: source, open: map[string]cloud.VaultRole{}},
		}
		op.Capabilities.Kinds = map[cloud.Kind]cloud.KindCapabilities{}
		backuprun.Attach(op, backuprun.Options{
			Operator: func(context.Context, string) (*cloud.Operator, error) { return op, nil },
			OpenVault: func(key cloud.VaultKey, o mover.Options) (backuprun.Vault, error) {
				v, err := mover.OpenFolder(filepath.Join(key.Bucket, o.Prefix), o)
				return folderVault{v}, err
			},
		})
		return op
	}
	s.op, s.other = process(), process()
	var err error
	s.key, err = mover.NewKey()
	must(t, err)
	created(t, s.op.StorageVolumes, cloud.StorageVolumeSpec{SpecMeta: cloud.SpecMeta{Name: "one"}, SizeGiB: 1}, "one")
	plan := created(t, s.op.BackupPlans, cloud.BackupPlanSpec{
		SpecMeta: cloud.SpecMeta{Name: "nightly"}, Vault: cloud.VaultReference{Operator: source, ID: "vault"}, Sources: []string{"one"},
		Retention: 14 * day, Key: cloud.BackupKey{Value: s.key},
	}, "plan")
	s.b = cloud.BackupSpec{SpecMeta: cloud.SpecMeta{Name: "now"}, PlanID: plan.ID, Key: cloud.BackupKey{Value: s.key}}
	return s
}

// TestLongRun keeps a run and a restore of an hour to the process that has begun them.
func TestLongRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t)
		slow := func(string) error {
			<-time.After(time.Hour)
			return nil
		}
		s.disks.meanwhile(nil, slow, slow)
		b := created(t, s.op.Backups, s.b, "now")
		<-time.After(50 * time.Minute)
		if _, err := s.other.Backups.Create(t.Context(), s.b, cloud.CreateOptions{OwnerKey: ownerKey("now")}); !errors.Is(err, cloud.ErrBusy) {
			t.Errorf("a run of another process that lives was gone on with: %v", err)
		}
		if b = settle(t, s.op.Backups, b); b.State != cloud.StateReady {
			t.Fatalf("the backup is %+v", b)
		}
		spec := cloud.StorageVolumeSpec{
			SpecMeta: cloud.SpecMeta{Name: "two"}, SizeGiB: 1,
			RestoreFrom: &cloud.RestoreFrom{VaultID: "vault", Key: s.key, VolumeID: "one"},
		}
		v := created(t, s.op.StorageVolumes, spec, "two")
		<-time.After(50 * time.Minute)
		again := cloud.Change[cloud.StorageVolumeSpec]{From: spec, To: spec}
		if _, err := s.other.StorageVolumes.Update(t.Context(), v.ID, again); !errors.Is(err, cloud.ErrBusy) {
			t.Errorf("a restore of another process that lives was begun anew: %v", err)
		}
		if v = settle(t, s.op.StorageVolumes, v); v.State != cloud.StateReady || v.Restored == nil {
			t.Errorf("the volume is %+v", v)
		}
	})
}

// TestLapsed ends a run that can tell nobody that it goes on, before another process may begin.
func TestLapsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStill(t)
		reached, ended := make(chan struct{}), make(chan struct{})
		s.op.VolumeBytes = &hooked{disks: s.disks, opening: func(ctx context.Context) error {
			close(reached)
			<-ctx.Done()
			close(ended)
			return ctx.Err()
		}}
		b := created(t, s.op.Backups, s.b, "now")
		<-reached
		s.mute.Store(true)
		begun := time.Now()
		<-ended
		if took := time.Since(begun); took < 2*time.Minute || took > 6*time.Minute {
			t.Errorf("the run was ended after %v", took)
		}
		s.mute.Store(false)
		b = settle(t, s.op.Backups, b)
		mentions(t, "the reason", b.StateMessage, "could not be written down at the operator", "Storage volume one")
	})
}
