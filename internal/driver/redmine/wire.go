package redmine

import (
	"encoding/json"
	"strings"
	"time"
)

// ref is how Redmine names another object.
type ref struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// issue is a ticket.
type issue struct {
	ID           int64         `json:"id"`
	Project      ref           `json:"project"`
	Tracker      ref           `json:"tracker"`
	Status       ref           `json:"status"`
	Priority     ref           `json:"priority"`
	Author       ref           `json:"author"`
	AssignedTo   ref           `json:"assigned_to"`
	Parent       ref           `json:"parent"`
	Subject      string        `json:"subject"`
	Description  string        `json:"description"`
	DueDate      string        `json:"due_date"`
	CustomFields []customValue `json:"custom_fields"`
	CreatedOn    time.Time     `json:"created_on"`
	UpdatedOn    time.Time     `json:"updated_on"`
	ClosedOn     time.Time     `json:"closed_on"`

	// The rest is there if it was asked for.
	Relations   []relation   `json:"relations"`
	Watchers    []ref        `json:"watchers"`
	Journals    []journal    `json:"journals"`
	Attachments []attachment `json:"attachments"`
	// AllowedStatuses is nil before Redmine 5.
	AllowedStatuses []ref `json:"allowed_statuses"`
}

// customValue is a custom field of an issue; its value is a string, a list of them, or null.
type customValue struct {
	ID    int64           `json:"id"`
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// values are the values of a field that are not empty.
func (v customValue) values() []string {
	var many []json.RawMessage
	if json.Unmarshal(v.Value, &many) != nil {
		many = []json.RawMessage{v.Value}
	}
	var out []string
	for _, raw := range many {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw) // A plug-in's format could be a number.
		}
		if s != "" && s != "null" {
			out = append(out, s)
		}
	}
	return out
}

// String is the value as one.
func (v customValue) String() string { return strings.Join(v.values(), ", ") }

// relation joins two issues: From blocks, relates to, … To.
type relation struct {
	From int64  `json:"issue_id"`
	To   int64  `json:"issue_to_id"`
	Type string `json:"relation_type"`
}

// journal is one step of an issue's history.
type journal struct {
	ID           int64     `json:"id"`
	User         ref       `json:"user"`
	Notes        string    `json:"notes"`
	PrivateNotes bool      `json:"private_notes"`
	CreatedOn    time.Time `json:"created_on"`
	Details      []detail  `json:"details"`
}

// detail is one change of a journal. Old and new are null where there was or is nothing.
type detail struct {
	Property string `json:"property"`
	Name     string `json:"name"`
	Old      string `json:"old_value"`
	New      string `json:"new_value"`
}

// attachment is a file.
type attachment struct {
	ID          int64     `json:"id"`
	Filename    string    `json:"filename"`
	Filesize    int64     `json:"filesize"`
	ContentType string    `json:"content_type"`
	CreatedOn   time.Time `json:"created_on"`
}

// page is a part of a list of issues.
type page struct {
	Issues []issue `json:"issues"`
	Total  int     `json:"total_count"`
}

// lines are a text with the line ends that everybody else uses; Redmine keeps descriptions with those of Windows.
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
