package check

import (
	"fmt"
	"unicode/utf8"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

func (k *breaker) callRules(m *Node) {
	b, c := k.c.b, k.c
	f, ok := m.Fn.(*rules.Func)
	if !ok {
		return
	}
	other := func(g, id, msg string) {
		if x := k.call(g, m.Args...); x != nil && x.Shape == m.Shape {
			k.add(m, x, nil, id, msg)
		}
	}
	u := m.Args[0]
	switch f.Name {
	case "norm":
		k.add(m, b.Pow(m, b.Int(2)), nil, "norm-vs-squared-norm", "this is the derivative of the squared norm, the value has the norm")
		k.linear(m, u, "norm-vs-squared-norm", "the norm is differentiated as if it were its square", func(du *Node) *Node { return b.Had(b.Int(2), c.inner(u, du)) })
		k.linear(m, u, "norm-vs-squared-norm", "the division by the norm is missing from its derivative", func(du *Node) *Node { return c.inner(u, du) })
		return
	case "det":
		if m != k.of {
			k.linear(m, u, "determinant-factor", "the factor det is lost: this is the differential of logdet, the value has det", func(du *Node) *Node { return k.call("tr", b.Mul(k.call("inv", u), du)) })
		}
		other("logdet", "determinant-factor", "the factor det is lost: this is the derivative of logdet, the value has det")
		return
	case "logdet":
		if m != k.of {
			k.linear(m, u, "determinant-factor", "the factor det does not belong here", func(du *Node) *Node { return b.Scale(k.call("det", u), k.call("tr", b.Mul(k.call("inv", u), du))) })
		}
		other("det", "determinant-factor", "the factor det does not belong here: this is the derivative of det, the value has logdet")
		return
	case "mean", "rowmean", "colmean":
		other(map[string]string{"mean": "sum", "rowmean": "rowsum", "colmean": "colsum"}[f.Name], "missing-1/N", "this is the derivative for the sum, the value has the mean")
		return
	case "softmax":
		k.linear(m, u, "softmax-jacobian", "the off-diagonal part of the Jacobian of softmax, −p_i p_j, is missing", func(du *Node) *Node {
			return b.Had(c.s.Normal(m), b.Sub(b.Ones(m.Shape), m), du)
		})
		k.linear(m, u, "softmax-jacobian", "the sum over the row, −p p'dz, is missing from the differential of softmax", func(du *Node) *Node { return b.Had(m, du) })
	case "logsoftmax":
		k.linear(m, u, "softmax-jacobian", "the derivative of the normalisation, −log Σ exp z, is missing", func(du *Node) *Node { return du })
		return
	case "inv":
		k.inverse(m, u)
		return
	case "expm":
		k.linear(m, u, "elementwise-rule", "the elementwise rule was used for the matrix exponential", func(du *Node) *Node { return b.Had(k.call("exp", u), du) })
		k.linear(m, u, "order-of-factors", "expm(X) and dX do not commute", func(du *Node) *Node { return b.Mul(m, du) })
		return
	}
	if f.Elementwise && len(m.Args) > 0 && k.on[u] {
		if u.IsCall("det") {
			k.linear(m, u, "determinant-factor", "the factor det does not belong here: this is the derivative of det, the value has its "+f.Name, func(du *Node) *Node { return du })
		}
		k.elementwise(m, u, f)
	}
}

// inverse breaks d inv(X) = −inv(X) dX inv(X).
func (k *breaker) inverse(m, u *Node) {
	b := k.c.b
	merged := "dX stands between the two inverses; they cannot be merged"
	k.linear(m, u, "order-of-factors", merged, func(du *Node) *Node { return b.Neg(b.Mul(m, m, du)) })
	k.linear(m, u, "order-of-factors", merged, func(du *Node) *Node { return b.Neg(b.Mul(du, m, m)) })
	k.linear(m, u, "elementwise-rule", "the rule of 1/x was used for the inverse of a matrix", func(du *Node) *Node { return b.Neg(b.Had(b.Pow(u, b.Int(-2)), du)) })
	k.linear(m, u, "sign", "the differential of an inverse has a minus", func(du *Node) *Node { return b.Mul(m, du, m) })
	k.linear(m, u, "chain-rule-factor", "one of the two inverses is missing", func(du *Node) *Node { return b.Neg(b.Mul(m, du)) })
	k.linear(m, u, "chain-rule-factor", "one of the two inverses is missing", func(du *Node) *Node { return b.Neg(b.Mul(du, m)) })
	k.linear(m, u, "chain-rule-factor", "the inverse was differentiated as if it were its argument", func(du *Node) *Node { return b.Neg(du) })
	k.linear(m, u, "chain-rule-factor", "the inverse of the differential is not the differential of the inverse", func(du *Node) *Node { return du })
	k.linear(m, u, "missing-transpose", "a transpose of the inverse is missing", func(du *Node) *Node { return b.Neg(b.Mul(b.T(m), du, m)) })
	k.linear(m, u, "missing-transpose", "a transpose of the inverse is missing", func(du *Node) *Node { return b.Neg(b.Mul(m, du, b.T(m))) })
	k.linear(m, u, "missing-transpose", "the inverses are transposed that should not be, or the other way round", func(du *Node) *Node { return b.Neg(b.Mul(b.T(m), du, b.T(m))) })
}

// elementwise breaks d f(u) = f'(u) ∘ du.
func (k *breaker) elementwise(m, u *Node, f *rules.Func) {
	b, c := k.c.b, k.c
	name := f.Name
	if u.Shape != m.Shape {
		return
	}
	k.linear(m, u, "chain-rule-factor", "the derivative of "+name+" is missing", func(du *Node) *Node { return du })
	v := c.b.Var(&expr.Var{Name: fmt.Sprintf("at %d", c.nextFresh()), Kind: expr.Input, Shape: u.Shape})
	args := append([]*Node{v}, m.Args[1:]...)
	fv := attempt(func() *Node { return b.With(m, args) })
	if fv == nil {
		return
	}
	d, err := derive.Differential(b, fv, []*Node{v})
	if err != nil {
		return
	}
	slope := c.s.Normal(b.Subst(d, map[*Node]*Node{c.diff(v): b.Ones(v.Shape)}))
	if slope.HasD || slope.IsZero() {
		return
	}
	at := func(x, y *Node) *Node {
		return b.Subst(b.Subst(slope, map[*Node]*Node{c.s.Normal(fv): y}), map[*Node]*Node{v: x})
	}
	k.linear(m, u, "sign", "the derivative of "+name+" has the wrong sign", func(du *Node) *Node { return b.Neg(b.Had(at(u, m), du)) })
	k.linear(m, u, "sign", "the derivative of "+name+" is missing and has the wrong sign", func(du *Node) *Node { return b.Neg(du) }).doubted = true
	if slope.Op != expr.OpNum && slope.Op != expr.OpOnes && !c.on1(slope) {
		k.elsewhere(m, u, "the derivative of "+name, func(x, du *Node) *Node {
			y := b.With(m, append([]*Node{x}, m.Args[1:]...))
			return b.Had(at(x, y), du)
		})
		k.linear(m, u, "wrong-point", "the derivative of "+name+" is taken at "+k.brief(m, name+"(z)")+" where it is wanted at "+k.brief(u, "z"), func(du *Node) *Node { return b.Had(at(m, k.callLike(m, m)), du) })
		if k.mentions(slope, c.s.Normal(fv)) {
			k.linear(m, u, "wrong-point", "the derivative of "+name+" is written with "+k.brief(u, "z")+" where it needs "+k.brief(m, name+"(z)"), func(du *Node) *Node { return b.Had(at(u, u), du) })
		}
		k.linear(m, u, "wrong-derivative", "the derivative of "+name+" is not "+name+" itself", func(du *Node) *Node { return b.Had(m, du) })
		for _, g := range confused[name] {
			if s := k.slopeByValue(g, u.Shape, m); s != nil {
				k.linear(m, u, "wrong-derivative", "this is the derivative of "+g+", the value has "+name, func(du *Node) *Node { return b.Had(s, du) })
			}
		}
		if !u.IsScalar() || u.Op != expr.OpVar {
			k.inner(m, u, at(u, m))
		}
	}
}

// confused are functions whose derivatives, written by their values, get taken
// for one another: σ(1 − σ) and 1 − tanh².
var confused = map[string][]string{"sigmoid": {"tanh"}, "tanh": {"sigmoid"}}

// slopeByValue is the derivative of g written by its value, which m is.
func (k *breaker) slopeByValue(g string, shape expr.Shape, m *Node) *Node {
	b, c := k.c.b, k.c
	v := b.Var(&expr.Var{Name: fmt.Sprintf("at %d", c.nextFresh()), Kind: expr.Input, Shape: shape})
	gv := k.call(g, v)
	if gv == nil {
		return nil
	}
	d, err := derive.Differential(b, gv, []*Node{v})
	if err != nil {
		return nil
	}
	s := c.s.Normal(b.Subst(d, map[*Node]*Node{c.diff(v): b.Ones(shape)}))
	if s = b.Subst(s, map[*Node]*Node{c.s.Normal(gv): m}); k.mentions(s, v) {
		return nil
	}
	return s
}

// elsewhere takes the derivative at what stands inside u, as at x for A x.
func (k *breaker) elsewhere(m, u *Node, what string, f func(x, du *Node) *Node) {
	tried := 0
	for _, x := range expr.Topo(u) {
		if x == u || x.Shape != u.Shape || !k.on[x] || tried >= 4 {
			continue
		}
		tried++
		hold := k.c.frozen(x)
		s := k.linear(m, u, "wrong-point", what+" is taken at "+k.c.print(x)+" where it is wanted at "+k.c.print(u), func(du *Node) *Node { return f(hold, du) })
		if s.back != nil {
			s.back[hold] = x
		}
	}
}

// brief writes a node, or what stands for it where that is long.
func (k *breaker) brief(n *Node, long string) string {
	if s := k.c.print(n); utf8.RuneCountInString(s) <= 30 {
		return s
	}
	return long
}

// inner leaves the differential of the argument out: ones in its place.
func (k *breaker) inner(m, u, slope *Node) {
	if u.Op == expr.OpVar {
		return
	}
	// Only a variable of the same shape can stand for its own image.
	for _, v := range k.by {
		if v.Shape != u.Shape {
			continue
		}
		value, at, hold := k.c.frozen(m), k.c.frozen(v), k.c.frozen(slope)
		x := k.c.b.Add(value, k.c.b.Had(hold, k.c.b.Sub(v, at)))
		k.add(m, x, map[*Node]*Node{value: m, at: v, hold: slope}, "chain-rule-factor", "the inner derivative, of "+k.c.print(u)+", is missing")
	}
}

func (k *breaker) callLike(m, u *Node) *Node {
	args := append([]*Node{u}, m.Args[1:]...)
	return k.c.b.With(m, args)
}
