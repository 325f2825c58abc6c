package codegen

import (
	"fmt"
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

// lowerer turns an expression DAG into a graph, each node once.
type lowerer struct {
	g      *graph
	memo   map[*expr.Node]ref
	chains map[string]ref // products of factor sequences already there
	sizes  func(expr.Dim) float64
	expand func(*expr.Node) (*expr.Node, bool) // writes a call by simpler functions
	err    error
}

func newLowerer(expand func(*expr.Node) (*expr.Node, bool)) *lowerer {
	return &lowerer{g: newGraph(), memo: make(map[*expr.Node]ref), chains: make(map[string]ref), sizes: estimate, expand: expand}
}

// lower returns the operand that holds n. Operands are lowered before their
// users by the order of expr.Topo, so that the depth of n does not matter.
func (l *lowerer) lower(n *expr.Node) (ref, error) {
	l.lowerAll(n)
	return l.memo[n], l.err
}

func (l *lowerer) lowerAll(root *expr.Node) {
	type frame struct {
		n    *expr.Node
		i    int
		args []*expr.Node
	}
	stack := []frame{{n: root, args: l.operands(root)}}
	for len(stack) > 0 && l.err == nil {
		f := &stack[len(stack)-1]
		if _, ok := l.memo[f.n]; ok {
			stack = stack[:len(stack)-1]
			continue
		}
		if f.i < len(f.args) {
			a := f.args[f.i]
			f.i++
			if _, ok := l.memo[a]; !ok {
				stack = append(stack, frame{n: a, args: l.operands(a)})
			}
			continue
		}
		r := l.one(f.n)
		if l.err != nil {
			return
		}
		if r.v.node == nil {
			r.v.node = f.n
		}
		l.memo[f.n] = r
		stack = stack[:len(stack)-1]
	}
}

// operands lists what must be lowered before n. The factors of a product are
// looked at through transposes, diag and inverses, which need no value of
// their own there.
func (l *lowerer) operands(n *expr.Node) []*expr.Node {
	switch {
	case n.Op == expr.OpVar && n.Var.Kind == expr.Part:
		return []*expr.Node{n.Var.Of}
	case n.Op == expr.OpMul:
		var out []*expr.Node
		for _, f := range l.factors(n, false, nil) {
			out = append(out, f.needs())
		}
		return out
	case n.IsCall("tr"):
		if fs := l.traceFactors(n); fs != nil {
			var out []*expr.Node
			for _, f := range fs {
				out = append(out, f.needs())
			}
			return out
		}
	case n.IsCall("logdet"), n.IsCall("det"), n.IsCall("inv"):
		return n.Args
	case n.Op == expr.OpCall:
		if _, ok := lowerings[n.Fn.FnName()]; !ok && !elementwise(n) {
			if e, ok := l.expand(n); ok {
				return []*expr.Node{e}
			}
		}
	}
	return n.Args
}

func (l *lowerer) fail(format string, args ...any) ref {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
	return l.g.int(0)
}

// one lowers n, whose operands are lowered already.
func (l *lowerer) one(n *expr.Node) ref {
	g := l.g
	arg := func(i int) ref { return l.memo[n.Args[i]] }
	switch n.Op {
	case expr.OpNum:
		return g.rat(n.Num)
	case expr.OpSize:
		return g.size(n.Dim)
	case expr.OpVar:
		switch n.Var.Kind {
		case expr.Part:
			r := l.memo[n.Var.Of]
			if r.v.name == "" {
				r.v.name = n.Var.Name
			}
			return r
		case expr.Input:
			return ref{v: g.intern(&val{op: opInput, v: n.Var, shape: n.Shape})}
		}
		return l.fail("no code for the symbol %s", n.Var.Name)
	case expr.OpOnes:
		return g.fill(g.int(1), n.Shape)
	case expr.OpZeros:
		return g.fill(g.int(0), n.Shape)
	case expr.OpEye:
		return ref{v: g.intern(&val{op: opEye, shape: n.Shape})}
	case expr.OpAdd:
		return l.add(n)
	case expr.OpScale:
		return g.mapOp("mul", n.Shape, arg(0), arg(1))
	case expr.OpHad:
		return l.had(n)
	case expr.OpPow:
		if r, ok := l.evenPower(n); ok {
			return r
		}
		return l.pow(n.Shape, arg(0), arg(1), n.Args[1])
	case expr.OpT:
		return arg(0).T()
	case expr.OpMul:
		return l.chain(l.factors(n, false, nil))
	case expr.OpCall:
		name := n.Fn.FnName()
		if f, ok := lowerings[name]; ok {
			return f(l, n)
		}
		if elementwise(n) {
			args := make([]ref, len(n.Args))
			for i := range n.Args {
				args[i] = arg(i)
			}
			return l.elementwise(n, args)
		}
		if e, ok := l.expand(n); ok {
			return l.memo[e]
		}
		return l.fail("no code for the function %s", name)
	}
	return l.fail("no code for %T of kind %v", n, n.Op)
}

// add sums the terms: those of few entries first, so that what is repeated is
// added before it is repeated.
func (l *lowerer) add(n *expr.Node) ref {
	terms := make([]ref, len(n.Args))
	for i, a := range n.Args {
		terms[i] = l.memo[a]
	}
	return l.fold("add", n.Shape, terms)
}

func (l *lowerer) had(n *expr.Node) ref {
	fs := make([]ref, len(n.Args))
	for i, a := range n.Args {
		fs[i] = l.memo[a]
	}
	return l.fold("mul", n.Shape, fs)
}

// fold combines operands by fn: scalars, then columns, then rows, then the
// rest, each group in the order given.
func (l *lowerer) fold(fn string, s expr.Shape, args []ref) ref {
	g := l.g
	var group [4][]ref
	for _, a := range args {
		if in, ok := a.isFill(); ok {
			a = in
		}
		switch as := a.shape(); {
		case as == s:
			group[3] = append(group[3], a)
		case as.IsScalar():
			group[0] = append(group[0], a)
		case as.C.IsOne():
			group[1] = append(group[1], a)
		default:
			group[2] = append(group[2], a)
		}
	}
	var acc ref
	for i := 3; i >= 0; i-- {
		if len(group[i]) == 0 {
			continue
		}
		x := group[i][0]
		for _, y := range group[i][1:] {
			x = g.mapOp(fn, x.shape(), x, y)
		}
		if acc.v == nil {
			acc = x
			continue
		}
		acc = g.mapOp(fn, joint(acc.shape(), x.shape()), acc, x)
	}
	return g.fill(acc, s)
}

// joint is the shape of two operands after repetition.
func joint(a, b expr.Shape) expr.Shape {
	if a.R.IsOne() {
		a.R = b.R
	}
	if a.C.IsOne() {
		a.C = b.C
	}
	return a
}

// pow writes x^e with the cheapest operations.
func (l *lowerer) pow(s expr.Shape, x, e ref, en *expr.Node) ref {
	g := l.g
	if in, ok := x.isFill(); ok {
		return g.fill(l.pow(in.shape(), in, e, en), s)
	}
	if en.Op == expr.OpNum {
		half := new(big.Rat).Mul(en.Num, big.NewRat(2, 1))
		if half.IsInt() && half.Num().IsInt64() {
			if k := half.Num().Int64(); k >= -16 && k <= 16 {
				if k < 0 {
					return g.mapOp("recip", s, l.halfPow(s, x, -k))
				}
				return l.halfPow(s, x, k)
			}
		}
	}
	return g.mapOp("pow", s, x, e)
}

// halfPow returns x^(k/2), 0 ≤ k.
func (l *lowerer) halfPow(s expr.Shape, x ref, k int64) ref {
	g := l.g
	switch {
	case k == 0:
		return g.fill(g.int(1), s)
	case k == 1:
		return g.mapOp("sqrt", s, x)
	case k == 2:
		return x
	case k%2 == 1:
		return g.mapOp("mul", s, l.halfPow(s, x, k-1), g.mapOp("sqrt", s, x))
	case k%4 == 0:
		return g.mapOp("square", s, l.halfPow(s, x, k/2))
	}
	return g.mapOp("mul", s, l.halfPow(s, x, k-2), x)
}
