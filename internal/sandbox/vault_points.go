package sandbox

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

const (
	// volumeSource is the kind of what recovery points are of.
	volumeSource = "storage_volume"
	// bootVolumeOf is the label of a recovery point that has the id of the machine which booted the volume.
	bootVolumeOf = "boot_volume_of"
)

// points are the recovery points of a plan that can be restored for certain, newest first.
func (v *vaults) points(ctx context.Context, operator string, plan *object) ([]api.RecoveryPoint, *problem) {
	spec := planSpec(plan)
	a, err := v.agreed(operator, spec)
	var vault *mover.Vault
	if err == nil {
		vault, err = v.open(ctx, a, spec.EncryptionKey, 0)
	}
	if err != nil {
		return nil, newProblem(http.StatusServiceUnavailable, "unavailable", "%s", a.words(err))
	}
	oldest := v.clock.now().Add(-time.Duration(spec.RetentionSeconds) * time.Second)
	all := []api.RecoveryPoint{}
	for point, err := range vault.RecoveryPoints(ctx, mover.Filter{Operator: operator, Kind: volumeSource}) {
		if err != nil && !lasting(err) {
			return nil, newProblem(http.StatusServiceUnavailable, "unavailable", "%s", a.words(err))
		}
		_, ours := plan.Derived.Runs.Newest[point.Source.ID]
		if err == nil && ours && !point.Source.TakenAt.Before(oldest) {
			all = append(all, recoveryPoint(point))
		}
	}
	slices.SortStableFunc(all, func(a, b api.RecoveryPoint) int { return b.TakenAt.Compare(a.TakenAt) })
	return all, nil
}

var errNoVault = errors.New("the vault is not there: it was given back, or its operator is not part of this sandbox at present")

// agreed is what a plan's vault is under; an error if the plan cannot write into it any more.
func (v *vaults) agreed(operator string, plan *api.BackupPlanCreate) (agreement, error) {
	a, ok := v.find(plan.Vault.Url)
	if plan.Bucket != nil {
		a, ok = agencyAgreement(plan.Vault.Id, plan.Vault.Operator, plan.Vault.Url, plan.Bucket), true
	}
	switch {
	case !ok:
		return a, errNoVault
	case !a.takes(operator):
		return a, errors.New("the vault is for the backups of the operator " + a.beneficiary)
	case a.spare(plan) <= 0:
		return a, errors.New("the vault does not keep what was written for longer than the plan is to keep recovery points; " +
			"lower the retention of the plan, or raise that of the vault")
	}
	return a, nil
}

// look finds what is to be restored. For the sake of a machine, what it is the newest of may be a machine, too.
func (v *vaults) look(ctx context.Context, a agreement, from *api.RestoreFrom, machine bool) (mover.RecoveryPoint, error) {
	s, err := v.opener(a)
	var vault *mover.Vault
	if err == nil {
		vault, err = s.openAny(ctx, mover.Options{Key: from.EncryptionKey})
	}
	if err != nil {
		return mover.RecoveryPoint{}, err
	}
	kept := s.now().Add(-a.retention)
	if from.RecoveryPointId == nil {
		of := func(m mover.Meta) bool {
			return m.ID == *from.VolumeId || machine && m.Labels[bootVolumeOf] == *from.VolumeId
		}
		failure := nowhere("there is no recovery point of the volume " + *from.VolumeId + " in it")
		if machine {
			failure = nowhere("there is no recovery point of a volume " + *from.VolumeId + ", or of one that a machine " + *from.VolumeId +
				" has booted, in it")
		}
		return newest(ctx, vault, of, failure, kept)
	}
	point, err := vault.RecoveryPoint(ctx, *from.RecoveryPointId)
	if err == nil && !point.FinishedAt.After(kept) {
		err = nowhere("there is no recovery point " + point.ID + " any more")
	}
	return point, err
}

func nowhere(detail string) error {
	return &mover.Error{Kind: mover.Unknown, Operation: "restore", Detail: detail}
}

// newest finds the newest recovery point of what is asked for; the failure says that there is none. What is so old that the
// vault does not keep it any more is as good as gone. Where it cannot be read, or that is not known, the one before it is not
// taken in its place: whoever restores would not learn that.
func newest(
	ctx context.Context, vault *mover.Vault, of func(mover.Meta) bool, failure error, kept time.Time,
) (found mover.RecoveryPoint, err error) {
	newer := map[string]error{} // What cannot be read of a source since the last that can.
	for point, err := range vault.RecoveryPoints(ctx, mover.Filter{Kind: volumeSource}) {
		source, _, _ := strings.Cut(point.ID, "-") // They come source by source, from the oldest to the newest.
		switch {
		case err != nil && !lasting(err):
			return mover.RecoveryPoint{}, err
		case err != nil:
			failure = named(point.ID, err)
			newer[source] = failure
		case !of(point.Source):
		default:
			delete(newer, source)
			if point.FinishedAt.After(kept) && later(point, found) {
				found = point
			}
		}
	}
	if found.ID == "" {
		return found, failure
	}
	source, _, _ := strings.Cut(found.ID, "-")
	if err := newer[source]; err != nil {
		return mover.RecoveryPoint{}, err
	}
	return found, nil
}

// later reports whether a recovery point is of a later time than another, or of the same but made after it.
func later(a, b mover.RecoveryPoint) bool {
	return cmp.Or(a.Source.TakenAt.Compare(b.Source.TakenAt), a.FinishedAt.Compare(b.FinishedAt)) > 0
}

// lasting reports whether a recovery point cannot be read now and later either.
func lasting(err error) bool {
	return slices.ContainsFunc([]error{mover.WrongKey, mover.CutShort, mover.Tampered, mover.Missing, mover.TooNew}, func(kind error) bool {
		return errors.Is(err, kind)
	})
}

// named is an error that names the recovery point.
func named(id string, err error) error {
	var known *mover.Error
	if !errors.As(err, &known) {
		return err
	}
	e := *known
	e.Detail = "recovery point " + id + ": " + e.Detail
	return &e
}

func recoveryPoint(p mover.RecoveryPoint) api.RecoveryPoint {
	return api.RecoveryPoint{
		Id: p.ID, VolumeId: p.Source.ID, VolumeName: p.Source.Name, TakenAt: p.Source.TakenAt, SizeBytes: p.Size,
		UploadedBytes: p.BytesUploaded, TreeSha256: p.TreeSHA256,
	}
}
