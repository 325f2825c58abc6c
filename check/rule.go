package check

import (
	"slices"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// bare reads the answer 1 for the derivative of a form that is linear: what
// stands beside the variable was left out.
func (w *namer) bare() {
	t := w.q.truth
	if len(w.hits) > 0 || t == nil || len(w.cl.By) == 0 || holds(t, w.cl.By[0]) || t.IsZero() {
		return
	}
	if n := w.n; n.IsNum(1, 1) || n.IsNum(-1, 1) || n.Op == expr.OpOnes || n.Op == expr.OpEye {
		w.hit("chain-rule-factor", "what "+w.cl.ByNames[0]+" is multiplied by, "+w.c.print(w.c.short(t))+", is missing", nil)
	}
}

func (w *namer) wholeAnswer() {
	for _, k := range w.c.whole(w.cl, w.q, w.n) {
		if w.late() {
			return
		}
		if w.right(k.n) {
			if k.id == "factor" && w.cl.Kind == infer.ClaimGradient && w.composed() {
				w.hit("chain-rule-factor", k.msg+": a factor of the chain rule was lost", k.n)
				w.hits[len(w.hits)-1].first = true
			}
			w.hit(k.id, k.msg, k.n)
		}
	}
}

// composed tells whether the value is a function of a scalar that is itself
// not linear, as tr(X'X)² is.
func (w *namer) composed() bool {
	n := w.of()
	for n != nil && n.Op == expr.OpHad && len(n.Args) == 2 && n.Args[0].Op == expr.OpNum {
		n = n.Args[1]
	}
	if n == nil || n.Op != expr.OpPow && n.Op != expr.OpCall || len(n.Args) == 0 {
		return false
	}
	u := n.Args[0]
	return u.IsScalar() && u.Op != expr.OpVar && !u.IsCall("norm")
}

// prepare writes the value in terms of what the line differentiates by.
func (w *namer) prepare() {
	c, of := w.c, w.of()
	w.whole, w.back = of, map[*Node]*Node{}
	if w.cl.Of == nil && of != nil && !of.IsScalar() && (w.cl.Kind == infer.ClaimGradient || w.cl.Kind == infer.ClaimDifferential) {
		g := c.cotangent()
		if w.cl.Kind == infer.ClaimGradient {
			value, v := c.opened(of, w.cl.By[0])
			w.by = []*Node{v}
			if v != w.cl.By[0] {
				w.back[v] = w.cl.By[0]
			}
			w.whole = c.inner(g, value)
			return
		}
		w.whole = c.inner(g, of)
	}
	switch w.cl.Kind {
	case infer.ClaimGradient, infer.ClaimJacobian:
		value, v := c.opened(of, w.cl.By[0])
		w.whole, w.by = value, []*Node{v}
		if v != w.cl.By[0] {
			w.back[v] = w.cl.By[0]
		}
	case infer.ClaimHessian:
		by := w.cl.By[len(w.cl.By)-1]
		if g, _, err := c.gradient(of, w.cl.By[0]); err == nil && by.Op == expr.OpVar {
			w.whole, w.by = g, []*Node{by}
		}
	case infer.ClaimDifferential:
		w.by = w.leaves()
	}
}

// leaves are the variables that move in a line of differentials.
func (w *namer) leaves() []*Node {
	c := w.c
	var names []string
	for _, o := range c.motions(w.n) {
		if len(o.Moving) > 0 {
			names = o.Moving
		}
	}
	if len(names) == 0 {
		for _, m := range expr.Topo(w.n) {
			if m.Op == expr.OpVar && m.Var.Kind == expr.Differential && m.Var.Of != nil && m.Var.Of.Op == expr.OpVar {
				names = append(names, m.Var.Of.Var.Name)
			}
		}
	}
	if len(names) == 0 {
		names = c.moving
	}
	var out []*Node
	for _, v := range c.prog.Vars {
		if !v.Const && (len(names) == 0 || slices.Contains(names, v.Name)) {
			out = append(out, c.b.Var(v))
		}
	}
	return out
}

// explains tells whether the line is what the broken value leads to.
func (w *namer) explains(s *surrogate) bool {
	c := w.c
	back := func(n *Node) *Node { return c.put(c.put(n, s.back), w.back) }
	switch w.cl.Kind {
	case infer.ClaimGradient:
		g, err := c.derived(c.prog, s.of, w.by[0])
		return err == nil && w.same(back(g))
	case infer.ClaimDifferential:
		d, err := derive.Differential(c.b, s.of, w.by)
		return err == nil && w.same(back(d))
	case infer.ClaimJacobian, infer.ClaimHessian:
		d, err := derive.Differential(c.b, s.of, w.by)
		if err != nil || w.n.Shape != w.q.shape {
			return false
		}
		x := c.vec(back(d))
		y := attempt(func() *Node { return c.b.Mul(w.n, c.vec(c.diff(w.by[0]))) })
		if y == nil || x.Shape != y.Shape || w.sift && !w.close(x, y) {
			return false
		}
		r, _ := c.equal(w.q.prog, x, y, verify.Options{Seed: c.opt.Seed})
		return r == verify.Same
	}
	return false
}

func (w *namer) rules() {
	c := w.c
	w.prepare()
	if len(w.by) == 0 || w.whole == nil {
		return
	}
	if w.cl.Kind == infer.ClaimGradient {
		v := w.by[0]
		w.terms(w.whole, v)
		for _, x := range append(c.occurrences(w.whole, v), c.products(w.whole, v)...) {
			if w.late() {
				return
			}
			if w.same(c.put(x.n, w.back)) {
				w.hit(x.id, x.msg, nil)
				if x.twin {
					w.hits[len(w.hits)-1].less = twin
				}
			}
		}
	}
	if w.cl.Kind == infer.ClaimDifferential && len(w.by) > 0 {
		w.productOfDifferentials()
	}
	w.scalarRules()
	doubted := []surrogate(nil)
	for _, s := range c.broken(w.whole, w.by, w.late) {
		if w.late() {
			return
		}
		if w.explains(&s) {
			if s.doubted {
				doubted = append(doubted, s)
				continue
			}
			w.hit(s.id, s.msg, nil)
		}
	}
	if len(w.hits) == 0 {
		for _, s := range doubted {
			w.hit(s.id, s.msg, nil)
		}
	}
	switch w.cl.Kind {
	case infer.ClaimGradient:
		v := w.by[0]
		w.inner(w.whole, v)
		if t := c.s.Normal(w.q.truth); t.Op == expr.OpAdd {
			for i := range t.Args {
				rest := append(append([]*Node(nil), t.Args[:i]...), t.Args[i+1:]...)
				if w.same(c.b.Add(rest...)) {
					w.hit("dropped-term", "the term "+c.print(t.Args[i])+" is missing", nil)
				}
			}
		}
		for _, x := range w.others() {
			of := w.cl.Of
			if of == nil {
				of = c.prog.Objective.Node
			}
			if g, _, err := c.gradient(of, x); err == nil && !g.IsZero() && w.same(g) {
				w.hit("other-variable", "this is the gradient by "+c.print(x), nil)
				if w.known("chain-rule-factor") {
					w.hits[len(w.hits)-1].lost = true // as ∂Q/∂b is where z = A x + b
				}
			}
		}
	case infer.ClaimJacobian:
		// The diagonal part only.
		of, by := w.of(), w.cl.By[0]
		if w.n.Shape != w.q.shape || !w.n.Shape.IsSquare() || w.n.IsScalar() || !of.Shape.IsCol() || !by.Shape.IsCol() {
			return
		}
		j := w.jacobian()
		if j != nil && w.same(c.b.Had(j, c.b.Eye(w.q.shape.R))) {
			w.hit("off-diagonal", "only the diagonal part of the Jacobian is there", nil)
		}
	}
}

// scalarRules differentiates as if matrices were numbers.
func (w *namer) scalarRules() {
	c := w.c
	memo := map[*Node]*Node{}
	found := false
	for _, m := range expr.Topo(w.whole) {
		if m.Op == expr.OpMul && !m.IsScalar() && !slices.ContainsFunc(m.Args, func(a *Node) bool { return a != m.Args[0] }) { // X X
			memo[m] = c.b.Pow(c.put(m.Args[0], memo), c.b.Int(int64(len(m.Args))))
			found = true
			continue
		}
		for f, g := range map[string]string{"inv": "", "expm": "exp", "tr": "sum", "logdet": "log"} {
			if !m.IsCall(f) {
				continue
			}
			u := c.put(m.Args[0], memo)
			found = found || f != "tr"
			if f == "inv" {
				memo[m] = c.b.Pow(u, c.b.Int(-1))
			} else {
				memo[m] = c.b.MustCall(rules.Must(g), u)
			}
			if f == "logdet" {
				memo[m] = c.b.MustCall(rules.Must("sum"), memo[m])
			}
		}
	}
	if found {
		if s := (surrogate{of: c.put(w.whole, memo), id: "elementwise-rule", msg: "the rules of numbers were used for functions of a matrix"}); w.explains(&s) {
			w.hit(s.id, s.msg, nil)
		}
	}
}

// others are the other names that one may have differentiated by.
func (w *namer) others() []*Node {
	var out []*Node
	for _, v := range w.c.prog.Vars {
		if x := w.c.b.Var(v); x != w.cl.By[0] && !v.Const {
			out = append(out, x)
		}
	}
	return out
}

// productOfDifferentials is the mistake d(AB) = dA dB.
func (w *namer) productOfDifferentials() {
	c, m := w.c, w.of()
	if m == nil || m.Op != expr.OpMul && m.Op != expr.OpHad || len(m.Args) < 2 {
		return
	}
	for i := 1; i < len(m.Args); i++ {
		x := attempt(func() *Node { return c.b.With(m, []*Node{rebuilt(c.b, m, m.Args[:i]), rebuilt(c.b, m, m.Args[i:])}) })
		if x == nil || len(x.Args) < 2 {
			continue
		}
		l, errL := derive.Differential(c.b, rebuilt(c.b, m, m.Args[:i]), w.by)
		r, errR := derive.Differential(c.b, rebuilt(c.b, m, m.Args[i:]), w.by)
		if errL != nil || errR != nil || l.IsZero() || r.IsZero() {
			continue
		}
		if w.same(attempt(func() *Node { return c.b.With(m, []*Node{l, r}) })) {
			w.hit("product-rule", "the differential of a product is not the product of the differentials", nil)
		}
	}
}

func rebuilt(b *expr.Builder, m *Node, args []*Node) *Node {
	if m.Op == expr.OpMul {
		return b.Mul(args...)
	}
	return b.Had(args...)
}

// products are the wrong derivatives of a product or a quotient of scalars
// that are made of the derivatives of its parts.
func (c *checker) products(of, by *Node) []broken {
	b := c.b
	root := of
	for root.Op == expr.OpHad && len(root.Args) == 2 && root.Args[0].Op == expr.OpNum {
		root = root.Args[1]
	}
	if root.Op != expr.OpHad || !root.IsScalar() || len(root.Args) != 2 || !holds(root.Args[0], by) || !holds(root.Args[1], by) {
		return nil
	}
	f, g := root.Args[0], root.Args[1]
	df, err := c.derived(c.prog, f, by)
	if err != nil {
		return nil
	}
	dg, err := c.derived(c.prog, g, by)
	if err != nil {
		return nil
	}
	var out []broken
	add := func(n *Node, id, msg string) {
		if n != nil && n.Shape == by.Shape {
			out = append(out, broken{n: n, id: id, msg: msg})
		}
	}
	const product = "the derivative of a product is not the product of the derivatives"
	add(b.Had(df, dg), "product-rule", product)
	add(attempt(func() *Node { return b.Mul(df, b.T(dg)) }), "product-rule", product)
	for _, p := range [][2]*Node{{f, g}, {g, f}} {
		num, inv := p[0], p[1]
		if !denominator(inv) {
			continue
		}
		den := b.Recip(inv)
		dn, err := c.derived(c.prog, num, by)
		if err != nil {
			continue
		}
		dd, err := c.derived(c.prog, den, by)
		if err != nil {
			continue
		}
		const quotient = "the quotient rule: (f/g)' = (f'g − f g')/g²"
		add(b.Had(dn, b.Recip(dd)), "quotient-rule", "the derivative of a quotient is not the quotient of the derivatives")
		n1, n2 := b.Scale(den, dn), b.Scale(num, dd)
		over := b.Recip(b.Had(den, den))
		add(b.Scale(over, b.Add(n1, n2)), "quotient-rule", quotient+"; the minus is a plus here")
		add(b.Scale(over, b.Sub(n2, n1)), "quotient-rule", quotient+"; the two terms are exchanged here")
		add(b.Scale(inv, b.Sub(n1, n2)), "quotient-rule", quotient+"; the denominator is not squared here")
		add(b.Sub(n1, n2), "quotient-rule", quotient+"; the denominator is missing here")
		add(b.Scale(over, b.Sub(dn, n2)), "quotient-rule", quotient+"; the factor g is missing here")
		add(b.Sub(b.Scale(inv, dn), b.Scale(inv, n2)), "quotient-rule", quotient+"; g is not squared in the second term here")
	}
	return out
}

// inner looks for a part of the value by which the line is the derivative: the
// derivative of that part was left out.
func (w *namer) inner(of, by *Node) {
	on := map[*Node]bool{by: true}
	for k, m := range expr.Topo(of) {
		for _, a := range m.Args {
			on[m] = on[m] || on[a]
		}
		if k > 200 || !on[m] || m == by || m == of || w.late() {
			continue
		}
		for _, x := range []*Node{w.n, w.c.b.T(w.n)} {
			if m.Shape != x.Shape {
				continue
			}
			g, err := w.c.derived(w.c.prog, of, m)
			if err == nil {
				g = w.c.put(g, w.back)
			}
			if err != nil || g.IsZero() || w.sift && !w.close(g, x) {
				continue
			}
			if r, _ := w.c.equal(w.q.prog, g, x, verify.Options{Seed: w.c.opt.Seed}); r == verify.Same {
				w.hit("chain-rule-factor", "this is the derivative by "+w.c.print(m)+": the factor from differentiating that by "+w.cl.ByNames[0]+" is missing", nil)
				return
			}
		}
	}
}

// terms looks for a term of the value whose gradient was left out.
func (w *namer) terms(of, by *Node) {
	c := w.c
	scale, over := c.b.Int(1), func(n *Node) *Node { return n }
	for {
		if of.Op == expr.OpHad && len(of.Args) == 2 && !holds(of.Args[0], by) {
			scale, of = c.b.Had(scale, of.Args[0]), of.Args[1]
			continue
		}
		if f := of.Fn; of.Op == expr.OpCall && len(of.Args) == 1 && (f.FnName() == "sum" || f.FnName() == "tr" || f.FnName() == "mean") && of.Args[0].Op == expr.OpAdd {
			over, of = func(n *Node) *Node { return c.b.MustCall(f, n) }, of.Args[0]
		}
		break
	}
	if of.Op != expr.OpAdd || len(of.Args) > 12 {
		return
	}
	for i, t := range of.Args {
		rest := append(append([]*Node(nil), of.Args[:i]...), of.Args[i+1:]...)
		if !holds(t, by) {
			continue
		}
		g, err := c.derived(c.prog, c.b.Had(scale, over(c.b.Add(rest...))), by)
		if err == nil && w.same(c.put(g, w.back)) {
			w.hit("dropped-term", "the gradient of the term "+c.print(t)+" is missing", nil)
			w.hits[len(w.hits)-1].first = true
		}
	}
}
