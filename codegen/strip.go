package codegen

import "github.com/matdiff/matdiff/expr"

// stripKernels are the functions that a kernel computes for a block of a column
// at once. In a loop with other work each call waits for the one before it:
// the processor sees too few entries ahead. Apart, an exponential and a
// logarithm take two thirds of the time.
var stripKernels = map[string]string{"exp": "expStrip", "tanh": "tanhStrip", "log1pe": "log1pUnitStrip"}

// block tells whether v is computed by a kernel for all rows of a block.
func (v *val) block() bool { return v.op == opMul || v.op == opStrip }

// cutStrips makes such functions of columns operations of their own, where
// their operand is stored anyway, or made of columns only.
func (s *schedule) cutStrips() {
	for _, v := range s.vals {
		kernel := stripKernels[v.fn]
		if v.op != opMap || kernel == "" || !v.shape.C.IsOne() || v.shape.IsScalar() {
			continue
		}
		x := v.args[0]
		if v.fn == "exp" {
			// exp(-|x|) of sigmoid and softplus.
			if n := x.v; n.op == opMap && n.fn == "neg" && !x.t {
				if a := n.args[0]; a.v.op == opMap && a.v.fn == "abs" && !a.t && isColumn(a.v.args[0], v) && stripable(a.v.args[0].v) {
					x, kernel = a.v.args[0], "expNegAbsStrip"
				}
			}
		}
		if isColumn(x, v) && stripable(x.v) {
			v.op, v.fn, v.args = opStrip, kernel, []ref{x}
		}
	}
}

// isColumn tells whether operand x is a column as v is.
func isColumn(x ref, v *val) bool { return !x.t && x.v.shape == v.shape }

// stripable tells whether v is a column that no row loop over a wider matrix
// computes.
func stripable(v *val) bool {
	switch v.op {
	case opInput, opMul, opStrip, opSolve:
		return v.shape.C.IsOne()
	case opMap:
		if !v.shape.C.IsOne() || v.fn == "id" {
			return false
		}
		for _, a := range v.args {
			if !a.v.shape.IsScalar() && (a.t || !stripable(a.v)) {
				return false
			}
		}
		return true
	}
	return false
}

// rowKernels are the functions that a kernel computes for a row at once, in place.
var rowKernels = map[string]string{"exp": "expAll", "tanh": "tanhAll"}

// cutRow finds exponentials, say, that are stored along the row, so that a kernel
// can compute them all at once: v, what the column loop does before them, and
// what needs them after. v is nil where there are none, or where what comes after
// needs more of the loop than them.
func (m *method) cutRow(list []*val, space expr.Shape) (before []*val, v *val, after []*val) {
	if m.g.opt.Float32 || space.C.Sym == "" && space.C.K < 4 {
		return nil, nil, nil
	}
	inLoop := make(map[*val]bool)
	for _, u := range list {
		inLoop[u] = true
		if u.op == opMap && rowKernels[u.fn] != "" && u.store.kind >= inRow && u.shape == space && v == nil {
			v = u
		}
	}
	if v == nil {
		return nil, nil, nil
	}
	late := map[*val]bool{v: true}
	for _, u := range list {
		if u == v {
			continue
		}
		needs, other := false, false
		for _, a := range u.args {
			needs = needs || late[a.v]
			other = other || inLoop[a.v] && !late[a.v]
		}
		switch {
		case !needs:
			before = append(before, u)
		case other:
			return nil, nil, nil
		default:
			late[u] = true
			after = append(after, u)
		}
	}
	return before, v, after
}
