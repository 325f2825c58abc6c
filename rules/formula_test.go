package rules_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/rules"
)

var sizes = map[string]int{"n": 3, "m": 4, "p": 2, "q": 5, "k": 2, "l": 3, "N": 5, "K": 3, "D": 4}

// shapes are the operands that every function is tried with; those that its
// shape rule refuses are left out.
var shapes = func() []expr.Shape {
	n, m, p := expr.Symbol("n"), expr.Symbol("m"), expr.Symbol("p")
	return []expr.Shape{expr.Scalar, {R: n, C: expr.One}, {R: expr.One, C: m}, {R: n, C: m}, {R: n, C: n}, {R: n.Times(m), C: expr.One}, {R: n.Times(p), C: m.Times(p)}}
}()

// calls lists the tuples of operand shapes that a function accepts.
func calls(f *rules.Func) [][]expr.Shape {
	tuples := [][]expr.Shape{nil}
	for range f.Params {
		var next [][]expr.Shape
		for _, t := range tuples {
			for _, s := range shapes {
				next = append(next, append(t[:len(t):len(t)], s))
			}
		}
		tuples = next
	}
	var out [][]expr.Shape
	for _, t := range tuples {
		if _, err := f.FnShape(t); err == nil {
			out = append(out, t)
		}
	}
	return out
}

func draw(r *rand.Rand, s expr.Shape, sampler string) *num.Mat {
	rows, _ := s.R.Eval(sizes)
	cols, _ := s.C.Eval(sizes)
	x := num.New(rows, cols)
	for i := range x.Data {
		z := r.NormFloat64()
		switch sampler {
		case "positive", "simplex":
			z = math.Exp(0.5 * z)
		case "unit":
			z = 0.05 + 0.9*r.Float64()
		case "symmetric-unit":
			z = 1.8*r.Float64() - 0.9
		case "nonzero":
			z = math.Copysign(0.3+math.Abs(z), z)
		case "small":
			z *= 0.5
		}
		x.Data[i] = z
	}
	switch {
	case sampler == "simplex":
		return num.Scale(1/x.Sum(), x)
	case sampler == "declared spd":
		return num.Add(num.Mul(x, x.T()), 0.5, num.Eye(rows))
	case sampler == "spd" && rows == cols:
		// Positive definite, but not symmetric: transposes must be told apart.
		return num.Add(num.Add(num.Mul(x, x.T()), 0.5, num.Eye(rows)), 0.3, num.Add(x, -1, x.T()))
	}
	return x
}

// point draws operands inside the domain, away from kinks.
func point(t *testing.T, r *rand.Rand, f *rules.Func, call []expr.Shape) []*num.Mat {
	for range 1000 {
		var args []*num.Mat
		for _, s := range call {
			args = append(args, draw(r, s, f.Domain.Sampler))
		}
		if f.Domain.In != nil && !f.Domain.In(args...) {
			continue
		}
		near := false
		for _, a := range args {
			for _, x := range a.Data {
				for _, k := range f.Domain.Kinks {
					near = near || math.Abs(x-k) < 1e-2
				}
			}
		}
		if !near {
			return args
		}
	}
	t.Fatalf("%s%v: no point inside the domain", f.Name, call)
	return nil
}

// formula evaluates a formula of an entry with the values given.
func formula(t *testing.T, f *rules.Func, src string, call []expr.Shape, vals map[string]*num.Mat, more ...infer.Param) *num.Mat {
	t.Helper()
	var ps []infer.Param
	for i, p := range f.Params {
		ps = append(ps, infer.Param{Name: p.Name, Shape: call[i], Kind: expr.Hole})
	}
	n, _, err := infer.Template(src, append(ps, more...))
	if err != nil {
		t.Errorf("%s%v: formula %q: %v", f.Name, call, src, err)
		return nil
	}
	y, err := eval.Eval(n, eval.Env{Vars: vals, Sizes: sizes})
	if err != nil {
		t.Errorf("%s%v: formula %q: %v", f.Name, call, src, err)
		return nil
	}
	return y
}

func near(a, b *num.Mat, tol float64) bool {
	if a == nil || b == nil {
		return false
	}
	if len(a.Data) == 1 && len(b.Data) > 1 { // a constant stands for every entry
		a = num.Fill(b.R, b.C, a.Data[0])
	}
	if a.R != b.R || a.C != b.C {
		return false
	}
	d := num.Add(a, -1, b).MaxAbs()
	return d <= tol*(1+b.MaxAbs())
}

