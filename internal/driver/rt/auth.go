package rt

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

const (
	// TokenHeader carries what Token gives.
	TokenHeader = "Authorization"
	// SessionHeader carries what Session gives.
	SessionHeader = "Cookie"

	// apiPath is where REST2 is below the address of RT.
	apiPath = "/REST/2.0"
	// sessionCookie begins the name of RT's own.
	sessionCookie = "RT_SID"
	// drainLimit bounds what is read of RT's web pages, to keep the connection.
	drainLimit = 1 << 20
)

// Token makes of a source of RT's authentication tokens one for [transport.Config] with TokenHeader. RT checks a token
// by bcrypt with every request, which takes it 0.2 s of a processor with RT's own setting; a session does not.
func Token(source transport.TokenSource) transport.TokenSource { return authorisation{source} }

type authorisation struct{ source transport.TokenSource }

const scheme = "token "

// Token implements transport.TokenSource.
func (a authorisation) Token(ctx context.Context) (string, error) {
	token, err := a.source.Token(ctx)
	if err != nil {
		return "", err
	}
	return scheme + token, nil
}

// Invalidate implements transport.TokenSource.
func (a authorisation) Invalidate(token string) {
	a.source.Invalidate(strings.TrimPrefix(token, scheme))
}

// owner is whose credentials are, by name or by number.
type owner struct{ name, id string }

// owner has the number, which RT writes into a token: 1-<user>-<secret>.
func (a authorisation) owner(ctx context.Context) owner {
	token, err := a.source.Token(ctx)
	if err != nil {
		return owner{} // The first request says why.
	}
	parts := strings.SplitN(token, "-", 3)
	if len(parts) == 3 && digits(parts[0]) && digits(parts[1]) {
		return owner{id: parts[1]}
	}
	return owner{}
}

// Session logs in at RT's login page and makes of the session's cookie a source for [transport.Config] with
// SessionHeader. Endpoint is RT's base address.
func Session(endpoint, username, password string) transport.TokenSource {
	s := &session{endpoint: base(endpoint), username: username, password: password}
	s.Login = s.login
	// Who sends a cookie is taken for a browser and led to the login page.
	s.Over = func(resp *http.Response) bool { return resp.StatusCode == http.StatusFound }
	return s
}

type session struct {
	endpoint, username, password string

	transport.Sessions
}

func (s *session) owner(context.Context) owner { return owner{name: s.username} }

// login gets a session. Whether RT has accepted the password is asked of REST2, as the login page answers 200 in any
// case.
func (s *session) login(ctx context.Context, connection *http.Client) (cookie string, lifetime time.Duration, refused bool, err error) {
	c := *connection
	// The password goes to the page that was named, and nowhere else.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	form := url.Values{"user": {s.username}, "pass": {s.password}, "next": {""}}
	status, header, err := s.ask(ctx, &c, http.MethodPost, "/NoAuth/Login.html", form.Encode(), "")
	if err != nil {
		return "", 0, false, err
	}
	cookie = cookies(header)
	if cookie == "" || status >= http.StatusBadRequest {
		return "", 0, false, s.failure(transport.NotAnAPI,
			fmt.Sprintf("what answers at /NoAuth/Login.html is not RT's login page (%d)", status), checkEndpoint)
	}
	if status, _, err = s.ask(ctx, &c, http.MethodGet, apiPath+"/rt", "", cookie); err != nil {
		return "", 0, false, err
	}
	switch status {
	case http.StatusOK:
		return cookie, 0, false, nil
	case http.StatusFound, http.StatusUnauthorized:
		return "", 0, true, s.failure(transport.Auth, "RT refused the user name or the password", "Check username and password of the desk.")
	}
	return "", 0, false, s.failure(transport.NotAnAPI,
		fmt.Sprintf("REST2 answered %d to a new session", status), checkEndpoint)
}

// ask sends one request, of whose answer only status and header count.
func (s *session) ask(ctx context.Context, c *http.Client, method, path, form, cookie string) (int, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.endpoint+path, strings.NewReader(form))
	if err != nil {
		return 0, nil, s.failure(transport.Misconfigured, "endpoint is not a URL", checkEndpoint)
	}
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		req.Header.Set(SessionHeader, cookie)
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, drainLimit) // Its end comes before the limit.
	return resp.StatusCode, resp.Header, nil
}

func (s *session) failure(kind transport.Kind, detail, advice string) error {
	return &transport.Error{Kind: kind, Detail: detail, Advice: advice}
}

// cookies are RT's in an answer, the last of each name, as a client sends them back.
func cookies(header http.Header) string {
	var out []string
	at := make(map[string]int)
	for _, c := range (&http.Response{Header: header}).Cookies() {
		if !strings.HasPrefix(c.Name, sessionCookie) {
			continue
		}
		pair := c.Name + "=" + c.Value
		if i, ok := at[c.Name]; ok {
			out[i] = pair
			continue
		}
		at[c.Name] = len(out)
		out = append(out, pair)
	}
	return strings.Join(out, "; ")
}
