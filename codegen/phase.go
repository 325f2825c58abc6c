package codegen

import (
	"sort"

	"github.com/matdiff/matdiff/expr"
)

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

// level is what can be computed in one go: products, then one loop over the rows.
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
