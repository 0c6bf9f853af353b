// Package tmf621front puts a front of TM Forum's TMF621 Trouble Ticket Management API before any service desk, for tests of
// the driver of that API: there is no server of it that tests could start. It speaks v5 (by the definition of v5.0.1) or v4
// (v4.0.0), checks what it is sent against tables of these definitions, and has manners that the definitions allow and that
// real servers can be expected to have.
//
// It keeps of its own only what a desk may have no place for: descriptions.
package tmf621front

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	basePath = "/tmf-api/troubleTicket/"
	// bodyLimit bounds what is read of one request.
	bodyLimit = 64 << 20
)

// Manners are what servers may do differently. The zero value is a helpful one.
type Manners struct {
	// AcceptsPost and AcceptsPatch answer 202 without a body to what was done.
	AcceptsPost, AcceptsPatch bool
	// IgnoresFilter shows all tickets whatever the filter, RefusesFilter answers 400 to any, MisreadsFilter finds nothing.
	IgnoresFilter, RefusesFilter, MisreadsFilter bool
	// IgnoresIDs shows all tickets whatever ids are asked for.
	IgnoresIDs bool
	// IgnoresSort lists tickets oldest first, whatever the order asked for.
	IgnoresSort bool
	// RefusesJSONPatch answers 415 to a JSON Patch, RefusesMergePatch to what is declared as a merge patch.
	RefusesJSONPatch, RefusesMergePatch bool
	// OmitsEmpty leaves out what is empty, so that a JSON Patch cannot add to it.
	OmitsEmpty bool
	// OwnOnly shows each account what it has filed alone, and no originator.
	OwnOnly bool
	// RenamesAuthors puts the account's name in the place of the author that it gives for a note.
	RenamesAuthors bool
	// NoHistory tells no changes of status, NoTotals no number of tickets, NoETags no version.
	NoHistory, NoTotals, NoETags bool
	// PageLimit is the most that it puts on a page; zero is 100.
	PageLimit int
}

// Options are what a front is made of.
type Options struct {
	// Version is 5 or 4; zero is 5.
	Version int
	// Accounts are who may use it, by their bearer tokens.
	Accounts map[string]Account
	// Since hides tickets that were filed before; a desk that has been used for long has many.
	Since   time.Time
	Manners Manners
}

// Account is one of the front's, with the desk as it sees it.
type Account struct {
	Name string
	Desk servicedesk.Desk
}

// Request is one that a front has got.
type Request struct {
	Method, Path, Media, Body string
	Query                     url.Values
}

// Front is an http.Handler.
type Front struct {
	options Options

	mu sync.Mutex
	// descriptions are by ticket, and claims where they are known.
	descriptions map[servicedesk.ID]string
	claims       map[servicedesk.ID]bool
	violations   []string
	requests     []Request
}

// New makes a front.
func New(o Options) *Front {
	if o.Version == 0 {
		o.Version = 5
	}
	if o.Manners.PageLimit == 0 {
		o.Manners.PageLimit = 100
	}
	return &Front{options: o, descriptions: make(map[servicedesk.ID]string), claims: make(map[servicedesk.ID]bool)}
}

// Path is that of the API, with its version.
func (f *Front) Path() string { return basePath + f.version() }

func (f *Front) version() string {
	if f.options.Version == 4 {
		return "v4"
	}
	return "v5"
}

// Violations are what was sent that is not as the definition says, or would have destroyed something.
func (f *Front) Violations() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.violations)
}

func (f *Front) violated(what ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.violations = append(f.violations, what...)
}

// Requests are those since the last call.
func (f *Front) Requests() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.requests
	f.requests = nil
	return out
}

// call is one request, with who sends it.
type call struct {
	*http.Request

	account Account
	body    []byte
	media   string
}

