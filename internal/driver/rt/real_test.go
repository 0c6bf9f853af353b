package rt

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// incident is a small ticket with a key of its own.
func incident(t *testing.T, d *desk, change func(*servicedesk.NewTicket)) servicedesk.Ticket {
	t.Helper()
	n := servicedesk.NewTicket{Type: servicedesk.TypeIncident, Key: "vdam-real/" + strings.ToLower(rand.Text())}
	n.Subject = "vdam-real " + t.Name()
	if change != nil {
		change(&n)
	}
	id, err := d.Create(t.Context(), n)
	must(t, err)
	got, err := d.Get(t.Context(), id)
	must(t, err)
	return got
}

// TestDeskSession: a session that RT has forgotten is replaced, and the write that met its end is carried out once.
func TestDeskSession(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	tokens := Session(bed.Endpoint, "terraform", bed.Users["terraform"].Password)
	d := opened(t, bed, tokens, SessionHeader, "")
	wantEqual(t, "account", d.Describe().Account, "terraform")
	cookie, err := tokens.Token(t.Context())
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, bed.Endpoint+"/NoAuth/Logout.html", nil)
	must(t, err)
	req.Header.Set("Cookie", cookie)
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, resp.Body.Close())
	got := incident(t, d, nil)
	wantEqual(t, "requester", got.Requester, d.people.addresses["terraform"])
	found, err := d.FindByKey(t.Context(), got.Key)
	must(t, err)
	wantEqual(t, "tickets made", len(found), 1)
	if again, err := tokens.Token(t.Context()); err != nil || again == cookie {
		t.Errorf("the session is still %t the first: %v", again == cookie, err)
	}
}

func TestDeskWrongCredentials(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	for name, c := range map[string]struct {
		tokens transport.TokenSource
		header string
	}{
		"token":    {Token(transport.StaticToken("1-1-0123456789abcdef")), TokenHeader},
		"password": {Session(bed.Endpoint, "terraform", "not the password"), SessionHeader},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := transport.New(transport.Config{Operator: "rt", UserAgent: "vdam-suite", Tokens: c.tokens, TokenHeader: c.header})
			must(t, err)
			_, err = Open(t.Context(), Options{Name: "rt", Endpoint: bed.Endpoint, HTTP: client, Tokens: c.tokens})
			wantError(t, err, cloud.ErrUnauthenticated)
		})
	}
}

// TestDeskOutsider: an account without any right is told so by the queue's name.
func TestDeskOutsider(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	d := byToken(t, bed, "outsider", "")
	wantEqual(t, "account", d.Describe().Account, "outsider")
	wantEqual(t, "queues", len(d.Describe().Queues), 0)
	_, err := d.Create(t.Context(), servicedesk.NewTicket{Type: servicedesk.TypeIncident, Key: "vdam-real/outsider"})
	wantFields(t, err, "/queue")
	got := incident(t, byToken(t, bed, "terraform", ""), nil)
	for name, call := range map[string]func() error{
		"get":         func() error { _, err := d.Get(t.Context(), got.ID); return err },
		"history":     func() error { _, err := d.History(t.Context(), got); return err },
		"attachments": func() error { _, err := d.Attachments(t.Context(), got.ID); return err },
		"say":         func() error { _, err := d.Say(t.Context(), got.ID, servicedesk.Message{Text: "x"}); return err },
		"update":      func() error { return d.Update(t.Context(), got, servicedesk.Change{Subject: new("x")}) },
		"claim":       func() error { return d.Claim(t.Context(), got.ID, got.Key) },
		"transition": func() error {
			return d.Transition(t.Context(), got, servicedesk.StatusCancelled, servicedesk.Message{Text: "x"})
		},
	} {
		if err := call(); err == nil {
			t.Errorf("%s: no error", name)
		} else if e := refusal(t, err, cloud.ErrForbidden); e.Text == "" {
			t.Errorf("%s: no text", name)
		}
	}
}

// TestDeskMergedIntoAnothers: what is in another agency's ticket by now was filed, and must not be filed again.
func TestDeskMergedIntoAnothers(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	own, other, people := byToken(t, bed, "terraform", ""), byToken(t, bed, "terraform2", ""), agent{byToken(t, bed, "agent", "")}
	got, theirs := incident(t, own, nil), incident(t, other, nil)
	people.Merge(t, got.ID, theirs.ID)
	found, err := own.FindByKey(t.Context(), got.Key)
	must(t, err)
	if len(found) != 1 || found[0].ID != theirs.ID || found[0].Key != got.Key || !found[0].Own {
		t.Errorf("found is %+v", found)
	}
	must(t, own.Claim(t.Context(), found[0].ID, got.Key))
	after, err := other.Get(t.Context(), theirs.ID)
	must(t, err)
	if after.Key != theirs.Key || after.Claimed {
		t.Errorf("the other ticket has the key %q and is claimed: %t", after.Key, after.Claimed)
	}
	events, err := own.History(t.Context(), found[0])
	must(t, err)
	wantEqual(t, "first event", events[0].Kind, servicedesk.EventCreated)
}

