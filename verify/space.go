package verify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// space draws points at which all roots have a value: sizes, and a value for
// every variable. Variables that stand for something else (differentials of
// defined names, adjoints) get the value of what they stand for.
type space struct {
	opt   Options
	rng   *rand.Rand
	prog  *expr.Program
	roots *eval.Plan // strict
	base  *eval.Plan // strict: what derived variables are computed from, or nil

	inputs  []*input // drawn, in a fixed order
	derived []*derivedVar
	moving  map[string]bool // inputs whose differential is not zero
	symbols []string
	taken   map[int]bool // whole sizes of the program

	layout []int // assignment of sizes, by index into layouts
	tried  int   // sizes tried
	env    eval.Env
	count  int // points drawn
	why    string

	plans    map[*expr.Node]*eval.Plan
	drawnFor map[string]*num.Mat // direction of an input: the value it was drawn for
	drawnAt  map[string]int      // adjoint of the objective: the point it was drawn at
}

// input is a variable that is drawn.
type input struct {
	v     *expr.Var
	hints []manner
	now   manner
	set   bool // now was chosen
}

// derivedVar is a variable with the value of something else.
type derivedVar struct {
	v  *expr.Var
	of *expr.Node
}

// newSpace prepares to draw for the roots, and for the extra variables.
func newSpace(prog *expr.Program, roots []*expr.Node, extra []*expr.Var, opt Options) (*space, error) {
	s := &space{opt: opt, prog: prog, rng: rand.New(rand.NewPCG(uint64(opt.Seed), 0x6d617464))}
	s.plans = make(map[*expr.Node]*eval.Plan)
	s.drawnFor, s.drawnAt = make(map[string]*num.Mat), make(map[string]int)
	s.env = eval.Env{Vars: make(map[string]*num.Mat), Sizes: make(map[string]int)}
	s.roots = eval.Compile(roots...)
	s.roots.Strict = true
	s.roots.MaxEntries = maxEntries
	var below []*expr.Node
	seen := make(map[string]bool)
	var take func(v *expr.Var) error
	take = func(v *expr.Var) error {
		if seen[v.Name] {
			return nil
		}
		seen[v.Name] = true
		switch v.Kind {
		case expr.Input:
			s.inputs = append(s.inputs, &input{v: v})
		case expr.Differential:
			if v.Of == nil {
				return fmt.Errorf("differential %s stands for nothing", v.Name)
			}
			s.derived = append(s.derived, &derivedVar{v, v.Of})
			below = append(below, v.Of)
		case expr.Adjoint:
			s.derived = append(s.derived, &derivedVar{v, v.Of})
			if v.Of != nil {
				below = append(below, v.Of)
			}
			if prog != nil && prog.Objective.Node != nil {
				below = append(below, prog.Objective.Node)
			}
		default:
			return fmt.Errorf("variable %s has no value of its own", v.Name)
		}
		return nil
	}
	vars := s.roots.Vars()
	vars = append(vars, extra...)
	for _, v := range vars {
		if err := take(v); err != nil {
			return nil, err
		}
	}
	if len(below) > 0 {
		s.base = eval.Compile(below...)
		s.base.Strict = true
		s.base.MaxEntries = maxEntries
		for _, v := range s.base.Vars() {
			if v.Kind != expr.Input {
				return nil, fmt.Errorf("%s stands for an expression that contains %s", vars[0].Name, v.Name)
			}
			if err := take(v); err != nil {
				return nil, err
			}
		}
	}
	s.chooseMoving()
	s.readSizes()
	s.readHints()
	return s, nil
}

// chooseMoving decides which inputs have a differential that is not zero:
// those that opt names; else those whose differential occurs, since a text
// that never writes dA holds A fixed; else all but constants and data.
func (s *space) chooseMoving() {
	s.moving = make(map[string]bool)
	if s.opt.Moving != nil {
		for _, n := range s.opt.Moving {
			s.moving[n] = true
		}
		return
	}
	for _, d := range s.derived {
		if d.v.Kind == expr.Differential && isInput(d.of) {
			s.moving[d.of.Var.Name] = true
		}
	}
	if len(s.moving) > 0 {
		return
	}
	for _, in := range s.inputs {
		s.moving[in.v.Name] = !in.v.Const && in.v.Props&expr.Binary == 0
	}
}

func isInput(n *expr.Node) bool {
	return n != nil && n.Op == expr.OpVar && n.Var.Kind == expr.Input
}

// readSizes collects the size symbols and whole sizes of all shapes.
func (s *space) readSizes() {
	s.taken = make(map[int]bool)
	have := make(map[string]bool)
	see := func(d expr.Dim) {
		for _, x := range d.Symbols() {
			have[x] = true
		}
		if d.Sym == "" {
			s.taken[d.K] = true
		}
	}
	shape := func(sh expr.Shape) { see(sh.R); see(sh.C) }
	for _, p := range []*eval.Plan{s.roots, s.base} {
		for i := 0; p != nil && i < p.Len(); i++ {
			n := p.Node(i)
			shape(n.Shape)
			if n.Op == expr.OpSize {
				see(n.Dim)
			}
		}
	}
	for _, in := range s.inputs {
		shape(in.v.Shape)
	}
	for x := range have {
		s.symbols = append(s.symbols, x)
	}
	sort.Strings(s.symbols)
}

// readHints finds for each variable how the functions applied to it would
// have it drawn.
func (s *space) readHints() {
	byName := make(map[string]*input)
	for _, in := range s.inputs {
		byName[in.v.Name] = in
	}
	for _, p := range []*eval.Plan{s.roots, s.base} {
		for i := 0; p != nil && i < p.Len(); i++ {
			n := p.Node(i)
			f, ok := n.Fn.(*rules.Func)
			if n.Op != expr.OpCall || !ok {
				continue
			}
			for k, a := range n.Args {
				for a.Op == expr.OpT {
					a = a.Args[0]
				}
				if !isInput(a) || byName[a.Var.Name] == nil {
					continue
				}
				in := byName[a.Var.Name]
				if m, ok := hinted[f.Domain.Sampler]; ok && k == 0 {
					in.hints = append(in.hints, m)
				}
				if f.Family == "comparison" {
					in.hints = append(in.hints, whole)
				}
			}
		}
	}
}

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
	// Two assignments of sizes take turns, so that no claim passes by a
	// coincidence of sizes (1/2 for 1/N at N = 2).
	if s.layout == nil {
		s.layout = []int{0, 1}
		s.tried = 2
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

// assign gives the size symbols the values of assignment k: pairwise distinct
// small numbers, none of them a whole size of the program.
func (s *space) assign(k int) {
	rng := rand.New(rand.NewPCG(uint64(s.opt.Seed), uint64(1000+k/2)))
	var pool []int
	most := min(len(s.symbols), 8)
	from := 3 // 2×2 matrices satisfy too many identities
	if len(s.symbols) > 4 {
		from = 2
	}
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
	for name, v := range s.opt.Sizes {
		if _, ok := s.env.Sizes[name]; ok {
			s.env.Sizes[name] = v
		}
	}
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
			return true, nil
		}
		var de *eval.DomainError
		if !errors.As(err, &de) {
			return false, err
		}
		s.why = de.Reason
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
