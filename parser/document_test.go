package parser

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff/ast"
)

// summary writes what was read of a document, by line.
func summary(doc *Document) string {
	var b strings.Builder
	for _, s := range doc.Program.Stmts {
		fmt.Fprintf(&b, "%d: %s\n", doc.Line(s.Pos().Start), ast.Dump(s))
	}
	fmt.Fprintf(&b, "\n%d lines of prose, %d formulas passed over\n", doc.Prose, len(doc.Passed))
	for _, p := range doc.Passed {
		fmt.Fprintf(&b, "%d: %s (%s)\n", doc.Line(p.Span.Start), p.Text, p.Why)
	}
	return b.String()
}

// TestDocuments reads every document of testdata/documents and compares with
// the file .golden beside it.
func TestDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/documents/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if filepath.Ext(file) == ".golden" {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !IsDocument(file, string(text)) {
				t.Error("is no document")
			}
			doc, errs := ParseDocument(file, string(text))
			if errs.Err() != nil {
				t.Fatal(errs)
			}
			checkSpans(t, string(text), doc.Program, errs)
			checkTexts(t, doc)
			got := summary(doc)
			golden := file + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// checkTexts: the text of every statement is a program of that one statement,
// byte for byte where it stands in the document.
func checkTexts(t *testing.T, doc *Document) {
	t.Helper()
	stmts := doc.Program.Stmts
	if len(doc.Texts) != len(stmts) || len(doc.Starts) != len(stmts) || len(doc.Inline) != len(stmts) {
		t.Fatalf("%d statements, %d texts, %d starts", len(stmts), len(doc.Texts), len(doc.Starts))
	}
	for i, text := range doc.Texts {
		prog, errs := Parse(text)
		if errs.Err() != nil || len(prog.Stmts) != 1 {
			t.Errorf("%q of line %d: %v", text, doc.Line(doc.Starts[i]), errs)
			continue
		}
		if got, want := ast.Dump(prog.Stmts[0]), ast.Dump(stmts[i]); got != want {
			t.Errorf("%q of line %d: got %s, want %s", text, doc.Line(doc.Starts[i]), got, want)
		}
	}
}

func TestHeadings(t *testing.T) {
	src := "# One\n\ntext that runs on for a while, which no heading does\n\nПролог назад\n\nsome words.\n\n```\nnot this\n\nnor this\n\n```\n\n$$a = b$$\nProblem 3.\nmore\n"
	if got := headings(src, mathIn(src, false), false); !slices.Equal(got, []int{0, strings.Index(src, "Пр"), strings.Index(src, "Problem")}) {
		t.Errorf("headings at %v", got)
	}
	src = "\\section{A}\nX\n\n\\subsection*{B}\n"
	if got := headings(src, nil, true); !slices.Equal(got, []int{0, 15}) {
		t.Errorf("headings at %v", got)
	}
}

func TestIsDocument(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		want      bool
	}{
		{"a.md", "text $$x = 1$$", true},
		{"a.txt", "X: n×p\nQ = sum(X)", false},
		{"a.txt", "Q = x'x # costs $5 and $6", false},
		{"a.tex", "% $$x$$", false},
		{"a.md", "```\nQ = x'x\n```", true},
		{"a.md", "```python\nx = 1\n```", false},
		{"derivation.m", "$$x$$", true},
		{"derivation.m", "$x$", false},
		{"<program>", "Q = x'x", false},
	} {
		if got := IsDocument(tt.name, tt.src); got != tt.want {
			t.Errorf("IsDocument(%q, %q) = %v", tt.name, tt.src, got)
		}
	}
}

func TestDocumentErrors(t *testing.T) {
	for src, code := range map[string]string{"": "E118", "only words": "E118", "$$ $$": "", "$$": "E118"} {
		doc, errs := ParseDocument("a.md", src)
		switch {
		case code == "" && errs.Err() != nil:
			t.Errorf("%q: %v", src, errs)
		case code != "" && (len(errs.Items) != 1 || errs.Items[0].Code != code):
			t.Errorf("%q: %v", src, errs)
		}
		if len(doc.Program.Stmts) != 0 {
			t.Errorf("%q: %s", src, ast.Dump(doc.Program))
		}
	}
}

func TestDerivation(t *testing.T) {
	doc, errs := ParseDerivation(`A: n×p; x: p; b: n
We minimise the following function.
Q = ‖A x − b‖²
Let r = A x − b
so dr = A dx
Hence, dQ = 2 r' dr
   = 2 r' A dx
Поэтому градиент равен
∂Q/∂x = 2 A' r
sum(A) x ?
loss = Q
loss
`)
	want := []string{"(decl A : n × p)", "(decl x : p)", "(decl b : n)", "(= Q (^ (norm (- (juxt A x) b)) 2))", "(= r (- (juxt A x) b))",
		"(= dr (juxt A dx))", "(= dQ (juxt (juxt 2 (' r)) dr) (juxt (juxt (juxt 2 (' r)) A) dx))", "(= (d Q x) (juxt (juxt 2 (' A)) r))", "(= loss Q)", "loss"}
	if got := strings.Split(ast.Dump(doc.Program), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if doc.Prose != 2 || len(errs.Items) != 1 || errs.Items[0].Code != "E101" {
		t.Errorf("%d lines of prose, errors %v", doc.Prose, errs)
	}
}

// TestAbsurdDocuments: time stays linear in what is found and not found.
func TestAbsurdDocuments(t *testing.T) {
	size := 30_000
	if slow {
		size = 1_000_000
	}
	for _, s := range []string{"$", "$$", "$$ ", "$a$\n", "$a $", `\[`, `\(`, `\[ x \]`, "```\n", "~~~a\n", "`", `\begin{align}`, `\begin{align} a &= b \end{align}`,
		"$$ x \\quad ", "$$ a = b $$\n", "$x \\in R$ ", "word ", "word\n", "$$ a = \\{b\\} = c $$", "$$\\underbrace{", "%", "\\text{", "so ", "so,\n", "p(y|x) = ", "z = f \\in R, "} {
		src := strings.Repeat(s, size/len(s))
		for _, name := range []string{"a.md", "a.tex"} {
			start := time.Now()
			doc, errs := ParseDocument(name, src)
			ParseDerivation(src)
			if d := time.Since(start); d > 30*time.Second {
				t.Errorf("%q in %s: %v", s, name, d)
			}
			checkSpans(t, src, doc.Program, errs)
		}
	}
}

func FuzzDocument(f *testing.F) {
	files, _ := filepath.Glob("testdata/documents/*")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			f.Add(string(text), strings.HasSuffix(file, ".tex"))
		}
	}
	f.Fuzz(func(t *testing.T, src string, tex bool) {
		name := map[bool]string{true: "a.tex", false: "a.md"}[tex]
		doc, errs := ParseDocument(name, src)
		checkSpans(t, src, doc.Program, errs)
		for _, p := range doc.Passed {
			if p.Span.Start < 0 || p.Span.End < p.Span.Start || p.Span.End > len(src) {
				t.Fatalf("%q: %v", src, p)
			}
		}
		doc, errs = ParseDerivation(src)
		checkSpans(t, src, doc.Program, errs)
	})
}
