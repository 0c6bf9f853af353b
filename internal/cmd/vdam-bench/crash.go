package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

const (
	// crashTransition and crashLatency make an apply of crashConfig last some seconds, most of them with orders and
	// waits in flight.
	crashTransition = 400 * time.Millisecond
	crashLatencyMS  = 30
	// outliving bounds how long a provider may live on without its core.
	outliving = 45 * time.Second
)

// crashes is a sandbox with a project for each trial.
type crashes struct {
	b      *bench
	box    *sandbox.Sandbox
	random *rand.Rand
	trials int
	// lasting is how long an apply lasts from its first order, if nobody kills anything.
	lasting time.Duration

	// left counts the providers that lost their core, survivors those that did not end; longest is the longest life.
	left, survivors int
	longest         time.Duration
	following       sync.WaitGroup
	mu              sync.Mutex
}

// crashed is what became of one kind of trials.
type crashed struct {
	trials, missed                       int
	unknown, orphans, duplicates, failed int
	reasons                              []string
	// projects are those of the trials, to look at again.
	projects map[string]*workspace
}

func newCrashes(ctx context.Context, b *bench, transition time.Duration) (*crashes, error) {
	quota := sandbox.DefaultProjects()[0].Quota
	var projects []sandbox.Project
	for i := range 100 {
		projects = append(projects, sandbox.Project{Name: fmt.Sprintf("trial-%d", i), Quota: quota})
	}
	box, err := b.box(ctx, sandbox.Options{Operators: []string{"lvrtc"}, Projects: projects, Transition: transition})
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(b.seed, 0)) //nolint:gosec // It is to be repeatable.
	return &crashes{b: b, box: box, random: random}, nil
}

// next is a workspace with a project of its own.
func (c *crashes) next(config string) (*workspace, string, error) {
	project := fmt.Sprintf("trial-%d", c.trials)
	c.trials++
	w, err := c.b.workspace(providerBlock(c.box, "lvrtc", project) + config)
	return w, project, err
}

func measureCrash(ctx context.Context, b *bench) ([]row, error) {
	c, err := newCrashes(ctx, b, crashTransition)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.box.Close() }()
	if err := c.box.AddFault(sandbox.Fault{Path: "^/v1/", LatencyMS: crashLatencyMS}); err != nil {
		return nil, err
	}
	if err := c.calibrate(ctx); err != nil {
		return nil, err
	}
	provider, err := c.repeat(ctx, either(b, 20, 3), c.killProvider)
	if err != nil {
		return nil, err
	}
	core, err := c.repeat(ctx, either(b, 10, 2), c.killCore)
	if err != nil {
		return nil, err
	}
	c.following.Wait()
	// Orders that were still under way without a core have arrived by now.
	for _, trials := range []*crashed{provider, core} {
		if err := c.recount(ctx, trials); err != nil {
			return nil, err
		}
	}
	if err := c.control(ctx); err != nil {
		return nil, err
	}
	rows := []row{provider.row("10", "kill -9 of the provider"), core.row("11", "kill -9 of Terraform")}
	rows[1].Note += fmt.Sprintf(" Providers that lived on without Terraform: %d ended by themselves, all within %.1f s; %d did not.",
		c.left-c.survivors, c.longest.Seconds(), c.survivors)
	*rows[1].Pass = *rows[1].Pass && c.survivors == 0
	rows[0].Note += " Control: an object made behind Terraform's back is counted as an orphan."
	return rows, nil
}

func (r *crashed) row(bar, what string) row {
	bad := r.orphans + r.duplicates
	out := newRow(bar, fmt.Sprintf("orphans + duplicates after %s, %d trials of 50 resources, one re-apply", what, r.trials),
		fmt.Sprintf("%d, %d not converged", bad, r.failed), "0, in one re-apply", bad == 0 && r.failed == 0,
		fmt.Sprintf("%d objects were unknown to the state after the kill; then %d orphans, %d duplicates.", r.unknown, r.orphans, r.duplicates))
	if r.missed > 0 {
		out.Note += fmt.Sprintf(" %d more kills came too late and are not counted.", r.missed)
	}
	for _, reason := range r.reasons {
		out.Note += "\n    " + strings.ReplaceAll(reason, "\n", "\n    ")
	}
	return out
}

// calibrate applies once in peace.
func (c *crashes) calibrate(ctx context.Context) error {
	w, project, err := c.next(crashConfig)
	if err != nil {
		return err
	}
	run, err := c.start(ctx, w)
	if err != nil {
		return err
	}
	if err := run.firstOrder(ctx, project); err != nil {
		return err
	}
	first := time.Now()
	if err := run.wait(); err != nil {
		return fmt.Errorf("an apply in peace failed: %w\n%s", err, tail(run.out.String()))
	}
	c.lasting = time.Since(first)
	return nil
}

// applying is an apply under way.
type applying struct {
	c    *crashes
	cmd  *exec.Cmd
	out  bytes.Buffer
	done chan error
}

func (c *crashes) start(ctx context.Context, w *workspace) (*applying, error) {
	a := &applying{c: c, done: make(chan error, 1)}
	a.cmd = w.command(ctx, &a.out, "apply", "-auto-approve", "-no-color", "-input=false", "-parallelism=10")
	if err := a.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { a.done <- a.cmd.Wait() }()
	return a, nil
}

func (a *applying) wait() error { return <-a.done }

// ended reports whether it is over already.
func (a *applying) ended() bool { return len(a.done) > 0 }

// firstOrder returns when something was ordered in a project.
func (a *applying) firstOrder(ctx context.Context, project string) error {
	return a.until(ctx, func() bool {
		return slices.ContainsFunc(a.c.box.Requests(), func(r sandbox.Request) bool {
			return callKind(r) == callOrder && strings.HasPrefix(r.Path, "/v1/projects/"+project+"/")
		})
	})
}

// until looks two hundred times a second.
func (a *applying) until(ctx context.Context, ok func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if a.ended() {
			return fmt.Errorf("the apply ended before what was waited for:\n%s", tail(a.out.String()))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), syscall.Kill(a.cmd.Process.Pid, syscall.SIGINT))
		}
	}
	return nil
}
