package cloudtest

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const day = 24 * time.Hour

// BackupHarness is two operators under test: what runs at one is kept by the other, where volumes are no smaller. A scenario
// whose hook is nil is skipped.
type BackupHarness struct {
	// Source is where the plans are, Keeper where the vaults are.
	Source, Keeper Harness
	// Stranger is the name of an operator that is neither.
	Stranger string
	// Write changes bytes of a volume, as its machine would.
	Write func(t *testing.T, op *cloud.Operator, volumeID string, offset int64, data []byte)
	// Checksum tells apart what is in the first GiBs of volumes.
	Checksum func(t *testing.T, op *cloud.Operator, volumeID string, sizeGiB int64) string
}

// RunBackups runs the part of the suite that is about backups. Each scenario has operators of its own.
func RunBackups(t *testing.T, newPair func(t *testing.T) BackupHarness) {
	keeper := func(t *testing.T) Harness {
		t.Helper()
		return newPair(t).Keeper
	}
	t.Run("backup vault", func(t *testing.T) { runKind(t, keeper, backupVaults) })
	t.Run("backup plan", func(t *testing.T) {
		runMade(t, func(t *testing.T) *kind[cloud.BackupPlanSpec, cloud.BackupPlan] {
			t.Helper()
			return backupPlans(t, newPair(t))
		})
	})
	t.Run("backup", func(t *testing.T) {
		runMade(t, func(t *testing.T) *kind[cloud.BackupSpec, cloud.Backup] {
			t.Helper()
			return backupsOf(t, newPair(t))
		})
	})
	for name, scenario := range map[string]func(*testing.T, BackupHarness){
		"invalid vault":             testInvalidVault,
		"lock never gets shorter":   testLock,
		"vault without limits":      testVaultWithoutLimits,
		"vault protection":          testVaultProtection,
		"vault with backups":        testVaultInUse,
		"invalid plan":              testInvalidPlan,
		"foreign vault":             testForeignVault,
		"plan without a schedule":   testPlanWithoutSchedule,
		"key is never read back":    testKeyIsNeverReadBack,
		"another key":               testAnotherKey,
		"backup without a plan":     testBackupWithoutPlan,
		"incremental":               testIncremental,
		"machine as a source":       testMachineAsSource,
		"stopped machines":          testStoppedMachines,
		"recovery points in order":  testRecoveryPoints,
		"failed run":                testFailedRun,
		"schedule":                  testSchedule,
		"stale":                     testStale,
		"drills":                    testDrills,
		"restore":                   testRestore,
		"restore to a larger one":   testRestoreToLarger,
		"restore without the key":   testRestoreWithoutKey,
		"restore of what is not":    testRestoreOfNothing,
		"restore to a smaller one":  testRestoreToSmaller,
		"restore of another volume": testRestoreOfAnotherVolume,
		"restore of a machine":      testRestoreMachine,
		"machine is not restored":   testMachineNotRestored,
	} {
		t.Run(name, func(t *testing.T) { scenario(t, newPair(t)) })
	}
}

