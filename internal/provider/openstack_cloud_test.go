package provider_test

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// openstackCloud is as much of an OpenStack as is asked when it is opened. Keystone accepts everything but [secret].
type openstackCloud struct {
	*httptest.Server
	// project is that of every token.
	project string
	// services are those of the catalogue, nova is the newest version that its Nova speaks.
	services []string
	nova     string
	regions  []string

	mu sync.Mutex
	// asked are the bodies of the requests for tokens, served the regions and interfaces of all others.
	asked, served []string
}

const keystoneToken = "gAAAA-of-a-test"

func newOpenstackCloud(t *testing.T) *openstackCloud {
	t.Helper()
	c := &openstackCloud{
		project: "cadastre", services: []string{"compute", "network", "volumev3", "image"}, nova: "2.95", regions: []string{"Riga"},
	}
	c.Server = httptest.NewUnstartedServer(c)
	c.Config.ErrorLog = discarded
	t.Cleanup(func() { c.Close() })
	return c
}

func (c *openstackCloud) started() *openstackCloud {
	c.Start()
	return c
}

// ServeHTTP answers what Keystone, Nova, Neutron and Cinder do.
func (c *openstackCloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.URL.Path == "/v3/auth/tokens" {
		c.keystone(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/identity/") {
		http.NotFound(w, r)
		return
	}
	if r.Header.Get("X-Auth-Token") != keystoneToken {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	region, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	which, rest, _ := strings.Cut(rest, "/")
	if at := region + "/" + which; !slices.Contains(c.served, at) {
		c.served = append(c.served, at)
	}
	answer := map[string]string{
		"compute/v2.1/":               `{"version": {"version": "` + c.nova + `", "min_version": "2.1"}}`,
		"volumev3/v3/":                `{"versions": [{"version": "3.70", "min_version": "3.0"}]}`,
		"compute/v2.1/flavors/detail": `{"flavors": [{"id": "1", "name": "m1.small", "vcpus": 1, "ram": 1024}]}`,
		"volumev3/v3/p/types":         `{"volume_types": []}`,
		"network/v2.0/extensions": `{"extensions": [{"alias": "standard-attr-tag"}, ` +
			`{"alias": "security-group"}, {"alias": "standard-attr-description"}]}`,
	}[rest]
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, cmp.Or(answer, "{}")) // There is nothing of anything else.
}

func (c *openstackCloud) keystone(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.asked = append(c.asked, string(body))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Openstack-Request-Id", "req-of-keystone")
	if strings.Contains(string(body), secret) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error": {"code": 401, "message": `+
			`"The request you have made requires authentication."}}`)
		return
	}
	type m = map[string]any
	var catalogue []m
	for _, s := range c.services {
		at := map[string]string{"compute": "/compute/v2.1", "volumev3": "/volumev3/v3/p", "network": "/network", "image": "/image"}[s]
		var endpoints []m
		for _, region := range c.regions {
			for _, which := range []string{"public", "internal"} {
				endpoints = append(endpoints, m{
					"region": region, "region_id": region, "interface": which, "url": c.URL + "/" + region + "/" + which + at,
				})
			}
		}
		catalogue = append(catalogue, m{"type": s, "name": s, "endpoints": endpoints})
	}
	w.Header().Set("X-Subject-Token", keystoneToken)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(m{"token": m{
		"issued_at": time.Now(), "expires_at": time.Now().Add(time.Hour), "catalog": catalogue,
		"project": m{"id": "5d41402abc4b2a76b9719d911017c592", "name": c.project, "domain": m{"id": "default", "name": "Default"}},
	}})
}
