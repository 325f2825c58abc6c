package eval

import (
	"math"
	"math/rand/v2"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// ulp is the distance from 1 to the next float64.
const ulp = 0x1p-52

// perturb moves each entry by a random relative error of at most 2 ulp. Whole
// numbers stay: they are labels, counts and indicators, computed exactly, and
// a comparison must go on reading them as what they are.
func perturb(x []float64, rng *rand.Rand) {
	for k, v := range x {
		if v == math.Trunc(v) && math.Abs(v) < 1<<31 {
			continue
		}
		x[k] = v + v*(ulp*float64(steps[rng.Uint32()&3]))
	}
}

var steps = [4]int{-2, -1, 1, 2}

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
		perturb(m.Data, p.Noise)
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
	if len(f.D) == 0 {
		return true
	}
	for _, c := range f.D {
		if c.Src != "0" {
			return false
		}
	}
	return true
}
