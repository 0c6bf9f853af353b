package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurns has a thousand reads of machines wait for one place in flight, and others come after them.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []string
		c := newClient(Config{Limits: Limits{MaxParallel: 1}}, fake(func(req *http.Request) (*http.Response, error) {
			sent = append(sent, req.Method+strings.TrimPrefix(req.URL.Path, "/v1/projects/p"))
			<-time.After(latency)
			return answer(http.StatusOK), nil
		}))
		var all sync.WaitGroup
		send := func(method, path string) {
			all.Go(func() { _, _, _ = do(c, request(t, method, path, "")) })
			synctest.Wait()
		}
		var reads []string
		for i := range 1000 {
			reads = append(reads, fmt.Sprintf("GET/machines/%d", i))
			send("GET", fmt.Sprintf("/v1/projects/p/machines/%d", i))
		}
		send("POST", "/v1/projects/p/machines")
		send("POST", "/v1/projects/p/networks")
		send("GET", "/.well-known/api-catalog")
		all.Wait()
		want := slices.Insert(slices.Clone(reads), 2, "POST/machines", "POST/networks", "GET/.well-known/api-catalog")
		if !slices.Equal(sent, want) {
			t.Errorf("sent %q …", sent[:8])
		}
	})
}

func TestKind(t *testing.T) {
	host := strings.TrimPrefix(address, "http://")
	for path, want := range map[string]string{
		"/v1/projects/p/machines": "machines", "/v1/projects/p/machines/1/start": "machines",
		"/api/v1/projects/p/networks/1": "networks",
		// What is of another API waits with what is at the same host.
		"/v1/projects": host, "/v1/projects/p": host, "/v2.1/servers": host, "": host,
	} {
		x := &exchange{req: request(t, "GET", path, "")}
		if got := x.kind(); got != (kind{collection: want}) {
			t.Errorf("%s is of kind %v", path, got)
		}
	}
}

// TestGivenUp has a thousand waiting requests given up, one of them just when it is admitted, and nothing left of them.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		first, err := g.enter(t.Context(), kind{}, false)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				if _, err := g.enter(ctx, kind{collection: fmt.Sprint(i % 10)}, false); err == nil {
					t.Error("entered")
				}
			})
		}
		synctest.Wait()
		g.mu.Lock()
		cancel()
		g.free(first, kind{})
		g.dispatch()
		g.mu.Unlock()
		all.Wait()
		if _, err := g.enter(ctx, kind{}, false); err == nil {
			t.Error("entered with a context that is done")
		}
		if len(g.turns) != 0 || g.flying != 0 || len(g.pace.open) != 0 {
			t.Errorf("%d kinds wait, %d in flight, %d open", len(g.turns), g.flying, len(g.pace.open))
		}
	})
}

// TestPollsArePaced has long polls take no place in flight, but wait for the next window like all others.
func TestPollsArePaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &quotaServer{quota: 10, window: 10 * time.Second, latency: latency}
		s.header = s.fields(0)
		c := newClient(Config{Limits: Limits{MaxParallel: 1}}, fake(s.serve))
		start := time.Now()
		for range 8 {
			_, _, _ = do(c, request(t, "GET", "/", ""))
		}
		var polls sync.WaitGroup
		for range 10 {
			polls.Go(func() { _, _, _ = do(c, request(t, "GET", "/", "", "Prefer", "wait=60")) })
		}
		polls.Wait()
		if took := time.Since(start); s.refused > 0 || took < 10*time.Second || took > 30*time.Second {
			t.Errorf("%d refused in %s", s.refused, took)
		}
	})
}

// BenchmarkAdmission has what a request costs that waits for nothing.
func BenchmarkAdmission(b *testing.B) {
	quiet, told := newGate(32), newGate(32)
	plenty := http.Header{
		"Ratelimit-Policy": {`"default";q=2000000000;w=1`}, "Ratelimit": {`"default";r=2000000000;t=1`},
	}
	for name, g := range map[string]*gate{"silent": quiet, "told": told} {
		header := http.Header{}
		if g == told {
			header = plenty
		}
		n, _ := g.enter(b.Context(), kind{}, false)
		g.learn(n, kind{}, lesson{header: header})
		g.leave(n, kind{})
		b.Run(name, func(b *testing.B) {
			x := &exchange{req: &http.Request{Method: "GET", URL: &url.URL{Path: "/v1/projects/p/machines/1"}}}
			b.ReportAllocs()
			for b.Loop() {
				k := x.kind()
				n, err := g.enter(b.Context(), k, false)
				if err != nil {
					b.Fatal(err)
				}
				g.leave(n, k)
			}
		})
		b.Run(name+" and learnt", func(b *testing.B) {
			for b.Loop() {
				n, _ := g.enter(b.Context(), kind{}, false)
				g.learn(n, kind{}, lesson{header: header})
				g.leave(n, kind{})
			}
		})
	}
}
