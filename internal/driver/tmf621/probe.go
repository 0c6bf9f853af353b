package tmf621

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// apiPath is where the definitions put the API, before its version.
const apiPath = "/tmf-api/troubleTicket"

// sampleSize is how many tickets are looked at to see what the desk tells of one.
const sampleSize = 10

// versionSegment is a part of a path that says the version.
var versionSegment = regexp.MustCompile(`^v([45])(\.[0-9.]*)?$`)

// candidate is where an API could be.
type candidate struct {
	endpoint string
	version  version
}

// candidates are where the API can be by what is configured. What cannot be an address is not repeated, as it may have a
// password in it.
func (d *desk) candidates(endpoint string) ([]candidate, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, d.refused(cloud.ErrInvalid, "The endpoint is not the address of an API.",
			"Write https://host, or https://host/tmf-api/troubleTicket/v5 as the desk's operator says it.")
	}
	base := strings.TrimRight(endpoint, "/")
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	if n := len(segments); n > 1 && segments[n-1] == "troubleTicket" && versionSegment.MatchString(segments[n-2]) {
		base, segments = strings.TrimSuffix(base, collection), segments[:n-1] // Somebody has copied the whole address.
	}
	for _, s := range segments {
		switch m := versionSegment.FindStringSubmatch(s); {
		case m == nil:
		case m[1] == "4":
			return []candidate{{base, v4}}, nil
		default:
			return []candidate{{base, v5}}, nil
		}
	}
	base = strings.TrimSuffix(base, apiPath) + apiPath
	return []candidate{{base + "/v5", v5}, {base + "/v4", v4}}, nil
}

// probe finds the first API that answers with tickets, and answers some of them.
func (d *desk) probe(ctx context.Context, candidates []candidate) ([]ticket, error) {
	var first *cloud.Error
	for _, c := range candidates {
		d.endpoint, d.version = c.endpoint, c.version
		p, err := d.page(ctx, url.Values{"fields": {d.version.historyFields()}}, 0, sampleSize)
		if err == nil {
			return p.rows, nil
		}
		var e *cloud.Error
		if !errors.As(err, &e) || !elsewhere(e) {
			return nil, err
		}
		if first == nil || noAPI(first) && !noAPI(e) {
			first = e
		}
	}
	if noAPI(first) {
		first.Reason, first.Advice = cloud.ErrUnavailable,
			"Check the desk's endpoint: it ends before /troubleTicket, or is the host alone if the API is where the standard puts it."
	}
	return nil, first
}

// elsewhere reports whether a refusal may be one of an address at which there is no API of this version. Some gateways
// answer 403 for what they do not know.
func elsewhere(e *cloud.Error) bool {
	return noAPI(e) || errors.Is(e, cloud.ErrForbidden) || errors.Is(e, cloud.ErrUnsupported)
}

// noAPI reports whether a refusal says that there is nothing at an address, and nothing else.
func noAPI(e *cloud.Error) bool {
	return errors.Is(e, cloud.ErrNotFound) || errors.Is(e, errNoAPI) && errors.Is(e, cloud.ErrUnavailable)
}

// keepsHistory finds out whether the desk tells changes of status, from tickets that have had some. Where there are none
// yet, the standard's word is taken: the server populates them.
func (d *desk) keepsHistory(ctx context.Context, sample []ticket) (bool, error) {
	moved := ticket{}
	for _, t := range sample {
		if len(t.changes()) > 0 {
			return true, nil
		}
		if t.Status != "" && t.Status != acknowledged {
			moved = t
		}
	}
	if moved.ID == "" {
		return true, nil
	}
	// Lists may leave out what a look at the one does not.
	one, _, err := d.ticket(ctx, string(moved.ID), d.version.historyFields())
	if errors.Is(err, cloud.ErrNotFound) || errors.Is(err, cloud.ErrForbidden) {
		return true, nil
	}
	return len(one.changes()) > 0, err
}
