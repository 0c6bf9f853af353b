package servicedesktest

import (
	"testing"
)

// scenario is one story of the port.
type scenario struct {
	name string
	run  func(*testing.T, Harness)
}

// Run runs the suite. Each scenario has a harness of its own, which may be of the same desk.
func Run(t *testing.T, newHarness func(t *testing.T) Harness) {
	for _, scenarios := range [][]scenario{filing, keys, letters, changes, people, endings, watching, talk, trouble} {
		for _, s := range scenarios {
			t.Run(s.name, func(t *testing.T) {
				h := newHarness(t)
				if h.Desk == nil || h.Agent == nil {
					t.Fatal("the harness has no desk, or no agent to play its people")
				}
				s.run(t, h)
			})
		}
	}
}
