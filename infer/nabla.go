package infer

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// ∇Q without a variable, where Q has several: the answer tells by its shape
// which one is meant, and else custom does, by which x and w are unknowns and a
// and A are given.

// unknowns are the names that are differentiated by where nothing says so, the
// most usual ones first.
var unknowns = strings.Fields("θ w W β x X")

// likely is the variable out of several that a gradient of order 1 or 2 is by,
// nil if nothing tells.
func (in *inferrer) likely(vars []*symbol, d *ast.Deriv) *symbol {
	if in.answer == nil {
		return nil
	}
	var n *expr.Node
	in.isolated(func() { n = in.claimNode(in.expr(in.answer), nil) })
	fits := vars
	if n != nil && n.IsZero() && n.IsScalar() { // = 0, which fits all
		if s := in.solvedFor(vars); s != nil {
			in.note("read %s as the gradient by %s", in.text(d.Span), s.name)
			return s
		}
		n = nil
	}
	if n != nil {
		fits = nil
		for _, s := range vars {
			want := s.node.Shape
			if d.Order == 2 {
				want = expr.Shape{R: want.Count(), C: want.Count()}
			}
			if n.Shape == want || n.Shape.T() == want {
				fits = append(fits, s)
			}
		}
	}
	var s *symbol
	switch len(fits) {
	case 0:
		return nil
	case 1:
		s = fits[0]
	default:
		for _, name := range unknowns {
			if k := slices.IndexFunc(fits, func(s *symbol) bool { return s.key == name || s.name == name }); k >= 0 && s == nil {
				s = fits[k]
			}
		}
		if s == nil {
			return nil
		}
	}
	in.note("read %s as the gradient by %s", in.text(d.Span), s.name)
	in.nabla = s
	return s
}

// solvedFor is the variable that ∇Q = 0 is about: the one that it is solved for,
// w = …, or the one of the last ∇.
func (in *inferrer) solvedFor(vars []*symbol) *symbol {
	if in.then != nil {
		for _, side := range in.then.Sides {
			if n, ok := side.(*ast.Name); ok {
				if s := in.env.lookup(n.Text); slices.Contains(vars, s) {
					return s
				}
			}
		}
	}
	if slices.Contains(vars, in.nabla) {
		return in.nabla
	}
	return nil
}
