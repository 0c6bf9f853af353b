package mover

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Newest finds the newest recovery point of what is called what, such as the volume v-1, that was finished after a time,
// before which everything is as good as gone. Where it cannot be read, or that is not known, the one before it is not taken in
// its place: whoever restores would not learn that. The error is an [*Error], of kind Unknown if there is none.
func (v *Vault) Newest(ctx context.Context, what string, of func(Meta) bool, after time.Time) (found RecoveryPoint, err error) {
	failure := v.explained(opRestore, fail(Unknown, nil, "there is no recovery point of %s in it", what))
	newer := map[string]error{} // What cannot be read of a source since the last that can.
	for point, err := range v.RecoveryPoints(ctx, Filter{}) {
		source, _, _ := strings.Cut(point.ID, "-") // They come source by source, from the oldest to the newest.
		switch {
		case err != nil && !Lasting(err):
			return RecoveryPoint{}, err
		case err != nil:
			failure = named(point.ID, err)
			newer[source] = failure
		case !of(point.Source):
		default:
			delete(newer, source)
			if point.FinishedAt.After(after) && later(point, found) {
				found = point
			}
		}
	}
	if found.ID == "" {
		return found, failure
	}
	source, _, _ := strings.Cut(found.ID, "-")
	if err := newer[source]; err != nil {
		return RecoveryPoint{}, err
	}
	return found, nil
}

// later reports whether a recovery point is of a later time than another, or of the same but made after it.
func later(a, b RecoveryPoint) bool {
	return cmp.Or(a.Source.TakenAt.Compare(b.Source.TakenAt), a.FinishedAt.Compare(b.FinishedAt)) > 0
}

// Lasting reports whether an error says that a recovery point cannot be read now and later either.
func Lasting(err error) bool {
	return slices.ContainsFunc([]error{WrongKey, CutShort, Tampered, Missing, TooNew}, func(kind error) bool {
		return errors.Is(err, kind)
	})
}

// named is an error that names the recovery point.
func named(id string, err error) error {
	var known *Error
	if !errors.As(err, &known) {
		return err
	}
	e := *known
	e.Detail = "recovery point " + id + ": " + e.Detail
	return &e
}
