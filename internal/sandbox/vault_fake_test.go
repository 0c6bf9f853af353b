package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
)

// fakeStore is an S3 with buckets that are all empty. What is asked of it may be refused.
type fakeStore struct {
	// told has what was refused last, while refuses is set.
	refuses atomic.Bool
	told    chan string
	// hangs has it answer nothing.
	hangs atomic.Bool
}

func (f *fakeStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.hangs.Load() {
		<-r.Context().Done()
		return
	}
	if f.refuses.Load() {
		select {
		case f.told <- r.Method + " " + r.URL.Path:
		default:
		}
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, "<ListVersionsResult/>")
	}
}

// startFakeStore has a vault at iem-ic in an S3 that a test can switch off.
func startFakeStore(t *testing.T) (*fakeStore, *pair) {
	t.Helper()
	f := &fakeStore{told: make(chan string, 1)}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	p := startPair(t, Options{S3: &objectstore.Account{Endpoint: server.URL, AccessKey: "root", SecretKey: "secret", Region: "x"}}, nil)
	p.vault = settled(p.there, "backup-vaults/"+p.vault.ID)
	if p.vault.State != "ready" {
		t.Fatalf("the vault is %s: %s", p.vault.State, p.vault.StateMessage)
	}
	return f, p
}

// TestVaultOutlivesAnOutage changes a vault while its S3 does not work.
func TestVaultOutlivesAnOutage(t *testing.T) {
	f, p := startFakeStore(t)
	p.transfers.pause = 0
	path := "backup-vaults/" + p.vault.ID
	change := func(patch string) { p.there.patch(path, p.there.get(path).view().Etag, patch).is(http.StatusOK) }
	f.refuses.Store(true)
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
	f.refuses.Store(false)
	if v := settled(p.there, path); v.State != "ready" {
		t.Errorf("when it works again it is %s: %s", v.State, v.StateMessage)
	}
	f.refuses.Store(true)
	made := p.there.order("backup-vaults", vaultOf(m{"name": "never"})).is(http.StatusCreated).view()
	if v := settled(p.there, "backup-vaults/"+made.ID); v.State != "failed" {
		t.Errorf("a vault that was never made is %s", v.State)
	}
}

// TestVaultDoesNotAnswer: an S3 that does not answer keeps nobody for long.
func TestVaultDoesNotAnswer(t *testing.T) {
	f, p := startFakeStore(t)
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
