package sandbox

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
)

// bucketShelf is a bucket of a real S3, in which everything is locked for as long as the vault says. What belongs to one
// key is below a prefix of it.
type bucketShelf struct {
	store  *objectstore.Store
	bucket string
	// keys are how the operators get in.
	keys *bucketKeys
	// lock is for what is written from now on.
	lock objectstore.Lock
}

// bucketKeys are a key for each bucket, by which the operators write there under their agreement, and restore.
type bucketKeys struct {
	// turn has whoever looks at known.
	turn  chan struct{}
	known map[string]objectstore.Key
}

func newBucketKeys() *bucketKeys {
	return &bucketKeys{turn: make(chan struct{}, 1), known: map[string]objectstore.Key{}}
}

// of returns the key for a bucket. The user of a sandbox before this one, whose secret nobody has any more, makes place.
func (k *bucketKeys) of(ctx context.Context, store *objectstore.Store, bucket string) (objectstore.Key, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return objectstore.Key{}, ctx.Err()
	}
	if key, ok := k.known[bucket]; ok {
		return key, nil
	}
	user := operatorsUser(bucket)
	if err := store.Revoke(ctx, bucket, user); err != nil {
		return objectstore.Key{}, err
	}
	key, err := store.Mint(ctx, bucket, user, objectstore.Locker)
	if err == nil {
		k.known[bucket] = key
	}
	return key, err
}

func (k *bucketKeys) forget(bucket string) {
	k.turn <- struct{}{}
	defer func() { <-k.turn }()
	delete(k.known, bucket)
}

func operatorsUser(bucket string) string { return "operators-" + bucket }

func (s bucketShelf) open(ctx context.Context, o mover.Options) (*mover.Vault, error) {
	return s.at(ctx, o, fingerprint(o.Key))
}

func (s bucketShelf) at(ctx context.Context, o mover.Options, prefix string) (*mover.Vault, error) {
	key, err := s.keys.of(ctx, s.store, s.bucket)
	if err != nil {
		return nil, err
	}
	account := s.store.Account()
	o.Endpoint, o.Region, o.Bucket, o.Prefix, o.Client = account.Endpoint, account.Region, s.bucket, prefix, s.store.Client()
	o.AccessKey, o.SecretKey = key.AccessKey, key.SecretKey
	o.Lock = &mover.Lock{Mode: "GOVERNANCE", Days: int(s.lock.Days)}
	if s.lock.Compliance {
		o.Lock.Mode = "COMPLIANCE"
	}
	return mover.Open(o)
}

func (s bucketShelf) openAny(ctx context.Context, o mover.Options) (*mover.Vault, error) {
	folders, err := s.store.Folders(ctx, s.bucket, "")
	if err != nil {
		return nil, err
	}
	return s.at(ctx, o, folderOf(o.Key, slices.Collect(maps.Keys(folders))))
}

func (s bucketShelf) each(ctx context.Context, f func(item)) error {
	for v, err := range s.store.Versions(ctx, s.bucket) {
		if err != nil {
			return err
		}
		i := item{
			name: v.Key + " " + v.ID, folder: path.Base(path.Dir(v.Key)), size: v.Size, written: v.Written,
			remove: func() error { return s.store.RemoveVersion(ctx, s.bucket, v) },
		}
		if !v.Marker {
			i.hold = func() error { return s.store.Hold(ctx, s.bucket, v, s.lock) }
		}
		f(i)
	}
	return nil
}

// now is that of the S3, which has no clock that could be moved.
func (s bucketShelf) now() time.Time { return time.Now() }

func (s bucketShelf) erase(ctx context.Context, users []string) error {
	var failures []error
	for _, user := range append(users, operatorsUser(s.bucket)) {
		failures = append(failures, s.store.Revoke(ctx, s.bucket, user))
	}
	s.keys.forget(s.bucket)
	return errors.Join(append(failures, s.store.Remove(ctx, s.bucket))...)
}
