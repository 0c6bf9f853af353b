package redmine

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Redmine tells administrators alone what custom fields there are. To others a project tells those that it does not share
// with all projects, and every issue those of its tracker. Those that are used as a filter tell of themselves when asked
// for an impossible one, which is what is left before the first ticket: see probe.

// fields are the custom fields that are known, by all that was learnt of them.
type fields struct {
	mu sync.RWMutex
	// byName are their ids: the names of issues' custom fields are unique in Redmine.
	byName map[string]int64
	// byTracker has the fields of each tracker of which an issue was seen.
	byTracker map[int64][]string
	// many are those that hold a list.
	many map[int64]bool
}

func newFields() *fields {
	return &fields{byName: make(map[string]int64), byTracker: make(map[int64][]string), many: make(map[int64]bool)}
}

// add notes a field of which the trackers are not known.
func (f *fields) add(id int64, name string) {
	if id <= 0 || name == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byName[name] = id
}

// learn notes the fields of an issue, which are all that its tracker has in its project.
func (f *fields) learn(project int64, i issue) {
	if i.Project.ID != project {
		return
	}
	names := make([]string, 0, len(i.CustomFields))
	for _, v := range i.CustomFields {
		f.add(v.ID, v.Name)
		names = append(names, v.Name)
	}
	slices.Sort(names)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.byTracker[i.Tracker.ID] = names
	for _, v := range i.CustomFields {
		if strings.HasPrefix(strings.TrimSpace(string(v.Value)), "[") {
			f.many[v.ID] = true
		}
	}
}

// find answers the id of a field, zero if it is not known.
func (f *fields) find(name string) int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.byName[name]
}

// names are all that are known.
func (f *fields) names() []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return slices.Sorted(maps.Keys(f.byName))
}

// of are the fields of a tracker, sorted; nil if no issue of it was seen.
func (f *fields) of(tracker int64) []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.byTracker[tracker]
}

func (f *fields) holdsMany(id int64) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.many[id]
}

// param is the name of a field's filter.
func param(id int64) string { return fmt.Sprintf("cf_%d", id) }

// sample looks at the newest issues, so that the fields of their trackers become known, and then at one of each tracker
// that was not among them.
func (d *desk) sample(ctx context.Context) error {
	query := url.Values{"project_id": {d.project.Identifier}, "sort": {"id:desc"}}
	p, err := d.issues(ctx, query, 0, 25)
	if err != nil || p.Total <= len(p.Issues) {
		return err
	}
	for _, t := range d.project.Trackers {
		if d.fields.of(t.ID) != nil {
			continue
		}
		query.Set("tracker_id", fmt.Sprint(t.ID))
		if _, err := d.issues(ctx, query, 0, 1); err != nil {
			return err
		}
	}
	return nil
}
