package lifecycle_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// damages are what can become of a request between the provider and an operator.
var damages = map[string]hook{
	"carried out, then a reset": func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
		carriedOut(r, operator)
		reset(w)
	},
	"a reset instead": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { reset(w) },
	"carried out, then half a body and silence": func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
		answer := carriedOut(r, operator)
		halfOf(w, answer, strconv.Itoa(answer.Body.Len()+1)) // One more, so that also an empty body does not end.
		<-r.Context().Done()
	},
	"carried out, then half a body that looks whole": func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
		halfOf(w, carriedOut(r, operator), "")
	},
	"carried out, then a web page": func(w http.ResponseWriter, r *http.Request, operator http.Handler) {
		carriedOut(r, operator)
		page(w)
	},
	"a web page instead": func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { page(w) },
}

// TestDamagedAnswers makes, reads, changes and deletes a volume, and one answer of each of these is damaged. The user
// sees nothing of it, and there is one volume.
func TestDamagedAnswers(t *testing.T) {
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			f := newFaulty(t, sandbox.Options{})
			var s spoiler
			between := newFront(t, f.Env, (*httptest.Server).Start, s.answer)
			small := between.config(config(f.Env, ""), impatient)
			large := strings.Replace(small, "= 10", "= 20", 1)
			first := ""
			same := func(size float64) {
				if got := one(t, f.Env).ID; got != first {
					t.Errorf("another volume was made: %s, first %s", got, first)
				}
				if got := f.Body(t, "lvrtc", stored)["size_gib"]; got != size {
					t.Errorf("it has %v GiB; want %v", got, size)
				}
			}
			again := steady(small)
			again.PreConfig = func() { s.spoil(http.MethodGet, damage) }
			again.Check = then(func() { same(10) })
			f.test(
				resource.TestStep{
					Config: small,
					ConfigPlanChecks: before(func() {
						s.spoil(http.MethodPost, damage)
						s.spoil(http.MethodGet, damage)
					}),
					ConfigStateChecks: ready(),
					Check:             then(func() { first = one(t, f.Env).ID }),
				},
				again,
				resource.TestStep{
					Config:            large,
					ConfigPlanChecks:  before(func() { s.spoil(http.MethodPatch, damage) }),
					ConfigStateChecks: ready(),
					Check: then(func() {
						same(20)
						s.spoil(http.MethodDelete, damage)
					}),
				},
			)
			if left := s.unspoilt(); len(left) > 0 {
				t.Errorf("nothing was damaged of %v", left)
			}
		})
	}
}

// TestDamagedOrders loses the answers to the orders of every kind by a reset: each of them is made once.
func TestDamagedOrders(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	f.test(resource.TestStep{
		Config: f.Config(`
			resource "vdam_network" "front" {
				name = "front"
				cidr = "10.20.0.0/24"
			}
			resource "vdam_security_group" "web" { name = "web" }
			resource "vdam_storage_volume" "data" {
				name                = "data"
				size_gib            = 10
				deletion_protection = false
			}
			resource "vdam_virtual_machine" "app" {
				name               = "app"
				vcpus              = 1
				memory_mib         = 1024
				image              = "lvrtc/debian-13-20261102"
				boot_disk          = { size_gib = 10, on_destroy = "delete" }
				network_interfaces = [{ network_id = vdam_network.front.id, security_group_ids = [vdam_security_group.web.id] }]
			}
			resource "vdam_volume_attachment" "data" {
				volume_id          = vdam_storage_volume.data.id
				virtual_machine_id = vdam_virtual_machine.app.id
			}`),
		ConfigPlanChecks: before(func() {
			for _, kind := range []string{"networks", "security-groups", "storage-volumes", "virtual-machines", "volume-attachments"} {
				order(t, f.Env, sandbox.Fault{Method: "POST", Path: kind + "$", Times: 1, After: true, Reset: true})
			}
		}),
		Check: then(func() {
			lost := 0
			for key, o := range f.Objects(t, "lvrtc") { // It reports two of one name.
				if boot := key == "storage-volumes/app"; !o.Claimed || o.State != "ready" && !boot {
					t.Errorf("%s is %s, claimed: %t", key, o.State, o.Claimed)
				}
				lost++
			}
			if want := 6; lost != want { // The machine has a boot volume.
				t.Errorf("there are %d objects; want %d", lost, want)
			}
		}),
	})
}

