package servicedesk

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Say says something in a ticket once, however often it is asked to, and answers the id of the message. What the account
// has said already, in the same words, is found in the history. Where there is none, it is said again.
func Say(ctx context.Context, d Desk, id ID, m Message) (string, error) {
	return say(ctx, d, id, m, "")
}

// say is Say of something that holds until another message of the account has the same beginning; an empty one is none.
func say(ctx context.Context, d Desk, id ID, m Message, beginning string) (string, error) {
	search := func(ctx context.Context) (string, error) { return sayingOf(ctx, d, id, m, beginning) }
	if said, err := search(ctx); err != nil || said != "" {
		return said, err
	}
	said, err := within(ctx, func(ctx context.Context) (string, error) { return d.Say(ctx, id, m) })
	if !errors.Is(err, cloud.ErrUnknownOutcome) || !d.Describe().History {
		return said, err
	}
	return searched(ctx, d.Describe().ServerTimeout, err, search)
}

// sayingOf finds an own message of the same words to the same people.
func sayingOf(ctx context.Context, d Desk, id ID, m Message, beginning string) (string, error) {
	if !d.Describe().History {
		return "", nil
	}
	seen, err := d.Get(ctx, id)
	if err != nil {
		return "", err
	}
	events, err := d.History(ctx, seen)
	if err != nil {
		return "", err
	}
	found := ""
	for _, e := range events {
		text := words(e.Message.Text)
		switch {
		case !e.Own || e.Kind != EventMessage:
		case text == words(m.Text) && (e.Message.Public == m.Public || !d.Describe().InternalMessages):
			found = cmp.Or(found, e.ID)
		case beginning != "" && strings.HasPrefix(text, words(beginning)):
			found = ""
		}
	}
	return found, nil
}

// words are a text without what desks make of its white space.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }
