package infer

import (
	"math/big"

	"github.com/matdiff/matdiff/ast"
)

// clash says why a term has no shape under a reading.
type clash struct {
	t     *term
	code  string
	i, j  int // the operands at fault: t.args[i], t.args[j]; j < 0 for one
	names bits
	what  string // what is expected, for functions
	err   error
	left  shape // of a product: the factors before j
	leftN int   // the first factor of them that is not a scalar
}

// typing is one evaluation of shapes under one reading of every open name.
type typing struct {
	in     *inferrer
	d      *dims
	choice []int8
	epoch  int
	soft   int // cost of readings that a reader would not think of first
	outer  int // products of a column by a row that nobody transposed
	odd    bits
	seen   bits      // open names met so far
	fresh  []*symbol // names given a shape since the last mark
	fail   *clash
}

func newTyping(in *inferrer) *typing {
	return &typing{in: in, d: in.d, choice: make([]int8, len(in.env.open))}
}

func (y *typing) failed(t *term, code string, i, j int, names ...bits) bool {
	c := &clash{t: t, code: code, i: i, j: j}
	for _, n := range names {
		c.names.union(n)
	}
	y.fail = c
	return false
}

// unify makes two sizes of the term equal. A clash of 1 with a size depends
// only on the names below the term, a clash of two sizes on every name so far.
func (y *typing) unify(a, b dim, t *term, code string, i, j int) bool {
	if y.d.unify(a, b) {
		return true
	}
	y.failed(t, code, i, j, t.names)
	if a != 0 && b != 0 && !t.names.empty() {
		y.fail.names.union(y.seen)
	}
	return false
}

// symbol returns the shape of a name.
func (y *typing) symbol(s *symbol) shape {
	switch s.kind {
	case symSize:
		return scalar
	case symNode:
		if s.epoch != y.epoch {
			s.epoch = y.epoch
			y.fresh = append(y.fresh, s)
			s.shp = y.d.shapeOf(s.node.Shape)
		}
		return s.shp
	case symDef:
		if s.def == nil || s.def.failed {
			return scalar
		}
		if s.def.node != nil { // claims: the sizes are settled
			return y.d.shapeOf(s.def.node.Shape)
		}
		return s.def.t.shp
	}
	if s.isSize {
		return scalar
	}
	if s.kind == symFunc && y.in.settled(s) {
		s.shp = y.d.shapeOf(s.fun.is.To)
		return s.shp
	}
	if s.epoch == y.epoch {
		return s.shp
	}
	s.epoch = y.epoch
	y.fresh = append(y.fresh, s)
	if s.node != nil {
		s.shp = y.d.shapeOf(s.node.Shape)
		return s.shp
	}
	if s.idx < 0 {
		s.shp = y.d.shapeOf(s.known)
		return s.shp
	}
	y.seen.add(s.idx)
	switch s.readings[y.choice[s.idx]].class {
	case asCol:
		s.shp = shape{y.d.fresh(), 0}
	case asRow:
		s.shp = shape{0, y.d.fresh()}
	case asMatrix:
		s.shp = shape{y.d.fresh(), y.d.fresh()}
		if s.square {
			s.shp.c = s.shp.r
		}
	default:
		s.shp = scalar
	}
	return s.shp
}

// typ finds the shape of a term.
func (y *typing) typ(t *term) bool {
	if t.op == opBad {
		t.shp = scalar
		return true
	}
	bad := false
	t.comp = false
	for _, a := range t.args {
		if !y.typ(a) {
			return false
		}
		bad = bad || a.hasBad()
		t.comp = t.comp || a.comp
	}
	if bad {
		t.op = opBad // reported below: say nothing more
		t.shp = scalar
		return true
	}
	ok := y.shape(t)
	t.comp = t.comp || ok && !t.shp.isScalar()
	return ok
}

