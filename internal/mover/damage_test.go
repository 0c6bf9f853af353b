package mover

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
)

// unchanged is a source that says that nothing has changed.
type unchanged struct {
	plainSource
	reads int
}

func (u *unchanged) Changed(context.Context, RecoveryPoint) (iter.Seq2[Extent, error], bool) {
	return func(func(Extent, error) bool) {}, true
}

func (u *unchanged) ReadAt(p []byte, offset int64) (int, error) {
	u.reads++
	return u.plainSource.ReadAt(p, offset)
}

// damages are what may happen to an object, and what a restore is to say of a block or a segment.
var damages = map[string]struct {
	do   func(m *memory, name string)
	kind Kind
}{
	"changed":           {func(m *memory, name string) { m.flip(name, len(m.objects[name])/2) }, Tampered},
	"header changed":    {func(m *memory, name string) { m.flip(name, 0) }, Tampered},
	"recipient changed": {func(m *memory, name string) { m.flip(name, 60) }, Tampered},
	"its end cut":       {func(m *memory, name string) { m.objects[name] = m.objects[name][:len(m.objects[name])-1] }, CutShort},
	"half of it cut":    {func(m *memory, name string) { m.objects[name] = m.objects[name][:len(m.objects[name])/2] }, CutShort},
	"all of it cut":     {func(m *memory, name string) { m.objects[name] = nil }, CutShort},
	"longer":            {func(m *memory, name string) { m.objects[name] = append(slices.Clone(m.objects[name]), 'x') }, Tampered},
	"far longer":        {func(m *memory, name string) { m.objects[name] = make([]byte, maxSealed+1) }, Tampered},
	"removed":           {func(m *memory, name string) { delete(m.objects, name) }, Missing},
	"another": {func(m *memory, name string) {
		for _, other := range m.names("blobs/") {
			if other != name && len(m.objects[other]) >= len(m.objects[name]) {
				m.objects[name] = m.objects[other]
			}
		}
	}, Tampered},
}

func (m *memory) flip(name string, at int) {
	m.objects[name] = slices.Clone(m.objects[name])
	m.objects[name][at] ^= 1
}

// TestDamage: damage to any object is found at restore, by what happened to it, and what can be made again by a backup is.
func TestDamage(t *testing.T) {
	key := testKey(t)
	data := noise(1, 20*int(small.BlockSize))
	good := newMemory()
	p := mustBackup(t, quickVault(t, good, Options{Key: key}), data, metaAt(0))
	blobs := good.names("blobs/")
	if len(blobs) != 23 {
		t.Fatalf("there are %d blobs", len(blobs))
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			for _, blob := range blobs {
				s := good.clone()
				v := quickVault(t, s, Options{Key: key})
				damage.do(s, blob)
				_, err := v.Restore(t.Context(), p.ID, &bytesTarget{data: make([]byte, len(data))}, nil)
				want(t, err, damage.kind)
				if !strings.Contains(err.Error(), blob) {
					t.Fatalf("%v does not name %s", err, blob)
				}
				// What can be seen by a list is repaired, even if the source says that nothing has changed.
				if strings.Contains(name, "cut") || name == "removed" || strings.Contains(name, "longer") {
					p := mustBackup(t, v, &unchanged{plainSource: data}, metaAt(1))
					if !bytes.Equal(mustRestore(t, v, p), data) {
						t.Fatal("the next recovery point is not the volume")
					}
				}
			}
		})
	}
}

// TestDamagedPoint: a recovery point that cannot be read hides no other, and the next run starts from the one before.
func TestDamagedPoint(t *testing.T) {
	for name, damage := range damages {
		if name == "another" || name == "removed" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := newMemory()
			v := smallVault(t, s, Options{Key: testKey(t)})
			data := noise(1, 20*int(small.BlockSize))
			first := mustBackup(t, v, data, metaAt(0))
			second := mustBackup(t, v, data, metaAt(1))
			damage.do(s, v.crypt.pointName(second.ID))

			var seen []string
			var failed error
			for p, err := range v.RecoveryPoints(t.Context(), Filter{}) {
				seen, failed = append(seen, p.ID), errors.Join(failed, err)
			}
			if !slices.Equal(seen, []string{first.ID, second.ID}) || failed == nil {
				t.Fatalf("listed are %v with %v", seen, failed)
			}
			if third := mustBackup(t, v, data, metaAt(2)); third.Parent != first.ID {
				t.Fatalf("the parent is %s and not %s", third.Parent, first.ID)
			}
			_, err := v.Restore(t.Context(), second.ID, &bytesTarget{}, nil)
			if err == nil {
				t.Fatal("it was restored")
			}
		})
	}
}

