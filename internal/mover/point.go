package mover

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// formatName is the first version of the format. A reader refuses what it does not know.
const formatName = "vdam-backup/1"

// Meta says what a recovery point is of. It is encrypted like all else.
type Meta struct {
	// Operator, Kind and ID are whose recovery points follow one another: a source is one of them.
	Operator string `json:"operator"`
	// Kind is such as storage_volume.
	Kind string `json:"kind"`
	ID   string `json:"id"`
	// Name is for people.
	Name string `json:"name,omitempty"`
	// TakenAt is when the source was as it is in the recovery point.
	TakenAt time.Time `json:"taken_at"`
	// Labels are the caller's, such as the id of the snapshot that was read.
	Labels map[string]string `json:"labels,omitempty"`
}

// RecoveryPoint is a volume as it was at one time. It is in a vault as a whole or not at all.
type RecoveryPoint struct {
	ID string `json:"id"`
	// Parent is the recovery point that this run started from, empty for the first one. It is not needed to restore.
	Parent string `json:"parent,omitempty"`
	Source Meta   `json:"source"`
	// Size is that of the volume in bytes.
	Size int64 `json:"size"`
	// TreeSHA256 is the SHA-256 of the SHA-256 of all blocks in order, those of zeros included, in hex.
	TreeSHA256 string `json:"tree_sha256"`
	// SHA256 is that of all bytes of the volume in hex. It is empty if the run did not read all of them, as the source
	// knew of holes, or of what had not changed.
	SHA256 string `json:"sha256,omitempty"`
	// BytesRead are those read of the source.
	BytesRead int64 `json:"bytes_read"`
	// BytesUploaded are those put into the vault, compressed and encrypted, without the recovery point's own object.
	BytesUploaded int64     `json:"bytes_uploaded"`
	FinishedAt    time.Time `json:"finished_at"`
	// Format is the version of the format.
	Format string `json:"format"`
}

// document is the object of a recovery point.
type document struct {
	RecoveryPoint
	geometry
	Segments []segmentRef `json:"segments"`
}

// segmentRef is where a segment is. Those without a block that is not zeros are left out.
type segmentRef struct {
	Index  int64  `json:"index"`
	SHA256 string `json:"sha256"`
	Blob   string `json:"blob"`
	Size   int64  `json:"size"`
}

func (r *segmentRef) entry() (e entry, err error) {
	_, wrongSum := hex.Decode(e.sum[:], []byte(r.SHA256))
	_, wrongBlob := hex.Decode(e.blob[:], []byte(r.Blob))
	if err := errors.Join(wrongSum, wrongBlob); err != nil {
		return e, fail(Tampered, err, "the recovery point names a segment that cannot be")
	}
	e.size = presentSize(r.Size)
	return e, nil
}

// Ids are like 4f1c2a9b0d3e5f60-20260601T020000Z-9b2e6c11: the source's, when it was taken, and a random part.
const (
	idTime    = "20060102T150405Z"
	sourceHex = 16
	pointsDir = "points/"
	pointExt  = ".age"
)

// sourceID names a source without telling what it is.
func (c *crypt) sourceID(m Meta) string {
	mac := c.mac([]byte("source"), fmt.Appendf(nil, "%q %q %q", m.Operator, m.Kind, m.ID))
	return hex.EncodeToString(mac)[:sourceHex]
}

func (c *crypt) newPointID(m Meta) string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // It never fails.
	return c.sourceID(m) + "-" + m.TakenAt.UTC().Format(idTime) + "-" + hex.EncodeToString(random)
}

// pointName is the name of a recovery point's object. It tells the key, so that another one is known by a list alone.
func (c *crypt) pointName(id string) string { return pointsDir + id + "." + c.id + pointExt }

// parsePointName undoes pointName.
func parsePointName(name string) (id, key string, ok bool) {
	id, key, ok = strings.Cut(strings.TrimPrefix(name, pointsDir), ".")
	key, ext := strings.CutSuffix(key, pointExt)
	return id, key, ok && ext && validID(id)
}

func validID(id string) bool {
	parts := strings.Split(id, "-")
	if len(parts) != 3 || len(parts[0]) != sourceHex || len(parts[2]) != 8 {
		return false
	}
	_, err := time.Parse(idTime, parts[1])
	_, first := hex.DecodeString(parts[0])
	_, last := hex.DecodeString(parts[2])
	return err == nil && first == nil && last == nil
}

// readPoint reads the object of a recovery point.
func (v *Vault) readPoint(ctx context.Context, name string) (*document, error) {
	var s scratch
	sealed, err := v.store.get(ctx, name, nil, maxDocument)
	if err != nil {
		return nil, err
	}
	plain, err := v.crypt.open(name, sealed, &s)
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(plain, &d); err != nil {
		return nil, fail(Tampered, err, "the object %s is no recovery point", name)
	}
	if d.Format != formatName {
		return nil, fail(TooNew, nil, "the recovery point is of format %q and not %q", d.Format, formatName)
	}
	id, _, _ := parsePointName(name)
	if d.ID != id || !d.sane() {
		return nil, fail(Tampered, nil, "the object %s is not the recovery point of this name", name)
	}
	return &d, nil
}

// sane says whether a recovery point can be what this format allows, so that nothing else has to care.
func (d *document) sane() bool {
	if d.Size < 0 || d.Size > MaxSize || !d.geometry.sane() {
		return false
	}
	last := int64(-1)
	for _, s := range d.Segments {
		if s.Index <= last || s.Index >= d.segments(d.Size) || len(s.Blob) != 2*hashSize || len(s.SHA256) != 2*hashSize {
			return false
		}
		last = s.Index
	}
	return true
}

// writePoint puts the object of a recovery point, from when on it exists.
func (v *Vault) writePoint(ctx context.Context, d *document) error {
	var s scratch
	plain, err := json.Marshal(d)
	if err != nil {
		return err
	}
	sealed, err := v.crypt.seal(plain, &s)
	if err != nil {
		return err
	}
	return v.store.put(ctx, v.crypt.pointName(d.ID), sealed)
}
