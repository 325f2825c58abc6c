package check

import (
	"math/rand/v2"

	"github.com/matdiff/matdiff/expr"
)

// reverse derives the gradient of a scalar form by one of its variables, from
// the outside inwards, one occurrence after the other. At one node it may follow
// a rule that is wrong: which, it chooses among the rules that the node has.
type reverse struct {
	rng  *rand.Rand
	x    string
	sum  []*form
	lost bool // a function that it has no rule for
	step int  // nodes so far
	fail int  // the node whose rule is broken, −1 for none
	// ids name the mistake that was made.
	ids  []string
	what string
}

// slip is one way to break a rule: what flows on to each operand.
type slip struct {
	ids  []string
	what string
	to   []*form // nil operands get nothing
}

// gradient is the right one, nil if there is a function without a rule.
func reverseGradient(f *form, x string) (g *form, nodes int) {
	r := &reverse{x: x, fail: -1}
	r.back(f, one)
	if r.lost || len(r.sum) == 0 {
		return nil, 0
	}
	return fAdd(r.sum...), r.step
}

// brokenGradient is the gradient with the rule of one node broken; ids is nil
// if that node has no wrong rule.
func brokenGradient(rng *rand.Rand, f *form, x string, at int) (g *form, ids []string, what string) {
	r := &reverse{rng: rng, x: x, fail: at}
	r.back(f, one)
	if r.lost || len(r.sum) == 0 || r.ids == nil {
		return nil, nil, ""
	}
	return fAdd(r.sum...), r.ids, r.what
}

func (r *reverse) back(f, g *form) {
	if r.lost || g == nil || !f.mentions(r.x) {
		return
	}
	if f.is("var", r.x) {
		r.sum = append(r.sum, g)
		return
	}
	right, wrong := r.rules(f, g)
	if right == nil {
		r.lost = true
		return
	}
	if r.step == r.fail && len(wrong) > 0 {
		s := wrong[r.rng.IntN(len(wrong))]
		right, r.ids, r.what = s.to, s.ids, s.what
	}
	r.step++
	for i, a := range f.args {
		if i < len(right) {
			r.back(a, right[i])
		}
	}
}

func (r *reverse) active(f *form) int {
	n := 0
	for _, a := range f.args {
		if a.mentions(r.x) {
			n++
		}
	}
	return n
}

// rules are the right rule of a node and the wrong ones.
func (r *reverse) rules(f, g *form) (right []*form, wrong []slip) {
	one1 := func(x *form) []*form { return []*form{x} }
	add := func(what string, to []*form, ids ...string) {
		wrong = append(wrong, slip{ids, what, to})
	}
	u := (*form)(nil)
	if len(f.args) > 0 {
		u = f.args[0]
	}
	switch f.op {
	case "add":
		right = make([]*form, len(f.args))
		for i := range f.args {
			right[i] = g
		}
		if r.active(f) > 1 {
			for i, a := range f.args {
				if a.mentions(r.x) {
					add("a term is dropped", without1(right, i), "dropped-term")
				}
			}
		}
	case "neg":
		right = one1(fNeg(g))
		add("a minus is lost", one1(g), "sign")
	case "scale":
		right = []*form{fInner(g, f.args[1]), fScale(u, g)}
		if u.op == "num" {
			add("a number is lost", []*form{nil, g}, "factor", "chain-rule-factor")
		}
		if r.active(f) > 1 {
			add("a factor held constant", []*form{right[0], nil}, "product-rule", "quotient-rule")
			add("a factor held constant", []*form{nil, right[1]}, "product-rule", "quotient-rule")
		}
		if u.mentions(r.x) && f.args[1].matrix() {
			add("the trace is lost", []*form{fMul(fT(g), f.args[1]), right[1]}, "missing-trace")
			add("the sum is lost", []*form{fHad(g, f.args[1]), right[1]}, "missing-sum")
		}
	case "had":
		right, wrong = r.entries(f, g)
	case "mul":
		right, wrong = r.product(f, g)
	case "t":
		right = one1(fT(g))
		add("the transpose is forgotten", one1(g), "missing-transpose", "layout")
	case "pow":
		right, wrong = r.power(f, g)
	case "call":
		return r.call(f, g)
	}
	return right, wrong
}

func without1(xs []*form, i int) []*form {
	out := append([]*form(nil), xs...)
	out[i] = nil
	return out
}

func isDenominator(f *form) bool { return f.op == "pow" && f.args[1].op == "neg" }

