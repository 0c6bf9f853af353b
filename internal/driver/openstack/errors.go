package openstack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// errGarbled marks a 2xx answer whose body cannot be used.
var errGarbled = errors.New("unusable answer")

// failure maps what gophercloud returns instead of an answer.
func (s *session) failure(ctx context.Context, service *gophercloud.ServiceClient, method string, err error) error {
	writing := method != http.MethodGet
	var refused gophercloud.ErrUnexpectedResponseCode
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &refused):
		return s.refusal(ctx, service, refused, writing)
	case errors.As(err, &syntax), errors.As(err, &wrongType), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason := cloud.ErrUnavailable
		if writing {
			reason = cloud.ErrUnknownOutcome // What it answered may have been done.
		}
		return &cloud.Error{Reason: reason, Operator: s.operator, Cause: fmt.Errorf("%w: %w", errGarbled, err),
			Text: fmt.Sprintf("The answer is not one of OpenStack's %s API.", title(service))}
	default:
		return driver.Lost(s.operator, err, writing)
	}
}

// refusal maps an answer that is no success.
func (s *session) refusal(
	ctx context.Context, service *gophercloud.ServiceClient, r gophercloud.ErrUnexpectedResponseCode, writing bool,
) error {
	said, formed := faultOf(r.Body)
	if strings.Contains(said, "field/attribute user_data") {
		said = "Nova does not take the user data." // It would repeat them.
	}
	e := &cloud.Error{
		Operator: s.operator, RequestID: requestIDOf(r.ResponseHeader), RetryAfter: retryAfter(r.ResponseHeader),
		Text: driver.Sentence(said), Reason: reasonOf(r.Actual, said, believed(service.Type, r.Body), writing),
	}
	if !formed {
		e.Text = fmt.Sprintf("%s answered %d %s, not in the form of an OpenStack API.", title(service), r.Actual, http.StatusText(r.Actual))
	}
	switch {
	case errors.Is(e, cloud.ErrQuota):
		e.Quota = s.quotaFigures(ctx, service, said)
	case errors.Is(e, cloud.ErrForbidden):
		e.Advice = "Ask the operator for the role that this needs, or use other credentials."
	case r.Actual == http.StatusNotAcceptable:
		e.Reason, e.Advice = cloud.ErrUnsupported, "The operator's OpenStack is older than this needs; ask it to upgrade."
	}
	return e
}

// title names a service as people know it.
func title(service *gophercloud.ServiceClient) string {
	return map[string]string{
		"compute": "Nova", "network": "Neutron", "block-storage": "Cinder", "image": "Glance", containerService: "Magnum",
	}[service.Type]
}

// glancePage is how Glance refuses: in HTML, with its words right after the heading. The pages of web servers and gateways
// look alike and have other marks there.
var glancePage = regexp.MustCompile(`(?s)<h1>[0-9]{3} [^<]*</h1>\s*([^<]*[^<\s])\s*<br`)

// believed reports whether an answer surely is the service's own, so that its "not found" can be taken for "gone". The
// like of a gateway would otherwise empty the state.
func believed(service string, body []byte) bool {
	mark := map[string]string{"network": "NeutronError", "identity": "error", containerService: "errors"}[service]
	if service == "image" {
		return glancePage.Match(body) || glanceObject(body)
	}
	if mark == "" {
		mark = "itemNotFound" // Nova and Cinder.
	}
	var wrapped map[string]json.RawMessage
	return json.Unmarshal(body, &wrapped) == nil && wrapped[mark] != nil
}

// glanceObject reports whether Glance says in JSON that it has no such image. Its words are as of the page, and end like it.
func glanceObject(body []byte) bool {
	var o struct{ Code, Message string }
	return json.Unmarshal(body, &o) == nil && strings.HasPrefix(o.Code, "404") && missingImage.MatchString(o.Message)
}

// missingImage is how Glance says that it has no image, and not that it has no such path.
var missingImage = regexp.MustCompile(`(?i)^(no image found with id|failed to find image) `)

