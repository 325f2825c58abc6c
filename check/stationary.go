package check

import (
	"fmt"
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// stationary judges ∂Q/∂w = 0 ⇒ w = …: what follows must make the gradient
// zero. An equation that is not solved for w must be the gradient but for a
// factor, or hold where the gradient is zero.
func (c *checker) stationary(i int, cl *infer.Claim, out *Line) {
	if cl.ThenLeft == nil {
		out.Verdict, out.Reason = Right, "a condition, not a claim"
		return
	}
	q, err := c.stationaryQuestion(cl)
	if err != nil {
		out.Verdict, out.Reason = Undecided, err.Error()
		return
	}
	l, r := cl.ThenLeft, cl.ThenRight
	if l.Shape != r.Shape {
		out.Verdict, out.Reason = Wrong, fmt.Sprintf("the left side is %v, the right side %v", l.Shape, r.Shape)
		out.Mistake = &Mistake{ID: "shape", Message: out.Reason}
		if t := c.b.T(r); t.Shape == l.Shape {
			if rel, _ := c.ask(q, t); rel == verify.Same {
				out.Mistake = &Mistake{ID: "missing-transpose", Message: out.Reason + ": the transpose is missing", Fix: c.confirmed(i, c.s.T(r), true)}
			}
		}
		if m := c.onesMeant(i); m != nil {
			out.Mistake = m
		}
		c.falses = append(c.falses, i)
		return
	}
	rel, cmp := c.ask(q, r)
	if by := cl.By[0]; rel == verify.Undecided && q.shape == r.Shape && !(l == by && !holds(r, by)) && !(r == by && !holds(l, by)) {
		g, _, err := c.gradient(cl.Of, cl.By[0])
		if err == nil && !hasAdjoint(g) {
			at := []stated{{claim: i, by: cl.By[0], g: g}}
			if rel = c.where(at, l, r); rel == verify.Undecided {
				if all := c.withMultipliers(append(c.statedBefore(i), at...)); len(all) > 1 {
					rel = c.where(all, l, r)
				}
			}
		}
	}
	switch rel {
	case verify.Same:
		out.Verdict = Right
	case verify.Different:
		if c.condition(i, l, r, out) {
			return
		}
		out.Verdict, out.Reason = Wrong, "put into the gradient, this does not make it zero"
		if l != cl.By[0] && r != cl.By[0] {
			out.Reason = "this does not hold where the gradient is zero"
		}
		if cmp != nil {
			if out.Counter = counter(cmp.Counter); out.Counter != nil {
				out.Counter.shape, out.Counter.of = cl.By[0].Shape, "the gradient there"
				if x, _ := q.sides(r); x != nil && l != cl.By[0] && r != cl.By[0] {
					out.Counter.shape, out.Counter.of = x.Shape, "the difference"
				}
			}
		}
		if !c.plain {
			out.Mistake = c.name(i, q, r, cmp)
			if out.Mistake.ID == "other" {
				out.Mistake.ID, out.Mistake.Message = "stationary-point", out.Reason
			}
			if g, _, err := c.gradient(cl.Of, cl.By[0]); err == nil && out.Mistake.Fix == "" && l != cl.By[0] {
				at := append(c.statedBefore(i), stated{by: cl.By[0], g: g})
				for k := len(at) - 1; k >= 0 && out.Mistake.Fix == ""; k-- {
					if x := c.otherSide(l, at[k].g); x != nil && !at[k].wrong {
						out.Mistake.Fix = c.confirmed(i, x, false)
					}
				}
			}
		}
		c.falses = append(c.falses, i)
	default:
		out.Verdict, out.Reason = Undecided, "the equation is no plain multiple of the gradient; solve it for "+cl.ByNames[0]
		if cmp != nil && cmp.Reason != "" {
			out.Reason = cmp.Reason
		}
	}
}

// variable judges an equation for a variable, which equals nothing by itself:
// w = w − η g is an update, A = A' an assumption, and w = inv(X'X) X'y says
// where the gradient is zero.
func (c *checker) variable(cl *infer.Claim, n *Node, out *Line) {
	switch {
	case n.Op == expr.OpAdd && slices.Contains(n.Args, cl.Of):
		out.Verdict, out.Reason = Right, "an update, not a claim"
		return
	case n == c.b.T(cl.Of):
		c.assumption(&infer.Claim{Kind: infer.ClaimAssume, Of: cl.Of, OfName: cl.OfName, Props: expr.Symmetric, PropNames: []string{"symmetric"}}, out)
		return
	}
	out.Verdict, out.Reason = Undecided, cl.OfName+" is a variable, and nothing says that it equals this"
	q := c.prog.Objective.Node
	if q == nil || !q.IsScalar() || !holds(q, cl.Of) || n.Shape != cl.Of.Shape {
		return
	}
	g, p, err := c.gradient(q, cl.Of)
	if err != nil {
		return
	}
	at := c.b.Subst(g, map[*Node]*Node{cl.Of: n})
	if r, _ := c.equal(p, c.b.Zeros(at.Shape), at, verify.Options{Seed: c.opt.Seed}); r == verify.Same {
		out.Verdict, out.Reason = Right, "there the gradient by "+cl.OfName+" is zero"
	}
}

// stationaryQuestion asks of a right side n whether ThenLeft = n follows.
func (c *checker) stationaryQuestion(cl *infer.Claim) (*question, error) {
	g, p, err := c.gradient(cl.Of, cl.By[0])
	if err != nil {
		return nil, err
	}
	by, l := cl.By[0], cl.ThenLeft
	if l != by && cl.ThenRight == by && !holds(l, by) { // … = w
		l = by
	}
	q := &question{kind: infer.ClaimStationary, prog: p, shape: l.Shape}
	root := c.root(g, by)
	if l == by && (cl.ThenLeft != by || !holds(cl.ThenRight, by)) {
		q.truth = root
		q.sides = func(n *Node) (*Node, *Node) {
			if n == by {
				n = cl.ThenLeft
			}
			at := c.b.Subst(g, map[*Node]*Node{by: n})
			return c.b.Zeros(at.Shape), at
		}
		return q, nil
	}
	if l == by {
		q.truth = root
	}
	// An equation: true at the root of the gradient, or a multiple of it.
	q.sides = func(n *Node) (*Node, *Node) {
		d := c.b.Sub(l, n)
		if root != nil {
			at := c.b.Subst(d, map[*Node]*Node{by: root})
			return c.b.Zeros(at.Shape), at
		}
		for _, x := range []*Node{d, c.b.T(d)} {
			if x.Shape != g.Shape {
				continue
			}
			for _, k := range c.factors() {
				y := c.b.Scale(k, x)
				if c.s.Normal(y) == c.s.Normal(g) || c.sameByNumbers(p, g, y) {
					return g, y
				}
			}
			// A scalar that is no number, as in (Ax − ρx) 2/x'x: where g and x are
			// parallel, ⟨x, x⟩ g = ⟨x, g⟩ x.
			if b := c.b; !x.IsScalar() && !g.IsZero() {
				l, r := b.Scale(c.inner(x, x), g), b.Scale(c.inner(x, g), x)
				if c.sameByNumbers(p, l, r) {
					return l, r
				}
			}
		}
		return nil, nil
	}
	return q, nil
}

func (c *checker) sameByNumbers(p *expr.Program, x, y *Node) bool {
	r, _ := c.equal(p, x, y, verify.Options{Seed: c.opt.Seed, Points: 2})
	return r == verify.Same
}

// root solves g = 0 for a column by that g is affine in; nil if it is not.
func (c *checker) root(g, by *Node) *Node {
	if !isInput(by) {
		return nil
	}
	if !by.Shape.IsCol() {
		return c.matrixRoot(g, by)
	}
	w := &namer{c: c, cl: &infer.Claim{Kind: infer.ClaimJacobian, Of: g, By: []*Node{by}}}
	h := w.jacobian()
	if h == nil || holds(h, by) || h.Shape.R != h.Shape.C {
		return nil
	}
	at := c.s.Normal(c.b.Subst(g, map[*Node]*Node{by: c.b.Zeros(by.Shape)}))
	if at.IsZero() { // C w = λ w at w = 0, where every equation holds
		return nil
	}
	k, h2 := c.ratio(h)
	inv := c.inverse(h2)
	if inv == nil {
		return nil
	}
	return c.s.Polish(c.s.Shorten(c.b.Scale(c.b.Neg(c.b.Recip(k)), c.b.Mul(inv, at))))
}

// matrixRoot solves g = 0 for a matrix that g is affine in, all of its terms
// with the matrix at the same end of a product: K M + C = 0, M K + C = 0.
func (c *checker) matrixRoot(g, by *Node) *Node {
	b := c.b
	n := c.s.Expand(g)
	if n == nil {
		n = c.s.Normal(g)
	}
	terms := []*Node{n}
	if n.Op == expr.OpAdd {
		terms = n.Args
	}
	var left, right, rest []*Node // what stands before it, behind it, alone
	for _, t := range terms {
		if !holds(t, by) {
			rest = append(rest, t)
			continue
		}
		k, x := b.Int(1), t
		if t.Op == expr.OpScale {
			k, x = t.Args[0], t.Args[1]
		}
		fs := []*Node{x}
		if x.Op == expr.OpMul {
			fs = x.Args
		}
		if holds(k, by) {
			return nil
		}
		switch last := len(fs) - 1; {
		case len(fs) == 1 && x == by:
			left = append(left, b.Scale(k, b.Eye(by.Shape.R)))
			right = append(right, b.Scale(k, b.Eye(by.Shape.C)))
		case fs[0] == by && !holds(b.Mul(fs[1:]...), by):
			left, right = append(left, nil), append(right, b.Scale(k, b.Mul(fs[1:]...)))
		case fs[last] == by && !holds(b.Mul(fs[:last]...), by):
			left, right = append(left, b.Scale(k, b.Mul(fs[:last]...))), append(right, nil)
		default:
			return nil
		}
	}
	if len(left) == 0 || len(rest) == 0 {
		return nil
	}
	all := func(list []*Node) *Node { // the inverse of their sum
		for _, m := range list {
			if m == nil {
				return nil
			}
		}
		k, m := c.ratio(b.Add(list...))
		inv := c.inverse(m)
		if inv == nil {
			return nil
		}
		return b.Scale(b.Recip(k), inv)
	}
	alone := b.Neg(b.Add(rest...))
	var x *Node
	if m := all(right); m != nil {
		x = b.Mul(alone, m)
	} else if m := all(left); m != nil {
		x = b.Mul(m, alone)
	} else {
		return nil
	}
	return c.s.Polish(c.s.Shorten(x))
}

// inverse is that of a matrix, nil if it has none.
func (c *checker) inverse(m *Node) *Node {
	if m.Op == expr.OpEye {
		return m
	}
	return attempt(func() *Node { return c.b.MustCall(rules.Must("inv"), m) })
}

// otherSide is what l equals where the gradient g is zero: l less the multiple
// of g that leaves least. It is nil if that leaves more than l and g have.
func (c *checker) otherSide(l, g *Node) *Node {
	if l.Shape != g.Shape {
		return nil
	}
	var best *Node
	for _, k := range c.factors() {
		x := c.s.Polish(c.s.Shorten(c.b.Sub(l, c.b.Scale(k, g))))
		if best == nil || render.Length(x) < render.Length(best) {
			best = x
		}
	}
	if render.Length(best) >= render.Length(g) {
		return nil
	}
	return best
}

// ratio takes the number off a multiple.
func (c *checker) ratio(n *Node) (k, rest *Node) {
	n = c.s.Polish(c.s.Shorten(c.s.Normal(n)))
	if n.Op == expr.OpScale && n.Args[0].Op == expr.OpNum {
		return n.Args[0], n.Args[1]
	}
	return c.b.Int(1), n
}

// factors are the constants that get lost: ±1, 2, ½, 4, and the sizes.
func (c *checker) factors() []*Node {
	b := c.b
	out := []*Node{b.Int(1), b.Int(2), b.Rat(1, 2), b.Int(4), b.Rat(1, 4), b.Int(3), b.Rat(1, 3)}
	for _, s := range c.prog.Sizes {
		n := b.Size(expr.Symbol(s))
		out = append(out, n, b.Recip(n), b.Had(b.Int(2), n), b.Had(b.Rat(1, 2), n), b.Had(b.Int(2), b.Recip(n)), b.Had(b.Rat(1, 2), b.Recip(n)))
	}
	for _, k := range out {
		out = append(out, b.Neg(k))
	}
	return out
}
