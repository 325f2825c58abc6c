package render

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// tree lays out n. Deep expressions are laid out operands first, so that the
// stack does not grow with their depth.
func (p *Printer) tree(n *expr.Node) *tree {
	if t, ok := p.memo[n]; ok {
		return t
	}
	built := func(m *expr.Node) bool { _, ok := p.memo[m]; return ok }
	for _, m := range expr.TopoBelow(built, n) {
		if !built(m) {
			p.memo[m] = p.build(m)
		}
	}
	return p.memo[n]
}

func (p *Printer) build(n *expr.Node) *tree {
	switch n.Op {
	case expr.OpNum:
		t := p.number(new(big.Rat).Abs(n.Num))
		if n.Num.Sign() < 0 {
			t = neg(t)
		}
		return t
	case expr.OpSize:
		return p.dim(n.Dim)
	case expr.OpVar:
		return p.variable(n.Var)
	case expr.OpOnes:
		return p.ones(n.Shape)
	case expr.OpZeros:
		return p.filled("zeros", n.Shape)
	case expr.OpEye:
		if p.style == ASCII || p.taken["I"] {
			return p.plainCall(p.funcName("eye"), p.dim(n.Shape.R))
		}
		return leaf(fName, "I")
	case expr.OpAdd:
		return p.sum(n)
	case expr.OpScale, expr.OpHad, expr.OpPow:
		return p.scaled(n)
	case expr.OpMul:
		return p.chain(n.Args)
	case expr.OpT:
		if n.Args[0].Op == expr.OpOnes {
			return p.ones(n.Shape)
		}
		return p.transpose(p.tree(n.Args[0]))
	case expr.OpCall:
		return p.callNode(n)
	}
	panic(fmt.Sprintf("render: no notation for a node of operator %v (%T)", n.Op, n))
}

func (p *Printer) variable(v *expr.Var) *tree {
	if v.Kind == expr.Adjoint || strings.HasPrefix(v.Name, "∂") {
		return p.derived(adjointName(v, p.style))
	}
	if v.Kind == expr.Differential {
		return leaf(fName, diffName(v, p.style))
	}
	return p.name(v.Name)
}

// derived lays out ∂Q/∂Z.
func (p *Printer) derived(text string) *tree {
	t := leaf(fAdjoint, text)
	t.level = ast.LevelPostfix
	if p.style == ASCII {
		t.level = ast.LevelProduct // read as a quotient beside other factors
	}
	return t
}

func (p *Printer) dim(d expr.Dim) *tree {
	var kids []*tree
	if d.K != 1 || d.Sym == "" {
		kids = append(kids, p.number(big.NewRat(int64(d.K), 1)))
	}
	for _, s := range d.Symbols() {
		kids = append(kids, p.name(s))
	}
	return p.product(len(kids), kids...)
}

// ones is the matrix of ones: 𝟏, 𝟏ᵀ or ones(N, K).
func (p *Printer) ones(s expr.Shape) *tree {
	switch {
	case s.IsCol() && p.style != ASCII:
		return leaf(fOnes, "")
	case s.IsRow():
		return p.transpose(p.ones(s.T()))
	}
	return p.filled("ones", s)
}

func (p *Printer) filled(name string, s expr.Shape) *tree {
	if s.C.IsOne() {
		return p.plainCall(p.funcName(name), p.dim(s.R))
	}
	return p.plainCall(p.funcName(name), p.dim(s.R), p.dim(s.C))
}

func isOnesCol(n *expr.Node) bool { return n.Op == expr.OpOnes && n.Shape.IsCol() }

func isOnesRow(n *expr.Node) bool {
	return n.Shape.IsRow() && (n.Op == expr.OpOnes || n.Op == expr.OpT && n.Args[0].Op == expr.OpOnes)
}

// chain lays out a matrix product. Where it runs through a 1×1 part, as in
// xᵀA y zᵀ, that part stands in front in brackets: (xᵀA y) zᵀ.
func (p *Printer) chain(args []*expr.Node) *tree {
	front, rest := p.pieces(args)
	switch {
	case len(front) == 0:
		return p.product(0, p.factors(rest)...)
	case len(rest) == 0:
		return p.over(front)
	}
	return p.product(len(front), append(front, p.factors(rest)...)...)
}

// pieces splits a product at its 1×1 parts.
func (p *Printer) pieces(args []*expr.Node) (front []*tree, rest []*expr.Node) {
	start := 0
	for i := range args {
		if i+1 < len(args) && !args[i].Shape.C.IsOne() {
			continue
		}
		piece := args[start : i+1]
		start = i + 1
		if isScalarRun(piece) && len(piece) < len(args) {
			front = append(front, p.product(0, p.factors(piece)...))
			continue
		}
		rest = append(rest, piece...)
	}
	return front, rest
}

