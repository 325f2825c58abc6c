package check

import (
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/ast"
)

// A text may go on numbering: after f = (x_1 x_2 sin(x_3) + …)/x_3 it speaks
// of x_4 = x_1 x_2, x_5 = sin(x_3) and so on, the nodes of the computation in
// the order in which they are computed, without defining them.

// nodesOf returns the definitions of the nodes of an equation whose right side
// is a function of x_1 … x_n, and the name of the last; nil if it is none.
func nodesOf(e *ast.Equation) (defs []string, base string) {
	if e == nil || len(e.Sides) < 2 {
		return nil, ""
	}
	n := &numbering{seen: map[string]string{}}
	if n.count(e.Sides[1]); n.bad || n.base == "" || n.inputs < 1 || n.inputs != len(n.have) {
		return nil, ""
	}
	n.last = n.inputs
	n.node(e.Sides[1])
	return n.defs, n.base
}

// numbering gives the next number to each operation.
type numbering struct {
	base         string
	have         map[int]bool
	inputs, last int
	bad          bool
	seen         map[string]string // operation on names: its name
	defs         []string
}

// count finds the inputs.
func (n *numbering) count(x ast.Expr) {
	switch x := x.(type) {
	case *ast.Name:
		k, err := strconv.Atoi(strings.Trim(x.Sub, "{}"))
		if err != nil || n.base != "" && n.base != x.Base {
			n.bad = n.bad || x.Sub != "" || len(x.Text) == 1
			return
		}
		if n.have == nil {
			n.have = map[int]bool{}
		}
		n.base, n.have[k], n.inputs = x.Base, true, max(n.inputs, k)
	case *ast.Number:
	case *ast.Paren:
		n.count(x.X)
	case *ast.Unary:
		n.count(x.X)
	case *ast.Power:
		n.count(x.X)
		n.count(x.Exp)
	case *ast.Call:
		if x.Fun.Sub != "" || len(x.Args) != 1 {
			n.bad = true
		}
		for _, a := range x.Args {
			n.count(a)
		}
	case *ast.Binary:
		n.count(x.X)
		n.count(x.Y)
	default:
		n.bad = true
	}
}

// node returns the name of a value, numbering the operations below it first.
func (n *numbering) node(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Paren:
		return n.node(x.X)
	case *ast.Unary:
		if x.Op == ast.Neg {
			return n.take("-" + n.node(x.X))
		}
		return n.node(x.X)
	case *ast.Power:
		return n.take(n.node(x.X) + "^(" + ast.Text(x.Exp) + ")")
	case *ast.Call:
		return n.take(x.Fun.Text + "(" + n.node(x.Args[0]) + ")")
	case *ast.Binary:
		if f, ok := x.X.(*ast.Name); ok && f.Sub == "" { // sin x
			return n.take(f.Text + "(" + n.node(x.Y) + ")")
		}
		a, b := n.node(x.X), n.node(x.Y)
		op := map[ast.Op]string{ast.Juxt: " ", ast.Mul: " * ", ast.Div: "/", ast.Add: " + ", ast.Sub: " - "}[x.Op]
		if op == "" {
			n.bad = true
		}
		return n.take(a + op + b)
	}
	return ast.Text(x)
}

// take names an operation, once.
func (n *numbering) take(op string) string {
	if s := n.seen[op]; s != "" {
		return s
	}
	n.last++
	s := n.base + "_" + strconv.Itoa(n.last)
	n.seen[op] = s
	n.defs = append(n.defs, s+" = "+op)
	return s
}

// numbered defines the nodes of a function of the scope if an unknown name is
// one of them.
func (r *reader) numbered(cur *scope, name string) bool {
	for i := len(cur.list) - 1; i >= 0; i-- {
		t := cur.list[i]
		defs, base := nodesOf(t.eq)
		if base == "" || t.hidden || t.name == "" || !strings.HasPrefix(name, base+"_") {
			continue
		}
		hit := false
		for _, d := range defs {
			hit = hit || strings.HasPrefix(d, name+" =")
		}
		if !hit {
			continue
		}
		next := &scope{kept: cur.kept}
		next.list = append(next.list, cur.list[:i]...)
		for _, d := range defs {
			node, _, _ := strings.Cut(d, " =")
			next.list = append(next.list, &statement{text: d, name: node, parts: t.parts, start: t.start, head: t.head, hidden: true})
		}
		whole := *t // the function itself is the last node
		left, _, _ := strings.Cut(t.text, " = ")
		last, _, _ := strings.Cut(defs[len(defs)-1], " =")
		whole.text = left + " = " + last
		next.list = append(append(next.list, &whole), cur.list[i+1:]...)
		if next.read() == nil {
			return false
		}
		*cur = *next
		r.note("read " + strings.Join(defs, ", ") + " as the nodes of " + t.name)
		r.retry(cur)
		return true
	}
	return false
}
