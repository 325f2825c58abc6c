package check

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// A wrong answer is explained by a rule that was broken at one node m of the
// value. In place of m stands a surrogate whose value is that of m and whose
// differential is the broken one: m₀ + L(u − u₀), where m₀ and u₀ are constants
// with the values of m and of its operand. The value with the surrogate is
// differentiated by the ordinary rules, and the constants are put back.

// surrogate is a value with one broken rule.
type surrogate struct {
	of      *Node
	back    map[*Node]*Node // constants → what they stand for
	id, msg string
	// doubted marks an explanation that is only taken where no other is found.
	doubted bool
}

// breaker makes the surrogates of a value.
type breaker struct {
	c     *checker
	of    *Node
	by    []*Node
	on    map[*Node]bool // depends on what is differentiated by
	out   []surrogate
	limit int
	// places are the nodes that have a node as operand.
	places map[*Node][]operand
	late   func() bool
}

// broken returns the value with each rule broken at each place.
func (c *checker) broken(of *Node, by []*Node, late func() bool) []surrogate {
	k := &breaker{c: c, of: of, by: by, on: map[*Node]bool{}, limit: 400, late: late}
	for _, v := range by {
		k.on[v] = true
	}
	order := expr.Topo(of)
	for _, m := range order {
		for _, a := range m.Args {
			k.on[m] = k.on[m] || k.on[a]
		}
	}
	for i := len(order) - 1; i >= 0 && len(k.out) < k.limit; i-- { // the outer rules first
		if m := order[i]; k.on[m] && len(m.Args) > 0 && !late() {
			k.node(m)
		}
	}
	return k.out
}

func (k *breaker) add(m, x *Node, back map[*Node]*Node, id, msg string) *surrogate {
	if x == nil || x.Shape != m.Shape || len(k.out) >= k.limit {
		return &surrogate{}
	}
	of := k.c.substitute(k.of, m, x)
	if of == nil {
		return &surrogate{}
	}
	k.out = append(k.out, surrogate{of: of, back: back, id: id, msg: msg})
	if m.Op == expr.OpCall {
		for _, of := range k.placed(m, x) {
			if len(k.out) < k.limit {
				k.out = append(k.out, surrogate{of: of, back: back, id: id, msg: msg})
			}
		}
	}
	return &k.out[len(k.out)-1]
}

// placed puts x for m at one of its places at a time, where it has several.
func (k *breaker) placed(m, x *Node) []*Node {
	if k.places == nil {
		k.places = map[*Node][]operand{}
		for _, p := range expr.Topo(k.of) {
			for i, a := range p.Args {
				k.places[a] = append(k.places[a], operand{p, i})
			}
		}
	}
	list := k.places[m]
	if len(list) < 2 || len(list) > 4 {
		return nil
	}
	var out []*Node
	for _, at := range list {
		args := append([]*Node(nil), at.in.Args...)
		args[at.arg] = x
		y := attempt(func() *Node { return k.c.b.With(at.in, args) })
		if y == nil {
			continue
		}
		if of := k.c.substitute(k.of, at.in, y); of != nil {
			out = append(out, of)
		}
	}
	return out
}

// operand is an operand of a node.
type operand struct {
	in  *Node
	arg int
}

// linear adds the surrogate m₀ + f(u − u₀).
func (k *breaker) linear(m, u *Node, id, msg string, f func(du *Node) *Node) *surrogate {
	value, at, du := k.c.frozen(m), k.c.frozen(u), k.c.frozen(u)
	b := k.c.b
	x := attempt(func() *Node {
		d := f(du)
		if d == nil || d.Shape != m.Shape {
			return nil
		}
		d = b.Subst(d, map[*Node]*Node{m: value, u: at}) // what stands beside du is held
		return b.Add(value, b.Subst(d, map[*Node]*Node{du: b.Sub(u, at)}))
	})
	return k.add(m, x, map[*Node]*Node{value: m, at: u}, id, msg)
}

func (k *breaker) call(f string, args ...*Node) *Node {
	return attempt(func() *Node { return k.c.b.MustCall(rules.Must(f), args...) })
}

