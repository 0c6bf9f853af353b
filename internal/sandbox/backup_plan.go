package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

var backupPlanKind = kind{
	segment: planSegment, noun: "backup plan", prefix: "plan", schema: "BackupPlanCreate",
	mutable:  []string{"sources", "bucket", "encryption_key", "schedule", "retention_seconds", "rpo_seconds", "paused", "consistency"},
	offered:  func(p *profile) bool { return p.Backups },
	fresh:    func() any { return &api.BackupPlanCreate{} },
	admit:    admitBackupPlan,
	accepted: func(w *world, _ *object) { w.wake() },
	entered:  func(w *world, o *object) { w.plans[o.ID] = o },
	removed:  func(w *world, o *object) { delete(w.plans, o.ID) },
	usage:    func(*object) usage { return nil },
	render:   renderBackupPlan,
	live:     func(w *world, o *object) any { return w.livePlan(o) },
}

// runs are what a backup plan has done. It is replaced, never changed.
type runs struct {
	// NextAt is when the schedule begins the next one; zero if it does not.
	NextAt time.Time `json:"next_at,omitzero"`
	// Begun says that one of the schedule is not over.
	Begun         bool      `json:"begun,omitempty"`
	LastSuccessAt time.Time `json:"last_success_at,omitzero"`
	LastError     string    `json:"last_error,omitempty"`
	// Newest has the newest recovery points of volumes by their ids.
	Newest map[string]api.RecoveryPoint `json:"newest,omitempty"`
	// LastDrill is nil before the first. It is replaced, never changed.
	LastDrill *api.BackupDrill `json:"last_drill,omitempty"`
}

func planSpec(o *object) *api.BackupPlanCreate {
	return o.spec.(*api.BackupPlanCreate) //nolint:forcetypeassert // Made by fresh.
}

// fingerprint tells keys apart, and tells nothing of them.
func fingerprint(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])[:16]
}

func admitBackupPlan(w *world, o, old *object) *problem {
	spec := planSpec(o)
	if spec.Paused == nil {
		spec.Paused = optional(false)
	}
	if spec.Consistency == nil {
		spec.Consistency = optional(api.BackupConsistencyCrash)
	}
	faults := w.faultsOfSources(o)
	if spec.Bucket != nil {
		faults = append(faults, faultsOfAgency(spec, old)...)
	} else {
		faults = append(faults, w.faultsOfVault(spec, old == nil)...)
	}
	if fault := faultOfKey(spec.EncryptionKey); fault != nil {
		faults = append(faults, *fault)
	}
	next, fault := w.nextRun(spec)
	if fault != nil {
		faults = append(faults, *fault)
	}
	switch {
	case next.IsZero():
		o.Derived.Runs.NextAt = time.Time{}
	case old == nil || old.Derived.Runs.NextAt.IsZero() || value(planSpec(old).Schedule) != value(spec.Schedule):
		o.Derived.Runs.NextAt = next
	}
	return refused(faults)
}

// faultOfKey refuses what is no key, in words that do not tell it.
func faultOfKey(key string) *api.FieldError {
	var known *mover.Error
	if _, err := mover.OpenFolder("", mover.Options{Key: key}); errors.As(err, &known) {
		fault := fieldError("/encryption_key", "%s", known.Detail)
		return &fault
	}
	return nil
}

// faultsOfSources finds what cannot be backed up. What was there when it was declared may be gone by now.
func (w *world) faultsOfSources(o *object) (faults []api.FieldError) {
	for i, id := range planSpec(o).Sources {
		_, backedUp := o.Derived.Runs.Newest[id]
		if w.lasting("storage-volumes", o.Project, id) == nil && w.lasting("virtual-machines", o.Project, id) == nil && !backedUp {
			faults = append(faults, fieldError(fmt.Sprintf("/sources/%d", i),
				"There is no storage volume or virtual machine %s in this project.", id))
		}
	}
	return faults
}

// faultsOfVault checks a plan against the vault that it writes into. The vault may have gone since it was declared.
func (w *world) faultsOfVault(spec *api.BackupPlanCreate, declared bool) []api.FieldError {
	vault, ok := w.vaults.find(spec.Vault.Url)
	switch {
	case !declared && !ok:
		return nil
	case !ok || vault.id != spec.Vault.Id:
		return []api.FieldError{fieldError("/vault/url",
			"%s has no agreement on a vault %s at %s.", w.profile.LegalName, spec.Vault.Id, spec.Vault.Url)}
	case !vault.takes(w.profile.Name):
		return []api.FieldError{fieldError("/vault/url",
			"The vault %s is for backups of the operator %s, and not for those of %s.", vault.id, vault.beneficiary, w.profile.Name)}
	}
	return vault.faultsOfRetention(spec)
}

