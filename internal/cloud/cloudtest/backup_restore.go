package cloudtest

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// toRestore is a volume at the keeper that is filled from the plan's vault with the plan's key.
func (p protection) toRestore(t *testing.T, from cloud.RestoreFrom) cloud.StorageVolumeSpec {
	t.Helper()
	spec := storageVolumes(t, p.Keeper).spec(t)
	from.VaultID, from.Key = p.spec.Vault.ID, p.spec.Key.Value
	spec.RestoreFrom = &from
	return spec
}

// restore fills a volume at the keeper.
func (p protection) restore(t *testing.T, from cloud.RestoreFrom) cloud.StorageVolume {
	t.Helper()
	volumes, spec := storageVolumes(t, p.Keeper), p.toRestore(t, from)
	restored := volumes.ready(t, spec, newKey())
	volumes.verify(t, spec, restored)
	return restored
}

// notRestored is an order that is refused because of a field, or a volume that fails: operators may find out at once or
// later. It returns the words.
func (p protection) notRestored(t *testing.T, spec cloud.StorageVolumeSpec, pointer string) string {
	t.Helper()
	volumes := storageVolumes(t, p.Keeper)
	v, err := volumes.create(t, spec, newKey())
	words := ""
	if err != nil {
		wantField(t, err, pointer)
		var e *cloud.Error
		if errors.As(err, &e) {
			words = e.Text
			for _, f := range e.Fields {
				words += " " + f.Text
			}
		}
	} else {
		words = volumes.becomes(t, v.ID, cloud.StateFailed).StateMessage
	}
	chosen(t, "reason why it is not restored", words, "")
	if strings.Contains(words, spec.RestoreFrom.Key) {
		t.Errorf("the reason has the key: %s", words)
	}
	return words
}

// testRestore brings a volume back at the keeper after all of it is gone at the source.
func testRestore(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	sum, point := p.sum(t, p.volume.ID), p.runOne(t)
	backupPlans(t, h).delete(t, p.plan.ID)
	storageVolumes(t, h.Source).delete(t, p.volume.ID)

	for what, from := range map[string]cloud.RestoreFrom{
		"by the recovery point": {RecoveryPointID: point.ID}, "by the volume": {VolumeID: p.volume.ID},
	} {
		restored := p.restore(t, from)
		p.same(t, what, restored, sum)
		want := cloud.Restored{
			VaultID: p.spec.Vault.ID, RecoveryPointID: point.ID, VolumeID: p.volume.ID, TakenAt: point.TakenAt,
			TreeSHA256: point.TreeSHA256,
		}
		if restored.Restored == nil || *restored.Restored != want {
			t.Errorf("%s, it was restored from %+v; want %+v", what, restored.Restored, want)
		}
		// It is a volume like others.
		volumes := storageVolumes(t, h.Keeper)
		spec := p.toRestore(t, from)
		spec.Name = restored.Name
		larger := spec
		larger.SizeGiB, larger.RestoreFrom = h.Keeper.LargerGiB, nil
		volumes.verify(t, larger, volumes.update(t, restored.ID, spec, larger))
	}
}

// testRestoreToLarger leaves nothing behind what was backed up.
func testRestoreToLarger(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	p.runOne(t)
	restored := p.restore(t, cloud.RestoreFrom{VolumeID: p.volume.ID})
	volumes, from := storageVolumes(t, h.Source), storageVolumes(t, h.Source).spec(t)
	from.Name = p.volume.Name
	larger := from
	larger.SizeGiB = h.Source.LargerGiB
	volumes.update(t, p.volume.ID, from, larger)
	size := min(restored.SizeGiB, h.Source.LargerGiB)
	equal(t, "content", h.Checksum(t, h.Keeper.Operator, restored.ID, size), h.Checksum(t, h.Source.Operator, p.volume.ID, size))
}

func testRestoreWithoutKey(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	point := p.runOne(t)
	spec := p.toRestore(t, cloud.RestoreFrom{RecoveryPointID: point.ID})
	spec.RestoreFrom.Key = newBackupKey(t).Value
	if words := p.notRestored(t, spec, "/restore_from/encryption_key"); !strings.Contains(words, "key") {
		t.Errorf("the reason does not speak of the key: %s", words)
	}
	p.restore(t, cloud.RestoreFrom{RecoveryPointID: point.ID}) // Nothing is spoilt.
}

func testRestoreOfNothing(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	p.runOne(t)
	const point, volume = "no-such-point", "no-such-volume"
	words := p.notRestored(t, p.toRestore(t, cloud.RestoreFrom{RecoveryPointID: point}), "/restore_from/recovery_point_id")
	if !strings.Contains(words, point) {
		t.Errorf("the reason does not name the recovery point: %s", words)
	}
	words = p.notRestored(t, p.toRestore(t, cloud.RestoreFrom{VolumeID: volume}), "/restore_from/volume_id")
	if !strings.Contains(words, volume) {
		t.Errorf("the reason does not name the volume: %s", words)
	}
	spec := p.toRestore(t, cloud.RestoreFrom{VolumeID: p.volume.ID})
	spec.RestoreFrom.VaultID = "no-such-vault"
	_, err := storageVolumes(t, h.Keeper).create(t, spec, newKey())
	wantField(t, err, "/restore_from/vault_id")
}

// testRestoreToSmaller says how large both are.
func testRestoreToSmaller(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	volumes, from := storageVolumes(t, h.Source), storageVolumes(t, h.Source).spec(t)
	from.Name = p.volume.Name
	larger := from
	larger.SizeGiB = h.Source.LargerGiB
	volumes.update(t, p.volume.ID, from, larger)
	point := p.runOne(t)
	equal(t, "size", point.SizeBytes, h.Source.LargerGiB<<30)
	words := p.notRestored(t, p.toRestore(t, cloud.RestoreFrom{RecoveryPointID: point.ID}), "/size_gib")
	for _, size := range []int64{h.Keeper.VolumeGiB, h.Source.LargerGiB} {
		if !strings.Contains(words, strconv.FormatInt(size, 10)) {
			t.Errorf("the reason does not have the size %d GiB: %s", size, words)
		}
	}
}

// testRestoreOfAnotherVolume tells the volumes of a vault apart.
func testRestoreOfAnotherVolume(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	plans, other := backupPlans(t, h), h.volume(t)
	h.Write(t, h.Source.Operator, other.ID, 1<<20, noise(50_000))
	from := p.spec
	p.spec.Sources = []string{p.volume.ID, other.ID}
	plans.verify(t, p.spec, plans.update(t, p.plan.ID, from, p.spec))
	equal(t, "number of recovery points", len(p.run(t).RecoveryPoints), 2)
	for _, id := range p.spec.Sources {
		restored := p.restore(t, cloud.RestoreFrom{VolumeID: id})
		p.same(t, "of "+id, restored, p.sum(t, id))
	}
}

// testAnotherKey encrypts with it what comes, and leaves what there is to the former.
func testAnotherKey(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	former, sum := p.spec, p.sum(t, p.volume.ID)
	old := p.runOne(t)
	p.spec.Key = newBackupKey(t)
	backupPlans(t, h).update(t, p.plan.ID, former, p.spec)
	h.Write(t, h.Source.Operator, p.volume.ID, 0, noise(1000))
	p.runOne(t)
	restored := p.restore(t, cloud.RestoreFrom{VolumeID: p.volume.ID})
	p.same(t, "of the new key", restored, p.sum(t, p.volume.ID))
	p.spec.Key = former.Key
	restored = p.restore(t, cloud.RestoreFrom{RecoveryPointID: old.ID})
	p.same(t, "of the former key", restored, sum)
}
