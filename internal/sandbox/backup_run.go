package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// run is one of a plan, of its schedule or for the sake of a backup.
type run struct {
	plan     *object
	vault    agreement
	volumes  []api.ProtectedVolume
	points   []api.RecoveryPoint
	failures []string
	takenAt  time.Time
	// boots has for volumes the machines that boot them.
	boots map[string]string
	// off are the machines that are powered off for its sake.
	off []string
}

// scheduled reports whether runs of a plan begin by themselves.
func (o *object) scheduled() bool {
	return !o.Derived.Runs.NextAt.IsZero() && (o.State == api.StateReady || o.State == api.StateUpdating)
}

// waits reports whether the next run of a plan is waited for. One whose time comes while another is on begins after that.
func (o *object) waits() bool { return o.scheduled() && !o.Derived.Runs.Begun }

// advancePlans begins the runs whose time has come. One that was missed more than once is made up for once.
func (w *world) advancePlans(now time.Time) {
	for _, o := range w.plans {
		if !o.waits() || o.Derived.Runs.NextAt.After(now) {
			continue
		}
		next := o.copy()
		next.Derived.Runs.NextAt, _ = w.nextRun(planSpec(next)) // The schedule was accepted.
		next.Derived.Runs.Begun = true
		w.note(next)
		w.transfers.backUp(w, next.ID, "")
	}
}

// backUp carries out a run of a plan, for the sake of a backup if that is not empty.
func (t *transfers) backUp(w *world, planID, backupID string) {
	sake := planID
	if backupID != "" {
		sake = backupID
	}
	t.begin(w, sake, func() func() {
		r := &run{}
		if err := t.carryOut(w, planID, r); err != nil {
			r.failures = append(r.failures, r.vault.words(err))
		}
		return func() {
			w.ran(planID, r, backupID == "")
			w.backedUp(backupID, r)
		}
	})
}

var errNoPlan = errors.New("the backup plan does not exist any more")

// carryOut copies the sources as they are at one time, and moves the copies into the vault.
func (t *transfers) carryOut(w *world, planID string, r *run) error {
	var failure error
	look := func() {
		if r.plan = w.objects[planID]; r.plan == nil {
			failure = errNoPlan
			return
		}
		if r.vault, failure = t.vaults.agreed(w.profile.Name, planSpec(r.plan)); failure == nil {
			r.volumes = w.protected(r.plan)
		}
	}
	if err := w.locked(t.ctx, look); err != nil || failure != nil {
		return errors.Join(err, failure)
	}
	done, ok := t.turn(r.vault)
	if !ok {
		return errNoVault // Or the sandbox is being closed.
	}
	defer done()
	// The plan may have been changed, or its sources, while this run waited.
	if err := w.locked(t.ctx, func() {
		if look(); failure == nil {
			w.leaveOut(r)
		}
	}); err != nil || failure != nil {
		return errors.Join(err, failure)
	}
	if r.vault.agency == nil { // An agency's bucket has a lifecycle of its own.
		t.vaults.expire(t.ctx, r.vault.id)
		defer t.vaults.expire(t.ctx, r.vault.id)
	}
	if err := t.vaults.full(r.vault); err != nil {
		return err
	}
	vault, err := t.vaults.open(t.ctx, r.vault, planSpec(r.plan).EncryptionKey, r.vault.spare(planSpec(r.plan)))
	if err != nil {
		return err
	}
	s := w.disks.newSnapshot(uuid.NewString())
	defer s.remove()
	failures, err := t.freeze(w, r, s)
	if err != nil {
		return err
	}
	r.takenAt = s.at
	for i, v := range r.volumes {
		err := failures[i]
		if errors.Is(err, fs.ErrNotExist) {
			r.fail(v, "It was deleted while it was backed up.")
			continue
		}
		if err == nil {
			err = t.backUpVolume(w, r, vault, v, s.path(v.VolumeId))
		}
		if err != nil {
			r.fail(v, r.vault.words(err))
		}
	}
	return nil
}

// leaveOut takes out of a run what there is nothing to back up of.
func (w *world) leaveOut(r *run) {
	r.boots = map[string]string{}
	r.volumes = slices.DeleteFunc(r.volumes, func(v api.ProtectedVolume) bool {
		volume := w.find(volumeSegment, r.plan.Project, v.VolumeId)
		switch {
		case volume == nil:
			r.fail(v, "It does not exist any more. What was backed up of it stays. Take it out of the sources.")
		case volume.State != api.StateReady && volume.State != api.StateUpdating:
			r.fail(v, "It is "+string(volume.State)+", and so there is nothing to back up.")
		default:
			if volume.Derived.Boots {
				r.boots[v.VolumeId] = volume.Derived.MachineID
			}
			return false
		}
		return true
	})
}

func (r *run) fail(v api.ProtectedVolume, text string) {
	r.failures = append(r.failures, fmt.Sprintf("Storage volume %s: %s", cmp.Or(v.Name, v.VolumeId), text))
}

func (t *transfers) backUpVolume(w *world, r *run, vault *mover.Vault, v api.ProtectedVolume, file string) error {
	source, err := mover.OpenFile(file)
	if err != nil {
		return err
	}
	meta := mover.Meta{
		Operator: w.profile.Name, Kind: volumeSource, ID: v.VolumeId, Name: v.Name, TakenAt: r.takenAt,
		Labels: map[string]string{"backup_plan_id": r.plan.ID},
	}
	if v.VirtualMachineId != nil {
		meta.Labels["virtual_machine_id"] = *v.VirtualMachineId
	}
	if machineID, ok := r.boots[v.VolumeId]; ok {
		meta.Labels[bootVolumeOf] = machineID
	}
	point, err := vault.Backup(t.ctx, source, meta, nil)
	if err = errors.Join(err, source.Close()); err == nil {
		r.points = append(r.points, recoveryPoint(point))
	}
	return err
}

// ran writes down at a plan what has become of a run. What was good before a failure stays.
func (w *world) ran(planID string, r *run, scheduled bool) {
	plan := w.objects[planID]
	if plan == nil {
		return
	}
	next := plan.copy()
	done := &next.Derived.Runs
	done.Begun = done.Begun && !scheduled
	done.Newest = maps.Clone(done.Newest)
	if done.Newest == nil {
		done.Newest = map[string]api.RecoveryPoint{}
	}
	for _, p := range r.points {
		done.Newest[p.VolumeId] = p
	}
	if done.LastError = r.failure(); done.LastError == "" {
		done.LastSuccessAt = r.takenAt
	}
	w.note(next)
	w.wake() // A run may have become due meanwhile.
}

// backedUp ends what a backup waits for.
func (w *world) backedUp(backupID string, r *run) {
	o := w.objects[backupID]
	if o == nil || o.settled() || !o.Due.IsZero() {
		return
	}
	next := o.copy()
	next.Derived.Points, next.Due = r.points, w.clock.now()
	if failure := r.failure(); failure != "" {
		next.Next, next.Failure = api.StateFailed, failure
	}
	w.put(next)
}

func (r *run) failure() string { return strings.Join(r.failures, "\n") }

// words are an error's for people at another operator, who know nothing of the vault's folder.
func (a *agreement) words(err error) string {
	var known *mover.Error
	if !errors.As(err, &known) {
		text := err.Error()
		var file *fs.PathError
		if errors.As(err, &file) {
			text = file.Err.Error() // Where it is on this machine is nobody's business.
		}
		return strings.ToUpper(text[:1]) + text[1:] + "."
	}
	e := *known
	e.Vault = "the vault " + a.id + " at " + a.operator
	return e.Error()
}
