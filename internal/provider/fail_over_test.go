package provider_test

import (
	"os"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// failedOver has applied examples/fail-over, as it is, and gone on at lvrtc when iem-ic answered nothing. Sum is what the
// register had at iem-ic.
func failedOver(t *testing.T) (c *cli, env *acctest.Env, sum string) {
	t.Helper()
	c = newCLI(t)
	raw, err := os.ReadFile("../../examples/fail-over/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	env = acctest.Start(t, "lvrtc", "iem-ic")
	c.write("main.tf", string(raw))
	c.providers("vdam-lv/vdam")
	c.env = append(c.env, "VDAM_DIRECTORY="+env.Box.DirectoryURL(), "TF_VAR_backup_key="+backupKey)
	for _, operator := range []string{"LVRTC", "IEM_IC"} {
		c.env = append(c.env, "VDAM_"+operator+"_CLIENT_ID="+sandbox.ClientID, "VDAM_"+operator+"_CLIENT_SECRET="+sandbox.ClientSecret)
	}
	c.ok("apply", "-auto-approve", "-no-color")
	env.Write(t, "iem-ic", "register", 1<<20, []byte("Reģistrs"))
	c.ok("apply", "-auto-approve", "-no-color", "-replace=vdam_backup.primary")
	sum = env.Checksum(t, "iem-ic", "register")

	env.Box.ResetRequests()
	fault(t, env, sandbox.Fault{Operator: "iem-ic", Reset: true})
	out := c.ok("apply", "-auto-approve", "-no-color", "-var=active=recovery", "-refresh=false", "-target=vdam_volume_attachment.recovery")
	if got := env.Checksum(t, "lvrtc", "register"); got != sum {
		t.Errorf("the register at lvrtc has %s, and at iem-ic %s:\n%s", got, sum, out)
	}
	env.Object(t, "lvrtc", "virtual-machines/register")
	env.Box.ClearFaults()
	return c, env, sum
}

// TestFailOverWithoutThePrimary tidies up when iem-ic answers again.
func TestFailOverWithoutThePrimary(t *testing.T) {
	t.Parallel()
	c, env, _ := failedOver(t)
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

// TestFailOverLeavesTheOnlyCopy has iem-ic come back with nothing of what it had: what runs at lvrtc is all that is left.
func TestFailOverLeavesTheOnlyCopy(t *testing.T) {
	t.Parallel()
	c, env, sum := failedOver(t)
	id := env.Object(t, "lvrtc", "storage-volumes/register").ID
	for _, kind := range []string{"backups/register-now", "backup-plans/register", "virtual-machines/register", "storage-volumes/register",
		"backup-vaults/register"} {
		env.Remove(t, "iem-ic", kind)
	}
	if left := env.Objects(t, "iem-ic"); len(left) > 0 {
		t.Fatalf("iem-ic still has %v", left)
	}
	stays := func(when string) {
		t.Helper()
		if o := env.Object(t, "lvrtc", "storage-volumes/register"); o.ID != id || env.Checksum(t, "lvrtc", "register") != sum {
			t.Fatalf("%s, the register at lvrtc is another", when)
		}
	}
	out, err := c.run("apply", "-auto-approve", "-no-color", "-var=active=recovery")
	unknown := acctest.Refusal{Address: "vdam_storage_volume.recovery", At: "resource",
		Summary: `restore_from.source_id is not known yet, and storage volume "register" holds what was restored`,
		Detail:  "Another content would be another volume, and what this one holds be lost."}.Pattern()
	if err == nil || !unknown.MatchString(out) {
		t.Errorf("it was not refused to make the volume at lvrtc anew: %v\n%s", err, out)
	}
	stays("after it was refused")

	const lost = "-var=primary_lost=true"
	c.ok("apply", "-auto-approve", "-no-color", "-var=active=recovery", lost)
	stays("with " + lost)
	if out := c.ok("plan", "-no-color", "-var=active=recovery", lost); !strings.Contains(out, "No changes.") {
		t.Errorf("the next plan is not empty:\n%s", out)
	}
	if out, err := c.run("apply", "-auto-approve", "-no-color", "-var=active=recovery"); err == nil {
		t.Errorf("it was not refused to restore what is empty at iem-ic:\n%s", out)
	}
	stays("without " + lost)
	env.Write(t, "lvrtc", "register", 5<<20, []byte("Turpinās"))
	c.ok("apply", "-auto-approve", "-no-color", "-var=active=recovery", lost, "-replace=vdam_backup.recovery[0]")
	sum = env.Checksum(t, "lvrtc", "register")
	c.ok("apply", "-auto-approve", "-no-color", "-var=active=primary")
	if got := env.Checksum(t, "iem-ic", "register"); got != sum {
		t.Errorf("the register came back to iem-ic with %s, and had %s at lvrtc", got, sum)
	}
}
