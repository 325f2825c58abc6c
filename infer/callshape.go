package infer

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// call finds the shape of a call by the kinds of its operands and the rule for
// its result.
func (y *typing) call(t *term) bool {
	f := t.fn
	if f.Op == expr.OpOnes || f.Op == expr.OpZeros || f.Op == expr.OpEye {
		return y.constant(t)
	}
	for i, a := range t.args {
		p := f.Params[i]
		switch p.Kind {
		case rules.Square:
			if !y.unify(a.shp.r, a.shp.c, t, "E207", i, -1) {
				return false
			}
		case rules.Vector:
			if a.shp.isMatrix() {
				return y.failed(t, "E214", i, -1, a.names)
			}
		case rules.Number:
			if !a.shp.isScalar() {
				return y.failed(t, "E212", i, -1, a.names)
			}
		}
		if p.Like != "" {
			for j, q := range f.Params[:i] {
				if q.Name == p.Like && !(y.unify(t.args[j].shp.r, a.shp.r, t, "E234", j, i) && y.unify(t.args[j].shp.c, a.shp.c, t, "E234", j, i)) {
					return false
				}
			}
		}
	}
	if f.Elementwise {
		return y.elementwise(t)
	}
	if a := t.args; len(a) == 1 && reduces(f) && a[0].op == opApply && a[0].shp.isScalar() {
		y.soft += 4 // the sum of a number: f of X W is a matrix in sum(f(X W))
	}
	if t.kind == "‖2" && t.args[0].shp.isMatrix() {
		return y.failed(t, "E237", 0, -1, t.args[0].names)
	}
	s := scalar
	if len(t.args) > 0 {
		s = t.args[0].shp
	}
	switch f.Out {
	case rules.OutSame:
		t.shp = s
	case rules.OutLast:
		t.shp = t.args[len(t.args)-1].shp
	case rules.OutScalar:
		t.shp = scalar
	case rules.OutRows:
		t.shp = shape{s.r, 0}
	case rules.OutCols:
		t.shp = shape{0, s.c}
	case rules.OutRowwise:
		t.shp = shape{s.r, 0}
		if s.isCol() {
			t.shp = scalar
		}
	case rules.OutVec:
		t.shp = shape{y.d.times(s.r, s.c), 0}
	case rules.OutDiag:
		switch {
		case s.isMatrix():
			if !y.unify(s.r, s.c, t, "E207", 0, -1) {
				return false
			}
			t.shp = shape{s.r, 0}
		case s.isRow():
			t.shp = shape{s.c, s.c}
		default:
			t.shp = shape{s.r, s.r}
		}
	case rules.OutOuter:
		t.shp = shape{y.d.times(s.r, s.c), y.d.times(t.args[1].shp.r, t.args[1].shp.c)}
	case rules.OutKron:
		o := t.args[1].shp
		t.shp = shape{y.d.times(s.r, o.r), y.d.times(s.c, o.c)}
	case rules.OutFreeCol:
		t.shp = shape{y.d.fresh(), 0}
	case rules.OutFree:
		t.shp = shape{y.d.fresh(), y.d.fresh()}
	default:
		return y.probe(t)
	}
	if f.Shape != nil {
		return y.probe(t)
	}
	return true
}

// constant is a call of ones, zeros, eye or a fill: its sizes are given or
// follow from the context.
func (y *typing) constant(t *term) bool {
	for i, a := range t.args {
		if !a.shp.isScalar() {
			return y.failed(t, "E212", i, -1, a.names)
		}
	}
	switch n := len(t.sizes); {
	case n == 1 && t.fn.Op == expr.OpEye:
		d := y.d.of(t.sizes[0])
		t.shp = shape{d, d}
	case n == 1:
		t.shp = shape{y.d.of(t.sizes[0]), 0}
	case n == 2:
		t.shp = shape{y.d.of(t.sizes[0]), y.d.of(t.sizes[1])}
	case t.fn.Op == expr.OpEye:
		d := y.d.fresh()
		t.shp = shape{d, d}
	case t.fn.Out == rules.OutFree:
		t.shp = shape{y.d.fresh(), y.d.fresh()}
	default:
		t.shp = shape{y.d.fresh(), 0}
	}
	return true
}

// elementwise unifies the matrix operands with each other.
func (y *typing) elementwise(t *term) bool {
	at := -1
	for i, a := range t.args {
		if t.fn.Params[i].Kind != rules.Matrix {
			continue
		}
		if at < 0 {
			at, t.shp = i, a.shp
			continue
		}
		code := "E205"
		if t.fn.Family == "comparison" {
			code = "E233"
		}
		left := *t.args[at]
		left.shp = t.shp
		if !y.broadcast(t, &left, a, at, i, code) {
			return false
		}
	}
	return true
}

// probe asks the shape rule of the function, with sizes that are not known
// yet standing for themselves.
func (y *typing) probe(t *term) bool {
	args := make([]expr.Shape, len(t.args))
	for i, a := range t.args {
		args[i] = y.d.shape(a.shp, probeName)
	}
	s, err := t.fn.FnShape(args)
	if err != nil {
		y.failed(t, "E214", 0, -1, t.names)
		y.fail.err = err
		return false
	}
	t.shp = shape{y.unprobe(s.R), y.unprobe(s.C)}
	return true
}
