package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// measureCreate counts what a create costs as the difference between applies of more and of fewer machines, so that
// what an apply costs anyway is in neither. What the next plan still has to write is part of it.
func measureCreate(ctx context.Context, b *bench) ([]row, error) {
	few, many := 5, either(b, 55, 25)
	callsFew, err := b.createCalls(ctx, few)
	if err != nil {
		return nil, err
	}
	callsMany, err := b.createCalls(ctx, many)
	if err != nil {
		return nil, err
	}
	total, each := 0, map[string]int{}
	for kind, n := range callsMany {
		if kind != callGet {
			each[kind] = n - callsFew[kind]
			total += each[kind]
		}
	}
	per := float64(total) / float64(many-few)
	return []row{newRow("6", fmt.Sprintf("calls per create, polls aside (%d machines)", many-few), fmt.Sprintf("%.2f", per), "≤ 2", per <= 2,
		fmt.Sprintf("more calls for %d machines than for %d: %s; and %d polls by GET.",
			many, few, describeCalls(each), callsMany[callGet]-callsFew[callGet]))}, nil
}

// createCalls are the requests of an apply of n machines, and those of the next plan that are no reading.
func (b *bench) createCalls(ctx context.Context, n int) (map[string]int, error) {
	box, err := b.box(ctx, sandbox.Options{Operators: []string{"lvrtc"}, Transition: 300 * time.Millisecond})
	if err != nil {
		return nil, err
	}
	defer func() { _ = box.Close() }()
	op, err := reach(ctx, box, "lvrtc", "load")
	if err != nil {
		return nil, err
	}
	network, err := op.order(ctx, "networks", map[string]any{"name": "bench", "cidr": "10.0.0.0/8"})
	if err != nil {
		return nil, err
	}
	group, err := op.order(ctx, "security-groups", map[string]any{"name": "bench", "rules": []any{}})
	if err != nil {
		return nil, err
	}
	w, err := b.workspace(providerBlock(box, "lvrtc", "load") + machinesConfig(n, network, group))
	if err != nil {
		return nil, err
	}
	box.ResetRequests()
	if _, err := w.apply(ctx); err != nil {
		return nil, err
	}
	calls := countCalls(box.Requests())
	box.ResetRequests()
	if _, err := w.planEmpty(ctx); err != nil {
		return nil, err
	}
	later := countCalls(box.Requests())
	calls[callOrder] += later[callOrder]
	calls[callClaim] += later[callClaim]
	return calls, nil
}

// readyAfter is how long the operator takes where the time until Terraform notices is measured.
const readyAfter = 5 * time.Second

func measureReady(ctx context.Context, b *bench) ([]row, error) {
	box, err := b.box(ctx, sandbox.Options{Operators: []string{"lvrtc", "lnb"}, Transition: readyAfter})
	if err != nil {
		return nil, err
	}
	defer func() { _ = box.Close() }()
	trials := either(b, 5, 2)
	cases := []struct {
		operator, bar, measure, image string
		target                        time.Duration
	}{
		{"lvrtc", "5 long-poll", "from ready to complete, long-poll", "lvrtc/" + benchImage, 100 * time.Millisecond},
		{"lnb", "5 polling", "from ready to complete, polling", "lnb/deb13", 600 * time.Millisecond},
	}
	rows, errs := make([]row, len(cases)), make([]error, len(cases))
	var wg sync.WaitGroup
	for i, c := range cases { // Both wait for most of the time, so that they do not disturb each other.
		wg.Go(func() {
			var late []time.Duration
			for trial := range trials {
				d, err := b.lateness(ctx, box, c.operator, fmt.Sprintf("m-%d", trial), c.image)
				if errs[i] = err; err != nil {
					return
				}
				late = append(late, d)
			}
			least, most := spread(late)
			rows[i] = newRow(c.bar, fmt.Sprintf("%s, API %.0f s, worst of %d", c.measure, readyAfter.Seconds(), trials),
				fmt.Sprintf("+ %.2f s", most.Seconds()), fmt.Sprintf("≤ + %.1f s", c.target.Seconds()), most <= c.target,
				fmt.Sprintf("least %.3f s, median %.3f s, most %.3f s.", least.Seconds(), median(late).Seconds(), most.Seconds()))
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// lateness is how long after a machine was ready at the operator Terraform said so.
func (b *bench) lateness(ctx context.Context, box *sandbox.Sandbox, operator, name, image string) (time.Duration, error) {
	config := fmt.Sprintf(`resource "vdam_virtual_machine" "m" {
  name       = %q
  vcpus      = 1
  memory_mib = 2048
  image      = %q
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
}
`, name, image)
	w, err := b.workspace(providerBlock(box, operator, "load") + config)
	if err != nil {
		return 0, err
	}
	in, out := io.Pipe()
	cmd := w.command(ctx, out, "apply", "-auto-approve", "-no-color", "-input=false")
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() { _ = out.CloseWithError(cmd.Wait()) }()
	var complete time.Time
	var said []string
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "Creation complete") {
			complete = time.Now()
		}
	}
	if err := lines.Err(); err != nil {
		return 0, fmt.Errorf("the apply failed: %w\n%s", err, tail(strings.Join(said, "\n")))
	}
	if complete.IsZero() {
		return 0, fmt.Errorf("nothing was created:\n%s", tail(strings.Join(said, "\n")))
	}
	objects, err := box.Objects(ctx, operator)
	if err != nil {
		return 0, err
	}
	for _, o := range objects {
		var body struct {
			UpdatedAt time.Time `json:"updated_at"`
		}
		if o.Kind != "virtual-machines" || o.Name != name {
			continue
		}
		if err := json.Unmarshal(o.Body, &body); err != nil {
			return 0, fmt.Errorf("reading the machine: %w", err)
		}
		if o.State != "ready" {
			return 0, fmt.Errorf("the machine is %s", o.State)
		}
		return complete.Sub(body.UpdatedAt), nil
	}
	return 0, fmt.Errorf("the machine is not at the operator")
}
