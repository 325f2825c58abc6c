package codegen

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// Products with a logarithm take their limit where the factor is zero:
// y log p is 0 at y = 0 for every p, and so is its derivative y/p. The functions
// are of generated code alone, not of the language.
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
	xtimes = limit("xtimes", `def _xtimes(x, y):
    return np.where(x == 0, 0.0, x*np.where(x == 0, 0.0, y))
`)
	over0 = &rules.Func{
		Name: "over0", Family: "elementwise", Elementwise: true, Params: []rules.Param{{Name: "x"}, {Name: "s", Kind: rules.Number}},
		Go: "over0", NumPy: "_over0($1, $2)", NumPyFunc: `def _over0(x, s):
    return x/s if s != 0 else np.zeros_like(x)
`,
	}
	recip0 = &rules.Func{
		Name: "recip0", Family: "elementwise", Elementwise: true, Params: []rules.Param{{Name: "x"}},
		Go: "recip0", NumPy: "_recip0($1)", NumPyFunc: `def _recip0(x):
    return np.where(x == 0, 0.0, 1/np.where(x == 0, 1.0, x))
`,
	}
)

func limit(name, source string) *rules.Func {
	return &rules.Func{
		Name: name, Family: "elementwise", Elementwise: true,
		Params: []rules.Param{{Name: "x"}, {Name: "y", Like: "x"}},
		Go:     name, NumPy: "_" + name + "($1, $2)", NumPyFunc: source,
	}
}

// limits rewrites y∘log(p) and y'log(p), and notes the pair; y∘(1/p) of a noted
// pair is its derivative. A masked entry of a logsoftmax is -∞, and counts
// nothing where y is 0; r/‖r‖ is 0 where r is. nil if n is none of these.
func (s *stabiliser) limits(n *expr.Node) *expr.Node {
	switch {
	case n.IsCall("adj") && !n.IsScalar():
		return s.b.MustCall(adjugate, n.Args[0])
	case n.Op == expr.OpHad:
		if m := s.cofactors(n, n.Args); m != nil {
			return m
		}
		for i, a := range n.Args {
			switch {
			case a.IsCall("log"), a.IsCall("log1p"), a.IsCall("logsoftmax"):
			case a.Op == expr.OpPow && a.Args[1].IsNum(-1, 1):
			default:
				continue
			}
			consts, y := s.weights(n, i)
			if y == nil || y.Shape != n.Shape {
				continue
			}
			if m := s.limit(y, a); m != nil {
				return s.b.Had(append(consts, m)...)
			}
		}
		return s.directions(n)
	case n.Op == expr.OpScale:
		if m := s.cofactors(n, append(scalarFactors(n.Args[0]), n.Args[1])); m != nil {
			return m
		}
		return s.direction(n)
	case n.Op == expr.OpMul && n.IsScalar() && len(n.Args) == 2:
		y, a := s.b.T(n.Args[0]), n.Args[1]
		if b := s.b.T(n.Args[0]); logarithm(b) {
			y, a = n.Args[1], b
		}
		if logarithm(a) && !ones(y) && y.Shape == a.Shape {
			return s.call("sum", s.logTimes(y, a))
		}
	case n.IsCall("crossentropy"), n.IsCall("KL"):
		s.note(n.Args[0], n.Args[1])
	case n.IsCall("tr"):
		p := see(n.Args[0])
		if p.Op != expr.OpMul || len(p.Args) != 2 {
			return nil
		}
		y, a := s.b.T(p.Args[0]), p.Args[1]
		if b := s.b.T(p.Args[0]); logarithm(b) {
			y, a = p.Args[1], b
		}
		if logarithm(a) {
			return s.call("sum", s.logTimes(y, a))
		}
	}
	return nil
}

func logarithm(n *expr.Node) bool {
	return n.IsCall("log") || n.IsCall("log1p") || n.IsCall("logsoftmax")
}

// weights splits the factors of n but the i-th in those that are never zero,
// numbers and sizes, and the product of the others, nil if there are none.
func (s *stabiliser) weights(n *expr.Node, i int) (consts []*expr.Node, y *expr.Node) {
	var ys []*expr.Node
	for j, f := range n.Args {
		switch {
		case j == i:
		case constant(f):
			consts = append(consts, f)
		default:
			ys = append(ys, f)
		}
	}
	if len(ys) == 0 {
		return consts, nil
	}
	return consts, s.b.Had(ys...)
}

// constant tells whether n is a number or a size, or a power of one.
func constant(n *expr.Node) bool {
	if n.Op == expr.OpPow {
		return constant(n.Args[0]) && constant(n.Args[1])
	}
	return n.Op == expr.OpNum || n.Op == expr.OpSize
}

// limit is y∘a for a logarithm a, or for the derivative a of one that is noted.
func (s *stabiliser) limit(y, a *expr.Node) *expr.Node {
	if logarithm(a) {
		if y.Props.Has(expr.Positive) || y.Op == expr.OpPow && y.Args[1].Op == expr.OpNum && y.Args[1].Num.Sign() < 0 {
			return nil
		}
		return s.logTimes(y, a)
	}
	if s.logged[[2]*expr.Node{y, a.Args[0]}] {
		return s.b.MustCall(xdivy, y, a.Args[0])
	}
	return s.apart(y, a.Args[0])
}

