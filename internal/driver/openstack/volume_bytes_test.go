package openstack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

const mib = 1 << 20

// direct is a tenant without a tap, which would keep all the bytes of a volume in memory.
func direct(t *testing.T, entry string) *tenant {
	t.Helper()
	op, identity, err := tryOpen(t, testbed.Require(t, entry), entry, "")
	must(t, err)
	return &tenant{T: t, Operator: op, s: sessionOf(op), identity: identity}
}

// newVolume makes a volume of one GiB.
func (r *tenant) newVolume() cloud.StorageVolume {
	r.Helper()
	v, err := r.StorageVolumes.Create(r.Context(), cloud.StorageVolumeSpec{SpecMeta: cloud.SpecMeta{Name: unique("bytes")}, SizeGiB: 1},
		cloud.CreateOptions{OwnerKey: uuid.NewString()})
	must(r.T, err)
	deleteAtEnd(r, r.StorageVolumes, v.ID)
	return wait(r, r.StorageVolumes, v.ID, cloud.StateReady)
}

// purpose is one of which nothing is left at the end of the test, if the test fails as well.
func (r *tenant) purpose() string {
	purpose := uuid.NewString()
	r.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		if err := r.VolumeBytes.Tidy(ctx, purpose); err != nil {
			r.Errorf("tidy up: %v", err)
		}
	})
	return purpose
}

// noise writes bytes that are the same for the same seed.
func noise(seed byte, size int64) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.CopyN(w, rand.NewChaCha8([32]byte{seed}), size)
		return err
	}
}

// reimage gives a volume its first bytes in less time than Fill, which writes all of them.
func (r *tenant) reimage(volumeID, purpose string, write func(io.Writer) error, size int64) {
	r.Helper()
	b := volumeBytes{r.s}
	id := uuid.NewString()
	must(r.T, b.makeImage(r.Context(), id, purpose))
	must(r.T, b.pour(r.Context(), id, size, size, write))
	must(r.T, b.reimage(r.Context(), volumeID, id))
	must(r.T, r.s.removeImage(r.Context(), id))
}

// digest is the sum of what several write after each other.
func digest(t *testing.T, writes ...func(io.Writer) error) string {
	t.Helper()
	h := sha256.New()
	for _, write := range writes {
		must(t, write(h))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func nothing(size int64) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.CopyN(w, zeros{}, size); return err }
}

// freeze keeps volumes as they are.
func (r *tenant) freeze(purpose string, ids ...string) []cloud.FrozenVolume {
	r.Helper()
	frozen, err := r.VolumeBytes.Freeze(r.Context(), ids, purpose)
	must(r.T, err)
	if len(frozen) != len(ids) {
		r.Fatalf("of %d volumes, %d are frozen", len(ids), len(frozen))
	}
	return frozen
}

// bytesOf is the sum of all the bytes of a frozen volume.
func (r *tenant) bytesOf(f cloud.FrozenVolume) string {
	r.Helper()
	from, err := f.Open(r.Context())
	must(r.T, err)
	image := from.(*imageReader).id
	for _, hidden := range []bool{true, false} { // Not every cloud lets images be hidden.
		must(r.T, r.s.patchImage(r.Context(), image, nil, imageChange{Op: "replace", Path: "/os_hidden", Value: hidden}))
		r.unseen(image)
	}
	_, err = r.Images.Get(r.Context(), image)
	_ = want(r.T, err, cloud.ErrNotFound) // Nobody looks closer.
	sum := digest(r.T, func(w io.Writer) error {
		n, err := io.Copy(w, from)
		if n != f.SizeBytes() {
			r.Errorf("%d bytes were read of %d", n, f.SizeBytes())
		}
		return err
	})
	must(r.T, from.Close())
	return sum
}

// left are the snapshots, volumes and images that there are for a purpose.
func (r *tenant) left(purpose string) (left []string) {
	r.Helper()
	for _, kind := range []string{"snapshots", "volumes"} {
		all, err := collect(pages[struct{ ID, Name string }](r.Context(), r.s, r.s.volume, kind+"/detail", kind, nil))
		must(r.T, err)
		for _, o := range all {
			if strings.Contains(o.Name, purpose) {
				left = append(left, kind+" "+o.ID)
			}
		}
	}
	images, err := r.s.imagesFor(r.Context(), purpose)
	must(r.T, err)
	for _, i := range images {
		left = append(left, "image "+i.ID)
	}
	return left
}

// unseen fails the test if a user sees anything that was made for a purpose, or the image of an id.
func (r *tenant) unseen(purpose string) {
	r.Helper()
	for v, err := range r.StorageVolumes.List(r.Context(), cloud.ListOptions{}) {
		must(r.T, err)
		if strings.Contains(v.Name, purpose) {
			r.Errorf("the list of volumes shows %s", v.Name)
		}
	}
	for i, err := range r.Images.List(r.Context()) {
		must(r.T, err)
		if i.ID == purpose || strings.Contains(i.Name, purpose) || strings.HasPrefix(i.Name, recordName) {
			r.Errorf("the list of images shows %s", i.Name)
		}
	}
}

