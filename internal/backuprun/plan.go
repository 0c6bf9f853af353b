package backuprun

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

type plans = collection[cloud.BackupPlanSpec, cloud.BackupPlan, planRecord]

func newPlans(r *runner) *plans {
	return &plans{
		runner: r, shelf: r.plans,
		head:   func(p *planRecord) *header { return &p.header },
		meta:   func(s *cloud.BackupPlanSpec) *cloud.SpecMeta { return &s.SpecMeta },
		hidden: func(*planRecord) bool { return false },
		admit:  r.admitPlan, check: r.checkPlan, change: changePlan, view: r.viewPlans, leave: r.leavePlan,
	}
}

// admitPlan refuses what could not be backed up, as early as it can be known.
func (r *runner) admitPlan(ctx context.Context, spec cloud.BackupPlanSpec) (planRecord, error) {
	faults := append(unattended(spec), faultsOfKey(spec.Key.Value)...)
	more, err := r.faultsOfSources(ctx, spec.Sources)
	if err != nil {
		return planRecord{}, err
	}
	if err := r.faults(append(faults, more...)...); err != nil {
		return planRecord{}, err
	}
	return newPlanRecord(spec), r.admitVault(ctx, spec)
}

// unattended refuses what nobody is there to do.
func unattended(spec cloud.BackupPlanSpec) (faults []cloud.FieldError) {
	const instead = "Backups of this operator are made by the machine that runs Terraform, while it runs, and so nobody would %s. " +
		"Run Terraform by the schedule of a pipeline instead, with a vdam_backup whose keepers change, or invoke the action vdam_backup."
	if spec.Schedule != "" {
		faults = append(faults, fault("/schedule", instead, "begin a scheduled run"))
	}
	if spec.Paused {
		faults = append(faults, fault("/paused", instead, "heed that the schedule rests"))
	}
	return faults
}

func (r *runner) faultsOfSources(ctx context.Context, sources []string) (faults []cloud.FieldError, err error) {
	there, err := r.stock(ctx)
	if err != nil {
		return nil, err
	}
	for i, id := range sources {
		if there.volume(id) != nil {
			continue
		}
		machine, err := r.op.VirtualMachines.Get(ctx, id)
		switch {
		case errors.Is(err, cloud.ErrNotFound):
			faults = append(faults, fault(indexed("/sources", i), "There is no storage volume or virtual machine %s in this project.", id))
		case err != nil:
			return nil, err
		case machine.BootVolumeID == "":
			faults = append(faults, fault(indexed("/sources", i), bootsFromHost))
		}
	}
	return faults, nil
}

// checkPlan refuses a change. What a source was when it was declared may have gone since.
func (r *runner) checkPlan(ctx context.Context, k kept[planRecord], change cloud.Change[cloud.BackupPlanSpec]) error {
	from, to := change.From, change.To
	faults := unattended(to)
	if from.Key.Fingerprint != to.Key.Fingerprint && to.Key.Value != "" {
		faults = append(faults, faultsOfKey(to.Key.Value)...)
	}
	fresh := slices.DeleteFunc(slices.Clone(to.Sources), func(id string) bool { return slices.Contains(k.is.Sources, id) })
	if len(fresh) > 0 {
		missing, err := r.faultsOfSources(ctx, to.Sources)
		if err != nil {
			return err
		}
		for _, f := range missing {
			if slices.ContainsFunc(fresh, func(id string) bool { return f.Pointer == indexed("/sources", slices.Index(to.Sources, id)) }) {
				faults = append(faults, f)
			}
		}
	}
	if err := r.faults(faults...); err != nil {
		return err
	}
	if from.Retention == to.Retention {
		return nil
	}
	_, vault, err := r.vault(ctx, k.is.Vault)
	if err != nil {
		return err
	}
	return r.faults(faultsOfRetention(vault, to.Retention)...)
}

