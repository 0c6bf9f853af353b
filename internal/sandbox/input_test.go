package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// badRequestCase is a request that must be refused and change nothing. {id} stands for a volume, {etag} for its ETag,
// {ticket} and {version} for a ticket and its.
type badRequestCase struct {
	name, method, path, body string
	header                   []string
	status                   int
	code                     string
	pointers                 []string
}

// everything is all that a client can see of the operator's objects.
func (c *client) everything() string {
	c.t.Helper()
	var all strings.Builder
	for _, project := range []string{"registry", "cadastre"} {
		all.Write(c.get("/v1/projects/" + project).is(http.StatusOK).body)
		for _, k := range kinds {
			all.Write(c.get("/v1/projects/" + project + "/" + k.segment).is(http.StatusOK).body)
		}
		all.Write(c.get("/v1/projects/" + project + "/tickets").is(http.StatusOK).body)
	}
	return all.String()
}

// refuse runs the cases against an operator that has a volume, a network and a machine.
func refuse(t *testing.T, cases []badRequestCase) {
	t.Helper()
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	net := c.made("networks", m{"name": "inner", "cidr": "10.0.0.0/24"})
	c.made("virtual-machines", machineOf("web", m{"network_interfaces": []m{{"network_id": net.ID}}}))
	volume := c.made("storage-volumes", m{"name": "data", "size_gib": 10, "labels": m{"env": "test"}})
	ticket := c.filed("incident", "Slow")
	fill := strings.NewReplacer(
		"{id}", volume.ID, "{etag}", volume.Etag, "{net}", net.ID, "{ticket}", ticket.Id, "{version}", *ticket.Etag,
	).Replace
	before := c.everything()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			id := uuid.NewString()
			header := []string{"X-Request-Id", id}
			if tc.method == http.MethodPost {
				header = append(header, "Idempotency-Key", uuid.NewString())
			}
			for _, h := range tc.header {
				header = append(header, fill(h))
			}
			var body any
			if tc.body != "" {
				body = fill(tc.body)
			}
			asker := *c
			asker.t = t
			a := asker.do(tc.method, fill(tc.path), body, header...)
			r := a.refused(tc.status, tc.code)
			if r.RequestID != id {
				t.Errorf("request_id is %q, not the client's own %q", r.RequestID, id)
			}
			if got := r.pointers(); tc.pointers != nil && !slices.Equal(got, tc.pointers) {
				t.Errorf("pointers %q, want %q: %v", got, tc.pointers, r.Errors)
			}
			if after := asker.everything(); after != before {
				t.Errorf("a refused request has changed something:\n%s\nwas\n%s", after, before)
			}
		})
	}
}

// invalid is a body that the contract does not allow.
func invalid(name, body string, pointers ...string) badRequestCase {
	return badRequestCase{
		name: name, method: http.MethodPost, path: "storage-volumes", body: body, status: 400, code: "invalid", pointers: pointers,
	}
}

