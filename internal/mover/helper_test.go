package mover

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
)

// small makes a volume of some blocks have several segments.
var small = geometry{BlockSize: 4096, SegmentBlocks: 8}

var errKilled = errors.New("killed")

// memory is a store that can be killed, damaged and counted.
type memory struct {
	mu      sync.Mutex
	objects map[string][]byte
	times   map[string]time.Time
	now     time.Time
	puts    []string
	lists   int
	// left is after how many puts it is killed, before it keeps the next one, or late, after that. Never if it is negative.
	left int
	late bool
	dead bool
}

func newMemory() *memory {
	return &memory{objects: map[string][]byte{}, times: map[string]time.Time{}, now: time.Unix(1e9, 0), left: -1}
}

func (m *memory) String() string { return "the memory" }

func (m *memory) put(_ context.Context, name string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	kill := m.left == 0
	if m.dead || kill && !m.late {
		m.dead = true
		return errKilled
	}
	m.objects[name], m.times[name] = slices.Clone(data), m.now
	m.puts = append(m.puts, name)
	m.left--
	if kill {
		m.dead = true
		return errKilled
	}
	return nil
}

func (m *memory) get(_ context.Context, name string, buffer []byte, limit int64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.objects[name]
	switch {
	case m.dead:
		return nil, errKilled
	case !ok:
		return nil, fail(Missing, nil, "the object %s is not there", name)
	case int64(len(data)) > limit:
		return nil, tooLarge(name, limit)
	}
	return append(buffer[:0], data...), nil
}

func (m *memory) stat(_ context.Context, name string) (object, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.objects[name]
	if !ok {
		return object{}, fail(Missing, nil, "the object %s is not there", name)
	}
	return object{name, int64(len(data)), m.times[name]}, nil
}

func (m *memory) list(_ context.Context, prefix string) iter.Seq2[object, error] {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lists++
	var all []object
	for name, data := range m.objects {
		if strings.HasPrefix(name, prefix) {
			all = append(all, object{name, int64(len(data)), m.times[name]})
		}
	}
	slices.SortFunc(all, func(a, b object) int { return cmp.Compare(a.name, b.name) })
	return func(yield func(object, error) bool) {
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (m *memory) check(context.Context, string) (Protection, error) { return Protection{}, nil }

func (m *memory) protection(context.Context) (Protection, error) { return Protection{}, nil }

// clone has the same objects, which nobody changes in place.
func (m *memory) clone() *memory {
	c := newMemory()
	c.objects, c.times, c.now, c.puts = maps.Clone(m.objects), maps.Clone(m.times), m.now, slices.Clone(m.puts)
	return c
}

// revive undoes a kill, which lasts until then.
func (m *memory) revive() {
	m.dead, m.left = false, -1
	m.puts = nil
}

func (m *memory) names(prefix string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m.objects)) {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	return names
}

func testKey(t testing.TB) string {
	t.Helper()
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// smallVault has small blocks and a clock that stands still.
func smallVault(t testing.TB, s store, o Options) *Vault {
	t.Helper()
	v, err := newVault(s, o)
	if err != nil {
		t.Fatal(err)
	}
	v.geometry = small
	v.now = func() time.Time { return time.Unix(1e9, 0) }
	return v
}

// quick stands in for a key pair: curves take most of the time of a test with many blocks.
type quick struct{}

func (quick) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: "quick", Body: fileKey}}, nil
}

func (quick) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if stanzas[0].Type != "quick" || len(stanzas[0].Body) != 16 {
		return nil, age.ErrIncorrectIdentity
	}
	return stanzas[0].Body, nil
}

// quickVault is a small vault whose encryption hides nothing. It names everything by the key, as another does.
func quickVault(t testing.TB, s store, o Options) *Vault {
	t.Helper()
	v := smallVault(t, s, o)
	v.crypt.identity, v.crypt.recipients = quick{}, []age.Recipient{quick{}}
	return v
}

var testMeta = Meta{Operator: "x", Kind: "storage_volume", ID: "v-1", Name: "data", TakenAt: time.Unix(1e9-60, 0)}

// metaAt is testMeta at another minute.
func metaAt(minute int) Meta {
	m := testMeta
	m.TakenAt = m.TakenAt.Add(time.Duration(minute-10000) * time.Minute)
	return m
}

// plainSource is a volume of which nothing is known.
type plainSource []byte

func (s plainSource) Size() int64 { return int64(len(s)) }

func (s plainSource) ReadAt(p []byte, offset int64) (int, error) { return copy(p, s[offset:]), nil }

// bytesTarget is a volume to restore to, which may be known to be zeros.
type bytesTarget struct {
	data   []byte
	zeroed bool
	writes int
}

func (t *bytesTarget) Size() int64 { return int64(len(t.data)) }

func (t *bytesTarget) Zeroed() bool { return t.zeroed }

func (t *bytesTarget) WriteAt(p []byte, offset int64) (int, error) {
	t.writes++
	return copy(t.data[offset:], p), nil
}

// points are the recovery points of a vault, all of which have to be in order.
func points(t testing.TB, v *Vault) []RecoveryPoint {
	t.Helper()
	var all []RecoveryPoint
	for p, err := range v.RecoveryPoints(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func mustBackup(t testing.TB, v *Vault, src Source, m Meta) RecoveryPoint {
	t.Helper()
	p, err := v.Backup(t.Context(), src, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mustRestore returns what a recovery point has.
func mustRestore(t testing.TB, v *Vault, p RecoveryPoint) []byte {
	t.Helper()
	target := &bytesTarget{data: make([]byte, p.Size), zeroed: true}
	if _, err := v.Restore(t.Context(), p.ID, target, nil); err != nil {
		t.Fatal(err)
	}
	return target.data
}

// want fails unless an error is of a kind and says more than what happened.
func want(t testing.TB, err error, kind Kind) {
	t.Helper()
	var e *Error
	if !errors.Is(err, kind) || !errors.As(err, &e) || e.Vault == "" || e.Operation == "" {
		t.Fatalf("the error is %#v (%v), and not of kind %d", err, err, kind)
	}
}
