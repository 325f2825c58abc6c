package check

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// inner is the scalar tr(gᵀ m).
func (c *checker) inner(g, m *Node) *Node {
	switch b := c.b; {
	case g.IsScalar():
		return b.Had(g, m)
	case g.Shape.IsCol():
		return b.Mul(b.T(g), m)
	case g.Shape.IsRow():
		return b.Mul(g, b.T(m))
	default:
		return b.MustCall(rules.Must("tr"), b.Mul(b.T(g), m))
	}
}

// assumption takes a property made on the way into what follows: the name
// becomes an expression that has it.
func (c *checker) assumption(cl *infer.Claim, out *Line) {
	b, n := c.b, cl.Of
	out.Verdict = Right
	if n == nil || n.Op != expr.OpVar {
		out.Verdict, out.Reason = Undecided, "only an assumption about a variable can be taken into what follows"
		return
	}
	if n.Props.Has(cl.Props) {
		out.Reason = "known already"
		return
	}
	out.Reason = fmt.Sprintf("what follows is judged under the assumption that %s is %s", cl.OfName, strings.Join(cl.PropNames, " "))
	c.props[n] = cl.Props
	switch {
	case cl.Props.Has(expr.Diagonal):
		c.assume[n] = b.Had(n, b.Eye(n.Shape.R))
	case cl.Props.Has(expr.SPD):
		c.assume[n] = b.Add(b.Mul(b.T(n), n), b.Eye(n.Shape.R))
	case cl.Props.Has(expr.PSD):
		c.assume[n] = b.Mul(b.T(n), n)
	case cl.Props.Has(expr.Symmetric):
		c.assume[n] = b.Scale(b.Rat(1, 2), b.Add(n, b.T(n)))
	case cl.Props.Has(expr.Positive) || cl.Props.Has(expr.Nonnegative):
		c.assume[n] = b.Pow(n, b.Int(2))
	default:
		out.Verdict, out.Reason = Undecided, fmt.Sprintf("declare %s %s where its shape is declared", cl.OfName, strings.Join(cl.PropNames, " "))
	}
}

// assumed puts the assumptions into an expression.
func (c *checker) assumed(n *Node) *Node {
	memo := make(map[*Node]*Node, len(c.assume))
	for k, v := range c.assume {
		memo[k] = v
	}
	return c.b.Subst(n, memo)
}

type reading struct {
	verdict Verdict
	text    string
}

// convention recognises the other gradients by a symmetric variable.
func (c *checker) convention(cl *infer.Claim, q *question, n *Node) *reading {
	if cl.Kind != infer.ClaimGradient || !isInput(cl.By[0]) || n.Shape != q.shape {
		return nil
	}
	v := cl.By[0].Var
	if !v.Props.Has(expr.Symmetric) || v.Props.Has(expr.Diagonal) || v.Shape.IsScalar() {
		return nil
	}
	of := cl.Of
	if of == nil {
		of = c.prog.Objective.Node
	}
	try := func(conv derive.Symmetric) bool {
		g, err := c.derivedAs(c.prog, of, cl.By[0], conv)
		if err != nil {
			return false
		}
		r, _ := c.equal(c.prog, g, n, verify.Options{Seed: c.opt.Seed})
		return r == verify.Same
	}
	if try(derive.Book) {
		return &reading{Wrong, fmt.Sprintf("another convention: G + G' − G∘I, the derivative by the independent entries of the symmetric %s; here the gradient is (G + G')/2", v.Name)}
	}
	if try(derive.Free) {
		return &reading{Right, fmt.Sprintf("right with the entries of %s taken as free; of a symmetric %s the gradient is (G + G')/2", v.Name, v.Name)}
	}
	return nil
}