// TestOpenStackVolumeBytes fills a volume, which is larger than its new content and has an old one, and reads it back.
func TestOpenStackVolumeBytes(t *testing.T) {
	t.Parallel() // The operator is waited for most of the time.
	r := direct(t, "a-acme-appcred-restricted")
	const size = 5*mib + 512
	v := r.newVolume()
	purpose := r.purpose()
	must(t, r.VolumeBytes.Mark(t.Context(), v.ID, "from a point"))
	r.reimage(v.ID, purpose, noise(0, 8*mib), 8*mib)
	must(t, r.VolumeBytes.Fill(t.Context(), v.ID, purpose, size, noise(1, size)))
	if left := r.left(purpose); len(left) > 0 {
		t.Errorf("filling has left %v", left)
	}
	filled := wait(r, r.StorageVolumes, v.ID, cloud.StateReady)
	if filled.ImageID != "" || len(filled.Labels) != 0 || filled.Ownership != v.Ownership {
		t.Errorf("after it was filled, the volume is %+v", filled)
	}
	if filled.Mark != "from a point" {
		t.Errorf("its mark is %q", filled.Mark)
	}
	before := time.Now().Add(-time.Minute)
	frozen := r.freeze(purpose, v.ID)[0]
	at := frozen.TakenAt()
	if frozen.VolumeID() != v.ID || frozen.SizeBytes() != 1<<30 || at.Before(before) || at.After(time.Now().Add(time.Minute)) {
		t.Errorf("frozen is %s, %d bytes, at %s", frozen.VolumeID(), frozen.SizeBytes(), at)
	}
	got, want := r.bytesOf(frozen), digest(t, noise(1, size), nothing(1<<30-size))
	if got != want {
		t.Errorf("the bytes are others than were written")
	}
	must(t, frozen.Close(t.Context()))
	if left := r.left(purpose); len(left) > 0 {
		t.Errorf("reading has left %v", left)
	}
}

// TestOpenStackFillFails has the writing of bytes fail, by itself and by what it gives.
func TestOpenStackFillFails(t *testing.T) {
	t.Parallel() // The operator is waited for most of the time.
	r := direct(t, "b-globex")
	v, purpose := r.newVolume(), r.purpose()
	lost := errors.New("the vault has gone")
	for name, c := range map[string]struct {
		write func(io.Writer) error
		size  int64
		want  string
	}{
		"an error": {size: 64 * mib, want: "the vault has gone", write: func(w io.Writer) error {
			return errors.Join(noise(1, mib)(w), lost)
		}},
		"too few":   {size: 2 * mib, want: "1048576 bytes less", write: noise(1, mib)},
		"too many":  {size: mib, want: "more than there were to be", write: noise(1, 2*mib)},
		"too large": {size: 2 << 30, want: "has 1 GiB", write: noise(1, mib)},
	} {
		err := r.VolumeBytes.Fill(t.Context(), v.ID, purpose, c.size, c.write)
		var e *cloud.Error
		if !errors.As(err, &e) || !strings.Contains(e.Text, c.want) || name == "an error" && !errors.Is(err, lost) {
			t.Errorf("%s: got %v", name, err)
		}
		if left := r.left(purpose); len(left) > 0 {
			t.Errorf("%s: %v are left", name, left)
		}
		if now, err := r.StorageVolumes.Get(t.Context(), v.ID); err != nil || now.State != cloud.StateReady {
			t.Errorf("%s: the volume is %s (%v)", name, now.State, err)
		}
	}
}

// TestOpenStackTidy has what was never closed removed, in whatever state it is, and nothing of another purpose.
func TestOpenStackTidy(t *testing.T) {
	t.Parallel() // The operator is waited for most of the time.
	r := direct(t, "b-globex")
	v, purpose, other := r.newVolume(), r.purpose(), r.purpose()
	kept := r.freeze(other, v.ID)[0]
	frozen := r.freeze(purpose, v.ID)[0].(*frozenVolume)
	must(t, frozen.copy(t.Context()))
	exporting := make(chan error, 1)
	go func() { exporting <- frozen.export(t.Context()) }()
	waitUntil(t, func() bool { return len(r.left(purpose)) == 3 })
	r.unseen(purpose)
	_, err := r.StorageVolumes.Get(t.Context(), frozen.copied)
	_ = want(t, err, cloud.ErrNotFound) // Nobody looks closer.
	for range 2 {
		must(t, r.VolumeBytes.Tidy(t.Context(), purpose))
		if left := r.left(purpose); len(left) > 0 {
			t.Errorf("%v are left", left)
		}
	}
	if err := <-exporting; !errors.Is(err, cloud.ErrFailed) {
		t.Errorf("who was reading hears: %v", err)
	}
	if left := r.left(other); len(left) != 1 {
		t.Errorf("of another purpose, there is %v", left)
	}
	must(t, kept.Close(t.Context()))
}

// TestOpenStackFreezeAllOrNone freezes the volume of a machine that runs together with another one, of which Cinder first keeps
// one only.
func TestOpenStackFreezeAllOrNone(t *testing.T) {
	t.Parallel() // The operator is waited for most of the time.
	r := newTenant(t, "b-acme")
	v, vm := r.newVolume(), r.machine(r.spec(r.net()))
	purpose := r.purpose()
	_, err := r.VolumeBytes.Freeze(t.Context(), []string{v.ID, uuid.NewString()}, purpose)
	_ = want(t, err, cloud.ErrNotFound) // Nobody looks closer.
	r.tap.Answer(tap.On(http.MethodPost, "/snapshots"), http.StatusRequestEntityTooLarge, `{"overLimit": {"code": 413, "message":
		"SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded for quota 'snapshots'."}}`)
	_, err = r.VolumeBytes.Freeze(t.Context(), []string{v.ID, vm.BootVolumeID}, purpose)
	if e := want(t, err, cloud.ErrQuota); !strings.Contains(e.Advice, "counts two times more") {
		t.Errorf("it advises %q", e.Advice)
	}
	if left := r.left(purpose); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	for _, f := range r.freeze(purpose, v.ID, vm.BootVolumeID) {
		must(t, f.Close(t.Context()))
	}
}
