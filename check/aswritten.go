package check

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
)

// The normal form of a difference has a sign of its own: b − A x where the text
// has A x − b throughout. A fix is written with the differences of the text.

// asWritten turns the sums of n that are the negatives of sums of the text, or
// have their terms in another order, where that makes n no longer.
func (w *namer) asWritten(n *Node) *Node {
	var sums []*Node
	roots := []*Node{w.n}
	if of := w.of(); of != nil {
		roots = append(roots, of)
	}
	for _, d := range w.c.prog.Defs {
		if d.Node != nil && len(sums) < 40 {
			roots = append(roots, d.Node)
		}
	}
	for _, m := range expr.Topo(roots...) {
		if m.Op == expr.OpAdd && len(m.Args) <= 8 {
			sums = append(sums, m)
		}
	}
	if len(sums) == 0 || len(sums) > 60 {
		return n
	}
	t := &turner{b: w.c.b, sums: sums, memo: map[*Node]turned{}}
	r := t.turn(n)
	out := r.n
	if r.neg {
		out = w.c.b.Neg(out)
	}
	if out.Shape == n.Shape && render.Length(out) <= render.Length(n) {
		return out
	}
	// Only where no sign shows.
	memo := map[*Node]*Node{}
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpCall && len(m.Args) == 1 && even(m) {
			if r := t.turn(m.Args[0]); r.n != m.Args[0] {
				memo[m] = w.c.b.With(m, []*Node{r.n})
			}
		}
	}
	return w.c.put(n, memo)
}

// even tells a function that is the same of u and −u.
func even(n *Node) bool { return n.IsCall("norm") || n.IsCall("norm1") || n.IsCall("abs") }

// turner writes expressions by the sums of a text.
type turner struct {
	b    *expr.Builder
	sums []*Node
	memo map[*Node]turned
}

// turned is an expression, or its negative.
type turned struct {
	n   *Node
	neg bool
}

func (t *turner) turn(n *Node) turned {
	if len(n.Args) == 0 {
		return turned{n: n}
	}
	if r, ok := t.memo[n]; ok {
		return r
	}
	r := t.node(n)
	t.memo[n] = r
	return r
}

func (t *turner) node(n *Node) turned {
	b := t.b
	if n.Op == expr.OpAdd {
		for _, s := range t.sums {
			if sameTerms(n.Args, s.Args, func(x *Node) *Node { return x }) {
				return turned{n: s}
			}
		}
		for _, s := range t.sums {
			if sameTerms(n.Args, s.Args, b.Neg) {
				return turned{s, true}
			}
		}
	}
	args, neg := make([]*Node, len(n.Args)), make([]bool, len(n.Args))
	for i, a := range n.Args {
		r := t.turn(a)
		args[i], neg[i] = r.n, r.neg
	}
	// whole makes the operands what they are.
	whole := func() turned {
		for i := range args {
			if neg[i] {
				args[i] = b.Neg(args[i])
			}
		}
		return turned{n: b.With(n, args)}
	}
	odd := false
	for _, s := range neg {
		odd = odd != s
	}
	switch {
	case !slices.Contains(neg, true):
		return turned{n: b.With(n, args)}
	case n.Op == expr.OpMul || n.Op == expr.OpHad || n.Op == expr.OpScale || n.Op == expr.OpT:
		return turned{b.With(n, args), odd}
	case n.Op == expr.OpPow && !neg[1] && args[1].Op == expr.OpNum && args[1].Num.IsInt():
		return turned{b.With(n, args), args[1].Num.Num().Bit(0) == 1}
	case n.Op == expr.OpCall && len(args) == 1:
		if even(n) {
			return turned{n: b.With(n, args)}
		}
		switch n.Fn.FnName() {
		case "tr", "sum", "rowsum", "colsum", "mean", "diag":
			return turned{b.With(n, args), true}
		}
	case n.Op == expr.OpAdd:
		// A term that is turned carries its sign.
		return whole()
	}
	return whole()
}

// sameTerms tells whether the terms x are those of y, each under f, in any
// order.
func sameTerms(x, y []*Node, f func(*Node) *Node) bool {
	if len(x) != len(y) {
		return false
	}
	left := slices.Clone(x)
	for _, a := range y {
		i := slices.Index(left, f(a))
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}
