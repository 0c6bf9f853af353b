package backuprun

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// slow is an operator with one volume, which is filled in the time that fills says, and marked in a few seconds: at once, but the
// answer takes its time. It gives keys of a vault with one recovery point, too.
type slow struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	cloud.VolumeBytes
	Vault

	fills  time.Duration
	tidied []string
	// ends is when the key ends that was given last.
	ends time.Time

	mu   sync.Mutex
	text string
}

func (s *slow) mark() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text
}

func (s *slow) setMark(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = text
}

func (s *slow) Await(context.Context, string, time.Duration) (cloud.StorageVolume, error) {
	return cloud.StorageVolume{Meta: cloud.Meta{ID: "v", State: cloud.StateReady}, Mark: s.mark()}, nil
}

func (s *slow) Get(ctx context.Context, id string) (cloud.StorageVolume, error) {
	return s.Await(ctx, id, 0)
}

func (s *slow) Mark(ctx context.Context, _, text string) error {
	s.setMark(text)
	if !wait(ctx, 5*time.Second) {
		return &cloud.Error{Reason: cloud.ErrUnknownOutcome}
	}
	return nil
}

func (s *slow) Fill(_ context.Context, _, _ string, _ int64, write func(io.Writer) error) error {
	return write(io.Discard)
}

func (s *slow) Restore(ctx context.Context, _ string, _ mover.Target, _ func(mover.Progress)) (p mover.RecoveryPoint, err error) {
	switch {
	case !wait(ctx, s.fills):
		err = ctx.Err()
	case time.Now().After(s.ends):
		err = &mover.Error{Kind: mover.Denied, Operation: "restore", Detail: "ExpiredToken"}
	}
	return p, err
}

func (s *slow) Tidy(_ context.Context, purpose string) error {
	s.tidied = append(s.tidied, purpose)
	return nil
}

func (s *slow) Mint(_ context.Context, _ string, wish cloud.VaultWish) (cloud.VaultKey, error) {
	s.ends = time.Now().Add(wish.TTL)
	return cloud.VaultKey{}, nil
}

func (s *slow) Revoke(context.Context, string, string) error { return nil }

// restore is one of the volume that is only to be carried out.
func (s *slow) restore() *restore {
	op := &cloud.Operator{Name: "lnb", VolumeBytes: s, StorageVolumes: s, VaultAccess: s}
	r := &runner{
		op: op, volumes: s, width: make(chan struct{}, 1), restores: map[string]*restore{},
		Options: Options{Now: time.Now, OpenVault: func(cloud.VaultKey, mover.Options) (Vault, error) { return s, nil }},
	}
	f := &restore{runner: r, volumeID: "v", key: "k", done: make(chan struct{}), cancel: func() {}}
	r.restores["v"] = f
	return f
}

// carriedOut is what becomes of a restore.
func (f *restore) carriedOut(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f.cancel = cancel
	if err := f.mark(ctx, restoring, ""); err != nil {
		t.Fatal(err)
	}
	f.carryOut(ctx)
	return f.failure
}

// TestRestoreDoneAsItIsMarked ends a restore while its sign of life is on the way.
func TestRestoreDoneAsItIsMarked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{fills: renewal + time.Second}
		if failure := s.restore().carriedOut(t); failure != "" || !strings.HasPrefix(s.mark(), restored+" ") {
			t.Errorf("it has failed: %q; its mark is %q", failure, s.mark())
		}
	})
}

// TestRestoreStaysAlive has a long restore be nobody else's to begin anew, and end when somebody has done so all the same.
func TestRestoreStaysAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{fills: 10 * lease}
		f, begun := s.restore(), time.Now()
		go func() {
			for time.Since(begun) < 5*lease {
				<-time.After(time.Second)
				if m, _ := parseMark(s.mark()); m.state != "" && !m.until.After(time.Now()) {
					t.Errorf("after %s it is said to be cut off", time.Since(begun))
				}
			}
			s.setMark(mark{state: restoring, until: time.Now().Add(lease + time.Hour)}.text())
		}()
		failure := f.carriedOut(t)
		if took := time.Since(begun); failure != words(errTaken) || took > 6*lease {
			t.Errorf("it ends after %s: %q", took, failure)
		}
	})
}

// TestRestoreAgainTidies removes what an earlier one has left over before it begins.
func TestRestoreAgainTidies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		f := s.restore()
		f.again = true
		if failure := f.carriedOut(t); failure != "" || strings.Join(s.tidied, " ") != "v" {
			t.Errorf("it has tidied %v: %q", s.tidied, failure)
		}
	})
}

// TestLongRestore has a restore take days in its turn, and say what to do if it takes longer than any key lives.
func TestLongRestore(t *testing.T) {
	for takes, want := range map[time.Duration]string{3 * day: "", 8 * day: "longer than the 7 days"} {
		synctest.Test(t, func(t *testing.T) {
			s := &slow{fills: takes}
			f := s.restore()
			f.width <- struct{}{}
			go func() {
				<-time.After(5 * day)
				<-f.width
			}()
			if failure := f.carriedOut(t); (failure == "") != (want == "") || !strings.Contains(failure, want) {
				t.Errorf("after %s: %q", takes, failure)
			}
		})
	}
}
