package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// workspace is a folder with a configuration, and one of the two providers.
type workspace struct {
	b        *bench
	dir      string
	provider string
	env      []string
}

// workspace makes one with a configuration, to which the block of required_providers is added, for the provider.
func (b *bench) workspace(config string) (*workspace, error) {
	dir, err := b.folder("work")
	if err != nil {
		return nil, err
	}
	w := &workspace{b: b, dir: dir, provider: vdam}
	return w, w.configure(config)
}

func (w *workspace) configure(config string) error {
	const required = "terraform {\n  required_providers {\n    vdam = { source = \"vdam-lv/vdam\" }\n  }\n}\n"
	return w.write("main.tf", []byte(required+config))
}

func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

func (w *workspace) write(name string, content []byte) error {
	if err := os.WriteFile(w.path(name), content, 0o600); err != nil { //nolint:gosec // The folder is the bench's own.
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// other is a workspace with the same configuration and state, and the other provider.
func (w *workspace) other() (*workspace, error) {
	config, err := os.ReadFile(w.path("main.tf"))
	if err != nil {
		return nil, err
	}
	state, err := os.ReadFile(w.path(stateFile))
	if err != nil {
		return nil, err
	}
	dir, err := w.b.folder("work")
	if err != nil {
		return nil, err
	}
	o := &workspace{b: w.b, dir: dir, provider: floor, env: w.env}
	return o, errors.Join(o.write("main.tf", config), o.write(stateFile, state))
}

// providerBlock is the provider block for an operator's project in a sandbox.
func providerBlock(box *sandbox.Sandbox, operator, project string) string {
	return fmt.Sprintf(`provider "vdam" {
  deployment_id    = "bench"
  default_operator = %[1]q
  operators = {
    %[1]s = { endpoint = %[2]q, project = %[3]q, client_id = %[4]q, client_secret = %[5]q }
  }
}
`, operator, box.Endpoint(operator), project, sandbox.ClientID, sandbox.ClientSecret)
}

// outcome is how a run of Terraform went.
type outcome struct {
	output    string
	code      int
	wall, cpu time.Duration
}

// command is a Terraform in a process group of its own, in an environment without anything of the user's.
func (w *workspace) command(ctx context.Context, out io.Writer, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.b.terraform, args...) //nolint:gosec // The program is Terraform.
	cmd.Dir, cmd.Stdout, cmd.Stderr = w.dir, out, out
	cmd.Env = append(cleanEnvironment(os.Environ()),
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TMPDIR="+w.b.dir, "TF_CLI_CONFIG_FILE="+w.b.configuration(w.provider))
	cmd.Env = append(cmd.Env, w.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// cleanEnvironment leaves out what would change what is measured.
func cleanEnvironment(env []string) (clean []string) {
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		switch {
		case strings.HasPrefix(name, "TF_"), strings.HasPrefix(name, "VDAM_"), name == "GOGC", name == "GOMEMLIMIT",
			name == "GODEBUG", name == "GOTRACEBACK", name == "TMPDIR":
		default:
			clean = append(clean, v)
		}
	}
	return clean
}

// try runs Terraform, which may fail.
func (w *workspace) try(ctx context.Context, args ...string) (outcome, error) {
	var out bytes.Buffer
	cmd := w.command(ctx, &out, args...)
	started := time.Now()
	err := cmd.Run()
	o := outcome{output: out.String(), wall: time.Since(started)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		return o, fmt.Errorf("terraform %s: %w", args[0], errors.Join(err, ctx.Err()))
	}
	// The provider's time is in it: Terraform has waited for its providers.
	o.code, o.cpu = cmd.ProcessState.ExitCode(), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	return o, nil
}

// do runs Terraform, which must succeed.
func (w *workspace) do(ctx context.Context, args ...string) (outcome, error) {
	o, err := w.try(ctx, append([]string{args[0], "-no-color", "-input=false"}, args[1:]...)...)
	if err == nil && o.code != 0 {
		err = fmt.Errorf("terraform %s ended with %d:\n%s", args[0], o.code, tail(o.output))
	}
	return o, err
}

func (w *workspace) apply(ctx context.Context, args ...string) (outcome, error) {
	return w.do(ctx, append([]string{"apply", "-auto-approve"}, args...)...)
}

// planEmpty plans, and fails if there is anything to do. It reads what Terraform says, as the exit code of a
// refresh-only plan changes with the order of the sensitive paths in the state, which is a random one.
func (w *workspace) planEmpty(ctx context.Context, args ...string) (outcome, error) {
	o, err := w.do(ctx, append([]string{"plan"}, args...)...)
	if err == nil && !isEmpty(o.output) {
		err = fmt.Errorf("the plan is not empty:\n%s", tail(o.output))
	}
	return o, err
}

func isEmpty(plan string) bool { return strings.Contains(plan, "\nNo changes.") }

// tail is the end of an output, to show.
func tail(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return strings.Join(lines[max(len(lines)-25, 0):], "\n")
}
