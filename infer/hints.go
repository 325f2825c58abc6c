package infer

import (
	"strings"

	"github.com/matdiff/matdiff/ast"
)

// hintSizes gives inferred sizes the names that the limits of sums have for
// them: in Σ_{k=1}^{K} exp(z_k) of a claim z has K entries, if nothing else
// says how many.
func (in *inferrer) hintSizes(tree *ast.Program) {
	if !in.opt.Claims {
		return // a definition has said so
	}
	for _, s := range tree.Stmts {
		for _, side := range sidesOf(s) {
			walk(side, func(e ast.Expr) {
				b, ok := e.(*ast.BigOp)
				if !ok || b.Hi == nil || len(b.Index) != 1 {
					return
				}
				size, ok := in.sizeArg(b.Hi)
				if !ok {
					return
				}
				walk(b.Body, func(x ast.Expr) {
					if n, ok := x.(*ast.Name); ok {
						in.hintSize(n, b.Index[0].Name, in.d.of(size))
					}
				})
			})
		}
	}
}

// hintSize unifies the size of a name that index i numbers with d.
func (in *inferrer) hintSize(n *ast.Name, i string, d dim) {
	s := in.env.lookup(entryBase(n))
	if s == nil || s.kind != symVar || s.declared || s.idx < 0 {
		return
	}
	idx := strings.TrimLeft(strings.Trim(n.Sub, "{}"), "0123456789")
	open := func(a dim) {
		if r := in.d.find(a); r != 0 && in.d.open(r) {
			in.d.unify(r, d)
		}
	}
	switch {
	case idx == i && s.shp.isCol(), len(idx) == 2 && idx[:1] == i && s.shp.isMatrix():
		open(s.shp.r)
	case idx == i && s.shp.isRow(), len(idx) == 2 && idx[1:] == i && s.shp.isMatrix():
		open(s.shp.c)
	}
}
