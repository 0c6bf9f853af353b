package image

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// shownImages bounds how many images a message lists.
const shownImages = 20

// noMatch tells what there is where nothing is as wanted.
func noMatch(operator string, f filter, images []cloud.Image) diag.Diagnostic {
	wanted := f.String()
	if len(images) == 0 {
		return diag.NewErrorDiagnostic(operator+" has no images", "Ask the operator for one, or choose another operator.")
	}
	var b strings.Builder
	b.WriteString("It has, newest first:\n\n")
	for _, i := range images[:min(len(images), shownImages)] {
		fmt.Fprintf(&b, "    %s\n", describe(i))
	}
	if more := len(images) - shownImages; more > 0 {
		fmt.Fprintf(&b, "\nAnd %d older ones; data.vdam_images lists all of them.\n", more)
	}
	b.WriteString("\nChange the filter to match one of them. Upper and lower case differ.")
	return diag.NewErrorDiagnostic(fmt.Sprintf("%s has no image with %s", operator, wanted), b.String())
}

// describe writes an image as the filters that find it.
func describe(i cloud.Image) string {
	parts := []string{fmt.Sprintf("name = %q", i.Name)}
	for _, p := range []struct{ name, value string }{
		{"os_family", i.OSFamily}, {"os_version", i.OSVersion}, {"architecture", i.Architecture},
	} {
		if p.value != "" {
			parts = append(parts, fmt.Sprintf("%s = %q", p.name, p.value))
		}
	}
	return strings.Join(parts, ", ")
}

// unread explains why the images could not be read.
func unread(operator string, err error) diag.Diagnostic {
	var ce *cloud.Error
	if !errors.As(err, &ce) {
		ce = &cloud.Error{Reason: cloud.ErrUnavailable, Operator: operator, Text: err.Error()}
	}
	detail := []string{ce.Text, ce.Advice, "", "Nothing was changed."}
	if ce.RequestID != "" {
		detail[2] = "Request " + ce.RequestID + "."
	}
	detail = slices.DeleteFunc(detail, func(s string) bool { return s == "" })
	return diag.NewErrorDiagnostic(fmt.Sprintf("The images of %s could not be read: %s", operator, ce.Reason),
		strings.Join(detail, "\n\n"))
}
