package verify

import (
	"context"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// TestWhere compares values where a condition is zero: C w = λ w.
func TestWhere(t *testing.T) {
	b := expr.NewBuilder()
	n := expr.Symbol("n")
	col, square := expr.Shape{R: n, C: expr.One}, expr.Shape{R: n, C: n}
	v := func(name string, s expr.Shape, p expr.Props) *expr.Node {
		return b.Var(&expr.Var{Name: name, Kind: expr.Input, Shape: s, Props: p.Close(s)})
	}
	c, w, l := v("C", square, expr.Symmetric), v("w", col, 0), v("λ", expr.Scalar, 0)
	zero := b.Sub(b.Mul(c, w), b.Scale(l, w))
	form, length := b.Mul(b.T(w), c, w), b.Mul(b.T(w), w)
	for _, tt := range []struct {
		title string
		x, y  *expr.Node
		by    []*expr.Node
		want  Relation
	}{
		{"follows", form, b.Scale(l, length), []*expr.Node{w, l}, Same},
		{"follows from it twice", b.Mul(c, c, w), b.Scale(b.Had(l, l), w), []*expr.Node{w, l}, Same},
		{"does not follow", form, b.Scale(b.Had(b.Int(2), l), length), []*expr.Node{w, l}, Different},
		{"another vector", b.Mul(c, w), b.Scale(l, b.MustCall(rules.Must("exp"), w)), []*expr.Node{w, l}, Different},
		{"only the zero vector is found", b.Mul(c, w), b.Scale(b.Int(2), b.Mul(c, w)), []*expr.Node{w}, Undecided},
	} {
		var by []*expr.Var
		for _, x := range tt.by {
			by = append(by, x.Var)
		}
		cmp, err := Where(context.Background(), nil, []*expr.Node{zero}, by, tt.x, tt.y, Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if cmp.Verdict != tt.want {
			t.Errorf("%s: %v (%s), want %v", tt.title, cmp.Verdict, cmp.Reason, tt.want)
		}
	}
}
