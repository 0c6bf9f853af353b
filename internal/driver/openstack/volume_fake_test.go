package openstack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// faked is a session with a Glance and a Cinder that do what no real one does on request.
func faked(t *testing.T, h http.HandlerFunc) volumeBytes {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	client, err := transport.New(transport.Config{Operator: "lnb", MaxRetries: -1})
	must(t, err)
	service := func(kind string) *gophercloud.ServiceClient {
		provider := &gophercloud.ProviderClient{HTTPClient: *client}
		return &gophercloud.ServiceClient{ProviderClient: provider, Endpoint: server.URL + "/", Type: kind}
	}
	s := &session{operator: "lnb", project: "p", image: service("image"), volume: service("block-storage")}
	s.volume.Microversion = "3.70"
	return volumeBytes{s}
}

// TestImageReaderGoesOn breaks a download off again and again. Where Glance can go on, nobody notices.
func TestImageReaderGoesOn(t *testing.T) {
	var all bytes.Buffer
	must(t, noise(3, 8*mib)(&all))
	for name, c := range map[string]struct {
		refuse int
		want   string
	}{
		"it goes on":                      {},
		"its store cannot go on":          {refuse: http.StatusBadRequest, want: "broke off after 1048576 of 8388608 bytes"},
		"it begins at the first again":    {refuse: http.StatusOK, want: "broke off after 1048576 of 8388608 bytes"},
		"the image was removed by others": {refuse: http.StatusNotFound, want: "did not go on from there: No image found with ID 1."},
	} {
		t.Run(name, func(t *testing.T) {
			var deleted []string
			b := faked(t, func(w http.ResponseWriter, r *http.Request) {
				from := 0
				switch _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); {
				case r.Method == http.MethodDelete:
					deleted = append(deleted, r.URL.Path)
					return
				case err == nil && c.refuse != 0:
					w.WriteHeader(c.refuse)
					_, _ = io.WriteString(w, `{"message": "No image found with ID 1<br /><br />", "code": "404 Not Found"}`)
					return
				case err == nil:
					w.WriteHeader(http.StatusPartialContent)
				}
				_, _ = w.Write(all.Bytes()[from:min(from+mib, all.Len())])
				if from+mib < all.Len() {
					_ = http.NewResponseController(w).Flush()
					panic(http.ErrAbortHandler) // Breaks the connection.
				}
			})
			r := &imageReader{ctx: t.Context(), session: b.session, id: "i", size: int64(all.Len())}
			got, err := io.ReadAll(r)
			if c.want == "" && (err != nil || !bytes.Equal(got, all.Bytes())) {
				t.Errorf("%d bytes were read (%v)", len(got), err)
			}
			if e := (*cloud.Error)(nil); c.want != "" && (!errors.As(err, &e) || !strings.Contains(e.Text, c.want)) {
				t.Errorf("got %v", err)
			}
			if err := r.Close(); err != nil || len(deleted) != 1 || deleted[0] != "/images/i" {
				t.Errorf("closing has deleted %q (%v)", deleted, err)
			}
		})
	}
}

// fakeVolume is a volume of one GiB, made from an image, and what Fill asks of it.
type fakeVolume struct {
	mu       sync.Mutex
	requests []string
	bodies   map[string]string
	sent     int64
	// upload is the answer to the bytes, which are not all read unless it is 0.
	upload int
	status []string
}

func (f *fakeVolume) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what := r.Method + " " + r.URL.Path
	f.requests = append(f.requests, what)
	switch {
	case strings.HasSuffix(r.URL.Path, "/file") && f.upload != 0:
		_, _ = io.CopyN(io.Discard, r.Body, mib)
		w.WriteHeader(f.upload)
		_, _ = io.WriteString(w,
			`{"message": "Denying attempt to upload image because it exceeds the quota: 1.", "code": "413 Request Entity Too Large"}`)
		return
	case strings.HasSuffix(r.URL.Path, "/file"):
		f.sent, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body, _ := io.ReadAll(r.Body)
	f.bodies[what] = string(body)
	switch {
	case r.URL.Path == "/messages":
		_, _ = io.WriteString(w, `{"messages": [{"user_message": "reimage volume: Image conversion failed", "request_id": "req-9"}]}`)
	case r.Method == http.MethodGet:
		_, _ = fmt.Fprintf(w, `{"volume": {"id": "v", "size": 1, "status": %q, "volume_image_metadata":
			{"image_id": "debian", "image_name": "Debian 12"}}}`, f.status[0])
		f.status = append(f.status[1:], f.status[len(f.status)-1])
	default:
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "{}")
	}
}

