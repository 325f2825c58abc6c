package parser

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/ast"
)

var update = flag.Bool("update", false, "rewrite the files of expected output")

const errorsFile = "testdata/errors.txt"

// faults are the programs of errorsFile with the text of their errors.
var faults = func() []struct{ src, want string } {
	text, err := os.ReadFile(errorsFile)
	if err != nil {
		panic(err)
	}
	var list []struct{ src, want string }
	for _, c := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n====\n") {
		src, want, _ := strings.Cut(c, "\n→")
		list = append(list, struct{ src, want string }{src, strings.TrimPrefix(want, "\n")})
	}
	return list
}()

// TestErrors compares the whole text of errors: message, places, help.
func TestErrors(t *testing.T) {
	var out []string
	for _, tt := range faults {
		_, errs := Parse(tt.src)
		got := strings.TrimSuffix(errs.Format(false), "\n")
		out = append(out, tt.src+"\n→\n"+got)
		if !*update && got != tt.want {
			t.Errorf("%s\n→\n%s\nwant\n%s", tt.src, got, tt.want)
		}
	}
	if *update {
		if err := os.WriteFile(errorsFile, []byte(strings.Join(out, "\n====\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTrees(t *testing.T) {
	for _, tt := range trees {
		prog, errs := Parse(tt.src)
		if errs.Err() != nil {
			t.Errorf("%q: %v", tt.src, errs)
		} else if got := strings.ReplaceAll(ast.Dump(prog), "\n", "; "); got != tt.want {
			t.Errorf("%q\ngot  %s\nwant %s", tt.src, got, tt.want)
		}
		checkSpans(t, tt.src, prog, errs)
	}
}

// TestSame holds spellings of one thing to one tree.
func TestSame(t *testing.T) {
	for _, same := range [][]string{
		{"A'", "A’", "Aᵀ", "A^T", "A^⊤", `A^\top`, "A^{T}", "A.T", "A.'", `A^{\top}`, `A^{\mathsf T}`, `A^{\mathrm{T}}`, "A′", "A⊤", "A^'", `A^\intercal`},
		{"A^-1", "A⁻¹", "A^{-1}", "A^−1", "A^(-1)"},
		{"A^-T", "A⁻ᵀ", "A^{-T}", `A^{-\top}`, "A^−T", `A^-⊤`},
		{"x^2", "x²", "x^{2}"},
		{"x^12", "x¹²"},
		{"A*B", "A@B", "A·B", "A×B", `A \cdot B`, `A\times B`, "A ⋅ B"},
		{"A .* B", "A⊙B", "A∘B", `A \odot B`, `A \circ B`},
		{"A⊗B", `A \otimes B`},
		{"a - b", "a − b", "a – b"},
		{"z_1", "z₁", "z_{1}"},
		{"z_ij", "z_{ij}", "zᵢⱼ"},
		{"x̂", `\hat{x}`, `\hat x`},
		{"ŷ_i", `\hat{y}_i`, "y\u0302_i", `\hat{y}_{i}`},
		{"x̄", `\bar{x}`, "x\u0305"},
		{"x̃", `\tilde{x}`},
		{"𝟏", "𝟙", `\mathbf{1}`, `\bar{1}`, `\mathbb{1}`, `\boldsymbol{1}`, `\bm 1`},
		{"W", `\mathbf{W}`, `\boldsymbol{W}`, `\mathrm{W}`, "𝐖", `\text{W}`},
		{"λ", `\lambda`}, {"ε", `\epsilon`, `\varepsilon`, "ϵ"}, {"μ", "µ", `\mu`},
		{"dλ", `d\lambda`}, {"dW", `d\mathbf{W}`, `\mathrm{d}W`, `\mathrm{d}\mathbf{W}`, "∂W", `\partial W`},
		{"‖x‖", "||x||", `\|x\|`, `\lVert x \rVert`, `\left\| x \right\|`, `\left\Vert x\right\Vert`},
		{"‖x‖_1", "|x|_1", "||x||_1", `\left| x \right|_1`},
		{"‖X‖_F", "||X||_F", `\|X\|_{F}`, "‖X‖_{fro}"},
		{"‖X‖_*", `\|X\|_{*}`, `\|X\|_\ast`},
		{"|s|", `\lvert s \rvert`, `\left| s \right|`, `\vert s \vert`},
		{"⟨A, B⟩", `\langle A, B \rangle`, `\left\langle A, B \right\rangle`, "⟨A, B⟩_F"},
		{"[x >= a]", "[x ≥ a]", `[x \ge a]`, `[x \geq a]`, `\left[ x \geqslant a \right]`},
		{"[y == k]", "[y = k]"}, {"[y != k]", "[y ≠ k]", "[y ~= k]", `[y \neq k]`},
		{"[x ∈ [a, b]]", "[a <= x <= b]", `[x \in [a, b]]`}, {"[x ∈ (a, b)]", "[a < x < b]"}, {"[x ∈ [a, b)]", "[a <= x < b]"},
		{"dQ/dX = G", `\frac{dQ}{dX} = G`, `\frac{\mathrm{d}Q}{\mathrm{d}X} = G`, `\frac{\partial Q}{\partial X} = G`, "∂Q/∂X = G", `\partial Q/\partial X = G`, "∂ Q / ∂ X = G", "dQ / dX = G", `\dfrac{d Q}{d X} = G`, `\frac{d}{dX} Q = G`, "d/dX Q = G", "∂/∂X Q = G"},
		{"∇_W Q", "∇_{W} Q", `\nabla_W Q`, `\nabla_{W} Q`, `\nabla_{\mathbf{W}} Q`, "∇_WQ"},
		{"d²Q/dw²", "d^2Q/dw^2", "∂²Q/∂w∂w'", "∂²Q/∂w²", "∂^2 Q/∂w ∂wᵀ", `\frac{\partial^2 Q}{\partial w \partial w^\top}`, `\frac{\partial^2 Q}{\partial w^2}`, `\frac{d^2 Q}{d w^2}`, `\frac{d^2Q}{dw^2}`, "d²Q/dw dw'", "∂²Q/∂w∂wᵀ"},
		{"Σ_{i=1}^{n} x_i", "∑_{i=1}^n x_i", `\sum_{i=1}^{n} x_i`, "sum_{i=1}^n x_i", "∑ᵢ₌₁ⁿ xᵢ", "Σᵢ₌₁ⁿ xᵢ", `\sum\limits_{i=1}^n x_i`, `\sum_{i=1}^nx_i`, `\sum^n_{i=1} x_i`},
		{"Σ_i x_i", "sum_i x_i", `\sum_i x_i`, "∑ᵢ xᵢ", "Σ_{i} x_i"},
		{"Π_{i=1}^n x_i", "prod_{i=1}^n x_i", `\prod_{i=1}^n x_i`, "∏ᵢ₌₁ⁿ xᵢ"},
		{"Σ_{ij} a_ij", "Σ_{i,j} a_ij", "Σ_i Σ_j a_ij", "Σ_ij a_ij"},
		{"X: N×D", "X: N x D", "X: NxD", "X ∈ R^{N×D}", "X ∈ ℝ^{N×D}", `X \in \mathbb{R}^{N \times D}`, `X: N\times D`, "X in R^{N x D}", "X ∈ R^(N×D)", "X: (N, D)", "X ∈ R^N×D", "X: N by D"},
		{"x: n", "x ∈ R^n", "x ∈ ℝⁿ", "x in R^n", `\mathbf{x} \in \mathbb{R}^n`, "x: (n,)"},
		{"s: scalar", "s ∈ R", "s ∈ ℝ", `s \in \mathbb{R}`},
		{"A: n×n symmetric", "A ∈ S^n", "A ∈ 𝕊ⁿ", `A \in \mathbb{S}^n`, "A: n×n, symmetric", "A: symmetric n×n"},
		{"A: n×n spd", "A ∈ S^n_{++}", "A ∈ S_{++}^n", "A ∈ 𝕊ⁿ₊₊", "A: n×n positive definite", "A ∈ S^{n}_{++}"},
		{"A: n×n psd", "A ∈ S^n_+", "A ∈ S_+^n"},
		{"x: n nonnegative", "x ∈ R^n_{+}", "x ∈ R^n_+", "x ∈ R_+^n", "x ∈ ℝⁿ₊", "x: n non-negative", "x ∈ R^n_{≥0}"},
		{"Y: N×K binary", "Y ∈ {0,1}^{N×K}", `Y \in \{0,1\}^{N \times K}`, `Y \in \{0, 1\}^{N×K}`},
		{"Y: N×K onehot", "Y: N×K one-hot"},
		{"A symmetric", "A: symmetric", "A is symmetric"},
		{"λ positive", "λ > 0", "λ: positive"},
		{`\frac{1}{2}`, `\frac12`, `\tfrac{1}{2}`, `\dfrac{1}{2}`, "(1/2)"},
		{"sqrt(x)", `\sqrt{x}`, "√x"},
		{"a = b\nc = d", "a = b; c = d", "a = b, c = d", `a = b \\ c = d`, "$$a = b$$\n$$c = d$$", `\begin{cases} a = b \\ c = d \end{cases}`, "\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}"},
		{"a = b = c", "a = b\n = c", "a = b\n\n# remark\n  = c", "a =\n = b = c", "a = b =\nc", `a = b \\ &= c \tag{3}`},
		{"a + b", "a +\nb", "a\n+ b", "a\n  + b"},
		{"a - b", "a -\nb", "a\n  - b"},
		{"f(a, b)", "f(a,\n  b)", "f(\na, b\n)", `f\left(a, b\right)`},
	} {
		want := ""
		for i, src := range same {
			prog, errs := Parse(src)
			if errs.Err() != nil {
				t.Errorf("%q: %v", src, errs)
				continue
			}
			checkSpans(t, src, prog, errs)
			got := strings.ReplaceAll(ast.Dump(prog), "call-space", "call")
			if i == 0 {
				want = got
			} else if got != want {
				t.Errorf("%q is %s, but %q is %s", src, got, same[0], want)
			}
		}
	}
}

// TestSpans holds nodes to the source text they stand for.
func TestSpans(t *testing.T) {
	for _, tt := range []struct{ src, node, want string }{
		{"Q = 2*(A*x - b)*A'", "(* 2 (paren (- (* A x) b)))", "2*(A*x - b)"},
		{`Q = \frac{\partial Q}{\partial W} x`, "(d Q W)", `\frac{\partial Q}{\partial W}`},
		{`y = \hat{y}_{ij} + 1`, "ŷ_ij", `\hat{y}_{ij}`},
		{"Q = ‖x + y‖²", "(^ (norm (+ x y)) 2)", "‖x + y‖²"},
		{"Q = dQ/dX", "Q", "Q"},
		{"Q = ∂Q/∂z_1 + 1", "z_1", "z_1"},
		{"Q = x^TAx", "Ax", "Ax"},
		{"Q = -x'y", "(' x)", "x'"},
		{"Q = Σ_{i=1}^n x_i y_i + 1", "(sum i 1 n (juxt x_i y_i))", "Σ_{i=1}^n x_i y_i"},
		{"Q = f (x, y)", "(call-space f x y)", "f (x, y)"},
	} {
		prog, errs := Parse(tt.src)
		if errs.Err() != nil {
			t.Errorf("%q: %v", tt.src, errs)
			continue
		}
		found := ""
		var visit func(x ast.Expr)
		visit = func(x ast.Expr) {
			if x == nil || found == tt.want {
				return
			}
			if ast.Dump(x) == tt.node {
				found = tt.src[x.Pos().Start:x.Pos().End]
			}
			for _, c := range children(x) {
				visit(c)
			}
		}
		for _, s := range prog.Stmts[0].(*ast.Equation).Sides[1:] {
			visit(s)
		}
		if found != tt.want {
			t.Errorf("%q: %s spans %q, want %q", tt.src, tt.node, found, tt.want)
		}
	}
}

func children(x ast.Expr) []ast.Expr {
	switch x := x.(type) {
	case *ast.Unary:
		return []ast.Expr{x.X}
	case *ast.Binary:
		return []ast.Expr{x.X, x.Y}
	case *ast.Postfix:
		return []ast.Expr{x.X}
	case *ast.Power:
		return []ast.Expr{x.X, x.Exp}
	case *ast.Paren:
		return []ast.Expr{x.X}
	case *ast.Call:
		return append([]ast.Expr{x.Fun}, x.Args...)
	case *ast.Norm:
		return []ast.Expr{x.X}
	case *ast.BigOp:
		return []ast.Expr{x.Body}
	case *ast.Deriv:
		return append([]ast.Expr{x.Of}, x.By...)
	}
	return nil
}

func TestNotes(t *testing.T) {
	for src, want := range map[string]string{
		"1/2N":       "1/2N was read as (1/2)(N): / takes one factor",
		"a/x'x":      "a/x'x was read as (a/x')(x): / takes one factor",
		"1/2 x'x":    "",
		"1/(2N) x'x": "",
		`A\beta`:     `A\beta was read as the product A β; the solution of a system is A \ beta`,
		`A\b`:        "",
	} {
		prog, errs := Parse(src)
		if errs.Err() != nil {
			t.Errorf("%q: %v", src, errs)
		}
		got := ""
		for _, n := range prog.Notes {
			got += n.Text
		}
		if got != want {
			t.Errorf("%q: note %q, want %q", src, got, want)
		}
	}
}

// TestAlternative holds dQ/dX to keeping its reading as a quotient.
func TestAlternative(t *testing.T) {
	for src, want := range map[string]string{
		"dQ/dX":         "(/ dQ dX)",
		"d(x'x)/dx":     "(/ (juxt d (paren (juxt (' x) x))) dx)",
		"d/dx f(x)":     "(juxt (/ d dx) (call f x))",
		`\frac{dQ}{dX}`: "(paren (/ dQ dX))",
		"∂Q/∂X":         "",
	} {
		prog, errs := Parse(src)
		if errs.Err() != nil {
			t.Errorf("%q: %v", src, errs)
			continue
		}
		d, ok := prog.Stmts[0].(*ast.ExprStmt).X.(*ast.Deriv)
		if !ok {
			t.Errorf("%q is %s", src, ast.Dump(prog))
			continue
		}
		got := ""
		if d.Alt != nil {
			got = ast.Dump(d.Alt)
		}
		if got != want {
			t.Errorf("%q: quotient %s, want %s", src, got, want)
		}
	}
}

// TestDeclaredWins: a declared name is read whole where it could be read
// otherwise.
func TestDeclaredWins(t *testing.T) {
	for src, want := range map[string]string{
		"Tmax: scalar; Q = x^Tmax": "(decl Tmax scalar); (= Q (^ x Tmax))",
		"Q = x^Tmax":               "(= Q (juxt (' x) max))",
		"Σ_i: n×n; Q = tr(Σ_i S)":  "(decl Σ_i : n × n); (= Q (call tr (juxt Σ_i S)))",
		"sum_i = a'b; Q = sum_i c": "(= sum_i (juxt (' a) b)); (= Q (juxt sum_i c))",
		"beta: n; Q = A\\beta":     "(decl beta : n); (= Q (\\ A beta))",
		"Σ: n×n spd; Q = x' Σ⁻¹ x": "(decl Σ : n × n spd); (= Q (juxt (juxt (' x) (inv Σ)) x))",
		"Q = Σ_{i=1}^n Σ_k a_k":    "(= Q (sum i 1 n (sum k _ _ a_k)))",
		"foo: n; Q = sum(A\\foo)":  "(decl foo : n); (= Q (call sum (\\ A foo)))",
	} {
		prog, errs := Parse(src)
		if got := strings.ReplaceAll(ast.Dump(prog), "\n", "; "); errs.Err() != nil || got != want {
			t.Errorf("%q\ngot  %s\nwant %s\n%v", src, got, want, errs)
		}
	}
}
