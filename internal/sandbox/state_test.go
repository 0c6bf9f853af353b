package sandbox

import (
	"context"
	"net/http"
	"testing"
	"time"
)

const tick = 7 * time.Second

// waiting asks for an object and waits for its state to change.
func (c *client) waiting(path, prefer string) <-chan answer {
	c.t.Helper()
	answered := make(chan answer, 1)
	go func() { answered <- c.get(path, "Prefer", prefer) }()
	for range 5 { // An answer that was not held back would come by then.
		c.get(path).is(http.StatusOK)
	}
	select {
	case a := <-answered:
		c.t.Fatalf("answered at once: %d %s", a.status, a.body)
	default:
	}
	return answered
}

func TestWaitIsAnsweredWhenTheStateChanges(t *testing.T) {
	for _, tc := range []struct {
		name string
		// begin leaves the object in a passing state, end brings it out of there.
		begin  func(*Sandbox, *client, string)
		end    func(*Sandbox, string)
		status int
		state  string
	}{
		{"created", nil, func(s *Sandbox, _ string) { s.MoveClock(tick) }, 200, "ready"},
		{"changed", func(s *Sandbox, c *client, path string) {
			s.MoveClock(tick)
			c.patch(path, c.get(path).view().Etag, `{"size_gib":2}`).is(200)
		}, func(s *Sandbox, _ string) { s.MoveClock(tick) }, 200, "ready"},
		{"deleted", func(s *Sandbox, c *client, path string) {
			s.MoveClock(tick)
			c.remove(path).is(202)
		}, func(s *Sandbox, _ string) { s.MoveClock(tick) }, 404, ""},
		{"failed", nil, func(s *Sandbox, id string) { _ = s.Fail(context.Background(), "lvrtc", id, "broken") }, 200, "failed"},
		{"vanished", nil, func(s *Sandbox, id string) { _ = s.Remove(context.Background(), "lvrtc", id) }, 404, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{Transition: tick})
			c := at(t, s, "lvrtc")
			v := c.order("storage-volumes", m{"name": "data", "size_gib": 1}).is(http.StatusCreated).view()
			path := "storage-volumes/" + v.ID
			if tc.begin != nil {
				tc.begin(s, c, path)
			}
			answered := c.waiting(path, "respond-async, wait=20")
			tc.end(s, v.ID)
			a := (<-answered).is(tc.status)
			if tc.status == http.StatusOK && a.view().State != tc.state {
				t.Errorf("state %s, want %s", a.view().State, tc.state)
			}
			if got := a.header.Get("Preference-Applied"); got != "wait=20" {
				t.Errorf("Preference-Applied is %q", got)
			}
		})
	}
}

func TestWaitEnds(t *testing.T) {
	s := start(t, Options{Transition: tick})
	c := at(t, s, "lvrtc")
	v := c.order("storage-volumes", m{"name": "data", "size_gib": 1}).is(http.StatusCreated).view()
	path := "storage-volumes/" + v.ID
	a := c.get(path, "Prefer", "wait=1").is(http.StatusOK)
	if a.view().State != "creating" || a.header.Get("Retry-After") != "7" {
		t.Errorf("state %s, Retry-After %q, want it as it is after the time", a.view().State, a.header.Get("Retry-After"))
	}
	release := s.Hold()
	s.MoveClock(tick)
	answered := c.waiting(path, "wait=30")
	release()
	if got := (<-answered).is(http.StatusOK).view().State; got != "ready" {
		t.Errorf("state %s after the hold", got)
	}
}

func TestCloseEndsWaiting(t *testing.T) {
	s := start(t, Options{Transition: tick})
	c := at(t, s, "lvrtc")
	v := c.order("storage-volumes", m{"name": "data", "size_gib": 1}).is(http.StatusCreated).view()
	answered := c.waiting("storage-volumes/"+v.ID, "wait=30")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-answered
}

func TestWaitIsCutToWhatTheOperatorOffers(t *testing.T) {
	s := start(t, Options{})
	for operator, want := range map[string]string{"lvrtc": "wait=30", "iem-ic": "wait=20"} {
		c := at(t, s, operator)
		v := c.made("networks", m{"name": "inner", "cidr": "10.0.0.0/24"})
		a := c.get("networks/"+v.ID, "Prefer", "wait=300").is(http.StatusOK) // At once, as it is settled.
		if got := a.header.Get("Preference-Applied"); got != want {
			t.Errorf("%s: Preference-Applied is %q, want %q", operator, got, want)
		}
		if a.header.Get("Retry-After") != "" {
			t.Errorf("%s: Retry-After on a settled object", operator)
		}
		if got := c.get("networks/" + v.ID).header.Get("Preference-Applied"); got != "" {
			t.Errorf("%s: Preference-Applied is %q without Prefer", operator, got)
		}
	}
}

func TestOperatorWithoutLongPolls(t *testing.T) {
	s := start(t, Options{Transition: tick})
	c := at(t, s, "lnb")
	v := c.order("networks", m{"name": "inner", "cidr": "10.0.0.0/24"}).is(http.StatusCreated).view()
	a := c.get("networks/"+v.ID, "Prefer", "wait=30").is(http.StatusOK) // The clock stands still: nothing else answers.
	if a.view().State != "creating" || a.header.Get("Retry-After") != "7" || a.header.Get("Preference-Applied") == "wait=30" {
		t.Errorf("state %s, %v", a.view().State, a.header)
	}
}

