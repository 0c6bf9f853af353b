package redmine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// attributes are what is sent of an issue.
type attributes map[string]any

// customField sets a custom field.
func (a attributes) customField(id int64, value any) {
	list, _ := a["custom_fields"].([]map[string]any)
	a["custom_fields"] = append(list, map[string]any{"id": id, "value": value})
}

// dueDate is the day of a time, in UTC; nothing for none. Redmine keeps no time of day.
func dueDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// setMapped sets a field that holds a part of the model, where the desk has one.
func (d *desk) setMapped(a attributes, name, value string) {
	if id := d.fields.find(name); name != "" && id != 0 {
		a.customField(id, value)
	}
}

// setResources sets the affected resources: as the list that the field was seen to be, or as text. In one line, as a browser
// makes one of several when somebody edits a field in the format "Text"; but on lines of their own where there is a comma
// in one of them.
func (d *desk) setResources(a attributes, resources []string) {
	id := d.fields.find(d.mapping.Fields.AffectedResources)
	sorted := slices.Sorted(slices.Values(resources))
	switch {
	case id == 0:
	case d.fields.holdsMany(id):
		a.customField(id, sorted)
	case slices.ContainsFunc(sorted, func(r string) bool { return strings.Contains(r, ",") }):
		a.customField(id, strings.Join(sorted, "\n")+"\n")
	default:
		a.customField(id, strings.Join(sorted, ", "))
	}
}

// setOwn sets the desk's own fields. One that the tracker does not have is refused before anything is sent: Redmine would
// drop it without a word. Before the first ticket, those asked for are looked for among the filters.
func (d *desk) setOwn(ctx context.Context, a attributes, tracker int64, values map[string]string) error {
	known, advice := d.fields.of(tracker), ""
	if known == nil {
		if err := d.probe(ctx, slices.Sorted(maps.Keys(values))); err != nil {
			return err
		}
		known = d.fields.names()
		advice = "A field that is not used as a filter shows as soon as there is one ticket of the tracker that the account sees."
	}
	mapped := d.mapping.Fields
	known = slices.DeleteFunc(slices.Clone(known), func(name string) bool {
		return name == mapped.ExternalKey || name == mapped.Severity || name == mapped.Project || name == mapped.AffectedResources
	})
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, name) {
			e := d.invalid(fieldPointer(name), fmt.Sprintf("Tickets in this tracker have no custom field %q of the desk's own. They have %s.",
				name, listed(known)))
			e.Advice = advice
			return e
		}
		id := d.fields.find(name)
		if d.fields.holdsMany(id) {
			a.customField(id, split(values[name], ","))
		} else {
			a.customField(id, values[name])
		}
	}
	return nil
}

// parentOf is the issue that is to be the parent, zero without.
func parentOf(links []servicedesk.Link) int64 {
	for _, l := range links {
		if n, ok := numberOf(servicedesk.ID(l.Target)); ok && l.Type == servicedesk.LinkParent {
			return n
		}
	}
	return 0
}