func (k *breaker) node(m *Node) {
	b := k.c.b
	switch m.Op {
	case expr.OpPow:
		k.power(m)
	case expr.OpMul, expr.OpHad:
		k.product(m)
	case expr.OpScale:
		if u := m.Args[1]; !k.on[m.Args[0]] && k.on[u] && m != k.of {
			k.linear(m, u, constant(m.Args[0]), "the inner factor "+k.c.print(m.Args[0])+" is missing", func(du *Node) *Node { return du })
		}
		if k.on[m.Args[0]] && k.on[m.Args[1]] {
			k.held(m)
		}
	case expr.OpAdd:
		if m == k.of {
			return
		}
		for i, a := range m.Args {
			if !k.on[a] || len(m.Args) > 8 {
				continue
			}
			args := append([]*Node(nil), m.Args...)
			args[i] = k.c.frozen(a)
			k.add(m, b.Add(args...), map[*Node]*Node{args[i]: a}, "dropped-term", "the derivative of the term "+k.c.print(a)+" is missing").doubted = true
		}
	case expr.OpCall:
		k.callRules(m)
	}
}

// constant names the loss of a factor: of a number, or of something else.
func constant(k *Node) string {
	switch {
	case k.IsNum(-1, 1):
		return "sign"
	case k.Op == expr.OpNum:
		return "factor"
	}
	return "chain-rule-factor"
}

// held breaks the product rule of a scalar and a matrix.
func (k *breaker) held(m *Node) {
	for i, a := range m.Args {
		args := append([]*Node(nil), m.Args...)
		args[i] = k.c.frozen(a)
		id, msg := "product-rule", "the factor "+k.c.print(a)+" was held constant"
		if denominator(a) {
			id, msg = "quotient-rule", "the denominator depends on the variable too, and was held constant"
		}
		k.add(m, k.c.b.With(m, args), map[*Node]*Node{args[i]: a}, id, msg)
	}
}

func denominator(a *Node) bool {
	return a.Op == expr.OpPow && a.Args[1].Op == expr.OpNum && a.Args[1].Num.Sign() < 0 ||
		a.Op == expr.OpHad && len(a.Args) > 0 && denominator(a.Args[len(a.Args)-1])
}

func (k *breaker) power(m *Node) {
	b, u, e := k.c.b, m.Args[0], m.Args[1]
	if !k.on[u] || k.on[e] {
		return
	}
	inverse := e.IsNum(-1, 1)
	if u.IsCall("norm") && e.IsNum(2, 1) {
		k.add(m, u, nil, "norm-vs-squared-norm", "this is the derivative of the norm, the value has its square")
		if m != k.of {
			k.linear(m, u, "norm-vs-squared-norm", "this is the derivative of "+k.c.print(u)+", the value has its square", func(du *Node) *Node { return du })
		}
		if m == k.of || u.Args[0].Op == expr.OpVar {
			return
		}
	}
	at := func(x *Node) *Node { return b.Scale(e, b.Pow(x, b.Sub(e, b.Int(1)))) }
	what := "the power " + k.c.print(m)
	if !u.IsCall("norm") {
		k.elsewhere(m, u, "the derivative of "+what, func(x, du *Node) *Node { return b.Had(at(x), du) })
	}
	if !u.IsCall("norm") {
		k.linear(m, u, "chain-rule-factor", "the derivative of "+what+" is missing", func(du *Node) *Node { return du })
	}
	k.linear(m, u, "sign", "the derivative of "+what+" has the wrong sign", func(du *Node) *Node { return b.Neg(b.Had(at(u), du)) })
	if !inverse {
		k.linear(m, u, "factor", "the exponent of "+what+" is missing as a factor", func(du *Node) *Node { return b.Had(b.Pow(u, b.Sub(e, b.Int(1))), du) })
		// Of a norm rather the division by it is missing from its derivative.
		k.linear(m, u, "power", "the exponent of "+what+" is not lowered by 1", func(du *Node) *Node { return b.Had(b.Scale(e, m), du) }).doubted = u.IsCall("norm")
	} else {
		k.linear(m, u, "quotient-rule", "the denominator is not squared", func(du *Node) *Node { return b.Neg(b.Had(m, du)) })
		k.linear(m, u, "quotient-rule", "the denominator is not squared, and the sign is wrong", func(du *Node) *Node { return b.Had(m, du) })
	}
}

