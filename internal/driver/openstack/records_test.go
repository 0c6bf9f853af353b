package openstack

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestOpenStackRecords keeps texts of all sorts, lists them page by page, and lets nobody overwrite what they have not read.
func TestOpenStackRecords(t *testing.T) {
	r := newTenant(t, "b-acme")
	kind := "test-" + strings.ToLower(uuid.NewString()[:8])
	records := r.Records
	text := `{"name": "Rīga 🇱🇻 \x{41}", "of": "` + strings.Repeat("ā", 29_900) + `"}` + "\n"
	made := map[string]string{}
	for _, text := range []string{text, "", "two"} {
		n, err := records.New(t.Context(), kind, text)
		must(t, err)
		t.Cleanup(func() { _ = r.s.removeImage(context.WithoutCancel(t.Context()), n.ID) })
		made[n.ID] = text
		got, err := records.Get(t.Context(), kind, n.ID)
		must(t, err)
		if got != n || got.Text != text || got.Kind != kind || got.Revision == "" || got.CreatedAt.IsZero() {
			t.Errorf("of %.60q, %.400v was kept, and read as %.400v", text, n, got)
		}
		if _, err := r.Images.Get(t.Context(), n.ID); !isNotFound(err) {
			t.Errorf("the record is an image: %v", err)
		}
	}
	r.unseen(kind)
	listed := map[string]string{}
	for got, err := range records.List(t.Context(), kind) {
		must(t, err)
		listed[got.ID] = got.Text
		_, err = records.Get(t.Context(), "other", got.ID)
		_ = want(t, err, cloud.ErrNotFound) // Nobody looks closer.
	}
	for id, text := range made {
		if got, ok := listed[id]; !ok || got != text || len(listed) != len(made) {
			t.Errorf("of %d records, %d are listed; the text is %.60q, not %.60q", len(made), len(listed), got, text)
		}
	}
	for id := range made {
		must(t, records.Delete(t.Context(), kind, id))
		_ = want(t, records.Delete(t.Context(), kind, id), cloud.ErrNotFound) // Nobody looks closer.
	}
	for got, err := range records.List(t.Context(), kind) {
		must(t, err)
		t.Errorf("%s is still listed", got.ID)
	}
}

// TestOpenStackRecordsConflict has several overwrite one record: after each other, after both have read the same, and at once.
func TestOpenStackRecordsConflict(t *testing.T) {
	r := newTenant(t, "a-acme")
	first, err := r.Records.New(t.Context(), "test", "one")
	must(t, err)
	t.Cleanup(func() { _ = r.s.removeImage(context.WithoutCancel(t.Context()), first.ID) })
	image, err := records{r.s}.imageOf(t.Context(), "test", first.ID)
	must(t, err)
	second := first
	second.Text = "two"
	second, err = r.Records.Put(t.Context(), second)
	must(t, err)
	if second.Text != "two" || second.Revision == first.Revision || second.CreatedAt != first.CreatedAt {
		t.Errorf("it was written as %+v", second)
	}
	_, err = r.Records.Put(t.Context(), first)
	_ = want(t, err, cloud.ErrConflict) // Nobody looks closer.
	late := first
	late.Text = "late"
	_, err = records{r.s}.replace(t.Context(), image, late)
	if e := want(t, err, cloud.ErrConflict); e.Cause == nil {
		t.Error("Glance itself has carried it out")
	}
	if got, err := r.Records.Get(t.Context(), "test", first.ID); err != nil || got != second {
		t.Errorf("after a conflict it is %+v (%v)", got, err)
	}
	_, err = r.Records.Put(t.Context(), cloud.Record{ID: second.ID, Kind: "other", Revision: second.Revision})
	_ = want(t, err, cloud.ErrNotFound) // Nobody looks closer.
	_, err = r.Records.New(t.Context(), "test", strings.Repeat("x", textLimit+1))
	_ = want(t, err, cloud.ErrInvalid) // Nobody looks closer.

	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() {
			mine := second
			mine.Text = strings.Repeat("three", i+1)
			_, errs[i] = r.Records.Put(t.Context(), mine)
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			_ = want(t, err, cloud.ErrConflict) // Nobody looks closer.
		}
	}
	got, err := r.Records.Get(t.Context(), "test", first.ID)
	must(t, err)
	// Glance may carry out more than one of those that come in the same moment.
	if won == 0 || !strings.HasPrefix(got.Text, "three") {
		t.Errorf("%d writes at once were carried out, and it is %+v", won, got)
	}
}
