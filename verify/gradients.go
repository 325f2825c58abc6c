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
	"github.com/matdiff/matdiff/rules"
)

// gradients verifies some claims about one objective.
type gradients struct {
	opt    Options
	space  *space
	q      *expr.Node
	f      *eval.Plan // the objective
	claims *eval.Plan // all claims
	rng    *rand.Rand // directions
	noise  *rand.Rand
	crowd  bool // too many variables to check one by one
	// entrywise: every kernel is as accurate in a small entry as in a large one.
	entrywise bool
	subj      []*subject

	// At the current point:
	g    []float64    // the adjoint of the objective, entry by entry; 1 for a scalar
	z0   []float64    // its value
	eta  float64      // spread of f under noise
	grad []*num.Mat   // claimed gradients
	etaG [][]float64  // their spread under noise
	z    [4][]float64 // values at x±h, x±2h

}

// subject is what is known of one claim so far.
type subject struct {
	Claim
	out     Variable
	tangent bool // only along the orthogonal matrices
	zeros   int  // points at which both sides were zero
	full    int  // points at which every check was clear
	partial int  // points at which some were
	clear   int  // checks that decided
	kinks   int  // checks at kinks
	vague   int  // checks that neither oracle decided
	byDual  int  // checks that dual numbers decided
	group   bool // checked together with others
	done    bool
}

func newGradients(prog *expr.Program, claims []Claim, opt Options) (*gradients, error) {
	q := prog.Objective.Node
	roots := []*expr.Node{q}
	var extra []*expr.Var
	g := &gradients{opt: opt, q: q}
	for _, c := range claims {
		roots = append(roots, c.Node)
		extra = append(extra, c.Wrt)
		g.subj = append(g.subj, &subject{Claim: c, out: Variable{Wrt: c.Wrt.Name}})
	}
	var err error
	if g.space, err = newSpace(prog, roots, extra, opt); err != nil {
		return nil, err
	}
	g.f = eval.Compile(q)
	g.claims = eval.Compile(roots[1:]...)
	g.entrywise = entrywise(g.f) && entrywise(g.claims)
	g.f.MaxEntries, g.claims.MaxEntries = maxEntries, maxEntries
	g.rng = rand.New(rand.NewPCG(uint64(opt.Seed), 2))
	g.noise = rand.New(rand.NewPCG(uint64(opt.Seed), 3))
	return g, nil
}

// entrywise tells whether a plan computes nothing by factorisations or series
// of matrices.
func entrywise(p *eval.Plan) bool {
	for i := 0; i < p.Len(); i++ {
		if f, ok := p.Node(i).Fn.(*rules.Func); ok && f.Family == "matrix" && f.Op == expr.OpNum {
			return false
		}
	}
	return true
}

// run draws points until every subject is decided or has had its share.
func (g *gradients) run(ctx context.Context, rep *Report) {
	rep.Points = g.opt.Points
	var stop error
	for draws := 0; draws < 4*g.opt.Points && stop == nil; draws++ {
		var open []*subject
		for _, s := range g.subj {
			if !s.done && s.full < g.opt.Points {
				open = append(open, s)
			}
		}
		if len(open) == 0 {
			break
		}
		if stop = g.space.next(ctx); stop != nil {
			break
		}
		if draws == 0 {
			for k, v := range g.space.env.Sizes {
				rep.Sizes[k] = v
			}
		}
		if stop = g.prepare(); stop != nil {
			break
		}
		if draws == 0 {
			g.crowd = g.crowded()
		}
		if g.crowd {
			stop = g.together(ctx)
			continue
		}
		for i, s := range g.subj {
			if s.done || s.full >= g.opt.Points {
				continue
			}
			if stop = g.point(ctx, i, s, len(open)); stop != nil {
				break
			}
		}
	}
	if stop == nil && len(g.subj) > 0 {
		if g.opt.Work/4 > 10*latinSizes*(g.f.Cost()+1)*float64(len(g.subj)) {
			g.space.everySize(ctx, func() { g.visit(ctx) }, nil)
		}
		g.probe(ctx)
	}
	for _, s := range g.subj {
		rep.Variables = append(rep.Variables, s.verdict(g.opt.Points, stop))
	}
}

