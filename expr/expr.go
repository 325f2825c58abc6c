// Package expr holds expressions: an interned, immutable, shaped DAG.
//
//	ast ──infer──▶ expr ──derive, simplify──▶ expr ──▶ render, codegen, eval
//
// Equal expressions of one Builder are one *Node, so equality is == and
// sharing is free. Sizes are symbolic (Dim). Broadcasting is explicit: the
// operands of Add and Had have equal shapes. A 1×1 expression is a scalar.
//
// What is written many ways is held one way:
//
//	a - b      Add(a, Scale(-1, b))         (scalars: Had(-1, b))
//	a / s      Scale(Pow(s, -1), a)
//	a ./ b     Had(a, Pow(b, -1))
//	c*X        Scale(c, X), c scalar, X not
//	s*t        Had(s, t), both scalar
//	A \ b      Mul(inv(A), b)
//	X^3        Mul(X, X, X)
//	X .^ k     Pow(X, k)                    (scalars too)
//	XW + b     Add(Mul(X, W), Mul(Ones(N,1), b))
//
// Sums and products are flat, but for long ones that are operands again: a
// network of a thousand layers H = H + f(H) has as many short sums, not one of
// two, one of three, … and one of a thousand terms (Builder.Keep).
package expr

import (
	"math/big"
	"strconv"
)

// Op is the kind of a node.
type Op uint8

// The operators of the DAG. Everything else is a Call of a function of rules.
const (
	OpNum   Op = iota // exact rational number, Num
	OpSize            // a size as a scalar, Dim
	OpVar             // a variable, Var
	OpOnes            // all-ones matrix or vector
	OpZeros           // all-zeros matrix or vector (the scalar zero is a Num)
	OpEye             // identity matrix
	OpAdd             // n-ary sum, equal shapes
	OpScale           // Args[0] scalar, Args[1] not
	OpMul             // n-ary matrix product, no scalar factor, shapes chain
	OpHad             // n-ary elementwise product, equal shapes
	OpPow             // Args[0] elementwise to the scalar power Args[1]
	OpT               // transpose
	OpCall            // function Fn of Args
)

var opNames = [...]string{"num", "size", "var", "ones", "zeros", "eye", "add", "scale", "mul", "had", "pow", "t", "call"}

// String names the operator.
func (o Op) String() string { return opNames[o] }

// VarKind tells what a variable stands for.
type VarKind uint8

// The kinds of variable.
const (
	Input        VarKind = iota // a free variable of the program
	Differential                // dX, the differential of Of
	Adjoint                     // ∂Q/∂Z as a symbol, Of is Z
	Hole                        // argument of a rule's template
	Part                        // a named part (let); Of is what it names
)

// Var is a variable. Its shape and properties do not change once a node
// refers to it.
type Var struct {
	Name     string // as typed
	Kind     VarKind
	Shape    Shape
	Props    Props // declared properties
	Of       *Node // Differential, Adjoint, Part
	Inferred bool  // shape was inferred, not declared
	Const    bool  // declared const: never differentiated
}

// Fn is a function of a Call; rules.Func implements it.
type Fn interface {
	FnName() string
	FnShape(args []Shape) (Shape, error)
	FnProps(args []*Node) Props
}

// Node is an expression. Do not change one: it is shared.
type Node struct {
	Op    Op
	HasD  bool // contains a differential (a Var of kind Differential)
	Kept  bool // a sum or product that stays one operand; see Builder.Keep
	Props Props
	Args  []*Node
	Num   *big.Rat // OpNum
	Dim   Dim      // OpSize
	Var   *Var     // OpVar
	Fn    Fn       // OpCall
	Shape Shape
	ID    int // order of creation within the Builder; Args have smaller IDs
}

// IsScalar tells whether n is 1×1.
func (n *Node) IsScalar() bool {
	s := &n.Shape
	return s.R.K == 1 && s.C.K == 1 && s.R.Sym == "" && s.C.Sym == ""
}

