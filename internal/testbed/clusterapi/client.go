package clusterapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
)

const (
	// manager is who owns the fields that a Client applies.
	manager = "testbed"
	// answerTime is how long the API may take to answer, which it does after its webhooks.
	answerTime = 30 * time.Second
)

// Object is one of the API, as JSON.
type Object = map[string]any

// Client speaks to the management cluster as somebody.
type Client struct {
	endpoint string
	http     *http.Client
}

// newClient makes a client of who has a certificate or a token.
func newClient(cluster *controlplane.Cluster, certificate, key []byte, token string) (*Client, error) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cluster.CA())
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}
	if token == "" {
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	// Without a proxy: it is on loopback.
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, IdleConnTimeout: answerTime}
	c := &Client{endpoint: cluster.Endpoint(), http: &http.Client{Transport: transport, Timeout: answerTime}}
	if token != "" {
		c.http.Transport = bearing{token, transport}
	}
	return c, nil
}

// Path is that of an object, or of all of a kind if name is empty: Path(V1Beta2, "acme", "clusters", "a").
// Objects of no namespace have an empty one.
func Path(apiVersion, namespace, resource, name string) string {
	p := "/apis/" + apiVersion
	if !strings.Contains(apiVersion, "/") {
		p = "/api/" + apiVersion
	}
	if namespace != "" {
		p += "/namespaces/" + namespace
	}
	p += "/" + resource
	if name != "" {
		p += "/" + name
	}
	return p
}

// pathOf is where an object is to be.
func pathOf(o Object) string {
	apiVersion, _ := o["apiVersion"].(string)
	kind, _ := o["kind"].(string)
	metadata, _ := o["metadata"].(Object)
	namespace, _ := metadata["namespace"].(string)
	name, _ := metadata["name"].(string)
	plural := strings.ToLower(kind) + "s"
	if strings.HasSuffix(kind, "s") {
		plural = strings.ToLower(kind) + "es"
	}
	return Path(apiVersion, namespace, plural, name)
}

// Get reads an object, or a list.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	return c.do(ctx, http.MethodGet, path, "application/json", nil, into)
}

// Apply makes an object, or has its fields be as given: server-side apply.
func (c *Client) Apply(ctx context.Context, o Object) error {
	return c.apply(ctx, o, "")
}

// Merge changes fields of an object as kubectl patch --type=merge does.
func (c *Client) Merge(ctx context.Context, path string, fields Object) error {
	return c.do(ctx, http.MethodPatch, path, "application/merge-patch+json", fields, nil)
}

// Create posts an object to a path, and reads the answer.
func (c *Client) Create(ctx context.Context, path string, o Object, into any) error {
	return c.do(ctx, http.MethodPost, path, "application/json", o, into)
}

// Delete asks to delete an object. What is not there is deleted.
func (c *Client) Delete(ctx context.Context, path string) error {
	err := c.do(ctx, http.MethodDelete, path, "application/json", nil, nil)
	if controlplane.Refused(err, http.StatusNotFound) {
		return nil
	}
	return err
}

func (c *Client) apply(ctx context.Context, o Object, query string) error {
	path := pathOf(o) + "?force=true&fieldManager=" + manager + query
	return c.do(ctx, http.MethodPatch, path, "application/apply-patch+yaml", o, nil) // JSON is YAML.
}

func (c *Client) do(ctx context.Context, method, path, contentType string, body, into any) error {
	if err := controlplane.Ask(ctx, c.http, method, c.endpoint+path, contentType, body, into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// bearing shows a token with each request.
type bearing struct {
	token string
	next  http.RoundTripper
}

func (b bearing) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}
