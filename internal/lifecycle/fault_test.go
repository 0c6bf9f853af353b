package lifecycle_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// These are the faults of the engine's fault table that engine_test.go has not: what a user sees of each through
// Terraform, and how many objects there are afterwards.

// single is a part of the paths of single volumes.
const single = "storage-volumes/"

// faulty is a sandbox that counts what it answered.
type faulty struct {
	*acctest.Env
	t *testing.T
}

func newFaulty(t *testing.T, o sandbox.Options) faulty {
	t.Helper()
	t.Parallel()
	o.Operators = []string{"lvrtc"}
	if o.Transition == 0 {
		o.Transition = 5 * time.Millisecond
	}
	return faulty{acctest.StartWith(t, o), t}
}

// answered counts the answers of a status to requests of a method about volumes.
func (f faulty) answered(method string, status int) (n int) {
	for _, r := range f.Box.Requests() {
		if r.Method == method && r.Status == status && strings.Contains(r.Path, "storage-volumes") {
			n++
		}
	}
	return n
}

func (f faulty) expect(method string, status, want int) {
	f.t.Helper()
	if n := f.answered(method, status); n != want {
		f.t.Errorf("%d of %s were answered %d; want %d", n, method, status, want)
	}
}

// before runs something between a plan and its apply.
func before(do func()) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{planHook(do)}}
}

// then checks after an apply.
func then(do func()) func(*terraformState) error {
	return func(*terraformState) error { do(); return nil }
}

// none asserts after a destruction that nothing is left.
func (f faulty) none() func(*terraformState) error {
	return then(func() {
		if left := f.Objects(f.t, "lvrtc"); len(left) != 0 {
			f.t.Errorf("there is %v", left)
		}
	})
}

func (f faulty) test(steps ...resource.TestStep) {
	f.t.Helper()
	resource.Test(f.t, resource.TestCase{ProtoV6ProviderFactories: f.Factories, Steps: steps, CheckDestroy: f.none()})
}

func (f faulty) one() func(*terraformState) error { return then(func() { one(f.t, f.Env) }) }

// ready are the checks of a volume that is as declared.
func ready() []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(volume, status, knownvalue.StringExact("ready"))}
}

// TestTooManyRequests waits as long as the operator says, in seconds or as a date, and the user sees nothing of it.
func TestTooManyRequests(t *testing.T) {
	const pause = 2 * time.Second
	for name, hint := range map[string]func(now time.Time) (header string, until time.Time){
		"seconds": func(now time.Time) (string, time.Time) { return fmt.Sprint(pause.Seconds()), now.Add(pause) },
		"date": func(now time.Time) (string, time.Time) {
			until := now.Add(pause + time.Second).UTC().Truncate(time.Second)
			return until.Format(http.TimeFormat), until
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFaulty(t, sandbox.Options{})
			var until time.Time
			f.test(resource.TestStep{
				Config: config(f.Env, ""),
				ConfigPlanChecks: before(func() {
					var header string
					header, until = hint(time.Now())
					order(t, f.Env, sandbox.Fault{Method: "POST", Times: 1, Status: 429, Headers: map[string]string{"Retry-After": header}})
				}),
				ConfigStateChecks: ready(),
				Check: then(func() {
					one(t, f.Env)
					f.expect("POST", http.StatusTooManyRequests, 1)
					at, err := time.Parse(time.RFC3339, f.Body(t, "lvrtc", stored)["created_at"].(string))
					if err != nil || at.Before(until) {
						t.Errorf("the order came at %s, and the operator had asked to wait until %s (%v)", at, until, err)
					}
				}),
			})
		})
	}
}

// TestUnavailable has an operator that is away three times in a row.
func TestUnavailable(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	away := func(method, path string) {
		order(t, f.Env, sandbox.Fault{Method: method, Path: path, Times: 3, Status: 503})
	}
	f.test(resource.TestStep{
		Config: config(f.Env, ""),
		ConfigPlanChecks: before(func() {
			away("POST", "storage-volumes$")
			away("GET", single)
		}),
		ConfigStateChecks: ready(),
		Check: then(func() {
			one(t, f.Env)
			away("DELETE", single)
		}),
	})
	for _, method := range []string{"POST", "GET", "DELETE"} {
		f.expect(method, http.StatusServiceUnavailable, 3)
	}
}

