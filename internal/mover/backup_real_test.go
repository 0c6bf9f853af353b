package mover

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// realOptions are those of a user for a bucket of a real S3.
func realOptions(server *s3.Server, bucket string, u s3.User, key string) Options {
	return Options{
		Endpoint: server.Endpoint, Region: s3.Region, Bucket: bucket, Prefix: "from-x", CAPEM: server.CAPEM,
		AccessKey: u.AccessKey, SecretKey: u.SecretKey, Key: key,
	}
}

func mustOpen(t testing.TB, o Options) *Vault {
	t.Helper()
	v, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mustMake(t testing.TB, server *s3.Server, bucket string, b s3.Bucket) {
	t.Helper()
	if err := server.Make(t.Context(), bucket, b); err != nil {
		t.Fatal(err)
	}
}

func now() Meta {
	m := testMeta
	m.TakenAt = time.Now()
	return m
}

// TestBackupRights: what each user of a real vault may not do.
func TestBackupRights(t *testing.T) {
	server := s3.Start(t)
	mustMake(t, server, "vault", s3.Vault)
	key := testKey(t)
	writer := mustOpen(t, realOptions(server, "vault", server.Writer, key))
	p, err := writer.Check(t.Context())
	if want := (Protection{Versioned: true, LockMode: "COMPLIANCE", LockDays: s3.LockDays}); err != nil || p != want {
		t.Fatalf("it is protected by %v, %v", p, err)
	}
	writer.geometry = small
	data := noise(1, 30*int(small.BlockSize))
	made := mustBackup(t, writer, data, now())

	reader := mustOpen(t, realOptions(server, "vault", server.Reader, key))
	_, err = reader.Backup(t.Context(), noise(2, 5000), now(), nil)
	want(t, err, Denied)
	_, err = reader.Check(t.Context())
	want(t, err, Denied)
	if !bytes.Equal(mustRestore(t, reader, made), data) || len(points(t, reader)) != 1 {
		t.Error("the reader does not restore what the writer wrote")
	}
	thief := realOptions(server, "vault", s3.User{AccessKey: server.Writer.AccessKey, SecretKey: "guessed"}, key)
	_, err = mustOpen(t, thief).Backup(t.Context(), data, now(), nil)
	want(t, err, Denied)
	nowhere := mustOpen(t, realOptions(server, "no-such-vault", server.Writer, key))
	_, err = nowhere.Backup(t.Context(), data, now(), nil)
	want(t, err, NoBucket)

	undeletable(t, server, writer, made)
}

// undeletable tries to remove a recovery point as everybody, as such and by version.
func undeletable(t *testing.T, server *s3.Server, v *Vault, made RecoveryPoint) {
	t.Helper()
	name := "from-x/" + v.crypt.pointName(made.ID)
	root, err := server.Client(server.Root)
	if err != nil {
		t.Fatal(err)
	}
	info, err := root.StatObject(t.Context(), "vault", name, minio.StatObjectOptions{})
	if err != nil || info.VersionID == "" {
		t.Fatalf("the version is %q, %v", info.VersionID, err)
	}
	for _, u := range []s3.User{server.Writer, server.Reader, server.Owner, server.Root} {
		client, err := server.Client(u)
		if err != nil {
			t.Fatal(err)
		}
		options := minio.RemoveObjectOptions{VersionID: info.VersionID, GovernanceBypass: true}
		if err := client.RemoveObject(t.Context(), "vault", name, options); err == nil {
			t.Errorf("%s removed version %q", u.AccessKey, info.VersionID)
		}
		err = client.RemoveObject(t.Context(), "vault", name, minio.RemoveObjectOptions{})
		if own := u == server.Owner || u == server.Root; own != (err == nil) {
			t.Errorf("%s hides the object: %v", u.AccessKey, err)
		} else if own {
			marker(t, client, name) // The owner can hide it, and show it again: it is still there.
		}
		if len(points(t, v)) != 1 {
			t.Errorf("after %s, there are %v", u.AccessKey, points(t, v))
		}
	}
}

// TestBackupIsLocked: each object of a run is locked by itself, which the server does not do of its own accord.
func TestBackupIsLocked(t *testing.T) {
	server := s3.Start(t)
	mustMake(t, server, "vault", s3.Vault)
	o := realOptions(server, "vault", server.Owner, testKey(t))
	o.Lock = &Lock{Mode: "GOVERNANCE", Days: 3}
	before := time.Now()
	mustBackup(t, mustOpen(t, o), noise(1, 5000), now())
	store, err := objectstore.Open(server.Account())
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i, err := range store.Versions(t.Context(), "vault") {
		if err != nil {
			t.Fatal(err)
		}
		found++
		mode, until, err := store.Held(t.Context(), "vault", i)
		late := time.Now().AddDate(0, 0, 3).Add(time.Minute)
		if err != nil || mode != minio.Governance || until.Before(before.AddDate(0, 0, 3)) || until.After(late) {
			t.Errorf("%s is locked until %s by %q: %v", i.Key, until, mode, err)
		}
	}
	if found < 2 {
		t.Errorf("there are %d objects", found)
	}
	// A writer without the right to lock is told so, and not left without a lock.
	writer := realOptions(server, "vault", server.Writer, o.Key)
	writer.Lock = o.Lock
	_, err = mustOpen(t, writer).Backup(t.Context(), noise(2, 5000), now(), nil)
	want(t, err, Denied)
}

// marker removes the delete marker of an object.
func marker(t *testing.T, client *minio.Client, name string) {
	t.Helper()
	for o := range client.ListObjectsIter(t.Context(), "vault", minio.ListObjectsOptions{Prefix: name, WithVersions: true}) {
		if o.IsDeleteMarker {
			if err := client.RemoveObject(t.Context(), "vault", name, minio.RemoveObjectOptions{VersionID: o.VersionID}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestBackupUnfitVaults: a real bucket that does not protect backups is refused by what it lacks.
func TestBackupUnfitVaults(t *testing.T) {
	server := s3.Start(t)
	for name, c := range map[string]struct {
		bucket s3.Bucket
		kind   Kind
	}{
		"no-versions": {s3.Bucket{}, Unversioned},
		"no-lock":     {s3.Bucket{Versioned: true}, Unlocked},
		"may-delete":  {s3.Bucket{Versioned: true, Lock: true, WriterDeletes: true}, Deletable},
	} {
		t.Run(name, func(t *testing.T) {
			mustMake(t, server, name, c.bucket)
			_, err := mustOpen(t, realOptions(server, name, server.Writer, testKey(t))).Check(t.Context())
			want(t, err, c.kind)
		})
	}
	o := realOptions(server, "no-versions", server.Writer, testKey(t))
	o.CAPEM = nil
	o.Client = &http.Client{Transport: distrustful{}}
	_, err := mustOpen(t, o).Check(t.Context())
	want(t, err, Misconfigured)
}

// distrustful fails as a transport does that does not know who signed the certificate.
type distrustful struct{}

func (distrustful) RoundTrip(r *http.Request) (*http.Response, error) {
	return http.DefaultTransport.RoundTrip(r)
}

// TestBackupCycle brings hundreds of MiB to a real S3 and back, and again after changes, and says how fast that is.
func TestBackupCycle(t *testing.T) {
	server := s3.Start(t)
	mustMake(t, server, "vault", s3.Vault)
	v := mustOpen(t, realOptions(server, "vault", server.Writer, testKey(t)))
	const size, used = 1 << 30, 384 << 20
	file := filepath.Join(t.TempDir(), "volume")
	disk, err := CreateTarget(file, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	writeNoise(t, disk, 1, 100<<20, used)

	var memory peak
	took := map[string]time.Duration{}
	took["plain copy"] = timed(func() { plainCopy(t, server, file, 100<<20, used) })
	full, fullSum := RecoveryPoint{}, sumOf(t, file)
	took["full"] = timed(func() { full = backupFile(t, v, file, &memory) })
	writeNoise(t, disk, 200, 200<<20, 20<<20)
	next, nextSum := RecoveryPoint{}, sumOf(t, file)
	took["incremental"] = timed(func() { next = backupFile(t, v, file, &memory) })
	if full.BytesUploaded < used || next.BytesUploaded < 20<<20 || next.BytesUploaded > 25<<20 {
		t.Errorf("%d and %d bytes were uploaded", full.BytesUploaded, next.BytesUploaded)
	}
	if full.TreeSHA256 == next.TreeSHA256 {
		t.Errorf("both checksums are %s", full.TreeSHA256)
	}
	reader := mustOpen(t, realOptions(server, "vault", server.Reader, testKeyOf(v)))
	for p, sum := range map[*RecoveryPoint]string{&full: fullSum, &next: nextSum} {
		restored := filepath.Join(t.TempDir(), "restored")
		took["restore"] = timed(func() { restoreFile(t, reader, *p, restored, &memory) })
		if got := sumOf(t, restored); got != sum {
			t.Errorf("restored is %s and not %s", got, sum)
		}
	}
	t.Logf("%d MiB of data: %v; up to %d MiB of memory", used>>20, took, memory.mib())
	if memory.mib() > 128 {
		t.Error("that is too much memory")
	}
}

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start).Round(time.Millisecond)
}

// testKeyOf is the key of a vault.
func testKeyOf(v *Vault) string { return v.crypt.identity.(interface{ String() string }).String() }

func backupFile(t *testing.T, v *Vault, name string, memory *peak) RecoveryPoint {
	t.Helper()
	f, err := OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	p, err := v.Backup(t.Context(), f, now(), memory.look)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func restoreFile(t *testing.T, v *Vault, p RecoveryPoint, name string, memory *peak) {
	t.Helper()
	f, err := CreateTarget(name, p.Size)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Restore(t.Context(), p.ID, f, memory.look); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// writeNoise writes random bytes that are the same for the same seed.
func writeNoise(t *testing.T, f *File, seed byte, offset, length int64) {
	t.Helper()
	for at := int64(0); at < length; at += 4 << 20 {
		if _, err := f.WriteAt(noise(seed+byte(at>>22), int(min(4<<20, length-at))), offset+at); err != nil {
			t.Fatal(err)
		}
	}
}

func sumOf(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// plainCopy puts a part of a file as one object, as any S3 client does.
func plainCopy(t *testing.T, server *s3.Server, name string, offset, length int64) {
	t.Helper()
	client, err := server.Client(server.Owner)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := server.Make(context.Background(), "plain", s3.Bucket{}); err != nil {
		t.Fatal(err)
	}
	part := io.NewSectionReader(f, offset, length)
	if _, err := client.PutObject(t.Context(), "plain", "copy", part, length, minio.PutObjectOptions{NumThreads: workers}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(server.Endpoint, "https://") {
		t.Error("the copy was not encrypted on its way")
	}
}
