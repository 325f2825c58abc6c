package check

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/infer"
)

// Some texts write dW for ∂Q/∂W: "dZ = P − Y, dW = X'dZ, db = 1'dZ", passing
// back through a network. The differential of a variable equals nothing, so a
// line that says what dW is, of a declared W, can only be meant so. A text that
// passes differentials forward (dZ = X dW) means differentials throughout.

// adjointNames makes ∂Q/∂W of dW in such a text, and tells whether it did.
func adjointNames(tree *ast.Program) bool {
	declared, defs := map[string]bool{}, map[string]*ast.Equation{}
	for _, s := range tree.Stmts {
		switch s := s.(type) {
		case *ast.Decl:
			for _, id := range s.Names {
				declared[id.Name] = true
			}
		case *ast.Equation:
			if n := definedBy(s); n != "" && defs[n] == nil {
				defs[n] = s
			}
		}
	}
	known := func(n *ast.Name) string { // the Z of dZ
		if len(n.Text) < 2 || n.Text[0] != 'd' || declared[n.Text] || defs[n.Text] != nil {
			return ""
		}
		if z := n.Text[1:]; declared[z] || defs[z] != nil {
			return z
		}
		return ""
	}
	backward := false
	for _, s := range tree.Stmts {
		e, ok := s.(*ast.Equation)
		if !ok || len(e.Sides) < 2 {
			continue
		}
		n, ok := e.Sides[0].(*ast.Name)
		if !ok {
			continue
		}
		z := known(n)
		if z == "" {
			continue
		}
		if d, ok := e.Sides[1].(*ast.Deriv); ok && len(d.By) == 1 && d.Order == 1 {
			if by, ok := d.By[0].(*ast.Name); ok && by.Text == z { // dZ = ∂Q/∂Z
				backward = true
				continue
			}
		}
		if defs[z] == nil {
			backward = true
			continue
		}
		for _, side := range e.Sides[1:] {
			forward := false
			infer.Walk(side, func(x ast.Expr) {
				if n, ok := x.(*ast.Name); ok {
					if u := known(n); u != "" && speaksOf(defs[z], u) {
						forward = true
					}
				}
			})
			if forward {
				return false
			}
		}
	}
	if !backward {
		return false
	}
	rewriteSides(tree, func(x ast.Expr) ast.Expr {
		if n, ok := x.(*ast.Name); ok {
			if z := known(n); z != "" {
				return &ast.Deriv{By: []ast.Expr{&ast.Name{Text: z, Base: z, Src: z, Span: n.Span}}, Order: 1, Span: n.Span}
			}
		}
		return x
	})
	return true
}

// speaksOf tells whether the definition has a name on its right side.
func speaksOf(e *ast.Equation, name string) bool {
	found := false
	infer.WalkNames(e.Sides[1], func(n *ast.Name) {
		found = found || n.Text == name
		for _, w := range lettersOf(n) {
			found = found || w == name
		}
	})
	return found
}
