package verify

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff/expr"
)

// Large sizes that the program declares, and long chains, are sampled: the
// work stays within its limit and a wrong entry is still found.
func TestLarge(t *testing.T) {
	k := newKit()
	X, W, b := k.v("X", 300, 200), k.v("W", 200, 10), k.v("b", 1, 10)
	Y := k.v("Y", 300, 10, expr.OneHot)
	one := k.ones(300, 1)
	Z := k.Add(k.Mul(X, W), k.Mul(one, b))
	R := k.Sub(Y, k.f("softmax", Z))
	prog := k.program(k.sum(k.Had(Y, k.f("logsoftmax", Z))), k.Int(1))
	start := time.Now()
	rep, err := Gradients(context.Background(), prog, []Claim{
		{W.Var, k.Mul(k.T(X), R)},
		{b.Var, k.Mul(k.T(one), R)},
		{X.Var, k.Mul(R, k.T(W))},
		{Y.Var, k.f("logsoftmax", Z)},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start))
	for _, v := range rep.Variables {
		t.Logf("%s: %v %d points %d checks, bound %.1g %s", v.Wrt, v.Verdict, v.Points, v.Checks, v.Bound, v.Reason)
		if !v.Verdict.Right() {
			t.Errorf("%s: %v: %s", v.Wrt, v.Verdict, v.Reason)
		}
	}
	rep, err = Gradients(context.Background(), prog, []Claim{
		{W.Var, k.Mul(k.T(X), k.Sub(R, k.Scale(k.Rat(1, 1000), Y)))}, {b.Var, k.Mul(k.T(one), R)},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Of("W").Verdict != Fail || !rep.Of("b").Verdict.Right() {
		t.Errorf("%+v", rep.Variables)
	}
}

// layers is ‖tanh(W_L … tanh(W_1 x))‖²/2 with its gradients.
func layers(k *kit, n int) (q *expr.Node, claims []Claim) {
	x := k.v("x", "n", 1)
	a := []*expr.Node{x}
	for i := 0; i < n; i++ {
		w := k.v(fmt.Sprintf("W_%d", i+1), "n", "n")
		a = append(a, k.f("tanh", k.Mul(w, a[i])))
	}
	g := a[n]
	for i := n - 1; i >= 0; i-- {
		d := k.Had(g, k.Sub(k.ones("n", 1), k.sq(a[i+1])))
		w := k.v(fmt.Sprintf("W_%d", i+1), "n", "n")
		claims = append(claims, Claim{w.Var, k.Mul(d, k.T(a[i]))})
		g = k.Mul(k.T(w), d)
	}
	return k.Scale(k.Rat(1, 2), k.norm2(a[n])), append(claims, Claim{x.Var, g})
}

func TestDeep(t *testing.T) {
	for _, n := range []int{8, 64, 200} {
		k := newKit()
		q, claims := layers(k, n)
		start := time.Now()
		rep, err := Gradients(context.Background(), k.program(q, k.Int(1)), claims, Options{})
		if err != nil {
			t.Fatal(err)
		}
		count := map[Verdict]int{}
		for _, v := range rep.Variables {
			count[v.Verdict]++
			if !v.Verdict.Right() {
				t.Errorf("%d layers: %s: %v: %s", n, v.Wrt, v.Verdict, v.Reason)
			}
		}
		t.Log(n, count, time.Since(start))
		// One wrong claim among many is found, though its part is tiny.
		claims[3].Node = k.Scale(k.Rat(1000001, 1000000), claims[3].Node)
		rep, err = Gradients(context.Background(), k.program(q, k.Int(1)), claims, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range rep.Variables {
			if v.Verdict.Right() != (i != 3) {
				t.Errorf("%d layers: %s: %v: %s", n, v.Wrt, v.Verdict, v.Reason)
			}
		}
	}
}

// Rounding noise in the objective is not taken for a wrong gradient, nor does
// it hide one: dual numbers decide.
func TestNoise(t *testing.T) {
	k := newKit()
	x, a := k.v("x", "n", 1), k.v("a", "n", 1)
	big := k.Scale(k.Int(1e12), k.ones("n", 1))
	f := k.sum(k.Add(big, k.f("sin", k.Had(a, x))))
	g := k.Had(a, k.f("cos", k.Had(a, x)))
	prog := k.program(f, k.Int(1))
	for _, c := range []struct {
		claim *expr.Node
		right bool
	}{{g, true}, {k.Neg(g), false}, {k.sc(2, g), false}, {k.Zeros(x.Shape), false}} {
		rep, err := Gradients(context.Background(), prog, []Claim{{x.Var, c.claim}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v := rep.Variables[0]; v.Verdict.Right() != c.right {
			t.Errorf("%v: %s", v.Verdict, v.Reason)
		}
	}
}

func TestErrors(t *testing.T) {
	k := newKit()
	x, h := k.v("x", "n", 1), k.Var(&expr.Var{Name: "h", Kind: expr.Hole, Shape: expr.Scalar})
	ctx := context.Background()
	if _, err := Gradients(ctx, &expr.Program{}, nil, Options{}); err == nil {
		t.Error("no objective: no error")
	}
	prog := k.program(k.norm2(x), k.Int(1))
	if _, err := Gradients(ctx, prog, []Claim{{x.Var, k.T(x)}}, Options{}); err == nil {
		t.Error("a row for a column: no error")
	}
	if _, err := Equal(ctx, prog, x, k.T(x), Options{}); err == nil {
		t.Error("different shapes: no error")
	}
	if _, err := Equal(ctx, prog, h, k.Int(1), Options{}); err == nil {
		t.Error("a hole: no error")
	}
	y := k.v("y", "n", 1)
	prog = k.program(k.sum(k.f("log", k.Neg(k.sq(y)))), k.Int(1))
	rep, err := Gradients(ctx, prog, []Claim{{y.Var, k.sc(2, k.Recip(y))}}, Options{})
	if err != nil || rep.Variables[0].Verdict != Inconclusive {
		t.Errorf("empty domain: %+v, %v", rep, err)
	} else {
		t.Log(rep.Variables[0].Reason)
	}
}

// A variable whose declared sizes are beyond what is evaluated is not
// verified, and the reason names it, the limit and the way out.
func TestBeyondEntries(t *testing.T) {
	k := newKit()
	A := k.v("A", 100000, 100000)
	rep, err := Gradients(context.Background(), k.program(k.sum(A), k.Int(1)), []Claim{{A.Var, k.ones(100000, 100000)}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	v := rep.Of("A")
	if want := "A is 100000×100000, more than the 4194304 entries"; v.Verdict != Inconclusive || !strings.Contains(v.Reason, want) {
		t.Errorf("%v: %q, want %q", v.Verdict, v.Reason, want)
	}
}
