package check

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// What a claim is compared with: gradients, differentials, and when two
// expressions are equal.

// equal compares two expressions: by normal form, then by numbers.
func (c *checker) equal(p *expr.Program, x, y *Node, o verify.Options) (verify.Relation, *verify.Comparison) {
	same := &verify.Comparison{Verdict: verify.Same, Reason: "one normal form"}
	if !c.numeric {
		x, y = c.adjointFree(p, x), c.adjointFree(p, y)
	}
	if len(c.assume) > 0 {
		x, y = c.assumed(x), c.assumed(y)
	}
	if x == y || !c.numeric && x.Shape == y.Shape && c.s.Normal(x) == c.s.Normal(y) {
		return verify.Same, same
	}
	cmp, err := verify.Equal(c.ctx, p, x, y, o)
	if err != nil {
		return verify.Undecided, &verify.Comparison{Reason: err.Error()}
	}
	return cmp.Verdict, cmp
}

// adjointFree puts derived gradients for the symbols ∂Q/∂Z where it can.
func (c *checker) adjointFree(p *expr.Program, n *Node) *Node {
	var memo map[*Node]*Node
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Differential && m.Var.Of != nil { // dg of a gradient g
			if of := c.adjointFree(p, m.Var.Of); of != m.Var.Of {
				if memo == nil {
					memo = make(map[*Node]*Node)
				}
				memo[m] = c.diff(of)
			}
			continue
		}
		if m.Op != expr.OpVar || m.Var.Kind != expr.Adjoint || m.Var.Of == nil || p == nil || p.Objective.Node == nil {
			continue
		}
		var g *Node
		var err error
		if p.Objective.Node.IsScalar() {
			g, _, err = c.gradient(p.Objective.Node, m.Var.Of)
		} else if c.abstract() != nil {
			g, err = c.pullback(m.Var.Of)
		}
		if g == nil {
			continue
		}
		if err == nil && g != m && g.Shape == m.Shape {
			if memo == nil {
				memo = make(map[*Node]*Node)
			}
			memo[m] = g
		}
	}
	if memo == nil {
		return n
	}
	return c.b.Subst(n, memo)
}

// diff is the differential of any expression.
func (c *checker) diff(n *Node) *Node {
	n = valueOf(n)
	if d := c.res.Differentials[n]; d != nil {
		return d
	}
	name := fmt.Sprintf("d#%d", n.ID)
	if n.Op == expr.OpVar {
		name = "d" + n.Var.Name
	} else {
		for _, d := range c.prog.Defs {
			if d.Node == n && d.Name != "" {
				name = "d" + d.Name
			}
		}
	}
	return c.b.Diff(n, name)
}

// vec stacks the columns.
func (c *checker) vec(n *Node) *Node {
	switch {
	case n.Shape.C.IsOne():
		return n
	case n.Shape.R.IsOne():
		return c.b.T(n)
	}
	return c.b.MustCall(rules.Must("vec"), n)
}

// gradient returns the derivative of a scalar by an input or by a part of it,
// everything below the part held fixed.
func (c *checker) gradient(of, by *Node) (*Node, *expr.Program, error) {
	p := *c.prog
	if of == nil {
		if p.Objective.Node == nil {
			return nil, nil, fmt.Errorf("there is nothing to differentiate")
		}
		of = p.Objective.Node
	}
	p.Objective = expr.Def{Name: "Q", Node: of}
	for _, d := range p.Defs {
		if d.Node == of {
			p.Objective = d
		}
	}
	k := [2]*Node{of, by}
	if g, ok := c.grads[k]; ok {
		return g, &p, nil
	}
	var g *Node
	if !c.numeric {
		g, _ = c.derived(&p, of, by)
	}
	if g == nil {
		// The adjoint as a symbol: its value is found by dual numbers.
		g = c.b.Var(&expr.Var{Name: "∂" + p.Objective.Name + "/∂" + nameOf(by), Kind: expr.Adjoint, Shape: by.Shape, Of: by})
	}
	c.grads[k] = g
	return g, &p, nil
}

func nameOf(n *Node) string {
	if n.Op == expr.OpVar {
		name, _, _ := strings.Cut(n.Var.Name, " #")
		return name
	}
	return fmt.Sprintf("#%d", n.ID)
}

// derived is the gradient in closed form.
func (c *checker) derived(p *expr.Program, of, by *Node) (*Node, error) {
	return c.derivedAs(p, of, by, derive.Half)
}

func (c *checker) derivedAs(p *expr.Program, of, by *Node, conv derive.Symmetric) (*Node, error) {
	q := *p
	v := by
	if !isInput(by) {
		of, v = c.opened(of, by)
		if !holds(of, v) && isPart(by) {
			return c.b.Zeros(by.Shape), nil
		}
	}
	if !holds(of, v) && v != by {
		return nil, fmt.Errorf("%s is not one part of the value", nameOf(by))
	}
	if v.Var.Const {
		return nil, fmt.Errorf("%s is const", v.Var.Name)
	}
	q.Objective = expr.Def{Name: p.Objective.Name, Node: of}
	q.Vars = []*expr.Var{v.Var}
	q.Defs = nil
	res, err := derive.Derive(&q, derive.Options{Wrt: []string{v.Var.Name}, Symmetric: conv, Plain: true})
	if err != nil {
		return nil, err
	}
	if !res.Scalar {
		return nil, fmt.Errorf("the value is not a scalar")
	}
	g := res.Grads[0].Full
	if !isInput(by) {
		g = c.b.Subst(g, map[*Node]*Node{v: valueOf(by)})
	}
	return g, nil
}

// holds tells whether n depends on the variable v.
func holds(n, v *Node) bool {
	for _, m := range expr.Topo(n) {
		if m == v {
			return true
		}
	}
	return false
}
