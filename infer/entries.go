package infer

import (
	"strings"
	"unicode"

	"github.com/matdiff/matdiff/ast"
)

// The left side of a claim may have free indices, as that of a definition
// has: z_i = …, dz_i = …, ∂Q/∂z_{3i} = …. The claim is then about the whole
// vector or matrix, and its right sides are read as its entries.

// leftEntries returns the equation without the free indices of its left side,
// and the indices.
func (in *inferrer) leftEntries(e *ast.Equation) (*ast.Equation, []string) {
	var n *ast.Name
	d, isDeriv := e.Sides[0].(*ast.Deriv)
	if isDeriv && len(d.By) == 1 {
		n, _ = d.By[0].(*ast.Name)
	} else {
		n, _ = e.Sides[0].(*ast.Name)
	}
	if n == nil || n.Sub == "" || in.env.lookup(n.Text) != nil || in.isDifferential(n.Text) {
		return e, nil
	}
	base := entryBase(n)
	if base == "" || in.env.lookup(base) == nil && !in.isDifferential(base) {
		return e, nil
	}
	var idx []string
	for _, r := range strings.TrimLeft(strings.Trim(n.Sub, "{}"), "0123456789") {
		if unicode.IsLower(r) {
			idx = append(idx, string(r))
		}
	}
	if len(idx) == 0 || len(idx) > 2 || len(idx) == 2 && idx[0] == idx[1] {
		return e, nil
	}
	whole := &ast.Name{Text: base, Base: base, Src: base, Span: n.Span}
	if b, sub, ok := strings.Cut(base, "_"); ok {
		whole.Base, whole.Sub = b, sub
	}
	out := *e
	out.Sides = append([]ast.Expr{whole}, e.Sides[1:]...)
	if isDeriv {
		c := *d
		c.By = []ast.Expr{whole}
		out.Sides[0] = &c
	}
	return &out, idx
}

// entries resolves the right side of a claim whose left side has free indices.
func (in *inferrer) entries(e ast.Expr, free []string) *term {
	if len(free) == 0 {
		return in.expr(e)
	}
	in.runs = in.runs[:0]
	for _, i := range free {
		in.indices = append(in.indices, index{name: i, free: true})
		in.runs = append(in.runs, index{name: i, free: true})
	}
	t := in.expr(e)
	in.indices = in.indices[:0]
	if t.op == opBad {
		return t
	}
	return in.lifted(t, free)
}

// entryOf is entry idx of a term that is no plain name: dz_i, ∂Q/∂z_i.
func entryOf(base *term, idx []string) *term {
	return &term{op: opEntry, span: base.span, idx: idx, args: []*term{base}, names: base.names}
}
