package redmine

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Attach uploads a file, puts it to the issue, and looks whether it is there: Redmine leaves it out without a word where
// the account may not add any.
func (d *desk) Attach(ctx context.Context, id servicedesk.ID, f servicedesk.File) (string, error) {
	n, err := d.number(id)
	if err != nil {
		return "", err
	}
	var answer struct {
		Upload struct {
			ID    int64
			Token string
		}
	}
	err = d.do(ctx, request{
		method: http.MethodPost, path: "/uploads.json", query: url.Values{"filename": {f.Name}}, file: f.Content,
	}, &answer)
	if err != nil {
		return "", err
	}
	if answer.Upload.Token == "" {
		return "", d.strange("it has no token for the file", writing)
	}
	upload := map[string]any{
		"token": answer.Upload.Token, "filename": f.Name, "content_type": cmp.Or(f.ContentType, "application/octet-stream"),
	}
	if err := d.patch(ctx, n, attributes{"uploads": []any{upload}}); err != nil {
		return "", err
	}
	i, err := d.issue(ctx, n, "attachments")
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(i.Attachments, func(a attachment) bool { return a.ID == answer.Upload.ID }) {
		return "", d.refused(cloud.ErrForbidden, fmt.Sprintf("Redmine did not take the file for ticket #%d and did not say why.", n),
			"Ask the desk's operator to let the account edit its own issues or add notes.")
	}
	return fmt.Sprint(answer.Upload.ID), nil
}

// Attachments lists an issue's files. Redmine tells no checksum.
func (d *desk) Attachments(ctx context.Context, id servicedesk.ID) ([]servicedesk.Attachment, error) {
	n, err := d.number(id)
	if err != nil {
		return nil, err
	}
	i, err := d.issue(ctx, n, "attachments")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(i.Attachments, func(a, b attachment) int { return cmp.Compare(a.ID, b.ID) })
	out := make([]servicedesk.Attachment, len(i.Attachments))
	for n, a := range i.Attachments {
		out[n] = servicedesk.Attachment{
			ID: fmt.Sprint(a.ID), Name: a.Filename, ContentType: a.ContentType, SizeBytes: a.Filesize, CreatedAt: a.CreatedOn.UTC(),
		}
	}
	return out, nil
}
