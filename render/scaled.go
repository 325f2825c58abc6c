package render

import (
	"math/big"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// scalars are the scalar factors of a term: ± coef · num / den.
type scalars struct {
	coef     *big.Rat // positive
	minus    bool
	items    []item
	num, den []*tree
}

// item is a factor: base to the power e.
type item struct {
	base  *expr.Node
	e     *big.Rat
	class class // of an elementwise factor
}

// join adds a factor to a list, to an equal one if both powers are whole and
// on the same side of the line.
func join(items []item, it item) []item {
	for i, o := range items {
		if o.base == it.base && o.class == it.class && o.e.IsInt() && it.e.IsInt() && o.e.Sign() == it.e.Sign() {
			items[i].e = new(big.Rat).Add(o.e, it.e)
			return items
		}
	}
	return append(items, it)
}

func (p *Printer) scalarsOf(cs []*expr.Node) *scalars {
	s := &scalars{coef: big.NewRat(1, 1)}
	for _, c := range cs {
		s.add(c, big.NewRat(1, 1))
	}
	for _, it := range s.items {
		switch {
		case it.e.Sign() < 0:
			s.den = append(s.den, p.powerOf(it.base, new(big.Rat).Neg(it.e)))
		case it.e.Cmp(big.NewRat(1, 1)) == 0:
			if it.base.Op == expr.OpMul {
				if front, rest := p.pieces(it.base.Args); len(front) > 0 && len(rest) == 0 {
					s.num = append(s.num, front...)
					continue
				}
			}
			s.num = append(s.num, p.tree(it.base)) // xᵀx, not ‖x‖²
		default:
			s.num = append(s.num, p.powerOf(it.base, it.e))
		}
	}
	return s
}

// add adds a to the power e. Whole powers go into products and powers:
// 1/(a b) and 1/a · 1/b are one fraction.
func (s *scalars) add(a *expr.Node, e *big.Rat) {
	k, whole := int64(0), e.IsInt() && e.Num().IsInt64()
	if whole {
		k = e.Num().Int64()
	}
	switch {
	case a.Op == expr.OpNum && whole && k > -64 && k < 64 && a.Num.Sign() != 0:
		r := new(big.Rat).Abs(a.Num)
		if k < 0 {
			r.Inv(r)
		}
		for range max(k, -k) {
			s.coef.Mul(s.coef, r)
		}
		s.minus = s.minus != (a.Num.Sign() < 0 && k%2 != 0)
	case a.Op == expr.OpHad && whole:
		for _, x := range a.Args {
			s.add(x, e)
		}
	case a.Op == expr.OpPow && a.Args[1].Op == expr.OpNum && whole:
		s.add(a.Args[0], new(big.Rat).Mul(a.Args[1].Num, e))
	default:
		s.items = join(s.items, item{base: a, e: e})
	}
}

// powerOf lays out a scalar to a positive power, or a matrix elementwise.
func (p *Printer) powerOf(base *expr.Node, e *big.Rat) *tree {
	two := big.NewRat(2, 1)
	if x := squaredNormOf(base); x != nil && e.Cmp(big.NewRat(1, 1)) != 0 {
		base, e = nil, new(big.Rat).Mul(e, two)
		return p.raise(p.norm(p.tree(x)), e, true)
	} else if x != nil && base.Op == expr.OpMul {
		return p.square(p.norm(p.tree(x)))
	}
	return p.raise(p.tree(base), e, base.IsScalar())
}

func (p *Printer) raise(t *tree, e *big.Rat, scalar bool) *tree {
	switch {
	case e.Cmp(big.NewRat(1, 1)) == 0:
		return t
	case e.Cmp(big.NewRat(1, 2)) == 0:
		return p.call("sqrt", t)
	case scalar:
		return power(fPow, t, p.number(e))
	case p.style != ASCII && !p.hand.Squares && t.form == fName && e.Cmp(big.NewRat(2, 1)) == 0:
		return hadamard([]*tree{t, t})
	}
	return power(fElPow, t, p.number(e))
}

// scaled lays out a scaled matrix, an elementwise product or a power.
func (p *Printer) scaled(n *expr.Node) *tree {
	minus, t := p.term(n)
	if minus {
		return neg(t)
	}
	return t
}

// term lays out n without its sign.
func (p *Printer) term(n *expr.Node) (minus bool, t *tree) {
	switch {
	case n.Op == expr.OpScale:
		return p.assemble(n.Args[0], p.core(n.Args[1]))
	case n.IsScalar() && (n.Op == expr.OpHad || n.Op == expr.OpPow && n.Args[1].Op == expr.OpNum):
		return p.assemble(n, nil)
	case n.Op == expr.OpNum && n.Num.Sign() < 0:
		return true, p.number(new(big.Rat).Abs(n.Num))
	case n.Op == expr.OpHad || n.Op == expr.OpPow:
		return p.assemble(nil, p.core(n))
	}
	return false, p.tree(n)
}

// core lays out the matrix part of a term.
func (p *Printer) core(n *expr.Node) *tree {
	switch n.Op {
	case expr.OpHad:
		return p.elementwise(n.Args, n.Shape)
	case expr.OpPow:
		if n.IsScalar() {
			return power(fPow, p.tree(n.Args[0]), p.tree(n.Args[1]))
		}
		return p.elementwise([]*expr.Node{n}, n.Shape)
	}
	return p.tree(n)
}

// assemble joins scalar factors and a matrix part, nil for none: numbers and
// scalars in front, denominators behind, "½" and "2/3" in front.
func (p *Printer) assemble(c *expr.Node, core *tree) (minus bool, t *tree) {
	if c == nil {
		return p.assembleAll(nil, core)
	}
	return p.assembleAll([]*expr.Node{c}, core)
}

func (p *Printer) assembleAll(cs []*expr.Node, core *tree) (minus bool, t *tree) {
	s := p.scalarsOf(cs)
	one := big.NewRat(1, 1)
	den := s.den
	coef := new(big.Rat).Set(s.coef)
	if p.style == LaTeX {
		return s.minus, p.assembleLaTeX(s, core)
	}
	if !coef.IsInt() && isFraction(coef) && (len(den) > 0 || p.star() && (core != nil || len(s.num) > 0)) {
		den = append([]*tree{p.number(new(big.Rat).SetInt(coef.Denom()))}, den...)
		coef = new(big.Rat).SetInt(coef.Num())
	}
	var num []*tree
	if coef.Cmp(one) != 0 {
		num = append(num, p.number(coef))
	}
	num = append(num, s.num...)
	if core != nil && core.form == fElDiv && core.kids[0].unit && len(num)+len(den) > 0 {
		if len(den) > 0 { // 1 ./ (N Y)
			below := core.kids[1]
			if below.form == fHad {
				den = append(den, below)
				core = elQuotient(p.over(num), p.product(len(den)-1, den...))
			} else {
				core = elQuotient(p.over(num), p.product(len(den), append(den, below)...))
			}
			return s.minus, core
		}
		return s.minus, elQuotient(p.over(num), core.kids[1])
	}
	switch {
	case core == nil:
		t = p.over(num)
	case len(num) == 0:
		t = core
	default:
		t = p.infront(num, core)
	}
	if len(den) > 0 {
		t = p.quotient(t, p.product(len(den), den...))
	}
	return s.minus, t
}

// over is the product of scalars, 1 for none.
func (p *Printer) over(num []*tree) *tree {
	if len(num) == 0 {
		t := p.number(big.NewRat(1, 1))
		t.unit = true
		return t
	}
	if k := len(num); k > 1 && num[k-1].form == fProd {
		return p.product(k-1, append(append([]*tree{}, num[:k-1]...), num[k-1].kids...)...)
	}
	return p.product(len(num), num...)
}

// infront puts scalars before a matrix part, inside its first operand where
// that reads the same.
func (p *Printer) infront(num []*tree, core *tree) *tree {
	k := len(num)
	switch core.form {
	case fProd:
		return p.product(k+core.lead, append(append([]*tree{}, num...), core.kids...)...)
	case fHad:
		kids := append([]*tree{}, core.kids...)
		if k0 := kids[0]; k0.level < ast.LevelPostfix && (k0.form != fProd || p.star() && k0.lead < len(k0.kids)-1) {
			kids[0] = p.product(k, append(append([]*tree{}, num...), kids[0])...)
		} else {
			kids[0] = p.infront(num, kids[0])
		}
		return hadamard(kids)
	case fElDiv:
		return elQuotient(p.infront(num, core.kids[0]), core.kids[1])
	}
	return p.product(k, append(append([]*tree{}, num...), core)...)
}

func (p *Printer) assembleLaTeX(s *scalars, core *tree) *tree {
	one := big.NewRat(1, 1)
	coef, den, num := new(big.Rat).Set(s.coef), s.den, s.num
	if !coef.IsInt() && isFraction(coef) {
		den = append([]*tree{p.number(new(big.Rat).SetInt(coef.Denom()))}, den...)
		coef = new(big.Rat).SetInt(coef.Num())
	}
	if coef.Cmp(one) != 0 {
		num = append([]*tree{p.number(coef)}, num...)
	}
	if core != nil && core.form == fElDiv && core.kids[0].unit {
		if len(den) > 0 {
			return elQuotient(p.quotient(p.over(num), p.product(len(den), den...)), core.kids[1])
		}
		return elQuotient(p.over(num), core.kids[1])
	}
	if len(den) == 0 {
		switch {
		case core == nil:
			return p.over(num)
		case len(num) == 0:
			return core
		}
		return p.infront(num, core)
	}
	// Numbers, names and their powers above the line; calls, norms and brackets
	// beside it, where there is a matrix or only a number below.
	above, beside := num, []*tree(nil)
	if core != nil || len(s.den) == 0 {
		above = nil
		for _, t := range num {
			if t.form == fName || t.form == fNumber || t.form == fPow && t.kids[0].form == fName {
				above = append(above, t)
			} else {
				beside = append(beside, t)
			}
		}
	}
	frac := p.quotient(p.over(above), p.product(len(den), den...))
	switch {
	case core != nil:
		return p.infront(append([]*tree{frac}, beside...), core)
	case len(beside) > 0:
		return p.over(append([]*tree{frac}, beside...))
	}
	return frac
}
