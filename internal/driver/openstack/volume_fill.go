package openstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// fillVersion is that of Cinder's since which a volume can be made anew from an image.
var fillVersion = version{3, 68}

// imageProperty is the image that a volume was made from before it was filled, which Cinder then forgets.
const imageProperty = prefix + "image"

// Fill implements cloud.VolumeBytes.
func (b volumeBytes) Fill(ctx context.Context, volumeID, purpose string, size int64, write func(io.Writer) error) (err error) {
	r, err := b.fillable(ctx, volumeID, size)
	if err != nil {
		return err
	}
	// The id is ours, so that the image can be removed when its order has no answer.
	id := uuid.NewString()
	defer func() {
		ctx, cancel := afterwards(ctx)
		defer cancel()
		err = besides(err, b.removeImage(ctx, id))
	}()
	if err := b.makeImage(ctx, id, purpose); err != nil {
		return err
	}
	if err := b.pour(ctx, id, size, r.SizeGiB<<30, write); err != nil {
		return err
	}
	if r.Image.ID != "" && !fleeting(r.Image.Name) {
		note := properties{imageProperty: r.Image.ID}
		if err := b.changeMetadata(ctx, b.volume, path("volumes", volumeID), properties{}, note); err != nil {
			return err
		}
	}
	return b.reimage(ctx, volumeID, id)
}

// fillable refuses what cannot be filled.
func (b volumeBytes) fillable(ctx context.Context, id string, size int64) (volumeRecord, error) {
	if has, _ := parseVersion(b.volume.Microversion); has.before(fillVersion) {
		return volumeRecord{}, b.refused(cloud.ErrUnsupported,
			fmt.Sprintf("Its Cinder speaks versions up to %s; to fill a volume, it needs %s (os-reimage).", has, fillVersion),
			"Ask the operator to upgrade its OpenStack to the release Yoga or newer.")
	}
	r, _, err := b.oneVolume(ctx, id)
	switch {
	case err != nil:
	case r.Status != "available":
		err = &cloud.Error{Reason: cloud.ErrBusy, Operator: b.operator,
			Text: fmt.Sprintf("The volume %s cannot be filled: Cinder says that it is %s.", id, r.Status)}
	case r.Encrypted:
		err = b.refused(cloud.ErrUnsupported, fmt.Sprintf("The volume %s is encrypted by Cinder, so that it has less room than its size.", id),
			"Use a volume of a class without encryption.")
	case size > r.SizeGiB<<30:
		err = b.refused(cloud.ErrInvalid, fmt.Sprintf("The volume %s has %d GiB, which are less than %d bytes.", id, r.SizeGiB, size), "")
	}
	return r, err
}

// makeImage makes an image without bytes.
func (b volumeBytes) makeImage(ctx context.Context, id, purpose string) error {
	_, err := b.post(ctx, b.image, "images", map[string]any{
		"id": id, "name": fleetingName + purpose, "disk_format": "raw", "container_format": "bare", "visibility": "private",
		"os_hidden": true, purposeProperty: purpose,
	}, nil)
	return err
}

// pour has write give an image its bytes. Zeros make it as large as the volume: some of Cinder's drivers leave what is in a
// volume beyond an image as it is.
func (b volumeBytes) pour(ctx context.Context, imageID string, size, whole int64, write func(io.Writer) error) error {
	from, to := io.Pipe()
	p := &pourer{PipeWriter: to, left: size}
	written := make(chan error, 1)
	go func() {
		err := b.caught(func() error { return p.pour(whole-size, write) })
		_ = to.CloseWithError(err) // It never fails.
		written <- err
	}()
	err := b.upload(ctx, imageID, whole, from)
	_ = from.CloseWithError(io.ErrClosedPipe) // It never fails.
	failed := <-written
	if failed == nil || p.broken {
		return err
	}
	var e *cloud.Error
	if errors.As(failed, &e) {
		return failed
	}
	return &cloud.Error{Reason: cloud.ErrFailed, Operator: b.operator, Cause: failed,
		Text: driver.Sentence("The bytes for the volume broke off: " + failed.Error())}
}

// pourer is where write writes to.
type pourer struct {
	*io.PipeWriter
	left int64
	// broken means that it was the upload that ended first.
	broken bool
}

// Write implements io.Writer.
func (p *pourer) Write(data []byte) (int, error) {
	if int64(len(data)) > p.left {
		return 0, fmt.Errorf("there are at least %d bytes more than there were to be", int64(len(data))-p.left)
	}
	n, err := p.PipeWriter.Write(data)
	p.left -= int64(n)
	p.broken = p.broken || err != nil
	return n, err
}

// pour writes all there is, and zeros after it.
func (p *pourer) pour(zeroBytes int64, write func(io.Writer) error) error {
	// Nobody but Write is to be found in it.
	if err := write(struct{ io.Writer }{p}); err != nil {
		return err
	}
	if p.left > 0 {
		return fmt.Errorf("there are %d bytes less than there were to be", p.left)
	}
	p.left = zeroBytes
	_, err := io.CopyN(struct{ io.Writer }{p}, zeros{}, zeroBytes)
	return err
}

// zeros have no end.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// reimage makes a volume anew from an image.
func (b volumeBytes) reimage(ctx context.Context, volumeID, imageID string) error {
	_, err := b.do(ctx, b.volume, request{method: http.MethodPost, path: path("volumes", volumeID, "action"),
		body: map[string]any{"os-reimage": map[string]any{"image_id": imageID, "reimage_reserved": false}}})
	if err != nil {
		return err
	}
	return b.follow(ctx, func() (bool, error) {
		status, err := b.statusOf(ctx, "volumes", volumeID)
		if err == nil && status == "error" {
			err = b.gaveUp(ctx, "fill the volume "+volumeID, volumeID)
		}
		return status == "available", err
	})
}