// ServeHTTP implements http.Handler.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit))
	if err != nil {
		return // The client has gone.
	}
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	c := call{Request: r, body: body, media: media}
	f.mu.Lock()
	f.requests = append(f.requests, Request{r.Method, r.URL.Path, c.media, string(body), r.URL.Query()})
	f.mu.Unlock()
	account, ok := f.options.Accounts[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !ok {
		refuse(w, http.StatusUnauthorized, "No account has this token")
		return
	}
	c.account = account
	ctx := r.Context()
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), f.Path()+"/troubleTicket")
	id, err := url.PathUnescape(strings.TrimPrefix(rest, "/"))
	if !ok || err != nil || rest != "" && !strings.HasPrefix(rest, "/") {
		http.NotFound(w, r) // As a server does that knows nothing of the path.
		return
	}
	switch {
	case r.Method == http.MethodGet && rest == "":
		f.list(ctx, w, c)
	case r.Method == http.MethodPost && rest == "":
		f.create(ctx, w, c)
	case r.Method == http.MethodGet:
		f.show(ctx, w, c, servicedesk.ID(id))
	case r.Method == http.MethodPatch && rest != "":
		f.patch(ctx, w, c, servicedesk.ID(id))
	default:
		f.violated(r.Method + " " + r.URL.Path + " is never to be sent")
		refuse(w, http.StatusMethodNotAllowed, "There is no such method here")
	}
}

// show answers one ticket.
func (f *Front) show(ctx context.Context, w http.ResponseWriter, c call, id servicedesk.ID) {
	t, err := f.get(ctx, c, id)
	if err != nil {
		fail(w, err)
		return
	}
	doc, err := f.document(ctx, c, t, fieldsOf(c.URL.Query()))
	if err != nil {
		fail(w, err)
		return
	}
	if t.Version != "" && !f.options.Manners.NoETags {
		w.Header().Set("ETag", `"`+strings.Trim(t.Version, `"`)+`"`)
	}
	answer(w, http.StatusOK, doc)
}

// get reads a ticket, if it is one that the account may see here.
func (f *Front) get(ctx context.Context, c call, id servicedesk.ID) (servicedesk.Ticket, error) {
	t, err := c.account.Desk.Get(ctx, id)
	if err == nil && f.options.Manners.OwnOnly && !t.Own {
		err = &cloud.Error{Reason: cloud.ErrNotFound, Text: "There is no such ticket."}
	}
	if err == nil {
		f.claimed(t)
	}
	return t, err
}

// claimed remembers whether a ticket is claimed, which not all looks at a desk tell.
func (f *Front) claimed(t servicedesk.Ticket) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.claims[t.ID] = t.Claimed
}

func fieldsOf(q url.Values) []string {
	if q.Get("fields") == "" {
		return nil
	}
	return strings.Split(q.Get("fields"), ",")
}

func answer(w http.ResponseWriter, status int, doc any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(doc) // If the client has gone, nobody misses it.
}

// refuse answers an Error.
func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{
		"@type": "Error", "code": "ERR" + http.StatusText(status), "reason": http.StatusText(status), "message": message,
	})
}

// statuses are what a desk's refusals are over HTTP; any other is the server's own fault.
var statuses = []struct {
	reason error
	status int
}{
	{servicedesk.ErrTransition, http.StatusConflict}, {cloud.ErrNotFound, http.StatusNotFound}, {cloud.ErrForbidden, http.StatusForbidden},
	{cloud.ErrConflict, http.StatusConflict}, {cloud.ErrInvalid, http.StatusBadRequest}, {cloud.ErrUnsupported, http.StatusConflict},
	{cloud.ErrUnavailable, http.StatusServiceUnavailable}, {cloud.ErrBusy, http.StatusTooManyRequests},
}

// fail answers a desk's error, in the words of the API as far as they are about its fields.
func fail(w http.ResponseWriter, err error) {
	var e *cloud.Error
	if !errors.As(err, &e) {
		e = &cloud.Error{Text: err.Error()}
	}
	message := e.Text
	for _, field := range e.Fields {
		name := field.Pointer
		switch {
		case strings.HasPrefix(name, "/fields/"):
			name = "troubleTicketCharacteristic \"" + strings.TrimPrefix(name, "/fields/") + "\""
		case name == "/queue", name == "/type":
			name = "ticketType"
		case name == "/subject":
			name = "name"
		}
		message += " " + name + ": " + field.Text
	}
	for _, s := range statuses {
		if errors.Is(err, s.reason) {
			refuse(w, s.status, message)
			return
		}
	}
	refuse(w, http.StatusInternalServerError, message)
}
