package simplify

import (
	"math/big"
	"slices"

	"github.com/matdiff/matdiff/expr"
)

const maxCost = 1 << 40

// token is the price of a name, a number or an operator. Brackets are cheaper,
// so that of two forms of one length the one with fewer of them wins.
const token = 4

// Token is the price of one token.
const Token = token

const bracket = 1

// fractionPrice is that of a fraction within a fraction: (a/s − n)/(2 s) is
// written (a − n s)/(2 s²).
const fractionPrice = 3 * token

// eyePrice makes a factor that leaves the identity behind, M − M S M as
// M (I − S M), worth taking out only where it saves a part of some length.
const eyePrice = 2 * token

// knownPrice keeps a scalar sum of the program, α v + (1 − α) w rather than
// w + α (v − w).
const knownPrice = 3 * token

// Cost is the length of n as it is printed in ASCII: token for each name,
// number and operator, bracket for each pair of them round a sum. Sharing is
// not counted. It saturates.
func (s *S) Cost(n *Node) int {
	if c, ok := s.cost.Get(n); ok {
		return c
	}
	c, named := s.short.Get(n)
	if !named {
		c = s.price(n)
	}
	if c > maxCost {
		c = maxCost
	}
	s.cost.Set(n, c)
	return c
}

func (s *S) price(n *Node) int {
	switch n.Op {
	case expr.OpNum:
		return numPrice(n.Num)
	case expr.OpVar:
		if n.Var.Kind == expr.Adjoint {
			return 3 * token // dQ/dZ
		}
		return token
	case expr.OpSize, expr.OpZeros, expr.OpEye:
		return token
	case expr.OpOnes:
		return token
	case expr.OpT:
		return s.inner(n.Args[0]) + token
	case expr.OpAdd:
		return s.sumPrice(n)
	case expr.OpScale, expr.OpHad, expr.OpPow, expr.OpMul:
		p := pricing{s: s, coef: ratOne, whole: n.Shape}
		p.take(n, 1)
		return p.total()
	case expr.OpCall:
		switch n.Fn.FnName() {
		case "ge", "le", "eq", "ne":
			return s.Cost(n.Args[0]) + s.Cost(n.Args[1]) + 2*token
		case "between":
			return s.Cost(n.Args[0]) + s.Cost(n.Args[1]) + s.Cost(n.Args[2]) + 4*token
		case "tr":
			if x := squaredNorm(n); x != nil {
				return s.Cost(x) + 3*token // norm(X)^2
			}
		}
		c := token
		for _, a := range n.Args {
			c += s.Cost(a)
		}
		return c
	}
	return token
}

func numPrice(r *big.Rat) int {
	c := token
	if !r.IsInt() && (r.Denom().IsInt64() && r.Denom().Int64() < 10) {
		c = 3 * token
	}
	if r.Sign() < 0 {
		c += token
	}
	return c
}

// sumPrice prices a sum: a sign that stands first costs a token of its own.
func (s *S) sumPrice(n *Node) int {
	if z := s.oneMinusSigmoid(n); z != nil && s.short.At(s.call0("sigmoid", z)) == 0 {
		return s.Cost(z) + 2*token // σ(−z) as a factor
	}
	c := (len(n.Args) - 1) * token
	neg := 0
	wide := s.writtenWide(n)
	for _, a := range n.Args {
		r, _ := s.ratSplit(a)
		if r.Sign() < 0 {
			neg++
			a = s.Neg(a)
		}
		if !wide {
			a = s.unbroadcast(a)
		}
		c += s.Cost(a)
	}
	if neg == len(n.Args) {
		c += token
	}
	switch {
	case s.losesKnown(n):
		c += knownPrice
	case s.twice(n):
		c += 2 * bracket // (1 − c) x and c (1 − c), of the same length as x − c x and c − c²
	}
	switch {
	case !s.known[n] && leavesIdentity(n):
		c += eyePrice
	case s.known[n] && c > 6*token:
		c -= token // what the program has is understood at a glance
	}
	return c
}

// writtenWide tells whether the terms of a sum are all repeated over rows or
// columns: then none has the shape of the sum, and they are written with their
// ones, V 𝟏𝟏ᵀ + W 𝟏𝟏ᵀ.
func (s *S) writtenWide(n *Node) bool {
	if n.Shape.R.IsOne() || n.Shape.C.IsOne() {
		return false
	}
	for _, a := range n.Args {
		if s.unbroadcast(a) == a {
			return false
		}
	}
	return true
}

// twice tells whether two terms of a sum differ only in their scalar factors,
// or one is the square of the other.
func (s *S) twice(n *Node) bool {
	if len(n.Args) > 4 {
		return false
	}
	for i, x := range n.Args {
		_, x = s.ratSplit(x)
		for j, y := range n.Args {
			_, y := s.ratSplit(y)
			switch {
			case i == j || x == nil || y == nil:
			case y.Op == expr.OpPow && y.Args[0] == x && y.Args[1].IsNum(2, 1), !n.IsScalar() && core(x) == core(y):
				return true
			case y.Op == expr.OpHad && x.Op != expr.OpHad && slices.Contains(y.Args, x):
				return true // x − x ∘ y, a − a b
			}
		}
	}
	return false
}

