package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

// siteParallel is how much Terraform does at once where there is much to do: Neutron makes ports one after the other,
// and of many requests for them the last ones would wait too long.
const siteParallel = "-parallelism=5"

// perCycle is how many machines come and go together.
const perCycle = 10

// fleet is a workspace with siteFleetConfig.
func (s *site) fleet(b *bench, name, more string) (*workspace, error) {
	return b.workspace(s.block(name, more) + siteFleetConfig)
}

// fleetSize are the arguments for so many machines and volumes.
func fleetSize(machines, volumes int) []string {
	return []string{siteParallel, fmt.Sprintf("-var=machines=%d", machines), fmt.Sprintf("-var=volumes=%d", volumes)}
}

// measureCycles makes machines and removes them again and again, and looks at what stays.
func measureCycles(ctx context.Context, b *bench) ([]row, error) {
	w, err := b.site.fleet(b, "cycles", "")
	if err != nil {
		return nil, err
	}
	place := &sitePlace{site: b.site}
	room, _, err := place.open(ctx, 0)
	if err != nil {
		return nil, err
	}
	c := newCrashes(b, place, scenario{tidy: true})
	started := time.Now()
	for i := range b.rounds {
		for _, n := range []int{perCycle, 0} {
			args := append(fleetSize(n, 0), `-var=classes=["local",null]`)
			if _, err := w.apply(ctx, args...); err != nil {
				return nil, fmt.Errorf("round %d: %w", i+1, err)
			}
		}
		b.say("cycles    round %d of %d, %.0f s", i+1, b.rounds, time.Since(started).Seconds())
	}
	took := time.Since(started)
	gone, err := w.try(ctx, append([]string{"destroy", "-auto-approve", "-no-color"}, fleetSize(0, 0)...)...)
	if err != nil {
		return nil, err
	}
	left, _, err := c.settled(ctx, w, room)
	if err != nil {
		return nil, err
	}
	s, err := w.state()
	if err != nil {
		return nil, err
	}
	n := b.rounds * perCycle
	note := fmt.Sprintf("%.1f s per machine, from order to removal; each other one booted from a volume. Counted: servers, ports, "+
		"volumes, attachments, key pairs, networks, groups.", took.Seconds()/float64(max(n, 1)))
	if len(left) > 0 {
		note += "\n    left: " + listed(left)
	}
	if gone.code != 0 { // What is left may hold what the state still knows.
		note += "\n    the destroy failed:\n    " + strings.ReplaceAll(tail(gone.output), "\n", "\n    ")
	}
	bad := len(left) + len(s.instances())
	return []row{newRow("10 openstack cycles", fmt.Sprintf("objects left after %d machines came and went, %d at a time", n, perCycle),
		fmt.Sprint(bad), "0", bad == 0, note)}, nil
}

// refreshed is how a plan of a fleet went.
type refreshed struct {
	wall  time.Duration
	peak  int64
	total int
	calls map[string]int
}

func (r refreshed) String() string {
	var texts []string
	for _, kind := range slices.Sorted(maps.Keys(r.calls)) {
		texts = append(texts, fmt.Sprintf("%d %s", r.calls[kind], kind))
	}
	return fmt.Sprintf("%d calls in %.1f s: %s", r.total, r.wall.Seconds(), strings.Join(texts, ", "))
}

// measureOpenStackRefresh makes a fleet through the provider, and counts what it takes to read it.
func measureOpenStackRefresh(ctx context.Context, b *bench) ([]row, error) {
	w, err := b.site.fleet(b, "fleet", "")
	if err != nil {
		return nil, err
	}
	size := fleetSize(b.fleet, b.fleet)
	began := time.Now()
	if _, err := w.apply(ctx, size...); err != nil {
		return nil, err
	}
	making := time.Since(began)
	var shared, separate refreshed
	if shared, err = b.refresh(ctx, w, size); err == nil {
		if err = w.configure(b.site.block("fleet", "  separate_reads = true\n") + siteFleetConfig); err == nil {
			separate, err = b.refresh(ctx, w, size)
		}
	}
	began = time.Now()
	// Whether all goes is what the cycles are for; what does not goes with the site.
	gone, destroyed := w.try(ctx, append([]string{"destroy", "-auto-approve", "-no-color"}, size...)...)
	if err := errors.Join(err, destroyed); err != nil {
		return nil, err
	}
	rows := refreshRows(b.fleet, shared, separate)
	rows[0].Note += fmt.Sprintf(" Making them took %.0f s, removing them %.0f s.", making.Seconds(), time.Since(began).Seconds())
	if gone.code != 0 {
		rows[0].Note += " The destroy failed."
	}
	return rows, nil
}

// refreshRows compare the plans of a fleet of so many machines and as many volumes.
func refreshRows(fleet int, shared, separate refreshed) []row {
	resources := float64(2*fleet + 2)
	// Shared lists cost the same for two and for a thousand objects, which are a page of them: so much is 0.02 calls for
	// each of a thousand machines and volumes.
	const most = 40
	mib := float64(shared.peak) / (1 << 20)
	return []row{
		newRow("1 openstack", fmt.Sprintf("calls, plan of %d machines with a port and a boot volume, %d volumes", fleet, fleet),
			fmt.Sprintf("%d, %.3f per resource", shared.total, float64(shared.total)/resources), fmt.Sprintf("≤ %d", most), shared.total <= most,
			fmt.Sprintf("%s. With separate_reads %.2f per resource, %s.", shared, float64(separate.total)/resources, separate)),
		newRow("4 openstack", "plan wall, shared reads ÷ separate reads", fmt.Sprintf("%.2f", shared.wall.Seconds()/separate.wall.Seconds()),
			"≤ 1", shared.wall <= separate.wall, ""),
		newRow("7 openstack", "provider RSS, plan of the same", fmt.Sprintf("%.0f MiB", mib), "≤ 200 MiB", mib <= 200,
			fmt.Sprintf("%.0f MiB with separate_reads.", float64(separate.peak)/(1<<20))),
	}
}

// refresh plans, which must find nothing to do, and counts the requests.
func (b *bench) refresh(ctx context.Context, w *workspace, args []string) (r refreshed, err error) {
	b.site.tap.Reset()
	began := time.Now()
	r.peak, err = w.planWatched(ctx, args...)
	r.wall, r.calls = time.Since(began), map[string]int{}
	for _, request := range b.site.tap.Requests() {
		r.total++
		r.calls[siteCall(request)]++
	}
	return r, err
}

// siteCall says what a request was for: its method, and its path without what differs from object to object.
func siteCall(r tap.Request) string {
	address, _, _ := strings.Cut(r.Address, "?")
	parts := strings.Split(address, "/")[1:]
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" || len(p) < 5 && p[0] == 'v' })
	for i, p := range parts {
		if len(p) >= 32 {
			parts[i] = "…"
		}
	}
	if len(parts) == 0 {
		parts = []string{"versions"}
	}
	return r.Method + " " + strings.Join(parts, "/")
}
