package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// maxDirectory bounds the directory document, which lists a handful of operators.
const maxDirectory = 1 << 20

// directory is the document that says where the operators' endpoints are, read once at first use.
type directory struct {
	location string
	unknown  bool
	version  string

	once    sync.Once
	entries map[string]selfservice.DirectoryEntry
	err     error
}

// entry finds an operator; ok is false if there is no directory or it does not list the operator.
func (d *directory) entry(ctx context.Context, name string) (e selfservice.DirectoryEntry, ok bool, err error) {
	if d.location == "" {
		return e, false, nil
	}
	d.once.Do(func() { d.entries, d.err = d.load(ctx) })
	if d.err != nil {
		return e, false, &cloud.Error{Reason: cloud.ErrUnavailable, Operator: name,
			Text: fmt.Sprintf("The directory of operators %s could not be read: %s.", cleaned(d.location), plain(d.err)), Cause: d.err,
			Advice: "Correct directory in the provider block, or give the operator's endpoint there."}
	}
	e, ok = d.entries[name]
	return e, ok, nil
}

func (d *directory) load(ctx context.Context) (map[string]selfservice.DirectoryEntry, error) {
	raw, err := d.read(ctx)
	if err != nil {
		return nil, err
	}
	var doc selfservice.Directory
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("it is not a directory document: %w", err)
	}
	if doc.Version != 1 {
		return nil, fmt.Errorf("it has version %d, and this provider reads version 1", doc.Version)
	}
	entries := make(map[string]selfservice.DirectoryEntry, len(doc.Operators))
	for _, e := range doc.Operators {
		entries[e.Name] = e
	}
	return entries, nil
}

func (d *directory) read(ctx context.Context) ([]byte, error) {
	if !strings.HasPrefix(d.location, "http://") && !strings.HasPrefix(d.location, "https://") {
		return os.ReadFile(d.location) // The user names the file in the provider block.
	}
	client, err := transport.New(transport.Config{Operator: "directory", UserAgent: userAgent(d.version)})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.location, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer was %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxDirectory))
}

// plain is why a directory could not be read, without its location, which is said already and may have secrets in it.
func plain(err error) string {
	var failed *transport.Error
	var noURL *url.Error
	var noFile *fs.PathError
	switch {
	case errors.As(err, &failed):
		return failed.Detail
	case errors.As(err, &noURL):
		return noURL.Err.Error()
	case errors.As(err, &noFile):
		return noFile.Err.Error()
	}
	return err.Error()
}

// cleaned is a location without what could be a secret, also if it is no URL that can be parsed.
func cleaned(location string) string {
	u, err := url.Parse(location)
	if err == nil && u.Host != "" {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		return u.String()
	}
	scheme, rest, ok := strings.Cut(location, "://")
	if !ok {
		scheme, rest = "", location
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = rest[at+1:]
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	if ok {
		return scheme + "://" + rest
	}
	return rest
}

func userAgent(version string) string { return "terraform-provider-vdam/" + version }
