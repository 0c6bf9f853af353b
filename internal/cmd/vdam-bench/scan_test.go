package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestScanFindsWhatIsPlanted writes each secret in each encoding between other bytes.
func TestScanFindsWhatIsPlanted(t *testing.T) {
	t.Parallel()
	for _, s := range plantedSecrets {
		for encoding, texts := range planted(s.text) {
			for _, text := range texts {
				found := scan("here", []byte("before "+text+" behind"), []secret{s})
				if strings.Contains(text, s.text) {
					encoding = asPlain // Of letters and digits, no URL changes any.
				}
				if !slices.Contains(found, finding{s.name, encoding, "here"}) {
					t.Errorf("%s %s is not found in %q: %v", s.name, encoding, text, found)
				}
			}
		}
		for before := range 7 {
			text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + s.text + "rest"))
			if found := scan("", []byte(text), []secret{s}); len(found) != 1 || found[0].encoding != asBase64 {
				t.Errorf("%s behind %d bytes is not found in base64: %v", s.name, before, found)
			}
		}
	}
}

func TestScanFindsNothingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "nothing", strings.Repeat("c1ient/s3cret", 9), "c1ient%2Fs3cret", "user_data"} {
		if found := scan("here", []byte(text), plantedSecrets); len(found) > 0 {
			t.Errorf("%q: %v", text, found)
		}
	}
}

func TestScanControl(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(file, []byte("a log\nof two lines\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := scanControl(file, append(slices.Clone(plantedSecrets), secret{accessTokenSecret, "ABCDEFGH234567"})); err != nil {
		t.Error(err)
	}
}

func TestScanFileLooksIntoPlans(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, err := z.Create("tfplan")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(strings.Repeat("x", 1000) + staticToken.text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "plan")
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := scanFile("the plan", file, plantedSecrets)
	if err != nil || !slices.Equal(found, []finding{{staticToken.name, asPlain, "the plan"}}) {
		t.Errorf("%v %v", found, err)
	}
}

func TestWithout(t *testing.T) {
	t.Parallel()
	got, err := without([]byte(`{"user_data":"a","list":[{"user_data":"b","keep":"user_data"}]}`), "user_data")
	if want := `{"list":[{"keep":"user_data"}]}`; err != nil || string(got) != want {
		t.Errorf("%s (%v), want %s", got, err, want)
	}
	if _, err := without([]byte("no JSON"), "x"); err == nil {
		t.Error("what is no JSON was read")
	}
}
