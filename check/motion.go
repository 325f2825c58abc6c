package check

import (
	"slices"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/verify"
)

// movers returns the inputs that the text differentiates by: those whose
// differential it writes or by which it states a derivative.
func (c *checker) movers() []string {
	seen := map[string]bool{}
	for i := range c.res.Claims {
		cl := &c.res.Claims[i]
		for _, n := range cl.Sides {
			for _, m := range expr.Topo(n) {
				if m.Op == expr.OpVar && m.Var.Kind == expr.Differential && m.Var.Of != nil && m.Var.Of.Op == expr.OpVar {
					seen[m.Var.Of.Var.Name] = true
				}
			}
		}
		for _, by := range cl.By {
			if isInput(by) {
				seen[by.Var.Name] = true
			}
		}
	}
	var out []string
	for _, v := range c.prog.Vars {
		if seen[v.Name] {
			out = append(out, v.Name)
		}
	}
	return out
}

// motions returns the readings of what moves in an equality of differentials:
// what the line itself writes, what the text differentiates by, and what the
// differentials of the line depend on. A text that never writes dA holds A
// fixed, but does not say so.
func (c *checker) motions(n *Node) []verify.Options {
	base := verify.Options{Seed: c.opt.Seed}
	out := []verify.Options{base}
	var below []string
	direct := false
	for _, m := range expr.Topo(n) {
		if m.Op != expr.OpVar || m.Var.Kind != expr.Differential || m.Var.Of == nil {
			continue
		}
		if m.Var.Of.Op == expr.OpVar {
			direct = true
		}
		for _, v := range expr.Topo(m.Var.Of) {
			if v.Op == expr.OpVar && v.Var.Kind == expr.Input && !v.Var.Const && !slices.Contains(below, v.Var.Name) {
				below = append(below, v.Var.Name)
			}
		}
	}
	if direct || !n.HasD {
		return out
	}
	if len(c.moving) > 0 {
		o := base
		o.Moving = c.moving
		out = append(out, o)
	}
	if len(below) > 0 {
		o := base
		o.Moving = below
		out = append(out, o)
	}
	return out
}

// follows tells whether a false claim is what the earlier false claim f
// leads to.
func (c *checker) follows(k int, cl *infer.Claim, n *Node) bool {
	f := &c.res.Claims[k]
	if len(f.Sides) == 0 || f.Err.Err() != nil {
		return false
	}
	old := f.Sides[len(f.Sides)-1]
	same := func(x, y *Node) bool {
		if x == nil || y == nil || x.Shape != y.Shape {
			return false
		}
		r, _ := c.equal(c.prog, x, y, verify.Options{Seed: c.opt.Seed})
		if r != verify.Same && (x.HasD || y.HasD) && len(c.moving) > 0 {
			r, _ = c.equal(c.prog, x, y, verify.Options{Seed: c.opt.Seed, Moving: c.moving})
		}
		return r == verify.Same
	}
	if f.Kind == cl.Kind && f.Of == cl.Of && slices.Equal(f.By, cl.By) {
		if n.Shape == old.Shape && same(old, n) {
			return true
		}
	}
	switch {
	case f.Kind == infer.ClaimDifferential && f.Of == cl.Of && cl.Kind == infer.ClaimGradient && f.Of != nil && f.Of.IsScalar():
		// dQ = tr(G' dW), dQ being the false one.
		by := cl.By[0]
		for _, g := range []*Node{n, c.b.T(n)} {
			if g.Shape == by.Shape && old.Shape == expr.Scalar && c.readOff(old, g, by) {
				return true
			}
		}
	case f.Kind == infer.ClaimDifferential && cl.Kind == infer.ClaimDifferential && f.Of != nil && cl.Of != nil:
		// The chain rule through a false differential: dQ = <∂Q/∂Z, dZ>.
		if cl.Of.IsScalar() {
			if g, _, err := c.gradient(cl.Of, f.Of); err == nil && old.Shape == g.Shape && same(c.inner(g, old), n) {
				return true
			}
		}
		// The false differential put into an earlier line about the same value.
		d := c.diff(f.Of)
		for i := range c.res.Claims {
			e := &c.res.Claims[i]
			if e == cl {
				break
			}
			if e.Kind != infer.ClaimDifferential || e.Of != cl.Of || len(e.Sides) == 0 {
				continue
			}
			x := c.substitute(e.Sides[len(e.Sides)-1], d, old)
			if x != nil && same(x, n) {
				return true
			}
		}
	case f.Kind == infer.ClaimDifferential && cl.Kind == infer.ClaimGradient && f.Of != nil && cl.Of != nil && cl.Of.IsScalar():
		// A gradient read off from lines about dQ with a false dr put in.
		by, d := cl.By[0], c.diff(f.Of)
		for i := range c.res.Claims {
			e := &c.res.Claims[i]
			if e == cl {
				break
			}
			if e.Kind != infer.ClaimDifferential || e.Of != cl.Of || len(e.Sides) == 0 || n.Shape != by.Shape {
				continue
			}
			x := c.substitute(e.Sides[len(e.Sides)-1], d, old)
			if x != nil && x.IsScalar() && c.readOff(x, n, by) {
				return true
			}
		}
		// The chain rule through a false differential: dQ = <∂Q/∂Z, dZ>.
		if g, _, err := c.gradient(cl.Of, f.Of); err == nil && n.Shape == by.Shape && old.Shape == g.Shape {
			if c.readOff(c.inner(g, old), n, by) {
				return true
			}
		}
	case f.Kind == infer.ClaimGradient && cl.Kind == infer.ClaimGradient && f.Of == cl.Of:
		// The false ∂Q/∂Z carried on: tr(∂Q/∂Z' dZ) = tr(G' dW).
		z, w := f.By[0], cl.By[0]
		if z == w || old.Shape != z.Shape || n.Shape != w.Shape || isInput(z) {
			return false
		}
		return c.readOff(c.inner(old, c.diff(z)), n, w)
	case f.Kind == infer.ClaimGradient && cl.Kind == infer.ClaimDifferential && f.Of == cl.Of && cl.Of != nil && cl.Of.IsScalar():
		return old.Shape == f.By[0].Shape && same(c.inner(old, c.diff(f.By[0])), n)
	case f.Kind == infer.ClaimGradient && cl.Kind == infer.ClaimHessian && f.Of == cl.Of:
		by := cl.By[len(cl.By)-1]
		x := c.vec(c.diff(old))
		if (expr.Shape{R: x.Shape.R, C: by.Shape.Count()}) == n.Shape {
			return same(x, c.b.Mul(n, c.vec(c.diff(by))))
		}
	case f.Kind == infer.ClaimSecond && cl.Kind == infer.ClaimHessian && f.Of == cl.Of:
		if dx := c.vec(c.diff(cl.By[0])); n.Shape.IsSquare() && n.Shape.R == dx.Shape.R && cl.By[0] == cl.By[len(cl.By)-1] {
			return same(old, c.b.Mul(c.b.T(dx), n, dx))
		}
	case f.Kind == infer.ClaimValue && f.Of == cl.Of && old.Shape == f.Of.Shape:
		// Right for the false value.
		q, err := c.question(cl, old)
		if err != nil {
			return false
		}
		if r, _ := c.ask(q, n); r == verify.Same {
			return true
		}
		if r, _ := c.ask(q, c.b.T(n)); r == verify.Same {
			return true
		}
	case f.Kind == infer.ClaimValue && f.Of != nil && cl.Of != nil && old.Shape == f.Of.Shape:
		// A false value of a part, put into what is spoken of now.
		of := c.substitute(cl.Of, f.Of, old)
		if of == nil || of == cl.Of {
			return false
		}
		q, err := c.question(cl, of)
		if err != nil {
			return false
		}
		r, _ := c.ask(q, n)
		return r == verify.Same
	}
	return false
}

