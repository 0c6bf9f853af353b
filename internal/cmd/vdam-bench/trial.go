package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// killer kills something of an apply, and reports whether there was anything left to kill.
type killer func(*applying) (bool, error)

func (c *crashes) killProvider(a *applying) (bool, error) {
	providers := c.b.childrenOf(a.cmd.Process.Pid)
	for _, p := range providers {
		if err := p.kill(); err != nil {
			return false, nil //nolint:nilerr // It has just ended by itself.
		}
	}
	return len(providers) > 0 && !a.ended(), nil
}

func (c *crashes) killCore(a *applying) (bool, error) {
	providers := c.b.childrenOf(a.cmd.Process.Pid)
	if len(providers) == 0 || a.ended() {
		return false, nil
	}
	if err := a.cmd.Process.Kill(); err != nil {
		return false, nil //nolint:nilerr // As above.
	}
	for _, p := range providers {
		c.left++
		c.following.Go(func() { c.outlive(p) })
	}
	return true, nil
}

// repeat runs trials until so many have hit an apply under way.
func (c *crashes) repeat(ctx context.Context, trials int, kill killer) (*crashed, error) {
	r := &crashed{rooms: map[string]*workspace{}}
	for r.trials < trials {
		if r.missed > trials {
			return nil, fmt.Errorf("%d of %d kills came too late", r.missed, r.missed+r.trials)
		}
		if err := c.trial(ctx, r, kill); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// trial applies, kills at a random point between the first order and the end, applies again, and plans.
func (c *crashes) trial(ctx context.Context, r *crashed, kill killer) error {
	w, room, err := c.next(ctx, c.config)
	if err != nil {
		return err
	}
	after := time.Duration(c.random.Float64() * float64(c.lasting))
	run, err := c.start(ctx, w)
	if err != nil {
		return err
	}
	if err := run.ordered(ctx, room, 1); err != nil {
		return err
	}
	time.Sleep(after)
	hit, err := kill(run)
	ended := run.wait()
	if err != nil {
		return err
	}
	if !hit || ended == nil {
		r.missed++
		return c.leave(ctx, &crashed{}, w, room)
	}
	r.trials++
	unknown, _, err := c.count(ctx, w, room)
	if err != nil {
		return err
	}
	r.unknown += len(unknown)
	if err := c.converge(ctx, r, w, after); err != nil {
		return err
	}
	if !c.tidy {
		r.rooms[room] = w
	}
	return c.leave(ctx, r, w, room)
}

// converge applies again, after which nothing may be left to do.
func (c *crashes) converge(ctx context.Context, r *crashed, w *workspace, after time.Duration) error {
	again, err := w.try(ctx, "apply", "-auto-approve", "-no-color", "-input=false")
	if err != nil {
		return err
	}
	if again.code != 0 {
		r.fail("trial %d, killed %.2f s after the first order: the re-apply failed:\n%s", r.trials, after.Seconds(), tail(again.output))
		return nil
	}
	if _, err := w.planEmpty(ctx); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		r.fail("trial %d, killed %.2f s after the first order: %s", r.trials, after.Seconds(), err)
	}
	return nil
}

// leave counts a room of a place that is needed afterwards, and empties it.
func (c *crashes) leave(ctx context.Context, r *crashed, w *workspace, room string) error {
	if !c.tidy {
		return nil
	}
	c.following.Wait() // What is still under way without a core has arrived then.
	orphans, duplicates, err := c.settled(ctx, w, room)
	if err != nil {
		return err
	}
	r.add(room, orphans, duplicates)
	gone, err := w.try(ctx, "destroy", "-auto-approve", "-no-color", "-input=false")
	if err != nil {
		return err
	}
	if gone.code != 0 {
		r.fail("trial %d: the destroy failed:\n%s", r.trials, tail(gone.output))
	}
	// What the state did not know is told already.
	left, _, err := c.settled(ctx, w, room)
	left = slices.DeleteFunc(left, func(o object) bool { return slices.Contains(orphans, o) })
	if r.left += len(left); len(left) > 0 {
		r.say("%s: the destroy left %s", room, listed(left))
	}
	return err
}

// settling bounds how long what is on its way out may take.
const settling = time.Minute

// settled counts when nothing changes any more.
func (c *crashes) settled(ctx context.Context, w *workspace, room string) (orphans, duplicates []object, err error) {
	for since := time.Now(); ; {
		orphans, duplicates, err = c.count(ctx, w, room)
		if err != nil || len(orphans)+len(duplicates) == 0 || time.Since(since) > settling {
			return orphans, duplicates, err
		}
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

func (r *crashed) fail(format string, args ...any) {
	r.failed++
	r.say(format, args...)
}

// say keeps the first few of what went wrong.
func (r *crashed) say(format string, args ...any) {
	const shown = 6
	if len(r.reasons) < shown {
		r.reasons = append(r.reasons, fmt.Sprintf(format, args...))
	}
}

// add counts what a trial has left.
func (r *crashed) add(room string, orphans, duplicates []object) {
	r.orphans += len(orphans)
	r.duplicates += len(duplicates)
	if len(orphans) > 0 {
		r.say("%s: orphans are %s", room, listed(orphans))
	}
	if len(duplicates) > 0 {
		r.say("%s: duplicates are %s", room, listed(duplicates))
	}
}

func listed(objects []object) string {
	var texts []string
	for _, o := range objects {
		texts = append(texts, fmt.Sprintf("%s %s %q", o.kind, o.id, o.name))
	}
	return strings.Join(texts, ", ")
}

// count compares a room with a state.
func (c *crashes) count(ctx context.Context, w *workspace, room string) (orphans, duplicates []object, err error) {
	objects, err := c.place.objects(ctx, room)
	if err != nil {
		return nil, nil, err
	}
	s, err := w.state()
	if err != nil {
		return nil, nil, err
	}
	orphans, duplicates = compare(objects, s)
	return orphans, duplicates, nil
}

// compare finds the objects that a state does not know, and those that have another's kind and name.
func compare(objects []object, s tfstate) (orphans, duplicates []object) {
	known, names := s.known(), map[string]bool{}
	for _, o := range objects {
		if !known[o.id] && !known[o.with] {
			orphans = append(orphans, o)
		}
		// An attachment has no name.
		if key := o.kind + "/" + o.name; o.name != "" && names[key] {
			duplicates = append(duplicates, o)
		} else {
			names[key] = true
		}
	}
	return orphans, duplicates
}

// recount counts what all trials have left.
func (c *crashes) recount(ctx context.Context, r *crashed) error {
	for room, w := range r.rooms {
		orphans, duplicates, err := c.count(ctx, w, room)
		if err != nil {
			return err
		}
		r.add(room, orphans, duplicates)
	}
	return nil
}

// control proves that an object which no state knows is counted.
func (c *crashes) control(ctx context.Context) error {
	w, room, err := c.next(ctx, "")
	if err != nil {
		return err
	}
	if err := c.place.plant(ctx, room); err != nil {
		return err
	}
	orphans, _, err := c.count(ctx, w, room)
	if err == nil && len(orphans) != 1 {
		err = fmt.Errorf("the control failed: one object was made behind Terraform's back, and %d were counted", len(orphans))
	}
	return err
}

// outlive follows a provider without a core to its end.
func (c *crashes) outlive(p process) {
	since := time.Now()
	for p.runs(c.b.dir) && time.Since(since) < outliving {
		time.Sleep(100 * time.Millisecond)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.runs(c.b.dir) {
		c.survivors++
	}
	c.longest = max(c.longest, time.Since(since))
}
