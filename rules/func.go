// Package rules is the table of functions: one literal, in one file per
// family, holds everything that matdiff knows of a function.
//
//	Func ─┬─▶ infer     spellings, shapes, properties
//	      ├─▶ derive    differential and adjoint identity, in matdiff's own language
//	      ├─▶ simplify  definition by simpler functions, identities
//	      ├─▶ render    text and LaTeX forms
//	      ├─▶ eval      float64 and dual kernels; verify: domain and sampler
//	      └─▶ codegen   Go and NumPy code
//
// Adding a function adds one entry and touches nothing else: no stage has a
// switch on function names.
package rules

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Func is a function of the language. It implements expr.Fn.
type Func struct {
	Name      string   // canonical ASCII name: "logdet"
	Spellings []string // other accepted names: "σ" for sigmoid
	Family    string   // elementwise, comparison, matrix, reduction, row, loss
	Doc       string   // one sentence
	Params    []Param

	// Elementwise functions apply to each entry of their first operand; all
	// Matrix parameters have equal shapes after broadcasting.
	Elementwise bool

	// Shape gives the result's shape, or an error that says what is wrong in
	// the user's words. Nil for elementwise: the shape of the first operand.
	Shape func(args []expr.Shape) (expr.Shape, error)
	// Props gives the properties of the result; nil for none.
	Props func(args []*expr.Node) expr.Props

	// Result is the name by which D refers to the value of the call itself.
	Result string
	// D is the differential, linear in the differentials of the parameters,
	// in matdiff's own language: parameter X has the differential dX. The
	// first case whose When accepts the shapes counts. D "0" means that the
	// function is locally constant; an empty D list that it has no derivative
	// here (an error that says so by name, with NoD as the reason).
	D   []Case
	NoD string
	// Adjoint is, for a function linear in its last parameter (call it L), the
	// matrix f*(G) with tr(Gᵀ f(L)) = tr(f*(G)ᵀ L), written with G, the other
	// parameters and L's shape only. It is an identity of the isolation step.
	Adjoint []Case
	// Def writes the function by simpler ones (mean(X) = sum(X)/count);
	// simplify works on the definition. Empty for primitives.
	Def []Case

	// Text and LaTeX are forms with $1, $2 for the operands, e.g. "‖$1‖₁",
	// `\det $1`; empty for the plain call f(x). ASCII always prints Name(…).
	Text, LaTeX string

	// F and DF are value and derivative of a one-operand elementwise function
	// (with further scalar parameters in p), DF written independently of D.
	F, DF func(x float64, p ...float64) float64
	// Eval and Dual are the kernels of all others.
	Eval func(args ...*num.Mat) (*num.Mat, error)
	Dual func(args ...*num.Dual) (*num.Dual, error)

	Domain Domain

	// Go and NumPy hold code; see codegen for the forms.
	Go, NumPy string

	Identities []Identity
	Ref        string   // "Matrix Cookbook 2012, eq. 46"
	Examples   []string // programs whose gradient shows the rule
}

// Param is a parameter of a function.
type Param struct {
	Name string
	Kind Kind
}

// Kind restricts the shape of an operand.
type Kind uint8

// The kinds of operand.
const (
	Matrix  Kind = iota // any shape
	Square              // n×n, scalars included
	Vector              // column or row
	Number              // a scalar; for elementwise functions not broadcast
	SizeArg             // a size: ones(n), eye(n)
)

// Case is one form of a rule, by shape.
type Case struct {
	When func(args []expr.Shape) bool // nil: always
	Src  string
}

// Identity is an equation between two expressions in the parameters.
type Identity struct {
	Name        string
	Left, Right string
	Declare     string // declarations of the names used: "X: n×n spd"
}

// Domain says where a function of real entries is defined and smooth.
type Domain struct {
	Text string // "X > 0", "X square, invertible"; empty for everywhere
	// In tells whether the operands are inside, well away from the edge.
	In func(args ...*num.Mat) bool
	// Sampler names how to draw an operand that is a variable: "", "positive",
	// "unit" (0,1), "spd", "nonzero", "small".
	Sampler string
	// Kinks lists entries where an elementwise function is not differentiable.
	Kinks []float64
}

// FnName implements expr.Fn.
func (f *Func) FnName() string { return f.Name }

// FnShape implements expr.Fn.
func (f *Func) FnShape(args []expr.Shape) (expr.Shape, error) {
	if f.Shape == nil {
		return args[0], nil
	}
	return f.Shape(args)
}

// FnProps implements expr.Fn.
func (f *Func) FnProps(args []*expr.Node) expr.Props {
	if f.Props == nil {
		return 0
	}
	return f.Props(args)
}

// Pick returns the first case that accepts the shapes.
func Pick(cases []Case, args []expr.Shape) (string, bool) {
	for _, c := range cases {
		if c.When == nil || c.When(args) {
			return c.Src, true
		}
	}
	return "", false
}
