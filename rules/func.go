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
//
// Two entries may share a name if they take different numbers of operands
// (max of one operand, of two); Resolve tells them apart.
type Func struct {
	Name      string   // canonical ASCII name: "logdet"
	Spellings []string // other accepted names: "σ" for sigmoid
	Family    string   // elementwise, comparison, matrix, reduction, row, loss
	Doc       string   // one sentence
	Params    []Param
	// Out is the shape of the result as a rule that unification can use before
	// the shapes are known.
	Out Out
	// Op, where it is not expr.OpNum, says that the call is that operator of
	// the DAG (ones, zeros, eye) and never becomes an OpCall. Operands of kind
	// SizeArg are its sizes; an operand of kind Number scales it.
	Op expr.Op
	// Helper marks functions that results and rules need but that few would
	// type (dexpm, unvec); printers treat them like any other.
	Helper bool

	// Elementwise functions apply to each entry of their first operand; all
	// Matrix parameters have equal shapes after broadcasting.
	Elementwise bool

	// Shape gives the result's shape where Out does not, or refuses operands,
	// with an error that says what is wrong in the user's words. It is called
	// after the kinds of the parameters have been checked. Nil: Out decides.
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
	// Adjoint is, for a function linear in a parameter L (the last one, or the
	// one that Case.Of names), the matrix f*(G) with tr(Gᵀ f(L)) = tr(f*(G)ᵀ L),
	// written with G, the other parameters and L's shape only. It is an
	// identity of the isolation step. In every formula rows, cols and count are
	// the sizes of the first parameter.
	Adjoint []Case
	// Def writes the function by simpler ones (mean(X) = sum(X)/count);
	// simplify works on the definition. Empty for primitives.
	Def []Case

	// Text, LaTeX and ASCII are forms with $1, $2 for the operands, e.g.
	// "‖$1‖₁"; empty for the plain call Name(x, y). An operand that the form
	// itself delimits (by brackets, bars, braces) needs none of its own. Level
	// is the level of the printed form in the table of package ast, 0 for an
	// atom; operands that the form does not delimit stand at that level, so
	// "$1⁻¹" with ast.LevelPostfix brackets a sum.
	Text, LaTeX, ASCII string
	Level              int

	// F and DF are value and derivative of a one-operand elementwise function
	// (with further scalar parameters in p), DF written independently of D.
	F, DF func(x float64, p ...float64) float64
	// Eval and Dual are the kernels of all others.
	Eval func(args ...*num.Mat) (*num.Mat, error)
	Dual func(args ...*num.Dual) (*num.Dual, error)

	Domain Domain

	// Go and NumPy hold code, numerically stable. With a $ they are scalar
	// (Go) or array (NumPy) expressions in the operands $1, $2, each an atom
	// (bind an operand that occurs twice to a name); without, the name of a
	// function to call. GoFunc and NumPyFunc are the source of a function that
	// they call and that must be written out beside the code. NumPy operands
	// are two-dimensional arrays or numbers; $axis is 0 where the first is a
	// column vector, else 1.
	Go, NumPy         string
	GoFunc, NumPyFunc string

	// Unnamed is set for a function that is not of the table: one that a
	// program applies and does not define.
	Unnamed *Unnamed

	Identities []Identity
	Ref        string   // "Matrix Cookbook 2012, eq. 46"
	Examples   []string // programs whose gradient shows the rule
}

// Param is a parameter of a function.
type Param struct {
	Name string
	Kind Kind
	// Like names another parameter that has the same shape.
	Like string
	// Optional parameters come last; a missing one has the value Default, a
	// formula. Sizes have none: they are inferred.
	Optional bool
	Default  string
	// NoD says why there is no rule for the differential of this parameter;
	// D then leaves it out and is right only where that differential is zero.
	NoD string
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

// Out tells the shape of a result by the shapes of the operands.
type Out uint8

// The shapes of results.
const (
	OutSame    Out = iota // as the first operand
	OutScalar             // 1×1
	OutRows               // n×m gives n×1
	OutCols               // n×m gives 1×m
	OutRowwise            // n×m gives n×1, a column vector gives a scalar
	OutVec                // n×m gives (n·m)×1
	OutDiag               // a vector of n entries gives n×n, n×n gives n×1
	OutOuter              // vectors of n and m entries give n×m
	OutKron               // n×m and p×q give (n·p)×(m·q)
	OutLast               // as the last operand
	OutSizes              // the sizes are operands: n gives n×1 (eye: n×n), n and m give n×m
	OutFreeCol            // a column whose length the context decides
	OutFree               // a matrix whose sizes the context decides
	OutOther              // only Shape tells, once the operands' shapes are known
)

// Case is one form of a rule, by shape.
type Case struct {
	When func(args []expr.Shape) bool // nil: always
	Src  string
	Of   string // Adjoint: the parameter it is for; empty for the last
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
	// In tells whether the operands are inside, well away from the edge; nil
	// for everywhere.
	In func(args ...*num.Mat) bool
	// Sampler names how to draw an operand that is a variable: "", "positive",
	// "unit" (0,1), "symmetric-unit" (-1,1), "spd", "nonzero", "small",
	// "simplex".
	Sampler string
	// Kinks lists entries where an elementwise function is not differentiable.
	Kinks []float64
}

// FnName implements expr.Fn.
func (f *Func) FnName() string { return f.Name }

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

// AdjointFor returns the adjoint identity for the parameter of that index:
// the first case for it that accepts the shapes.
func (f *Func) AdjointFor(param int, args []expr.Shape) (string, bool) {
	for _, c := range f.Adjoint {
		of := len(f.Params) - 1
		if c.Of != "" {
			of = f.paramIndex(c.Of)
		}
		if of == param && (c.When == nil || c.When(args)) {
			return c.Src, true
		}
	}
	return "", false
}

func (f *Func) paramIndex(name string) int {
	for i, p := range f.Params {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// Arity returns the least and the most number of operands.
func (f *Func) Arity() (least, most int) {
	for _, p := range f.Params {
		if !p.Optional {
			least++
		}
	}
	return least, len(f.Params)
}
