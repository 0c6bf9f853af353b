package lifecycle_test

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// many is a configuration of so many volumes, each called data-0 and so on.
func many(env *acctest.Env, n int) string {
	return env.Config(fmt.Sprintf(`
		resource "vdam_storage_volume" "data" {
			count               = %d
			name                = "data-${count.index}"
			size_gib            = 10
			deletion_protection = false
		}`, n))
}

// ordersVolume tells orders of volumes from all other requests.
func ordersVolume(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/storage-volumes")
}

// TestPauseOfAll has one order of several be told to come later: no other request comes in the meantime either.
func TestPauseOfAll(t *testing.T) {
	const volumes, pause = 4, 2 * time.Second
	f := newFaulty(t, sandbox.Options{})
	var mu sync.Mutex
	var until time.Time
	between := newFront(t, f.Env, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
		mu.Lock()
		now := time.Now()
		first := ordersVolume(r) && until.IsZero()
		if first {
			until = now.Add(pause)
		} else if now.Before(until) {
			t.Errorf("%s %s came %s too early", r.Method, r.URL.Path, until.Sub(now))
		}
		mu.Unlock()
		if !first {
			operator.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", fmt.Sprint(pause.Seconds()))
		w.WriteHeader(http.StatusTooManyRequests)
	})
	f.test(resource.TestStep{
		// With one request at a time, none is on its way when the operator asks for the pause.
		Config: between.config(many(f.Env, volumes), `, limits = { max_parallel_requests = 1 }`),
		Check:  then(func() { f.expect("POST", http.StatusCreated, volumes) }),
	})
}

// TestTokensExpireAtOnce lets the token end while many orders are on their way: all of them are sent again, once each,
// and one new token serves them all.
func TestTokensExpireAtOnce(t *testing.T) {
	const volumes = 8
	f := newFaulty(t, sandbox.Options{TokenLifetime: 15 * time.Minute})
	var arrived, tokens atomic.Int64
	expired := make(chan struct{})
	between := newFront(t, f.Env, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
		if r.URL.Path == "/oauth/token" {
			tokens.Add(1)
		}
		if n := arrived.Load(); ordersVolume(r) && n < volumes {
			if arrived.Add(1) == volumes {
				f.Box.MoveClock(20 * time.Minute)
				tokens.Store(0)
				close(expired)
			}
			select {
			case <-expired:
			case <-r.Context().Done():
			}
		}
		operator.ServeHTTP(w, r)
	})
	f.test(resource.TestStep{
		Config: between.config(many(f.Env, volumes), ""),
		Check: then(func() {
			f.expect("POST", http.StatusUnauthorized, volumes)
			f.expect("POST", http.StatusCreated, volumes)
			if n := tokens.Load(); n != 1 {
				t.Errorf("%d tokens were asked for; want 1", n)
			}
		}),
	})
}

// TestUnknownAuthority meets a certificate that nobody vouches for: it is refused at once and for good, nothing is sent,
// and the state is kept; with the authority's certificate all goes on.
func TestUnknownAuthority(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	var requests atomic.Int64
	between := newFront(t, f.Env, (*httptest.Server).StartTLS, func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
		requests.Add(1)
		operator.ServeHTTP(w, r)
	})
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: between.Certificate().Raw}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	trusting := between.config(config(f.Env, ""), fmt.Sprintf(`, tls = { ca_file = %q }`, file))
	first := ""
	again := steady(trusting)
	again.PreConfig = func() {
		// One connection of the only plan: what cannot be trusted now cannot be trusted in a second either.
		if sent, opened := requests.Load(), between.opened.Load(); sent != 0 || opened != 1 {
			t.Errorf("%d requests were sent to a server that is not trusted, over %d connections", sent, opened)
		}
	}
	again.Check = then(func() {
		if got := one(t, f.Env).ID; got != first {
			t.Errorf("another volume was made: %s, first %s", got, first)
		}
	})
	f.test(
		resource.TestStep{Config: trusting, Check: then(func() { first = one(t, f.Env).ID })},
		resource.TestStep{
			PreConfig: func() {
				requests.Store(0)
				between.opened.Store(0)
			},
			Config: between.config(config(f.Env, ""), ""),
			ExpectError: acctest.Words(`Operator "lvrtc" cannot be used`, between.URL,
				"its certificate is signed by an authority that this machine does not know", "Set tls.ca_file"),
		},
		again,
	)
}

