package backuprun_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// scene is a plan of some volumes at the source, into a vault at the keeper.
type scene struct {
	*pair
	key     string
	vault   cloud.BackupVault
	volumes []cloud.StorageVolume
	plan    cloud.BackupPlan
}

func newScene(t *testing.T, volumes int) *scene {
	t.Helper()
	t.Parallel()
	s := &scene{pair: newPair(t)}
	for _, d := range s.bytes {
		d.most = 32 << 20
	}
	var err error
	s.key, err = mover.NewKey()
	must(t, err)
	s.vault = settle(t, s.ops[keeper].BackupVaults, created(t, s.ops[keeper].BackupVaults, cloud.BackupVaultSpec{
		SpecMeta:     cloud.SpecMeta{Name: "vault"},
		Immutability: cloud.Immutability{Mode: cloud.ImmutabilityGovernance, Days: 7}, RetentionDays: 31,
	}, "vault"))
	for _, name := range []string{"one", "two", "three"}[:volumes] {
		s.volumes = append(s.volumes, s.volume(t, source, cloud.StorageVolumeSpec{SpecMeta: cloud.SpecMeta{Name: name}, SizeGiB: 1}))
		s.write(t, source, s.volumes[len(s.volumes)-1].ID)
	}
	s.plan = created(t, s.ops[source].BackupPlans, s.spec(), "plan")
	return s
}

// spec is the plan's.
func (s *scene) spec() cloud.BackupPlanSpec {
	spec := cloud.BackupPlanSpec{
		SpecMeta:  cloud.SpecMeta{Name: "nightly"},
		Vault:     cloud.VaultReference{Operator: keeper, ID: s.vault.ID, URL: s.vault.URL},
		Retention: 14 * day, Key: cloud.BackupKey{Value: s.key},
	}
	for _, v := range s.volumes {
		spec.Sources = append(spec.Sources, v.ID)
	}
	return spec
}

func (s *scene) volume(t *testing.T, operator string, spec cloud.StorageVolumeSpec) cloud.StorageVolume {
	t.Helper()
	return settle(t, s.ops[operator].StorageVolumes, created(t, s.ops[operator].StorageVolumes, spec, spec.Name))
}

// write puts noise into a volume.
func (s *scene) write(t *testing.T, operator, id string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, operator+"-volumes", id+".img"), os.O_RDWR, 0)
	must(t, err)
	noise := make([]byte, 3<<20)
	_, _ = rand.Read(noise) // It never fails.
	_, err = f.WriteAt(noise, 7<<20)
	must(t, errors.Join(err, f.Close()))
}

// backup is ordered at the source.
func (s *scene) backup(t *testing.T, op *cloud.Operator, name string) cloud.Backup {
	t.Helper()
	return created(t, op.Backups, s.backupSpec(name), name)
}

func (s *scene) backupSpec(name string) cloud.BackupSpec {
	return cloud.BackupSpec{SpecMeta: cloud.SpecMeta{Name: name}, PlanID: s.plan.ID, Key: cloud.BackupKey{Value: s.key}}
}

// protected is a backup that has worked.
func (s *scene) protected(t *testing.T, name string) cloud.Backup {
	t.Helper()
	b := settle(t, s.ops[source].Backups, s.backup(t, s.ops[source], name))
	if b.State != cloud.StateReady {
		t.Fatalf("the backup %s is %s: %s", name, b.State, b.StateMessage)
	}
	return b
}

func (s *scene) toRestore(from cloud.RestoreFrom) cloud.StorageVolumeSpec {
	from.VaultID, from.Key = s.vault.ID, s.key
	return cloud.StorageVolumeSpec{SpecMeta: cloud.SpecMeta{Name: "restored"}, SizeGiB: 1, RestoreFrom: &from, DeletionProtection: true}
}

// same compares a volume at the source with one at the keeper.
func (s *scene) same(t *testing.T, at, is string) {
	t.Helper()
	sum := harness(s.pair).Checksum
	if sum(t, s.ops[source], at, 1) != sum(t, s.ops[keeper], is, 1) {
		t.Error("what was restored is not what was backed up")
	}
}

func created[S any, O cloud.Object](t *testing.T, c cloud.Collection[S, O], spec S, key string) O {
	t.Helper()
	o, err := c.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: ownerKey(key), Deployment: "test"})
	must(t, err)
	return o
}

// ownerKey is one that can be computed again.
func ownerKey(of string) string { return uuid.NewSHA1(uuid.Nil, []byte(of)).String() }

// settle waits until an object does not change any more.
func settle[S any, O cloud.Object](t *testing.T, c cloud.Collection[S, O], o O) O {
	t.Helper()
	for !o.Metadata().State.Settled() {
		var err error
		o, err = c.Await(t.Context(), o.Metadata().ID, time.Minute)
		must(t, err)
	}
	return o
}

func mentions(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not have %q: %s", what, w, text)
		}
	}
}
