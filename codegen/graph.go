package codegen

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// op is the kind of an operation of the graph.
type op uint8

const (
	opInput   op = iota // a free variable
	opConst             // an exact number
	opSize              // a size as a number
	opEye               // the identity
	opMap               // fn of the arguments, entry by entry, with broadcasting
	opReduce            // fn ("sum", "max", "min", "prod") along axis
	opMul               // matrix product of two arguments, alpha·A·B (+ init)
	opFactor            // fn "chol" or "lu" of the argument
	opSolve             // factor, B: A⁻¹B, or A⁻ᵀB if trans
	opLogDet            // of a factor
	opDet               // of a factor
	opInverse           // of a factor
	opKernel            // helper function fn of the arguments
	opStrip             // fn of a column, a block of entries at a time
)

// axis is the direction of a reduction.
type axis uint8

const (
	alongRow axis = iota // R×C → R×1
	alongCol             // R×C → 1×C
	overAll              // R×C → 1×1
)

// ref is an operand: a value, transposed or not.
type ref struct {
	v *val
	t bool
}

func (r ref) shape() expr.Shape {
	if r.t {
		return r.v.shape.T()
	}
	return r.v.shape
}

// T returns the transposed operand.
func (r ref) T() ref {
	if r.v.sym {
		return ref{v: r.v}
	}
	return ref{r.v, !r.t}
}

// val is one operation of the graph and its result.
type val struct {
	id    int
	op    op
	fn    string
	axis  axis
	trans bool // opSolve: with the transposed matrix
	args  []ref
	alpha ref // opMul: scalar factor, v nil for 1
	init  ref // opMul: added, v nil for none
	shape expr.Shape
	num   *big.Rat
	dim   expr.Dim
	v     *expr.Var
	node  *expr.Node // an expression that it computes, for the plan; may be nil
	name  string     // suggested name of the buffer
	sym   bool       // equal to its transpose

	users []*val
	pos   position
	store store
}

// graph interns operations, so that common parts are computed once.
type graph struct {
	table map[string]*val
	vals  []*val
}

func newGraph() *graph { return &graph{table: make(map[string]*val)} }

// inside returns x of fn(x), turned as r is.
func (r ref) inside(fn string) (ref, bool) {
	if r.v.op != opMap || r.v.fn != fn {
		return ref{}, false
	}
	in := r.v.args[0]
	if r.t {
		in = in.T()
	}
	return in, true
}

// lookup returns the value that is there for v, nil if there is none.
func (g *graph) lookup(v *val) *val { return g.table[key(v)] }

func key(v *val) string {
	var k strings.Builder
	fmt.Fprintf(&k, "%d|%s|%d|%t|%v", v.op, v.fn, v.axis, v.trans, v.shape)
	for _, a := range v.args {
		fmt.Fprintf(&k, "|%d,%t", a.v.id, a.t)
	}
	switch v.op {
	case opInput:
		k.WriteString("|" + v.v.Name)
	case opConst:
		k.WriteString("|" + v.num.RatString())
	case opSize:
		k.WriteString("|" + v.dim.String())
	}
	return k.String()
}

func (g *graph) intern(v *val) *val {
	k := key(v)
	if o, ok := g.table[k]; ok {
		return o
	}
	v.id = len(g.vals)
	v.sym = v.symmetric()
	g.vals = append(g.vals, v)
	g.table[k] = v
	return v
}

// symmetric tells whether v is equal to its transpose, entry by entry.
func (v *val) symmetric() bool {
	if v.shape.IsScalar() {
		return true
	}
	if !v.shape.IsSquare() {
		return false
	}
	switch v.op {
	case opInput:
		return v.v.Props.Has(expr.Symmetric)
	case opEye:
		return true
	case opMul:
		return v.args[0].v == v.args[1].v && v.args[0].t != v.args[1].t
	case opMap:
		if v.fn == "ondiag" {
			return true
		}
		for _, a := range v.args {
			if !a.v.shape.IsScalar() && !(a.v.shape == v.shape && a.v.sym) {
				return false
			}
		}
		return true
	}
	return false
}

// find returns the value already there for v, nil if there is none.
func (g *graph) find(a, b ref, s expr.Shape) *val {
	return g.lookup(&val{op: opMul, args: []ref{a, b}, shape: s})
}

func (g *graph) rat(r *big.Rat) ref {
	return ref{v: g.intern(&val{op: opConst, num: r, shape: expr.Scalar})}
}

func (g *graph) int(n int64) ref { return g.rat(new(big.Rat).SetInt64(n)) }

func (g *graph) size(d expr.Dim) ref {
	if d.Sym == "" {
		return g.int(int64(d.K))
	}
	return ref{v: g.intern(&val{op: opSize, dim: d, shape: expr.Scalar})}
}

