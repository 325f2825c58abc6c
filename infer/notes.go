package infer

import (
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// noteShapes tells the shapes that were inferred.
func (in *inferrer) noteShapes() {
	var parts []string
	for _, s := range in.env.order {
		if s.v != nil && s.v.Inferred {
			parts = append(parts, s.name+": "+s.v.Shape.String())
		}
	}
	if len(parts) > 0 {
		in.note("inferred %s", strings.Join(parts, ", "))
	}
}

// noteHadamard tells how A .* B*C was read where both groupings have a shape.
func (in *inferrer) noteHadamard(t *term) {
	if in.quiet || len(t.args) != 2 {
		return
	}
	x, c := t.args[0], t.args[1]
	switch {
	case t.op == opMul && x.op == opHad && !in.bracketed(x):
		a, b := x.args[0], x.args[1]
		// (A .* B)*C has a shape; does A .* (B*C)?
		if b.shp.isScalar() || c.shp.isScalar() || a.shp.isScalar() {
			return
		}
		if in.could(b.shp.c, c.shp.r) && in.fitsHad(a.shp, shape{b.shp.r, c.shp.c}) {
			in.note("read %s as (%s)*%s, from left to right; the other reading is %s .* (%s*%s)", in.text(t.span), in.text(x.span), in.text(c.span), in.text(a.span), in.text(b.span), in.text(c.span))
		}
	case t.op == opHad && x.op == opMul && len(x.args) >= 2 && !in.bracketed(x):
		last := x.args[len(x.args)-1]
		head := x.args[0].span.To(x.args[len(x.args)-2].span)
		if last.shp.isScalar() || c.shp.isScalar() || x.opSpan.Start == x.opSpan.End || x.args[len(x.args)-2].shp.isScalar() {
			return
		}
		if in.fitsHad(last.shp, c.shp) {
			in.note("read %s as (%s) .* %s, from left to right; the other reading is %s*(%s .* %s)", in.text(t.span), in.text(x.span), in.text(c.span), in.text(head), in.text(last.span), in.text(c.span))
		}
	}
}

// bracketed tells whether a term is written in brackets.
func (in *inferrer) bracketed(t *term) bool {
	s := t.span
	if s.Start < len(in.src) && s.End <= len(in.src) && s.Start < s.End && in.src[s.Start] == '(' && in.src[s.End-1] == ')' {
		depth := 0
		for i := s.Start; i < s.End; i++ {
			switch in.src[i] {
			case '(':
				depth++
			case ')':
				if depth--; depth == 0 && i < s.End-1 {
					return false
				}
			}
		}
		return true
	}
	before := strings.TrimRight(in.src[:min(s.Start, len(in.src))], " \t")
	after := strings.TrimLeft(in.src[min(s.End, len(in.src)):], " \t")
	return strings.HasSuffix(before, "(") && strings.HasPrefix(after, ")")
}

// could tells whether two sizes are one, or may be since nothing says how
// large one of them is.
func (in *inferrer) could(a, b dim) bool {
	return in.d.same(a, b) || in.d.open(in.d.find(a)) || in.d.open(in.d.find(b))
}

// fitsHad tells whether two shapes have an elementwise product as they are.
func (in *inferrer) fitsHad(a, b shape) bool {
	same := in.could
	switch {
	case a.isRow() && b.isMatrix() || b.isRow() && a.isMatrix():
		return same(a.c, b.c)
	case a.isCol() && b.isMatrix() || b.isCol() && a.isMatrix():
		return same(a.r, b.r)
	}
	return same(a.r, b.r) && same(a.c, b.c)
}

// matrixFunctions are the elementwise functions that also exist as functions
// of a square matrix, and what those are called here.
var matrixFunctions = map[string]string{"exp": "; the matrix exponential is expm", "log": "", "sqrt": ""}

func (in *inferrer) noteCall(t *term, args []*expr.Node) {
	if in.quiet || len(args) != 1 || !t.fn.Elementwise {
		return
	}
	more, ok := matrixFunctions[t.fn.Name]
	if s := args[0].Shape; ok && s.IsSquare() && !s.IsScalar() {
		in.note("%s of the square matrix %s is taken entry by entry%s", t.fn.Name, in.text(t.args[0].span), more)
	}
}