// product breaks the product rule.
func (k *breaker) product(m *Node) {
	b := k.c.b
	var active []int
	for i, a := range m.Args {
		if k.on[a] {
			active = append(active, i)
		}
	}
	if len(active) == 0 || len(m.Args) > 8 {
		return
	}
	if len(active) == 1 && len(m.Args) > 1 {
		i := active[0]
		u := m.Args[i]
		rest := append(append([]*Node(nil), m.Args[:i]...), m.Args[i+1:]...)
		switch {
		case m.Op == expr.OpHad:
			if f := b.Had(rest...); m != k.of || f.Op != expr.OpNum {
				k.linear(m, u, constant(f), "the factor "+k.c.print(f)+" is missing", func(du *Node) *Node { return du })
			}
			for j, f := range rest {
				if len(rest) > 1 {
					others := append(append([]*Node(nil), rest[:j]...), rest[j+1:]...)
					k.linear(m, u, constant(f), "the factor "+k.c.print(f)+" is missing", func(du *Node) *Node { return b.Had(append(others, du)...) })
				}
			}
		case m.Op == expr.OpMul && !m.IsScalar():
			for j := range m.Args {
				if j != i {
					k.linear(m, u, "chain-rule-factor", "the factor "+k.c.print(m.Args[j])+" is missing", func(du *Node) *Node {
						args := append([]*Node(nil), m.Args...)
						args[i] = du
						return b.Mul(append(args[:j:j], args[j+1:]...)...)
					})
				}
			}
		}
	}
	if len(active) > 1 {
		for _, i := range active {
			a := m.Args[i]
			args := append([]*Node(nil), m.Args...)
			args[i] = k.c.frozen(a)
			id, msg := "product-rule", "the factor "+k.c.print(a)+" was held constant"
			if denominator(a) {
				id, msg = "quotient-rule", "the denominator depends on the variable too, and was held constant"
			}
			k.add(m, attempt(func() *Node { return b.With(m, args) }), map[*Node]*Node{args[i]: a}, id, msg)
			// One factor differentiated, and counted for all.
			value := k.c.frozen(m)
			back := map[*Node]*Node{value: m}
			for _, j := range active {
				if j != i {
					f := k.c.frozen(m.Args[j])
					args[j], back[f] = f, m.Args[j]
				}
			}
			args[i] = a
			one := attempt(func() *Node {
				return b.Add(b.Scale(b.Int(int64(len(active))), b.Sub(b.With(m, args), value)), value)
			})
			if one != nil && len(k.out) < k.limit {
				k.add(m, one, back, "product-rule", "the differential of one factor of "+k.c.print(m)+" was counted for all")
			}
		}
	}
	if m.Op == expr.OpMul && len(active) > 1 {
		k.outOfOrder(m, active)
	}
}

// outOfOrder puts the differential of a factor before or behind the others.
func (k *breaker) outOfOrder(m *Node, active []int) {
	b := k.c.b
	for _, i := range active {
		for _, front := range []bool{true, false} {
			a := m.Args[i]
			value, at := k.c.frozen(m), k.c.frozen(a)
			args := append([]*Node(nil), m.Args...)
			args[i] = at // its own term is replaced
			others := attempt(func() *Node { return b.Mul(args...) })
			rest := append(append([]*Node(nil), m.Args[:i]...), m.Args[i+1:]...)
			fixed := make([]*Node, len(rest))
			back := map[*Node]*Node{value: m, at: a}
			for j, r := range rest {
				fixed[j] = k.c.frozen(r)
				back[fixed[j]] = r
			}
			x := attempt(func() *Node {
				d := b.Sub(a, at)
				if front {
					d = b.Mul(append([]*Node{d}, fixed...)...)
				} else {
					d = b.Mul(append(append([]*Node(nil), fixed...), d)...)
				}
				return b.Add(others, d)
			})
			if x != nil && others != nil {
				k.add(m, x, back, "order-of-factors", "the differential of "+k.c.print(a)+" is out of order: matrix products do not commute")
			}
		}
	}
}

func (k *breaker) mentions(n, x *Node) bool {
	for _, m := range expr.Topo(n) {
		if m == x {
			return true
		}
	}
	return false
}

// on1 tells whether a slope does not depend on the place.
func (c *checker) on1(n *Node) bool {
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar {
			return false
		}
	}
	return true
}

func (c *checker) nextFresh() int { c.fresh++; return c.fresh }