// TestStalled has answers that take longer than a request may.
func TestStalled(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	cfg := strings.Replace(config(f.Env, ""), `client_secret = "`+sandbox.ClientSecret+`"`,
		`client_secret = "`+sandbox.ClientSecret+`", limits = { request_timeout_seconds = 1 }`, 1)
	stall := func(method, path string) {
		order(t, f.Env, sandbox.Fault{Method: method, Path: path, Times: 1, After: true, LatencyMS: 2500})
	}
	f.test(
		resource.TestStep{
			Config:            cfg,
			ConfigPlanChecks:  before(func() { stall("POST", "storage-volumes$") }),
			ConfigStateChecks: ready(),
			Check:             f.one(),
		},
		resource.TestStep{
			PreConfig: func() { stall("GET", single) },
			Config:    cfg,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectEmptyPlan(),
			}},
			Check: then(func() {
				one(t, f.Env)
				stall("DELETE", single)
			}),
		},
	)
}

// TestUnreadable reads what is no answer of the API: once it asks again, and if it stays so it keeps the state.
func TestUnreadable(t *testing.T) {
	for name, c := range map[string]struct {
		fault sandbox.Fault
		says  []string
	}{
		"truncated": {sandbox.Fault{Truncate: true}, []string{"the reading of storage volume \"data\"", "cut short", "state is kept"}},
		"page":      {sandbox.Fault{HTML: true}, []string{"the reading of storage volume \"data\"", "text/html", "state is kept"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFaulty(t, sandbox.Options{})
			spoil := func(times int) {
				f.Box.ClearFaults()
				spoilt := c.fault
				spoilt.Method, spoilt.Path, spoilt.Times = "GET", single, times
				order(t, f.Env, spoilt)
			}
			again := steady(config(f.Env, ""))
			again.PreConfig = f.Box.ClearFaults
			again.Check = f.one()
			once := steady(config(f.Env, ""))
			once.PreConfig = func() { spoil(1) }
			f.test(
				resource.TestStep{Config: config(f.Env, ""), Check: f.one()},
				once,
				resource.TestStep{
					PreConfig:   func() { spoil(0) },
					Config:      config(f.Env, ""),
					ExpectError: acctest.Words(c.says...),
				},
				again,
			)
		})
	}
}

// TestClockSkew has operators whose clocks are wrong, and one whose clock is set while it works.
func TestClockSkew(t *testing.T) {
	for _, skew := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		t.Run(skew.String(), func(t *testing.T) {
			f := newFaulty(t, sandbox.Options{Now: func() time.Time { return time.Now().Add(skew) }})
			f.test(
				resource.TestStep{
					Config:            config(f.Env, ""),
					ConfigPlanChecks:  before(func() { f.Box.MoveClock(skew) }),
					ConfigStateChecks: ready(),
					Check:             f.one(),
				},
				steady(config(f.Env, "")),
			)
			for _, r := range f.Box.Requests() {
				if r.Status == http.StatusUnauthorized {
					t.Errorf("%s %s was answered 401", r.Method, r.Path)
				}
			}
			if n := len(f.Box.Requests()); n > 100 {
				t.Errorf("it took %d requests", n)
			}
		})
	}
}

// ordered returns when there is an object, or when the test is over. It is for other goroutines than the test's.
func (f faulty) ordered() {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-f.t.Context().Done():
			return
		}
		if all, err := f.Box.Objects(f.t.Context(), "lvrtc"); err != nil || len(all) > 0 {
			return
		}
	}
}

