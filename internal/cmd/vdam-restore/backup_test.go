package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// TestBackupRestoredByCommand restores from a real S3 with the reader's key.
func TestBackupRestoredByCommand(t *testing.T) {
	server := s3.Start(t)
	if err := server.Make(t.Context(), "vault", s3.Vault); err != nil {
		t.Fatal(err)
	}
	key, err := mover.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	v, err := mover.Open(mover.Options{
		Endpoint: server.Endpoint, Region: s3.Region, Bucket: "vault", Prefix: "from-x", CAPEM: server.CAPEM,
		AccessKey: server.Writer.AccessKey, SecretKey: server.Writer.SecretKey, Key: key,
	})
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.Repeat([]byte("a volume"), 500_000)
	dir := t.TempDir()
	volume, ca, restored := filepath.Join(dir, "volume"), filepath.Join(dir, "ca.pem"), filepath.Join(dir, "restored")
	for name, content := range map[string][]byte{volume: data, ca: server.CAPEM} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src, err := mover.OpenFile(volume)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = src.Close() })
	m := mover.Meta{Operator: "x", Kind: "storage_volume", ID: "v-1", TakenAt: time.Now()}
	p, err := v.Backup(t.Context(), src, m, nil)
	if err != nil {
		t.Fatal(err)
	}

	env := func(name string) string {
		return map[string]string{
			"AWS_ACCESS_KEY_ID": server.Reader.AccessKey, "AWS_SECRET_ACCESS_KEY": server.Reader.SecretKey, "VDAM_BACKUP_KEY": key,
		}[name]
	}
	where := []string{"-endpoint", server.Endpoint, "-region", s3.Region, "-bucket", "vault", "-prefix", "from-x", "-ca", ca}
	var out strings.Builder
	if err := run(t.Context(), where, env, &out, io.Discard); err != nil || !strings.Contains(out.String(), p.ID) {
		t.Fatalf("listed is %q, %v", out.String(), err)
	}
	if err := run(t.Context(), append(where, p.ID, restored), env, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(restored); err != nil || !bytes.Equal(got, data) {
		t.Errorf("restored is not what was there, %v", err)
	}
}
