package provider_test

import (
	"os"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// TestFailOverWithoutThePrimary applies examples/fail-over, as it is, and goes on at lvrtc when iem-ic answers nothing.
func TestFailOverWithoutThePrimary(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	raw, err := os.ReadFile("../../examples/fail-over/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	env := acctest.Start(t, "lvrtc", "iem-ic")
	c.write("main.tf", string(raw))
	c.providers("vdam-lv/vdam")
	c.env = append(c.env, "VDAM_DIRECTORY="+env.Box.DirectoryURL(), "TF_VAR_backup_key="+backupKey)
	for _, operator := range []string{"LVRTC", "IEM_IC"} {
		c.env = append(c.env, "VDAM_"+operator+"_CLIENT_ID="+sandbox.ClientID, "VDAM_"+operator+"_CLIENT_SECRET="+sandbox.ClientSecret)
	}
	c.ok("apply", "-auto-approve", "-no-color")
	env.Write(t, "iem-ic", "register", 1<<20, []byte("Reģistrs"))
	c.ok("apply", "-auto-approve", "-no-color", "-replace=vdam_backup.primary")
	sum := env.Checksum(t, "iem-ic", "register")

	env.Box.ResetRequests()
	fault(t, env, sandbox.Fault{Operator: "iem-ic", Reset: true})
	out := c.ok("apply", "-auto-approve", "-no-color", "-var=active=recovery", "-refresh=false", "-target=vdam_volume_attachment.recovery")
	if got := env.Checksum(t, "lvrtc", "register"); got != sum {
		t.Errorf("the register at lvrtc has %s, and at iem-ic %s:\n%s", got, sum, out)
	}
	env.Object(t, "lvrtc", "virtual-machines/register")
	env.Box.ClearFaults()

	c.ok("apply", "-auto-approve", "-no-color", "-var=active=recovery")
	if _, two := env.Objects(t, "iem-ic")["virtual-machines/register"]; two {
		t.Error("the register runs at both operators")
	}
	if out := c.ok("plan", "-no-color", "-var=active=recovery"); !strings.Contains(out, "No changes.") {
		t.Errorf("the next plan is not empty:\n%s", out)
	}
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		state, err := os.ReadFile(c.dir + "/" + name)
		if err != nil || strings.Contains(string(state), strings.TrimPrefix(backupKey, "AGE-SECRET-KEY-1")) {
			t.Errorf("%s has the key (%v)", name, err)
		}
	}
}