// losesKnown tells whether two terms of a sum make one with a sum of the program
// in front, as λ w − λ α w does with 1 − α; one of them may stand in a sum with
// other terms, as in w + α (v − w).
func (s *S) losesKnown(n *Node) bool {
	if !s.knownScalars || len(n.Args) > 4 || n.IsScalar() {
		return false
	}
	known := func(c, d *Node) bool { return s.known[s.Add(c, d)] }
	for i, x := range n.Args {
		cx, kx := s.scalarPart(x)
		for j, y := range n.Args {
			cy, ky := s.scalarPart(y)
			switch {
			case i == j:
			case i < j && kx == ky:
				if known(cx, cy) {
					return true
				}
			case ky.Op == expr.OpAdd && len(ky.Args) <= 4:
				for _, t := range ky.Args {
					if ct, kt := s.scalarPart(t); kt == kx && known(cx, s.Had(cy, ct)) {
						return true
					}
				}
			}
		}
	}
	return false
}

// turns tells whether a sum may be turned round without a minus in front.
func turns(n *Node) bool {
	if n.Op == expr.OpT {
		n = n.Args[0]
	}
	if n.Op != expr.OpAdd {
		return false
	}
	for _, a := range n.Args {
		c := a
		if a.Op == expr.OpScale || a.Op == expr.OpHad && a.IsScalar() {
			c = a.Args[0]
			if c.Op == expr.OpHad {
				c = c.Args[0]
			}
		}
		if c.Op == expr.OpNum && c.Num.Sign() < 0 {
			return true
		}
	}
	return false
}

// pricing collects the pieces of a product: all are joined by one operator
// each, and a quotient without a numerator needs a 1.
type pricing struct {
	s        *S
	coef     *big.Rat
	whole    expr.Shape
	num, den int  // prices of the pieces
	nn, nd   int  // how many
	turns    bool // some factor may be turned round
	fraction bool // some factor above the line is a sum with a scalar below the line
	under    bool // a scalar that is no size stands below the line
	sums     []*Node
	sizes    []*Node
}

func (p *pricing) above(c int) { p.num += c; p.nn++ }

// take adds n to the power e, 1 or −1.
func (p *pricing) take(n *Node, e int) {
	s := p.s
	p.turns = p.turns || turns(n)
	if c, ok := s.short.Get(n); ok {
		p.put(c, e)
		return
	}
	switch n.Op {
	case expr.OpNum:
		switch {
		case e > 0 && p.coef == ratOne:
			p.coef = n.Num
		case e > 0:
			p.coef = new(big.Rat).Mul(p.coef, n.Num)
		case n.Num.Sign() != 0:
			p.coef = new(big.Rat).Quo(p.coef, n.Num)
		}
		return
	case expr.OpScale:
		p.take(n.Args[0], e)
		p.take(n.Args[1], e)
		return
	case expr.OpHad:
		for _, a := range n.Args {
			if !n.IsScalar() {
				if v := s.colBroadcast(a); v != nil && !a.Shape.R.IsOne() {
					a = v
				} else if u := s.rowBroadcast(a); u != nil && !a.Shape.C.IsOne() {
					a = u
				}
			}
			p.take(a, e)
		}
		return
	case expr.OpPow:
		b, x := n.Args[0], n.Args[1]
		if x.Op != expr.OpNum {
			p.put(s.inner(b)+s.Cost(x)+token, e)
			return
		}
		r := x.Num
		if r.Sign() < 0 {
			e, r = -e, new(big.Rat).Neg(r)
		}
		switch {
		case isOne(r):
			p.take(b, e)
		case squaredNorm(b) != nil:
			c := s.Cost(squaredNorm(b)) + token
			if r.Cmp(ratHalf) != 0 {
				c += token + numPrice(new(big.Rat).Mul(r, big.NewRat(2, 1)))
			}
			p.put(c, e)
		case r.Cmp(ratHalf) == 0:
			p.put(s.Cost(b)+token, e)
		default:
			p.put(s.inner(b)+token+numPrice(r), e)
		}
		return
	case expr.OpMul:
		if e > 0 {
			p.chain(n)
			return
		}
		q := pricing{s: s, coef: ratOne, whole: n.Shape}
		q.chain(n)
		p.put(q.total(), e)
		return
	case expr.OpSize:
		if e < 0 {
			p.sizes = append(p.sizes, n)
		}
	case expr.OpAdd:
		p.fraction = p.fraction || e > 0 && slices.ContainsFunc(s.divisors(n), func(x *Node) bool { return x.Op != expr.OpSize })
	}
	p.put(s.inner(n), e)
	p.under = p.under || e < 0 && n.Op != expr.OpSize && n.IsScalar()
}

