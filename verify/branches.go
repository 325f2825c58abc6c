package verify

import (
	"context"
	"math"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// branch is a node of a piecewise function, and which of its sides the points
// drawn so far had an entry on: between which kinks of its operand, or which of
// two operands is larger, or whether they are equal. A claim that is wrong on
// one side only passes at points that all lie on the other.
type branch struct {
	plan  *eval.Plan
	slot  int
	kinks []float64 // of the operand; nil where two operands are compared
	tie   bool      // the two are compared for equality
	seen  []bool    // by side
}

// readBranches collects the piecewise nodes of everything the space computes.
func (s *space) readBranches() {
	have := make(map[*expr.Node]bool)
	for _, p := range []*eval.Plan{s.roots, s.base} {
		for i := 0; p != nil && i < p.Len(); i++ {
			n := p.Node(i)
			f, ok := n.Fn.(*rules.Func)
			if n.Op != expr.OpCall || !ok || have[n] || !eval.Piecewise(f) || len(p.Below(i)) == 0 {
				continue
			}
			have[n] = true
			b := &branch{plan: p, slot: i, kinks: f.Domain.Kinks}
			switch x := n.Args[0]; {
			case len(b.kinks) > 0:
				b.seen = make([]bool, len(b.kinks)+1)
				// No point is on the other side of what is not negative.
				b.seen[0] = b.kinks[0] <= 0 && x.Props.Has(expr.Nonnegative)
			case len(n.Args) == 2 && (x.Shape == n.Args[1].Shape || x.IsScalar() || n.Args[1].IsScalar()):
				b.tie = onTie(f)
				b.seen = make([]bool, 2)
			default:
				continue // the largest entry of many: every entry has its turn
			}
			s.branches = append(s.branches, b)
		}
	}
}

// see notes the sides that the current point has entries on, and tells whether
// one of them is new.
func (b *branch) see() bool {
	n, fresh := b.plan.Node(b.slot), false
	// A 0 among entries that are not negative shows a side only where the value
	// may well be 0 too.
	edge := func(x *expr.Node, v float64) bool { return v == 0 && x.Props.Has(expr.Nonnegative) }
	note := func(side int) {
		fresh = fresh || !b.seen[side]
		b.seen[side] = true
	}
	x := b.plan.Value(n.Args[0])
	if x == nil {
		return false
	}
	if len(b.kinks) > 0 {
		for _, v := range x.Data {
			if edge(n.Args[0], v) {
				continue
			}
			side := 0
			for side < len(b.kinks) && v > b.kinks[side] {
				side++
			}
			if side == len(b.kinks) || v != b.kinks[side] {
				note(side)
			}
		}
		return fresh
	}
	y := b.plan.Value(n.Args[1])
	if y == nil || len(x.Data) == 0 || len(y.Data) == 0 {
		return false
	}
	for k := 0; k < max(len(x.Data), len(y.Data)); k++ {
		v, w := x.Data[k%len(x.Data)], y.Data[k%len(y.Data)]
		switch {
		case !b.tie && (edge(n.Args[0], v) || edge(n.Args[1], w)):
		case b.tie && v == w, !b.tie && v > w:
			note(1)
		case b.tie, v < w:
			note(0)
		}
	}
	return fresh
}

// open tells whether a side of b has not been seen.
func (b *branch) open() bool {
	for _, s := range b.seen {
		if !s {
			return true
		}
	}
	return false
}

// hunt is how many points are drawn in search of the sides of branches that no
// point lay on.
const hunt = 48

// reach draws points until every branch was seen on both sides or effort, in
// points, is spent, and calls visit at each that shows a new side. Sides that
// no point has (relu of a square) cost that effort.
func (s *space) reach(ctx context.Context, effort int, visit func()) {
	all := s.branches
	scales := append([]float64{0, 0, 0.1, 10}, thresholds(s.roots, s.base)...)
	defer func() { s.zoom = 0 }()
	for try := 0; try < effort && ctx.Err() == nil; try++ {
		var aim *branch
		for k := range all { // those that are left take turns
			if b := all[(try+k)%len(all)]; b.open() {
				aim = b
				break
			}
		}
		if aim == nil {
			return
		}
		s.zoom = 0
		if s.next(ctx) != nil {
			return
		}
		if s.fresh || s.redraw(aim, scales[s.rng.IntN(len(scales))]) && s.observe() {
			visit()
		}
	}
}

// observe notes the sides of branches at the current point, and tells whether
// one is new.
func (s *space) observe() bool {
	fresh := false
	for _, b := range s.branches {
		fresh = b.see() || fresh
	}
	return fresh
}

// redraw draws the variables below a branch in other manners, scaled, and tells
// whether everything has a value there.
func (s *space) redraw(b *branch, scale float64) bool {
	byName := make(map[string]*input)
	for _, in := range s.inputs {
		byName[in.v.Name] = in
	}
	s.zoom = 1.5 * scale
	for _, v := range b.plan.Below(b.slot) {
		in := byName[v.Name]
		if in == nil {
			continue
		}
		m := normal
		if s.rng.IntN(3) > 0 {
			m = s.other(in)
		}
		if s.put(in, m, false) != nil {
			return false
		}
	}
	_, _, err := s.evaluate()
	return err == nil
}

// affordable is how many points within n a share of the work allows.
func affordable(n int, opt Options, p *eval.Plan) int {
	return int(math.Min(float64(n), opt.Work/8/(10*(p.Cost()+1))))
}

// reachBranches looks for sides of branches that no point so far lay on, and
// judges every claim there.
func (g *gradients) reachBranches(ctx context.Context) {
	if len(g.space.branches) == 0 || len(g.subj) == 0 {
		return
	}
	g.space.reach(ctx, affordable(hunt, g.opt, g.space.roots), func() { g.visit(ctx) })
}
