package openstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// records are images of Glance that never get any bytes: hidden, queued for ever, and the text in a property. Nothing else
// in an OpenStack that everybody has can keep a text which people do not stumble over.
type records struct{ *session }

const (
	// textProperty begins the key of the text's property; the revision follows. With it in the key, a change that
	// removes an old text and adds a new one is refused if the old one is not there any more: Glance knows no other condition.
	textProperty = prefix + "text:"
	// recordName and recordTag begin the name and the tag of a record; its kind follows.
	recordName = "vdam-record-"
	recordTag  = "vdam-"
	// textLimit is what Glance's database has room for, in bytes.
	textLimit = 65_535
	// recordPage is how many are asked for at once, as each may be long.
	recordPage = 100
)

// New implements cloud.Records.
func (r records) New(ctx context.Context, kind, text string) (cloud.Record, error) {
	stored, err := r.stored(text)
	if err != nil {
		return cloud.Record{}, err
	}
	// With an id of ours, it can be told whether an order without an answer was carried out.
	id := uuid.NewString()
	var answer map[string]any
	_, err = r.post(ctx, r.image, "images", map[string]any{
		"id": id, "name": recordName + kind, "tags": []string{recordTag + kind}, "disk_format": "raw", "container_format": "bare",
		"visibility": "private", "os_hidden": true, textProperty + newRevision(): stored,
	}, &answer)
	if errors.Is(err, cloud.ErrUnknownOutcome) {
		if found, failed := r.Get(ctx, kind, id); failed == nil {
			return found, nil
		}
	}
	if err != nil {
		return cloud.Record{}, err
	}
	return recordFrom(kind, answer), nil
}

// newRevision is one that is greater than all before.
func newRevision() string { return uuid.Must(uuid.NewV7()).String() }

// stored is a text as Glance's database takes it.
func (r records) stored(text string) (string, error) {
	var b strings.Builder
	for i, c := range text {
		if c > maxStored || strings.HasPrefix(text[i:], `\x{`) {
			b.WriteString(escape(string(c)))
		} else {
			b.WriteRune(c)
		}
	}
	if b.Len() > textLimit {
		return "", r.refused(cloud.ErrInvalid, fmt.Sprintf("A text of %d bytes is too long for a record.", len(text)), "")
	}
	return b.String(), nil
}

// Get implements cloud.Records.
func (r records) Get(ctx context.Context, kind, id string) (cloud.Record, error) {
	image, err := r.imageOf(ctx, kind, id)
	if err != nil {
		return cloud.Record{}, err
	}
	return recordFrom(kind, image), nil
}

// imageOf is the image of a record.
func (r records) imageOf(ctx context.Context, kind, id string) (image map[string]any, err error) {
	if err := r.checkID(id); err != nil {
		return nil, err
	}
	requestID, err := r.get(ctx, r.image, path("images", id), &image)
	if err == nil && !r.has(kind, image) {
		err = &cloud.Error{Reason: cloud.ErrNotFound, Operator: r.operator, RequestID: requestID,
			Text: fmt.Sprintf("%s is no record of the kind %s.", id, kind)}
	}
	return image, err
}

// has reports whether an image is a record of a kind in this project.
func (r records) has(kind string, image map[string]any) bool {
	tags, _ := image["tags"].([]any)
	return image["owner"] == r.project && image["name"] == recordName+kind && slices.Contains(tags, any(recordTag+kind))
}

func recordFrom(kind string, image map[string]any) cloud.Record {
	out := cloud.Record{Kind: kind}
	out.ID, _ = image["id"].(string)
	// If there are two, two writes have met, and the later one counts.
	key := slices.Max(append(textKeys(image), ""))
	text, _ := image[key].(string)
	out.Text, out.Revision = unescape(text), strings.TrimPrefix(key, textProperty)
	var at timestamp
	created, _ := image["created_at"].(string)
	_ = at.UnmarshalJSON([]byte(created)) // It never fails.
	out.CreatedAt = at.Time
	return out
}

// textKeys are the keys of the properties with texts.
func textKeys(image map[string]any) (keys []string) {
	for k := range maps.Keys(image) {
		if strings.HasPrefix(k, textProperty) {
			keys = append(keys, k)
		}
	}
	return keys
}

// List implements cloud.Records.
func (r records) List(ctx context.Context, kind string) iter.Seq2[cloud.Record, error] {
	return func(yield func(cloud.Record, error) bool) {
		address := "images" + query("tag", recordTag+kind, "owner", r.project, "os_hidden", "true", "limit", fmt.Sprint(recordPage))
		for images, err := range pages[map[string]any](ctx, r.session, r.image, address, "images", nil) {
			if err != nil {
				yield(cloud.Record{}, err)
				return
			}
			for _, i := range images {
				if r.has(kind, i) && !yield(recordFrom(kind, i), nil) {
					return
				}
			}
		}
	}
}

// Put implements cloud.Records. Glance refuses it if the text that it is to replace is not there. Two that it carries out in the
// same moment, it does not tell apart; what is read afterwards leaves of that the time between a write and its reading.
func (r records) Put(ctx context.Context, record cloud.Record) (cloud.Record, error) {
	image, err := r.imageOf(ctx, record.Kind, record.ID)
	if err != nil {
		return cloud.Record{}, err
	}
	if recordFrom(record.Kind, image).Revision != record.Revision {
		return cloud.Record{}, r.overtaken(record.ID, nil)
	}
	return r.replace(ctx, image, record)
}

// replace writes a record in the place of what its image was when it was read.
func (r records) replace(ctx context.Context, image map[string]any, record cloud.Record) (cloud.Record, error) {
	stored, err := r.stored(record.Text)
	if err != nil {
		return cloud.Record{}, err
	}
	revision := newRevision()
	changes := []imageChange{{Op: "add", Path: "/" + textProperty + revision, Value: stored}}
	for _, key := range textKeys(image) { // What lost against another at the same moment may have stayed.
		changes = append(changes, imageChange{Op: "remove", Path: "/" + key})
	}
	failed := r.patchImage(ctx, record.ID, nil, changes...)
	if failed != nil && !errors.Is(failed, cloud.ErrUnknownOutcome) && !errors.Is(failed, cloud.ErrConflict) {
		return cloud.Record{}, failed
	}
	now, err := r.Get(ctx, record.Kind, record.ID)
	switch {
	case err != nil:
		return cloud.Record{}, cmp.Or(failed, err)
	case now.Revision == revision:
		return now, nil
	case now.Revision == record.Revision && failed != nil:
		return cloud.Record{}, failed // It was not carried out.
	}
	return cloud.Record{}, r.overtaken(record.ID, failed)
}

func (r records) overtaken(id string, cause error) error {
	return &cloud.Error{Reason: cloud.ErrConflict, Operator: r.operator, Cause: cause,
		Text: fmt.Sprintf("The record %s was changed by somebody else meanwhile.", id)}
}

// Delete implements cloud.Records.
func (r records) Delete(ctx context.Context, kind, id string) error {
	if _, err := r.Get(ctx, kind, id); err != nil {
		return err
	}
	return r.remove(ctx, r.image, path("images", id))
}
