package infer

import (
	"strings"
	"testing"
)

// TestContractMore holds readings and errors that a second walk through the
// language found wrong: spellings of other languages, one error for one cause,
// help that mends what it is given for.
func TestContractMore(t *testing.T) {
	for _, c := range []holds{
		// Declarations.
		{src: "P: k stochastic; sum(P)", code: "E219", says: "is simplex"},
		{src: "P: 1×k stochastic; sum(P)", vars: "P:1×k"},
		{src: "M: a xb; sum(M)", code: "E111", help: "x b"},
		{src: "u: k; v: j", code: "E224"},

		// Exponents.
		{src: "j = 2; M: a×a; tr(M^j)", want: "tr(mul(M M))"},
		{src: "j = -1; M: a×a; tr(M^(j - 1))", want: "tr(mul(inv(M) inv(M)))"},
		{src: "j = 1/2; M: a×a; tr(M^j)", code: "E209", says: "not j"},
		{src: "s: scalar; s^1/2", want: "had(1/2 s)", note: "an exponent that is a fraction needs brackets"},
		{src: "M: a×a; tr(M^-1/3)", note: "M^-1/3 was read as (M^-1)/3"},
		{src: "s: scalar; s^3/2", want: "had(1/2 pow(s 3))"},
		{src: "u: k; sum(u.²)", want: "sum(pow(u 2))"},
		{src: "u: k; sum(u.⁻¹)", want: "sum(pow(u -1))"},
		{src: "u: k; sum(u.**3)", code: "E120", says: ".**"},
		{src: "u: k; sum(u^-1)", code: "E207", help: "u.^-1"},
		{src: "M: a×b; sum(M⁻¹)", code: "E207", help: "M.^-1"},

		// Products.
		{src: "M: a×a; 1/M", code: "E211", help: "inv(M)"},
		{src: "M: a×b; P: a×c; S: c×b; sum(M .* P*S)", code: "E205", help: "M .* (P*S)"},
		{src: "M: a×b; P: b×c; S: b×c; u: c; sum(M*P .* S u)", code: "E205"},
		{src: "M: a×b; P: b×c; S: b×c; sum(M*P .* S)", code: "E205", help: "M*(P .* S)"},
		{src: "E .* F*G", note: "the other reading is E .* (F*G)"},
		{src: "M: a×b; P: a×b; S: b×c; sum(M .* P*S)", note: ""},
		{src: "u: k; v: j; u'v", code: "E203", help: ""},
		{src: "u: k; 3 1'u", want: "had(3 mul(t(1[k×1]) u))"},
		{src: "M: a×b; P: a×b; sum(M.\\P)", code: "E101", help: "Y./X"},

		// Comparisons.
		{src: "u: k; sum([u <> 0])", want: "sum(ne(u 0[k×1]))"},
		{src: "u: k; sum(𝟙[u > 0] .* u)", want: "sum(had(gt(u 0[k×1]) u))"},
		{src: "u: k; sum(𝟙{u > 0})", want: "sum(gt(u 0[k×1]))"},
		{src: "u: k; v: k; sum(1{u = v})", want: "sum(eq(u v))"},
		{src: `u: k; sum(\mathbb{1}\{u \ge 1\})`, want: "sum(ge(u 1[k×1]))"},
		{src: "M: a×b; u: b; sum([M > u])", code: "E233", help: "[M > u']"},

		// Entries and literals.
		{src: "M(2, 3) + 1", code: "E220", says: "M(2, 3)"},
		{src: "h: R^2 → R; h(2, 3)", code: "E213"},

		{src: "A: m×n; B: n×m; Σ_i Σ_j A^T_{ij} B_{ij}", want: "sum(had(t(A) B))"},
		{src: "A: n×n; B: n×n; \\sum_{i,j} A^{-1}_{ij} B_{ij}", want: "sum(had(inv(A) B))"},
		{src: "w: n; \\sum_k w^T_k w_k", want: "mul(t(w) w)"},
		{src: "X: n×d; w: d; y: n; Σ_i y_i (X w)_i", want: "mul(t(y) X w)"},
		{src: "X: n×d; w: d; Σ_{i=1}^n σ(X w)_i", want: "sum(sigmoid(mul(X w)))"},
		{src: "X: n×d; W: k×d; Y: n×k; Σ_{i=1}^n Σ_k Y_{ik} [W x_i]_k", want: "sum(had(Y mul(X t(W))))"},
		{src: "X: n×d; W: k×d; Σ_{i=1}^n (W x_i)_{y_i}", vars: "X:n×d W:k×d y:n×k", note: "the labels y_i"},
		{src: "A: n×n; x: n; (A x)_1", code: "E220", says: "(A x)_1"},
		{src: "A: n×n; x: n; (A x)_k", code: "E226", says: "bound by no sum"},
		{src: "A: n×n; x: n; Σ_i (A x)_{i+1}", code: "E225", says: "shifted"},
		{src: "h = σ(X θ); Σ_i h_i^2", vars: "X:N×D θ:D×1"},
		{src: "h = exp(θ); Σ_i y_i h_i", vars: "θ:D×1 y:D×1"},
		{src: "Σ_i [X θ - y]_i^2", vars: "X:N×D θ:D×1 y:N×1"},
		{src: "Σ_i (A x)_i^2 + λ Σ_i θ_i^2", vars: "A:m×n x:n×1 λ:scalar θ:D×1"},

		{src: "A: n×m; V: m×d; U: n×d; Σ_{i=1}^n u_i'(Σ_{j=1}^m A_{ij} v_j)", vars: "A:n×m V:m×d U:n×d"},
		{src: "X: n×d; W: k×d; Σ_{i=1}^n w_{y_i}' x_i", vars: "X:n×d W:k×d y:n×k"},
		{src: "Z: n×k; Σ_{i=1}^n max_k z_{ik}", code: "E226", says: "one index only"},

		// The square of a residual.
		{src: "mean((y - X*beta)^2)", vars: "y:N×1 X:N×D beta:D×1", note: "the power of each entry of the vector"},
		{src: "sum((y - z)^2)", vars: "y:N×1 z:N×1"},
		{src: "(y - X w)^2", code: "E208", help: "‖y - X w‖²"},
		{src: "beta: p; mean((y - X*beta)^2)", code: "E208"},
		{src: "h = tanh(W*x + b); d = y - h; g = d .* (1 - h^2)", vars: "W:D×K x:K×1 b:D×1 y:D×1", note: "the power of each entry of the vector"},
		{src: "h = tanh(W*x + b); g = 1 - h^2", vars: "W:D×K x:K×1 b:D×1", note: "the power of each entry of the vector"},
		{src: "f = x^2 + 1", vars: "x:scalar"},

		// Assumptions.
		{src: "M' = M; u'M u", code: "E229", help: "M: n×n symmetric"},
		{src: "M'M = I; tr(M P)", code: "E229", help: "M: n×n orthogonal"},

		// Functions of other names.
		{src: "logsigmoid(u)", code: "E202", help: "write log(sigmoid(u))"},
		{src: "determinant(M)", code: "E202", help: "write det(M)"},
		{src: "frobenius(M)", code: "E202", help: "write norm(M)"},

		// One cause, one error.
		{src: "1'1", code: "E230", help: "ones(n)"},
		{src: strings.Repeat("sin ", 3000) + "u", code: "E104", help: "names"},
		{src: strings.Repeat("sin ", 40) + "u"},
		{src: "vector(2)", code: "E230", help: "2*ones(n)"},
		{src: "w = w'w + w", code: "E223"},
		{src: "‖u‖_0", code: "E122", help: "sum([u != 0])"},
	} {
		c.check(t)
		if _, list := inferText(c.src, Options{}); c.code != "" && len(itemsOf(list)) > 1 {
			t.Errorf("%s: more than one error\n%v", c.src, list)
		}
	}
}

// TestNoOuterProduct: where two lengths differ no other order of the factors
// is offered that makes an outer product of an inner one.
func TestNoOuterProduct(t *testing.T) {
	for _, src := range []string{"u: k; v: j; u'v", "M: a×b; u: a; u'M u", "u: 3; v: 4; u'*v"} {
		_, list := inferText(src, Options{})
		for _, d := range itemsOf(list) {
			if d.Code != "E203" || len(d.Fixes) > 0 {
				t.Errorf("%s: %v", src, d)
			}
		}
	}
}
