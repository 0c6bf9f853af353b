package acctest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// DeskConfig is Config with the service desk of every operator that has one, under the operator's name. The first is the
// default.
func (e *Env) DeskConfig(body string) string {
	return e.ProviderBlock(e.Desks()) + body
}

// Desks are the arguments of the provider block for the service desks.
func (e *Env) Desks() string {
	var b strings.Builder
	first := ""
	for _, name := range e.DeskOperators() {
		if first == "" {
			first = name
		}
		fmt.Fprintf(&b, "    %s = { operator = %q }\n", name, name)
	}
	return fmt.Sprintf("  service_desks = {\n%s  }\n  default_service_desk = %q", b.String(), first)
}

// DeskOperators are the sandbox's operators that have a service desk.
func (e *Env) DeskOperators() []string {
	return slices.DeleteFunc(e.Operators(), func(name string) bool { return name == "lnb" })
}

// Desk is the service desk of an operator, as its people see it.
type Desk struct {
	t        *testing.T
	box      *sandbox.Sandbox
	operator string
}

// Desk is that of an operator.
func (e *Env) Desk(t *testing.T, operator string) *Desk {
	t.Helper()
	return &Desk{t, e.Box, operator}
}

// Tickets are all of the desk, oldest first, those too that were merged into others or that no client sees.
func (d *Desk) Tickets() []sandbox.Ticket {
	d.t.Helper()
	all, err := d.box.Tickets(context.WithoutCancel(d.t.Context()), d.operator)
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// Last is the newest ticket that was filed with a subject.
func (d *Desk) Last(subject string) sandbox.Ticket {
	d.t.Helper()
	all := d.Tickets()
	for _, ticket := range slices.Backward(all) {
		if ticket.Subject == subject {
			return ticket
		}
	}
	d.t.Fatalf("%s has no ticket %q, only %q", d.operator, subject, d.Standing())
	return sandbox.Ticket{}
}

// Deed is something that the desk's people do to a ticket.
type Deed func(ctx context.Context, people *sandbox.Agent, id string) error

// Do has the people do something to the newest ticket of a subject.
func (d *Desk) Do(subject string, deeds ...Deed) {
	d.t.Helper()
	ctx, id := context.WithoutCancel(d.t.Context()), d.Last(subject).Id
	for _, deed := range deeds {
		if err := deed(ctx, d.box.Agent(d.operator), id); err != nil {
			d.t.Fatal(err)
		}
	}
}

// Doing is Do for later.
func (d *Desk) Doing(subject string, deeds ...Deed) func() {
	return func() { d.t.Helper(); d.Do(subject, deeds...) }
}

// Once does something as soon as a ticket of the subject is there and somebody has looked at it after that. The error is
// given by the function that it answers, which waits.
func (d *Desk) Once(subject string, deeds ...Deed) (done func() error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.t.Context()), time.Minute)
	result := make(chan error, 1)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				result <- fmt.Errorf("nobody has waited for a ticket %q", subject)
				return
			case <-tick.C:
			}
			id, watched, err := d.watched(ctx, subject)
			if err != nil || watched {
				for _, deed := range deeds {
					err = errors.Join(err, deed(ctx, d.box.Agent(d.operator), id))
				}
				result <- err
				return
			}
		}
	}()
	return func() error { defer cancel(); return <-result }
}

// watched reports whether anybody has asked for the history of a ticket, as those do who wait for it.
func (d *Desk) watched(ctx context.Context, subject string) (id string, watched bool, err error) {
	all, err := d.box.Tickets(ctx, d.operator)
	if err != nil {
		return "", false, err
	}
	for _, ticket := range all {
		if ticket.Subject == subject {
			id = ticket.Id
		}
	}
	return id, id != "" && slices.ContainsFunc(d.box.Requests(), func(r sandbox.Request) bool {
		return strings.HasSuffix(r.Path, "/"+id+"/events")
	}), nil
}

// Standing are all tickets, oldest first, as "subject: status".
func (d *Desk) Standing() []string {
	d.t.Helper()
	var out []string
	for _, ticket := range d.Tickets() {
		out = append(out, ticket.Subject+": "+string(ticket.Status))
	}
	return out
}

// Stands checks, in a step or after a destroy, which tickets there are and how they stand, in any order: what Terraform
// files at the same time is filed in none.
func (d *Desk) Stands(want ...string) resource.TestCheckFunc {
	slices.Sort(want)
	return func(*terraform.State) error {
		if got := slices.Sorted(slices.Values(d.Standing())); !slices.Equal(got, want) {
			return fmt.Errorf("the tickets at %s stand\n%s\nwant\n%s", d.operator, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		return nil
	}
}

// Said are the messages in the newest ticket of a subject, oldest first, as "author: text", with a mark on those that not
// everybody sees.
func (d *Desk) Said(subject string) []string {
	d.t.Helper()
	var out []string
	for _, e := range d.Last(subject).Events {
		if e.Message == nil {
			continue
		}
		text := e.Author + ": " + e.Message.Text
		if !e.Message.Public {
			text += " (internal)"
		}
		out = append(out, text)
	}
	return out
}

// Heard checks in a step what was said in the newest ticket of a subject.
func (d *Desk) Heard(subject string, want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := d.Said(subject); !slices.Equal(got, want) {
			return fmt.Errorf("in the ticket %q was said\n%s\nwant\n%s", subject, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		return nil
	}
}
