package codegen

import (
	"github.com/matdiff/matdiff/expr"
)

// position says where a value is computed. Stages follow one another; in a
// stage the whole operations come first, then one row phase for each row size.
// A row phase walks once over the rows of its matrices, in blocks; in a block,
// levels follow one another: products first, then one loop over rows that does
// all maps and reductions; in a row, column loops follow one another.
type position struct {
	stage int
	rows  expr.Dim // of the row phase; unknown for whole operations
	level int      // in the phase
	col   int      // column loop in the row
	acc   bool     // the result is complete only after the phase
}

func (v *val) leaf() bool {
	return v.op == opInput || v.op == opConst || v.op == opSize || v.op == opEye
}

// whole tells whether v is computed at once, outside every row phase.
func (v *val) whole() bool {
	switch v.op {
	case opMul, opReduce, opStrip:
		return false
	case opMap:
		return v.shape.IsScalar()
	}
	return true
}

// space is the shape that v loops over.
func (v *val) space() expr.Shape {
	switch v.op {
	case opReduce:
		return v.args[0].v.shape
	case opMul:
		a := v.args[0]
		if a.t && !vector(a.v) {
			return expr.Shape{R: a.v.shape.R, C: a.v.shape.C}
		}
		return v.shape
	}
	return v.shape
}

func vector(v *val) bool { return v.shape.R.IsOne() || v.shape.C.IsOne() }

// schedule is the order in which a graph is computed.
type schedule struct {
	g      *graph
	vals   []*val // those needed, operands first
	stages []stage
	roots  []ref
	taken  map[*expr.Var]bool // gradients that hold another value first
}

type stage struct {
	whole  []*val
	phases []*phase
}

// newSchedule orders what the roots need.
func newSchedule(g *graph, roots []ref, strips bool) *schedule {
	s := &schedule{g: g, roots: roots}
	s.collect()
	s.foldAlpha()
	s.collect()
	s.foldInit()
	s.collect()
	if strips {
		s.cutStrips()
		s.collect()
	}
	for _, v := range s.vals {
		s.place(v)
	}
	s.sinkStages()
	s.phases()
	return s
}

// collect lists the values that the roots need and their users.
func (s *schedule) collect() {
	s.vals = nil
	seen := make(map[*val]int)
	type frame struct {
		v *val
		i int
	}
	for _, r := range s.roots {
		if seen[r.v] != 0 {
			continue
		}
		seen[r.v] = 1
		stack := []frame{{v: r.v}}
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			args := f.v.operands()
			if f.i < len(args) {
				a := args[f.i].v
				f.i++
				if seen[a] == 0 {
					seen[a] = 1
					stack = append(stack, frame{v: a})
				}
				continue
			}
			s.vals = append(s.vals, f.v)
			stack = stack[:len(stack)-1]
		}
	}
	for _, v := range s.vals {
		v.users = nil
	}
	for _, v := range s.vals {
		for _, a := range v.operands() {
			if k := len(a.v.users); k == 0 || a.v.users[k-1] != v {
				a.v.users = append(a.v.users, v)
			}
		}
	}
}

// operands lists all that v reads.
func (v *val) operands() []ref {
	if v.alpha.v == nil && v.init.v == nil {
		return v.args
	}
	out := append([]ref(nil), v.args...)
	if v.alpha.v != nil {
		out = append(out, v.alpha)
	}
	if v.init.v != nil {
		out = append(out, v.init)
	}
	return out
}

func (s *schedule) isRoot(v *val) bool {
	for _, r := range s.roots {
		if r.v == v {
			return true
		}
	}
	return false
}

// given tells whether a scalar is known before anything is computed: made of
// numbers, sizes and scalar inputs.
func given(v *val) bool {
	switch v.op {
	case opConst, opSize:
		return true
	case opInput:
		return v.shape.IsScalar()
	case opMap:
		if !v.shape.IsScalar() {
			return false
		}
		for _, a := range v.args {
			if !given(a.v) {
				return false
			}
		}
		return true
	}
	return false
}

// foldAlpha makes scalings of products their alpha.
func (s *schedule) foldAlpha() {
	for _, v := range s.vals {
		if v.op != opMap {
			continue
		}
		var c, m ref
		switch v.fn {
		case "mul":
			c, m = v.args[0], v.args[1]
			if m.v.op != opMul {
				c, m = m, c
			}
		case "neg":
			c, m = s.g.int(-1), v.args[0]
		default:
			continue
		}
		if m.v.op != opMul || m.t || m.v.shape != v.shape || len(m.v.users) != 1 || s.isRoot(m.v) || !given(c.v) || m.v.alpha.v != nil {
			continue
		}
		v.op, v.fn, v.args, v.alpha = opMul, "", m.v.args, c
		if v.name == "" {
			v.name = m.v.name
		}
	}
}