// TestTokenExpires lets the token expire while an apply waits; the orders that come then are sent again once each.
func TestTokenExpires(t *testing.T) {
	f := newFaulty(t, sandbox.Options{TokenLifetime: 15 * time.Minute})
	const others = 5
	cfg := config(f.Env, "") + fmt.Sprintf(`
		resource "vdam_storage_volume" "other" {
			count               = %d
			name                = "other-${count.index}"
			size_gib            = 10
			deletion_protection = false
			depends_on          = [%s]
		}`, others, volume)
	moved := make(chan struct{})
	f.test(
		resource.TestStep{
			Config: cfg,
			ConfigPlanChecks: before(func() {
				release := f.Box.Hold()
				f.Box.ResetRequests()
				go func() {
					defer close(moved)
					f.ordered()
					f.Box.MoveClock(20 * time.Minute)
					release()
				}()
			}),
			ConfigStateChecks: ready(),
			Check: then(func() {
				<-moved
				if n := len(f.Objects(t, "lvrtc")); n != 1+others {
					t.Errorf("there are %d objects", n)
				}
				refused := 0
				for _, r := range f.Box.Requests() {
					if r.Status == http.StatusUnauthorized {
						refused++
					}
				}
				if refused < 1 || refused > others+1 {
					t.Errorf("%d requests were answered 401", refused)
				}
			}),
		},
	)
}

// TestTokenRefused has an operator that accepts no token for orders: it is asked twice, and the user told once.
func TestTokenRefused(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	failing(t, f, []string{"credentials not accepted"}, resource.TestStep{
		Config: config(f.Env, ""),
		ConfigPlanChecks: before(func() {
			order(t, f.Env, sandbox.Fault{Method: "POST", Status: 401})
		}),
	})
	f.expect("POST", http.StatusUnauthorized, 2)
}

// failing runs steps that end in exactly one error, with these words.
func failing(t *testing.T, f faulty, words []string, steps ...resource.TestStep) {
	t.Helper()
	asked := false
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: f.Factories, CheckDestroy: f.none(), Steps: steps,
		ErrorCheck: func(err error) error {
			asked = true
			if n := strings.Count(err.Error(), "\nError: "); n != 1 || !acctest.Words(words...).MatchString(err.Error()) {
				return fmt.Errorf("there are %d errors; want one with %q: %w", n, words, err)
			}
			return nil
		},
	})
	if !asked {
		t.Error("there was no error")
	}
}

// TestBusy has an operator that is busy with the object, twice.
func TestBusy(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	busy := func(method, path, seconds string) {
		order(t, f.Env, sandbox.Fault{
			Method: method, Path: path, Times: 2, Status: 409, Headers: map[string]string{"Retry-After": seconds},
		})
	}
	f.test(
		resource.TestStep{
			Config:            config(f.Env, ""),
			ConfigPlanChecks:  before(func() { busy("POST", "storage-volumes$", "1") }),
			ConfigStateChecks: ready(),
			Check:             f.one(),
		},
		resource.TestStep{
			Config:            config(f.Env, `description = "Aizņemts"`),
			ConfigPlanChecks:  before(func() { busy("PATCH", single, "0") }),
			ConfigStateChecks: ready(),
			Check: then(func() {
				one(t, f.Env)
				busy("DELETE", single, "0")
			}),
		},
	)
	for _, method := range []string{"POST", "PATCH", "DELETE"} {
		f.expect(method, http.StatusConflict, 2)
	}
}

// TestNotThereYet has an operator that does not know at first what it has accepted.
func TestNotThereYet(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	f.test(
		resource.TestStep{
			Config: config(f.Env, ""),
			ConfigPlanChecks: before(func() {
				order(t, f.Env, sandbox.Fault{Method: "GET", Path: single, Times: 3, Status: 404})
			}),
			ConfigStateChecks: ready(),
			Check: then(func() {
				one(t, f.Env)
				f.expect("GET", http.StatusNotFound, 3)
				f.expect("POST", http.StatusCreated, 1)
			}),
		},
		steady(config(f.Env, "")),
	)
}

