package verify

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// mutant is a gradient with one mistake.
type mutant struct {
	kind string
	node *expr.Node
}

// mutants makes every mistake of the list at every node of a gradient.
func mutants(b *expr.Builder, root *expr.Node) []mutant {
	var out []mutant
	for _, n := range expr.Topo(root) {
		put := func(kind string, r *expr.Node) {
			if r == n || r.Shape != n.Shape {
				return
			}
			if m := b.Subst(root, map[*expr.Node]*expr.Node{n: r}); m != root {
				out = append(out, mutant{kind, m})
			}
		}
		if n.Op != expr.OpNum {
			put("sign", b.Neg(n))
			put("factor 2", b.Scale(b.Int(2), n))
			put("factor ½", b.Scale(b.Rat(1, 2), n))
		}
		if n.Shape.IsSquare() && !n.IsScalar() {
			put("transpose", b.T(n))
		}
		switch n.Op {
		case expr.OpAdd:
			for i := range n.Args {
				put("dropped term", b.Add(without(n.Args, i)...))
				signs := append([]*expr.Node(nil), n.Args...)
				signs[i] = b.Neg(signs[i])
				put("sign of a term", b.Add(signs...))
			}
		case expr.OpMul:
			for i := 0; i+1 < len(n.Args); i++ {
				a, c := n.Args[i], n.Args[i+1]
				swapped := append([]*expr.Node(nil), n.Args...)
				swapped[i], swapped[i+1] = c, a
				if chains(swapped) {
					put("swapped factors", b.Mul(swapped...))
				}
				if a.Shape == c.Shape {
					had := append([]*expr.Node(nil), n.Args[:i]...)
					had = append(had, b.Had(a, c))
					put("Hadamard for product", b.Mul(append(had, n.Args[i+2:]...)...))
				}
			}
			for i, a := range n.Args {
				if a.Shape.IsSquare() && len(n.Args) > 1 {
					put("dropped factor", b.Mul(without(n.Args, i)...))
				}
			}
		case expr.OpHad:
			for i := range n.Args {
				put("dropped factor", b.Had(without(n.Args, i)...))
			}
			if n.Shape.IsSquare() && len(n.Args) == 2 && !n.IsScalar() {
				put("product for Hadamard", b.Mul(n.Args...))
			}
		case expr.OpPow:
			put("exponent", b.Pow(n.Args[0], b.Add(n.Args[1], b.Int(1))))
		case expr.OpCall:
			if f := n.Fn.(*rules.Func); f.Elementwise && len(n.Args) == 1 {
				put("inner part", n.Args[0])
			}
		}
	}
	return out
}

func without(args []*expr.Node, i int) []*expr.Node {
	return append(append([]*expr.Node(nil), args[:i]...), args[i+1:]...)
}

func chains(args []*expr.Node) bool {
	for i := 1; i < len(args); i++ {
		if args[i-1].Shape.C != args[i].Shape.R {
			return false
		}
	}
	return true
}

// distance compares two gradients at points of the domain of both and of the
// objective: the largest difference relative to the larger value. It takes
// nothing from the verifier but its points, each entry moved by a share of its
// own, lest the points have a structure by which both are equal.
func distance(prog *expr.Program, a, b *expr.Node) (float64, error) {
	s, err := newSpace(prog, []*expr.Node{a, b, prog.Objective.Node}, nil, Options{Seed: 99}.filled())
	if err != nil {
		return 0, err
	}
	worst := 0.0
	p := eval.Compile(a, b)
	rng := rand.New(rand.NewPCG(99, 1))
	for i := 0; i < 10; i++ {
		if err := s.next(context.Background()); err != nil {
			return 0, err
		}
		env := eval.Env{Vars: map[string]*num.Mat{}, Sizes: s.env.Sizes}
		for name, x := range s.env.Vars {
			if v := prog.VarNamed(name); v != nil && v.Props&^(expr.Positive|expr.Nonnegative) == 0 {
				x = x.Clone()
				for k := range x.Data {
					x.Data[k] *= 1 + 0.1*(rng.Float64()-0.5)
				}
			}
			env.Vars[name] = x
		}
		out, err := p.Run(env)
		if err != nil {
			if out, err = p.Run(s.env); err != nil {
				return 0, err
			}
		}
		scale := math.Max(out[0].MaxAbs(), out[1].MaxAbs())
		for k, v := range out[0].Data {
			if d := math.Abs(v - out[1].Data[k]); d > 0 {
				worst = math.Max(worst, d/scale)
			}
		}
	}
	return worst, nil
}

