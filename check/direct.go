package check

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/verify"
)

// ∂z/∂y of a definition z = f(y, u) may mean two things where u depends on y
// too: the whole derivative, or the direct one, u held fixed, of which the
// chain rule over several paths is the sum. A line is right if it is in either
// meaning, and then says in which.

// directly judges a claim with derivatives among its operands taken direct,
// and a claim about a part of the value taken so itself. It returns the reason
// by which the claim is right, "" if it is not.
func (c *checker) directly(cl *infer.Claim) string {
	n := cl.Sides[len(cl.Sides)-1]
	choices := []func(of *Node) bool{
		func(of *Node) bool { return of != cl.Of },
		func(*Node) bool { return true },
	}
	for _, at := range []func() (*question, error){
		func() (*question, error) { return c.question(cl, cl.Of) },
		func() (*question, error) { return c.directQuestion(cl) },
	} {
		q, err := at()
		if q == nil || err != nil {
			continue
		}
		for _, choose := range choices {
			m, named := c.withDirect(n, choose)
			if m == nil {
				continue
			}
			if m, err = c.withJacobians(m, cl.Of); err != nil {
				continue
			}
			if r, _ := c.ask(q, m); r == verify.Same {
				return "right with " + strings.Join(named, ", ") + " taken directly: what else depends on the variable is held fixed"
			}
		}
		if q.direct {
			if m, err := c.withJacobians(n, cl.Of); err == nil {
				if r, _ := c.ask(q, m); r == verify.Same {
					return "right as the direct derivative: what else depends on " + cl.ByNames[0] + " is held fixed"
				}
			}
		}
	}
	return ""
}

// directQuestion asks for the direct derivative of a part of the objective by
// another part; nil where there is no other than the whole one.
func (c *checker) directQuestion(cl *infer.Claim) (*question, error) {
	if len(cl.By) != 1 || cl.Of == nil || cl.Of == c.prog.Objective.Node || isInput(cl.By[0]) {
		return nil, nil
	}
	j := c.directDerivative(cl.Of, cl.By[0])
	if j == nil {
		return nil, nil
	}
	q := &question{kind: infer.ClaimValue, prog: c.prog, shape: j.Shape, truth: j, direct: true}
	q.sides = func(n *Node) (*Node, *Node) { return j, n }
	return q, nil
}

// withDirect puts direct derivatives for the operands of a line that have one
// and are chosen, and names them; nil if there are none.
func (c *checker) withDirect(n *Node, choose func(of *Node) bool) (*Node, []string) {
	memo := map[*Node]*Node{}
	var named []string
	for _, m := range expr.Topo(n) {
		pair, ok := c.res.Jacobians[m]
		if !ok || !choose(pair[0]) {
			continue
		}
		if j := c.directDerivative(pair[0], pair[1]); j != nil && j.Shape == m.Shape {
			memo[m] = j
			named = append(named, m.Var.Name)
		}
	}
	if len(memo) == 0 {
		return nil, nil
	}
	slices.Sort(named)
	return c.b.Subst(n, memo), named
}

// directDerivative is that of the definition with the value of, as it is
// written, by a name that stands in it; nil if there is none, or if nothing
// else there depends on that name.
func (c *checker) directDerivative(of, by *Node) *Node {
	var def *expr.Def
	x := by
	parts := map[*Node]*Node{}
	for i := range c.prog.Defs {
		d := &c.prog.Defs[i]
		if d.Open == nil || d.Part == nil {
			continue
		}
		parts[d.Part] = d.Node
		if d.Node == of {
			def = d
		}
		if d.Part == by || d.Node == by && !isInput(by) && x == by {
			x = d.Part
		}
	}
	if def == nil || x.Op != expr.OpVar || !holds(def.Open, x) {
		return nil
	}
	other := false
	for p, value := range parts {
		other = other || p != x && holds(def.Open, p) && holds(value, valueOf(by))
	}
	if !other {
		return nil
	}
	v := c.standFor(by)
	value := c.b.Subst(def.Open, map[*Node]*Node{x: v})
	var g *Node
	if value.IsScalar() {
		p := *c.prog
		g, _ = c.derived(&p, value, v)
	} else {
		g, _ = c.jacobianIn(value, v)
	}
	if g == nil {
		return nil
	}
	parts[v] = valueOf(by)
	return c.b.Subst(g, parts)
}
