package backup

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// fake is an operator's backups. It answers one after the other of what becomes of the one that is ordered.
type fake struct {
	cloud.Collection[cloud.BackupSpec, cloud.Backup]

	becomes []cloud.Meta
	refuses error
	// stays lets no backup go; old is there already.
	stays bool
	old   []cloud.Backup

	ordered cloud.BackupSpec

	mu      sync.Locker // Who waits may still ask when others do.
	removed []string
}

// gone reports whether a backup is gone.
func (f *fake) gone(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.removed, id)
}

func (f *fake) next() cloud.Backup {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.becomes[0]
	if len(f.becomes) > 1 {
		f.becomes = f.becomes[1:]
	}
	m.ID = "backup-1"
	b := cloud.Backup{Meta: m}
	if m.State == cloud.StateReady {
		b.RecoveryPoints = []cloud.RecoveryPoint{{ID: "rp-1", VolumeID: "vol-1", VolumeName: "data", UploadedBytes: 4096}}
	}
	return b
}

// Create implements cloud.Collection.
func (f *fake) Create(_ context.Context, spec cloud.BackupSpec, _ cloud.CreateOptions) (cloud.Backup, error) {
	if f.refuses != nil {
		return cloud.Backup{}, f.refuses
	}
	f.ordered = spec
	return f.next(), nil
}

// Await implements cloud.Collection. It is a long poll.
func (f *fake) Await(ctx context.Context, id string, limit time.Duration) (cloud.Backup, error) {
	if f.gone(id) {
		return cloud.Backup{}, &cloud.Error{Reason: cloud.ErrNotFound}
	}
	select {
	case <-time.After(limit):
		return f.next(), nil
	case <-ctx.Done():
		return cloud.Backup{}, &cloud.Error{Reason: cloud.ErrUnavailable, Text: ctx.Err().Error()}
	}
}

// Get implements cloud.Collection.
func (f *fake) Get(_ context.Context, id string) (cloud.Backup, error) {
	if f.gone(id) {
		return cloud.Backup{}, &cloud.Error{Reason: cloud.ErrNotFound}
	}
	return cloud.Backup{Meta: cloud.Meta{ID: id, State: cloud.StateReady}}, nil
}

