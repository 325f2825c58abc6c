package verify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Table compares ∇f(x)ᵀp with (f(x+εp) − f(x−εp))/2ε for a range of ε: the
// error falls as ε² while truncation dominates, and rises as 1/ε once rounding
// does; the best ε is near ε_m^(1/3).
type Table struct {
	Sizes     map[string]int
	Point     map[string]*num.Mat
	Direction map[string]*num.Mat // p, of length 1 over all variables together
	Value     float64             // f(x)
	Exact     float64             // ∇f(x)ᵀp
	Rows      []Row               // by falling Eps
	Best      int                 // index of the row with the least error
	Surest    int                 // index of the row with the least bound, which the verdict is about
	Verdict   Verdict             // Pass, Fail or Inconclusive
	Reason    string              // why it is not Pass
}

// Row is one ε of a Table.
type Row struct {
	Eps      float64
	Estimate float64 // NaN where f has no value at x ± εp
	Error    float64 // |Estimate − Exact|
	Bound    float64 // of Error where Exact is right, from the estimates at Eps and 2 Eps and from rounding
	kinked   bool
}

// Directional draws a point and a direction (or takes the point from opt.At)
// and tabulates the error of central differences for ε from 1e-1 to 1e-12,
// with ε_m^(1/3) among them. Only the variables of the claims move.
func Directional(ctx context.Context, prog *expr.Program, claims []Claim, opt Options) (*Table, error) {
	opt = opt.filled()
	if prog == nil || prog.Objective.Node == nil || len(claims) == 0 {
		return nil, errors.New("there is no gradient to tabulate")
	}
	g, err := newGradients(prog, claims, opt)
	if err != nil {
		return nil, err
	}
	if err := g.space.next(ctx); err != nil {
		if errors.Is(err, errNoPoint) && len(opt.At) > 0 {
			return nil, fmt.Errorf("the point given lies outside of the domain, or so near to its edge that differences say nothing there: %s", g.space.why)
		}
		return nil, err
	}
	if err := g.prepare(); err != nil {
		return nil, err
	}
	env := g.space.env
	t := &Table{Sizes: map[string]int{}, Point: map[string]*num.Mat{}, Direction: map[string]*num.Mat{}}
	for k, v := range env.Sizes {
		t.Sizes[k] = v
	}
	rng := rand.New(rand.NewPCG(uint64(opt.Seed), 5))
	length := 0.0
	for _, c := range claims {
		x := env.Vars[c.Wrt.Name]
		p := num.New(x.R, x.C)
		tangent(rng.NormFloat64, c.Wrt.Props, x, p)
		t.Point[c.Wrt.Name], t.Direction[c.Wrt.Name] = x.Clone(), p
		length = math.Hypot(length, p.Norm())
	}
	for i, c := range claims {
		p := t.Direction[c.Wrt.Name]
		for k := range p.Data {
			p.Data[k] /= length
		}
		t.Exact += g.paired(i, p)
	}
	t.Value = inner(g.g, g.z0)
	eps := []float64{}
	for k := 1; k <= 12; k++ {
		e := math.Pow10(-k)
		if e < Step && (len(eps) == 0 || eps[len(eps)-1] > Step) {
			eps = append(eps, Step)
		}
		eps = append(eps, e)
	}
	size, noise, rounding := 0.0, 0.0, 0.0
	for i, c := range claims {
		size = math.Hypot(size, g.grad[i].Norm())
		for k, v := range t.Direction[c.Wrt.Name].Data {
			noise += math.Abs(v) * g.etaG[i][k]
		}
		rounding = math.Hypot(rounding, 0x1p-52*t.Point[c.Wrt.Name].Norm())
	}
	for _, e := range eps {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r := g.row(t, e)
		r.Bound += 10*noise + rounding*size/e
		t.Rows = append(t.Rows, r)
		at := len(t.Rows) - 1
		if best := t.Rows[t.Best].Error; math.IsNaN(best) || r.Error < best {
			t.Best = at
		}
		if least := t.Rows[t.Surest].Bound; math.IsNaN(least) || r.Bound < least {
			t.Surest = at
		}
	}
	g.decide(t, size)
	return t, nil
}

// row takes the differences for one ε.
func (g *gradients) row(t *Table, e float64) Row {
	r := Row{Eps: e, Estimate: math.NaN(), Error: math.NaN(), Bound: math.NaN()}
	var z [4][]float64
	for i, times := range [4]float64{1, -1, 2, -2} {
		var err error
		if z[i], err = g.moved(t, times*e); err != nil {
			if i < 2 {
				return r
			}
			break
		}
	}
	r.Estimate = g.along(z[0], z[1]) / (2 * e)
	r.Error = math.Abs(r.Estimate - t.Exact)
	if z[2] == nil || z[3] == nil {
		return r
	}
	c := check{curve: g.along(z[0], g.z0) + g.along(z[1], g.z0), curve2: g.along(z[2], g.z0) + g.along(z[3], g.z0)}
	r.kinked = g.kinked(c)
	r.Bound = 2*math.Abs(g.along(z[2], z[3])/(4*e)-r.Estimate) + 2*g.eta/e
	return r
}

// decide judges the gradient by the row with the least bound. A disagreement is
// a mistake where dual numbers disagree too.
func (g *gradients) decide(t *Table, size float64) {
	r := t.Rows[t.Surest]
	scale := math.Max(size, math.Abs(r.Estimate))
	t.Verdict = Inconclusive
	switch {
	case math.IsNaN(r.Bound):
		t.Reason = "the objective has no value near the point"
	case r.Error <= r.Bound && (r.Bound <= 1e-4*scale || size == 0):
		t.Verdict = Pass
	case r.Error <= r.Bound:
		t.Reason = fmt.Sprintf("the bound of the error is %.1g, more than 1e-4 of the gradient, whose length is %.2g", r.Bound, scale)
	case r.kinked:
		t.Reason = "the objective has a kink at the point"
	default:
		out, err := g.f.Dual(g.space.env, t.Direction)
		if err != nil {
			t.Reason = "dual numbers have no value at the point"
			return
		}
		if d := inner(g.g, out[0].D); math.Abs(d-t.Exact) <= 1e-9*scale {
			t.Reason = fmt.Sprintf("the error %.1g exceeds its bound %.1g, but dual numbers give %.10g", r.Error, r.Bound, d)
			return
		}
		t.Verdict = Fail
		t.Reason = fmt.Sprintf("the error %.1g exceeds its bound %.1g", r.Error, r.Bound)
	}
}

// paired is the derivative along p that claim i states.
func (g *gradients) paired(i int, p *num.Mat) float64 {
	s := 0.0
	book := g.opt.Symmetric == Book && g.subj[i].Wrt.Props.Has(expr.Symmetric)
	for r := 0; r < p.R; r++ {
		for c := 0; c < p.C; c++ {
			if book && c < r {
				continue
			}
			s += g.grad[i].At(r, c) * p.At(r, c)
		}
	}
	return s
}

// moved returns the objective's entries at x + e p.
func (g *gradients) moved(t *Table, e float64) ([]float64, error) {
	env := eval.Env{Vars: make(map[string]*num.Mat), Sizes: g.space.env.Sizes}
	for k, v := range g.space.env.Vars {
		env.Vars[k] = v
	}
	for name, p := range t.Direction {
		env.Vars[name] = num.Add(t.Point[name], e, p)
	}
	out, err := g.f.Run(env)
	if err != nil {
		return nil, err
	}
	for _, v := range out[0].Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("no value at ε = %g", e)
		}
	}
	return append([]float64(nil), out[0].Data...), nil
}
