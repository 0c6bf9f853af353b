package redmine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// relationTypes are what links are between issues. For a link to what is no ticket of the desk Redmine has no place, nor
// has it requests other than DELETE to take a relation or a watcher away, and this driver deletes nothing.
var relationTypes = map[servicedesk.LinkType]string{
	servicedesk.LinkRefersTo: "relates", servicedesk.LinkDependsOn: "blocked",
}

// linksOf are an issue's relations as far as the model has words for them, sorted.
func linksOf(i issue) []servicedesk.Link {
	var out []servicedesk.Link
	if i.Parent.ID > 0 {
		out = append(out, servicedesk.Link{Type: servicedesk.LinkParent, Target: string(idFor(i.Parent.ID))})
	}
	for _, r := range i.Relations {
		switch {
		case r.Type == "relates" && r.From == i.ID:
			out = append(out, servicedesk.Link{Type: servicedesk.LinkRefersTo, Target: string(idFor(r.To))})
		case r.Type == "relates":
			out = append(out, servicedesk.Link{Type: servicedesk.LinkRefersTo, Target: string(idFor(r.From))})
		case r.Type == "blocks" && r.To == i.ID:
			out = append(out, servicedesk.Link{Type: servicedesk.LinkDependsOn, Target: string(idFor(r.From))})
		}
	}
	slices.SortFunc(out, func(a, b servicedesk.Link) int {
		return strings.Compare(string(a.Type)+" "+a.Target, string(b.Type)+" "+b.Target)
	})
	return slices.Compact(out)
}

// relate adds a relation. What there is no place or no permission for is left out, as Redmine itself does it.
func (d *desk) relate(ctx context.Context, id int64, l servicedesk.Link) error {
	kind := relationTypes[l.Type]
	other, ok := numberOf(servicedesk.ID(l.Target))
	if kind == "" || !ok || !d.permissions.may(manageRelations) {
		return nil
	}
	err := d.post(ctx, fmt.Sprintf("/issues/%d/relations.json", id),
		map[string]any{"relation": map[string]any{"issue_to_id": other, "relation_type": kind}}, nil)
	var e *cloud.Error
	switch {
	case errors.Is(err, cloud.ErrForbidden):
		return nil
	case errors.Is(err, cloud.ErrInvalid) && errors.As(err, &e):
		e.Fields = []cloud.FieldError{{Pointer: "/links", Text: e.Text}}
	}
	return err
}
