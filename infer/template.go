package infer

import (
	"fmt"
	"sync"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/parser"
)

// Param is a parameter of a template: a name with a shape. Kind is expr.Hole,
// or expr.Differential for dX.
type Param struct {
	Name  string
	Shape expr.Shape
	Kind  expr.VarKind
	Props expr.Props
}

// parsed caches the syntax trees of formulas: the function table has a few
// hundred, each compiled for many shapes.
var parsed sync.Map // string → ast.Expr

// Template compiles a formula of the function table for parameters of given
// shapes. Its names are the parameters, the functions, and rows, cols, count:
// the sizes of the first parameter. The Builder is the template's own; the
// caller replaces the parameters by its operands.
func Template(src string, params []Param) (*expr.Node, *expr.Builder, error) {
	b := expr.NewBuilder()
	in := newInferrer(src, Options{})
	in.b = b
	for i, p := range params {
		n := b.Var(&expr.Var{Name: p.Name, Kind: p.Kind, Shape: p.Shape, Props: p.Props})
		in.env.put(&symbol{kind: symNode, name: p.Name, declared: true, node: n})
		if i == 0 {
			for _, s := range []struct {
				name string
				d    expr.Dim
			}{{"rows", p.Shape.R}, {"cols", p.Shape.C}, {"count", p.Shape.Count()}} {
				if in.env.lookup(s.name) == nil {
					in.env.put(&symbol{kind: symNode, name: s.name, declared: true, node: b.Size(s.d)})
				}
			}
		}
	}
	n, err := in.compile(src)
	return n, b, err
}

// compileInto compiles a formula without names into a Builder.
func compileInto(b *expr.Builder, src string) (*expr.Node, error) {
	in := newInferrer(src, Options{})
	in.b = b
	return in.compile(src)
}

func (in *inferrer) compile(src string) (n *expr.Node, err error) {
	tree, ok := parsed.Load(src)
	if !ok {
		t, list := parser.ParseExpr(src)
		if list.Err() != nil {
			return nil, fmt.Errorf("template %q: %w", src, list)
		}
		tree = t
		parsed.Store(src, tree)
	}
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, broken(r)
		}
	}()
	in.closed, in.quiet = true, true
	t := in.expr(tree.(ast.Expr))
	y := newTyping(in)
	n = in.closedNode(y, t)
	if e := in.errs.Err(); e != nil {
		return nil, fmt.Errorf("template %q: %w", src, e)
	}
	return n, nil
}

// closedNode finds the shape of a term whose names are all known, and builds
// it; it returns nil after an error.
func (in *inferrer) closedNode(y *typing, t *term) *expr.Node {
	in.epochs++
	y.epoch, y.fail = in.epochs, nil
	if !y.typ(t) {
		in.report(y, y.fail)
		return nil
	}
	if t.op == opBad || in.errs.Err() != nil {
		return nil
	}
	n := in.node(t)
	if in.errs.Err() != nil {
		return nil
	}
	return n
}
