package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// TestTelling tells all, in order, before an action is over, and nothing afterwards.
func TestTelling(t *testing.T) { synctest.Test(t, telling) }

func telling(t *testing.T) {
	var got, want []string
	resp := &action.InvokeResponse{SendProgress: func(e action.InvokeProgressEvent) { got = append(got, e.Message) }}
	tell, end := lifecycle.Telling(t.Context(), resp)
	for i := range 50 {
		tell("volume %d", i)
		want = append(want, fmt.Sprintf("volume %d", i))
	}
	end()
	for range 1000 { // More than are kept: nobody waits.
		tell("too late")
	}
	synctest.Wait()
	if !slices.Equal(got, want) {
		t.Errorf("it tells %q", got)
	}
}

// TestTellingNobody goes on where Terraform was killed, and takes no progress any more.
func TestTellingNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		listens := make(chan struct{})
		resp := &action.InvokeResponse{SendProgress: func(action.InvokeProgressEvent) { <-listens }}
		tell, end := lifecycle.Telling(ctx, resp)
		for i := range 1000 {
			tell("volume %d", i)
		}
		cancel()
		end() // Otherwise the test would end in a deadlock.
		close(listens)
	})
}
