package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"time"
)

// random fills a part of a volume with what nothing compresses.
func (p *pair) random(volumeID string, seed byte, offset, length int64) {
	p.t.Helper()
	source := rand.NewChaCha8([32]byte{seed})
	const chunk = 64 << 20
	for at := int64(0); at < length; at += chunk {
		data := make([]byte, min(chunk, length-at))
		_, _ = source.Read(data) // It never fails.
		if err := p.operator("lvrtc").world.disks.write(volumeID, offset+at, data); err != nil {
			p.t.Fatal(err)
		}
	}
}

// sha256Of is that of a file.
func sha256Of(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// TestBackupOfGiBs loses a volume of 8 GiB with 2 GiB of random data, of which a part has changed since its first backup, and
// has it again from a real vault: all bytes are the same.
func TestBackupOfGiBs(t *testing.T) {
	p, _ := realPair(t, Options{})
	id := p.here.made("storage-volumes", m{"name": "large", "size_gib": 8}).ID
	p.random(id, 1, 1<<30, 2<<30)
	plan := p.plan(nil, id)
	took := map[string]time.Duration{}
	backUp := func(name string) backupView {
		started := time.Now()
		b := p.backUp(name, plan.ID)
		for b.State == "creating" {
			b = settled(p.here, "backups/"+b.ID)
		}
		if took[name] = time.Since(started); b.State != "ready" {
			t.Fatalf("the %s backup is %+v", name, b)
		}
		return b
	}
	backUp("full")
	p.random(id, 2, 1<<30+4096, 200<<20)
	changed := backUp("incremental").RecoveryPoints[0]
	if up := changed.UploadedBytes; up < 200<<20 || up > 210<<20 {
		t.Errorf("of 200 MiB that have changed, %d bytes were uploaded", up)
	}
	w := p.operator("lvrtc").world
	sum := sha256Of(t, w.disks.path(id))
	p.here.remove("storage-volumes/" + id).is(http.StatusAccepted)
	p.here.get("storage-volumes/"+id).refused(http.StatusNotFound, "not-found")

	started := time.Now()
	order := p.restoreOf("again", m{"recovery_point_id": changed.Id})
	restored := settled(p.there, "storage-volumes/"+p.there.order("storage-volumes", order).is(http.StatusCreated).view().ID)
	for restored.State == "creating" {
		restored = settled(p.there, "storage-volumes/"+restored.ID)
	}
	took["restore"] = time.Since(started)
	if got := sha256Of(t, p.operator("iem-ic").world.disks.path(restored.ID)); restored.State != "ready" || got != sum {
		t.Errorf("restored is %s, with %s, and it was %s", restored.State, got, sum)
	}
	t.Logf("2 GiB of random data: %v", took)
}
