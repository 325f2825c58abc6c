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
// nothing from the verifier but its points.
func distance(prog *expr.Program, a, b *expr.Node) (float64, error) {
	s, err := newSpace(prog, []*expr.Node{a, b, prog.Objective.Node}, nil, Options{}.filled())
	if err != nil {
		return 0, err
	}
	worst := 0.0
	p := eval.Compile(a, b)
	for i := 0; i < 6; i++ {
		if err := s.next(context.Background()); err != nil {
			return 0, err
		}
		out, err := p.Run(s.env)
		if err != nil {
			return 0, err
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

// Every mutant that changes the value is caught and no right gradient fails,
// at three scales of the objective. Without MATDIFF_SLOW a part of the mutants
// is tried.
func TestMutants(t *testing.T) {
	slow := os.Getenv("MATDIFF_SLOW") != ""
	rng := rand.New(rand.NewPCG(7, 7))
	counts := map[string][3]int{} // caught, equal, undecidable
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
				for _, m := range mutants(k.Builder, cl.Node) {
					if !slow && rng.IntN(8) > 0 {
						continue
					}
					good, bad := k.Scale(s, cl.Node), k.Scale(s, m.node)
					where := fmt.Sprintf("%s, ∂/∂%s, %s, scale %s", c.name, cl.Wrt.Name, m.kind, sc.name)
					d, err := distance(prog, good, bad)
					n := counts[m.kind]
					if err != nil {
						n[2]++ // the mutant has no value where the objective has one
						counts[m.kind] = n
						continue
					}
					rep, err := Gradients(context.Background(), prog, []Claim{{cl.Wrt, bad}}, Options{})
					if err != nil {
						t.Fatalf("%s: %v", where, err)
					}
					v := rep.Variables[0]
					switch {
					case d < 1e-10:
						n[1]++
						if !v.Verdict.Right() {
							t.Errorf("%s: right, but %v: %s", where, v.Verdict, v.Reason)
						}
					case v.Verdict == Fail:
						n[0]++
					default:
						t.Errorf("%s: wrong by %.1g of its size, but %v: %s", where, d, v.Verdict, v.Reason)
					}
					counts[m.kind] = n
				}
			}
		}
	}
	total := [3]int{}
	for _, n := range counts {
		for i := range n {
			total[i] += n[i]
		}
	}
	t.Logf("%d mutants caught, %d equal to the original passed, %d without a value", total[0], total[1], total[2])
	if total[2]*10 > total[0] {
		t.Errorf("too many mutants could not be judged: %d", total[2])
	}
}
