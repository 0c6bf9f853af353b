package mover

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"
)

// maxKnown is how many objects are remembered: 32 MiB of memory, 4 TiB of a volume. Beyond it each is asked for.
const maxKnown = 2 << 20

// presence knows which blobs of a source are in the vault. It lists a 256th of them when the first of these is asked for:
// a first run makes no more requests than that, and a later one sees that what it relies on is there, and not cut short.
type presence struct {
	store store
	// dir is where the blobs of the source are.
	dir    string
	limit  int
	mu     sync.Mutex
	known  int
	shards [256]shard
}

type shard struct {
	mu     sync.Mutex
	listed bool
	// full means that not all of them are known.
	full  bool
	blobs []presentBlob
}

// presentBlob is compact, as there are many. With the shard, it has 72 bits of a name that nobody else can choose.
type presentBlob struct {
	hash uint64
	size uint32
	// hour counts since 1970, when it was put.
	hour uint32
}

func (v *Vault) presence(source string) *presence {
	return &presence{store: v.store, dir: blobsDir(source), limit: maxKnown}
}

func blobsDir(source string) string { return "blobs/" + source + "/" }

// blobName is the name of a blob's object.
func blobName(dir string, blob [hashSize]byte) string {
	name := hex.EncodeToString(blob[:])
	return dir + name[:2] + "/" + name
}

// find returns the size of a blob in bytes and when it was put, to the hour. The size is 0 if it is not there.
func (p *presence) find(ctx context.Context, blob [hashSize]byte) (size uint32, put time.Time, err error) {
	s := &p.shards[blob[0]]
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.listed {
		if err := p.list(ctx, blob[0], s); err != nil {
			return 0, time.Time{}, err
		}
	}
	if i, ok := s.search(blob); ok {
		return s.blobs[i].size, time.Unix(int64(s.blobs[i].hour)*3600, 0), nil
	}
	if !s.full {
		return 0, time.Time{}, nil
	}
	o, err := p.store.stat(ctx, blobName(p.dir, blob))
	if errors.Is(err, Missing) {
		return 0, time.Time{}, nil
	}
	return presentSize(o.size), o.modified, err
}

// add tells of a blob that was put.
func (p *presence) add(blob [hashSize]byte, size uint32, now time.Time) {
	s := &p.shards[blob[0]]
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.search(blob)
	switch found := newPresentBlob(blob, size, now); {
	case ok:
		s.blobs[i] = found
	case p.room():
		s.blobs = slices.Insert(s.blobs, i, found)
	default:
		s.full = true
	}
}

func (p *presence) list(ctx context.Context, first byte, s *shard) error {
	for o, err := range p.store.list(ctx, p.dir+hex.EncodeToString([]byte{first})+"/") {
		if err != nil {
			return err
		}
		var blob [hashSize]byte
		name := o.name[min(len(o.name), len(p.dir)+3):]
		if n, err := hex.Decode(blob[:], []byte(name[:min(len(name), 2*hashSize)])); err != nil || n != hashSize {
			continue // It is not of this format, and nothing relies on it.
		}
		if !p.room() {
			s.full = true
			break
		}
		s.blobs = append(s.blobs, newPresentBlob(blob, presentSize(o.size), o.modified))
	}
	slices.SortFunc(s.blobs, func(a, b presentBlob) int { return cmp.Compare(a.hash, b.hash) })
	s.listed = true
	return nil
}

// presentSize is 0, for not there, if an object cannot be a blob.
func presentSize(size int64) uint32 {
	if size > maxSealed {
		return 0
	}
	return uint32(size) //nolint:gosec // It fits.
}

func newPresentBlob(blob [hashSize]byte, size uint32, put time.Time) presentBlob {
	hour := uint32(put.Unix() / 3600) //nolint:gosec // It fits for half a million years.
	return presentBlob{hash: binary.BigEndian.Uint64(blob[1:]), size: size, hour: hour}
}

func (s *shard) search(blob [hashSize]byte) (int, bool) {
	return slices.BinarySearchFunc(s.blobs, binary.BigEndian.Uint64(blob[1:]), func(b presentBlob, hash uint64) int {
		return cmp.Compare(b.hash, hash)
	})
}

// room takes the place of one more, if there is any.
func (p *presence) room() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known >= p.limit {
		return false
	}
	p.known++
	return true
}
