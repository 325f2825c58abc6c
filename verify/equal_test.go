package verify

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/matdiff/matdiff/expr"
)

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(k *kit) (a, b *expr.Node)
		want Relation
	}{
		{"cyclic trace", func(k *kit) (*expr.Node, *expr.Node) {
			A, B := k.v("A", "n", "m"), k.v("B", "m", "n")
			return k.tr(k.Mul(A, B)), k.tr(k.Mul(B, A))
		}, Same},
		{"push-through", func(k *kit) (*expr.Node, *expr.Node) {
			A, B := k.v("A", "n", "m"), k.v("B", "m", "n")
			in, im := k.Eye(dim("n")), k.Eye(dim("m"))
			return k.Mul(A, k.f("inv", k.Add(im, k.Mul(B, A)))), k.Mul(k.f("inv", k.Add(in, k.Mul(A, B))), A)
		}, Same},
		{"Woodbury", func(k *kit) (*expr.Node, *expr.Node) {
			A, U, V := k.v("A", "n", "n"), k.v("U", "n", "m"), k.v("V", "m", "n")
			i := k.f("inv", A)
			l := k.f("inv", k.Add(A, k.Mul(U, V)))
			r := k.Sub(i, k.Mul(i, U, k.f("inv", k.Add(k.Eye(dim("m")), k.Mul(V, i, U))), V, i))
			return l, r
		}, Same},
		{"diag as Hadamard", func(k *kit) (*expr.Node, *expr.Node) {
			v, A := k.v("v", "n", 1), k.v("A", "n", "m")
			return k.Mul(k.f("diag", v), A), k.Had(k.Mul(v, k.ones(1, "m")), A)
		}, Same},
		{"both zero", func(k *kit) (*expr.Node, *expr.Node) {
			A, B := k.v("A", "n", "m"), k.v("B", "m", "n")
			return k.Sub(k.tr(k.Mul(A, B)), k.tr(k.Mul(B, A))), k.Int(0)
		}, Same},
		{"transposed", func(k *kit) (*expr.Node, *expr.Node) {
			A := k.v("A", "n", "n")
			return A, k.T(A)
		}, Different},
		{"a half for 1/N", func(k *kit) (*expr.Node, *expr.Node) {
			x := k.v("x", "N", 1)
			return k.Scale(k.Recip(k.Size(dim("N"))), x), k.Scale(k.Rat(1, 4), x)
		}, Different},
		{"one part in a million", func(k *kit) (*expr.Node, *expr.Node) {
			x := k.v("x", "n", 1)
			return x, k.Scale(k.Rat(1000001, 1000000), x)
		}, Different},
		{"a rounded third", func(k *kit) (*expr.Node, *expr.Node) {
			x := k.v("x", "n", 1)
			return k.Scale(k.Rat(1, 3), x), k.Scale(k.Rat(33333333333, 100000000000), x)
		}, Undecided},
		{"a value at even sizes only", func(k *kit) (*expr.Node, *expr.Node) {
			X := k.Var(&expr.Var{Name: "X", Kind: expr.Input, Shape: expr.Shape{R: dim("n"), C: dim("n")}, Props: expr.SPD | expr.Symmetric})
			return k.f("logdet", X), k.f("logdet", k.Neg(X))
		}, Undecided},
		{"no common domain", func(k *kit) (*expr.Node, *expr.Node) {
			x := k.v("x", "n", 1)
			y := k.f("log", k.Neg(k.sq(x)))
			return y, k.sc(2, y)
		}, Undecided},
		{"root of a square", func(k *kit) (*expr.Node, *expr.Node) {
			x := k.v("x", "n", 1)
			return k.f("sqrt", k.sq(x)), x
		}, Different},
		{"log of a determinant", func(k *kit) (*expr.Node, *expr.Node) {
			A, B := k.v("A", "n", "n"), k.v("B", "n", "n")
			return k.f("logdet", k.Mul(A, B)), k.Add(k.f("logdet", A), k.f("logdet", B))
		}, Same},
		{"symmetric", func(k *kit) (*expr.Node, *expr.Node) {
			A, x := k.v("A", "n", "n", expr.Symmetric), k.v("x", "n", 1)
			return k.Mul(k.Add(A, k.T(A)), x), k.sc(2, k.Mul(A, x))
		}, Same},
		{"rows of one", func(k *kit) (*expr.Node, *expr.Node) {
			Y := k.v("Y", "n", "k", expr.OneHot)
			return k.Mul(Y, k.ones("k", 1)), k.ones("n", 1)
		}, Same},
		{"differential of a square", func(k *kit) (*expr.Node, *expr.Node) {
			A, x, b := k.v("A", "n", "p"), k.v("x", "p", 1), k.v("b", "n", 1)
			r := k.Sub(k.Mul(A, x), b)
			q := k.Mul(k.T(r), r)
			return k.Diff(q, "dQ"), k.sc(2, k.Mul(k.T(r), k.Diff(r, "dr")))
		}, Same},
		{"differential, A held fixed", func(k *kit) (*expr.Node, *expr.Node) {
			A, x, b := k.v("A", "n", "p"), k.v("x", "p", 1), k.v("b", "n", 1)
			r := k.Sub(k.Mul(A, x), b)
			return k.Diff(r, "dr"), k.Mul(A, k.Diff(x, "dx"))
		}, Same},
		{"differential, factors swapped", func(k *kit) (*expr.Node, *expr.Node) {
			X, Y := k.v("X", "n", "n"), k.v("Y", "n", "n")
			return k.Diff(k.Mul(X, Y), "dZ"), k.Add(k.Mul(k.Diff(X, "dX"), Y), k.Mul(k.Diff(Y, "dY"), X))
		}, Different},
		{"differential of an inverse", func(k *kit) (*expr.Node, *expr.Node) {
			X := k.v("X", "n", "n")
			i := k.f("inv", X)
			return k.Diff(i, "dP"), k.Neg(k.Mul(i, k.Diff(X, "dX"), i))
		}, Same},
		{"symmetric differential", func(k *kit) (*expr.Node, *expr.Node) {
			S := k.v("S", "n", "n", expr.SPD)
			dS := k.Diff(S, "dS")
			return k.T(dS), dS
		}, Same},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKit()
			a, b := c.make(k)
			got, err := Equal(context.Background(), &k.prog, a, b, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != c.want {
				t.Errorf("%v, want %v: %s %v", got.Verdict, c.want, got.Reason, got.Counter)
			}
			if got.Verdict == Different && (got.Counter == nil || len(got.Counter.Point) == 0 || got.Counter.Row == 0) {
				t.Errorf("no counterexample: %+v", got.Counter)
			}
		})
	}
}

