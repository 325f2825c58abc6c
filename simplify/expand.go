package simplify

import (
	"github.com/matdiff/matdiff/expr"
)

// Expand multiplies out products over sums, nil if there are too many terms.
func (s *S) Expand(n *Node) *Node { return s.expand(n) }

// expand multiplies out products over sums, nil if the result would have more
// than maxTerms terms.
func (s *S) expand(n *Node) *Node {
	m, ok := s.expanded.Get(n)
	if !ok {
		if ts := s.expandTerms(n, 0); ts != nil && len(ts) <= maxTerms {
			m = s.Add(ts...)
		}
		s.expanded.Set(n, m)
	}
	return m
}

// expandOrder lists the factors of a product, sums with quotients first: there
// the other factors may cancel.
func expandOrder(n *Node) []int {
	var first, rest []int
	for i, a := range n.Args {
		switch {
		case a.Op == expr.OpAdd && hasQuotient(a):
			first = append(first, i)
		case summand(a) != nil:
			rest = append(rest, i)
		}
	}
	return append(first, rest...)
}

// summand is the sum in a factor that is multiplied out: it, its transpose or
// its square.
func summand(a *Node) *Node {
	switch {
	case flat(a, expr.OpAdd):
		return a
	case a.Op == expr.OpT && flat(a.Args[0], expr.OpAdd):
		return a.Args[0]
	case a.Op == expr.OpPow && a.Args[1].IsNum(2, 1) && flat(a.Args[0], expr.OpAdd):
		return a.Args[0]
	}
	return nil
}

func hasQuotient(sum *Node) bool {
	var neg func(n *Node) bool
	neg = func(n *Node) bool {
		switch n.Op {
		case expr.OpHad, expr.OpScale:
			for _, a := range n.Args {
				if neg(a) {
					return true
				}
			}
		case expr.OpPow:
			return n.Args[1].Op == expr.OpNum && n.Args[1].Num.Sign() < 0
		}
		return false
	}
	for _, a := range sum.Args {
		if neg(a) {
			return true
		}
	}
	return false
}

func (s *S) expandTerms(n *Node, depth int) []*Node {
	if depth > 8 || n.Kept && depth > 0 {
		return []*Node{n}
	}
	if depth == 0 && s.countTerms(n) > maxTerms {
		return nil
	}
	again := func(x *Node) []*Node {
		if x == n {
			return []*Node{n}
		}
		return s.expandTerms(x, depth+1)
	}
	switch n.Op {
	case expr.OpScale:
		if c := n.Args[0]; c.Op == expr.OpHad { // −(a − b) x
			if ts := s.expandTerms(c, depth+1); len(ts) > 1 && len(ts) <= maxTerms {
				var out []*Node
				for _, t := range ts {
					more := again(s.Scale(t, n.Args[1]))
					if more == nil || len(out)+len(more) > maxTerms {
						return nil
					}
					out = append(out, more...)
				}
				return out
			}
		}
		if x := n.Args[1]; x.Op == expr.OpMul || x.Op == expr.OpHad {
			ts := s.expandTerms(x, depth+1)
			if ts == nil || len(ts) > maxTerms {
				return nil
			}
			if len(ts) > 1 {
				var out []*Node
				for _, t := range ts {
					more := again(s.Scale(n.Args[0], t))
					if more == nil || len(out)+len(more) > maxTerms {
						return nil
					}
					out = append(out, more...)
				}
				return out
			}
		}
	}
	switch n.Op {
	case expr.OpAdd:
		var out []*Node
		for _, a := range n.Args {
			t := s.expandTerms(a, depth+1)
			if t == nil || len(out)+len(t) > maxTerms {
				return nil
			}
			out = append(out, t...)
		}
		return out
	case expr.OpScale, expr.OpMul, expr.OpHad:
		for _, i := range expandOrder(n) {
			a := n.Args[i]
			sum := a
			tr := false
			if a.Op == expr.OpT && flat(a.Args[0], expr.OpAdd) {
				sum, tr = a.Args[0], true
			}
			if a.Op == expr.OpPow && a.Args[1].IsNum(2, 1) && a.Args[0].Op == expr.OpAdd {
				sum = a.Args[0]
			}
			if !flat(sum, expr.OpAdd) || len(sum.Args) > maxTerms {
				continue
			}
			var out []*Node
			for _, t := range sum.Args {
				if tr {
					t = s.T(t)
				}
				if sum != a && !tr { // (Σt)² = Σ t·(Σt)
					t = s.Had(t, sum)
				}
				args := append([]*Node(nil), n.Args...)
				args[i] = t
				x := s.rebuild(n, args)
				ts := again(x)
				if ts == nil || len(out)+len(ts) > maxTerms {
					return nil
				}
				out = append(out, ts...)
			}
			return out
		}
	case expr.OpPow:
		if n.Args[1].IsNum(2, 1) && n.Args[0].Op == expr.OpAdd && len(n.Args[0].Args) <= 3 {
			var out []*Node
			for _, x := range n.Args[0].Args {
				for _, y := range n.Args[0].Args {
					out = append(out, s.Had(x, y))
				}
			}
			return out
		}
	}
	return []*Node{n}
}
