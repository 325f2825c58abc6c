package simplify_test

import (
	"bytes"
	"context"
	"flag"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/simplify"
	"github.com/matdiff/matdiff/verify"
)

func read(t testing.TB, src string) *expr.Program {
	t.Helper()
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		t.Fatalf("%s\n%v", src, list)
	}
	res, list := infer.Infer(tree, infer.Options{})
	if list.Err() != nil {
		t.Fatalf("%s\n%v", src, list)
	}
	return res.Program
}

// finish simplifies the objective of a program as Derive does a gradient.
func finish(p *expr.Program) (s *simplify.S, out *expr.Node) {
	s = simplify.New(p.B)
	for _, d := range p.Defs {
		if d.Node != p.Objective.Node {
			s.Name(d.Name, d.Node)
		}
	}
	roots, lets := s.Finish([]*expr.Node{s.Normal(p.Objective.Node)}, p.Taken())
	memo := make(map[*expr.Node]*expr.Node)
	for _, l := range lets { // written out again
		memo[l.Var] = p.B.Subst(l.Node, memo)
	}
	return s, p.B.Subst(roots[0], memo)
}

// TestRewrites applies every entry of the table to its example, compares the
// value before and after, and both sides of the identity, at random points, and
// sees that the entry does not fire where its side condition fails.
func TestRewrites(t *testing.T) {
	names := make(map[string]bool)
	for _, r := range simplify.Rewrites() {
		t.Run(r.Name, func(t *testing.T) {
			if names[r.Name] || r.Name == "" || r.If == "" {
				t.Errorf("needs a name of its own and a side condition")
			}
			names[r.Name] = true
			same := func(p *expr.Program, a, b *expr.Node) {
				t.Helper()
				cmp, err := verify.Equal(context.Background(), p, a, b, verify.Options{})
				if err != nil || cmp.Verdict != verify.Same {
					t.Errorf("%s ≠ %s: %v %+v", render.Expr(a, render.ASCII), render.Expr(b, render.ASCII), err, cmp)
				}
			}
			p := read(t, r.Program())
			s, out := finish(p)
			if s.Fired()[r.Name] == 0 {
				t.Errorf("does not fire in %s, which becomes %s; fired %v", r.Program(), render.Expr(out, render.ASCII), s.Fired())
			}
			same(p, p.Objective.Node, out)
			both := read(t, strings.ReplaceAll(r.Given, "; ", "\n")+"\nleft = "+r.Left+"\nright = "+r.Right)
			l, rt := both.Defs[len(both.Defs)-2].Node, both.Defs[len(both.Defs)-1].Node
			same(both, l, rt)
			plain := simplify.New(both.B)
			if x, y := plain.Shorten(plain.Normal(l)), plain.Shorten(plain.Normal(rt)); x != y {
				t.Errorf("both sides become %s and %s", render.Expr(x, render.ASCII), render.Expr(y, render.ASCII))
			}
			q := read(t, r.Stays)
			s, out = finish(q)
			if s.Fired()[r.Name] > 0 {
				t.Errorf("fires in %s, which becomes %s", r.Stays, render.Expr(out, render.ASCII))
			}
			same(q, q.Objective.Node, out)
		})
	}
}

// TestEveryRewriteIsListed sees that what the source of the package fires is an
// entry made by inline, or stands in a list of the table.
func TestEveryRewriteIsListed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	made, fired := make(map[string]bool), make(map[string]bool)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := goparser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, v := range n.Values {
					if c, ok := v.(*ast.CallExpr); ok {
						if id, ok := c.Fun.(*ast.Ident); ok && id.Name == "inline" {
							made[n.Names[i].Name] = true
						}
					}
				}
				if n.Names[0].Name == "takingOut" { // an entry by where the factor stands
					for _, v := range n.Values[0].(*ast.CompositeLit).Elts {
						fired[v.(*ast.KeyValueExpr).Value.(*ast.Ident).Name] = true
					}
				}
			case *ast.CallExpr:
				if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "fire" {
					if id, ok := n.Args[0].(*ast.Ident); ok {
						fired[id.Name] = true
					}
				}
			}
			return true
		})
	}
	for name := range made {
		if !fired[name] {
			t.Errorf("%s is an entry that nothing fires", name)
		}
	}
	for name := range fired {
		if !made[name] && name != "r" { // r ranges over a list of the table
			t.Errorf("%s is fired and no entry", name)
		}
	}
}

var update = flag.Bool("update", false, "rewrite docs/rewrites.md")

func TestRewritesDocument(t *testing.T) {
	var b bytes.Buffer
	if err := simplify.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	const file = "../docs/rewrites.md"
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(old, b.Bytes()) {
		t.Errorf("%s is out of date: go test ./simplify -run TestRewritesDocument -update", file)
	}
}
