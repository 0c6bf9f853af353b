package mover

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"testing"

	"pgregory.net/rapid"
)

// knowingSource knows what is allocated, and what changed since each recovery point.
type knowingSource struct {
	plainSource
	t *rapid.T
	// used and dirty tell it of each block of the geometry.
	used, dirty []bool
	// tracked is the recovery point since which dirty is, empty if nothing is known.
	tracked string
}

func (s *knowingSource) extents(which []bool) iter.Seq2[Extent, error] {
	return func(yield func(Extent, error) bool) {
		for i, is := range which {
			if is && !yield(Extent{int64(i) * small.BlockSize, small.BlockSize}, nil) {
				return
			}
		}
	}
}

func (s *knowingSource) Allocated(context.Context) iter.Seq2[Extent, error] { return s.extents(s.used) }

func (s *knowingSource) Changed(_ context.Context, since RecoveryPoint) (iter.Seq2[Extent, error], bool) {
	return s.extents(s.dirty), s.tracked == since.ID
}

func (s *knowingSource) ReadAt(p []byte, offset int64) (int, error) {
	if block := offset / small.BlockSize; !s.used[block] {
		s.t.Errorf("block %d is read, which is not allocated", block)
	}
	return s.plainSource.ReadAt(p, offset)
}

// volume changes from one generation to the next.
type volume struct {
	t    *rapid.T
	data []byte
}

func blocksOf(n int) int { return (n + int(small.BlockSize) - 1) / int(small.BlockSize) }

// change edits the volume and returns the blocks that were touched.
func (v *volume) change() map[int]bool {
	touched := map[int]bool{}
	if n := rapid.IntRange(0, 9).Draw(v.t, "growth"); n == 0 {
		for block := len(v.data) / int(small.BlockSize); block < 40; block++ {
			touched[block] = true
		}
		v.data = append(v.data, make([]byte, rapid.IntRange(1, 20000).Draw(v.t, "more"))...)
	}
	for range rapid.IntRange(0, 6).Draw(v.t, "edits") {
		from := rapid.IntRange(0, len(v.data)-1).Draw(v.t, "from")
		length := min(rapid.IntRange(1, 9000).Draw(v.t, "length"), len(v.data)-from)
		fill := rapid.SampledFrom([]byte{0, 0, 'a', 'b', 'c', 'd'}).Draw(v.t, "fill")
		for i := from; i < from+length; i++ {
			v.data[i] = fill
			touched[i/int(small.BlockSize)] = true
		}
	}
	return touched
}

// source is the volume as it is, by what it knows of itself.
func (v *volume) source(touched map[int]bool, previous RecoveryPoint) Source {
	data := plainSource(bytes.Clone(v.data))
	if rapid.Bool().Draw(v.t, "knows nothing") {
		return data
	}
	s := &knowingSource{plainSource: data, t: v.t}
	for i := range blocksOf(len(data)) {
		block := data[i*int(small.BlockSize) : min((i+1)*int(small.BlockSize), len(data))]
		zero := bytes.Equal(block, zeros[:len(block)])
		s.used = append(s.used, !zero || rapid.IntRange(0, 3).Draw(v.t, "allocated zeros") == 0)
		s.dirty = append(s.dirty, touched[i])
	}
	if rapid.Bool().Draw(v.t, "tracked") {
		s.tracked = previous.ID
	}
	return s
}

// TestGenerations: whatever changes and however much the source knows, each recovery point is the volume as it was.
func TestGenerations(t *testing.T) {
	key := testKey(t)
	rapid.Check(t, func(r *rapid.T) {
		s := newMemory()
		v := quickVault(t, s, Options{Key: key})
		disk := &volume{t: r, data: make([]byte, rapid.IntRange(1, 80000).Draw(r, "size"))}
		var contents [][]byte
		var made []RecoveryPoint
		var previous RecoveryPoint
		for generation := range rapid.IntRange(1, 5).Draw(r, "generations") {
			touched := disk.change()
			s.puts = nil
			p, err := v.Backup(t.Context(), disk.source(touched, previous), metaAt(generation), nil)
			if err != nil {
				r.Fatal(err)
			}
			if p.Parent != previous.ID {
				r.Fatalf("the parent is %q and not %q", p.Parent, previous.ID)
			}
			if most := len(touched) + 7; generation > 0 && len(s.puts) > most {
				r.Fatalf("%d objects were put for %d blocks", len(s.puts), len(touched))
			}
			contents, made, previous = append(contents, bytes.Clone(disk.data)), append(made, p), p
		}
		for i, p := range made {
			same(r, v, p, contents[i])
		}
		if got := points(t, v); fmt.Sprint(got) != fmt.Sprint(made) {
			r.Fatalf("listed are %v and not %v", got, made)
		}
	})
}

func same(r *rapid.T, v *Vault, p RecoveryPoint, content []byte) {
	target := &bytesTarget{data: bytes.Repeat([]byte{0xff}, len(content))}
	if target.zeroed = rapid.Bool().Draw(r, "zeroed"); target.zeroed {
		clear(target.data)
	}
	if _, err := v.Restore(context.Background(), p.ID, target, nil); err != nil {
		r.Fatal(err)
	}
	if !bytes.Equal(target.data, content) {
		r.Fatalf("%s is not the volume as it was", p.ID)
	}
	sum := sha256.Sum256(content)
	if p.SHA256 != "" && p.SHA256 != hex.EncodeToString(sum[:]) {
		r.Fatalf("the checksum %s is wrong", p.SHA256)
	}
}