func (r *reverse) entries(f, g *form) (right []*form, wrong []slip) {
	for i := range f.args {
		right = append(right, fHad(g, f.without(i)))
		if len(f.args) == 1 {
			right[i] = g
		}
	}
	n := r.active(f)
	for i, a := range f.args {
		if !a.mentions(r.x) {
			continue
		}
		if n > 1 {
			id := "product-rule"
			if isDenominator(a) {
				id = "quotient-rule"
			}
			wrong = append(wrong, slip{[]string{id, "dropped-term"}, "a factor held constant", without1(right, i)})
			double := make([]*form, len(right))
			double[i] = fScale(fNum("2"), right[i])
			if n == 2 {
				wrong = append(wrong, slip{[]string{"product-rule", "quotient-rule"}, "one factor counted for both", double})
			}
		} else if len(f.args) > 1 {
			lost := make([]*form, len(right))
			lost[i] = g
			ids := []string{"chain-rule-factor"}
			if rest := f.without(i); rest.op == "num" || rest.op == "size" || rest.op == "pow" && rest.args[0].op == "size" {
				ids = []string{"factor", "missing-1/N", "factor-N", "chain-rule-factor"}
			}
			wrong = append(wrong, slip{ids, "the other factor is lost", lost})
		}
	}
	return right, wrong
}

func (r *reverse) product(f, g *form) (right []*form, wrong []slip) {
	k := len(f.args)
	n := r.active(f)
	one := func(i int, x *form) []*form {
		out := append([]*form(nil), right...)
		out[i] = x
		return out
	}
	mul := func(xs ...*form) *form {
		var out []*form
		var s *form
		for _, x := range xs {
			switch {
			case x == nil:
			case x.scalar():
				if s == nil {
					s = x
				} else {
					s = fHad(s, x)
				}
			default:
				out = append(out, x)
			}
		}
		if len(out) == 0 {
			return s
		}
		if s == nil {
			return fMul(out...)
		}
		return fScale(s, fMul(out...))
	}
	left, rest := make([]*form, k), make([]*form, k)
	for i := range f.args {
		if i > 0 {
			left[i] = fT(fMul(f.args[:i]...))
		}
		if i < k-1 {
			rest[i] = fT(fMul(f.args[i+1:]...))
		}
		right = append(right, mul(left[i], g, rest[i]))
	}
	for i, a := range f.args {
		if !a.mentions(r.x) {
			continue
		}
		put := func(what string, x *form, ids ...string) {
			if x != nil {
				wrong = append(wrong, slip{ids, what, one(i, x)})
			}
		}
		l, t := left[i], rest[i]
		if n > 1 {
			wrong = append(wrong, slip{[]string{"product-rule", "dropped-term"}, "one occurrence is not differentiated", without1(right, i)})
			if n == 2 {
				double := make([]*form, len(right))
				double[i] = fScale(fNum("2"), right[i])
				wrong = append(wrong, slip{[]string{"product-rule", "symmetric-assumed"}, "one occurrence counted for both", double})
			}
		}
		if l != nil && l.op == "ones" && a.row() {
			put("the sum over the rows is missing", mul(g, t), "missing-sum")
			put("the sum is over the wrong axis", fCall("rowsum", g.r, expr.One, g), "missing-sum")
			continue
		}
		if l != nil && !l.scalar() {
			if l.op == "t" {
				put("a transpose is missing", mul(l.args[0], g, t), "missing-transpose", "layout", "symmetric-assumed", "shape")
			}
			put("a factor of the chain rule is lost", mul(g, t), "chain-rule-factor", "missing-sum")
			put("the factors are out of order", mul(g, l, t), "order-of-factors")
		}
		if t != nil && !t.scalar() {
			if t.op == "t" {
				put("a transpose is missing", mul(l, g, t.args[0]), "missing-transpose", "layout", "symmetric-assumed", "shape", "inner-outer-confusion")
			}
			put("a factor of the chain rule is lost", mul(l, g), "chain-rule-factor")
			put("the factors are out of order", mul(l, t, g), "order-of-factors")
			if !g.scalar() {
				put("the factors are out of order", mul(t, l, g), "order-of-factors")
			}
		}
		if l != nil && t != nil && f.scalar() && l.col() && t.row() {
			put("an inner product for the outer one", mul(g, fT(l), fT(t)), "inner-outer-confusion", "order-of-factors", "missing-transpose")
		}
	}
	return right, wrong
}

