package provider_test

import (
	"maps"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// ticketTypes are the resources of service desks. The ticket alone is found again by an identity and in lists: a wait, a
// message and a file are what somebody did once.
var ticketTypes = []string{
	"vdam_service_ticket", "vdam_service_ticket_attachment", "vdam_service_ticket_message", "vdam_service_ticket_wait",
}

// deskBlock is block with the service desk of every operator that has one, the first being the default.
func deskBlock(env *acctest.Env) object {
	desks := object{}
	for _, name := range env.DeskOperators() {
		desks[name] = object{"operator": name}
	}
	b := block(env)
	maps.Copy(b, object{"service_desks": desks, "default_service_desk": env.DeskOperators()[0]})
	return b
}

// ticket is a minimal one with another subject and more in it.
func ticket(subject string, also object) object {
	o := object{"type": "change", "subject": subject, "description": "Apraksts", "severity": "minor"}
	return more(o, also)
}

func init() {
	maps.Copy(minimal, map[string]object{
		"vdam_service_ticket":            ticket("Jauda", nil),
		"vdam_service_ticket_attachment": {"ticket_id": "lvrtc/tkt-1", "filename": "plan.txt", "content_base64": "cGxhbg=="},
		"vdam_service_ticket_message":    {"ticket_id": "lvrtc/tkt-1", "body": "Darīts."},
		"vdam_service_ticket_wait":       {"ticket_id": "lvrtc/tkt-1", "for": "approved"},
	})
	maps.Copy(full, map[string][]object{
		"vdam_service_ticket": {ticket("Jauda: ā č ē", object{
			"desk": "lvrtc", "operator": "lvrtc", "queue": "changes", "external_key": "cadastre-2027/capacity", "keepers": object{"year": "2027"},
			"requester": "anna@example.test", "watchers": []any{"a@example.test", "b@example.test"},
			"requested_resolution_at": "2027-02-28T22:00:00Z", "project": "Kadastrs", "affected_resources": []any{"lvrtc/vm-1", "lvrtc/vm-2"},
			"fields": object{"Cost Centre": "1234"}, "links": []any{object{"type": "refers_to", "target": "https://example.test/1"}},
			"due_after": "P1M", "on_destroy": "comment", "destroy_comment": "Vairs nevajag.", "on_closed_change": "ignore", "on_missing": "keep",
		})},
		"vdam_service_ticket_attachment": {
			{"ticket_id": "lvrtc/tkt-1", "filename": "plan.txt", "content_base64": "cGxhbg==", "content_type": "text/plain"},
			{"ticket_id": "lvrtc/tkt-1", "filename": "go.mod", "source": "../../go.mod"},
		},
		"vdam_service_ticket_message": {
			{"ticket_id": "lvrtc/tkt-1", "body": "Darīts.", "visibility": "internal", "keepers": object{"run": "1"}},
		},
		"vdam_service_ticket_wait": {{
			"ticket_id": "lvrtc/tkt-1", "for": "resolved", "fail_on": []any{"rejected", "pending"}, "poll_interval": "30s",
			"timeouts": object{"create": "72h"},
		}},
	})
	filters := object{
		"desk": "lvrtc", "type": "change", "project": "Kadastrs", "affected_resource": "lvrtc/", "open": true, "own": true,
		"created_from": "2027-01-01T00:00:00Z", "created_before": "2028-01-01T00:00:00Z",
	}
	maps.Copy(sources, map[string][]object{
		"vdam_service_desk":            {{}, {"name": "lvrtc"}},
		"vdam_service_ticket":          {{"id": "lvrtc/tkt-1"}, {"desk": "lvrtc", "external_key": "cadastre-2027/capacity"}},
		"vdam_service_tickets":         {{}, filters},
		"vdam_service_ticket_messages": {{"ticket_id": "lvrtc/tkt-1"}},
		"vdam_service_level_report": {march(nil), march(object{
			"desk": "lvrtc", "operator": "lvrtc", "project": "Kadastrs", "as_of": "2027-03-15T00:00:00Z",
			"targets":             object{"critical": object{"first_response_minutes": 15, "resolution_minutes": 240}},
			"planned_maintenance": []any{object{"start": "2027-03-13T22:00:00Z", "end": "2027-03-14T04:00:00Z"}},
		}), march(object{"affected_resource": "lvrtc/vm-1"})},
	})
	maps.Copy(lists, map[string][]object{"vdam_service_ticket": {{}, filters}})
	blocks = append(blocks, deskBlocks...)
}

// past is a report of a month that is over.
func past(also object) object {
	o := object{"period_start": "2026-03-01T00:00:00Z", "period_end": "2026-04-01T00:00:00Z"}
	return more(o, also)
}

// march is a report of March 2027.
func march(also object) object {
	o := object{"period_start": "2027-03-01T00:00:00Z", "period_end": "2027-04-01T00:00:00Z"}
	return more(o, also)
}

// ticketTypesOfDesk are what a desk's own words mean.
var ticketTypesOfDesk = object{"change": object{
	"queue": "Change Requests", "cancel_status": "cancelled", "close_status": "resolved",
	"statuses": object{
		"requested": object{"status": "acknowledged", "approval": "requested", "awaiting": "approver"},
		"approved":  object{"status": "in_progress", "approval": "approved", "awaiting": "desk"},
	},
}}

// deskBlocks set together everything that there is of service desks. Nothing is at their endpoints.
var deskBlocks = []object{
	{"operators": object{"lvrtc": object{"service_desk": "helpdesk"}}, "default_service_desk": "varam", "service_desks": object{
		"helpdesk": object{"operator": "lvrtc"},
		"varam": object{
			"kind": "rt", "endpoint": "https://127.0.0.1:1", "username": "terraform", "password": "password", "ticket_types": ticketTypesOfDesk,
			"field_names": object{"external_key": "Key", "severity": "Urgency", "project": "Register", "affected_resources": "Machines"},
			"proxy_url":   "http://127.0.0.1:1", "limits": object{"max_parallel_requests": 4, "request_timeout_seconds": 5},
			"tls": object{"ca_file": "ca.pem", "certificate_file": "c.pem", "key_file": "k.pem"},
		},
	}},
	{"service_desks": object{
		"redmine": object{"kind": "redmine", "endpoint": "https://127.0.0.1:1", "project": "helpdesk", "token": "token"},
		"tmf":     object{"kind": "tmf621", "client_id": "id", "client_secret": "secret", "token_url": "https://127.0.0.1:1/token"},
		"file":    object{"kind": "rt", "token_file": "token"},
	}},
}

// more is a copy of a configuration with more in it. Nil takes out.
func more(o, also object) object {
	o = maps.Clone(o)
	maps.Copy(o, also)
	return o
}

// ownID is what a desk calls a ticket.
func ownID(s state) string {
	_, id, _ := strings.Cut(text(s.value, "id"), "/")
	return id
}
