package transport

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxTokenTries bounds the tries of one refresh, tokenTryTimeout each of them.
	maxTokenTries   = 5
	tokenTryTimeout = 15 * time.Second
	// maxGrant bounds a token endpoint's answer.
	maxGrant = 1 << 20
)

// ClientCredentials gets tokens with a client's own secret (RFC 6749, section 4.4).
type ClientCredentials struct {
	TokenURL, ID, Secret string
	// HTTP asks the token endpoint; without it, it is asked over the connection of the client that uses the tokens.
	HTTP *http.Client

	refresher
}

// Token returns the present token, or a new one.
func (s *ClientCredentials) Token(ctx context.Context) (string, error) {
	return s.get(ctx, s.Secret, func(ctx context.Context, c *http.Client, secret string) (grant, bool, error) {
		e := endpoint{
			url: s.TokenURL, client: cmp.Or(s.HTTP, c), secret: secret,
			refused: "the client credentials", advice: "Check client_id and client_secret of the operator.",
			authorise: func(req *http.Request) { // Form-encoded first: RFC 6749, section 2.3.1.
				req.SetBasicAuth(url.QueryEscape(s.ID), url.QueryEscape(secret))
			},
		}
		return e.ask(ctx, url.Values{"grant_type": {"client_credentials"}})
	})
}

// TokenExchange gets tokens for the token of a workload (RFC 8693), which something else keeps fresh in a file.
type TokenExchange struct {
	TokenURL, SubjectTokenFile string
	// Audience and ClientID are sent if they are not empty.
	Audience, ClientID string
	// HTTP asks the token endpoint; without it, it is asked over the connection of the client that uses the tokens.
	HTTP *http.Client

	refresher
}

// Token returns the present token, or a new one for what is in the file by then.
func (s *TokenExchange) Token(ctx context.Context) (string, error) {
	subject, err := readSecret("workload_identity.token_file", s.SubjectTokenFile)
	if err != nil {
		return "", err
	}
	return s.get(ctx, subject, func(ctx context.Context, c *http.Client, subject string) (grant, bool, error) {
		e := endpoint{
			url: s.TokenURL, client: cmp.Or(s.HTTP, c), secret: subject,
			refused: "the workload's token", advice: "Check workload_identity of the operator, and what writes its token_file.",
		}
		form := url.Values{
			"grant_type":           {"urn:ietf:params:oauth:grant-type:token-exchange"},
			"requested_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
			"subject_token_type":   {"urn:ietf:params:oauth:token-type:jwt"},
			"subject_token":        {subject},
		}
		for name, value := range map[string]string{"audience": s.Audience, "client_id": s.ClientID} {
			if value != "" {
				form.Set(name, value)
			}
		}
		return e.ask(ctx, form)
	})
}

// endpoint is a token endpoint, and how to speak of it.
type endpoint struct {
	url             string
	client          *http.Client
	secret          string
	refused, advice string
	authorise       func(*http.Request)
}

// ask gets a token. It tries again while the endpoint has passing trouble: to ask twice does no harm.
func (e endpoint) ask(ctx context.Context, form url.Values) (g grant, refused bool, err error) {
	for try := 0; ; try++ {
		asked := time.Now()
		status, pause, answer, err := e.post(ctx, form)
		switch {
		case err == nil && status == http.StatusOK && answer.AccessToken != "" && answer.bearer():
			return grantFor(answer.AccessToken, asked, time.Duration(answer.ExpiresIn)*time.Second), false, nil
		case err == nil && status < 400:
			return grant{}, false, e.failure(&Error{Kind: Auth, Detail: fmt.Sprintf("it gave no bearer token (%d)", status)})
		case err == nil && status < 500 && status != http.StatusTooManyRequests && answer.refuses(status):
			return grant{}, true, e.refusal(status, answer)
		case err == nil && status < 500 && status != http.StatusTooManyRequests:
			return grant{}, false, e.failure(&Error{Kind: Auth, Detail: unexpected(status)})
		case err == nil:
			err = &Error{Kind: Unreachable, Detail: unexpected(status)}
		case permanent(err):
			return grant{}, false, e.failure(err)
		}
		if try+1 == maxTokenTries || sleep(ctx, max(backoff(try), pause)) != nil {
			return grant{}, false, e.failure(err)
		}
	}
}

// tokenAnswer is what a token endpoint says, good or bad (RFC 6749, sections 5.1 and 5.2).
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// bearer reports whether the token is of the only type that is known; RFC 8693 calls a type that says nothing N_A.
func (a tokenAnswer) bearer() bool {
	return a.TokenType == "" || strings.EqualFold(a.TokenType, "bearer") || a.TokenType == "N_A"
}

// refuses tells a refusal of the credentials from the answer of something that is no token endpoint.
func (a tokenAnswer) refuses(status int) bool {
	return status == http.StatusUnauthorized || a.Error != ""
}

func unexpected(status int) string {
	return fmt.Sprintf("it answered %d %s", status, http.StatusText(status))
}

// post asks once.
func (e endpoint) post(ctx context.Context, form url.Values) (int, time.Duration, tokenAnswer, error) {
	var answer tokenAnswer
	ctx, cancel := context.WithTimeout(ctx, tokenTryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, 0, answer, &Error{Kind: Misconfigured, Detail: "its address is not a URL", Advice: "Tell the operator."}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if e.authorise != nil {
		e.authorise(req)
	}
	c := *cmp.Or(e.client, http.DefaultClient)
	// The secret goes where the configuration says, and nowhere else.
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := c.Do(req)
	var raw []byte
	if err == nil {
		defer discard(resp)
		raw, err = io.ReadAll(io.LimitReader(resp.Body, maxGrant))
	}
	switch {
	case ctx.Err() != nil:
		return 0, 0, answer, errTryTimeout // A refresh is nobody's alone, so that only time ends it.
	case err != nil:
		return 0, 0, answer, err
	}
	// What is not JSON is an answer without a token and without an error code.
	_ = json.Unmarshal(raw, &answer)
	return resp.StatusCode, retryAfter(resp), answer, nil
}

// shortestSecret is the length from which a text is taken for the secret, and not for words that happen to be it.
const shortestSecret = 6

func (e endpoint) refusal(status int, answer tokenAnswer) *Error {
	detail := fmt.Sprintf("the token endpoint %s refused %s (%d", e.shown(), e.refused, status)
	for _, words := range []string{answer.Error, answer.Description} {
		if len(e.secret) >= shortestSecret { // An endpoint may repeat what it was sent. What is shorter is a word of its own.
			words = strings.ReplaceAll(words, e.secret, "…")
		}
		if words != "" {
			detail += ", " + oneLine(words)
		}
	}
	return &Error{Kind: Auth, Detail: detail + ")", Advice: e.advice}
}

// failure makes the error of an endpoint that gave neither a token nor a refusal.
func (e endpoint) failure(err error) *Error {
	why := explain(err)
	if why.advice == "" || why.kind == Unreachable || why.kind == Timeout {
		why.advice = "Run it again; if it stays, check that this machine reaches the token endpoint, or ask the operator."
	}
	return &Error{
		Kind: why.kind, Detail: fmt.Sprintf("no token from %s: %s", e.shown(), why.detail), Advice: why.advice, Cause: err,
	}
}

// shown is the endpoint's address without what could be a secret.
func (e endpoint) shown() string {
	u, err := url.Parse(e.url)
	if err != nil {
		return "(no URL)"
	}
	return shown(u)
}
