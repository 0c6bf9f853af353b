package mover

import (
	"context"
	"iter"
	"os"
)

// File is a volume in a file or on a block device. It is a [Source], a [Sparse] one, and a [Target].
type File struct {
	*os.File
	size int64
	// zeroed means that nothing was ever written to it.
	zeroed bool
}

// OpenFile opens a file or a block device to back it up. Where the file system knows holes, they are not read.
func OpenFile(name string) (*File, error) {
	f, err := os.Open(name) //nolint:gosec // It is what the caller wants to back up.
	if err != nil {
		return nil, err
	}
	return sized(f)
}

// OpenTarget opens a file or a block device that exists, to restore into all of it.
func OpenTarget(name string) (*File, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0) //nolint:gosec // It is where the caller wants it.
	if err != nil {
		return nil, err
	}
	return sized(f)
}

// CreateTarget makes a file of this size in bytes to restore into. It fails if there is one.
func CreateTarget(name string, size int64) (*File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // It is where the caller wants it.
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(size); err != nil {
		_ = f.Close() // The other error says more.
		return nil, err
	}
	return &File{File: f, size: size, zeroed: true}, nil
}

func sized(f *os.File) (*File, error) {
	size, err := f.Seek(0, 2) // A device has no size in its information.
	if err != nil {
		_ = f.Close() // The other error says more.
		return nil, err
	}
	return &File{File: f, size: size}, nil
}

// Size is in bytes, as it was when the file was opened.
func (f *File) Size() int64 { return f.size }

// Zeroed says whether the file was made by [CreateTarget].
func (f *File) Zeroed() bool { return f.zeroed }

// Allocated are the parts of the file that are no holes.
func (f *File) Allocated(ctx context.Context) iter.Seq2[Extent, error] {
	return func(yield func(Extent, error) bool) {
		for at := int64(0); at < f.size; {
			e, err := f.data(at)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Extent{}, err)
				return
			}
			if e.Length == 0 || !yield(e, nil) {
				return
			}
			at = e.Offset + e.Length
		}
	}
}