func backupVaults(_ *testing.T, h Harness) *kind[cloud.BackupVaultSpec, cloud.BackupVault] {
	return &kind[cloud.BackupVaultSpec, cloud.BackupVault]{
		h: h, kind: cloud.KindBackupVault, collection: h.Operator.BackupVaults, locked: true,
		meta: func(s *cloud.BackupVaultSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(*testing.T) cloud.BackupVaultSpec {
			return cloud.BackupVaultSpec{
				SpecMeta:     cloud.SpecMeta{Name: newName("vault")},
				Immutability: cloud.Immutability{Mode: cloud.ImmutabilityGovernance, Days: 7}, RetentionDays: 30,
			}
		},
		change: func(s *cloud.BackupVaultSpec) {
			s.Immutability, s.RetentionDays = cloud.Immutability{Mode: cloud.ImmutabilityCompliance, Days: 14}, 60
			s.QuotaGiB = 100
		},
		check: func(t *testing.T, s cloud.BackupVaultSpec, o cloud.BackupVault) {
			t.Helper()
			equal(t, "immutability", o.Immutability, s.Immutability)
			equal(t, "retention", o.RetentionDays, s.RetentionDays)
			equal(t, "quota", o.QuotaGiB, s.QuotaGiB)
			equal(t, "beneficiary", o.Beneficiary, s.Beneficiary)
			equal(t, "deletion protection", o.DeletionProtection, s.DeletionProtection)
			chosen(t, "URL", o.URL, "")
		},
	}
}

// unattended reports whether nobody is there to begin a scheduled run.
func (h BackupHarness) unattended() bool { return h.Source.Operator.Capabilities.BackupsRunHere }

// backupSpec asks for a backup, with the key where whoever makes it has kept none.
func (h BackupHarness) backupSpec(planID string, key cloud.BackupKey) cloud.BackupSpec {
	spec := cloud.BackupSpec{SpecMeta: cloud.SpecMeta{Name: newName("backup")}, PlanID: planID}
	if h.unattended() {
		spec.Key = key
	}
	return spec
}

// newBackupKey makes a key as age-keygen does.
func newBackupKey(t *testing.T) cloud.BackupKey {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(identity.String()))
	return cloud.BackupKey{Value: identity.String(), Fingerprint: hex.EncodeToString(sum[:8])}
}

// vault makes a vault at the keeper for plans of the source.
func (h BackupHarness) vault(t *testing.T) cloud.VaultReference {
	t.Helper()
	vaults := backupVaults(t, h.Keeper)
	v := vaults.ready(t, vaults.spec(t), newKey())
	return cloud.VaultReference{Operator: h.Keeper.Operator.Name, ID: v.ID, URL: v.URL}
}

// volume makes a volume at the source.
func (h BackupHarness) volume(t *testing.T) cloud.StorageVolume {
	t.Helper()
	volumes := storageVolumes(t, h.Source)
	return volumes.ready(t, volumes.spec(t), newKey())
}

