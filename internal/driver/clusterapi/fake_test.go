package clusterapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// fake is a management cluster that plays Cluster API's controllers: what is ordered is carried out some requests later.
// The real controllers are tested against by the same suite, see suite_real_test.go.
type fake struct {
	*httptest.Server
	mu          sync.Mutex
	clusters    map[string]object
	deployments map[string][]object
	// steps are how many more requests it takes until a cluster is as ordered.
	steps map[string]int
	// held keeps everything from being carried out.
	held bool
	// broken is what the topology's reconciliation fails with.
	broken string
	// kubeconfig is the administrator's of every cluster.
	kubeconfig string
	// refuse answers the next request that writes, if it is set.
	refuse http.HandlerFunc
	now    func() time.Time
}

const testNamespace = "acme"

func startFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{clusters: map[string]object{}, deployments: map[string][]object{}, steps: map[string]int{}, now: time.Now}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Audit-Id", uuid.NewString())
	w.Header().Set("Date", f.now().UTC().Format(http.TimeFormat))
	if h := f.refuse; h != nil && r.Method != http.MethodGet {
		f.refuse = nil
		h(w, r)
		return
	}
	f.reconcile()
	resource, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/apis/"+apiVersion+"/namespaces/"+testNamespace+"/"), "/")
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/v1/namespaces/"+testNamespace+"/secrets/"):
		f.secret(w, strings.TrimSuffix(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], "-kubeconfig"))
	case resource == "clusterclasses" && name == "":
		answer(w, http.StatusOK, map[string]any{"items": []any{testClass}})
	case resource == "machinedeployments":
		f.listDeployments(w, r.URL.Query().Get("labelSelector"))
	case resource == "clusters" && name == "" && r.Method == http.MethodPost:
		f.create(w, r)
	case resource == "clusters" && name == "":
		f.list(w, r)
	case resource == "clusters" && f.clusters[name] != nil:
		f.one(w, r, name)
	case resource == "clusters", resource == "clusterclasses":
		refuse(w, http.StatusNotFound, "NotFound", map[string]any{"name": name, "kind": resource})
	default:
		refuse(w, http.StatusNotFound, "NotFound", nil)
	}
}

var testClass = map[string]any{
	"metadata": map[string]any{"name": "small-cloud"},
	"spec": map[string]any{
		"kubernetesVersions": []any{"v1.33.13", "v1.34.2", "v1.34.4", "v1.35.4"},
		"workers":            map[string]any{"machineDeployments": []any{map[string]any{"class": "default-worker"}}},
	},
}

func answer(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, code int, reason string, details any) {
	answer(w, code, map[string]any{"kind": "Status", "message": "it says " + reason, "reason": reason, "details": details})
}

func (f *fake) secret(w http.ResponseWriter, cluster string) {
	if f.clusters[cluster] == nil {
		refuse(w, http.StatusNotFound, "NotFound", map[string]any{"name": cluster, "kind": "secrets"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"data": map[string]any{"value": base64.StdEncoding.EncodeToString([]byte(f.kubeconfig))}})
}

func (f *fake) create(w http.ResponseWriter, r *http.Request) {
	var o object
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		answer(w, http.StatusBadRequest, err.Error())
		return
	}
	m := o.at("metadata")
	name := m["name"].(string)
	if f.clusters[name] != nil {
		refuse(w, http.StatusConflict, "AlreadyExists", map[string]any{"name": name, "kind": "clusters"})
		return
	}
	m["uid"], m["creationTimestamp"] = uuid.NewString(), f.now().UTC().Format(time.RFC3339)
	f.store(name, o)
	answer(w, http.StatusCreated, o)
}

// store keeps a new form of a cluster.
func (f *fake) store(name string, o object) {
	m := o.at("metadata")
	was, _ := m["generation"].(json.Number)
	n, _ := was.Int64()
	m["generation"], m["resourceVersion"] = json.Number(fmt.Sprint(n+1)), uuid.NewString()
	f.clusters[name], f.steps[name] = o, 3
}

func (f *fake) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var items []any
	for _, name := range slices.Sorted(maps.Keys(f.clusters)) {
		o := f.clusters[name]
		key, wanted, _ := strings.Cut(q.Get("labelSelector"), "=")
		fits := q.Get("labelSelector") == "" || o.at("metadata", "labels")[key] == wanted
		if s := q.Get("fieldSelector"); fits && (s == "" || s == "metadata.name="+name) && name > q.Get("continue") {
			items = append(items, o)
		}
	}
	page := map[string]any{"items": items}
	if len(items) > 2 { // Pages are short here, whatever was asked for.
		page["items"] = items[:2]
		page["metadata"] = map[string]any{"continue": items[1].(object).at("metadata")["name"]}
	}
	answer(w, http.StatusOK, page)
}

