// Package diag holds diagnostics: errors and notes with a stable code, the
// spans they point at, and one suggested fix, and prints them with a caret.
//
//	every stage ──▶ diag.List ──▶ Format(source) ──▶ stderr
package diag

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
)

// Label points at a span of the source with a few words ("n×1", "declared here").
type Label struct {
	Span ast.Span
	Text string
}

// Diagnostic is one error (or note) about a program.
type Diagnostic struct {
	Code    string // stable, e.g. "E203"; described by Explain
	Message string // lower case, one sentence
	Labels  []Label
	Help    string // one suggested fix, e.g. "did you mean 2*A'*(A*x - b)?"
	Fixes   []Fix  // the edits that Help speaks of, the likeliest first
}

// Fix is an edit that mends an error: Text takes the place of Span.
type Fix struct {
	Span ast.Span
	Text string
	For  string // what it is for, in words: "for the squared norm"
	Show string // Text as the help shows it, if that differs
}

// Offer adds an edit.
func (d *Diagnostic) Offer(f Fix) { d.Fixes = append(d.Fixes, f) }

// Advise makes Help of the edits: "did you mean A'*x?", or "write X.^2 for the
// power of each entry, or ‖X‖² for the squared norm".
func (d *Diagnostic) Advise() {
	parts := make([]string, len(d.Fixes))
	for i, f := range d.Fixes {
		if f.Show == "" {
			f.Show = f.Text
		}
		parts[i] = strings.TrimSpace(f.Show + " " + f.For)
	}
	switch n := len(parts); {
	case n == 1 && d.Fixes[0].For == "":
		d.Help = "did you mean " + parts[0] + "?"
	case n > 2:
		d.Help = "write " + strings.Join(parts[:n-1], ", ") + " or " + parts[n-1]
	case n == 2 && d.Fixes[0].For != "":
		d.Help = "write " + parts[0] + ", or " + parts[1]
	case n > 0:
		d.Help = "write " + strings.Join(parts, " or ")
	}
}

// Apply returns the source with the edit made.
func (f Fix) Apply(src string) string { return src[:f.Span.Start] + f.Text + src[f.Span.End:] }

// Error makes a Diagnostic an error by itself.
func (d *Diagnostic) Error() string { return "error[" + d.Code + "]: " + d.Message }

// List collects the diagnostics of a program; it is an error when not empty.
type List struct {
	File   string
	Source string
	Items  []*Diagnostic
}

// Add appends a diagnostic.
func (l *List) Add(d *Diagnostic) { l.Items = append(l.Items, d) }

// Sort orders the diagnostics as a reader meets what they point at first.
func (l *List) Sort() {
	at := func(d *Diagnostic) int {
		if len(d.Labels) == 0 {
			return len(l.Source)
		}
		return d.Labels[0].Span.Start
	}
	slices.SortStableFunc(l.Items, func(a, b *Diagnostic) int { return at(a) - at(b) })
}

// Err returns l as an error, nil if it is empty.
func (l *List) Err() error {
	if l == nil || len(l.Items) == 0 {
		return nil
	}
	return l
}

// Error joins the diagnostics, each formatted with its source line and caret.
func (l *List) Error() string { return l.Format(false) }