func (p *pricing) put(c, e int) {
	if e > 0 {
		p.above(c)
		return
	}
	p.den += c
	p.nd++
}

// chain prices a matrix product: sums over rows, columns and entries by name,
// powers of repeated factors.
func (p *pricing) chain(n *Node) {
	s := p.s
	args := n.Args
	if x := squaredNorm(n); x != nil && x.Op != expr.OpVar {
		p.above(s.Cost(x) + 3*token)
		return
	}
	first, last := isOnesRow(args[0]), isOnesCol(args[len(args)-1])
	if len(args) > 2 && first && last {
		first, last, args = false, false, args[1:len(args)-1]
		p.sums = append(p.sums, n)
		q := pricing{s: s, coef: ratOne}
		q.factors(args)
		p.above(q.total() + token)
		return
	}
	switch {
	case first && n.IsScalar():
		q := pricing{s: s, coef: ratOne}
		q.factors(args[1:])
		p.sums = append(p.sums, n)
		p.above(q.total() + token)
		return
	case first:
		p.sums = append(p.sums, n)
		p.above(s.Cost(args[1]) + token)
		args = args[2:]
	case last && !isOnesCol(args[0]):
		p.sums = append(p.sums, n)
		p.above(s.Cost(args[len(args)-2]) + token)
		args = args[:len(args)-2]
	}
	p.factors(args)
}

func (p *pricing) factors(args []*Node) {
	for i := 0; i < len(args); {
		j := i + 1
		for j < len(args) && args[j] == args[i] && args[i].Op != expr.OpOnes {
			j++
		}
		c := p.s.inner(args[i])
		p.turns = p.turns || turns(args[i])
		if j > i+1 {
			c += 2 * token
		}
		p.above(c)
		i = j
	}
}

func (p *pricing) total() int {
	c := p.num + p.den
	n, d := p.nn, p.nd
	neg := p.coef.Sign() < 0
	r := p.coef
	if neg {
		r = new(big.Rat).Abs(r)
	}
	if !r.IsInt() && r.Denom().IsInt64() && r.Denom().Int64() >= 10 { // a decimal
		c += token
		n++
	} else {
		if r.Num().Cmp(bigOne) != 0 || r.Num().Sign() == 0 {
			c += token
			n++
		}
		if !r.IsInt() {
			c += token
			d++
		}
	}
	// A sum over its count is a mean.
	for _, z := range p.sizes {
		for i, x := range p.sums {
			if p.s.isMean(x, z) {
				p.sums = without(p.sums, i)
				c -= token
				d--
				break
			}
		}
	}
	if n == 0 {
		c += token
		n++
	}
	c += (n + d - 1) * token
	if d > 1 {
		c += bracket
	}
	if p.fraction && p.under {
		c += fractionPrice
	}
	if neg && !p.turns {
		c += token
	}
	return c
}

// isMean tells whether a sum has as many terms as the size says.
func (s *S) isMean(x, size *Node) bool {
	first, last := x.Args[0], x.Args[len(x.Args)-1]
	switch {
	case isOnesRow(first) && isOnesCol(last):
		return false
	case isOnesRow(first):
		return s.b.Size(first.Shape.C) == size
	case isOnesCol(last):
		return s.b.Size(last.Shape.R) == size
	}
	return false
}

var (
	ratHalf = big.NewRat(1, 2)
	bigOne  = big.NewInt(1)
)

// squaredNorm returns X of xᵀx and tr(XᵀX).
func squaredNorm(n *Node) *Node {
	a := n
	if n.IsCall("tr") {
		a = n.Args[0]
	} else if !n.IsScalar() {
		return nil
	}
	if a.Op != expr.OpMul || len(a.Args) != 2 {
		return nil
	}
	switch x, y := a.Args[0], a.Args[1]; {
	case x.Op == expr.OpT && x.Args[0] == y && y.Op != expr.OpOnes:
		return y
	case a != n && y.Op == expr.OpT && y.Args[0] == x:
		return x
	}
	return nil
}

// unbroadcast returns what is printed of a term that is repeated over rows,
// columns or entries.
func (s *S) unbroadcast(a *Node) *Node {
	if v := s.colBroadcast(a); v != nil && !a.Shape.R.IsOne() {
		return v
	}
	if u := s.rowBroadcast(a); u != nil && !a.Shape.C.IsOne() {
		return u
	}
	if a.Op == expr.OpScale && isOneTerm(a.Args[1]) {
		return a.Args[0]
	}
	if a.Op == expr.OpScale {
		if x := s.unbroadcast(a.Args[1]); x != a.Args[1] {
			return s.b.Scale(a.Args[0], x)
		}
	}
	return a
}

// inner is the cost of an operand of a product, brackets of a sum included.
func (s *S) inner(n *Node) int {
	if n.Op == expr.OpAdd && s.short.At(n) == 0 && s.oneMinusSigmoid(n) == nil {
		return s.Cost(n) + bracket
	}
	return s.Cost(n)
}