// verdict sums up.
func (s *subject) verdict(points int, stop error) Variable {
	v := &s.out
	if v.Verdict == Fail {
		return *v // with the points up to the counterexample
	}
	v.Points = s.full + s.partial
	switch {
	case v.Points >= points && s.zeros == v.Points && s.clear > 0:
		v.Verdict = Zero
	// Where noise hid some checks, the others must be the rule. At a kink there
	// is no gradient to judge, and binary data may lie at one half of the time.
	case s.full >= points, v.Points >= points && s.clear >= s.vague && 4*s.clear >= s.kinks:
		v.Verdict = Pass
	default:
		v.Verdict = Inconclusive
		switch {
		case stop != nil && errors.Is(stop, errNoPoint):
			v.Reason = sentence(stop)
		case stop != nil:
			v.Reason = fmt.Sprintf("%s after %d of %d points", sentence(stop), v.Points, points)
		case s.kinks > s.vague:
			v.Reason = "every point drawn lies at a kink of the objective"
		default:
			v.Reason = "rounding noise hides the gradient: the error bound exceeds 1e-4 of its scale"
		}
		return *v
	}
	switch {
	case s.tangent:
		v.Reason = "holds along the orthogonal matrices; it uses that " + s.Wrt.Name + " is one"
	case s.group:
		v.Reason = "checked together with the other variables"
	case s.kinks > 0:
		v.Reason = fmt.Sprintf("%d entries at kinks left out", s.kinks)
	case s.byDual > 0:
		v.Reason = fmt.Sprintf("%d of %d entries settled by dual numbers", s.byDual, v.Checks)
	}
	return *v
}

const noiseRuns = 8

// runs is the number of noisy runs of a plan: fewer where one takes long.
func runs(p *eval.Plan, n int) int {
	if p.Cost() > 1e6 {
		return max(2, n/3)
	}
	return n
}

// prepare computes what all subjects need at the point.
func (g *gradients) prepare() error {
	env := g.space.env
	g.f.Noise, g.claims.Noise = nil, nil
	out, err := g.f.Run(env)
	if err != nil {
		return err
	}
	g.z0 = append(g.z0[:0], out[0].Data...)
	g.g = g.g[:0]
	if g.q.IsScalar() {
		g.g = append(g.g, 1)
	} else {
		g.g = append(g.g, g.adjoint(out[0].R, out[0].C).Data...)
	}
	g.f.Noise = g.noise
	g.eta = 0
	for k := 0; k < runs(g.f, noiseRuns); k++ {
		out, err := g.f.Run(env)
		if err != nil {
			continue // the point is inside its domain, so the next will do
		}
		g.eta = math.Max(g.eta, math.Abs(g.along(out[0].Data, g.z0)))
	}
	floor := 0.0
	for k, z := range g.z0 {
		floor += math.Abs(z*g.g[k]) * 0x1p-52
	}
	if len(g.z0) > 0 {
		g.eta = math.Max(g.eta, floor/math.Sqrt(float64(len(g.z0))))
	}
	g.f.Noise = nil
	// The base values that Update starts from.
	if _, err := g.f.Run(env); err != nil {
		return err
	}
	if out, err = g.claims.Run(env); err != nil {
		return err
	}
	g.grad, g.etaG = g.grad[:0], g.etaG[:0]
	for _, m := range out {
		g.grad = append(g.grad, m.Clone())
		g.etaG = append(g.etaG, make([]float64, len(m.Data)))
	}
	g.claims.Noise = g.noise
	for k := 0; k < runs(g.claims, noiseRuns); k++ {
		out, err := g.claims.Run(env)
		if err != nil {
			continue
		}
		for i, m := range out {
			for j, v := range m.Data {
				g.etaG[i][j] = math.Max(g.etaG[i][j], math.Abs(v-g.grad[i].Data[j]))
			}
		}
	}
	g.claims.Noise = nil
	return nil
}

// adjoint is the value of ∂Q/∂Z in the claims of a pullback; if no claim
// mentions it, anything will do.
func (g *gradients) adjoint(r, c int) *num.Mat {
	for _, d := range g.space.derived {
		if d.v.Kind == expr.Adjoint {
			if m := g.space.env.Vars[d.v.Name]; m != nil && m.R == r && m.C == c {
				return m
			}
		}
	}
	m := num.New(r, c)
	fill(g.rng, normal, m)
	return m
}

// along is ⟨G, a − b⟩, the change of f.
func (g *gradients) along(a, b []float64) float64 {
	s := 0.0
	for k, w := range g.g {
		s += w * (a[k] - b[k])
	}
	return s
}
