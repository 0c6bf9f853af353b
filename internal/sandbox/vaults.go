package sandbox

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// vaults are the backup vaults of all operators of a sandbox, each a folder, and the agreement under which one operator
// writes into those of another. It has a lock of its own, which is taken with that of a world held and never the other way
// round: no operator waits for another.
type vaults struct {
	dir    string
	clock  *clock
	logger *slog.Logger
	// store keeps new vaults; nil if they are folders.
	store *objectstore.Store
	keys  *bucketKeys

	mu    sync.Mutex
	known map[string]*vault
	// agencies are held by whoever writes into an agency's bucket, by its URL.
	agencies sync.Map
}

// agreement is what other operators may know of a vault.
type agreement struct {
	id, operator, url, beneficiary string
	retention                      time.Duration
	lock                           objectstore.Lock
	// quota is in bytes; 0 without a limit.
	quota int64
	// bucket says that it is in an S3.
	bucket bool
	// closed is a vault that has failed or is being deleted.
	closed bool
	// agency is a bucket that is no operator's; nil for all others, which are known.
	agency *api.VaultBucket
}

type vault struct {
	agreement

	// used is in bytes.
	used int64
	// held are those in a bucket that are locked, as far as is known. It needs the turn.
	held map[string]bool
	// turn is held by whoever writes or deletes.
	turn sync.Mutex
}

func newVaults(o Options, c *clock) (*vaults, error) {
	v := &vaults{dir: o.Dir, clock: c, logger: o.Logger, keys: newBucketKeys(), known: map[string]*vault{}}
	if o.S3 == nil {
		return v, nil
	}
	var err error
	v.store, err = objectstore.Open(*o.S3)
	return v, err
}

// errNoS3 is why nothing can be done with a vault in a bucket.
var errNoS3 = errors.New("the sandbox was started without --s3, and the vault is in an S3")

// vaultURL stays the same when the sandbox is started anew at other ports.
func vaultURL(operator, id string) string { return "sandbox://" + operator + "/" + id }

// enter takes note of a vault as it is now.
func (v *vaults) enter(operator string, o *object) {
	spec := vaultSpec(o)
	v.mu.Lock()
	is, known := v.known[o.ID]
	if !known {
		is = &vault{}
		v.known[o.ID] = is
	}
	is.agreement = agreement{
		id: o.ID, operator: operator, url: o.Derived.URL, beneficiary: value(spec.Beneficiary),
		retention: days(spec.RetentionDays), lock: lockOf(spec), quota: value(spec.QuotaGib) << 30,
		bucket: o.Derived.Bucket, closed: o.State == api.StateDeleting || o.State == api.StateFailed,
	}
	v.mu.Unlock()
	if !known && !o.Derived.Bucket { // A bucket is looked at when nobody waits.
		v.sweep(context.Background(), o.ID)
	}
}

// find returns what is agreed on the vault of a URL.
func (v *vaults) find(url string) (agreement, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	is := v.known[url[strings.LastIndex(url, "/")+1:]]
	if is == nil || is.url != url || is.closed {
		return agreement{}, false
	}
	return is.agreement, true
}

func (v *vaults) get(id string) *vault {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.known[id]
}

func (v *vaults) usedBytes(id string) int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if is := v.known[id]; is != nil {
		return is.used
	}
	return 0
}

// reserve takes room in a vault, and reports whether there is so much.
func (v *vaults) reserve(id string, more int64) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	is := v.known[id]
	if is == nil || is.quota > 0 && more > 0 && is.used+more > is.quota {
		return false
	}
	is.used += more
	return true
}

// shelf is where a vault's bytes are.
func (v *vaults) shelf(a agreement) (shelf, error) {
	if !a.bucket {
		room := func(more int64) bool { return v.reserve(a.id, more) }
		return folderShelf{filepath.Join(v.dir, a.operator+"-vaults", a.id), v.clock, room}, nil
	}
	if v.store == nil {
		return nil, errNoS3
	}
	return bucketShelf{v.store, a.id, v.keys, a.lock}, nil
}

