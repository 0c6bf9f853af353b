package process

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func newQueue(coreLives func() bool) *Confirmations {
	return &Confirmations{coreLives: coreLives, pending: make(map[*confirmation]struct{})}
}

func TestConfirmsAfterTheStateIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var confirmed atomic.Int64
		q := newQueue(func() bool { return true })
		q.Later(func(context.Context) { confirmed.Add(1) })
		<-time.After(recordedAfter - time.Millisecond)
		if confirmed.Load() != 0 {
			t.Error("confirmed before the state can be there")
		}
		<-time.After(2 * time.Millisecond)
		q.Flush()
		if confirmed.Load() != 1 {
			t.Errorf("confirmed %d times", confirmed.Load())
		}
	})
}

func TestConfirmsNothingOfADeadCore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(func() bool { return false })
		q.Later(func(context.Context) { t.Error("confirmed to a core that may have recorded nothing") })
		q.Later(func(context.Context) { t.Error("confirmed to a core that may have recorded nothing") })
		q.Flush()
		<-time.After(time.Minute)
	})
}

// TestFlushIsBounded leaves out what does not fit into the time that the core gives.
func TestFlushIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun atomic.Int64
		q := newQueue(func() bool { return true })
		for range 1000 {
			q.Later(func(ctx context.Context) {
				begun.Add(1)
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
				}
			})
		}
		started := time.Now()
		q.Flush()
		if took := time.Since(started); took > flushLimit {
			t.Errorf("it took %s", took)
		}
		if n := begun.Load(); n != 2*flushWidth {
			t.Errorf("%d were begun", n)
		}
	})
}
