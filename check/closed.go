package check

import (
	"slices"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
)

// multiplied multiplies out the squared norms and products of sums: the terms
// of a value as it is written without brackets.
func (c *checker) multiplied(n *Node) *Node {
	b := c.b
	turned := func(u *Node) *Node {
		if u.Op != expr.OpAdd {
			return c.s.T(u)
		}
		terms := make([]*Node, len(u.Args))
		for i, t := range u.Args {
			terms[i] = c.s.T(t)
		}
		return b.Add(terms...)
	}
	switch {
	case n.Op == expr.OpAdd:
		terms := make([]*Node, len(n.Args))
		for i, t := range n.Args {
			terms[i] = c.multiplied(t)
		}
		return b.Add(terms...)
	case n.Op == expr.OpPow && n.Args[0].IsCall("norm") && n.Args[1].IsNum(2, 1) && n.Args[0].Args[0].Shape.IsCol():
		u := n.Args[0].Args[0]
		return c.distributed([]*Node{turned(u), u})
	case n.Op == expr.OpMul:
		factors := make([]*Node, len(n.Args))
		for i, f := range n.Args {
			if factors[i] = f; f.Op == expr.OpT {
				factors[i] = turned(f.Args[0])
			}
		}
		return c.distributed(factors)
	}
	return n
}

// distributed is the sum of the products of the terms of factors.
func (c *checker) distributed(factors []*Node) *Node {
	products := [][]*Node{nil}
	for _, f := range factors {
		terms := []*Node{f}
		if f.Op == expr.OpAdd && len(f.Args)*len(products) <= 16 {
			terms = f.Args
		}
		var next [][]*Node
		for _, p := range products {
			for _, t := range terms {
				next = append(next, append(slices.Clone(p), t))
			}
		}
		products = next
	}
	var out []*Node
	for _, p := range products {
		out = append(out, c.s.Mul(p...))
	}
	return c.b.Add(out...)
}

// closedSides are the two sides of the line in closed form, without symbols
// that stand for the differential of the value.
func (w *namer) closedSides() (l, r *Node) {
	c := w.c
	switch w.cl.Kind {
	case infer.ClaimDifferential:
		if len(w.by) == 0 || w.whole == nil {
			return nil, nil
		}
		d, err := derive.Differential(c.b, w.whole, w.by)
		if err != nil || d.Shape != w.n.Shape {
			return nil, nil
		}
		// The differentials of parts in the line, in closed form too.
		n := w.n
		memo := map[*Node]*Node{}
		for _, m := range expr.Topo(n) {
			if m.Op == expr.OpVar && m.Var.Kind == expr.Differential && m.Var.Of != nil && m.Var.Of.Op != expr.OpVar {
				if p, err := derive.Differential(c.b, m.Var.Of, w.by); err == nil {
					memo[m] = p
				}
			}
		}
		return c.put(d, w.back), c.put(n, memo)
	case infer.ClaimJacobian, infer.ClaimHessian:
		if len(w.by) == 0 || w.whole == nil {
			return nil, nil
		}
		d, err := derive.Differential(c.b, w.whole, w.by)
		if err != nil {
			return nil, nil
		}
		x := c.vec(c.put(d, w.back))
		y := attempt(func() *Node { return c.b.Mul(w.n, c.vec(c.diff(w.by[0]))) })
		if y == nil || x.Shape != y.Shape {
			return nil, nil
		}
		return x, y
	}
	l, r = w.q.sides(w.n)
	if l == nil || r == nil || l.HasD || r.HasD {
		return nil, nil
	}
	return l, r
}

// closed is the right answer in closed form, nil if there is none.
func (w *namer) closed() *Node {
	c := w.c
	switch {
	case w.q.truth != nil && !(w.q.truth.Op == expr.OpVar && w.q.truth.Var.Kind == expr.Adjoint):
		if w.cl.Kind == infer.ClaimValue {
			return w.q.truth
		}
		return c.s.Polish(c.s.Shorten(w.q.truth))
	case w.cl.Kind == infer.ClaimJacobian:
		return w.jacobian()
	case w.cl.Kind == infer.ClaimHessian && len(w.cl.By) > 0:
		by := w.cl.By[len(w.cl.By)-1]
		g, _, err := c.gradient(w.of(), w.cl.By[0])
		if err != nil || !g.Shape.IsCol() || !by.Shape.IsCol() {
			return nil
		}
		v := *w
		v.cl = &infer.Claim{Kind: infer.ClaimJacobian, Of: g, By: []*Node{by}}
		return v.jacobian()
	case w.cl.Kind == infer.ClaimDifferential:
		return w.closedDifferential()
	}
	return nil
}

// closedDifferential is the right differential, by the differentials that the
// line itself writes.
func (w *namer) closedDifferential() *Node {
	c := w.c
	of := w.of()
	if of == nil {
		return nil
	}
	var leaves []*Node
	direct := false
	for _, m := range expr.Topo(w.n) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Differential && m.Var.Of != nil && m.Var.Of != of && !slices.Contains(leaves, m.Var.Of) {
			leaves = append(leaves, m.Var.Of)
			direct = direct || m.Var.Of.Op == expr.OpVar
		}
	}
	slices.SortFunc(leaves, func(x, y *Node) int { return x.ID - y.ID })
	if len(leaves) == 0 {
		leaves = w.leaves()
		direct = true
	}
	if w.cl.Of != nil && of.IsScalar() {
		var terms []*Node
		for _, x := range leaves {
			if g, _, err := c.gradient(of, x); err == nil && !g.IsZero() {
				term := c.inner(c.short(g), c.diff(x))
				if turned := c.short(c.s.T(g)); !g.Shape.R.IsOne() && !g.Shape.C.IsOne() && render.Length(turned) < render.Length(c.b.T(c.short(g))) {
					term = c.b.MustCall(rules.Must("tr"), c.b.Mul(turned, c.diff(x)))
				}
				terms = append(terms, term)
			}
		}
		if len(terms) > 0 {
			return c.b.Add(terms...)
		}
		return nil
	}
	value, memo := of, map[*Node]*Node{}
	var vars []*Node
	for _, x := range leaves {
		y, v := c.opened(value, x)
		if v != x {
			memo[v] = x
			memo[c.diff(v)] = c.diff(x)
		}
		value, vars = y, append(vars, v)
	}
	if !direct {
		for _, v := range c.prog.Vars {
			if slices.Contains(c.moving, v.Name) {
				vars = append(vars, c.b.Var(v))
			}
		}
	}
	if w.cl.Of == nil {
		value = c.inner(c.cotangent(), value)
	}
	d, err := derive.Differential(c.b, value, vars)
	if err != nil || d.IsZero() {
		return nil
	}
	d = c.put(d, memo)
	if s := c.short(d); render.Length(s) < render.Length(d) {
		return s
	}
	return d
}

func (c *checker) short(n *Node) *Node { return c.s.Polish(c.s.Shorten(n)) }
