package derive_test

import (
	"os"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/render"
)

func mustDerive(t *testing.T, src string, opt derive.Options) *derive.Result {
	t.Helper()
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		t.Fatal(list)
	}
	res, list := infer.Infer(tree, infer.Options{})
	if list.Err() != nil {
		t.Fatal(list)
	}
	d, err := derive.Derive(res.Program, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestShow(t *testing.T) {
	src := os.Getenv("SRC")
	if src == "" {
		t.Skip("SRC not set")
	}
	for _, one := range strings.Split(src, "@@") {
		d := mustDerive(t, one, derive.Options{})
		t.Log(one)
		for _, l := range d.Lets {
			t.Logf("  %s = %s", l.Name, render.Expr(l.Node, render.ASCII))
		}
		for _, g := range d.Grads {
			t.Logf("  d/d%s = %s   | %s   %s", g.Wrt.Name, render.Expr(g.Node, render.ASCII), render.Expr(g.Node, render.Text), g.Note)
		}
	}
}
