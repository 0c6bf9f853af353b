package servicedesktest_test

import (
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk/servicedesktest"
)

// TestMemory: a desk on which the engine is tested must be one.
func TestMemory(t *testing.T) {
	for name, o := range map[string]servicedesktest.MemoryOptions{
		"usual":          {},
		"with approvals": {Approvals: true},
		"atomic":         {AtomicKeys: true, NoVersions: true},
		"poor":           {Approvals: true, NoHistory: true, FixedDescription: true, DatesOnly: true},
	} {
		t.Run(name, func(t *testing.T) { servicedesktest.Run(t, newHarness(o, 0)) })
	}
	t.Run("slow to find", func(t *testing.T) {
		servicedesktest.Run(t, newHarness(servicedesktest.MemoryOptions{}, 30*time.Millisecond))
	})
}

func newHarness(o servicedesktest.MemoryOptions, lag time.Duration) func(*testing.T) servicedesktest.Harness {
	m := servicedesktest.NewMemory(o)
	m.Lag(lag)
	if o.NoHistory { // A desk that can do little else either.
		m.Drop("links", "watchers")
	}
	return func(*testing.T) servicedesktest.Harness {
		h := servicedesktest.Harness{
			Desk: m.Desk("cadastre"), Other: m.Desk("police"), Agent: m.Agent(), ClosedQueue: "Closed", Patience: time.Second,
			Can: servicedesktest.Can{
				Approve: o.Approvals, Hold: true, Ask: true, Reopen: true, Merge: true, Hide: true, Delete: true, MergedKey: true,
				Link: !o.NoHistory, Watch: !o.NoHistory,
			},
			Losing: func(*testing.T, time.Duration) servicedesk.Desk {
				m.LoseNext("Create")
				return m.Desk("cadastre")
			},
		}
		h.Field.Name, h.Field.Good, h.Field.Bad = "Impact", "one office", "the world"
		return h
	}
}
