package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// agencyStore is an S3 with a bucket of an agency's own, which lets in one access key.
type agencyStore struct {
	next http.Handler
	url  string
	key  atomic.Value
}

func (a *agencyStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, _ := a.key.Load().(string)
	if !strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/") {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>")
		return
	}
	a.next.ServeHTTP(w, r)
}

func newAgencyStore(t *testing.T) *agencyStore {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("registry"); err != nil {
		t.Fatal(err)
	}
	a := &agencyStore{next: gofakes3.New(backend, gofakes3.WithTimeSkewLimit(0)).Server()}
	a.key.Store("first")
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

const agencySecret = "s3cr3t-of-the-agency"

// bucket is what a plan is told.
func (a *agencyStore) bucket(accessKey string) m {
	return m{
		"endpoint": a.url, "bucket": "registry", "prefix": "vdam", "retention_days": vaultDays,
		"access_key_id": accessKey, "secret_access_key": agencySecret,
	}
}

func (a *agencyStore) vault() m {
	return m{"operator": "acme", "id": "main", "url": a.url + "/registry/vdam"}
}

// TestBackupIntoAgencyBucket backs up into a bucket that no operator has an agreement on, also after a new start and with
// other keys, and restores at another operator.
func TestBackupIntoAgencyBucket(t *testing.T) {
	dir := t.TempDir()
	a, p := newAgencyStore(t), startPair(t, Options{Dir: dir}, nil)
	volume := p.volume("data", "Dainu skapis")
	plan := p.plan(m{"vault": a.vault(), "bucket": a.bucket("first")}, volume.ID)
	if b := p.backUp("one", plan.ID); b.State != "ready" || len(b.RecoveryPoints) != 1 {
		t.Fatalf("the backup is %s: %s", b.State, b.StateMessage)
	}
	p = p.again(Options{Dir: dir})
	a.key.Store("second")
	failed := p.backUp("two", plan.ID)
	if failed.State != "failed" || !strings.Contains(failed.StateMessage, "in the vault main at acme: ") ||
		!strings.Contains(failed.StateMessage, "InvalidAccessKeyId") {
		t.Errorf("with a key that has ended, it is %s: %s", failed.State, failed.StateMessage)
	}
	path := "backup-plans/" + plan.ID
	p.here.patch(path, p.here.get(path).view().Etag, `{"bucket":`+string(mustJSON(a.bucket("second")))+`}`).is(http.StatusOK)
	if b := p.backUp("three", plan.ID); b.State != "ready" {
		t.Errorf("with another key, it is %s: %s", b.State, b.StateMessage)
	}
	from := m{"vault_id": "main", "volume_id": volume.ID, "bucket": a.bucket("second")}
	made := p.there.order("storage-volumes", p.restoreOf("again", from)).is(http.StatusCreated).view()
	restored := settled(p.there, "storage-volumes/"+made.ID)
	if restored.State != "ready" || restored.Restored == nil || restored.Restored.VaultId != "main" {
		t.Fatalf("the volume is %s: %s", restored.State, restored.StateMessage)
	}
	if got := diskOf(t, p.Sandbox, "iem-ic", made.ID).read(5<<20+17, 12); string(got.body) != "Dainu skapis" {
		t.Errorf("it holds %q", got.body)
	}
	for _, shown := range []answer{p.here.get(path), p.there.get("storage-volumes/" + made.ID), p.here.get("backup-plans")} {
		if strings.Contains(string(shown.body), agencySecret) || strings.Contains(string(shown.body), `"bucket"`) {
			t.Errorf("the bucket is shown: %s", shown.body)
		}
	}
}

// isAt checks what a refusal is about, and that it tells no secret.
func isAt(t *testing.T, pointer string, a answer) {
	t.Helper()
	got := a.refused(http.StatusUnprocessableEntity, "invalid").pointers()
	if !slices.Equal(got, []string{pointer}) || strings.Contains(string(a.body), agencySecret) {
		t.Errorf("what was to be refused at %s was refused: %s", pointer, a.body)
	}
}

// TestAgencyBucketIsRefused has orders with buckets that cannot be used.
func TestAgencyBucketIsRefused(t *testing.T) {
	a, p := newAgencyStore(t), startPair(t, Options{}, nil)
	volume := p.volume("data", "x")
	with := func(name string, value any) m {
		b := a.bucket("first")
		b[name] = value
		return b
	}
	for pointer, more := range map[string]m{
		"/bucket":            {"bucket": with("endpoint", "http://s3.example")},
		"/retention_seconds": {"bucket": with("retention_days", 20)},
		"/vault/url":         {},
	} {
		more["vault"] = a.vault()
		isAt(t, pointer, p.here.order("backup-plans", p.planOf(more, volume.ID)))
	}
	plan := p.plan(nil, volume.ID)
	path := "backup-plans/" + plan.ID
	isAt(t, "/bucket", p.here.patch(path, plan.Etag, `{"bucket":`+string(mustJSON(a.bucket("first")))+`}`))
	agencys := p.plan(m{"name": "agency", "vault": a.vault(), "bucket": a.bucket("first")}, volume.ID)
	if b := p.backUp("one", agencys.ID); b.State != "ready" {
		t.Fatalf("the backup is %s: %s", b.State, b.StateMessage)
	}
	for pointer, from := range map[string]m{
		"/restore_from/bucket":         {"bucket": a.bucket("other")},
		"/restore_from/volume_id":      {"volume_id": "vol-of-nobody"},
		"/restore_from/encryption_key": {"encryption_key": newKey(t)},
	} {
		order := m{"vault_id": "main", "volume_id": volume.ID, "bucket": a.bucket("first")}
		for k, v := range from {
			order[k] = v
		}
		isAt(t, pointer, p.there.order("storage-volumes", p.restoreOf("again", order)))
	}
}
