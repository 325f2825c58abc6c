package verify

import (
	"context"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/rules"
)

// Both sides of every identity of the table are equal, and unequal once one
// side is changed by a part in a million or has its sign turned.
func TestIdentities(t *testing.T) {
	n := 0
	for _, f := range rules.All() {
		for _, id := range f.Identities {
			src := id.Declare + "\nP_0 = " + id.Left + "\nP_0 = " + id.Right + "\n"
			tree, list := parser.Parse(src)
			if list.Err() != nil {
				t.Errorf("%s: %v", id.Name, list)
				continue
			}
			res, list := infer.Infer(tree, infer.Options{Claims: true})
			if list.Err() != nil || len(res.Claims) != 1 || res.Claims[0].Err != nil {
				t.Logf("%s is not a claim of the language: %v", id.Name, list)
				continue
			}
			b := res.Program.B
			left, right := res.Claims[0].Of, res.Claims[0].Sides[0]
			for _, c := range []struct {
				right *expr.Node
				want  Relation
			}{{right, Same}, {b.Neg(right), Different}, {b.Scale(b.Rat(1000001, 1000000), right), Different}} {
				got, err := Equal(context.Background(), res.Program, left, c.right, Options{})
				if err != nil {
					t.Errorf("%s: %v", id.Name, err)
					continue
				}
				if right.IsZero() {
					c.want = Same
				}
				if got.Verdict != c.want {
					t.Errorf("%s: %s = %s: %v, want %v: %s", f.Name, id.Left, id.Right, got.Verdict, c.want, got.Reason)
				}
			}
			n++
		}
	}
	t.Logf("%d identities", n)
}
