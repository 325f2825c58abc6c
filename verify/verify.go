// Package verify judges results by numbers: gradients by central differences
// of the objective with an error bound for each, a disagreement settled by
// dual numbers; equalities by values with a bound from rounding noise.
//
//	objective, claims ──▶ points in the domain ──▶ differences at h and 2h ─┐
//	                         (sizes distinct)      rounding noise η ────────┼─▶ pass | fail |
//	                                               dual numbers, if in doubt┘   zero | inconclusive
//
// The bound of a difference D(h) is 2·|D(2h) − D(h)| + 2η/h: truncation as the
// change from 2h to h shows it, and rounding as the spread η of the objective
// shows it when every node is off by ±2 ulp. There is no fixed tolerance, so
// an objective scaled by 1e-6 or 1e6 is judged alike. Neither oracle shares
// code with the symbolic rules. Everything is deterministic for a seed.
package verify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Step is ε^(1/3), the step of the differences relative to an entry.
var Step = math.Cbrt(0x1p-52)

const (
	// MinPoints is the number of points a verdict needs.
	MinPoints = 7
	// DefaultWork limits the work of a verification, in floating-point
	// operations; beyond it entries are sampled.
	DefaultWork = 2e7
	// maxEntries limits the entries of one node at the points drawn.
	maxEntries = 1 << 22
)

// Symmetric is the meaning of a gradient by a symmetric variable.
type Symmetric uint8

// The conventions, G being the gradient with free entries.
const (
	Half Symmetric = iota // (G + Gᵀ)/2
	Free                  // G
	Book                  // G + Gᵀ − G∘I
)

// Claim says that Node is the gradient of the objective by Wrt. Where the
// objective is not a scalar, Node is its pullback and contains the adjoint of
// the objective as a variable.
type Claim struct {
	Wrt  *expr.Var
	Node *expr.Node
}

// Options of a verification; the zero value is the default.
type Options struct {
	Seed      int64     // 0 for 1
	Points    int       // at least MinPoints
	Symmetric Symmetric // of gradients by symmetric variables
	Work      float64   // 0 for DefaultWork
	// Manifold lets a gradient by an orthogonal variable pass that holds only
	// along the orthogonal matrices, as it does if their property was used
	// before differentiating. Otherwise all entries are free.
	Manifold bool
	Sizes    map[string]int      // fixed values of size symbols
	At       map[string]*num.Mat // fixed values of variables
	// Moving names the variables whose differentials are not zero in an
	// equality of differentials. Nil: those whose differential occurs in it,
	// or all that are neither const nor binary data, if none occurs.
	Moving []string
}

func (o Options) filled() Options {
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Points < MinPoints {
		o.Points = MinPoints
	}
	if o.Work <= 0 {
		o.Work = DefaultWork
	}
	return o
}

// Verdict is a judgement.
type Verdict uint8

// The verdicts on a gradient. Zero is right as well: gradient and differences
// are both zero within noise.
const (
	Inconclusive Verdict = iota
	Pass
	Fail
	Zero
)

var verdictNames = [...]string{"inconclusive", "pass", "fail", "zero"}

// String names the verdict.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict %d", uint8(v))
}

// Right tells whether the verdict confirms the claim.
func (v Verdict) Right() bool { return v == Pass || v == Zero }

// MarshalText implements encoding.TextMarshaler.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Variable is the judgement on the gradient by one variable.
type Variable struct {
	Wrt         string          `json:"wrt"`
	Claim       string          `json:"claim,omitempty"` // as typed; empty for a derived gradient
	Points      int             `json:"points"`          // points that decided
	Checks      int             `json:"checks"`          // differences taken
	MaxRelError float64         `json:"max_rel_error"`   // largest error, relative to the largest entry at its point
	Bound       float64         `json:"bound"`           // largest bound of an error, likewise
	Verdict     Verdict         `json:"verdict"`
	Reason      string          `json:"reason,omitempty"`
	Counter     *Counterexample `json:"counterexample,omitempty"`
}

