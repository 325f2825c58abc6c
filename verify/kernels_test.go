package verify

import (
	"context"
	"math"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// operands lists shapes to try for a parameter of a function.
var tried = []expr.Shape{
	{R: dim("n"), C: dim("m")}, {R: dim("n"), C: dim("n")}, {R: dim("n"), C: dim(1)}, {R: dim(1), C: dim("m")},
	{R: dim("m"), C: dim("n")}, {R: dim("m"), C: dim(1)}, expr.Scalar,
}

// applications lists the calls of f on distinct variables of the shapes tried
// that f accepts.
func applications(k *kit, f *rules.Func) []*expr.Node {
	var out []*expr.Node
	least, most := f.Arity()
	for _, p := range f.Params {
		if p.Default != "" {
			least = most // infer fills in what a text leaves out
		}
	}
	for n := max(least, 1); n <= most && n <= 4; n++ {
		pick := make([]int, n)
		for {
			args := make([]*expr.Node, n)
			for i, p := range pick {
				args[i] = k.Var(&expr.Var{Name: string(rune('A'+i)) + tried[p].String(), Shape: tried[p]})
			}
			if c, err := k.Call(f, args...); err == nil {
				out = append(out, c)
			}
			i := 0
			for ; i < n; i++ {
				if pick[i]++; pick[i] < len(tried) {
					break
				}
				pick[i] = 0
			}
			if i == n {
				break
			}
		}
	}
	return out
}

// The dual kernel of every function agrees with differences of its value in
// every operand, at every shape it accepts: the two oracles agree.
func TestDualKernels(t *testing.T) {
	for _, f := range rules.All() {
		if f.Op != expr.OpNum || f.Eval == nil && f.F == nil {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			k := newKit()
			calls := applications(k, f)
			if len(calls) == 0 {
				t.Skip("takes shapes that the context must give")
			}
			for _, call := range calls {
				agree(t, k, f, call)
			}
		})
	}
}

func agree(t *testing.T, k *kit, f *rules.Func, call *expr.Node) {
	prog := &expr.Program{B: k.Builder, Objective: expr.Def{Node: call}}
	var claims []Claim
	for i, a := range call.Args {
		if f.Params[min(i, len(f.Params)-1)].NoD == "" {
			claims = append(claims, Claim{a.Var, k.Zeros(a.Shape)})
		}
	}
	g, err := newGradients(prog, claims, Options{Seed: 5}.filled())
	if err != nil {
		t.Fatal(err)
	}
	kinks, checks := 0, 0
	for p := 0; p < 3; p++ {
		if err := g.space.next(context.Background()); err != nil {
			t.Errorf("%v: %v", call.Args[0].Shape, err)
			return
		}
		if err := g.prepare(); err != nil {
			t.Errorf("%v: %v", call.Args[0].Shape, err)
			return
		}
		for i, s := range g.subj {
			x := g.space.env.Vars[s.Wrt.Name]
			reached := g.f.Reached(s.Wrt.Name)
			for _, d := range g.directions(s, x, 1000) {
				c, err := g.difference(i, x, d, reached)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := g.f.Update(g.space.env, reached); err != nil {
					t.Fatal(err)
				}
				checks++
				if g.kinked(c) {
					kinks++
					continue
				}
				v, _, err := g.tangent(s, x, d)
				if err != nil {
					t.Errorf("%v: %v", call.Args[0].Shape, err)
					return
				}
				if !(math.Abs(v-c.diff) <= c.bound+1e-9*math.Abs(v)) {
					t.Errorf("by operand %d (%v) at %v: dual %.12g, differences %.12g ± %.1g", i+1, s.Wrt.Shape, x, v, c.diff, c.bound)
					return
				}
			}
		}
	}
	if checks > 0 && kinks*2 > checks {
		t.Errorf("%d of %d differences at kinks", kinks, checks)
	}
}
