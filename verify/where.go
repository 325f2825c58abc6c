package verify

import (
	"context"
	"fmt"
	"math"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Bounds on the work of Where, all counted.
const (
	whereDraws   = 8 // points that the search for a zero begins at
	wherePoints  = 3 // zeros at which the values must agree
	whereSteps   = 40
	whereEntries = 64 // entries of the unknowns
)

// Where tells whether a and b have the same value wherever the conditions are
// zero, as far as zeros that a damped Newton iteration finds by moving the
// unknowns tell. Zeros at which both values vanish, as of C w = λ w at w = 0,
// settle nothing. The verdict is Undecided where too few zeros are found, or
// where an unknown has a structure that is no linear space.
func Where(ctx context.Context, prog *expr.Program, conditions []*expr.Node, unknowns []*expr.Var, a, b *expr.Node, opt Options) (*Comparison, error) {
	if a.Shape != b.Shape {
		return nil, fmt.Errorf("shapes %v and %v differ", a.Shape, b.Shape)
	}
	opt = opt.filled()
	s, err := newSpace(prog, append(append([]*expr.Node(nil), conditions...), a, b), unknowns, opt)
	if err != nil {
		return nil, err
	}
	if len(s.derived) > 0 {
		return nil, fmt.Errorf("%s has no value of its own", s.derived[0].v.Name)
	}
	out := &Comparison{Reason: "no point was found at which the gradient is zero"}
	for draws := 0; draws < whereDraws && out.Points < wherePoints; draws++ {
		if s.next(ctx) != nil {
			break
		}
		z := newZero(s, conditions, unknowns)
		if z == nil {
			out.Reason = "the gradient has too many entries, or its variable may not move freely"
			return out, nil
		}
		x, y := s.roots.Value(a).MaxAbs(), s.roots.Value(b).MaxAbs()
		if !z.find(ctx) {
			continue
		}
		p := eval.Compile(a, b)
		p.MaxEntries = maxEntries
		v, err := p.Run(z.env)
		if err != nil || !v[0].Finite() || !v[1].Finite() {
			continue
		}
		scale := math.Max(v[0].MaxAbs(), v[1].MaxAbs())
		if scale <= 1e-6*math.Max(x, y) {
			continue
		}
		worst, at := 0.0, 0
		for k := range v[0].Data {
			if d := math.Abs(v[0].Data[k] - v[1].Data[k]); d > worst {
				worst, at = d, k
			}
		}
		switch rel := worst / scale; {
		case rel <= 1e-7:
			out.Points++
			out.MaxRelError = math.Max(out.MaxRelError, rel)
		case rel > 1e-4:
			out.Verdict = Different
			out.Reason = fmt.Sprintf("%.6g and %.6g where the gradient is zero", v[0].Data[at], v[1].Data[at])
			ce := &Counterexample{Row: at/v[0].C + 1, Col: at%v[0].C + 1, Truth: v[0].Data[at], Claim: v[1].Data[at], Sizes: map[string]int{}, Point: map[string]*num.Mat{}}
			for k, n := range z.env.Sizes {
				ce.Sizes[k] = n
			}
			for k, m := range z.env.Vars {
				ce.Point[k] = m.Clone()
			}
			out.Counter = ce
			return out, nil
		}
	}
	if out.Points >= wherePoints {
		out.Verdict, out.Reason = Same, ""
	}
	return out, nil
}

// zero is the search for a point at which conditions are zero.
type zero struct {
	plan *eval.Plan
	env  eval.Env
	x    []float64 // what the unknowns are made of
	by   []*expr.Var
	at   [][]where
	held map[int]float64 // unknowns whose length the conditions leave open, squared
}

// where is one free number of an unknown: the entries that it fills.
type where struct{ entries []int }

// newZero begins at the current point of the space; nil if the unknowns have no
// free entries or too many.
func newZero(s *space, conditions []*expr.Node, unknowns []*expr.Var) *zero {
	z := &zero{plan: eval.Compile(conditions...), by: unknowns, env: eval.Env{Vars: map[string]*num.Mat{}, Sizes: s.env.Sizes}}
	z.plan.Strict, z.plan.MaxEntries = true, maxEntries
	for k, v := range s.env.Vars {
		z.env.Vars[k] = v
	}
	for _, v := range unknowns {
		if v.Props&(expr.Orthogonal|expr.Simplex|expr.Stochastic|expr.Binary) != 0 || v.Const {
			return nil
		}
		m := z.env.Vars[v.Name].Clone()
		z.env.Vars[v.Name] = m
		var list []where
		for i := 0; i < m.R; i++ {
			for j := 0; j < m.C; j++ {
				switch symmetric := v.Props&(expr.Symmetric|expr.SPD|expr.PSD) != 0; {
				case v.Props.Has(expr.Diagonal) && i != j, symmetric && j < i:
				case symmetric && i != j:
					list = append(list, where{[]int{i*m.C + j, j*m.C + i}})
				default:
					list = append(list, where{[]int{i*m.C + j}})
				}
			}
		}
		for _, w := range list {
			z.x = append(z.x, m.Data[w.entries[0]])
		}
		z.at = append(z.at, list)
	}
	if len(z.x) == 0 || len(z.x) > whereEntries {
		return nil
	}
	z.hold()
	return z
}

// hold keeps the length of unknowns along which their condition is zero, as the
// gradient of x'Ax/x'x is along x: Newton's step would go to infinity.
func (z *zero) hold() {
	z.held = make(map[int]float64)
	out, err := z.plan.Run(z.env)
	if err != nil {
		return
	}
	for i, v := range z.by {
		m := z.env.Vars[v.Name]
		if i < len(out) && len(out[i].Data) == len(m.Data) && len(m.Data) > 1 &&
			math.Abs(inner(out[i].Data, m.Data)) <= 1e-10*out[i].Norm()*m.Norm() {
			z.held[i] = inner(m.Data, m.Data)
		}
	}
}

// put gives the unknowns the values x.
func (z *zero) put(x []float64) {
	k := 0
	for i, v := range z.by {
		m := z.env.Vars[v.Name].Clone()
		for _, w := range z.at[i] {
			for _, e := range w.entries {
				m.Data[e] = x[k]
			}
			k++
		}
		z.env.Vars[v.Name] = m
	}
}

// value is what the conditions have for x, nil outside of their domain.
func (z *zero) value(x []float64) []float64 {
	z.put(x)
	out, err := z.plan.Run(z.env)
	if err != nil {
		return nil
	}
	var f []float64
	for _, m := range out {
		if !m.Finite() {
			return nil
		}
		f = append(f, m.Data...)
	}
	for i, v := range z.by {
		if want, ok := z.held[i]; ok {
			m := z.env.Vars[v.Name]
			f = append(f, inner(m.Data, m.Data)-want)
		}
	}
	return f
}

// slopes is the matrix of the derivatives of the conditions by x.
func (z *zero) slopes(rows int) *num.Mat {
	j := num.New(rows, len(z.x))
	k, last := 0, rows-len(z.held)
	for i, v := range z.by {
		m := z.env.Vars[v.Name]
		for _, w := range z.at[i] {
			d := num.New(m.R, m.C)
			for _, e := range w.entries {
				d.Data[e] = 1
			}
			out, err := z.plan.Dual(z.env, map[string]*num.Mat{v.Name: d})
			if err != nil {
				return nil
			}
			r := 0
			for _, o := range out {
				for _, t := range o.D {
					j.Set(r, k, t)
					r++
				}
			}
			if _, ok := z.held[i]; ok {
				j.Set(last, k, 2*inner(m.Data, d.Data))
			}
			k++
		}
		if _, ok := z.held[i]; ok {
			last++
		}
	}
	return j
}

// find moves the unknowns to a zero, by Newton steps that are halved until the
// conditions shrink; false if it finds none near by.
func (z *zero) find(ctx context.Context) bool {
	f := z.value(z.x)
	if f == nil {
		return false
	}
	first, size := largest(f), 1+largest(z.x)
	for step := 0; step < whereSteps && ctx.Err() == nil; step++ {
		if largest(f) <= 1e-13*first {
			break
		}
		if step == whereSteps/3 && largest(f) > 0.1*first {
			return false // there is none near by
		}
		z.put(z.x)
		j := z.slopes(len(f))
		if j == nil {
			return false
		}
		d := num.LeastNorm(j, f)
		if d == nil {
			return false
		}
		moved := false
		for t := 1.0; t > 1e-6; t /= 2 {
			y := append([]float64(nil), z.x...)
			for k := range y {
				y[k] -= t * d[k]
			}
			if g := z.value(y); g != nil && inner(g, g) < inner(f, f) {
				z.x, f, moved = y, g, true
				break
			}
		}
		if !moved {
			break
		}
	}
	z.put(z.x)
	return largest(f) <= 1e-10*first && largest(z.x) <= 1e3*size
}

func largest(v []float64) float64 {
	m := 0.0
	for _, x := range v {
		m = math.Max(m, math.Abs(x))
	}
	return m
}
