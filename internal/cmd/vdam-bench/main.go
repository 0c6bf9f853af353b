// Command vdam-bench measures the provider by its bars: `make bench`, or `make bench-quick` for fewer trials. What of
// them is to hold at a real OpenStack too it measures there: `make bench-openstack`.
//
// It drives a real Terraform and the provider as a process of its own against a sandbox in this process, beside a
// provider that only echoes. Ratios are of runs side by side, counts are exact. A missed bar is a result and no
// failure; it fails if something could not be measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	o := options{out: os.Getenv("BENCH_OUT")}
	flag.BoolVar(&o.quick, "quick", false, "fewer trials and smaller projects")
	flag.StringVar(&o.only, "only", "", "measure these parts alone, separated by commas: "+partNames(parts)+
		"; at an OpenStack: "+partNames(openstackParts))
	flag.Uint64Var(&o.seed, "seed", 1, "where the random points of the crashes begin")
	flag.StringVar(&o.openstack, "openstack", "", "measure at a real OpenStack: an entry of clouds.yaml, whose project nobody else uses")
	flag.IntVar(&o.trials, "trials", 8, "OpenStack: how often the provider is killed; Terraform is half as often")
	flag.IntVar(&o.rounds, "rounds", 20, "OpenStack: how often ten machines are made and removed")
	flag.IntVar(&o.fleet, "fleet", 100, "OpenStack: how many machines, and as many volumes, are refreshed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "vdam-bench:", err)
		os.Exit(1)
	}
}

type options struct {
	quick     bool
	only, out string
	seed      uint64
	// openstack is an entry of clouds.yaml, and empty where the sandbox is measured; the numbers are for it alone.
	openstack             string
	trials, rounds, fleet int
}

// part is what is measured together.
type part struct {
	name string
	run  func(context.Context, *bench) ([]row, error)
	// timed is a part that measures time, and has the machine for itself.
	timed bool
}

// parts are in the order of their running; those that only count run beside their neighbours.
var parts = []part{
	{"tests", nameTests, false},
	{"size", measureSize, true},
	{"start", measureStart, true},
	{"scale", measureScale, true},
	{"ready", measureReady, true},
	{"secrets", measureSecrets, false},
	{"crash", measureCrash, false},
	{"interrupt", measureInterrupt, false},
	{"create", measureCreate, false},
	{"foreign", measureForeign, false},
}

// abreast is how many parts that only count run at once.
const abreast = 2

func partNames(parts []part) string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// limit bounds the measuring, without the building before it.
func (o options) limit() time.Duration {
	switch {
	case o.openstack != "":
		return 2 * time.Hour
	case o.quick:
		return 3 * time.Minute
	}
	return 15 * time.Minute
}

func run(ctx context.Context, o options) error {
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	defer b.close()
	ctx, cancel := context.WithTimeout(ctx, o.limit())
	defer cancel()
	started, measured := time.Now(), parts
	if o.openstack != "" {
		measured = openstackParts
		if b.site, err = openSite(ctx, o.openstack); err != nil {
			return err
		}
	}
	rows, failed := b.measure(ctx, measured)
	if b.site != nil {
		failed = errors.Join(failed, b.site.close(ctx))
	}
	printTable(os.Stdout, rows, o.quick)
	fmt.Printf("\n%.0f s of measuring, after %.0f s of building. %s\n",
		time.Since(started).Seconds(), b.building.Seconds(), loadAverage())
	if o.out != "" {
		failed = errors.Join(failed, writeJSON(o.out, rows))
	}
	return failed
}

// measure runs the parts. What could be measured is in the rows even if something else could not.
func (b *bench) measure(ctx context.Context, parts []part) (rows []row, failed error) {
	var mu sync.Mutex
	var others sync.WaitGroup
	slots := make(chan struct{}, abreast)
	one := func(p part) {
		began := time.Now()
		got, err := p.run(ctx, b)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s could not be measured: %w", p.name, err))
		}
		rows = append(rows, got...)
		b.say("%-9s %5.1f s", p.name, time.Since(began).Seconds())
	}
	for _, p := range parts {
		if b.only != "" && !slices.Contains(strings.Split(b.only, ","), p.name) {
			continue
		}
		if p.timed {
			others.Wait()
			one(p)
			continue
		}
		slots <- struct{}{}
		others.Go(func() {
			defer func() { <-slots }()
			one(p)
		})
	}
	others.Wait()
	return rows, failed
}