func (r *reverse) power(f, g *form) (right []*form, wrong []slip) {
	u, k := f.args[0], f.args[1]
	if k.mentions(r.x) {
		return nil, nil
	}
	neg, base := k, false
	if k.op == "neg" {
		neg, base = k.args[0], true
	}
	if neg.op != "num" {
		return nil, nil
	}
	v, err := digits(neg.name)
	if err != nil || v != 1 && v != 2 && v != 3 && v != 0.5 {
		return nil, nil
	}
	var slope *form
	lowered := func(x *form) *form { return x }
	switch {
	case !base && v == 2:
		slope = fScale(fNum("2"), u)
		lowered = func(x *form) *form { return fPow(u, "2") }
	case !base && v == 3:
		slope = fScale(fNum("3"), fPow(u, "2"))
		lowered = func(x *form) *form { return fPow(u, "3") }
	case base && v == 1:
		slope = fNeg(fPow(u, "-2"))
	case base && v == 2:
		slope = fScale(fNum("2"), fNeg(fPow(u, "-3")))
	case !base && v == 0.5:
		slope = fScale(fNum("1/2"), fPow(u, "-1/2"))
	case base && v == 0.5:
		slope = fScale(fNum("1/2"), fNeg(fPow(u, "-3/2")))
	default:
		return nil, nil
	}
	right = []*form{fHad(g, slope), nil}
	add := func(what string, x *form, ids ...string) {
		wrong = append(wrong, slip{ids, what, []*form{x, nil}})
	}
	if base && v == 1 {
		add("the minus of the quotient rule is lost", fHad(g, fPow(u, "-2")), "quotient-rule", "sign")
		add("the denominator is not squared", fNeg(fHad(g, f)), "quotient-rule", "power")
		return right, wrong
	}
	if !base && v == 2 {
		norm := call1(u, "norm")
		if norm == nil {
			add("the 2 of the square is lost", fHad(g, u), "factor", "chain-rule-factor", "norm-vs-squared-norm")
			add("the power is not lowered", fHad(g, fScale(fNum("2"), lowered(u))), "power")
			add("the derivative of the square is lost", g, "chain-rule-factor")
		} else {
			add("the norm is taken for its square", g, "norm-vs-squared-norm")
			add("the 2 of the square is lost", fHad(g, u), "factor", "chain-rule-factor")
		}
	}
	return right, wrong
}

