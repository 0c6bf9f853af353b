package mover

import (
	"context"
	"encoding/hex"
	"iter"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"testing"
)

// huge is a volume of which only some parts are allocated, and that exists nowhere.
type huge struct {
	size int64
	// every is how far the parts of part bytes are apart.
	every, part int64
	block       []byte
}

func newHuge(size, every, part int64) *huge { return &huge{size, every, part, noise(1, 4<<20)} }

func (h *huge) Size() int64 { return h.size }

// ReadAt gives each block other bytes.
func (h *huge) ReadAt(p []byte, offset int64) (int, error) {
	n := copy(p, h.block)
	copy(p, strconv.AppendInt(nil, offset, 10))
	return n, nil
}

func (h *huge) Allocated(context.Context) iter.Seq2[Extent, error] {
	return func(yield func(Extent, error) bool) {
		for at := int64(0); at < h.size; at += h.every {
			if !yield(Extent{at, h.part}, nil) {
				return
			}
		}
	}
}

// nowhere is a target that keeps nothing.
type nowhere struct{ size int64 }

func (n nowhere) Size() int64 { return n.size }

func (nowhere) Zeroed() bool { return true }

func (nowhere) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

// peak remembers the most memory that Go had from the system.
type peak struct{ most uint64 }

func (p *peak) look(Progress) {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	p.most = max(p.most, samples[0].Value.Uint64()-samples[1].Value.Uint64())
}

// mib returns it in MiB.
func (p *peak) mib() uint64 { return p.most >> 20 }

// TestMemoryIsBounded: a volume takes no more than 128 MiB of memory, whatever its size. VDAM_MOVER_GIB makes it larger.
func TestMemoryIsBounded(t *testing.T) {
	size := int64(2)
	if gib := os.Getenv("VDAM_MOVER_GIB"); gib != "" {
		var err error
		if size, err = strconv.ParseInt(gib, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	src := newHuge(size<<30, 64<<20, 4<<20)
	v, err := OpenFolder(t.TempDir(), Options{Key: testKey(t)})
	if err != nil {
		t.Fatal(err)
	}
	was := debug.SetGCPercent(100) // As it is where nobody sets GOGC.
	t.Cleanup(func() { debug.SetGCPercent(was) })
	runtime.GC()
	debug.FreeOSMemory()
	var before, up, down peak
	before.look(Progress{})
	p, err := v.Backup(t.Context(), src, testMeta, up.look)
	if err != nil {
		t.Fatal(err)
	}
	debug.FreeOSMemory()
	if _, err := v.Restore(t.Context(), p.ID, nowhere{p.Size}, down.look); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d GiB with %d MiB of data: %d MiB before, up to %d MiB in the backup, %d MiB in the restore",
		size, p.BytesRead>>20, before.mib(), up.mib(), down.mib())
	if up.mib() > 128 || down.mib() > 128 {
		t.Error("that is too much")
	}
}

// TestPresenceIsBounded: beyond what is remembered, each object is asked for, and the result is the same.
func TestPresenceIsBounded(t *testing.T) {
	s := newMemory()
	v := smallVault(t, s, Options{Key: testKey(t)})
	data := noise(1, 200*int(small.BlockSize))
	mustBackup(t, v, data, metaAt(0))
	source := v.crypt.sourceID(testMeta)
	p := v.presence(source)
	p.limit = 50
	for _, name := range s.names("blobs/") {
		var blob [hashSize]byte
		if _, err := hex.Decode(blob[:], []byte(name[len(name)-2*hashSize:])); err != nil {
			t.Fatal(err)
		}
		size, _, err := p.find(t.Context(), blob)
		if err != nil || int(size) != len(s.objects[name]) {
			t.Fatalf("%s has %d bytes and not %d, %v", name, size, len(s.objects[name]), err)
		}
		blob[hashSize-1] ^= 1
		blob[1] ^= 1
		if size, _, err := p.find(t.Context(), blob); err != nil || size != 0 {
			t.Fatalf("what is not there has %d bytes, %v", size, err)
		}
	}
	if p.known > 50 {
		t.Errorf("%d are remembered", p.known)
	}
}