// direction writes e/‖r‖, where e is a product with the factor r, so that it is
// 0 where r is: the subgradient of the norm of least length.
func (s *stabiliser) direction(n *expr.Node) *expr.Node {
	cs := []*expr.Node{n.Args[0]}
	if n.Args[0].Op == expr.OpHad {
		cs = n.Args[0].Args
	}
	e := see(n.Args[1])
	if m := s.negated(e); m != nil {
		cs, e = append(cs[:len(cs):len(cs)], s.b.Int(-1)), see(m)
	}
	for i, c := range cs {
		m := see(c)
		if m.Op != expr.OpPow || !m.Args[1].IsNum(-1, 1) {
			continue
		}
		r := see(m.Args[0])
		if !r.IsCall("norm") || !s.hasFactor(e, r.Args[0]) {
			continue
		}
		rest := append(append([]*expr.Node(nil), cs[:i]...), cs[i+1:]...)
		switch {
		case e == see(r.Args[0]):
			return s.b.Scale(s.b.Had(append(rest, s.b.Rat(1, 1))...), s.b.MustCall(over0, e, m.Args[0]))
		case e.Op == expr.OpMul && see(e.Args[0]) == see(r.Args[0]) && e.Args[0].Shape.C.IsOne() && !e.IsScalar():
			// r xᵀ may overflow where (r/‖r‖) xᵀ does not.
			e = s.b.Mul(append([]*expr.Node{s.b.MustCall(over0, e.Args[0], m.Args[0])}, e.Args[1:]...)...)
			return s.b.Scale(s.b.Had(append(rest, s.b.Rat(1, 1))...), e)
		}
		return s.b.Scale(s.b.Had(append(rest, s.b.MustCall(recip0, m.Args[0]))...), e)
	}
	return nil
}

// directions does the same for the norms of rows: X over √(rowsum(X∘X)) 1ᵀ.
func (s *stabiliser) directions(n *expr.Node) *expr.Node {
	for i, a := range n.Args {
		root, ones := see(a), (*expr.Node)(nil)
		// r⁻½ 1ᵀ, or (r 1ᵀ)⁻½
		if root.Op == expr.OpMul && len(root.Args) == 2 && onesVector(see(root.Args[1])) {
			root, ones = see(root.Args[0]), root.Args[1]
		}
		if root.Op != expr.OpPow || !root.Args[1].IsNum(-1, 2) {
			continue
		}
		r := see(root.Args[0])
		if ones == nil && r.Op == expr.OpMul && onesVector(see(r.Args[len(r.Args)-1])) && !r.Shape.C.IsOne() {
			last := len(r.Args) - 1
			r, ones = s.b.Mul(r.Args[:last]...), r.Args[last]
		}
		if ones == nil || !ones.Shape.R.IsOne() {
			continue
		}
		var x *expr.Node
		switch {
		case r.IsCall("rowsum"):
			x = squareOf(see(r.Args[0]))
		case r.Op == expr.OpMul && len(r.Args) == 2 && onesVector(see(r.Args[1])):
			x = squareOf(see(r.Args[0]))
		}
		for j, y := range n.Args {
			if j != i && x != nil && s.hasFactor(y, x) {
				out := append([]*expr.Node(nil), n.Args...)
				out[i] = s.b.Mul(s.b.MustCall(recip0, s.b.Pow(r, s.b.Rat(1, 2))), ones)
				return s.b.Had(out...)
			}
		}
	}
	return nil
}

// hasFactor tells whether n is zero wherever r is, being a product with it.
func (s *stabiliser) hasFactor(n, r *expr.Node) bool {
	n, r = see(n), see(r)
	switch {
	case n == r:
		return true
	case r.Op == expr.OpScale && constant(r.Args[0]):
		return s.hasFactor(n, r.Args[1])
	}
	switch n.Op {
	case expr.OpT:
		return s.hasFactor(n.Args[0], r)
	case expr.OpScale:
		return s.hasFactor(n.Args[1], r)
	case expr.OpMul, expr.OpHad:
		for _, a := range n.Args {
			if s.hasFactor(a, r) {
				return true
			}
		}
	}
	return false
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

// logTimes is y∘log(p), y∘log1p(p) or y∘logsoftmax(z).
func (s *stabiliser) logTimes(y, l *expr.Node) *expr.Node {
	if l.IsCall("logsoftmax") {
		return s.b.MustCall(xtimes, y, l)
	}
	p, f := l.Args[0], xlogy
	if l.IsCall("log1p") {
		f = xlog1py
		s.logged[[2]*expr.Node{y, s.canon.one(s.b.Add(s.b.Ones(p.Shape), p))}] = true
	}
	s.note(y, p)
	return s.b.MustCall(f, y, p)
}

// note notes the pair y, p and, where p is a product, y with each factor: the
// logarithm of p is the sum of theirs.
func (s *stabiliser) note(y, p *expr.Node) {
	s.logged[[2]*expr.Node{y, p}] = true
	switch p.Op {
	case expr.OpHad:
		for _, f := range p.Args {
			if f.Shape == y.Shape {
				s.note(y, f)
			}
		}
	case expr.OpPow:
		s.note(y, p.Args[0])
	}
}

// foresee notes the pairs of y∘log(p) before p is looked at: the quotient in
// y∘log(y/q) is that of the derivative.
func (s *stabiliser) foresee(n *expr.Node) {
	if s.logged == nil || n.Op != expr.OpHad {
		return
	}
	for i, a := range n.Args {
		if !a.IsCall("log") {
			continue
		}
		if _, y := s.weights(n, i); y != nil && y.Shape == n.Shape && !y.Props.Has(expr.Positive) {
			s.note(y, a.Args[0])
		}
	}
}
