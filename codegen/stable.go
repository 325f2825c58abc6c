package codegen

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// stabiliser rewrites expressions to forms that neither overflow nor cancel.
// Each rewrite is an identity wherever both sides are defined.
type stabiliser struct {
	b     *expr.Builder
	memo  map[*expr.Node]*expr.Node
	canon *canon
	// logged holds the pairs y, p of y∘log(p). Nil, as is canon, where the form
	// is still to be differentiated.
	logged map[[2]*expr.Node]bool
}

func newStabiliser(b *expr.Builder) *stabiliser {
	return &stabiliser{b: b, memo: make(map[*expr.Node]*expr.Node), canon: newCanon(b), logged: make(map[[2]*expr.Node]bool)}
}

// Stable returns the program with its definitions and its objective in stable
// forms, so that their differentials are stable, too.
func Stable(p *expr.Program) *expr.Program {
	s := &stabiliser{b: p.B, memo: make(map[*expr.Node]*expr.Node)}
	q := *p
	q.Defs = append([]expr.Def(nil), p.Defs...)
	for i := range q.Defs {
		q.Defs[i].Node = s.stabilise(q.Defs[i].Node)
	}
	q.Objective.Node = s.stabilise(q.Objective.Node)
	return &q
}

// stabilise returns n in stable forms. Parts stay parts.
func (s *stabiliser) stabilise(root *expr.Node) *expr.Node {
	todo := []*expr.Node{root}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		if s.memo[n] != nil {
			todo = todo[:len(todo)-1]
			continue
		}
		args := n.Args
		if n.Op == expr.OpVar && n.Var.Kind == expr.Part {
			args = []*expr.Node{n.Var.Of}
		}
		ready := true
		for _, a := range args {
			if s.memo[a] == nil {
				todo = append(todo, a)
				ready = false
			}
		}
		if !ready {
			s.foresee(n)
			continue
		}
		todo = todo[:len(todo)-1]
		s.memo[n] = s.node(n)
	}
	return s.memo[root]
}

func (s *stabiliser) node(n *expr.Node) *expr.Node {
	if n.Op == expr.OpVar {
		if n.Var.Kind == expr.Part {
			if of := s.memo[n.Var.Of]; of != n.Var.Of {
				v := *n.Var
				v.Of = of
				return s.b.Var(&v)
			}
		}
		return n
	}
	out := n
	args := make([]*expr.Node, len(n.Args))
	changed := false
	for i, a := range n.Args {
		args[i] = s.memo[a]
		changed = changed || args[i] != a
	}
	if changed {
		out = s.b.With(n, args)
	}
	for range 8 {
		m := s.rewrite(out)
		if m == nil || m == out {
			break
		}
		out = m
	}
	if s.canon == nil {
		return out
	}
	return s.canon.one(out)
}

// rewrite applies the first form that fits, nil if none does.
func (s *stabiliser) rewrite(n *expr.Node) *expr.Node {
	if m := s.scalars(n); m != nil {
		return m
	}
	if m := s.own(n); m != nil {
		return m
	}
	if s.logged != nil {
		if m := s.limits(n); m != nil {
			return m
		}
	}
	switch {
	case n.IsCall("log"):
		return s.log(n.Args[0])
	case n.IsCall("sqrt"):
		return s.b.Pow(n.Args[0], s.b.Rat(1, 2))
	case n.Op == expr.OpPow:
		// 1/(1 + exp(z)) = σ(-z)
		if z := onePlusExp(n.Args[0]); z != nil && n.Args[1].IsNum(-1, 1) {
			return s.call("sigmoid", s.b.Neg(z))
		}
		if m := s.normPower(n); m != nil {
			return m
		}
		// (-x)^2 = x^2
		if m := s.negated(see(n.Args[0])); m != nil && !n.IsScalar() {
			if k, whole := n.Args[1].Int(); whole && k%2 == 0 {
				return s.b.Pow(m, n.Args[1])
			}
		}
		// (√x)^e = x^(e/2), both for x ≥ 0 only
		if x := n.Args[0]; x.Op == expr.OpPow && x.Args[1].IsNum(1, 2) && n.Args[1].Op == expr.OpNum {
			return s.b.Pow(x.Args[0], s.b.Num(new(big.Rat).Mul(n.Args[1].Num, big.NewRat(1, 2))))
		}
	case n.Op == expr.OpMul:
		if s.logged != nil {
			if m := s.centred(n); m != nil {
				return m
			}
		}
		// A sign comes out of a product.
		for i, a := range n.Args {
			if m := s.negated(see(a)); m != nil {
				fs := append([]*expr.Node(nil), n.Args...)
				fs[i] = m
				return s.b.Neg(s.b.Mul(fs...))
			}
		}
	case n.Op == expr.OpT && n.Args[0].Op == expr.OpScale:
		return s.b.Scale(n.Args[0].Args[0], s.b.T(n.Args[0].Args[1]))
	case n.Op == expr.OpAdd:
		return s.sum(n)
	case n.Op == expr.OpHad, n.Op == expr.OpScale:
		return s.quotient(n)
	}
	return nil
}

