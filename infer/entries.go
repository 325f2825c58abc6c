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
	whole, idx := in.withoutIndices(e.Sides[0])
	if whole == nil || len(idx) == 0 || len(idx) > 2 || len(idx) == 2 && idx[0] == idx[1] {
		return e, nil
	}
	out := *e
	out.Sides = append([]ast.Expr{whole}, e.Sides[1:]...)
	return &out, idx
}

// withoutIndices takes the indices off a left side: nil if it has none.
func (in *inferrer) withoutIndices(e ast.Expr) (ast.Expr, []string) {
	switch e := e.(type) {
	case *ast.Entry: // (∂Q/∂W)_{ij}, (A'Ax)_j
		x := e.X
		for {
			p, ok := x.(*ast.Paren)
			if !ok {
				return x, freeOf(e.Sub)
			}
			x = p.X
		}
	case *ast.Paren:
		return in.withoutIndices(e.X)
	case *ast.Name:
		if n, idx := in.wholeOf(e); n != nil {
			return n, idx
		}
	case *ast.Deriv: // ∂Q/∂W_{ij}, ∂y_i/∂x_j, ∂²Q/∂x_i∂x_j
		c := *e
		var idx []string
		if of, ok := e.Of.(*ast.Name); ok && e.Order == 1 {
			if n, i := in.wholeOf(of); n != nil && len(i) == 1 {
				c.Of, idx = n, i
			}
		}
		c.By = nil
		for _, b := range e.By {
			by, ok := b.(*ast.Name)
			if !ok {
				return nil, nil
			}
			n, i := in.wholeOf(by)
			if n == nil {
				return nil, nil
			}
			c.By, idx = append(c.By, n), append(idx, i...)
		}
		return &c, idx
	}
	return nil, nil
}

// wholeOf is the name that z_i and A_{ij} are entries of, and their indices;
// nil if it is a name of its own.
func (in *inferrer) wholeOf(n *ast.Name) (*ast.Name, []string) {
	if n.Sub == "" || in.env.lookup(n.Text) != nil || in.isDifferential(n.Text) {
		return nil, nil
	}
	base := entryBase(n)
	if base == "" || in.env.lookup(base) == nil && !in.isDifferential(base) {
		return nil, nil
	}
	whole := &ast.Name{Text: base, Base: base, Src: base, Span: n.Span}
	if b, sub, ok := strings.Cut(base, "_"); ok {
		whole.Base, whole.Sub = b, sub
	}
	idx := freeOf(strings.TrimLeft(strings.Trim(n.Sub, "{}"), "0123456789"))
	if idx == nil {
		return nil, nil
	}
	return whole, idx
}

// freeOf lists the letters of a subscript.
func freeOf(sub string) (idx []string) {
	for _, r := range sub {
		if unicode.IsLower(r) {
			idx = append(idx, string(r))
		}
	}
	return idx
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

// entryAt resolves an entry of an expression, (X'W)_{ij}, as entry does one of a
// name.
func (in *inferrer) entryAt(e *ast.Entry, base *term, at ast.Span) *term {
	if base.op == opBad {
		return base
	}
	if _, idx := in.splitSub("", e.Sub); len(idx) > 0 && len(idx) <= 2 {
		t := entryOf(base, idx)
		t.span = at
		return t
	}
	sub := strings.Trim(e.Sub, "{} ")
	switch {
	case in.holdsIndex(sub):
		if rows, label, by, ok := in.labelOf(sub); ok {
			return in.picked(at, rows, label, by, func(idx ...string) *term {
				t := entryOf(base, idx)
				t.span = at
				return t
			})
		}
		in.noShift(in.text(at), "(…)", sub, at)
	case strings.Trim(sub, "0123456789, ") == "":
		in.add(entryError(in.text(at), at))
	case isShortName(sub) && len(in.indices) == 0 && !strings.Contains("ijkl", sub):
		if y := in.oneHot(sub, at); y != nil { // (W x)_y, y a class label
			return newTerm(opMul, at, newTerm(opT, at, y), base)
		}
		fallthrough
	default:
		in.errorf("E226", at, "the index %s of %s is bound by no sum", sub, in.text(at))
	}
	return bad(at)
}

// entryOf is entry idx of a term that is no plain name: dz_i, ∂Q/∂z_i.
func entryOf(base *term, idx []string) *term {
	return &term{op: opEntry, span: base.span, idx: idx, args: []*term{base}, names: base.names}
}
