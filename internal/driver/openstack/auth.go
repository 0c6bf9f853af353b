package openstack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// maxTokenAnswer bounds Keystone's answer, most of which is the catalogue.
const maxTokenAnswer = 4 << 20

// TokenHeader is where OpenStack wants its tokens.
const TokenHeader = "X-Auth-Token" //nolint:gosec // It is the header's name.

// Identity gets tokens from Keystone (Identity API v3), and with the first of them the cloud's catalogue.
type Identity struct {
	operator  string
	options   gophercloud.AuthOptions
	anonymous *http.Client

	transport.TokenSource
	first atomic.Pointer[grant]
}

// grant is what Keystone answers besides the token itself.
type grant struct {
	ExpiresAt time.Time             `json:"expires_at"`
	IssuedAt  time.Time             `json:"issued_at"`
	Catalogue []tokens.CatalogEntry `json:"catalog"`
	Project   *tokens.Project       `json:"project"`
}

// NewIdentity makes a source of tokens. The anonymous client retries and has no tokens; the options are those of
// gophercloud, from a clouds.yaml or made by hand.
func NewIdentity(operator string, anonymous *http.Client, options gophercloud.AuthOptions) *Identity {
	i := &Identity{operator: operator, options: options, anonymous: anonymous}
	i.TokenSource = transport.Refreshed(i.ask)
	return i
}

// ask authenticates once. The errors are the transport's, as those of every other source of tokens.
func (i *Identity) ask(ctx context.Context) (token string, lifetime time.Duration, refused bool, err error) {
	body, err := i.body()
	if err != nil {
		return "", 0, true, &transport.Error{Kind: transport.Misconfigured, Operator: i.operator, Detail: plainly(err),
			Advice: "Complete the operator's credentials: an application credential, a user with password and project, or a token."}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.endpoint(), bytes.NewReader(body))
	if err != nil {
		return "", 0, true, &transport.Error{Kind: transport.Misconfigured, Operator: i.operator, Detail: "auth_url is not a URL"}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := i.anonymous.Do(req)
	if err != nil {
		return "", 0, false, err
	}
	defer func() { _ = resp.Body.Close() }() // It is read or given up by now.
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer))
	if err != nil {
		return "", 0, false, err
	}
	var g struct {
		Token grant `json:"token"`
	}
	token = resp.Header.Get("X-Subject-Token")
	// Keystone says "not found" of an application credential that it does not know, and of what is no token.
	switch {
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusBadRequest,
		resp.StatusCode == http.StatusNotFound && believed("identity", answer):
		return "", 0, true, i.refusal(resp, answer)
	case resp.StatusCode != http.StatusCreated || token == "" || json.Unmarshal(answer, &g) != nil:
		return "", 0, false, &transport.Error{Kind: transport.NotAnAPI, Operator: i.operator, Method: req.Method, URL: i.endpoint(),
			Detail: fmt.Sprintf("Keystone answered %d %s without a token", resp.StatusCode, http.StatusText(resp.StatusCode)),
			Advice: "Check the operator's endpoint: it is Keystone's address, as in https://cloud.example:5000/v3."}
	}
	i.first.CompareAndSwap(nil, &g.Token)
	return token, g.Token.ExpiresAt.Sub(g.Token.IssuedAt), false, nil
}

// address is Keystone's, in one writing of all that mean the same; one without a version is of version 3.
func (i *Identity) address() string {
	base := strings.TrimRight(i.options.IdentityEndpoint, "/")
	if !strings.HasSuffix(base, "/v3") {
		base += "/v3"
	}
	return base
}

// endpoint is where tokens come from.
func (i *Identity) endpoint() string { return i.address() + "/auth/tokens" }

func (i *Identity) body() ([]byte, error) {
	o := i.options
	scope, err := o.ToTokenV3ScopeMap()
	if err != nil {
		return nil, err
	}
	body, err := o.ToTokenV3CreateMap(scope)
	if err != nil {
		return nil, err
	}
	return json.Marshal(body)
}

func (i *Identity) refusal(resp *http.Response, answer []byte) error {
	said, _ := faultOf(answer)
	for _, secret := range []string{i.options.Password, i.options.ApplicationCredentialSecret, i.options.TokenID} {
		if secret != "" {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	detail := fmt.Sprintf("Keystone refused the credentials (%d)", resp.StatusCode)
	if said != "" {
		detail += ": " + strings.TrimSuffix(driver.OneLine(said, driver.LineLimit), ".")
	}
	advice := "Check the operator's credentials and project in the provider block, in the environment or in clouds.yaml."
	if i.options.TokenID != "" {
		advice = "The token has expired or was revoked: get another, or use an application credential, which is renewed by itself."
	}
	return &transport.Error{Kind: transport.Auth, Operator: i.operator, RequestID: requestIDOf(resp.Header), Detail: detail, Advice: advice}
}

// plainly is gophercloud's error about incomplete options, which holds no value of any.
func plainly(err error) string {
	return strings.TrimSuffix(driver.OneLine(err.Error(), driver.LineLimit), ".")
}

// authenticate gets the first token, and with it what the credentials are for.
func (i *Identity) authenticate(ctx context.Context) (*grant, error) {
	if _, err := i.Token(ctx); err != nil {
		return nil, driver.Lost(i.operator, err, false)
	}
	g := i.first.Load()
	if g.Project == nil {
		return nil, &cloud.Error{Reason: cloud.ErrInvalid, Operator: i.operator, Text: "The credentials are for no project.",
			Advice: "Name the project, and its domain, beside the credentials."}
	}
	return g, nil
}