func TestOrderBodyRefused(t *testing.T) {
	tooMany := map[string]string{}
	for i := range 65 {
		tooMany[fmt.Sprintf("key-%d", i)] = "v"
	}
	manyLabels, _ := json.Marshal(tooMany)
	ipv4 := func(name, body string, pointers ...string) badRequestCase {
		tc := invalid(name, body, pointers...)
		tc.path = "networks"
		return tc
	}
	machine := func(name, more string, pointers ...string) badRequestCase {
		tc := invalid(name, `{"name":"db","vcpus":2,"memory_mib":4096,`+more+`}`, pointers...)
		tc.path = "virtual-machines"
		return tc
	}
	large := invalid("over 1 MiB", `{"name":"new","size_gib":1}`+strings.Repeat(" ", 1<<20))
	large.status, large.code = 413, "too-large"
	illKey := invalid("label with an ill key", `{"name":"new","size_gib":1,"labels":{"Vide":"x"}}`, "/labels")
	illKey.status = 422
	emptyKey := invalid("label with an empty key", `{"name":"new","size_gib":1,"labels":{"":"x"}}`, "/labels")
	emptyKey.status = 422
	refuse(t, []badRequestCase{
		large, illKey, emptyKey,
		invalid("malformed", `{"name": new}`),
		invalid("truncated", `{"name":"new","size_gib":1`),
		invalid("empty object", `{}`, "/name", "/size_gib"),
		invalid("something behind it", `{"name":"new","size_gib":1} {"x":1}`),
		invalid("only a space", ` `),
		invalid("null", `null`),
		invalid("array", `[]`),
		invalid("string", `"new"`),
		invalid("name of 64", `{"name":"`+strings.Repeat("a", 64)+`","size_gib":1}`, "/name"),
		invalid("name empty", `{"name":"","size_gib":1}`, "/name", "/name"),
		invalid("name in upper case", `{"name":"New","size_gib":1}`, "/name"),
		invalid("name with a Latvian letter", `{"name":"reģistrs","size_gib":1}`, "/name"),
		invalid("name ending in a hyphen", `{"name":"new-","size_gib":1}`, "/name"),
		invalid("name ending in a line break", `{"name":"new\n","size_gib":1}`, "/name"),
		invalid("name that is not UTF-8", "{\"name\":\"n\xc4w\",\"size_gib\":1}"),
		invalid("description that is not UTF-8", "{\"name\":\"new\",\"size_gib\":1,\"description\":\"\xff\"}"),
		invalid("name missing", `{"size_gib":1}`, "/name"),
		invalid("name null", `{"name":null,"size_gib":1}`, "/name"),
		invalid("description null", `{"name":"new","size_gib":1,"description":null}`, "/description"),
		invalid("labels null", `{"name":"new","size_gib":1,"labels":null}`, "/labels"),
		invalid("label null", `{"name":"new","size_gib":1,"labels":{"a":null}}`, "/labels/a"),
		invalid("label a number", `{"name":"new","size_gib":1,"labels":{"a/b":1}}`, "/labels/a~1b"),
		invalid("label too long", `{"name":"new","size_gib":1,"labels":{"a~b":"`+strings.Repeat("ā", 256)+`"}}`, "/labels/a~0b"),
		invalid("65 labels", `{"name":"new","size_gib":1,"labels":`+string(manyLabels)+`}`, "/labels"),
		invalid("unknown field", `{"name":"new","size_gib":1,"colour":"red"}`, "/colour"),
		invalid("unknown field in another case", `{"name":"new","size_gib":1,"Zone":"riga-1"}`, "/Zone"),
		invalid("unknown field with a slash", `{"name":"new","size_gib":1,"a/b":1}`, "/a~1b"),
		invalid("unknown field with a quote", `{"name":"new","size_gib":1,"a\"b":1}`, `/a"b`),
		invalid("two things wrong", `{"name":"New","size_gib":1,"colour":1}`, "/colour", "/name"),
		invalid("unknown nested field", `{"name":"new","size_gib":1,"ownership":{"key":"x"}}`, "/ownership/key"),
		invalid("what the operator decides", `{"name":"new","size_gib":1,"state":"ready"}`, "/state"),
		invalid("size a string", `{"name":"new","size_gib":"1"}`, "/size_gib"),
		invalid("size a fraction", `{"name":"new","size_gib":1.5}`, "/size_gib"),
		invalid("size negative", `{"name":"new","size_gib":-1}`, "/size_gib"),
		invalid("size zero", `{"name":"new","size_gib":0}`, "/size_gib"),
		invalid("size beyond 64 bits", `{"name":"new","size_gib":9223372036854775808}`),
		invalid("protection a string", `{"name":"new","size_gib":1,"deletion_protection":"yes"}`, "/deletion_protection"),
		ipv4("DNS servers an object", `{"name":"new","cidr":"10.1.0.0/24","dns_servers":{}}`, "/dns_servers"),
		ipv4("DNS server a number", `{"name":"new","cidr":"10.1.0.0/24","dns_servers":["1.1.1.1",1]}`, "/dns_servers/1"),
		machine("unknown field of the boot disk", `"image_id":"x","boot_disk":{"size_gib":20,"on_destroy":"delete","iops":1}`,
			"/boot_disk/iops"),
		machine("fate of the boot disk missing", `"image_id":"x","boot_disk":{"size_gib":20}`, "/boot_disk/on_destroy"),
		machine("fate of the boot disk unknown", `"image_id":"x","boot_disk":{"size_gib":20,"on_destroy":"keep"}`, "/boot_disk/on_destroy"),
		machine("unknown field of an interface", `"image_id":"x","network_interfaces":[{"network_id":"{net}"},{"network_id":"{net}","mtu":1}]`,
			"/network_interfaces/1/mtu"),
		machine("power state unknown", `"image_id":"x","power_state":"paused"}`),
	})
}

