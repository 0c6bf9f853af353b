package selfservice

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// images is the cloud.Source of images.
type images struct{ *session }

// Get implements cloud.Source.
func (s images) Get(ctx context.Context, id string) (cloud.Image, error) {
	var image api.Image
	if !validID(id) {
		return cloud.Image{}, s.noSuchID(id)
	}
	err := s.read(func() (*http.Response, error) { return s.client.GetImage(ctx, s.project, id) }, func(a answer) error {
		image = api.Image{}
		if err := a.Decode(&image); err != nil {
			return err
		}
		return checkImage(image)
	})
	return imageOf(image), err
}

// List implements cloud.Source.
func (s images) List(ctx context.Context) iter.Seq2[cloud.Image, error] {
	return func(yield func(cloud.Image, error) bool) {
		limit := pageSize
		for it, err := range pages[api.Image](s.session, func(cursor *string) (*http.Response, error) {
			return s.client.ListImages(ctx, s.project, &api.ListImagesParams{Limit: &limit, Cursor: cursor})
		}) {
			if err == nil {
				if bad := checkImage(it.rep); bad != nil {
					err = s.garbled(it.answer, bad, reading)
				}
			}
			if !yield(imageOf(it.rep), err) || err != nil {
				return
			}
		}
	}
}

func checkImage(i api.Image) error {
	if !validID(i.Id) {
		return errors.New("an image has no valid id")
	}
	return nil
}

func imageOf(i api.Image) cloud.Image {
	return cloud.Image{
		ID: i.Id, Name: i.Name, Title: deref(i.Title), OSFamily: i.OsFamily, OSVersion: i.OsVersion,
		Architecture: deref(i.Architecture), MinDiskGiB: i.MinDiskGib, CreatedAt: i.CreatedAt.UTC(),
	}
}
