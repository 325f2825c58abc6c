package infer

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// big reduces a sum or product over its indices, the innermost last written
// first.
func (l *lifter) big(t *term) value {
	if v, ok := l.mixed(t); ok {
		return v
	}
	v := l.lift(t.args[0])
	for k := len(t.idx) - 1; k >= 0 && !l.failed; k-- {
		if t.big == ast.Prod {
			v = l.prod(v, t.idx[k], t)
		} else {
			v = l.reduce(v, t.idx[k], t.sizes[min(k, len(t.sizes)-1)], t)
		}
	}
	return v
}

// mixed is Σ_j a_{ij} v_j, for each i a vector that is row i of A V.
func (l *lifter) mixed(t *term) (value, bool) {
	m := t.args[0]
	if t.big != ast.Sum || len(t.idx) != 1 || m.op != opMul {
		return value{}, false
	}
	k := t.idx[0]
	var vector *term
	var weights []*term
	for _, a := range m.args {
		switch {
		case a.op == opEntry && len(a.idx) == 1 && a.idx[0] == k && vector == nil && a.sym != nil && l.in.classOfSymbol(a.sym).isMatrix():
			vector = a
		case a.op == opEntry && len(a.idx) == 2 && slices.Contains(a.idx, k):
			weights = append(weights, a)
		default:
			return value{}, false
		}
	}
	if vector == nil || len(weights) != 1 {
		return value{}, false
	}
	i := weights[0].idx[0]
	if i == k {
		i = weights[0].idx[1]
	}
	v, a := l.lift(vector), l.lift(weights[0])
	if l.failed || i == k || v.kind != kCol || v.weight != nil {
		return v, l.failed
	}
	return value{kind: kCol, t: l.term(opMul, l.grid(a, []string{i, k}), v.t), idx: []string{i}}, true
}

func (l *lifter) prod(v value, i string, t *term) value {
	if v.kind != kScalar || len(v.idx) != 1 || v.idx[0] != i {
		l.fail(t, "this product over %s has no matrix form", i)
		return v
	}
	return value{t: l.fn("prod", l.single(v))}
}

// reduce sums a value over one index.
func (l *lifter) reduce(v value, i string, size expr.Dim, t *term) value {
	if !slices.Contains(v.idx, i) {
		n := l.sizeTerm(size)
		if n == nil {
			l.fail(t, "nothing below the sum depends on %s, and it has no upper limit", i)
			return v
		}
		if v.kind == kScalar {
			return l.product([]value{{t: n}, v})
		}
		return l.scale(value{t: n}, v, t)
	}
	if v.kind != kScalar {
		return l.reduceVector(v, t)
	}
	fs := v.fs
	if fs == nil {
		fs = []value{v}
	}
	var out []value
	var ones []*term
	var twos []value
	for _, f := range fs {
		switch {
		case !slices.Contains(f.idx, i):
			out = append(out, f)
		case len(f.idx) == 1:
			ones = append(ones, f.t)
		default:
			twos = append(twos, f)
		}
	}
	return l.product(append(out, l.contract(i, ones, twos, t)))
}

// contract sums a product over i: inner products, products with vectors and
// products of matrices.
func (l *lifter) contract(i string, ones []*term, twos []value, t *term) value {
	other := func(f value) string {
		if f.idx[0] == i {
			return f.idx[1]
		}
		return f.idx[0]
	}
	w := l.had(ones)
	switch len(twos) {
	case 0:
		if len(ones) >= 2 {
			return value{t: l.term(opMul, l.transpose(ones[0]), l.had(ones[1:]))}
		}
		return value{t: l.total(w)}
	case 1:
		j := other(twos[0])
		if w == nil {
			if twos[0].idx[0] == j {
				return value{t: l.fn("rowsum", twos[0].t), idx: []string{j}}
			}
			return value{t: l.transpose(l.fn("colsum", twos[0].t)), idx: []string{j}}
		}
		return value{t: l.term(opMul, l.grid(twos[0], []string{j, i}), w), idx: []string{j}}
	case 2:
		j, k := other(twos[0]), other(twos[1])
		if j != k {
			x, z := l.grid(twos[0], []string{j, i}), l.grid(twos[1], []string{i, k})
			if w != nil {
				x = l.term(opHad, x, l.transpose(w))
			}
			return value{t: l.term(opMul, x, z), idx: []string{j, k}}
		}
	}
	j := other(twos[0])
	var ms []*term
	for _, f := range twos {
		if other(f) != j {
			l.fail(t, "this sum over %s joins more than two matrices", i)
			return value{t: bad(l.at)}
		}
		ms = append(ms, l.grid(f, []string{j, i}))
	}
	if w != nil {
		return value{t: l.term(opMul, l.had(ms), w), idx: []string{j}}
	}
	return value{t: l.fn("rowsum", l.had(ms)), idx: []string{j}}
}

// total is the sum of all entries of a column.
func (l *lifter) total(t *term) *term {
	if t.op == opNeg {
		return l.term(opNeg, l.total(t.args[0]))
	}
	if t.op == opCall && t.fn.Name == "rowsum" || t.op == opT && t.args[0].op == opCall && t.args[0].fn.Name == "colsum" {
		if t.op == opT {
			t = t.args[0]
		}
		return l.fn("sum", t.args[0])
	}
	return l.fn("sum", t)
}

