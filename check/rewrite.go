package check

import "github.com/matdiff/matdiff/ast"

// rewriteSides puts f of each expression in its place, in all sides of all
// equations of a text, what is below first.
func rewriteSides(tree *ast.Program, f func(ast.Expr) ast.Expr) {
	for _, s := range tree.Stmts {
		if e, ok := s.(*ast.Equation); ok {
			for ; e != nil; e = e.Then {
				for i := range e.Sides {
					e.Sides[i] = mapped(e.Sides[i], f)
				}
			}
		}
	}
}

// mapped is f of an expression whose parts are rewritten. The name of a
// function and what a derivative is of and by stay.
func mapped(e ast.Expr, f func(ast.Expr) ast.Expr) ast.Expr {
	r := func(x ast.Expr) ast.Expr {
		if x == nil {
			return nil
		}
		return mapped(x, f)
	}
	switch x := e.(type) {
	case *ast.Unary:
		y := *x
		y.X = r(x.X)
		e = &y
	case *ast.Binary:
		y := *x
		y.X, y.Y = r(x.X), r(x.Y)
		e = &y
	case *ast.Postfix:
		y := *x
		y.X = r(x.X)
		e = &y
	case *ast.Power:
		y := *x
		y.X, y.Exp = r(x.X), r(x.Exp)
		e = &y
	case *ast.Paren:
		y := *x
		y.X = r(x.X)
		e = &y
	case *ast.Call:
		y := *x
		y.Args = nil
		for _, a := range x.Args {
			y.Args = append(y.Args, r(a))
		}
		e = &y
	case *ast.Norm:
		y := *x
		y.X = r(x.X)
		e = &y
	case *ast.Abs:
		y := *x
		y.X = r(x.X)
		e = &y
	case *ast.Inner:
		y := *x
		y.X, y.Y = r(x.X), r(x.Y)
		e = &y
	case *ast.Entry:
		y := *x
		y.X = r(x.X)
		e = &y
	case *ast.BigOp:
		y := *x
		y.Body = r(x.Body)
		e = &y
	}
	return f(e)
}
