package cloud

import (
	"context"
	"io"
	"iter"
	"time"
)

// VolumeBytes reads and fills the volumes of an operator that makes no backups itself, so that somebody else can. All that it
// makes on the way bears a purpose, a text such as the id of a backup, by which it is found again if whoever made it died.
type VolumeBytes interface {
	// Readable refuses a volume that Freeze would refuse as it is now.
	Readable(ctx context.Context, volumeID string) error
	// Freeze keeps volumes as they are now, one as soon after the other as the operator can, also while they are in use. Either
	// all are kept or none.
	Freeze(ctx context.Context, volumeIDs []string, purpose string) ([]FrozenVolume, error)
	// Fill makes write's bytes, exactly size of them, the content of a volume that is ready, in use by nobody and at least as
	// large; what is beyond them reads as zeros. After an error the content is undefined.
	Fill(ctx context.Context, volumeID, purpose string, size int64, write func(io.Writer) error) error
	// Mark keeps a text of up to 255 bytes at a volume, as its Mark; an empty one goes. No label shows it.
	Mark(ctx context.Context, volumeID, text string) error
	// Tidy removes all that was made for a purpose, and is not closed. If there is nothing, it is done.
	Tidy(ctx context.Context, purpose string) error
}

// FrozenVolume is a volume as it was at one time.
type FrozenVolume interface {
	VolumeID() string
	TakenAt() time.Time
	// SizeBytes is the volume's.
	SizeBytes() int64
	// Open gives the bytes from the first to the last. It may take as long as copying them, and is called once.
	Open(ctx context.Context) (io.ReadCloser, error)
	// Close removes what Freeze and Open have made.
	Close(ctx context.Context) error
}

// Record is a small text that is kept at an operator for what its API has no objects for.
type Record struct {
	ID   string
	Kind string
	// Text has at most 60,000 bytes.
	Text string
	// Revision is that of the text: Put refuses to overwrite another one than was read.
	Revision  string
	CreatedAt time.Time
}

// Records keep texts in a project. They hold no secrets.
type Records interface {
	// New keeps a text, and returns it with its id.
	New(ctx context.Context, kind, text string) (Record, error)
	// Get reads one of a kind; of another kind it is ErrNotFound.
	Get(ctx context.Context, kind, id string) (Record, error)
	// List streams those of a kind.
	List(ctx context.Context, kind string) iter.Seq2[Record, error]
	// Put writes a text in the place of another. ErrConflict says that it is not the one of the record's revision any more.
	Put(ctx context.Context, record Record) (Record, error)
	// Delete removes one; ErrNotFound means that it is gone.
	Delete(ctx context.Context, kind, id string) error
}
