package eval

import (
	"errors"
	"math"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// TestMemo computes expressions that share parts: each node once, and an error
// for what stands above a node without a value only.
func TestMemo(t *testing.T) {
	b := expr.NewBuilder()
	n := expr.Symbol("n")
	x := b.Var(&expr.Var{Name: "x", Shape: expr.Shape{R: n, C: expr.One}})
	env := Env{Vars: map[string]*num.Mat{"x": num.FromRows([]float64{1}, []float64{-2})}, Sizes: map[string]int{"n": 2}}
	m := NewMemo(env)
	log := b.MustCall(rules.Must("log"), x)
	for _, e := range []*expr.Node{b.Mul(b.T(x), x), b.Had(x, x), b.Add(x, b.Pow(x, b.Int(3))), b.Mul(b.T(x), x)} {
		want, err := Eval(e, env)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Value(e)
		if err != nil || math.Abs(got.Sum()-want.Sum()) > 1e-12 {
			t.Errorf("%v, want %v (%v)", got, want, err)
		}
	}
	before := m.Len()
	if _, err := m.Value(b.Had(x, x)); err != nil || m.Len() != before {
		t.Errorf("%d nodes for what is known (%v)", m.Len()-before, err)
	}
	var domain *DomainError
	if _, err := m.Value(b.Add(x, log)); !errors.As(err, &domain) {
		t.Errorf("%v for the log of a negative number", err)
	}
	if _, err := m.Value(b.Scale(b.Int(2), x)); err != nil {
		t.Error(err)
	}
}
