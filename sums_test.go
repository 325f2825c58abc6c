package matdiff_test

import (
	"context"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// sums are programs as papers write them, with a line of their answer, or of
// the error where there is no matrix form.
var sums = []struct{ program, want string }{
	// The label of an example picks an entry.
	{`L = -\sum_{i=1}^{N} \log \frac{\exp(z_{i,y_i})}{\sum_{k=1}^K \exp(z_{i,k})}`, "∂L/∂z = softmax(z) − y"},
	{`L = -\sum_{i=1}^N ( z_{i y_i} - \log \sum_{k} \exp(z_{ik}))`, "∂L/∂z = softmax(z) − y"},
	{`L = \sum_{i=1}^N z_{y_i}`, "∂L/∂z = yᵀ1"},
	{`L = -\sum_{i=1}^N \log p_{y_i}`, "L = −sum(log(y p))"},
	// Shifted entries have no matrix form, and are no names.
	{`L = \sum_{i=1}^n x_i x_{i+1}`, "x_{i+1}: a shifted index has no matrix form"},
	{`y_i = \sum_j w_j x_{i+j}; Q = \sum_i y_i`, "x_{i+j}: a shifted index has no matrix form"},
	{`L = \sum_{i=1}^n x_{i1}`, "x_{i1}: a subscript with the index in it"},
	// b_i goes by rows and c_j by columns, declared or not.
	{`L = \sum_{i,j} m_{ij} (r_{ij} - u_i^T v_j - b_i - c_j)^2`, "∂L/∂b = −2(m ∘ R) 𝟏"},
	{`Q = \sum_{i,k} (x_{ik} + b_i)^2`, "∂Q/∂b = 2(x + b) 𝟏"},
	{`Q = \sum_{i,k} (x_{ik} + b_k)^2`, "∂Q/∂b = 2(x + bᵀ)ᵀ1"},
	// θ is a vector where it is transposed; examples may be numbered above.
	{`J = \frac{1}{2m}\sum_{i=1}^m (\theta^T x_i - y_i)^2`, "J = ‖x θ − y‖²/(2 m)"},
	{`J = \frac{1}{2m}\sum_{i=1}^m (\theta^T x^{(i)} - y^{(i)})^2`, "J = ‖x θ − y‖²/(2 m)"},
	{`J = -\frac{1}{m} \sum_{i=1}^m \left[ y_i \log \sigma(\theta^T x_i) + (1-y_i) \log(1-\sigma(\theta^T x_i)) \right]`, "r = σ(x θ) − y"},
	// Layers are numbered above.
	{`z^{[1]} = W^{[1]} x + b^{[1]}; a^{[1]} = \sigma(z^{[1]}); L = \|a^{[1]} - y\|^2`, "z_1 = W_1 x + b_1"},
	{`z^{(1)} = W^{(1)} x + b^{(1)}; a^{(1)} = \tanh(z^{(1)}); L = \|a^{(1)} - y\|^2`, "z_1 = W_1 x + b_1"},
	{`L = \|W^{[2]\top} \sigma(W^{[1]} x)\|^2`, "L = ‖W_2ᵀ σ(W_1 x)‖²"},
	{`z^{(1)}_k = \sum_j w^{(1)}_{kj} x_j; Q = \sum_k (z^{(1)}_k)^2`, "∂Q/∂w_1 = 2 z_1 xᵀ"},
	{`t: scalar; Q = t^{(2)} + t^(3)`, "Q = t² + t³"},
	{`L = \left( \sum_i |x_i|^p \right)^{1/p}`, "inferred x: n   p: scalar"},
	{`L(w) = \sum_{i=1}^n \log(1 + e^{-y_i w^\top x_i})`, `write exp(-y_i w^\top x_i)`},
	{`L = \mathbb{E}[ (y - w^T x)^2 ]`, "an expectation is not in the language"},
	{`L = \max_i x_i`, "of all entries write max(x)"},
	{`\min_w \|X w - y\|^2`, "‖X w − y‖²"},
}

func TestSums(t *testing.T) {
	for _, c := range sums {
		d, err := matdiff.Derive(context.Background(), c.program)
		text := ""
		if err != nil {
			text = err.Error()
		} else {
			text = d.Doc().Text(render.Options{})
			if wrong, undecided := d.Verdict(); wrong || undecided {
				t.Errorf("%s: not verified\n%s", c.program, text)
			}
		}
		if !strings.Contains(strings.ReplaceAll(text, "  =", " ="), c.want) {
			t.Errorf("%s: no %q in\n%s", c.program, c.want, text)
		}
	}
}
