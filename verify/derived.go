package verify

import (
	"fmt"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// derive computes the value of a differential or an adjoint at the point.
func (s *space) derive(d *derivedVar) (*num.Mat, error) {
	switch d.v.Kind {
	case expr.Differential:
		if isInput(d.of) {
			return s.direction(d.of.Var), nil
		}
		return s.forward(d.of)
	case expr.Adjoint:
		return s.adjoint(d)
	}
	return nil, fmt.Errorf("variable %s has no value of its own", d.v.Name)
}

// direction draws the differential of an input: zero if it is held fixed,
// else a direction in which its declared structure is kept. It is drawn once
// for a point.
func (s *space) direction(v *expr.Var) *num.Mat {
	name := "d " + v.Name // no name of the language has a space
	x := s.env.Vars[v.Name]
	if d, ok := s.env.Vars[name]; ok && d.R == x.R && d.C == x.C && s.drawnFor[name] == x {
		return d
	}
	d := num.New(x.R, x.C)
	if s.moving[v.Name] {
		tangent(s.rng.NormFloat64, v.Props, x, d)
	}
	s.env.Vars[name] = d
	s.drawnFor[name] = x
	return d
}

// tangent fills d with a direction that keeps the linear structure of x, and
// to first order that of an orthogonal, simplex or stochastic one.
func tangent(normal func() float64, p expr.Props, x, d *num.Mat) {
	for k := range d.Data {
		d.Data[k] = normal()
	}
	switch {
	case p.Has(expr.Diagonal):
		for i := 0; i < d.R; i++ {
			for j := 0; j < d.C; j++ {
				if i != j {
					d.Set(i, j, 0)
				}
			}
		}
	case p.Has(expr.Orthogonal):
		for i := 0; i < d.R; i++ {
			d.Set(i, i, 0)
			for j := 0; j < i; j++ {
				d.Set(i, j, -d.At(j, i))
			}
		}
		*d = *num.Mul(x, d)
	case p&(expr.Symmetric|expr.PSD|expr.SPD) != 0:
		mirror(d)
	case p.Has(expr.Simplex):
		centre(d.Data)
	case p.Has(expr.Stochastic):
		for i := 0; i < d.R; i++ {
			centre(d.Data[i*d.C : (i+1)*d.C])
		}
	}
}

func centre(v []float64) {
	m := total(v) / float64(len(v))
	for i := range v {
		v[i] -= m
	}
}

// forward is the differential of an expression by dual numbers.
func (s *space) forward(n *expr.Node) (*num.Mat, error) {
	dir := make(map[string]*num.Mat)
	p := s.planFor(n)
	for _, v := range p.Vars() {
		dir[v.Name] = s.direction(v)
	}
	out, err := p.Dual(s.env, dir)
	if err != nil {
		return nil, err
	}
	return out[0].Deriv(), nil
}

func (s *space) planFor(n *expr.Node) *eval.Plan {
	p := s.plans[n]
	if p == nil {
		p = eval.Compile(n)
		p.MaxEntries = maxEntries
		s.plans[n] = p
	}
	return p
}

// adjoint is ∂Q/∂Z as a value. Of the objective itself it is 1, or, where that
// is not a scalar, anything: Q is then an unnamed function of it. Of a part of
// the objective it is the derivative by that part, everything below it held
// fixed, entry by entry in dual numbers.
func (s *space) adjoint(d *derivedVar) (*num.Mat, error) {
	r, c := s.size(d.v.Shape)
	var q *expr.Node
	if s.prog != nil {
		q = s.prog.Objective.Node
	}
	if d.of == nil || q == nil || d.of == q || !q.IsScalar() && through(d.of) == through(q) {
		if q != nil && q.IsScalar() && d.of == q {
			return num.Scalar(1), nil
		}
		if m := s.env.Vars[d.v.Name]; m != nil && m.R == r && m.C == c && s.drawnAt[d.v.Name] == s.count {
			return m, nil
		}
		m := num.New(r, c)
		fill(s.rng, normal, m)
		s.drawnAt[d.v.Name] = s.count
		return m, nil
	}
	if !q.IsScalar() {
		return nil, fmt.Errorf("%s is not the adjoint of the objective, which is not a scalar", d.v.Name)
	}
	// As written: the sum that d.of stands in may have swallowed it.
	value, at := s.opened(q, d.of)
	if at != nil && !below(value)[at] {
		return num.New(r, c), nil
	}
	p := s.planFor(value)
	if at == nil {
		at = partOf(p, d.of)
	}
	if at == nil {
		return nil, fmt.Errorf("the objective does not show %s as one part", d.v.Name)
	}
	m, e := num.New(r, c), num.New(r, c)
	for k := range m.Data {
		e.Data[k] = 1
		out, err := p.DualAt(s.env, at, e)
		if err != nil {
			return nil, err
		}
		m.Data[k] = out[0].D[0]
		e.Data[k] = 0
	}
	if isInput(at) {
		m = conventional(m, at.Var.Props, s.opt.Symmetric)
	}
	return m, nil
}

// opened returns the value q in terms of the definition that has the value of,
// and the variable that stands for it; q and nil if of is no definition.
func (s *space) opened(q, of *expr.Node) (*expr.Node, *expr.Node) {
	if of.Op == expr.OpVar && of.Var.Kind != expr.Part {
		return q, nil
	}
	if value, part := s.prog.Opened(q, of); part != nil {
		return value, part
	}
	return q, nil
}

func below(n *expr.Node) map[*expr.Node]bool {
	out := make(map[*expr.Node]bool)
	for _, m := range expr.Topo(n) {
		out[m] = true
	}
	return out
}

// through follows parts to what they name.
func through(n *expr.Node) *expr.Node {
	for n.Op == expr.OpVar && n.Var.Kind == expr.Part && n.Var.Of != nil {
		n = n.Var.Of
	}
	return n
}

// partOf finds the node of the plan by which it uses n: the part that names n,
// or n itself if it is of a kind that a Builder never merges into a larger sum
// or product. It returns nil if there is none.
func partOf(p *eval.Plan, n *expr.Node) *expr.Node {
	if _, ok := p.Slot(n); ok && n.Op == expr.OpVar {
		return n
	}
	n = through(n)
	for i := p.Len() - 1; i >= 0; i-- {
		if m := p.Node(i); m != n && through(m) == n {
			return m
		}
	}
	if _, ok := p.Slot(n); ok && (n.Op == expr.OpVar || n.Op == expr.OpCall || n.Op == expr.OpPow) {
		return n
	}
	return nil
}

// conventional turns the gradient with free entries into that of a variable
// with the properties p.
func conventional(g *num.Mat, p expr.Props, mode Symmetric) *num.Mat {
	switch {
	case p.Has(expr.Diagonal):
		for i := 0; i < g.R; i++ {
			for j := 0; j < g.C; j++ {
				if i != j {
					g.Set(i, j, 0)
				}
			}
		}
	case p.Has(expr.Symmetric) && g.R == g.C && mode != Free:
		for i := 0; i < g.R; i++ {
			for j := 0; j < i; j++ {
				v := g.At(i, j) + g.At(j, i)
				if mode == Half {
					v /= 2
				}
				g.Set(i, j, v)
				g.Set(j, i, v)
			}
		}
	}
	return g
}