// factors lays out the factors of a matrix product: sums over rows, columns
// and all entries by name, norms, and powers of repeated factors.
func (p *Printer) factors(args []*expr.Node) []*tree {
	k := len(args)
	switch {
	case k == 1:
		return []*tree{p.tree(args[0])}
	case k == 3 && isOnesRow(args[0]) && isOnesCol(args[2]) && args[1].IsCall("abs"), k == 2 && isOnesRow(args[0]) && args[1].IsCall("abs") && args[1].Shape.IsCol():
		return []*tree{p.call("norm1", p.tree(args[1].Args[0]))}
	case k > 2 && isOnesRow(args[0]) && isOnesCol(args[k-1]):
		return []*tree{p.call("sum", p.chain(args[1:k-1]))}
	case k == 2 && args[1].Shape.IsCol() && args[0].Op == expr.OpT && args[0].Args[0] == args[1] && args[1].Op != expr.OpVar && args[1].Op != expr.OpOnes:
		return []*tree{p.square(p.norm(p.tree(args[1])))}
	}
	if p.sums() {
		if isOnesRow(args[0]) && isScalarRun(args) {
			return []*tree{p.call("sum", p.chain(args[1:]))}
		}
		if isOnesRow(args[0]) && !args[1].Shape.R.IsOne() && !isOnes(args[1]) {
			return append([]*tree{p.along("colsum", "rowsum", args[1])}, p.rest(args[2:])...)
		}
		if x := args[k-2]; isOnesCol(args[k-1]) && !x.Shape.C.IsOne() && !isOnes(x) {
			return append(p.rest(args[:k-2]), p.along("rowsum", "colsum", x))
		}
	}
	return p.rest(args)
}

func isOnes(n *expr.Node) bool { return n.Op == expr.OpOnes || isOnesRow(n) }

// isScalarRun tells whether the product is 1×1.
func isScalarRun(args []*expr.Node) bool {
	return args[0].Shape.R.IsOne() && args[len(args)-1].Shape.C.IsOne()
}

// along is the row or column sum of x; of a transpose it is the other sum.
func (p *Printer) along(name, other string, x *expr.Node) *tree {
	if x.Op == expr.OpT {
		return p.transpose(p.call(other, p.tree(x.Args[0])))
	}
	return p.call(name, p.tree(x))
}

// rest lays out factors one by one, runs of one square factor as a power.
func (p *Printer) rest(args []*expr.Node) []*tree {
	var out []*tree
	for i := 0; i < len(args); {
		j := i + 1
		for j < len(args) && args[j] == args[i] {
			j++
		}
		t := p.tree(args[i])
		if run := j - i; run > 1 {
			e := p.number(big.NewRat(int64(run), 1))
			if t.form == fInv {
				e = neg(e)
				t = t.kids[0]
			}
			t = power(fPow, t, e)
		}
		if t.form == fProd { // a product kept apart, such as rowsum of one
			out = append(out, t.kids...)
		} else {
			out = append(out, t)
		}
		i = j
	}
	return out
}

func (p *Printer) square(t *tree) *tree { return power(fPow, t, p.number(big.NewRat(2, 1))) }

// callNode lays out a function call; inv has an operator, and the sum of
// squares is a norm.
func (p *Printer) callNode(n *expr.Node) *tree {
	if len(n.Args) == 0 {
		return p.function(n.Fn)
	}
	if x := squaredNormOf(n); x != nil {
		return p.square(p.norm(p.tree(x)))
	}
	if n.IsCall("log") && n.Args[0].IsCall("det") {
		return p.call("logdet", p.tree(n.Args[0].Args[0])) // log det A is one notation
	}
	if n.IsCall("inv") && (p.style != ASCII || p.hand.InvMark) {
		if p.style == Text && p.hand.Inv {
			return p.plainCall("inv", p.tree(n.Args[0]))
		}
		return node(fInv, ast.LevelPostfix, 1, p.tree(n.Args[0]))
	}
	if f, ok := n.Fn.(*rules.Func); ok && f.Unnamed != nil {
		return p.unnamed(n, f.Unnamed)
	}
	if f, ok := n.Fn.(*rules.Func); ok && !n.Args[0].IsScalar() && p.bars(f) {
		return p.plainCall(p.funcName(f.Name), p.arguments(n)...)
	}
	return p.function(n.Fn, p.arguments(n)...)
}

// bars tells whether a function prints between single bars, which only a
// scalar may stand between: |A| of a matrix has several meanings.
func (p *Printer) bars(f *rules.Func) bool {
	switch p.style {
	case Text:
		return strings.HasPrefix(f.Text, "|")
	case LaTeX:
		return strings.HasPrefix(f.LaTeX, `\lvert`) || strings.HasPrefix(f.LaTeX, "|")
	}
	return false
}

// squaredNormOf returns X where n is sum(X∘X), tr(XᵀX) or xᵀx, else nil.
func squaredNormOf(n *expr.Node) *expr.Node {
	switch {
	case n.IsCall("sum"):
		a := n.Args[0]
		switch {
		case a.IsScalar():
		case a.Op == expr.OpPow && a.Args[1].IsNum(2, 1):
			return a.Args[0]
		case a.Op == expr.OpHad && len(a.Args) == 2 && a.Args[0] == a.Args[1]:
			return a.Args[0]
		}
	case n.IsCall("tr"):
		if a := n.Args[0]; a.Op == expr.OpMul && len(a.Args) == 2 {
			if a.Args[0].Op == expr.OpT && a.Args[0].Args[0] == a.Args[1] {
				return a.Args[1]
			}
			if a.Args[1].Op == expr.OpT && a.Args[1].Args[0] == a.Args[0] {
				return a.Args[0]
			}
		}
	case n.Op == expr.OpMul && n.IsScalar() && len(n.Args) == 2:
		if n.Args[0].Op == expr.OpT && n.Args[0].Args[0] == n.Args[1] && n.Args[1].Op != expr.OpOnes {
			return n.Args[1]
		}
	}
	return nil
}
