package check

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

// A right side whose shapes do not fit has no expression, but its pieces have.
// The edits of expressions are made in them, and at the operation that joins
// what does not fit; where the whole fits then, it is compared with what is
// right.

// clash looks for one edit that makes a side right whose shapes do not fit.
func (c *checker) clash(i int, m *Mistake) bool {
	cl := &c.res.Claims[i]
	if cl.Parts == nil || cl.Parts.Node != nil {
		return false
	}
	w := c.namerFor(i)
	if w == nil {
		return false
	}
	if n := (&editor{c: c}).node(cl.Parts); n != nil && n.Shape == w.q.shape {
		c.entryPowers(w, n, m)
		return true
	}
	w.prepare()
	w.point()
	e := w.editor()
	e.clash = true
	e.parts(cl.Parts, func(m *Node) *Node { return m })
	w.choose(e.out)
	c.work = max(c.work, w.work())
	if len(w.hits) == 0 {
		return false
	}
	got := w.mistake()
	m.ID, m.Message, m.Fix, m.Also = got.ID, m.Message+": "+got.Message, got.Fix, got.Also
	return true
}

// entryPowers names the mistake in a line that has a meaning once its powers
// are those of the entries: nothing else does not fit.
func (c *checker) entryPowers(w *namer, n *Node, m *Mistake) {
	slip := "the power of each entry is .^, as in x.^2"
	if !strings.HasPrefix(m.Message, "^") {
		slip = "the quotient of each entry is ./"
	}
	if w.right(n) {
		m.ID, m.Message, m.Fix = "hadamard", m.Message+": "+slip, c.confirmed(w.i, n, true)
		return
	}
	_, cmp := c.ask(w.q, n)
	got := c.name(w.i, w.q, n, cmp)
	if got.ID == "other" {
		m.Fix = got.Fix
		return
	}
	got.Message = m.Message + ", and " + slip + "; moreover, " + got.Message
	*m = *got
}

// node is the expression of a part, nil where its shapes do not fit.
func (e *editor) node(p *infer.Part) *Node {
	if p.Node != nil {
		return p.Node
	}
	args := make([]*Node, len(p.Args))
	for i, a := range p.Args {
		if args[i] = e.node(a); args[i] == nil {
			return nil
		}
	}
	return e.c.join(p, args)
}

// parts makes the edits below a part that does not fit by itself.
func (e *editor) parts(p *infer.Part, up func(m *Node) *Node) {
	if p.Node != nil {
		e.walk(p.Node, false, "", up)
		return
	}
	args, open := make([]*Node, len(p.Args)), 0
	for i, a := range p.Args {
		if args[i] = e.node(a); args[i] == nil {
			open++
		}
	}
	if open > 1 { // two places that do not fit
		return
	}
	for i, a := range p.Args {
		if open == 1 && args[i] != nil {
			continue
		}
		e.parts(a, func(m *Node) *Node {
			with := slices.Clone(args)
			with[i] = m
			if n := e.c.join(p, with); n != nil {
				return up(n)
			}
			return nil
		})
	}
	if open == 0 {
		e.joint(p, args, func(m *Node, id, msg string) { e.put(m, up, id, msg) })
	}
}

