package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// row is one bar, or a part of one, and what was measured. Pass is nil where tests prove the bar.
type row struct {
	Bar      string `json:"bar"`
	Measure  string `json:"-"`
	Measured string `json:"measured"`
	Target   string `json:"target"`
	Pass     *bool  `json:"pass"`
	// Note says what else was seen.
	Note string `json:"-"`
}

// newRow makes a row that has passed or missed.
func newRow(bar, measure, measured, target string, pass bool, note string) row {
	return row{Bar: bar, Measure: measure, Measured: measured, Target: target, Pass: &pass, Note: note}
}

func (r row) verdict() string {
	switch {
	case r.Pass == nil:
		return "by tests"
	case *r.Pass:
		return "pass"
	}
	return "MISS"
}

// number is the bar's, for sorting: 8 of "8 plan".
func (r row) number() int {
	digits, _, _ := strings.Cut(r.Bar, " ")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func sorted(rows []row) []row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.number(), b.number()) })
	return rows
}

func printTable(out io.Writer, rows []row, quick bool) {
	rows = sorted(rows)
	if quick {
		_, _ = fmt.Fprintln(out, "\nQUICK: fewer trials and smaller projects than the bars ask for; see the measures.")
	}
	_, _ = fmt.Fprintln(out)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "BAR\tMEASURE\tMEASURED\tTARGET\t")
	for _, r := range rows {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Bar, r.Measure, r.Measured, r.Target, r.verdict())
	}
	_ = t.Flush() // A table that cannot be printed cannot be complained about either.
	_, _ = fmt.Fprintln(out)
	for _, r := range rows {
		if r.Note != "" {
			_, _ = fmt.Fprintf(out, "%s: %s\n", r.Bar, r.Note)
		}
	}
}

func writeJSON(file string, rows []row) error {
	raw, err := json.MarshalIndent(sorted(rows), "", "  ")
	if err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	if err := os.WriteFile(file, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	return nil
}