// TestDeskPeople: RT knows people by the names of their accounts, and a ticket by their addresses.
func TestDeskPeople(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	d := byToken(t, bed, "terraform", "")
	agentAddress, err := d.address(t.Context(), reference{ID: "agent", Type: "user"})
	must(t, err)
	if !strings.Contains(agentAddress, "@") {
		t.Fatalf("the agent's address is %q", agentAddress)
	}
	got := incident(t, d, func(n *servicedesk.NewTicket) {
		n.Watchers, n.Requester = []string{agentAddress}, "vdam-real@example.org"
	})
	wantJSON(t, "people", []any{got.Requester, got.Watchers}, `["vdam-real@example.org",["`+agentAddress+`"]]`)
	must(t, d.Update(t.Context(), got, servicedesk.Change{RemoveWatchers: []string{agentAddress}, AddWatchers: []string{"terraform2"}}))
	got, err = d.Get(t.Context(), got.ID)
	must(t, err)
	if len(got.Watchers) != 1 || !strings.Contains(got.Watchers[0], "@") || got.Watchers[0] == agentAddress {
		t.Errorf("watchers are %q", got.Watchers)
	}
	err = d.Update(t.Context(), got, servicedesk.Change{AddWatchers: []string{"vdam-no-such-account"}})
	wantFields(t, err, "/watchers")
}

// TestDeskFiles: names and contents that RT would change, or die of.
func TestDeskFiles(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	d := byToken(t, bed, "terraform", "")
	got := incident(t, d, nil)
	files := []servicedesk.File{
		{Name: strings.Repeat("Rīgas plāns ", 15) + ".txt", ContentType: "text/plain", Content: []byte("plāns\r\n")},
		{Name: `=?UTF-8?B?eA==?= "q" ; a.csv`, ContentType: "text/csv; charset=iso-8859-4", Content: []byte("caf\xe9")},
		{Name: "mail.eml", ContentType: "message/rfc822", Content: []byte("Subject: x\n\nbody\n")},
	}
	for _, f := range files {
		_, err := d.Attach(t.Context(), got.ID, f)
		must(t, err)
	}
	kept, err := d.Attachments(t.Context(), got.ID)
	must(t, err)
	if len(kept) != len(files) {
		t.Fatalf("kept are %+v", kept)
	}
	for i, f := range files {
		wantEqual(t, "name", kept[i].Name, f.Name)
		wantEqual(t, "size", kept[i].SizeBytes, int64(len(f.Content)))
		var whole struct{ Content []byte }
		_, err := d.read(t.Context(), "/attachment/"+kept[i].ID, nil, &whole)
		if err != nil || string(whole.Content) != string(f.Content) {
			t.Errorf("the content of %s became %q: %v", f.Name, whole.Content, err)
		}
	}
}

// TestDeskGlance: what has not changed costs one request.
func TestDeskGlance(t *testing.T) {
	bed := testbed.Require(t, testbed.RT)
	d := byToken(t, bed, "terraform", "")
	var ids []servicedesk.ID
	for got, err := range d.rows(t.Context(), "", dated) {
		must(t, err)
		for _, r := range got {
			ids = append(ids, servicedesk.ID(r.ID))
		}
		if len(ids) >= 300 {
			break
		}
	}
	all, err := d.Glance(t.Context(), ids, epoch.AddDate(-10, 0, 0))
	must(t, err)
	if len(all.Missing) > 0 {
		t.Fatalf("missing are %v", all.Missing)
	}
	newest := slices.MaxFunc(all.Briefs, func(a, b servicedesk.Brief) int { return a.UpdatedAt.Compare(b.UpdatedAt) })
	counted := &counting{RoundTripper: d.http.Transport}
	quiet := *d
	quiet.http = &http.Client{Transport: counted}
	some, err := quiet.Glance(t.Context(), ids, newest.UpdatedAt)
	must(t, err)
	t.Logf("of %d tickets, %d were shown by %d requests", len(ids), len(some.Briefs), counted.requests)
	if len(ids) > perPage && (counted.requests != 1 || len(some.Briefs) != perPage) {
		t.Errorf("%d tickets were shown by %d requests", len(some.Briefs), counted.requests)
	}
}

// counting counts requests.
type counting struct {
	http.RoundTripper

	requests int
}

// RoundTrip implements http.RoundTripper.
func (c *counting) RoundTrip(req *http.Request) (*http.Response, error) {
	c.requests++
	return c.RoundTripper.RoundTrip(req)
}
