package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// latency is how long an answer of the operator takes where the network is to be felt.
const latencyMS = 20

// estate is a project with machines that a state knows.
type estate struct {
	box      *sandbox.Sandbox
	work     *workspace
	machines int
	// filling is how long making the foreign objects took.
	filling time.Duration
	// peak is the most memory that the provider had in a plan.
	peak int64
}

// newEstate makes a project with foreign machines, and behind them the machines of a configuration, and a state that
// knows those and is up to date.
func newEstate(ctx context.Context, b *bench, foreign, machines int) (*estate, error) {
	project := sandbox.DefaultProjects()[2] // The one without limits.
	box, err := b.box(ctx, sandbox.Options{Operators: []string{"lvrtc"}, Projects: []sandbox.Project{project}})
	if err != nil {
		return nil, err
	}
	e := &estate{box: box, machines: machines}
	if err := e.fill(ctx, b, project.Name, foreign); err != nil {
		_ = box.Close() // The first error says more.
		return nil, err
	}
	return e, nil
}

func (e *estate) fill(ctx context.Context, b *bench, project string, foreign int) error {
	op, err := reach(ctx, e.box, "lvrtc", project)
	if err != nil {
		return err
	}
	network, err := op.order(ctx, "networks", map[string]any{"name": "bench", "cidr": "10.0.0.0/8"})
	if err != nil {
		return err
	}
	group, err := op.order(ctx, "security-groups", map[string]any{"name": "bench", "rules": []any{}})
	if err != nil {
		return err
	}
	started := time.Now()
	if _, err := op.fill(ctx, "foreign", network, group, 0, foreign, false); err != nil {
		return err
	}
	e.filling = time.Since(started)
	block := providerBlock(e.box, "lvrtc", project)
	if e.work, err = b.workspace(block + machinesConfig(1, network, group)); err != nil {
		return err
	}
	if _, err := e.work.apply(ctx); err != nil {
		return err
	}
	others, err := op.fill(ctx, "m", network, group, 1, e.machines-1, true)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(e.work.path(stateFile))
	if err != nil {
		return err
	}
	if raw, err = multiply(raw, others); err != nil {
		return err
	}
	if err := e.work.write(stateFile, raw); err != nil {
		return err
	}
	if err := e.work.configure(block + machinesConfig(e.machines, network, group)); err != nil {
		return err
	}
	if _, err := e.work.apply(ctx, "-refresh-only"); err != nil {
		return err
	}
	return e.plan(ctx)
}

// refreshCalls counts the operator's requests during one refresh.
func (e *estate) refreshCalls(ctx context.Context) (calls map[string]int, total int, err error) {
	e.box.ResetRequests()
	if _, err := e.work.planEmpty(ctx, "-refresh-only"); err != nil {
		return nil, 0, err
	}
	calls = countCalls(e.box.Requests())
	for _, n := range calls {
		total += n
	}
	return calls, total, nil
}

func measureForeign(ctx context.Context, b *bench) ([]row, error) {
	foreign, machines := either(b, 20_000, 2_000), either(b, 1000, 200)
	e, err := newEstate(ctx, b, foreign, machines)
	if err != nil {
		return nil, err
	}
	defer func() { _ = e.box.Close() }()
	calls, total, err := e.refreshCalls(ctx)
	if err != nil {
		return nil, err
	}
	per := float64(total) / float64(machines)
	return []row{newRow("2", fmt.Sprintf("calls per resource, refresh of %d machines behind %d foreign ones", machines, foreign),
		fmt.Sprintf("%.3f", per), "≤ 1.05", per <= 1.05,
		fmt.Sprintf("%d calls: %s. The foreign machines are older, which is the worst order; making them took %.0f s.",
			total, describeCalls(calls), e.filling.Seconds()))}, nil
}

// rounds are pairs of runs of both providers, in alternating order.
func rounds(n int, ours, floor func() error) error {
	for i := range n {
		first, second := ours, floor
		if i%2 == 1 {
			first, second = floor, ours
		}
		if err := first(); err != nil {
			return err
		}
		if err := second(); err != nil {
			return err
		}
	}
	return nil
}

