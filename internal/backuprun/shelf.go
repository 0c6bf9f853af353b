package backuprun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// header is what the records of all kinds have.
type header struct {
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	OwnerKey    string            `json:"owner_key,omitempty"`
	Deployment  string            `json:"deployment,omitempty"`
	Claimed     bool              `json:"claimed,omitempty"`
}

// shelf is the records of a kind.
type shelf[D any] struct {
	*runner
	kind, noun string
}

// kept is a record, and what is written in it.
type kept[D any] struct {
	cloud.Record
	is D
}

// textLimit is how long a record may be, in bytes.
const textLimit = 60_000

// ids are what operators call records. Of anything else nobody has to be asked.
var ids = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$`)

func (s shelf[D]) get(ctx context.Context, id string) (k kept[D], err error) {
	if !ids.MatchString(id) {
		return k, s.none(id)
	}
	record, err := s.op.Records.Get(ctx, s.kind, id)
	if errors.Is(err, cloud.ErrNotFound) {
		return k, s.none(id)
	}
	if err != nil {
		return k, err
	}
	return s.decoded(record)
}

func (s shelf[D]) none(id string) error {
	return s.refused(cloud.ErrNotFound, fmt.Sprintf("There is no %s %q.", s.noun, id), "")
}

func (s shelf[D]) decoded(record cloud.Record) (k kept[D], err error) {
	k.Record = record
	if err := json.Unmarshal([]byte(record.Text), &k.is); err != nil {
		return k, s.refused(cloud.ErrUnavailable, fmt.Sprintf("What is kept of the %s %s cannot be read: %v.", s.noun, record.ID, err),
			"A newer version of the provider may have written it, or somebody else.")
	}
	return k, nil
}

func (s shelf[D]) all(ctx context.Context) iter.Seq2[kept[D], error] {
	return func(yield func(kept[D], error) bool) {
		for record, err := range s.op.Records.List(ctx, s.kind) {
			var k kept[D]
			if err == nil {
				k, err = s.decoded(record)
			}
			if !yield(k, err) || err != nil {
				return
			}
		}
	}
}

func (s shelf[D]) text(is D) (string, error) {
	raw, err := json.Marshal(is)
	if err == nil && len(raw) > textLimit {
		err = fmt.Errorf("it has %d bytes, and a record has room for %d", len(raw), textLimit)
	}
	if err != nil {
		return "", s.refused(cloud.ErrInvalid, fmt.Sprintf("The %s cannot be kept: %v.", s.noun, err), "Split it into several.")
	}
	return string(raw), nil
}

func (s shelf[D]) add(ctx context.Context, is D) (k kept[D], err error) {
	text, err := s.text(is)
	if err != nil {
		return k, err
	}
	record, err := s.op.Records.New(ctx, s.kind, text)
	if err != nil {
		return k, err
	}
	return s.decoded(record)
}

// change writes down a change of a record, and begins anew with what there is if somebody else was faster.
func (s shelf[D]) change(ctx context.Context, id string, f func(*D) error) (k kept[D], err error) {
	const attempts = 10
	for range attempts {
		if k, err = s.get(ctx, id); err != nil {
			return k, err
		}
		if err = f(&k.is); err != nil {
			return k, err
		}
		was := k.Text
		if k.Text, err = s.text(k.is); err != nil || k.Text == was {
			return k, err
		}
		var record cloud.Record
		if record, err = s.op.Records.Put(ctx, k.Record); err == nil {
			return s.decoded(record)
		}
		if !errors.Is(err, cloud.ErrConflict) {
			return k, err
		}
	}
	return k, err
}

// surely is a change that is worth some patience with the operator: what it writes down would be lost.
func (s shelf[D]) surely(ctx context.Context, id string, f func(*D) error) error {
	const attempts = 60
	var err error
	for range attempts {
		if _, err = s.change(ctx, id, f); !passing(err) || !wait(ctx, pause) {
			return err
		}
	}
	return err
}

// pause is how long something is left alone before it is asked again.
const pause = time.Second

// wait reports false if the context ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// passing reports whether an error may pass by itself.
func passing(err error) bool {
	return errors.Is(err, cloud.ErrUnavailable) || errors.Is(err, cloud.ErrBusy) || errors.Is(err, cloud.ErrUnknownOutcome)
}
