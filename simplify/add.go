package simplify

import (
	"math"
	"math/big"
	"slices"

	"github.com/matdiff/matdiff/expr"
)

// Add returns the sum of normal terms in normal form: flat, like terms
// collected, ordered by structure.
func (s *S) Add(args ...*Node) *Node {
	shape := args[0].Shape
	type term struct {
		c    *big.Rat
		rest *Node
		n    *Node // the term itself, nil if it is of several
	}
	terms := make([]term, 0, len(args))
	var index map[*Node]int // of a long sum
	collect := func(n *Node) {
		c, rest := s.ratSplit(n)
		i, ok := 0, false
		if index != nil {
			i, ok = index[rest]
		} else {
			for i = range terms {
				if ok = terms[i].rest == rest; ok {
					break
				}
			}
		}
		if ok {
			s.fire(likeTerms)
			terms[i].c, terms[i].n = new(big.Rat).Add(terms[i].c, c), nil
			return
		}
		if index != nil {
			index[rest] = len(terms)
		} else if len(terms) == 16 {
			index = make(map[*Node]int, len(args))
			for i, t := range terms {
				index[t.rest] = i
			}
			index[rest] = len(terms)
		}
		terms = append(terms, term{c, rest, n})
	}
	for _, a := range args {
		switch {
		case a.IsZero():
		case flat(a, expr.OpAdd):
			for _, x := range a.Args {
				collect(x)
			}
		case a.Op == expr.OpT && flat(a.Args[0], expr.OpAdd):
			for _, x := range a.Args[0].Args {
				collect(s.T(x))
			}
		case a.Op == expr.OpScale && flat(a.Args[1], expr.OpAdd) && a.Args[0].Op == expr.OpNum:
			s.fire(numberTimesSum)
			for _, x := range a.Args[1].Args {
				collect(s.Scale(a.Args[0], x))
			}
		case a.Op == expr.OpHad && a.IsScalar() && len(a.Args) == 2 && a.Args[0].Op == expr.OpNum && flat(a.Args[1], expr.OpAdd):
			s.fire(numberTimesSum)
			for _, x := range a.Args[1].Args {
				collect(s.Had(a.Args[0], x))
			}
		default:
			collect(a)
		}
	}
	live := terms[:0]
	for _, t := range terms {
		if t.c.Sign() != 0 {
			live = append(live, t)
		}
	}
	terms = live
	slices.SortStableFunc(terms, func(x, y term) int { return compareTerms(x.rest, y.rest) })
	out := make([]*Node, len(terms))
	for i, t := range terms {
		if out[i] = t.n; t.n == nil {
			out[i] = s.withRat(t.c, t.rest)
		}
	}
	switch len(out) {
	case 0:
		return s.b.Zeros(shape)
	case 1:
		return out[0]
	}
	if n := s.addPatterns(out); n != nil {
		return n
	}
	if n := s.softplusDifference(out); n != nil {
		return n
	}
	return s.orient(s.b.Add(out...))
}

// orient writes a sum or an elementwise product with mostly transposed
// operands as the transpose of the untransposed one: Yᵀ − Pᵀ is (Y − P)ᵀ.
func (s *S) orient(n *Node) *Node {
	if n.IsScalar() || n.Op != expr.OpAdd && n.Op != expr.OpHad {
		return n
	}
	up, down := 0, 0
	for _, a := range n.Args {
		d := transposeGain(a)
		if d > 0 {
			up += d
		} else {
			down -= d
		}
	}
	if up <= down {
		return n
	}
	s.fire(transposeOut)
	args := make([]*Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = s.T(a)
	}
	slices.SortStableFunc(args, func(a, b *Node) int {
		_, x := s.ratSplit(a)
		_, y := s.ratSplit(b)
		return compareTerms(x, y)
	})
	if n.Op == expr.OpAdd {
		return s.b.T(s.b.Add(args...))
	}
	return s.b.T(s.b.Had(args...))
}

// transposeGain tells how many transposes fewer Tᵀ has than T.
func transposeGain(n *Node) int {
	switch n.Op {
	case expr.OpT:
		return 1
	case expr.OpScale:
		return transposeGain(n.Args[1])
	case expr.OpMul:
		d := 0
		for _, a := range n.Args {
			d += transposeGain(a)
		}
		return d
	case expr.OpEye, expr.OpNum:
		return 0
	}
	if n.Props.Has(expr.Symmetric) {
		return 0
	}
	return -1
}

// T returns the transpose of a normal node in normal form.
func (s *S) T(n *Node) *Node {
	if n.IsScalar() || n.Props.Has(expr.Symmetric) {
		if !n.IsScalar() && n.Op == expr.OpVar {
			s.used["symmetric"] = true
		}
		if !n.IsScalar() {
			s.fire(symmetricTranspose)
		}
		return n
	}
	if n.Kept {
		return s.b.T(n)
	}
	switch n.Op {
	case expr.OpT:
		return n.Args[0]
	case expr.OpMul:
		s.fire(productTranspose)
		k := len(n.Args)
		args := make([]*Node, k)
		for i, a := range n.Args {
			args[k-1-i] = s.T(a)
		}
		return s.Mul(args...)
	case expr.OpScale:
		s.fire(scaledTranspose)
		return s.Scale(n.Args[0], s.T(n.Args[1]))
	case expr.OpAdd, expr.OpHad:
		args := make([]*Node, len(n.Args))
		up, down := 0, 0
		for i, a := range n.Args {
			if d := transposeGain(a); d > 0 {
				up += d
			} else {
				down -= d
			}
			args[i] = a
		}
		if up < down {
			return s.b.T(n)
		}
		s.fire(transposeIn)
		for i, a := range args {
			args[i] = s.T(a)
		}
		if n.Op == expr.OpAdd {
			return s.Add(args...)
		}
		return s.Had(args...)
	}
	return s.b.T(n)
}

