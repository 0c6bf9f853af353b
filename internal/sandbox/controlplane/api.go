package controlplane

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
	"net/url"
	"time"
)

const (
	// apiAnswer is how long the API of a cluster may take to answer.
	apiAnswer = 30 * time.Second

	plainJSON  = "application/json"
	mergePatch = "application/merge-patch+json"
)

// api speaks to the Kubernetes API of a cluster as its administrator.
type api struct {
	endpoint string
	client   *http.Client
}

func newAPI(endpoint string, ca []byte, administrator pair) (*api, error) {
	certificate, err := tls.X509KeyPair(administrator.certificate, administrator.key)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("the certificate of the cluster's authority is not PEM")
	}
	transport := &http.Transport{ // Without a proxy: it is on loopback.
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13},
		ForceAttemptHTTP2: true,
	}
	return &api{endpoint: endpoint, client: &http.Client{Transport: transport, Timeout: apiAnswer}}, nil
}

func (a *api) close() { a.client.CloseIdleConnections() }

// Refusal is the API's own answer that it does not do something.
type Refusal struct {
	Code    int    `json:"code"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("the Kubernetes API answers %d: %s", r.Code, r.Message)
}

// Refused reports that the API has answered this status.
func Refused(err error, status int) bool {
	var r *Refusal
	return errors.As(err, &r) && r.Code == status
}

// object is what the API has, as JSON.
type object = map[string]any

// path joins what may hold anything, as names of users do.
func path(parts ...string) string {
	p := ""
	for _, part := range parts {
		p += "/" + url.PathEscape(part)
	}
	return p
}

func (a *api) get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return a.do(ctx, http.MethodGet, path, plainJSON, nil, into)
}

// delete is content with what is not there.
func (a *api) delete(ctx context.Context, path string, query url.Values) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	err := a.do(ctx, http.MethodDelete, path, plainJSON, nil, nil)
	if Refused(err, http.StatusNotFound) {
		return nil
	}
	return err
}

func (a *api) do(ctx context.Context, method, path, contentType string, body, into any) error {
	return Ask(ctx, a.client, method, a.endpoint+path, contentType, body, into)
}

// Ask sends a request to the API of Kubernetes, with a body in JSON or none, and decodes what it answers, if that is wanted.
// What the API refuses is a *Refusal.
func Ask(ctx context.Context, client *http.Client, method, url, contentType string, body, into any) error {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		r := &Refusal{}
		if err := json.Unmarshal(raw, r); err != nil || r.Message == "" {
			r.Message = string(raw) // Such as that of /readyz, which is text.
		}
		r.Code = resp.StatusCode
		return r
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// ready asks whether the API is up.
func (a *api) ready(ctx context.Context) error { return a.get(ctx, "/readyz", nil, nil) }
