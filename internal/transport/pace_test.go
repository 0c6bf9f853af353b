package transport

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const latency = 20 * time.Millisecond

// quotaServer allows so many requests in every window of whole seconds, and says so as its header function has it.
type quotaServer struct {
	quota   int
	window  time.Duration
	latency time.Duration
	header  func(left int, rest time.Duration) []string

	mu                          sync.Mutex
	end                         time.Time
	used, refused, flying, peak int
}

func (s *quotaServer) serve(*http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.flying++
	s.peak = max(s.peak, s.flying)
	now := time.Now()
	if !now.Before(s.end) {
		s.end, s.used = now.Truncate(s.window).Add(s.window), 0
	}
	s.used++
	ok := s.used <= s.quota
	if !ok {
		s.refused++
	}
	var header []string
	if s.header != nil {
		header = s.header(max(s.quota-s.used, 0), s.end.Sub(now))
	}
	s.mu.Unlock()
	<-time.After(s.latency)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flying--
	if !ok {
		return answer(http.StatusTooManyRequests, header...), nil
	}
	return answer(http.StatusOK, header...), nil
}

func (s *quotaServer) fields(round time.Duration) func(int, time.Duration) []string {
	return func(left int, rest time.Duration) []string {
		return []string{
			"RateLimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, s.quota, s.window/time.Second),
			"RateLimit", fmt.Sprintf(`"default";r=%d;t=%d`, left, (rest+round)/time.Second),
		}
	}
}

// TestPacedToTheQuota sends 500 requests of ten kinds at once to operators that allow fewer. The ideal is what their
// windows allow from the first moment on, with the first window whole.
func TestPacedToTheQuota(t *testing.T) {
	const up, down, silent, slow = time.Second - 1, 0, -1, 300 * time.Millisecond
	for name, tc := range map[string]struct {
		quota                  int
		window, latency, round time.Duration
		refused                int
		low, high              time.Duration
	}{
		"50 in a second":                {50, time.Second, latency, up, 5, 9 * time.Second, 12 * time.Second},
		"rounded down":                  {50, time.Second, latency, down, 5, 9 * time.Second, 12 * time.Second},
		"slow":                          {50, time.Second, slow, up, 5, 9 * time.Second, 13 * time.Second},
		"100 in ten seconds":            {100, 10 * time.Second, latency, up, 5, 40 * time.Second, 52 * time.Second},
		"in ten seconds, rounded down":  {100, 10 * time.Second, latency, down, 5, 40 * time.Second, 52 * time.Second},
		"more than is asked":            {5000, time.Second, latency, up, 0, 0, time.Second},
		"that say nothing":              {50, time.Second, latency, silent, 80, 9 * time.Second, 20 * time.Second},
		"that say nothing and are slow": {50, time.Second, slow, silent, 80, 9 * time.Second, 25 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &quotaServer{quota: tc.quota, window: tc.window, latency: tc.latency}
				if tc.round != silent {
					s.header = s.fields(tc.round)
				}
				c := newClient(Config{}, fake(s.serve))
				start := time.Now()
				var all sync.WaitGroup
				for i := range 500 {
					all.Go(func() {
						path := fmt.Sprintf("/v1/projects/p/kind-%d/%d", i%10, i)
						if status, _, err := do(c, request(t, "GET", path, "")); status != http.StatusOK || err != nil {
							t.Errorf("%s: %d, %v", path, status, err)
						}
					})
				}
				all.Wait()
				took := time.Since(start)
				t.Logf("%d refused, at most %d in flight, %s", s.refused, s.peak, took)
				if s.refused > tc.refused || took < tc.low || took > tc.high {
					t.Errorf("%d refused in %s, want at most %d, and %s to %s", s.refused, took, tc.refused, tc.low, tc.high)
				}
			})
		})
	}
}

