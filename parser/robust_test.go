package parser

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// checkSpans walks a tree and fails where a span leaves the source.
func checkSpans(t *testing.T, src string, prog *ast.Program, errs *diag.List) {
	t.Helper()
	in := func(s ast.Span, what string) {
		if s.Start < 0 || s.End < s.Start || s.End > len(src) {
			t.Fatalf("%q: span %v of %s leaves the source", clip(src), s, what)
		}
	}
	for _, d := range errs.Items {
		if _, ok := diag.Lookup(d.Code); !ok || d.Message == "" || d.Code == "E901" {
			t.Fatalf("%q: error %q %q", clip(src), d.Code, d.Message)
		}
		if len(d.Labels) == 0 {
			t.Fatalf("%q: error %s without a place", clip(src), d.Code)
		}
		for _, l := range d.Labels {
			in(l.Span, d.Code)
		}
	}
	for _, n := range prog.Notes {
		in(n.Span, "note")
	}
	stack := make([]ast.Expr, 0, 100)
	push := func(xs ...ast.Expr) {
		for _, x := range xs {
			if x != nil {
				stack = append(stack, x)
			}
		}
	}
	for _, s := range prog.Stmts {
		in(s.Pos(), "statement")
		switch s := s.(type) {
		case *ast.Decl:
			push(s.Rows, s.Cols)
		case *ast.Equation:
			for e := s; e != nil; e = e.Then {
				push(e.Sides...)
			}
		case *ast.ExprStmt:
			push(s.X)
		}
	}
	for len(stack) > 0 {
		x := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		in(x.Pos(), "node")
		switch x := x.(type) {
		case *ast.Name:
			if x.Text == "" {
				t.Fatalf("%q: a name without text", clip(src))
			}
		case *ast.Number:
		case *ast.Unary:
			push(x.X)
		case *ast.Binary:
			push(x.X, x.Y)
		case *ast.Postfix:
			push(x.X)
		case *ast.Power:
			push(x.X, x.Exp)
		case *ast.Paren:
			push(x.X)
		case *ast.Call:
			push(x.Fun)
			push(x.Args...)
		case *ast.Norm:
			push(x.X)
		case *ast.Abs:
			push(x.X)
		case *ast.Inner:
			push(x.X, x.Y)
		case *ast.Iverson:
			if len(x.Ops) != len(x.Xs)-1 || len(x.Ops) == 0 {
				t.Fatalf("%q: %d operands, %d comparisons", clip(src), len(x.Xs), len(x.Ops))
			}
			push(x.Xs...)
		case *ast.Entry:
			push(x.X)
		case *ast.Index:
			push(x.X)
			push(x.Args...)
		case *ast.BigOp:
			push(x.Lo, x.Hi, x.Body)
		case *ast.Deriv:
			push(x.Of, x.Alt)
			push(x.By...)
		default:
			t.Fatalf("%q: unknown node %T", clip(src), x)
		}
	}
}

func clip(s string) string { return s[:min(len(s), 200)] }

// parsed parses and checks that the result is sane and came in time.
func parsed(t *testing.T, src string, limit time.Duration) *diag.List {
	t.Helper()
	start := time.Now()
	prog, errs := Parse(src)
	if d := time.Since(start); d > limit {
		t.Errorf("%q (%d bytes) took %v", clip(src), len(src), d)
	}
	checkSpans(t, src, prog, errs)
	if out := errs.Format(false); len(out) > 1<<20 {
		t.Errorf("%q: %d bytes of messages", clip(src), len(out))
	}
	return errs
}

// TestAbsurd gives the parser what no one writes: it must answer with errors,
// soon.
func TestAbsurd(t *testing.T) {
	for _, src := range absurd {
		if errs := parsed(t, src, time.Minute); strings.TrimSpace(src) == "" && errs.Items[0].Code != "E118" {
			t.Errorf("%q: %v", src, errs)
		}
	}
}

// slow asks for the long runs.
var slow = os.Getenv("MATDIFF_SLOW") != ""

