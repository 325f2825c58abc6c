package parser

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/ast"
)

// TestText: what Text writes of a tree reads back as that tree, but for
// brackets, over the programs of the textbook corpus and LaTeX of its own.
func TestText(t *testing.T) {
	var programs []string
	files, _ := filepath.Glob("../testdata/textbook/*.txt")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, strings.Split(string(b), "\n")...)
	}
	for _, f := range []string{"lecture.txt", "notes.md", "paper.tex"} {
		b, err := os.ReadFile("testdata/documents/" + f)
		if err != nil {
			t.Fatal(err)
		}
		doc, _ := ParseDocument(f, string(b))
		programs = append(programs, doc.Texts...)
	}
	programs = append(programs, `\frac{1}{2} x^\top A x - \frac12 b^T x`, `1bᵀ + 1ᵀx b`, `a.^(1/2) + b^{-1} + c^-2`, `-x^2 + -y*-z`, `Σ_{i=1}^n x_i y_i + 1`,
		`(Σ_i x_i) y`, `2 Σ_i x_i`, `a Σ_i x_i z`, `\frac{\partial Q}{\partial Z}^T dZ = dQ`, `d²Q/dw² = H`, `\nabla_W Q = G`, `\nabla f = g`, `a/b c`, `1/2N`, `a - (b - c)`, `a - -b`,
		`\log p \cdot q`, `log² x`, `[x ∈ [a, b]] .* y`, `‖x‖_1 + |s| + ⟨a, b⟩`, `A \ b`, `A ⊗ B`, `A^{-T} b`, `\sqrt[3]{x} y`, `\hat{y}_i`, `z_{3i} z_{12}`, `\mathbf{1}^T x`, `½ x'x`, `a ./ b ./ c`, `f(x) = x`, `f (x) + g(x, y)`)
	n := 0
	paren := regexp.MustCompile(`\(paren |[()]`)
	for _, src := range programs {
		prog, errs := Parse(src)
		if errs.Err() != nil {
			continue
		}
		for _, st := range prog.Stmts {
			var sides []ast.Expr
			switch st := st.(type) {
			case *ast.Equation:
				sides = st.Sides
			case *ast.ExprStmt:
				sides = []ast.Expr{st.X}
			}
			for _, x := range sides {
				n++
				text := ast.Text(x)
				y, errs := ParseExpr(text)
				if errs.Err() != nil {
					t.Errorf("%q: %q: %v", src, text, errs)
					continue
				}
				got, want := paren.ReplaceAllString(ast.Dump(y), ""), paren.ReplaceAllString(ast.Dump(x), "")
				if got != want {
					t.Errorf("%q: %q is\n%s, not\n%s", src, text, ast.Dump(y), ast.Dump(x))
				}
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d expressions", n)
	}
}

var bracket = regexp.MustCompile(`\(paren |[()]|call-space |call |juxt `)

// strip takes out of a dump what only tells how it was bracketed.
func strip(dump string) string { return bracket.ReplaceAllString(dump, "") }
