package redmine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/desk"
)

// hiddenProject is where the testbed's requesters see nothing.
const hiddenProject = "closed-shop"

// agent works at the testbed's Redmine, by its API, as the driver does not speak for the desk's people.
type agent struct {
	endpoint, token string
	statuses        map[string]int64
	projects        map[string]int64
}

func newAgent(t *testing.T, b testbed.Desk) *agent {
	t.Helper()
	a := &agent{endpoint: b.Endpoint, token: b.Users["agent"].Token, statuses: map[string]int64{}, projects: map[string]int64{}}
	var statuses struct {
		List []ref `json:"issue_statuses"`
	}
	a.call(t, http.MethodGet, "/issue_statuses.json", nil, &statuses)
	for _, s := range statuses.List {
		a.statuses[s.Name] = s.ID
	}
	var hidden struct{ Project ref }
	a.call(t, http.MethodGet, "/projects/"+hiddenProject+".json", nil, &hidden)
	a.projects[hiddenProject] = hidden.Project.ID
	return a
}

// call sends a request; anything but a success ends the test.
func (a *agent) call(t *testing.T, method, path string, body, into any) {
	t.Helper()
	raw, err := json.Marshal(body)
	must(t, err)
	// Also at the end of a test.
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, a.endpoint+path, bytes.NewReader(raw))
	must(t, err)
	req.Header.Set(TokenHeader, a.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	answer, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode > 299 {
		t.Fatalf("the agent may not %s %s: %s %s", method, path, resp.Status, answer)
	}
	if into != nil {
		must(t, json.Unmarshal(answer, into))
	}
}

// change changes an issue, and sees that it was changed.
func (a *agent) change(t *testing.T, id servicedesk.ID, attributes map[string]any) {
	t.Helper()
	path := fmt.Sprintf("/issues/%s.json", id)
	a.call(t, http.MethodPut, path, map[string]any{"issue": attributes}, nil)
	var now struct{ Issue issue }
	a.call(t, http.MethodGet, path, nil, &now)
	if want, ok := attributes["status_id"]; ok && now.Issue.Status.ID != want {
		t.Fatalf("the agent has set the status %v, and it is %+v", want, now.Issue.Status)
	}
}

func (a *agent) move(t *testing.T, id servicedesk.ID, status, words string) {
	t.Helper()
	attributes := map[string]any{"status_id": a.statuses[status]}
	if words != "" {
		attributes["notes"] = words
	}
	a.change(t, id, attributes)
}

func (a *agent) Approve(t *testing.T, _ servicedesk.ID) {
	t.Helper()
	t.Fatal("a Redmine as it is installed knows no approvals")
}

func (a *agent) Reject(t *testing.T, id servicedesk.ID, reason string) {
	t.Helper()
	a.move(t, id, "Rejected", reason)
}

func (a *agent) Start(t *testing.T, id servicedesk.ID) { t.Helper(); a.move(t, id, "In Progress", "") }

func (a *agent) Hold(t *testing.T, _ servicedesk.ID) {
	t.Helper()
	t.Fatal("a Redmine as it is installed holds nothing")
}

func (a *agent) Ask(t *testing.T, id servicedesk.ID, question string) {
	t.Helper()
	a.move(t, id, "Feedback", question)
}

func (a *agent) Resolve(t *testing.T, id servicedesk.ID, words string) {
	t.Helper()
	a.move(t, id, "Resolved", words)
}

func (a *agent) Reopen(t *testing.T, id servicedesk.ID) { t.Helper(); a.move(t, id, "In Progress", "") }

func (a *agent) Say(t *testing.T, id servicedesk.ID, m servicedesk.Message) {
	t.Helper()
	a.change(t, id, map[string]any{"notes": m.Text, "private_notes": !m.Public})
}

func (a *agent) Rename(t *testing.T, id servicedesk.ID, subject string) {
	t.Helper()
	a.change(t, id, map[string]any{"subject": subject})
}

func (a *agent) Merge(t *testing.T, _, _ servicedesk.ID) {
	t.Helper()
	t.Fatal("Redmine merges nothing")
}

func (a *agent) Hide(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.change(t, id, map[string]any{"project_id": a.projects[hiddenProject]})
}

// Delete is final in Redmine.
func (a *agent) Delete(t *testing.T, id servicedesk.ID) {
	t.Helper()
	a.call(t, http.MethodDelete, fmt.Sprintf("/issues/%s.json", id), nil, nil)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
