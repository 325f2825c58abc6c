package simplify

import "github.com/matdiff/matdiff/expr"

// flat tells whether n is of that kind and joins others of its kind.
func flat(n *Node, op expr.Op) bool { return n.Op == op && !n.Kept }

// Keep makes a long sum or product one operand of all that is made of it
// later, and prices it as the name that it will be written by.
func (s *S) Keep(n *Node) *Node {
	k := s.b.KeepLong(n)
	s.priceKept(k)
	return k
}

// KeepWhole is Keep whatever the length.
func (s *S) KeepWhole(n *Node) *Node { return s.keep(n) }

// keep is KeepWhole of what stands for a node that is kept.
func (s *S) keep(n *Node) *Node {
	k := s.b.Keep(n)
	s.priceKept(k)
	return k
}

// length is the price of n written out, where a kept one has no name yet.
func (s *S) length(n *Node) int {
	c, ok := s.short.Get(n)
	if !ok || !n.Kept {
		return s.Cost(n)
	}
	s.short.Delete(n)
	p := s.price(n)
	s.short.Set(n, c)
	return p
}

func (s *S) priceKept(n *Node) {
	if n.Op == expr.OpScale || n.Op == expr.OpT || n.Op == expr.OpHad && !n.Kept {
		for _, a := range n.Args {
			s.priceKept(a)
		}
	}
	if n.Kept && s.short.At(n) == 0 {
		s.short.Set(n, token)
		s.cost.Delete(n)
	}
}