// differ compares two gradients at a counterexample.
func differ(t *testing.T, c *Counterexample, a, b *expr.Node) float64 {
	env := eval.Env{Vars: c.Point, Sizes: c.Sizes}
	x, err := eval.Eval(a, env)
	if err != nil {
		t.Fatal(err)
	}
	y, err := eval.Eval(b, env)
	if err != nil {
		t.Fatal(err)
	}
	d := 0.0
	for k, v := range x.Data {
		d = math.Max(d, math.Abs(v-y.Data[k]))
	}
	return d / math.Max(x.MaxAbs(), y.MaxAbs())
}

// tally counts mutants by what became of them.
type tally struct{ caught, equal, without int }

// try judges the mutants of one gradient; keep thins them out.
func (n *tally) try(t *testing.T, where string, prog *expr.Program, c Claim, s *expr.Node, keep func() bool) {
	b := prog.B
	for _, m := range mutants(b, c.Node) {
		if !keep() {
			continue
		}
		good, bad := b.Scale(s, c.Node), b.Scale(s, m.node)
		d, err := distance(prog, good, bad)
		if err != nil {
			n.without++ // the mutant has no value where the objective has one
			continue
		}
		rep, err := Gradients(context.Background(), prog, []Claim{{c.Wrt, bad}}, Options{})
		if err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		v := rep.Variables[0]
		if v.Counter != nil && d < 1e-10 {
			d = differ(t, v.Counter, good, bad) // a rare region of a piecewise function
		}
		switch {
		case d < 1e-10:
			n.equal++
			if !v.Verdict.Right() {
				t.Errorf("%s, %s: right, but %v: %s", where, m.kind, v.Verdict, v.Reason)
			}
		case v.Verdict == Fail:
			n.caught++
		default:
			t.Errorf("%s, %s: wrong by %.1g of its size, but %v: %s", where, m.kind, d, v.Verdict, v.Reason)
		}
	}
}

func (n *tally) log(t *testing.T) {
	t.Logf("%d mutants caught, %d equal to the original passed, %d without a value", n.caught, n.equal, n.without)
	if n.without*10 > n.caught {
		t.Errorf("too many mutants could not be judged: %d", n.without)
	}
}

// thinned keeps every mutant with MATDIFF_SLOW, else one in that many.
func thinned(every int) func() bool {
	slow := os.Getenv("MATDIFF_SLOW") != ""
	rng := rand.New(rand.NewPCG(7, 7))
	return func() bool { return slow || rng.IntN(every) == 0 }
}

// Every mutant that changes the value is caught and no right gradient fails,
// at three scales of the objective.
func TestMutants(t *testing.T) {
	var n tally
	keep := thinned(20)
	for _, c := range cases {
		for _, sc := range scales {
			k := newKit()
			q, gs := c.build(k)
			s := k.Int(1)
			if q.IsScalar() {
				s = k.Rat(sc.p, sc.q)
			}
			prog := k.program(q, s)
			for _, cl := range k.claims(gs) {
				n.try(t, fmt.Sprintf("%s, ∂/∂%s, scale %s", c.name, cl.Wrt.Name, sc.name), prog, cl, s, keep)
			}
		}
	}
	n.log(t)
}

// The same with the gradients of the textbook corpus.
func TestTextbookMutants(t *testing.T) {
	var n tally
	keep := thinned(400)
	for _, c := range library(t) {
		for _, sc := range scales {
			prog, claims, err := c.claims()
			if err != nil {
				t.Fatalf("%s %s: %v", c.file, c.id, err)
			}
			s := prog.B.Int(1)
			if q := prog.Objective.Node; q.IsScalar() {
				s = prog.B.Rat(sc.p, sc.q)
				prog.Objective.Node = prog.B.Had(s, q)
			}
			for _, cl := range claims {
				n.try(t, fmt.Sprintf("%s %s, ∂/∂%s, scale %s", c.file, c.id, cl.Wrt.Name, sc.name), prog, cl, s, keep)
			}
		}
	}
	n.log(t)
}
