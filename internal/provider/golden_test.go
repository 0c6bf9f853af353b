package provider_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// volatile is what differs from run to run.
var volatile = []struct {
	found *regexp.Regexp
	shown string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`lvrtc/[a-z]+-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}`), "lvrtc/ID"},
	{regexp.MustCompile(`tkt-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}`), "tkt-ID"},
	{regexp.MustCompile(`127\.0\.0\.1:[0-9]+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}`), "DATE"},
	{regexp.MustCompile(`/[^ :"]*/Test[^ :"]*/([a-z0-9.-]+)`), "DIR/$1"},
}

// golden compares a text with the file of the name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	for _, v := range volatile {
		got = v.found.ReplaceAllString(got, v.shown)
	}
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as expected; go test -update writes it anew.\nGot:\n%s\nWant:\n%s", file, got, want)
	}
}
