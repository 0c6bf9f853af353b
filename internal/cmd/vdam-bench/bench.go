package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/terraformcli"
)

// bench is what all parts share: a folder of their own, a Terraform and the two providers.
type bench struct {
	options
	root, dir string
	terraform string
	building  time.Duration
	folders   atomic.Int64
	// site is the real OpenStack, if there is one to measure at.
	site *site
}

// The two providers, as names of the folders that they are built into.
const (
	vdam  = "vdam"
	floor = "echo"
)

func newBench(ctx context.Context, o options) (*bench, error) {
	started := time.Now()
	root, err := repository()
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, root: root}
	if b.terraform, err = terraformcli.Find(ctx, filepath.Join(root, "bin")); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp("", "vdam-bench-"); err != nil {
		return nil, fmt.Errorf("making a folder to measure in: %w", err)
	}
	b.say("building the provider and the echo")
	for name, source := range map[string]string{vdam: ".", floor: "./internal/cmd/vdam-bench/echo"} {
		if err := b.build(ctx, name, source); err != nil {
			b.close()
			return nil, err
		}
	}
	b.building = time.Since(started)
	return b, nil
}

// build compiles a provider as a release would, and writes the CLI configuration that makes Terraform take it.
func (b *bench) build(ctx context.Context, name, source string) error {
	//nolint:gosec // The paths are the bench's own.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.binary(name), source)
	cmd.Dir = b.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", source, err, out)
	}
	rc := fmt.Sprintf("provider_installation {\n  dev_overrides { \"vdam-lv/vdam\" = %q }\n}\n", filepath.Dir(b.binary(name)))
	if err := os.WriteFile(b.configuration(name), []byte(rc), 0o600); err != nil {
		return fmt.Errorf("writing the CLI configuration: %w", err)
	}
	return nil
}

func (b *bench) binary(provider string) string {
	return filepath.Join(b.dir, provider, "terraform-provider-vdam")
}

func (b *bench) configuration(provider string) string { return filepath.Join(b.dir, provider+".rc") }

// close ends what is left of the processes that ran here, and removes the folder.
func (b *bench) close() {
	for _, p := range processesOf(b.dir) {
		_ = p.kill() // It may have ended by now.
	}
	_ = os.RemoveAll(b.dir) // It is in the system's folder for what may be lost.
}

// say tells what goes on.
func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// either is the full or the quick choice.
func either[T any](b *bench, full, quick T) T {
	if b.quick {
		return quick
	}
	return full
}

// box starts a sandbox that is as fast as the machine; the caller closes it.
func (b *bench) box(ctx context.Context, o sandbox.Options) (*sandbox.Sandbox, error) {
	dir, err := b.folder("box")
	if err != nil {
		return nil, err
	}
	o.Dir, o.RequestsPerSecond = dir, 1_000_000
	return sandbox.Start(ctx, o)
}

func (b *bench) folder(name string) (string, error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("%s-%d", name, b.folders.Add(1)))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("making a folder: %w", err)
	}
	return dir, nil
}

// repository finds the folder with go.mod, from the working folder upwards.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("this is not inside the repository: run it with `make bench`")
		}
		dir = parent
	}
}

// loadAverage says how busy the machine is otherwise.
func loadAverage() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return "Load average: " + strings.Join(strings.Fields(string(raw))[:3], " ") + "."
}