// faultsOfRetention refuse a promise that the vault does not let anybody keep.
func (a *agreement) faultsOfRetention(spec *api.BackupPlanCreate) []api.FieldError {
	if a.spare(spec) >= day {
		return nil
	}
	return []api.FieldError{fieldError("/retention_seconds",
		"The vault keeps what was written for %d days. As a recovery point relies on what was written before it, "+
			"it can be restored for certain for a day less at most, %d s.",
		a.retention/day, (a.retention-day)/time.Second)}
}

const day = 24 * time.Hour

// takes reports whether an operator may write into the vault.
func (a *agreement) takes(operator string) bool {
	return a.beneficiary == "" || a.beneficiary == operator
}

// spare is how much longer the vault keeps what was written than a plan needs it.
func (a *agreement) spare(plan *api.BackupPlanCreate) time.Duration {
	return a.retention - time.Duration(plan.RetentionSeconds)*time.Second
}

// cronFields are those of the contract: no seconds, no names of whole schedules.
const (
	cronFields = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow
	cronCount  = 5
)

// nextRun is when a plan's schedule begins its next run; zero if nothing runs by itself.
func (w *world) nextRun(spec *api.BackupPlanCreate) (time.Time, *api.FieldError) {
	if spec.Schedule == nil {
		return time.Time{}, nil
	}
	schedule, err := cron.NewParser(cronFields).Parse(*spec.Schedule)
	if err != nil || len(strings.Fields(*spec.Schedule)) != cronCount {
		return time.Time{}, optionalFault("%q is not minute, hour, day of month, month and day of week, as cron has them: %v.",
			*spec.Schedule, err)
	}
	next := schedule.Next(w.clock.now())
	switch {
	case next.IsZero():
		return time.Time{}, optionalFault("The time %q never comes.", *spec.Schedule)
	case value(spec.Paused):
		return time.Time{}, nil
	}
	return next, nil
}

func optionalFault(format string, args ...any) *api.FieldError {
	fault := fieldError("/schedule", format, args...)
	return &fault
}

// protected are the volumes that a plan's sources come to now, and those that are gone but were backed up.
func (w *world) protected(o *object) (all []api.ProtectedVolume) {
	add := func(id, machineID string) {
		if slices.ContainsFunc(all, func(p api.ProtectedVolume) bool { return p.VolumeId == id }) {
			return
		}
		p := api.ProtectedVolume{VolumeId: id, VirtualMachineId: optional(machineID)}
		if newest, ok := o.Derived.Runs.Newest[id]; ok {
			p.Newest, p.Name = &newest, newest.VolumeName
		}
		if volume := w.objects[id]; volume != nil {
			p.Name = volume.common.Name
		}
		all = append(all, p)
	}
	for _, source := range planSpec(o).Sources {
		if machine := w.find("virtual-machines", o.Project, source); machine != nil {
			add(machine.Derived.BootVolume, source)
			for _, a := range w.attachments(o.Project, source) {
				add(attachmentSpec(a).VolumeId, source)
			}
		} else {
			add(source, "")
		}
	}
	return all
}

// livePlan renders a plan as the clock and the machines' volumes have it.
func (w *world) livePlan(o *object) any {
	spec, now := planSpec(o), w.clock.now()
	plan, _ := renderBackupPlan(o, o.meta()).(api.BackupPlan)
	plan.Protected = w.protected(o)
	for i := range plan.Protected {
		p := &plan.Protected[i]
		if p.Newest != nil && now.Sub(p.Newest.TakenAt) > time.Duration(spec.RetentionSeconds)*time.Second {
			p.Newest = nil // It cannot be restored for certain any more.
		}
		if p.Newest == nil || spec.RpoSeconds != nil && now.Sub(p.Newest.TakenAt) > time.Duration(*spec.RpoSeconds)*time.Second {
			plan.Stale = true
		}
	}
	return plan
}

func renderBackupPlan(o *object, m api.Meta) any {
	spec, done := planSpec(o), o.Derived.Runs
	return api.BackupPlan{
		Id: m.Id, Name: m.Name, Description: m.Description, Labels: m.Labels, State: m.State, StateMessage: m.StateMessage,
		Ownership: m.Ownership, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Etag: m.Etag,
		Sources: spec.Sources, Vault: spec.Vault, KeyFingerprint: fingerprint(spec.EncryptionKey), Schedule: spec.Schedule,
		RetentionSeconds: spec.RetentionSeconds, RpoSeconds: spec.RpoSeconds, Paused: value(spec.Paused),
		Consistency:   cmp.Or(value(spec.Consistency), api.BackupConsistencyCrash),
		LastSuccessAt: optionalTime(done.LastSuccessAt), LastError: optional(done.LastError), NextRunAt: optionalTime(done.NextAt),
		LastDrill: done.LastDrill, Protected: []api.ProtectedVolume{},
	}
}

func optionalTime(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
