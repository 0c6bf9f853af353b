package openstack

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// tagLimit is what a tag of Neutron may have, in letters.
const tagLimit = 255

// tags are properties as Neutron's tags: "key=value", and what is longer in pieces that begin with their place.
func (p properties) tags() []string {
	out := []string{}
	stored := p.encode()
	for i, k := range slices.Sorted(maps.Keys(stored)) {
		text := []rune(k + "=" + stored[k])
		if len(text) <= tagLimit {
			out = append(out, string(text))
			continue
		}
		for n := 1; len(text) > 0; n++ {
			head := fmt.Sprintf("%s~%d.%d~", prefix, i, n)
			part := text[:min(tagLimit-len(head), len(text))]
			text = text[len(part):]
			out = append(out, head+string(part))
		}
	}
	return out
}

// piece is a part of a text that is too long for one tag.
var piece = regexp.MustCompile(`^` + prefix + `~([0-9]+)\.([0-9]+)~`)

// untag reads what tags has written. Tags of others that are no pair are left out.
func untag(tags []string) properties {
	stored := map[string]string{}
	parts := map[string]map[string]string{}
	put := func(text string) {
		if k, v, ok := strings.Cut(text, "="); ok {
			stored[k] = v
		}
	}
	for _, t := range tags {
		m := piece.FindStringSubmatch(t)
		if m == nil {
			if len(foreign([]string{t})) == 0 {
				put(t)
			}
			continue
		}
		if parts[m[1]] == nil {
			parts[m[1]] = map[string]string{}
		}
		parts[m[1]][m[2]] = t[len(m[0]):]
	}
	for _, p := range parts {
		var text strings.Builder
		for n := 1; n <= len(p); n++ {
			text.WriteString(p[fmt.Sprint(n)])
		}
		put(text.String())
	}
	return decode(stored)
}

// foreign are the tags of others: those that are neither a label, nor noted by this driver.
func foreign(tags []string) []string {
	return slices.DeleteFunc(slices.Clone(tags), func(t string) bool {
		key, _, pair := strings.Cut(t, "=")
		if m := continued.FindStringSubmatch(key); m != nil {
			key = m[1]
		}
		return strings.HasPrefix(t, prefix) || pair && labelKey.MatchString(strings.ReplaceAll(key, "::", "/"))
	})
}

// setTags replaces the tags of an object of Neutron. Tags of others stay.
func (s *session) setTags(ctx context.Context, object string, was []string, p properties) error {
	all := append(foreign(was), p.tags()...)
	err := s.put(ctx, s.network, path(object, "tags"), map[string]any{"tags": all})
	return err
}

// claimTag takes the unclaimed mark away.
func (s *session) claimTag(ctx context.Context, object string) error {
	return s.removeIfThere(ctx, s.network, path(object, "tags", url.PathEscape(unclaimedProperty+"="+yes)))
}

// A network or security group is made in several steps, of which only the first can carry the owner key: in the
// description. While it is there, the object is unfinished.
const unfinished = prefix + "unfinished "

// neutronObject is what all of Neutron's objects have.
type neutronObject struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	ProjectID   string    `json:"project_id"`
	Shared      bool      `json:"shared"`
	Tags        []string  `json:"tags"`
	CreatedAt   timestamp `json:"created_at"`
	UpdatedAt   timestamp `json:"updated_at"`
}

func (o neutronObject) object() neutronObject { return o }

func (o neutronObject) meta() cloud.Meta {
	m := cloud.Meta{ID: o.ID, Name: o.Name, Description: o.Description, State: cloud.StateReady, CreatedAt: o.CreatedAt.Time}
	untag(o.Tags).meta(&m)
	if key, ok := strings.CutPrefix(o.Description, unfinished); ok {
		m.Description, m.State = "", cloud.StateCreating
		m.Ownership = cloud.Ownership{Key: key, Deployment: m.Ownership.Deployment}
	}
	return m
}

// filtered is the query for objects of the project that have one of several values of a field.
func (s *session) filtered(field string, values []string) string {
	v := url.Values{"project_id": {s.project}, field: values}
	return "?" + v.Encode()
}

// describe brings name, description and tags of an object of Neutron from one specification to another.
func (s *session) describe(ctx context.Context, kind, wrapper string, o neutronObject, from, to cloud.SpecMeta) error {
	now := untag(o.Tags)
	wanted := maps.Clone(now)
	set, gone := difference(declared(from), declared(to))
	maps.Copy(wanted, set)
	for _, k := range gone {
		delete(wanted, k)
	}
	if !maps.Equal(now, wanted) {
		if err := s.setTags(ctx, path(kind, o.ID), o.Tags, wanted); err != nil {
			return err
		}
	}
	fields := map[string]any{}
	if from.Name != to.Name {
		fields["name"] = to.Name
	}
	if from.Description != to.Description {
		fields["description"] = shortDescription(to.Description)
	}
	if len(fields) == 0 {
		return nil
	}
	_, err := s.do(ctx, s.network, request{
		method: http.MethodPut, path: path(kind, o.ID), body: map[string]any{wrapper: fields},
	})
	return err
}
