package codegen

import (
	"sort"

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

// phase is one walk over the rows of matrices that have the same number of
// rows.
type phase struct {
	stage   int
	rows    expr.Dim
	levels  []level
	blocked bool
	first   int // index of its first item, for liveness
	last    int
}

type level struct {
	products []*val
	loop     *rowLoop
}

// rowLoop computes maps and reductions row by row.
type rowLoop struct {
	vals []*val
	cols int // number of column loops
	item int
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

// phases groups the values by stage and row size and orders each phase.
func (s *schedule) phases() {
	low, high := 0, 0
	for _, v := range s.vals {
		low, high = min(low, v.pos.stage), max(high, v.pos.stage)
	}
	s.stages = make([]stage, high-low+1)
	at := make(map[position]*phase)
	for _, v := range s.vals {
		if v.leaf() {
			continue
		}
		v.pos.stage -= low
		st := &s.stages[v.pos.stage]
		if v.whole() {
			st.whole = append(st.whole, v)
			continue
		}
		k := position{stage: v.pos.stage, rows: v.pos.rows}
		p := at[k]
		if p == nil {
			p = &phase{stage: k.stage, rows: k.rows}
			at[k] = p
			st.phases = append(st.phases, p)
		}
		s.level(p, v)
	}
	for _, st := range s.stages {
		for _, p := range st.phases {
			s.arrange(p)
		}
	}
}

// level finds the level of v in its phase.
func (s *schedule) level(p *phase, v *val) {
	lv := 0
	for _, a := range v.operands() {
		if !inPhase(v, a) {
			continue
		}
		x := a.v.pos.level
		if v.block() && !a.v.block() {
			x++
		}
		lv = max(lv, x)
	}
	v.pos.level = lv
	for len(p.levels) <= lv {
		p.levels = append(p.levels, level{})
	}
}

// inPhase tells whether v reads a in the phase in which a is computed.
func inPhase(v *val, a ref) bool {
	if a.v.pos.stage != v.pos.stage || a.v.leaf() || a.v.whole() {
		return false
	}
	return local(v, a) || v.init.v == a.v && a.v.op == opMul
}

// arrange fills the levels of a phase and finds the column loops.
func (s *schedule) arrange(p *phase) {
	var vals []*val
	for _, v := range s.vals {
		if !v.leaf() && !v.whole() && v.pos.stage == p.stage && v.pos.rows == p.rows {
			vals = append(vals, v)
		}
	}
	s.sinkLevels(vals)
	items, products := 0, 0
	for _, v := range vals {
		l := &p.levels[v.pos.level]
		if v.block() {
			l.products = append(l.products, v)
			items++
			products++
			continue
		}
		if l.loop == nil {
			l.loop = &rowLoop{}
			items++
		}
		l.loop.vals = append(l.loop.vals, v)
	}
	p.blocked = products > 0 && items > 1 && !p.rows.IsOne() && (p.rows.Sym != "" || p.rows.K > blockRows)
	for i := range p.levels {
		if l := p.levels[i].loop; l != nil {
			for _, v := range l.vals {
				v.pos.col = column(v)
				l.cols = max(l.cols, v.pos.col+1)
			}
			sinkColumns(l)
			sort.SliceStable(l.vals, func(a, b int) bool { return l.vals[a].pos.col < l.vals[b].pos.col })
		}
	}
}

// sinkLevels moves maps down to the level of their first user where what they
// read is stored anyway.
func (s *schedule) sinkLevels(vals []*val) {
	free := make(map[*val]bool)
	for _, v := range vals {
		if v.op != opMap {
			continue
		}
		ok := true
		for _, a := range v.args {
			ok = ok && (!inPhase(v, a) || kept(s, a.v) || free[a.v] && len(a.v.users) == 1)
		}
		free[v] = ok
	}
	for i := len(vals) - 1; i >= 0; i-- {
		v := vals[i]
		if !free[v] || len(v.users) == 0 || s.isRoot(v) {
			continue
		}
		lv := -1
		for _, u := range v.users {
			at := v.pos.level
			if u.pos.stage == v.pos.stage && u.pos.rows == v.pos.rows && !u.whole() {
				if at = u.pos.level; u.block() {
					at--
				}
			}
			if lv < 0 || at < lv {
				lv = at
			}
		}
		v.pos.level = max(v.pos.level, lv)
	}
}

// kept tells whether v is stored whatever the order of the maps.
func kept(s *schedule, v *val) bool {
	if v.block() || s.isRoot(v) {
		return true
	}
	for _, u := range v.users {
		if u.op != opMap && u.op != opReduce || u.pos.stage != v.pos.stage || u.pos.rows != v.pos.rows {
			return true
		}
	}
	return false
}

// sameLoop tells whether v reads a in the row loop in which a is computed.
func sameLoop(v *val, a ref) bool {
	return inPhase(v, a) && !a.v.block() && a.v.pos.level == v.pos.level
}

// column finds the column loop of v: after the loop of a row reduction that it
// needs, else with its operands. What is one entry a row comes before the
// column loop of that number.
func column(v *val) int {
	c := 0
	for _, a := range v.args {
		if !sameLoop(v, a) {
			continue
		}
		x := a.v.pos.col
		if a.v.op == opReduce && !a.v.args[0].v.shape.C.IsOne() {
			x++
		}
		c = max(c, x)
	}
	return c
}

// sinkColumns moves maps of full width down to the column loop of their first
// user where they read no other full map of the row, so that they stay in
// registers.
func sinkColumns(l *rowLoop) {
	for i := len(l.vals) - 1; i >= 0; i-- {
		v := l.vals[i]
		if v.op != opMap || v.shape.C.IsOne() || len(v.users) == 0 {
			continue
		}
		ok := true
		for _, a := range v.args {
			ok = ok && (!sameLoop(v, a) || a.v.shape.C.IsOne())
		}
		if !ok {
			continue
		}
		c := -1
		for _, u := range v.users {
			at := v.pos.col
			for _, a := range u.operands() {
				if a.v == v && sameLoop(u, a) {
					at = u.pos.col
				}
			}
			if c < 0 || at < c {
				c = at
			}
		}
		v.pos.col = max(v.pos.col, c)
	}
}