// Adjoints of parts of the objective, and moving variables named by options.
func TestEqualAdjointsAndMoving(t *testing.T) {
	k := newKit()
	X, W, Y := k.v("X", "N", "D"), k.v("W", "D", "K"), k.v("Y", "N", "K", expr.OneHot)
	z := k.Mul(X, W)
	Z := k.Var(&expr.Var{Name: "Z", Kind: expr.Part, Shape: z.Shape, Of: z})
	q := k.Neg(k.sum(k.Had(Y, k.f("logsoftmax", Z))))
	k.program(q, k.Int(1))
	adj := func(name string, of *expr.Node) *expr.Node {
		return k.Var(&expr.Var{Name: name, Kind: expr.Adjoint, Shape: of.Shape, Of: of})
	}
	for _, c := range []struct {
		a, b   *expr.Node
		moving []string
		want   Relation
	}{
		{adj("∂Q/∂Z", Z), k.Sub(k.f("softmax", Z), Y), nil, Same},
		{adj("∂Q/∂Z", z), k.Sub(k.f("softmax", Z), Y), nil, Same},
		{adj("∂Q/∂Z", Z), k.Sub(Y, k.f("softmax", Z)), nil, Different},
		{adj("∂Q/∂W", W), k.Mul(k.T(X), adj("∂Q/∂Z", Z)), nil, Same},
		{k.Diff(Z, "dZ"), k.Mul(X, k.Diff(W, "dW")), nil, Same},
		{k.Diff(Z, "dZ"), k.Mul(X, k.Diff(W, "dW")), []string{"X", "W"}, Different},
		{k.Diff(q, "dQ"), k.tr(k.Mul(k.T(k.Sub(k.f("softmax", Z), Y)), k.Diff(Z, "dZ"))), nil, Same},
	} {
		got, err := Equal(context.Background(), &k.prog, c.a, c.b, Options{Moving: c.moving})
		if err != nil {
			t.Fatal(err)
		}
		if got.Verdict != c.want {
			t.Errorf("%v, want %v: %s", got.Verdict, c.want, got.Reason)
		}
	}
}

