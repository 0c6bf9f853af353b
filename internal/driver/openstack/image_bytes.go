package openstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// patchType is the media type of Glance's changes.
const patchType = "application/openstack-images-v2.1-json-patch"

// octets is the media type of an image's bytes.
const octets = "application/octet-stream"

// imageChange is one operation of a change: "add", "replace" or "remove".
type imageChange struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// patchImage changes an image, all or nothing.
func (s *session) patchImage(ctx context.Context, id string, into any, changes ...imageChange) error {
	_, err := s.do(ctx, s.image, request{
		method: http.MethodPatch, path: path("images", id), contentType: patchType, body: changes, into: into,
	})
	return err
}

// hide keeps an image out of the lists of people, and notes for what it is.
func (s *session) hide(ctx context.Context, id, purpose string) error {
	return s.patchImage(ctx, id, nil, imageChange{Op: "replace", Path: "/os_hidden", Value: true},
		imageChange{Op: "add", Path: "/" + purposeProperty, Value: purpose})
}

func (s *session) oneImage(ctx context.Context, id string) (r imageRecord, err error) {
	_, err = s.get(ctx, s.image, path("images", id), &r)
	return r, err
}

// removeImage removes an image; that it is not there is as good.
func (s *session) removeImage(ctx context.Context, id string) error {
	return s.removeIfThere(ctx, s.image, path("images", id))
}

// imagesFor are those that were made for a purpose. Glance lists hidden ones and others apart.
func (s *session) imagesFor(ctx context.Context, purpose string) (found []imageRecord, err error) {
	for _, hidden := range []string{"false", "true"} {
		address := "images" + query("name", fleetingName+purpose, "owner", s.project, "os_hidden", hidden)
		some, err := collect(pages[imageRecord](ctx, s, s.image, address, "images", nil))
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// upload gives an image its bytes, exactly size of them.
func (s *session) upload(ctx context.Context, id string, size int64, from io.Reader) error {
	//nolint:bodyclose // Gophercloud closes the bodies that are not wanted, and those of refusals.
	_, err := s.image.Request(transport.Streaming(ctx, size), http.MethodPut, s.image.ServiceURL("images", id, "file"),
		&gophercloud.RequestOpts{RawBody: from, OkCodes: successes, MoreHeaders: map[string]string{"Content-Type": octets}})
	if err == nil {
		return nil
	}
	err = s.failure(ctx, s.image, http.MethodPut, err)
	if e := (*cloud.Error)(nil); errors.As(err, &e) && errors.Is(e, cloud.ErrUnknownOutcome) {
		again := *e // The image goes, so that nothing can have come of it.
		again.Reason, again.Advice = cloud.ErrUnavailable, "Run it again; the bytes are sent from the first on."
		return &again
	}
	return err
}

// imageReader reads the bytes of an image, which goes when it is closed. Where a download breaks off, it goes on.
type imageReader struct {
	*session
	// ctx is that of the whole reading, which io.Reader has none for.
	ctx      context.Context
	id       string
	size, at int64
	body     io.ReadCloser
	// failures counts those without a byte in between.
	failures int
}

// mostFailures is when reading is given up. Each has been tried for minutes by the transport.
const mostFailures = 5

// Read implements io.Reader.
func (r *imageReader) Read(p []byte) (int, error) {
	for r.at < r.size {
		if err := r.open(); err != nil {
			return 0, err
		}
		n, err := r.body.Read(p)
		if n > 0 {
			r.failures = 0
		}
		r.at += int64(n)
		if err != nil {
			_ = r.body.Close() // It is read or given up.
			r.body = nil
		}
		switch {
		case n > 0:
			return n, nil
		case err == nil: // A reader may give nothing.
		case r.ctx.Err() != nil, r.failures >= mostFailures:
			return 0, r.brokenOff(err)
		default:
			r.failures++
		}
	}
	return 0, io.EOF
}

// open asks for what is left.
func (r *imageReader) open() error {
	if r.body != nil {
		return nil
	}
	options := &gophercloud.RequestOpts{KeepResponseBody: true, OkCodes: []int{http.StatusOK}, MoreHeaders: map[string]string{}}
	if r.at > 0 {
		options.MoreHeaders["Range"] = fmt.Sprintf("bytes=%d-", r.at)
		options.OkCodes = []int{http.StatusPartialContent}
	}
	url := r.image.ServiceURL("images", r.id, "file")
	//nolint:bodyclose // Read and Close close it.
	resp, err := r.image.Request(transport.Streaming(r.ctx, 0), http.MethodGet, url, options)
	if err != nil {
		return r.brokenOff(r.failure(r.ctx, r.image, http.MethodGet, err))
	}
	r.body = resp.Body
	return nil
}

// brokenOff tells how far reading came.
func (r *imageReader) brokenOff(err error) error {
	var e *cloud.Error
	if !errors.As(err, &e) {
		e = driver.Lost(r.operator, err, false)
	}
	told := *e
	if r.at > 0 {
		told.Text = fmt.Sprintf("The reading of a volume broke off after %d of %d bytes, and Glance did not go on from there: %s",
			r.at, r.size, e.Text)
	}
	return &told
}

// Close implements io.Closer.
func (r *imageReader) Close() error {
	if r.body != nil {
		_ = r.body.Close() // Nobody wants the rest.
		r.body = nil
	}
	ctx, cancel := afterwards(r.ctx)
	defer cancel()
	return r.removeImage(ctx, r.id)
}
