package backuprun

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// volumes are the operator's, which can be restored as well.
type volumes struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	*runner
}

type volumeChange = cloud.Change[cloud.StorageVolumeSpec]

// Create implements cloud.Collection.
func (v *volumes) Create(ctx context.Context, spec cloud.StorageVolumeSpec, opts cloud.CreateOptions) (cloud.StorageVolume, error) {
	if spec.RestoreFrom == nil {
		return v.Collection.Create(ctx, spec, opts)
	}
	var none cloud.StorageVolume
	chosen, err := v.choosePoint(ctx, spec)
	if err != nil {
		return none, err
	}
	empty := spec
	empty.RestoreFrom = nil
	made, err := v.ordered(ctx, empty, opts)
	if err != nil {
		return none, err
	}
	if err := v.beginRestore(ctx, made, *spec.RestoreFrom, chosen); err != nil {
		return none, err
	}
	shown, err := v.Get(ctx, made.ID)
	if err != nil {
		shown, err = v.shown(made), nil // It is there, and what becomes of it is asked for again.
	}
	shown.Replayed, shown.RequestID = made.Replayed, made.RequestID
	return shown, err
}

// ordered orders a volume, and finds out what has become of an order whose answer was lost: a caller that found the volume by
// itself would take it for what is restored.
func (v *volumes) ordered(ctx context.Context, spec cloud.StorageVolumeSpec, opts cloud.CreateOptions) (cloud.StorageVolume, error) {
	const attempts = 4
	var made cloud.StorageVolume
	var err error
	for range attempts {
		if made, err = v.Collection.Create(ctx, spec, opts); !errors.Is(err, cloud.ErrUnknownOutcome) || !wait(ctx, pause) {
			break
		}
	}
	var e *cloud.Error
	if errors.As(err, &e) && errors.Is(e, cloud.ErrUnknownOutcome) {
		unsure := *e
		unsure.Reason = cloud.ErrUnavailable
		return made, &unsure
	}
	return made, err
}

// Get implements cloud.Collection.
func (v *volumes) Get(ctx context.Context, id string) (cloud.StorageVolume, error) {
	is, err := v.Collection.Get(ctx, id)
	return v.shown(is), err
}

// Await implements cloud.Collection.
func (v *volumes) Await(ctx context.Context, id string, limit time.Duration) (cloud.StorageVolume, error) {
	if r := v.restoring(id); r != nil {
		if limit > 0 {
			await(ctx, r.done, limit)
		}
		return v.Get(ctx, id)
	}
	is, err := v.Collection.Await(ctx, id, limit)
	return v.shown(is), err
}

// List implements cloud.Collection.
func (v *volumes) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[cloud.StorageVolume, error] {
	return func(yield func(cloud.StorageVolume, error) bool) {
		wider := opts
		wider.State = "" // What is restored is ready for the operator, and not here.
		for is, err := range v.Collection.List(ctx, wider) {
			if is = v.shown(is); err == nil && !opts.Match(is.Meta) {
				continue
			}
			if !yield(is, err) || err != nil {
				return
			}
		}
	}
}

// shown is a volume as its mark and the restore of this process have it.
func (v *volumes) shown(is cloud.StorageVolume) cloud.StorageVolume {
	m, ok := parseMark(is.Mark)
	if !ok || is.State == cloud.StateFailed || is.State == cloud.StateDeleting {
		return is
	}
	r := v.restoring(is.ID)
	switch {
	case m.state == restored:
		is.Restored = &m.Restored
	case m.state == restoreFailed:
		is.State, is.StateMessage = cloud.StateFailed, m.words
		if r != nil && r.over() {
			is.StateMessage = r.failure // The mark had to be shorter.
		}
	case r != nil && r.over():
		is.State, is.StateMessage = cloud.StateFailed, r.failure
	case r != nil:
		is.State, is.StateMessage = cloud.StateCreating, r.message()
	case v.now().Before(m.until):
		is.State, is.StateMessage = cloud.StateCreating, "Another Terraform restores it."
	default:
		is.State, is.StateMessage = cloud.StateCreating, "Its restore was cut off as the Terraform ended that did it. It must not be used as it "+
			"is. Apply again, and it is restored from the beginning."
	}
	return is
}

// Update implements cloud.Collection. It also begins anew what was cut off.
func (v *volumes) Update(ctx context.Context, id string, change volumeChange) (cloud.StorageVolume, error) {
	var none cloud.StorageVolume
	is, err := v.Collection.Get(ctx, id)
	if err != nil {
		return none, err
	}
	m, _ := parseMark(is.Mark)
	if m.state == restoring && v.restoring(id) == nil {
		if err := v.restoreAgain(ctx, is, m, change.To.RestoreFrom); err != nil {
			return none, err
		}
	}
	change.From.RestoreFrom, change.To.RestoreFrom = nil, nil
	if r := v.restoring(id); r != nil && !r.over() && change.From.SizeGiB != change.To.SizeGiB {
		return none, v.refused(cloud.ErrBusy, "The volume is being restored.", "")
	}
	is, err = v.Collection.Update(ctx, id, change)
	return v.shown(is), err
}

// Delete implements cloud.Collection. What was never restored has nothing in it that would have to be protected.
func (v *volumes) Delete(ctx context.Context, id string) error {
	is, err := v.Collection.Get(ctx, id)
	if err != nil {
		return err
	}
	if !unusable(is.Mark) || is.State == cloud.StateDeleting {
		return v.Collection.Delete(ctx, id)
	}
	if m, _ := parseMark(is.Mark); v.restoring(id) == nil && v.now().Before(m.until) {
		return v.refused(cloud.ErrBusy, "Another Terraform restores the volume.", "")
	}
	if r := v.restoring(id); r != nil {
		r.cancel()
		select {
		case <-r.done:
		case <-ctx.Done():
			return v.refused(cloud.ErrUnavailable, "Interrupted while the restore was ended.", "")
		}
	}
	if err := v.op.VolumeBytes.Tidy(ctx, id); err != nil {
		return err
	}
	if is.DeletionProtection {
		lifted := volumeChange{From: cloud.StorageVolumeSpec{DeletionProtection: true}}
		if _, err := v.Collection.Update(ctx, id, lifted); err != nil {
			return err
		}
	}
	return v.Collection.Delete(ctx, id)
}
