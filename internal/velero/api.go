package velero

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

const (
	jsonType  = "application/json"
	mergeType = "application/merge-patch+json"
	// applyType is server-side apply, whose fields are this package's.
	applyType = "application/apply-patch+yaml"
	manager   = "fieldManager=vdam&force=true"

	namespace = "velero"
	group     = "/apis/velero.io/v1"
)

// api is the API of one cluster.
type api struct {
	operator string
	// connect is asked for each request.
	connect func(ctx context.Context) (connection, error)
}

// connection is where an API is, and who speaks to it.
type connection struct {
	endpoint string
	http     *http.Client
}

// object is one of the API, as JSON.
type object = map[string]any

// path is that of one of Velero's objects, or of all of a sort.
func path(resource string, name ...string) string { return within(group, namespace, resource, name...) }

// within is a path in a namespace.
func within(group, namespace, resource string, name ...string) string {
	at := group + "/namespaces/" + url.PathEscape(namespace) + "/" + resource
	for _, n := range name {
		at += "/" + url.PathEscape(n)
	}
	return at
}

func (a *api) get(ctx context.Context, path string, into any) error {
	return a.do(ctx, http.MethodGet, path, jsonType, nil, into)
}

// create fails with ErrConflict if there is one of the name.
func (a *api) create(ctx context.Context, path string, o object) error {
	return a.do(ctx, http.MethodPost, path, jsonType, o, nil)
}

// apply makes an object, or has its fields be as given.
func (a *api) apply(ctx context.Context, path string, o object) error {
	return a.do(ctx, http.MethodPatch, path+"?"+manager, applyType, o, nil)
}

// merge changes fields of an object.
func (a *api) merge(ctx context.Context, path string, fields object) error {
	return a.do(ctx, http.MethodPatch, path, mergeType, fields, nil)
}

// remove is content with what is not there.
func (a *api) remove(ctx context.Context, path string) error {
	err := a.do(ctx, http.MethodDelete, path, jsonType, nil, nil)
	if errors.Is(err, cloud.ErrNotFound) {
		return nil
	}
	return err
}

func (a *api) do(ctx context.Context, method, path, mediaType string, body, into any) error {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return err
		}
	}
	to, err := a.connect(ctx)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, to.endpoint+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Accept", jsonType)
	if body != nil {
		req.Header.Set("Content-Type", mediaType)
	}
	writing := method != http.MethodGet
	answer, err := driver.Send(to.http, req)
	switch {
	case err != nil && answer.Status == 0:
		return driver.Lost(a.operator, err, writing)
	case err == nil && !answer.Succeeded():
		return a.refusal(answer, writing)
	case err == nil && into != nil:
		err = answer.Decode(into)
	}
	if err != nil {
		reason := cloud.ErrUnavailable
		if writing {
			reason = cloud.ErrUnknownOutcome
		}
		return &cloud.Error{Reason: reason, Operator: a.operator, Cause: err,
			Text: driver.Sentence("The answer of the cluster's API cannot be used: " + err.Error())}
	}
	return nil
}

// noSuchAPI is what Kubernetes answers, in no other form, of a group that it does not serve.
const noSuchAPI = "404 page not found"

// howToGoOn is for clusters that Velero has been taken out of. It could as well be a proxy on the way that answers so, so that
// nothing is taken for gone.
const howToGoOn = "If Velero was taken out of the cluster, its plans and backups there are gone with it, and what is in the vault is not." +
	" Install Velero again, and apply, or let go of them by `terraform state rm`."

// refusal maps an answer that is no success (Kubernetes API conventions, "Response Status Kind").
func (a *api) refusal(answer driver.Answer, writing bool) error {
	var said struct {
		Kind    string `json:"kind"`
		Message string `json:"message"`
		Details struct {
			Name string `json:"name"`
		} `json:"details"`
	}
	e := &cloud.Error{Operator: a.operator, Reason: answer.Reason(writing), RetryAfter: answer.RetryAfter()}
	if answer.Status == http.StatusNotFound && strings.TrimSpace(string(answer.Body)) == noSuchAPI {
		e.Reason, e.Text, e.Advice = cloud.ErrUnsupported, "The cluster's API has no such sort of object.", howToGoOn
		return e
	}
	if answer.Decode(&said) != nil || said.Kind != "Status" {
		e.Text = fmt.Sprintf("The cluster's API answered %d %s.", answer.Status, http.StatusText(answer.Status))
		return e
	}
	e.Text = driver.Sentence("The cluster's API says: " + strings.TrimSpace(said.Message))
	switch {
	case answer.Status == http.StatusNotFound && said.Details.Name == "":
		e.Reason, e.Advice = cloud.ErrUnsupported, howToGoOn // There is no such sort of object.
	case answer.Status == http.StatusNotFound:
		e.Reason = cloud.ErrNotFound
	case answer.Status == http.StatusForbidden:
		e.Advice = "The credentials that the operator has minted do not have the rights. Ask the operator."
	}
	return e
}

// list reads all of a sort that have a label.
func list[T any](ctx context.Context, a *api, path, selector string) ([]T, error) {
	var all []T
	query := url.Values{"limit": {"500"}, "labelSelector": {selector}}
	for {
		var page struct {
			Metadata struct {
				Continue string `json:"continue"`
			} `json:"metadata"`
			Items []T `json:"items"`
		}
		if err := a.get(ctx, path+"?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Metadata.Continue == "" {
			return all, nil
		}
		query.Set("continue", page.Metadata.Continue)
	}
}

func isNotFound(err error) bool { return errors.Is(err, cloud.ErrNotFound) }

// absent reports whether there is nothing of Velero in a cluster, or no cluster behind its API.
func absent(err error) bool {
	return errors.Is(err, cloud.ErrUnsupported) || errors.Is(err, cloud.ErrNotFound)
}
