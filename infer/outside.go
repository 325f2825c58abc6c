package infer

import (
	"strings"

	"github.com/matdiff/matdiff/ast"
)

// outsideSums remarks on b_i in Σ_i a_i + b_i: a sum ends at the next plus, so
// b_i is a name of its own there, which is rarely what is meant.
func (in *inferrer) outsideSums(tree *ast.Program) {
	own := make(map[string]bool) // declared or defined by that name
	for _, s := range tree.Stmts {
		switch s := s.(type) {
		case *ast.Decl:
			for _, n := range s.Names {
				own[n.Text] = true
			}
		case *ast.Equation:
			if n, ok := s.Sides[0].(*ast.Name); ok {
				own[n.Text] = true
			}
		}
	}
	look := func(sides ...ast.Expr) {
		var sums []*ast.BigOp
		for _, e := range sides {
			walk(e, func(x ast.Expr) {
				if b, ok := x.(*ast.BigOp); ok {
					sums = append(sums, b)
				}
			})
		}
		for _, e := range sides {
			walk(e, func(x ast.Expr) {
				n, ok := x.(*ast.Name)
				if !ok || own[n.Text] || n.Sub == "" {
					return
				}
				bound := ""
				for _, b := range sums {
					for _, id := range b.Index {
						if strings.Trim(n.Sub, "{}") == id.Name {
							if b.Span.Start <= n.Span.Start && n.Span.End <= b.Span.End {
								return
							}
							bound = id.Name
						}
					}
				}
				if bound != "" {
					in.note("%s stands outside of the sum over %s, which ends at a plus or minus, and was read as a name of its own; if it belongs to the sum, put brackets: Σ_%s (…)", n.Src, bound, bound)
				}
			})
		}
	}
	for _, s := range tree.Stmts {
		switch s := s.(type) { // a_i = … has a free index: a vector
		case *ast.Equation:
			if _, _, ok := strings.Cut(entryLeft(s), "_"); !ok {
				look(s.Sides[1:]...)
			}
		case *ast.ExprStmt:
			look(s.X)
		}
	}
}
