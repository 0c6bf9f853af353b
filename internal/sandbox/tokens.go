package sandbox

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The credentials that every operator of the sandbox accepts. They guard nothing. The other client is another account
// in the same projects.
const (
	ClientID          = "sandbox"
	ClientSecret      = "sandbox-secret"
	WorkloadToken     = "sandbox-workload-token" // As the subject token of an exchange (RFC 8693), for ClientID.
	OtherClientID     = "sandbox-other"
	OtherClientSecret = "sandbox-other-secret"
)

// issuedType is what an exchange gives (RFC 8693, section 3).
const issuedType = "urn:ietf:params:oauth:token-type:access_token"

// tokenLimit bounds how many tokens are remembered.
const tokenLimit = 10_000

// tokens are the bearer tokens given out; they are forgotten at a restart, as clients must bear.
type tokens struct {
	clock    *clock
	lifetime time.Duration

	mu    sync.Mutex
	given map[string]grant
}

// grant is whose a token is, and until when.
type grant struct {
	client  string
	expires time.Time
}

func (t *tokens) issue(client string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.now()
	for token, g := range t.given {
		if len(t.given) >= tokenLimit || !g.expires.After(now) {
			delete(t.given, token)
		}
	}
	token := rand.Text()
	t.given[token] = grant{client, now.Add(t.lifetime)}
	return token
}

// client is whose a token is, if it is valid.
func (t *tokens) client(token string) (client string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, ok := t.given[token]
	return g.client, ok && g.expires.After(t.clock.now())
}

// ServeHTTP is the token endpoint: client credentials (RFC 6749) and token exchange (RFC 8693).
func (t *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		refuseToken(w, http.StatusBadRequest, "invalid_request", "The body is not a form.")
		return
	}
	client := ClientID
	switch r.PostForm.Get("grant_type") {
	case "client_credentials":
		id, secret, ok := r.BasicAuth()
		if !ok {
			id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
		}
		client = id
		if (!same(id, ClientID) || !same(secret, ClientSecret)) && (!same(id, OtherClientID) || !same(secret, OtherClientSecret)) {
			refuseToken(w, http.StatusUnauthorized, "invalid_client", "The client is unknown or its secret is wrong.")
			return
		}
	case "urn:ietf:params:oauth:grant-type:token-exchange":
		if !same(strings.TrimSpace(r.PostForm.Get("subject_token")), WorkloadToken) {
			refuseToken(w, http.StatusBadRequest, "invalid_grant", "The subject token is not accepted.")
			return
		}
	default:
		refuseToken(w, http.StatusBadRequest, "unsupported_grant_type", "Use client_credentials or token exchange.")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, mustJSON(map[string]any{
		"access_token": t.issue(client), "token_type": "Bearer", "expires_in": int(t.lifetime / time.Second),
		"issued_token_type": issuedType,
	}))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func refuseToken(w http.ResponseWriter, status int, code, description string) {
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="sandbox"`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": description}) // The client may be gone.
}