// normPower writes (xᵀx)^(k/2), k odd, by the norm of x, which neither
// overflows nor vanishes where the square does.
func (s *stabiliser) normPower(n *expr.Node) *expr.Node {
	e := n.Args[1]
	if e.Op != expr.OpNum || e.Num.IsInt() || !new(big.Rat).Mul(e.Num, big.NewRat(2, 1)).IsInt() {
		return nil
	}
	k := s.b.Num(new(big.Rat).Mul(e.Num, big.NewRat(2, 1)))
	x := n.Args[0]
	if x.Op == expr.OpVar {
		x = see(x)
	}
	switch {
	case x.Op == expr.OpMul && len(x.Args) == 2 && x.IsScalar() && s.b.T(x.Args[0]) == x.Args[1]:
		return s.b.Pow(s.call("norm", x.Args[1]), k)
	case x.Op == expr.OpPow && x.Args[1].IsNum(2, 1) && x.Args[0].IsCall("norm"):
		return s.b.Pow(x.Args[0], k)
	case x.IsCall("sum") && x.Args[0].Op == expr.OpPow && x.Args[0].Args[1].IsNum(2, 1):
		return s.b.Pow(s.call("norm", x.Args[0].Args[0]), k)
	case x.IsCall("sum") && x.Args[0].Op == expr.OpHad && len(x.Args[0].Args) == 2 && x.Args[0].Args[0] == x.Args[0].Args[1]:
		return s.b.Pow(s.call("norm", x.Args[0].Args[0]), k)
	}
	return nil
}

func (s *stabiliser) call(f string, args ...*expr.Node) *expr.Node {
	return s.b.MustCall(rules.Must(f), args...)
}

// see looks through named parts.
func see(n *expr.Node) *expr.Node {
	for n.Op == expr.OpVar && n.Var.Kind == expr.Part {
		n = n.Var.Of
	}
	return n
}

func allOnes(n *expr.Node) bool { return n.Op == expr.OpOnes || n.IsOne() }

// negated returns x of -x, nil if n is no such thing.
func (s *stabiliser) negated(n *expr.Node) *expr.Node {
	if len(n.Args) > 0 && (n.Op == expr.OpScale || n.Op == expr.OpHad) && n.Args[0].IsNum(-1, 1) {
		return s.b.Neg(n)
	}
	return nil
}

// onePlusExp returns z of 1 + exp(z).
func onePlusExp(n *expr.Node) *expr.Node {
	n = see(n)
	if n.Op != expr.OpAdd || len(n.Args) != 2 {
		return nil
	}
	for i, a := range n.Args {
		if e := see(n.Args[1-i]); allOnes(a) && e.IsCall("exp") {
			return e.Args[0]
		}
	}
	return nil
}

func (s *stabiliser) log(x *expr.Node) *expr.Node {
	x = see(x)
	switch {
	case x.IsCall("softmax"):
		return s.call("logsoftmax", x.Args[0])
	case x.IsCall("sigmoid"):
		return s.b.Neg(s.call("softplus", s.b.Neg(x.Args[0])))
	case x.IsCall("det"):
		return s.call("logdet", x.Args[0])
	case x.IsCall("exp"):
		return x.Args[0]
	}
	if z := onePlusExp(x); z != nil {
		return s.call("softplus", z)
	}
	if z := s.sumOfExp(x); z != nil {
		return z
	}
	if x.Op == expr.OpAdd {
		for i, a := range x.Args {
			if !allOnes(a) {
				continue
			}
			rest := append(append([]*expr.Node(nil), x.Args[:i]...), x.Args[i+1:]...)
			y := s.b.Add(rest...)
			if m := s.negated(y); m != nil && see(m).IsCall("sigmoid") {
				return s.b.Neg(s.call("softplus", see(m).Args[0]))
			}
			return s.call("log1p", y)
		}
	}
	return nil
}

// sumOfExp returns log x where x sums exponentials over all entries of a
// vector, or over rows or columns of a matrix.
func (s *stabiliser) sumOfExp(x *expr.Node) *expr.Node {
	var e *expr.Node
	switch {
	case x.IsCall("sum") || x.IsCall("rowsum") || x.IsCall("colsum"):
		e = see(x.Args[0])
		if x.IsCall("rowsum") && e.Shape.C.IsOne() || x.IsCall("colsum") && !e.Shape.C.IsOne() {
			return nil
		}
	case x.Op == expr.OpMul && len(x.Args) == 2 && allOnes(see(x.Args[1])) && see(x.Args[1]).Shape.IsCol():
		e = see(x.Args[0]) // E·1: row sums
	case x.Op == expr.OpMul && len(x.Args) == 2 && x.IsScalar():
		e = see(x.Args[1]) // 1ᵀe
		if o := x.Args[0]; !allOnes(o) && !(o.Op == expr.OpT && allOnes(o.Args[0])) {
			return nil
		}
	default:
		return nil
	}
	if !e.IsCall("exp") || e.IsScalar() {
		return nil
	}
	z := e.Args[0]
	if x.IsScalar() && !z.Shape.IsCol() && !z.Shape.IsRow() {
		return nil
	}
	l := s.call("logsumexp", z)
	if l.Shape != x.Shape {
		return nil
	}
	return l
}

