package redmine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// account is who Redmine takes us for.
type account struct {
	ID          int64        `json:"id"`
	Login       string       `json:"login"`
	Mail        string       `json:"mail"`
	Admin       bool         `json:"admin"`
	Memberships []membership `json:"memberships"`
}

type membership struct {
	Project ref   `json:"project"`
	User    ref   `json:"user"`
	Roles   []ref `json:"roles"`
}

// address names the account as a requester or watcher is named.
func (a account) address() string { return cmp.Or(a.Mail, a.Login) }

// permission is one of Redmine's.
type permission string

const (
	editIssues      permission = "edit_issues"
	editOwnIssues   permission = "edit_own_issues"
	setNotesPrivate permission = "set_notes_private"
	manageRelations permission = "manage_issue_relations"
	manageSubtasks  permission = "manage_subtasks"
	viewWatchers    permission = "view_issue_watchers"
	addWatchers     permission = "add_issue_watchers"
)

// permissions are what the account may do in the project; nil where the desk does not tell.
type permissions map[permission]bool

// may reports whether something is allowed, or not known to be forbidden.
func (p permissions) may(what permission) bool { return p == nil || p[what] }

// surely reports whether something is known to be allowed.
func (p permissions) surely(what permission) bool { return p[what] }

// whoAmI reads the account, by which it is also found out whether there is an API.
func (d *desk) whoAmI(ctx context.Context) error {
	var answer struct{ User account }
	err := d.get(ctx, "/users/current.json", url.Values{"include": {"memberships"}}, &answer)
	var e *cloud.Error
	switch {
	case err == nil && answer.User.ID <= 0:
		return d.strange("it has no account", reading)
	case errors.Is(err, cloud.ErrForbidden) && errors.As(err, &e):
		e.Text = "Redmine tells no account its name: its REST API is switched off, or the account is locked."
		e.Advice = "Ask the desk's operator to enable the REST web service (Administration, Settings, API)."
	case (errors.Is(err, cloud.ErrNotFound) || errors.Is(err, cloud.ErrUnavailable)) && errors.As(err, &e):
		if e.Reason == cloud.ErrNotFound { //nolint:errorlint // The reason is the sentinel itself.
			e.Reason, e.Text = cloud.ErrUnavailable, "There is no Redmine's REST API at this address."
		}
		e.Advice = cmp.Or(e.Advice, "Check the desk's endpoint: it is Redmine's start page, without what follows it in a browser.")
	}
	d.account = answer.User
	return err
}

// learnPermissions reads what the account's roles in the project allow.
func (d *desk) learnPermissions(ctx context.Context) error {
	if d.account.Admin {
		d.permissions = permissions{
			editIssues: true, setNotesPrivate: true, manageRelations: true, manageSubtasks: true, viewWatchers: true, addWatchers: true,
		}
		return nil
	}
	for _, m := range d.account.Memberships {
		if m.Project.ID != d.project.ID {
			continue
		}
		for _, r := range m.Roles {
			var answer struct {
				Role struct{ Permissions []permission }
			}
			err := d.get(ctx, fmt.Sprintf("/roles/%d.json", r.ID), nil, &answer)
			if errors.Is(err, cloud.ErrForbidden) || errors.Is(err, cloud.ErrNotFound) {
				d.permissions = nil
				return nil
			}
			if err != nil {
				return err
			}
			if d.permissions == nil {
				d.permissions = make(permissions)
			}
			for _, p := range answer.Role.Permissions {
				d.permissions[p] = true
			}
		}
	}
	return nil
}

// edits reports whether the account surely may change its own tickets.
func (p permissions) edits() bool { return p.surely(editIssues) || p.surely(editOwnIssues) }
