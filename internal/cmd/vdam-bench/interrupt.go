package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// inFlight is how many creates are under way when a signal comes: as many as Terraform has in parallel.
const inFlight = 10

var interruptConfig = fmt.Sprintf(`resource "vdam_storage_volume" "v" {
  count    = %d
  name     = "v-${count.index}"
  size_gib = 10
}
`, inFlight)

// signalled is what became of the creates that were under way when a signal came.
type signalled struct{ trials, tainted, lost, failed int }

func measureInterrupt(ctx context.Context, b *bench) ([]row, error) {
	c, err := newCrashes(ctx, b, 10*time.Millisecond)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.box.Close() }()
	trials := either(b, 3, 1)
	var results [3]signalled
	for i, send := range []func(pid int) error{
		func(pid int) error { return syscall.Kill(pid, syscall.SIGINT) },
		func(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) },
		func(pid int) error { return syscall.Kill(-pid, syscall.SIGTERM) },
	} {
		for range trials {
			if err := c.signal(ctx, &results[i], send); err != nil {
				return nil, err
			}
		}
	}
	one, all, term := results[0], results[1], results[2]
	tainted, lost := one.tainted+all.tainted, term.lost
	note := func(r signalled) string {
		return fmt.Sprintf("%d tainted, %d lost, %d of %d re-applies failed or left something to do", r.tainted, r.lost, r.failed, r.trials)
	}
	return []row{
		newRow("12 SIGINT", fmt.Sprintf("tainted after one SIGINT, %d creates accepted, %d trials", inFlight, 2*trials),
			fmt.Sprint(tainted), "0", tainted == 0, "to Terraform: "+note(one)+"; to the group, as by Ctrl-C: "+note(all)+"."),
		newRow("12 SIGTERM", fmt.Sprintf("lost after SIGTERM to the group, %d creates accepted, %d trials", inFlight, trials),
			fmt.Sprint(lost), "0", lost == 0, note(term)+"."),
	}, nil
}

// signal applies at an operator that finishes nothing, sends a signal when it has accepted everything, and looks at
// the state; then it applies again at one that does finish.
func (c *crashes) signal(ctx context.Context, r *signalled, send func(pid int) error) error {
	w, project, err := c.next(interruptConfig)
	if err != nil {
		return err
	}
	release := c.box.Hold()
	defer release()
	run, err := c.start(ctx, w)
	if err != nil {
		return err
	}
	var lookErr error
	err = run.until(ctx, func() bool {
		var unknown int
		unknown, _, lookErr = c.count(ctx, w, project)
		return lookErr != nil || unknown == inFlight
	})
	if err = firstOf(err, lookErr); err != nil {
		return err
	}
	time.Sleep(300 * time.Millisecond) // The last answer arrives, and all of them wait.
	if err := send(run.cmd.Process.Pid); err != nil {
		return fmt.Errorf("sending the signal: %w", err)
	}
	_ = run.wait() // It may end either way.
	s, err := w.state()
	if err != nil {
		return err
	}
	lost, _, err := c.count(ctx, w, project)
	if err != nil {
		return err
	}
	r.trials++
	r.tainted += s.tainted()
	r.lost += lost
	release()
	again, err := w.try(ctx, "apply", "-auto-approve", "-no-color", "-input=false")
	if err != nil {
		return err
	}
	left, _, err := c.count(ctx, w, project)
	if err != nil {
		return err
	}
	if _, err := w.planEmpty(ctx); err != nil || again.code != 0 || left != 0 {
		r.failed++
	}
	return ctx.Err()
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
