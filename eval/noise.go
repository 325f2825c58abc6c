package eval

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// ulp is the distance from 1 to the next float64.
const ulp = 0x1p-52

// perturb moves each entry by a random relative error of at most 2 ulp. If the
// operands are whole numbers, so that they were computed exactly, whole ones
// stay: they are labels, counts and indicators, and a comparison must go on
// reading them as what they are.
func perturb(x []float64, rng *rand.Rand, exact bool) {
	for k, v := range x {
		if exact && v == math.Trunc(v) {
			continue
		}
		x[k] = v + v*(ulp*float64(steps[rng.Uint32()&3]))
	}
}

var steps = [4]int{-2, -1, 1, 2}

// whole tells whether all entries are whole numbers.
func whole(ops []*num.Mat) bool {
	for _, m := range ops {
		for _, v := range m.Data {
			if v != math.Trunc(v) || math.Abs(v) > 1<<31 {
				return false
			}
		}
	}
	return true
}

// perturbOperands replaces the operands of sums, products and calls by noisy
// copies. The error of such a node is that of its terms, which may cancel, so
// moving only its result would be too little.
func (p *Plan) perturbOperands(i int, ops []*num.Mat) {
	n := p.nodes[i]
	switch n.Op {
	case expr.OpAdd:
		if len(ops) == 2 {
			return // one rounding, of the result
		}
	case expr.OpMul:
	case expr.OpCall:
		f, ok := n.Fn.(*rules.Func)
		if !ok || f.F != nil || locallyConstant(f) {
			return
		}
	default:
		return
	}
	for len(p.noisy) < len(ops) {
		p.noisy = append(p.noisy, &num.Mat{})
	}
	for k, x := range ops {
		m := p.noisy[k]
		m.R, m.C = x.R, x.C
		m.Data = append(m.Data[:0], x.Data...)
		perturb(m.Data, p.Noise, true)
		if c := p.nodes[p.args[i][k]]; c.Props.Has(expr.Symmetric) && m.R == m.C {
			mirror(m) // kernels for symmetric matrices may read one triangle
		}
		ops[k] = m
	}
}

func mirror(m *num.Mat) {
	for r := 0; r < m.R; r++ {
		for c := 0; c < r; c++ {
			m.Data[c*m.C+r] = m.Data[r*m.C+c]
		}
	}
}

// locallyConstant tells whether f compares or rounds: its value is exact, and
// noise in its operands would only make it jump.
func locallyConstant(f *rules.Func) bool {
	for _, c := range f.D {
		if c.Src != "0" {
			return false
		}
	}
	return true
}

// exactCall tells whether n is a call whose value has no rounding error.
func exactCall(n *expr.Node) bool {
	f, ok := n.Fn.(*rules.Func)
	return n.Op == expr.OpCall && ok && locallyConstant(f)
}

// Piecewise tells whether f has branches, between which it has a value but no
// derivative, or jumps: its entry lists kinks, or it is locally constant, or
// its differential contains an Iverson bracket.
func Piecewise(f *rules.Func) bool {
	if len(f.Domain.Kinks) > 0 || locallyConstant(f) {
		return true
	}
	for _, c := range f.D {
		if strings.Contains(c.Src, "[") {
			return true
		}
	}
	return false
}