// TestFillOfRefusals has Glance and Cinder refuse at each step: who fills hears why, and the image goes.
func TestFillOfRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		fake    *fakeVolume
		version string
		reason  error
		want    string
	}{
		"done":             {fake: &fakeVolume{status: []string{"available", "downloading", "available"}}},
		"no room":          {fake: &fakeVolume{status: []string{"available"}, upload: 413}, reason: cloud.ErrQuota, want: "Denying attempt"},
		"Glance stumbles":  {fake: &fakeVolume{status: []string{"available"}, upload: 500}, reason: cloud.ErrUnavailable, want: "Denying"},
		"Cinder gives up":  {fake: &fakeVolume{status: []string{"available", "error"}}, reason: cloud.ErrFailed, want: "conversion failed."},
		"in use":           {fake: &fakeVolume{status: []string{"in-use"}}, reason: cloud.ErrBusy, want: "in-use"},
		"an old OpenStack": {fake: &fakeVolume{status: []string{"available"}}, version: "3.60", reason: cloud.ErrUnsupported, want: "needs 3.68"},
	} {
		t.Run(name, func(t *testing.T) {
			c.fake.bodies = map[string]string{}
			b := faked(t, c.fake.serve)
			if c.version != "" {
				b.volume.Microversion = c.version
			}
			id := uuid.NewString()
			err := b.Fill(t.Context(), id, "p", 4*mib, noise(1, 4*mib))
			if e := (*cloud.Error)(nil); c.reason != nil && (!errors.Is(err, c.reason) || !errors.As(err, &e) || !strings.Contains(e.Text, c.want)) {
				t.Errorf("got %v", err)
			}
			all := strings.Join(c.fake.requests, " ")
			if made, gone := strings.Count(all, "POST /images"), strings.Count(all, "DELETE /images/"); made != gone {
				t.Errorf("%d images were made, and %d removed", made, gone)
			}
			if c.reason != nil {
				return
			}
			if err != nil || c.fake.bodies["POST /volumes/"+id+"/metadata"] != `{"metadata":{"vdam:image":"debian"}}` {
				t.Errorf("got %v; noted was %q", err, c.fake.bodies)
			}
			// What Cinder's drivers leave of the old content beyond an image differs.
			if c.fake.sent != 1<<30 {
				t.Errorf("the image has %d bytes, which are not those of the whole volume", c.fake.sent)
			}
		})
	}
}

// TestOpenWhileUploading has Cinder say for a while after Glance has all bytes that it uploads them, and keep the copy until then.
func TestOpenWhileUploading(t *testing.T) {
	uploading, removed := false, []string{}
	b := faked(t, func(w http.ResponseWriter, r *http.Request) { // The requests come one after the other.
		switch {
		case strings.HasSuffix(r.URL.Path, "/action"):
			uploading = true
			_, _ = io.WriteString(w, `{"os-volume_upload_image": {"image_id": "i"}}`)
		case r.Method == http.MethodDelete && uploading && strings.HasPrefix(r.URL.Path, "/volumes"):
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"badRequest": {"code": 400, "message": "Invalid volume: Volume status must be available or error."}}`)
		case r.Method == http.MethodDelete:
			removed = append(removed, r.URL.Path)
			w.WriteHeader(http.StatusAccepted)
		case slices.Contains(removed, r.URL.Path):
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"itemNotFound": {"code": 404, "message": "It could not be found."}}`)
		case strings.HasPrefix(r.URL.Path, "/images"):
			_, _ = io.WriteString(w, `{"id": "i", "status": "active", "size": 1073741824}`)
		default:
			_, _ = io.WriteString(w, `{"volume": {"id": "copy", "status": "available"}, "snapshot": {"id": "s", "status": "available"}}`)
		}
	})
	f := &frozenVolume{volumeBytes: b, purpose: "p", snapshot: snapshotRecord{ID: "s", VolumeID: "v", SizeGiB: 1}}
	if _, err := f.Open(t.Context()); err != nil || len(removed) > 0 {
		t.Fatalf("what can be read is given up, and %v are gone: %v", removed, err)
	}
	uploading = false
	if err := f.Close(t.Context()); err != nil || strings.Join(removed, " ") != "/images/i /volumes/copy /snapshots/s" {
		t.Errorf("closing has removed %v (%v)", removed, err)
	}
}

// TestMadeFrom has a volume that was filled remember its own image.
func TestMadeFrom(t *testing.T) {
	var r volumeRecord
	r.Image.ID, r.Image.Name = "debian", "Debian 12"
	if got := r.volume().ImageID; got != "debian" {
		t.Errorf("it is made from %q", got)
	}
	r.Image.ID, r.Image.Name = "bytes", fleetingName+"p"
	if got := r.volume().ImageID; got != "" {
		t.Errorf("after it was filled, it is made from %q", got)
	}
	r.Metadata = map[string]string{imageProperty: "debian"}
	if o := r.volume(); o.ImageID != "debian" || len(o.Labels) > 0 {
		t.Errorf("after it was filled, it is %+v", o)
	}
}

// TestInterruptedFollow ends with the context.
func TestInterruptedFollow(t *testing.T) {
	b := faked(t, nil)
	asked := time.Now()
	ctx, cancel := afterwards(t.Context())
	cancel()
	err := b.follow(ctx, func() (bool, error) { return false, nil })
	if e := want(t, err, cloud.ErrUnavailable); !strings.Contains(e.Text, "interrupted") || time.Since(asked) > time.Minute {
		t.Errorf("it says %q", e.Text)
	}
}
