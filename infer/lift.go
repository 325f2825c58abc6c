package infer

import (
	"fmt"
	"slices"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// kind tells what a lifted value is for each value of its indices.
type kind uint8

const (
	kScalar kind = iota
	kCol
	kRow
	kMatrix // only without indices
	kOuter  // x_i z_i': left is X, right Z
)

// lifted value. For a scalar, the rows of t are numbered by idx[0] and its
// columns by idx[1]; for a vector with an index, row i of t is the vector.
// Products stay lists of factors until a sum or another operation needs them.
type value struct {
	kind   kind
	t      *term
	idx    []string
	fs     []value // scalar product, t is nil then
	weight *term   // of a vector or outer product: a column that scales row i
	right  *term   // kOuter
}

type lifter struct {
	in     *inferrer
	at     ast.Span
	failed bool
}

func (l *lifter) term(o op, args ...*term) *term {
	t := newTerm(o, l.at, args...)
	t.lifted = true
	return t
}

func (l *lifter) fn(name string, args ...*term) *term {
	t := l.in.call(name, l.at, l.at, args...)
	t.lifted = true
	return t
}

// hasEntry tells whether a term holds entries or sums.
func hasEntry(t *term) bool {
	if t.op == opEntry || t.op == opBig || t.op == opIndex {
		return true
	}
	return slices.ContainsFunc(t.args, hasEntry)
}

// lift returns the value of a term in matrix form.
func (l *lifter) lift(t *term) value {
	if l.failed {
		return value{t: bad(t.span)}
	}
	if !hasEntry(t) {
		return l.constant(t)
	}
	switch t.op {
	case opEntry:
		return l.entry(t)
	case opBig:
		return l.big(t)
	case opIndex:
		l.fail(t, "the index %s is used as a number", t.idx[0])
		return value{t: bad(t.span)}
	case opNeg:
		v := l.lift(t.args[0])
		if v.kind == kScalar {
			return l.product([]value{{t: l.minusOne()}, v})
		}
		v.t = l.term(opNeg, v.t)
		return v
	case opAdd, opSub:
		return l.sum(t.op, l.lift(t.args[0]), l.lift(t.args[1]), t)
	case opMul:
		return l.factors(t)
	case opHad:
		a, b := l.lift(t.args[0]), l.lift(t.args[1])
		if a.kind == kScalar && b.kind == kScalar {
			return l.product([]value{a, b})
		}
		return l.sum(opHad, a, b, t)
	case opDiv, opElemDiv:
		a, b := l.lift(t.args[0]), l.lift(t.args[1])
		if b.kind != kScalar {
			l.fail(t, "cannot divide by a vector in an indexed sum")
			return a
		}
		return l.quotient(a, b, t)
	case opPow, opElemPow:
		return l.power(t)
	case opT:
		v := l.lift(t.args[0])
		switch v.kind {
		case kCol:
			v.kind = kRow
		case kRow:
			v.kind = kCol
		case kOuter:
			v.t, v.right = v.right, v.t
		case kMatrix:
			v.t = l.term(opT, v.t)
		}
		return v
	case opAbs:
		return l.apply(t, "abs", []*term{t.args[0]})
	case opCall:
		return l.apply(t, t.fn.Name, t.args)
	case opApply:
		return l.entrywise(t)
	}
	l.fail(t, "this part of an indexed sum has no matrix form")
	return value{t: bad(t.span)}
}

// factors multiplies vectors and matrices from left to right, then by the
// scalars, which may stand anywhere.
func (l *lifter) factors(t *term) value {
	var scal []value
	var v *value
	for _, a := range t.args {
		b := l.lift(a)
		switch {
		case b.kind == kScalar:
			scal = append(scal, b)
		case v == nil:
			v = &b
		default:
			m := l.mul(*v, b, t)
			if v = &m; m.kind == kScalar {
				scal = append(scal, m)
				v = nil
			}
		}
	}
	if v == nil {
		return l.product(scal)
	}
	out := *v
	for _, s := range scal {
		out = l.scale(s, out, t)
	}
	return out
}

func (l *lifter) minusOne() *term {
	return l.term(opNeg, l.number("1"))
}

func (l *lifter) number(s string) *term {
	return l.in.number(&ast.Number{Val: s, Text: s, Span: l.at})
}

// constant is a term without indices.
func (l *lifter) constant(t *term) value {
	switch s := l.in.classOf(t); {
	case s.isScalar():
		return value{t: t}
	case s.isCol():
		return value{kind: kCol, t: t}
	case s.isRow():
		return value{kind: kRow, t: t}
	}
	return value{kind: kMatrix, t: t}
}

// entry is y_i, an entry of a vector or a row of a matrix, or A_{ij}.
func (l *lifter) entry(t *term) value {
	s := &term{op: opSym, sym: t.sym, span: t.span, names: t.names}
	if len(t.args) > 0 {
		if s = t.args[0]; hasEntry(s) {
			return l.entryOf(l.lift(s), t)
		}
	}
	sh := l.in.classOf(s)
	if len(t.idx) == 1 && !sh.isCol() && !sh.isRow() && l.in.standing(t.sym, s) {
		sh = l.in.classOf(s)
	}
	switch {
	case len(t.idx) == 2:
		if !sh.isMatrix() {
			l.fail(t, "%s has two indices and is no matrix", l.in.text(t.span))
		}
		if t.idx[0] == t.idx[1] {
			return value{t: l.fn("diag", s), idx: t.idx[:1]}
		}
		return value{t: l.sized(s, t.idx[0], t.idx[1]), idx: t.idx}
	case len(t.idx) == 1 && sh.isMatrix():
		if l.byColumn(t) {
			s = l.term(opT, s)
		}
		return value{kind: kCol, t: l.sized(s, t.idx[0], ""), idx: t.idx}
	case len(t.idx) == 1 && sh.isCol():
		if t.sym != nil && t.sym.idx >= 0 && t.sym.kind == symVar {
			t.sym.readings = []reading{{asCol, 0}} // b_i goes by rows, whatever b would be in XW + b
		}
		return value{t: l.sized(s, t.idx[0], ""), idx: t.idx}
	case len(t.idx) == 1 && sh.isRow():
		return value{t: l.sized(l.term(opT, s), t.idx[0], ""), idx: t.idx}
	}
	l.fail(t, "%s has no entries", l.in.text(t.span))
	return value{t: s}
}

// entryOf is an entry of a value that has indices of its own: (W x_i)_k.
func (l *lifter) entryOf(v value, t *term) value {
	switch {
	case l.failed:
		return v
	case (v.kind == kCol || v.kind == kRow) && len(t.idx) == 1: // row i is the vector
		if len(v.idx) == 1 && v.idx[0] == t.idx[0] {
			v.kind, v.t = kScalar, l.fn("diag", v.t)
			return v
		}
		m := l.sized(v.t, "", t.idx[0])
		out := value{t: m, idx: append(slices.Clone(v.idx), t.idx[0])}
		if len(v.idx) == 0 {
			if out.t = v.t; v.kind == kRow {
				out.t = l.term(opT, v.t)
			}
			out.t = l.sized(out.t, t.idx[0], "")
		}
		if v.weight != nil {
			return l.product([]value{{t: v.weight, idx: v.idx}, out})
		}
		return out
	case v.kind == kMatrix && len(t.idx) == 2 && t.idx[0] != t.idx[1]:
		return value{t: l.sized(v.t, t.idx[0], t.idx[1]), idx: t.idx}
	case v.kind == kMatrix && len(t.idx) == 2:
		return value{t: l.fn("diag", v.t), idx: t.idx[:1]}
	case v.kind == kMatrix:
		return value{kind: kCol, t: l.sized(v.t, t.idx[0], ""), idx: t.idx}
	}
	l.fail(t, "%s has no matrix form: %d indices of what has %d already", l.in.text(t.span), len(t.idx), len(v.idx))
	return v
}

// standing makes a vector of what has entries x_i and would be a matrix or a
// number by the readings that its names have by themselves: θ of h = σ(X θ),
// which could be a number, is a column. It tells whether one such name was
// enough. What is named by a capital may well have rows.
func (in *inferrer) standing(s *symbol, t *term) bool {
	names := t.names
	switch {
	case s == nil:
	case s.kind != symDef || s.def == nil || isUpper(s.key):
		return false
	default:
		names = s.def.t.names
	}
	for i, v := range in.env.open {
		if !names.has(i) || v.kind != symVar || v.declared || len(v.readings) == 0 || v.readings[0].class == asCol || slices.Contains(in.indexed, v) ||
			!slices.ContainsFunc(v.readings, func(r reading) bool { return r.class == asCol }) {
			continue
		}
		old := v.readings
		if v.readings = []reading{{asCol, 0}}; in.classOf(t).isCol() {
			in.indexed = append(in.indexed, v)
			return true
		}
		v.readings = old
	}
	return false
}

// byColumn tells whether w_k is a column of W: the index runs over its columns
// and not over its rows.
func (l *lifter) byColumn(t *term) bool {
	if t.sym == nil {
		return false
	}
	d := l.sizeOf(t.idx[0])
	s := t.sym.known
	if !d.Known() || !t.sym.declared {
		return false
	}
	return s.C == d && s.R != d
}

func (l *lifter) sizeOf(i string) expr.Dim {
	for _, ix := range l.in.runs {
		if ix.name == i {
			return ix.size
		}
	}
	return expr.Dim{}
}

// sized ties the rows and columns of a term to the sizes of its indices.
func (l *lifter) sized(t *term, i, j string) *term {
	d, e := l.sizeOf(i), expr.Dim{}
	if j != "" {
		e = l.sizeOf(j)
	}
	if !d.Known() && !e.Known() {
		return t
	}
	u := l.term(opSized, t)
	u.span = t.span
	u.sizes = []expr.Dim{d, e}
	return u
}

// product joins scalar factors into one list.
func (l *lifter) product(vs []value) value {
	var fs []value
	var idx []string
	for _, v := range vs {
		if v.fs != nil {
			fs = append(fs, v.fs...)
		} else {
			fs = append(fs, v)
		}
		idx = union(idx, v.idx)
	}
	return value{fs: fs, idx: idx}
}

func union(a, b []string) []string {
	out := append([]string(nil), a...)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// grid returns the term of a scalar value with rows numbered by idx[0] and
// columns by idx[1]; an index that the value lacks is not spread unless all
// is asked for.
func (l *lifter) grid(v value, idx []string) *term {
	if len(v.idx) > 2 || len(idx) > 2 {
		l.fail(&term{span: l.at}, "%d indices at once have no matrix form", max(len(v.idx), len(idx)))
		return bad(l.at)
	}
	t := l.single(v)
	switch {
	case len(v.idx) == 2 && len(idx) == 2 && v.idx[0] == idx[1]:
		return l.transpose(t)
	case len(v.idx) == 1 && len(idx) == 2 && v.idx[0] == idx[1]:
		return l.transpose(t)
	}
	return t
}

func (l *lifter) transpose(t *term) *term {
	if t.op == opT {
		return t.args[0]
	}
	return l.term(opT, t)
}

// single multiplies the factors of a scalar value into one term, in the order
// of its own indices.
func (l *lifter) single(v value) *term {
	if v.fs == nil {
		if v.t == nil {
			return bad(l.at)
		}
		return v.t
	}
	if len(v.idx) > 2 {
		l.fail(&term{span: l.at}, "%d indices at once have no matrix form", len(v.idx))
		return bad(l.at)
	}
	var scal, rest []*term
	var rows, cols []*term // factors of one index among two
	for _, f := range v.fs {
		switch {
		case len(f.idx) == 0:
			scal = append(scal, f.t)
		case len(f.idx) == 1 && len(v.idx) == 2 && f.idx[0] == v.idx[0]:
			rows = append(rows, f.t)
		case len(f.idx) == 1 && len(v.idx) == 2:
			cols = append(cols, f.t)
		default:
			rest = append(rest, l.grid(f, v.idx))
		}
	}
	var t *term
	switch {
	case len(rest) > 0:
		if len(rows) > 0 {
			rest = append(rest, l.had(rows))
		}
		if len(cols) > 0 {
			rest = append(rest, l.transpose(l.had(cols)))
		}
		t = l.had(rest)
	case len(rows) > 0 && len(cols) > 0:
		t = l.term(opMul, l.had(rows), l.transpose(l.had(cols)))
	default:
		t = l.had(append(rows, cols...))
	}
	if t == nil {
		if len(scal) == 1 {
			return scal[0]
		}
		return l.term(opMul, scal...)
	}
	for i := len(scal) - 1; i >= 0; i-- {
		t = l.times(scal[i], t)
	}
	return t
}

// times scales a term, -1 as a sign.
func (l *lifter) times(s, t *term) *term {
	if s.op == opNeg && s.args[0].isNum(1) {
		return l.term(opNeg, t)
	}
	return l.term(opMul, s, t)
}

func (l *lifter) had(ts []*term) *term {
	if len(ts) == 0 {
		return nil
	}
	t := ts[0]
	for _, u := range ts[1:] {
		t = l.term(opHad, t, u)
	}
	return t
}