// TestLimits has what headers say become limits, and what is ill be nothing.
func TestLimits(t *testing.T) {
	for name, tc := range map[string]struct{ policy, state, want string }{
		"as the draft has it":  {`"default";q=100;w=60`, `"default";r=50;t=30`, "[default 50/100 1m0s 30s]"},
		"a token":              {`default;q=100;w=60`, `"default";r=50;t=30`, "[default 50/100 1m0s 30s]"},
		"quoted otherwise":     {`'default' ; q="100"; w="60"`, `"default"; r="50" ;t='30'`, "[default 50/100 1m0s 30s]"},
		"more parameters":      {`"default";q=100;qu="requests";w=60;pk=:YQ==:`, `"default";r=50;t=30;x`, "[default 50/100 1m0s 30s]"},
		"several":              {`"a";q=10;w=1, "b";q=100;w=60`, `"a";r=9;t=1,"b";r=99;t=60`, "[a 9/10 1s 1s b 99/100 1m0s 1m0s]"},
		"separators in a name": {`"a,b;\"c";q=10;w=1`, `"a,b;\"c";r=9;t=1`, `[a,b;\"c 9/10 1s 1s]`},
		"no policy":            {``, `"default";r=50;t=30`, "[default 50/50 30s 30s]"},
		"no time":              {`"default";q=100;w=60`, `"default";r=50`, "[default 50/100 1m0s 1m0s]"},
		"neither":              {``, `"default";r=50`, "[]"},
		"of no window":         {`"default";q=0;w=0`, `"default";r=0;t=0`, "[default 0/1 1s 1s]"},
		"negative":             {``, `"default";r=-1;t=30`, "[]"},
		"too large":            {``, `"default";r=9999999999999999999;t=1`, "[]"},
		"not a number":         {`"default";q=ten;w=60`, `"default";r=1;t=30`, "[default 1/1 30s 30s]"},
		"one ill of two":       {``, `"a";r=x;t=1, "b";r=1;t=1`, "[b 1/1 1s 1s]"},
		"an older draft":       {`100;w=60`, `limit=100, remaining=50, reset=30`, "[]"},
		"an open quote":        {`"default`, `"default;r=1;t=1`, "[]"},
		"nothing":              {``, `;;,,=`, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			var p pace
			now := time.Now()
			header := http.Header{"Ratelimit-Policy": {tc.policy}, "Ratelimit": {tc.state}}
			p.read(now, now, 1, header)
			got := []string{}
			for _, l := range p.limits {
				got = append(got, fmt.Sprintf("%s %d/%d %s %s", l.name, l.left, l.quota, l.window, l.end.Sub(now)))
			}
			if fmt.Sprint(got) != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// TestNoneLeft has the next request wait for the end of the window, but not for ever.
func TestNoneLeft(t *testing.T) {
	for seconds, want := range map[int]time.Duration{30: 30 * time.Second, 3600: 2 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			state := fmt.Sprintf("default;r=0;t=%d", seconds)
			c := newClient(Config{}, fake(func(*http.Request) (*http.Response, error) {
				return answer(http.StatusOK, "RateLimit", state), nil
			}))
			start := time.Now()
			for i := range 3 {
				if _, _, err := do(c, request(t, "GET", "/", "")); err != nil || time.Since(start) != time.Duration(i)*want {
					t.Errorf("request %d after %s, %v", i, time.Since(start), err)
				}
			}
		})
	}
}

// TestRefusalsHalve has what may be in flight halved once for refusals that came together, down to one, and grow again.
func TestRefusalsHalve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(8)
		k := kind{}
		send := func(o outcome) {
			var numbers []int64
			for g.room(k) {
				n, _ := g.enter(t.Context(), k, false)
				numbers = append(numbers, n)
			}
			for _, n := range numbers {
				g.learn(n, k, lesson{outcome: o})
				g.leave(n, k)
			}
			<-time.After(2 * time.Second)
		}
		for _, want := range []float64{4, 2, 1, 1} {
			if send(unavailable); g.pace.window != want {
				t.Errorf("%v may be in flight, want %v", g.pace.window, want)
			}
		}
		if send(tooManyRequests); g.pace.rate != firstRate/2 {
			t.Errorf("%v in a second", g.pace.rate)
		}
		for range 100 {
			send(answered)
		}
		if g.pace.window != 8 || g.pace.rate != 0 {
			t.Errorf("in the end %v in flight, %v in a second", g.pace.window, g.pace.rate)
		}
	})
}
