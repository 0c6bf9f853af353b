package provider_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// gate is the example of the approval gate, as it is, at the desks of two operators of which one plays VARAM.
type gate struct {
	*cli
	env             *acctest.Env
	operator, varam *acctest.Desk
}

// What the example's tickets are called.
const (
	gateOrder    = "Register: 2 more machines"
	gateApproval = "Approval: 2 more machines for the register"
)

func newGate(t *testing.T) *gate {
	t.Helper()
	c := newCLI(t)
	raw, err := os.ReadFile("../../examples/approval-gate/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	env := acctest.Start(t, "lvrtc", "iem-ic")
	c.write("main.tf", string(raw))
	c.providers("vdam-lv/vdam")
	for name, v := range map[string]string{
		"LVRTC_ENDPOINT": env.Box.Endpoint("lvrtc"), "LVRTC_CLIENT_ID": sandbox.ClientID, "LVRTC_CLIENT_SECRET": sandbox.ClientSecret,
		"DESK_VARAM_KIND": "selfservice", "DESK_VARAM_ENDPOINT": env.Box.Endpoint("iem-ic"), "DESK_VARAM_PROJECT": acctest.Project,
		"DESK_VARAM_CLIENT_ID": sandbox.ClientID, "DESK_VARAM_CLIENT_SECRET": sandbox.ClientSecret,
	} {
		c.env = append(c.env, "VDAM_"+name+"="+v)
	}
	return &gate{c, env, env.Desk(t, "lvrtc"), env.Desk(t, "iem-ic")}
}

// apply applies with little patience.
func (g *gate) apply(more ...string) (string, error) {
	return g.run(append([]string{"apply", "-auto-approve", "-no-color", "-var=patience=1s"}, more...)...)
}

// refused applies, which has to fail with these words, in this order, and without a machine having been touched.
func (g *gate) refused(machines []string, words ...string) {
	g.t.Helper()
	out, err := g.apply()
	if err == nil || !acctest.Words(words...).MatchString(unframed(out)) {
		g.t.Errorf("the apply ended with %v and not with %q:\n%s", err, words, out)
	}
	var got []string
	for key := range g.env.Objects(g.t, "lvrtc") {
		if strings.HasPrefix(key, "virtual-machines/") {
			got = append(got, key)
		}
	}
	if slices.Sort(got); !slices.Equal(got, machines) {
		g.t.Errorf("there are the machines %q, not %q", got, machines)
	}
}

// unframed takes off the line that Terraform draws beside errors.
func unframed(out string) string {
	return regexp.MustCompile(`(?m)^[│╷╵] ?`).ReplaceAllString(out, "")
}

// TestApprovalGate applies examples/approval-gate until both desks have approved: a missing decision and a refusal stop
// the apply before there are machines, and no ticket is filed twice.
func TestApprovalGate(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.refused(nil, `has not reached "approved" within 1s`, "apply again to go on waiting")
	filed := []string{g.operator.Last(gateOrder).Id, g.varam.Last(gateApproval).Id}

	g.operator.Do(gateOrder, approve)
	g.refused(nil, "at varam has not reached", `with vdam_service_ticket_wait.approved["varam"],`)

	g.varam.Do(gateApproval, reject("Rīcības plāna nav."))
	g.refused(nil, "at varam was rejected", `with vdam_service_ticket_wait.approved["varam"],`, "The last that the desk said in public:",
		"Rīcības plāna nav.", "What depends on it was not touched.")

	g.varam.Do(gateApproval, reopen, approve)
	if out, err := g.apply(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	g.env.Object(t, "lvrtc", "virtual-machines/app-1")
	g.env.Object(t, "lvrtc", "virtual-machines/app-2")
	if got := []string{g.operator.Last(gateOrder).Id, g.varam.Last(gateApproval).Id}; !slices.Equal(got,
		filed) || len(g.operator.Tickets())+len(g.varam.Tickets()) != 2 {
		t.Errorf("tickets were filed again: %q and %q", g.operator.Standing(), g.varam.Standing())
	}
	if o := g.operator.Last(gateOrder); !slices.Equal(o.AffectedResources, []string{"lvrtc/"}) || o.Queue != "changes" {
		t.Errorf("the operator's ticket is in %q about %q", o.Queue, o.AffectedResources)
	}
	if out := g.ok("plan", "-no-color", "-var=patience=1s"); !strings.Contains(out, "No changes.") {
		t.Errorf("the next plan is not empty:\n%s", out)
	}
	g.checkOutput(t)

	// Another order is another request to both, also when the operator is done with the first: machines stay as they are.
	g.operator.Do(gateOrder, resolve("Gatavs."))
	g.write("machines.auto.tfvars", `machines = {
  app-1 = { vcpus = 2, memory_mib = 4096 }
  app-2 = { vcpus = 4, memory_mib = 8192 }
}
`)
	g.refused([]string{"virtual-machines/app-1", "virtual-machines/app-2"}, "has not reached")
	if vcpus := g.env.Body(t, "lvrtc", "virtual-machines/app-2")["vcpus"]; vcpus != 2.0 {
		t.Errorf("the machine has %v vCPUs before anybody has approved of it", vcpus)
	}
	g.ok("destroy", "-auto-approve", "-no-color")
	if left := g.env.Objects(t, "lvrtc"); len(left) > 0 {
		t.Errorf("there is left %v", left)
	}
	if o, v := g.operator.Standing(), g.varam.Standing(); !slices.Equal(o, []string{gateOrder + ": resolved", gateOrder + ": cancelled"}) ||
		!slices.Equal(v, []string{gateApproval + ": cancelled", gateApproval + ": cancelled"}) {
		t.Errorf("the tickets stand %q and %q", o, v)
	}
}

// checkOutput holds the output against what the example says of it.
func (g *gate) checkOutput(t *testing.T) {
	t.Helper()
	var got map[string]struct {
		Number   string `json:"number"`
		Approval string `json:"approval"`
		Awaiting string `json:"awaiting"`
		DueAt    string `json:"due_at"`
		Overdue  bool   `json:"overdue"`
	}
	if err := json.Unmarshal([]byte(g.ok("output", "-json", "approvals")), &got); err != nil {
		t.Fatal(err)
	}
	created := g.varam.Last(gateApproval).CreatedAt.UTC()
	for name, desk := range map[string]*acctest.Desk{"operator": g.operator, "varam": g.varam} {
		subject := gateOrder
		if name == "varam" {
			subject = gateApproval
		}
		if o := got[name]; o.Number != desk.Last(subject).Number || o.Approval != "approved" || o.Awaiting != "desk" || o.Overdue {
			t.Errorf("the output of %s is %+v", name, o)
		}
	}
	// A month by the calendar: on the day of the same number, or the last.
	if due, next := got["varam"].DueAt, created.AddDate(0, 1, 0); !strings.HasPrefix(due, next.Format("2006-01-")) {
		t.Errorf("VARAM has until %s for what was filed at %s", due, created)
	}
}