// isNum tells whether r is the number n.
func (r ref) isNum(n int64) bool {
	return r.v.op == opConst && r.v.num.IsInt() && r.v.num.Num().IsInt64() && r.v.num.Num().Int64() == n
}

// isFill tells whether r repeats a smaller value, and which.
func (r ref) isFill() (ref, bool) {
	if r.v.op == opMap && r.v.fn == "id" {
		in := r.v.args[0]
		if r.t {
			in = in.T()
		}
		return in, true
	}
	return ref{}, false
}

// fill repeats x to the shape s. A matrix of ones is the fill of 1.
func (g *graph) fill(x ref, s expr.Shape) ref {
	if x.shape() == s {
		return x
	}
	return g.mapOp("id", s, x)
}

// mapOp applies fn entry by entry; operands of one row, one column or one
// entry are repeated to the shape s. Operands that are all transposed give a
// transposed result, so that data are read along their rows.
func (g *graph) mapOp(fn string, s expr.Shape, args ...ref) ref {
	flip, keep := 0, 0
	for i, a := range args {
		if in, ok := a.isFill(); ok {
			a = in
			args[i] = a
		}
		full := a.shape() == s && !s.IsScalar()
		switch {
		case full && a.t:
			flip++
		case full:
			keep++
		}
	}
	if r, ok := g.foldMap(fn, s, args); ok {
		return r
	}
	t := flip > keep
	v := &val{op: opMap, fn: fn, shape: s, args: args}
	if t {
		v.shape = s.T()
		for i, a := range args {
			args[i] = a.T()
		}
	}
	return ref{g.intern(v), t}
}

// foldMap does the arithmetic that needs no code.
func (g *graph) foldMap(fn string, s expr.Shape, a []ref) (ref, bool) {
	switch fn {
	case "mul":
		for i := range a {
			if a[i].isNum(1) {
				return g.fill(a[1-i], s), true
			}
			if a[i].isNum(-1) {
				return g.mapOp("neg", s, a[1-i]), true
			}
			if a[i].isNum(0) {
				return g.fill(a[i], s), true
			}
		}
		if f := a[1].v; f.op == opMap && f.fn == "recip" && a[1].shape() == s && !s.IsScalar() {
			in := f.args[0]
			if a[1].t {
				in = in.T()
			}
			return g.mapOp("div", s, a[0], in), true
		}
		if a[0] == a[1] {
			return g.mapOp("square", s, a[0]), true
		}
		for i := range a {
			if in, ok := a[i].inside("neg"); ok && a[i].shape() == s {
				// -x·c = -(x·c), or x·(-c) where that costs less.
				if c := a[1-i]; c.shape().IsScalar() && !s.IsScalar() {
					return g.mapOp("mul", s, g.mapOp("neg", expr.Scalar, c), in), true
				}
				return g.mapOp("neg", s, g.mapOp("mul", s, in, a[1-i])), true
			}
			// c·(u vᵀ) = (c·u) vᵀ: the product of the narrow ones first.
			if f := a[i].v; a[1-i].shape().IsScalar() && !s.IsScalar() && f.op == opMap && f.fn == "mul" && a[i].shape() == s {
				x, y := f.args[0], f.args[1]
				if a[i].t {
					x, y = x.T(), y.T()
				}
				if x.shape() == s {
					x, y = y, x
				}
				if x.shape() != s {
					return g.mapOp("mul", s, g.mapOp("mul", x.shape(), a[1-i], x), y), true
				}
			}
		}
		// One order of the factors, so that equal products are one value.
		if a[0].v.id > a[1].v.id {
			a[0], a[1] = a[1], a[0]
		}
		if s.IsScalar() && a[0].v.op == opConst && a[1].v.op == opConst {
			return g.rat(new(big.Rat).Mul(a[0].v.num, a[1].v.num)), true
		}
	case "add":
		for i := range a {
			if c := a[i].v; c.op == opConst && c.num.Sign() < 0 && a[1-i].v.op != opConst {
				return g.mapOp("sub", s, a[1-i], g.rat(new(big.Rat).Neg(c.num))), true
			}
			if a[i].isNum(0) {
				return g.fill(a[1-i], s), true
			}
		}
		if n := a[1].v; n.op == opMap && n.fn == "neg" && a[1].shape() == s {
			in := n.args[0]
			if a[1].t {
				in = in.T()
			}
			return g.mapOp("sub", s, a[0], in), true
		}
		if n := a[0].v; n.op == opMap && n.fn == "neg" && a[0].shape() == s {
			in := n.args[0]
			if a[0].t {
				in = in.T()
			}
			return g.mapOp("sub", s, a[1], in), true
		}
	case "square":
		if in, ok := a[0].inside("sqrt"); ok {
			return g.fill(in, s), true
		}
		if in, ok := a[0].inside("neg"); ok {
			return g.mapOp("square", s, in), true
		}
	case "sub":
		if v := g.lookup(&val{op: opMap, fn: "sub", shape: s, args: []ref{a[1], a[0]}}); v != nil {
			return g.mapOp("neg", s, ref{v: v}), true
		}
		if a[1].isNum(0) {
			return g.fill(a[0], s), true
		}
		if a[0].isNum(0) {
			return g.mapOp("neg", s, a[1]), true
		}
	case "neg":
		if a[0].v.op == opConst {
			return g.fill(g.rat(new(big.Rat).Neg(a[0].v.num)), s), true
		}
		if f := a[0].v; f.op == opMap && f.fn == "neg" {
			in := f.args[0]
			if a[0].t {
				in = in.T()
			}
			return g.fill(in, s), true
		}
	case "abs":
		if f := a[0].v; f.op == opMap && f.fn == "neg" {
			in := f.args[0]
			if a[0].t {
				in = in.T()
			}
			return g.mapOp("abs", s, in), true
		}
	case "recip":
		if c := a[0].v; c.op == opConst && c.num.Sign() != 0 {
			return g.fill(g.rat(new(big.Rat).Inv(c.num)), s), true
		}
	}
	return ref{}, false
}

