package selfservice

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// mergePatchType is the media type of changes (RFC 7396).
const mergePatchType = "application/merge-patch+json"

// Discovery is the operator document, which says where tokens come from before there is one.
type Discovery struct {
	// TokenEndpoint is where OAuth 2.0 tokens come from.
	TokenEndpoint string

	endpoint string
	document api.Operator
}

// Discover reads the operator document at an endpoint, without a token. Name is the operator's in the configuration.
func Discover(ctx context.Context, anonymous *http.Client, name, endpoint string) (*Discovery, error) {
	s, err := newSession(name, "", endpoint, anonymous)
	if err != nil {
		return nil, err
	}
	return s.discover(ctx, endpoint)
}

// newSession checks an endpoint and makes the client for it.
func newSession(name, project, endpoint string, client *http.Client) (*session, error) {
	s := &session{operator: name, project: project}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil, u.Host == "", u.Scheme != "https" && u.Scheme != "http":
		return nil, s.invalid("The endpoint is not an address such as https://cloud.operator.example.")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, s.invalid("The endpoint must be an address without credentials, query or fragment.")
	}
	s.client, err = api.NewClient(endpoint, api.WithHTTPClient(client))
	if err != nil {
		return nil, s.invalid(driver.Sentence("The endpoint cannot be used: " + err.Error()))
	}
	return s, nil
}

func (s *session) discover(ctx context.Context, endpoint string) (*Discovery, error) {
	d := &Discovery{endpoint: endpoint}
	err := s.read(func() (*http.Response, error) { return s.client.GetOperator(ctx) }, func(a answer) error {
		d.document = api.Operator{}
		if err := a.Decode(&d.document); err != nil {
			return err
		}
		if len(d.document.ApiVersions) == 0 || d.document.TokenEndpoint == "" {
			return errors.New("it is JSON, but no operator document")
		}
		return nil
	})
	if err != nil {
		return nil, s.notAnAPI(err)
	}
	if err := s.checkVersions(d.document.ApiVersions); err != nil {
		return nil, err
	}
	d.TokenEndpoint, err = s.tokenEndpoint(endpoint, d.document.TokenEndpoint)
	return d, err
}

// notAnAPI adds to an error of the operator document what to do about it.
func (s *session) notAnAPI(err error) error {
	var e *cloud.Error
	if !errors.As(err, &e) {
		return err
	}
	foreign := errors.Is(e, errGarbled)
	switch {
	case errors.Is(e, cloud.ErrNotFound):
		e.Reason, foreign = cloud.ErrUnavailable, true
	case errors.Is(e, cloud.ErrUnavailable):
		foreign = foreign || e.Cause == nil && strings.Contains(e.Text, " 404 ")
	}
	if foreign && e.Advice == "" {
		e.Advice = "Check the operator's endpoint: it is the address before /v1, and /v1/operator must be readable below it."
	}
	return e
}

// checkVersions refuses an operator that does not speak version 1.
func (s *session) checkVersions(versions []string) error {
	for i, v := range versions {
		if v == "1" || strings.HasPrefix(v, "1.") {
			return nil
		}
		versions[i] = driver.OneLine(v, 20)
	}
	return &cloud.Error{
		Reason: cloud.ErrUnsupported, Operator: s.operator,
		Text: fmt.Sprintf("The operator speaks version %s of the VDAM Self-Service API; this provider speaks 1.x.",
			strings.Join(versions, ", ")),
		Advice: "Use a release of the provider that speaks one of these versions.",
	}
}

// tokenEndpoint checks where the operator document sends the client's secret: never to a less protected place than
// the document itself came from.
func (s *session) tokenEndpoint(endpoint, token string) (string, error) {
	u, err := url.Parse(token)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" ||
		u.Scheme == "http" && !strings.HasPrefix(strings.ToLower(endpoint), "http:") {
		return "", &cloud.Error{
			Reason: cloud.ErrUnavailable, Operator: s.operator,
			Text: fmt.Sprintf("The operator document names %q as its token endpoint, which is no https address.",
				driver.OneLine(token, driver.LineLimit)),
			Advice: "Tell the operator; no secret is sent there.",
		}
	}
	return u.String(), nil
}
