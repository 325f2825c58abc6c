package check

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/verify"
)

// In the numerator layout the derivative of a scalar is a row, and the chain
// rule reads from left to right: ∂Q/∂x = ∂Q/∂z ∂z/∂x, dQ = ∂Q/∂x dx. Where the
// shapes of a line do not fit, it is read so once more, unless the text has
// shown that its gradients are columns. It is right in the other layout if the
// text has shown that its gradients are rows; else it is wrong as it stands,
// and the report says in which layout it would fit.

// settleLayout notes that a right gradient settles the layout of the text: one
// by a matrix, or one that products order.
func (c *checker) settleLayout(cl *infer.Claim, n *Node) {
	if c.columns || cl.Kind != infer.ClaimGradient || n.IsScalar() || n.IsZero() {
		return
	}
	if !n.Shape.IsCol() && !n.Shape.IsRow() {
		c.columns = true
		return
	}
	if cl.Open != nil { // as written: what is below a name settles nothing
		n = cl.Open
	}
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpMul || m.Op == expr.OpT {
			c.columns = true
			return
		}
	}
}

// byRows tells whether a claim whose shapes do not fit is right with
// derivatives as rows.
func (c *checker) byRows(i int) bool {
	if c.columns || c.plain {
		return false
	}
	if c.rows == nil {
		read := c.reading()
		read.Rows, read.Lost = true, c.lost
		tree, list := parser.Parse(c.src)
		if list.Err() != nil {
			return false
		}
		if !c.text {
			arrange(tree, c.zero)
		} else {
			solutions(tree, nil)
		}
		if c.rows, list = infer.Infer(tree, read); list.Err() != nil {
			c.rows = &infer.Result{}
		}
	}
	if i >= len(c.rows.Claims) {
		return false
	}
	cl := &c.rows.Claims[i]
	if cl.Err.Err() != nil || len(cl.Sides) == 0 || cl.Kind != infer.ClaimGradient && cl.Kind != infer.ClaimDifferential {
		return false
	}
	d := newChecker(c.ctx, c.rows, c.opt)
	d.text, d.assume, d.props = c.text, map[*Node]*Node{}, map[*Node]expr.Props{}
	n, err := d.withJacobians(cl.Sides[len(cl.Sides)-1], cl.Of)
	if err != nil {
		return false
	}
	q, err := d.question(cl, cl.Of)
	if err != nil {
		return false
	}
	if cl.Kind == infer.ClaimGradient {
		n = d.b.T(n)
	}
	r, _ := d.ask(q, n)
	return r == verify.Same
}
