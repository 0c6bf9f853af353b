package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/terraformcli"
)

// providerVersion is the one that the local mirror offers.
const providerVersion = "0.0.1"

// demo is the demonstration in one repository.
type demo struct {
	root, dir string
	out       io.Writer
	terraform string
	directory string
}

func newDemo(root string, out io.Writer) *demo {
	return &demo{root: root, dir: filepath.Join(root, ".demo"), out: out}
}

func (d *demo) path(parts ...string) string {
	return filepath.Join(append([]string{d.dir}, parts...)...)
}

// step is a part of the demonstration. It writes to its own log.
type step struct {
	name string
	run  func(ctx context.Context, log io.Writer) error
}

func (d *demo) up(ctx context.Context) error {
	if err := os.MkdirAll(d.path("logs"), 0o750); err != nil {
		return fmt.Errorf("making the demo's folder: %w", err)
	}
	for i, s := range []step{
		{"finding Terraform", d.findTerraform},
		{"building the provider and the sandbox", d.build},
		{"starting three operators on this machine", d.startSandbox},
		{"preparing examples/quickstart", d.prepare},
		{"applying it: machines and volumes at two operators", d.apply},
		{"planning again", d.planAgain},
	} {
		if err := d.do(ctx, i+1, s); err != nil {
			return err
		}
	}
	return d.show(ctx)
}

// do runs a step and tells how long it took, or where to read why it failed.
func (d *demo) do(ctx context.Context, number int, s step) error {
	started := time.Now()
	_, _ = fmt.Fprintf(d.out, "%d. %-52s", number, s.name)
	file := d.path("logs", fmt.Sprintf("%d.log", number))
	log, err := os.Create(file) //nolint:gosec // The path is the demo's own.
	if err == nil {
		err = errors.Join(s.run(ctx, log), log.Close())
	}
	if err != nil {
		_, _ = fmt.Fprintln(d.out, "failed")
		return fmt.Errorf("the demo stopped at %q: %w%s\n\nThe whole log is in %s. `make demo-down` removes everything, `make demo` tries again",
			s.name, err, tail(file), relative(d.root, file))
	}
	_, _ = fmt.Fprintf(d.out, "%5.1f s\n", time.Since(started).Seconds())
	return nil
}

// tail is the end of a log, to show.
func tail(file string) string {
	const lines = 25
	raw, err := os.ReadFile(file) //nolint:gosec // The path is the demo's own.
	if err != nil || len(raw) == 0 {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return "\n\n" + strings.Join(all[max(len(all)-lines, 0):], "\n")
}

func relative(root, file string) string {
	if rel, err := filepath.Rel(root, file); err == nil {
		return rel
	}
	return file
}

func (d *demo) findTerraform(ctx context.Context, _ io.Writer) (err error) {
	d.terraform, err = terraformcli.Find(ctx, filepath.Join(d.root, "bin"))
	return err
}

// build compiles into the demo's folder; the provider goes where a mirror of a registry has it.
func (d *demo) build(ctx context.Context, log io.Writer) error {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	provider := d.path("plugins", "registry.terraform.io", "vdam-lv", "vdam", providerVersion, platform,
		"terraform-provider-vdam_v"+providerVersion)
	if err := d.run(ctx, log, d.root, "go", "build", "-ldflags=-X main.version="+providerVersion, "-o", provider, "."); err != nil {
		return err
	}
	return d.run(ctx, log, d.root, "go", "build", "-o", d.path("vdam-sandbox"), "./internal/cmd/vdam-sandbox")
}

// prepare puts the example and a CLI configuration into the demo's folder, so that nobody's own set-up is touched.
func (d *demo) prepare(ctx context.Context, log io.Writer) error {
	config := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path    = %q\n    include = [\"vdam-lv/vdam\"]\n  }\n}\n",
		d.path("plugins"))
	if err := os.WriteFile(d.path("terraform.rc"), []byte(config), 0o600); err != nil {
		return fmt.Errorf("writing the CLI configuration: %w", err)
	}
	work := d.path("quickstart")
	if err := os.MkdirAll(work, 0o750); err != nil {
		return fmt.Errorf("making the folder for the example: %w", err)
	}
	// The lock file has the checksum of an earlier build.
	if err := os.Remove(filepath.Join(work, ".terraform.lock.hcl")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing the lock file: %w", err)
	}
	if err := os.CopyFS(work, os.DirFS(filepath.Join(d.root, "examples", "quickstart"))); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("copying the example: %w", err)
	}
	var env strings.Builder
	for _, v := range d.environment() {
		name, value, _ := strings.Cut(v, "=")
		_, _ = fmt.Fprintf(&env, "export %s='%s'\n", name, value)
	}
	if err := os.WriteFile(d.path("env"), []byte(env.String()), 0o600); err != nil {
		return fmt.Errorf("writing the environment: %w", err)
	}
	return d.run(ctx, log, work, d.terraform, "init", "-input=false", "-no-color")
}

func (d *demo) apply(ctx context.Context, log io.Writer) error {
	return d.run(ctx, log, d.path("quickstart"), d.terraform, "apply", "-auto-approve", "-input=false", "-no-color")
}

func (d *demo) planAgain(ctx context.Context, log io.Writer) error {
	err := d.run(ctx, log, d.path("quickstart"), d.terraform, "plan", "-detailed-exitcode", "-input=false", "-no-color")
	var exit *exec.ExitError
	const changes = 2
	if errors.As(err, &exit) && exit.ExitCode() == changes {
		return errors.New("the second plan is not empty, which it must be")
	}
	return err
}

// environment is what Terraform needs to find the operators; the credentials are the sandbox's and guard nothing.
func (d *demo) environment() []string {
	env := []string{
		"TF_CLI_CONFIG_FILE=" + d.path("terraform.rc"), "CHECKPOINT_DISABLE=1", "VDAM_DIRECTORY=" + d.directory,
	}
	for _, operator := range []string{"LVRTC", "IEM_IC", "LNB"} {
		env = append(env, "VDAM_"+operator+"_CLIENT_ID="+sandbox.ClientID, "VDAM_"+operator+"_CLIENT_SECRET="+sandbox.ClientSecret)
	}
	return env
}

// ownEnvironment is the caller's without what would steer Terraform or the provider.
func ownEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TF_") || strings.HasPrefix(v, "VDAM_")
	})
}

// run runs a program to its end, with its output in the log.
func (d *demo) run(ctx context.Context, log io.Writer, dir, name string, args ...string) error {
	_, _ = fmt.Fprintf(log, "$ %s %s\n", filepath.Base(name), strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // The programs are go and Terraform.
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(ownEnvironment(), d.environment()...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // Terraform then saves its state.
	cmd.WaitDelay = time.Minute
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return nil
}
