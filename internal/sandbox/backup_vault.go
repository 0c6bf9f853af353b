package sandbox

import (
	"context"
	"net/http"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// The kinds' parts of the path, by which they name each other.
const (
	vaultSegment  = "backup-vaults"
	planSegment   = "backup-plans"
	backupSegment = "backups"
)

// unlockedVault is what is to be known of a vault that is a folder.
const unlockedVault = "This sandbox keeps the vault in a folder: nothing locks what is in it, and whoever can write there can delete it."

var backupVaultKind = kind{
	segment: vaultSegment, noun: "backup vault", prefix: "vault", schema: "BackupVaultCreate",
	mutable:  []string{"immutability", "retention_days", "quota_gib", "deletion_protection"},
	offered:  func(p *profile) bool { return p.Backups },
	fresh:    func() any { return &api.BackupVaultCreate{} },
	admit:    admitBackupVault,
	accepted: func(w *world, o *object) { w.prepareVault(o) },
	entered:  func(w *world, o *object) { w.vaults.enter(w.profile.Name, o) },
	held:     heldBackupVault,
	leaving:  func(w *world, o *object) { w.leaveVault(o) },
	removed:  func(w *world, o *object) { w.removeVault(o) },
	usage:    func(*object) usage { return nil },
	render:   renderBackupVault,
	live: func(w *world, o *object) any {
		v, _ := renderBackupVault(o, o.meta()).(api.BackupVault)
		v.UsedBytes = w.vaults.usedBytes(o.ID)
		return v
	},
}

func vaultSpec(o *object) *api.BackupVaultCreate {
	return o.spec.(*api.BackupVaultCreate) //nolint:forcetypeassert // Made by fresh.
}

func admitBackupVault(w *world, o, old *object) *problem {
	spec := vaultSpec(o)
	var faults []api.FieldError
	if lock := spec.Immutability; spec.RetentionDays < lock.Days {
		faults = append(faults, fieldError("/retention_days",
			"What was written is locked for %d days, and so cannot be kept for %d only.", lock.Days, spec.RetentionDays))
	}
	if old == nil {
		o.Derived.URL, o.Derived.Bucket = vaultURL(w.profile.Name, o.ID), w.vaults.store != nil
		return refused(faults)
	}
	is, was := spec.Immutability, vaultSpec(old).Immutability
	if is.Days < was.Days {
		faults = append(faults, fieldError("/immutability/days", "A lock does not get shorter: it is one of %d days.", was.Days))
	}
	if was.Mode == api.ImmutabilityModeCompliance && is.Mode != was.Mode {
		faults = append(faults, fieldError("/immutability/mode", "A vault in compliance mode stays in it."))
	}
	if len(faults) == 0 && is != was && o.Derived.Bucket && w.vaults.store == nil {
		return newProblem(http.StatusServiceUnavailable, "unavailable", "The lock cannot be changed now: %v.", errNoS3)
	}
	if kept := vaultSpec(old).RetentionDays; len(faults) == 0 && spec.RetentionDays < kept {
		n, p := w.countInVault(old, kept, item.isPoint)
		if p != nil {
			return p
		}
		if n > 0 {
			faults = append(faults, fieldError("/retention_days", "What the vault keeps for %d days does not get shorter while there are "+
				"recovery points in it, of which there are %d: they rely on what was written before them.", kept, n))
		}
	}
	return refused(faults)
}

func heldBackupVault(w *world, o *object) *problem {
	spec := vaultSpec(o)
	if value(spec.DeletionProtection) && !o.MeteredSince.IsZero() {
		return protected(o)
	}
	n, p := w.countInVault(o, spec.Immutability.Days, item.locks)
	if n > 0 {
		return inUse("The backup vault %s locks what was written for %d days. The number of objects in it that are younger is %d.",
			o.common.Name, spec.Immutability.Days, n)
	}
	return p
}

// countInVault counts what is younger than so many days.
func (w *world) countInVault(o *object, young int, of func(item) bool) (int, *problem) {
	ctx, cancel := context.WithTimeout(w.transfers.ctx, w.transfers.patience)
	defer cancel()
	n, err := w.vaults.count(ctx, o.ID, young, of)
	if err != nil {
		p := newProblem(http.StatusServiceUnavailable, "unavailable", "What is in the backup vault %s is not known: %v.", o.common.Name, err)
		p.retryAfter = optional(unknownRetryAfterSeconds)
		return 0, p
	}
	return n, nil
}

func renderBackupVault(o *object, m api.Meta) any {
	spec := vaultSpec(o)
	if m.StateMessage == nil && !o.Derived.Bucket {
		m.StateMessage = optional(unlockedVault)
	}
	return api.BackupVault{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		Immutability: spec.Immutability, RetentionDays: spec.RetentionDays, QuotaGib: spec.QuotaGib, Beneficiary: spec.Beneficiary,
		DeletionProtection: value(spec.DeletionProtection), Url: o.Derived.URL, Simulated: optional(!o.Derived.Bucket),
	}
}
