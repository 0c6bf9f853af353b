package backuprun

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

func (r *runner) refused(reason error, text, advice string) error {
	return &cloud.Error{Reason: reason, Operator: r.op.Name, Text: text, Advice: advice}
}

// invalid refuses a part of a specification.
func (r *runner) invalid(pointer, format string, args ...any) error {
	return r.faults(fault(pointer, format, args...))
}

func fault(pointer, format string, args ...any) cloud.FieldError {
	return cloud.FieldError{Pointer: pointer, Text: fmt.Sprintf(format, args...)}
}

// faults refuses several parts; nil if there are none.
func (r *runner) faults(all ...cloud.FieldError) error {
	if len(all) == 0 {
		return nil
	}
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: r.op.Name, Fields: all}
}

// words are an error's for people. The mover's say what is safe and what to do already.
func words(err error) string {
	var moved *mover.Error
	var ce *cloud.Error
	switch {
	case errors.As(err, &moved):
		return moved.Error()
	case errors.As(err, &ce):
		said := []string{ce.Operator + ": " + ce.Reason.Error() + "."}
		if ce.Text != "" {
			said[0] = ce.Operator + ": " + ce.Text
		}
		for _, f := range ce.Fields {
			said = append(said, f.Text)
		}
		if ce.Advice != "" {
			said = append(said, ce.Advice)
		}
		return strings.Join(said, " ")
	}
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// shortened is a text of so many bytes at most.
func shortened(text string, limit int) string {
	const more = "…"
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-len(more)], "") + more
}

// quantity is a number of bytes for people.
func quantity(n int64) string {
	const kib = 1 << 10
	value, unit := float64(n), 0
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for value >= kib && unit < len(units)-1 {
		value, unit = value/kib, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", value, units[unit])
}
