// Package desk tells tests where the real service desks are that up.sh beside it starts on this machine.
package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// The desks that there are.
const (
	RT      = "rt"
	Redmine = "redmine"
)

// answerTime is how long a desk may take to say that it is there.
const answerTime = time.Minute

// Desk is a service desk, and who may use it.
type Desk struct {
	// Endpoint is the desk's address, without the path of its API.
	Endpoint string
	// Users are what the desk knows by their login: terraform and terraform2, who are clients of two agencies; agent,
	// who works at the desk; outsider, who may log in and no more; and the desk's administrator, root or admin.
	Users map[string]User
}

// User is somebody's credentials.
type User struct {
	// Token is RT's token or Redmine's API key.
	Token    string
	Password string
}

// Require returns a desk, RT or Redmine. It skips the test if nobody asked for real desks; if somebody did, a desk that
// does not answer fails it.
func Require(t *testing.T, name string) Desk {
	t.Helper()
	testbed.Asked(t, "desk")
	file, err := File()
	if err != nil {
		t.Fatal(err)
	}
	desk, err := read(file, name)
	if err != nil {
		t.Fatalf("VDAM_TESTBED_DESK is set, but there is no desk: %v", err)
	}
	if err := desk.answers(t.Context(), name); err != nil {
		t.Fatalf("VDAM_TESTBED_DESK is set, but %s of %s cannot be used: %v", name, file, err)
	}
	return desk
}

// File is the path of desks.json: what VDAM_TESTBED_DESK_FILE says, or where up.sh writes it.
func File() (string, error) {
	if file := os.Getenv("VDAM_TESTBED_DESK_FILE"); file != "" {
		return file, nil
	}
	dir, err := testbed.Folder("desk")
	return filepath.Join(dir, "desks.json"), err
}

func read(file, name string) (Desk, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // The environment of a test says where its desks are.
	if err != nil {
		return Desk{}, err
	}
	var desks map[string]Desk
	if err := json.Unmarshal(raw, &desks); err != nil {
		return Desk{}, fmt.Errorf("%s: %w", file, err)
	}
	desk, ok := desks[name]
	if !ok {
		return Desk{}, fmt.Errorf("%s has no %s", file, name)
	}
	return desk, nil
}

// answers asks the desk for what every user may see, as a file of an earlier desk would have tokens that no longer count.
func (d Desk) answers(ctx context.Context, name string) error {
	token := d.Users["terraform"].Token
	path, header := "", ""
	switch name {
	case RT:
		path, header, token = "/REST/2.0/rt", "Authorization", "token "+token //nolint:gosec // The word before a token.
	case Redmine:
		path, header = "/users/current.json", "X-Redmine-API-Key"
	default:
		return errors.New("there is no such kind of desk")
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Endpoint+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set(header, token)
	return testbed.Answers(req)
}