// A Builder merges a product into one that contains it. The adjoint of a
// definition that was merged away cannot be read off; that is undecided, never
// wrong.
func TestMergedDefinition(t *testing.T) {
	k := newKit()
	X, W := k.v("X", "N", "D"), k.v("W", "D", "K")
	z := k.Mul(X, W)
	k.program(k.tr(k.Mul(k.T(z), z)), k.Int(1))
	adj := k.Var(&expr.Var{Name: "∂Q/∂Z", Kind: expr.Adjoint, Shape: z.Shape, Of: z})
	got, err := Equal(context.Background(), &k.prog, adj, k.sc(2, z), Options{})
	if err != nil || got.Verdict != Undecided || got.Reason == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// The table of errors against ε falls, then rises, with its best near
// ε_m^(1/3).
func TestDirectional(t *testing.T) {
	k := newKit()
	x := k.v("x", "n", 1)
	prog := k.program(k.sum(k.f("exp", x)), k.Int(1))
	tab, err := Directional(context.Background(), prog, []Claim{{x.Var, k.f("exp", x)}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range tab.Rows {
		t.Logf("%8.1e %.15g %.1e", r.Eps, r.Estimate, r.Error)
	}
	if best := tab.Rows[tab.Best].Eps; best < 1e-7 || best > 1e-3 || len(tab.Rows) != 13 {
		t.Errorf("best ε %g of %d", best, len(tab.Rows))
	}
	if d := math.Sqrt(inner(tab.Direction["x"].Data, tab.Direction["x"].Data)); math.Abs(d-1) > 1e-12 {
		t.Errorf("direction has length %g", d)
	}
}

// One seed gives one report, another seed other points.
func TestDeterministic(t *testing.T) {
	run := func(seed int64) *Report {
		k := newKit()
		q, gs := cases[11].build(k)
		rep, err := Gradients(context.Background(), k.program(q, k.Int(1)), k.claims(gs), Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	a := run(3)
	for i := 0; i < 3; i++ {
		if b := run(3); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	}
	if reflect.DeepEqual(a.Variables, run(4).Variables) {
		t.Error("the seed has no effect")
	}
}

// Time that has run out is inconclusive, not an error.
func TestCancelled(t *testing.T) {
	k := newKit()
	q, gs := cases[0].build(k)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	rep, err := Gradients(ctx, k.program(q, k.Int(1)), k.claims(gs), Options{})
	if err != nil || rep.Variables[0].Verdict != Inconclusive || rep.Variables[0].Reason == "" {
		t.Errorf("%+v, %v", rep, err)
	}
}

func BenchmarkSoftmaxRegression(b *testing.B) {
	for i := 0; i < b.N; i++ {
		k := newKit()
		q, gs := cases[11].build(k)
		rep, err := Gradients(context.Background(), k.program(q, k.Int(1)), k.claims(gs), Options{})
		if err != nil || !rep.Right() {
			b.Fatal(err)
		}
	}
}
