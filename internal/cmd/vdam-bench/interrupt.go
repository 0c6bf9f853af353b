package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
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
type signalled struct {
	trials, tainted, lost, failed int
	// said is the end of what Terraform said where it was not as it should be.
	said []string
}

func measureInterrupt(ctx context.Context, b *bench) ([]row, error) {
	box, err := crashBox(ctx, b, 10*time.Millisecond)
	if err != nil {
		return nil, err
	}
	defer func() { _ = box.Close() }()
	c := newCrashes(b, sandboxPlace{box, "lvrtc"}, scenario{config: interruptConfig, resources: inFlight, kind: "storage-volumes"})
	return c.interrupt(ctx, either(b, 3, 1))
}

// interrupt sends each signal in so many trials.
func (c *crashes) interrupt(ctx context.Context, trials int) ([]row, error) {
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
		text := fmt.Sprintf("%d tainted, %d lost, %d of %d re-applies failed or left something to do", r.tainted, r.lost, r.failed, r.trials)
		for _, said := range r.said {
			text += "\n    " + strings.ReplaceAll(said, "\n", "\n    ") + "\n"
		}
		return text
	}
	return []row{
		newRow("12 SIGINT", fmt.Sprintf("tainted after one SIGINT, %d creates accepted, %d trials", c.resources, 2*trials),
			fmt.Sprint(tainted), "0", tainted+one.failed+all.failed == 0, "to Terraform: "+note(one)+"; to the group, as by Ctrl-C: "+note(all)+"."),
		newRow("12 SIGTERM", fmt.Sprintf("lost after SIGTERM to the group, %d creates accepted, %d trials", c.resources, trials),
			fmt.Sprint(lost), "0", lost+term.failed == 0, note(term)+"."),
	}, nil
}

// signal applies at an operator that finishes nothing, sends a signal when it has accepted everything, and looks at
// the state; then it applies again at one that does finish.
func (c *crashes) signal(ctx context.Context, r *signalled, send func(pid int) error) error {
	w, room, err := c.next(ctx, c.config)
	if err != nil {
		return err
	}
	release := c.place.hold()
	defer release()
	run, err := c.start(ctx, w)
	if err != nil {
		return err
	}
	if err := run.ordered(ctx, room, c.resources); err != nil {
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
	objects, err := c.place.objects(ctx, room)
	if err != nil {
		return err
	}
	lost, _ := compare(slices.DeleteFunc(objects, func(o object) bool { return o.kind != c.kind }), s)
	r.trials++
	r.tainted += s.tainted()
	r.lost += len(lost)
	if len(lost)+s.tainted() > 0 {
		r.said = append(r.said, tail(run.out.String()))
	}
	release()
	again := &crashed{}
	if err := c.converge(ctx, again, w, 0); err != nil {
		return err
	}
	left, _, err := c.count(ctx, w, room)
	if err != nil {
		return err
	}
	if err := c.leave(ctx, again, w, room); err != nil {
		return err
	}
	if again.failed > 0 || len(left) > 0 {
		r.failed++
		r.said = append(r.said, again.reasons...)
	}
	return ctx.Err()
}