// foldInit makes a sum with a product one accumulating product, where the sum
// has to be stored anyway.
func (s *schedule) foldInit() {
	for _, v := range s.vals {
		if v.op != opMap || v.fn != "add" && v.fn != "sub" || v.shape.IsScalar() {
			continue
		}
		stored := s.isRoot(v)
		for _, u := range v.users {
			stored = stored || u.op != opMap && u.op != opReduce
		}
		for i := 1; i >= 0; i-- {
			m, x := v.args[i], v.args[1-i]
			if m.v.op != opMul || m.t || m.v.shape != v.shape || len(m.v.users) != 1 || m.v == x.v || s.isRoot(m.v) || m.v.init.v != nil {
				continue
			}
			both := x.v.op == opMul && !x.t && x.v.shape == v.shape && len(x.v.users) == 1 && !s.isRoot(x.v) && sameWalk(x.v, m.v)
			if !both && !(stored && leafMap(x.v)) || v.fn == "sub" && i == 0 {
				continue
			}
			init := x
			if !both {
				// The sum starts from a copy; the copy is made where it is read.
				c := &val{op: opMap, fn: "id", shape: v.shape, args: []ref{x}, id: len(s.g.vals), name: v.name}
				s.g.vals = append(s.g.vals, c)
				init = ref{v: c}
			}
			alpha := m.v.alpha
			if v.fn == "sub" {
				if alpha.v == nil {
					alpha = s.g.int(-1)
				} else {
					alpha = s.g.mapOp("neg", expr.Scalar, alpha)
				}
			}
			v.op, v.fn, v.args, v.alpha, v.init = opMul, "", m.v.args, alpha, init
			break
		}
	}
}

// sameWalk tells whether two products walk over the rows in the same way.
func sameWalk(a, b *val) bool {
	return a.space().R == b.space().R && (a.args[0].t && !vector(a.args[0].v)) == (b.args[0].t && !vector(b.args[0].v))
}

// leafMap tells whether v is made of inputs by maps only.
func leafMap(v *val) bool {
	if v.leaf() || given(v) {
		return true
	}
	if v.op != opMap || len(v.users) > 1 {
		return false
	}
	for _, a := range v.args {
		if !leafMap(a.v) {
			return false
		}
	}
	return true
}

// local tells whether the row phase of v may read operand a row by row while
// a is computed in the same phase.
func local(v *val, a ref) bool {
	u := a.v
	if v.whole() || u.leaf() || u.whole() || u.pos.acc {
		return false
	}
	if u.pos.rows != v.space().R || u.shape.R != v.space().R {
		return false
	}
	if v.op != opMul {
		return !a.t
	}
	acc := accumulates(v)
	switch {
	case acc && a == v.args[0]: // AᵀB walks the rows of A and B
		return true
	case a == v.args[1]:
		return acc && !a.t
	case a == v.args[0]:
		return !a.t
	}
	return a == v.init && !acc
}

// accumulates tells whether the product sums over the rows it walks.
func accumulates(v *val) bool { return v.op == opMul && v.args[0].t && !vector(v.args[0].v) }

func (s *schedule) place(v *val) {
	v.pos = position{}
	if v.leaf() {
		return
	}
	if !v.whole() {
		v.pos.rows = v.space().R
		v.pos.acc = accumulates(v) || v.op == opReduce && v.axis != alongRow
	}
	st := 0
	for _, a := range v.operands() {
		st = max(st, after(v, a))
	}
	v.pos.stage = st
}

// after is the first stage at which v can read a.
func after(v *val, a ref) int {
	u := a.v
	switch {
	case u.leaf():
		return 0
	case v.init.v == u && accumulates(v):
		if u.op == opMul { // accumulates into the same place, in the same walk
			return u.pos.stage
		}
		return 0 // a map of inputs, placed one stage earlier by sinkStages
	case u.whole(), local(v, a):
		return u.pos.stage
	}
	return u.pos.stage + 1
}

// sinkStages moves maps that need nothing computed in their own phase down to
// where they are used, so that they need not be stored.
func (s *schedule) sinkStages() {
	free := make(map[*val]bool)
	for _, v := range s.vals {
		if v.op != opMap || v.whole() {
			continue
		}
		ok := true
		for _, a := range v.args {
			ok = ok && (a.v.leaf() || !local(v, a) || free[a.v] && len(a.v.users) == 1)
		}
		free[v] = ok
	}
	for i := len(s.vals) - 1; i >= 0; i-- {
		v := s.vals[i]
		if v.op == opMap && len(v.users) == 1 && v.users[0].init.v == v && accumulates(v.users[0]) {
			pull(v, v.users[0].pos.stage-1)
			continue
		}
		if !free[v] || len(v.users) == 0 || s.isRoot(v) {
			continue
		}
		st := -1
		for _, u := range v.users {
			isLocal := true
			for _, a := range u.operands() {
				if a.v == v && !local(u, a) {
					isLocal = false
				}
			}
			at := u.pos.stage
			if !isLocal {
				at--
			}
			if st < 0 || at < st {
				st = at
			}
		}
		v.pos.stage = max(v.pos.stage, st)
	}
}

// pull moves a map of inputs, and what it is made of, to stage st.
func pull(v *val, st int) {
	v.pos.stage = st
	for _, a := range v.args {
		if !a.v.leaf() && a.v.pos.stage > st {
			pull(a.v, st)
		}
	}
}
