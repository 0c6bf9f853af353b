package servicedesk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Attach attaches a file once, however often it is asked to, and answers its id. One of the same name, and of the same
// content as far as the desk tells, is taken for the file.
func Attach(ctx context.Context, d Desk, id ID, f File) (string, error) {
	if !d.Describe().Attachments {
		return "", &cloud.Error{Reason: cloud.ErrUnsupported, Operator: d.Describe().Name, Text: "Its API takes no files."}
	}
	if there, err := fileOf(ctx, d, id, f); err != nil || there != "" {
		return there, err
	}
	file, err := within(ctx, func(ctx context.Context) (string, error) { return d.Attach(ctx, id, f) })
	if !errors.Is(err, cloud.ErrUnknownOutcome) {
		return file, err
	}
	return searched(ctx, d.Describe().ServerTimeout, err, func(ctx context.Context) (string, error) { return fileOf(ctx, d, id, f) })
}

func fileOf(ctx context.Context, d Desk, id ID, f File) (string, error) {
	files, err := d.Attachments(ctx, id)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(f.Content)
	sum := hex.EncodeToString(hash[:])
	for _, a := range files {
		if a.Name == f.Name && a.SizeBytes == int64(len(f.Content)) && (a.SHA256 == "" || a.SHA256 == sum) {
			return a.ID, nil
		}
	}
	return "", nil
}

// searched looks again and again for what a request without an answer may have made, until it is there, the desk has had
// its time, or an interrupt comes. Then it is the error of the request.
func searched[T comparable](ctx context.Context, limit time.Duration, lost error, search func(context.Context) (T, error)) (T, error) {
	var none T
	end := time.Now().Add(limit)
	for pause := searchFloor; ; pause = min(pause*3/2, searchCeiling) {
		left := time.Until(end)
		found, err := soon(ctx, search)
		if err == nil && found != none {
			return found, nil
		}
		if left <= 0 {
			return none, lost
		}
		select {
		case <-time.After(min(pause, left)):
		case <-ctx.Done():
			return none, lost
		}
	}
}
