package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// startLimit is how long the sandbox may take to answer.
const startLimit = 30 * time.Second

// running is what a sandbox writes about itself when it answers.
type running struct {
	Directory string `json:"directory"`
	PID       int    `json:"pid"`
}

// readyFile is where it writes that.
func (d *demo) readyFile() string { return d.path("sandbox.json") }

// startSandbox starts the operators, or finds those that an earlier run has started.
func (d *demo) startSandbox(ctx context.Context, log io.Writer) error {
	if r, ok := d.findSandbox(ctx); ok {
		_, _ = fmt.Fprintf(log, "The sandbox runs already as process %d.\n", r.PID)
		d.directory = r.Directory
		return nil
	}
	if err := os.Remove(d.readyFile()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing what an earlier sandbox left: %w", err)
	}
	output, err := os.Create(d.path("logs", "sandbox.log"))
	if err != nil {
		return fmt.Errorf("making the sandbox's log: %w", err)
	}
	defer func() { _ = output.Close() }() // The process has its own handle.
	// It is to go on when this command has ended.
	cmd := exec.Command(d.path("vdam-sandbox"), //nolint:gosec,noctx // The program was built a step ago, and must outlive ctx.
		"--dir", d.path("sandbox"), "--transition", "1s", "--ready-file", d.readyFile())
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the sandbox: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return d.await(ctx, ended)
}

// await returns when the sandbox answers.
func (d *demo) await(ctx context.Context, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if r, ok := d.findSandbox(ctx); ok {
			d.directory = r.Directory
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("the sandbox ended at once (%w)%s", err, tail(d.path("logs", "sandbox.log")))
		case <-ctx.Done():
			return fmt.Errorf("the sandbox did not answer within %s%s", startLimit, tail(d.path("logs", "sandbox.log")))
		case <-tick.C:
		}
	}
}

// findSandbox finds the one that this demo started, if it answers.
func (d *demo) findSandbox(ctx context.Context) (r running, ok bool) {
	raw, err := os.ReadFile(d.readyFile())
	if err != nil || json.Unmarshal(raw, &r) != nil {
		return r, false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Directory, nil)
	if err != nil {
		return r, false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return r, false
	}
	_ = resp.Body.Close()
	return r, resp.StatusCode == http.StatusOK
}

// down ends the sandbox and removes the demo's folder. Only a process that answers as the sandbox is ended, so that a
// process id that was given to another meanwhile does no harm.
func (d *demo) down(ctx context.Context) error {
	if r, ok := d.findSandbox(ctx); ok {
		process, err := os.FindProcess(r.PID)
		if err == nil {
			err = process.Signal(syscall.SIGTERM)
		}
		if err != nil {
			return fmt.Errorf("ending the sandbox (process %d): %w", r.PID, err)
		}
		deadline := time.Now().Add(startLimit)
		for time.Now().Before(deadline) && process.Signal(syscall.Signal(0)) == nil {
			time.Sleep(20 * time.Millisecond)
		}
	}
	if err := os.RemoveAll(d.dir); err != nil {
		return fmt.Errorf("removing the demo's folder: %w", err)
	}
	_, _ = fmt.Fprintln(d.out, "The demo is over: the operators are stopped and .demo is removed.")
	return nil
}
