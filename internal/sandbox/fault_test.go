package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// control speaks to the directory's address, where faults are ordered.
func control(t *testing.T, s *Sandbox) *client {
	t.Helper()
	return &client{t: t, base: strings.TrimSuffix(s.DirectoryURL(), "/operators.json")}
}

func TestFaults(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault Fault
		check func(*testing.T, answer)
		made  bool
	}{
		{"status before", Fault{Status: 503, Headers: map[string]string{"Retry-After": "3"}}, func(t *testing.T, a answer) {
			if a.refused(503, "unavailable"); a.header.Get("Retry-After") != "3" {
				t.Errorf("headers %v", a.header)
			}
		}, false},
		{"status after", Fault{Status: 500, After: true}, func(_ *testing.T, a answer) { a.refused(500, "internal") }, true},
		{"body", Fault{Status: 502, Body: "upstream", Headers: map[string]string{"Content-Type": "text/plain"}},
			func(t *testing.T, a answer) {
				if a.is(502); string(a.body) != "upstream" || a.header.Get("Content-Type") != "text/plain" {
					t.Errorf("%s %v", a.body, a.header)
				}
			}, false},
		{"reset before", Fault{Reset: true}, broken, false},
		{"reset after", Fault{Reset: true, After: true}, broken, true},
		{"truncated", Fault{Truncate: true}, func(t *testing.T, a answer) {
			if !errors.Is(a.err, io.ErrUnexpectedEOF) || a.status != 201 || len(a.body) == 0 || json.Valid(a.body) {
				t.Errorf("status %d, %v, body %s", a.status, a.err, a.body)
			}
		}, true},
		{"HTML", Fault{HTML: true}, func(t *testing.T, a answer) { webPage(t, a, 200) }, false},
		{"HTML after, with a status", Fault{HTML: true, Status: 403, After: true}, func(t *testing.T, a answer) { webPage(t, a, 403) }, true},
		{"token rejected", Fault{Status: 401}, func(_ *testing.T, a answer) { a.refused(401, "unauthenticated") }, false},
		{"too many", Fault{Status: 429}, func(_ *testing.T, a answer) { a.refused(429, "rate-limited") }, false},
	} {
		for _, way := range []string{"Go", "HTTP"} {
			t.Run(tc.name+" by "+way, func(t *testing.T) {
				s := start(t, Options{})
				c := at(t, s, "lvrtc")
				tc.fault.Operator, tc.fault.Method, tc.fault.Path = "lvrtc", "POST", "/registry/storage-volumes$"
				if way == "HTTP" {
					control(t, s).do("POST", "/_sandbox/faults", tc.fault).is(http.StatusNoContent)
				} else if err := s.AddFault(tc.fault); err != nil {
					t.Fatal(err)
				}
				order := m{"name": "data", "size_gib": 10}
				tc.check(t, c.order("storage-volumes", order))
				c.order("networks", m{"name": "inner", "cidr": "10.0.0.0/24"}).is(http.StatusCreated)
				c.order("/v1/projects/cadastre/storage-volumes", order).is(http.StatusCreated)
				at(t, s, "lnb").order("storage-volumes", order).is(http.StatusCreated)
				items, _ := c.list("storage-volumes")
				if made := len(items) == 1; made != tc.made {
					t.Errorf("made: %v, want %v", made, tc.made)
				}
				if way == "HTTP" {
					control(t, s).do("DELETE", "/_sandbox/faults", nil).is(http.StatusNoContent)
				} else {
					s.ClearFaults()
				}
				order["name"] = "other"
				c.order("storage-volumes", order).is(http.StatusCreated)
			})
		}
	}
}

func broken(t *testing.T, a answer) {
	t.Helper()
	if a.err == nil || a.status != 0 {
		t.Errorf("status %d, %v, want a broken connection", a.status, a.err)
	}
}

func webPage(t *testing.T, a answer, status int) {
	t.Helper()
	a.is(status)
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(string(a.body), "<title>") {
		t.Errorf("%v %s", a.header, a.body)
	}
}

func TestFaultsAreCounted(t *testing.T) {
	for _, tc := range []struct {
		name  string
		fault Fault
		want  string // One letter for each of six requests: x for those that the fault concerns.
	}{
		{"all", Fault{}, "xxxxxx"},
		{"once", Fault{Times: 1}, "x....."},
		{"twice", Fault{Times: 2}, "xx...."},
		{"from the third", Fault{Nth: 3}, "..xxxx"},
		{"the third", Fault{Nth: 3, Times: 1}, "..x..."},
		{"two from the fourth", Fault{Nth: 4, Times: 2}, "...xx."},
		{"another method", Fault{Method: "POST"}, "......"},
		{"another operator", Fault{Operator: "lnb"}, "......"},
		{"another path", Fault{Path: "/images/"}, "......"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t, Options{})
			c := at(t, s, "lvrtc")
			if tc.fault.Status = 503; tc.fault.Path == "" {
				tc.fault.Path = "/images$"
			}
			if err := s.AddFault(tc.fault); err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for range 6 {
				c.get("networks").is(http.StatusOK) // Not counted.
				got.WriteString(map[int]string{200: ".", 503: "x"}[c.get("images").status])
			}
			if got.String() != tc.want {
				t.Errorf("%s, want %s", got.String(), tc.want)
			}
		})
	}
	t.Run("two faults", func(t *testing.T) {
		s := start(t, Options{})
		c := at(t, s, "lvrtc")
		for _, f := range []Fault{{Status: 503, Times: 2}, {Status: 500, Nth: 2, Times: 2}} {
			if err := s.AddFault(f); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range []int{503, 503, 500, 200} {
			if got := c.get("images").status; got != want {
				t.Errorf("request %d: %d, want %d", i+1, got, want)
			}
		}
	})
}

