package clusterapi

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// status is how Kubernetes refuses (API conventions, "Response Status Kind").
type status struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Reason  string `json:"reason"`
	Details struct {
		Name   string `json:"name"`
		Kind   string `json:"kind"`
		Causes []struct {
			Message string `json:"message"`
			Field   string `json:"field"`
		} `json:"causes"`
	} `json:"details"`
}

// refusal maps an answer that is no success.
func (s *session) refusal(a driver.Answer, writing bool, requestID string) error {
	e := &cloud.Error{Operator: s.operator, RequestID: requestID, RetryAfter: a.RetryAfter(), Reason: a.Reason(writing)}
	var said status
	if a.Decode(&said) != nil || said.Kind != "Status" {
		e.Text = fmt.Sprintf("The answer was %d %s, not in the form of a Kubernetes API.", a.Status, http.StatusText(a.Status))
		e.Advice = "Apply again; if it stays so, check the address: something else than Kubernetes answers there."
		return e
	}
	e.Text = driver.Sentence(withoutHook(said.Message))
	switch {
	case a.Status == http.StatusNotFound && said.Details.Name == "":
		e.Reason = cloud.ErrUnsupported
		e.Text = "There is no Cluster API of the version v1beta2 at this address."
		e.Advice = "Check the address, or ask the operator for Cluster API 1.11 or later."
	case a.Status == http.StatusNotFound && said.Details.Kind == "namespaces":
		e.Reason, e.Advice = cloud.ErrInvalid, "Set project to the namespace that the operator has given to the agency."
	case a.Status == http.StatusNotFound && said.Reason == "NotFound":
		e.Reason = cloud.ErrNotFound
	case a.Status == http.StatusForbidden && said.Message != withoutHook(said.Message):
		e.Reason = cloud.ErrInvalid // An admission webhook refused what the caller may do.
	case a.Status == http.StatusForbidden && strings.Contains(said.Message, "exceeded quota"):
		e.Reason = cloud.ErrQuota
	case a.Status == http.StatusForbidden:
		e.Advice = "Ask the operator for the role that this needs in the namespace, or use other credentials."
	case a.Status == http.StatusInternalServerError && strings.Contains(said.Message, "failed calling webhook"):
		e.Reason = cloud.ErrBusy // Nothing was written: the controllers are away for a moment.
	}
	for _, c := range said.Details.Causes {
		if p := pointer(c.Field); p != "" {
			e.Fields = append(e.Fields, cloud.FieldError{Pointer: p, Text: driver.Sentence(c.Message)})
		}
	}
	return e
}

var hook = regexp.MustCompile(`^admission webhook "[^"]*" denied the request: `)

func withoutHook(message string) string { return hook.ReplaceAllString(message, "") }

// pointers lead from Cluster API's fields to the port's.
var pointers = []struct{ field, pointer string }{
	{"spec.topology.version", "/kubernetes_version"},
	{"spec.topology.controlPlane.replicas", "/high_availability"},
	{"spec.topology.workers", "/node_pools"},
	{"spec.clusterNetwork.pods", "/pod_cidr"},
	{"spec.clusterNetwork.services", "/service_cidr"},
	{"metadata.name", "/name"},
}

func pointer(field string) string {
	for _, p := range pointers {
		if strings.HasPrefix(field, p.field) {
			return p.pointer
		}
	}
	return ""
}

func (s *session) garbled(err error, writing bool, requestID string) error {
	reason := cloud.ErrUnavailable
	if writing {
		reason = cloud.ErrUnknownOutcome // What it answered may have been done.
	}
	return &cloud.Error{Reason: reason, Operator: s.operator, RequestID: requestID, Cause: err,
		Text: driver.Sentence("The answer cannot be used: " + err.Error())}
}

// refused is a refusal of the driver's own.
func (s *session) refused(reason error, text, advice string) *cloud.Error {
	return &cloud.Error{Reason: reason, Operator: s.operator, Text: text, Advice: advice}
}

// invalid refuses one field of a specification.
func (s *session) invalid(pointer, text string) *cloud.Error {
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: s.operator, Text: text,
		Fields: []cloud.FieldError{{Pointer: pointer, Text: text}}}
}

func isNotFound(err error) bool { return errors.Is(err, cloud.ErrNotFound) }
