package render

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// class tells how an operand of an elementwise operator may be written.
type class uint8

const (
	full   class = iota // as it is
	row                 // 𝟏 r, written r: one row for all
	col                 // c 𝟏ᵀ, written c: one column for all
	fill                // s 𝟏…, written s: one number for all
	square              // s 𝟏𝟏ᵀ beside I, written out: I − 1/n is easily misread
)

// holdsEye tells whether a term of a sum is a multiple of the identity.
func holdsEye(sum *expr.Node) bool {
	for _, a := range sum.Args {
		if a.Op == expr.OpScale {
			a = a.Args[1]
		}
		if a.Op == expr.OpEye {
			return true
		}
	}
	return false
}

// classOf tells what x, an operand of that shape, is a broadcast of.
func (p *Printer) classOf(x *expr.Node, shape expr.Shape) class {
	if x.Op == expr.OpScale {
		x = x.Args[1]
	}
	switch {
	case shape.IsScalar():
		return full
	case x.Op == expr.OpOnes || isOnesRow(x) || x.Op == expr.OpZeros:
		return fill
	case x.Op != expr.OpMul || shape.R.IsOne() || shape.C.IsOne():
		return full
	}
	first, last := isOnesCol(x.Args[0]), isOnesRow(x.Args[len(x.Args)-1])
	switch {
	case first && last && len(x.Args) == 2:
		return fill
	case first:
		return row
	case last:
		return col
	}
	return full
}

// short lays out a broadcast operand in its short form, without its sign.
func (p *Printer) short(x *expr.Node, c class) (minus bool, t *tree) {
	var s *expr.Node
	if x.Op == expr.OpScale {
		s, x = x.Args[0], x.Args[1]
	}
	switch c {
	case fill:
		if x.Op == expr.OpZeros {
			return false, p.number(new(big.Rat))
		}
		return p.assemble(s, nil)
	case square:
		col := expr.Shape{R: x.Shape.R, C: expr.One}
		return p.assemble(s, p.product(0, p.ones(col), p.ones(col.T())))
	case row:
		return p.assemble(s, p.chain(x.Args[1:]))
	case col:
		return p.assemble(s, p.chain(x.Args[:len(x.Args)-1]))
	}
	if s == nil {
		return p.term(x)
	}
	return p.assemble(s, p.core(x))
}

// sum lays out a sum: a positive term first when there is one, broadcast
// operands in short form where a full one stands before or straight after.
func (p *Printer) sum(n *expr.Node) *tree {
	type term struct {
		n     *expr.Node
		class class
		minus bool
		t     *tree
	}
	ts := make([]term, len(n.Args))
	fulls := 0
	identity := p.style != ASCII && holdsEye(n)
	for i, a := range n.Args {
		ts[i] = term{n: a, class: p.classOf(a, n.Shape)}
		if identity && ts[i].class == fill {
			ts[i].class = square
		}
		if ts[i].class == full {
			fulls++
		}
	}
	if fulls == 0 {
		// Nothing has the shape of the sum: one or all are written out.
		wide := false
		for i := range ts {
			if ts[i].class != fill {
				ts[i].class, wide = full, true
			}
		}
		if !wide {
			ts[0].class = full
		}
	}
	for i := range ts {
		ts[i].minus, ts[i].t = p.short(ts[i].n, ts[i].class)
	}
	front := func(at int, ok func(term) bool) {
		for i := at; i < len(ts); i++ {
			if ok(ts[i]) {
				t := ts[i]
				copy(ts[at+1:i+1], ts[at:i])
				ts[at] = t
				return
			}
		}
	}
	if !p.typed {
		front(0, func(t term) bool { return !t.minus })
	}
	if ts[0].class != full {
		front(1, func(t term) bool { return t.class == full })
	}
	kids, minus := make([]*tree, len(ts)), make([]bool, len(ts))
	own := len(ts) - 1
	for i, t := range ts {
		kids[i], minus[i] = t.t, t.minus
	}
	if minus[0] {
		own++
	}
	t := node(fSum, levelSum, own, kids...)
	t.minus = minus
	return t
}

// arguments lays out the operands of a call; those of an elementwise function
// in short form where another one has the full shape.
func (p *Printer) arguments(n *expr.Node) []*tree {
	kids := make([]*tree, len(n.Args))
	f, ok := n.Fn.(*rules.Func)
	wide := false
	if ok && f.Elementwise && len(n.Args) > 1 {
		for _, a := range n.Args {
			wide = wide || a.Shape == n.Shape && p.classOf(a, n.Shape) == full
		}
	}
	for i, a := range n.Args {
		c := full
		if wide && a.Shape == n.Shape {
			c = p.classOf(a, n.Shape)
		}
		if c == full {
			kids[i] = p.tree(a)
			continue
		}
		minus, t := p.short(a, c)
		if minus {
			t = neg(t)
		}
		kids[i] = t
	}
	return kids
}
