package selfservice_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

var wish = cloud.AccessWish{Role: "viewer", TTL: 10 * time.Minute}

func TestMint(t *testing.T) {
	c := &canned{status: http.StatusCreated, mediaType: "application/json", body: []byte(`{
		"id":"vdam:viewer:x","host":"https://k8s.example:6443","ca_certificate":"CA",
		"client_certificate":"CERT","client_key":"KEY","expires_at":"2026-11-25T12:00:00+02:00"}`)}
	got, err := fuzzed(t.Context(), t, c).ClusterAccess.Mint(t.Context(), "cluster-1", wish)
	must(t, err)
	want := cloud.Access{
		ID: "vdam:viewer:x", Host: "https://k8s.example:6443", CACertificate: "CA", ClientCertificate: "CERT", ClientKey: "KEY",
		ExpiresAt: time.Date(2026, time.November, 25, 10, 0, 0, 0, time.UTC),
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestMintWithoutAKey has an operator answer what is of no use, with a secret in it that no error may show.
func TestMintWithoutAKey(t *testing.T) {
	for _, body := range []string{
		`{"id":"x","host":"https://h","ca_certificate":"CA","client_certificate":"PLANTED-KEY"}`,
		`{"id":"x","host":["PLANTED-KEY"]}`, `{"client_key":"PLANTED-KEY`, `"PLANTED-KEY"`, `PLANTED-KEY`,
	} {
		c := &canned{status: http.StatusCreated, mediaType: "text/plain", body: []byte(body)}
		_, err := fuzzed(t.Context(), t, c).ClusterAccess.Mint(t.Context(), "cluster-1", wish)
		if !errors.Is(err, cloud.ErrUnknownOutcome) || strings.Contains(err.Error(), "PLANTED-KEY") {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// TestMintAnswerLost says what becomes of credentials that nobody has received.
func TestMintAnswerLost(t *testing.T) {
	box, err := sandbox.Start(t.Context(), sandbox.Options{Dir: t.TempDir(), Operators: []string{"lvrtc"}})
	must(t, err)
	t.Cleanup(func() { must(t, box.Close()) })
	must(t, box.AddFault(sandbox.Fault{Method: "POST", Path: "/credentials$", After: true, Reset: true}))
	access := open(t, box, "lvrtc", "registry").ClusterAccess
	_, err = access.Mint(t.Context(), "cluster-1", wish)
	var e *cloud.Error
	if !errors.Is(err, cloud.ErrUnknownOutcome) || !errors.As(err, &e) || !strings.Contains(e.Advice, "end by themselves") {
		t.Errorf("got %v", err)
	}
	asked := 0
	for _, r := range box.Requests() {
		if strings.HasSuffix(r.Path, "/credentials") {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("credentials were asked for %d times; want once, as each makes others", asked)
	}
	must(t, box.AddFault(sandbox.Fault{Method: "POST", Path: "/revoke$", Times: 1, Reset: true}))
	if err := access.Revoke(t.Context(), "cluster-1", "x"); !errors.Is(err, cloud.ErrNotFound) {
		t.Errorf("a revocation whose answer was lost is not asked for again: %v", err)
	}
	for _, id := range []string{"../x", ""} {
		if _, err := access.Mint(t.Context(), id, wish); !errors.Is(err, cloud.ErrNotFound) {
			t.Errorf("credentials of %q: %v", id, err)
		}
		if err := access.Revoke(t.Context(), id, "x"); !errors.Is(err, cloud.ErrNotFound) {
			t.Errorf("revocation of %q: %v", id, err)
		}
	}
}
