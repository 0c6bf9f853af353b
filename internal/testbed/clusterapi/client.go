package clusterapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	endpoint, token string
	http            *http.Client
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
	return &Client{endpoint: cluster.Endpoint(), token: token, http: &http.Client{Transport: transport, Timeout: answerTime}}, nil
}

// Refusal is the API's own answer that it does not do something.
type Refusal struct {
	Code            int
	Reason, Message string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("the API answers %d %s: %s", r.Code, r.Reason, r.Message)
}

// Refused says whether an error is an answer of this status.
func Refused(err error, status int) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Code == status
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
	if Refused(err, http.StatusNotFound) {
		return nil
	}
	return err
}

func (c *Client) apply(ctx context.Context, o Object, query string) error {
	path := pathOf(o) + "?force=true&fieldManager=" + manager + query
	return c.do(ctx, http.MethodPatch, path, "application/apply-patch+yaml", o, nil) // JSON is YAML.
}

func (c *Client) do(ctx context.Context, method, path, contentType string, body, into any) error {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.endpoint+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		r := &Refusal{}
		if err := json.Unmarshal(raw, r); err != nil {
			r.Message = string(raw)
		}
		r.Code = resp.StatusCode
		return fmt.Errorf("%s %s: %w", method, path, r)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}
