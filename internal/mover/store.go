package mover

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// object is something in a store.
type object struct {
	name string
	// size is in bytes.
	size     int64
	modified time.Time
}

// store is where a vault keeps its objects. Nothing in it deletes.
type store interface {
	// put writes an object as a whole: it is there in full, or what was there before is.
	put(ctx context.Context, name string, data []byte) error
	// get reads an object into the buffer, which may grow, but not beyond the limit in bytes. The error is of kind Missing if
	// there is none.
	get(ctx context.Context, name string, buffer []byte, limit int64) ([]byte, error)
	// stat is of kind Missing if there is none.
	stat(ctx context.Context, name string) (object, error)
	// list goes along the objects whose names begin with the prefix, ordered by name.
	list(ctx context.Context, prefix string) iter.Seq2[object, error]
	// check finds out how the store protects what is in it, by writing a probe and trying to delete it.
	check(ctx context.Context, probe string) (Protection, error)
	// protection finds out how the store is set up, by reading alone.
	protection(ctx context.Context) (Protection, error)
	// String says where it is, without secrets.
	String() string
}

// Protection is how a vault keeps backups from being lost.
type Protection struct {
	// Versioned means that what is overwritten is kept.
	Versioned bool
	// LockMode is COMPLIANCE or GOVERNANCE, empty without a lock.
	LockMode string
	// LockDays is how long nothing can be deleted after it was written.
	LockDays int
}

// tooLarge is the error of get beyond its limit.
func tooLarge(name string, limit int64) error {
	return fail(Tampered, nil, "the object %s is larger than the %d bytes that it can have", name, limit)
}

// read reads all that is in the reader into the buffer, up to the limit.
func read(r io.Reader, name string, buffer []byte, limit int64) ([]byte, error) {
	buffer = buffer[:0]
	for {
		if len(buffer) == cap(buffer) {
			grown := make([]byte, len(buffer), max(2*cap(buffer), 64<<10))
			copy(grown, buffer)
			buffer = grown
		}
		n, err := r.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		switch {
		case int64(len(buffer)) > limit:
			return nil, tooLarge(name, limit)
		case errors.Is(err, io.EOF):
			return buffer, nil
		case err != nil:
			return nil, err
		}
	}
}
