package verify

import (
	"context"
	"testing"

	"github.com/matdiff/matdiff/expr"
)

var scales = []struct {
	name string
	p, q int64
}{{"1", 1, 1}, {"1e-6", 1, 1e6}, {"1e6", 1e6, 1}}

// Right gradients pass at every scale of the objective.
func TestRightGradients(t *testing.T) {
	for _, c := range cases {
		for _, sc := range scales {
			t.Run(c.name+"/"+sc.name, func(t *testing.T) {
				k := newKit()
				q, gs := c.build(k)
				s := k.Rat(sc.p, sc.q)
				if q.IsScalar() {
					for n, g := range gs {
						gs[n] = k.Scale(s, g)
					}
				}
				rep, err := Gradients(context.Background(), k.program(q, s), k.claims(gs), Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range rep.Variables {
					if !v.Verdict.Right() {
						t.Errorf("%s: %v: %s (%d points, bound %.1g, %v)", v.Wrt, v.Verdict, v.Reason, v.Points, v.Bound, v.Counter)
					}
					t.Logf("%s: %v %d points %d checks, error %.1g, bound %.1g %s", v.Wrt, v.Verdict, v.Points, v.Checks, v.MaxRelError, v.Bound, v.Reason)
				}
			})
		}
	}
}

// Where data lie at kinks, the entries away from them decide.
func TestKinksLeftOut(t *testing.T) {
	k := newKit()
	y, x := k.v("y", "n", 1, expr.Binary), k.v("x", "n", 1)
	prog := k.program(k.Mul(k.T(x), k.f("relu", y)), k.Int(1))
	for _, c := range []struct {
		claim *expr.Node
		want  Verdict
	}{{k.Had(x, y), Pass}, {k.sc(2, k.Had(x, y)), Fail}} {
		rep, err := Gradients(context.Background(), prog, []Claim{{y.Var, c.claim}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if v := rep.Variables[0]; v.Verdict != c.want {
			t.Errorf("%v, want %v: %s %v", v.Verdict, c.want, v.Reason, v.Counter)
		}
	}
}

// A gradient by an orthogonal variable that used its property holds along the
// orthogonal matrices only.
func TestOrthogonalTangents(t *testing.T) {
	k := newKit()
	Q, A := k.v("Q", "n", "n", expr.Orthogonal), k.v("A", "n", "n")
	prog := k.program(k.tr(k.Mul(A, k.T(Q), Q)), k.Int(1))
	for _, c := range []struct {
		manifold bool
		claim    *expr.Node
		want     Verdict
	}{
		{true, k.Zeros(Q.Shape), Zero},
		{false, k.Zeros(Q.Shape), Fail},
		{true, k.Mul(Q, k.Add(A, k.T(A))), Pass},
		{false, k.Mul(Q, k.Add(A, k.T(A))), Pass},
		{true, k.Mul(Q, A), Fail},
	} {
		rep, err := Gradients(context.Background(), prog, []Claim{{Q.Var, c.claim}}, Options{Manifold: c.manifold})
		if err != nil {
			t.Fatal(err)
		}
		if v := rep.Variables[0]; v.Verdict != c.want {
			t.Errorf("manifold %v: %v, want %v: %s %v", c.manifold, v.Verdict, c.want, v.Reason, v.Counter)
		}
	}
}