func eachCall(t *testing.T, do func(t *testing.T, r *rand.Rand, f *rules.Func, call []expr.Shape)) {
	for _, f := range rules.All() {
		if f.Op != expr.OpNum {
			continue
		}
		// The points of a function are its own: another one more or less in the
		// table does not move them.
		seed := fnv.New64a()
		seed.Write([]byte(f.Name))
		t.Run(fmt.Sprintf("%s/%d", f.Name, len(f.Params)), func(t *testing.T) {
			cs := calls(f)
			if len(cs) == 0 {
				t.Fatal("no operands fit")
			}
			for j, c := range cs {
				do(t, rand.New(rand.NewPCG(seed.Sum64(), uint64(j))), f, c)
			}
		})
	}
}

// Every differential agrees with central differences of the kernel and with
// the dual kernel, along a random direction, for every shape.
func TestDifferentials(t *testing.T) {
	eachCall(t, func(t *testing.T, r *rand.Rand, f *rules.Func, call []expr.Shape) {
		if len(f.D) == 0 {
			return
		}
		x := point(t, r, f, call)
		y, err := f.Apply(x...)
		if err != nil {
			t.Fatalf("%v: %v", call, err)
		}
		if want, _ := f.FnShape(call); !fits(y, want) {
			t.Errorf("%v: kernel gives %d×%d, the shape is %v", call, y.R, y.C, want)
		}
		var dxs []*num.Mat
		var duals []*num.Dual
		vals := map[string]*num.Mat{}
		more := []infer.Param{}
		if f.Result != "" {
			vals[f.Result] = y
			s, _ := f.FnShape(call)
			more = append(more, infer.Param{Name: f.Result, Shape: s, Kind: expr.Hole})
		}
		for i, p := range f.Params {
			dx := draw(r, call[i], "")
			if p.NoD != "" {
				dx = num.Scale(0, dx)
			}
			dxs = append(dxs, dx)
			duals = append(duals, num.Along(x[i], dx))
			vals[p.Name], vals["d"+p.Name] = x[i], dx
			more = append(more, infer.Param{Name: "d" + p.Name, Shape: call[i], Kind: expr.Differential})
		}
		// Two steps, so that what is left is of the fourth order of the step.
		central := func(h float64) *num.Mat {
			var plus, minus []*num.Mat
			for i, dx := range dxs {
				plus, minus = append(plus, num.Add(x[i], h, dx)), append(minus, num.Add(x[i], -h, dx))
			}
			yp, err1 := f.Apply(plus...)
			ym, err2 := f.Apply(minus...)
			if err1 != nil || err2 != nil {
				t.Fatalf("%v: %v %v", call, err1, err2)
			}
			return num.Scale(1/(2*h), num.Add(yp, -1, ym))
		}
		const h = 1e-5
		diff := num.Add(num.Scale(4.0/3, central(h)), -1.0/3, central(2*h))
		src, ok := rules.Pick(f.D, call)
		if !ok {
			t.Errorf("no differential for %v", call)
			return
		}
		if d := formula(t, f, src, call, vals, more...); !near(d, diff, 1e-6) {
			t.Errorf("%v: %q gives %v, central differences %v", call, src, d, diff)
		}
		dual, err := f.ApplyDual(duals...)
		if err != nil {
			t.Fatalf("%v: %v", call, err)
		}
		if !near(dual.Value(), y, 1e-11) || dual.R != y.R || dual.C != y.C {
			t.Errorf("%v: dual kernel gives the value %v, kernel %v", call, dual.Value(), y)
		}
		if !near(dual.Deriv(), diff, 1e-6) {
			t.Errorf("%v: dual kernel gives %v, central differences %v", call, dual.Deriv(), diff)
		}
	})
}

func fits(y *num.Mat, s expr.Shape) bool {
	r, _ := s.R.Eval(sizes)
	c, _ := s.C.Eval(sizes)
	return y.R == r && y.C == c
}

// DF agrees with the dual kernel where an entry has both, and with central
// differences.
func TestDerivativesOfEntries(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, f := range rules.All() {
		if f.F == nil {
			continue
		}
		p := []float64{0.3}[:len(f.Params)-1]
		for range 20 {
			x := point(t, r, f, []expr.Shape{expr.Scalar, expr.Scalar}[:len(f.Params)])[0].Data[0]
			const h = 1e-5
			want := (f.F(x+h, p...) - f.F(x-h, p...)) / (2 * h)
			if got := f.DF(x, p...); math.Abs(got-want) > 1e-6*(1+math.Abs(want)) {
				t.Errorf("%s'(%g) = %g, central difference %g", f.Name, x, got, want)
			}
		}
	}
}

