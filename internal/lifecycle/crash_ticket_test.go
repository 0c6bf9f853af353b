package lifecycle_test

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// TestKilledWhileFiling kills the provider or Terraform itself when the desk has filed a ticket and its answer is on the
// way. One more apply finds it: people get one order.
func TestKilledWhileFiling(t *testing.T) {
	for name, kill := range map[string]func(*crash, *exec.Cmd){
		"the provider": func(c *crash, terraform *exec.Cmd) { c.killProvider(terraform.Process.Pid) },
		"the core": func(c *crash, terraform *exec.Cmd) {
			if err := terraform.Process.Kill(); err != nil {
				c.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Start(t, "lvrtc")
			desk := env.Desk(t, "lvrtc")
			c := newCrash(t, env.DeskConfig(`
resource "vdam_service_ticket" "capacity" {
  type        = "change"
  subject     = "Jauda"
  description = "12 mašīnas"
  severity    = "minor"
}
`))
			err := env.Box.AddFault(sandbox.Fault{Method: http.MethodPost, Path: "/tickets$", After: true, LatencyMS: 60_000})
			if err != nil {
				t.Fatal(err)
			}
			cmd, out := c.command("apply", "-auto-approve", "-no-color")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, "the ticket was filed", func() bool { return len(desk.Tickets()) == 1 })
			first := desk.Last("Jauda")
			kill(c, cmd)
			if err := cmd.Wait(); err == nil {
				t.Fatalf("the apply did not notice:\n%s", out)
			}
			env.Box.ClearFaults()
			told := c.run("apply", "-auto-approve", "-no-color")
			if !acctest.Words("Warning: Ticket "+first.Number+" at lvrtc was there already", "so it is used and none was "+
				"filed").MatchString(unframed(told)) {
				t.Errorf("it is not told that the ticket was found:\n%s", told)
			}
			if got := desk.Tickets(); len(got) != 1 || got[0].Id != first.Id {
				t.Errorf("there are %q", desk.Standing())
			}
			if plan := c.run("plan", "-no-color"); !strings.Contains(plan, "No changes.") {
				t.Errorf("the next plan is not empty:\n%s", plan)
			}
			if s := c.taint(); s != "" {
				t.Errorf("the ticket is %s", s)
			}
			c.run("destroy", "-auto-approve", "-no-color")
			if got := desk.Last("Jauda").Status; got != "cancelled" {
				t.Errorf("after the destruction it is %s", got)
			}
		})
	}
}

// unframed takes off the line that Terraform draws beside warnings.
func unframed(out string) string {
	return strings.NewReplacer("│ ", "", "│", "", "╷", "", "╵", "").Replace(out)
}