// Scale returns c·x in normal form for normal c, x.
func (s *S) Scale(c, x *Node) *Node {
	if x.IsScalar() {
		return s.Had(c, x)
	}
	switch {
	case c.IsOne():
		return x
	case c.IsZero() || x.IsZero():
		return s.b.Zeros(x.Shape)
	}
	if x.Op == expr.OpScale {
		return s.Scale(s.Had(c, x.Args[0]), x.Args[1])
	}
	if c.Op == expr.OpAdd {
		c = s.Had(c) // its content comes in front
	}
	if x.Op == expr.OpAdd || x.Op == expr.OpT && x.Args[0].Op == expr.OpAdd {
		r, y := s.primitive(x)
		if !isOne(r) {
			s.fire(content)
			return s.Scale(s.Had(c, s.b.Num(r)), y)
		}
	}
	if n := s.scalePatterns(c, x); n != nil {
		return n
	}
	return s.b.Scale(c, x)
}

// primitive takes the rational content off a sum, its sign such that the
// first term is positive: −2b + 4a is (−2)(b − 2a). Beside decimals such as
// 1e-5 the content is what leaves a term without factor, or none: x + 1e-5 stays.
func (s *S) primitive(n *Node) (*big.Rat, *Node) {
	if n.Op == expr.OpT {
		r, y := s.primitive(n.Args[0])
		if y == n.Args[0] {
			return r, n
		}
		return r, s.b.T(y)
	}
	if n.Op != expr.OpAdd {
		return ratOne, n
	}
	if p, ok := s.primitives.Get(n); ok {
		return p.content, p.rest
	}
	r, y := s.content(n)
	if n.Kept {
		y = s.keep(y)
	}
	s.primitives.Set(n, primitive{r, y})
	return r, y
}

// primitive is a sum's rational content and what is left of it.
type primitive struct {
	content *big.Rat
	rest    *Node
}

func (s *S) content(n *Node) (*big.Rat, *Node) {
	if s.plainSum(n) {
		return ratOne, n
	}
	var g, d *big.Int
	lead := 1
	for i, a := range n.Args {
		c, _ := s.ratSplit(a)
		if i == 0 {
			lead = c.Sign()
			g, d = new(big.Int).Abs(c.Num()), new(big.Int).Set(c.Denom())
			continue
		}
		if !isUnit(g) {
			g.GCD(nil, nil, g, new(big.Int).Abs(c.Num()))
		}
		if c.IsInt() {
			continue
		}
		t := new(big.Int).GCD(nil, nil, d, c.Denom())
		d.Div(d, t)
		d.Mul(d, c.Denom())
	}
	r := new(big.Rat).SetFrac(g, d)
	if s.longest(n, r) > maxContent {
		if r.Abs(s.plain(n)); !s.decimals(n, r) {
			r.SetInt64(1)
		}
	}
	if lead < 0 {
		r.Neg(r)
	}
	if isOne(r) {
		return ratOne, n
	}
	inv := new(big.Rat).Inv(r)
	args := make([]*Node, len(n.Args))
	for i, a := range n.Args {
		c, rest := s.ratSplit(a)
		args[i] = s.withRat(new(big.Rat).Mul(c, inv), rest)
	}
	return r, s.b.Add(args...)
}

func isUnit(x *big.Int) bool { return x.IsUint64() && x.Uint64() == 1 }

// plainSum tells whether the content is 1 at a glance: all coefficients are small
// whole numbers, the first positive, and one of them is 1 or −1.
func (s *S) plainSum(n *Node) bool {
	unit := false
	for i, a := range n.Args {
		c, _ := s.ratSplit(a)
		if !c.IsInt() || !c.Num().IsInt64() {
			return false
		}
		k := c.Num().Int64()
		if i == 0 && k < 0 || k > maxContent || k < -maxContent {
			return false
		}
		unit = unit || k == 1 || k == -1
	}
	return unit
}

// maxContent bounds the whole numbers that taking off the content may make.
const maxContent = 1000

// longest is the largest whole coefficient of n/r.
func (s *S) longest(n *Node, r *big.Rat) float64 {
	most := 0.0
	for _, a := range n.Args {
		c, _ := s.ratSplit(a)
		q, _ := new(big.Rat).Quo(c, r).Float64()
		most = max(most, math.Abs(q))
	}
	return most
}

// plain is the coefficient of the last term that is neither a number nor a
// multiple of the identity.
func (s *S) plain(n *Node) *big.Rat {
	var last *big.Rat
	for _, a := range n.Args {
		c, rest := s.ratSplit(a)
		if last == nil || rest != nil && !isOneTerm(rest) && rest.Op != expr.OpEye {
			last = c
		}
	}
	return last
}

// decimals tells whether the coefficients of n/r are finite decimals.
func (s *S) decimals(n *Node, r *big.Rat) bool {
	for _, a := range n.Args {
		c, _ := s.ratSplit(a)
		if _, exact := new(big.Rat).Quo(c, r).FloatPrec(); !exact {
			return false
		}
	}
	return true
}

// compareTerms orders the terms of a sum: numbers and ones first.
func compareTerms(x, y *Node) int {
	ox, oy := x == nil || isOneTerm(x), y == nil || isOneTerm(y)
	switch {
	case ox && oy:
		return 0
	case ox:
		return -1
	case oy:
		return 1
	}
	return expr.Compare(x, y)
}
