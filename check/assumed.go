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
			// a definite matrix that is orthogonal is the identity
			return v.Shape.IsSquare() && !v.Shape.IsScalar() && v.Props&(expr.Orthogonal|expr.PSD|expr.SPD) == 0
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
		var square []*Node
		for _, v := range c.prog.Vars {
			x := c.b.Var(v)
			if !a.fits(v) || c.assume[x] != nil || slices.Contains(w.by, x) || len(w.cl.By) > 0 && slices.Contains(w.cl.By, x) || !holds(l, x) && !holds(r, x) {
				continue
			}
			switch a.id {
			case "symmetric-assumed":
				square = append(square, x)
			case "rows-sum-to-one-assumed":
				// Where the line has x, its sum was taken to be one; where it has
				// not, a factor is missing.
				if len(w.hits) > 0 && !(w.hits[0].id == "chain-rule-factor" && holds(w.n, x)) || !summed(x, append(w.rightForms(), l, r)...) {
					continue
				}
			default:
				if len(w.hits) > 0 {
					continue
				}
			}
			if w.assume(a, l, r, x) && x.Shape.IsCol() && a.id == "rows-sum-to-one-assumed" {
				w.assumes("the entries of " + v.Name + " sum to one")
			}
		}
		if len(square) > 1 && len(square) <= 4 && !w.known("symmetric-assumed") && w.assume(a, l, r, square...) {
			var names []string
			for _, x := range square {
				names = append(names, x.Var.Name)
			}
			w.assumes(listed(names) + " are symmetric")
			w.hits[len(w.hits)-1].less = 2 // of one it is likelier
		}
	}
}

// assume makes a hit of an assumption of some variables if the sides l and r
// are equal under it.
func (w *namer) assume(a assumed, l, r *Node, vars ...*Node) bool {
	c := w.c
	memo := map[*Node]*Node{}
	for _, x := range vars {
		y := attempt(func() *Node { return a.put(c, x) })
		if y == nil || w.late() {
			return false
		}
		memo[x] = y
	}
	l1, r1 := c.put(l, memo), c.put(r, memo)
	if w.sift && !w.close(l1, r1) {
		return false
	}
	o := verify.Options{Seed: c.opt.Seed}
	for _, v := range w.by {
		o.Moving = append(o.Moving, v.Var.Name)
	}
	if rel, _ := c.equal(w.q.prog, l1, r1, o); rel != verify.Same || w.known(a.id) {
		return false
	}
	w.hit(a.id, "", nil)
	w.assumes(fmt.Sprintf(a.words, vars[0].Var.Name))
	return true
}

// assumes words the last hit, an assumption.
func (w *namer) assumes(words string) {
	h := &w.hits[len(w.hits)-1]
	h.assumes, h.msg = words, "this is right only if "+words+", which is not declared"
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
