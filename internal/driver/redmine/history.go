package redmine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// notes are a message in Redmine's terms. Where the account may not say anything internal, all that it says is public: to
// send the wish nevertheless would have the same effect, without a word.
func (d *desk) notes(m servicedesk.Message) attributes {
	a := attributes{}
	if m.Text == "" {
		return a
	}
	a["notes"] = m.Text
	if !m.Public && d.permissions.may(setNotesPrivate) {
		a["private_notes"] = true
	}
	return a
}

// History answers the steps of an issue. That of its creation is made up: Redmine has none.
func (d *desk) History(ctx context.Context, t servicedesk.Ticket) ([]servicedesk.Event, error) {
	n, err := d.number(t.ID)
	if err != nil {
		return nil, err
	}
	i, err := d.issue(ctx, n, "journals")
	if err != nil {
		return nil, err
	}
	// The order is one of the account's settings.
	slices.SortFunc(i.Journals, func(a, b journal) int { return cmp.Compare(a.ID, b.ID) })
	kind := d.mapping.TypeOf(i.Tracker.Name)
	first := i.Status.Name
	events := make([]servicedesk.Event, 1, len(i.Journals)+1)
	for _, j := range slices.Backward(i.Journals) {
		for _, c := range j.Details {
			if c.changesStatus() {
				first = d.statusName(c.Old)
			}
		}
	}
	for _, j := range i.Journals {
		events = append(events, d.event(i, j, kind))
	}
	events[0] = servicedesk.Event{
		ID: "created", Kind: servicedesk.EventCreated, At: i.CreatedOn.UTC(), Author: i.Author.Name,
		Own: i.Author.ID == d.account.ID, ToNative: first, To: d.mapping.Meaning(kind, first),
	}
	return events, nil
}

// changesStatus reports whether a change is one of the status.
func (c detail) changesStatus() bool { return c.Property == "attr" && c.Name == "status_id" }

// event is one step. The desk's people are all but who filed the ticket and we.
func (d *desk) event(i issue, j journal, kind servicedesk.Type) servicedesk.Event {
	e := servicedesk.Event{
		ID: fmt.Sprint(j.ID), Kind: servicedesk.EventOther, At: j.CreatedOn.UTC(), Author: j.User.Name,
		Own: j.User.ID == d.account.ID, Staff: j.User.ID != d.account.ID && j.User.ID != i.Author.ID,
	}
	if j.Notes != "" {
		e.Kind, e.Message = servicedesk.EventMessage, servicedesk.Message{Text: lines(j.Notes), Public: !j.PrivateNotes}
	}
	for _, c := range j.Details {
		if c.changesStatus() {
			e.Kind, e.FromNative, e.ToNative = servicedesk.EventStatus, d.statusName(c.Old), d.statusName(c.New)
			e.To = d.mapping.Meaning(kind, e.ToNative)
		}
	}
	return e
}

// Say adds a note. The answer is empty, so that its number has to be found: it is the newest of ours with these words.
func (d *desk) Say(ctx context.Context, id servicedesk.ID, m servicedesk.Message) (string, error) {
	n, err := d.number(id)
	if err != nil {
		return "", err
	}
	if err := d.patch(ctx, n, d.notes(m)); err != nil {
		return "", err
	}
	i, err := d.issue(ctx, n, "journals")
	if err != nil {
		return "", err
	}
	said := journal{}
	for _, j := range i.Journals {
		if j.User.ID == d.account.ID && sameWords(j.Notes, m.Text) && j.ID > said.ID {
			said = j
		}
	}
	if said.ID == 0 {
		return "", d.refused(cloud.ErrForbidden, fmt.Sprintf("Redmine did not take the message for ticket #%d and did not say why.", n),
			"Ask the desk's operator to let the account add notes.")
	}
	return fmt.Sprint(said.ID), nil
}

// sameWords compares texts but for white space at line ends.
func sameWords(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}
