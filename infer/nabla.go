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
	return s
}
