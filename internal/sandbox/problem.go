package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// problem is a refusal (RFC 9457).
type problem struct {
	api.Problem
	// retryAfter becomes the Retry-After header; nil for none.
	retryAfter *int
}

func newProblem(status int, code, format string, args ...any) *problem {
	detail := fmt.Sprintf(format, args...)
	return &problem{Problem: api.Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: &detail,
	}}
}

// refused is the answer for orders and changes that are well formed, but cannot be.
func refused(faults []api.FieldError) *problem {
	if len(faults) == 0 {
		return nil
	}
	p := newProblem(http.StatusUnprocessableEntity, "invalid", "The request cannot be carried out as it is.")
	p.Errors = &faults
	return p
}

func fieldError(pointer, format string, args ...any) api.FieldError {
	return api.FieldError{Pointer: pointer, Detail: fmt.Sprintf(format, args...)}
}

func notFound(noun, id string) *problem {
	return newProblem(http.StatusNotFound, "not-found", "There is no %s %s.", noun, id)
}

// busy asks to try again.
func (w *world) busy(o *object) *problem {
	p := newProblem(http.StatusConflict, "conflict", "The %s %s is %s.", kindOf(o.Kind).noun, o.common.Name, o.State)
	seconds := w.secondsLeft(o)
	p.retryAfter = &seconds
	return p
}

func inUse(format string, args ...any) *problem {
	return newProblem(http.StatusConflict, "in-use", format, args...)
}

func (p *problem) write(w http.ResponseWriter) {
	p.RequestId = optional(w.Header().Get("X-Request-Id"))
	if p.retryAfter != nil {
		w.Header().Set("Retry-After", strconv.Itoa(*p.retryAfter))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.Problem) // The client may be gone.
}

// writeJSON answers with a body of the contract.
func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // The client may be gone.
}
