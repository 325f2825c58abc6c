package verify

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// at prepares to judge claims at the values given, sizes with them.
func at(t *testing.T, k *kit, q *expr.Node, claims []Claim, vars map[string]*num.Mat, sizes map[string]int) *gradients {
	t.Helper()
	g, err := newGradients(k.program(q, k.Int(1)), claims, Options{At: vars, Sizes: sizes}.filled())
	if err != nil {
		t.Fatal(err)
	}
	if err := g.space.next(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := g.prepare(); err != nil {
		t.Fatal(err)
	}
	return g
}

// entryCheck takes the differences by entry i of the first claim's variable.
func (g *gradients) entryCheck(t *testing.T, i int) (check, *num.Mat) {
	t.Helper()
	name := g.subj[0].Wrt.Name
	x := g.space.env.Vars[name]
	c, err := g.difference(0, x, entry(i, i+1, 1), g.f.Reached(name))
	if err != nil {
		t.Fatal(err)
	}
	return c, x
}

// TestContract goes through what the design says of verification, sentence by
// sentence.
func TestContract(t *testing.T) {
	t.Run("central differences with h = ε^(1/3)·max(|x_ij|, rms(X)), dividing by the actual (x+h)−(x−h)", func(t *testing.T) {
		if Step != math.Cbrt(math.Nextafter(1, 2)-1) {
			t.Errorf("ε^(1/3) is %g", Step)
		}
		for _, v := range [][]float64{{1, 1, 1}, {1e6, 1, 0}, {1e-9, 2e-9, -3e-9}, {12345.678, 0.001, -7}, {0, 0, 0}} {
			k := newKit()
			x := k.v("x", "n", 1)
			vars := map[string]*num.Mat{"x": {R: 3, C: 1, Data: v}}
			g := at(t, k, k.norm2(x), []Claim{{x.Var, k.sc(2, x)}}, vars, map[string]int{"n": 3})
			root := math.Sqrt((v[0]*v[0] + v[1]*v[1] + v[2]*v[2]) / 3)
			for i, e := range v {
				c, now := g.entryCheck(t, i)
				h := Step * math.Max(math.Abs(e), root)
				if h == 0 {
					h = Step
				}
				hi, lo := e+h, e-h
				if want := (hi - lo) / 2; math.Abs(c.t-want) > 1e-15*want {
					t.Errorf("x = %v, entry %d: the step is %.17g, want %.17g", v, i, c.t, want)
				}
				f := func(y float64) float64 {
					s := 0.0
					for j, u := range v {
						if j == i {
							u = y
						}
						s += u * u
					}
					return s
				}
				if want := (f(hi) - f(lo)) / (hi - lo); math.Abs(c.diff-want) > 1e-8*(math.Abs(want)+root) {
					t.Errorf("x = %v, entry %d: difference %.17g, want %.17g", v, i, c.diff, want)
				}
				if now.Data[i] != e {
					t.Errorf("x = %v, entry %d: not put back", v, i)
				}
			}
		}
	})

	t.Run("pairwise distinct sizes, none of them one that the program names", func(t *testing.T) {
		k := newKit()
		A, B, C := k.v("A", "n", "m"), k.v("B", "m", "p"), k.v("C", 4, "p")
		q := k.Add(k.sum(k.Mul(A, B)), k.sum(C))
		s, err := newSpace(k.program(q, k.Int(1)), []*expr.Node{q}, nil, Options{}.filled())
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		for range 12 {
			if err := s.next(context.Background()); err != nil {
				t.Fatal(err)
			}
			z := s.env.Sizes
			if z["n"] == z["m"] || z["m"] == z["p"] || z["n"] == z["p"] || z["n"] == 4 || z["m"] == 4 || z["p"] == 4 {
				t.Errorf("sizes %v", z)
			}
			seen[z["n"]] = true
		}
		if len(seen) < 2 {
			t.Errorf("n is always one of %v", seen)
		}
	})

	t.Run("at least 7 points", func(t *testing.T) {
		for _, points := range []int{-1, 0, 1, 7, 20} {
			k := newKit()
			x := k.v("x", "n", 1)
			rep, err := Gradients(context.Background(), k.program(k.norm2(x), k.Int(1)), []Claim{{x.Var, k.sc(2, x)}}, Options{Points: points})
			if err != nil {
				t.Fatal(err)
			}
			if v := rep.Variables[0]; v.Verdict != Pass || v.Points < max(7, points) || rep.Points != max(7, points) {
				t.Errorf("%d points asked for: %v at %d of %d", points, v.Verdict, v.Points, rep.Points)
			}
		}
	})

	t.Run("points keep the declared properties, and have no others", func(t *testing.T) {
		k := newKit()
		X, S, Y, y, p := k.v("X", "n", "n"), k.v("S", "n", "n", expr.SPD), k.v("Y", "n", "k", expr.OneHot), k.v("y", "n", 1, expr.Binary), k.v("p", "k", 1)
		q := k.Add(k.f("logdet", X), k.f("logdet", S), k.sum(Y), k.sum(y), k.sum(k.Had(p, k.f("log", p))), k.f("entropy", p))
		s, err := newSpace(k.program(q, k.Int(1)), []*expr.Node{q}, nil, Options{}.filled())
		if err != nil {
			t.Fatal(err)
		}
		zero, one := 0, 0
		for range 7 {
			if err := s.next(context.Background()); err != nil {
				t.Fatal(err)
			}
			v := s.env.Vars
			for _, in := range s.inputs {
				if !Satisfies(v[in.v.Name], in.v.Props) {
					t.Errorf("%s = %v is not %v", in.v.Name, v[in.v.Name], in.v.Props)
				}
			}
			if Satisfies(v["X"], expr.Symmetric) {
				t.Errorf("nobody declared X symmetric: %v", v["X"])
			}
			if math.Abs(total(v["p"].Data)-1) < 0.01 {
				t.Errorf("nobody declared p a simplex: %v", v["p"])
			}
			if _, sign := num.LogDet(v["X"]); sign <= 0 {
				t.Errorf("the determinant of X is not positive: %v", v["X"])
			}
			for _, e := range v["y"].Data {
				if e == 0 {
					zero++
				} else {
					one++
				}
			}
		}
		if zero == 0 || one == 0 {
			t.Errorf("binary data: %d zeros, %d ones", zero, one)
		}
	})

	t.Run("error bound 2·|D(2h)−D(h)| + 2η/h, η the spread of f under ±2 ulp at every node", func(t *testing.T) {
		k := newKit()
		x := k.v("x", "n", 1)
		q := k.sum(k.f("exp", x))
		vars := map[string]*num.Mat{"x": {R: 3, C: 1, Data: []float64{1, 2, -1}}}
		g := at(t, k, q, []Claim{{x.Var, k.f("exp", x)}}, vars, map[string]int{"n": 3})
		c, _ := g.entryCheck(t, 1)
		h := c.t
		truncation := math.Exp(2) * math.Sinh(h) / h
		double := math.Exp(2) * math.Sinh(2*h) / (2 * h)
		if want := 2*math.Abs(c.diff2-c.diff) + 2*g.eta/h; c.bound != want {
			t.Errorf("bound %g, want %g", c.bound, want)
		}
		if math.Abs((c.diff2-c.diff)-(double-truncation)) > 4*g.eta/h {
			t.Errorf("D(2h) − D(h) is %g, want %g", c.diff2-c.diff, double-truncation)
		}
		// f is about 10.5: one rounding of it is 1e-15, and no more than a dozen
		// of that size meet.
		if g.eta < 1e-16 || g.eta > 3e-14 {
			t.Errorf("η = %g", g.eta)
		}
		if math.Abs(c.diff-math.Exp(2)) > c.bound {
			t.Errorf("the error %g exceeds the bound %g", c.diff-math.Exp(2), c.bound)
		}
	})

	t.Run("the bound holds: differences are within it of the truth", func(t *testing.T) {
		for _, known := range cases {
			k := newKit()
			q, gs := known.build(k)
			g, err := newGradients(k.program(q, k.Int(1)), k.claims(gs), Options{}.filled())
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if g.space.next(context.Background()) != nil || g.prepare() != nil {
					t.Fatal(known.name)
				}
				for i, s := range g.subj {
					x := g.space.env.Vars[s.Wrt.Name]
					reached := g.f.Reached(s.Wrt.Name)
					if len(reached) == 0 {
						continue
					}
					for _, d := range g.directions(s, x, 100) {
						c, err := g.difference(i, x, d, reached)
						if err != nil {
							t.Fatal(err)
						}
						if off := math.Abs(c.diff - c.claim); off > c.bound+10*c.noise {
							t.Errorf("%s by %s: error %g, bound %g", known.name, s.Wrt.Name, off, c.bound)
						}
					}
					if _, err := g.f.Update(g.space.env, reached); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	})

	t.Run("a second difference that does not shrink from 2h to h marks a kink", func(t *testing.T) {
		for _, c := range []struct {
			name string
			x    float64
			want bool
		}{
			{"abs", 0, true}, {"abs", 1e-7, true}, {"abs", 1, false}, {"relu", 0, true}, {"relu", -1, false},
			{"step", 0, true}, {"sign", 1e-7, true}, {"sign", 1, false}, {"exp", 0, false}, {"square", 0, false}, {"sin", 1, false},
		} {
			k := newKit()
			x := k.v("x", "n", 1)
			// Another entry gives the variable the size 1.
			vars := map[string]*num.Mat{"x": {R: 3, C: 1, Data: []float64{c.x, 1, 1.2}}}
			g := at(t, k, k.sum(k.f(c.name, x)), []Claim{{x.Var, x}}, vars, map[string]int{"n": 3})
			if d, _ := g.entryCheck(t, 0); g.kinked(d) != c.want {
				t.Errorf("%s at %g: kink %v, want %v (second differences %g, %g)", c.name, c.x, !c.want, c.want, d.curve, d.curve2)
			}
		}
	})

	t.Run("at a kink the point is drawn again", func(t *testing.T) {
		k := newKit()
		y, x := k.v("y", "n", 1, expr.Binary), k.v("x", "n", 1)
		rep, err := Gradients(context.Background(), k.program(k.sum(k.f("abs", k.Sub(k.Had(x, y), y))), k.Int(1)),
			[]Claim{{x.Var, k.Had(y, k.f("sign", k.Sub(k.Had(x, y), y)))}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v := rep.Variables[0]; v.Verdict != Pass || v.Points < 7 {
			t.Errorf("%+v", v)
		}
	})

	t.Run("verdicts: pass, fail, zero (both within noise), inconclusive (bound > 1e-4 of scale)", func(t *testing.T) {
		k := newKit()
		x, A, B := k.v("x", "n", 1), k.v("A", "n", "m"), k.v("B", "m", "n")
		cancel := k.Sub(k.f("exp", k.tr(k.Mul(A, B))), k.Had(k.f("exp", k.Scale(k.Rat(1, 3), k.tr(k.Mul(B, A)))), k.f("exp", k.Scale(k.Rat(2, 3), k.tr(k.Mul(A, B))))))
		for _, c := range []struct {
			q     *expr.Node
			claim Claim
			want  Verdict
		}{
			{k.norm2(x), Claim{x.Var, k.sc(2, x)}, Pass},
			{k.norm2(x), Claim{x.Var, x}, Fail},
			{k.norm2(x), Claim{A.Var, k.Zeros(A.Shape)}, Zero},
			{k.norm2(x), Claim{A.Var, A}, Fail},
			{cancel, Claim{A.Var, k.Zeros(A.Shape)}, Zero},
			{k.Add(k.Int(1e15), k.norm2(x)), Claim{x.Var, k.sc(3, x)}, Inconclusive},
			{k.sum(k.f("log", k.Neg(k.sq(x)))), Claim{x.Var, x}, Inconclusive},
		} {
			rep, err := Gradients(context.Background(), k.program(c.q, k.Int(1)), []Claim{c.claim}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if v := rep.Variables[0]; v.Verdict != c.want || (v.Verdict == Inconclusive) != (v.Reason != "" && v.Counter == nil && v.Verdict != Pass && v.Verdict != Zero) {
				t.Errorf("%v by %s: %v (%s), want %v", c.q, c.claim.Wrt.Name, v.Verdict, v.Reason, c.want)
			}
		}
	})

	t.Run("a disagreement is settled by dual numbers", func(t *testing.T) {
		k := newKit()
		x := k.v("x", "n", 1)
		// Rounding leaves the differences at 1e8 no digit worth the name.
		q := k.Add(k.Int(1e10), k.norm2(x))
		vars := map[string]*num.Mat{"x": {R: 3, C: 1, Data: []float64{1, 2, -1}}}
		g := at(t, k, q, []Claim{{x.Var, k.sc(2, x)}}, vars, map[string]int{"n": 3})
		c, now := g.entryCheck(t, 1)
		if c.bound <= 1e-4*4 {
			t.Fatalf("the bound is only %g", c.bound)
		}
		d, _, err := g.tangent(g.subj[0], now, c.dir)
		if err != nil || math.Abs(d-4) > 1e-14 {
			t.Errorf("dual numbers give %g, %v", d, err)
		}
		rep, err := Gradients(context.Background(), k.program(q, k.Int(1)), []Claim{{x.Var, k.sc(2, x)}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v := rep.Variables[0]; v.Verdict != Pass || !strings.Contains(v.Reason, "settled by dual numbers") {
			t.Errorf("%+v", v)
		}
	})

	t.Run("the second oracle shares no code with the symbolic rules", func(t *testing.T) {
		// Its derivative of a function is a kernel's, written by hand; package
		// eval imports neither derive nor infer.
		k := newKit()
		x := k.v("x", "n", 1)
		p := eval.Compile(k.sum(k.f("tanh", x)))
		env := eval.Env{Vars: map[string]*num.Mat{"x": {R: 3, C: 1, Data: []float64{0.3, -1, 2}}}, Sizes: map[string]int{"n": 3}}
		f := p.Node(0)
		for i := range p.Len() {
			if p.Node(i).Op == expr.OpCall && p.Node(i).Fn.FnName() == "tanh" {
				f = p.Node(i)
			}
		}
		if f.Op != expr.OpCall {
			t.Fatal("no call")
		}
		out, err := p.Dual(env, map[string]*num.Mat{"x": {R: 3, C: 1, Data: []float64{0, 1, 0}}})
		if err != nil {
			t.Fatal(err)
		}
		if want := 1 / math.Pow(math.Cosh(1), 2); math.Abs(out[0].D[0]-want) > 1e-15 {
			t.Errorf("%g, want %g", out[0].D[0], want)
		}
	})

	t.Run("a wrong gradient fails at any scale of the objective", func(t *testing.T) {
		for _, e := range []int64{-300, -30, -12, -6, 0, 6, 12, 30, 300} {
			k := newKit()
			x := k.v("x", "n", 1)
			s := k.Pow(k.Int(10), k.Int(e))
			for _, c := range []struct {
				claim *expr.Node
				right bool
			}{{k.sc(2, x), true}, {k.Scale(k.Rat(200002, 100000), x), false}, {k.Zeros(x.Shape), false}, {k.sc(-2, x), false}} {
				prog := k.program(k.Had(s, k.norm2(x)), k.Int(1))
				rep, err := Gradients(context.Background(), prog, []Claim{{x.Var, k.Scale(s, c.claim)}}, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if v := rep.Variables[0]; v.Verdict.Right() != c.right || !c.right && v.Verdict != Fail {
					t.Errorf("1e%d: %v: %s", e, v.Verdict, v.Reason)
				}
			}
		}
	})
}
