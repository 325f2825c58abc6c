package check

import (
	"fmt"
	"slices"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/verify"
)

// question is what a claim asserts of its right side n: sides(n) are equal.
// truth is the right answer itself where it is known in closed form.
type question struct {
	kind   infer.ClaimKind
	shape  expr.Shape // of the answer
	truth  *Node
	prog   *expr.Program
	sides  func(n *Node) (a, b *Node)
	direct bool // of the direct derivative
}

func (q *question) shapes(n *Node) string {
	if n.Shape != q.shape {
		return fmt.Sprintf("the right side is %v, it should be %v", n.Shape, q.shape)
	}
	return ""
}

// question prepares the judgement on a claim, with of for what it speaks of.
func (c *checker) question(cl *infer.Claim, of *Node) (*question, error) {
	q := &question{kind: cl.Kind, prog: c.prog}
	b := c.b
	if of == nil && cl.Kind == infer.ClaimValue {
		return nil, fmt.Errorf("the left side is not understood")
	}
	if len(cl.By) == 0 && cl.Kind != infer.ClaimValue && cl.Kind != infer.ClaimDifferential && cl.Kind != infer.ClaimSecond {
		return nil, fmt.Errorf("nothing says by what to differentiate")
	}
	switch cl.Kind {
	case infer.ClaimValue:
		q.shape, q.truth = of.Shape, of
		q.sides = func(n *Node) (*Node, *Node) { return of, n }
	case infer.ClaimGradient, infer.ClaimStationary:
		by := cl.By[0]
		q.shape = by.Shape
		if of == nil && c.abstract() != nil {
			g, err := c.pullback(by)
			if err != nil {
				return nil, err
			}
			q.truth = g
			q.sides = func(n *Node) (*Node, *Node) { return g, n }
			break
		}
		g, p, err := c.gradient(of, by)
		if err != nil {
			return nil, err
		}
		q.truth, q.prog = g, p
		q.sides = func(n *Node) (*Node, *Node) { return g, n }
	case infer.ClaimDifferential:
		if of == nil {
			l := c.abstract()
			if l == nil {
				return nil, fmt.Errorf("%s is not defined", cl.OfName)
			}
			q.shape = expr.Scalar
			d := c.inner(c.cotangent(), c.diff(l))
			q.sides = func(n *Node) (*Node, *Node) { return d, n }
			break
		}
		q.shape = of.Shape
		d := c.diff(of)
		q.sides = func(n *Node) (*Node, *Node) { return d, n }
	case infer.ClaimSecond:
		if of == nil {
			return nil, fmt.Errorf("%s is not defined", cl.OfName)
		}
		d, err := c.second(cl, of)
		if err != nil {
			return nil, err
		}
		q.shape, q.truth = of.Shape, d
		q.sides = func(n *Node) (*Node, *Node) { return d, n }
	case infer.ClaimJacobian:
		by := cl.By[0]
		q.shape = expr.Shape{R: of.Shape.Count(), C: by.Shape.Count()}
		dof, dby := c.diff(of), c.diff(by)
		if !isInput(by) { // what else the value depends on is held fixed
			if d, dv, err := c.partial(of, by); err == nil {
				dof, dby = d, dv
			}
		}
		dy, dx := c.vec(dof), c.vec(dby)
		q.sides = func(n *Node) (*Node, *Node) { return dy, b.Mul(n, dx) }
		if by.IsScalar() && !of.Shape.IsCol() { // in the shape of the matrix
			q.shape = of.Shape
			q.sides = func(n *Node) (*Node, *Node) { return dof, b.Scale(dby, n) }
		}
	case infer.ClaimHessian:
		g, p, err := c.gradient(of, cl.By[0])
		if err != nil {
			return nil, err
		}
		by := cl.By[len(cl.By)-1]
		q.prog = p
		q.shape = expr.Shape{R: g.Shape.Count(), C: by.Shape.Count()}
		dg, dx := c.vec(c.diff(g)), c.vec(c.diff(by))
		q.sides = func(n *Node) (*Node, *Node) { return dg, b.Mul(n, dx) }
	default:
		return nil, fmt.Errorf("a claim of kind %v cannot be judged", cl.Kind)
	}
	return q, nil
}

// second is d²of in closed form, the differentials of the variables that move
// being constant: those that the line writes, else those of the text, else all.
func (c *checker) second(cl *infer.Claim, of *Node) (*Node, error) {
	var by []*Node
	for _, m := range expr.Topo(cl.Sides...) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Differential && m.Var.Of != nil && isInput(m.Var.Of) {
			by = append(by, m.Var.Of)
		}
	}
	for _, v := range c.prog.Vars {
		if x := c.b.Var(v); len(by) == 0 && slices.Contains(c.moving, v.Name) {
			by = append(by, x)
		}
	}
	for _, v := range c.prog.Vars {
		if len(by) == 0 && !v.Const {
			by = append(by, c.b.Var(v))
		}
	}
	d, err := derive.Differential(c.b, of, by)
	if err != nil {
		return nil, err
	}
	hold, back := map[*Node]*Node{}, map[*Node]*Node{} // the first differentials are constants to the second
	for _, m := range expr.Topo(d) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Differential {
			v := c.standFor(m)
			hold[m], back[v] = v, m
		}
	}
	if d, err = derive.Differential(c.b, c.b.Subst(d, hold), by); err != nil {
		return nil, err
	}
	return c.b.Subst(d, back), nil
}

// ask judges the answer n.
func (c *checker) ask(q *question, n *Node) (verify.Relation, *verify.Comparison) {
	if n.Shape != q.shape {
		return verify.Different, nil
	}
	x, y := q.sides(n)
	if x == nil || y == nil {
		return verify.Undecided, nil
	}
	if q.kind == infer.ClaimDifferential {
		var first *verify.Comparison // the last that differs is the most lenient
		seen := false
		for _, o := range c.motions(n) {
			r, cmp := c.equal(q.prog, x, y, o)
			if r == verify.Same {
				return r, cmp
			}
			if !seen || r == verify.Different {
				first, seen = cmp, true
			}
		}
		return first.Verdict, first
	}
	return c.equal(q.prog, x, y, verify.Options{Seed: c.opt.Seed})
}
