package eval

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

func shape(r, c string) expr.Shape {
	d := func(s string) expr.Dim {
		if s == "1" {
			return expr.One
		}
		return expr.Symbol(s)
	}
	return expr.Shape{R: d(r), C: d(c)}
}

func variable(b *expr.Builder, name, r, c string) *expr.Node {
	return b.Var(&expr.Var{Name: name, Shape: shape(r, c)})
}

func rows(r ...[]float64) *num.Mat { return num.FromRows(r...) }

// point is the environment of these tests: n = 2, m = 3.
var point = Env{
	Vars: map[string]*num.Mat{
		"A": rows([]float64{1, 2, 3}, []float64{4, 5, 6}),
		"B": rows([]float64{1, -1}, []float64{0, 2}, []float64{3, 1}),
		"S": rows([]float64{2, 1}, []float64{0, 4}),
		"x": rows([]float64{1}, []float64{-2}),
		"s": num.Scalar(3),
	},
	Sizes: map[string]int{"n": 2, "m": 3},
}

func TestOps(t *testing.T) {
	b := expr.NewBuilder()
	A, B, S := variable(b, "A", "n", "m"), variable(b, "B", "m", "n"), variable(b, "S", "n", "n")
	x, s := variable(b, "x", "n", "1"), variable(b, "s", "1", "1")
	n := expr.Symbol("n")
	part := b.Var(&expr.Var{Name: "P", Kind: expr.Part, Shape: shape("n", "n"), Of: b.Mul(A, B)})
	for _, c := range []struct {
		name string
		node *expr.Node
		want *num.Mat
	}{
		{"number", b.Rat(-3, 4), num.Scalar(-0.75)},
		{"size", b.Size(n.Times(expr.Symbol("m"))), num.Scalar(6)},
		{"ones", b.Ones(shape("n", "1")), rows([]float64{1}, []float64{1})},
		{"zeros", b.Zeros(shape("1", "n")), rows([]float64{0, 0})},
		{"eye", b.Eye(n), rows([]float64{1, 0}, []float64{0, 1})},
		{"sum", b.Add(S, b.T(S), b.Eye(n)), rows([]float64{5, 1}, []float64{1, 9})},
		{"scale", b.Scale(s, A), rows([]float64{3, 6, 9}, []float64{12, 15, 18})},
		{"product", b.Mul(A, B), rows([]float64{10, 6}, []float64{22, 12})},
		{"chain from the right", b.Mul(S, A, B, x), rows([]float64{-6}, []float64{-8})},
		{"chain from the left", b.Mul(b.T(x), S, A, B), rows([]float64{-134, -72})},
		{"elementwise", b.Had(S, S, b.T(S)), rows([]float64{8, 0}, []float64{0, 64})},
		{"power", b.Pow(S, b.Int(3)), rows([]float64{8, 1}, []float64{0, 64})},
		{"power by a variable", b.Pow(b.Int(2), s), num.Scalar(8)},
		{"reciprocal", b.Recip(x), rows([]float64{1}, []float64{-0.5})},
		{"transpose", b.T(A), rows([]float64{1, 4}, []float64{2, 5}, []float64{3, 6})},
		{"part", b.Mul(part, x), rows([]float64{-2}, []float64{-2})},
		{"call", b.MustCall(rules.Must("tr"), S), num.Scalar(6)},
		{"elementwise call", b.MustCall(rules.Must("abs"), x), rows([]float64{1}, []float64{2})},
	} {
		got, err := Eval(c.node, point)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.R != c.want.R || got.C != c.want.C {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i, v := range c.want.Data {
			if math.Abs(got.Data[i]-v) > 1e-12 {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

// Dual numbers give the product rule and its like; DualAt moves a node.
func TestDual(t *testing.T) {
	b := expr.NewBuilder()
	S, x, s := variable(b, "S", "n", "n"), variable(b, "x", "n", "1"), variable(b, "s", "1", "1")
	dS, dx := rows([]float64{1, 0}, []float64{2, -1}), rows([]float64{0.5}, []float64{1})
	dir := map[string]*num.Mat{"S": dS, "x": dx}
	q := b.Mul(b.T(x), S, x)
	v, d, err := Dual(q, point, dir)
	if err != nil {
		t.Fatal(err)
	}
	// dxᵀSx + xᵀdS x + xᵀS dx by hand
	if v.Data[0] != 16 || d.Data[0] != -21 {
		t.Errorf("xᵀSx: %v, %v", v, d)
	}
	v, d, err = Dual(b.Pow(s, b.Add(s, b.Int(1))), point, map[string]*num.Mat{"s": num.Scalar(1)})
	if err != nil || v.Data[0] != 81 || math.Abs(d.Data[0]-(4*27+81*math.Log(3))) > 1e-12 {
		t.Errorf("s^(s+1): %v, %v, %v", v, d, err)
	}
	y := b.Var(&expr.Var{Name: "y", Kind: expr.Part, Shape: shape("n", "1"), Of: b.Mul(S, x)})
	p := Compile(b.Mul(b.T(y), y))
	out, err := p.DualAt(point, y, rows([]float64{1}, []float64{0}))
	if err != nil || out[0].D[0] != 0 { // y = (0, -8): ∂(yᵀy)/∂y₁ = 0
		t.Errorf("%v, %v", out, err)
	}
	out, err = p.DualAt(point, y, rows([]float64{0}, []float64{1}))
	if err != nil || out[0].D[0] != -16 {
		t.Errorf("%v, %v", out, err)
	}
}

func TestErrors(t *testing.T) {
	b := expr.NewBuilder()
	S, y, x := variable(b, "S", "n", "n"), variable(b, "y", "n", "1"), variable(b, "x", "n", "1")
	for _, c := range []struct {
		name string
		node *expr.Node
		env  Env
		want string
	}{
		{"no value", y, point, "variable y has no value"},
		{"no size", b.Ones(shape("q", "1")), point, "size q has no value"},
		{"wrong size", x, Env{Vars: map[string]*num.Mat{"x": num.New(3, 1)}, Sizes: point.Sizes}, "x is 3×1"},
		{"too large", b.Ones(shape("k", "k")), Env{Sizes: map[string]int{"k": 1 << 20}}, "limit"},
		{"overflow of sizes", b.Ones(shape("k", "k")), Env{Sizes: map[string]int{"k": math.MaxInt}}, "limit"},
		{"logarithm", b.MustCall(rules.Must("log"), x), point, "log needs"},
		{"singular", b.MustCall(rules.Must("inv"), b.Mul(x, b.T(x))), point, "inv"},
		{"root of a negative number", b.Pow(x, b.Num(big.NewRat(1, 2))), point, "positive"},
	} {
		_, err := Eval(c.node, c.env)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	p := Compile(b.MustCall(rules.Must("log"), x))
	p.Strict = true
	_, err := p.Run(point)
	var de *DomainError
	if !errors.As(err, &de) || len(p.Below(de.Slot)) != 1 {
		t.Errorf("strict: %v", err)
	}
	_ = S
}

// A kernel that panics is an error that names its function.
func TestKernelPanics(t *testing.T) {
	f := &rules.Func{Name: "bad", Params: []rules.Param{{Name: "X"}}, Eval: func(...*num.Mat) (*num.Mat, error) { panic("index") }}
	b := expr.NewBuilder()
	_, err := Eval(b.MustCall(f, variable(b, "x", "n", "1")), point)
	if err == nil || !strings.Contains(err.Error(), "bad failed") {
		t.Errorf("%v", err)
	}
}

// Very deep: no recursion.
func TestDeep(t *testing.T) {
	b := expr.NewBuilder()
	x := variable(b, "s", "1", "1")
	f := rules.Must("sin")
	n := x
	for i := 0; i < 50000; i++ {
		n = b.MustCall(f, n)
	}
	if _, err := Eval(n, point); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Dual(n, point, map[string]*num.Mat{"s": num.Scalar(1)}); err != nil {
		t.Fatal(err)
	}
}

// Noise stays within rounding, spares whole numbers and keeps comparisons.
func TestNoise(t *testing.T) {
	b := expr.NewBuilder()
	x := variable(b, "x", "n", "1")
	y := b.MustCall(rules.Must("exp"), x)
	sum := b.MustCall(rules.Must("sum"), y)
	eq := b.MustCall(rules.Must("eq"), y, b.MustCall(rules.Must("exp"), b.Mul(b.Eye(expr.Symbol("n")), x)))
	p := Compile(sum, b.Add(x, x, x), eq)
	out, err := p.Run(point)
	if err != nil {
		t.Fatal(err)
	}
	s0 := out[0].Data[0]
	p.Noise = rand.New(rand.NewPCG(1, 1))
	moved := false
	for i := 0; i < 20; i++ {
		out, err := p.Run(point)
		if err != nil {
			t.Fatal(err)
		}
		d := math.Abs(out[0].Data[0] - s0)
		moved = moved || d > 0
		if d > 20*0x1p-52*s0 {
			t.Errorf("noise of %g in %g", d, s0)
		}
		if out[1].Data[0] != 3 || out[2].Data[0] != 1 {
			t.Errorf("whole numbers moved: %v %v", out[1], out[2])
		}
	}
	if !moved {
		t.Error("no noise")
	}
}

func TestUpdate(t *testing.T) {
	b := expr.NewBuilder()
	x, s := variable(b, "x", "n", "1"), variable(b, "s", "1", "1")
	p := Compile(b.Add(b.Mul(b.T(x), x), b.Had(s, s)))
	env := Env{Vars: map[string]*num.Mat{"x": rows([]float64{1}, []float64{2}), "s": num.Scalar(3)}, Sizes: point.Sizes}
	if out, err := p.Run(env); err != nil || out[0].Data[0] != 14 {
		t.Fatal(out, err)
	}
	env.Vars["x"].Data[0] = 5
	if out, err := p.Update(env, p.Reached("x")); err != nil || out[0].Data[0] != 38 {
		t.Fatal(out, err)
	}
	if r := p.Reached("none"); len(r) != 0 {
		t.Error(r)
	}
}

func BenchmarkRun(bb *testing.B) {
	b := expr.NewBuilder()
	A, B, x := variable(b, "A", "n", "m"), variable(b, "B", "m", "n"), variable(b, "x", "n", "1")
	p := Compile(b.MustCall(rules.Must("sum"), b.MustCall(rules.Must("tanh"), b.Mul(A, B, x))))
	bb.ReportAllocs()
	for bb.Loop() {
		if _, err := p.Run(point); err != nil {
			bb.Fatal(err)
		}
	}
}
