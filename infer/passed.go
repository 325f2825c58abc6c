package infer

import (
	"fmt"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// Here are equations that define nothing, where no claims are tested.

// ofDerivative tells ∂Q/∂W = … and dQ = …: what such a line claims is what is
// derived.
func (in *inferrer) ofDerivative(e *ast.Equation) bool {
	switch x := e.Sides[0].(type) {
	case *ast.Deriv:
		return e.Then == nil
	case *ast.Name:
		return e.Then == nil && in.isDifferential(x.Text)
	}
	return false
}

// passOver remarks on the gradients that a program claims: the printed form of
// a result, which is a program, is read with them.
func (in *inferrer) passOver() {
	if len(in.passed) == 0 {
		return
	}
	if len(in.stmts) == 0 { // nothing else is there to derive
		for _, e := range in.passed {
			in.notAClaim(e, e.Sides[0].Pos())
		}
		return
	}
	first, more := in.passed[0], ""
	if n := len(in.passed) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more %s", n, plural(itoa(n), "claim"))
	}
	in.note("passed over %s%s: matdiff check tests claims", in.text(first.Span), more)
}

func (in *inferrer) notAClaim(e *ast.Equation, at ast.Span) {
	help := "give the program to matdiff check, which tests claims"
	if p := assumption(e); p != "" {
		help = "where it is an assumption, declare it: " + p
	}
	in.add(&diag.Diagnostic{Code: "E229", Message: "this equation is a claim: it defines no name",
		Labels: []diag.Label{{Span: at}}, Help: help})
}

// assumption returns the declaration that says A' = A or X'X = I.
func assumption(e *ast.Equation) string {
	if len(e.Sides) != 2 {
		return ""
	}
	transpose := func(x ast.Expr) *ast.Name {
		if p, ok := x.(*ast.Postfix); ok && p.Op == ast.Transpose {
			n, _ := p.X.(*ast.Name)
			return n
		}
		return nil
	}
	right, ok := e.Sides[1].(*ast.Name)
	if !ok {
		return ""
	}
	if n := transpose(e.Sides[0]); n != nil && n.Text == right.Text {
		return n.Src + ": n×n symmetric"
	}
	if b, ok := e.Sides[0].(*ast.Binary); ok && right.Text == "I" {
		x, y := b.X, b.Y
		if transpose(x) == nil {
			x, y = y, x
		}
		n := transpose(x)
		if m, ok := y.(*ast.Name); ok && n != nil && n.Text == m.Text {
			return n.Src + ": n×n orthogonal"
		}
	}
	return ""
}
