package infer

import (
	"strings"
	"testing"
)

// TestMistyped types programs as one who comes from another language would, or
// in haste, and reads what is said to them.
func TestMistyped(t *testing.T) {
	for _, c := range []holds{
		{src: "Q = np.sum(np.exp(X @ W))", vars: "X:N×D W:D×K"},
		{src: "np.linalg.norm(x)^2", vars: "x:n×1"},
		{src: "np.pi * x'x", vars: "x:n×1"},
		{src: "torch.sum(X)", code: "E101", help: "write sum(X)"},
		{src: "X.sum()", code: "E101", help: "write sum(X)"},
		{src: "Q = sum(log.(1 .+ exp.(-X*w))) .- 1", vars: "X:N×D w:D×1"}, // Julia
		{src: "X.T", vars: "X:N×D"},
		{src: "np.T", vars: "np:n×1"},
		{src: "mean((X @ w - y)**2)", code: "E120", help: ".^"},
		{src: "norm(X, 'fro')", code: "E105", help: "no strings"},
		{src: "Log(x)", code: "E202", help: "did you mean log?"},
		{src: "Exp(x)", code: "E202", help: "did you mean exp?"},
		{src: "sun(X)", code: "E202", help: "did you mean sin, sgn or sum?"},
		{src: "Tr[X]", code: "E220", says: "square brackets after the function Tr", help: "write Tr(X)"},
		{src: "Sin[x]", code: "E220", help: "write sin(x)"},
		{src: "floor(x)", code: "E202", help: "constant between its jumps"},
		{src: "svd(X)", code: "E202", help: "decompositions"},
		{src: "cumsum(x)", code: "E202", help: "not in the language"},
		{src: "sort(x)", code: "E202", help: "not in the language"},
		{src: "grad(x'x)", code: "E202", help: "give the objective alone"},
		{src: "erfc(x)", code: "E202", help: "write 1 - erf(x)"},
		{src: "pinv(A)", code: "E202", help: "write inv(A'*A)*A'"},
		{src: "sin^-1(x)", code: "E213", help: "write asin(x) for the inverse function, 1/sin(x) for the reciprocal"},
		{src: "d/dx x'x", code: "E236", help: "give the objective alone"},
		{src: "x: n; Q = Σ x_i", code: "E226", help: "write Σ_i"},
		{src: "x: n; Σ: n×n; Q = x'Σ x", vars: "x:n×1 Σ:n×n"},
		{src: "x'x/0", code: "E240"},
		{src: "1 ./ 0", code: "E240"},
		{src: "X ./ (0.0)", code: "E240"},
		{src: "x^* A x", code: "E114", help: "the transpose is x' or x^T"},
		{src: `x^\dagger A x`, code: "E117", help: "the transpose is x' or x^T"},
		{src: "e^(-x'x)", note: "the exponential is exp(x)"},
		{src: "x: n; x(1)", note: "entries are not in the language"},
		{src: "x: n; X: n×n; X(1,2)", code: "E220", says: "X(1,2)"},
		{src: "1_N' X 1_D", want: ""},
		{src: "x: n; 1_n'x", vars: "x:n×1"},
		{src: "‖X − U V'‖²_F", vars: "X:N×D U:N×r V:D×r"},
		{src: `\|X - U V^T\|^2_F`, vars: "X:N×D U:N×r V:D×r"},
		{src: "sum(X(:).^2)", vars: "X:N×D"},
		{src: "X(:)'*X(:)", vars: "X:N×D"},
		{src: "x: n; x'(A + I_n) x", vars: "x:n×1 A:n×n", note: "read I_n as the identity of size n"},
		{src: "logdet(A+λI_n)", vars: "A:n×n λ:scalar"},
		{src: "I_n: n×n; tr(I_n)", vars: "I_n:n×n"},
		{src: "tr(I_1 + I_2)", vars: "I_1:n×n I_2:n×n"},
		{src: "W^{(2)} σ(W^{(1)} x)", note: "for the name of a layer write W_2"},
		{src: "2.x'x", vars: "x:n×1"},
	} {
		r, list := inferText(c.src, Options{})
		if c.code == "" {
			c.check(t)
			continue
		}
		if list.Err() == nil {
			t.Errorf("%s: no error, want %s; read as %s", c.src, c.code, dump(r.Program.Objective.Node))
			continue
		}
		if d := list.Items[0]; d.Code != c.code || !strings.Contains(d.Message, c.says) || !strings.Contains(d.Help, c.help) {
			t.Errorf("%s: want %s %q help %q, got\n%v", c.src, c.code, c.says, c.help, list)
		}
	}
}
