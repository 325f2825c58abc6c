package check

import (
	"fmt"
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

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
