package cloudtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

func testInvalidVault(t *testing.T, h BackupHarness) {
	k := backupVaults(t, h.Keeper)
	spec := k.spec(t)
	spec.RetentionDays = spec.Immutability.Days - 1
	_, err := k.create(t, spec, newKey())
	wantField(t, err, "/retention_days")
	spec = k.spec(t)
	spec.Name = "Not_A_Name"
	_, err = k.create(t, spec, newKey())
	wantField(t, err, "/name")
}

// testLock makes a lock longer and stricter, and neither shorter nor looser.
func testLock(t *testing.T, h BackupHarness) {
	k := backupVaults(t, h.Keeper)
	from := k.spec(t)
	id := k.ready(t, from, newKey()).ID
	refused := func(pointer string, spoil func(*cloud.BackupVaultSpec)) {
		t.Helper()
		to := from
		spoil(&to)
		_, err := k.collection.Update(t.Context(), id, cloud.Change[cloud.BackupVaultSpec]{From: from, To: to})
		wantField(t, err, pointer)
		got, err := k.collection.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		k.verify(t, from, got)
	}
	refused("/immutability/days", func(s *cloud.BackupVaultSpec) { s.Immutability.Days-- })
	refused("/retention_days", func(s *cloud.BackupVaultSpec) { s.RetentionDays = s.Immutability.Days - 1 })
	stricter := from
	stricter.Immutability = cloud.Immutability{Mode: cloud.ImmutabilityCompliance, Days: from.Immutability.Days + 1}
	k.verify(t, stricter, k.update(t, id, from, stricter))
	from = stricter
	refused("/immutability/mode", func(s *cloud.BackupVaultSpec) { s.Immutability.Mode = cloud.ImmutabilityGovernance })
}

// testVaultWithoutLimits takes back what a vault can be without.
func testVaultWithoutLimits(t *testing.T, h BackupHarness) {
	k := backupVaults(t, h.Keeper)
	from := k.spec(t)
	from.QuotaGiB, from.Beneficiary = 500, h.Source.Operator.Name
	vault := k.ready(t, from, newKey())
	k.verify(t, from, vault)
	to := from
	to.QuotaGiB = 0
	k.verify(t, to, k.update(t, vault.ID, from, to))
}

func testVaultProtection(t *testing.T, h BackupHarness) {
	k := backupVaults(t, h.Keeper)
	from := k.spec(t)
	from.DeletionProtection = true
	id := k.ready(t, from, newKey()).ID
	to := from
	to.DeletionProtection = false
	err := k.collection.Delete(t.Context(), id)
	stillThere := k.update(t, id, from, to) // First of all, so that it can be deleted at the end.
	wantError(t, "deletion of a protected vault", err, cloud.ErrConflict)
	k.verify(t, to, stillThere)
}

// testVaultInUse keeps a vault that locks what is in it, until the lock ends.
func testVaultInUse(t *testing.T, h BackupHarness) {
	p := h.protect(t)
	p.runOne(t)
	backupPlans(t, h).delete(t, p.plan.ID)
	k := backupVaults(t, h.Keeper)
	wantError(t, "deletion of a vault with backups", k.collection.Delete(t.Context(), p.spec.Vault.ID), cloud.ErrConflict)
	vault := k.becomes(t, p.spec.Vault.ID, cloud.StateReady)
	if vault.UsedBytes < 8<<20 && !h.unattended() { // What others have written an operator counts when it comes to it.
		t.Errorf("8 MiB of noise take %d bytes", vault.UsedBytes)
	}
	if h.Keeper.MoveClock != nil {
		h.Keeper.MoveClock(t, time.Duration(vault.Immutability.Days)*day+time.Hour)
		k.delete(t, vault.ID)
	}
}