// tr(Gᵀ f(L)) = tr(f*(G)ᵀ L) for random G and L.
func TestAdjoints(t *testing.T) {
	eachCall(t, func(t *testing.T, r *rand.Rand, f *rules.Func, call []expr.Shape) {
		for i, p := range f.Params {
			src, ok := f.AdjointFor(i, call)
			if !ok {
				if hasAdjoint(f, i) {
					t.Errorf("no adjoint for %v", call)
				}
				continue
			}
			x := point(t, r, f, call)
			x[i] = draw(r, call[i], "")
			y, err := f.Apply(x...)
			if err != nil {
				t.Fatalf("%v: %v", call, err)
			}
			out, _ := f.FnShape(call)
			g := draw(r, out, "")
			vals := map[string]*num.Mat{"G": g}
			for j, q := range f.Params {
				if j != i {
					vals[q.Name] = x[j]
				}
			}
			a := formula(t, f, src, call, vals, infer.Param{Name: "G", Shape: out, Kind: expr.Hole})
			if a == nil {
				continue
			}
			if a.R != x[i].R || a.C != x[i].C {
				t.Errorf("%v: %q is %d×%d, %s is %v", call, src, a.R, a.C, p.Name, call[i])
				continue
			}
			if l, m := num.Dot(g, y), num.Dot(a, x[i]); math.Abs(l-m) > 1e-10*(1+math.Abs(l)) {
				t.Errorf("%v: %q: %g on one side, %g on the other", call, src, l, m)
			}
		}
	})
}

func hasAdjoint(f *rules.Func, i int) bool {
	for _, c := range f.Adjoint {
		if c.Of == f.Params[i].Name || c.Of == "" && i == len(f.Params)-1 {
			return true
		}
	}
	return false
}

// Every definition has the value of the kernel.
func TestDefinitions(t *testing.T) {
	eachCall(t, func(t *testing.T, r *rand.Rand, f *rules.Func, call []expr.Shape) {
		if len(f.Def) == 0 {
			return
		}
		x := point(t, r, f, call)
		y, err := f.Apply(x...)
		if err != nil {
			t.Fatalf("%v: %v", call, err)
		}
		vals := map[string]*num.Mat{}
		for i, p := range f.Params {
			vals[p.Name] = x[i]
		}
		src, ok := rules.Pick(f.Def, call)
		if !ok {
			t.Errorf("no definition for %v", call)
			return
		}
		if d := formula(t, f, src, call, vals); !near(d, y, 1e-11) || d.R != y.R || d.C != y.C {
			t.Errorf("%v: %q gives %v, the kernel %v", call, src, d, y)
		}
	})
}

// Every identity holds at random points of its declared variables.
func TestIdentities(t *testing.T) {
	for _, f := range rules.All() {
		for i, id := range f.Identities {
			t.Run(f.Name+"/"+id.Name, func(t *testing.T) {
				src := id.Declare + "\nleft = " + id.Left + "\nright = " + id.Right
				prog := program(t, src)
				if prog == nil {
					return
				}
				r := rand.New(rand.NewPCG(uint64(i), 7))
				for range 5 {
					env := eval.Env{Vars: map[string]*num.Mat{}, Sizes: sizes}
					for _, v := range prog.Vars {
						env.Vars[v.Name] = drawVar(r, v)
					}
					var sides []*num.Mat
					for _, d := range prog.Defs {
						y, err := eval.Eval(d.Node, env)
						if err != nil {
							t.Fatalf("%s: %v", d.Name, err)
						}
						sides = append(sides, y)
					}
					if len(sides) != 2 || !near(sides[1], sides[0], 1e-9) {
						t.Fatalf("%s: %v\n%s: %v", id.Left, sides[0], id.Right, sides[len(sides)-1])
					}
				}
			})
		}
	}
}

func drawVar(r *rand.Rand, v *expr.Var) *num.Mat {
	sampler := ""
	switch {
	case v.Props.Has(expr.SPD):
		sampler = "declared spd"
	case v.Props.Has(expr.Positive):
		sampler = "positive"
	}
	x := draw(r, v.Shape, sampler)
	if v.Props.Has(expr.Orthogonal) {
		if q, err := num.Polar(x); err == nil {
			return q
		}
	}
	return x
}

func program(t *testing.T, src string) *expr.Program {
	t.Helper()
	tree, list := parser.Parse(src)
	if err := list.Err(); err != nil {
		t.Errorf("%s\n%v", src, err)
		return nil
	}
	res, list := infer.Infer(tree, infer.Options{})
	if err := list.Err(); err != nil {
		t.Errorf("%s\n%v", src, err)
		return nil
	}
	return res.Program
}

func TestExamples(t *testing.T) {
	for _, f := range rules.All() {
		for _, e := range f.Examples {
			p := program(t, e)
			if p == nil {
				continue
			}
			uses := false
			for _, n := range expr.Topo(p.Objective.Node) {
				uses = uses || n.Op == expr.OpCall && n.Fn == expr.Fn(f) || n.Op == f.Op && f.Op != expr.OpNum
			}
			if !uses && f.Def == nil {
				t.Errorf("%s: the example %q does not use it", f.Name, e)
			}
		}
	}
}
