package codegen

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// Products with a logarithm take their limit where the factor is zero:
// y log p is 0 at y = 0 for every p, and so is its derivative y/p. The three
// functions are of generated code alone, not of the language.
var (
	xlogy = limit("xlogy", `def _xlogy(x, y):
    return np.where(x == 0, 0.0, x*np.log(np.where(x == 0, 1.0, y)))
`)
	xlog1py = limit("xlog1py", `def _xlog1py(x, y):
    return np.where(x == 0, 0.0, x*np.log1p(np.where(x == 0, 0.0, y)))
`)
	xdivy = limit("xdivy", `def _xdivy(x, y):
    return np.where(x == 0, 0.0, x/np.where(x == 0, 1.0, y))
`)
)

func limit(name, source string) *rules.Func {
	return &rules.Func{
		Name: name, Family: "elementwise", Elementwise: true,
		Params: []rules.Param{{Name: "x"}, {Name: "y", Like: "x"}},
		Go:     name, NumPy: "_" + name + "($1, $2)", NumPyFunc: source,
	}
}

// limits rewrites y∘log(p) and y'log(p), and notes the pair; y∘(1/p) of a noted
// pair is its derivative. nil if n is neither.
func (s *stabiliser) limits(n *expr.Node) *expr.Node {
	switch n.Op {
	case expr.OpHad:
		if n.IsScalar() {
			return nil
		}
		for i, a := range n.Args {
			rest := append(append([]*expr.Node(nil), n.Args[:i]...), n.Args[i+1:]...)
			switch y := s.b.Had(rest...); {
			case y.Shape != n.Shape:
			case a.IsCall("log") || a.IsCall("log1p"):
				return s.logTimes(y, a)
			case a.Op == expr.OpPow && a.Args[1].IsNum(-1, 1):
				if s.logged[[2]*expr.Node{y, a.Args[0]}] {
					return s.b.MustCall(xdivy, y, a.Args[0])
				}
				if m := s.apart(y, a.Args[0]); m != nil {
					return m
				}
			}
		}
	case expr.OpMul:
		if !n.IsScalar() || len(n.Args) != 2 {
			return nil
		}
		y, a := s.b.T(n.Args[0]), n.Args[1]
		if b := s.b.T(n.Args[0]); b.IsCall("log") || b.IsCall("log1p") {
			y, a = n.Args[1], b
		}
		if (a.IsCall("log") || a.IsCall("log1p")) && !ones(y) && y.Shape == a.Shape {
			return s.call("sum", s.logTimes(y, a))
		}
	}
	return nil
}

// apart writes (1 - u/v)/q, q = 1 - v, as (1 - u)/q - u/v where both are
// derivatives of logarithms, so that each takes its limit.
func (s *stabiliser) apart(y, q *expr.Node) *expr.Node {
	if y.Op != expr.OpAdd || len(y.Args) != 2 {
		return nil
	}
	for i, a := range y.Args {
		d := s.negated(y.Args[1-i])
		if d == nil || !allOnes(a) || d.Op != expr.OpCall || d.Fn != xdivy {
			continue
		}
		u := s.canon.one(s.b.Add(a, s.b.Neg(d.Args[0])))
		if v := s.canon.one(s.b.Add(a, s.b.Neg(d.Args[1]))); v == q && s.logged[[2]*expr.Node{u, q}] {
			return s.b.Sub(s.b.MustCall(xdivy, u, q), d)
		}
	}
	return nil
}

// logTimes is y∘log(p) or y∘log1p(p).
func (s *stabiliser) logTimes(y, l *expr.Node) *expr.Node {
	p, f := l.Args[0], xlogy
	if l.IsCall("log1p") {
		f = xlog1py
		s.logged[[2]*expr.Node{y, s.canon.one(s.b.Add(s.b.Ones(p.Shape), p))}] = true
	}
	s.logged[[2]*expr.Node{y, p}] = true
	return s.b.MustCall(f, y, p)
}
