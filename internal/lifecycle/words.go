package lifecycle

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// indefinite is a noun with its article.
func indefinite(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// located names nested attributes in the text too: Terraform shows the line of the resource alone for them.
func located(diags diag.Diagnostics) diag.Diagnostics {
	for i, d := range diags {
		at, ok := d.(diag.DiagnosticWithPath)
		if !ok || d.Severity() != diag.SeverityError || len(at.Path().Steps()) < 2 {
			continue
		}
		text := Paragraphs(d.Detail(), "Attribute: "+at.Path().String())
		diags[i] = diag.NewAttributeErrorDiagnostic(at.Path(), d.Summary(), text)
	}
	return diags
}

func called(noun, name string) string {
	if name == "" {
		return noun
	}
	return fmt.Sprintf("%s %q", noun, name)
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// plain is an error as a sentence without the wrapping.
func plain(err error) string {
	var ce *cloud.Error
	if errors.As(err, &ce) && ce.Text != "" {
		return ce.Text
	}
	return err.Error()
}

// RequestLine is a request's id as the last line of a message; empty without one.
func RequestLine(id string) string {
	if id == "" {
		return ""
	}
	return "Request " + id + "."
}

// Paragraphs joins the parts of a message that there are.
func Paragraphs(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n\n")
}
