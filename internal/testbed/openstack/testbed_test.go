package openstack

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gopkg.in/yaml.v2"
)

func TestEntries(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clouds.yaml")
	if err := os.WriteFile(file, []byte("clouds:\n  b-acme: {}\n  a-acme:\n    region_name: RegionA\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	names, err := Entries(file)
	if want := []string{"a-acme", "b-acme"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("got %q, %v, want %q", names, err, want)
	}
	if _, err := Entries(file + ".gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v of a file that is not there", err)
	}
}

func TestFile(t *testing.T) {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("this user has no folder for caches")
	}
	for _, c := range []struct{ asked, dir, want string }{
		{"asked.yaml", "dir", "asked.yaml"},
		{"", "dir", filepath.Join("dir", "openstack", "clouds.yaml")},
		{"", "", filepath.Join(cache, "vdam-testbed", "openstack", "clouds.yaml")},
	} {
		t.Setenv("OS_CLIENT_CONFIG_FILE", c.asked)
		t.Setenv("VDAM_TESTBED_DIR", c.dir)
		if got, err := File(); err != nil || got != c.want {
			t.Errorf("got %q, %v, want %q", got, err, c.want)
		}
	}
}

func TestAnswers(t *testing.T) {
	status := http.StatusOK
	keystone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	var doc document
	if err := yaml.Unmarshal([]byte("clouds: {a: {auth: {auth_url: '"+keystone.URL+"'}}, b: {auth_type: none}}"), &doc); err != nil {
		t.Fatal(err)
	}
	if err := doc.answers(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	for _, entry := range []string{"b", "c"} {
		err := doc.answers(t.Context(), entry)
		if err == nil || err.Error() != "there is no such entry, or it has no auth_url" {
			t.Errorf("%s: got %v", entry, err)
		}
	}
	status = http.StatusBadGateway
	if err := doc.answers(t.Context(), "a"); err == nil || err.Error() != keystone.URL+" answers 502 Bad Gateway" {
		t.Error(err)
	}
	keystone.Close()
	if err := doc.answers(t.Context(), "a"); err == nil {
		t.Error("a cloud that is gone answers")
	}
}
