package redmine

import (
	"fmt"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// checkMapping refuses what somebody wrote into the configuration and the desk does not have. What the defaults name and
// the desk does not have is refused when it is needed.
func (d *desk) checkMapping(own servicedesk.Mapping) error {
	const correct = "Correct the mapping of the desk, or ask the desk's operator."
	for t, m := range own.Types {
		if m.Queue != "" && d.tracker(m.Queue) == 0 {
			return d.refused(cloud.ErrInvalid, fmt.Sprintf("Tickets of the type %s are to go to the tracker %q, which the project %q does not "+
				"have. It has %s.", t, m.Queue, d.project.Identifier, listed(d.trackers())), correct)
		}
		for _, status := range []string{m.CancelStatus, m.CloseStatus} {
			if status != "" && d.statusID(status) == 0 {
				return d.refused(cloud.ErrInvalid, fmt.Sprintf("The desk has no status %q. It has %s.", status, listed(d.statusNames())), correct)
			}
		}
	}
	for _, name := range []string{own.Fields.ExternalKey, own.Fields.Severity, own.Fields.Project, own.Fields.AffectedResources} {
		// Only where all fields are known is one that is not surely not there.
		if name != "" && d.fields.find(name) == 0 && d.sampled() {
			return d.refused(cloud.ErrInvalid, fmt.Sprintf("The tickets of the project %q have no custom field %q. They have %s.",
				d.project.Identifier, name, listed(d.fields.names())), correct)
		}
	}
	return nil
}

// tracker answers the id of a tracker of the project, zero without.
func (d *desk) tracker(name string) int64 { return idOf(d.project.Trackers, name) }

func (d *desk) trackers() []string { return namesOf(d.project.Trackers) }

// statusID answers the id of a status, zero without.
func (d *desk) statusID(name string) int64 { return idOf(d.statuses, name) }

func (d *desk) statusNames() []string { return namesOf(d.statuses) }

// statusName answers what a status of the history is called; it may be gone since.
func (d *desk) statusName(id string) string {
	for _, s := range d.statuses {
		if fmt.Sprint(s.ID) == id {
			return s.Name
		}
	}
	if id == "" {
		return ""
	}
	return "status " + id
}

func idOf(in []ref, name string) int64 {
	if i := slices.IndexFunc(in, func(r ref) bool { return r.Name == name }); i >= 0 {
		return in[i].ID
	}
	return 0
}

func namesOf(in []ref) []string {
	out := make([]string, len(in))
	for i, r := range in {
		out[i] = r.Name
	}
	return out
}

// queueOf is the tracker of a type, or the one that is said instead.
func (d *desk) queueOf(t servicedesk.Type, queue string) (int64, error) {
	if queue == "" {
		queue = d.mapping.Types[t].Queue
	}
	if queue == "" {
		return 0, d.invalid("/type", fmt.Sprintf("The desk has no tracker for tickets of the type %q.", t))
	}
	id := d.tracker(queue)
	if id == 0 {
		return 0, d.invalid("/queue", fmt.Sprintf("The project %q has no tracker %q. It has %s.",
			d.project.Identifier, queue, listed(d.trackers())))
	}
	return id, nil
}

// keyField is the id of the custom field that holds the external key.
func (d *desk) keyField() (int64, error) {
	name := d.mapping.Fields.ExternalKey
	if id := d.fields.find(name); id != 0 {
		return id, nil
	}
	return 0, d.refused(cloud.ErrUnsupported,
		fmt.Sprintf("The account %q sees no custom field %q at the tickets of the project %q, and without it a ticket that was filed "+
			"cannot be found again.", d.account.Login, name, d.project.Identifier),
		fmt.Sprintf("Ask the desk's operator for a custom field of issues in the format \"Text\", named %q, for all trackers and the "+
			"project, visible to the account's role, \"used as a filter\" and \"searchable\". If it is there already and is no filter, "+
			"it shows as soon as there is one ticket of each tracker that the account sees.", name))
}