// put replaces the keys of m by their values; m stays as it is.
func (c *checker) put(n *Node, m map[*Node]*Node) *Node {
	if len(m) == 0 {
		return n
	}
	memo := make(map[*Node]*Node, len(m))
	for k, v := range m {
		memo[k] = v
	}
	return c.b.Subst(n, memo)
}

// substitute puts y for x in n, nil if the shapes do not allow it.
func (c *checker) substitute(n, x, y *Node) *Node {
	if x.Shape != y.Shape {
		return nil
	}
	return c.b.Subst(n, map[*Node]*Node{x: y})
}

// readOff tells whether g is what stands beside the differential of by in dq,
// all moving with that alone.
func (c *checker) readOff(dq, g, by *Node) bool {
	x, dv, o := c.alone(dq, by)
	if x == nil {
		return false
	}
	r, _ := c.equal(c.prog, x, c.inner(g, dv), o)
	return r == verify.Same
}

// alone writes differentials of values that are made of by in terms of that of
// by, and returns that and what moves. Nothing else below them moves.
func (c *checker) alone(x, by *Node) (y, dv *Node, o verify.Options) {
	o.Seed = c.opt.Seed
	if isInput(by) {
		o.Moving = []string{by.Var.Name}
		return x, c.diff(by), o
	}
	v, memo := c.standFor(by), map[*Node]*Node{}
	for _, m := range expr.Topo(x) {
		if m.Op != expr.OpVar || m.Var.Kind != expr.Differential || m.Var.Of == nil || isInput(m.Var.Of) {
			continue
		}
		of := valueOf(m.Var.Of)
		if of == valueOf(by) {
			memo[m] = c.diff(v)
			continue
		}
		value, u := c.opened(of, by)
		d, err := derive.Differential(c.b, c.b.Subst(value, map[*Node]*Node{u: v}), []*Node{v})
		if err != nil || d.Shape != m.Shape {
			return nil, nil, o
		}
		memo[m] = c.b.Subst(d, map[*Node]*Node{v: valueOf(by)})
	}
	o.Moving = []string{v.Var.Name}
	return c.b.Subst(x, memo), c.diff(v), o
}
