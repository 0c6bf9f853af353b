package transport

import (
	"fmt"
	"net/http"
)

// maxRedirects is more than an API behind a gateway needs.
const maxRedirects = 5

// checkRedirect follows a redirect of a GET within the same origin. Any other is refused: credentials go nowhere but
// to the operator's address, and a write that was sent elsewhere could arrive as something else.
func (c *client) checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	e := &Error{
		Kind: NotAnAPI, Operator: c.cfg.Operator, Noun: c.cfg.Noun, Method: first.Method, URL: shown(first.URL), Attempts: len(via),
		Advice: c.cfg.told("Check the operator's endpoint in the provider block; a login page or a moved API redirects like this."),
	}
	switch {
	case first.URL.Scheme != req.URL.Scheme || first.URL.Host != req.URL.Host:
		e.Detail = fmt.Sprintf("it redirects to another address, %s, which is not followed", shown(req.URL))
	case first.Method != http.MethodGet:
		e.Detail = fmt.Sprintf("it redirects to %s, which is followed for GET alone", shown(req.URL))
	case len(via) > maxRedirects:
		e.Detail = fmt.Sprintf("it redirects again and again, at last to %s", shown(req.URL))
	default:
		return nil
	}
	return e
}
