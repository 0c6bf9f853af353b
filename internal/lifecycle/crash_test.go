package lifecycle_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// crash is Terraform with the real provider as a process of its own, that a test can kill.
type crash struct {
	t         *testing.T
	terraform string
	dir       string
	env       []string
}

func newCrash(t *testing.T, cfg string) *crash {
	t.Helper()
	if os.Getenv("TF_ACC") == "" || runtime.GOOS != "linux" {
		t.Skip("drives Terraform, as TF_ACC=1 of make test asks for, and finds its provider in /proc, which is on Linux alone")
	}
	terraform := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if terraform == "" {
		var err error
		if terraform, err = exec.LookPath("terraform"); err != nil {
			t.Fatal(err)
		}
	}
	c := &crash{t: t, terraform: terraform, dir: t.TempDir()}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(c.dir, "terraform-provider-vdam"), "../..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, out)
	}
	rc := filepath.Join(c.dir, "terraform.rc")
	c.write("terraform.rc", fmt.Sprintf("provider_installation {\n  dev_overrides { \"vdam-lv/vdam\" = %q }\n}\n", c.dir))
	c.write("main.tf", "terraform {\n  required_providers {\n    vdam = { source = \"vdam-lv/vdam\" }\n  }\n}\n"+cfg)
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+rc, "CHECKPOINT_DISABLE=1")
	return c
}

func (c *crash) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crash) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	var out bytes.Buffer
	cmd := exec.CommandContext(c.t.Context(), c.terraform, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &out, &out
	return cmd, &out
}

func (c *crash) run(args ...string) string {
	c.t.Helper()
	cmd, out := c.command(args...)
	if err := cmd.Run(); err != nil {
		c.t.Fatalf("terraform %s: %v\n%s", args[0], err, out)
	}
	return out.String()
}

// killProvider kills the provider of a running Terraform.
func (c *crash) killProvider(terraform int) {
	c.t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", terraform))
	if err != nil {
		c.t.Fatal(err)
	}
	var children []string
	for _, thread := range threads {
		if raw, err := os.ReadFile(thread); err == nil { // A thread may end meanwhile.
			children = append(children, strings.Fields(string(raw))...)
		}
	}
	killed := 0
	for _, field := range children {
		pid, err := strconv.Atoi(field)
		if err != nil {
			c.t.Fatal(err)
		}
		if name, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && strings.HasPrefix(name, c.dir) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				c.t.Fatal(err)
			}
			killed++
		}
	}
	if killed != 1 {
		c.t.Fatalf("killed %d providers; want 1", killed)
	}
}

// until returns when a condition holds; it is asked for ten times a second.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited for too long until %s", what)
		}
	}
}

// TestKilled kills the provider or Terraform itself: while the operator has accepted an order and its answer is on the
// way, and while the provider waits for what it ordered. One more apply leaves one object, known to the state and not
// tainted.
func TestKilled(t *testing.T) {
	answering := func(t *testing.T, box *sandbox.Sandbox) func() {
		t.Helper()
		err := box.AddFault(sandbox.Fault{Method: "POST", Path: "storage-volumes$", After: true, LatencyMS: 60_000})
		if err != nil {
			t.Fatal(err)
		}
		return box.ClearFaults
	}
	waiting := func(_ *testing.T, box *sandbox.Sandbox) func() { return box.Hold() }
	provider := func(c *crash, terraform *exec.Cmd) { c.killProvider(terraform.Process.Pid) }
	core := func(c *crash, terraform *exec.Cmd) {
		if err := terraform.Process.Kill(); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name    string
		prepare func(*testing.T, *sandbox.Sandbox) (release func())
		kill    func(*crash, *exec.Cmd)
	}{
		{"the provider between accept and answer", answering, provider},
		{"the provider while waiting", waiting, provider},
		{"the core between accept and answer", answering, core},
		{"the core while waiting", waiting, core},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			env := acctest.Start(t, "lvrtc")
			c := newCrash(t, config(env, ""))
			release := tc.prepare(t, env.Box)
			cmd, out := c.command("apply", "-auto-approve", "-no-color")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, "the volume was ordered", func() bool { return len(env.Objects(t, "lvrtc")) == 1 })
			first := env.Objects(t, "lvrtc")[stored]
			tc.kill(c, cmd)
			if err := cmd.Wait(); err == nil {
				t.Fatalf("the apply did not notice:\n%s", out)
			}
			release()
			c.run("apply", "-auto-approve", "-no-color")
			if got := one(t, env); got.ID != first.ID {
				t.Errorf("another volume was made: %s, first %s", got.ID, first.ID)
			}
			if plan := c.run("plan", "-no-color"); !strings.Contains(plan, "No changes.") {
				t.Errorf("the next plan is not empty:\n%s", plan)
			}
			if s := c.taint(); s != "" {
				t.Errorf("the volume is %s", s)
			}
		})
	}
}

// taint is the status that the state gives to the only resource; empty if it is healthy.
func (c *crash) taint() string {
	c.t.Helper()
	var state struct {
		Resources []struct {
			Instances []struct {
				Status string `json:"status"`
			} `json:"instances"`
		} `json:"resources"`
	}
	raw, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if err == nil {
		err = json.Unmarshal(raw, &state)
	}
	if err != nil || len(state.Resources) != 1 || len(state.Resources[0].Instances) != 1 {
		c.t.Fatalf("the state is not as expected: %v\n%s", err, raw)
	}
	return state.Resources[0].Instances[0].Status
}
