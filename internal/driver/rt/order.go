package rt

import (
	"maps"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// order is what a ticket is to have, as RT takes it, and what is wrong with it.
type order struct {
	desk     *desk
	queue    queue
	body     map[string]any
	fields   map[string][]string
	problems problems
}

func (d *desk) newOrder(q queue) *order {
	return &order{desk: d, queue: q, body: make(map[string]any), fields: make(map[string][]string)}
}

// set is a part of a ticket that RT itself knows.
func (o *order) set(name string, value any) { o.body[name] = value }

// subject is cut by RT without a word, and made one line.
func (o *order) subject(v string) {
	switch {
	case len(v) > maxSubject:
		o.problems.add("/subject", "RT keeps %d bytes of a subject, and this one has %d: a letter outside of English takes two or more",
			maxSubject, len(v))
	case strings.ContainsAny(v, "\r\n"):
		o.problems.add("/subject", "A subject is one line in RT")
	}
	o.set("Subject", v)
}

// place puts a part of the model into the custom field for it. A desk without a place for it goes without, unless the
// user has named the place.
func (o *order) place(part, name, named string, values ...string) {
	has := o.queue.fields()
	switch {
	case name == "":
	case has == nil || slices.Contains(has, name):
		o.fields[name] = values
	case named != "":
		o.problems.add("/"+part, "The desk's mapping puts the %s into the field %q, which the queue %q does not have. It has: %s",
			strings.ReplaceAll(part, "_", " "), name, o.queue.Name, quoted(has))
	}
}

func (o *order) severity(v servicedesk.Severity) {
	o.place("severity", o.desk.mapping.Fields.Severity, o.desk.named.Severity, string(v))
}

func (o *order) project(v string) {
	o.place("project", o.desk.mapping.Fields.Project, o.desk.named.Project, v)
}

func (o *order) resources(v []string) {
	o.place("affected_resources", o.desk.mapping.Fields.AffectedResources, o.desk.named.AffectedResources, v...)
}

// own puts the desk's own fields. The lines of a value are the values of a field that has many.
func (o *order) own(fields map[string]string) {
	o.desk.checkFields(o.queue, fields, &o.problems)
	for name, value := range fields {
		o.fields[name] = strings.Split(value, "\n")
	}
}

// links puts links under RT's names for them, with Add or Delete before, or with nothing for a new ticket.
func (o *order) links(verb string, links []servicedesk.Link) {
	for _, l := range links {
		if strings.HasPrefix(l.Target, ownLinks) {
			o.problems.add("/links", "Links to %s are kept by the driver", ownLinks)
			continue
		}
		name := verb + linkNames[l.Type]
		targets, _ := o.body[name].([]string)
		o.body[name] = append(targets, l.Target)
	}
}

// finish answers the body of the request, or what is wrong with the order.
func (o *order) finish() (map[string]any, error) {
	if err := o.desk.refused(o.problems); err != nil {
		return nil, err
	}
	out := maps.Clone(o.body)
	if len(o.fields) > 0 {
		fields := make(map[string][]string, len(o.fields))
		for name, values := range o.fields {
			// An empty list empties a field of one value and one of many alike; an empty value would be one of the many.
			fields[name] = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
			if fields[name] == nil {
				fields[name] = []string{}
			}
		}
		out["CustomFields"] = fields
	}
	return out, nil
}
