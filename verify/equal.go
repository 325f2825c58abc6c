package verify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// Relation is how two expressions compare.
type Relation uint8

// The relations.
const (
	Undecided Relation = iota
	Same
	Different
)

var relationNames = [...]string{"undecided", "equal", "different"}

// String names the relation.
func (r Relation) String() string {
	if int(r) < len(relationNames) {
		return relationNames[r]
	}
	return fmt.Sprintf("relation %d", uint8(r))
}

// MarshalText implements encoding.TextMarshaler.
func (r Relation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Comparison is the outcome of Equal.
type Comparison struct {
	Verdict     Relation        `json:"verdict"`
	Points      int             `json:"points"` // that decided
	MaxRelError float64         `json:"max_rel_error"`
	Reason      string          `json:"reason,omitempty"`
	Counter     *Counterexample `json:"counterexample,omitempty"` // Claim is the value of b, Truth that of a
}

// Equal tells whether a and b have the same value at every point of their
// common domain, as far as points drawn at pairwise distinct sizes tell. Two
// values are the same within 20 times their spread under rounding noise, and
// different beyond a thousand times that and 1e-9 of their scale; what lies
// between is undecided. One point at which they differ settles it.
//
// Differentials take part: that of an input is drawn, keeping its declared
// structure (symmetric, diagonal, tangent to the orthogonal matrices, rows
// that go on summing to 1), or is zero if the input is held fixed (see
// Options.Moving); that of anything else is its derivative along those by dual
// numbers. ∂Q/∂Z is the derivative of prog's objective by that part of it, by
// dual numbers; where the objective is not a scalar it is drawn. prog may be
// nil if no adjoint occurs. Errors: different shapes, variables without a
// value (holes).
func Equal(ctx context.Context, prog *expr.Program, a, b *expr.Node, opt Options) (*Comparison, error) {
	opt = opt.filled()
	if a.Shape != b.Shape {
		return nil, fmt.Errorf("shapes %v and %v differ", a.Shape, b.Shape)
	}
	if a == b {
		return &Comparison{Verdict: Same, Reason: "one expression"}, nil
	}
	s, err := newSpace(prog, []*expr.Node{a, b}, nil, opt)
	if err != nil {
		return nil, err
	}
	e := &equality{space: s, first: a, plan: eval.Compile(a, b), rng: rand.New(rand.NewPCG(uint64(opt.Seed), 4))}
	e.plan.MaxEntries = maxEntries
	return e.run(ctx, opt.Points), nil
}

type equality struct {
	space *space
	first *expr.Node
	plan  *eval.Plan
	rng   *rand.Rand
}

func (e *equality) run(ctx context.Context, points int) *Comparison {
	out := &Comparison{}
	same, zero, unclear := 0, 0, 0
	var stop error
	for draws := 0; draws < 3*points && same < points; draws++ {
		if stop = e.space.next(ctx); stop != nil {
			break
		}
		r, trivial, rel, ce := e.point()
		switch r {
		case Different:
			if !e.persists() {
				continue // a tie, which settles nothing
			}
			return e.different(out, ce, same+zero+1)
		case Same:
			out.MaxRelError = math.Max(out.MaxRelError, rel)
			if trivial {
				zero++
			} else {
				same++
			}
		default:
			unclear++
		}
	}
	out.Points = same + zero
	switch {
	case stop != nil && !errors.Is(stop, errNoPoint):
		out.Reason = sentence(stop)
	case stop != nil && out.Points < points:
		out.Reason = sentence(stop)
	case same >= points && 4*unclear <= same:
		out.Verdict = Same
	case unclear == 0 && out.Points >= points:
		out.Verdict = Same
		if same == 0 {
			out.Reason = "both are zero at every point drawn"
		}
	default:
		out.Reason = fmt.Sprintf("the values are neither clearly equal nor clearly different at %d of %d points", unclear, unclear+out.Points)
	}
	if out.Verdict == Same {
		e.probe(ctx, out)
	}
	return out
}

// different records a counterexample at the current point.
func (e *equality) different(out *Comparison, ce *Counterexample, points int) *Comparison {
	ce.Sizes, ce.Point = map[string]int{}, map[string]*num.Mat{}
	for k, v := range e.space.env.Sizes {
		ce.Sizes[k] = v
	}
	for name, m := range e.space.drawn() {
		ce.Point[name] = m.Clone()
	}
	out.Verdict, out.Counter, out.Points = Different, ce, points
	out.Reason = fmt.Sprintf("%.6g and %.6g at one point", ce.Truth, ce.Claim)
	return out
}

// equalProbes is how many more points two piecewise values are looked at.
const equalProbes = 24

// probe looks at points of more sizes, and where the values take branches at more
// points, until each was seen on both sides; only where they look different the
// point is judged.
func (e *equality) probe(ctx context.Context, out *Comparison) {
	s := e.space
	visit := func() {
		a, b := s.roots.Value(s.roots.Root(0)), s.roots.Value(s.roots.Root(1))
		if out.Verdict != Same || !apart(a, b) {
			return
		}
		if r, _, _, ce := e.point(); r == Different && e.persists() {
			e.different(out, ce, out.Points+1)
		}
	}
	if affordable(latinSizes, s.opt, s.roots) == latinSizes {
		s.everySize(ctx, visit, func() {
			if out.Verdict == Same && e.lacking(ctx) {
				out.Verdict, out.Reason = Undecided, "one of the two has no value at sizes where the other has: "+s.why
			}
		})
	}
	if len(s.branches) == 0 {
		return
	}
	for k := affordable(equalProbes, s.opt, s.roots); k > 0 && out.Verdict == Same; k-- {
		if s.next(ctx) != nil {
			return
		}
		visit()
	}
	s.reach(ctx, affordable(hunt, s.opt, s.roots), visit)
}

// lacking tells whether the first value and the objective have a value at the
// sizes at hand, at which a sign keeps the second from one: log det(−X) of a
// definite X is log det(X) where the size is even, and nothing elsewhere. An
// inverse is another matter: (X'X)⁻¹X'y solves X'(X w − y) = 0 where it exists.
func (e *equality) lacking(ctx context.Context) bool {
	s, roots := e.space, []*expr.Node{e.first}
	if s.outside == nil {
		return false
	}
	if f, ok := s.outside.Fn.(*rules.Func); !ok || f.Domain.Sampler != "positive" && f.Domain.Sampler != "spd" {
		return false
	}
	if s.prog != nil && s.prog.Objective.Node != nil {
		roots = append(roots, s.prog.Objective.Node)
	}
	opt := s.opt
	opt.Sizes = maps.Clone(s.env.Sizes)
	alone, err := newSpace(s.prog, roots, nil, opt)
	if err != nil {
		return false
	}
	ok, err := alone.search(ctx, latin)
	return ok && err == nil
}

// apart tells whether two values differ by more than rounding may have made.
func apart(a, b *num.Mat) bool {
	scale := math.Max(a.MaxAbs(), b.MaxAbs())
	for i, v := range a.Data {
		if !(math.Abs(v-b.Data[i]) <= 1e-9*scale) {
			return true
		}
	}
	return false
}

const equalNoise = 6

// point compares at the current point of the space.
func (e *equality) point() (r Relation, trivial bool, rel float64, ce *Counterexample) {
	a, b := e.space.roots.Value(e.space.roots.Root(0)).Clone(), e.space.roots.Value(e.space.roots.Root(1)).Clone()
	eta := make([]float64, len(a.Data))
	env := eval.Env{Vars: make(map[string]*num.Mat, len(e.space.env.Vars)), Sizes: e.space.env.Sizes}
	for k, v := range e.space.env.Vars {
		env.Vars[k] = v
	}
	e.plan.Noise = nil
	if _, err := e.plan.Run(env); err != nil {
		return Undecided, true, 0, nil
	}
	e.plan.Noise = e.rng
	for k := 0; k < equalNoise; k++ {
		for _, d := range e.space.derived {
			env.Vars[d.v.Name] = e.blurred(e.space.env.Vars[d.v.Name], d)
		}
		out, err := e.plan.Run(env)
		if err != nil {
			continue
		}
		for i := range eta {
			eta[i] = math.Max(eta[i], math.Abs(out[0].Data[i]-a.Data[i])+math.Abs(out[1].Data[i]-b.Data[i]))
		}
	}
	scale, spread := math.Max(a.MaxAbs(), b.MaxAbs()), 0.0
	r = Same
	for i := range eta {
		spread = math.Max(spread, eta[i])
		d := math.Abs(a.Data[i] - b.Data[i])
		switch {
		case d <= 20*eta[i]+1e-12*scale:
		case d > 1e3*eta[i]+1e-9*scale:
			r = Different
			if scale > 0 && d/scale > rel {
				rel = d / scale
				ce = &Counterexample{Row: i/a.C + 1, Col: i%a.C + 1, Truth: a.Data[i], Claim: b.Data[i]}
			}
			continue
		case r == Same:
			r = Undecided
		}
		if r == Same && scale > 0 {
			rel = math.Max(rel, d/scale)
		}
	}
	return r, scale <= 20*spread, rel, ce
}

// blurred moves the value of a derived variable by the rounding error that its
// computation may have made. Drawn values are exact.
func (e *equality) blurred(m *num.Mat, d *derivedVar) *num.Mat {
	if d.v.Kind == expr.Differential && isInput(d.of) {
		return m
	}
	out, top := m.Clone(), m.MaxAbs()
	for k := range out.Data {
		out.Data[k] += top * 0x1p-50 * (2*e.rng.Float64() - 1)
	}
	return out
}
