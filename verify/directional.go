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
}

// Row is one ε of a Table.
type Row struct {
	Eps      float64
	Estimate float64 // NaN where f has no value at x ± εp
	Error    float64 // |Estimate − Exact|
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
	for _, e := range eps {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r := Row{Eps: e}
		hi, err1 := g.moved(t, e)
		lo, err2 := g.moved(t, -e)
		if err1 != nil || err2 != nil {
			r.Estimate = math.NaN()
		} else {
			r.Estimate = g.along(hi, lo) / (2 * e)
		}
		r.Error = math.Abs(r.Estimate - t.Exact)
		t.Rows = append(t.Rows, r)
		if best := t.Rows[t.Best].Error; math.IsNaN(best) || r.Error < best {
			t.Best = len(t.Rows) - 1
		}
	}
	return t, nil
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