// joint edits the operation whose operands do not fit.
func (e *editor) joint(p *infer.Part, args []*Node, put func(m *Node, id, msg string)) {
	b, c, k := e.c.b, e.c, len(args)
	mul := func(args ...*Node) *Node { return c.join(&infer.Part{Op: infer.PartMul}, args) }
	switch p.Op {
	case infer.PartMul:
		if k <= 5 {
			permute(args, func(q []*Node) {
				put(mul(q...), "order-of-factors", "the factors are out of order: matrix products do not commute")
			})
		}
		e.innerForOuter(args, put)
		for i := range args {
			for j := i; j < k; j++ {
				with := slices.Clone(args)
				with[i] = b.T(with[i])
				if j > i {
					with[j] = b.T(with[j])
				}
				put(mul(with...), "missing-transpose", "a transpose is missing, or does not belong here")
			}
		}
		for i := 1; i < k; i++ { // P Y 𝟏𝟏' for P ∘ (Y 𝟏𝟏')
			l, r := mul(args[:i]...), mul(args[i:]...)
			if l != nil && r != nil && !l.IsScalar() && !r.IsScalar() {
				put(c.join(&infer.Part{Op: infer.PartHad}, []*Node{l, r}), "hadamard", "a matrix product stands where the elementwise product belongs")
			}
		}
		for i := 0; i+1 < k; i++ {
			x, y := args[i], args[i+1]
			for _, q := range [][2]*Node{{x, y}, {b.T(x), y}, {x, b.T(y)}} {
				had := c.join(&infer.Part{Op: infer.PartHad}, []*Node{q[0], q[1]})
				if had == nil {
					continue
				}
				with := append(slices.Clone(args[:i]), had)
				put(mul(append(with, args[i+2:]...)...), "hadamard", "a matrix product stands where the elementwise product belongs")
			}
		}
		for i := range args { // v h (1 − h) for v ⊙ h ⊙ (1 − h)
			for j := i + 3; j <= k; j++ {
				had := c.join(&infer.Part{Op: infer.PartHad}, args[i:j])
				if had == nil || had.IsScalar() {
					continue
				}
				with := append(slices.Clone(args[:i]), had)
				put(mul(append(with, args[j:]...)...), "hadamard", "matrix products stand where the elementwise products belong")
			}
		}
		for i := range args {
			for j := i + 1; j <= k; j++ {
				g := mul(args[i:j]...)
				if g == nil || !g.Shape.IsSquare() || g.IsScalar() {
					continue
				}
				with := append(slices.Clone(args[:i]), b.MustCall(rules.Must("tr"), g))
				put(mul(append(with, args[j:]...)...), "missing-trace", "the trace of "+e.print(g)+" is missing")
			}
		}
		for i := 0; i <= k; i++ {
			for _, f := range e.pool {
				with := append(slices.Clone(args[:i]), f)
				put(mul(append(with, args[i:]...)...), "chain-rule-factor", "the factor "+e.print(f)+" is missing")
			}
		}
		for i := range args {
			put(mul(append(slices.Clone(args[:i]), args[i+1:]...)...), "extra-factor", "the factor "+e.print(args[i])+" does not belong here")
		}
	case infer.PartHad:
		for i := range args {
			for _, q := range [][]*Node{args, {b.T(args[0]), args[1]}, {args[0], b.T(args[1])}} {
				x, y := q[i], q[1-i]
				put(mul(x, y), "hadamard", "an elementwise product stands where the matrix product belongs")
			}
			put(args[i], "extra-factor", "the factor "+e.print(args[1-i])+" does not belong here")
		}
	case infer.PartAdd:
		for i := range args {
			put(c.join(p, append(slices.Clone(args[:i]), args[i+1:]...)), "extra-term", "the term "+e.print(args[i])+" does not belong here")
		}
	}
}

// innerForOuter turns the inner product of two neighbouring runs of factors,
// vectors both, into the outer one.
func (e *editor) innerForOuter(args []*Node, put putter) {
	k := len(args)
	if k > 7 {
		return
	}
	b := e.c.b
	mul := func(args ...*Node) *Node { return e.c.join(&infer.Part{Op: infer.PartMul}, args) }
	for i := 0; i < k; i++ {
		for m := i + 1; m < k; m++ {
			l := mul(args[i:m]...)
			if l == nil || !l.Shape.IsRow() || l.IsScalar() {
				continue
			}
			for j := m + 1; j <= k; j++ {
				r := mul(args[m:j]...)
				if r == nil || !r.Shape.IsCol() || r.IsScalar() {
					continue
				}
				with := append(slices.Clone(args[:i]), b.T(l), b.T(r))
				put(mul(append(with, args[j:]...)...), "inner-outer-confusion", "an inner product stands where the outer product belongs")
			}
		}
	}
}

