package check

import (
	"context"
	"testing"
)

// TestPlainText holds a text file with claims outside its formulas to be a
// derivation, and one whose mathematics all stands between dollars a document.
func TestPlainText(t *testing.T) {
	for src, want := range map[string]int{
		"A: n×n\nQ = x'A x\nWe find that $dQ/dx = (A + A')x$ holds.\ndQ/dx = 2 A x\n":        3,
		"We take $x: y$ as a pair, and $Q = x'x$.\ndQ/dx = 3 x\n":                            2,
		"Let $x \\in \\mathbb{R}^n$ and $Q = x^\\top x$.\nThen $\\nabla_x Q = 3 x$ holds.\n": 2,
	} {
		r, list := Check(context.Background(), src, Options{File: "notes.txt"})
		if list.Err() != nil {
			t.Errorf("%s: %v", src, list)
			continue
		}
		judged, last := 0, Verdict("")
		for _, l := range r.Lines {
			if l.Verdict != NotUnderstood {
				judged, last = judged+1, l.Verdict
			}
		}
		if judged != want || last != Wrong {
			t.Errorf("%s: %d lines judged, the last %s; want %d, wrong\n%s", src, judged, last, want, r.Text(false))
		}
	}
}