// TestGone tells what is gone from what cannot be seen.
func TestGone(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	first := ""
	kept := func(status int, says ...string) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() {
				f.Box.ClearFaults()
				order(t, f.Env, sandbox.Fault{Method: "GET", Path: single, Status: status})
			},
			Config:      config(f.Env, ""),
			ExpectError: acctest.Words(append([]string{"the reading of storage volume \"data\""}, append(says, "state is kept")...)...),
		}
	}
	again := steady(config(f.Env, ""))
	again.PreConfig = f.Box.ClearFaults
	again.Check = then(func() {
		if got := one(t, f.Env).ID; got != first {
			t.Errorf("another volume was made: %s, first %s", got, first)
		}
	})
	f.test(
		resource.TestStep{Config: config(f.Env, ""), Check: then(func() { first = one(t, f.Env).ID })},
		kept(403, "not allowed"),
		kept(507, "operator unavailable"), // Not one of those that are asked again.
		again,
		resource.TestStep{
			PreConfig: func() { f.Remove(t, "lvrtc", stored) },
			Config:    config(f.Env, ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(volume, plancheck.ResourceActionCreate),
			}},
			Check: then(func() {
				if got := one(t, f.Env).ID; got == first {
					t.Error("it is the same volume")
				}
				f.Remove(t, "lvrtc", stored) // The destruction, which does not refresh, finds it gone.
				f.Box.ResetRequests()
			}),
			ExpectNonEmptyPlan: true,
		},
	)
	f.expect("DELETE", http.StatusNotFound, 1)
}

// TestStuckDeletion has a deletion that does not end.
func TestStuckDeletion(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	cfg := config(f.Env, `timeouts = { delete = "1s" }`)
	f.test(
		resource.TestStep{Config: cfg, Check: f.one()},
		resource.TestStep{
			PreConfig:   func() { order(t, f.Env, sandbox.Fault{Method: "DELETE", Path: single, Stuck: true}) },
			Config:      cfg,
			Destroy:     true,
			ExpectError: acctest.Words("Storage volume \"data\" is still being deleted", "lvrtc accepted the deletion", "stays in the state"),
		},
		resource.TestStep{
			PreConfig: func() {
				if n := len(f.Objects(t, "lvrtc")); n != 1 {
					t.Errorf("there are %d objects", n)
				}
				f.Remove(t, "lvrtc", stored)
			},
			Config: cfg, Destroy: true,
		},
	)
}

// TestStuckCreation gives up without tainting: the volume, which may be healthy yet, is in the state.
func TestStuckCreation(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	f.test(resource.TestStep{
		Config:           config(f.Env, `timeouts = { create = "1s" }`),
		ConfigPlanChecks: before(func() { order(t, f.Env, sandbox.Fault{Method: "POST", Stuck: true}) }),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(volume, status, knownvalue.StringExact("creating")),
			statecheck.ExpectKnownValue(volume, tfjsonpath.New("id"), acctest.ID("lvrtc")),
		},
		Check: then(func() {
			one(t, f.Env)
			f.Remove(t, "lvrtc", stored) // It would never end.
		}),
		ExpectNonEmptyPlan: true,
	})
}

// TestFailedChange has the operator fail a change: it says why, and the volume is neither tainted nor replaced.
func TestFailedChange(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	larger := strings.Replace(config(f.Env, ""), "= 10", "= 20", 1)
	first := ""
	f.test(
		resource.TestStep{Config: config(f.Env, ""), Check: then(func() { first = one(t, f.Env).ID })},
		resource.TestStep{
			PreConfig:   func() { order(t, f.Env, sandbox.Fault{Method: "PATCH", Path: single, Fail: "Disku masīvs ir pilns."}) },
			Config:      larger,
			ExpectError: acctest.Words("Storage volume \"data\" failed at lvrtc", "Disku masīvs ir pilns."),
		},
		resource.TestStep{
			PreConfig: f.Box.ClearFaults,
			Config:    larger,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(volume, plancheck.ResourceActionNoop),
			}},
			Check: then(func() {
				if got := one(t, f.Env).ID; got != first {
					t.Errorf("another volume was made: %s, first %s", got, first)
				}
			}),
		},
	)
}
