package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// pageSize is how many objects of a list are asked for at once; a cloud may give fewer.
const pageSize = 1000

// pages streams a list page by page. Key is where the answer has the objects, and its links below key_links. OnPage, if
// not nil, is called before each page is asked for.
func pages[T any](
	ctx context.Context, s *session, service *gophercloud.ServiceClient, address, key string, onPage func(),
) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		if strings.Contains(address, "?") {
			address += "&"
		} else {
			address += "?"
		}
		if !strings.Contains(address, "limit=") {
			address += "limit=" + strconv.Itoa(pageSize)
		}
		for seen := map[string]bool{}; address != ""; {
			if onPage != nil {
				onPage()
			}
			seen[address] = true
			var answer map[string]json.RawMessage
			requestID, err := s.get(ctx, service, address, &answer)
			if err != nil {
				yield(nil, err)
				return
			}
			items, next, err := page[T](answer, key)
			following := relative(service, next)
			if err != nil || seen[following] || next != "" && following == "" {
				yield(nil, &cloud.Error{Reason: cloud.ErrUnavailable, Operator: s.operator, RequestID: requestID, Cause: err,
					Text: title(service) + "'s list of " + key + " is not as its API says."})
				return
			}
			if !yield(items, nil) {
				return
			}
			address = following
		}
	}
}

// page reads one page and the address of the next. A page without the key is none: it must not pass for an empty list.
func page[T any](answer map[string]json.RawMessage, key string) (items []T, next string, err error) {
	if err := json.Unmarshal(answer[key], &items); err != nil {
		return nil, "", err
	}
	if items == nil {
		return nil, "", errors.New("it is null")
	}
	var links []struct {
		Rel  string `json:"rel"`
		Href string `json:"href"`
	}
	if raw, ok := answer[key+"_links"]; ok {
		if err := json.Unmarshal(raw, &links); err != nil {
			return nil, "", err
		}
	}
	for _, l := range links {
		if l.Rel == "next" {
			next = l.Href
		}
	}
	// Glance has the address beside the list.
	if raw, ok := answer["next"]; ok && next == "" {
		_ = json.Unmarshal(raw, &next) // What is no text is no address.
	}
	return items, next, nil
}

// relative is the part of a next page's address that follows the service's own. Behind a proxy, services call themselves
// by names that lead nowhere.
func relative(service *gophercloud.ServiceClient, next string) string {
	if next == "" {
		return ""
	}
	u, err := url.Parse(next)
	base, baseErr := url.Parse(service.ResourceBaseURL())
	if err != nil || baseErr != nil {
		return ""
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	last := segments[len(segments)-1]
	if _, rest, ok := strings.Cut(u.Path, base.Path); ok {
		last = rest
	} else if last == "detail" && len(segments) > 1 {
		last = segments[len(segments)-2] + "/detail"
	}
	if u.RawQuery == "" {
		return last
	}
	return last + "?" + u.RawQuery
}

// collect reads a whole list.
func collect[T any](list iter.Seq2[[]T, error]) ([]T, error) {
	var all []T
	for items, err := range list {
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}