// hasBad tells whether the term was reported, or names a definition that was.
func (t *term) hasBad() bool {
	return t.op == opBad || t.op == opSym && t.sym.kind == symDef && (t.sym.def == nil || t.sym.def.failed)
}

func (y *typing) shape(t *term) bool {
	switch t.op {
	case opNum:
		t.shp = scalar
	case opSym:
		t.shp = y.symbol(t.sym)
		if t.sym.kind == symDef {
			t.comp = t.sym.def != nil && !t.sym.def.failed && t.sym.def.t.comp
		}
	case opOnes:
		t.shp = shape{}
		if t.sym == nil {
			t.shp = shape{y.d.fresh(), 0}
		} else {
			t.shp = y.symbol(t.sym)
		}
	case opEye:
		n := y.d.fresh()
		t.shp = shape{n, n}
	case opNeg:
		t.shp = t.args[0].shp
	case opT:
		t.shp = t.args[0].shp.t()
		if n := bareName(t.args[0]); n != nil && n.idx >= 0 && n.kind == symVar && !t.args[0].shp.isCol() && !isUpper(n.key) {
			y.soft += 3 // who transposes a lower-case name means a column
		}
		if y.shifted(t.args[0]) {
			y.soft += 3 // in (x - μ)' the μ is a vector like x
		}
	case opAdd, opSub:
		return y.broadcast(t, t.args[0], t.args[1], 0, 1, "E204")
	case opHad:
		return y.broadcast(t, t.args[0], t.args[1], 0, 1, "E205")
	case opElemDiv:
		return y.broadcast(t, t.args[0], t.args[1], 0, 1, "E205")
	case opMul:
		return y.product(t)
	case opDiv:
		if !t.args[1].shp.isScalar() {
			return y.failed(t, "E211", 0, 1, t.args[1].names)
		}
		t.shp = t.args[0].shp
		y.scaled(t.args[0], t.args[1])
	case opSolve:
		a, b := t.args[0], t.args[1]
		if a.shp.isScalar() {
			t.shp = b.shp
			break
		}
		if !y.unify(a.shp.r, a.shp.c, t, "E235", 0, 1) || !y.unify(a.shp.c, b.shp.r, t, "E235", 0, 1) {
			return false
		}
		t.shp = b.shp
	case opInv, opInvT:
		s := t.args[0].shp
		if !y.unify(s.r, s.c, t, "E207", 0, -1) {
			return false
		}
		t.shp = s
		if t.op == opInvT {
			t.shp = s.t()
		}
	case opPow:
		return y.power(t)
	case opElemPow:
		if !t.args[1].shp.isScalar() {
			if t.args[0].shp.isScalar() {
				return y.failed(t, "E212", 1, -1, t.args[1].names)
			}
			return y.failed(t, "E212", 1, -1, t.args[1].names)
		}
		t.shp = t.args[0].shp
	case opAbs:
		if !t.args[0].shp.isScalar() {
			return y.failed(t, "E210", 0, -1, t.args[0].names)
		}
		t.shp = scalar
	case opCall:
		return y.call(t)
	case opApply:
		return y.apply(t)
	case opSized:
		t.shp = t.args[0].shp
		for k, d := range [2]dim{t.shp.r, t.shp.c} {
			if t.sizes[k].Known() && !y.d.unify(d, y.d.of(t.sizes[k])) {
				y.failed(t, "E232", 0, -1, t.names, y.seen)
				return false
			}
		}
	case opDiff:
		if t.sym != nil {
			t.shp = y.symbol(t.sym)
		} else {
			t.shp = t.args[0].shp
		}
	case opHessian:
		t.shp = y.d.shapeOf(hessianShape(y.in.valueNode(t.args[0].sym), y.in.valueNode(t.args[1].sym)))
	case opPrime:
		t.shp = t.args[0].shp
	case opAdjoint:
		t.shp = y.symbol(t.sym)
	case opJacobian:
		t.shp = y.d.shapeOf(jacobianShape(y.in.symNode(t.of).Shape, y.in.symNode(t.sym).Shape))
	default:
		t.shp = scalar
	}
	return true
}

