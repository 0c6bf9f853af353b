package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// realPair is a pair whose vault is in a real S3.
func realPair(t *testing.T, o Options) (*pair, *s3.Server) {
	t.Helper()
	server := s3.Start(t)
	account := server.Account()
	o.S3 = &account
	p := startPair(t, o, nil)
	p.vault = settled(p.there, "backup-vaults/"+p.vault.ID)
	if p.vault.State != "ready" || p.vault.Simulated || p.vault.StateMessage != "" {
		t.Fatalf("the vault is %+v", p.vault)
	}
	return p, server
}

// mint mints a key of the vault.
func (p *pair) mint(role string) (k api.VaultCredentials) {
	p.t.Helper()
	path := "backup-vaults/" + p.vault.ID + "/credentials"
	p.there.order(path, m{"role": role, "ttl_seconds": 600}).is(http.StatusCreated).into(&k)
	return k
}

// opened is the vault as a key opens it.
func (p *pair) opened(k api.VaultCredentials) *mover.Vault {
	p.t.Helper()
	v, err := mover.Open(mover.Options{
		Endpoint: k.Endpoint, Region: k.Region, Bucket: k.Bucket, Prefix: fingerprint(p.key), CAPEM: []byte(*k.CaCertificate),
		AccessKey: k.AccessKeyId, SecretKey: k.SecretAccessKey, Key: p.key,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// TestBackupInARealVault loses a volume and has it again, from a vault that is locked.
func TestBackupInARealVault(t *testing.T) {
	p, server := realPair(t, Options{})
	data := p.volume("data", "Dainu skapis")
	plan := p.plan(nil, data.ID)
	first := p.backUp("first", plan.ID)
	if first.State != "ready" || len(first.RecoveryPoints) != 1 {
		t.Fatalf("the backup is %+v", first)
	}
	if again := p.backUp("again", plan.ID); again.State != "ready" || again.RecoveryPoints[0].UploadedBytes != 0 {
		t.Errorf("the second backup is %+v", again)
	}
	path := "storage-volumes/" + data.ID
	p.here.patch(path, p.here.get(path).view().Etag, `{"size_gib":8}`).is(http.StatusOK)
	sum := diskOf(t, p.Sandbox, "lvrtc", data.ID).checksum()
	p.here.remove(path).is(http.StatusAccepted)
	order := p.restoreOf("again", m{"recovery_point_id": first.RecoveryPoints[0].Id})
	v := settled(p.there, "storage-volumes/"+p.there.order("storage-volumes", order).is(http.StatusCreated).view().ID)
	if v.State != "ready" || diskOf(t, p.Sandbox, "iem-ic", v.ID).checksum() != sum {
		t.Errorf("the restored volume is %+v", v)
	}
	other := p.restoreOf("other", m{"volume_id": data.ID, "encryption_key": newKey(t)})
	wrong := p.there.order("storage-volumes", other).refused(http.StatusUnprocessableEntity, "invalid")
	if got := wrong.pointers(); len(got) != 1 || got[0] != "/restore_from/encryption_key" {
		t.Errorf("another key: pointers %v", got)
	}
	p.there.remove("backup-vaults/"+p.vault.ID).refused(http.StatusConflict, "in-use")

	root, err := server.Client(server.Root)
	if err != nil {
		t.Fatal(err)
	}
	for o := range root.ListObjectsIter(t.Context(), p.vault.ID, minio.ListObjectsOptions{Recursive: true, WithVersions: true}) {
		_, until, err := p.vaults.store.Held(t.Context(), p.vault.ID, objectstore.Version{Key: o.Key, ID: o.VersionID})
		if err != nil || until.Before(o.LastModified.AddDate(0, 0, 7)) {
			t.Errorf("%s is locked until %s, %v", o.Key, until, err)
		}
		if err := root.RemoveObject(t.Context(), p.vault.ID, o.Key, minio.RemoveObjectOptions{VersionID: o.VersionID}); err == nil {
			t.Errorf("%s was not locked", o.Key)
		}
	}
}

// TestBackupVaultKeys mints keys of a vault: they do what they may, and end.
func TestBackupVaultKeys(t *testing.T) {
	p, _ := realPair(t, Options{})
	plan := p.plan(nil, p.volume("data", "text").ID)
	p.backUp("first", plan.ID)
	writer, reader := p.mint("writer"), p.mint("reader")
	w, r := p.opened(writer), p.opened(reader)
	if got, err := w.Check(t.Context()); err != nil || got.LockMode != "GOVERNANCE" || got.LockDays != 7 {
		t.Errorf("the vault protects by %+v, %v", got, err)
	}
	found := func(v *mover.Vault) (n int, err error) {
		for _, err := range v.RecoveryPoints(t.Context(), mover.Filter{}) {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}
	for _, v := range []*mover.Vault{w, r} {
		if n, err := found(v); n != 1 || err != nil {
			t.Errorf("%d recovery points, %v", n, err)
		}
	}
	if _, err := r.Check(t.Context()); err == nil {
		t.Error("a reader writes")
	}
	path := "backup-vaults/" + p.vault.ID + "/credentials/revoke"
	for range 2 {
		p.there.order(path, m{"id": writer.Id}).is(http.StatusNoContent)
	}
	if n, err := found(w); err == nil {
		t.Errorf("a key that was revoked finds %d recovery points", n)
	}
	p.MoveClock(11 * time.Minute)
	ended := func() bool {
		w := p.operator("iem-ic").world
		keys := 0
		if err := w.locked(t.Context(), func() { keys = len(w.objects[p.vault.ID].Derived.Keys) }); err != nil {
			t.Fatal(err)
		}
		return keys == 0
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for n := 0; !ended(); n++ {
		if n > 1000 {
			t.Fatal("the key does not end")
		}
		<-ticker.C
	}
	if n, err := found(r); err == nil {
		t.Errorf("a key whose time is over finds %d recovery points", n)
	}
}

// TestBackupVaultIsFull: what is in a full vault can be listed and restored, and nothing comes to it.
func TestBackupVaultIsFull(t *testing.T) {
	p, _ := realPair(t, Options{})
	data := p.volume("data", "fits")
	plan := p.plan(nil, data.ID)
	p.backUp("first", plan.ID)
	used := p.there.get("backup-vaults/" + p.vault.ID).backup().UsedBytes
	p.vaults.mu.Lock()
	p.vaults.known[p.vault.ID].quota = used
	p.vaults.mu.Unlock()
	full := p.backUp("second", plan.ID)
	if full.State != "failed" || !strings.Contains(full.StateMessage, "all of its quota is used") ||
		!strings.Contains(full.StateMessage, p.vault.ID+" at iem-ic") {
		t.Errorf("it is %s: %s", full.State, full.StateMessage)
	}
	if points := p.points(plan.ID, "").Items; len(points) != 1 {
		t.Errorf("there are %d recovery points", len(points))
	}
	order := p.restoreOf("again", m{"volume_id": data.ID})
	v := settled(p.there, "storage-volumes/"+p.there.order("storage-volumes", order).is(http.StatusCreated).view().ID)
	if v.State != "ready" {
		t.Errorf("the restored volume is %s: %s", v.State, v.StateMessage)
	}
	if got := p.there.get("backup-vaults/" + p.vault.ID).backup().UsedBytes; got != used {
		t.Errorf("%d bytes are used, and were %d", got, used)
	}
}

// TestBackupVaultLocksOthers: what other tools write with their keys is locked as well.
func TestBackupVaultLocksOthers(t *testing.T) {
	p, _ := realPair(t, Options{})
	writer := p.mint("writer")
	v := p.opened(writer)
	if _, err := v.Check(t.Context()); err != nil { // It leaves a probe.
		t.Fatal(err)
	}
	held := p.there.remove("backup-vaults/"+p.vault.ID).refused(http.StatusConflict, "in-use")
	if !strings.Contains(held.Detail, "is 1.") {
		t.Error(held.Detail)
	}
	p.vaults.sweep(t.Context(), p.vault.ID)
	mode, until, err := p.vaults.store.Held(t.Context(), p.vault.ID, objectstore.Version{Key: fingerprint(p.key) + "/probe"})
	if err != nil || mode != minio.Governance || until.Before(time.Now().Add(7*day-time.Minute)) {
		t.Errorf("it is locked by %v until %s, %v", mode, until, err)
	}
}

// TestBackupWithoutTheS3 starts the sandbox anew without what is behind a vault, and then with it.
func TestBackupWithoutTheS3(t *testing.T) {
	dir := t.TempDir()
	p, server := realPair(t, Options{Dir: dir})
	plan := p.plan(nil, p.volume("data", "text").ID)
	p.backUp("first", plan.ID)
	without := p.again(Options{Dir: dir})
	if b := without.backUp("second", plan.ID); b.State != "failed" || !strings.Contains(b.StateMessage, "--s3") {
		t.Errorf("without an S3, the backup is %+v", b)
	}
	account := server.Account()
	with := without.again(Options{Dir: dir, S3: &account})
	if b := with.backUp("third", plan.ID); b.State != "ready" {
		t.Errorf("with it again, the backup is %+v", b)
	}
}

// TestVaultInAFolderHasNoKeys says why there are none.
func TestVaultInAFolderHasNoKeys(t *testing.T) {
	p := startPair(t, Options{}, nil)
	path := "backup-vaults/" + p.vault.ID + "/credentials"
	p.there.order(path, m{"role": "reader", "ttl_seconds": 600}).refused(http.StatusNotImplemented, "unsupported")
	p.there.order(path+"/revoke", m{"id": "key-1"}).refused(http.StatusNotImplemented, "unsupported")
}