func TestStatesPass(t *testing.T) {
	s := start(t, Options{Transition: tick})
	c := at(t, s, "lvrtc")
	a := c.order("storage-volumes", m{"name": "data", "size_gib": 10}).is(http.StatusCreated)
	path := "storage-volumes/" + a.view().ID
	busy := func(state string) {
		t.Helper()
		for _, refused := range []answer{c.patch(path, c.get(path).view().Etag, `{"size_gib":20}`), c.remove(path)} {
			refused.refused(http.StatusConflict, "conflict")
			if got := refused.header.Get("Retry-After"); got != "7" {
				t.Errorf("%s: Retry-After is %q, want 7", state, got)
			}
		}
	}
	state := func(want, retryAfter string) view {
		t.Helper()
		a := c.get(path).is(http.StatusOK)
		if v := a.view(); v.State != want || a.header.Get("Retry-After") != retryAfter || a.header.Get("ETag") != v.Etag {
			t.Errorf("state %s, want %s; %v", v.State, want, a.header)
		}
		return a.view()
	}
	if a.header.Get("Retry-After") != "7" || !a.view().MeteredSince.IsZero() {
		t.Errorf("metered since %v before it is ready; %v", a.view().MeteredSince, a.header)
	}
	state("creating", "7")
	busy("creating")
	s.MoveClock(tick - time.Second)
	state("creating", "1")
	s.MoveClock(time.Second)
	ready := state("ready", "")
	if !ready.MeteredSince.Equal(noon.Truncate(time.Minute)) || !ready.UpdatedAt.Equal(noon.Add(tick)) {
		t.Errorf("metered since %v, updated at %v", ready.MeteredSince, ready.UpdatedAt)
	}
	c.patch(path, ready.Etag, `{"size_gib":20}`).is(http.StatusOK)
	if v := state("updating", "7"); v.SizeGiB != 20 {
		t.Errorf("%d GiB while updating", v.SizeGiB)
	}
	busy("updating")
	s.MoveClock(10 * time.Minute)
	if v := state("ready", ""); !v.MeteredSince.Equal(ready.MeteredSince) || v.SizeGiB != 20 {
		t.Errorf("after the change: %+v", v)
	}
	c.remove(path).is(http.StatusAccepted)
	deleting := state("deleting", "7")
	s.MoveClock(time.Second)
	c.remove(path).is(http.StatusAccepted)
	if v := state("deleting", "6"); v.Etag != deleting.Etag {
		t.Errorf("the second DELETE changed the ETag from %s to %s", deleting.Etag, v.Etag)
	}
	a = c.patch(path, deleting.Etag, `{"size_gib":30}`)
	a.refused(http.StatusConflict, "conflict")
	s.MoveClock(tick)
	c.get(path).refused(http.StatusNotFound, "not-found")
	c.remove(path).refused(http.StatusNotFound, "not-found")
	c.patch(path, deleting.Etag, `{"size_gib":30}`).refused(http.StatusNotFound, "not-found")
}

func TestFailedObject(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	for _, f := range []Fault{
		{Method: "POST", Path: "storage-volumes$", Fail: "Nav vietas diskā.", Times: 1},
		{Method: "PATCH", Path: "storage-volumes/", Fail: "Nav vietas diskā.", Times: 1},
		{Method: "DELETE", Path: "storage-volumes/", Fail: "Nav vietas diskā.", Times: 1},
	} {
		t.Run(f.Method, func(t *testing.T) {
			if err := s.AddFault(f); err != nil {
				t.Fatal(err)
			}
			v := c.order("storage-volumes", m{"name": "data", "size_gib": 10}).is(http.StatusCreated).view()
			path := "storage-volumes/" + v.ID
			switch v = c.get(path).is(http.StatusOK).view(); f.Method {
			case "PATCH":
				c.patch(path, v.Etag, `{"size_gib":20}`).is(http.StatusOK)
			case "DELETE":
				c.remove(path).is(http.StatusAccepted)
			}
			v = c.get(path).is(http.StatusOK).view()
			if v.State != "failed" || v.StateMessage != "Nav vietas diskā." {
				t.Fatalf("state %s: %q", v.State, v.StateMessage)
			}
			a := c.patch(path, v.Etag, `{"size_gib":30}`)
			if a.refused(http.StatusConflict, "conflict"); a.header.Get("Retry-After") != "" {
				t.Error("Retry-After, though it will never do")
			}
			if used := c.used(); used["storage_volumes"] != 1 {
				t.Errorf("a failed volume keeps its quota: %v", used)
			}
			c.remove(path).is(http.StatusAccepted)
			c.get(path).is(http.StatusNotFound)
			if used := c.used(); used["storage_volumes"] != 0 || used["storage_gib"] != 0 {
				t.Errorf("used after the deletion: %v", used)
			}
		})
	}
}

// used is what the project uses.
func (c *client) used() map[string]int64 {
	c.t.Helper()
	var p struct{ Used map[string]int64 }
	c.get("/v1/projects/registry").is(http.StatusOK).into(&p)
	return p.Used
}

func TestStuckObject(t *testing.T) {
	s := start(t, Options{Transition: tick})
	c := at(t, s, "lvrtc")
	if err := s.AddFault(Fault{Method: "POST", Path: "/networks$", Stuck: true}); err != nil {
		t.Fatal(err)
	}
	v := c.order("networks", m{"name": "inner", "cidr": "10.0.0.0/24"}).is(http.StatusCreated).view()
	s.ClearFaults()
	s.MoveClock(10 * time.Minute)
	a := c.get("networks/" + v.ID).is(http.StatusOK)
	if a.view().State != "creating" || a.header.Get("Retry-After") != "1" {
		t.Errorf("state %s, Retry-After %q", a.view().State, a.header.Get("Retry-After"))
	}
	other := c.order("networks", m{"name": "outer", "cidr": "10.0.0.0/24"}).is(http.StatusCreated).view()
	s.MoveClock(tick)
	if got := c.get("networks/" + other.ID).view().State; got != "ready" {
		t.Errorf("after the fault was cleared: %s", got)
	}
}
