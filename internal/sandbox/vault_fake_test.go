package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
)

// fakeStore is an S3 with buckets that are all empty. What is asked of it may be refused.
type fakeStore struct {
	account objectstore.Account
	// refused are methods, told what was refused last.
	refused atomic.Value
	told    chan string
	// hangs has it answer nothing.
	hangs atomic.Bool
	// removed is the bucket that was removed last.
	removed atomic.Value
}

const everything = "HEAD GET PUT PATCH DELETE"

func (f *fakeStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.hangs.Load() {
		<-r.Context().Done()
		return
	}
	if methods, _ := f.refused.Load().(string); strings.Contains(methods, r.Method) {
		select {
		case f.told <- r.Method + " " + r.URL.Path:
		default:
		}
		w.WriteHeader(http.StatusForbidden)
		return
	}
	switch {
	case r.Method == http.MethodGet && r.URL.Query().Has("policy"):
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<Error><Code>NoSuchBucketPolicy</Code></Error>")
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, "<ListVersionsResult/>")
	case r.Method == http.MethodDelete:
		if r.URL.RawQuery == "" {
			f.removed.Store(strings.Trim(r.URL.Path, "/"))
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// startFakeStore has a vault at iem-ic in an S3 that a test can switch off.
func startFakeStore(t *testing.T, o Options) (*fakeStore, *pair) {
	t.Helper()
	f := &fakeStore{told: make(chan string, 1)}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.account = objectstore.Account{Endpoint: server.URL, AccessKey: "root", SecretKey: "secret", Region: "x"}
	o.S3 = &f.account
	p := startPair(t, o, nil)
	p.vault = settled(p.there, "backup-vaults/"+p.vault.ID)
	if p.vault.State != "ready" {
		t.Fatalf("the vault is %s: %s", p.vault.State, p.vault.StateMessage)
	}
	return f, p
}

// TestVaultOutlivesAnOutage changes a vault while its S3 does not work.
func TestVaultOutlivesAnOutage(t *testing.T) {
	f, p := startFakeStore(t, Options{})
	p.transfers.pause = 0
	path := "backup-vaults/" + p.vault.ID
	change := func(patch string) { p.there.patch(path, p.there.get(path).view().Etag, patch).is(http.StatusOK) }
	f.refused.Store(everything)
	change(`{"quota_gib":5}`)
	if v := settled(p.there, path); v.State != "ready" {
		t.Errorf("after a change that the S3 has no part in it is %s: %s", v.State, v.StateMessage)
	}
	change(`{"immutability":{"days":8}}`)
	for range 3 {
		<-f.told
	}
	if v := p.there.get(path).view(); v.State != "updating" {
		t.Errorf("while the S3 does not work it is %s: %s", v.State, v.StateMessage)
	}
	f.refused.Store("")
	if v := settled(p.there, path); v.State != "ready" {
		t.Errorf("when it works again it is %s: %s", v.State, v.StateMessage)
	}
	f.refused.Store(everything)
	made := p.there.order("backup-vaults", vaultOf(m{"name": "never"})).is(http.StatusCreated).view()
	if v := settled(p.there, "backup-vaults/"+made.ID); v.State != "failed" {
		t.Errorf("a vault that was never made is %s", v.State)
	}
}

// TestVaultDoesNotAnswer: an S3 that does not answer keeps nobody for long.
func TestVaultDoesNotAnswer(t *testing.T) {
	f, p := startFakeStore(t, Options{})
	p.transfers.patience = time.Millisecond
	f.hangs.Store(true)
	order := p.restoreOf("again", m{"volume_id": "vol-1"})
	for _, a := range []answer{p.there.order("storage-volumes", order), p.there.remove("backup-vaults/" + p.vault.ID)} {
		a.refused(http.StatusServiceUnavailable, "unavailable")
		if a.header.Get("Retry-After") == "" {
			t.Error("it does not say when to try again")
		}
	}
}

// TestVaultIsErasedInTheEnd gives a vault back while its S3 does not work, and ends the sandbox.
func TestVaultIsErasedInTheEnd(t *testing.T) {
	dir := t.TempDir()
	f, p := startFakeStore(t, Options{Dir: dir})
	p.transfers.pause = 0
	path := "backup-vaults/" + p.vault.ID
	f.refused.Store(http.MethodPatch)
	p.there.remove(path).is(http.StatusAccepted)
	for range 2 {
		<-f.told
	}
	if v := p.there.get(path).is(http.StatusOK).view(); v.State != "deleting" {
		t.Errorf("while it cannot be erased it is %s", v.State)
	}
	p = p.again(Options{Dir: dir}) // Without the S3.
	if v := p.there.get(path).is(http.StatusOK).view(); v.State != "deleting" {
		t.Errorf("without the S3 it is %s", v.State)
	}
	f.refused.Store("")
	p = p.again(Options{Dir: dir, S3: &f.account})
	p.there.get(path, "Prefer", "wait=30").is(http.StatusNotFound)
	if got, _ := f.removed.Load().(string); got != p.vault.ID {
		t.Errorf("the bucket that was removed is %q, and not %q", got, p.vault.ID)
	}
}
