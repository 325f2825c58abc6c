package check

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// found is an explanation of a false line that was confirmed.
type found struct {
	id, msg string
	fix     *Node // nil: the derived answer is the fix
	first   bool  // preferred to all others
	lost    bool  // found from the right answer, not from what is written
	less    int   // how much less telling it is than its name says
	// assumes is the assumption under which the line is right.
	assumes string
}

// namer looks for the mistake in one false line.
type namer struct {
	c    *checker
	i    int // of the claim
	cl   *infer.Claim
	q    *question
	n    *Node
	sift bool
	// values are those at a point at which the line is false: candidates are
	// sifted by them.
	values *eval.Memo
	until  time.Time
	hits   []found
	tried  int
	asked  int  // answers compared at several points
	second bool // a telling explanation is there already
	from   int  // nodes made before the search
	size   int  // of the expressions that are compared

	forms []*Node // of the right answer, nil before they are asked for
	whole *Node   // what is differentiated, in terms of by
	by    []*Node // variables
	back  map[*Node]*Node
}

// name finds what went wrong in a false line: a mistake made on the whole
// answer, a rule that was broken, an assumption, one edit of what is written.
// Where several explain the line the simplest is named and the others listed.
func (c *checker) name(i int, q *question, n *Node, cmp *verify.Comparison) *Mistake {
	w := &namer{c: c, i: i, cl: &c.res.Claims[i], q: q, n: n, until: time.Now().Add(c.opt.Limit)}
	if cmp != nil && cmp.Counter != nil {
		w.values = eval.NewMemo(eval.Env{Vars: cmp.Counter.Point, Sizes: cmp.Counter.Sizes})
		w.sift = true
	}
	w.from, w.size = c.b.Len(), len(expr.Topo(n))
	if of := w.of(); of != nil {
		w.size += len(expr.Topo(of))
	}
	w.wholeAnswer()
	w.ratio()
	w.rules()
	w.point()
	w.assumptions()
	// What is found from here on comes second to a rule that was broken.
	w.second = slices.ContainsFunc(w.hits, func(h found) bool { return h.priority() < 2 })
	w.edits()
	w.lost()
	w.bare()
	c.work = max(c.work, w.work())
	return w.mistake()
}

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

// point draws the point of a line whose shape is wrong: there is none at which
// its value differs.
func (w *namer) point() {
	c := w.c
	if w.sift || w.n.Shape == w.q.shape {
		return
	}
	sum := c.b.Int(0)
	for _, n := range append(w.rightForms(), w.n) {
		if !n.IsScalar() {
			n = c.b.MustCall(rules.Must("sum"), n)
		}
		sum = c.b.Add(sum, n)
	}
	if _, cmp := c.equal(w.q.prog, sum, c.b.Add(sum, c.b.Int(1)), verify.Options{Seed: c.opt.Seed}); cmp != nil && cmp.Counter != nil {
		w.values = eval.NewMemo(eval.Env{Vars: cmp.Counter.Point, Sizes: cmp.Counter.Sizes})
		w.sift = true
	}
}

// maxWork bounds the search for one mistake: nodes made and computed, and for
// each answer compared in earnest the nodes it has, at several points. The search ends at the same place on any
// machine; the time limit is only there for what work does not measure.
const maxWork = 150_000

func (w *namer) late() bool {
	return w.work() > maxWork || time.Now().After(w.until) || w.c.ctx.Err() != nil
}

// work counts what the search has taken so far.
func (w *namer) work() int {
	work := w.c.b.Len() - w.from + w.tried + 20*w.asked*w.size
	if w.sift {
		return work + w.values.Len()
	}
	return work + w.tried*w.size
}

func (w *namer) hit(id, msg string, fix *Node) {
	for _, h := range w.hits {
		if h.id == id {
			return
		}
	}
	w.hits = append(w.hits, found{id: id, msg: msg, fix: fix})
}

// known tells whether a mistake of that name explains the line already.
func (w *namer) known(id string) bool {
	return slices.ContainsFunc(w.hits, func(h found) bool { return h.id == id })
}

// right tells whether n is a right answer.
func (w *namer) right(n *Node) bool {
	if n == nil || n.Shape != w.q.shape {
		return false
	}
	w.tried++
	if x, y := w.q.sides(n); x == nil || y == nil || w.sift && !w.close(x, y) {
		return false
	}
	w.asked++
	r, _ := w.c.ask(w.q, n)
	return r == verify.Same
}

