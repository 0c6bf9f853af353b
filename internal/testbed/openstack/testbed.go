// Package openstack tells tests where the real OpenStack clouds are that up.sh beside it starts on this machine.
package openstack

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gopkg.in/yaml.v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// answerTime is how long a cloud may take to say that it is there.
const answerTime = 30 * time.Second

// document is as much of a clouds.yaml as is needed to see whether its clouds are there.
type document struct {
	Clouds map[string]struct {
		Auth struct {
			URL string `yaml:"auth_url"`
		}
	}
}

// Require returns the path of clouds.yaml, for tests that use these entries of it. It skips the test if nobody asked
// for real clouds; if somebody did, a cloud that does not answer fails it.
func Require(t *testing.T, entries ...string) string {
	t.Helper()
	testbed.Asked(t, "openstack")
	file, err := File()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := read(file)
	if err != nil {
		t.Fatalf("VDAM_TESTBED_OPENSTACK is set, but there are no clouds: %v", err)
	}
	for _, entry := range entries {
		if err := doc.answers(t.Context(), entry); err != nil {
			t.Fatalf("VDAM_TESTBED_OPENSTACK is set, but %s of %s cannot be used: %v", entry, file, err)
		}
	}
	return file
}

// File is the path of clouds.yaml: what OS_CLIENT_CONFIG_FILE says, or where up.sh writes it.
func File() (string, error) {
	if file := os.Getenv("OS_CLIENT_CONFIG_FILE"); file != "" {
		return file, nil
	}
	dir, err := testbed.Folder("openstack")
	return filepath.Join(dir, "clouds.yaml"), err
}

// Entries are the names of the entries of a clouds.yaml, sorted.
func Entries(file string) ([]string, error) {
	doc, err := read(file)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(doc.Clouds)), nil
}

func read(file string) (doc document, err error) {
	raw, err := os.ReadFile(file) //nolint:gosec // The environment of a test says where its clouds are.
	if err != nil {
		return doc, err
	}
	err = yaml.Unmarshal(raw, &doc)
	return doc, err
}

// answers asks the Keystone of an entry for its version, which needs no credentials.
func (d document) answers(ctx context.Context, entry string) error {
	authURL := d.Clouds[entry].Auth.URL
	if authURL == "" {
		return errors.New("there is no such entry, or it has no auth_url")
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, authURL, nil)
	if err != nil {
		return err
	}
	return testbed.Answers(req)
}
