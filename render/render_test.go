package render

import (
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// world holds the nodes that the cases are built from.
type world struct{ *expr.Builder }

func (w world) v(name string, r, c string) *expr.Node {
	return w.Var(&expr.Var{Name: name, Shape: expr.Shape{R: dim(r), C: dim(c)}})
}

func dim(s string) expr.Dim {
	if s == "1" {
		return expr.One
	}
	return expr.Symbol(s)
}

func (w world) f(name string, args ...*expr.Node) *expr.Node {
	return w.MustCall(rules.Resolve(name, len(args)), args...)
}

func (w world) ones(r string) *expr.Node {
	return w.Ones(expr.Shape{R: dim(r), C: expr.One})
}

func TestExpr(t *testing.T) {
	w := world{expr.NewBuilder()}
	X, W, Y, P := w.v("X", "N", "D"), w.v("W", "D", "K"), w.v("Y", "N", "K"), w.v("P", "N", "K")
	A, B, x, y, b := w.v("A", "n", "n"), w.v("B", "n", "n"), w.v("x", "n", "1"), w.v("y", "n", "1"), w.v("b", "1", "K")
	v, s, al := w.v("v", "N", "1"), w.v("s", "1", "1"), w.v("α", "1", "1")
	c := w.v("c", "K", "1")
	N := w.Size(expr.Symbol("N"))
	one := w.ones("N")
	oneR := w.T(w.ones("K"))
	half := w.Rat(1, 2)
	adj := w.Var(&expr.Var{Name: "∂Q/∂Z", Kind: expr.Adjoint, Shape: Y.Shape})
	dX := w.Var(&expr.Var{Name: "dX", Kind: expr.Differential, Shape: X.Shape})
	XW := w.Mul(X, W)
	res := w.Sub(w.Mul(A, x), y)
	had := func(a ...*expr.Node) *expr.Node { return w.Had(a...) }
	pow := func(a *expr.Node, p, q int64) *expr.Node { return w.Pow(a, w.Rat(p, q)) }
	cases := []struct {
		name               string
		n                  *expr.Node
		text, ascii, latex string
	}{
		{"softmax gradient", w.Mul(w.T(X), w.Sub(Y, w.f("softmax", w.Add(XW, w.Mul(one, b))))),
			"Xᵀ(Y − softmax(X W + b))", "X'*(Y - softmax(X*W + b))", `X^{\top} (Y - \operatorname{softmax}(X W + b))`},
		{"positive first", w.Sub(P, Y), "P − Y", "P - Y", "P - Y"},
		{"positive moved first", w.Add(w.Neg(Y), P), "P − Y", "P - Y", "P - Y"},
		{"mean", w.Scale(w.Recip(N), w.Mul(w.T(X), w.Sub(P, Y))), "Xᵀ(P − Y)/N", "X'*(P - Y)/N", `\frac{1}{N} X^{\top} (P - Y)`},
		{"half over N", w.Scale(had(half, w.Recip(N)), Y), "Y/(2 N)", "Y/(2*N)", `\frac{1}{2 N} Y`},
		{"least squares", w.Scale(w.Int(-2), w.Mul(w.T(A), w.Sub(y, w.Mul(A, x)))), "−2 Aᵀ(y − A x)", "-2*A'*(y - A*x)", `-2 A^{\top} (y - A x)`},
		{"quadratic", had(half, w.Mul(w.T(x), A, x)), "½ xᵀA x", "x'*A*x/2", `\frac{1}{2} x^{\top} A x`},
		{"row sums", w.Mul(X, w.ones("D")), "X 𝟏", "rowsum(X)", `X \mathbf{1}`},
		{"column sums", w.Mul(w.T(one), X), "1ᵀX", "colsum(X)", `\mathbf{1}^{\top} X`},
		{"transposed sums", w.Mul(w.T(adj), one), "(∂Q/∂Z)ᵀ1", "colsum(dQ/dZ)'", `\left( \frac{\partial Q}{\partial Z} \right)^{\top} \mathbf{1}`},
		{"adjoint", w.Mul(w.T(X), adj), "Xᵀ ∂Q/∂Z", "X'*(dQ/dZ)", `X^{\top} \frac{\partial Q}{\partial Z}`},
		{"adjoint first", w.Mul(adj, w.T(W)), "∂Q/∂Z Wᵀ", "(dQ/dZ)*W'", `\frac{\partial Q}{\partial Z} W^{\top}`},
		{"sum of all", w.Mul(w.T(one), Y, w.ones("K")), "sum(Y)", "sum(Y)", `\operatorname{sum}(Y)`},
		{"outer", w.Mul(one, w.T(c)), "1cᵀ", "ones(N)*c'", `\mathbf{1} c^{\top}`},
		{"outer with a row", w.Mul(one, b), "𝟏 b", "ones(N)*b", `\mathbf{1} b`},
		{"column broadcast", had(Y, w.Mul(v, oneR)), "Y ∘ v", "Y .* v", `Y \odot v`},
		{"column added", w.Add(XW, w.Mul(v, oneR)), "X W + v", "X*W + v", "X W + v"},
		{"broadcasts alone", w.Add(w.Mul(one, b), w.Mul(v, oneR)), "𝟏 b + v 1ᵀ", "ones(N)*b + v*ones(K)'", `\mathbf{1} b + v \mathbf{1}^{\top}`},
		{"one minus square", w.Sub(w.Ones(Y.Shape), had(Y, Y)), "1 − Y ∘ Y", "1 - Y.^2", `1 - Y \odot Y`},
		{"scaled ones", w.Add(Y, w.Scale(s, w.Ones(Y.Shape))), "Y + s", "Y + s", "Y + s"},
		{"short second", w.Sub(w.Mul(one, b), Y), "b − Y", "b - Y", "b - Y"},
		{"short waits", w.Add(w.Mul(one, b), w.Mul(v, oneR), Y), "b + Y + v", "b + Y + v", "b + Y + v"},
		{"cube", w.Mul(A, A, A), "A³", "A^3", "A^{3}"},
		{"inverse square", w.Mul(w.f("inv", A), w.f("inv", A)), "A⁻²", "inv(A)^2", "A^{-2}"},
		{"inverse transpose", w.T(w.f("inv", A)), "A⁻ᵀ", "inv(A)'", `A^{-\top}`},
		{"solve", w.Mul(w.f("inv", A), x), "A⁻¹ x", "inv(A)*x", "A^{-1} x"},
		{"inverse of sum", w.f("inv", w.Add(A, w.Scale(al, w.Eye(dim("n"))))), "(A + α I)⁻¹", "inv(A + α*eye(n))", `(A + \alpha I)^{-1}`},
		{"norm", pow(w.Mul(w.T(x), x), 1, 2), "‖x‖", "norm(x)", `\lVert x\rVert`},
		{"norm squared", w.f("sum", had(Y, Y)), "‖Y‖²", "norm(Y)^2", `\lVert Y\rVert^{2}`},
		{"residual squared", w.Mul(w.T(res), res), "‖A x − y‖²", "norm(A*x - y)^2", `\lVert A x - y\rVert^{2}`},
		{"inner", w.Mul(w.T(x), x), "xᵀx", "x'*x", `x^{\top} x`},
		{"unit", w.Scale(pow(w.Mul(w.T(x), x), -1, 2), x), "x/‖x‖", "x/norm(x)", `\frac{1}{\lVert x\rVert} x`},
		{"rayleigh", had(w.Mul(w.T(x), A, x), pow(w.Mul(w.T(x), x), -1, 1)), "xᵀA x/‖x‖²", "x'*A*x/norm(x)^2", `\frac{x^{\top} A x}{\lVert x\rVert^{2}}`},
		{"two inner", had(w.Mul(w.T(x), y), w.Mul(w.T(x), A, x)), "(xᵀy) xᵀA x", "(x'*y)*x'*A*x", ""},
		{"quotient", had(Y, pow(P, -1, 1)), "Y ./ P", "Y ./ P", `Y \oslash P`},
		{"cross entropy", w.Scale(w.Recip(N), w.Sub(had(Y, pow(P, -1, 1)), had(w.Sub(w.Ones(Y.Shape), Y), pow(w.Sub(w.Ones(Y.Shape), P), -1, 1)))),
			"(Y ./ P − (1 − Y) ./ (1 − P))/N", "(Y ./ P - (1 - Y) ./ (1 - P))/N", ""},
		{"reciprocal", pow(Y, -1, 1), "1 ./ Y", "1 ./ Y", `1 \oslash Y`},
		{"scaled reciprocal", w.Scale(had(s, w.Recip(N)), pow(Y, -2, 1)), "s ./ (N Y.^2)", "s ./ (N*Y.^2)", ""},
		{"quotient over N", w.Scale(w.Recip(N), had(Y, pow(P, -1, 1))), "(Y ./ P)/N", "(Y ./ P)/N", ""},
		{"scaled had", w.Scale(w.Int(2), had(XW, Y)), "2 X W ∘ Y", "2*(X*W) .* Y", `2 X W \odot Y`},
		{"scaled had of names", w.Scale(w.Int(2), had(P, Y)), "2 P ∘ Y", "2*P .* Y", `2 P \odot Y`},
		{"had of a product", had(w.Mul(P, w.Mul(w.T(W), W)), Y), "P WᵀW ∘ Y", "(P*W'*W) .* Y", ""},
		{"nested sum", w.Mul(A, w.Add(A, B), x), "A(A + B) x", "A*(A + B)*x", ""},
		{"brackets", w.Mul(w.Add(A, B), w.Add(A, w.T(A))), "(A + B)(A + Aᵀ)", "(A + B)*(A + A')", ""},
		{"sqrt", pow(s, 1, 2), "sqrt(s)", "sqrt(s)", `\sqrt{s}`},
		{"over sqrt", had(al, pow(s, -1, 2)), "α/sqrt(s)", "α/sqrt(s)", `\frac{\alpha}{\sqrt{s}}`},
		{"three halves", pow(s, 3, 2), "s^(3/2)", "s^(3/2)", `s^{\frac{3}{2}}`},
		{"symbolic power", w.Pow(s, w.Neg(al)), "s^(−α)", "s^(-α)", `s^{-\alpha}`},
		{"matrix power", w.Pow(Y, al), "Y.^α", "Y.^α", `Y^{\circ \alpha}`},
		{"decimal", w.Scale(w.Rat(1, 100), Y), "0.01 Y", "0.01*Y", "0.01 Y"},
		{"number before ones", w.Scale(w.Int(2), w.Mul(w.T(one), X)), "2 · 1ᵀX", "2*colsum(X)", `2 \mathbf{1}^{\top} X`},
		{"differential", w.Mul(dX, W), "dX W", "dX*W", "dX W"},
		{"scalar product before matrix", w.Scale(w.Mul(w.T(x), y), Y), "(xᵀy) Y", "(x'*y)*Y", ""},
		{"power of call", had(w.f("det", A), w.f("det", A)), "det(A)²", "det(A)^2", `\det(A)^{2}`},
		{"sigmoid", had(w.f("sigmoid", x), w.Sub(w.Ones(x.Shape), w.f("sigmoid", x))), "σ(x) ∘ (1 − σ(x))", "sigmoid(x) .* (1 - sigmoid(x))", ""},
		{"max with zero", w.f("max", Y, w.Zeros(Y.Shape)), "max(Y, 0)", "max(Y, 0)", ""},
		{"iverson", w.f("ge", Y, w.Zeros(Y.Shape)), "[Y ≥ 0]", "[Y >= 0]", ""},
		{"minus sum", w.Neg(w.Add(Y, P)), "−(Y + P)", "-(Y + P)", ""},
		{"zero", w.Zeros(Y.Shape), "zeros(N, K)", "zeros(N, K)", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, f := range []struct {
				style Style
				want  string
			}{{Text, c.text}, {ASCII, c.ascii}, {LaTeX, c.latex}} {
				if got := Expr(c.n, f.style); got != f.want && f.want != "" {
					t.Errorf("%v: got %s, want %s", f.style, got, f.want)
				}
			}
		})
	}
}
