package check

import (
	"fmt"
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/verify"
)

// Verdict is the judgement on one line.
type Verdict string

// The verdicts on a line. Transposed is right in the other layout; Inherited
// is false but follows from an earlier false line.
const (
	Right         Verdict = "right"
	Transposed    Verdict = "transposed"
	Wrong         Verdict = "wrong"
	Inherited     Verdict = "inherited"
	Undecided     Verdict = "undecided"
	NotUnderstood Verdict = "not understood"
)

// Mistake names what went wrong in a line. Fix is the corrected right side, a
// text of the language that was itself found right; it is empty if none was.
type Mistake struct {
	ID      string   `json:"id"`
	Message string   `json:"message"`
	Fix     string   `json:"fix,omitempty"`
	Also    []string `json:"also,omitempty"`    // other mistakes that explain the line as well
	Assumes string   `json:"assumes,omitempty"` // what makes the line right
}

// Counterexample is a point at which a line is false.
type Counterexample struct {
	Sizes map[string]int         `json:"sizes"`
	Point map[string][][]float64 `json:"point,omitempty"`
	Row   int                    `json:"row"` // of the entry, from 1
	Col   int                    `json:"col"`
	Claim float64                `json:"claim"`
	Truth float64                `json:"truth"`
	of    string                 // what has the entry, "" if it is the line itself
	shape expr.Shape
}

// where says what differs, as one speaks of a number, a vector or a matrix.
func (c *Counterexample) where() string {
	s := ""
	switch {
	case c.shape.IsScalar():
		s = "it"
		if c.of != "" {
			return c.of
		}
	case c.shape.IsCol():
		s = fmt.Sprintf("entry %d", c.Row)
	case c.shape.IsRow():
		s = fmt.Sprintf("entry %d", c.Col)
	default:
		s = fmt.Sprintf("entry (%d, %d)", c.Row, c.Col)
	}
	if c.of != "" {
		s += " of " + c.of
	}
	return s
}

// Line is the report on a definition or claim.
type Line struct {
	Line    int             `json:"line"` // 1-based
	Text    string          `json:"text"`
	Kind    string          `json:"kind"` // definition, gradient, differential, value, …
	Verdict Verdict         `json:"verdict"`
	Reason  string          `json:"reason,omitempty"`
	Mistake *Mistake        `json:"mistake,omitempty"`
	Counter *Counterexample `json:"counterexample,omitempty"`
	Follows int             `json:"follows,omitempty"` // the false line that an inherited one follows from
	chained bool            // its text stands behind the = of a chain
}

// Report is the report on a derivation.
type Report struct {
	Schema   int      `json:"schema"`
	Verdict  string   `json:"verdict"`   // right, wrong, undecided
	FirstBad *int     `json:"first_bad"` // line of the first false claim, null if there is none
	Lines    []Line   `json:"lines"`
	Notes    []string `json:"notes,omitempty"`
	Prose    int      `json:"prose,omitempty"` // lines passed over
	// PassedOver lists the formulas of a document that are no statements.
	PassedOver []PassedOver `json:"passed_over,omitempty"`
	document   bool
	held       string   // the note on what is held constant, "" if nothing is
	source     []string // the derivation as typed, nil of a document
	Hint       bool     `json:"-"`
}

func counter(c *verify.Counterexample) *Counterexample {
	if c == nil || math.IsNaN(c.Claim-c.Claim) || math.IsNaN(c.Truth-c.Truth) {
		return nil // JSON has no infinities
	}
	out := &Counterexample{Sizes: c.Sizes, Row: c.Row, Col: c.Col, Claim: c.Claim, Truth: c.Truth, Point: map[string][][]float64{}}
	for name, m := range c.Point {
		if m == nil {
			continue
		}
		rows := make([][]float64, m.R)
		for i := range rows {
			rows[i] = m.Data[i*m.C : (i+1)*m.C]
		}
		out.Point[name] = rows
	}
	return out
}

// conclude sets the verdict on the whole.
func (r *Report) conclude() {
	r.Schema, r.Verdict = 1, "right"
	judged := false
	for i := range r.Lines {
		l := &r.Lines[i]
		if r.document && l.Verdict == NotUnderstood { // passed over
			continue
		}
		judged = true
		switch l.Verdict {
		case Wrong:
			if r.FirstBad == nil {
				n := l.Line
				r.FirstBad = &n
			}
			r.Verdict = "wrong"
		case Inherited:
			r.Verdict = "wrong"
		case Undecided, NotUnderstood:
			if r.Verdict == "right" {
				r.Verdict = "undecided"
			}
		}
	}
	if !judged && r.document {
		r.Verdict = "undecided"
	}
}
