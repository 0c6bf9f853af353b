// Package transport is the HTTP stack below every driver: it makes one [net/http.Client] per operator that retries
// what may be retried, sends no more at once and no faster than the operator bears, with turns for all kinds of
// requests, pauses as a whole when the operator asks for it, brings its own access tokens, and turns failures into texts
// that a person can act on.
//
// It knows HTTP and OAuth 2.0, and nothing of any operator's API but where a path names its collection, so that these
// can take turns: an answer with an error status is an answer and goes back to the driver, which can read its problem
// document. Only when there is no answer is there an [Error]. The bytes of volumes are streams (see [Streaming]), which
// alone may take longer than one request.
package transport
