package mover

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"
)

// workers is how many blocks are compressed, encrypted and on their way at once. Each takes some 5 MiB of memory.
const workers = 4

// Options say where a vault is and how what is in it is encrypted.
type Options struct {
	// Endpoint is like https://s3.example.org, or http at a loopback address. Region may be empty.
	Endpoint, Region string
	// Bucket and Prefix are where the vault is. A prefix belongs to one key.
	Bucket, Prefix string
	// AccessKey and SecretKey are a pair that may put, get and list, or for restores get and list, and nothing else.
	AccessKey, SecretKey string
	// CAPEM are the certificates to trust instead of the system's, may be empty.
	CAPEM []byte
	// Client has the transport to use, may be nil. With it, CAPEM is not looked at.
	Client *http.Client
	// Lock has each object locked as it is written. It is for servers that do not do so by themselves as the bucket's default
	// says, and needs the right s3:PutObjectRetention. Nil leaves it to the bucket.
	Lock *Lock

	// Key is the age identity that encrypts and decrypts, see [NewKey].
	Key string
	// Escrow are recipients, like age1…, whose identities can restore as well. They apply to what is uploaded from now on.
	Escrow []string
	// RenewAfter makes a backup upload again what it relies on and what is older than this. It is for vaults that expire
	// objects by age, and so that a lock covers what a new recovery point relies on: everything stays locked for
	// at least the vault's days less this. Never if it is 0.
	RenewAfter time.Duration

	// Now is the time, [time.Now] if nil. A folder's files have it as well.
	Now func() time.Time
	// Room reports whether a folder has room for so many bytes more, or fewer, and takes it; nil without a limit.
	Room func(more int64) bool
}

// Lock is how an object is protected from deletion.
type Lock struct {
	// Mode is COMPLIANCE or GOVERNANCE.
	Mode string
	// Days count from when it was written.
	Days int
}

// Vault is where recovery points are. It may be used by several goroutines.
type Vault struct {
	store      store
	crypt      *crypt
	geometry   geometry
	renewAfter time.Duration
	now        func() time.Time
}

// Open makes a vault in a bucket of S3. It makes no request. The error is an [*Error] of kind Misconfigured.
func Open(o Options) (*Vault, error) {
	b, err := newBucket(o)
	if err != nil {
		v := &Vault{store: &bucket{name: o.Bucket, host: "the endpoint"}}
		return nil, v.explained(opOpen, err)
	}
	return newVault(b, o)
}

// OpenFolder makes a vault in a folder, such as a copy of a bucket. Of the options it looks at those from Key on.
func OpenFolder(dir string, o Options) (*Vault, error) {
	return newVault(&folder{dir: dir, now: o.Now, room: o.Room}, o)
}

func newVault(s store, o Options) (*Vault, error) {
	v := &Vault{store: s, geometry: geometry{maxBlock, maxRun}, renewAfter: o.RenewAfter, now: time.Now}
	if o.Now != nil {
		v.now = o.Now
	}
	var err error
	if v.crypt, err = newCrypt(o.Key, o.Escrow); err != nil {
		return nil, v.explained(opOpen, err)
	}
	return v, nil
}

// String says where the vault is, without secrets.
func (v *Vault) String() string { return v.store.String() }

// Check finds out whether the vault is fit for backups by this key: that it keeps and locks what is written, that the key
// can write and read, and that it cannot delete. It leaves a small object named probe. The error is an [*Error].
func (v *Vault) Check(ctx context.Context) (Protection, error) {
	p, err := v.store.check(ctx, "probe")
	return p, v.explained(opCheck, err)
}

// Protection reads how the vault is set up, and writes nothing: it fails where Check would for the same reason. The error is an
// [*Error].
func (v *Vault) Protection(ctx context.Context) (Protection, error) {
	p, err := v.store.protection(ctx)
	return p, v.explained(opLook, err)
}

// Filter says which recovery points are wanted. What is empty does not matter.
type Filter struct{ Operator, Kind, ID string }

func (f Filter) matches(m Meta) bool {
	return (f.Operator == "" || f.Operator == m.Operator) && (f.Kind == "" || f.Kind == m.Kind) && (f.ID == "" || f.ID == m.ID)
}

// RecoveryPoints are those in the vault, of one source after the other, each from the oldest to the newest. One that cannot
// be read comes with an [*Error] and its id alone, and those after it still come; an error without an id is the last.
func (v *Vault) RecoveryPoints(ctx context.Context, f Filter) iter.Seq2[RecoveryPoint, error] {
	return func(yield func(RecoveryPoint, error) bool) {
		for o, err := range v.store.list(ctx, pointsDir) {
			if err != nil {
				yield(RecoveryPoint{}, v.explained(opList, err))
				return
			}
			id, _, ok := parsePointName(o.name)
			if !ok {
				continue
			}
			d, err := v.readPoint(ctx, o.name)
			switch {
			case err != nil:
				if !yield(RecoveryPoint{ID: id}, v.explained(opList, err)) || ctx.Err() != nil {
					return
				}
			case f.matches(d.Source):
				if !yield(d.RecoveryPoint, nil) {
					return
				}
			}
		}
	}
}

// RecoveryPoint returns one by its id. The error is an [*Error], of kind Unknown if there is none.
func (v *Vault) RecoveryPoint(ctx context.Context, id string) (RecoveryPoint, error) {
	d, err := v.point(ctx, id)
	if err != nil {
		return RecoveryPoint{}, v.explained(opList, err)
	}
	return d.RecoveryPoint, nil
}

// newest returns the newest recovery point of a source that can be read, nil if there is none. It fails if the vault is
// of another key.
func (v *Vault) newest(ctx context.Context, source string) (*document, error) {
	if err := v.ours(ctx); err != nil {
		return nil, err
	}
	var names []string
	for o, err := range v.store.list(ctx, pointsDir+source+"-") {
		if err != nil {
			return nil, err
		}
		if _, key, ok := parsePointName(o.name); ok && key == v.crypt.id {
			names = append(names, o.name)
		}
	}
	for i := len(names) - 1; i >= 0; i-- {
		d, err := v.readPoint(ctx, names[i])
		if err == nil || !damaged(err) {
			return d, err
		}
	}
	return nil, nil //nolint:nilnil // None is no failure.
}

// ours fails if all recovery points of the vault are of other keys. It reads no further than the first that is not.
func (v *Vault) ours(ctx context.Context) error {
	other := ""
	for o, err := range v.store.list(ctx, pointsDir) {
		if err != nil {
			return err
		}
		id, key, ok := parsePointName(o.name)
		if ok && key == v.crypt.id {
			return nil
		}
		if ok {
			other = id
		}
	}
	if other != "" {
		return fail(WrongKey, nil, "recovery point %s and all others in it are encrypted with another key", other)
	}
	return nil
}

// damaged says whether an object cannot be used, but another may be.
func damaged(err error) bool {
	return errors.Is(err, CutShort) || errors.Is(err, Tampered) || errors.Is(err, Missing) || errors.Is(err, WrongKey)
}
