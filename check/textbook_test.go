package check

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type textbookCase struct {
	id, program string
	claims      []string
}

// textbook reads the gradients of the corpus as derivations.
func textbook(t testing.TB) []textbookCase {
	files, err := filepath.Glob("../testdata/textbook/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no textbook files", err)
	}
	var out []textbookCase
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var c *textbookCase
		for _, l := range strings.Split(string(b), "\n") {
			switch {
			case strings.HasPrefix(l, "case: "):
				out = append(out, textbookCase{id: strings.Fields(l)[1]})
				c = &out[len(out)-1]
			case c == nil:
			case strings.HasPrefix(l, "    "):
				if len(c.claims) == 0 {
					c.program += strings.TrimSpace(l) + "\n"
				}
			case strings.HasPrefix(l, "gradient "):
				name, rhs, _ := strings.Cut(strings.TrimPrefix(l, "gradient "), ":")
				c.claims = append(c.claims, "∇_{"+strings.TrimSpace(name)+"} = "+strings.TrimSpace(rhs))
			}
		}
	}
	return out
}

// named gives the objective a name if it has none.
func named(program string) (text, name string) {
	program = strings.TrimSpace(program)
	at := strings.LastIndexAny(program, ";\n") + 1
	last := strings.TrimSpace(program[at:])
	if n, rest, ok := strings.Cut(last, " = "); ok && !strings.ContainsAny(n, " ([") && !strings.HasPrefix(rest, "=") {
		return program, strings.TrimSpace(n)
	}
	return program[:at] + "QQ = " + last, "QQ"
}

// TestTextbook checks the corpus' gradients: none may be called wrong. With a
// sign changed, a transpose or a factor added, none may be called right.
func TestTextbook(t *testing.T) {
	cases := textbook(t)
	step := 12
	if os.Getenv("MATDIFF_SWEEP") != "" {
		step = 1
	}
	var right, other, broken, told, fixed int
	var took, tookWrong time.Duration
	for i := 0; i < len(cases); i += step {
		c := cases[i]
		program, of := named(c.program)
		for _, cl := range c.claims {
			name := cl[len("∇_{"):strings.Index(cl, "}")]
			_, rhs, _ := strings.Cut(cl, "= ")
			ask := func(rhs string) *Line {
				r, list := Check(context.Background(), program+"\nd"+of+"/d"+name+" = "+rhs+"\n", Options{})
				if list.Err() != nil || len(r.Lines) == 0 {
					return nil
				}
				return &r.Lines[len(r.Lines)-1]
			}
			begin := time.Now()
			l := ask(rhs)
			took += time.Since(begin)
			switch {
			case l == nil || l.Kind != "gradient":
				other++
				continue
			case l.Verdict == Wrong:
				t.Errorf("%s: %s is called wrong: %s\n%s", c.id, cl, l.Reason, c.program)
				continue
			case l.Verdict != Right:
				other++
				t.Logf("%s: %s: %s %s", c.id, cl, l.Verdict, l.Reason)
				continue
			}
			right++
			if rhs == "0" || strings.HasPrefix(rhs, "zeros") {
				continue
			}
			begin = time.Now()
			l = ask("-2*(" + rhs + ")")
			tookWrong += time.Since(begin)
			if l == nil {
				continue
			}
			broken++
			if l.Verdict == Right || l.Verdict == Transposed {
				t.Errorf("%s: -2*(%s) is called %s", c.id, rhs, l.Verdict)
			}
			if l.Mistake != nil && l.Mistake.ID != "other" {
				told++
			}
			if l.Mistake != nil && l.Mistake.Fix != "" {
				fixed++
			}
		}
	}
	t.Logf("%d right, %d not judged; %d broken: %d named, %d with a fix; mean time %v right, %v wrong", right, other, broken, told, fixed, took/time.Duration(max(1, right)), tookWrong/time.Duration(max(1, broken)))
}
