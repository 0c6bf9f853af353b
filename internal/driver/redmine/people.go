package redmine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// peopleLimit bounds how many of a project's members are looked at to find a watcher.
const peopleLimit = 200

// people are the accounts that were looked up. Redmine tells no list of them to others than administrators, but the
// members of a project, and each by number: a person's address only if the person shows it, and the login always.
type people struct {
	mu sync.Mutex
	// names are how watchers are named, by number.
	names map[int64]string
	// members says that all members of the project are among them.
	members bool
}

func newPeople() *people { return &people{names: make(map[int64]string)} }

// name is how a person is named as a watcher.
func (d *desk) nameOf(ctx context.Context, person ref) (string, error) {
	d.people.mu.Lock()
	name, known := d.people.names[person.ID]
	d.people.mu.Unlock()
	if known {
		return name, nil
	}
	var answer struct{ User account }
	err := d.get(ctx, fmt.Sprintf("/users/%d.json", person.ID), nil, &answer)
	if errors.Is(err, cloud.ErrNotFound) || errors.Is(err, cloud.ErrForbidden) {
		err = nil // A group, or somebody out of sight.
	}
	name = cmp.Or(answer.User.address(), person.Name)
	if err == nil {
		d.people.mu.Lock()
		defer d.people.mu.Unlock()
		d.people.names[person.ID] = name
	}
	return name, err
}

// watchersOf names an issue's watchers, sorted.
func (d *desk) watchersOf(ctx context.Context, i issue) ([]string, error) {
	var out []string
	for _, w := range i.Watchers {
		name, err := d.nameOf(ctx, w)
		if err != nil {
			return nil, err
		}
		if name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// resolve finds the numbers of watchers among the project's members. Others, and all where the account may not add or see
// watchers, are left out.
func (d *desk) resolve(ctx context.Context, watchers []string) ([]int64, error) {
	if len(watchers) == 0 || !d.permissions.surely(addWatchers) || !d.permissions.surely(viewWatchers) {
		return nil, nil
	}
	if err := d.meetMembers(ctx); err != nil {
		return nil, err
	}
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	var out []int64
	for id, name := range d.people.names {
		if slices.ContainsFunc(watchers, func(w string) bool { return strings.EqualFold(w, name) }) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out, nil
}

// meetMembers looks up the members of the project, once.
func (d *desk) meetMembers(ctx context.Context) error {
	d.people.mu.Lock()
	met := d.people.members
	d.people.mu.Unlock()
	if met {
		return nil
	}
	for offset := 0; offset < peopleLimit; offset += pageSize {
		var answer struct {
			Memberships []membership
			Total       int `json:"total_count"`
		}
		query := url.Values{"limit": {fmt.Sprint(pageSize)}, "offset": {fmt.Sprint(offset)}}
		err := d.get(ctx, fmt.Sprintf("/projects/%d/memberships.json", d.project.ID), query, &answer)
		if errors.Is(err, cloud.ErrForbidden) {
			break
		}
		if err != nil {
			return err
		}
		for _, m := range answer.Memberships {
			if m.User.ID <= 0 {
				continue // A group.
			}
			if _, err := d.nameOf(ctx, m.User); err != nil {
				return err
			}
		}
		if offset+pageSize >= answer.Total {
			break
		}
	}
	d.people.mu.Lock()
	defer d.people.mu.Unlock()
	d.people.members = true
	return nil
}

// watch adds watchers, as far as they can be found.
func (d *desk) watch(ctx context.Context, id int64, watchers []string) error {
	found, err := d.resolve(ctx, watchers)
	if err != nil || len(found) == 0 {
		return err
	}
	err = d.do(ctx, request{
		method: http.MethodPost, path: fmt.Sprintf("/issues/%d/watchers.json", id),
		body: map[string]any{"watcher": map[string]any{"user_ids": found}}, // Without the wrapper it is 204, and nothing.
	}, nil)
	if errors.Is(err, cloud.ErrForbidden) {
		return nil
	}
	return err
}