// join builds what a part does with operands, with the broadcasting of the
// language; nil if they do not fit.
func (c *checker) join(p *infer.Part, args []*Node) *Node {
	b := c.b
	return attempt(func() *Node {
		switch p.Op {
		case infer.PartAdd:
			return c.broadcast(args, func(args []*Node) *Node { return b.Add(args...) }, false)
		case infer.PartHad:
			return c.broadcast(args, func(args []*Node) *Node { return b.Had(args...) }, true)
		case infer.PartNeg:
			return b.Neg(args[0])
		case infer.PartMul:
			return c.chain(args)
		case infer.PartOver:
			return b.Recip(args[0])
		case infer.PartT:
			return b.T(args[0])
		case infer.PartInv:
			if args[0].IsScalar() {
				return b.Recip(args[0])
			}
			return b.MustCall(rules.Must("inv"), args[0])
		case infer.PartPow:
			return b.Pow(args[0], args[1])
		case infer.PartCall:
			return b.MustCall(p.Fn, args...)
		}
		return nil
	})
}

// chain multiplies from left to right; numbers scale.
func (c *checker) chain(args []*Node) *Node {
	b := c.b
	var scalars, run []*Node
	for _, f := range args {
		if f.IsScalar() {
			scalars = append(scalars, f)
			continue
		}
		if len(run) > 0 && run[0].Shape.R.IsOne() && run[len(run)-1].Shape.C.IsOne() {
			scalars = append(scalars, b.Mul(run...))
			run = nil
		}
		run = append(run, f)
	}
	return b.Mul(append(scalars, run...)...)
}

// broadcast joins operands entry by entry, once numbers, rows and columns are
// repeated to the widest shape; of a product numbers stay.
func (c *checker) broadcast(args []*Node, f func([]*Node) *Node, product bool) *Node {
	b, want := c.b, expr.Scalar
	for _, a := range args {
		if !a.Shape.R.IsOne() {
			want.R = a.Shape.R
		}
		if !a.Shape.C.IsOne() {
			want.C = a.Shape.C
		}
	}
	if !want.R.IsOne() && !want.C.IsOne() && !slices.ContainsFunc(args, func(a *Node) bool { return a.Shape == want }) {
		return nil // a column beside a row
	}
	out := make([]*Node, len(args))
	for i, a := range args {
		switch {
		case a.Shape == want || a.IsScalar() && product:
			out[i] = a
		case a.IsScalar():
			out[i] = b.Scale(a, b.Ones(want))
		case a.Shape.R.IsOne() && a.Shape.C == want.C:
			out[i] = b.Mul(b.Ones(expr.Shape{R: want.R, C: expr.One}), a)
		case a.Shape.C.IsOne() && a.Shape.R == want.R:
			out[i] = b.Mul(a, b.Ones(expr.Shape{R: expr.One, C: want.C}))
		default:
			return nil
		}
	}
	return f(out)
}

// rebuilt puts other operands to a node; they may have other shapes.
func (e *editor) rebuilt(n *Node, args []*Node, at int) *Node {
	if args[at].Shape != n.Args[at].Shape {
		switch n.Op {
		case expr.OpAdd:
			for i, a := range args { // numbers are spread anew
				if k, x := e.c.scaled(a); x.Op == expr.OpOnes {
					args[i] = k
				}
			}
			return e.c.join(&infer.Part{Op: infer.PartAdd}, args)
		case expr.OpHad, expr.OpScale:
			return e.c.join(&infer.Part{Op: infer.PartHad}, args)
		case expr.OpMul:
			return e.c.join(&infer.Part{Op: infer.PartMul}, args)
		}
	}
	return e.c.b.With(n, args)
}

// scaled is the number by which a part is scaled, and the part.
func (c *checker) scaled(a *Node) (k, x *Node) {
	if a.Op == expr.OpScale {
		return a.Args[0], a.Args[1]
	}
	return c.b.Int(1), a
}
