package matdiff_test

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// textbookCase is a case of testdata/textbook: a program and the closed forms
// that a textbook prints.
type textbookCase struct {
	file, id, program string
	lets              []string
	gradients         [][2]string // variable, expected ASCII
}

func readTextbook(t testing.TB) []textbookCase {
	t.Helper()
	files, err := filepath.Glob("testdata/textbook/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no textbook cases", err)
	}
	var out []textbookCase
	for _, f := range files {
		r, err := os.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		var c *textbookCase
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			line := sc.Text()
			switch {
			case strings.HasPrefix(line, "case: "):
				out = append(out, textbookCase{file: filepath.Base(f), id: strings.Fields(line)[1]})
				c = &out[len(out)-1]
			case c == nil || strings.HasPrefix(line, "#"):
			case strings.HasPrefix(line, "    "):
				c.program += line[4:] + "\n"
			case strings.HasPrefix(line, "let "):
				c.lets = append(c.lets, line[4:])
			case strings.HasPrefix(line, "gradient "):
				v, g, _ := strings.Cut(line[9:], ": ")
				c.gradients = append(c.gradients, [2]string{v, g})
			}
		}
		r.Close()
	}
	return out
}

// TestTextbook derives every case, compares the value with the closed form that
// the textbook prints, and demands that ours is no longer.
func TestTextbook(t *testing.T) {
	known := readExceptions(t)
	longer, total := 0, 0
	for _, c := range readTextbook(t) {
		if only := os.Getenv("CASE"); only != "" && c.id != only {
			continue
		}
		t.Run(c.id, func(t *testing.T) {
			var wrt []string
			claims := c.program
			obj := ""
			for _, g := range c.gradients {
				wrt = append(wrt, g[0])
			}
			d, err := matdiff.Derive(context.Background(), c.program, matdiff.Wrt(wrt...))
			if err != nil {
				t.Fatalf("%s\n%v", c.program, err)
			}
			if wrong, undecided := d.Verdict(); wrong || undecided {
				for _, v := range d.Report.Variables {
					t.Errorf("%s: %v %s", v.Wrt, v.Verdict, v.Reason)
				}
			}
			obj = d.Program.Objective.Name
			if obj == "" {
				obj = "Q"
				if d.Scalar {
					lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(claims, ";", "\n")), "\n")
					lines[len(lines)-1] = "Q = " + strings.TrimSpace(lines[len(lines)-1])
					claims = strings.Join(lines, "\n") + "\n"
				}
			}
			if !d.Scalar {
				obj = "Q"
			}
			lets := ""
			for _, l := range c.lets {
				lets += l + "\n"
			}
			// definitions used by the answers stand before the objective
			all := lets + claims
			for _, g := range c.gradients {
				all += "d" + obj + "/d" + g[0] + " = " + g[1] + "\n"
			}
			res, list := inferClaims(all)
			if list != nil {
				res, list = inferClaims(claims + lets + strings.TrimPrefix(all, lets+claims))
			}
			if list != nil {
				t.Fatalf("expected forms: %v", list)
			}
			i := 0
			for _, cl := range res.Claims {
				if cl.Kind != infer.ClaimGradient {
					continue
				}
				if i >= len(c.gradients) {
					break
				}
				g := d.Grads[i]
				want := c.gradients[i]
				i++
				if cl.Err != nil {
					t.Errorf("expected form of %s: %v", want[0], cl.Err)
					continue
				}
				total++
				node := cl.Sides[len(cl.Sides)-1]
				rep, err := verify.Gradients(context.Background(), res.Program, []verify.Claim{{Wrt: res.Program.VarNamed(g.Wrt.Name), Node: node}}, verify.Options{})
				if err != nil || rep.Variables[0].Verdict == verify.Fail {
					t.Errorf("textbook's %s = %s does not verify: %v %+v", want[0], want[1], err, rep)
				}
				got := render.Expr(g.Node, render.ASCII)
				for _, l := range d.Lets {
					got += " where " + l.Name + " = " + render.Expr(l.Node, render.ASCII)
				}
				have, limit := tokens(render.Expr(g.Node, render.ASCII)), tokens(want[1])
				if have > limit {
					longer++
					if !known[c.id+" "+want[0]] {
						t.Errorf("longer (%d > %d)\n%s  %s ours:  %s\n  textbook: %s", have, limit, c.program, want[0], got, want[1])
					}
				} else if known[c.id+" "+want[0]] {
					t.Errorf("%s %s is listed as an exception but is short enough", c.id, want[0])
				}
			}
		})
	}
	t.Logf("%d of %d closed forms are longer than the textbook's", longer, total)
}

// readExceptions lists the answers that are longer than the textbook's, each
// with its reason, from testdata/textbook/exceptions.
func readExceptions(t testing.TB) map[string]bool {
	b, err := os.ReadFile("testdata/textbook/exceptions")
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]bool)
	for _, line := range strings.Split(string(b), "\n") {
		if f := strings.Fields(line); len(f) > 2 && f[0] != "#" {
			out[f[0]+" "+strings.TrimSuffix(f[1], ":")] = true
		}
	}
	return out
}

func inferClaims(src string) (*infer.Result, error) {
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		return nil, list
	}
	res, list := infer.Infer(tree, infer.Options{Claims: true})
	if list.Err() != nil {
		return nil, list
	}
	return res, nil
}

// tokens counts names, numbers and operators; brackets do not count.
func tokens(s string) int {
	s = regexp.MustCompile(`(eye|ones)\([A-Za-z, ]*\)`).ReplaceAllString(s, "I")
	n := 0
	in := false
	rs := []rune(s)
	for i := 0; i < len(rs); i++ {
		r := rs[i]
		switch {
		case r == ' ' || r == '(' || r == ')' || r == ',' || r == '[' || r == ']':
			in = false
		case strings.ContainsRune("+-*/^'\\@⊙∘·ᵀ=<>", r):
			n++
			in = false
		case r == '.' && i+1 < len(rs) && strings.ContainsRune("*/^", rs[i+1]):
			n++
			i++
			in = false
		default:
			if !in {
				n++
			}
			in = true
		}
	}
	return n
}
