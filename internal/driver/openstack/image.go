package openstack

import (
	"context"
	"iter"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// images are Glance's, of which those that can be booted count.
type images struct{ *session }

type imageRecord struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Status       string    `json:"status"`
	MinDiskGiB   int64     `json:"min_disk"`
	Size         *int64    `json:"size"`
	VirtualSize  *int64    `json:"virtual_size"`
	CreatedAt    timestamp `json:"created_at"`
	OSDistro     string    `json:"os_distro"`
	OSVersion    string    `json:"os_version"`
	Architecture string    `json:"architecture"`
}

// image maps what Glance has. It needs a disk of its virtual size, even where nobody has written that down.
func (r imageRecord) image() cloud.Image {
	const gib = 1 << 30
	needed := r.MinDiskGiB
	for _, bytes := range []*int64{r.Size, r.VirtualSize} {
		if bytes != nil {
			needed = max(needed, (*bytes+gib-1)/gib)
		}
	}
	name := r.Name
	if name == "" {
		name = r.ID
	}
	return cloud.Image{
		ID: r.ID, Name: name, OSFamily: r.OSDistro, OSVersion: r.OSVersion, Architecture: r.Architecture,
		MinDiskGiB: needed, CreatedAt: r.CreatedAt.Time,
	}
}

// Get implements cloud.Source.
func (i images) Get(ctx context.Context, id string) (cloud.Image, error) {
	if err := i.checkID(id); err != nil {
		return cloud.Image{}, err
	}
	if i.image == nil {
		return cloud.Image{}, i.refused(cloud.ErrUnsupported, "The cloud's catalogue has no Glance for this project.", "")
	}
	var r imageRecord
	if _, err := i.get(ctx, i.image, path("images", id), &r); err != nil {
		return cloud.Image{}, err
	}
	if r.ofVDAM() {
		return cloud.Image{}, i.refused(cloud.ErrNotFound, "It is no image to boot, but one that vdam keeps something in.", "")
	}
	return r.image(), nil
}

// ofVDAM reports whether an image is a record, or made to read or fill a volume. Such are none of the port's images.
func (r imageRecord) ofVDAM() bool { return fleeting(r.Name) || strings.HasPrefix(r.Name, recordName) }

// fleeting reports whether a name is of something that is made to read or fill a volume.
func fleeting(name string) bool { return strings.HasPrefix(name, fleetingName) }

// List implements cloud.Source.
func (i images) List(ctx context.Context) iter.Seq2[cloud.Image, error] {
	return func(yield func(cloud.Image, error) bool) {
		if i.image == nil {
			yield(cloud.Image{}, i.refused(cloud.ErrUnsupported, "The cloud's catalogue has no Glance for this project.", ""))
			return
		}
		for records, err := range pages[imageRecord](ctx, i.session, i.image, "images"+query("status", "active"), "images", nil) {
			if err != nil {
				yield(cloud.Image{}, err)
				return
			}
			for _, r := range records {
				if !r.ofVDAM() && !yield(r.image(), nil) {
					return
				}
			}
		}
	}
}
