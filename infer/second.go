package infer

import (
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// Second differentials stand on the left side of claims: d²Q = dx'(A + A')dx.

// isSecond tells the d2Q of a known Q, where d2 is no name.
func (in *inferrer) isSecond(name string) bool {
	of, ok := strings.CutPrefix(name, "d2")
	return ok && of != "" && in.opt.Claims && in.env.known(name) == nil && in.env.known(of) != nil && in.env.known("d2") == nil && in.env.known("d") == nil
}

// spelledSecond is d²Q of d2Q, nil if e is something else.
func (in *inferrer) spelledSecond(e ast.Expr) ast.Expr {
	n, ok := e.(*ast.Name)
	if !ok || n.Sub != "" || !in.isSecond(n.Text) {
		return nil
	}
	of := n.Text[len("d2"):]
	span := n.Span
	span.Start += len("d2")
	return &ast.Deriv{Of: &ast.Name{Text: of, Base: of, Src: of, Span: span}, Order: 2, Span: n.Span}
}

// second reads d²Q on the left side of a claim.
func (in *inferrer) second(d *ast.Deriv, c *Claim) *expr.Shape {
	t := in.expr(d.Of)
	if t.op == opSym && in.openObjective(t.sym, t.span) {
		return nil
	}
	if t.op == opSym {
		c.OfName = t.sym.name
	}
	c.Kind = ClaimSecond
	c.Of = in.claimNode(t, nil)
	return shapeOrNil(c.Of)
}
