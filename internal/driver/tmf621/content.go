package tmf621

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// severities are written as in the standard's examples.
var severities = map[servicedesk.Severity]string{
	servicedesk.SeverityCritical: "Critical", servicedesk.SeverityMajor: "Major", servicedesk.SeverityMinor: "Minor",
}

// What entities are to the desk.
const (
	projectKind  = "Project"
	resourceKind = "Resource"
	addressKind  = "URI"
)

// checkFields refuses the desk's own fields where the API has no place for any.
func (d *desk) checkFields(fields map[string]string) error {
	if d.version >= v5 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		return d.invalid(fieldPointer(name), fmt.Sprintf("TMF621 v4 has no place for the field %q, nor for any other of the desk's own.", name))
	}
	return nil
}

// entities are the affected resources, the project, and the links to addresses; the elements of those kinds that there
// are get lost, all others stay.
func (d *desk) entities(in items, project string, resources []string, links []servicedesk.Link) []any {
	f := d.mapping.Fields
	others := without(in, func(e entity) bool {
		return string(e.Role) == f.Project || string(e.Role) == f.AffectedResources || linkType(linkRoles, string(e.Role)) != ""
	})
	var own []map[string]any
	if project != "" {
		own = append(own, d.version.entity(f.Project, project, projectKind))
	}
	for _, r := range slices.Sorted(slices.Values(resources)) {
		own = append(own, d.version.entity(f.AffectedResources, r, resourceKind))
	}
	for _, l := range links {
		if !isTicket(l) {
			own = append(own, d.version.entity(linkRoles[l.Type], l.Target, addressKind))
		}
	}
	return others.with(own...)
}

// isTicket tells a link to a ticket from one to an address.
func isTicket(l servicedesk.Link) bool { return validID(l.Target) && !strings.Contains(l.Target, ":") }

// related adds and removes links to tickets.
func (d *desk) related(in items, add, remove []servicedesk.Link) []any {
	is := func(l servicedesk.Link, r relationship) bool { return l.Target == string(r.ID) && l.Type == r.link() }
	rest := without(in, func(r relationship) bool {
		return slices.ContainsFunc(remove, func(l servicedesk.Link) bool { return is(l, r) }) ||
			slices.ContainsFunc(add, func(l servicedesk.Link) bool { return is(l, r) })
	})
	var own []map[string]any
	for _, l := range add {
		if isTicket(l) {
			own = append(own, d.version.relationship(l))
		}
	}
	return rest.with(own...)
}

// watched adds and removes watchers. Other parties stay as they are.
func (d *desk) watched(in items, add, remove []string) []any {
	among := func(all []string, p party) bool {
		return slices.ContainsFunc(all, func(w string) bool { return samePerson(p.target(), w) })
	}
	rest := without(in, func(p party) bool { return p.is(roleWatcher) && (among(remove, p) || among(add, p)) })
	var own []map[string]any
	for _, w := range add {
		own = append(own, d.version.party(roleWatcher, w))
	}
	return rest.with(own...)
}

// characteristics sets the desk's own fields by their names, and takes off those that are to be empty. The form of one
// that there is stays, as far as its value allows.
func (d *desk) characteristics(in items, fields map[string]string) []any {
	var out []any
	left := maps.Clone(fields)
	for _, raw := range in {
		var c characteristic
		if json.Unmarshal(raw, &c) != nil {
			out = append(out, raw)
			continue
		}
		value, wanted := fields[string(c.Name)]
		if !wanted || value != "" && value == c.String() {
			out = append(out, raw)
			delete(left, string(c.Name))
			continue
		}
		if _, first := left[string(c.Name)]; first && value != "" {
			out = append(out, rewritten(raw, c, value, d.version))
		}
		delete(left, string(c.Name))
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if left[name] != "" {
			out = append(out, d.version.characteristic(name, left[name]))
		}
	}
	return append([]any{}, out...) // An empty array, and not null, takes all off.
}

// rewritten is a characteristic with another value: a number or a truth value where it was one.
func rewritten(raw json.RawMessage, c characteristic, value string, v version) any {
	var all map[string]json.RawMessage
	var wasText string
	quoted, err := json.Marshal(value)
	switch {
	case err != nil || json.Unmarshal(raw, &all) != nil || len(c.Value) == 0:
		return v.characteristic(string(c.Name), value)
	case json.Unmarshal(c.Value, &wasText) == nil:
		all["value"] = quoted
	case plainValue(string(c.Value)) && plainValue(value):
		all["value"] = json.RawMessage(value)
	default:
		return v.characteristic(string(c.Name), value)
	}
	return all
}

// plainValue reports whether a text is a number or a truth value in JSON, and nothing beside it.
func plainValue(s string) bool {
	var number float64
	var truth bool
	raw := []byte(s)
	return s != "null" && strings.TrimSpace(s) == s && (json.Unmarshal(raw, &number) == nil || json.Unmarshal(raw, &truth) == nil)
}
