package matdiff_test

import (
	"context"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// unnamed are programs that apply functions without a formula, and lines that
// their answer has to hold.
var unnamed = []struct{ program, lines string }{
	{"z = f(x, y); Q(z)", "dQ = (∂Q/∂z)ᵀ(∂f/∂x dx + ∂f/∂y dy)\n∂Q/∂x = (∂f/∂x)ᵀ ∂Q/∂z\n∂Q/∂y = (∂f/∂y)ᵀ ∂Q/∂z"},
	{"z = f(x, y); Q = Q(z)", "∂Q/∂x = (∂f/∂x)ᵀ ∂Q/∂z"},
	{"z = f(x, y); Q = g(z)", "∂Q/∂x = (∂f/∂x)ᵀ ∂g/∂z"},
	{"z = f(x, y)", "dz = ∂f/∂x dx + ∂f/∂y dy\n∂Q/∂x = (∂f/∂x)ᵀ ∂Q/∂z"},
	{"Q = h(g(f(x)))", "∂Q/∂x = (∂f/∂x)ᵀ(∂g/∂f)ᵀ ∂h/∂g"},
	{"z = f(x); u = g(z); Q = h(u)", "∂Q/∂x = (∂f/∂x)ᵀ(∂g/∂z)ᵀ ∂h/∂u"},
	{"Q = sum(f(X w))", "∂Q/∂w = Xᵀ f'(X w)ᵀ1"},
	{"Q = ‖f(x) - y‖^2", "∂Q/∂x = 2(∂f/∂x)ᵀ(f(x) − y)\n∂Q/∂y = 2(y − f(x))"},
	{"z = X w; Q = g(z)", "∂Q/∂X = ∂g/∂z wᵀ\n∂Q/∂w = Xᵀ ∂g/∂z"},
	{"f: R -> R; Q = sum(f(X w))", "∂Q/∂w = Xᵀ f'(X w)"},
	{"f: R^n → R; A: n×m; Q = f(A x)", "∂Q/∂x = Aᵀ ∇f(A x)"},
	{"Q = sum(f(X W + b))", "∂Q/∂W = XᵀB_1 = Xᵀ f'(X W + b)\n∂Q/∂b = 1ᵀB_1 = 1ᵀ f'(X W + b)"},
	{"Q = Σ_i (f(x_i) - y_i)^2", "∂Q/∂x = 2 f'(x) ∘ (f(x) − y)"},
	{"y = y(x); Q = Q(x, y)", "∂Q/∂x = ∂Q(x, y)/∂x + (∂y/∂x)ᵀ ∂Q(x, y)/∂y"},
	{"Q = f(x, x)", "∂Q/∂x = ∂₁f(x, x) + ∂₂f(x, x)"},
	{"Q = f(x, y) + f(y, x)", "∂Q/∂x = ∂f(x, y)/∂x + ∂f(y, x)/∂x"},
	{"X: n×m; Q = f(X)", "∂Q/∂X = ∂f/∂X"},
	{"t: scalar; x = f(t); Q = g(x)", "∂Q/∂t = ∂f/∂t ∂g/∂x"},
	{`\phi: \mathbb{R}^n \times \mathbb{R}^k \to \mathbb{R}^m; Q = \|\phi(x, \theta) - y\|^2; \theta: k`, "∂Q/∂θ = 2(∂φ/∂θ)ᵀr = 2(∂φ/∂θ)ᵀ(φ(x, θ) − y)"},
	// Not functions: a letter that stands alone too, a letter that is no
	// function's, a number as operand, a declared variable.
	{"h: scalar; Q = h(1 - h)", "∂Q/∂h = 1 − 2 h"},
	{"a: scalar; Q = sum(a(x - y))", "∂Q/∂a = sum(x − y)"},
	{"f: scalar; Q = f(t + 1); t: scalar", "∂Q/∂f = t + 1"},
}

func TestUnnamed(t *testing.T) {
	for _, c := range unnamed {
		d, err := matdiff.Derive(context.Background(), c.program, matdiff.Steps())
		if err != nil {
			t.Errorf("%s: %v", c.program, err)
			continue
		}
		text := d.Doc().Text(render.Options{})
		for _, line := range strings.Split(c.lines, "\n") {
			if !strings.Contains(strings.ReplaceAll(text, "  =", " ="), line+"\n") {
				t.Errorf("%s: no line %q in\n%s", c.program, line, text)
			}
		}
		if wrong, undecided := d.Verdict(); wrong || undecided {
			t.Errorf("%s: not verified\n%s", c.program, text)
		}
		for _, f := range []func(render.Options) string{d.Doc().ASCII, d.Doc().LaTeX, d.Doc().Markdown} {
			if f(render.Options{Steps: true}) == "" {
				t.Errorf("%s: nothing printed", c.program)
			}
		}
		// What is printed reads back to the same gradients.
		if len(d.Program.Maps) == 0 {
			continue
		}
		var program []string
		for _, l := range strings.Split(d.Doc().ASCII(render.Options{}), "\n") {
			if !strings.HasPrefix(l, "d") && !strings.HasPrefix(l, "#") {
				program = append(program, l)
			}
		}
		again, err := matdiff.Derive(context.Background(), strings.Join(program, "\n"))
		if err != nil {
			t.Errorf("%s: as printed: %v", c.program, err)
			continue
		}
		for i, g := range again.Grads {
			if a, b := render.Expr(g.Node, render.Text), render.Expr(d.Grads[i].Node, render.Text); g.Wrt.Name == d.Grads[i].Wrt.Name && a != b {
				t.Errorf("%s: as printed gives %s, not %s", c.program, a, b)
			}
		}
	}
}

// TestUnnamedErrors holds what is said where a function cannot be left without
// a formula.
func TestUnnamedErrors(t *testing.T) {
	for _, c := range []struct{ program, want string }{
		{"sofmax(x)", "did you mean softmax?"},
		{"Q = loss(y, p)", "a function without a formula is declared: loss: R^n × R^m → R"},
		{"f: R^n → R^m; x: n; Q = f(x, x)", "f is declared with 1 operand, here it has 2"},
		{"f: R^n → R^m; x: n; A: m×n; Q = sum(f(A x))", "f is declared on n×1, here it is given m×1"},
		{"f: R^n → R^m; Q = f + 1", "the function f has no operand here"},
		{"X: N×D; Q = Σ_{i=1}^N g(x_i)", "g of a vector for each index has no matrix form"},
	} {
		_, err := matdiff.Derive(context.Background(), c.program)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.program, err, c.want)
		}
	}
}

