package verify

import (
	"context"
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// direction is a way to move a variable: entry at[k] by w[k]. By it the claim
// says Σ cw[k]·G[at[k]].
type direction struct {
	at       []int
	w, cw    []float64
	row, col int // of the entry, from 1; 0 where there is not one entry
}

// weight is the length of the direction.
func (d direction) weight() float64 { return math.Sqrt(inner(d.w, d.w)) }

func entry(at, row, col int) direction {
	return direction{at: []int{at}, w: []float64{1}, cw: []float64{1}, row: row, col: col}
}

// directions lists the ways to move subject s: all entries (or the basis of
// the space in which it moves) where there are at most budget, else a sample
// of them and some directions that move everything at once, which no wrong
// entry escapes.
func (g *gradients) directions(s *subject, x *num.Mat, budget int) []direction {
	p := s.Wrt.Props
	diagonal := p.Has(expr.Diagonal)
	symmetric := !diagonal && p.Has(expr.Symmetric) && g.opt.Symmetric != Free && x.R == x.C
	n := x.R
	var count int
	var basis func(k int) direction
	switch {
	case s.tangent:
		count = n * (n - 1) / 2
		basis = func(k int) direction {
			i, j := pair(k)
			d := num.New(n, n) // X(e_i e_jᵀ − e_j e_iᵀ)
			for r := 0; r < n; r++ {
				d.Set(r, j, x.At(r, i))
				d.Set(r, i, -x.At(r, j))
			}
			return everywhere(d.Data)
		}
	case diagonal:
		count = n
		basis = func(k int) direction { return entry(k*n+k, k+1, k+1) }
	case symmetric:
		count = n * (n + 1) / 2
		basis = func(k int) direction {
			if k < n {
				return entry(k*n+k, k+1, k+1)
			}
			i, j := pair(k - n)
			d := direction{at: []int{i*n + j, j*n + i}, w: []float64{1, 1}, cw: []float64{1, 1}, row: i + 1, col: j + 1}
			if g.opt.Symmetric == Book {
				d.cw[1] = 0
			}
			return d
		}
	default:
		count = len(x.Data)
		basis = func(k int) direction { return entry(k, k/x.C+1, k%x.C+1) }
	}
	var out []direction
	if count <= budget {
		for k := 0; k < count; k++ {
			out = append(out, basis(k))
		}
		return out
	}
	dense := min(max(1, budget/4), 6)
	for k := 0; k < dense; k++ {
		d := num.New(x.R, x.C)
		switch {
		case s.tangent:
			tangent(g.rng.NormFloat64, expr.Orthogonal, x, d)
		case diagonal:
			tangent(g.rng.NormFloat64, expr.Diagonal, x, d)
		case symmetric:
			tangent(g.rng.NormFloat64, expr.Symmetric, x, d)
		default:
			tangent(g.rng.NormFloat64, 0, x, d)
		}
		e := everywhere(d.Data)
		if symmetric && g.opt.Symmetric == Book {
			e.cw = append([]float64(nil), e.w...)
			for i := 0; i < n; i++ {
				for j := 0; j < i; j++ {
					e.cw[i*n+j] = 0
				}
			}
		}
		out = append(out, e)
	}
	seen := make(map[int]bool)
	for k := dense; k < budget; k++ {
		if i := g.rng.IntN(count); !seen[i] {
			seen[i] = true
			out = append(out, basis(i))
		}
	}
	return out
}

func everywhere(w []float64) direction {
	at := make([]int, len(w))
	for i := range at {
		at[i] = i
	}
	return direction{at: at, w: w, cw: w}
}

// pair counts the pairs i < j: (0,1), (0,2), (1,2), (0,3) …
func pair(k int) (i, j int) {
	for j = 1; k >= j; j++ {
		k -= j
	}
	return k, j
}

// check is one directional derivative, taken and claimed.
type check struct {
	dir           direction
	t             float64 // half of the displacement along dir
	diff, diff2   float64 // differences at h and 2h
	curve, curve2 float64 // second differences at h and 2h
	bound         float64 // of the error of diff
	claim         float64 // what the gradient says
	noise         float64 // of claim
	undefined     bool    // a value on the way was not finite
}

// difference takes the differences of f along d.
func (g *gradients) difference(i int, x *num.Mat, d direction, reached []int) (c check, err error) {
	c.dir = d
	unit := rms(x.Data)
	if len(d.at) <= 2 {
		for _, k := range d.at {
			unit = math.Max(unit, math.Abs(x.Data[k]))
		}
	}
	if unit == 0 {
		unit = 1
	}
	h := Step * unit
	old := make([]float64, len(d.at))
	for k, at := range d.at {
		old[k] = x.Data[at]
	}
	defer func() {
		for k, at := range d.at {
			x.Data[at] = old[k]
		}
	}()
	var moved [4]float64 // displacement along d
	var claim [2]float64 // Σ cw G (x at the step)
	for s, times := range [4]float64{1, -1, 2, -2} {
		for k, at := range d.at {
			x.Data[at] = old[k] + times*h*d.w[k]
			by := x.Data[at] - old[k]
			moved[s] += by * d.w[k]
			if s < 2 && d.w[k] != 0 {
				claim[s] += by * d.cw[k] / d.w[k] * g.grad[i].Data[at]
			}
		}
		out, err := g.f.Update(g.space.env, reached)
		if err != nil {
			c.undefined = true
			return c, nil
		}
		g.z[s] = append(g.z[s][:0], out[0].Data...)
		for _, v := range out[0].Data {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				c.undefined = true
			}
		}
	}
	w2 := inner(d.w, d.w)
	c.t = (moved[0] - moved[1]) / (2 * w2)
	t2 := (moved[2] - moved[3]) / (2 * w2)
	c.diff = g.along(g.z[0], g.z[1]) / (2 * c.t)
	c.diff2 = g.along(g.z[2], g.z[3]) / (2 * t2)
	c.curve = g.along(g.z[0], g.z0) + g.along(g.z[1], g.z0)
	c.curve2 = g.along(g.z[2], g.z0) + g.along(g.z[3], g.z0)
	c.bound = 2*math.Abs(c.diff2-c.diff) + 2*g.eta/math.Abs(c.t)
	c.claim = (claim[0] - claim[1]) / (2 * c.t)
	for k, at := range d.at {
		c.noise += math.Abs(d.cw[k]) * g.etaG[i][at]
	}
	if len(d.at) > 1 {
		// Not every entry moves by the same part of its step.
		c.bound += 0x1p-51 / Step * math.Abs(c.diff)
	}
	return c, nil
}

