package matdiff_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// TestRecursion derives networks and recurrences of symbolic length. Each
// result was put together at several depths and verified there.
func TestRecursion(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"MLP", "z^{l+1} = W^{l+1} a^l + b^{l+1}; a^{l+1} = σ(z^{l+1}), l = 0…L−1; Q = 1/2‖a^L − y‖²", []string{
			"inferred a^0: n_0   W^l: n_l×n_{l−1}   b^l: n_l   y: n_L",
			"δ^L = ∂Q/∂z^L = (a^L − y) ∘ a^L ∘ (1 − a^L)",
			"δ^l = ∂Q/∂z^l = (W^{l+1})ᵀ δ^{l+1} ∘ a^l ∘ (1 − a^l),   l = L−1…1",
			"∂Q/∂W^l = δ^l (a^{l−1})ᵀ,   l = 1…L", "∂Q/∂b^l = δ^l,   l = 1…L", "∂Q/∂a^0 = (W^1)ᵀδ^1", "∂Q/∂y   = y − a^L",
		}},
		{"any activation", `\begin{cases} a_i^0 = x_i, i = 1 \dots d \\ z^{l+1} = W^{l+1} a^l + b^{l+1}, l = 0 \dots L-1 \\ a_i^{l+1} = g(z_i^{l+1}), i = 1 \dots N_{l+1} \end{cases}; Q = 1/2‖a^L − y‖²`, []string{
			"δ^L = ∂Q/∂z^L = (a^L − y) ∘ g'(z^L)", "δ^l = ∂Q/∂z^l = (W^{l+1})ᵀ δ^{l+1} ∘ g'(z^l),   l = L−1…1", "∂Q/∂x   = (W^1)ᵀδ^1",
		}},
		{"any loss", "z^{l+1} = W^{l+1} a^l + b^{l+1}, a^{l+1} = g(z^{l+1}), l = 0…L-1; Q(a^L)", []string{"δ^L = ∂Q/∂z^L = ∂Q/∂a^L ∘ g'(z^L)"}},
		{"no loss", "z^{l+1} = W^{l+1} a^l + b^{l+1}, a^{l+1} = σ(z^{l+1}), l = 0…L−1", []string{"δ^L = ∂Q/∂z^L = ∂Q/∂a^L ∘ a^L ∘ (1 − a^L)"}},
		{"rows", "Z^{l+1} = A^l W^{l+1} + 1 (b^{l+1})ᵀ; A^{l+1} = σ(Z^{l+1}), l = 0…L−1; A^0 = X; Q = 1/2‖A^L − Y‖²", []string{
			"δ^l = ∂Q/∂Z^l = δ^{l+1} (W^{l+1})ᵀ ∘ A^l ∘ (1 − A^l),   l = L−1…1",
			"∂Q/∂W^l = (A^{l−1})ᵀ δ^l,   l = 1…L", "∂Q/∂b^l = (δ^l)ᵀ1,   l = 1…L", "∂Q/∂X   = δ^1 (W^1)ᵀ",
		}},
		{"residual", "a^{l+1} = a^l + σ(W^{l+1} a^l + b^{l+1}), l=0…L-1; Q = 1/2‖a^L − y‖²", []string{"δ^L = ∂Q/∂a^L = a^L − y", "+ δ^{l+1},   l = L−1…1"}},
		{"last layer of its own", "a^0 = x; z^l = W^l a^{l-1} + b^l; a^l = relu(z^l), l = 1…L-1; z^L = W^L a^{L-1} + b^L; Q = -sum(y .* logsoftmax(z^L))", []string{
			"a^l = relu(z^l),   l = 1…L−1", "δ^L = ∂Q/∂z^L = sum(y) softmax(z^L) − y", "∂Q/∂W^l = δ^l (a^{l−1})ᵀ,   l = 1…L",
		}},
		{"shared weights", "h_t = tanh(W h_{t-1} + U x_t + b), o_t = V h_t + c, t = 1…T; Q = 1/T sum_{t=1}^T ||o_t - y_t||^2 + λ ||W||^2", []string{
			"Q = 1/T Σ_{t=1}^T ‖o_t − y_t‖² + λ ‖W‖²",
			"δ_t = ∂Q/∂h_t = Wᵀ(δ_{t+1} ∘ (1 − h_{t+1} ∘ h_{t+1})) + 2 Vᵀ(V h_t + c − y_t)/T,   t = T−1…1",
			"∂Q/∂W   = Σ_{t=1}^T (δ_t ∘ (1 − h_t ∘ h_t)) h_{t−1}ᵀ + 2 λ W", "∂Q/∂V   = 2/T Σ_{t=1}^T (V h_t + c − y_t) h_tᵀ",
		}},
		{"two states", "f^t = σ(C h^{t-1} + D x^t), c^t = f^t ∘ c^{t-1} + (1 - f^t) ∘ tanh(E x^t), h^t = tanh(c^t), t = 1…T; Q = 1/2‖h^T − y‖²", []string{
			"δ^T = ∂Q/∂h^T = h^T − y", "ε^t = ∂Q/∂c^t = δ^t ∘ (1 − h^t ∘ h^t) + ε^{t+1} ∘ f^{t+1},   t = T−1…1",
		}},
		{"two steps back", "a^{l+1} = σ(W^{l+1} a^l + V^{l+1} a^{l-1}), l=1…L-1; Q = sum(a^L)", []string{"δ^{L−1} = ∂Q/∂a^{L−1} = ", ",   l = L−2…2", "∂Q/∂a^0 = (V^2)ᵀ"}},
		{"a state that does not reach the loss", "z^{l+1} = W a^l, a^{l+1} = sin(z^{l}), l = 0…L-1; Q = sum(a^L)", []string{"∂Q/∂z^L = zeros(n)"}},
		{"control", "x^{k+1} = A x^k + B u^k, k = 0…K-1; Q = 1/2 Σ_{k=0}^{K-1} (x^k' x^k + u^k' u^k) + 1/2 ‖x^K‖²", []string{
			"Q = ½ Σ_{k=0}^{K−1} ", "∂Q/∂u^k = Bᵀ δ^{k+1} + u^k,   k = 0…K−1", "∂Q/∂A   = Σ_{k=1}^K δ^k (x^{k−1})ᵀ",
		}},
		{"a sum inside a function", "x^{k+1} = A x^k, k = 0…K-1; Q = log(Σ_{k=0}^{K} ‖x^k‖²)", []string{"q = Σ_{k=0}^K ‖x^k‖²", "Q = log(q)", "δ^k = ∂Q/∂x^k = Aᵀ δ^{k+1} + 2 x^k/q"}},
		{"two sums with names of their own", "x^{k+1} = A x^k, k = 0…K-1; J = Σ_{k=0}^{K} ‖x^k‖²; R = Σ_{k=1}^{K} b'x^k; Q = log(J) + λ R", []string{
			"J = Σ_{k=0}^K ‖x^k‖²", "R = Σ_{k=1}^K bᵀ x^k", "Q = log(J) + λ R", "δ^k = ∂Q/∂x^k = Aᵀ δ^{k+1} + 2 x^k/J + λ b", "∂Q/∂λ   = R",
		}},
		{"one sum with a name, one without", "x^{k+1} = A x^k, k = 0…K-1; J = Σ_{k=0}^{K} ‖x^k‖²; Q = J/2 + λ Σ_{k=1}^{K} b'x^k", []string{"J = Σ_{k=0}^K ‖x^k‖²", "q = Σ_{k=1}^K bᵀ x^k", "Q = ½ J + λ q"}},
		{"two sums, one inside a function", "x^{k+1} = A x^k, k = 0…K-1; Q = log(Σ_{k=1}^{K} (b'x^k)^2) + 1/2 Σ_{k=0}^{K} ‖x^k‖²", []string{"q = Σ_{k=1}^K (bᵀ x^k)²", "Q = log(q) + ½ Σ_{k=0}^K ‖x^k‖²"}},
		{"declared sizes, weight decay", "W^l: N_l×N_{l-1}; b^l: N_l; z^l = W^l a^{l-1} + b^l, a^l = relu(z^l), l = 1…L; Q = ‖a^L − y‖² + λ Σ_{l=1}^L ‖W^l‖²", []string{
			"shapes   W^l: N_l×N_{l−1}   b^l: N_l", "∂Q/∂W^l = δ^l (a^{l−1})ᵀ + 2 λ W^l,   l = 1…L", "∂Q/∂λ   = q",
		}},
		{"square brackets", "a^{[l]} = tanh(W^{[l]} a^{[l-1]} + b^{[l]}), l = 1…L; Q = ‖a^{[L]} − y‖²", []string{"δ^{[L]} = ∂Q/∂a^{[L]} = 2(a^{[L]} − y)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := matdiff.Derive(context.Background(), c.src)
			if err != nil {
				t.Fatal(err)
			}
			out := d.Doc().Text(render.Options{})
			for _, w := range append(c.want, "verified for ") {
				if !strings.Contains(out, w) {
					t.Errorf("no %q in\n%s", w, out)
				}
			}
			if wrong, undecided := d.Verdict(); wrong || undecided {
				t.Errorf("not verified:\n%s", out)
			}
			// What is printed in ASCII is a derivation that holds.
			rep, err := matdiff.Check(context.Background(), d.Doc().ASCII(render.Options{}), matdiff.CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			// Derived again it gives the same, and says that claims were passed over.
			again, err := matdiff.Derive(context.Background(), d.Doc().ASCII(render.Options{}), matdiff.NoVerify())
			if err != nil {
				t.Fatalf("%v\n%s", err, d.Doc().ASCII(render.Options{}))
			}
			if got, want := claimsOf(again), claimsOf(d); got != want {
				t.Errorf("derived again: %s\nwant %s", got, want)
			}
			if notes := strings.Join(again.Doc().Notes, "\n"); !strings.Contains(notes, "passed over ") {
				t.Errorf("no remark on the claims:\n%s", notes)
			}
			if rep.Verdict != "right" && !strings.Contains(c.src, "(a^L)") && c.name != "no loss" {
				t.Errorf("check says %s of\n%s\n%s", rep.Verdict, d.Doc().ASCII(render.Options{}), rep.Text(false))
			}
		})
	}
}

