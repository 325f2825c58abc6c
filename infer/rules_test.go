package infer

import (
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// TestRuleTemplates compiles every differential and definition of the function
// table for operands of each shape that the function takes.
func TestRuleTemplates(t *testing.T) {
	n, m := expr.Symbol("n"), expr.Symbol("m")
	col, row := expr.Shape{R: n, C: expr.One}, expr.Shape{R: expr.One, C: m}
	for _, f := range rules.All() {
		if f.Op != expr.OpNum {
			continue
		}
		for _, base := range []expr.Shape{{R: n, C: m}, {R: n, C: n}, col, row, expr.Scalar} {
			args := make([]expr.Shape, len(f.Params))
			var params []Param
			for i, p := range f.Params {
				args[i] = base
				if p.Kind == rules.Number || p.Kind == rules.SizeArg {
					args[i] = expr.Scalar
				}
				params = append(params, Param{Name: p.Name, Shape: args[i]})
			}
			out, err := f.FnShape(args)
			if err != nil {
				continue // not a shape it takes
			}
			for i, p := range f.Params {
				params = append(params, Param{Name: "d" + p.Name, Shape: args[i], Kind: expr.Differential})
			}
			if f.Result != "" {
				params = append(params, Param{Name: f.Result, Shape: out})
			}
			for _, cases := range [][]rules.Case{f.D, f.Def} {
				src, ok := rules.Pick(cases, args)
				if !ok {
					continue
				}
				node, _, err := Template(src, params)
				switch {
				case err != nil:
					t.Errorf("%s of %v: %v", f.Name, args, err)
				case node.Shape != out && !node.IsScalar():
					t.Errorf("%s of %v: %q is %v, the value %v", f.Name, args, src, node.Shape, out)
				}
			}
		}
	}
}