// kinked tells whether f has a kink or a jump between x−h and x+h: its second
// difference, beyond noise, does not shrink by about four from 2h to h.
func (g *gradients) kinked(c check) bool {
	a, b := math.Abs(c.curve), math.Abs(c.curve2)
	return a > 20*g.eta && a > 0.4*b
}

// point judges subject i at the current point; others is the number of
// subjects that share the work.
func (g *gradients) point(ctx context.Context, i int, s *subject, others int) error {
	x := g.space.env.Vars[s.Wrt.Name]
	reached := g.f.Reached(s.Wrt.Name)
	if len(reached) == 0 {
		g.absent(i, s)
		return nil
	}
	budget := g.opt.Work / float64(g.opt.Points*others) / (5*g.f.CostOf(reached) + 1)
	checks := []check{}
	scale := g.grad[i].MaxAbs() // not every entry need be checked
	for _, d := range g.directions(s, x, int(math.Min(budget, 1e5))) {
		if ctx.Err() != nil {
			break
		}
		c, err := g.difference(i, x, d, reached)
		if err != nil {
			return err
		}
		checks = append(checks, c)
		if !c.undefined {
			scale = math.Max(scale, math.Max(math.Abs(c.diff), math.Abs(c.claim))/d.weight())
		}
	}
	// Variables of this point have their old values again, so must the plan.
	if _, err := g.f.Update(g.space.env, reached); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.out.Checks += len(checks)
	if g.allZero(x, s, checks) {
		s.zeros++
		s.full++
		s.clear += len(checks)
		return nil
	}
	good, bad := 0, 0
	for _, c := range checks {
		switch st, why := g.judge(i, s, x, c, scale); st {
		case right:
			good++
		case kink:
			s.kinks++
			bad++
		case vague:
			s.vague++
			bad++
		case wrong:
			if g.opt.Manifold && s.Wrt.Props.Has(expr.Orthogonal) && !s.tangent {
				*s = subject{Claim: s.Claim, out: Variable{Wrt: s.Wrt.Name}, tangent: true}
				return nil
			}
			s.note(math.Abs(c.diff-c.claim)/(scale*c.dir.weight()), c.bound/(scale*c.dir.weight()))
			s.fail(g, c.dir.row, c.dir.col, c.claim, c.diff, why)
			return nil
		}
	}
	if !g.structured(i, s, scale) {
		return nil
	}
	s.clear += good
	switch {
	case bad == 0:
		s.full++
	case good > 0:
		s.partial++
	}
	return nil
}

func (s *subject) fail(g *gradients, row, col int, claim, truth float64, why string) {
	s.done = true
	s.out.Verdict = Fail
	s.out.Points = s.full + s.partial + 1
	s.out.Reason = why
	ce := &Counterexample{Sizes: map[string]int{}, Point: map[string]*num.Mat{}, Row: row, Col: col, Claim: claim, Truth: truth}
	for k, v := range g.space.env.Sizes {
		ce.Sizes[k] = v
	}
	for name, m := range g.space.drawn() {
		ce.Point[name] = m.Clone()
	}
	s.out.Counter = ce
}