// shifted tells a vector with an undeclared Greek scalar added or taken away.
func (y *typing) shifted(t *term) bool {
	if t.op != opAdd && t.op != opSub || !t.shp.isCol() {
		return false
	}
	for _, a := range t.args {
		if a.op == opSym && a.sym.idx >= 0 && a.shp.isScalar() && isGreekName(a.sym.key) {
			return true
		}
	}
	return false
}

// isGreekName tells the names that are scalars first.
func isGreekName(key string) bool { return isGreek(firstRune(key)) && !isUpper(key) }

// scaled charges for a reading in which a name that nobody declared is a
// vector, though it stands beside a number that was computed from others
// (c*norm(x)^2): a scalar is meant.
func (y *typing) scaled(v, s *term) {
	if n := bareName(v); n != nil && n.idx >= 0 && !v.shp.isScalar() && s.comp && !s.names.has(n.idx) && !y.odd.has(n.idx) {
		y.odd.add(n.idx)
		y.soft += 5
	}
}

// bareName returns the open name that a term is, perhaps negated, transposed
// or times numbers; nil if it is another term.
func bareName(t *term) *symbol { return bareAt(t, 0) }

// bareAt looks a few operators deep only, which bounds the work on long chains.
func bareAt(t *term, depth int) *symbol {
	if depth > 6 {
		return nil
	}
	switch t.op {
	case opSym:
		return t.sym
	case opNeg, opT, opDiv:
		return bareAt(t.args[0], depth+1)
	case opMul:
		if len(t.args) > 6 {
			return nil
		}
		var s *symbol
		for _, a := range t.args {
			if a.shp.isScalar() {
				continue
			}
			if s != nil {
				return nil
			}
			if s = bareAt(a, depth+1); s == nil {
				return nil
			}
		}
		return s
	}
	return nil
}

// broadcast unifies the shapes of two operands of an elementwise operation.
func (y *typing) broadcast(t, a, b *term, i, j int, code string) bool {
	p, q := a.shp, b.shp
	switch {
	case p.isScalar():
		t.shp = q
		y.scaled(b, a)
	case q.isScalar():
		t.shp = p
		y.scaled(a, b)
	case p.isCol() && q.isRow() || p.isRow() && q.isCol():
		names := t.names
		return y.failed(t, "E206", i, j, names)
	case p.isMatrix() && q.isRow(), p.isMatrix() && q.isCol(), q.isMatrix() && p.isRow(), q.isMatrix() && p.isCol():
		m, v, w := p, q, b
		if q.isMatrix() {
			m, v, w = q, p, a
		}
		t.shp = m
		if v.isRow() {
			return y.unify(m.c, v.c, t, code, i, j)
		}
		if !w.names.empty() {
			y.soft += 3 // a row is what is meant in XW + b
		}
		return y.unify(m.r, v.r, t, code, i, j)
	default:
		t.shp = p
		return y.unify(p.r, q.r, t, code, i, j) && y.unify(p.c, q.c, t, code, i, j)
	}
	return true
}

// product chains the factors from left to right; scalars scale.
func (y *typing) product(t *term) bool {
	acc, first := scalar, -1
	var accNames bits
	for j, b := range t.args {
		s := b.shp
		switch {
		case s.isScalar():
			if first >= 0 && j > 0 {
				y.scaled(t.args[first], b)
				if !acc.isCol() && b.op == opSym && b.sym.idx >= 0 && isGreekName(b.sym.key) {
					y.soft += 3 // in Xβ and w'μ a vector is meant: numbers stand in front
				}
			}
		case acc.isScalar():
			for _, a := range t.args[:j] {
				y.scaled(b, a)
			}
			acc, first = s, j
		default:
			if acc.c == 0 && s.r == 0 && !explicitRow(b) {
				y.outer++
			}
			if !y.d.unify(acc.c, s.r) {
				y.failed(t, "E203", max(j-1, 0), j, accNames, b.names)
				if acc.c != 0 && s.r != 0 && !t.names.empty() {
					y.fail.names.union(y.seen)
				}
				y.fail.left, y.fail.leftN = acc, first
				return false
			}
			acc.c = s.c
		}
		accNames.unionIf(b.names)
	}
	t.shp = acc
	if first >= 0 && first+2 < len(t.args) {
		y.scaledRest(t, first)
	}
	return true
}

