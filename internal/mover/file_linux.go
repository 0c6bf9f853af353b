package mover

import (
	"errors"

	"golang.org/x/sys/unix"
)

// data returns the next part from an offset on that is no hole. Its length is 0 if there is none.
func (f *File) data(from int64) (Extent, error) {
	fd := int(f.Fd())
	start, err := unix.Seek(fd, from, unix.SEEK_DATA)
	switch {
	case errors.Is(err, unix.ENXIO):
		return Extent{}, nil
	case errors.Is(err, unix.EINVAL): // A device, or a file system, that knows no holes.
		return Extent{from, f.size - from}, nil
	case err != nil:
		return Extent{}, err
	}
	end, err := unix.Seek(fd, start, unix.SEEK_HOLE)
	return Extent{start, min(end, f.size) - start}, err
}
