package lifecycle_test

import (
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// TestKilledWhileAClusterIsMade kills the provider before it hears of the cluster that it has ordered, and while it waits
// for it. One more apply leaves one cluster.
func TestKilledWhileAClusterIsMade(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *sandbox.Sandbox) (release func()){
		"between accept and answer": func(t *testing.T, box *sandbox.Sandbox) func() {
			t.Helper()
			err := box.AddFault(sandbox.Fault{Method: "POST", Path: "container-clusters$", After: true, LatencyMS: 60_000})
			if err != nil {
				t.Fatal(err)
			}
			return box.ClearFaults
		},
		"while waiting": func(_ *testing.T, box *sandbox.Sandbox) func() { return box.Hold() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Start(t, "lvrtc")
			c := newCrash(t, env.Config(`
resource "vdam_container_cluster" "app" {
  name               = "app"
  kubernetes_version = "1.34"
  node_pools         = { std = { vcpus = 2, memory_mib = 4096, size = 2 } }
}
`))
			release := prepare(t, env.Box)
			cmd, out := c.command("apply", "-auto-approve", "-no-color")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, "the cluster was ordered", func() bool { return len(env.Objects(t, "lvrtc")) == 1 })
			first := env.Objects(t, "lvrtc")["container-clusters/app"]
			c.killProvider(cmd.Process.Pid)
			if err := cmd.Wait(); err == nil {
				t.Fatalf("the apply did not notice:\n%s", out)
			}
			release()
			c.run("apply", "-auto-approve", "-no-color")
			all := env.Objects(t, "lvrtc")
			if o := all["container-clusters/app"]; len(all) != 1 || o.ID != first.ID || !o.Claimed {
				t.Errorf("there is %v, and first it was %s", all, first.ID)
			}
			if plan := c.run("plan", "-no-color"); !strings.Contains(plan, "No changes.") {
				t.Errorf("the next plan is not empty:\n%s", plan)
			}
			if s := c.taint(); s != "" {
				t.Errorf("the cluster is %s", s)
			}
		})
	}
}
