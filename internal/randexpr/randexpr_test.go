package randexpr

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/matdiff/matdiff/ast"
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
	ops, words := map[string]int{}, map[string]int{}
	for _, seed := range seeds {
		src := Program(seed, 12)
		tree, list := parser.Parse(src)
		if list.Err() != nil {
			t.Fatalf("seed %d:\n%s\n%v", seed, src, list)
		}
		count(reflect.ValueOf(tree), ops, words)
	}
	for op := ast.NoOp + 1; op <= ast.Prod; op++ {
		if ops[fmt.Sprint(op)] == 0 && op != ast.In { // x ∈ [a, b] is a chain of Le
			t.Errorf("operator %d never occurs", op)
		}
	}
	for _, kind := range []string{"Unary", "Binary", "Postfix", "Power", "Call", "Norm", "Abs", "Inner", "Iverson", "BigOp"} {
		if ops[kind] == 0 {
			t.Errorf("%s never occurs", kind)
		}
	}
	for _, p := range []string{"symmetric", "spd", "psd", "diagonal", "orthogonal", "positive", "nonnegative", "binary", "onehot", "simplex", "stochastic", "const"} {
		if words[p] == 0 {
			t.Errorf("property %s never occurs", p)
		}
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

// count counts the operators and kinds of nodes of a tree, and the properties
// of its declarations.
func count(v reflect.Value, ops, words map[string]int) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			count(v.Elem(), ops, words)
		}
	case reflect.Slice:
		for i := range v.Len() {
			count(v.Index(i), ops, words)
		}
	case reflect.Struct:
		ops[v.Type().Name()]++
		if id, ok := v.Interface().(ast.Ident); ok {
			words[id.Name]++
			return
		}
		for i := range v.NumField() {
			switch f := v.Field(i).Interface().(type) {
			case ast.Op:
				ops[fmt.Sprint(f)]++
			case []ast.Op:
				for _, op := range f {
					ops[fmt.Sprint(op)]++
				}
			default:
				count(v.Field(i), ops, words)
			}
		}
	}
}
