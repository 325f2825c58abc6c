package matdiff_test

import (
	"context"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/simplify"
)

// TestCostIsLength holds the yardstick of the search to what is printed: the
// price of a textbook answer is its length in tokens, give or take brackets.
func TestCostIsLength(t *testing.T) {
	off, all := 0, 0
	for _, c := range readTextbook(t) {
		d, err := matdiff.Derive(context.Background(), c.program, matdiff.NoVerify())
		if err != nil {
			t.Fatal(err)
		}
		s := simplify.New(d.Program.B)
		for _, g := range d.Grads {
			text := render.Expr(g.Node, render.ASCII)
			have, want := float64(s.Cost(g.Node))/simplify.Token, float64(tokens(text))
			all++
			if have < want-0.5 || have > want+1 {
				off++
				t.Logf("%s %s: price %.2f, %v tokens: %s", c.id, g.Wrt.Name, have, want, text)
			}
		}
	}
	t.Logf("%d of %d prices differ from the length", off, all)
	if off*20 > all {
		t.Errorf("%d of %d prices differ from the length", off, all)
	}
}
