package infer

import (
	"slices"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/parser"
)

// Limits on the edits that are tried out.
const (
	maxProved = 30   // edits of one program
	longest   = 4000 // bytes of a program whose edits are tried
)

// prove tries the edits that the errors offer: an edit stays if the program
// with it has fewer errors. The help names those that do first; where none
// does, it still says how the thing is written, and no edit is offered.
func (in *inferrer) prove() {
	if in.plain || len(in.src) > longest {
		return
	}
	tried := 0
	for _, d := range in.errs.Items {
		var good, rest []diag.Fix
		for _, f := range d.Fixes {
			if tried++; tried > maxProved {
				return
			}
			if in.betters(f) {
				good = append(good, f)
			} else {
				rest = append(rest, f)
			}
		}
		if len(good) > 0 && len(rest) > 0 && d.Help == adviceOf(d) {
			d.Fixes = append(slices.Clone(good), rest...)
			d.Advise()
		}
		d.Fixes = good
	}
}

// adviceOf is the help that Advise makes of the edits.
func adviceOf(d *diag.Diagnostic) string {
	e := diag.Diagnostic{Fixes: slices.Clone(d.Fixes)}
	e.Advise()
	return e.Help
}

// betters tells whether a program has fewer errors with an edit made.
func (in *inferrer) betters(f diag.Fix) bool {
	if f.Span.Start < 0 || f.Span.End > len(in.src) || f.Span.Start > f.Span.End {
		return false
	}
	tree, list := parser.Parse(f.Apply(in.src))
	if list.Err() != nil {
		return false
	}
	_, list = runPlain(tree.Source, tree, in.opt)
	return list.Err() == nil || len(list.Items) < len(in.errs.Items)
}
