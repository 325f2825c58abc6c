package check

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/rules"
)

// Most edits of a text whose shapes do not fit do not fit either. They are told
// by the shapes of the names alone, before the text is read in earnest.

// misfit tells that a right side surely has no meaning; what it cannot tell it
// lets pass.
func (r *rewriter) misfit(text string) bool {
	tree, list := parser.ParseExpr(text)
	if list.Err() != nil || tree == nil {
		return true
	}
	bad := false
	r.shape(tree, &bad)
	return bad
}

// shape is the shape of a tree, nil where it is not known.
func (r *rewriter) shape(e ast.Expr, bad *bool) *expr.Shape {
	switch e := e.(type) {
	case *ast.Name:
		return r.named(e.Text)
	case *ast.Number:
		if e.Text == "1" { // or the vector of ones
			return nil
		}
		return &expr.Shape{R: expr.One, C: expr.One}
	case *ast.Paren:
		return r.shape(e.X, bad)
	case *ast.Unary:
		return r.shape(e.X, bad)
	case *ast.Postfix:
		x := r.shape(e.X, bad)
		if x == nil {
			return nil
		}
		switch e.Op {
		case ast.Transpose:
			t := x.T()
			return &t
		case ast.Inverse, ast.InvTranspose:
			*bad = *bad || !x.IsSquare()
		}
		return x
	case *ast.Binary:
		return r.binary(e, bad)
	case *ast.Call:
		return r.call(e, bad)
	}
	return nil
}

func (r *rewriter) named(name string) *expr.Shape {
	shape := func(name string) *expr.Shape {
		if v := r.c.prog.VarNamed(name); v != nil {
			return &v.Shape
		}
		for _, d := range r.c.prog.Defs {
			if d.Name == name && d.Node != nil {
				return &d.Node.Shape
			}
		}
		return nil
	}
	if s := shape(name); s != nil || len(name) < 2 || name[0] != 'd' {
		return s
	}
	return shape(name[1:])
}

func (r *rewriter) binary(e *ast.Binary, bad *bool) *expr.Shape {
	x, y := r.shape(e.X, bad), r.shape(e.Y, bad)
	if x == nil || y == nil {
		return nil
	}
	switch e.Op {
	case ast.Juxt, ast.Mul:
		switch {
		case x.IsScalar():
			return y
		case y.IsScalar():
			return x
		}
		*bad = *bad || x.C != y.R
		return &expr.Shape{R: x.R, C: y.C}
	case ast.ElemMul, ast.ElemDiv, ast.Add, ast.Sub:
		switch {
		case x.IsScalar():
			return y
		case y.IsScalar(), *x == *y:
			return x
		}
		s := *x
		if s.R.IsOne() {
			s.R = y.R
		}
		if s.C.IsOne() {
			s.C = y.C
		}
		*bad = *bad || !x.R.IsOne() && !y.R.IsOne() && x.R != y.R || !x.C.IsOne() && !y.C.IsOne() && x.C != y.C ||
			x.IsCol() && y.IsRow() || x.IsRow() && y.IsCol()
		return &s
	case ast.Div:
		return x
	}
	return nil
}

// call knows the functions that keep the shape of their operand or make a
// number of it.
func (r *rewriter) call(e *ast.Call, bad *bool) *expr.Shape {
	var x *expr.Shape
	for _, a := range e.Args {
		x = r.shape(a, bad)
	}
	if len(e.Args) != 1 || x == nil || r.named(e.Fun.Text) != nil {
		return nil
	}
	f := rules.Resolve(e.Fun.Text, 1)
	if f == nil {
		return nil
	}
	*bad = *bad || f.Params[0].Kind == rules.Square && !x.IsSquare()
	switch {
	case f.Out == rules.OutScalar:
		return &expr.Shape{R: expr.One, C: expr.One}
	case f.Out == rules.OutSame && f.Shape == nil:
		return x
	}
	return nil
}
