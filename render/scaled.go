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
	num, den []*tree
	last     *tree // an inner product, which needs no brackets at the end
}

func (p *Printer) scalarsOf(c *expr.Node) *scalars {
	s := &scalars{coef: big.NewRat(1, 1)}
	if c == nil {
		return s
	}
	args := []*expr.Node{c}
	if c.Op == expr.OpHad {
		args = c.Args
	}
	var order []*expr.Node
	count := make(map[*expr.Node]int, len(args))
	for _, a := range args {
		if count[a]++; count[a] == 1 {
			order = append(order, a)
		}
	}
	for _, a := range order {
		p.addFactor(s, a, big.NewRat(int64(count[a]), 1))
	}
	return s
}

// addFactor adds a to the power e.
func (p *Printer) addFactor(s *scalars, a *expr.Node, e *big.Rat) {
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
	case a.Op == expr.OpPow && a.Args[1].Op == expr.OpNum:
		p.addPower(s, a.Args[0], new(big.Rat).Mul(a.Args[1].Num, e))
	case whole && k == 1 && a.Op != expr.OpHad:
		s.num = append(s.num, p.scalarTree(a))
	default:
		p.addPower(s, a, e)
	}
}

// scalarTree lays out a scalar that may be a general power.
func (p *Printer) scalarTree(a *expr.Node) *tree {
	if a.Op == expr.OpPow {
		return power(fPow, p.tree(a.Args[0]), p.tree(a.Args[1]))
	}
	return p.tree(a)
}

func (p *Printer) addPower(s *scalars, base *expr.Node, e *big.Rat) {
	if base.Op == expr.OpHad && base.IsScalar() && e.IsInt() {
		// 1/(a b) and 1/a · 1/b are one fraction.
		for _, a := range base.Args {
			p.addFactor(s, a, e)
		}
		return
	}
	if e.Sign() < 0 {
		s.den = append(s.den, p.powerOf(base, new(big.Rat).Neg(e)))
		return
	}
	s.num = append(s.num, p.powerOf(base, e))
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
	case p.style != ASCII && t.form == fName && e.Cmp(big.NewRat(2, 1)) == 0:
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

// elementwise lays out A ∘ B ./ C, with broadcast operands in short form.
func (p *Printer) elementwise(args []*expr.Node, shape expr.Shape) *tree {
	type factor struct {
		n     *expr.Node
		class class
		count int
		below bool
	}
	var fs []factor
	for _, a := range args {
		f := factor{n: a, count: 1}
		f.below = belowLine(a)
		f.class = p.classOf(a, shape)
		if a.Op == expr.OpPow {
			f.class = p.classOf(a.Args[0], shape)
		}
		if f.class == fill {
			f.class = full // Had folds fills; one inside a power stays written out
		}
		joined := false
		for i := range fs {
			if fs[i].n == a {
				fs[i].count++
				joined = true
			}
		}
		if !joined {
			fs = append(fs, f)
		}
	}
	// A short operand needs a full one before it or straight after it.
	firstFull := -1
	for i, f := range fs {
		if f.class == full && !f.below {
			firstFull = i
			break
		}
	}
	if firstFull > 1 && fs[0].class != full {
		f := fs[firstFull]
		copy(fs[2:firstFull+1], fs[1:firstFull])
		fs[1] = f
	}
	var above, below []*tree
	for _, f := range fs {
		t := p.elFactor(f.n, shape, f.count, firstFull >= 0)
		if f.below {
			t = p.squareBelow(t)
		}
		switch {
		case f.below:
			below = append(below, t)
		case t.form == fHad && f.n.Op != expr.OpMul:
			above = append(above, t.kids...)
		default:
			above = append(above, t)
		}
	}
	if len(below) == 0 {
		return hadamard(above)
	}
	num := p.number(big.NewRat(1, 1))
	num.unit = true
	if len(above) > 0 {
		num = hadamard(above)
	}
	return elQuotient(num, hadamard(below))
}

// squareBelow writes x ∘ x as x.^2: below the line one factor reads better.
func (p *Printer) squareBelow(t *tree) *tree {
	if t.form != fHad || len(t.kids) != 2 {
		return t
	}
	two := p.number(big.NewRat(2, 1))
	x, y := t.kids[0], t.kids[1]
	if x == y {
		return power(fElPow, x, two)
	}
	if k := len(x.kids) - 1; x.form == fProd && x.lead == k && x.kids[k] == y {
		return p.product(k, append(append([]*tree{}, x.kids[:k]...), power(fElPow, y, two))...)
	}
	return t
}

// belowLine tells whether a factor is a power with a negative exponent, or a
// broadcast one.
func belowLine(a *expr.Node) bool {
	if a.Op == expr.OpMul && len(a.Args) == 2 {
		if isOnesRow(a.Args[1]) {
			a = a.Args[0]
		} else if isOnesCol(a.Args[0]) {
			a = a.Args[1]
		}
	}
	return a.Op == expr.OpPow && a.Args[1].Op == expr.OpNum && a.Args[1].Num.Sign() < 0
}

// elFactor lays out one elementwise factor without the sign of its exponent.
func (p *Printer) elFactor(n *expr.Node, shape expr.Shape, count int, short bool) *tree {
	e := big.NewRat(int64(count), 1)
	base := n
	strip := func() {
		if base.Op == expr.OpPow && base.Args[1].Op == expr.OpNum {
			e.Mul(e, base.Args[1].Num)
			base = base.Args[0]
		}
	}
	strip()
	if c := p.classOf(base, shape); short && (c == row || c == col) {
		var rest []*expr.Node
		if c == row {
			rest = base.Args[1:]
		} else {
			rest = base.Args[:len(base.Args)-1]
		}
		if len(rest) == 1 {
			base = rest[0]
			strip()
			if e.Sign() < 0 {
				e.Neg(e)
			}
			return p.elPower(base, e)
		}
		if e.Sign() < 0 {
			e.Neg(e)
		}
		return p.raise(p.product(0, p.factors(rest)...), e, false)
	}
	if e.Sign() < 0 {
		e.Neg(e)
	}
	return p.elPower(base, e)
}

func (p *Printer) elPower(base *expr.Node, e *big.Rat) *tree {
	if base.Op == expr.OpPow && base.Args[1].Op != expr.OpNum && e.Cmp(big.NewRat(1, 1)) == 0 {
		return power(fElPow, p.tree(base.Args[0]), p.tree(base.Args[1]))
	}
	return p.powerOf(base, e)
}

// assemble joins scalar factors and a matrix part, nil for none: numbers and
// scalars in front, denominators behind, "½" and "2/3" in front.
func (p *Printer) assemble(c *expr.Node, core *tree) (minus bool, t *tree) {
	s := p.scalarsOf(c)
	one := big.NewRat(1, 1)
	den := s.den
	coef := new(big.Rat).Set(s.coef)
	if p.style == LaTeX {
		return s.minus, p.assembleLaTeX(s, core)
	}
	if !coef.IsInt() && len(den) > 0 && isFraction(coef) {
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
		if kids[0].level < ast.LevelPostfix && (kids[0].form != fProd || p.style == ASCII) {
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
	// Numbers and names above the line; calls and brackets beside it, where
	// there is a matrix or only a number below.
	above, beside := num, []*tree(nil)
	if core != nil || len(s.den) == 0 {
		above = nil
		for _, t := range num {
			if t.form == fName || t.form == fNumber || t.form == fPow {
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