func testInvalidPlan(t *testing.T, h BackupHarness) {
	k := backupPlans(t, h)
	valid := k.spec(t)
	refused := func(pointer string, spoil func(*cloud.BackupPlanSpec)) {
		t.Helper()
		spec := valid
		spoil(&spec)
		_, err := k.create(t, spec, newKey())
		wantField(t, err, pointer)
		if text := fmt.Sprintf("%+v", err); strings.Contains(text, spec.Key.Value) {
			t.Errorf("an error has the key: %s", text)
		}
	}
	refused("/sources/1", func(s *cloud.BackupPlanSpec) { s.Sources = append(s.Sources[:1:1], "no-such-volume") })
	refused("/schedule", func(s *cloud.BackupPlanSpec) { s.Schedule = "61 3 * * *" })
	refused("/schedule", func(s *cloud.BackupPlanSpec) { s.Schedule = "every night" })
	// The vault keeps for 30 days what a run relies on, so that nothing lasts as long from each of the runs.
	refused("/retention_seconds", func(s *cloud.BackupPlanSpec) { s.Retention = 30 * day })
	refused("/encryption_key", func(s *cloud.BackupPlanSpec) { s.Key.Value = "AGE-SECRET-KEY-1" + strings.Repeat("Q", 58) })

	id := k.ready(t, valid, newKey()).ID
	longer := valid
	longer.Retention = 31 * day
	_, err := k.collection.Update(t.Context(), id, cloud.Change[cloud.BackupPlanSpec]{From: valid, To: longer})
	wantField(t, err, "/retention_seconds")
	k.verify(t, valid, k.becomes(t, id, cloud.StateReady))
}

// testForeignVault refuses vaults that are not there, or not for this operator.
func testForeignVault(t *testing.T, h BackupHarness) {
	k, vaults := backupPlans(t, h), backupVaults(t, h.Keeper)
	valid := k.spec(t)
	spec := valid
	spec.Vault.ID += "0"
	spec.Vault.URL += "0"
	_, err := k.create(t, spec, newKey())
	wantField(t, err, "/vault/url")

	reserved := vaults.spec(t)
	reserved.Beneficiary = h.Stranger
	vault := vaults.ready(t, reserved, newKey())
	spec.Vault.ID, spec.Vault.URL = vault.ID, vault.URL
	_, err = k.create(t, spec, newKey())
	wantField(t, err, "/vault/url")

	own := vaults.spec(t)
	own.Beneficiary = h.Source.Operator.Name
	vault = vaults.ready(t, own, newKey())
	spec.Vault.ID, spec.Vault.URL = vault.ID, vault.URL
	k.verify(t, spec, k.ready(t, spec, newKey()))
}

// testPlanWithoutSchedule takes back what a plan can be without.
func testPlanWithoutSchedule(t *testing.T, h BackupHarness) {
	k := backupPlans(t, h)
	from := k.spec(t)
	id := k.ready(t, from, newKey()).ID
	to := from
	to.Schedule, to.RPO = "", 0
	k.verify(t, to, k.update(t, id, from, to))
	k.verify(t, from, k.update(t, id, to, from))
}

// testKeyIsNeverReadBack looks for the key in all that is answered.
func testKeyIsNeverReadBack(t *testing.T, h BackupHarness) {
	k := backupPlans(t, h)
	spec := k.spec(t)
	secret := func(what string, plan cloud.BackupPlan) {
		t.Helper()
		if strings.Contains(fmt.Sprintf("%+v", plan), spec.Key.Value) {
			t.Errorf("the key is in what %s answers", what)
		}
		equal(t, "fingerprint that "+what+" answers", plan.KeyFingerprint, spec.Key.Fingerprint)
	}
	key := newKey()
	secret("an order", k.order(t, spec, key))
	secret("the same order", k.order(t, spec, key))
	plan := k.find(t, cloud.ListOptions{Name: spec.Name})
	if len(plan) != 1 {
		t.Fatalf("the list has %d plans of the name", len(plan))
	}
	for id, listed := range plan {
		secret("a list", listed)
		secret("a wait", k.becomes(t, id, cloud.StateReady))
		to := spec
		to.Key = newBackupKey(t)
		from := spec
		spec = to
		secret("a change", k.update(t, id, from, to))
		// Whoever has the key no longer at hand can change all else.
		from = to
		from.Key.Value, to.Key.Value, to.RPO = "", "", 30*time.Hour
		secret("a change without the key", k.update(t, id, from, to))
	}
}