// faultOf finds what a service says of a refusal. Each wraps it in another way: Nova and Cinder in an object named after
// the status, Neutron in NeutronError, Keystone in error, Magnum in a list, Glance in HTML or in an object with a code.
func faultOf(body []byte) (said string, formed bool) {
	type fault struct {
		Message string `json:"message"`
		Detail  string `json:"detail"`
		Title   string `json:"title"`
	}
	text := func(f fault) string {
		if f.Detail != "" && !strings.Contains(f.Message, f.Detail) && f.Message != "" {
			return f.Message + " " + f.Detail
		}
		return cmp.Or(f.Message, f.Detail, f.Title)
	}
	var wrapped map[string]json.RawMessage
	if json.Unmarshal(body, &wrapped) != nil {
		if m := glancePage.FindSubmatch(body); m != nil {
			return strings.TrimSpace(string(m[1])), true
		}
		return "", false
	}
	var plain fault
	if json.Unmarshal(body, &plain) == nil && text(plain) != "" {
		said, _, _ = strings.Cut(text(plain), "<br") // Of Glance's page.
		return said, true
	}
	for _, key := range slices.Sorted(maps.Keys(wrapped)) {
		raw := wrapped[key]
		var f fault
		var list []fault
		var words string
		switch {
		case json.Unmarshal(raw, &list) == nil && len(list) > 0 && list[0].Detail != "":
			return list[0].Detail, true
		case json.Unmarshal(raw, &f) == nil && text(f) != "":
			return text(f), true
		case json.Unmarshal(raw, &words) == nil && words != "":
			return words, true
		}
	}
	return "", false
}

// reasonOf decides what a refusal means. Quota has another status in each service: 403 in Nova, 409 in Neutron, 413 in
// Cinder. A 404 counts only where it is believed to be the service's.
func reasonOf(status int, said string, believed, writing bool) error {
	words := strings.ToLower(said)
	quota := strings.Contains(words, "quota") || strings.Contains(words, "exceeds allowed") ||
		strings.Contains(words, "maximum number of") || strings.Contains(words, "limit exceeded") ||
		strings.Contains(words, "reached the maximum clusters")
	switch {
	case quota && (status == http.StatusForbidden || status == http.StatusConflict || status == http.StatusRequestEntityTooLarge):
		return cloud.ErrQuota
	case status == http.StatusRequestEntityTooLarge && strings.Contains(words, "rate"):
		return cloud.ErrBusy // Cinder's and Nova's old way to say "too many requests".
	case status == http.StatusNotFound && believed:
		return cloud.ErrNotFound
	case status == http.StatusConflict && transitional(words), strings.Contains(words, `_in_progress" is not supported`): // Magnum.
		return cloud.ErrBusy
	}
	if status == http.StatusServiceUnavailable && writing {
		return cloud.ErrBusy // A service that is away has done nothing.
	}
	return driver.Answer{Status: status}.Reason(writing)
}

// transitional reports whether a conflict passes by itself: Nova names the task that is under way.
func transitional(words string) bool {
	_, task, ok := strings.Cut(words, "while it is in task_state ")
	return ok && !strings.HasPrefix(task, "none") || strings.Contains(words, "vm_state building") ||
		strings.Contains(words, "is locked by another") ||
		strings.Contains(words, "concurrent")
}

func requestIDOf(h http.Header) string {
	return driver.OneLine(cmp.Or(h.Get("X-Openstack-Request-Id"), h.Get("X-Compute-Request-Id")), driver.LineLimit)
}

// retryAfter is the cloud's hint in seconds; zero without one.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(strings.TrimSpace(h.Get("Retry-After")), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// refused is a refusal of the driver's own, before anything is sent.
func (s *session) refused(reason error, text, advice string) *cloud.Error {
	return &cloud.Error{Reason: reason, Operator: s.operator, Text: text, Advice: advice}
}

// invalid refuses one field of a specification.
func (s *session) invalid(pointer, text string) *cloud.Error {
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: s.operator, Text: text,
		Fields: []cloud.FieldError{{Pointer: pointer, Text: text}}}
}
