package codegen

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// adjugate is adj of the table, computed without an inverse: it has a value where
// the matrix is singular, too.
var adjugate = func() *rules.Func {
	f := *rules.Must("adj")
	f.Name, f.Text, f.Go, f.NumPy, f.Def = "adjugate", "adj($1)", "adjugate", "_adj($1)", nil
	f.NumPyFunc = `def _adj(x):
    u, s, v = np.linalg.svd(x)
    p = np.concatenate(([1.0], s, [1.0]))
    others = np.cumprod(p[:-2])*np.cumprod(p[:1:-1])[::-1]
    return np.linalg.det(u)*np.linalg.det(v)*(v.T*others) @ u.T
`
	return &f
}()

// cofactors writes det(X)·inv(X), the gradient of the determinant, as the adjugate
// of X, also inside a product or a trace: det(X) tr(A inv(X)) is tr(A adj(X)).
// factors are those of n, scalars but for one at most. nil if n is no such thing,
// and where X is never singular.
func (s *stabiliser) cofactors(n *expr.Node, factors []*expr.Node) *expr.Node {
	for i, f := range factors {
		x, rest := s.determinant(f)
		if x == nil || x.Props.Has(expr.SPD) {
			continue
		}
		for j, g := range factors {
			if i == j {
				continue
			}
			m := s.adjugated(g, x)
			if m == nil {
				continue
			}
			fs := append([]*expr.Node(nil), factors...)
			fs[i], fs[j] = rest, m
			last := len(fs) - 1
			if n.Op == expr.OpScale {
				return s.b.Scale(s.b.Had(fs[:last]...), fs[last])
			}
			return s.b.Had(fs...)
		}
	}
	return nil
}

// scalarFactors lists the factors of a scalar.
func scalarFactors(c *expr.Node) []*expr.Node {
	if c.Op == expr.OpHad {
		return append([]*expr.Node(nil), c.Args...)
	}
	return []*expr.Node{c}
}

// determinant returns X and det(X)^(k-1) of det(X)^k, k ≥ 1; nil if f is none.
func (s *stabiliser) determinant(f *expr.Node) (x, rest *expr.Node) {
	k := 1
	f = see(f)
	if f.Op == expr.OpPow {
		var whole bool
		if k, whole = f.Args[1].Int(); !whole {
			return nil, nil
		}
		f = see(f.Args[0])
	}
	if k < 1 || !f.IsCall("det") || f.Args[0].IsScalar() {
		return nil, nil
	}
	return see(f.Args[0]), s.b.Pow(f, s.b.Int(int64(k-1)))
}

// adjugated returns n with one factor inv(x) replaced by the adjugate of x, nil if
// it has none.
func (s *stabiliser) adjugated(n, x *expr.Node) *expr.Node {
	switch n = see(n); {
	case n.IsCall("inv") && see(n.Args[0]) == x:
		return s.b.MustCall(adjugate, x)
	case n.Op == expr.OpT:
		if m := s.adjugated(n.Args[0], x); m != nil {
			return s.b.T(m)
		}
	case n.IsCall("tr"):
		if m := s.adjugated(n.Args[0], x); m != nil {
			return s.call("tr", m)
		}
	case n.Op == expr.OpScale, n.Op == expr.OpMul:
		for i, a := range n.Args {
			if m := s.adjugated(a, x); m != nil {
				args := append([]*expr.Node(nil), n.Args...)
				args[i] = m
				return s.b.With(n, args)
			}
		}
	}
	return nil
}
