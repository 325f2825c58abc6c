package check

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
)

// withJacobians puts the closed forms of the Jacobians that a line has as
// operands, ∂z/∂x, in their place. The gradients of what the line is about stay
// symbols.
func (c *checker) withJacobians(n, about *Node) (*Node, error) {
	var memo map[*Node]*Node
	for _, m := range expr.Topo(n) {
		if h, ok := c.res.Hessians[m]; ok {
			x, err := c.hessianOperand(h)
			if err != nil {
				return nil, fmt.Errorf("%s has no closed form here: %w", m.Var.Name, err)
			}
			if memo == nil {
				memo = make(map[*Node]*Node)
			}
			memo[m] = x
			continue
		}
		pair, ok := c.res.Jacobians[m]
		if !ok || pair[0] == about && pair[0].IsScalar() {
			continue
		}
		j, err := c.jacobianOf(pair[0], pair[1])
		if pair[0].IsScalar() {
			j, err = c.scalarOperand(pair[0], pair[1])
		}
		if err != nil {
			return nil, fmt.Errorf("%s has no closed form here: %w", m.Var.Name, err)
		}
		if memo == nil {
			memo = make(map[*Node]*Node)
		}
		memo[m] = j
	}
	if memo == nil {
		return n, nil
	}
	return c.b.Subst(n, memo), nil
}

// withoutItself puts the answer for the derivative that a line says is a
// multiple of itself, or of a name of itself: a fix must not say ∂Q/∂W = ∂Q/∂W.
func (c *checker) withoutItself(cl *infer.Claim, q *question, n *Node) *Node {
	if cl.Kind != infer.ClaimGradient || q.truth == nil || q.truth.Op == expr.OpVar {
		return n
	}
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Adjoint && m.Var.Of == cl.By[0] && m.Shape == q.truth.Shape {
			return c.b.Subst(n, map[*Node]*Node{m: q.truth})
		}
	}
	return n
}

// hessianOperand is the Jacobian of a gradient.
func (c *checker) hessianOperand(h [3]*Node) (*Node, error) {
	g, _, err := c.gradient(h[0], h[1])
	switch {
	case err != nil:
		return nil, err
	case g.Op == expr.OpVar && g.Var.Kind == expr.Adjoint:
		return nil, fmt.Errorf("the gradient has none")
	case g.IsScalar() && h[2].IsScalar():
		return c.scalarOperand(g, h[2])
	}
	return c.jacobianOf(g, h[2])
}

// scalarOperand is the gradient of a part that is a number.
func (c *checker) scalarOperand(of, by *Node) (*Node, error) {
	if of == valueOf(by) {
		return c.b.Int(1), nil
	}
	g, _, err := c.gradient(of, by)
	if err == nil && g.Op == expr.OpVar && g.Var.Kind == expr.Adjoint {
		err = fmt.Errorf("the one is not a part of the other")
	}
	return g, err
}

// jacobianOf is the Jacobian of a vector by a vector or a scalar, everything
// below the one held fixed.
func (c *checker) jacobianOf(of, by *Node) (*Node, error) {
	k := [2]*Node{of, by}
	if j := c.grads[k]; j != nil {
		return j, nil
	}
	if !of.Shape.IsCol() || !by.Shape.IsCol() && !by.IsScalar() {
		return nil, fmt.Errorf("it is none of a column by a column")
	}
	inner, v := c.opened(of, by)
	if !holds(inner, v) {
		if v != by && !isPart(by) {
			return nil, fmt.Errorf("the one is not a part of the other")
		}
		return c.b.Zeros(expr.Shape{R: of.Shape.R, C: by.Shape.R}), nil
	}
	j, err := c.jacobianIn(inner, v)
	if err != nil {
		return nil, err
	}
	if v != by {
		j = c.b.Subst(j, map[*Node]*Node{v: valueOf(by)})
	}
	c.grads[k] = j
	return j, nil
}

// jacobianIn is the Jacobian of a column by a variable.
func (c *checker) jacobianIn(of, v *Node) (*Node, error) {
	p := *c.prog
	p.Objective, p.Vars, p.Defs = expr.Def{Name: "Y", Node: of}, []*expr.Var{v.Var}, nil
	res, err := derive.Derive(&p, derive.Options{Wrt: []string{v.Var.Name}})
	if err != nil {
		return nil, err
	}
	if res.Adjoint == nil {
		return nil, fmt.Errorf("it is that of a scalar")
	}
	g := c.s.Normal(res.Grads[0].Full)
	m := c.matrixOf(g, res.Adjoint)
	if m == nil {
		m = c.matrixOf(res.Grads[0].Full, res.Adjoint)
	}
	if m == nil {
		return nil, fmt.Errorf("its pullback is no product with the adjoint")
	}
	return c.b.T(m), nil
}

// unrelated tells whether a document speaks of the derivative by something that
// what it differentiates does not depend on, as far as it was read: a name may
// have a meaning that the text does not spell out.
func (c *checker) unrelated(cl *infer.Claim, q *question, n *Node) bool {
	if !c.text || len(cl.By) == 0 {
		return false
	}
	if cl.Of == nil {
		return true
	}
	if value, v := c.opened(cl.Of, cl.By[0]); holds(value, v) || holds(cl.Of, valueOf(cl.By[0])) {
		return false
	}
	return q.truth == nil || !n.IsZero()
}

func ofName(cl *infer.Claim) string {
	if cl.OfName != "" {
		return strings.NewReplacer("{", "", "}", "").Replace(cl.OfName)
	}
	return "what is differentiated"
}