func TestRequestRefused(t *testing.T) {
	const order = `{"name":"new","size_gib":1}`
	post := func(name string, status int, code string, header ...string) badRequestCase {
		return badRequestCase{
			name: name, method: "POST", path: "storage-volumes", body: order, header: header, status: status, code: code,
		}
	}
	get := func(name, path string, status int, code string, pointers ...string) badRequestCase {
		return badRequestCase{name: name, method: "GET", path: path, status: status, code: code, pointers: pointers}
	}
	noKey := post("no Idempotency-Key", 400, "invalid", "Idempotency-Key", "")
	illKey := post("ill Idempotency-Key", 400, "invalid", "Idempotency-Key", "not-a-uuid")
	noKey.pointers, illKey.pointers = []string{"#/header/Idempotency-Key"}, []string{"#/header/Idempotency-Key"}
	elsewhere := post("project of nobody", 404, "not-found")
	elsewhere.path = "/v1/projects/nobody/storage-volumes"
	put := badRequestCase{name: "PUT", method: "PUT", path: "storage-volumes/{id}", body: order, status: 405, code: "unsupported"}
	wrong := badRequestCase{name: "DELETE of a collection", method: "DELETE", path: "storage-volumes", status: 405, code: "unsupported"}
	claim := badRequestCase{name: "claim of nothing", method: "POST", path: "storage-volumes/vol-0/claim", status: 404, code: "not-found"}
	refuse(t, []badRequestCase{
		noKey, illKey, elsewhere, put, wrong, claim,
		post("text/plain", 415, "unsupported-media-type", "Content-Type", "text/plain"),
		post("no content type", 415, "unsupported-media-type", "Content-Type", ""),
		post("merge patch as an order", 415, "unsupported-media-type", "Content-Type", "application/merge-patch+json"),
		post("no token", 401, "unauthenticated", "Authorization", ""),
		post("wrong token", 401, "unauthenticated", "Authorization", "Bearer x"),
		post("basic instead of bearer", 401, "unauthenticated", "Authorization", "Basic x"),
		get("unknown parameter", "storage-volumes?colour=red", 400, "invalid", "#/query/colour"),
		get("ill query", "storage-volumes?name=%zz", 400, "invalid"),
		get("ill cursor", "storage-volumes?cursor=x", 400, "invalid", "#/query/cursor"),
		get("cursor before the start", "storage-volumes?cursor="+cursorOf(-5), 400, "invalid", "#/query/cursor"),
		get("ill cursor of images", "images?cursor=x", 400, "invalid", "#/query/cursor"),
		get("cursor of images before the start", "images?cursor="+cursorOf(-5), 400, "invalid", "#/query/cursor"),
		get("ill cursor of projects", "/v1/projects?cursor=x", 400, "invalid", "#/query/cursor"),
		get("limit 0", "storage-volumes?limit=0", 400, "invalid", "#/query/limit"),
		get("limit 1000", "storage-volumes?limit=1000", 400, "invalid", "#/query/limit"),
		get("limit a word", "storage-volumes?limit=all", 400, "invalid", "#/query/limit"),
		get("two limits", "storage-volumes?limit=1&limit=2", 400, "invalid", "#/query/limit"),
		get("unknown state", "storage-volumes?state=lost", 400, "invalid", "#/query/state"),
		get("label without a value", "storage-volumes?label=env", 400, "invalid", "#/query/label"),
		get("ill owner key", "storage-volumes?owner_key=1", 400, "invalid", "#/query/owner_key"),
		get("unknown path", "/v1/nothing", 404, "not-found"),
		get("unknown collection", "clusters", 404, "not-found"),
		get("unknown project", "/v1/projects/nobody/networks", 404, "not-found"),
		get("ill project", "/v1/projects/No_Body", 400, "invalid", "#/path/project"),
		get("another kind's id", "networks/{id}", 404, "not-found"),
		get("another project's id", "/v1/projects/cadastre/storage-volumes/{id}", 404, "not-found"),
		get("id of dots", "storage-volumes/%2e%2e", 404, "not-found"),
		get("id with a slash", "storage-volumes/a%2Fb", 400, "invalid", "#/path/id"),
		get("id that climbs", "storage-volumes/%2e%2e%2f{id}", 404, "not-found"),
		get("path that climbs", "networks/../storage-volumes/{id}", 404, "not-found"),
		get("path with two slashes", "/v1//projects/registry", 404, "not-found"),
		get("id too long", "storage-volumes/"+strings.Repeat("a", 65), 400, "invalid", "#/path/id"),
	})
}

