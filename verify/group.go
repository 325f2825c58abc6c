package verify

import (
	"context"
	"math"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/num"
)

// A program with very many variables (a deep network) would take too long one
// variable at a time. Its claims are then checked together, in two ways: along
// one direction that moves every variable by the inverse of its claimed
// gradient's size, in dual numbers, so that each claim has an equal share of
// the sum and a small gradient cannot hide behind a large one; and along one
// direction that moves every variable by a step, by differences. Where dual
// numbers disagree each variable is asked by itself, and those that disagree
// are judged in full.

// crowded tells whether checking a single direction for every variable at
// every point would exceed the work allowed.
func (g *gradients) crowded() bool {
	c := 0.0
	for _, s := range g.subj {
		c += 5 * g.f.CostOf(g.f.Reached(s.Wrt.Name))
		if c*float64(g.opt.Points) > g.opt.Work/4 {
			return len(g.subj) > 1 // asking for the rest would cost as much again
		}
	}
	return false
}

// share is the part of one subject in a group check.
type share struct {
	i      int // of the subject
	dir    direction
	weight float64 // of the direction in the dual check
	claim  float64 // the derivative along the direction that is claimed
	noise  float64 // of claim
}

// together judges the open subjects at the current point.
func (g *gradients) together(ctx context.Context) error {
	var shares []share
	read := make(map[string]bool)
	for _, v := range g.f.Vars() {
		read[v.Name] = true
	}
	for i, s := range g.subj {
		if s.done || s.full >= g.opt.Points {
			continue
		}
		if !read[s.Wrt.Name] {
			g.absent(i, s)
			continue
		}
		dirs := g.directions(s, g.space.env.Vars[s.Wrt.Name], 0)
		if len(dirs) == 0 {
			s.full++ // nothing can move
			continue
		}
		sh := share{i: i, dir: dirs[0], weight: 1}
		for k, at := range sh.dir.at {
			sh.claim += sh.dir.cw[k] * g.grad[i].Data[at]
			sh.noise += math.Abs(sh.dir.cw[k]) * g.etaG[i][at]
		}
		if n := g.grad[i].Norm() * sh.dir.weight(); n > 1e-280 {
			sh.weight = 1 / n
		}
		shares = append(shares, sh)
	}
	off, tol, err := g.dualShares(shares)
	if err != nil {
		return err
	}
	if off > tol {
		for _, sh := range shares {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s := g.subj[sh.i]
			if off, tol, err := g.dualShares([]share{sh}); err != nil || off > tol {
				if err := g.point(ctx, sh.i, s, len(shares)); err != nil {
					return err
				}
				continue
			}
			s.grouped(off, g.grad[sh.i])
		}
		return nil
	}
	rel, bound, ok, err := g.stepTogether(shares)
	if err != nil {
		return err
	}
	for _, sh := range shares {
		s := g.subj[sh.i]
		s.grouped(off, g.grad[sh.i])
		if ok {
			s.note(rel, bound)
		}
	}
	return nil
}

func (s *subject) grouped(off float64, grad *num.Mat) {
	s.group = true
	s.full++
	s.clear++
	s.out.Checks++
	s.note(off, 0)
	if grad.MaxAbs() == 0 {
		s.zeros++
	}
}

// dualShares compares the sum of the shares' derivatives with dual numbers.
func (g *gradients) dualShares(shares []share) (off, tol float64, err error) {
	move := make(map[string]*num.Mat, len(shares))
	want, noise, size := 0.0, 0.0, 0.0
	for _, sh := range shares {
		name := g.subj[sh.i].Wrt.Name
		x := g.space.env.Vars[name]
		d := num.New(x.R, x.C)
		for k, at := range sh.dir.at {
			d.Data[at] = sh.weight * sh.dir.w[k]
		}
		move[name] = d
		want += sh.weight * sh.claim
		noise += sh.weight * sh.noise
		size++
	}
	run := func() (float64, error) {
		out, err := g.f.Dual(g.space.env, move)
		if err != nil {
			return 0, err
		}
		return inner(g.g, out[0].D), nil
	}
	t, err := run()
	if err != nil {
		return 0, 0, err
	}
	g.f.Noise = g.noise
	eta := 0.0
	for k := 0; k < 2; k++ {
		if v, err := run(); err == nil {
			eta = math.Max(eta, math.Abs(v-t))
		}
	}
	g.f.Noise = nil
	if math.IsNaN(t) {
		return math.Inf(1), 0, nil
	}
	return math.Abs(t - want), 1e-10*math.Sqrt(size) + 20*(noise+eta), nil
}

// stepTogether takes the differences with all shares moving by a step at once.
// It is not ok where a kink or noise hides the derivative.
func (g *gradients) stepTogether(shares []share) (rel, bound float64, ok bool, err error) {
	env := eval.Env{Vars: make(map[string]*num.Mat), Sizes: g.space.env.Sizes}
	for k, v := range g.space.env.Vars {
		env.Vars[k] = v
	}
	claim := 0.0
	for s, times := range [4]float64{1, -1, 2, -2} {
		for _, sh := range shares {
			name := g.subj[sh.i].Wrt.Name
			x := g.space.env.Vars[name]
			h := Step * rms(x.Data)
			if h == 0 {
				h = Step
			}
			y := x.Clone()
			for k, at := range sh.dir.at {
				y.Data[at] += times * h * sh.dir.w[k]
				if s < 2 && sh.dir.w[k] != 0 {
					claim += times * sh.dir.cw[k] / sh.dir.w[k] * g.grad[sh.i].Data[at] * (y.Data[at] - x.Data[at])
				}
			}
			env.Vars[name] = y
		}
		out, err := g.f.Run(env)
		if err != nil {
			return 0, 0, false, nil
		}
		g.z[s] = append(g.z[s][:0], out[0].Data...)
	}
	d1, d2 := g.along(g.z[0], g.z[1]), g.along(g.z[2], g.z[3])/2
	c := check{curve: g.along(g.z[0], g.z0) + g.along(g.z[1], g.z0), curve2: g.along(g.z[2], g.z0) + g.along(g.z[3], g.z0)}
	if _, err = g.f.Run(g.space.env); err != nil {
		return 0, 0, false, err
	}
	bound = 2*math.Abs(d2-d1) + 4*g.eta
	scale := math.Max(math.Abs(d1), math.Abs(claim))
	if !(math.Abs(d1-claim) <= bound && bound <= 1e-4*scale) || g.kinked(c) {
		return 0, 0, false, nil
	}
	return math.Abs(d1-claim) / scale, bound / scale, true, nil
}
