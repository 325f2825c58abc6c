package verify

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
)

// book is one case of testdata/textbook.
type book struct {
	file, id string
	program  []string
	lets     []string
	wrt      []string
	grads    []string
}

// library reads testdata/textbook.
func library(tb testing.TB) []book {
	files, err := filepath.Glob("../testdata/textbook/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatal("no cases in testdata/textbook")
	}
	var out []book
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		var c *book
		for s := bufio.NewScanner(f); s.Scan(); {
			line := s.Text()
			key, rest, _ := strings.Cut(line, ":")
			switch {
			case strings.HasPrefix(line, "case:"):
				out = append(out, book{file: filepath.Base(name), id: strings.Fields(rest)[0]})
				c = &out[len(out)-1]
			case strings.HasPrefix(line, "    "):
				c.program = append(c.program, strings.TrimSpace(line))
			case strings.HasPrefix(line, "let "):
				c.lets = append(c.lets, strings.TrimSpace(line[4:]))
			case strings.HasPrefix(line, "gradient "):
				c.wrt = append(c.wrt, strings.TrimSpace(key[len("gradient "):]))
				c.grads = append(c.grads, strings.TrimSpace(rest))
			}
		}
		f.Close()
	}
	return out
}

// claims infers the case with its gradients as claims.
func (c book) claims() (*expr.Program, []Claim, error) {
	lines := append([]string(nil), c.program...)
	last := lines[len(lines)-1]
	if i := strings.LastIndex(last, ";"); i >= 0 {
		lines = append(lines[:len(lines)-1], last[:i])
		last = strings.TrimSpace(last[i+1:])
		lines = append(lines, last)
	}
	name := "Q"
	if l, _, ok := strings.Cut(last, "="); ok && len(strings.Fields(l)) == 1 {
		name = strings.TrimSpace(l)
	}
	text := append([]string(nil), lines[:len(lines)-1]...)
	for _, l := range c.lets {
		if !strings.Contains(l, "dQ/d") {
			text = append(text, l)
		}
	}
	text = append(text, last)
	for i, w := range c.wrt {
		g := c.grads[i]
		for k := len(c.lets) - 1; k >= 0; k-- {
			if n, r, _ := strings.Cut(c.lets[k], "="); strings.Contains(r, "dQ/d") {
				g = strings.ReplaceAll(g, strings.TrimSpace(n), "("+strings.TrimSpace(r)+")")
			}
		}
		if strings.Contains(g, "dQ/d") {
			text = append(text, fmt.Sprintf("dQ/d%s = %s", w, g))
		} else {
			text = append(text, fmt.Sprintf("d%s/d%s = %s", name, w, g))
		}
	}
	tree, list := parser.Parse(strings.Join(text, "\n") + "\n")
	if list.Err() != nil {
		return nil, nil, list
	}
	res, list := infer.Infer(tree, infer.Options{Claims: true})
	if list.Err() != nil {
		return nil, nil, list
	}
	var out []Claim
	for _, cl := range res.Claims {
		if cl.Err != nil {
			return nil, nil, cl.Err
		}
		v := res.Program.VarNamed(cl.ByNames[0])
		if v == nil {
			return nil, nil, fmt.Errorf("no variable %s", cl.ByNames[0])
		}
		out = append(out, Claim{Wrt: v, Node: cl.Sides[len(cl.Sides)-1]})
	}
	return res.Program, out, nil
}

// Every gradient that the corpus of textbooks states is confirmed: points are
// found in the domain of every one of its objectives, and none is called
// wrong.
func TestTextbook(t *testing.T) {
	n := 0
	for _, c := range library(t) {
		prog, claims, err := c.claims()
		if err != nil {
			t.Errorf("%s %s: %v", c.file, c.id, err)
			continue
		}
		rep, err := Gradients(context.Background(), prog, claims, Options{})
		if err != nil {
			t.Errorf("%s %s: %v", c.file, c.id, err)
			continue
		}
		for _, v := range rep.Variables {
			n++
			if !v.Verdict.Right() {
				t.Errorf("%s %s: ∂/∂%s %v: %s %v", c.file, c.id, v.Wrt, v.Verdict, v.Reason, v.Counter)
			}
		}
	}
	t.Logf("%d gradients confirmed", n)
}
