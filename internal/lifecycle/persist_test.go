package lifecycle

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestPersistenceInterrupted lets an answer come that is on its way, and waits for none that is far.
func TestPersistenceInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		takes, atMost time.Duration
		answered      bool
	}{
		"an answer on its way":          {5 * time.Second, 5 * time.Second, true},
		"a pause before the next order": {10 * time.Minute, graceAfterInterrupt + 2*time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, interrupt := context.WithCancel(t.Context())
				time.AfterFunc(2*time.Second, interrupt)
				started := time.Now()
				_, err := persist(ctx, time.Hour, func(ctx context.Context) (struct{}, error) {
					select {
					case <-time.After(c.takes):
						return struct{}{}, nil
					case <-ctx.Done():
						return struct{}{}, &cloud.Error{Reason: cloud.ErrUnavailable}
					}
				})
				if took := time.Since(started); (err == nil) != c.answered || took > c.atMost {
					t.Errorf("got %v after %s", err, took)
				}
			})
		})
	}
}
