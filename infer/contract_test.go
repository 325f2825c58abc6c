package infer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/parser"
)

// holds is what a program must give: the objective as it is understood, the
// variables, a note; or an error with a code, a part of its message and help.
type holds struct {
	src              string
	want, vars, note string
	code, says, help string
}

// TestContract goes through the language sentence by sentence. The programs
// are none of its own examples.
func TestContract(t *testing.T) {
	for sentence, cases := range contract {
		t.Run(sentence, func(t *testing.T) {
			for _, c := range cases {
				c.check(t)
			}
		})
	}
}

func (c holds) check(t *testing.T) {
	t.Helper()
	r, list := inferText(c.src, Options{})
	if c.code != "" {
		if list.Err() == nil {
			t.Errorf("%s: no error, want %s; read as %s", c.src, c.code, dump(r.Program.Objective.Node))
			return
		}
		for _, d := range list.Items {
			if d.Code == c.code && strings.Contains(d.Message, c.says) && strings.Contains(d.Help, c.help) {
				fixesHold(t, c.src)
				return
			}
		}
		t.Errorf("%s: want %s %q help %q, got\n%v", c.src, c.code, c.says, c.help, list)
		return
	}
	if list.Err() != nil {
		t.Errorf("%s:\n%v", c.src, list)
		return
	}
	if got := dump(r.Program.Objective.Node); c.want != "" && got != c.want {
		t.Errorf("%s\n got %s\nwant %s", c.src, got, c.want)
	}
	if got := shapesOf(r.Program); c.vars != "" && got != c.vars {
		t.Errorf("%s: variables %s, want %s", c.src, got, c.vars)
	}
	if all := strings.Join(r.Program.Notes, "\n"); !strings.Contains(all, c.note) {
		t.Errorf("%s: no note %q in\n%s", c.src, c.note, all)
	}
}

// fixesHold applies every edit that the errors of a program offer: where it is
// the only error, the program must then be accepted; where there are others,
// this one must be gone.
func fixesHold(t *testing.T, src string) {
	t.Helper()
	_, list := inferText(src, Options{})
	if list.Err() == nil {
		return
	}
	for _, d := range list.Items {
		for _, f := range d.Fixes {
			mended := f.Apply(src)
			_, rest := inferText(mended, Options{})
			if n := len(itemsOf(rest)); n >= len(list.Items) {
				t.Errorf("%s\n%s offers %q, which gives\n%s\n%v", src, d.Code, f.Text, mended, rest)
			}
		}
	}
}

// TestFixesOfAllPairs tries every operator on every pair of shapes: each edit
// that is offered must be accepted.
func TestFixesOfAllPairs(t *testing.T) {
	shapes := []string{"n", "m", "1×n", "1×m", "n×m", "m×n", "n×n", "m×k", "scalar"}
	forms := []string{
		"a + b", "a - b", "a*b", "a b", "a .* b", "a ./ b", "a/b", `a \ b`, "a'b", "a b'", "2*(a + b)'", "(a - b) a", "(2a)*(3b)", "a b a", "a/b a",
		"dot(a, b)", "max(a, b)", "outer(a, b)", "[a >= b]", "tr(a b)", "tr(a) + b", "a^2 + b", "a.^b", "a^b", "|a| + |b|", "sum(a, 1) + b", "‖a‖_2 b",
		"softmax(a) + b", "det(a) b", "inv(a) b", "diag(a) b", "a'/b'a", "vec(a)'vec(b)", "a*(b - 1)", "norm(a - b)^2", "leakyrelu(a, b)", "norm(a, 2) b", "-a*-b", "a/2b",
	}
	offered := 0
	for _, p := range shapes {
		for _, q := range shapes {
			for _, form := range forms {
				src := fmt.Sprintf("a: %s; b: %s\nQ = %s", p, q, form)
				_, list := inferText(src, Options{})
				if list.Err() == nil {
					continue
				}
				for _, d := range list.Items {
					offered += len(d.Fixes)
					if d.Code == "E901" {
						t.Errorf("%s: %v", src, d)
					}
				}
				fixesHold(t, src)
			}
		}
	}
	t.Log(offered, "edits")
}

func itemsOf(l *diag.List) []*diag.Diagnostic {
	if l == nil {
		return nil
	}
	return l.Items
}

// TestBesideSyntaxErrors: all errors of a program are reported, those of shape
// too where another statement cannot be parsed. What the broken statements
// would have defined is missed by nobody.
func TestBesideSyntaxErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"u: k; v: j; Q = 1 +* 2\nR = u + v", "E204"},
		{"u: k; v: j; W: (\nf = W u +\ng = f + u\nh = u'v + foo(u)", "E203 E202"},
		{"u: k\nf = (u\ng = f'f + a*b", ""},
		{"u: k, v\nw: j; Q = u + w", ""},
		{"M: a×b\nf = M M )\ng = tr(M\nh = tr(M) + M M", "E207 E203"},
	} {
		tree, list := parser.Parse(c.src)
		if list.Err() == nil {
			t.Errorf("%s: no syntax error", c.src)
			continue
		}
		var codes []string
		for _, d := range Beside(tree) {
			codes = append(codes, d.Code)
		}
		if got := strings.Join(codes, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.src, got, c.want)
		}
	}
}