// Counterexample is a point at which a claim is false.
type Counterexample struct {
	Sizes map[string]int      `json:"sizes"`
	Point map[string]*num.Mat `json:"-"`
	Row   int                 `json:"row"` // of the entry, from 1; 0 for a direction
	Col   int                 `json:"col"`
	Claim float64             `json:"claim"` // what the claim says
	Truth float64             `json:"truth"` // what is
}

// String prints the entry and both values.
func (c *Counterexample) String() string {
	where := "along a direction"
	if c.Row > 0 {
		where = fmt.Sprintf("entry (%d, %d)", c.Row, c.Col)
	}
	// As many digits as tell the two apart.
	for digits := 6; ; digits += 3 {
		is, should := strconv.FormatFloat(c.Claim, 'g', digits, 64), strconv.FormatFloat(c.Truth, 'g', digits, 64)
		if is != should || digits >= 17 {
			return where + " is " + is + " where it should be " + should
		}
	}
}

// Report is the outcome of a verification.
type Report struct {
	Step      float64        `json:"step"`
	Points    int            `json:"points"`
	Seed      int64          `json:"seed"`
	Sizes     map[string]int `json:"sizes"` // of the first point
	Variables []Variable     `json:"gradients"`
}

// NewReport returns a report without judgements on a verification with opt.
func NewReport(opt Options) *Report {
	opt = opt.filled()
	return &Report{Step: Step, Points: opt.Points, Seed: opt.Seed, Sizes: map[string]int{}}
}

// Right tells whether every gradient was confirmed.
func (r *Report) Right() bool {
	for _, v := range r.Variables {
		if !v.Verdict.Right() {
			return false
		}
	}
	return true
}

// Failed returns the first gradient that is wrong, nil if none is.
func (r *Report) Failed() *Variable {
	for i := range r.Variables {
		if r.Variables[i].Verdict == Fail {
			return &r.Variables[i]
		}
	}
	return nil
}

// Of returns the judgement on the gradient by the variable of that name.
func (r *Report) Of(name string) *Variable {
	for i := range r.Variables {
		if r.Variables[i].Wrt == name {
			return &r.Variables[i]
		}
	}
	return nil
}

// Gradients judges each claim about the gradient of prog's objective, in the
// order given. It returns an error if the input cannot be judged at all: no
// objective, or a claim whose shape is not that of its variable. That no point
// was found, or that ctx ended, is a verdict: inconclusive, with the reason.
//
// By a symmetric variable the differences are taken along symmetric
// directions, and the gradient must itself be symmetric (see Symmetric); by a
// diagonal one along the diagonal. All other variables move freely in every
// entry, data and orthogonal ones too: a result may use their property in its
// value, at the points drawn, but not before differentiating by them. With
// Options.Manifold a claim about an orthogonal variable that fails so but
// holds along the tangents of the orthogonal matrices passes, and the reason
// says that it used the property.
func Gradients(ctx context.Context, prog *expr.Program, claims []Claim, opt Options) (*Report, error) {
	opt = opt.filled()
	if prog == nil || prog.Objective.Node == nil {
		return nil, errors.New("there is no objective to verify against")
	}
	for _, c := range claims {
		if c.Wrt == nil || c.Node == nil {
			return nil, errors.New("a claim lacks its variable or its gradient")
		}
		if c.Node.Shape != c.Wrt.Shape {
			return nil, fmt.Errorf("the gradient by %s is %v, the variable %v", c.Wrt.Name, c.Node.Shape, c.Wrt.Shape)
		}
	}
	rep := NewReport(opt)
	g, err := newGradients(prog, claims, opt)
	if err != nil {
		return nil, err
	}
	g.run(ctx, rep)
	return rep, nil
}

// sentence turns an error into a reason.
func sentence(err error) string {
	s := err.Error()
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "time ran out"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return strings.TrimSuffix(s, ".")
}
