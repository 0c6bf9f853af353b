package tmf621

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const fileFields = "id,status,creationDate,attachment"

// Attach adds a file by value, and answers the id of the one that was not there before and has its name.
func (d *desk) Attach(ctx context.Context, id servicedesk.ID, f servicedesk.File) (string, error) {
	before, _, err := d.ticket(ctx, string(id), fileFields)
	if err != nil {
		return "", err
	}
	if before.ID != text(id) {
		return "", d.merged(string(id), before)
	}
	f.ContentType = cmp.Or(f.ContentType, "application/octet-stream")
	accepted, err := d.add(ctx, id, attachments, d.version.attachment(f), nil)
	if err != nil {
		return "", err
	}
	after, _, err := d.ticket(ctx, string(id), fileFields)
	if err != nil {
		return "", err
	}
	had := before.files()
	for _, a := range after.files() {
		known := func(b servicedesk.Attachment) bool { return b.ID == a.ID }
		if a.Name == f.Name && !slices.ContainsFunc(had, known) {
			return a.ID, nil
		}
	}
	if accepted {
		return "", d.promised(string(id))
	}
	return "", d.refused(cloud.ErrForbidden, fmt.Sprintf("The desk did not take the file for ticket %s, and did not say why.", id),
		"Ask the desk's operator to let the account add attachments.")
}

// Attachments lists a ticket's files.
func (d *desk) Attachments(ctx context.Context, id servicedesk.ID) ([]servicedesk.Attachment, error) {
	t, _, err := d.ticket(ctx, string(id), fileFields)
	if err != nil {
		return nil, err
	}
	return t.files(), nil
}

// files are a ticket's attachments, in its order. The API does not tell when one was added: from when it is valid, or
// else from when the ticket is, has to do.
func (t ticket) files() []servicedesk.Attachment {
	out := []servicedesk.Attachment{}
	taken := make(map[string]bool)
	for _, a := range each[attachment](t.Attachments) {
		id := string(a.ID)
		if id == "" || taken[id] {
			id = fmt.Sprintf("attachment-%d", len(out)+1)
		}
		taken[id] = true
		f := servicedesk.Attachment{
			ID: id, Name: string(a.Name), ContentType: string(a.MIMEType), SizeBytes: a.Size.bytes(),
			CreatedAt: cmp.Or(a.ValidFor.Start.at, t.CreationDate.at),
		}
		if content, err := base64.StdEncoding.DecodeString(string(a.Content)); err == nil && len(content) > 0 {
			sum := sha256.Sum256(content)
			f.SizeBytes, f.SHA256 = int64(len(content)), hex.EncodeToString(sum[:])
		}
		out = append(out, f)
	}
	return out
}

// units are what sizes are written in.
var units = map[string]float64{
	"": 1, "b": 1, "byte": 1, "bytes": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30,
}

// bytes is the size, zero if it is written in what nobody knows.
func (q quantity) bytes() int64 {
	n := q.Amount * units[strings.ToLower(string(q.Units))]
	if n < 0 || n > 1<<50 {
		return 0
	}
	return int64(n)
}