func backupPlans(t *testing.T, h BackupHarness) *kind[cloud.BackupPlanSpec, cloud.BackupPlan] {
	t.Helper()
	return &kind[cloud.BackupPlanSpec, cloud.BackupPlan]{
		h: h.Source, kind: cloud.KindBackupPlan, collection: h.Source.Operator.BackupPlans, local: h.unattended(),
		meta: func(s *cloud.BackupPlanSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(t *testing.T) cloud.BackupPlanSpec {
			t.Helper()
			s := cloud.BackupPlanSpec{
				SpecMeta: cloud.SpecMeta{Name: newName("plan")}, Sources: []string{h.volume(t).ID}, Vault: h.vault(t),
				Key: newBackupKey(t), Schedule: "30 3 * * *", Retention: 14 * day, RPO: 26 * time.Hour,
			}
			if h.unattended() {
				s.Schedule = ""
			}
			return s
		},
		change: func(s *cloud.BackupPlanSpec) {
			s.Sources = append([]string{h.volume(t).ID}, s.Sources...)
			s.Key = newBackupKey(t)
			s.Retention, s.RPO = 21*day, 7*time.Hour
			if !h.unattended() {
				s.Schedule, s.Paused = "0 */6 * * 1-5", true
			}
			s.Consistency = cloud.ConsistencyStopped
		},
		check: checkPlan,
	}
}

func checkPlan(t *testing.T, s cloud.BackupPlanSpec, o cloud.BackupPlan) {
	t.Helper()
	if !slices.Equal(slices.Sorted(slices.Values(o.Sources)), slices.Sorted(slices.Values(s.Sources))) {
		t.Errorf("sources are %v; want %v", o.Sources, s.Sources)
	}
	equal(t, "vault", o.Vault, s.Vault)
	equal(t, "the key's fingerprint", o.KeyFingerprint, s.Key.Fingerprint)
	equal(t, "schedule", o.Schedule, s.Schedule)
	equal(t, "retention", o.Retention, s.Retention)
	equal(t, "RPO", o.RPO, s.RPO)
	equal(t, "paused", o.Paused, s.Paused)
	equal(t, "consistency", o.Consistency, cmp.Or(s.Consistency, cloud.ConsistencyCrash))
	equal(t, "a next run is known", !o.NextRunAt.IsZero(), s.Schedule != "" && !s.Paused)
}

func backupsOf(_ *testing.T, h BackupHarness) *kind[cloud.BackupSpec, cloud.Backup] {
	return &kind[cloud.BackupSpec, cloud.Backup]{
		h: h.Source, kind: cloud.KindBackup, collection: h.Source.Operator.Backups, local: h.unattended(),
		meta: func(s *cloud.BackupSpec) *cloud.SpecMeta { return &s.SpecMeta },
		spec: func(t *testing.T) cloud.BackupSpec {
			t.Helper()
			plans := backupPlans(t, h)
			declared := plans.spec(t)
			return h.backupSpec(plans.ready(t, declared, newKey()).ID, declared.Key)
		},
		check: func(t *testing.T, s cloud.BackupSpec, o cloud.Backup) {
			t.Helper()
			equal(t, "plan", o.PlanID, s.PlanID)
			if o.State == cloud.StateReady {
				equal(t, "number of recovery points", len(o.RecoveryPoints), 1)
			}
		},
	}
}

// protection is a plan with what it backs up.
type protection struct {
	BackupHarness
	spec   cloud.BackupPlanSpec
	plan   cloud.BackupPlan
	volume cloud.StorageVolume
}

// protect makes a plan of one volume with some bytes in it, whose schedule rests.
func (h BackupHarness) protect(t *testing.T) protection {
	t.Helper()
	if h.Write == nil || h.Checksum == nil {
		t.Skip("nobody sees the bytes of volumes at these operators")
	}
	plans := backupPlans(t, h)
	p := protection{BackupHarness: h, volume: h.volume(t)}
	p.spec = cloud.BackupPlanSpec{
		SpecMeta: cloud.SpecMeta{Name: newName("plan")}, Sources: []string{p.volume.ID}, Vault: h.vault(t), Key: newBackupKey(t),
		Retention: 14 * day,
	}
	p.plan = plans.ready(t, p.spec, newKey())
	h.Write(t, h.Source.Operator, p.volume.ID, 0, noise(8<<20))
	h.Write(t, h.Source.Operator, p.volume.ID, p.volume.SizeGiB<<30-5000, noise(5000))
	return p
}

// noise is what no compression makes smaller.
func noise(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.Read(data) // It never fails.
	return data
}

// run backs up now.
func (p protection) run(t *testing.T) cloud.Backup {
	t.Helper()
	runs := backupsOf(t, p.BackupHarness)
	return runs.ready(t, p.backupSpec(p.plan.ID, p.spec.Key), newKey())
}

// runOne backs up now what is one volume.
func (p protection) runOne(t *testing.T) cloud.RecoveryPoint {
	t.Helper()
	made := p.run(t).RecoveryPoints
	if len(made) != 1 {
		t.Fatalf("the backup of one volume has the recovery points %+v", made)
	}
	return made[0]
}

// read reads the plan.
func (p protection) read(t *testing.T) cloud.BackupPlan {
	t.Helper()
	plan, err := p.Source.Operator.BackupPlans.Get(t.Context(), p.plan.ID)
	if err != nil {
		t.Fatalf("read the plan: %v", err)
	}
	return plan
}

// points are the plan's recovery points.
func (p protection) points(t *testing.T) []cloud.RecoveryPoint {
	t.Helper()
	var points []cloud.RecoveryPoint
	for point, err := range p.Source.Operator.RecoveryPoints.Of(t.Context(), p.plan.ID) {
		if err != nil {
			t.Fatalf("recovery points: %v", err)
		}
		points = append(points, point)
	}
	return points
}

// sum is the checksum of a volume at the source.
func (p protection) sum(t *testing.T, volumeID string) string {
	t.Helper()
	return p.Checksum(t, p.Source.Operator, volumeID, p.Source.VolumeGiB)
}

// same compares a volume at the keeper with a checksum.
func (p protection) same(t *testing.T, what string, restored cloud.StorageVolume, sum string) {
	t.Helper()
	equal(t, "content "+what, p.Checksum(t, p.Keeper.Operator, restored.ID, p.Source.VolumeGiB), sum)
}