// TestUnnamedClaims holds what check says of derivatives of functions without a
// formula, and of f'(x).
func TestUnnamedClaims(t *testing.T) {
	for _, c := range []struct{ program, want string }{
		{"z = f(x, y)\nQ(z)\n∂Q/∂x = (∂f/∂x)ᵀ ∂Q/∂z\ndQ = (∂Q/∂z)ᵀ (∂f/∂x dx + ∂f/∂y dy)\ndz = ∂f/∂x dx + ∂f/∂y dy", "right"},
		{"z = f(x, y)\n∂Q/∂x = (∂f/∂x)ᵀ ∂Q/∂z\ndQ = (∂Q/∂z)ᵀ dz", "right"},
		{"z = a(x)\n∂Q/∂x = (∂a/∂x)ᵀ ∂Q/∂z", "right"},
		{"z = f(x)\nQ(z)\n∂Q/∂x = ∂Q/∂z ∂f/∂x", "wrong"},
		{"Q = ‖f(x) - y‖²\n∂Q/∂x = 2 (∂f/∂x)' (f(x) - y)\n∂Q/∂x = 2 f'(x)' (f(x) - y)", "right"},
		{"Q = ‖f(x) - y‖²\n∂Q/∂x = 2 f'(x) (f(x) - y)", "wrong"},
		{"Q = h(g(f(x)))\n∂Q/∂x = (∂f/∂x)ᵀ(∂g/∂f)ᵀ ∂h/∂g", "right"},
		{"Q = sum(f(X w))\n∂Q/∂w = X' f'(X w)'1", "right"},
		{"σ'(t) = σ(t)(1-σ(t))", "right"},
		{"σ'(t) = σ(t)(1+σ(t))", "wrong"},
		{"Q = sum(tanh(X w))\n∂Q/∂w = X' tanh'(X w)", "right"},
		{"Q = sum(tanh(X w))\n∂Q/∂w = X' (tanh'(X w).^2)", "wrong"},
		{"z = A y\nQ = sum(z)\n∂Q/∂y = A'1", "right"}, // y is a name here, no conjunction
	} {
		r, err := matdiff.Check(context.Background(), c.program, matdiff.CheckOptions{})
		if err != nil {
			t.Errorf("%s: %v", c.program, err)
			continue
		}
		if got := r.Verdict; got != c.want {
			t.Errorf("%s: %s, want %s", c.program, got, c.want)
		}
	}
}
