package randexpr

import (
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/rules"
)

// Every program is understood.
func TestWellTyped(t *testing.T) {
	bad := 0
	for seed := uint64(0); seed < 1500 && bad < 5; seed++ {
		src := Program(seed, 12)
		tree, list := parser.Parse(src)
		if list.Err() == nil {
			_, list = infer.Infer(tree, infer.Options{})
		}
		if list.Err() != nil {
			t.Errorf("seed %d:\n%s\n%v", seed, src, list)
			bad++
		}
	}
}

// One seed is one program, and no function of the table is left out.
func TestCoverage(t *testing.T) {
	first := Program(5, 12)
	if again := Program(5, 12); again != first {
		t.Errorf("the seed does not decide:\n%s\n%s", first, again)
	}
	var seeds []uint64
	for s := uint64(0); s < 3000; s++ {
		seeds = append(seeds, s)
	}
	used := Functions(seeds, 12)
	for _, f := range rules.All() {
		if f.Op == expr.OpNum && !f.Helper && used[f.Name] == 0 {
			if _, most := f.Arity(); most > 0 {
				t.Errorf("%s never occurs", f.Name)
			}
		}
	}
}