func (r *reverse) call(f, g *form) (right []*form, wrong []slip) {
	u := f.args[0]
	if len(f.args) != 1 {
		return nil, nil
	}
	add := func(what string, x *form, ids ...string) {
		wrong = append(wrong, slip{ids, what, []*form{x}})
	}
	is := func(x *form) ([]*form, []slip) { return []*form{x}, wrong }
	minus := func(a, b *form) *form {
		if a.scalar() {
			return &form{op: "add", r: b.r, c: b.c, args: []*form{a, fNeg(b)}}
		}
		return &form{op: "add", r: a.r, c: a.c, args: []*form{a, fNeg(b)}}
	}
	if slope := slopeOf(f, u); slope != nil {
		add("the derivative of "+f.name+" is lost", g, "chain-rule-factor")
		if f.name != "exp" {
			add("the derivative of "+f.name+" has the wrong sign", fNeg(fHad(g, slope)), "sign")
		}
		if other := slopeOf(fCall(f.name, f.r, f.c, f), f); u.op != "var" && other != nil && f.name != "log" && f.name != "sqrt" && f.name != "abs" && f.name != "square" {
			add("the derivative is taken at the wrong point", fHad(g, other), "wrong-point", "chain-rule-factor")
		}
		switch f.name {
		case "sigmoid":
			add("σ' is taken for σ", fHad(g, f), "wrong-derivative", "chain-rule-factor")
			add("1 − σ² for σ(1 − σ)", fHad(g, minus(one, fPow(f, "2"))), "wrong-derivative", "chain-rule-factor", "other-function", "power")
		case "tanh":
			add("1 − tanh for 1 − tanh²", fHad(g, minus(one, f)), "power", "wrong-derivative")
		}
		return is(fHad(g, slope))
	}
	switch f.name {
	case "sum":
		return is(fScale(g, fOnes(u.r, u.c)))
	case "mean":
		n := fHad(sizeForm(u.r), sizeForm(u.c))
		add("the 1/N is lost", fScale(g, fOnes(u.r, u.c)), "missing-1/N")
		return is(fScale(fHad(g, fPow(n, "-1")), fOnes(u.r, u.c)))
	case "tr":
		return is(fScale(g, fEye(u.r)))
	case "norm":
		add("the norm is taken for its square", fScale(g, fScale(fNum("2"), u)), "norm-vs-squared-norm")
		add("the division by the norm is lost", fScale(g, u), "norm-vs-squared-norm", "chain-rule-factor")
		return is(fScale(fHad(g, fPow(f, "-1")), u))
	case "norm1":
		return is(fScale(g, fCall("sign", u.r, u.c, u)))
	case "inv":
		if u.scalar() {
			return nil, nil
		}
		t := fT(f)
		add("the minus of the inverse is lost", fMul(t, g, t), "sign")
		add("the inverses are not transposed", fNeg(fMul(f, g, f)), "missing-transpose", "layout", "symmetric-assumed")
		add("the inverses are merged", fNeg(fMul(t, t, g)), "order-of-factors")
		add("one inverse is lost", fNeg(fMul(t, g)), "chain-rule-factor", "extra-factor")
		add("the rule of 1/x for a matrix", fNeg(fHad(g, fPow(u, "-2"))), "elementwise-rule")
		return is(fNeg(fMul(t, g, t)))
	case "det":
		add("the determinant is lost", fScale(g, fT(fInv(u))), "determinant-factor")
		add("the inverse is not transposed", fScale(fHad(g, f), fInv(u)), "missing-transpose", "layout", "symmetric-assumed")
		return is(fScale(fHad(g, f), fT(fInv(u))))
	case "logdet":
		add("a determinant too many", fScale(fHad(g, fCall("det", f.r, f.c, u)), fT(fInv(u))), "determinant-factor", "extra-factor")
		add("the inverse is not transposed", fScale(g, fInv(u)), "missing-transpose", "layout", "symmetric-assumed")
		return is(fScale(g, fT(fInv(u))))
	case "softmax":
		if u.row() || u.scalar() {
			return nil, nil
		}
		add("the off-diagonal part is lost", fHad(g, f, minus(fOnes(f.r, f.c), f)), "softmax-jacobian")
		add("the sum over the row is lost", fHad(g, f), "softmax-jacobian", "dropped-term")
		if u.col() {
			return is(fHad(f, minus(g, fSum(fHad(f, g)))))
		}
		return is(fHad(f, minus(g, fMul(fCall("rowsum", f.r, expr.One, fHad(f, g)), fOnes(expr.One, f.c)))))
	case "logsoftmax":
		if u.row() || u.scalar() {
			return nil, nil
		}
		p := fCall("softmax", f.r, f.c, u)
		add("the normalisation is not differentiated", g, "softmax-jacobian", "dropped-term")
		switch {
		case g.op == "var":
			add("the rows are taken to sum to one", minus(g, p), "rows-sum-to-one-assumed")
		case g.op == "neg" && g.args[0].op == "var":
			add("the rows are taken to sum to one", fAdd(g, p), "rows-sum-to-one-assumed")
		}
		if u.col() {
			return is(minus(g, fScale(fSum(g), p)))
		}
		return is(minus(g, fHad(p, spread(fCall("rowsum", f.r, expr.One, g), f.c))))
	case "logsumexp":
		if u.row() || u.scalar() {
			return nil, nil
		}
		p := fCall("softmax", u.r, u.c, u)
		if u.col() {
			return is(fScale(g, p))
		}
		return is(fHad(p, spread(g, u.c)))
	case "rowsum":
		return is(spread(g, u.c))
	case "colsum":
		return is(fMul(fOnes(u.r, expr.One), g))
	case "diag":
		if u.col() {
			return is(fCall("diag", u.r, expr.One, g))
		}
		if u.square() {
			return is(fCall("diag", u.r, u.r, g))
		}
	}
	return nil, nil
}

func sizeForm(d expr.Dim) *form {
	if d.Sym == "" {
		return fNum(d.String())
	}
	return &form{op: "size", name: d.String(), r: expr.One, c: expr.One}
}

// slopeOf is the derivative of an elementwise function f at u.
func slopeOf(f, u *form) *form {
	l := func(name string, x *form) *form { return fCall(name, f.r, f.c, x) }
	plus := func(a, b *form) *form { return &form{op: "add", r: f.r, c: f.c, args: []*form{a, b}} }
	switch f.name {
	case "exp":
		return f
	case "log":
		return fPow(u, "-1")
	case "sigmoid":
		return fHad(f, plus(one, fNeg(f)))
	case "tanh":
		return plus(one, fNeg(fPow(f, "2")))
	case "sin":
		return l("cos", u)
	case "cos":
		return fNeg(l("sin", u))
	case "relu":
		return l("step", u)
	case "softplus":
		return l("sigmoid", u)
	case "sqrt":
		return fScale(fNum("1/2"), fPow(f, "-1"))
	case "abs":
		return l("sign", u)
	case "square":
		return fScale(fNum("2"), u)
	}
	return nil
}