// TestForeignAnswers has something else than the operator answer a read. That must neither empty the state nor show
// what it said.
func TestForeignAnswers(t *testing.T) {
	const sign = "<!doctype html><title>Sign in</title><p>session=" + planted
	json := map[string]string{"Content-Type": "application/json"}
	for name, c := range map[string]struct {
		fault sandbox.Fault
		says  string
	}{
		"a proxy's page":     {sandbox.Fault{Status: 200, Body: sign}, "it is a web page (text/html)"},
		"a proxy's 404":      {sandbox.Fault{Status: 404, Body: sign}, "It answered 404 Not Found, not in the form of"},
		"a gateway's 404":    {sandbox.Fault{Status: 404, Headers: json, Body: `{"session":"` + planted + `"}`}, "It answered 404 Not Found"},
		"another's document": {sandbox.Fault{Status: 200, Headers: json, Body: `{"session":"` + planted + `"}`}, "The answer is not one of"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFaulty(t, sandbox.Options{})
			first, told := "", 0
			c.fault.Method, c.fault.Path = "GET", single
			again := steady(config(f.Env, ""))
			again.Check = then(func() {
				if got := one(t, f.Env).ID; got != first {
					t.Errorf("another volume was made: %s, first %s", got, first)
				}
			})
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: f.Factories, CheckDestroy: f.none(),
				ErrorCheck: func(err error) error {
					told++
					f.Box.ClearFaults()
					words := acctest.Words("the reading of storage volume \"data\"", c.says, "state is kept")
					if strings.Contains(err.Error(), planted) || !words.MatchString(err.Error()) {
						return fmt.Errorf("want %s, and no %s: %w", words, planted, err)
					}
					return nil
				},
				Steps: []resource.TestStep{
					{Config: config(f.Env, ""), Check: then(func() { first = one(t, f.Env).ID })},
					{PreConfig: func() { order(t, f.Env, c.fault) }, Config: config(f.Env, "")},
					again,
				},
			})
			if told != 1 {
				t.Errorf("there was an error %d times", told)
			}
		})
	}
}

// TestSilence has an operator that takes requests and answers nothing. What bounds the wait is the resource's timeouts,
// not those of single requests, which are longer.
func TestSilence(t *testing.T) {
	f := newFaulty(t, sandbox.Options{})
	var s spoiler
	between := newFront(t, f.Env, (*httptest.Server).Start, s.answer)
	cfg := between.config(config(f.Env, `timeouts = { create = "2s", delete = "2s" }`), "")
	var silent func(w http.ResponseWriter, r *http.Request, operator http.Handler)
	silent = func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		s.spoil(r.Method, silent)
		stall(r)
	}
	var began time.Time
	hush := func(method string) {
		began = time.Now()
		s.spoil(method, silent)
	}
	speak := func() { // One request may take thirty seconds; a slow machine needs some for Terraform.
		if took := time.Since(began); took > 25*time.Second {
			t.Errorf("it took %s", took)
		}
		for _, method := range s.unspoilt() {
			s.spoil(method, nil)
		}
	}
	release := func() {}
	pending := resource.TestStep{
		PreConfig: speak,
		Config:    cfg,
		ConfigPlanChecks: before(func() {
			release = f.Box.Hold() // The plan that follows would find it ready.
			hush(http.MethodGet)
		}),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(volume, status, knownvalue.StringExact("creating")),
		},
		Check: then(func() {
			speak()
			one(t, f.Env)
		}),
		ExpectNonEmptyPlan: true,
	}
	f.test(
		resource.TestStep{
			Config:           cfg,
			ConfigPlanChecks: before(func() { hush(http.MethodPost) }),
			ExpectError:      acctest.Words("did not answer the order of storage volume \"data\"", "Nothing is lost"),
		},
		pending,
		resource.TestStep{
			PreConfig: func() {
				release()
				hush(http.MethodDelete)
			},
			Config: cfg, Destroy: true,
			ExpectError: acctest.Words("Storage volume \"data\" is still being deleted", "stays in the state"),
		},
		resource.TestStep{
			PreConfig: speak,
			Config:    cfg,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectEmptyPlan(), // It is there, healthy and not tainted.
			}},
			Check: f.one(),
		},
	)
}
