package parser

import (
	"fmt"
	"strings"
	"testing"
)

func TestUnroll(t *testing.T) {
	two := "a_0 = x\nz_1 = W_1 a_0 + b_1\na_1 = tanh(z_1)\nz_2 = W_2 a_1 + b_2\na_2 = tanh(z_2)\nQ = sum(a_2)"
	for _, c := range []struct{ src, want string }{
		{"L = 2; a^0 = x; z^{l+1} = W^{l+1} a^l + b^{l+1}, a^{l+1} = tanh(z^{l+1}), l = 0…L−1; Q = sum(a^L)", two},
		{"a^0 = x\nz^(l+1) = W^(l+1) a^l + b^(l+1)\na^(l+1) = tanh(z^(l+1)), l = 0..L-1\nL = 2\nQ = sum(a^L)", two},
		{"a_0 = x\nz_{l+1} = W_{l+1} a_l + b_{l+1}\na_{l+1} = tanh(z_{l+1})\nl = 0,...,1\nQ = sum(a_2)", two},
		{`\begin{cases} a_i^0 = x_i, i = 1 \dots d \\ z^{l+1} = W^{l+1} a^l + b^{l+1}, l = 0 \dots L-1 \\ a_i^{l+1} = g(z_i^{l+1}), i = 1 \dots N_{l+1} \end{cases}; g = tanh; L = 2; Q = sum(a^L)`, two},
		{"h_t = tanh(W h_{t-1} + U x_t), t = 1…T; T = 2; Q = sum(h_T)", "h_1 = tanh(W h_0 + U x_1)\nh_2 = tanh(W h_1 + U x_2)\nQ = sum(h_2)"},
		{"a^{l+1} = a^l + σ(W^{l+1} a^l), l=0,\\dots,L-1; L=2", "a_1 = a_0 + σ(W_1 a_0)\na_2 = a_1 + σ(W_2 a_1)"},
		{"z^{l+1} = W^{l+1} a^l, a^{l+1} = tanh(z^{l+1}), l = 0…L−1", "z_1 = W_1 a_0\na_1 = tanh(z_1)\nz_2 = W_2 a_1\na_2 = tanh(z_2)\nz_3 = W_3 a_2\na_3 = tanh(z_3)"},
		// A last layer of its own, what is said of the layers afterwards, and sums over them.
		{"L = 2; a^l = tanh(W^l a^{l-1}), l = 1…L-1; z^L = W^L a^{L-1}; Q = sum(z^L)", "a_1 = tanh(W_1 a_0)\nz_2 = W_2 a_1\nQ = sum(z_2)"},
		{"L = 2; a^l = W^l a^{l-1}, l = 1…L; Q = sum(a^L); d^L = 1; d^l = W^{l+1}' d^{l+1}, l = L-1…1; ∂Q/∂W^l = d^l (a^{l-1})', l = 1…L; dQ/da^0 = W^1' d^1",
			"a_1 = W_1 a_0\na_2 = W_2 a_1\nQ = sum(a_2)\nd_2 = 1\nd_1 = W_2' d_2\n∂Q/∂W_1 = d_1 (a_0)'\n∂Q/∂W_2 = d_2 (a_1)'\ndQ/da_0 = W_1' d_1"},
		{"T = 2; h_t = W h_{t-1}, t = 1…T; Q = 1/T Σ_{t=1}^T ||h_t - y_t||^2 + ‖W‖²", "h_1 = W h_0\nh_2 = W h_1\nQ = 1/T (||h_1 - y_1||^2 + ||h_2 - y_2||^2) + ‖W‖²"},
		// Not a recurrence: powers and sums stay.
		{"Q = x^l + x^{l+1}", "Q = x^l + x^{l+1}"},
		{"L = 3; Q = x^L", "L = 3; Q = x^L"},
		{"Q = Σ_{i=1}^n x_i, i = 1…n", "Q = Σ_{i=1}^n x_i, i = 1…n"},
		{"= x, l = 0…3", "= x, l = 0…3"},
	} {
		if got, _ := unroll(c.src); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.src, got, c.want)
		}
	}
}

// TestUnrollIsLinear writes out 1000 layers, and no more.
func TestUnrollIsLinear(t *testing.T) {
	const layers = "a^{l+1} = tanh(W^{l+1} a^l), l = 0…L-1; L = %d"
	got, _ := unroll(fmt.Sprintf(layers, 1000))
	if n := strings.Count(got, "\n") + 1; n != 1000 {
		t.Errorf("%d lines", n)
	}
	big := fmt.Sprintf(layers, 1001)
	if got, _ := unroll(big); got != big {
		t.Error("more than 1000 steps were written out")
	}
}

func TestUnrollWithoutItsFunction(t *testing.T) {
	_, errs := Parse("a^{l+1} = g(W^{l+1} a^l), l = 0…L-1; L = 2; Q = sum(a^L)")
	if errs.Err() == nil || !strings.Contains(errs.Error(), "add g = tanh") {
		t.Errorf("got %v", errs.Err())
	}
}
