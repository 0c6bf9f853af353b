package mover

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

const (
	hashSize = sha256.Size
	// maxBlock is what a block has at most, in bytes, and has by default.
	maxBlock = 2 << 20
	// maxRun is how many blocks a segment has at most, and has by default: 2 GiB of a volume.
	maxRun = 1024
	// maxSealed is what a block can become at most, in bytes: age and zstd add a little, escrow recipients some more.
	maxSealed = maxBlock + 256<<10
	// maxDocument is what a recovery point or a segment can be at most, in bytes.
	maxDocument = 16 << 20
	// MaxSize is the size of the largest volume in bytes, 64 TiB: its recovery point still fits the memory.
	MaxSize = 64 << 40
)

// zeros is a block of a volume that is not there.
var zeros [maxBlock]byte

// geometry is how a volume is divided: into blocks, which are compared, compressed, encrypted and put one by one, and
// these into segments, each with a list of its blocks.
type geometry struct {
	// BlockSize is in bytes.
	BlockSize int64 `json:"block_size"`
	// SegmentBlocks is how many blocks a segment has.
	SegmentBlocks int64 `json:"segment_blocks"`
}

func (g geometry) sane() bool {
	return g.BlockSize > 0 && g.BlockSize <= maxBlock && g.SegmentBlocks > 0 && g.SegmentBlocks <= maxRun
}

func (g geometry) segments(size int64) int64 {
	run := g.BlockSize * g.SegmentBlocks
	return (size + run - 1) / run
}

// blocks returns how many blocks a segment of a volume has.
func (g geometry) blocks(size, index int64) int64 {
	return min(g.SegmentBlocks, (size-index*g.SegmentBlocks*g.BlockSize+g.BlockSize-1)/g.BlockSize)
}

// blockRange is where a block of a segment is in a volume. The length is 0 beyond its end.
func (g geometry) blockRange(size, index, block int64) (offset, length int64) {
	offset = (index*g.SegmentBlocks + block) * g.BlockSize
	return offset, max(0, min(g.BlockSize, size-offset))
}

// entry is where a block is. One that is all zeros has size 0, and is nowhere.
type entry struct {
	// sum is the SHA-256 of the block's bytes.
	sum [hashSize]byte
	// blob is the name of the object, size its bytes.
	blob [hashSize]byte
	size uint32
}

func (e *entry) zero() bool { return e.size == 0 }

// segment is a run of blocks.
type segment []entry

// encode writes a line for each block that is not zeros: its number in the volume, its SHA-256, its object and the bytes of that.
func (s segment) encode(index int64) []byte {
	var b []byte
	for i := range s {
		if e := &s[i]; !e.zero() {
			b = fmt.Appendf(b, "%d %x %x %d\n", index*int64(len(s))+int64(i), e.sum, e.blob, e.size)
		}
	}
	return b
}

// decode undoes encode.
func (s segment) decode(index int64, text []byte) error {
	last := int64(-1)
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		block, e, err := parseLine(lines.Text())
		block -= index * int64(len(s))
		if err != nil || block <= last || block >= int64(len(s)) {
			return fmt.Errorf("line %q of a segment is wrong", lines.Text())
		}
		s[block], last = e, block
	}
	return nil
}

func parseLine(line string) (block int64, e entry, err error) {
	fields := strings.Fields(line)
	if len(fields) != 4 || len(fields[1]) != 2*hashSize || len(fields[2]) != 2*hashSize {
		return 0, e, strconv.ErrSyntax
	}
	if block, err = strconv.ParseInt(fields[0], 10, 64); err != nil {
		return 0, e, err
	}
	if _, err = hex.Decode(e.sum[:], []byte(fields[1])); err != nil {
		return 0, e, err
	}
	if _, err = hex.Decode(e.blob[:], []byte(fields[2])); err != nil {
		return 0, e, err
	}
	size, err := strconv.ParseUint(fields[3], 10, 32)
	if err == nil && (size == 0 || size > maxSealed) {
		err = strconv.ErrRange
	}
	e.size = uint32(size)
	return block, e, err
}

// addTo adds the SHA-256 of each block of a segment to that of the volume.
func (s segment) addTo(tree hash.Hash, g geometry, size, index int64) {
	full := sha256.Sum256(zeros[:g.BlockSize])
	for i := range g.blocks(size, index) {
		_, length := g.blockRange(size, index, i)
		switch e := &s[i]; {
		case !e.zero():
			tree.Write(e.sum[:])
		case length == g.BlockSize:
			tree.Write(full[:])
		default:
			sum := sha256.Sum256(zeros[:length])
			tree.Write(sum[:])
		}
	}
}
