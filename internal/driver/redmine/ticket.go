package redmine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	// unclaimed marks, after the key, a ticket that nobody has claimed. Keys do not have it.
	unclaimed = "?"
	// maxKey is the longest key, and what a desk's people would make the limit of its field.
	maxKey = 200
)

// unclaimedForm is what an unclaimed ticket of a key has in the key's field. After the longest key there is no room for the
// mark: then a sum stands for the key's end, until the claim.
func unclaimedForm(key string) string {
	if len(key) < maxKey {
		return key + unclaimed
	}
	sum := sha256.Sum256([]byte(key))
	end := hex.EncodeToString(sum[:8]) + unclaimed
	return key[:maxKey-len(end)] + end
}

// number reads an id. What cannot be one is never sent: it could become another path or another ticket.
func (d *desk) number(id servicedesk.ID) (int64, error) {
	if n, ok := numberOf(id); ok {
		return n, nil
	}
	return 0, d.refused(cloud.ErrNotFound, fmt.Sprintf("%q cannot be a ticket: Redmine's are numbers.", string(id)), "")
}

func numberOf(id servicedesk.ID) (int64, bool) {
	n, err := strconv.ParseInt(string(id), 10, 32) // Redmine's own are not longer, and its database refuses those that are.
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == string(id)
}

func idFor(n int64) servicedesk.ID { return servicedesk.ID(strconv.FormatInt(n, 10)) }

// ticket is an issue in the model's words, without the links and watchers, for which it takes more than a list tells.
func (d *desk) ticket(i issue) servicedesk.Ticket {
	t := servicedesk.Ticket{
		ID: idFor(i.ID), Number: fmt.Sprintf("#%d", i.ID), URL: fmt.Sprintf("%s/issues/%d", d.endpoint, i.ID),
		Own: i.Author.ID == d.account.ID, Type: d.mapping.TypeOf(i.Tracker.Name), Queue: i.Tracker.Name,
		Version: i.version(), NativeStatus: i.Status.Name,
		Priority: i.Priority.Name, Assignee: i.AssignedTo.Name,
		CreatedAt: i.CreatedOn.UTC(), UpdatedAt: i.UpdatedOn.UTC(),
	}
	meaning := d.mapping.Meaning(t.Type, i.Status.Name)
	t.Status, t.Approval, t.Awaiting = meaning.Status, meaning.Approval, meaning.Awaiting
	t.Subject, t.Description, t.Requester = i.Subject, lines(i.Description), i.Author.Name
	if t.Own {
		t.Requester = cmp.Or(d.account.address(), i.Author.Name)
	}
	if due, err := time.Parse(time.DateOnly, i.DueDate); err == nil {
		t.RequestedResolutionAt = due
	}
	if t.Status.Terminal() && !i.ClosedOn.IsZero() {
		t.ResolvedAt = i.ClosedOn.UTC() // It stays when an issue is reopened.
	}
	d.readFields(i, &t)
	return t
}

// version is the time of the last change, which Redmine keeps in seconds, with a sum of what the issue is.
func (i issue) version() string {
	// What is there only if it was asked for must not count.
	i.Relations, i.Watchers, i.Journals, i.Attachments, i.AllowedStatuses = nil, nil, nil, nil, nil
	raw, err := json.Marshal(i)
	if err != nil {
		raw = nil // It cannot be; then the time alone has to do.
	}
	sum := sha256.Sum256(raw)
	return i.UpdatedOn.UTC().Format(time.RFC3339) + "/" + hex.EncodeToString(sum[:4])
}

// readFields takes custom fields apart into what the model has places for, and the desk's own.
func (d *desk) readFields(i issue, t *servicedesk.Ticket) {
	for _, v := range i.CustomFields {
		value := v.String()
		switch own := d.mapping.Fields; {
		case v.Name == "" || value == "":
		case v.Name == own.ExternalKey:
			t.Key, t.Claimed = strings.TrimSuffix(value, unclaimed), !strings.HasSuffix(value, unclaimed)
		case v.Name == own.Severity:
			severity := servicedesk.Severity(strings.ToLower(value))
			if slices.Contains(servicedesk.Severities, severity) {
				t.Severity = severity
			}
		case v.Name == own.Project:
			t.Project = value
		case v.Name == own.AffectedResources:
			t.AffectedResources = resources(v)
		default:
			if t.Fields == nil {
				t.Fields = make(map[string]string)
			}
			t.Fields[v.Name] = value
		}
	}
}

// resources are one on each line, or in one line with commas between them.
func resources(v customValue) []string {
	var out []string
	for _, one := range v.values() {
		by := ","
		if strings.Contains(one, "\n") {
			by = "\n"
		}
		out = append(out, split(one, by)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// split takes a list apart that was joined with blanks or without.
func split(list, by string) []string {
	out := []string{}
	for one := range strings.SplitSeq(list, by) {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}
