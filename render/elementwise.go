package render

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

// factorisation is an elementwise product: cs scalars, items above and below
// the line.
type factorisation struct {
	p      *Printer
	items  []item
	cs     []*expr.Node // scalar factors below the line
	shorts bool         // broadcast operands may take their short form
}

// elementwise lays out A ∘ B ./ C, with broadcast operands in short form.
func (p *Printer) elementwise(args []*expr.Node, shape expr.Shape) *tree {
	f := &factorisation{p: p}
	for _, a := range args {
		// A full operand above the line carries the shape.
		x, above := a, true
		for x.Op == expr.OpPow && x.Args[1].Op == expr.OpNum {
			above = above && x.Args[1].Num.Sign() > 0
			x = x.Args[0]
		}
		f.shorts = f.shorts || above && p.classOf(x, shape) == full
	}
	for _, a := range args {
		f.add(a, big.NewRat(1, 1), shape, full)
	}
	var up, down []item
	for _, it := range f.items {
		if it.e.Sign() < 0 {
			down = append(down, it)
		} else {
			up = append(up, it)
		}
	}
	// A short operand needs a full one before it or straight after it.
	if len(up) > 1 && up[0].class != full {
		for i := 2; i < len(up) && up[1].class != full; i++ {
			if up[i].class == full {
				it := up[i]
				copy(up[2:i+1], up[1:i])
				up[1] = it
			}
		}
	}
	var above, below []*tree
	for _, it := range up {
		t := p.elItem(it, it.e)
		if t.form == fHad && it.base.Op != expr.OpHad {
			above = append(above, t.kids...) // Y ∘ Y
		} else {
			above = append(above, t)
		}
	}
	for _, it := range down {
		below = append(below, p.squareBelow(p.elItem(it, new(big.Rat).Abs(it.e))))
	}
	if len(below) == 0 {
		return hadamard(above)
	}
	num := p.number(big.NewRat(1, 1))
	num.unit = true
	if len(above) > 0 {
		num = hadamard(above)
	}
	// A row and a column below the line do not meet: P ./ r ./ c.
	var early []*tree
	if mixed(down) {
		early, below = below[:len(below)-1], below[len(below)-1:]
	}
	for _, t := range early {
		num = elQuotient(num, t)
	}
	minus, den := p.assembleAll(f.cs, hadamard(below))
	if minus {
		den = neg(den)
	}
	return elQuotient(num, den)
}

func belowLine(n *expr.Node) bool {
	return n.Op == expr.OpPow && n.Args[1].Op == expr.OpNum && n.Args[1].Num.Sign() < 0
}

// mixed tells whether rows and columns stand side by side.
func mixed(items []item) bool {
	rows, cols := false, false
	for _, it := range items {
		rows, cols = rows || it.class == row, cols || it.class == col
	}
	return rows && cols
}

// add adds n to the power e. Broadcast operands are opened where they may take
// their short form; products and scaled matrices below the line are opened.
func (f *factorisation) add(n *expr.Node, e *big.Rat, shape expr.Shape, c class) {
	down := e.IsInt() && e.Num().Int64() == -1
	if f.shorts && c == full && n.Op != expr.OpScale {
		if k := f.p.classOf(n, shape); k == row || k == col {
			rest := n.Args[1:]
			if k == col {
				rest = n.Args[:len(n.Args)-1]
			}
			if len(rest) == 1 {
				f.add(rest[0], e, rest[0].Shape, k)
				return
			}
			f.items = join(f.items, item{n, e, k})
			return
		}
	}
	switch {
	case n.Op == expr.OpPow && n.Args[1].Op == expr.OpNum && e.IsInt() && (down || e.Sign() > 0) && !(down && n.Args[1].IsNum(-1, 1)):
		f.add(n.Args[0], new(big.Rat).Mul(n.Args[1].Num, e), shape, c)
	case n.Op == expr.OpHad && e.IsInt() && allSame(n.Args):
		f.add(n.Args[0], new(big.Rat).Mul(big.NewRat(int64(len(n.Args)), 1), e), shape, c)
	case n.Op == expr.OpHad && down && c == full:
		for _, a := range n.Args {
			f.add(a, e, shape, c)
		}
	case n.Op == expr.OpScale && down && !belowLine(n.Args[1]):
		f.cs = append(f.cs, n.Args[0])
		f.add(n.Args[1], e, shape, c)
	default:
		f.items = join(f.items, item{n, e, c})
	}
}

func allSame(args []*expr.Node) bool {
	for _, a := range args {
		if a != args[0] {
			return false
		}
	}
	return true
}

// squareBelow writes x ∘ x as x.^2: below the line one factor reads better.
func (p *Printer) squareBelow(t *tree) *tree {
	if t.form == fHad && len(t.kids) == 2 && t.kids[0] == t.kids[1] {
		return power(fElPow, t.kids[0], p.number(big.NewRat(2, 1)))
	}
	return t
}

// elItem lays out a factor; a product that is broadcast loses its ones.
func (p *Printer) elItem(it item, e *big.Rat) *tree {
	n := it.base
	switch {
	case n.Op == expr.OpMul && it.class == row && isOnesCol(n.Args[0]):
		return p.raise(p.chain(n.Args[1:]), e, false)
	case n.Op == expr.OpMul && it.class == col && isOnesRow(n.Args[len(n.Args)-1]):
		return p.raise(p.chain(n.Args[:len(n.Args)-1]), e, false)
	case n.Op == expr.OpPow && n.Args[1].Op != expr.OpNum && e.Cmp(big.NewRat(1, 1)) == 0:
		return power(fElPow, p.tree(n.Args[0]), p.tree(n.Args[1]))
	}
	return p.powerOf(n, e)
}
