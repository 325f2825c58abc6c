package matdiff_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// TestForms holds answers to the very form that a textbook prints, where
// several forms are of one length.
func TestForms(t *testing.T) {
	for _, c := range []struct{ program, wrt, want string }{
		{"Σ: d×d spd; Q = log det(Σ) + (x-μ)' inv(Σ) (x-μ)", "Σ", "Σ⁻¹ − Σ⁻¹(x − μ)(x − μ)ᵀΣ⁻¹"},
		{"K: n×n spd; Q = 1/2 y' K^-1 y + 1/2 logdet(K)", "K", "½(K⁻¹ − K⁻¹ y yᵀK⁻¹)"},
		{"S: p×p spd; Q = logdet(S) + tr(inv(S) C)", "S", "S⁻¹ − ½ S⁻¹(C + Cᵀ) S⁻¹"},
		{"A: n×n symmetric; Q = x'A x/(x'x)", "x", "2(A x − Q x)/‖x‖²"},
		{"A: n×n; X: n×n; Q = 1/2 ‖A X - I‖²", "X", "Aᵀ(A X − I)"},
		{"Q = sum(softplus(-y .* (X w)))", "w", "−Xᵀ(y ∘ s)"},
		{"p = σ(X w); L = -sum(y .* log p + (1-y) .* log(1-p))", "y", "−X w"},
		{"Q = exp(-x'x/(2 s^2))", "x", "−Q x/s²"},
		{"Q = sqrt(d'M d)", "M", "d dᵀ/(2 Q)"},
		{"Q = tr(W' S_b W)/tr(W' S_w W)", "W", "(S_b + S_bᵀ − Q(S_w + S_wᵀ)) W/c"},
		{"Q = tr(W' S_b W)/tr(W' S_w W)", "S_b", "W Wᵀ/c = W Wᵀ/tr(WᵀS_w W)"},
		{"Q = log(1 + exp(-y w'x))", "w", "−y s x = −y σ(−y wᵀx) x"},
		{"f = σ(a'x) σ(b'x)", "b", "f c_1 x = f(1 − σ(bᵀx)) x"},
		{"Q = tanh(a'x)", "a", "(1 − Q²) x"},
		{"α: scalar; λ: scalar; Q = λ*sqrt(1 + exp(2 α))", "α", "λ exp(2 α)/sqrt(c)"},
		{"Q = λ*norm1(x)", "λ", "‖x‖₁"},
		{"Q = tr(A X B X' C)", "X", "C A X B + AᵀCᵀX Bᵀ"},
		{"X: n×n; Q = tr(A*inv(X)*B)", "X", "−(X⁻¹ B A X⁻¹)ᵀ"},
		{"X: n×k; W, V: k×m; Q = sum(X(W+V))", "X", "𝟏𝟏ᵀ(W + V)ᵀ"},
		{"A, B: n×k; C, D: k×m; Q = sum((A+B)(C+D))", "C", "(A + B)ᵀ𝟏𝟏ᵀ"},
		{"X, M: n×k; W: k×m; Q = sum((X-M)W)", "W", "(X − M)ᵀ𝟏𝟏ᵀ"},
		{"z: n; y: n; Q = ‖relu(z) - y‖²", "z", "2 [z > 0] ∘ (relu(z) − y)"},
		{"z: n; y: n; Q = ‖leakyrelu(z, 0.1) - y‖²", "z", "2(0.1 + 0.9 [z > 0]) ∘ (leakyrelu(z, 0.1) − y)"},
		{"z: n; Q = sum(leakyrelu(z, 0.1))", "z", "0.1 + 0.9 [z > 0]"},
		{"z: n; y: n; a: scalar; Q = sum(leakyrelu(z, a) .* y)", "z", "y ∘ ((1 − a) [z > 0] + a)"},
		{"x: n; Q = sum(x + 4*relu(x))", "x", "1 + 4 [x > 0]"},
	} {
		d, err := matdiff.Derive(context.Background(), c.program, matdiff.NoVerify())
		if err != nil {
			t.Errorf("%s: %v", c.program, err)
			continue
		}
		text := d.Doc().Text(render.Options{})
		if !regexp.MustCompile(`∂\w+/∂` + c.wrt + ` *= ` + regexp.QuoteMeta(c.want) + `(\n|   | = )`).MatchString(text) {
			t.Errorf("%s: want ∂/∂%s = %s in\n%s", c.program, c.wrt, c.want, text)
		}
	}
}

// A 1 that stands apart from a transpose is the number, and is said to be.
func TestTrailingOne(t *testing.T) {
	for program, want := range map[string]bool{"Q = 1ᵀ X 1": true, "Q = x' 1": true, "Q = 1ᵀ X 𝟏": false, "Q = x'1": false, "Q = 1'x": false} {
		d, err := matdiff.Derive(context.Background(), program, matdiff.NoVerify())
		if err != nil {
			t.Errorf("%s: %v", program, err)
			continue
		}
		if got := strings.Contains(d.Doc().Text(render.Options{}), "is the number: 𝟏"); got != want {
			t.Errorf("%s: a note on the last 1 is %v", program, got)
		}
	}
}
