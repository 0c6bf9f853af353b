package restoredrill

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// book is a cloud.DrillLog.
type book struct {
	drills []cloud.Drill
	err    error
}

// Note implements cloud.DrillLog.
func (b *book) Note(_ context.Context, _ string, d cloud.Drill) error {
	b.drills = append(b.drills, d)
	return b.err
}

func TestNote(t *testing.T) {
	good := outcome{took: 3 * time.Second, volumes: []restored{{}}}
	bad := outcome{took: 3 * time.Second, volumes: []restored{{failure: "another key"}}}
	down := &cloud.Error{Reason: cloud.ErrUnavailable, Operator: "lvrtc", Text: "It is down for repairs."}
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx   context.Context
		out   outcome
		err   error
		noted string
		words []string
	}{
		"passed":        {t.Context(), good, nil, "passed", nil},
		"failed":        {t.Context(), bad, nil, "failed", nil},
		"interrupted":   {interrupted, bad, nil, "", nil},
		"operator down": {t.Context(), good, down, "passed", []string{"It is down for repairs.", "counts all the same, and has passed"}},
		"no such error": {t.Context(), bad, errors.New("cut off"), "failed", []string{"cut off", "counts all the same, and has failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &book{err: c.err}
			d := &drill{
				source: &cloud.Operator{Name: "lvrtc", DrillLog: b}, vaults: &cloud.Operator{Name: "iem-ic"},
				plan: cloud.BackupPlan{Meta: cloud.Meta{ID: "plan-1", Name: "nightly"}},
			}
			diags := d.note(c.ctx, time.Unix(1, 0), c.out)
			noted := ""
			for _, drill := range b.drills {
				if noted += "failed"; drill.Passed {
					noted = "passed"
				}
			}
			if noted != c.noted || diags.HasError() || diags.WarningsCount() != min(1, len(c.words)) {
				t.Errorf("noted is %q, and told %v", noted, diags)
			}
			for _, w := range c.words {
				if !strings.Contains(diags[0].Summary()+diags[0].Detail(), w) {
					t.Errorf("it does not say %q: %s", w, diags[0].Detail())
				}
			}
		})
	}
}
