package rt

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

const (
	anyType = "application/octet-stream"
	// messages are the transactions that can have files of people. The mails that RT sends repeat them.
	messages = `[{"field":"Type","value":"Create"},{"field":"Type","value":"Correspond","entry_aggregator":"OR"},` +
		`{"field":"Type","value":"Comment","entry_aggregator":"OR"}]`
)

// Attach adds a file with a comment, which moves no ticket and writes to no requester, and answers the file's id.
func (d *desk) Attach(ctx context.Context, id servicedesk.ID, f servicedesk.File) (string, error) {
	if _, ok := ticketID(string(id)); !ok {
		return "", d.missing(string(id))
	}
	var p problems
	switch {
	case len(f.Content) == 0:
		p.add("/content", "RT takes no empty files")
	case f.Name == "", f.Name == "0", strings.ContainsAny(f.Name, "\r\n"):
		p.add("/name", "%q is no name for a file in RT", f.Name)
	}
	if err := d.refused(p); err != nil {
		return "", err
	}
	added, err := d.post(ctx, id, messagePath(id, false), map[string]any{
		"ContentType": "text/plain", // Of the message, which is empty.
		"Attachments": []map[string]string{{
			"FileName": encodedName(f.Name), "FileType": safeType(f), "FileContent": base64.StdEncoding.EncodeToString(f.Content),
		}},
	})
	if err != nil {
		return "", err
	}
	found, err := pages(ctx, d, "/transaction/"+added+"/attachments", perPage, url.Values{"fields": {"Filename"}},
		func(p passage) bool { return p.Filename != "" })
	for _, p := range found {
		if p.Filename != "" {
			return string(p.ID), nil
		}
	}
	return "", &cloud.Error{Reason: cloud.ErrUnknownOutcome, Operator: d.name, Cause: err,
		Text: fmt.Sprintf("RT has taken the file %q in transaction %s and does not show it.", f.Name, added)}
}

// encodedName writes a name of other than plain letters as a mail does (RFC 2047): RT dies of it otherwise. It is one
// word however long, as RT keeps the space between two.
func encodedName(name string) string {
	if ascii(strings.ReplaceAll(name, " ", "_")) && !strings.Contains(name, "=?") {
		return name
	}
	return "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(name)) + "?="
}

// safeType is the file's type, unless RT would change the content because of it: it writes texts anew in UTF-8 and takes
// messages apart.
func safeType(f servicedesk.File) string {
	kind, parameters, err := mime.ParseMediaType(f.ContentType)
	switch {
	case err != nil, strings.HasPrefix(kind, "multipart/"), strings.HasPrefix(kind, "message/"):
		return anyType
	case !strings.HasPrefix(kind, "text/"):
		return f.ContentType
	}
	charset := parameters["charset"]
	if !utf8.Valid(f.Content) || bytes.ContainsRune(f.Content, 0) || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return anyType
	}
	return f.ContentType
}

// Attachments answers a ticket's files. RT tells no checksums.
func (d *desk) Attachments(ctx context.Context, id servicedesk.ID) ([]servicedesk.Attachment, error) {
	if _, ok := ticketID(string(id)); !ok {
		return nil, d.missing(string(id))
	}
	// Of a ticket that is not there, or that the account does not see, RT lists the files of all others.
	said, err := d.transactions(ctx, string(id), "", messages)
	if err != nil {
		return nil, err
	}
	if len(said) == 0 {
		_, _, err := d.record(ctx, id)
		return nil, err
	}
	found, err := pages(ctx, d, "/ticket/"+string(id)+"/attachments", perPage, url.Values{
		"fields": {"TransactionId,Filename,ContentType,ContentLength,Created"},
		"query":  {`[{"field":"Filename","operator":"IS NOT","value":"NULL"}]`},
	}, func(passage) bool { return false })
	if err != nil {
		return nil, err
	}
	byPeople := make(map[text]bool, len(said))
	for _, t := range said {
		byPeople[t.ID] = true
	}
	var out []servicedesk.Attachment
	for _, f := range found {
		if f.Filename == "" || !byPeople[f.TransactionID] {
			continue
		}
		out = append(out, servicedesk.Attachment{
			ID: string(f.ID), Name: string(f.Filename), ContentType: string(f.ContentType),
			SizeBytes: f.ContentLength.number(0), CreatedAt: f.Created.Time,
		})
	}
	return out, nil
}