// scaledRest charges for y x'w with a column y: the rest is a number that
// scales it, as in scaled.
func (y *typing) scaledRest(t *term, first int) {
	n := bareName(t.args[first])
	if n == nil || n.idx < 0 || !t.args[first].shp.isCol() || !t.args[first+1].shp.isRow() || !t.args[len(t.args)-1].shp.isCol() || y.odd.has(n.idx) {
		return
	}
	for _, a := range t.args[first+1:] {
		if a.names.has(n.idx) {
			return
		}
	}
	y.odd.add(n.idx)
	y.soft += 5
}

func (b *bits) unionIf(o bits) {
	if len(o) > 0 {
		b.union(o)
	}
}

// explicitRow tells rows that are written as such: x', ones', declared rows.
func explicitRow(t *term) bool {
	switch t.op {
	case opSym:
		return t.sym.idx < 0
	case opNeg:
		return explicitRow(t.args[0])
	}
	return true
}

func (y *typing) power(t *term) bool {
	x, e := t.args[0], t.args[1]
	if x.shp.isScalar() {
		if !e.shp.isScalar() {
			return y.failed(t, "E212", 1, -1, e.names)
		}
		t.shp = scalar
		return true
	}
	if x.shp.r == 0 || x.shp.c == 0 {
		return y.failed(t, "E208", 0, -1, x.names)
	}
	if k, ok := constant(e); !ok || !k.IsInt() {
		return y.failed(t, "E209", 0, 1, t.names)
	}
	if !y.unify(x.shp.r, x.shp.c, t, "E208", 0, -1) {
		return false
	}
	t.shp = x.shp
	return true
}

// constant returns the value of an exponent made of numbers, or of names that
// are defined as numbers: -2, (1 + 1), 2^3.
func constant(t *term) (*big.Rat, bool) {
	if t.op == opNum {
		return t.num, true
	}
	if t.op == opSym && t.sym.kind == symDef && t.sym.def != nil && t.sym.def.t != nil { // j = 2
		return constant(t.sym.def.t)
	}
	if len(t.args) == 0 || len(t.args) > 4 {
		return nil, false
	}
	var xs []*big.Rat
	for _, a := range t.args {
		x, ok := constant(a)
		if !ok || x.Num().BitLen() > 64 || x.Denom().BitLen() > 64 {
			return nil, false
		}
		xs = append(xs, x)
	}
	v := new(big.Rat).Set(xs[0])
	switch t.op {
	case opNeg:
		return v.Neg(v), true
	case opAdd:
		return v.Add(v, xs[1]), true
	case opSub:
		return v.Sub(v, xs[1]), true
	case opMul:
		for _, x := range xs[1:] {
			v.Mul(v, x)
		}
		return v, true
	case opDiv:
		if xs[1].Sign() != 0 {
			return v.Quo(v, xs[1]), true
		}
	case opPow:
		if k := xs[1]; v.IsInt() && k.IsInt() && k.Sign() >= 0 && k.Num().IsInt64() && k.Num().Int64() <= 64 {
			return v.SetInt(new(big.Int).Exp(v.Num(), k.Num(), nil)), true
		}
	}
	return nil, false
}

// spanOf returns the part of a product that made the shape c.left.
func (c *clash) spanOf() ast.Span {
	return c.t.args[c.leftN].span.To(c.t.args[c.i].span)
}