// opener is where a vault's bytes are, for those who need no more of it than to write and read.
func (v *vaults) opener(a agreement) (opener, error) {
	if a.agency != nil {
		return agencyBucket{a.agency}, nil
	}
	return v.shelf(a)
}

// turn is held by whoever writes; nil if there is no such vault.
func (v *vaults) turn(a agreement) *sync.Mutex {
	if a.agency != nil {
		turn, _ := v.agencies.LoadOrStore(a.url, &sync.Mutex{})
		return turn.(*sync.Mutex) //nolint:forcetypeassert // There is nothing else in it.
	}
	if is := v.get(a.id); is != nil {
		return &is.turn
	}
	return nil
}

// full is an error if a run must not begin. A bucket has no quota of its own: what a run adds there is counted when it is over.
func (v *vaults) full(a agreement) error {
	if a.bucket && a.quota > 0 && v.usedBytes(a.id) >= a.quota {
		return &mover.Error{Kind: mover.Full, Operation: "backup", Detail: "all of its quota is used"}
	}
	return nil
}

// open makes a vault usable with a key. To each key, it holds what that one has written.
func (v *vaults) open(ctx context.Context, a agreement, key string, renewAfter time.Duration) (*mover.Vault, error) {
	s, err := v.opener(a)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, mover.Options{Key: key, RenewAfter: renewAfter})
}

// take takes a vault out, and returns where it was; nil if there is no such.
func (v *vaults) take(id string) shelf {
	a, ok := v.agreement(id)
	v.mu.Lock()
	delete(v.known, id)
	v.mu.Unlock()
	if !ok {
		return nil
	}
	s, _ := v.shelf(a) // A bucket stays if there is no S3.
	return s
}

// count counts what is younger than so many days.
func (v *vaults) count(ctx context.Context, id string, young int, of func(item) bool) (n int, err error) {
	s, err := v.at(id)
	if err != nil {
		return 0, err
	}
	oldest := s.now().Add(-days(young))
	err = s.each(ctx, func(i item) {
		if of(i) && i.written.After(oldest) {
			n++
		}
	})
	return n, err
}

// at is the shelf of a vault.
func (v *vaults) at(id string) (shelf, error) {
	a, ok := v.agreement(id)
	if !ok {
		return nil, errNoVault
	}
	return v.shelf(a)
}

// agreement is that of a vault, which another version of the vault may replace at any time.
func (v *vaults) agreement(id string) (a agreement, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if is := v.known[id]; is != nil {
		return is.agreement, true
	}
	return a, false
}

// sweep deletes what is older than a vault keeps it, unless somebody is writing, who does so at the end.
func (v *vaults) sweep(ctx context.Context, id string) {
	if is := v.get(id); is != nil && is.turn.TryLock() {
		defer is.turn.Unlock()
		v.expire(ctx, id)
	}
}

// expire deletes what is older than a vault keeps it, sees to it that the rest is locked for as long as it has to be, and
// counts it. It needs the vault's turn.
func (v *vaults) expire(ctx context.Context, id string) {
	s, err := v.at(id)
	if err != nil {
		return
	}
	v.mu.Lock()
	is := v.known[id]
	if is == nil {
		v.mu.Unlock()
		return
	}
	now, a := s.now(), is.agreement
	v.mu.Unlock()
	var used int64
	var failure error
	held := map[string]bool{}
	if s.each(ctx, func(i item) {
		if !i.written.After(now.Add(-a.retention)) && i.remove() == nil {
			return
		}
		used += i.size
		if i.hold == nil || !i.written.After(now.Add(-days(int(a.lock.Days)))) {
			return
		}
		if held[i.name] = is.held[i.name]; !held[i.name] {
			err := i.hold()
			held[i.name], failure = err == nil, cmp.Or(failure, err)
		}
	}) != nil {
		return // It is looked at again.
	}
	if failure != nil {
		v.logger.Error("something in a vault is not locked", "operator", a.operator, "vault", id, "error", failure)
	}
	is.held = held
	v.mu.Lock()
	defer v.mu.Unlock()
	is.used = used
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