// TestBusyForEver has an operator that is never done with something else. The wait is over when the user's time limit
// is, and what is in the state stays.
func TestBusyForEver(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	short := `timeouts = { create = "1s", update = "1s", delete = "1s" }`
	busy := func(method, path string) {
		order(t, f.Env, sandbox.Fault{Method: method, Path: path, Status: 409, Headers: map[string]string{"Retry-After": "0"}})
	}
	refused := func(what string) *regexp.Regexp {
		return acctest.Words("lvrtc refused "+what+" storage volume \"data\": busy", "Apply again later")
	}
	again := steady(config(f.Env, short))
	again.PreConfig = f.Box.ClearFaults
	again.Check = f.one()
	f.test(
		resource.TestStep{
			Config:           config(f.Env, short),
			ConfigPlanChecks: before(func() { busy("POST", "storage-volumes$") }),
			ExpectError:      refused("the order of"),
		},
		resource.TestStep{
			PreConfig: func() {
				if n := len(f.Objects(t, "lvrtc")); n != 0 {
					t.Errorf("there are %d objects", n)
				}
				f.Box.ClearFaults()
			},
			Config: config(f.Env, short), Check: f.one(),
		},
		resource.TestStep{
			Config:           config(f.Env, `description = "Aizņemts"`+"\n"+short),
			ConfigPlanChecks: before(func() { busy("PATCH", single) }),
			ExpectError:      refused("the change of"),
		},
		resource.TestStep{
			PreConfig: func() { busy("DELETE", single) },
			Config:    config(f.Env, short), Destroy: true,
			ExpectError: refused("the deletion of"),
		},
		again,
	)
	for _, method := range []string{"POST", "PATCH", "DELETE"} {
		if n := f.answered(method, http.StatusConflict); n < 2 || n > 10 {
			t.Errorf("%s was tried %d times in a second", method, n)
		}
	}
}

// TestTakenIsImported follows what the refusal of a name that is taken says, to the letter: afterwards there is nothing
// to change.
func TestTakenIsImported(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	theirs := strings.Replace(config(f.Env, ""), `deployment_id = "acctest"`, `deployment_id = "another"`, 1)
	forgotten := f.Config(`
		removed {
			from = vdam_storage_volume.data
			lifecycle { destroy = false }
		}`)
	advice := regexp.MustCompile(`terraform import ADDRESS (\S+)`)
	first, id := "", ""
	again := steady(config(f.Env, ""))
	again.Check = then(func() {
		if got := one(t, f.Env).ID; got != first {
			t.Errorf("another volume was made: %s, first %s", got, first)
		}
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: f.Factories, CheckDestroy: f.none(),
		ErrorCheck: func(err error) error {
			found := advice.FindStringSubmatch(err.Error())
			if found == nil || id != "" || !acctest.Words(`already exists`, `belongs to deployment "another"`).MatchString(err.Error()) {
				return err
			}
			id = found[1]
			return nil
		},
		Steps: []resource.TestStep{
			{Config: theirs, Check: then(func() { first = one(t, f.Env).ID })},
			{Config: forgotten},
			{Config: config(f.Env, "")},
			{
				Config: config(f.Env, ""), ResourceName: volume, ImportState: true, ImportStatePersist: true,
				ImportStateIdFunc: func(*terraformState) (string, error) { return id, nil },
			},
			again,
		},
	})
	if id == "" {
		t.Error("the name was not refused")
	}
}

// TestNotThereYetInLists has an operator that answers no long polls, and whose lists and reads do not know for a while
// what it has accepted.
func TestNotThereYetInLists(t *testing.T) {
	const volumes, unknown = 4, 8
	t.Parallel()
	env := acctest.Start(t, "lnb")
	f := faulty{env, t}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: env.Factories, Steps: []resource.TestStep{{
		Config: many(env, volumes),
		ConfigPlanChecks: before(func() {
			order(t, env, sandbox.Fault{Method: "GET", Times: 2, Status: 200, Body: `{"items":[]}`})
			order(t, env, sandbox.Fault{Method: "GET", Path: single, Times: unknown, Status: 404})
		}),
		Check: then(func() {
			f.expect("GET", http.StatusNotFound, unknown)
			f.expect("POST", http.StatusCreated, volumes)
		}),
	}, steady(many(env, volumes))}})
}

// TestUnclaimed has the last step of a creation go wrong, which is not the user's to repair.
func TestUnclaimed(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"away":          {Times: 3, Status: 503},
		"lost":          {Times: 1, After: true, Reset: true},
		"not there yet": {Times: 1, Status: 404},
		"a web page":    {Times: 1, HTML: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFaulty(t, sandbox.Options{})
			fault.Method, fault.Path = "POST", "/claim$"
			again := steady(config(f.Env, ""))
			again.Check = f.one() // It is claimed, at the latest by the refresh.
			f.test(
				resource.TestStep{
					Config:            config(f.Env, ""),
					ConfigPlanChecks:  before(func() { order(t, f.Env, fault) }),
					ConfigStateChecks: ready(),
				},
				again,
			)
		})
	}
}
