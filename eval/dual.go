package eval

import (
	"fmt"
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// Dual computes the roots in dual numbers: their values at env and their
// derivatives along direction, which maps names of variables to tangents of
// the variables' sizes; variables without one stand still. It shares no code
// with the symbolic rules. The results are valid until the next Dual.
func (p *Plan) Dual(env Env, direction map[string]*num.Mat) ([]*num.Dual, error) {
	return p.runDual(env, direction, nil, nil)
}

// DualAt is Dual with the node at moving by tangent instead of the variables:
// whatever is above it follows, it and all below stand still otherwise. The
// derivative of a root is then the inner product of tangent with ∂root/∂at,
// provided that the root uses at as it is: a Builder merges a sum or product
// into one that contains it, so that a part of the kind should be a variable
// of kind Part.
func (p *Plan) DualAt(env Env, at *expr.Node, tangent *num.Mat) ([]*num.Dual, error) {
	if _, ok := p.slot[at]; !ok {
		return nil, fmt.Errorf("eval: the plan does not compute that node")
	}
	return p.runDual(env, nil, at, tangent)
}

func (p *Plan) runDual(env Env, direction map[string]*num.Mat, at *expr.Node, tangent *num.Mat) (out []*num.Dual, err error) {
	if err := p.resize(env); err != nil {
		return nil, err
	}
	if p.dual == nil {
		p.dual = make([]*num.Dual, len(p.nodes))
	}
	i := 0
	defer p.guard(&i, &err)
	for i = range p.nodes {
		if err := p.dualStep(i, env, direction); err != nil {
			return nil, err
		}
		if p.nodes[i] == at {
			d := p.dual[i]
			if tangent.R != d.R || tangent.C != d.C {
				return nil, fmt.Errorf("eval: tangent is %d×%d, the node %d×%d", tangent.R, tangent.C, d.R, d.C)
			}
			// A part shares its dual with what it names, which stands still.
			p.dual[i] = &num.Dual{R: d.R, C: d.C, V: d.V, D: tangent.Data}
		}
	}
	out = make([]*num.Dual, len(p.roots))
	for k, r := range p.roots {
		out[k] = p.dual[r]
	}
	return out, nil
}

func (p *Plan) dualStep(i int, env Env, direction map[string]*num.Mat) error {
	n := p.nodes[i]
	at := p.args[i]
	if n.Op == expr.OpVar && len(at) == 1 {
		p.dual[i] = p.dual[at[0]]
		return nil
	}
	r, c := p.dims[i][0], p.dims[i][1]
	if p.Noise != nil && p.dual[i] != nil && exactCall(n) {
		return nil // stays on its side of the jump
	}
	d := num.NewDual(r, c)
	switch n.Op {
	case expr.OpVar, expr.OpNum, expr.OpSize, expr.OpOnes, expr.OpZeros, expr.OpEye:
		if err := p.step(i, env); err != nil {
			return err
		}
		copy(d.V, p.val[i].Data)
		if n.Op != expr.OpVar {
			break
		}
		if t := direction[n.Var.Name]; t != nil {
			if t.R != r || t.C != c {
				return fmt.Errorf("the tangent of %s is %d×%d, the variable %d×%d", n.Var.Name, t.R, t.C, r, c)
			}
			copy(d.D, t.Data)
		}
	case expr.OpT:
		x := p.dual[at[0]]
		for a := 0; a < x.R; a++ {
			for b := 0; b < x.C; b++ {
				d.V[b*c+a], d.D[b*c+a] = x.V[a*x.C+b], x.D[a*x.C+b]
			}
		}
	case expr.OpAdd:
		for _, a := range at {
			x := p.dual[a]
			for k := range d.V {
				d.V[k] += x.V[k]
				d.D[k] += x.D[k]
			}
		}
	case expr.OpScale:
		s, x := p.dual[at[0]], p.dual[at[1]]
		for k := range d.V {
			d.V[k] = s.V[0] * x.V[k]
			d.D[k] = s.D[0]*x.V[k] + s.V[0]*x.D[k]
		}
	case expr.OpHad:
		x := p.dual[at[0]]
		copy(d.V, x.V)
		copy(d.D, x.D)
		for _, a := range at[1:] {
			y := p.dual[a]
			for k := range d.V {
				d.D[k] = d.D[k]*y.V[k] + d.V[k]*y.D[k]
				d.V[k] *= y.V[k]
			}
		}
	case expr.OpPow:
		dualPow(d, p.dual[at[0]], p.dual[at[1]])
	case expr.OpMul:
		x := p.dual[at[0]]
		for _, a := range at[1:] {
			x = dualMul(x, p.dual[a])
		}
		d = x
	case expr.OpCall:
		var err error
		if d, err = p.dualCall(i, n, d); err != nil {
			return err
		}
	default:
		return fmt.Errorf("eval: no derivative for operator %v", n.Op)
	}
	if p.Noise != nil && n.Op != expr.OpVar && len(at) > 0 {
		d = &num.Dual{R: d.R, C: d.C, V: append([]float64(nil), d.V...), D: append([]float64(nil), d.D...)}
		perturb(d.V, p.Noise, p.fixed[i] || n.Op == expr.OpCall && exactCall(n))
		perturb(d.D, p.Noise, false)
	}
	p.dual[i] = d
	return nil
}

// dualPow raises x to the power e entrywise. A part that stands still adds
// nothing, also where its coefficient is infinite.
func dualPow(d, x, e *num.Dual) {
	ev, ed := e.V[0], e.D[0]
	for k, v := range x.V {
		y := power(v, ev)
		t := 0.0
		if x.D[k] != 0 && ev != 0 {
			if by := power(v, ev-1); math.Abs(by) >= 0x1p-1022 || v == 0 {
				t += ev * by * x.D[k]
			} else { // v^(e−1) has lost digits that the derivative has not
				t += ev * (y * x.D[k]) / v
			}
		}
		if ed != 0 && y != 0 {
			t += y * math.Log(v) * ed
		}
		d.V[k], d.D[k] = y, t
	}
}

func dualMul(x, y *num.Dual) *num.Dual {
	d := num.NewDual(x.R, y.C)
	n := y.C
	for r := 0; r < x.R; r++ {
		for k := 0; k < x.C; k++ {
			av, ad := x.V[r*x.C+k], x.D[r*x.C+k]
			for c := 0; c < n; c++ {
				bv, bd := y.V[k*n+c], y.D[k*n+c]
				d.V[r*n+c] += av * bv
				d.D[r*n+c] += ad*bv + av*bd
			}
		}
	}
	return d
}

// dualCall applies a function: its dual kernel, or for an elementwise one the
// derivative DF of its entry.
func (p *Plan) dualCall(i int, n *expr.Node, d *num.Dual) (*num.Dual, error) {
	f, ok := n.Fn.(*rules.Func)
	if !ok {
		return nil, fmt.Errorf("eval: no dual kernel for a function of type %T", n.Fn)
	}
	ops := make([]*num.Dual, len(p.args[i]))
	for k, a := range p.args[i] {
		ops[k] = p.dual[a]
	}
	if f.Dual != nil {
		out, err := f.Dual(ops...)
		if err != nil {
			return nil, &DomainError{n, i, named(f.Name, err)}
		}
		if out.R != d.R || out.C != d.C {
			return nil, fmt.Errorf("eval: the dual kernel of %s returned %d×%d for shape %v", f.Name, out.R, out.C, n.Shape)
		}
		return out, nil
	}
	if f.F == nil && f.Eval != nil && locallyConstant(f) {
		vs := make([]*num.Mat, len(ops))
		for k, x := range ops {
			vs[k] = x.Value()
		}
		v, err := f.Eval(vs...)
		if err != nil {
			return nil, &DomainError{n, i, named(f.Name, err)}
		}
		return num.Const(v), nil
	}
	if f.F == nil || f.DF == nil {
		return nil, fmt.Errorf("eval: function %s has no dual kernel", f.Name)
	}
	par := make([]float64, len(ops)-1)
	for k := range par {
		par[k] = ops[k+1].V[0]
	}
	for k, x := range ops[0].V {
		d.V[k] = f.F(x, par...)
		if t := ops[0].D[k]; t != 0 {
			d.D[k] = f.DF(x, par...) * t
		}
		for j := range par {
			if t := ops[j+1].D[0]; t != 0 {
				d.D[k] += t * slope(f.F, x, par, j)
			}
		}
	}
	return d, nil
}

// slope is the derivative of F by its parameter j, of which the table holds no
// formula: Richardson's extrapolation of central differences, whose relative
// error is near 1e-11.
func slope(F func(float64, ...float64) float64, x float64, par []float64, j int) float64 {
	q := append([]float64(nil), par...)
	h := 1e-3 * math.Max(1, math.Abs(par[j]))
	diff := func(h float64) float64 {
		q[j] = par[j] + h
		a, hi := F(x, q...), q[j]
		q[j] = par[j] - h
		return (a - F(x, q...)) / (hi - q[j])
	}
	d1, d2, d4 := diff(h), diff(h/2), diff(h/4)
	r1, r2 := (4*d2-d1)/3, (4*d4-d2)/3
	return (16*r2 - r1) / 15
}
