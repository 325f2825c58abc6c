package check

import (
	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
)

// jacobian is the closed form of a Jacobian of vectors, read off from their
// pullback J' G. It is nil where the pullback is no such product.
func (w *namer) jacobian() *Node {
	c, of, by := w.c, w.of(), w.cl.By[0]
	if !isInput(by) {
		return nil
	}
	p := *c.prog
	p.Objective, p.Vars, p.Defs = expr.Def{Name: "Y", Node: of}, []*expr.Var{by.Var}, nil
	res, err := derive.Derive(&p, derive.Options{Wrt: []string{by.Var.Name}})
	if err != nil || res.Adjoint == nil {
		return nil
	}
	m := c.matrixOf(res.Grads[0].Full, res.Adjoint)
	if m == nil {
		return nil
	}
	// The terms as read off, or the normal form, whichever is shorter.
	terms := []*Node{m}
	if m.Op == expr.OpAdd {
		terms = append([]*Node(nil), m.Args...)
	}
	for i, t := range terms {
		k := c.b.Int(1)
		if t.Op == expr.OpScale {
			k, t = t.Args[0], t.Args[1]
		}
		if t.Op == expr.OpMul {
			fs := make([]*Node, len(t.Args))
			for j, f := range t.Args {
				fs[len(fs)-1-j] = c.transposed(f)
			}
			t = c.b.Mul(fs...)
		} else {
			t = c.transposed(t)
		}
		terms[i] = c.b.Scale(k, t)
	}
	plain, normal := c.b.Add(terms...), c.s.Normal(c.b.T(m))
	if short := c.s.Shorten(normal); short.Op != expr.OpHad && render.Length(short) < render.Length(plain) {
		return short
	}
	if render.Length(plain) <= render.Length(normal)+4 {
		return plain
	}
	return normal
}

// matrixOf returns M with n = M g for a column n that is linear in g, nil if
// it finds none.
func (c *checker) matrixOf(n, g *Node) *Node {
	b := c.b
	holds := func(x *Node) bool {
		for _, m := range expr.Topo(x) {
			if m == g {
				return true
			}
		}
		return false
	}
	switch {
	case n == g:
		return b.Eye(g.Shape.R)
	case !holds(n):
		return nil
	}
	switch n.Op {
	case expr.OpAdd:
		var out []*Node
		for _, a := range n.Args {
			m := c.matrixOf(a, g)
			if m == nil {
				return nil
			}
			out = append(out, m)
		}
		return b.Add(out...)
	case expr.OpScale:
		if !holds(n.Args[0]) {
			if m := c.matrixOf(n.Args[1], g); m != nil {
				return b.Scale(n.Args[0], m)
			}
			return nil
		}
		if holds(n.Args[1]) {
			return nil
		}
		if m := c.matrixOf(n.Args[0], g); m != nil { // s(g) v = v m g, m a row
			return b.Mul(n.Args[1], m)
		}
	case expr.OpMul:
		last := n.Args[len(n.Args)-1]
		if first := n.Args[0]; n.IsScalar() && holds(first) {
			// f u with f a row that holds g: u' f'.
			rest := b.Mul(n.Args[1:]...)
			if holds(rest) || !first.Shape.IsRow() {
				return nil
			}
			m := c.matrixOf(b.T(first), g)
			if m == nil || b.T(first) == first {
				return nil
			}
			return b.Mul(b.T(rest), m)
		}
		if n.Shape.C.IsOne() {
			for _, a := range n.Args[:len(n.Args)-1] {
				if holds(a) {
					return nil
				}
			}
			if m := c.matrixOf(last, g); m != nil {
				return attempt(func() *Node { return b.Mul(append(append([]*Node(nil), n.Args[:len(n.Args)-1]...), m)...) })
			}
		}
	case expr.OpHad:
		var rest []*Node
		var m *Node
		for _, a := range n.Args {
			if holds(a) {
				if m != nil {
					return nil
				}
				if m = c.matrixOf(a, g); m == nil {
					return nil
				}
				continue
			}
			rest = append(rest, a)
		}
		if n.IsScalar() {
			return b.Scale(b.Had(rest...), m)
		}
		d := attempt(func() *Node { return b.MustCall(rules.Must("diag"), b.Had(rest...)) })
		if d == nil {
			return nil
		}
		return b.Mul(d, m)
	case expr.OpCall:
		if n.IsCall("sum") && n.Args[0].Shape.IsCol() {
			if m := c.matrixOf(n.Args[0], g); m != nil {
				return b.Mul(b.T(b.Ones(n.Args[0].Shape)), m)
			}
		}
	}
	return nil
}

// transposed is the transpose, nothing of what is symmetric.
func (c *checker) transposed(n *Node) *Node {
	if n.Props.Has(expr.Symmetric) || n.IsCall("diag") && n.Shape.IsSquare() {
		return n
	}
	return c.b.T(n)
}
