package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// vaults are the backup vaults of all operators of a sandbox, each a folder, and the agreement under which one operator
// writes into those of another. It has a lock of its own, which is taken with that of a world held and never the other way
// round: no operator waits for another.
type vaults struct {
	dir   string
	clock *clock

	mu    sync.Mutex
	known map[string]*vault
}

// agreement is what other operators may know of a vault.
type agreement struct {
	id, operator, url, beneficiary string
	retention                      time.Duration
	// quota is in bytes; 0 without a limit.
	quota int64
	// closed is a vault that has failed or is being deleted.
	closed bool
}

type vault struct {
	agreement

	// used is in bytes.
	used int64
	// turn is held by whoever writes or deletes.
	turn sync.Mutex
}

func newVaults(dir string, c *clock) *vaults {
	return &vaults{dir: dir, clock: c, known: map[string]*vault{}}
}

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
		retention: days(spec.RetentionDays), quota: value(spec.QuotaGib) << 30,
		closed: o.State == api.StateDeleting || o.State == api.StateFailed,
	}
	v.mu.Unlock()
	if !known {
		v.sweep(o.ID)
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

// folder is where a vault is. What belongs to one key is in a folder of it.
func (v *vaults) folder(operator, id string) string {
	return filepath.Join(v.dir, operator+"-vaults", id)
}

// open makes a vault usable with a key. To each key, it holds what that one has written.
func (v *vaults) open(a agreement, key string, renewAfter time.Duration) (*mover.Vault, error) {
	return v.openFolder(filepath.Join(v.folder(a.operator, a.id), fingerprint(key)), a.id, key, renewAfter)
}

func (v *vaults) openFolder(dir, id, key string, renewAfter time.Duration) (*mover.Vault, error) {
	return mover.OpenFolder(dir, mover.Options{
		Key: key, RenewAfter: renewAfter, Now: v.clock.now, Room: func(more int64) bool { return v.reserve(id, more) },
	})
}

// erase ends a vault with what is in it.
func (v *vaults) erase(id string) {
	v.mu.Lock()
	is := v.known[id]
	delete(v.known, id)
	v.mu.Unlock()
	if is != nil {
		_ = os.RemoveAll(v.folder(is.operator, id)) // What is left over is never seen again, as ids are not used twice.
	}
}

// locked counts the recovery points that are younger than so many days.
func (v *vaults) locked(id string, lockDays int) (n int) {
	oldest := v.clock.now().Add(-days(lockDays))
	v.each(id, func(file string, info fs.FileInfo) {
		if filepath.Base(filepath.Dir(file)) == "points" && info.ModTime().After(oldest) {
			n++
		}
	})
	return n
}

// sweep deletes what is older than a vault keeps it, unless somebody is writing, who does so at the end.
func (v *vaults) sweep(id string) {
	if is := v.get(id); is != nil && is.turn.TryLock() {
		defer is.turn.Unlock()
		v.expire(id)
	}
}

// expire deletes what is older than a vault keeps it, and counts the rest. It needs the vault's turn.
func (v *vaults) expire(id string) {
	v.mu.Lock()
	is := v.known[id]
	if is == nil {
		v.mu.Unlock()
		return
	}
	oldest := v.clock.now().Add(-is.retention)
	v.mu.Unlock()
	var used int64
	v.each(id, func(file string, info fs.FileInfo) {
		if info.ModTime().After(oldest) || os.Remove(file) != nil {
			used += info.Size()
		}
	})
	v.mu.Lock()
	defer v.mu.Unlock()
	is.used = used
}

// each visits the files of a vault. Those that vanish meanwhile are none.
func (v *vaults) each(id string, f func(file string, info fs.FileInfo)) {
	is := v.get(id)
	if is == nil {
		return
	}
	_ = filepath.WalkDir(v.folder(is.operator, id), func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		if info, err := entry.Info(); err == nil {
			f(file, info)
		}
		return nil
	})
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
