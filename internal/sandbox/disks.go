package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// block is what checksums are made of; a block of zeroes counts as one that was never written.
const block = 64 << 10

// fileLimit bounds a volume's file, as file systems do: what a volume has beyond cannot be written.
const fileLimit = 15 << 40

// disks are the bytes behind one operator's volumes, as sparse files.
type disks struct {
	dir string
	// writes are many at a time, but none while volumes are copied.
	writes sync.RWMutex
}

func newDisks(dir, operator string) *disks {
	d := &disks{dir: filepath.Join(dir, operator+"-volumes")}
	_ = os.RemoveAll(d.snapshots()) // Of runs that the end of a sandbox cut off.
	return d
}

// path is the file of a volume, whose id this package made.
func (d *disks) path(id string) string { return filepath.Join(d.dir, id+".img") }

// resize makes or grows a volume's file. It takes no room until something is written.
func (d *disks) resize(id string, sizeGiB int64) {
	err := os.MkdirAll(d.dir, 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(d.path(id), os.O_RDWR|os.O_CREATE, 0o600); err == nil {
			err = errors.Join(f.Truncate(min(sizeGiB<<30, fileLimit)), f.Close())
		}
	}
	if err != nil {
		panic(fmt.Sprintf("no room for the volume %s: %v", id, err)) // Becomes a 500.
	}
}

func (d *disks) remove(id string) {
	_ = os.Remove(d.path(id)) // What is left over is never seen again, as ids are not used twice.
}

// read returns a part of a volume.
func (d *disks) read(id string, offset, length int64) ([]byte, error) {
	f, err := os.Open(d.path(id))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.NewSectionReader(f, offset, length))
}

// write replaces a part of a volume; it never makes it longer.
func (d *disks) write(id string, offset int64, data []byte) error {
	d.writes.RLock()
	defer d.writes.RUnlock()
	f, err := os.OpenFile(d.path(id), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && (offset < 0 || offset > info.Size()-int64(len(data))) {
		err = fmt.Errorf("the volume has %d bytes", info.Size())
	}
	if err == nil {
		_, err = f.WriteAt(data, offset)
	}
	return errors.Join(err, f.Close())
}

// checksum tells contents apart: SHA-256 over the size and all blocks that are not zero, with their places. With a limit, it
// is that of so many bytes at the beginning, as if there were no more, so that volumes of two sizes can be compared. Holes are
// skipped, so that it is quick for large volumes.
func (d *disks) checksum(id string, limit int64) (string, error) {
	f, err := os.Open(d.path(id))
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	size := min(info.Size(), limit)
	sum := sha256.New()
	place := func(n int64) { sum.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) } //nolint:gosec // Never negative.
	place(size)
	zeroes, buffer := make([]byte, block), make([]byte, block)
	for at := int64(0); at < size; {
		data, err := unix.Seek(int(f.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			break // There is only a hole from here on.
		}
		if err != nil {
			return "", fmt.Errorf("looking for data: %w", err)
		}
		if at = data / block * block; at >= size {
			break
		}
		n, err := f.ReadAt(buffer[:min(block, size-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if !bytes.Equal(buffer[:n], zeroes[:n]) {
			place(at)
			sum.Write(buffer[:n])
		}
		at += block
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
