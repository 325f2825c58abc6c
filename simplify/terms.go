package simplify

import "github.com/matdiff/matdiff/expr"

// unknown is the number of terms of what may cancel while it is multiplied out.
const unknown = 0

// countTerms returns how many terms n has multiplied out, counted without doing
// it and never above maxTerms + 1; unknown where a sum that stands below the line
// may cancel one that stands above.
func (s *S) countTerms(n *Node) int {
	if k, ok := s.terms.Get(n); ok {
		return k
	}
	k := 1
	switch n.Op {
	case expr.OpAdd:
		k = 0
		for _, a := range n.Args {
			c := 1
			if !a.Kept {
				c = s.countTerms(a)
			}
			if c == unknown {
				k = unknown
				break
			}
			k = min(k+c, maxTerms+1)
		}
	case expr.OpScale, expr.OpMul, expr.OpHad:
		for i, a := range n.Args {
			c := s.countFactor(a)
			if n.Op == expr.OpScale && i == 1 && (a.Op == expr.OpMul || a.Op == expr.OpHad) && !a.Kept {
				c = s.countTerms(a)
			}
			if c == unknown {
				k = unknown
				break
			}
			k = min(k*c, maxTerms+1)
		}
	}
	s.terms.Set(n, k)
	return k
}

// countFactor is countTerms of a factor: only sums and their squares are
// multiplied out.
func (s *S) countFactor(a *Node) int {
	switch {
	case flat(a, expr.OpAdd):
		return s.countTerms(a)
	case a.Op == expr.OpT && flat(a.Args[0], expr.OpAdd):
		return s.countTerms(a.Args[0])
	case a.Op == expr.OpPow && a.Args[0].Op == expr.OpAdd:
		if !a.Args[1].IsNum(2, 1) {
			return unknown
		}
		c := s.countTerms(a.Args[0])
		return min(c*c, maxTerms+1)
	case a.Op == expr.OpHad: // the scalars of a Scale
		for _, x := range a.Args {
			if s.countFactor(x) == unknown {
				return unknown
			}
		}
	}
	return 1
}
