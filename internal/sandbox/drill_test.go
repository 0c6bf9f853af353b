package sandbox

import (
	"net/http"
	"testing"
	"time"
)

// TestDrills has no drill that none comes after, and keeps what was written down.
func TestDrills(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	p := startPair(t, o, nil)
	plan := p.plan(nil, p.volume("data", "").ID)
	path := "backup-plans/" + plan.ID
	tag := p.here.get(path).header.Get("ETag")
	note := func(began time.Time, more m) answer {
		body := m{"started_at": began, "passed": true, "rto_seconds": 7}
		for key, value := range more {
			body[key] = value
		}
		return p.here.do(http.MethodPut, path+"/last-drill", body)
	}
	note(noon.Add(23*time.Hour), nil).is(http.StatusNoContent)
	note(noon.Add(25*time.Hour), nil).refused(http.StatusUnprocessableEntity, "invalid")
	note(noon, m{"rto_seconds": -1}).is(http.StatusBadRequest)
	if got := p.here.get(path).header.Get("ETag"); got != tag {
		t.Errorf("the ETag is %s after a drill, and was %s", got, tag)
	}
	p = p.again(o)
	if got := p.at(plan.ID).LastDrill; got == nil || !got.StartedAt.Equal(noon.Add(23*time.Hour)) || !got.Passed || got.RtoSeconds != 7 {
		t.Errorf("after a new start, the last drill is %+v", got)
	}
}
