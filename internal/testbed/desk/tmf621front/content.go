package tmf621front

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// content is the requester's part of a document.
func (f *Front) content(doc object) servicedesk.Content {
	c := servicedesk.Content{
		Subject: str(doc["name"]), Description: str(doc["description"]), Severity: servicedesk.Severity(strings.ToLower(str(doc["severity"]))),
		RequestedResolutionAt: timeOf(doc["requestedResolutionDate"]),
	}
	for _, p := range objects(doc["relatedParty"]) {
		id := str(inner(p, "partyOrPartyRole")["id"])
		switch str(p["role"]) {
		case roleWatcher:
			c.Watchers = append(c.Watchers, id)
		case roleReporter:
			c.Requester = id
		}
	}
	for _, e := range objects(doc["relatedEntity"]) {
		id := str(inner(e, "entity")["id"])
		switch role := str(e["role"]); role {
		case roleProject:
			c.Project = id
		case roleResource:
			c.AffectedResources = append(c.AffectedResources, id)
		default:
			c.Links = append(c.Links, linked(linkRoles, role, id)...)
		}
	}
	for _, r := range objects(doc["troubleTicketRelationship"]) {
		c.Links = append(c.Links, linked(relationshipTypes, str(r["relationshipType"]), str(r["id"]))...)
	}
	for _, own := range objects(doc["troubleTicketCharacteristic"]) {
		if c.Fields == nil {
			c.Fields = make(map[string]string)
		}
		c.Fields[str(own["name"])] = str(own["value"])
	}
	slices.Sort(c.AffectedResources)
	slices.Sort(c.Watchers)
	return c
}

// inner is what an element refers to: in v4, that is the element itself.
func inner(o object, name string) object {
	if in, ok := o[name].(object); ok {
		return in
	}
	return o
}

func linked(words map[servicedesk.LinkType]string, word, target string) []servicedesk.Link {
	for typ, w := range words {
		if w == word {
			return []servicedesk.Link{{Type: typ, Target: target}}
		}
	}
	return nil
}

// keyOf is the key in a document, and whether it is a claimed one.
func keyOf(doc object) (key string, claimed bool) {
	kind := ""
	if id, ok := doc["externalId"].(string); ok {
		kind, key, _ = strings.Cut(id, ":")
	}
	for _, i := range objects(doc["externalIdentifier"]) {
		kind = cmp.Or(kind, str(i["externalIdentifierType"]))
		key = cmp.Or(key, str(i["id"]))
	}
	return key, kind == keyType
}

// changeOf is the difference of two contents.
func changeOf(was, is servicedesk.Content) servicedesk.Change {
	var c servicedesk.Change
	if is.Subject != was.Subject {
		c.Subject = &is.Subject
	}
	if is.Description != was.Description {
		c.Description = &is.Description
	}
	if is.Severity != was.Severity {
		c.Severity = &is.Severity
	}
	if !is.RequestedResolutionAt.Equal(was.RequestedResolutionAt) {
		c.RequestedResolutionAt = &is.RequestedResolutionAt
	}
	if is.Project != was.Project {
		c.Project = &is.Project
	}
	if !slices.Equal(is.AffectedResources, was.AffectedResources) {
		c.AffectedResources = &is.AffectedResources
	}
	c.AddWatchers, c.RemoveWatchers = missing(is.Watchers, was.Watchers), missing(was.Watchers, is.Watchers)
	c.AddLinks, c.RemoveLinks = missing(is.Links, was.Links), missing(was.Links, is.Links)
	for _, name := range slices.Concat(slices.Collect(maps.Keys(is.Fields)), slices.Collect(maps.Keys(was.Fields))) {
		if is.Fields[name] == was.Fields[name] {
			continue
		}
		if c.Fields == nil {
			c.Fields = make(map[string]string)
		}
		c.Fields[name] = is.Fields[name]
	}
	return c
}

// missing are those of some that are not in others.
func missing[T comparable](some, in []T) (out []T) {
	for _, one := range some {
		if !slices.Contains(in, one) {
			out = append(out, one)
		}
	}
	return out
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

func objects(v any) []object {
	list, _ := v.([]any)
	var out []object
	for _, one := range list {
		if o, ok := one.(object); ok {
			out = append(out, o)
		}
	}
	return out
}

func timeOf(v any) time.Time {
	at, _ := time.Parse(time.RFC3339, str(v))
	return at.UTC()
}