// reduceVector sums vectors, the rows of a matrix, or outer products.
func (l *lifter) reduceVector(v value, t *term) value {
	switch {
	case v.kind == kOuter:
		right := v.right
		if v.weight != nil {
			right = l.term(opHad, right, v.weight)
		}
		return value{kind: kMatrix, t: l.term(opMul, l.transpose(v.t), right)}
	case v.weight != nil && v.kind == kCol:
		return value{kind: kCol, t: l.term(opMul, l.transpose(v.t), v.weight)}
	case v.weight != nil:
		return value{kind: kRow, t: l.term(opMul, l.transpose(v.weight), v.t)}
	case v.kind == kCol:
		return value{kind: kCol, t: l.transpose(l.fn("colsum", v.t))}
	case v.kind == kRow:
		return value{kind: kRow, t: l.fn("colsum", v.t)}
	}
	l.fail(t, "this sum has no matrix form")
	return v
}

// sizeTerm is a size as a scalar.
func (l *lifter) sizeTerm(d expr.Dim) *term {
	if !d.Known() {
		return nil
	}
	if d.Sym == "" {
		return l.number(itoa(d.K))
	}
	var ts []*term
	if d.K > 1 {
		ts = append(ts, l.number(itoa(d.K)))
	}
	for _, s := range d.Symbols() {
		ts = append(ts, l.in.variable(s, s, l.at))
	}
	if len(ts) == 1 {
		return ts[0]
	}
	return l.term(opMul, ts...)
}

// plain returns the matrix form of a value whose indices are bound by the left
// side: rows by the first, columns by the second.
func (l *lifter) plain(v value, free []string) *term {
	for _, i := range v.idx {
		if !slices.Contains(free, i) {
			l.in.errorf("E226", l.at, "the index %s is bound by no sum", i)
			l.failed = true
			return nil
		}
	}
	if v.kind != kScalar {
		if len(v.idx) == 1 && v.kind == kRow {
			l.fail(&term{span: l.at}, "a row for each index has no matrix form; transpose it")
		}
		return l.vector(v)
	}
	t := l.grid(v, free)
	switch {
	case len(v.idx) == len(free):
		return t
	case len(free) == 1: // the same number for each index
		return l.term(opMul, t, l.term(opOnes))
	case len(v.idx) == 1 && v.idx[0] == free[0]:
		return l.term(opMul, t, l.transpose(l.term(opOnes)))
	case len(v.idx) == 1:
		return l.term(opMul, l.term(opOnes), t)
	}
	return l.term(opMul, l.term(opMul, t, l.term(opOnes)), l.transpose(l.term(opOnes)))
}

// showTerm writes a term as program text, for the note that echoes what an
// indexed sum was read as.
func showTerm(in *inferrer, t *term) string { return showAt(in, t, 0) }

// showAt writes a term that stands where level binds: 1 sum, 2 product, 3
// factor with a postfix.
func showAt(in *inferrer, t *term, level int) string {
	sub := func(k, lv int) string { return showAt(in, t.args[k], lv) }
	wrap := func(own int, s string) string {
		if own < level {
			return "(" + s + ")"
		}
		return s
	}
	switch t.op {
	case opNum:
		if !t.num.IsInt() {
			return wrap(2, t.num.RatString())
		}
		return t.num.RatString()
	case opSym:
		return t.sym.name
	case opOnes:
		return "𝟏"
	case opEye:
		return "I"
	case opSized:
		return sub(0, level)
	case opNeg:
		return wrap(1, "-"+sub(0, 2))
	case opAdd:
		return wrap(1, sub(0, 1)+" + "+sub(1, 1))
	case opSub:
		return wrap(1, sub(0, 1)+" - "+sub(1, 2))
	case opMul:
		parts := make([]string, len(t.args))
		for i := range t.args {
			parts[i] = sub(i, min(2+i, 3))
		}
		return wrap(2, strings.Join(parts, "*"))
	case opHad:
		return wrap(2, sub(0, 2)+" .* "+sub(1, 3))
	case opDiv:
		return wrap(2, sub(0, 2)+"/"+sub(1, 3))
	case opElemDiv:
		return wrap(2, sub(0, 2)+" ./ "+sub(1, 3))
	case opSolve:
		return wrap(2, sub(0, 2)+" \\ "+sub(1, 3))
	case opT:
		return sub(0, 3) + "'"
	case opInv:
		return sub(0, 3) + "^-1"
	case opInvT:
		return sub(0, 3) + "^-T"
	case opPow:
		return sub(0, 3) + "^" + sub(1, 4)
	case opElemPow:
		return sub(0, 3) + ".^" + sub(1, 4)
	case opAbs:
		return "|" + sub(0, 0) + "|"
	case opCall:
		parts := make([]string, 0, len(t.args)+len(t.sizes))
		for _, d := range t.sizes {
			parts = append(parts, d.String())
		}
		for i := range t.args {
			parts = append(parts, sub(i, 0))
		}
		return t.fn.Name + "(" + strings.Join(parts, ", ") + ")"
	case opApply:
		parts := make([]string, len(t.args))
		for i := range t.args {
			parts[i] = sub(i, 0)
		}
		return t.sym.name + t.kind + "(" + strings.Join(parts, ", ") + ")"
	}
	return in.text(t.span)
}
