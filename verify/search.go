package verify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// errNoPoint says that no point was found at which everything has a value.
var errNoPoint = errors.New("no point found")

const (
	sizeTries  = 30  // assignments of sizes to try
	pointTries = 150 // draws at each of the first two
	laterTries = 30  // and of the others
)

// next draws a point into env. The matrices are new ones each time.
func (s *space) next(ctx context.Context) error {
	s.count++
	// Four assignments of sizes take turns, so that no claim passes by a
	// coincidence of sizes (1/3 for 1/N at N = 3).
	if s.layout == nil {
		s.layout = []int{0, 1, 2, 3}
		s.tried = len(s.layout)
	}
	turn := s.count % len(s.layout)
	for {
		ok, err := s.search(ctx, s.layout[turn])
		if ok || err != nil {
			return err
		}
		if s.tried >= sizeTries || len(s.symbols) == 0 {
			break
		}
		s.layout[turn] = s.tried
		s.tried++
	}
	// The other assignment may have worked before.
	for _, l := range s.layout {
		if ok, err := s.search(ctx, l); ok || err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: %s", errNoPoint, s.why)
}

// latin is the number of the first of latinSizes assignments that form a latin
// square: in each the sizes are pairwise distinct, and over all of them each
// size takes every value, 2 to 7 where none of these is a size of the program.
const (
	latin      = 100
	latinSizes = 6
)

// everySize draws a point at each assignment of the latin square and calls
// visit there, or none where no point was found: a claim may be wrong at one
// size only.
func (s *space) everySize(ctx context.Context, visit, none func()) {
	if len(s.symbols) == 0 {
		return
	}
	for k := 0; k < latinSizes; k++ {
		s.count++
		ok, err := s.search(ctx, latin+k)
		if err != nil {
			return
		}
		if ok {
			visit()
		} else if none != nil {
			none()
		}
	}
}

// square gives the size symbols the values of row k of the latin square.
func (s *space) square(k int) {
	var pool []int
	for v := 2; len(pool) < max(latinSizes, min(len(s.symbols), 8)); v++ {
		if !s.taken[v] {
			pool = append(pool, v)
		}
	}
	order := rand.New(rand.NewPCG(uint64(s.opt.Seed), latin)).Perm(len(pool))
	clear(s.env.Sizes)
	for i, x := range s.symbols {
		s.env.Sizes[x] = pool[(order[i%len(pool)]+k)%len(pool)]
	}
	s.fixSizes()
}

// fixSizes gives symbols the values that the options ask for.
func (s *space) fixSizes() {
	for name, v := range s.opt.Sizes {
		if _, ok := s.env.Sizes[name]; ok {
			s.env.Sizes[name] = v
		}
	}
}

// assign gives the size symbols the values of assignment k: pairwise distinct
// small numbers, none of them a whole size of the program.
func (s *space) assign(k int) {
	if k >= latin {
		s.square(k - latin)
		return
	}
	rng := rand.New(rand.NewPCG(uint64(s.opt.Seed), uint64(1000+k/2)))
	var pool []int
	most := min(len(s.symbols), 8)
	from := 3 // 2×2 matrices satisfy too many identities
	if len(s.symbols) > 4 {
		from = 2
	}
	from += k / 2 % 2
	for v := from; len(pool) < most; v++ {
		if !s.taken[v] {
			pool = append(pool, v)
		}
	}
	if k%2 == 1 {
		// The partner of assignment k-1 changes every size.
		last := pool[len(pool)-1] + 1
		for s.taken[last] {
			last++
		}
		pool = append(pool[1:], last)
	}
	order := rng.Perm(len(pool))
	clear(s.env.Sizes)
	for i, x := range s.symbols {
		// More than eight symbols share the numbers in turn; neighbours differ.
		s.env.Sizes[x] = pool[order[i%len(pool)]]
	}
	s.fixSizes()
}

// search draws at one assignment of sizes until everything has a value. Where
// a function refuses its operand it draws the variables below anew, in other
// manners, and keeps a draw that gets at least as far through the roots.
func (s *space) search(ctx context.Context, layout int) (bool, error) {
	if len(s.symbols) > 0 {
		s.assign(layout)
	}
	for _, in := range s.inputs {
		if !in.set {
			in.now, in.set = s.first(in), true
		}
		if err := s.put(in, in.now, s.count%3 == 0); err != nil {
			return false, err
		}
	}
	best := -1
	tries := pointTries
	if layout > 1 {
		tries = laterTries
	}
	for try := 0; try < tries; try++ {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		at, blamed, err := s.evaluate()
		if err == nil {
			s.fresh = s.observe()
			return true, nil
		}
		var de *eval.DomainError
		if !errors.As(err, &de) {
			return false, err
		}
		s.why, s.outside = de.Reason, de.Node
		if at >= best {
			best = at
		}
		if len(blamed) == 0 {
			return false, nil
		}
		// Try other manners for some of the variables to blame; go back if
		// that fails earlier.
		type old struct {
			in  *input
			m   manner
			mat *num.Mat
		}
		var undo []old
		for _, in := range blamed {
			if len(blamed) > 1 && s.rng.IntN(3) == 0 && len(undo) > 0 {
				continue
			}
			undo = append(undo, old{in, in.now, s.env.Vars[in.v.Name]})
			if try%4 != 3 {
				in.now = s.other(in)
			}
			if err := s.put(in, in.now, false); err != nil {
				return false, err
			}
		}
		if again, _, err := s.evaluate(); err != nil && again < best && s.rng.IntN(8) > 0 {
			for _, o := range undo {
				o.in.now = o.m
				s.env.Vars[o.in.v.Name] = o.mat
			}
		}
	}
	return false, nil
}

// first is the manner to begin with.
func (s *space) first(in *input) manner {
	for _, h := range in.hints {
		if h != whole {
			return h
		}
	}
	return normal
}

// other picks a manner at random, those hinted at more often.
func (s *space) other(in *input) manner {
	if len(in.hints) > 0 && s.rng.IntN(3) == 0 {
		return in.hints[s.rng.IntN(len(in.hints))]
	}
	r, c := s.size(in.v.Shape)
	list := manners(in.v.Props, r, c)
	return list[s.rng.IntN(len(list))]
}

func (s *space) size(sh expr.Shape) (int, int) {
	r, err := sh.R.Eval(s.env.Sizes)
	if err != nil {
		return 0, 0
	}
	c, err := sh.C.Eval(s.env.Sizes)
	if err != nil {
		return 0, 0
	}
	return r, c
}

// put draws a variable; fresh asks for the edge cases of its properties.
func (s *space) put(in *input, m manner, fresh bool) error {
	if x, ok := s.opt.At[in.v.Name]; ok {
		s.env.Vars[in.v.Name] = x.Clone()
		return nil
	}
	r, c := s.size(in.v.Shape)
	if sh := in.v.Shape; sh.R.Sym == "" && sh.C.Sym == "" && r > 0 && c > 0 && r > maxEntries/c {
		return fmt.Errorf("%w: %s is %v, more than the %d entries that are evaluated; with letters for its sizes it is verified at small ones", errNoPoint, in.v.Name, sh, maxEntries)
	}
	if r <= 0 || c <= 0 || r > maxEntries/c {
		return fmt.Errorf("%w: variable %s would be %v with the sizes drawn", errNoPoint, in.v.Name, in.v.Shape)
	}
	// Labels and counts take turns with numbers in general.
	if s.count%2 == 0 && in.now == normal && len(in.hints) > 0 && in.hints[0] == whole && in.v.Props == 0 {
		m = whole
	}
	x := draw(s.rng, in.v.Props, m, r, c, fresh)
	if x == nil {
		return fmt.Errorf("%w: nothing drawn is %s (variable %s)", errNoPoint, in.v.Props, in.v.Name)
	}
	if s.zoom != 0 && in.v.Props&(expr.Binary|expr.Simplex|expr.Stochastic|expr.Orthogonal) == 0 {
		x = num.Scale(s.zoom, x)
	}
	s.env.Vars[in.v.Name] = x
	return nil
}

// evaluate computes the derived variables and the roots. On failure it tells
// how far it got and which inputs are to blame.
func (s *space) evaluate() (at int, blamed []*input, err error) {
	if s.base != nil {
		if _, err := s.base.Run(s.env); err != nil {
			at, blamed = s.blame(s.base, err)
			return at, blamed, err
		}
	}
	for _, d := range s.derived {
		m, err := s.derive(d)
		if err != nil {
			return 0, s.inputs, err
		}
		s.env.Vars[d.v.Name] = m
	}
	if _, err := s.roots.Run(s.env); err != nil {
		at, blamed = s.blame(s.roots, err)
		if s.base != nil {
			at += s.base.Len()
		}
		return at, blamed, err
	}
	return 0, nil, nil
}

func (s *space) blame(p *eval.Plan, err error) (int, []*input) {
	var de *eval.DomainError
	if !errors.As(err, &de) {
		return 0, nil
	}
	below := make(map[string]bool)
	for _, v := range p.Below(de.Slot) {
		if v.Kind != expr.Input {
			return de.Slot, s.inputs
		}
		below[v.Name] = true
	}
	var out []*input
	for _, in := range s.inputs {
		if _, fixed := s.opt.At[in.v.Name]; below[in.v.Name] && !fixed {
			out = append(out, in)
		}
	}
	return de.Slot, out
}

// drawn returns the values of the variables, derived ones included.
func (s *space) drawn() map[string]*num.Mat {
	out := make(map[string]*num.Mat, len(s.inputs)+len(s.derived))
	for _, in := range s.inputs {
		out[in.v.Name] = s.env.Vars[in.v.Name]
	}
	for _, d := range s.derived {
		out[d.v.Name] = s.env.Vars[d.v.Name]
	}
	return out
}
