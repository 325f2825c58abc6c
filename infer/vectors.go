package infer

import (
	"slices"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// vector returns the term of a vector value, weighted.
func (l *lifter) vector(v value) *term {
	if v.weight != nil {
		return l.term(opHad, v.t, v.weight)
	}
	return v.t
}

// sum adds two values, or multiplies them entry by entry (o is opHad).
func (l *lifter) sum(o op, a, b value, t *term) value {
	l.fit(&a, b)
	l.fit(&b, a)
	if a.kind == kScalar && b.kind == kScalar {
		idx := union(a.idx, b.idx)
		x, y := l.grid(a, idx), l.grid(b, idx)
		if len(idx) == 2 && len(a.idx) == 1 && len(b.idx) == 1 {
			// A column and a row: spread both.
			ones := l.term(opOnes)
			if a.idx[0] == idx[0] {
				x, y = l.term(opMul, x, l.transpose(ones)), l.term(opMul, l.term(opOnes), y)
			}
		}
		return value{t: l.term(o, x, y), idx: idx}
	}
	if a.kind == b.kind && a.kind != kOuter {
		x, y := l.vector(a), l.vector(b)
		switch {
		case slices.Equal(a.idx, b.idx):
			return value{kind: a.kind, t: l.term(o, x, y), idx: a.idx}
		case len(a.idx) == 0 && len(b.idx) == 1 && a.kind == kCol:
			return value{kind: a.kind, t: l.term(o, l.transpose(x), y), idx: b.idx}
		case len(b.idx) == 0 && len(a.idx) == 1 && a.kind == kCol:
			return value{kind: a.kind, t: l.term(o, x, l.transpose(y)), idx: a.idx}
		case len(a.idx) == 0 && len(b.idx) == 1, len(b.idx) == 0 && len(a.idx) == 1:
			return value{kind: a.kind, t: l.term(o, x, y), idx: union(a.idx, b.idx)}
		}
	}
	l.fail(t, "%s joins a number and a vector, or vectors of different indices", l.in.text(t.span))
	return a
}

// fit reads a name that nobody declared as what stands beside it is: μ as a
// vector in x_i − μ where the x_i are vectors, b as a number in w'x_i + b.
func (l *lifter) fit(a *value, b value) {
	s := bareName(orBad(a.t))
	if s == nil || a.kind == b.kind || len(a.idx) > 0 || s.declared || s.kind != symVar || s.idx < 0 || slices.Contains(l.in.indexed, s) {
		return
	}
	switch {
	case a.kind == kScalar && b.kind == kCol && len(b.idx) == 1:
		s.readings = []reading{{asCol, 0}}
	case a.kind == kScalar && b.kind == kRow && len(b.idx) == 1:
		s.readings = []reading{{asRow, 0}}
	case b.kind == kScalar && len(b.idx) > 0 && (a.kind == kCol || a.kind == kRow):
		s.readings = []reading{{asScalar, 0}}
	default:
		return
	}
	l.in.indexed = append(l.in.indexed, s)
	a.kind = b.kind
}

func orBad(t *term) *term {
	if t == nil {
		return &term{op: opBad}
	}
	return t
}

func (l *lifter) quotient(a, b value, t *term) value {
	if a.kind != kScalar {
		return l.mul(a, value{t: l.reciprocal(b), idx: b.idx}, t)
	}
	if len(b.idx) == 0 {
		d := l.single(b)
		if len(a.idx) == 0 {
			return value{t: l.term(opDiv, l.single(a), d)}
		}
		return l.product([]value{{t: l.term(opDiv, l.number("1"), d)}, a})
	}
	if len(a.idx) == 0 && l.isOne(a) {
		return value{t: l.reciprocal(b), idx: b.idx}
	}
	if slices.Equal(a.idx, b.idx) {
		return value{t: l.term(opElemDiv, l.single(a), l.single(b)), idx: a.idx}
	}
	return l.product([]value{a, {t: l.reciprocal(b), idx: b.idx}})
}

func (l *lifter) isOne(v value) bool { return v.t != nil && v.t.isNum(1) }

func (l *lifter) reciprocal(b value) *term {
	if len(b.idx) == 0 {
		return l.term(opDiv, l.number("1"), l.single(b))
	}
	return l.term(opElemDiv, l.number("1"), l.single(b))
}

// mul multiplies from left to right; the kinds decide what product it is.
func (l *lifter) mul(a, b value, t *term) value {
	switch {
	case a.kind == kScalar && b.kind == kScalar:
		return l.product([]value{a, b})
	case a.kind == kScalar:
		return l.scale(a, b, t)
	case b.kind == kScalar:
		return l.scale(b, a, t)
	case len(a.idx) == 0 && len(b.idx) == 0:
		u := l.term(opMul, a.t, b.t)
		return l.constant(u)
	case a.kind == kRow && b.kind == kCol:
		x, z := l.vector(a), l.vector(b)
		switch {
		case len(a.idx) == 0:
			return value{t: l.term(opMul, z, l.transpose(x)), idx: b.idx}
		case len(b.idx) == 0:
			return value{t: l.term(opMul, x, z), idx: a.idx}
		case slices.Equal(a.idx, b.idx):
			return value{t: l.fn("rowsum", l.term(opHad, x, z)), idx: a.idx}
		}
		return value{t: l.term(opMul, x, l.transpose(z)), idx: union(a.idx, b.idx)}
	case a.kind == kMatrix && b.kind == kCol:
		return value{kind: kCol, t: l.term(opMul, b.t, l.transpose(a.t)), idx: b.idx, weight: b.weight}
	case a.kind == kRow && b.kind == kMatrix:
		return value{kind: kRow, t: l.term(opMul, a.t, b.t), idx: a.idx, weight: a.weight}
	case a.kind == kCol && b.kind == kRow && slices.Equal(a.idx, b.idx):
		w := a.weight
		if w == nil {
			w = b.weight
		} else if b.weight != nil {
			w = l.term(opHad, w, b.weight)
		}
		return value{kind: kOuter, t: a.t, right: b.t, idx: a.idx, weight: w}
	}
	l.fail(t, "the product %s has no matrix form", l.in.text(t.span))
	return a
}

// scale multiplies a vector by a scalar.
func (l *lifter) scale(s, v value, t *term) value {
	switch {
	case len(s.idx) == 0 && v.weight == nil && v.kind != kOuter:
		v.t = l.times(l.single(s), v.t)
		return v
	case len(v.idx) == 0 && len(s.idx) == 1 && v.kind == kCol:
		return value{kind: kCol, t: l.term(opMul, l.single(s), l.transpose(v.t)), idx: s.idx}
	case len(v.idx) == 0 && len(s.idx) == 1 && v.kind == kRow:
		return value{kind: kRow, t: l.term(opMul, l.single(s), v.t), idx: s.idx}
	case len(s.idx) == 0 || slices.Equal(s.idx, v.idx):
		w := l.single(s)
		if v.weight != nil {
			w = l.single(l.product([]value{s, {t: v.weight, idx: v.idx}}))
		} else if len(s.idx) == 0 {
			w = l.term(opMul, w, l.term(opOnes))
		}
		v.weight = w
		return v
	}
	l.fail(t, "the product %s has no matrix form", l.in.text(t.span))
	return v
}

func (l *lifter) power(t *term) value {
	if s := bareName(t.args[1]); s != nil && s.idx >= 0 && s.kind == symVar && !slices.Contains(l.in.indexed, s) {
		s.readings = []reading{{asScalar, 0}} // |x_i|^p
	}
	e := l.lift(t.args[1])
	if s := bareName(t.args[0]); s != nil && s.key == "e" && !s.declared && len(e.idx) > 1 {
		l.expOf(t, s)
		return e
	}
	if e.kind != kScalar || len(e.idx) > 1 {
		l.fail(t, "an exponent with several indices has no matrix form")
		return e
	}
	x := t.args[0]
	if len(e.idx) == 1 { // p_i^{y_i}
		v := l.lift(x)
		if v.kind != kScalar || len(v.idx) != 1 || v.idx[0] != e.idx[0] {
			if s := bareName(x); s != nil && s.key == "e" && !s.declared {
				l.expOf(t, s)
				return e
			}
			l.fail(t, "an exponent with an index that its base has not has no matrix form")
			return e
		}
		l.in.note("read the power %s by its logarithm, for a positive base", l.in.text(t.span))
		return value{t: l.fn("exp", l.term(opHad, l.single(e), l.fn("log", l.single(v)))), idx: v.idx}
	}
	if v, ok := l.distances(x, e); ok {
		return v
	}
	if x.op == opCall && x.fn.Name == "norm" && l.single(e).isNum(2) {
		if v := l.lift(x.args[0]); v.kind != kScalar && len(v.idx) == 1 { // ‖x_i‖²
			return value{t: l.fn("rowsum", l.term(opElemPow, l.vector(v), l.single(e))), idx: v.idx}
		}
	}
	v := l.lift(x)
	if v.kind != kScalar {
		l.in.add(&diag.Diagnostic{Code: "E225", Message: "a power of the vector " + l.in.text(x.span) + " has no matrix form", Labels: []diag.Label{{Span: t.span}},
			Help: "its squared length is ‖" + l.in.text(x.span) + "‖²; if it is a number, declare the names that it is made of"})
		l.failed = true
		return v
	}
	o := opElemPow
	if len(v.idx) == 0 {
		o = opPow
	}
	return value{t: l.term(o, l.single(v), l.single(e)), idx: v.idx}
}

// distances reads ‖x_i − z_j‖² as the matrix of squared distances.
func (l *lifter) distances(x *term, e value) (value, bool) {
	if x.op != opCall || x.fn.Name != "norm" || !l.single(e).isNum(2) || x.args[0].op != opSub {
		return value{}, false
	}
	a, b := l.lift(x.args[0].args[0]), l.lift(x.args[0].args[1])
	if a.kind != kCol || b.kind != kCol || len(a.idx) != 1 || len(b.idx) != 1 || a.idx[0] == b.idx[0] || l.failed {
		return value{}, false
	}
	p, q := l.vector(a), l.vector(b)
	square := func(t *term) *term { return l.fn("rowsum", l.term(opElemPow, t, l.number("2"))) }
	ones := func() *term { return l.term(opOnes) }
	t := l.term(opAdd, l.term(opMul, square(p), l.transpose(ones())), l.term(opMul, ones(), l.transpose(square(q))))
	t = l.term(opSub, t, l.term(opMul, l.number("2"), p, l.transpose(q)))
	return value{t: t, idx: []string{a.idx[0], b.idx[0]}}, true
}

// apply is a function of values with indices: entry by entry, or along the
// vectors that the rows are.
func (l *lifter) apply(t *term, name string, args []*term) value {
	f := resolveFn(name, len(args))
	if v, ok := l.labelled(t); ok {
		return v
	}
	vs := make([]value, len(args))
	idx := []string(nil)
	k := kScalar
	for i, a := range args {
		vs[i] = l.lift(a)
		idx = union(idx, vs[i].idx)
		if vs[i].kind != kScalar {
			k = vs[i].kind
		}
	}
	if f == nil || len(idx) > 2 {
		l.fail(t, "%s of entries has no matrix form", name)
		return value{t: bad(t.span)}
	}
	ts := make([]*term, len(vs))
	for i, v := range vs {
		switch {
		case v.kind == kOuter || v.kind == kMatrix && len(idx) > 0:
			l.fail(t, "%s of a matrix for each index has no matrix form", name)
		case v.kind != kScalar && len(v.idx) > 0:
			ts[i] = l.vector(v)
		case v.kind != kScalar:
			ts[i] = v.t
		default:
			ts[i] = l.grid(v, idx)
		}
	}
	if l.failed {
		return value{t: bad(t.span)}
	}
	call := func(n string) *term { return l.fn(n, ts...) }
	if len(idx) == 0 {
		return l.constant(call(name))
	}
	switch {
	case f.Elementwise:
		return value{kind: k, t: call(name), idx: idx}
	case k == kScalar:
		l.fail(t, "%s takes a whole vector or matrix, not its entries", name)
	case f.Family == "row" && f.Out == rules.OutSame:
		return value{kind: k, t: call(name), idx: idx}
	case f.Out == rules.OutRowwise:
		return value{t: call(name), idx: idx}
	case name == "norm":
		return value{t: l.fn("sqrt", l.fn("rowsum", l.term(opElemPow, ts[0], l.number("2")))), idx: idx}
	case name == "dot" && len(ts) == 2 && len(vs[0].idx) == 1 && slices.Equal(vs[0].idx, vs[1].idx):
		return value{t: l.fn("rowsum", l.term(opHad, ts[0], ts[1])), idx: idx}
	case resolveFn("row"+name, 1) != nil && len(ts) == 1:
		return value{t: call("row" + name), idx: idx}
	default:
		l.fail(t, "%s of a vector for each index has no matrix form", name)
	}
	return value{t: bad(t.span)}
}

// labelled reads [y = j] as entry j of the one-hot vector y.
func (l *lifter) labelled(t *term) (value, bool) {
	if t.op != opCall || t.fn.Name != "eq" || len(t.args) != 2 {
		return value{}, false
	}
	for i, a := range t.args {
		if a.op != opIndex {
			continue
		}
		b := t.args[1-i]
		if b.op == opSym {
			if y := l.in.oneHot(b.sym.key, b.span); y != nil {
				return value{t: l.sized(y, a.idx[0], ""), idx: a.idx}, true
			}
		}
		if b.op == opEntry && len(b.idx) == 1 { // [y_i = k]: the labels of many
			if s := b.sym; !s.declared && s.kind == symVar || s.props.Has(expr.OneHot) && l.in.classOfSymbol(s).isMatrix() {
				if !s.declared {
					s.readings = []reading{{asMatrix, 0}}
					s.props |= expr.OneHot
					l.in.note("read the labels %s_%s as the rows of a one-hot matrix %s", s.name, b.idx[0], s.name)
				}
				y := &term{op: opSym, sym: s, span: b.span, names: b.names}
				return value{t: l.sized(y, b.idx[0], a.idx[0]), idx: []string{b.idx[0], a.idx[0]}}, true
			}
			l.fail(t, "%s compares the entries of %s with an index; declare %s as a one-hot matrix, a row for each label", l.in.text(t.span), b.sym.name, b.sym.name)
			return value{}, true
		}
		l.fail(t, "%s compares an index with something that is no label", l.in.text(t.span))
		return value{}, true
	}
	return value{}, false
}

// expOf says that e is a plain name where e^{z_k} is meant as exp(z_k).
func (l *lifter) expOf(t *term, e *symbol) {
	if l.failed {
		return
	}
	l.failed = true
	x := l.in.stripped(t.args[1])
	if len(x) > 2 && x[0] == '{' && x[len(x)-1] == '}' {
		x = x[1 : len(x)-1]
	}
	d := &diag.Diagnostic{Code: "E225", Message: "e is a plain name here, and a power with an index above has no matrix form", Labels: []diag.Label{{Span: t.span}}}
	d.Offer(diag.Fix{Span: t.span, Text: "exp(" + x + ")"})
	d.Help = "write exp(" + x + ")"
	l.in.add(d)
}
