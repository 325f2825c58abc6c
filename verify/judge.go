package verify

import (
	"fmt"
	"maps"
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

type state uint8

const (
	right state = iota
	wrong
	kink
	vague
)

// leastNormal is the least float64 with all its digits: below it a difference
// of values is of their rounding.
const leastNormal = 0x1p-1022

// judge compares one derivative. Dual numbers decide where the difference
// disagrees with the claim, or is too coarse to tell: of the scale of the
// gradient, or of an entry that is small beside it.
func (g *gradients) judge(i int, s *subject, x *num.Mat, c check, scale float64) (state, string) {
	if c.undefined {
		return vague, ""
	}
	unit := scale * c.dir.weight()
	limit, natural := 1e-4*unit, math.Max(g.natural(x), leastNormal)
	off, tol := math.Abs(c.diff-c.claim), c.bound+10*c.noise
	agree := off <= tol && tol <= limit
	if agree && (tol <= 1e-6*unit && tol <= 1e-3*math.Max(math.Abs(c.diff), math.Abs(c.claim)) || c.diff == 0 && c.claim == 0) {
		s.note(off/unit, tol/unit)
		return right, ""
	}
	if !agree && g.kinked(c) {
		return kink, ""
	}
	t, eta, err := g.tangent(s, x, c.dir)
	if err != nil || math.IsNaN(t) {
		if agree {
			s.note(off/unit, tol/unit)
			return right, ""
		}
		return vague, ""
	}
	rough, bound := off, tol
	// Kernels of matrices are accurate to the size of their result only.
	tol = 20 * (c.noise + eta)
	if g.entrywise {
		tol += 1e-9*math.Max(math.Abs(t), math.Abs(c.claim)) + 1e-13*unit
	} else {
		tol += 1e-9 * unit
	}
	off = math.Abs(t - c.claim)
	least := 1e-3 * natural
	switch {
	case math.Abs(t) <= least && math.Abs(c.claim) <= least:
		s.byDual++ // zero within the noise of f
		return right, ""
	case agree && (off <= tol || off <= natural):
		s.note(rough/unit, bound/unit)
		return right, ""
	case off <= tol && tol <= math.Max(limit, natural):
		s.byDual++
		if unit > 0 {
			s.note(off/unit, tol/unit)
		}
		return right, ""
	case off > tol && off <= natural:
		// The derivative is so small that kernels need not be accurate to it:
		// a function that is saturated.
	case off > tol && math.Abs(t-c.diff) <= c.bound+tol:
		if g.bent(s, x, c, t, tol+1e-3*unit) || !g.persists(i, s, x, c.dir, 4*tol) {
			return kink, ""
		}
		if !g.steady(i, s, c.dir, t-c.claim) || c.claim == 0 && g.claims.Underflows() {
			return vague, ""
		}
		return wrong, fmt.Sprintf("the claim is %.6g, differences give %.6g ± %.1g, dual numbers %.6g", c.claim, c.diff, c.bound, t)
	}
	return vague, ""
}

// bent tells whether dual numbers jump between x−h and x+h along the direction
// of c: a kink that noise hides from the second difference. A derivative that
// only changes fast changes evenly, and less between nearer points.
func (g *gradients) bent(s *subject, x *num.Mat, c check, t, tol float64) bool {
	old := append([]float64(nil), x.Data...)
	var at [4]float64
	for k, times := range [4]float64{1, -1, 1. / 16, -1. / 16} {
		for j, i := range c.dir.at {
			x.Data[i] = old[i] + times*math.Abs(c.t)*c.dir.w[j]
		}
		v, _, err := g.tangent(s, x, c.dir)
		if err != nil {
			v = math.Inf(1)
		}
		at[k] = v
	}
	copy(x.Data, old)
	if _, err := g.f.Run(g.space.env); err != nil {
		return true
	}
	change, uneven, near := math.Abs(at[0]-at[1]), math.Abs(at[0]-2*t+at[1]), math.Abs(at[2]-at[3])
	if change <= tol+1e-3*math.Max(math.Abs(at[0]), math.Abs(at[1])) {
		return false
	}
	return !(uneven <= change/4 && near <= change/4)
}

// persists tells whether claim i is wrong by more than tol along d not only at x
// but also near it. At a tie of data (two largest entries, a label met exactly) a formula has
// one of the values that its branches have, and differences another; a wrong
// formula is wrong around the tie as well.
func (g *gradients) persists(i int, s *subject, x *num.Mat, d direction, tol float64) bool {
	old := append([]float64(nil), x.Data...)
	defer func() {
		copy(x.Data, old)
		g.f.Run(g.space.env) // it ran here before, so it runs again
	}()
	unit := rms(old)
	if unit == 0 {
		unit = 1
	}
	for near := 0; near < 3; near++ {
		by := num.New(x.R, x.C)
		tangent(g.rng.NormFloat64, s.Wrt.Props&(expr.Symmetric|expr.Diagonal), x, by)
		for k := range old {
			x.Data[k] = old[k] + 1e-4*unit*by.Data[k]
		}
		out, err := g.claims.Run(g.space.env)
		if err != nil {
			continue
		}
		claim := 0.0
		for k, at := range d.at {
			claim += d.cw[k] * out[i].Data[at]
		}
		t, _, err := g.tangent(s, x, d)
		if err == nil && !(math.Abs(t-claim) <= tol) {
			return true
		}
	}
	return false
}

// steady tells whether off, by which claim i misses dual numbers along d, stays
// what it is where all variables move in their last digits. A difference that
// rounding made inside a kernel, where no noise is added, does not: all that is
// left of logsumexp(logsoftmax(q)) = 0.
func (g *gradients) steady(i int, s *subject, d direction, off float64) bool {
	sp := g.space
	old := maps.Clone(sp.env.Vars)
	defer func() {
		maps.Copy(sp.env.Vars, old)
		sp.evaluate() // both ran here before, so they run again
		g.f.Run(sp.env)
	}()
	for near := 0; near < 3; near++ {
		for _, in := range sp.inputs {
			if _, fixed := sp.opt.At[in.v.Name]; !fixed {
				sp.env.Vars[in.v.Name] = g.jostled(old[in.v.Name], in.v.Props)
			}
		}
		if _, _, err := sp.evaluate(); err != nil {
			continue
		}
		out, err := g.claims.Run(sp.env)
		if err != nil {
			continue
		}
		claim := 0.0
		for k, at := range d.at {
			claim += d.cw[k] * out[i].Data[at]
		}
		t, _, err := g.tangent(s, sp.env.Vars[s.Wrt.Name], d)
		if err == nil && !(math.Abs(t-claim-off) <= math.Abs(off)/2) {
			return false
		}
	}
	return true
}

// jostled moves the entries of a variable by about 1e-9 of themselves, far less
// than what a derivative needs to change. Data, and what would lose a property,
// stay.
func (g *gradients) jostled(x *num.Mat, p expr.Props) *num.Mat {
	free := expr.Symmetric | expr.Diagonal | expr.Positive | expr.Nonnegative | expr.Nonsingular
	if p.Has(expr.SPD) {
		free |= expr.SPD | expr.PSD
	}
	if p&^free != 0 || counts(x) {
		return x
	}
	out := x.Clone()
	for k := range out.Data {
		out.Data[k] *= 1 + 1e-9*(2*g.rng.Float64()-1)
	}
	if p.Has(expr.Symmetric) && x.R == x.C {
		mirror(out)
	}
	return out
}

// counts tells whether all entries are whole numbers: labels, counts, indicators.
func counts(x *num.Mat) bool {
	for _, v := range x.Data {
		if v != math.Trunc(v) {
			return false
		}
	}
	return true
}

// natural is the size below which a derivative counts as zero: what rounding
// in f alone would make of one.
func (g *gradients) natural(x *num.Mat) float64 {
	unit := rms(x.Data)
	if unit == 0 {
		unit = 1
	}
	return 1e3 * g.eta / unit
}

func (s *subject) note(rel, bound float64) {
	s.out.MaxRelError = math.Max(s.out.MaxRelError, rel)
	s.out.Bound = math.Max(s.out.Bound, bound)
}

// tangent is the derivative of f along d by dual numbers, with its noise.
func (g *gradients) tangent(s *subject, x *num.Mat, d direction) (t, eta float64, err error) {
	dir := num.New(x.R, x.C)
	for k, at := range d.at {
		dir.Data[at] = d.w[k]
	}
	move := map[string]*num.Mat{s.Wrt.Name: dir}
	run := func() (float64, error) {
		out, err := g.f.Dual(g.space.env, move)
		if err != nil {
			return 0, err
		}
		return inner(g.g, out[0].D), nil
	}
	if t, err = run(); err != nil {
		return 0, 0, err
	}
	g.f.Noise = g.noise
	for k := 0; k < 3; k++ {
		if v, err := run(); err == nil {
			eta = math.Max(eta, math.Abs(v-t))
		}
	}
	g.f.Noise = nil
	// Leaves were written again, so the values of the plan are as before.
	_, err = g.f.Run(g.space.env)
	return t, eta, err
}

// allZero tells whether every derivative is zero within noise, by differences,
// by the claim and along one direction by dual numbers.
func (g *gradients) allZero(x *num.Mat, s *subject, checks []check) bool {
	for _, c := range checks {
		if c.undefined || math.Abs(c.diff) > c.bound || math.Abs(c.claim) > 20*c.noise || g.kinked(c) {
			return false
		}
	}
	d := num.New(x.R, x.C)
	keep := expr.Symmetric | expr.Diagonal
	if s.tangent {
		keep |= expr.Orthogonal
	}
	tangent(g.rng.NormFloat64, s.Wrt.Props&keep, x, d)
	t, eta, err := g.tangent(s, x, everywhere(d.Data))
	return err == nil && math.Abs(t) <= 20*eta && len(checks) > 0
}

// absent judges a claim about a variable that the objective does not contain.
func (g *gradients) absent(i int, s *subject) {
	for k, v := range g.grad[i].Data {
		if math.Abs(v) > 20*g.etaG[i][k] {
			s.fail(g, k/g.grad[i].C+1, k%g.grad[i].C+1, v, 0, "the objective does not depend on "+s.Wrt.Name)
			return
		}
	}
	s.out.Checks++
	s.zeros++
	s.full++
	s.clear++
}

// structured tells whether the gradient by a symmetric variable is symmetric,
// and that by a diagonal one diagonal.
func (g *gradients) structured(i int, s *subject, scale float64) bool {
	m, p := g.grad[i], s.Wrt.Props
	if m.R != m.C {
		return true
	}
	for r := 0; r < m.R; r++ {
		for c := 0; c < m.C; c++ {
			a, b := m.At(r, c), m.At(c, r)
			tol := 1e-9*scale + 20*(g.etaG[i][r*m.C+c]+g.etaG[i][c*m.C+r])
			switch {
			case p.Has(expr.Diagonal):
				if r != c && math.Abs(a) > tol {
					s.fail(g, r+1, c+1, a, 0, "the gradient by a diagonal variable must be diagonal")
					return false
				}
			case p.Has(expr.Symmetric) && g.opt.Symmetric != Free:
				if math.Abs(a-b) > tol {
					s.fail(g, r+1, c+1, a, (a+b)/2, "the gradient by a symmetric variable must be symmetric")
					return false
				}
			}
		}
	}
	return true
}

func rms(x []float64) float64 {
	m := &num.Mat{R: 1, C: len(x), Data: x}
	if len(x) == 0 {
		return 0
	}
	return m.Norm() / math.Sqrt(float64(len(x)))
}