func TestLatency(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	if err := s.AddFault(Fault{Path: "/images$", LatencyMS: 20, Times: 1}); err != nil {
		t.Fatal(err)
	}
	s.ResetRequests()
	c.get("images").is(http.StatusOK)
	if r := s.Requests(); len(r) != 1 || r[0].Duration < 20*time.Millisecond {
		t.Errorf("%+v, want one of at least 20 ms", r)
	}
}

func TestClientThatDoesNotWaitForALateAnswer(t *testing.T) {
	for _, carriedOut := range []bool{false, true} {
		s := start(t, Options{})
		c := at(t, s, "lvrtc")
		if err := s.AddFault(Fault{Method: "POST", LatencyMS: 3_600_000, After: carriedOut}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r, err := http.NewRequestWithContext(ctx, "POST", c.base+"/v1/projects/registry/networks",
			strings.NewReader(`{"name":"inner","cidr":"10.0.0.0/24"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{
			"Authorization": {"Bearer " + c.token}, "Content-Type": {"application/json"}, key: {uuid.NewString()},
		}
		gone := make(chan error, 1)
		go func() {
			resp, err := http.DefaultClient.Do(r)
			if err == nil {
				_ = resp.Body.Close()
			}
			gone <- err
		}()
		var items []view
		for tries := 0; carriedOut && len(items) == 0 && tries < 1000; tries++ {
			items, _ = c.list("networks")
		}
		c.get("images").is(http.StatusOK) // Others are not held up.
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want no answer", err)
		}
		if items, _ = c.list("networks"); (len(items) == 1) != carriedOut {
			t.Errorf("carried out: %v, there are %v", carriedOut, names(items))
		}
	}
}

func TestFaultRefused(t *testing.T) {
	s := start(t, Options{})
	c := control(t, s)
	for name, body := range map[string]string{
		"unknown field":    `{"status":503,"colour":"red"}`,
		"wrong type":       `{"status":"503"}`,
		"malformed":        `{"status":503`,
		"ill expression":   `{"status":503,"path":"("}`,
		"impossible code":  `{"status":42}`,
		"something behind": `{"status":503} {}`,
	} {
		c.do("POST", "/_sandbox/faults", body).is(http.StatusBadRequest)
		if a := at(t, s, "lvrtc").get("images"); a.status != http.StatusOK {
			t.Errorf("%s: the fault was taken", name)
		}
	}
	c.do("POST", "/_sandbox/clock", `{"seconds":1,"hours":1}`).is(http.StatusBadRequest)
}

func TestControl(t *testing.T) {
	s := start(t, Options{Transition: time.Hour})
	c, steer := at(t, s, "lvrtc"), control(t, s)
	objects := func(query string) (all []Object) {
		steer.get("/_sandbox/objects" + query).is(http.StatusOK).into(&all)
		return all
	}
	if body := string(steer.get("/_sandbox/objects").is(http.StatusOK).body); body != "[]" {
		t.Errorf("no objects are %s", body)
	}
	v := c.order("networks", m{"name": "inner", "cidr": "10.0.0.0/24"}).is(http.StatusCreated).view()
	if o := objects("?operator=lvrtc"); len(o) != 1 || o[0].ID != v.ID || o[0].State != "creating" || o[0].Name != "inner" ||
		o[0].Operator != "lvrtc" || o[0].Kind != "networks" || o[0].Project != "registry" || o[0].Claimed {
		t.Errorf("%+v", o)
	}
	if o := objects("?operator=lnb"); len(o) != 0 {
		t.Errorf("at another operator: %+v", o)
	}
	steer.do("POST", "/_sandbox/clock", `{"seconds":3600}`).is(http.StatusNoContent)
	if o := objects(""); len(o) != 1 || o[0].State != "ready" {
		t.Errorf("after an hour: %+v", o)
	}
	var asked []Request
	if steer.get("/_sandbox/requests").is(http.StatusOK).into(&asked); len(asked) != 1 || asked[0].Method != "POST" {
		t.Errorf("requests %+v", asked)
	}
}

func TestBehindTheAPIsBack(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	v := c.made("storage-volumes", m{"name": "data", "size_gib": 10, "deletion_protection": true})
	path := "storage-volumes/" + v.ID
	if err := s.Change(t.Context(), "lvrtc", v.ID, `{"size_gib":20,"labels":{"portal":"yes"}}`); err != nil {
		t.Fatal(err)
	}
	got := c.get(path).is(http.StatusOK).view()
	if got.SizeGiB != 20 || got.Labels["portal"] != "yes" || got.Etag == v.Etag {
		t.Errorf("%+v", got)
	}
	c.patch(path, v.Etag, `{"size_gib":30}`).refused(http.StatusPreconditionFailed, "precondition-failed")
	for name, err := range map[string]error{
		"a shrink":         s.Change(t.Context(), "lvrtc", v.ID, `{"size_gib":1}`),
		"no such operator": s.Change(t.Context(), "nobody", v.ID, `{}`),
		"no such object":   s.Change(t.Context(), "lvrtc", "vol-0", `{}`),
	} {
		if err == nil {
			t.Errorf("%s was done", name)
		}
	}
	if err := s.Remove(t.Context(), "lvrtc", v.ID); err != nil {
		t.Fatal(err)
	}
	c.get(path).refused(http.StatusNotFound, "not-found")
}
