package main

import (
	"context"
	"fmt"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
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
	r := &crashed{projects: map[string]*workspace{}}
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
	w, project, err := c.next(crashConfig)
	if err != nil {
		return err
	}
	c.box.ResetRequests()
	after := time.Duration(c.random.Float64() * float64(c.lasting))
	run, err := c.start(ctx, w)
	if err != nil {
		return err
	}
	if err := run.firstOrder(ctx, project); err != nil {
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
		return nil
	}
	r.trials++
	r.projects[project] = w
	unknown, _, err := c.count(ctx, w, project)
	if err != nil {
		return err
	}
	r.unknown += unknown
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

func (r *crashed) fail(format string, args ...any) {
	const shown = 3
	if r.failed++; len(r.reasons) < shown {
		r.reasons = append(r.reasons, fmt.Sprintf(format, args...))
	}
}

// count compares a project with a state.
func (c *crashes) count(ctx context.Context, w *workspace, project string) (orphans, duplicates int, err error) {
	objects, err := c.box.Objects(ctx, "lvrtc")
	if err != nil {
		return 0, 0, err
	}
	s, err := w.state()
	if err != nil {
		return 0, 0, err
	}
	orphans, duplicates = compare(objects, project, s)
	return orphans, duplicates, nil
}

// compare counts the objects of a project that a state does not know, and those that have another's kind and name.
func compare(objects []sandbox.Object, project string, s tfstate) (orphans, duplicates int) {
	known, names := s.known(), map[string]bool{}
	for _, o := range objects {
		if o.Project != project {
			continue
		}
		if !known[o.ID] {
			orphans++
		}
		// An attachment has no name.
		if key := o.Kind + "/" + o.Name; o.Name != "" && names[key] {
			duplicates++
		} else {
			names[key] = true
		}
	}
	return orphans, duplicates
}

// recount counts what all trials have left.
func (c *crashes) recount(ctx context.Context, r *crashed) error {
	for project, w := range r.projects {
		orphans, duplicates, err := c.count(ctx, w, project)
		if err != nil {
			return err
		}
		r.orphans += orphans
		r.duplicates += duplicates
	}
	return nil
}

// control proves that an object which no state knows is counted.
func (c *crashes) control(ctx context.Context) error {
	w, project, err := c.next("")
	if err != nil {
		return err
	}
	op, err := reach(ctx, c.box, "lvrtc", project)
	if err != nil {
		return err
	}
	if _, err := op.order(ctx, "storage-volumes", map[string]any{"name": "planted", "size_gib": 10}); err != nil {
		return err
	}
	orphans, _, err := c.count(ctx, w, project)
	if err == nil && orphans != 1 {
		err = fmt.Errorf("the control failed: one object was made behind Terraform's back, and %d were counted", orphans)
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