// reduce sums (or takes the largest, …) along an axis of x.
func (g *graph) reduce(fn string, ax axis, x ref) ref {
	s := x.shape()
	switch {
	case s.IsScalar():
		return x
	case ax == alongRow && s.C.IsOne(), ax == alongCol && s.R.IsOne():
		return x
	case ax == alongRow && s.R.IsOne(), ax == alongCol && s.C.IsOne():
		ax = overAll
	}
	if in, ok := x.isFill(); ok && fn == "sum" {
		return g.sumFill(ax, in, s)
	}
	if x.v.op == opEye {
		one := g.int(1)
		if fn == "sum" && ax == overAll {
			return g.size(s.R)
		}
		if fn == "sum" && ax == alongRow {
			return g.fill(one, expr.Shape{R: s.R, C: expr.One})
		}
		if fn == "sum" {
			return g.fill(one, expr.Shape{R: expr.One, C: s.C})
		}
		x = ref{v: g.intern(&val{op: opMap, fn: "ondiag", shape: s, args: []ref{x, one}})}
	}
	if f := x.v; fn == "sum" && f.op == opMap {
		// Σ −x = −Σ x, and a scalar factor goes in front: one product, not N.
		switch {
		case f.fn == "neg":
			in := f.args[0]
			if x.t {
				in = in.T()
			}
			r := g.reduce(fn, ax, g.fill(in, s))
			return g.mapOp("neg", r.shape(), r)
		case f.fn == "mul" && f.args[0].shape().IsScalar() != f.args[1].shape().IsScalar():
			c, m := f.args[0], f.args[1]
			if m.shape().IsScalar() {
				c, m = m, c
			}
			if x.t {
				m = m.T()
			}
			r := g.reduce(fn, ax, g.fill(m, s))
			return g.mapOp("mul", r.shape(), c, r)
		}
	}
	t := false
	if x.t {
		switch ax {
		case alongRow:
			ax, t = alongCol, true
		case alongCol:
			ax, t = alongRow, true
		}
		x = x.T()
	}
	rs := expr.Scalar
	switch ax {
	case alongRow:
		rs = expr.Shape{R: x.shape().R, C: expr.One}
	case alongCol:
		rs = expr.Shape{R: expr.One, C: x.shape().C}
	}
	return ref{g.intern(&val{op: opReduce, fn: fn, axis: ax, args: []ref{x}, shape: rs}), t}
}

// sumFill sums a value that is repeated to the shape s: a product with a size.
func (g *graph) sumFill(ax axis, in ref, s expr.Shape) ref {
	is := in.shape()
	n := expr.One
	if ax != alongCol { // sums over the columns
		if is.C.IsOne() {
			n = n.Times(s.C)
		} else {
			in = g.reduce("sum", alongRow, in)
		}
	}
	if ax != alongRow {
		if is.R.IsOne() {
			n = n.Times(s.R)
		} else {
			in = g.reduce("sum", alongCol, in)
		}
	}
	out := expr.Scalar
	if ax == alongRow {
		out.R = s.R
	}
	if ax == alongCol {
		out.C = s.C
	}
	return g.fill(g.mapOp("mul", in.shape(), g.size(n), in), out)
}
