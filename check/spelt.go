package check

import (
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/rules"
)

// Spellings of differentials, made the ones of the language.

// respelled makes dX of δX, and d vec(X) of dvec(X), where the text knows X and
// not the word.
func respelled(tree *ast.Program) {
	known := map[string]bool{}
	for _, s := range tree.Stmts {
		switch s := s.(type) {
		case *ast.Decl:
			for _, id := range s.Names {
				known[id.Name] = true
			}
		case *ast.Equation:
			switch x := s.Sides[0].(type) {
			case *ast.Name:
				known[x.Text] = known[x.Text] || !strings.HasPrefix(x.Text, "δ") || utf8.RuneCountInString(x.Base) == 1
			case *ast.Call:
				known[x.Fun.Text] = known[x.Fun.Text] || differentialOf(x.Fun) == ""
			}
		}
	}
	rewriteSides(tree, func(e ast.Expr) ast.Expr {
		switch x := e.(type) {
		case *ast.Name:
			if z, ok := strings.CutPrefix(x.Text, "δ"); ok && !known["δ"] && !known[x.Text] && known[z] {
				y := *x
				y.Text = "d" + z
				y.Base = "d" + strings.TrimPrefix(x.Base, "δ")
				return &y
			}
		case *ast.Call:
			if f := differentialOf(x.Fun); f != "" && !known[x.Fun.Text] && len(x.Args) == 1 {
				y := *x
				y.Fun = &ast.Name{Text: f, Base: f, Src: f, Span: x.Fun.Span}
				return &ast.Call{Fun: &ast.Name{Text: "d", Base: "d", Src: "d", Span: x.Fun.Span}, Args: []ast.Expr{&y}, Span: x.Span}
			}
		}
		return e
	})
}

// differentialOf is the function of a word such as dvec, "" if it is none.
func differentialOf(n *ast.Name) string {
	f, ok := strings.CutPrefix(n.Text, "d")
	if ok && len(f) > 1 && rules.Lookup(f) != nil && rules.Lookup(n.Text) == nil {
		return f
	}
	return ""
}

// unchained makes statements of their own of what follows from a differential
// or from a gradient: dQ = tr(G'dX) ⇒ ∂Q/∂X = G. What follows from ∂Q/∂w = 0 is
// left to be put into the gradient.
func unchained(tree *ast.Program) {
	var out []ast.Stmt
	for _, s := range tree.Stmts {
		e, ok := s.(*ast.Equation)
		for ok && e != nil && e.Then != nil && !(isCondition(e) && isSolution(e.Then)) {
			first := *e
			first.Then = nil
			first.Span = first.Sides[0].Pos().To(first.Sides[len(first.Sides)-1].Pos())
			out = append(out, &first)
			e = e.Then
		}
		if ok {
			out = append(out, e)
		} else {
			out = append(out, s)
		}
	}
	tree.Stmts = out
}

// isCondition tells a first-order derivative on the left.
func isCondition(e *ast.Equation) bool {
	d, ok := e.Sides[0].(*ast.Deriv)
	return ok && d.Order == 1
}

// isSolution tells an equation without a derivative or differential on its left.
func isSolution(e *ast.Equation) bool {
	switch x := e.Sides[0].(type) {
	case *ast.Deriv:
		return false
	case *ast.Name:
		return len(x.Text) < 2 || x.Text[0] != 'd'
	}
	return true
}
