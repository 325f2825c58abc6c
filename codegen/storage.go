package codegen

import (
	"github.com/matdiff/matdiff/expr"
)

// storeKind says where a value lives between its computation and its use.
type storeKind uint8

const (
	inRegister storeKind = iota // a local variable of the innermost loop, or computed again where it is used
	inScalar                    // a local variable of the method, or of the row
	inRow                       // a buffer of one row
	inBlock                     // a buffer of a block of rows
	inWhole                     // a buffer of all rows
	inOutput                    // the caller's gradient
	inInput
)

// store is the place of a value.
type store struct {
	kind  storeKind
	again bool // computed again at far uses
	reach int  // how far from its own loop it can be had: 0 loop over columns, 1 row, 2 phase, 3 everywhere
	buf   *buffer
	out   *expr.Var // inOutput
	lu    *buffer   // opFactor "lu": pivots
}

// buffer is a part of the workspace; values whose lives do not meet share one.
type buffer struct {
	name  string
	kind  storeKind
	shape expr.Shape // inBlock: R is the phase's rows
	ints  bool
	busy  bool
	vals  []*val
	uses  int // plans that use it
}

// far tells how far from the computation of v its user u reads it:
// 0 same column loop, 1 same row, 2 same phase, 3 elsewhere.
func far(v, u *val, a ref) int {
	switch {
	case !inPhase(u, a):
		return 3
	case u.block() || v.block() || !sameLoop(u, a):
		return 2
	case !v.shape.C.IsOne() && v.pos.col != u.pos.col:
		return 1
	}
	return 0
}

// decide chooses a kind of store for every value.
func (s *schedule) decide() {
	for _, v := range s.vals {
		st := &v.store
		*st = store{reach: 3}
		need, hard := 0, s.isRoot(v)
		for _, u := range v.users {
			for _, a := range u.operands() {
				if a.v == v {
					need = max(need, far(v, u, a))
					hard = hard || u.op != opMap && u.op != opReduce || far(v, u, a) == 3 && a.t && v.shape.Count() != expr.One
				}
			}
		}
		switch {
		case v.op == opInput:
			st.kind = inInput
		case v.op == opConst, v.op == opSize, v.op == opEye:
			st.kind = inRegister
		case v.shape.IsScalar():
			st.kind = inScalar
		case v.whole():
			st.kind = inWhole
		case v.block() || v.op == opReduce && v.pos.acc:
			st.kind = inWhole
			if need <= 2 && !v.pos.acc && !s.isRoot(v) {
				st.kind, st.reach = inBlock, 2
			}
		case v.op == opReduce && need < 2 && !hard:
			st.kind, st.reach = inScalar, 1
		default:
			s.decideMap(v, need, hard)
		}
	}
	// The first operand of a sum of products is where the second adds to: both
	// are kept in the same way, all rows or those of a block, and so on along a
	// chain of sums.
	for changed := true; changed; {
		changed = false
		for _, v := range s.vals {
			if v.op != opMul || v.init.v == nil {
				continue
			}
			x, y := &v.store, &v.init.v.store
			if x.kind > y.kind {
				x, y = y, x
			}
			if x.kind != y.kind {
				x.kind, x.reach = y.kind, y.reach
				changed = true
			}
		}
	}
}

func (s *schedule) decideMap(v *val, need int, hard bool) {
	st := &v.store
	one := v.shape.C.IsOne()
	if s.isRoot(v) {
		need = 3
	}
	if need <= 1 && one && !hard {
		st.kind, st.reach = inScalar, 1
		return
	}
	reach := 3
	for _, a := range v.args {
		if a.v.whole() {
			continue
		}
		r := a.v.store.reach
		if a.v.store.kind == inRegister && !a.v.store.again && !a.v.leaf() {
			r = 0
		}
		reach = min(reach, r)
	}
	code, _ := scalarOf(v.fn)
	switch {
	case need == 0 && !hard:
		st.kind, st.reach = inRegister, 0
		if code.cheap && reach > 0 && v.depth() <= 3 {
			st.again, st.reach = true, reach
		}
	case !hard && code.cheap && v.op == opMap && v.fn != "ondiag" && reach >= need && v.depth() <= 3:
		st.kind, st.again, st.reach = inRegister, true, reach
	case need == 1:
		st.kind, st.reach = inRow, 1
	case need == 2:
		st.kind, st.reach = inBlock, 2
	default:
		st.kind = inWhole
	}
}

// depth counts the operations that computing v again would repeat.
func (v *val) depth() int {
	d := 1
	for _, a := range v.args {
		if a.v.op == opMap && a.v.store.kind == inRegister {
			d += a.v.depth()
		}
	}
	return d
}

// read is one access of a stored value by an item of the schedule.
type read struct {
	item, col int
	phase     *phase
	aligned   bool // entry (i, j) is read when entry (i, j) is written
}