// IsNum tells whether n is the number p/q.
func (n *Node) IsNum(p, q int64) bool {
	switch {
	case n.Op != OpNum:
		return false
	case q == 1:
		return isInt(n.Num, p)
	}
	return n.Num.Cmp(big.NewRat(p, q)) == 0
}

// IsZero tells whether n is the number 0 or a zero matrix.
func (n *Node) IsZero() bool {
	return n.Op == OpZeros || n.Op == OpNum && n.Num.Sign() == 0
}

// IsOne tells whether n is the number 1.
func (n *Node) IsOne() bool {
	return n.Op == OpNum && isInt(n.Num, 1)
}

// IsCall tells whether n calls the function named f.
func (n *Node) IsCall(f string) bool { return n.Op == OpCall && n.Fn.FnName() == f }

// Int returns the value of a whole Num that fits an int.
func (n *Node) Int() (int, bool) {
	if n.Op != OpNum || !n.Num.IsInt() || !n.Num.Num().IsInt64() {
		return 0, false
	}
	v := n.Num.Num().Int64()
	return int(v), int64(int(v)) == v
}

// Def is a name that the program defines.
type Def struct {
	Name string
	Node *Node
	Line int // 1-based line of the source, 0 if it has none

	// Part stands for the value, and Open is Node with earlier definitions as
	// their parts: what r is in Q = sum(r + b) once r = A x − b is written out
	// and −b + b is gone. Both are nil for a definition that has none before it
	// and none after.
	Part, Open *Node
}

// Opened returns the value of a definition as written in terms of another one,
// and the variable that stands for that one in it. Both are nil if either is
// no definition.
func (p *Program) Opened(of, by *Node) (value, part *Node) {
	memo := make(map[*Node]*Node)
	for _, d := range p.Defs {
		switch {
		case d.Open == nil || d.Part == nil:
			return nil, nil
		case d.Node == of && part != nil:
			return p.B.Subst(d.Open, memo), part
		case (d.Node == by || d.Part == by) && part == nil:
			part = d.Part
			continue // stays
		}
		memo[d.Part] = p.B.Subst(d.Open, memo)
	}
	return nil, nil
}

// Map is a function that a program applies and does not define: f: R^n → R^m.
type Map struct {
	Name     string
	From     []Shape
	To       Shape
	Inferred bool
}

// Program is what infer understood of a text.
type Program struct {
	B      *Builder
	Source string
	Vars   []*Var // free variables, declared ones first, then in order of use
	Sizes  []string
	Defs   []Def // definitions in order; the objective is the last
	// Objective is what is differentiated; its Name is "" for a bare expression.
	Objective Def
	Maps      []Map    // the functions that the program applies and does not define
	Notes     []string // what was understood: splits, shapes, broadcasts
	// Typed tells, for printers, nodes that were given a name.
}

// VarNamed returns the free variable of that name, nil if there is none.
func (p *Program) VarNamed(name string) *Var {
	for _, v := range p.Vars {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Taken returns the names that the program uses: variables, definitions, sizes.
func (p *Program) Taken() map[string]bool {
	m := make(map[string]bool)
	for _, v := range p.Vars {
		m[v.Name] = true
	}
	for _, d := range p.Defs {
		m[d.Name] = true
	}
	for _, s := range p.Sizes {
		m[s] = true
	}
	m[p.Objective.Name] = true
	return m
}

// Of returns the name of the scalar that is differentiated: the objective's own
// or, where it has none or is no scalar itself, Q or the next free letter.
func (p *Program) Of() string {
	if p.Objective.Name != "" && p.Objective.Node.IsScalar() {
		return p.Objective.Name
	}
	taken := p.Taken()
	for _, name := range []string{"Q", "L", "J", "F", "E"} {
		if !taken[name] {
			return name
		}
	}
	for i := 1; ; i++ {
		if name := "Q_" + strconv.Itoa(i); !taken[name] {
			return name
		}
	}
}
