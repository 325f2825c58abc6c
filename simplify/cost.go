package simplify

import "github.com/matdiff/matdiff/expr"

const maxCost = 1 << 40

// Cost is the length of n as it is printed: names, numbers, operators and
// brackets, sharing not counted, saturating.
func (s *S) Cost(n *Node) int {
	if c, ok := s.cost[n]; ok {
		return c
	}
	c := 1
	if !s.short[n] {
		c = s.price(n)
	}
	if c > maxCost {
		c = maxCost
	}
	s.cost[n] = c
	return c
}

func (s *S) price(n *Node) int {
	switch n.Op {
	case expr.OpNum:
		if n.Num.IsInt() {
			return 1
		}
		return 2
	case expr.OpVar, expr.OpSize, expr.OpOnes, expr.OpZeros, expr.OpEye:
		return 1
	case expr.OpT:
		return s.inner(n.Args[0]) + 1
	case expr.OpAdd:
		if z := s.oneMinusSigmoid(n); z != nil && !s.short[s.call0("sigmoid", z)] {
			return s.Cost(z) + 2 // σ(−z) as a factor
		}
		c := len(n.Args) - 1
		neg := 0
		for _, a := range n.Args {
			r, rest := s.ratSplit(a)
			if r.Sign() < 0 {
				neg++
				if rest != nil && r.IsInt() && r.Num().Int64() == -1 {
					a = rest
				} else {
					a = s.Neg(a)
				}
			}
			c += s.Cost(s.unbroadcast(a))
		}
		if neg == len(n.Args) {
			c++
		}
		return c
	case expr.OpScale:
		if n.Args[0].IsNum(-1, 1) {
			return s.inner(n.Args[1]) + 1
		}
		if c := n.Args[0]; c.Op == expr.OpPow && c.Args[1].IsNum(-1, 1) {
			return s.inner(c.Args[0]) + s.inner(n.Args[1]) + 1
		}
		return s.inner(n.Args[0]) + s.inner(n.Args[1]) + 1
	case expr.OpMul, expr.OpHad:
		c := len(n.Args) - 1
		for _, a := range n.Args {
			if n.Op == expr.OpHad && !n.IsScalar() {
				if v := s.colBroadcast(a); v != nil && !a.Shape.R.IsOne() {
					a = v
				} else if u := s.rowBroadcast(a); u != nil && !a.Shape.C.IsOne() {
					a = u
				}
			}
			if a.Op == expr.OpPow && a.Args[1].IsNum(-1, 1) {
				c += s.inner(a.Args[0])
				continue
			}
			if a.IsNum(-1, 1) {
				continue
			}
			c += s.inner(a)
		}
		return c
	case expr.OpPow:
		if n.Args[1].IsNum(-1, 1) {
			return s.inner(n.Args[0]) + 2
		}
		return s.inner(n.Args[0]) + s.Cost(n.Args[1]) + 1
	case expr.OpCall:
		c := 1
		for _, a := range n.Args {
			c += s.Cost(a)
		}
		return c
	}
	return 1
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
	if n.Op == expr.OpAdd && !s.short[n] && s.oneMinusSigmoid(n) == nil {
		return s.Cost(n) + 1
	}
	return s.Cost(n)
}
