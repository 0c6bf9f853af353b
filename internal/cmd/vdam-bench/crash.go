package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
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

// crashes are trials at one place.
type crashes struct {
	b     *bench
	place place
	scenario
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

// scenario is what is applied and cut off.
type scenario struct {
	config    string
	resources int
	// kind is the one that everything is of, where creates are counted while they are under way.
	kind string
	// tidy empties each room, as the place is needed afterwards.
	tidy bool
}

// crashed is what became of one kind of trials.
type crashed struct {
	trials, missed                             int
	unknown, orphans, duplicates, failed, left int
	reasons                                    []string
	// rooms are those of the trials, to look at again.
	rooms map[string]*workspace
}

// crashBox is a sandbox with a project for each trial.
func crashBox(ctx context.Context, b *bench, transition time.Duration) (*sandbox.Sandbox, error) {
	quota := sandbox.DefaultProjects()[0].Quota
	var projects []sandbox.Project
	for i := range 100 {
		projects = append(projects, sandbox.Project{Name: fmt.Sprintf("trial-%d", i), Quota: quota})
	}
	return b.box(ctx, sandbox.Options{Operators: []string{"lvrtc"}, Projects: projects, Transition: transition})
}

func newCrashes(b *bench, p place, s scenario) *crashes {
	random := rand.New(rand.NewPCG(b.seed, 0)) //nolint:gosec // It is to be repeatable.
	return &crashes{b: b, place: p, scenario: s, random: random}
}

// next is a workspace with a room of its own.
func (c *crashes) next(ctx context.Context, config string) (*workspace, string, error) {
	room, block, err := c.place.open(ctx, c.trials)
	if err != nil {
		return nil, "", err
	}
	c.trials++
	w, err := c.b.workspace(block + config)
	return w, room, err
}

func measureCrash(ctx context.Context, b *bench) ([]row, error) {
	box, err := crashBox(ctx, b, crashTransition)
	if err != nil {
		return nil, err
	}
	defer func() { _ = box.Close() }()
	if err := box.AddFault(sandbox.Fault{Path: "^/v1/", LatencyMS: crashLatencyMS}); err != nil {
		return nil, err
	}
	c := newCrashes(b, sandboxPlace{box, "lvrtc"}, scenario{config: crashConfig, resources: 50})
	return c.measure(ctx, either(b, 20, 3), either(b, 10, 2))
}

// measure kills the provider so many times, and then Terraform.
func (c *crashes) measure(ctx context.Context, providers, cores int) ([]row, error) {
	if err := c.calibrate(ctx); err != nil {
		return nil, err
	}
	provider, err := c.repeat(ctx, providers, c.killProvider)
	if err != nil {
		return nil, err
	}
	core, err := c.repeat(ctx, cores, c.killCore)
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
	rows := []row{c.row(provider, "10", "kill -9 of the provider"), c.row(core, "11", "kill -9 of Terraform")}
	rows[1].Note += fmt.Sprintf(" Providers that lived on without Terraform: %d ended by themselves, all within %.1f s; %d did not.",
		c.left-c.survivors, c.longest.Seconds(), c.survivors)
	*rows[1].Pass = *rows[1].Pass && c.survivors == 0
	rows[0].Note += " Control: an object made behind Terraform's back is counted as an orphan."
	return rows, nil
}

func (c *crashes) row(r *crashed, bar, what string) row {
	bad := r.orphans + r.duplicates
	measured, good := fmt.Sprintf("%d, %d not converged", bad, r.failed), bad == 0 && r.failed == 0
	if c.tidy {
		measured, good = fmt.Sprintf("%s, %d left by destroy", measured, r.left), good && r.left == 0
	}
	out := newRow(bar, fmt.Sprintf("orphans + duplicates after %s, %d trials of %d resources, one re-apply", what, r.trials, c.resources),
		measured, "0, in one re-apply", good,
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
	w, room, err := c.next(ctx, c.config)
	if err != nil {
		return err
	}
	run, err := c.start(ctx, w)
	if err != nil {
		return err
	}
	if err := run.ordered(ctx, room, 1); err != nil {
		return err
	}
	first := time.Now()
	if err := run.wait(); err != nil {
		return fmt.Errorf("an apply in peace failed: %w\n%s", err, tail(run.out.String()))
	}
	c.lasting = time.Since(first)
	peace := &crashed{}
	if err := c.leave(ctx, peace, w, room); err != nil {
		return err
	}
	if len(peace.reasons) > 0 {
		return fmt.Errorf("an apply in peace: %s", peace.reasons[0])
	}
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

// ordered returns when a room has got so many orders.
func (a *applying) ordered(ctx context.Context, room string, n int) error {
	return a.until(ctx, func() bool { return a.c.place.orders(room) >= n })
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