var absurd = func() []string {
	const deep = 100_000
	repeat := func(s string, n int) string {
		if !slow && n > 10_000 && len(s) > 1 {
			n = 10_000
		}
		return strings.Repeat(s, n)
	}
	return []string{
		"", " ", "\n\n", "# only a comment", "\x00", "\xff\xfe", "\xef\xbb\xbf",
		repeat("(", deep), repeat(")", deep), repeat("(", deep) + "x" + repeat(")", deep), repeat("[", deep), repeat("{", deep) + repeat("}", deep),
		repeat("f(", deep), repeat("f(x)", deep), repeat("|", deep), repeat("||x", deep), repeat("|x", deep), repeat("‖", deep), repeat("‖(", deep), repeat("⟨", deep), repeat("⟨x,", deep),
		repeat("-", deep), repeat("x^", deep), repeat("x^-", deep), repeat("x.^(", deep), repeat("'", deep), "x" + repeat("'", deep), "x" + repeat("^T", deep), "x" + repeat("²", deep),
		repeat("x+", deep), repeat("x ", deep), repeat("x/", deep) + "x", repeat("d ", deep), repeat("d/", deep), repeat("d f(", deep), repeat("∂", deep), repeat("∂/∂x ", deep), repeat("∇", deep), repeat("∇_x ", deep), repeat("dx/", deep),
		repeat(`\frac`, deep), repeat(`\frac{`, deep), repeat(`\frac{x}{`, deep), repeat(`\frac{\partial `, deep), repeat(`\hat`, deep), repeat(`\mathbf{`, deep), repeat(`\mathrm{d}`, deep), repeat(`\left(`, deep), repeat(`\sqrt`, deep), repeat(`\`, deep), repeat(`\a`, deep), repeat(`\underbrace`, deep), repeat(`\underbrace{x}_{`, deep), repeat(`\begin{cases}`, deep), repeat(`x + \begin{cases}`, deep), repeat(`a&`, deep), repeat(`\begin{cases} x & `, deep/4),
		repeat("sum_", deep), repeat("sum_{i=1}^", deep), repeat("Σ_i ", deep), repeat("Σ_{", deep), repeat("sum_{i=1}^{n} ", deep/4), repeat("_", deep), "x" + repeat("_1", deep), "x" + repeat("_{", deep),
		repeat("[x>", deep), repeat("x[", deep), repeat("x[1", deep), repeat("[x ∈ [", deep), repeat(";", deep), repeat(",", deep), repeat("x,", deep), repeat("x,\n", deep), repeat("=", deep), repeat("x=", deep), repeat("x=\n", deep), repeat("x\n=", deep), repeat("⇒", deep), repeat("x ⇒ ", deep),
		repeat(":", deep), repeat("X:", deep), "X: " + repeat("n×", deep), "X: " + repeat("2n+", deep), "X: " + repeat("(", deep), "X: n " + repeat("spd ", deep), repeat("x ∈ ", deep), "X ∈ R^{" + repeat("(", deep), "x ∈ {" + repeat("0,", deep), repeat("in ", deep),
		repeat("1", deep), repeat("1.", deep), repeat("1e9", deep), repeat("1 ", deep), "1e" + repeat("9", deep), repeat("½", deep), repeat("12½", deep), repeat(".", deep), repeat("...", deep), repeat("(x\n", deep), repeat("(\na=", deep), repeat("(a=\n", deep), repeat("x (y\n", deep), repeat("$", deep), repeat("\"", deep), repeat("x ? ", deep), repeat("x ?\n", deep), repeat("\xff ", deep), repeat("a\xff\n", deep), repeat("x̂", deep), repeat("\u0302", deep), repeat("λ", deep), repeat("ᵢ", deep), repeat("Σᵢ", deep), repeat("x 'y", deep), repeat(`A\foo`, deep), repeat(`\text{a b}`, deep), repeat(`\tag{`, deep),
	}
}()

// alphabet is what noise is made of.
var alphabet = strings.Fields(`X W XW x y z_1 z_{ij} x̂ λ σ Σ T d dX dQ sum_ Σ_{i=1}^n ∑ᵢ log f 1 2 .5 1e-3 ½ ' ᵀ ^T ^-1 ⁻¹ ² ^ .^ _ * .* @ · × ⊙ ⊗ / ./ \ + - − = == >= < ∈ in : := , ; ( ) [ ] { } \{ \} | || ‖ \| ⟨ ⟩ ∂ ∇ ∇_W ∂Q/∂W
	\frac \frac{a}{b} \partial \left( \right) \left| \mathbf{x} \hat{y} \sum_{i=1}^{n} \sqrt \begin{cases} \end{cases} \underbrace \text{foo} \\ & ⇒ → ... # % ? " symmetric scalar onehot R^{n×n} S^n_{++} n×n ? é 漢 🙂`)

// noise makes a text of about n bytes from the alphabet.
func noise(r *rand.Rand, n int) string {
	var b strings.Builder
	seps := []string{"", "", " ", " ", "\n"}
	for b.Len() < n {
		b.WriteString(alphabet[r.IntN(len(alphabet))] + seps[r.IntN(len(seps))])
		if r.IntN(200) == 0 {
			b.WriteByte(byte(r.IntN(256)))
		}
	}
	return b.String()
}

func TestNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		parsed(t, noise(r, 1+r.IntN(60)), time.Minute)
	}
	b := make([]byte, 1<<20)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	parsed(t, string(b), time.Minute)
	parsed(t, noise(r, 1<<20), time.Minute)
	if slow {
		parsed(t, strings.ReplaceAll(strings.ReplaceAll(noise(r, 1<<20), "\n", " "), ";", "+"), time.Minute)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range alphabet {
		f.Add(s)
	}
	for _, tt := range trees {
		f.Add(tt.src)
	}
	for _, tt := range faults {
		f.Add(tt.src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) < 1<<16 {
			defer time.AfterFunc(2*time.Minute, func() { panic(fmt.Sprintf("no answer to %q", src)) }).Stop()
			parsed(t, src, time.Minute)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, errs := Parse("Q = sum(Y .* logsoftmax(XW+b))"); errs.Err() != nil {
			b.Fatal(errs)
		}
	}
}

func BenchmarkParseDeclared(b *testing.B) {
	for b.Loop() {
		if _, errs := Parse("X: N×D; W: D×K; b: 1×K; Y: N×K onehot; Q = -1/N sum(Y .* logsoftmax(X W + b))"); errs.Err() != nil {
			b.Fatal(errs)
		}
	}
}
