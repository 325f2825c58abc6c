package codegen

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

// expandRule writes a call by the definition that the rules table gives.
func expandRule(b *expr.Builder, n *expr.Node) (*expr.Node, error) {
	f, ok := n.Fn.(*rules.Func)
	if !ok || len(f.Def) == 0 {
		return nil, fmt.Errorf("%s has no definition", n.Fn.FnName())
	}
	shapes := make([]expr.Shape, len(n.Args))
	params := make([]infer.Param, len(n.Args))
	for i, a := range n.Args {
		shapes[i] = a.Shape
		params[i] = infer.Param{Name: f.Params[i].Name, Shape: a.Shape, Kind: expr.Hole}
	}
	src, ok := rules.Pick(f.Def, shapes)
	if !ok {
		return nil, fmt.Errorf("%s has no definition for these shapes", f.Name)
	}
	t, tb, err := infer.Template(src, params)
	if err != nil {
		return nil, err
	}
	memo := make(map[*expr.Node]*expr.Node)
	for i, p := range params {
		memo[tb.Var(&expr.Var{Name: p.Name, Kind: p.Kind, Shape: p.Shape, Props: p.Props})] = n.Args[i]
	}
	return transplant(b, t, memo), nil
}

// transplant rebuilds n of another Builder in b; memo holds what replaces its
// variables.
func transplant(b *expr.Builder, n *expr.Node, memo map[*expr.Node]*expr.Node) *expr.Node {
	for _, m := range expr.Topo(n) {
		if memo[m] != nil {
			continue
		}
		args := make([]*expr.Node, len(m.Args))
		for i, a := range m.Args {
			args[i] = memo[a]
		}
		switch m.Op {
		case expr.OpNum:
			memo[m] = b.Num(m.Num)
		case expr.OpSize:
			memo[m] = b.Size(m.Dim)
		case expr.OpOnes:
			memo[m] = b.Ones(m.Shape)
		case expr.OpZeros:
			memo[m] = b.Zeros(m.Shape)
		case expr.OpEye:
			memo[m] = b.Eye(m.Shape.R)
		case expr.OpVar:
			memo[m] = b.Var(m.Var)
		default:
			memo[m] = b.With(m, args)
		}
	}
	return memo[n]
}