// pairs runs the same with both providers and picks a figure of each run.
func pairs(
	ctx context.Context, n int, ours, floor *workspace, pick func(outcome) time.Duration, args ...string,
) (a, b []time.Duration, err error) {
	one := func(w *workspace, into *[]time.Duration) func() error {
		return func() error {
			o, err := w.planEmpty(ctx, args...)
			*into = append(*into, pick(o))
			return err
		}
	}
	err = rounds(n, one(ours, &a), one(floor, &b))
	return a, b, err
}

func measureScale(ctx context.Context, b *bench) ([]row, error) {
	machines, n := either(b, 1000, 400), either(b, 3, 1)
	e, err := newEstate(ctx, b, 0, machines)
	if err != nil {
		return nil, err
	}
	defer func() { _ = e.box.Close() }()
	echo, err := e.work.other()
	if err != nil {
		return nil, err
	}
	calls, total, err := e.refreshCalls(ctx)
	if err != nil {
		return nil, err
	}
	per := float64(total) / float64(machines)
	rows := []row{newRow("1", fmt.Sprintf("calls per resource, refresh of %d machines", machines), fmt.Sprintf("%.3f", per), "≤ 0.02",
		per <= 0.02, fmt.Sprintf("%d calls: %s.", total, describeCalls(calls)))}

	ours, floors, err := pairs(ctx, n, e.work, echo, func(o outcome) time.Duration { return o.cpu })
	if err != nil {
		return rows, err
	}
	rows = append(rows, ratioRow("3", fmt.Sprintf("plan CPU of %d machines ÷ echo", machines), ours, floors, 0.70))

	if err := e.box.AddFault(sandbox.Fault{Method: "GET", LatencyMS: latencyMS}); err != nil {
		return rows, err
	}
	ours, floors, err = pairs(ctx, n, e.work, echo, func(o outcome) time.Duration { return o.wall }, "-refresh-only")
	e.box.ClearFaults()
	if err != nil {
		return rows, err
	}
	rows = append(rows, ratioRow("4", fmt.Sprintf("refresh wall of %d machines ÷ echo, API %d ms", machines, latencyMS), ours, floors, 1.1))

	mib := float64(e.peak) / (1 << 20)
	return append(rows, newRow("7", fmt.Sprintf("provider RSS, plan of %d machines", machines), fmt.Sprintf("%.0f MiB", mib), "≤ 200 MiB",
		mib <= 200, "")), nil
}

// plan finds nothing to do, or the state is not what the configuration says.
func (e *estate) plan(ctx context.Context) (err error) {
	e.peak, err = e.work.planWatched(ctx)
	return err
}

// planWatched is a planEmpty that also tells the most memory that the provider had.
func (w *workspace) planWatched(ctx context.Context, args ...string) (peak int64, err error) {
	var out bytes.Buffer
	cmd := w.command(ctx, &out, append([]string{"plan", "-no-color", "-input=false"}, args...)...)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	stop, most := make(chan struct{}), make(chan int64)
	go func() { most <- w.b.watchPeak(cmd.Process.Pid, stop) }()
	err = cmd.Wait()
	close(stop)
	peak = <-most
	switch {
	case err != nil:
		return 0, fmt.Errorf("terraform plan: %w\n%s", err, tail(out.String()))
	case !isEmpty(out.String()):
		return 0, fmt.Errorf("the state is not what the configuration says:\n%s", tail(out.String()))
	case peak == 0:
		return 0, errors.New("no provider was seen")
	}
	return peak, nil
}

// ratioRow compares pairs of runs.
func ratioRow(bar, measure string, ours, floors []time.Duration, target float64) row {
	got := ratio(ours, floors)
	if n := len(ours); n > 1 {
		measure += fmt.Sprintf(", median of %d", n)
	} else {
		measure += ", 1 pair"
	}
	return newRow(bar, measure, fmt.Sprintf("%.2f", got), fmt.Sprintf("≤ %.2f", target), got <= target,
		fmt.Sprintf("provider %s, echo %s.", seconds(ours), seconds(floors)))
}

func seconds(all []time.Duration) string {
	var texts []string
	for _, d := range all {
		texts = append(texts, fmt.Sprintf("%.2f", d.Seconds()))
	}
	return strings.Join(texts, " ") + " s"
}
