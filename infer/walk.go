package infer

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/rules"
)

// walk calls f for an expression and everything below it.
func walk(e ast.Expr, f func(ast.Expr)) {
	if e == nil {
		return
	}
	f(e)
	switch e := e.(type) {
	case *ast.Unary:
		walk(e.X, f)
	case *ast.Binary:
		for { // long sums lean to the left
			walk(e.Y, f)
			x, ok := e.X.(*ast.Binary)
			if !ok {
				walk(e.X, f)
				return
			}
			f(x)
			e = x
		}
	case *ast.Postfix:
		walk(e.X, f)
	case *ast.Power:
		walk(e.X, f)
		walk(e.Exp, f)
	case *ast.Paren:
		walk(e.X, f)
	case *ast.Call:
		for _, a := range e.Args {
			walk(a, f)
		}
	case *ast.Norm:
		walk(e.X, f)
	case *ast.Abs:
		walk(e.X, f)
	case *ast.Inner:
		walk(e.X, f)
		walk(e.Y, f)
	case *ast.Iverson:
		for _, x := range e.Xs {
			walk(x, f)
		}
	case *ast.Index:
		walk(e.X, f)
	case *ast.Entry:
		walk(e.X, f)
	case *ast.BigOp:
		walk(e.Lo, f)
		walk(e.Hi, f)
		walk(e.Body, f)
	}
}

// sidesOf lists the expressions of a statement that define values.
func sidesOf(s ast.Stmt) []ast.Expr {
	switch s := s.(type) {
	case *ast.Equation:
		return s.Sides
	case *ast.ExprStmt:
		return []ast.Expr{s.X}
	}
	return nil
}

func (in *inferrer) looksLikeClaim(s ast.Stmt) bool {
	e, ok := s.(*ast.Equation)
	if !ok || !in.opt.Claims || len(e.Sides) == 0 {
		return false
	}
	switch x := e.Sides[0].(type) {
	case *ast.Deriv:
		return true
	case *ast.Name:
		return in.env.known(x.Text) == nil && in.isDifferential(x.Text)
	}
	return false
}

// impliedSizes enters names that nobody declared and that stand where only a
// size can: in ones(n), I(p), and as the upper limit of a sum.
func (in *inferrer) impliedSizes(tree *ast.Program) {
	enter := func(e ast.Expr) {
		if n, ok := e.(*ast.Name); ok && in.env.lookup(n.Text) == nil && isShortName(n.Text) {
			in.env.put(&symbol{kind: symSize, name: n.Text, span: n.Span})
			in.note("read %s as a size", n.Src)
		}
	}
	defined := map[string]bool{}
	for _, s := range tree.Stmts {
		sides := sidesOf(s)
		if e, ok := s.(*ast.Equation); ok && in.opt.Claims {
			name := ""
			switch x := e.Sides[0].(type) {
			case *ast.Name:
				name = x.Text
			case *ast.Call: // f(x) = …
				name = x.Fun.Text
			}
			if name == "" || in.looksLikeClaim(s) || defined[name] {
				continue // claims speak of the sizes that the definitions have
			}
			defined[name] = true
			sides = sides[:min(2, len(sides))]
		}
		for _, side := range sides {
			walk(side, func(e ast.Expr) {
				switch e := e.(type) {
				case *ast.Call:
					if in.env.lookup(e.Fun.Text) != nil {
						return
					}
					f := resolveFn(e.Fun.Text, len(e.Args))
					for i, a := range e.Args {
						if f != nil && f.Params[i].Kind == rules.SizeArg || f == nil && e.Fun.Text == "I" && len(e.Args) == 1 {
							enter(a)
						}
					}
				case *ast.BigOp:
					if e.Hi != nil {
						enter(e.Hi)
					}
				}
			})
		}
	}
}

// Walk calls f for e and everything in it.
func Walk(e ast.Expr, f func(ast.Expr)) { walk(e, f) }

// WalkNames calls f for the names of an expression, those before a bracket
// too: λ(w'w − 1) is a product where λ is a variable.
func WalkNames(e ast.Expr, f func(*ast.Name)) {
	walk(e, func(x ast.Expr) {
		switch x := x.(type) {
		case *ast.Name:
			f(x)
		case *ast.Call:
			f(x.Fun)
		}
	})
}
