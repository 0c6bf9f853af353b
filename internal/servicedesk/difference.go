package servicedesk

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Difference is the change that would make a ticket's content what is wanted, as far as the desk has places for it. What
// is not said in what is wanted is left as it is, so that what the desk's people add never counts as a difference. The
// description is not compared: few desks tell it.
func Difference(d Description, want Content, got Ticket) Change {
	var c Change
	if want.Subject != got.Subject {
		c.Subject = &want.Subject
	}
	if want.Severity != "" && want.Severity != got.Severity && d.Mapping.Fields.Severity != "" {
		c.Severity = &want.Severity
	}
	if want.Project != "" && want.Project != got.Project && d.Mapping.Fields.Project != "" {
		c.Project = &want.Project
	}
	if at := want.RequestedResolutionAt; !at.IsZero() && !d.SameTime(at, got.RequestedResolutionAt) {
		c.RequestedResolutionAt = &want.RequestedResolutionAt
	}
	if len(want.AffectedResources) > 0 && d.Mapping.Fields.AffectedResources != "" &&
		!slices.Equal(slices.Sorted(slices.Values(want.AffectedResources)), slices.Sorted(slices.Values(got.AffectedResources))) {
		c.AffectedResources = &want.AffectedResources
	}
	for _, w := range want.Watchers {
		if !slices.ContainsFunc(got.Watchers, func(g string) bool { return strings.EqualFold(g, w) }) {
			c.AddWatchers = append(c.AddWatchers, w)
		}
	}
	for name, value := range want.Fields {
		if got.Fields[name] != value {
			if c.Fields == nil {
				c.Fields = make(map[string]string)
			}
			c.Fields[name] = value
		}
	}
	for _, l := range want.Links {
		if !slices.Contains(got.Links, l) {
			c.AddLinks = append(c.AddLinks, l)
		}
	}
	return c
}

// SameTime reports whether a time that was wanted is the one that a desk shows, as exactly as it keeps times.
func (d Description) SameTime(want, got time.Time) bool {
	if d.DatesOnly {
		return want.UTC().Format(time.DateOnly) == got.UTC().Format(time.DateOnly)
	}
	return want.Truncate(time.Second).Equal(got.Truncate(time.Second))
}

// Names are the parts of the content that a change is of, as the model calls them, sorted.
func (c Change) Names() []string {
	var names []string
	for name, is := range map[string]bool{
		"subject": c.Subject != nil, "description": c.Description != nil, "severity": c.Severity != nil,
		"requested_resolution_at": c.RequestedResolutionAt != nil, "project": c.Project != nil,
		"affected_resources": c.AffectedResources != nil, "watchers": len(c.AddWatchers)+len(c.RemoveWatchers) > 0,
		"links": len(c.AddLinks)+len(c.RemoveLinks) > 0,
	} {
		if is {
			names = append(names, name)
		}
	}
	for name := range maps.Keys(c.Fields) {
		names = append(names, "fields."+name)
	}
	slices.Sort(names)
	return names
}
