package codegen

import (
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// softmaxRegression builds Q = -1/N Σ Y∘logsoftmax(XW + 1b) and its gradients.
func softmaxRegression() Input {
	b := expr.NewBuilder()
	N, D, K := expr.Symbol("N"), expr.Symbol("D"), expr.Symbol("K")
	vx := &expr.Var{Name: "X", Shape: expr.Shape{R: N, C: D}}
	vw := &expr.Var{Name: "W", Shape: expr.Shape{R: D, C: K}}
	vb := &expr.Var{Name: "b", Shape: expr.Shape{R: expr.One, C: K}}
	vy := &expr.Var{Name: "Y", Shape: expr.Shape{R: N, C: K}, Props: expr.OneHot}
	X, W, bb, Y := b.Var(vx), b.Var(vw), b.Var(vb), b.Var(vy)
	ones := b.Ones(expr.Shape{R: N, C: expr.One})
	Z := b.Add(b.Mul(X, W), b.Mul(ones, bb))
	c := b.Recip(b.Size(N))
	Q := b.Neg(b.Had(c, b.MustCall(rules.Must("sum"), b.Had(Y, b.MustCall(rules.Must("logsoftmax"), Z)))))
	P := b.MustCall(rules.Must("softmax"), Z)
	R := b.Sub(P, Y)
	return Input{
		Program:   &expr.Program{B: b, Vars: []*expr.Var{vx, vw, vb, vy}, Sizes: []string{"N", "D", "K"}, Source: "Q = -1/N sum(Y .* logsoftmax(X W + b))"},
		Objective: expr.Def{Name: "Q", Node: Q},
		Grads:     []Gradient{{vw, b.Scale(c, b.Mul(b.T(X), R))}, {vb, b.Scale(c, b.Mul(b.T(ones), R))}},
	}
}

func TestPrintSoftmax(t *testing.T) {
	out, err := Generate(softmaxRegression(), Options{Name: "SoftmaxRegression"})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(string(out.Files[0].Data))
}
