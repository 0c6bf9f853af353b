package rt

import (
	"cmp"
	"context"
	"errors"
	"net/mail"
	"net/url"
	"strings"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// nobody owns what nobody works on, system does what RT does by itself.
const (
	nobody = "Nobody"
	system = "RT_System"
)

// people are what is known of RT's users. A ticket names them as their accounts are called, and whoever declares a ticket
// names them by their addresses, so that addresses are what is shown.
type people struct {
	mu sync.Mutex
	// me is the account's name; empty while it is not known. asked says that there was nothing from which to know it.
	me    string
	asked bool
	// addresses has them by name in lower case.
	addresses map[string]string
}

// user is one, of which RT tells little to others.
type user struct {
	ID                 text `json:"id"`
	Name, EmailAddress text
}

// sameUser reports whether two names are one user's. RT does not tell letters' cases apart.
func sameUser(a, b string) bool { return a != "" && strings.EqualFold(a, b) }

// account is the name of whom RT takes us for. REST2 does not tell, so that where the credentials do not either, it is
// who has filed the account's own tickets; empty if there is none.
func (d *desk) account(ctx context.Context) (string, error) {
	d.people.mu.Lock()
	me, asked := d.people.me, d.people.asked
	d.people.mu.Unlock()
	if me != "" || asked {
		return me, nil
	}
	var p page[record]
	query := url.Values{"query": {condition("Creator", "=", currentUser)}, "fields": {"Creator"}, "per_page": {"1"}, "orderby": {"id"}}
	if _, err := d.read(ctx, "/tickets", query, &p); err != nil {
		return "", err
	}
	if len(p.Items) > 0 {
		me = string(p.Items[0].Creator.ID)
	}
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	d.people.me, d.people.asked = me, me == ""
	return me, nil
}

// introduce tells the account from the credentials' own word for it. RT need not know what it says.
func (d *desk) introduce(ctx context.Context, o owner) error {
	u := user{Name: text(o.name)}
	if who := cmp.Or(o.id, o.name); who != "" && (o.id != "" || !digits(o.name)) {
		u = user{}
		if _, err := d.read(ctx, "/user/"+url.PathEscape(who), nil, &u); err != nil && !gone(err) {
			return err
		}
	}
	if u.Name == "" {
		return nil
	}
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	d.people.me = string(u.Name)
	if u.EmailAddress != "" {
		d.people.addresses[strings.ToLower(string(u.Name))] = string(u.EmailAddress)
	}
	return nil
}

// filed says that there is an own ticket, by which the account can be known.
func (d *desk) filed() {
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	d.people.asked = false
}

// address is how people know a user: the e-mail address, or the name if RT tells no address. It is empty for what is no
// person.
func (d *desk) address(ctx context.Context, u reference) (string, error) {
	name := string(u.ID)
	switch {
	case u.Type == "group", name == "", sameUser(name, nobody), sameUser(name, system):
		return "", nil
	case u.EmailAddress != "":
		return string(u.EmailAddress), nil
	case strings.Contains(name, "@"), digits(name): // A number in an address of REST2 is the user's id, not the name.
		return name, nil
	}
	lower := strings.ToLower(name)
	d.people.mu.Lock()
	known, ok := d.people.addresses[lower]
	d.people.mu.Unlock()
	if ok {
		return known, nil
	}
	var found user
	if _, err := d.read(ctx, "/user/"+url.PathEscape(name), nil, &found); err != nil && !gone(err) {
		return "", err
	}
	known = name
	if found.EmailAddress != "" {
		known = string(found.EmailAddress)
	}
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	d.people.addresses[lower] = known
	return known, nil
}

// requester is the first of a ticket's, or the account if it is one of several.
func (d *desk) requester(ctx context.Context, r record) (string, error) {
	if len(r.Requestor) == 0 {
		return "", nil
	}
	chosen := r.Requestor[0]
	account, err := d.account(ctx)
	if err != nil {
		return "", err
	}
	for _, u := range r.Requestor {
		if sameUser(string(u.ID), account) {
			chosen = u
		}
	}
	return d.address(ctx, chosen)
}

// checkPerson finds what RT would not understand as a person. In the best case it would drop it; of a name that nobody
// has it dies in the middle of a change, and a number it takes for the id of a user or a group.
func (d *desk) checkPerson(ctx context.Context, pointer, who string, p *problems) error {
	shown := driver.OneLine(who, driver.LineLimit)
	if strings.Contains(who, "@") {
		if a, err := mail.ParseAddress(who); err != nil || a.Address != who || !ascii(who) {
			p.add(pointer, "%q is not an e-mail address that RT takes", shown)
		}
		return nil
	}
	if digits(who) || strings.TrimSpace(who) == "" {
		p.add(pointer, "%q is neither an e-mail address nor the name of an account", shown)
		return nil
	}
	_, err := d.read(ctx, "/user/"+url.PathEscape(who), nil, &user{})
	if errors.Is(err, cloud.ErrNotFound) {
		p.add(pointer, "RT has no account %q; write an e-mail address for somebody without one", shown)
		return nil
	}
	if gone(err) { // Who may not look at users has to be believed.
		return nil
	}
	return err
}

func (d *desk) checkPeople(ctx context.Context, c servicedesk.Content, p *problems) error {
	if c.Requester != "" {
		if err := d.checkPerson(ctx, "/requester", c.Requester, p); err != nil {
			return err
		}
	}
	for _, w := range c.Watchers {
		if err := d.checkPerson(ctx, "/watchers", w, p); err != nil {
			return err
		}
	}
	return nil
}

// ourselves is the account as it is written into a ticket; empty if it is not known.
func (d *desk) ourselves(ctx context.Context) (string, error) {
	me, err := d.account(ctx)
	if err != nil || !digits(me) {
		return me, err
	}
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	return d.people.addresses[strings.ToLower(me)], nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
