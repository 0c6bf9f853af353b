package objectstore_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

const bucket = "bvt-1"

// vault is one in a real S3.
func vault(t *testing.T) (*s3.Server, *objectstore.Store) {
	t.Helper()
	server := s3.Start(t)
	store, err := objectstore.Open(server.Account())
	must(t, err)
	for range 2 { // An order that was cut off is begun again.
		must(t, store.Make(t.Context(), bucket, objectstore.Lock{Days: 1}))
	}
	return server, store
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// user is a client of a key.
func user(t *testing.T, server *s3.Server, store *objectstore.Store, id string, role objectstore.Role) *minio.Client {
	t.Helper()
	k, err := store.Mint(t.Context(), bucket, id, role)
	must(t, err)
	client, err := server.Client(s3.User{AccessKey: k.AccessKey, SecretKey: k.SecretKey})
	must(t, err)
	return client
}

func put(ctx context.Context, client *minio.Client, name string) error {
	_, err := client.PutObject(ctx, bucket, name, strings.NewReader("data"), 4, minio.PutObjectOptions{SendContentMd5: true})
	return err
}

// TestBackupKeys has writers and readers do what they may, and what they may not, before and after their keys end.
func TestBackupKeys(t *testing.T) {
	server, store := vault(t)
	ctx := t.Context()
	writer, reader := user(t, server, store, "w-1", objectstore.Writer), user(t, server, store, "r-1", objectstore.Reader)
	other := user(t, server, store, "w-2", objectstore.Writer)
	must(t, put(ctx, writer, "points/1"))
	must(t, put(ctx, reader, "restores/drill"))
	must(t, put(ctx, reader, "clusters/nightly-0/restores/drill/restore-drill-logs.gz"))
	must(t, put(ctx, writer, "clusters/nightly-0/backups/restores/velero-backup.json"))
	for _, forged := range []string{
		"points/2", "clusters/nightly-0/backups/b/velero-backup.json", "clusters/nightly-0/backups/restores/velero-backup.json",
		"clusters/nightly-0/kopia/restores/p0", "clusters/restores/backups/b/velero-backup.json",
	} {
		if put(ctx, reader, forged) == nil {
			t.Errorf("a reader writes %s", forged)
		}
	}
	for name, c := range map[string]*minio.Client{"writer": writer, "reader": reader} {
		o, err := c.GetObject(ctx, bucket, "points/1", minio.GetObjectOptions{})
		must(t, err)
		if data, err := io.ReadAll(o); err != nil || !bytes.Equal(data, []byte("data")) {
			t.Errorf("the %s reads %q, %v", name, data, err)
		}
		if c.RemoveObject(ctx, bucket, "points/1", minio.RemoveObjectOptions{}) == nil {
			t.Errorf("the %s hides a recovery point", name)
		}
		days, mode, unit := uint(1), minio.Governance, minio.Days
		if c.SetObjectLockConfig(ctx, bucket, &mode, &days, &unit) == nil {
			t.Errorf("the %s changes the lock", name)
		}
		if c.RemoveBucket(ctx, bucket) == nil {
			t.Errorf("the %s removes the vault", name)
		}
	}
	for range 2 {
		must(t, store.Revoke(ctx, bucket, "w-1"))
	}
	if put(ctx, writer, "points/3") == nil {
		t.Error("a key that was revoked still writes")
	}
	must(t, put(ctx, other, "points/4"))
	var used int64
	for v, err := range store.Versions(ctx, bucket) {
		must(t, err)
		used += v.Size
	}
	if used != 20 {
		t.Errorf("%d bytes are used", used)
	}
	want := map[string]bool{"clusters": true, "points": true, "restores": true}
	if folders, err := store.Folders(ctx, bucket, ""); err != nil || !maps.Equal(folders, want) {
		t.Errorf("there are the folders %v, %v", folders, err)
	}
}

// TestBackupUserIsGone: a policy that names somebody who is gone does not keep others from coming and going.
func TestBackupUserIsGone(t *testing.T) {
	server, store := vault(t)
	ctx := t.Context()
	stays := user(t, server, store, "w-1", objectstore.Writer)
	user(t, server, store, "w-2", objectstore.Writer)
	must(t, store.RemoveUser(ctx, "w-2"))
	must(t, put(ctx, user(t, server, store, "w-3", objectstore.Writer), "points/1"))
	must(t, put(ctx, stays, "points/2"))
	must(t, store.Revoke(ctx, bucket, "w-2"))
	must(t, store.Revoke(ctx, "no-such-bucket", "w-1"))
	if put(ctx, stays, "points/3") == nil {
		t.Error("a user whose vault is gone stays")
	}
}

// TestBackupHold locks versions that were written without a lock, and has the users that may lock try to unlock.
func TestBackupHold(t *testing.T) {
	server, store := vault(t)
	ctx := t.Context()
	locker := user(t, server, store, "l-1", objectstore.Locker)
	must(t, put(ctx, user(t, server, store, "w-1", objectstore.Writer), "velero/1"))
	for days := range 2 { // The lock that something has is left as it is.
		for v, err := range store.Versions(ctx, bucket) {
			must(t, err)
			must(t, store.Hold(ctx, bucket, v, objectstore.Lock{Days: 5 + int64(days)}))
			mode, until, err := store.Held(ctx, bucket, v)
			must(t, err)
			if least := v.Written.AddDate(0, 0, 5); mode != minio.Governance || until.Before(least) || until.After(least.Add(time.Minute)) {
				t.Errorf("what was written at %s is locked until %s by %s", v.Written, until, mode)
			}
			for _, mode := range []minio.RetentionMode{minio.Governance, minio.Compliance} {
				for _, bypass := range []bool{false, true} {
					sooner := time.Now().Add(time.Hour)
					if locker.PutObjectRetention(ctx, bucket, v.Key, minio.PutObjectRetentionOptions{
						Mode: &mode, RetainUntilDate: &sooner, VersionID: v.ID, GovernanceBypass: bypass,
					}) == nil {
						t.Errorf("the lock got shorter, by %s, bypassing %t", mode, bypass)
					}
				}
			}
			options := minio.RemoveObjectOptions{VersionID: v.ID, GovernanceBypass: true}
			if locker.RemoveObject(ctx, bucket, v.Key, options) == nil {
				t.Error("what is locked was removed")
			}
		}
	}
}

// TestBackupLock prolongs a lock, and removes vaults with something in them and without.
func TestBackupLock(t *testing.T) {
	server, store := vault(t)
	ctx := t.Context()
	must(t, store.Lock(ctx, bucket, objectstore.Lock{Compliance: true, Days: 2}))
	root, err := server.Client(server.Root)
	must(t, err)
	_, mode, days, _, err := root.GetObjectLockConfig(ctx, bucket)
	if must(t, err); mode == nil || *mode != minio.Compliance || *days != 2 {
		t.Errorf("the lock is %v of %v days", mode, days)
	}
	must(t, put(ctx, user(t, server, store, "w-1", objectstore.Writer), "points/1"))
	if err := store.Remove(ctx, bucket); err == nil {
		t.Error("a vault was removed with what is locked in it")
	}
	must(t, store.Make(ctx, "bvt-2", objectstore.Lock{Days: 1}))
	for range 2 {
		must(t, store.Remove(ctx, "bvt-2"))
	}
}