// TestRecursionOptions gives a recurrence the options of a derivation.
func TestRecursionOptions(t *testing.T) {
	const src = "z^{l+1} = W^{l+1} a^l + b^{l+1}; a^{l+1} = σ(z^{l+1}), l = 0…L−1; Q = 1/2‖a^L − y‖²"
	d, err := matdiff.Derive(context.Background(), src, matdiff.Wrt("W"), matdiff.NumeratorLayout(), matdiff.Steps())
	if err != nil {
		t.Fatal(err)
	}
	out := d.Doc().Text(render.Options{Steps: true})
	for _, w := range []string{"∂Q/∂W^l = a^{l−1} (δ^l)ᵀ", "dQ      = (δ^{l+1})ᵀ W^{l+1}"} {
		if !strings.Contains(out, w) {
			t.Errorf("no %q in\n%s", w, out)
		}
	}
	if strings.Contains(out, "∂Q/∂b^l = δ^l") || strings.Contains(out, "∂Q/∂y") {
		t.Errorf("more than W was asked for:\n%s", out)
	}
	for _, opt := range []matdiff.Option{matdiff.Wrt("q"), matdiff.Order("hessian")} {
		if _, err := matdiff.Derive(context.Background(), src, opt); err == nil {
			t.Error("no error")
		}
	}
}

// claimsOf lists the adjoints and gradients of a result, in ASCII and sorted:
// variables that are declared stand in another order.
func claimsOf(d *matdiff.Derivation) string {
	var out []string
	for _, l := range strings.Split(d.Doc().ASCII(render.Options{}), "\n") {
		if strings.HasPrefix(l, "d") || strings.HasPrefix(l, "δ") || strings.HasPrefix(l, "ε") {
			out = append(out, l)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
