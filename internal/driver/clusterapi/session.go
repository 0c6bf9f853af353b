package clusterapi

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// session is one namespace of a management cluster.
type session struct {
	operator            string
	endpoint, namespace string
	http                *http.Client
	options             Options
	// classes are those that clusters of a version, such as 1.34.4, are made with.
	classes map[string]class
	now     func() time.Time
	// skew is by how much the management cluster's clock is ahead of ours, nanoseconds.
	skew     atomic.Int64
	failures failures
	// locks has a *sync.Mutex for each cluster that is written to, by its name.
	locks sync.Map
	// pollAfter is the hint when to look again at what is not settled.
	pollAfter time.Duration
}

const (
	apiVersion = "cluster.x-k8s.io/v1beta2"
	jsonType   = "application/json"
	mergeType  = "application/merge-patch+json"
	// pollAfter suits machines that boot: the controllers hold no answer back.
	pollAfter = 2 * time.Second
	// pageSize is how many objects are asked for at once.
	pageSize = "500"
)

// request is one request to an API of Kubernetes.
type request struct {
	method string
	// path is what follows the endpoint; its parts are escaped by who makes it.
	path string
	// mediaType is that of body, JSON if empty.
	mediaType string
	// body and into are JSON, each may be nil.
	body, into any
}

// path is that of Cluster API's objects in the namespace.
func (s *session) path(resource string, name ...string) string {
	return namespaced("/apis/"+apiVersion, s.namespace, resource, name...)
}

// namespaced is a path in a group of an API.
func namespaced(group, namespace, resource string, name ...string) string {
	at := group + "/namespaces/" + url.PathEscape(namespace) + "/" + resource
	for _, n := range name {
		at += "/" + url.PathEscape(n)
	}
	return at
}

// do sends a request to the management cluster and returns the id that its audit log has it under.
func (s *session) do(ctx context.Context, r request) (requestID string, err error) {
	return s.send(ctx, s.http, s.endpoint, r)
}

// serverTime is what the management cluster's clock says, to about a second.
func (s *session) serverTime() time.Time { return s.now().Add(time.Duration(s.skew.Load())) }

// send is do for any cluster.
func (s *session) send(ctx context.Context, client *http.Client, endpoint string, r request) (requestID string, err error) {
	var body []byte
	if r.body != nil {
		if body, err = json.Marshal(r.body); err != nil {
			return "", err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, endpoint+r.path, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept", jsonType)
	if r.body != nil {
		req.Header.Set("Content-Type", jsonType)
		if r.mediaType != "" {
			req.Header.Set("Content-Type", r.mediaType)
		}
	}
	a, err := driver.Send(client, req)
	if at, bad := http.ParseTime(a.Header.Get("Date")); bad == nil && client == s.http {
		s.skew.Store(int64(at.Sub(s.now())))
	}
	writing := r.method != http.MethodGet
	requestID = driver.OneLine(a.Header.Get("Audit-Id"), driver.LineLimit)
	switch {
	case err != nil && a.Status == 0:
		return "", driver.Lost(s.operator, err, writing)
	case err != nil:
		return requestID, s.garbled(err, writing, requestID)
	case !a.Succeeded():
		return requestID, s.refusal(a, writing, requestID)
	case r.into == nil:
		return requestID, nil
	}
	if err := a.Decode(r.into); err != nil {
		return requestID, s.garbled(err, writing, requestID)
	}
	return requestID, nil
}

func (s *session) get(ctx context.Context, path string, into any) (requestID string, err error) {
	return s.do(ctx, request{method: http.MethodGet, path: path, into: into})
}

// pages streams a list, page by page as it is consumed. OnPage, if set, is called before each.
func pages[T any](ctx context.Context, s *session, path string, onPage func(), selectors ...string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		query := url.Values{"limit": {pageSize}}
		for i := 0; i+1 < len(selectors); i += 2 {
			query.Set(selectors[i], selectors[i+1])
		}
		for {
			if onPage != nil {
				onPage()
			}
			var list struct {
				Metadata struct {
					Continue string `json:"continue"`
				} `json:"metadata"`
				Items []T `json:"items"`
			}
			if _, err := s.get(ctx, path+"?"+query.Encode(), &list); err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range list.Items {
				if !yield(item, nil) {
					return
				}
			}
			if list.Metadata.Continue == "" {
				return
			}
			query.Set("continue", list.Metadata.Continue)
		}
	}
}

// identity is what an id of the port says: a name, and the UID of what had it then. Who imports writes the name alone.
type identity struct{ name, uid string }

func (i identity) String() string { return i.name + ":" + i.uid }

func parseIdentity(id string) identity {
	name, uid, _ := strings.Cut(id, ":")
	return identity{name, uid}
}
