package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

func TestTicketOrderRefused(t *testing.T) {
	order := func(name, more string, status int, pointers ...string) badRequestCase {
		return badRequestCase{
			name: name, method: http.MethodPost, path: "tickets", body: `{"ticket_type":"incident","subject":"Slow"` + more + `}`,
			status: status, code: "invalid", pointers: pointers,
		}
	}
	body := func(name, text string, pointers ...string) badRequestCase {
		tc := order(name, "", http.StatusBadRequest, pointers...)
		tc.body = text
		return tc
	}
	withKey := func(name, text string) badRequestCase {
		tc := order(name, "", http.StatusBadRequest, "#/header/Idempotency-Key")
		tc.header = []string{key, text}
		return tc
	}
	closed := order("queue that is closed", `,"queue":"security"`, http.StatusForbidden)
	closed.code = "forbidden"
	refuse(t, []badRequestCase{
		withKey("no key", ""), withKey("key of 7", "1234567"), withKey("key in upper case", "ABCDEFGHIJ"),
		withKey("key with a space", "abc defghij"), withKey("key of 201", strings.Repeat("a", 201)),
		closed,
		order("unknown queue", `,"queue":"nowhere"`, 422, "/queue"),
		order("queue of another type", `,"ticket_type":"change","queue":"requests"`, 422, "/queue"),
		order("unknown field", `,"fields":{"Cost Centre":"4711","Nope":"x","a/b":"y"}`, 422, "/fields/Nope", "/fields/a~1b"),
		order("ill field", `,"fields":{"Cost Centre":"four"}`, 422, "/fields/Cost Centre"),
		order("field that goes on", `,"fields":{"Cost Centre":"47112"}`, 422, "/fields/Cost Centre"),
		order("field and link", `,"fields":{"Nope":""},"links":[{"type":"parent","target":"tkt-0"}]`, 422, "/fields/Nope", "/links/0/target"),
		order("link to nothing", `,"links":[{"type":"parent","target":"{ticket}"},{"type":"parent","target":"{id}"}]`, 422, "/links/1/target"),
		order("link of no type", `,"links":[{"type":"cause","target":"{ticket}"}]`, 400, "/links/0/type"),
		order("unknown property", `,"colour":"red"`, 400, "/colour"),
		order("what the desk owns", `,"priority":"P1","status":"resolved"`, 400, "/priority", "/status"),
		order("severity unknown", `,"severity":"huge"`, 400, "/severity"),
		order("watcher twice", `,"watchers":["a","a"]`, 400, "/watchers"),
		order("ill time", `,"requested_resolution_at":"tomorrow"`, 400, "/requested_resolution_at"),
		order("project empty", `,"project_name":""`, 400, "/project_name"),
		order("description null", `,"description":null`, 400, "/description"),
		order("description too long", `,"description":"`+strings.Repeat("a", 65537)+`"`, 400, "/description"),
		body("nothing", `{}`, "/subject", "/ticket_type"),
		body("type unknown", `{"ticket_type":"wish","subject":"Slow"}`, "/ticket_type"),
		body("subject of two lines", `{"ticket_type":"incident","subject":"a\nb"}`, "/subject"),
		body("subject of 201", `{"ticket_type":"incident","subject":"`+strings.Repeat("ā", 201)+`"}`, "/subject"),
		body("subject empty", `{"ticket_type":"incident","subject":""}`, "/subject", "/subject"),
	})
}

func TestTicketRequestRefused(t *testing.T) {
	patch := func(name, body string, status int, pointers ...string) badRequestCase {
		return badRequestCase{
			name: name, method: http.MethodPatch, path: "tickets/{ticket}", body: body, header: []string{"If-Match", "{version}"},
			status: status, code: "invalid", pointers: pointers,
		}
	}
	noMatch, stale := patch("no If-Match", `{"subject":"x"}`, 428), patch("stale If-Match", `{"subject":"x"}`, 412)
	noMatch.header, noMatch.code = nil, "precondition-required"
	stale.header, stale.code = []string{"If-Match", `"0"`}, "precondition-failed"
	post := func(name, part, body string, status int, code string, pointers ...string) badRequestCase {
		return badRequestCase{
			name: name, method: http.MethodPost, path: "tickets/{ticket}/" + part, body: body, status: status, code: code, pointers: pointers,
		}
	}
	get := func(name, query string, pointers ...string) badRequestCase {
		return badRequestCase{name: name, method: http.MethodGet, path: "tickets?" + query, status: 400, code: "invalid", pointers: pointers}
	}
	nobody := post("message in no ticket", "messages", `{"text":"x"}`, 404, "not-found")
	nobody.path = "tickets/tkt-0/messages"
	sum := strings.Repeat("0", 64)
	refuse(t, []badRequestCase{
		noMatch, stale, nobody,
		patch("type", `{"ticket_type":"change"}`, 422, "/ticket_type"),
		patch("queue and requester", `{"queue":"requests","requester":"x"}`, 422, "/queue", "/requester"),
		patch("what the desk owns", `{"assignee":"me"}`, 400, "/assignee"),
		patch("subject null", `{"subject":null}`, 400, "/subject"),
		patch("ill field", `{"fields":{"Cost Centre":"four"}}`, 422, "/fields/Cost Centre"),
		patch("unknown field", `{"fields":{"Nope":"x"}}`, 422, "/fields/Nope"),
		patch("link to nothing", `{"links":[{"type":"parent","target":"tkt-0"}]}`, 422, "/links/0/target"),
		patch("malformed", `{"subject":`, 400),
		post("message of nothing", "messages", `{"text":""}`, 400, "invalid", "/text"),
		post("message without text", "messages", `{"public":true}`, 400, "invalid", "/text"),
		post("message with more", "messages", `{"text":"x","author":"me"}`, 400, "invalid", "/author"),
		post("ill ending", "cancel", `{"message":"x"}`, 400, "invalid", "/message"),
		post("ending without a body", "close", ``, 415, "unsupported-media-type"),
		post("file that is no base64", "attachments", `{"name":"x","content_type":"x/y","content_base64":"%"}`, 400, "invalid"),
		post("file of half a letter", "attachments", `{"name":"x","content_type":"x/y","content_base64":"A"}`, 400, "invalid"),
		post("file with another sum", "attachments", `{"name":"x","content_type":"x/y","content_base64":"","sha256":"`+sum+`"}`,
			422, "invalid", "/sha256"),
		post("file that climbs", "attachments", `{"name":"../x","content_type":"x/y","content_base64":""}`, 400, "invalid", "/name"),
		post("file without a name", "attachments", `{"content_type":"x/y","content_base64":""}`, 400, "invalid", "/name"),
		get("unknown parameter", "state=ready", "#/query/state"),
		get("unknown type", "ticket_type=wish", "#/query/ticket_type"),
		get("ill key", "external_key=short", "#/query/external_key"),
		get("open perhaps", "open=perhaps", "#/query/open"),
		get("ill time", "created_from=yesterday", "#/query/created_from"),
		get("too many ids", "ids="+strings.Repeat("a,", 100)+"a", "#/query/ids"),
		get("ill id", "ids=a%20b", "#/query/ids"),
		get("ill cursor", "cursor=x", "#/query/cursor"),
		{name: "DELETE", method: http.MethodDelete, path: "tickets/{ticket}", status: 405, code: "unsupported"},
	})
}