// Delete implements cloud.Collection.
func (f *fake) Delete(_ context.Context, id string) error {
	if f.stays && id == "backup-1" {
		return &cloud.Error{Reason: cloud.ErrForbidden, Text: "Nobody may."}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.removed = append(f.removed, id)
	return nil
}

// List implements cloud.Collection.
func (f *fake) List(_ context.Context, o cloud.ListOptions) iter.Seq2[cloud.Backup, error] {
	return func(yield func(cloud.Backup, error) bool) {
		for _, b := range f.old {
			if o.Labels[actionLabel] == "series" && !yield(b, nil) {
				return
			}
		}
	}
}

func creating(message string) cloud.Meta {
	return cloud.Meta{State: cloud.StateCreating, StateMessage: message}
}

func TestRun(t *testing.T) {
	ready := cloud.Meta{State: cloud.StateReady}
	fields := []cloud.FieldError{{Pointer: "/plan_id", Text: "The plan is being deleted."}}
	for name, c := range map[string]struct {
		fake        fake
		interrupted bool
		// here is made by this machine.
		here bool
		// told and said are what progress and diagnostics have.
		told, said []string
		warnings   int
		failed     bool
		leftovers  bool
	}{
		"ready at once": {fake: fake{becomes: []cloud.Meta{ready}}, told: []string{"data (lvrtc/vol-1) can be restored to", "4096 bytes"}},
		"progress": {
			fake: fake{becomes: []cloud.Meta{creating("1 %"), creating("1 %"), creating("50 %"), creating("50 %"), creating("99 %"), ready}},
			told: []string{"1 %|50 %|99 %|data (lvrtc/vol-1) can be restored to"},
		},
		"failed": {
			fake:   fake{becomes: []cloud.Meta{creating(""), {State: cloud.StateFailed, StateMessage: "The vault is full."}}},
			failed: true,
			said:   []string{`lvrtc did not back up what backup plan "nightly" protects`, "The vault is full.", "Invoke the action again"},
		},
		"refused": {
			fake:   fake{refuses: &cloud.Error{Reason: cloud.ErrInvalid, Fields: fields}},
			failed: true, said: []string{"The plan is being deleted."}, leftovers: true,
		},
		"it takes too long": {
			fake: fake{becomes: []cloud.Meta{creating("")}}, failed: true,
			said: []string{`The backup of backup plan "nightly" at lvrtc is not over`, "within 1h0m0s"},
		},
		"interrupted": {
			fake: fake{becomes: []cloud.Meta{creating("")}}, interrupted: true, failed: true, said: []string{"the run was interrupted"},
		},
		"interrupted here": {
			fake: fake{becomes: []cloud.Meta{creating("")}}, here: true, interrupted: true, failed: true,
			said: []string{"the run was interrupted", "This machine made it, and so it ends"},
		},
		"not ended here": {
			fake: fake{becomes: []cloud.Meta{creating("")}, stays: true}, here: true, interrupted: true, failed: true, warnings: 1,
			leftovers: true, said: []string{"whether virtual machines are off", "the next backup of the plan starts them"},
		},
		"not forgotten": {
			fake: fake{becomes: []cloud.Meta{ready}, stays: true}, warnings: 1, leftovers: true,
			said: []string{"The backup lvrtc/backup-1 is still there", "recovery points do not depend on it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.interrupted {
					time.AfterFunc(time.Minute, cancel)
				}
				c.fake.mu = &sync.Mutex{}
				var told []string
				tell := func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) }
				r := &run{
					op: &cloud.Operator{Name: "lvrtc", Backups: &c.fake}, series: "series", limit: time.Hour,
					plan: cloud.BackupPlan{Meta: cloud.Meta{ID: "plan-1", Name: "nightly"}},
				}
				r.op.Capabilities.BackupsRunHere = c.here
				diags := r.do(ctx, tell)
				said := strings.Join(told, "|")
				for _, w := range c.told {
					if !strings.Contains(said, w) {
						t.Errorf("it does not tell %q: %s", w, said)
					}
				}
				if diags.HasError() != c.failed || diags.WarningsCount() != c.warnings {
					t.Errorf("it says %v", diags)
				}
				for _, w := range c.said {
					if !strings.Contains(fmt.Sprint(diags), w) {
						t.Errorf("it does not say %q: %v", w, diags)
					}
				}
				if gone := slices.Equal(c.fake.removed, []string{"backup-1"}); gone == c.leftovers {
					t.Errorf("gone is %v", c.fake.removed)
				}
			})
		})
	}
}

// TestRunAfterOneThatWasKilled forgets what an earlier one has left, when that is over for certain.
func TestRunAfterOneThatWasKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		aged := func(id string, age time.Duration, claimed bool) cloud.Backup {
			return cloud.Backup{Meta: cloud.Meta{
				ID: id, CreatedAt: time.Now().Add(-age), Ownership: cloud.Ownership{Claimed: claimed},
				Labels: lifecycle.PassingLabels(actionLabel, "series", time.Hour),
			}}
		}
		f := &fake{mu: &sync.Mutex{}, becomes: []cloud.Meta{{State: cloud.StateReady}}, old: []cloud.Backup{
			aged("killed", 3*time.Hour, false), aged("maybe alive", time.Hour, false), aged("somebody's", 3*time.Hour, true),
		}}
		r := &run{op: &cloud.Operator{Name: "lvrtc", Backups: f}, series: "series", limit: 5 * time.Minute} // It says nothing of theirs.
		r.do(t.Context(), func(string, ...any) {})
		if want := []string{"killed", "backup-1"}; !slices.Equal(f.removed, want) {
			t.Errorf("gone are %q, want %q", f.removed, want)
		}
		if f.ordered.Labels[actionLabel] != "series" {
			t.Errorf("a later one cannot find %+v", f.ordered)
		}
	})
}