// TestExchangedPoint: a recovery point is not taken for another one.
func TestExchangedPoint(t *testing.T) {
	s := newMemory()
	v := smallVault(t, s, Options{Key: testKey(t)})
	first := mustBackup(t, v, noise(1, 5000), metaAt(0))
	second := mustBackup(t, v, noise(2, 5000), metaAt(1))
	s.objects[v.crypt.pointName(second.ID)] = s.objects[v.crypt.pointName(first.ID)]
	_, err := v.Restore(t.Context(), second.ID, &bytesTarget{data: make([]byte, 5000)}, nil)
	want(t, err, Tampered)
}

// TestTooNew: a recovery point of a later format is neither restored nor followed by one of this.
func TestTooNew(t *testing.T) {
	s := newMemory()
	v := smallVault(t, s, Options{Key: testKey(t)})
	p := mustBackup(t, v, noise(1, 5000), metaAt(0))
	d, err := v.point(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.Format = "vdam-backup/2"
	if err := v.writePoint(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	_, err = v.Restore(t.Context(), p.ID, &bytesTarget{data: make([]byte, 5000)}, nil)
	want(t, err, TooNew)
	_, err = v.Backup(t.Context(), noise(2, 5000), metaAt(1), nil)
	want(t, err, TooNew)
}

// brokenSource ends, or fails.
type brokenSource struct {
	size int64
	err  error
}

func (b brokenSource) Size() int64 { return b.size }

func (b brokenSource) ReadAt(p []byte, offset int64) (int, error) {
	if offset > b.size/2 {
		return 0, b.err
	}
	return len(p), nil
}

// brokenTarget fails.
type brokenTarget struct{ bytesTarget }

func (b *brokenTarget) WriteAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

// TestBadInput: each is an error of its kind, and leaves what there was.
func TestBadInput(t *testing.T) {
	s := newMemory()
	v := smallVault(t, s, Options{Key: testKey(t)})
	data := noise(1, 20*int(small.BlockSize))
	p := mustBackup(t, v, data, metaAt(0))
	backup := func(src Source, m Meta) error {
		_, err := v.Backup(t.Context(), src, m, nil)
		return err
	}
	restore := func(id string, target Target) error {
		_, err := v.Restore(t.Context(), id, target, nil)
		return err
	}
	future := testMeta
	future.TakenAt = v.now().Add(3600e9)
	nobody := testMeta
	nobody.Operator = ""
	unordered := &extentsSource{data, []Extent{{8192, 4096}, {0, 4096}}, nil}
	unknown := &extentsSource{data, nil, io.ErrClosedPipe}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, canceled := v.Backup(gone, data, metaAt(1), nil)
	for name, c := range map[string]struct {
		err  error
		kind Kind
	}{
		"source ends":        {backup(brokenSource{1 << 20, io.EOF}, metaAt(1)), SourceFailed},
		"source deleted":     {backup(brokenSource{1 << 20, io.ErrClosedPipe}, metaAt(1)), SourceFailed},
		"source too large":   {backup(brokenSource{MaxSize + 1, nil}, metaAt(1)), Misconfigured},
		"unordered extents":  {backup(unordered, metaAt(1)), SourceFailed},
		"unknown extents":    {backup(unknown, metaAt(1)), SourceFailed},
		"no operator":        {backup(data, nobody), Misconfigured},
		"clock ahead":        {backup(data, future), ClockOff},
		"clock behind":       {backup(data, metaAt(-60)), ClockOff},
		"canceled":           {canceled, Canceled},
		"unknown id":         {restore("0000000000000000-20010909T014640Z-00000000", &bytesTarget{}), Unknown},
		"no id":              {restore("../x", &bytesTarget{}), Unknown},
		"target too small":   {restore(p.ID, &bytesTarget{data: make([]byte, len(data)-1)}), TargetTooSmall},
		"target that breaks": {restore(p.ID, &brokenTarget{bytesTarget{data: make([]byte, len(data))}}), TargetFailed},
	} {
		t.Run(name, func(t *testing.T) { want(t, c.err, c.kind) })
	}
	if all := points(t, v); len(all) != 1 || !bytes.Equal(mustRestore(t, v, p), data) {
		t.Fatalf("there are %v", all)
	}
}

// extentsSource is a source that says something of its extents.
type extentsSource struct {
	plainSource
	extents []Extent
	err     error
}

func (s *extentsSource) Allocated(context.Context) iter.Seq2[Extent, error] {
	return func(yield func(Extent, error) bool) {
		for _, e := range s.extents {
			if !yield(e, nil) {
				return
			}
		}
		if s.err != nil {
			yield(Extent{}, s.err)
		}
	}
}