func (s *stabiliser) sum(n *expr.Node) *expr.Node {
	if len(n.Args) != 2 {
		return nil
	}
	for i, a := range n.Args {
		other := n.Args[1-i]
		// 1 - σ(z) = σ(-z)
		if m := s.negated(other); m != nil && allOnes(a) && see(m).IsCall("sigmoid") {
			return s.call("sigmoid", s.b.Neg(see(m).Args[0]))
		}
		// exp(z) - 1
		if m := s.negated(a); (m != nil && allOnes(m) || a.IsNum(-1, 1)) && see(other).IsCall("exp") {
			return s.call("expm1", see(other).Args[0])
		}
	}
	return nil
}

// quotient recognises exp(z)/(1+exp(z)) and exp(z)/Σexp(z).
func (s *stabiliser) quotient(n *expr.Node) *expr.Node {
	for i, a := range n.Args {
		e := see(a)
		if !e.IsCall("exp") {
			continue
		}
		for j, f := range n.Args {
			g := see(f)
			var with *expr.Node
			switch {
			case i == j:
			case g.IsCall("sigmoid") && g.Args[0] == s.b.Neg(e.Args[0]):
				with = s.call("sigmoid", e.Args[0])
			case s.isRowSum(g, e):
				with = s.call("softmax", e.Args[0])
			}
			if with == nil {
				continue
			}
			rest := []*expr.Node{with}
			for k, h := range n.Args {
				if k != i && k != j {
					rest = append(rest, h)
				}
			}
			return s.b.Had(rest...)
		}
	}
	return nil
}

// isRowSum tells whether r is one over the sum of e: of all entries of a
// vector, or of each row, repeated along the row.
func (s *stabiliser) isRowSum(r, e *expr.Node) bool {
	if r.Op == expr.OpPow && r.Args[1].IsNum(-1, 1) {
		// 1/(s 1ᵀ) = (1/s) 1ᵀ
		if x := see(r.Args[0]); x.Op == expr.OpMul && len(x.Args) > 1 && onesVector(see(x.Args[len(x.Args)-1])) && !x.Shape.C.IsOne() {
			last := len(x.Args) - 1
			r = s.b.Mul(s.b.Recip(s.b.Mul(x.Args[:last]...)), x.Args[last])
		}
	}
	if r.Op == expr.OpMul && len(r.Args) == 2 && onesVector(see(r.Args[1])) {
		r = see(r.Args[0])
		if e.Shape.C.IsOne() {
			return false
		}
	} else if !(r.IsScalar() && (e.Shape.IsCol() || e.Shape.IsRow())) {
		return false
	}
	if r.Op != expr.OpPow || !r.Args[1].IsNum(-1, 1) {
		return false
	}
	sum := see(r.Args[0])
	switch {
	case sum.IsCall("sum") && sum.IsScalar(), sum.IsCall("rowsum") && !e.Shape.C.IsOne():
		return see(sum.Args[0]) == e
	case sum.Op == expr.OpMul && len(sum.Args) == 2 && allOnes(see(sum.Args[1])):
		return see(sum.Args[0]) == e && sum.Shape.C.IsOne()
	case sum.Op == expr.OpMul && len(sum.Args) == 2 && sum.IsScalar():
		o := sum.Args[0]
		return see(sum.Args[1]) == e && (allOnes(o) || o.Op == expr.OpT && allOnes(o.Args[0]))
	}
	return false
}

// centred writes A(I - 1·1ᵀ/n) as A - A·1·1ᵀ/n, means subtracted, which multiplies no
// square matrix; nil if no end of the product is such a matrix.
func (s *stabiliser) centred(n *expr.Node) *expr.Node {
	for _, i := range []int{0, len(n.Args) - 1} {
		c := see(n.Args[i])
		if c.Op != expr.OpAdd {
			continue
		}
		var terms []*expr.Node
		for _, t := range c.Args {
			by, x := s.b.Int(1), see(t)
			if x.Op == expr.OpScale {
				by, x = x.Args[0], see(x.Args[1])
			}
			args := append([]*expr.Node(nil), n.Args...)
			switch {
			case x.Op == expr.OpEye:
				args = append(args[:i], args[i+1:]...)
			case ones(x) && !x.Shape.R.IsOne() && !x.Shape.C.IsOne():
				column, row := s.b.Ones(expr.Shape{R: x.Shape.R, C: expr.One}), s.b.Ones(expr.Shape{R: expr.One, C: x.Shape.C})
				args = append(args[:i], append([]*expr.Node{column, row}, args[i+1:]...)...)
			default:
				return nil
			}
			terms = append(terms, s.b.Scale(by, s.b.Mul(args...)))
		}
		return s.b.Add(terms...)
	}
	return nil
}
