package parser

import (
	"testing"

	"github.com/matdiff/matdiff/ast"
)

// TestLaTeXForms: what people write in LaTeX is the tree of what they mean.
func TestLaTeXForms(t *testing.T) {
	for _, tt := range [][2]string{
		{`\tfrac12 \lVert A x - b \rVert_2^2`, `(1/2) ‖A x - b‖_2^2`},
		{`\frac12 \left\| A x - b \right\|_2^2`, `(1/2) ‖A x - b‖_2^2`},
		{`\operatorname{tr}\left( A^\top X B \right)`, `tr (A' X B)`},
		{`\mathop{\mathrm{tr}}(A^{\intercal} X)`, `tr(A' X)`},
		{`\text{tr}\bigl( X^{-\top} B \bigr)`, `tr(X^-T B)`},
		{`\sum\limits_{i=1}^{n} x_i^2 \, y_i \tag{3}`, `Σ_{i=1}^{n} x_i^2 y_i`},
		{`\sum\nolimits_{i} x_i \label{eq:a} \nonumber`, `Σ_i x_i`},
		{`\left\langle A , X \right\rangle`, `⟨A, X⟩`},
		{`\sqrt[3]{y}`, `(y)^(1/3)`},
		{`\underbrace{x^T A x}_{\text{quadratic}} + \overbrace{b^T x}^{linear}`, `(x' A x) + (b' x)`},
		{`\mathbf{w}^{\top}\mathbf{x}_1`, `w' x_1`},
		{`{\bf w}^T x`, `w' x`},
		{`\widehat{y}^T \tilde{y}`, `ŷ' ỹ`},
		{`\mathbf 1^\top \exp(X)`, `𝟏' exp(X)`},
		{`\max\{0, 1 - y\, w^T x\}`, `max(0, 1 - y w' x)`},
		{`x^\mathsf{T} y + x^{\mathrm T} y`, `x' y + x' y`},
		{`\ln|\det A|`, `ln |det A|`},
		{`x^2_1 + x_2^2`, `x_1^2 + x_2^2`},
		{`\sigma\!\left(w^{\top}x+b\right)`, `σ(w' x + b)`},
		{`\exp\left\{-\frac{1}{2}z\right\}`, `exp (-(1/2) z)`},
		{`\lambda\lVert w\rVert_1`, `λ ‖w‖_1`},
		{`X^{\circ 2}`, `X.^2`},
		{`\left[ A x \right]^T y`, `(A x)' y`},
		{`\frac{\partial Q}{\partial Z}^T \mathrm{d}Z`, `(∂Q/∂Z)' dZ`},
		{`a \odot b \circ c \cdot d \times e \otimes f`, `a .* b .* c * d * e ⊗ f`},
	} {
		x, errs := ParseExpr(tt[0])
		y, errs2 := ParseExpr(tt[1])
		if errs.Err() != nil || errs2.Err() != nil {
			t.Errorf("%s: %v %v", tt[0], errs, errs2)
			continue
		}
		if got, want := strip(ast.Dump(x)), strip(ast.Dump(y)); got != want {
			t.Errorf("%s is\n%s, not\n%s", tt[0], got, want)
		}
	}
}
