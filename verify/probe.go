package verify

import (
	"context"
	"math"
	"slices"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// probes is how many more points a piecewise objective or gradient gets.
const probes = 60

// piecewise tells whether a plan takes branches: a gradient may then be right
// in most regions and wrong in a rare one, which few points do not meet.
func piecewise(p *eval.Plan) bool {
	for i := 0; i < p.Len(); i++ {
		if f, ok := p.Node(i).Fn.(*rules.Func); ok && eval.Piecewise(f) {
			return true
		}
	}
	return false
}

// thresholds lists the numbers of the plans that standard normal variables
// hardly reach, or hardly fall below: relu(x - 1000) has a region that no point
// of ordinary size is in.
func thresholds(plans ...*eval.Plan) []float64 {
	var out []float64
	for _, p := range plans {
		for i := 0; p != nil && i < p.Len(); i++ {
			n := p.Node(i)
			if n.Op != expr.OpNum {
				continue
			}
			v, _ := n.Num.Float64()
			v = math.Abs(v)
			if (v > 2 || 0 < v && v < 0.2) && !slices.Contains(out, v) && len(out) < maxThresholds {
				out = append(out, v)
			}
		}
	}
	return out
}

const maxThresholds = 6

// probe looks for a region where a claim that has passed so far is wrong: at
// many points, one derivative by dual numbers along one direction. Where that
// disagrees the point is judged in full. The last points have the size of a
// number that the program compares with.
func (g *gradients) probe(ctx context.Context) {
	if len(g.subj) == 0 || !piecewise(g.f) && !piecewise(g.claims) {
		return
	}
	cost := 10 * (g.f.Cost() + 1) * float64(len(g.subj))
	n := int(math.Min(probes, g.opt.Work/4/cost))
	far := thresholds(g.f, g.claims)
	more := n / 3
	if len(far) == 0 {
		more = 0
	}
	for k := 0; k < n+more && ctx.Err() == nil; k++ {
		g.space.zoom = 0
		if k >= n {
			if len(far) == 0 {
				break
			}
			g.space.zoom = 1.5 * far[k%len(far)]
		}
		if g.space.next(ctx) != nil {
			if g.space.zoom == 0 {
				return
			}
			far = slices.DeleteFunc(far, func(v float64) bool { return 1.5*v == g.space.zoom })
			continue
		}
		if g.visit(ctx) != nil {
			return
		}
	}
	g.space.zoom = 0
	g.reachBranches(ctx)
}

// visit judges in full the claims that look wrong at the current point.
func (g *gradients) visit(ctx context.Context) error {
	ready := false
	for i, s := range g.subj {
		if s.done || s.full+s.partial == 0 || !g.suspect(i, s, ready) {
			continue
		}
		if !ready && g.prepare() != nil {
			return nil
		}
		ready = true
		if err := g.point(ctx, i, s, len(g.subj)); err != nil {
			return err
		}
	}
	return nil
}

// suspect tells whether claim i disagrees with dual numbers along a direction
// at the current point. ready tells that prepare has run here.
func (g *gradients) suspect(i int, s *subject, ready bool) bool {
	x := g.space.env.Vars[s.Wrt.Name]
	claim := g.space.roots.Value(s.Node)
	if len(g.f.Reached(s.Wrt.Name)) == 0 {
		return claim.MaxAbs() > 0
	}
	dirs := g.directions(s, x, 0)
	if len(dirs) == 0 {
		return false
	}
	d := dirs[0]
	dir := num.New(x.R, x.C)
	for k, at := range d.at {
		dir.Data[at] = d.w[k]
	}
	out, err := g.f.Dual(g.space.env, map[string]*num.Mat{s.Wrt.Name: dir})
	if err != nil {
		return true
	}
	if !ready {
		z := g.space.roots.Value(g.q)
		g.g = append(g.g[:0], 1)
		if !g.q.IsScalar() {
			g.g = append(g.g[:0], g.adjoint(z.R, z.C).Data...)
		}
	}
	t := inner(g.g, out[0].D)
	want := 0.0
	for k, at := range d.at {
		want += d.cw[k] * claim.Data[at]
	}
	return !(math.Abs(t-want) <= 1e-8*claim.Norm()*d.weight())
}