func (f *fake) listDeployments(w http.ResponseWriter, selector string) {
	var items []any
	for cluster, all := range f.deployments {
		if strings.Contains(selector, clusterLabel+"=") && !strings.Contains(selector, clusterLabel+"="+cluster+",") {
			continue
		}
		for _, d := range all {
			items = append(items, d)
		}
	}
	answer(w, http.StatusOK, map[string]any{"items": items})
}

func (f *fake) one(w http.ResponseWriter, r *http.Request, name string) {
	o := f.clusters[name]
	m := o.at("metadata")
	body, _ := io.ReadAll(r.Body)
	switch r.Method {
	case http.MethodPut:
		var to object
		if err := json.Unmarshal(body, &to); err != nil || to.at("metadata")["resourceVersion"] != m["resourceVersion"] {
			refuse(w, http.StatusConflict, "Conflict", nil)
			return
		}
		f.store(name, to)
	case http.MethodPatch:
		var patch object
		if err := json.Unmarshal(body, &patch); err != nil || patch.at("metadata")["uid"] != m["uid"] {
			refuse(w, http.StatusConflict, "Conflict", nil)
			return
		}
		merge(o, patch)
		m["resourceVersion"] = uuid.NewString()
	case http.MethodDelete:
		if m["deletionTimestamp"] == nil {
			m["deletionTimestamp"], f.steps[name] = f.now().UTC().Format(time.RFC3339), 2
		}
	}
	answer(w, http.StatusOK, f.clusters[name])
}

// merge is a JSON merge patch (RFC 7396).
func merge(into, patch object) {
	for key, v := range patch {
		inner, ok := v.(map[string]any)
		switch {
		case v == nil:
			delete(into, key)
		case ok:
			merge(into.at(key), inner)
		default:
			into[key] = v
		}
	}
}

// reconcile goes one step.
func (f *fake) reconcile() {
	for name, o := range f.clusters {
		if f.held || f.steps[name] == 0 {
			continue
		}
		f.steps[name]--
		switch done := f.steps[name] == 0; {
		case o.at("metadata")["deletionTimestamp"] != nil && done:
			delete(f.clusters, name)
			delete(f.deployments, name)
		case f.broken != "":
			o["status"] = map[string]any{"conditions": []any{f.condition(topologyReconciled, "False", reconcileFailed, f.broken)}}
		case done:
			f.settle(name, o)
		}
	}
}

func (f *fake) condition(name, status, reason, message string) any {
	return map[string]any{"type": name, "status": status, "reason": reason, "message": message,
		"lastTransitionTime": f.now().UTC().Format(time.RFC3339), "observedGeneration": 1 << 30}
}

// settle makes a cluster as it was ordered.
func (f *fake) settle(name string, o object) {
	topology := o.at("spec", "topology")
	n := topology.at("controlPlane")["replicas"]
	o["status"] = map[string]any{
		"observedGeneration": o.at("metadata")["generation"],
		"controlPlane":       map[string]any{"replicas": n, "upToDateReplicas": n, "availableReplicas": n},
		"conditions":         []any{f.condition(topologyReconciled, "True", "ok", ""), f.condition(available, "True", "ok", "")},
	}
	o.at("spec")["controlPlaneEndpoint"] = map[string]any{"host": "192.0.2.7", "port": 6443}
	f.deployments[name] = nil
	for _, v := range topology.at("workers").list("machineDeployments") {
		p := object(v.(map[string]any))
		nodes := p["replicas"]
		if nodes == nil { // As the webhook sets it where there is an autoscaler.
			nodes = json.Number(p.at("metadata", "annotations")[minSizeNote].(string))
		}
		f.deployments[name] = append(f.deployments[name], object{
			"metadata": map[string]any{
				"labels":      map[string]any{clusterLabel: name, deploymentLabel: p["name"]},
				"annotations": p.at("metadata")["annotations"],
			},
			"spec":   map[string]any{"replicas": nodes, "template": map[string]any{"spec": map[string]any{"version": topology["version"]}}},
			"status": map[string]any{"replicas": nodes, "upToDateReplicas": nodes, "availableReplicas": nodes},
		})
	}
}
