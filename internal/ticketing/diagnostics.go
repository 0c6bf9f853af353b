package ticketing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// Deed is what was asked of a desk, and what is certain if it did not do it.
type Deed struct {
	// Asked completes "varam refused …" and "varam did not carry out …".
	Asked string
	Safe  string
	// parts are what the port calls otherwise than the schema.
	parts map[string]string
	// lost is what to do if nobody knows whether it was done; empty if the next apply finds out.
	lost string
}

// The deeds.
var (
	Filing   = Deed{Asked: "the filing of a ticket", Safe: "No ticket was filed."}
	Changing = Deed{Asked: "the change of a ticket", Safe: "The state is as it was; the next apply goes on from there."}
	Reading  = Deed{Asked: "the reading of a ticket", Safe: "The state is kept as it was."}
	Ending   = Deed{Asked: "the withdrawal of a ticket", Safe: "The ticket is still there and in the state."}
	Saying   = Deed{Asked: "the posting of a message", Safe: "Nothing was said.", parts: map[string]string{"text": "body"}}
	Filling  = Deed{Asked: "the attachment of a file", Safe: "Nothing was attached.", parts: map[string]string{"name": "filename"}}
	Looking  = Deed{Asked: "the reading of tickets"}
	Finding  = Deed{Asked: "the reading of a ticket"} // Of which there is no state.
	Waiting  = Deed{Asked: "the reading of a ticket", Safe: "Nothing that waits for the ticket was touched."}
	// Commenting and Closing are deeds of actions, which no next apply finishes.
	Commenting = Deed{
		Asked: Saying.Asked, Safe: Saying.Safe, parts: Saying.parts,
		lost: "It may be there: look into the ticket before you invoke the action again.",
	}
	Closing = Deed{
		Asked: "the closing of a ticket", Safe: "The ticket is as it was.",
		lost: "Invoke the action again: a ticket that has ended is left as it is.",
	}
)

// reasons are the port's in words that fit a desk.
var reasons = map[error]string{
	cloud.ErrNotFound:         "it has no such ticket",
	cloud.ErrForbidden:        "the account may not do that",
	cloud.ErrUnauthenticated:  "the credentials are not accepted",
	cloud.ErrInvalid:          "it is not as the desk wants it",
	cloud.ErrUnavailable:      "it is not available",
	cloud.ErrBusy:             "it is busy",
	cloud.ErrConflict:         "the ticket has changed meanwhile",
	cloud.ErrUnsupported:      "it cannot do that",
	servicedesk.ErrTransition: "it does not let the account change the status",
	cloud.ErrUnknownOutcome:   "the answer was lost",
	servicedesk.ErrEnded:      "the ticket has ended",
	cloud.ErrNotConfigured:    "its configuration is not known yet",
	cloud.ErrQuota:            "a limit is exceeded",
	cloud.ErrFailed:           "it failed for good",
}

// asError is an error as the port's, whatever it is.
func asError(desk string, err error) *cloud.Error {
	var ce *cloud.Error
	if errors.As(err, &ce) {
		return ce
	}
	ce = &cloud.Error{Reason: cloud.ErrUnavailable, Operator: desk, Text: sentence(err.Error()) + "."}
	switch {
	case errors.Is(err, context.Canceled):
		ce.Text = "The run was interrupted."
	case errors.Is(err, context.DeadlineExceeded):
		ce.Text = "It took too long."
	}
	return ce
}

// Refused tells why a desk did not do a deed, on the attributes that it names.
func Refused(deed Deed, desk string, err error, diags *diag.Diagnostics) {
	ce := asError(desk, err)
	if len(ce.Fields) > 0 {
		for _, f := range ce.Fields {
			at := deed.attribute(f.Pointer)
			diags.AddAttributeError(at, fmt.Sprintf("Service desk %s refused %s because of %s", desk, deed.Asked, at),
				lifecycle.Paragraphs(f.Text, deed.Safe, lifecycle.RequestLine(ce.RequestID)))
		}
		return
	}
	summary := fmt.Sprintf("Service desk %s refused %s: %s", desk, deed.Asked, reasons[ce.Reason])
	safe := deed.Safe
	switch {
	case errors.Is(ce, cloud.ErrUnknownOutcome):
		summary = fmt.Sprintf("Service desk %s did not answer %s, and may have carried it out", desk, deed.Asked)
		safe = cmp.Or(deed.lost, "Nothing is lost and nothing is done twice: the next apply finds out and goes on from there.")
	case errors.Is(ce, cloud.ErrUnavailable):
		summary = fmt.Sprintf("Service desk %s did not carry out %s: %s", desk, deed.Asked, reasons[ce.Reason])
	}
	diags.AddError(summary, lifecycle.Paragraphs(ce.Text, safe, advice(ce), lifecycle.RequestLine(ce.RequestID)))
}

// Words are an error as a sentence for a warning.
func Words(desk string, err error) string {
	ce := asError(desk, err)
	if ce.Text == "" {
		return sentence(reasons[ce.Reason]) + "."
	}
	return ce.Text
}

func advice(e *cloud.Error) string {
	switch {
	case errors.Is(e, cloud.ErrUnknownOutcome):
		return "" // What the transport advises is for what is in the state already.
	case e.Advice != "":
		return e.Advice
	case errors.Is(e, cloud.ErrUnauthenticated):
		return "Check the desk's credentials in the provider block or in the environment."
	case errors.Is(e, cloud.ErrForbidden):
		return "Ask the desk's operator for the right, or use another account."
	case errors.Is(e, cloud.ErrUnavailable), errors.Is(e, cloud.ErrBusy):
		return "Apply again later."
	}
	return ""
}

// unusable explains why a desk cannot be used at all.
func unusable(desk string, err error) diag.Diagnostic {
	ce := asError(desk, err)
	reason := reasons[ce.Reason]
	if errors.Is(ce, cloud.ErrInvalid) {
		reason = "its configuration is wrong"
	}
	more := advice(ce)
	if errors.Is(ce, cloud.ErrNotConfigured) {
		more = "Values of the provider block come from resources that do not exist yet. " +
			"Apply those first, with -target, or give the values as variables."
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("Service desk %q cannot be used: %s", desk, reason),
		lifecycle.Paragraphs(ce.Text, more, lifecycle.RequestLine(ce.RequestID)))
}

// attribute maps a JSON pointer into what was sent onto the schema.
func (d Deed) attribute(pointer string) path.Path {
	root, key, nested := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if name := d.parts[root]; name != "" {
		root = name
	}
	p := path.Root(root)
	if nested && root == "fields" {
		return p.AtMapKey(strings.NewReplacer("~1", "/", "~0", "~").Replace(key))
	}
	return p
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
