package parser

import (
	"testing"

	"github.com/matdiff/matdiff/ast"
)

// 11ᵀ is the matrix of ones, not eleven; braces hold a denominator together.
func TestOnesAndFractions(t *testing.T) {
	for _, c := range [][2]string{
		{"11'", "1 1'"}, {"11ᵀ", "1 1ᵀ"}, {"x'11'x", "x'1 1'x"}, {"11^\\top", "1 1^\\top"},
		{`\frac{a}{t(1+n)}`, "(a/(t(1+n)))"}, {`\frac{a}{XW}`, "(a/(XW))"},
	} {
		var dumps [2]string
		for i, src := range c {
			tree, list := Parse("Q = " + src)
			if list.Err() != nil {
				t.Fatalf("%s: %v", src, list)
			}
			dumps[i] = ast.Dump(tree)
		}
		if dumps[0] != dumps[1] {
			t.Errorf("%s is %s, %s is %s", c[0], dumps[0], c[1], dumps[1])
		}
	}
	if tree, list := Parse("Q = 11 x"); list.Err() != nil || ast.Dump(tree) == ast.Dump(must(t, "Q = 1 1'x")) {
		t.Errorf("11 x: %v", list)
	}
}

func must(t *testing.T, src string) *ast.Program {
	tree, list := Parse(src)
	if list.Err() != nil {
		t.Fatal(list)
	}
	return tree
}
