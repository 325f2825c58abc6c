package verify

import (
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

	layout   []int // assignment of sizes, by index into layouts
	tried    int   // sizes tried
	env      eval.Env
	count    int // points drawn
	why      string
	outside  *expr.Node // what has no value there
	branches []*branch
	fresh    bool    // the point shows a new side of a branch
	zoom     float64 // times the entries of variables that are free to have any size; 0 for 1

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
	take := func(v *expr.Var) error {
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
		s.base.Strict, s.base.Smooth = true, true
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
	s.readBranches()
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