// allocate gives every stored value a buffer out of the pool. Items are
// numbered in order; a value lives from the item that writes it to the last
// that reads it. In a blocked phase, what is not of the block lives through
// the whole phase.
func (s *schedule) allocate(pool *pool, outs map[*val]*expr.Var) {
	n := 0
	def := make(map[*val]read)
	last := make(map[*val]read)
	use := func(u *val, r read) {
		if u.store.kind < inRow || u.leaf() {
			return
		}
		if r.phase != nil && r.phase.blocked && u.store.kind >= inWhole {
			r.item = r.phase.last
			r.aligned = false
		}
		if o, ok := last[u]; !ok || r.item > o.item || r.item == o.item && (r.col > o.col || !r.aligned) {
			last[u] = r
		}
	}
	order := s.vals[:0:0]
	for _, st := range s.stages {
		for _, v := range st.whole {
			def[v] = read{item: n}
			order = append(order, v)
			for _, a := range v.operands() {
				s.reads(a, read{item: n}, use)
			}
			n++
		}
		for _, p := range st.phases {
			p.first = n
			for i := range p.levels {
				n += len(p.levels[i].products)
				if p.levels[i].loop != nil {
					p.levels[i].loop.item = n
					n++
				}
			}
			p.last = n - 1
			k := p.first
			for i := range p.levels {
				for _, v := range p.levels[i].products {
					def[v] = read{item: k, phase: p}
					order = append(order, v)
					for _, a := range v.operands() {
						s.reads(a, read{item: k, phase: p}, use)
					}
					k++
				}
				if l := p.levels[i].loop; l != nil {
					for _, v := range l.vals {
						def[v] = read{item: k, col: v.pos.col, phase: p}
						order = append(order, v)
						for _, a := range v.args {
							s.reads(a, read{item: k, col: v.pos.col, phase: p, aligned: local(v, a) || a.v.shape == v.shape && !a.t}, use)
						}
					}
					k++
				}
			}
		}
	}
	// Values that are computed again read their operands where they are used.
	pool.reset()
	s.taken = make(map[*expr.Var]bool)
	var live []*val
	for _, v := range order {
		d := def[v]
		if v.store.kind < inRow {
			continue
		}
		if p := d.phase; p != nil && p.blocked && v.store.kind >= inWhole {
			d.item = p.first
		}
		keep := live[:0]
		for _, u := range live {
			l := last[u]
			inPlace := l.item == d.item && l.aligned && v.op == opMap && u.shape == v.shape && l.col <= d.col && u.store.kind == v.store.kind && !v.pos.acc
			if l.item < d.item || inPlace {
				u.store.buf.busy = false
				if u.store.lu != nil {
					u.store.lu.busy = false
				}
				continue
			}
			keep = append(keep, u)
		}
		live = keep
		switch {
		case v.op == opMul && v.init.v != nil && v.init.v.store.buf != nil && outs[v] == nil:
			// Takes over the buffer of what it adds to.
			for i, u := range live {
				if u == v.init.v {
					live = append(live[:i], live[i+1:]...)
					break
				}
			}
			v.store.buf = v.init.v.store.buf
			v.store.buf.busy = true
		case outs[v] != nil:
			v.store.kind, v.store.out = inOutput, outs[v]
			continue
		default:
			if o := s.becomesOutput(v, outs); o != nil {
				v.store.kind, v.store.out = inOutput, o
				continue
			}
			v.store.buf = pool.get(v)
		}
		if v.op == opFactor && v.fn == "lu" {
			v.store.lu = pool.ints(v.shape.R)
		}
		if _, ok := last[v]; !ok {
			last[v] = d
		}
		live = append(live, v)
	}
}

// becomesOutput tells whether v can be kept in a gradient: one that adds to v,
// or that is computed from v entry by entry when v is needed no more.
func (s *schedule) becomesOutput(v *val, outs map[*val]*expr.Var) *expr.Var {
	if len(v.users) == 1 && v.store.kind == inWhole {
		u := v.users[0]
		if o := outs[u]; o != nil && u.op == opMap && u.shape == v.shape && u.pos.stage > v.pos.stage && !s.taken[o] {
			aligned := true
			for _, a := range u.args {
				aligned = aligned && (a.v != v || !a.t)
			}
			if aligned {
				s.taken[o] = true
				return o
			}
		}
	}
	for len(v.users) == 1 && v.users[0].op == opMul && v.users[0].init.v == v {
		v = v.users[0]
		if outs[v] != nil {
			return outs[v]
		}
	}
	return nil
}

// reads reports the stored values behind operand a.
func (s *schedule) reads(a ref, r read, use func(*val, read)) {
	u := a.v
	if u.op == opMap && u.store.kind == inRegister {
		for _, b := range u.args {
			q := r
			q.aligned = r.aligned && !b.t && b.v.shape == u.shape
			s.reads(b, q, use)
		}
		return
	}
	use(u, r)
}

// pool hands out buffers; one pool serves all methods of a type.
type pool struct {
	bufs []*buffer
	name func(v *val) string
}

func (p *pool) reset() {
	for _, b := range p.bufs {
		b.busy = false
	}
}

func (p *pool) get(v *val) *buffer {
	want := v.shape
	for _, b := range p.bufs {
		if b.busy || b.ints || b.kind != v.store.kind {
			continue
		}
		if b.shape == want || b.kind == inRow && b.shape.C == want.C {
			b.busy = true
			b.vals = append(b.vals, v)
			return b
		}
	}
	b := &buffer{name: p.name(v), kind: v.store.kind, shape: want, busy: true, vals: []*val{v}}
	if b.kind == inRow {
		b.shape.R = expr.One
	}
	p.bufs = append(p.bufs, b)
	return b
}

func (p *pool) ints(n expr.Dim) *buffer {
	for _, b := range p.bufs {
		if b.ints && !b.busy && b.shape.R == n {
			b.busy = true
			return b
		}
	}
	b := &buffer{name: p.name(nil), kind: inWhole, ints: true, shape: expr.Shape{R: n, C: expr.One}, busy: true}
	p.bufs = append(p.bufs, b)
	return b
}