// close compares two values at the one point.
func (w *namer) close(x, y *Node) bool {
	a, err := w.value(x)
	if err != nil {
		return true
	}
	b, err := w.value(y)
	if err != nil {
		return !unknown(err)
	}
	scale := math.Max(a.MaxAbs(), b.MaxAbs())
	for k := range a.Data {
		if !(math.Abs(a.Data[k]-b.Data[k]) <= 1e-6*scale+1e-12) {
			return false
		}
	}
	return true
}

func unknown(err error) bool { _, domain := err.(*eval.DomainError); return domain }

func (w *namer) value(n *Node) (*num.Mat, error) {
	if len(w.c.assume) > 0 {
		n = w.c.assumed(n)
	}
	return w.values.Value(n)
}

// same tells whether the line is what the broken answer x is.
func (w *namer) same(x *Node) bool {
	if x == nil || x.Shape != w.n.Shape {
		return false
	}
	w.tried++
	if w.sift && !w.close(x, w.n) {
		return false
	}
	w.asked++
	o := verify.Options{Seed: w.c.opt.Seed}
	if w.cl.Kind == infer.ClaimDifferential {
		for _, v := range w.by {
			o.Moving = append(o.Moving, v.Var.Name)
		}
	}
	r, _ := w.c.equal(w.q.prog, x, w.n, o)
	return r == verify.Same
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

func (w *namer) of() *Node {
	if w.cl.Of != nil {
		return w.cl.Of
	}
	return w.c.prog.Objective.Node
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
					w.hits[len(w.hits)-1].less = 4
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
	scale := c.b.Int(1)
	for of.Op == expr.OpHad && len(of.Args) == 2 && of.Args[1].Op == expr.OpAdd {
		scale, of = c.b.Had(scale, of.Args[0]), of.Args[1]
	}
	if of.Op != expr.OpAdd || len(of.Args) > 12 {
		return
	}
	for i, t := range of.Args {
		rest := append(append([]*Node(nil), of.Args[:i]...), of.Args[i+1:]...)
		g, err := c.derived(c.prog, c.b.Had(scale, c.b.Add(rest...)), by)
		if err == nil && w.same(c.put(g, w.back)) {
			w.hit("dropped-term", "the gradient of the term "+c.print(t)+" is missing", nil)
			w.hits[len(w.hits)-1].first = true
		}
	}
}

// assumed is a property that a reader may have taken a matrix to have: put
// makes any matrix one that has it.
type assumed struct {
	id, words string
	fits      func(v *expr.Var) bool
	put       func(c *checker, x *Node) *Node
}

var assumable = []assumed{
	{"symmetric-assumed", "%s is symmetric",
		func(v *expr.Var) bool {
			return v.Shape.IsSquare() && !v.Shape.IsScalar() && !v.Props.Has(expr.Symmetric)
		},
		func(c *checker, x *Node) *Node { return c.b.Scale(c.b.Rat(1, 2), c.b.Add(x, c.b.T(x))) }},
	{"rows-sum-to-one-assumed", "the rows of %s sum to one",
		func(v *expr.Var) bool {
			return !v.Shape.IsScalar() && !v.Shape.R.IsOne() && !v.Props.Has(expr.Stochastic)
		},
		func(c *checker, x *Node) *Node { return c.b.MustCall(rules.Must("softmax"), x) }},
	{"binary-assumed", "the entries of %s are 0 or 1",
		func(v *expr.Var) bool { return !v.Shape.IsScalar() && !v.Props.Has(expr.Binary) },
		func(c *checker, x *Node) *Node { return c.b.MustCall(rules.Must("step"), x) }},
	{"orthogonal-assumed", "%s is orthogonal",
		func(v *expr.Var) bool {
			return v.Shape.IsSquare() && !v.Shape.IsScalar() && !v.Props.Has(expr.Orthogonal)
		},
		func(c *checker, x *Node) *Node { // Cayley's form
			k := c.b.Sub(x, c.b.T(x))
			i := c.b.Eye(x.Shape.R)
			return c.b.Mul(c.b.Sub(i, k), c.b.MustCall(rules.Must("inv"), c.b.Add(i, k)))
		}},
}

// assumptions tries what a reader may have assumed of a matrix.
func (w *namer) assumptions() {
	c := w.c
	if w.n.Shape != w.q.shape {
		return
	}
	l, r := w.closedSides()
	if l == nil {
		return
	}
	for _, a := range assumable {
		for _, v := range c.prog.Vars {
			x := c.b.Var(v)
			if !a.fits(v) || c.assume[x] != nil || w.late() || slices.Contains(w.by, x) || len(w.cl.By) > 0 && slices.Contains(w.cl.By, x) {
				continue
			}
			if a.id != "symmetric-assumed" && len(w.hits) > 0 {
				continue
			}
			if !holds(l, x) && !holds(r, x) || a.id == "rows-sum-to-one-assumed" && !summed(x, append(w.rightForms(), l, r)...) {
				continue
			}
			y := attempt(func() *Node { return a.put(c, x) })
			if y == nil {
				continue
			}
			memo := map[*Node]*Node{x: y}
			l1, r1 := c.b.Subst(l, memo), c.b.Subst(r, memo)
			if w.sift && !w.close(l1, r1) {
				continue
			}
			o := verify.Options{Seed: c.opt.Seed}
			for _, v := range w.by {
				o.Moving = append(o.Moving, v.Var.Name)
			}
			if rel, _ := c.equal(w.q.prog, l1, r1, o); rel == verify.Same {
				words := fmt.Sprintf(a.words, v.Name)
				w.hit(a.id, "this is right only if "+words+", which it is not declared to be", nil)
				w.hits[len(w.hits)-1].assumes = words
			}
		}
	}
}

// summed tells whether something is made of sums of x.
func summed(x *Node, roots ...*Node) bool {
	for _, m := range expr.Topo(roots...) {
		switch {
		case m.IsCall("sum"), m.IsCall("rowsum"):
			if holds(m.Args[0], x) {
				return true
			}
		case m.Op == expr.OpMul && slices.ContainsFunc(m.Args, func(a *Node) bool { return a.Op == expr.OpOnes || a.Op == expr.OpT && a.Args[0].Op == expr.OpOnes }):
			if holds(m, x) {
				return true
			}
		}
	}
	return false
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

// editor edits what is written, with what the right answer is made of.
func (w *namer) editor() *editor {
	e := &editor{c: w.c, seen: map[*Node]int{w.n: -1}, sums: w.cl.Kind == infer.ClaimValue, stop: w.late, pool: w.pool(), more: w.summands(), by: w.cl.By}
	seen := map[expr.Fn]bool{}
	for _, root := range append(w.rightForms(), w.of()) {
		if root == nil {
			continue
		}
		for _, m := range expr.Topo(root) {
			if m.Op != expr.OpCall || len(m.Args) == 0 || m.Args[0].Shape != m.Shape || seen[m.Fn] || len(seen) >= 6 ||
				slices.ContainsFunc(m.Args[1:], func(a *Node) bool { return !w.c.on1(a) }) {
				continue
			}
			seen[m.Fn] = true
			e.funcs = append(e.funcs, m)
		}
	}
	e.edit = e.local
	return e
}

// edits searches the answers one edit away from the written one.
func (w *namer) edits() {
	e := w.editor()
	e.walk(w.n, true, "", func(m *Node) *Node { return m })
	w.choose(e.out)
}

// choose takes the edited answers that are right, likely ones first.
func (w *namer) choose(list []candidate) {
	guess := map[bool]int{true: 1}
	slices.SortStableFunc(list, func(a, b candidate) int {
		if a.id == b.id {
			return guess[a.guess] - guess[b.guess]
		}
		return rank(a.id) - rank(b.id)
	})
	tries, again := 0, 0
	for _, k := range list {
		if w.late() || tries >= 3 {
			return
		}
		i := slices.IndexFunc(w.hits, func(h found) bool { return h.id == k.id })
		switch {
		case i < 0 && w.right(k.n):
			tries++
			w.hit(k.id, k.msg, k.n)
			w.hits[len(w.hits)-1].lost = w.second || k.guess
		case i >= 0 && again < 4 && k.id == "missing-transpose" && w.hits[i].fix != nil && !k.guess && w.right(k.n):
			again++ // of several transposes the one that leaves the shorter line
			if render.Length(k.n) < render.Length(w.hits[i].fix) {
				w.hits[i].msg, w.hits[i].fix = k.msg, k.n
			}
		}
	}
}

// pool holds the factors that may be missing: variables, their transposes, and
// the factors of the right answer and of the written one.
func (w *namer) pool() []*Node {
	c := w.c
	var out []*Node
	seen := map[*Node]bool{}
	add := func(n *Node) {
		if len(out) < 60 && !seen[n] && n.Op != expr.OpNum && !n.HasD && n.Op != expr.OpOnes && n.Op != expr.OpEye {
			seen[n] = true
			out = append(out, n)
		}
	}
	roots := append(w.rightForms(), w.n)
	if of := w.of(); of != nil {
		roots = append(roots, of)
	}
	for _, root := range roots {
		for _, m := range expr.Topo(root) {
			switch m.Op {
			case expr.OpMul, expr.OpHad, expr.OpScale:
				for _, a := range m.Args {
					add(a)
				}
			}
		}
	}
	for _, root := range w.rightForms() { // and what several of them make
		for _, m := range expr.Topo(root) {
			if m.Op != expr.OpMul || len(m.Args) > 6 {
				continue
			}
			runs(c.b, m.Args, -1, add)
			for i, a := range m.Args { // multiplied out
				for k := 0; a.Op == expr.OpAdd && k < len(a.Args) && len(a.Args) <= 4; k++ {
					t := a.Args[k]
					if t.Op == expr.OpScale && t.Args[0].IsNum(-1, 1) {
						t = t.Args[1]
					}
					args := slices.Clone(m.Args)
					args[i] = t
					runs(c.b, args, i, add)
				}
			}
		}
	}
	for _, v := range c.prog.Vars {
		add(c.b.Var(v))
		add(c.b.T(c.b.Var(v)))
	}
	for _, d := range c.prog.Defs {
		if len(expr.Topo(d.Node)) < 40 {
			add(d.Node)
		}
	}
	return out
}

// runs adds the products of neighbouring factors, two or more and not all of
// them; of a factor that is changed only those that hold it.
func runs(b *expr.Builder, args []*Node, changed int, add func(*Node)) {
	most := len(args)
	if changed < 0 {
		most--
	}
	for k := 2; k <= most; k++ {
		for i := 0; i+k <= len(args); i++ {
			if changed < 0 || i <= changed && changed < i+k {
				if m := attempt(func() *Node { return b.Mul(args[i : i+k]...) }); m != nil {
					add(m)
				}
			}
		}
	}
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

// mistake chooses among the explanations and writes the fix.
func (w *namer) mistake() *Mistake {
	c := w.c
	m := &Mistake{ID: "other", Message: "no single mistake that is known here explains this line"}
	if len(w.hits) > 0 {
		best := 0
		for i, h := range w.hits { // one of two occurrences counted twice: as if symmetric
			if h.id == "symmetric-assumed" && (strings.HasSuffix(w.hits[0].msg, countedForAll) || strings.HasSuffix(w.hits[0].msg, "counted for all")) {
				w.hits[i].first = true
			}
		}
		if h := w.hits[0]; h.id == "factor" && !slices.ContainsFunc(w.hits, func(h found) bool { return h.first }) {
			w.hits[0].first = true // the whole answer but for a number
		}
		for i, h := range w.hits {
			if !w.hits[best].first && (h.first || h.priority() < w.hits[best].priority()) {
				best = i
			}
		}
		h := w.hits[best]
		m.ID, m.Message = h.id, h.msg
		for i, o := range w.hits {
			if i != best && o.id != h.id {
				m.Also = append(m.Also, o.id)
			}
		}
		for i, o := range w.hits {
			if i != best && !o.first && o.msg != h.msg && o.priority() <= h.priority()+1 && o.id != "factor" && !(h.id == "factor" && o.id == "dropped-term") {
				m.Message += "; or else: " + o.msg
				break
			}
		}
		m.Assumes = h.assumes
		if h.fix != nil {
			m.Fix = c.confirmed(w.i, w.shorter(h.fix))
		}
	} else if w.n.Shape != w.q.shape {
		m.ID, m.Message = "shape", w.q.shapes(w.n)
		c.respelled(w.i, m)
	}
	if m.Fix == "" {
		if n := w.closed(); n != nil && (n.Shape == w.q.shape) {
			m.Fix = c.confirmed(w.i, n)
		}
	}
	return m
}

// shorter is the mended line, or the right answer where that says the same in
// far fewer signs.
func (w *namer) shorter(fix *Node) *Node {
	n := render.Length(fix)
	if w.cl.Kind == infer.ClaimValue {
		return fix
	}
	for _, x := range []*Node{w.c.short(fix), w.closed()} {
		if x != nil && x.Shape == fix.Shape && 3*render.Length(x) <= 2*n {
			return x
		}
	}
	return fix
}

func (h found) priority() int {
	if h.lost {
		return priority(h.id) + h.less + 3
	}
	return priority(h.id) + h.less
}

// priority orders the explanations of one line, the telling ones first.
func priority(id string) int {
	switch id {
	case "factor", "orthogonal-assumed", "binary-assumed":
		return 3
	case "symmetric-assumed", "extra-factor", "chain-rule-factor":
		return 2
	case "dropped-term":
		return 1
	}
	return 0
}
