package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestWrongMethodIsToldTheRightOnes(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	for _, tc := range []struct{ method, path, allow string }{
		{"PUT", "networks/x", "GET, PATCH, DELETE"},
		{"DELETE", "networks", "GET, POST"},
		{"GET", "networks/x/claim", "POST"},
		{"GET", "/oauth/token", "POST"},
		{"POST", "/v1/operator", "GET"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			a := c.do(tc.method, tc.path, nil)
			a.refused(http.StatusMethodNotAllowed, "unsupported")
			if got := a.header.Get("Allow"); got != tc.allow {
				t.Errorf("Allow is %q, want %q", got, tc.allow)
			}
		})
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	v := c.made("networks", m{"name": "inner", "cidr": "10.0.0.0/24"})
	a := c.do(http.MethodHead, "networks/"+v.ID, nil).is(http.StatusOK)
	if a.header.Get("ETag") != v.Etag || len(a.body) != 0 {
		t.Errorf("ETag %q and %d bytes, want %q and none", a.header.Get("ETag"), len(a.body), v.Etag)
	}
}

func TestDiscoveryNeedsNoToken(t *testing.T) {
	s := start(t, Options{})
	for _, operator := range []string{"lvrtc", "iem-ic", "lnb"} {
		c := &client{t: t, base: s.Endpoint(operator)}
		links := c.get("/.well-known/api-catalog").is(http.StatusOK)
		if got := links.header.Get("Content-Type"); got != "application/linkset+json" {
			t.Errorf("the catalogue of APIs is %s", got)
		}
		if !strings.Contains(string(links.body), c.base+"/v1/operator") {
			t.Errorf("the catalogue of APIs does not lead to the operator document: %s", links.body)
		}
		document := c.get("/v1/operator").is(http.StatusOK)
		if document.text("name") != operator || document.text("token_endpoint") != c.base+"/oauth/token" {
			t.Errorf("document of %s: %s", operator, document.body)
		}
		c.get("/v1/catalogue").is(http.StatusOK)
		c.get("/v1/projects").refused(http.StatusUnauthorized, "unauthenticated")
	}
}

func TestDirectoryListsOperators(t *testing.T) {
	s := start(t, Options{})
	c := &client{t: t, base: strings.TrimSuffix(s.DirectoryURL(), "/operators.json")}
	var d struct {
		Version   int
		Operators []struct{ Name, Kind, Endpoint string }
	}
	c.get("/operators.json").is(http.StatusOK).into(&d)
	var got []string
	for _, o := range d.Operators {
		got = append(got, o.Name)
		if o.Kind != "selfservice" || o.Endpoint != s.Endpoint(o.Name) {
			t.Errorf("entry %+v, want endpoint %s", o, s.Endpoint(o.Name))
		}
	}
	if d.Version != 1 || !slices.Equal(got, []string{"lvrtc", "iem-ic", "lnb"}) {
		t.Errorf("version %d, operators %v", d.Version, got)
	}
}

func TestProjectsAndImagesCanBePaged(t *testing.T) {
	c := at(t, start(t, Options{}), "lvrtc")
	for _, tc := range []struct {
		path string
		want []string
	}{
		{"/v1/projects", []string{"registry", "cadastre", "load"}},
		{"images", []string{"debian-13-20261102", "windows-server-2025", "debian-13", "debian-12"}},
	} {
		var got []string
		for path := tc.path + "?limit=1"; path != ""; {
			items, next := c.list(path)
			if got = append(got, names(items)...); len(items) != 1 {
				t.Fatalf("%s: a page of 1 has %v", tc.path, names(items))
			}
			if path = tc.path + "?limit=1&cursor=" + next; next == "" {
				path = ""
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.path, got, tc.want)
		}
	}
	items, _ := c.list("images?name=debian-13")
	if len(items) != 1 || items[0].ID != "debian-13-20260601" {
		t.Errorf("images of a name: %+v", items)
	}
	if got := c.get("images/debian-12-20251110").is(http.StatusOK).text("name"); got != "debian-12" {
		t.Errorf("image %q", got)
	}
	c.get("images/debian-11").refused(http.StatusNotFound, "not-found")
}

func TestRequestsAreRecorded(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	s.ResetRequests()
	a := c.get("networks?limit=7").is(http.StatusOK)
	got := s.Requests()
	if len(got) != 1 {
		t.Fatalf("%d requests, want 1: %+v", len(got), got)
	}
	want := Request{
		Operator: "lvrtc", Method: "GET", Path: "/v1/projects/registry/networks", Query: "limit=7", Status: 200,
		ID: a.header.Get("X-Request-Id"), Duration: got[0].Duration,
	}
	if got[0] != want || want.Duration <= 0 {
		t.Errorf("request %+v, want %+v", got[0], want)
	}
}