func TestChangeRefused(t *testing.T) {
	patch := func(name, body string, status int, code string, pointers ...string) badRequestCase {
		return badRequestCase{
			name: name, method: "PATCH", path: "storage-volumes/{id}", body: body, header: []string{"If-Match", "{etag}"},
			status: status, code: code, pointers: pointers,
		}
	}
	without := func(tc badRequestCase, header ...string) badRequestCase {
		tc.header = header
		return tc
	}
	var many []string
	for i := range 64 {
		many = append(many, fmt.Sprintf(`"k%d":"v"`, i))
	}
	refuse(t, []badRequestCase{
		without(patch("no If-Match", `{"size_gib":20}`, 428, "precondition-required")),
		without(patch("stale If-Match", `{"size_gib":20}`, 412, "precondition-failed"), "If-Match", `"0"`),
		without(patch("plain JSON", `{"size_gib":20}`, 415, "unsupported-media-type"),
			"If-Match", "{etag}", "Content-Type", "application/json"),
		patch("unknown", `{"colour":"red"}`, 400, "invalid", "/colour"),
		patch("malformed", `{"size_gib":20`, 400, "invalid"),
		patch("something behind it", `{"size_gib":20} x`, 400, "invalid"),
		patch("array", `[]`, 400, "invalid"),
		patch("zone", `{"zone":"riga-2"}`, 422, "invalid", "/zone"),
		patch("class and zone", `{"class":"fast","zone":"riga-2"}`, 422, "invalid", "/class", "/zone"),
		patch("ownership", `{"ownership":{"deployment":"mine"}}`, 422, "invalid", "/ownership"),
		patch("shrink", `{"size_gib":9}`, 422, "invalid", "/size_gib"),
		patch("larger than the class", `{"size_gib":16385}`, 422, "invalid", "/size_gib"),
		patch("name null", `{"name":null}`, 400, "invalid", "/name"),
		patch("size null", `{"size_gib":null}`, 400, "invalid", "/size_gib"),
		patch("labels null", `{"labels":null}`, 400, "invalid", "/labels"),
		patch("ill label key", `{"labels":{"Env":"x"}}`, 422, "invalid", "/labels"),
		patch("one label too many", `{"labels":{`+strings.Join(many, ",")+`}}`, 422, "invalid", "/labels"),
		{
			name: "network's prefix", method: "PATCH", path: "networks/{net}", body: `{"cidr":"10.0.0.0/16"}`,
			header: []string{"If-Match", `"0"`}, status: 422, code: "invalid", pointers: []string{"/cidr"},
		},
	})
}
