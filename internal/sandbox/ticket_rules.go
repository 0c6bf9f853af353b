package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// restated is an order in the one form in which it is kept: sets are sorted, and nothing that is answered is missing.
func restated(o api.TicketCreate) api.TicketCreate {
	o.Description = optional(value(o.Description))
	o.Watchers = sortedSet(o.Watchers, cmp.Compare)
	o.AffectedResources = sortedSet(o.AffectedResources, cmp.Compare)
	o.Links = sortedSet(o.Links, func(a, b api.TicketLink) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Target, b.Target))
	})
	if o.Fields == nil {
		o.Fields = &api.TicketFields{}
	}
	if o.RequestedResolutionAt != nil {
		at := o.RequestedResolutionAt.UTC()
		o.RequestedResolutionAt = &at
	}
	return o
}

func sortedSet[T any](set *[]T, compare func(a, b T) int) *[]T {
	sorted := append([]T{}, value(set)...)
	slices.SortFunc(sorted, compare)
	return &sorted
}

// admitQueue finds out where an order goes, if it may.
func (w *world) admitQueue(o *api.TicketCreate) *problem {
	d := w.profile.ServiceDesk
	takes := func(q api.TicketQueue) bool { return slices.Contains(q.TicketTypes, o.TicketType) }
	if o.Queue == nil {
		i := slices.IndexFunc(d.Queues, takes)
		if i < 0 {
			return refused([]api.FieldError{fieldError("/ticket_type", "No queue takes tickets of the type %s.", o.TicketType)})
		}
		o.Queue = &d.Queues[i].Name
		return nil
	}
	if *o.Queue == d.ClosedQueue {
		return newProblem(http.StatusForbidden, "forbidden", "Only the desk's people file tickets in the queue %s.", *o.Queue)
	}
	i := slices.IndexFunc(d.Queues, func(q api.TicketQueue) bool { return q.Name == *o.Queue })
	switch {
	case i < 0:
		return refused([]api.FieldError{fieldError("/queue", "There is no queue %q.", *o.Queue)})
	case !takes(d.Queues[i]):
		return refused([]api.FieldError{fieldError("/queue", "The queue %s takes no tickets of the type %s.", *o.Queue, o.TicketType)})
	}
	return nil
}

// admitTicket checks what the schema cannot say of an order, or of a change if old is not nil.
func (w *world) admitTicket(project string, o api.TicketCreate, old *api.TicketCreate) *problem {
	var faults []api.FieldError
	for _, name := range slices.Sorted(maps.Keys(value(o.Fields))) {
		if text := w.faultOfField(name, (*o.Fields)[name]); text != "" {
			faults = append(faults, fieldError(pointer([]string{"fields", name}), "%s", text))
		}
	}
	for i, link := range value(o.Links) {
		if old != nil && slices.Contains(value(old.Links), link) {
			continue // A ticket may be gone by now, which is nothing against the link to it.
		}
		if u, err := url.Parse(link.Target); err == nil && u.Scheme != "" {
			continue
		}
		if t := w.desk.tickets[link.Target]; t == nil || t.Project != project || w.hidden(t) {
			at := fmt.Sprintf("/links/%d/target", i)
			faults = append(faults, fieldError(at, "%q is neither the id of a ticket of this project nor a URI.", link.Target))
		}
	}
	return refused(faults)
}

// faultOfField says what is wrong with the value of one of the desk's own fields; nothing if it is empty.
func (w *world) faultOfField(name, text string) string {
	fields := w.profile.ServiceDesk.Fields
	i := slices.IndexFunc(fields, func(f api.TicketField) bool { return f.Name == name })
	if i < 0 {
		return "The desk has no such field."
	}
	// The patterns are this package's own.
	if pattern := value(fields[i].Pattern); !regexp.MustCompile(pattern).MatchString(text) {
		return fmt.Sprintf("%q does not match %s.", text, pattern)
	}
	return ""
}

// statusRefused is the answer where the status of a ticket does not allow what is asked for.
func statusRefused(t *ticket, format string, args ...any) *problem {
	return newProblem(http.StatusConflict, "wrong-status", "The ticket %s is %s: %s.", t.number(), t.Status, fmt.Sprintf(format, args...))
}
