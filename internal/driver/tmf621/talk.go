package tmf621

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// talkFields are those of a ticket's messages, and of who has to do with it.
func (v version) talkFields() string {
	if v == v4 {
		return "id,status,note,relatedParty,externalId"
	}
	return "id,status,note,relatedParty,externalIdentifier"
}

// signature is who writes our messages. Desks may put their own name for the account in its place.
func (d *desk) signature() string { return cmp.Or(d.account, nameless) }

// ours reports whether a message in a ticket is the account's.
func (d *desk) ours(author string, t ticket) bool {
	if author == "" {
		return false
	}
	if by, told := originator(t); told && d.own(t) && samePerson(by, author) {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.EqualFold(author, d.signature()) || d.authors[author]
}

// meet remembers a name that the desk has put under a message of ours.
func (d *desk) meet(author text) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if author != "" {
		d.authors[string(author)] = true
	}
}

// message is a note with an id that is the only one of the ticket.
type message struct {
	note

	id string
}

// messages are a ticket's. Not all desks give notes ids, or different ones; then it is their place that tells them apart,
// as notes are only ever added.
func (t ticket) messages() []message {
	var out []message
	taken := make(map[string]bool)
	for _, n := range each[note](t.Notes) {
		id := string(n.ID)
		if id == "" || taken[id] {
			id = fmt.Sprintf("note-%d", len(out)+1)
		}
		taken[id] = true
		out = append(out, message{n, id})
	}
	return out
}

// Say adds a message and answers its id: that of the one that was not there before and has these words.
func (d *desk) Say(ctx context.Context, id servicedesk.ID, m servicedesk.Message) (string, error) {
	before, _, err := d.ticket(ctx, string(id), d.version.talkFields())
	if err != nil {
		return "", err
	}
	if before.ID != text(id) {
		return "", d.merged(string(id), before)
	}
	accepted, err := d.add(ctx, id, notes, d.version.note(d.signature(), m.Text, d.now()), nil)
	if err != nil {
		return "", err
	}
	after, _, err := d.ticket(ctx, string(id), d.version.talkFields())
	if err != nil {
		return "", err
	}
	known := make(map[string]bool)
	for _, n := range before.messages() {
		known[n.id] = true
	}
	for _, n := range after.messages() {
		if !known[n.id] && sameWords(string(n.Text), m.Text) {
			d.meet(n.Author)
			return n.id, nil
		}
	}
	if accepted {
		return "", d.promised(string(id))
	}
	return "", d.refused(cloud.ErrForbidden, fmt.Sprintf("The desk did not take the message for ticket %s, and did not say why.", id),
		"Ask the desk's operator to let the account add notes.")
}

// sameWords compares texts but for white space.
func sameWords(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}
