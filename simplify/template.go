package simplify

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

// template is a compiled formula of the function table for one class of shapes.
type template struct {
	root *Node
	err  error
}

var templates sync.Map // key → *template

// Instantiate writes a formula of the function table over operands: holes maps
// the names that the formula uses to nodes of b. The first name's node gives
// rows, cols and count. diffs tells which names are differentials. The formula
// is compiled once for each class of shapes.
func Instantiate(b *expr.Builder, src string, names []string, holes []*Node) (*Node, error) {
	var key strings.Builder
	key.WriteString(src)
	var dims []string
	place := func(d expr.Dim) expr.Dim {
		out := expr.Whole(d.K)
	symbols:
		for _, sym := range d.Symbols() {
			for i, e := range dims {
				if e == sym {
					out = out.Times(expr.Symbol("δ" + strconv.Itoa(i)))
					continue symbols
				}
			}
			dims = append(dims, sym)
			out = out.Times(expr.Symbol("δ" + strconv.Itoa(len(dims)-1)))
		}
		return out
	}
	params := make([]infer.Param, len(names))
	for i, h := range holes {
		sh := expr.Shape{R: place(h.Shape.R), C: place(h.Shape.C)}
		kind := expr.Hole
		if h.HasD {
			kind = expr.Differential
		}
		params[i] = infer.Param{Name: names[i], Shape: sh, Kind: kind}
		fmt.Fprintf(&key, "|%s %v %d", names[i], sh, kind)
	}
	v, ok := templates.Load(key.String())
	if !ok {
		root, _, err := infer.Template(src, params)
		v, _ = templates.LoadOrStore(key.String(), &template{root: root, err: err})
	}
	t := v.(*template)
	if t.err != nil {
		return nil, t.err
	}
	byName := make(map[string]*Node, len(names))
	for i, n := range names {
		byName[n] = holes[i]
	}
	m := make(map[string]expr.Dim, len(dims))
	for i, d := range dims {
		m["δ"+strconv.Itoa(i)] = expr.Symbol(d)
	}
	return copyInto(b, t.root, byName, m, make(map[*Node]*Node)), nil
}

// copyInto rebuilds a template's node in b, with holes and sizes replaced.
func copyInto(b *expr.Builder, n *Node, holes map[string]*Node, m map[string]expr.Dim, memo map[*Node]*Node) *Node {
	if r, ok := memo[n]; ok {
		return r
	}
	var out *Node
	switch n.Op {
	case expr.OpNum:
		out = b.Num(n.Num)
	case expr.OpSize:
		out = b.Size(n.Dim.Subst(m))
	case expr.OpVar:
		out = holes[n.Var.Name]
	case expr.OpOnes:
		out = b.Ones(n.Shape.Subst(m))
	case expr.OpZeros:
		out = b.Zeros(n.Shape.Subst(m))
	case expr.OpEye:
		out = b.Eye(n.Shape.R.Subst(m))
	default:
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = copyInto(b, a, holes, m, memo)
		}
		out = b.With(n, args)
	}
	memo[n] = out
	return out
}

// Define writes a call by its definition, nil if it is a primitive.
func Define(b *expr.Builder, n *Node) (*Node, error) {
	f, ok := n.Fn.(*rules.Func)
	if !ok || len(f.Def) == 0 {
		return nil, nil
	}
	shapes := make([]expr.Shape, len(n.Args))
	names := make([]string, len(n.Args))
	for i, a := range n.Args {
		shapes[i] = a.Shape
		names[i] = f.Params[i].Name
	}
	src, ok := rules.Pick(f.Def, shapes)
	if !ok {
		return nil, nil
	}
	return Instantiate(b, src, names, n.Args)
}
