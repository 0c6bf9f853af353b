package tmf621front

import (
	"cmp"
	"context"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// together is how far apart what belongs to one change may be in a desk's history.
const together = 2 * time.Second

// past are a ticket's notes, and its changes of status as far as they are ones in the API's words.
func (f *Front) past(ctx context.Context, c call, t servicedesk.Ticket, doc object) error {
	events, err := history(ctx, c.account.Desk, t)
	if err != nil {
		return err
	}
	notes, changes := []object{}, []object{}
	last := ""
	for _, e := range events {
		if e.Message.Text != "" && e.Kind != servicedesk.EventCreated {
			author := e.Author
			if e.Own && f.options.Manners.RenamesAuthors {
				author = "account of " + c.account.Name
			} else if e.Own {
				author = c.account.Name
			}
			notes = append(notes, f.typed("Note", object{
				"id": e.ID, "author": cmp.Or(author, "desk"), "date": stamp(e.At), "text": e.Message.Text,
			}))
		}
		status := nativeStatuses[e.To.Status]
		if e.ToNative == "" || status == last || e.Kind != servicedesk.EventCreated && e.Kind != servicedesk.EventStatus {
			continue
		}
		reason := reasonOf(e, events)
		if last == "" {
			reason = "Created"
		}
		last = status
		change := object{"status": status}
		if f.options.Version == 4 {
			change["changeDate"], change["changeReason"] = stamp(e.At), reason
		} else {
			change["statusChangeDate"], change["statusChangeReason"] = stamp(e.At), reason
		}
		changes = append(changes, f.typed("StatusChange", change))
		doc["statusChangeDate"], doc["statusChangeReason"] = stamp(e.At), reason
	}
	doc["note"] = notes
	switch {
	case f.options.Manners.NoHistory:
	case f.options.Version == 4:
		doc["statusChange"] = changes
	default:
		doc["statusChangeHistory"] = changes
	}
	return nil
}

// reasonOf is what was said with a change of status; some desks tell that apart from it.
func reasonOf(change servicedesk.Event, events []servicedesk.Event) string {
	if change.Message.Text != "" {
		return change.Message.Text
	}
	for _, e := range events {
		if e.Kind == servicedesk.EventMessage && e.Author == change.Author && e.At.Sub(change.At).Abs() <= together && e.Message.Text != "" {
			return e.Message.Text
		}
	}
	return ""
}
