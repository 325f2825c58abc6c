package verify

import (
	"maps"
	"math"
	"slices"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// jumps tells whether the plans have steps, kinks or comparisons.
func jumps(plans ...*eval.Plan) bool {
	for _, p := range plans {
		if p != nil && piecewise(p) {
			return true
		}
	}
	return false
}

// ties lists the comparisons for equality that find equal entries at the
// current point: [x = y] is 1 at a tie and nowhere near it, which is what it
// says, while [x ≥ y] and [x > y] are one derivative of max(x, y).
func (s *space) ties() []*branch {
	var out []*branch
	for _, b := range s.branches {
		if b.tie && b.tied() {
			out = append(out, b)
		}
	}
	return out
}

// tied tells whether two operands that are compared have an equal entry.
func (b *branch) tied() bool {
	n := b.plan.Node(b.slot)
	x, y := b.plan.Value(n.Args[0]), b.plan.Value(n.Args[1])
	if x == nil || y == nil || len(x.Data) == 0 || len(y.Data) == 0 {
		return false
	}
	for k := 0; k < max(len(x.Data), len(y.Data)); k++ {
		if x.Data[k%len(x.Data)] == y.Data[k%len(y.Data)] {
			return true
		}
	}
	return false
}

// onTie tells a comparison that differs at a tie from both of its sides.
func onTie(f *rules.Func) bool {
	if least, most := f.Arity(); least != 2 || most != 2 {
		return false
	}
	at := func(y float64) float64 {
		v, err := f.Apply(num.Scalar(0), num.Scalar(y))
		if err != nil || len(v.Data) != 1 {
			return math.NaN()
		}
		return v.Data[0]
	}
	return at(0) != at(1) && at(1) == at(-1)
}

// persists tells whether the two values differ near the current point as well.
// Two that differ at a tie of data alone take other branches of one function. A
// point nearby counts only where what was equal has an equal entry still: of
// [x = max(x)] there always is one, of [y = k] there is none.
func (e *equality) persists() bool {
	s := e.space
	if !jumps(s.roots, s.base) {
		return true
	}
	ties := s.ties()
	old := maps.Clone(s.env.Vars)
	defer func() {
		maps.Copy(s.env.Vars, old)
		s.evaluate() // it ran here before, so it runs again
	}()
	agreed := 0
	for near := 0; near < 3; near++ {
		for _, in := range s.inputs {
			x := old[in.v.Name]
			if _, fixed := s.opt.At[in.v.Name]; fixed || in.v.Kind != expr.Input || in.v.Props&^(expr.Symmetric|expr.Diagonal|expr.Positive|expr.Nonnegative|expr.Nonsingular) != 0 {
				continue
			}
			unit := rms(x.Data)
			if unit == 0 {
				unit = 1
			}
			by := num.New(x.R, x.C)
			tangent(e.rng.NormFloat64, in.v.Props&(expr.Symmetric|expr.Diagonal), x, by)
			s.env.Vars[in.v.Name] = num.Add(x, 1e-4*unit, by)
		}
		if _, _, err := s.evaluate(); err != nil || slices.ContainsFunc(ties, func(b *branch) bool { return !b.tied() }) {
			continue
		}
		if r, _, _, _ := e.point(); r == Different {
			return true
		} else if r == Same {
			agreed++
		}
	}
	return agreed == 0
}