// changePlan leaves alone what is equal in both.
func changePlan(p *planRecord, change cloud.Change[cloud.BackupPlanSpec]) {
	from, to := change.From, change.To
	if !slices.Equal(slices.Sorted(slices.Values(from.Sources)), slices.Sorted(slices.Values(to.Sources))) {
		p.Sources = to.Sources
	}
	if from.Key.Fingerprint != to.Key.Fingerprint && to.Key.Value != "" {
		p.KeyFingerprint = fingerprint(to.Key.Value)
	}
	if from.Retention != to.Retention {
		p.Retention = int64(to.Retention / time.Second)
	}
	if from.RPO != to.RPO {
		p.RPO = int64(to.RPO / time.Second)
	}
	if from.Consistency != to.Consistency {
		p.Consistency = cmp.Or(to.Consistency, cloud.ConsistencyCrash)
	}
}

// viewPlans shows plans by what there is of volumes and recovery points now, which is asked for once.
func (r *runner) viewPlans(ctx context.Context) func(cloud.Meta, planRecord) (cloud.BackupPlan, error) {
	var there stock
	var made []kept[backupRecord]
	var known bool
	return func(m cloud.Meta, p planRecord) (cloud.BackupPlan, error) {
		if !known {
			var err error
			if there, err = r.stock(ctx); err == nil {
				made, err = r.allBackups(ctx)
			}
			if err != nil {
				return cloud.BackupPlan{}, err
			}
			known = true
		}
		return r.plan(m, p, there, made), nil
	}
}

func (r *runner) plan(m cloud.Meta, p planRecord, there stock, made []kept[backupRecord]) cloud.BackupPlan {
	out := cloud.BackupPlan{
		Meta: m, Sources: p.Sources, Vault: cloud.VaultReference{Operator: p.Vault.Operator, ID: p.Vault.ID, URL: p.Vault.URL},
		KeyFingerprint: p.KeyFingerprint, Retention: p.retention(), RPO: p.rpo(), LastSuccessAt: p.LastSuccessAt, LastError: p.LastError,
		Consistency: p.Consistency, LastDrill: p.drill(),
	}
	newest := newestOf(m.ID, p.KeyFingerprint, made)
	out.Protected = there.protected(p.Sources, newest)
	out.Stale = len(out.Protected) == 0
	for i := range out.Protected {
		v := &out.Protected[i]
		if v.Newest != nil && r.now().Sub(v.Newest.TakenAt) > p.retention() {
			v.Newest = nil // It cannot be restored for certain any more.
		}
		if v.Newest == nil || p.RPO > 0 && r.now().Sub(v.Newest.TakenAt) > p.rpo() {
			out.Stale = true
		}
	}
	return out
}

// leavePlan takes along what nobody can see without the plan. The recovery points stay in the vault.
func (r *runner) leavePlan(ctx context.Context, k kept[planRecord]) (bool, error) {
	all, err := r.allBackups(ctx)
	if err != nil {
		return false, err
	}
	for _, b := range all {
		if b.is.PlanID != k.ID {
			continue
		}
		if r.running(b.ID) != nil || r.elsewhere(&b.is) {
			return false, r.refused(cloud.ErrBusy, "A run of the backup plan is on.", "")
		}
		if !b.is.Forgotten {
			continue
		}
		if err := r.op.Records.Delete(ctx, r.backups.kind, b.ID); err != nil && !errors.Is(err, cloud.ErrNotFound) {
			return false, err
		}
	}
	return false, nil
}

// drills implement cloud.DrillLog.
type drills struct{ *runner }

// Note implements cloud.DrillLog.
func (d drills) Note(ctx context.Context, planID string, drill cloud.Drill) error {
	if drill.StartedAt.Sub(d.now()) > day {
		return d.invalid("/started_at", "It begins more than a day from now, so no drill would come after it.")
	}
	_, err := d.plans.change(ctx, planID, func(p *planRecord) error {
		if p.LastDrill == nil || !drill.StartedAt.Before(p.LastDrill.StartedAt) {
			p.LastDrill = &drillRecord{
				StartedAt: drill.StartedAt.UTC(), Passed: drill.Passed, RTO: int64((drill.RTO + time.Second - 1) / time.Second),
			}
		}
		return nil
	})
	return err
}
