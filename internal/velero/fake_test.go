package velero

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// cluster is an API of Kubernetes that keeps objects by their paths, with a Velero that answers at once.
type cluster struct {
	mu      sync.Mutex
	objects map[string]object
	// minted and revoked count credentials.
	minted, revoked int
	server          *httptest.Server
	// refuses is a method and what is after the namespace in a path, which are refused.
	refuses string
	// bare is a cluster without the custom resources of Velero.
	bare bool
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{objects: map[string]object{}}
	c.server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.server.Close)
	return c
}

// Mint implements cloud.ClusterAccess.
func (c *cluster) Mint(context.Context, string, cloud.AccessWish) (cloud.Access, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.minted++
	return cloud.Access{ID: "a", Host: c.server.URL}, nil
}

// Revoke implements cloud.ClusterAccess.
func (c *cluster) Revoke(context.Context, string, string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.revoked++
	return nil
}

// plans are those of the cluster, whose vault is at an operator that hands out these keys.
func (c *cluster) plans(keys *vaultKeys, now time.Time) *plans {
	at := &cloud.Operator{Name: "y", VaultAccess: keys}
	return &plans{&clusters{
		operator: &cloud.Operator{Name: "x", ClusterAccess: c}, open: map[string]*lease{},
		options: Options{
			Operator: func(context.Context, string) (*cloud.Operator, error) { return at, nil },
			Dial:     func(cloud.Access) (*http.Client, error) { return c.server.Client(), nil },
			Now:      func() time.Time { return now },
		},
	}}
}

func (c *cluster) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var body object
	_ = json.NewDecoder(r.Body).Decode(&body) // There may be none.
	at := r.URL.Path
	answer := func(status int, v any) {
		w.Header().Set("Content-Type", jsonType)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	_, what, _ := strings.Cut(at, "/namespaces/"+namespace+"/")
	switch found, ok := c.objects[at]; {
	case c.bare:
		http.Error(w, noSuchAPI, http.StatusNotFound)
	case c.refuses == r.Method+" "+what:
		answer(http.StatusForbidden, object{"kind": "Status", "message": "refused", "details": object{"name": "x"}})
	case r.Method == http.MethodPost:
		metadata, _ := body["metadata"].(object)
		name, _ := metadata["name"].(string)
		if _, taken := c.objects[at+"/"+name]; taken {
			answer(http.StatusConflict, object{
				"kind": "Status", "reason": "AlreadyExists", "message": name + " already exists", "details": object{"name": name},
			})
			return
		}
		c.objects[at+"/"+name] = c.processed(at, body)
		answer(http.StatusCreated, body)
	case r.Method == http.MethodPatch:
		c.objects[at] = merged(found, body)
		answer(http.StatusOK, c.objects[at])
	case r.Method == http.MethodDelete && strings.HasSuffix(at, "s"):
		for path, o := range c.objects {
			if in(path, at) && selected(o, r.URL.Query().Get("labelSelector")) {
				delete(c.objects, path)
			}
		}
		answer(http.StatusOK, object{"kind": "Status"})
	case r.Method == http.MethodDelete:
		delete(c.objects, at)
		answer(http.StatusOK, object{"kind": "Status"})
	case ok:
		answer(http.StatusOK, found)
	case strings.HasSuffix(at, "s"):
		items := []object{}
		for path, o := range c.objects {
			if in(path, at) && selected(o, r.URL.Query().Get("labelSelector")) {
				items = append(items, o)
			}
		}
		answer(http.StatusOK, object{"items": items})
	default:
		answer(http.StatusNotFound, object{"kind": "Status", "message": "not found", "details": object{"name": "x"}})
	}
}

// in reports whether an object is of a sort, in its namespace or in all.
func in(path, sort string) bool {
	group, sort := sort[:strings.LastIndex(sort, "/")], sort[strings.LastIndex(sort, "/"):]
	rest, ok := strings.CutPrefix(path, group)
	at := strings.LastIndex(rest, "/")
	if !ok || at < 0 {
		return false
	}
	return rest[:at] == sort || strings.HasPrefix(rest, "/namespaces/") && strings.Count(rest, "/") == 4 && strings.HasSuffix(rest[:at], sort)
}

// selected reports whether an object has labels as a selector has them: with a value, or with any.
func selected(o object, selector string) bool {
	raw, _ := json.Marshal(o)
	var kept struct {
		Metadata metadata `json:"metadata"`
	}
	_ = json.Unmarshal(raw, &kept) // What is not as it should be has no labels.
	for _, wanted := range strings.FieldsFunc(selector, func(r rune) bool { return r == ',' }) {
		name, value, exact := strings.Cut(wanted, "=")
		if got, ok := kept.Metadata.Labels[name]; !ok || exact && got != value {
			return false
		}
	}
	return true
}

// processed is what Velero makes of an object.
func (c *cluster) processed(at string, o object) object {
	if strings.HasSuffix(at, "serverstatusrequests") {
		o["status"] = object{
			"phase": "Processed", "serverVersion": "v1.18.3", "plugins": []object{{"name": "velero.io/aws", "kind": "ObjectStore"}},
		}
	}
	return o
}

// merged is an object with fields changed (RFC 7386).
func merged(into, fields object) object {
	out := maps.Clone(into)
	if out == nil {
		out = object{}
	}
	for k, v := range fields {
		inner, isObject := v.(object)
		before, _ := out[k].(object)
		switch {
		case v == nil:
			delete(out, k)
		case isObject:
			out[k] = merged(before, inner)
		default:
			out[k] = v
		}
	}
	return out
}
