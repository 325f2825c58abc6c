package verify

import (
	"maps"
	"math"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// jumps tells whether the plans have steps, kinks or comparisons, none of which
// tells equal from unequal: [x = y] is 1 at a tie and nowhere near it, which is
// what it says, while [x ≥ y] and [x > y] are one derivative of max(x, y).
func jumps(plans ...*eval.Plan) bool {
	found := false
	for _, p := range plans {
		if p == nil {
			continue
		}
		for i := 0; i < p.Len(); i++ {
			f, ok := p.Node(i).Fn.(*rules.Func)
			if p.Node(i).Op != expr.OpCall || !ok || !eval.Piecewise(f) {
				continue
			}
			if onTie(f) {
				return false
			}
			found = true
		}
	}
	return found
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
// Two that differ at a tie of data alone take other branches of one function.
func (e *equality) persists() bool {
	s := e.space
	if !jumps(s.roots, s.base) {
		return true
	}
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
		if _, _, err := s.evaluate(); err != nil {
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
