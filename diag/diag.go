// Package diag holds diagnostics: errors and notes with a stable code, the
// spans they point at, and one suggested fix, and prints them with a caret.
//
//	every stage ──▶ diag.List ──▶ Format(source) ──▶ stderr
package diag

import (
	"slices"

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
}

// Offer adds edits of one span.
func (d *Diagnostic) Offer(at ast.Span, texts ...string) {
	for _, t := range texts {
		d.Fixes = append(d.Fixes, Fix{Span: at, Text: t})
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
