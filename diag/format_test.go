package diag

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/ast"
)

// at finds the n-th occurrence (from 0) of sub in src.
func at(t *testing.T, src, sub string, n int) ast.Span {
	t.Helper()
	i := 0
	for ; ; n-- {
		j := strings.Index(src[i:], sub)
		if j < 0 {
			t.Fatalf("%q has no %q", src, sub)
		}
		if n == 0 {
			return ast.Span{Start: i + j, End: i + j + len(sub)}
		}
		i += j + len(sub)
	}
}

func TestFormat(t *testing.T) {
	type lab struct {
		sub  string
		n    int
		text string
	}
	tests := []struct {
		name, file, src string
		labels          []lab
		help            string
		want            string
	}{
		{"two labels on a line", "", "x: n\n2*(A*x - b)*A'", []lab{{"(A*x - b)", 0, "n×1"}, {"A'", 0, "p×n"}}, "did you mean 2*A'*(A*x - b)?", `
error[E203]: message
  2 │ 2*(A*x - b)*A'
    │   ^^^^^^^^^ ^^ p×n
    │   n×1
  help: did you mean 2*A'*(A*x - b)?
`},
		{"many labels on a line", "", "A: n×p; x: p; A*x", []lab{{"A*x", 0, "m"}, {"A", 0, "A is n×p"}, {"x", 0, "x is p×1"}}, "", `
error[E203]: message
  1 │ A: n×p; x: p; A*x
    │ ^       ^     ^^^ m
    │ │       x is p×1
    │ A is n×p
`},
		{"file", "a.md", "Q = x ? y", []lab{{"?", 0, ""}}, "", `
error[E203]: message
  --> a.md:1:7
  1 │ Q = x ? y
    │       ^
`},
		{"wide runes", "", "漢字 + x̂ᵀ y", []lab{{"x̂ᵀ", 0, "here"}}, "", `
error[E203]: message
  1 │ 漢字 + x̂ᵀ y
    │        ^^ here
`},
		{"tabs", "", "\ta +\tb", []lab{{"b", 0, "b"}}, "", `
error[E203]: message
  1 │     a + b
    │         ^ b
`},
		{"lines apart", "", strings.Repeat("a\n", 9) + "b\nc\nd", []lab{{"d", 0, "second"}, {"b", 0, "first"}}, "", `
error[E203]: message
  10 │ b
     │ ^ first
   ⋮
  12 │ d
     │ ^ second
`},
		{"span of lines", "", "Q = (a +\n     b)", []lab{{"(a +\n     b)", 0, "n×1"}}, "", `
error[E203]: message
  1 │ Q = (a +
    │     ^^^^
  2 │      b)
    │      ^^ n×1
`},
		{"invalid bytes", "", "a \xff\xfe b", []lab{{"b", 0, ""}}, "", `
error[E203]: message
  1 │ a �� b
    │      ^
`},
		{"control characters", "", "a\x00\x1b[31mb", []lab{{"b", 0, ""}}, "", `
error[E203]: message
  1 │ a··[31mb
    │        ^
`},
		{"carriage return", "", "a\r\nbb\r\n", []lab{{"bb", 0, ""}}, "", `
error[E203]: message
  2 │ bb
    │ ^^
`},
		{"nested labels", "", "f(a, b)", []lab{{"f(a, b)", 0, "call"}, {"b", 0, "here"}}, "", `
error[E203]: message
  1 │ f(a, b)
    │ ^^^^^^^ here
    │ call
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &Diagnostic{Code: "E203", Message: "message", Help: tt.help}
			for _, l := range tt.labels {
				d.Labels = append(d.Labels, Label{at(t, tt.src, l.sub, l.n), l.text})
			}
			list := &List{File: tt.file, Source: tt.src, Items: []*Diagnostic{d}}
			if got := list.Format(false); got != tt.want[1:] {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want[1:])
			}
		})
	}
}

func TestFormatBounds(t *testing.T) {
	src := strings.Repeat("x + ", 100_000) + "\n\xff"
	for _, s := range []ast.Span{{}, {Start: -4, End: -2}, {Start: 1 << 30, End: 1 << 31}, {Start: 5, End: 2}, {Start: 200_000, End: 200_004}, {Start: len(src), End: len(src)}} {
		list := &List{Source: src, Items: []*Diagnostic{{Code: "E101", Message: "m", Labels: []Label{{s, "t"}}}}}
		for line := range strings.SplitSeq(list.Format(false), "\n") {
			if len(line) > 400 {
				t.Errorf("span %v: a line of %d bytes", s, len(line))
			}
		}
	}
	empty := &List{Items: []*Diagnostic{{Code: "E118", Message: "the program is empty", Labels: []Label{{}}}}}
	if got := empty.Format(false); got != "error[E118]: the program is empty\n" {
		t.Errorf("got %q", got)
	}
}

func TestFormatColour(t *testing.T) {
	list := &List{Source: "a ? b", Items: []*Diagnostic{{Code: "E101", Message: "m", Labels: []Label{{ast.Span{Start: 2, End: 3}, "t"}}, Help: "h"}}}
	plain := list.Format(false)
	got := list.Format(true)
	for _, c := range []string{red, blue, green, bold, reset} {
		if !strings.Contains(got, c) {
			t.Errorf("no %q in %q", c, got)
		}
		got = strings.ReplaceAll(got, c, "")
	}
	if got != plain {
		t.Errorf("without colours %q, want %q", got, plain)
	}
}

func TestCodes(t *testing.T) {
	seen := make(map[string]bool)
	last := ""
	for _, c := range Codes() {
		if seen[c.ID] || c.ID <= last || len(c.ID) != 4 || c.ID[0] != 'E' {
			t.Errorf("%s: out of order, double or misspelt", c.ID)
		}
		seen[c.ID], last = true, c.ID
		if c.Title == "" || c.Text == "" || !strings.HasSuffix(c.Text, ".") || (c.Bad == "") != (c.Good == "") {
			t.Errorf("%s: incomplete", c.ID)
		}
		text, ok := Explain(strings.ToLower(c.ID))
		if !ok || !strings.Contains(text, c.Text) || c.Bad != "" && !strings.Contains(text, indent(c.Bad)) {
			t.Errorf("Explain(%s) = %q, %v", c.ID, text, ok)
		}
	}
	for code, file := range used(t) {
		if !seen[code] {
			t.Errorf("%s: %s is not in the table", file, code)
		}
	}
	if _, ok := Explain("E999"); ok {
		t.Error("E999 is explained")
	}
}

// used finds the codes that the packages beside this one report.
func used(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	quoted := regexp.MustCompile(`"(E[1-9][0-9]{2})"`)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllSubmatch(text, -1) {
			found[string(m[1])] = f
		}
	}
	return found
}
