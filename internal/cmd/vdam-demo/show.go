package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"
)

// resource is what is shown of one.
type resource struct {
	Address string `json:"address"`
	Mode    string `json:"mode"`
	Type    string `json:"type"`
	Values  struct {
		Name      string   `json:"name"`
		Operator  string   `json:"operator"`
		Status    string   `json:"status"`
		Addresses []string `json:"addresses"`
		CIDR      string   `json:"cidr"`
		SizeGiB   int64    `json:"size_gib"`
		Device    string   `json:"device"`
		VCPUs     int64    `json:"vcpus"`
		MemoryMiB int64    `json:"memory_mib"`
	} `json:"values"`
}

// show prints what exists where, and what to try next.
func (d *demo) show(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, d.terraform, "show", "-json") //nolint:gosec // The program is Terraform.
	cmd.Dir, cmd.Env = d.path("quickstart"), append(ownEnvironment(), d.environment()...)
	raw, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	var state struct {
		Values struct {
			Root struct {
				Resources []resource `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	resources := slices.DeleteFunc(state.Values.Root.Resources, func(r resource) bool { return r.Mode != "managed" })
	slices.SortStableFunc(resources, func(a, b resource) int {
		return cmp.Or(-cmp.Compare(a.Values.Operator, b.Values.Operator), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Address, b.Address))
	})
	_, _ = fmt.Fprintln(d.out)
	t := tabwriter.NewWriter(d.out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(t, "WHAT\tOPERATOR\tSTATUS\tADDRESS\tSIZE")
	for _, r := range resources {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n",
			strings.TrimPrefix(r.Address, "vdam_"), r.Values.Operator, r.Values.Status, r.place(), r.size())
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("printing the table: %w", err)
	}
	_, _ = fmt.Fprintf(d.out, next, d.directoryBase())
	return nil
}

// place is where an object can be found.
func (r resource) place() string {
	return cmp.Or(strings.Join(r.Values.Addresses, ", "), r.Values.CIDR, r.Values.Device, "-")
}

func (r resource) size() string {
	switch {
	case r.Values.VCPUs > 0:
		return fmt.Sprintf("%d vCPU, %d MiB", r.Values.VCPUs, r.Values.MemoryMiB)
	case r.Values.SizeGiB > 0:
		return fmt.Sprintf("%d GiB", r.Values.SizeGiB)
	}
	return "-"
}

func (d *demo) directoryBase() string { return strings.TrimSuffix(d.directory, "/operators.json") }

const next = `
No changes. A second plan finds everything as declared.

Try next, after:  . .demo/env && cd .demo/quickstart
  1. Grow:     set size_gib = 200 for "database" and vcpus = 4 for "web" in main.tf, then: terraform apply
               Both change in place.
  2. Err:      set memory_mib = 3000 for "standby", then: terraform plan
               It is refused before anything is made, with the nearest sizes.
  3. Break:    curl -X POST %s/_sandbox/faults -d '{"method":"POST","path":"networks$","after":true,"reset":true,"times":1}'
               add a vdam_network, then: terraform apply
               The answer is lost, and yet there is one network, in the state.

The operators run until:  make demo-down
`
