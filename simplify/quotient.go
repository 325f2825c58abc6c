package simplify

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
)

// diagonalSum returns diag(A Bᵀ) as (A ∘ B)1 where that is shorter, nil else.
func (s *S) diagonalSum(n *Node) *Node {
	var best *Node
	for i := 1; i < len(n.Args); i++ {
		a, b := s.b.Mul(n.Args[:i]...), s.T(s.Mul(n.Args[i:]...))
		y := s.Mul(s.Had(a, b), s.ones(a.Shape.C))
		if best == nil || s.Cost(y) < s.Cost(best) {
			best = y
		}
	}
	return best
}

// overDenominator puts a sum over one of its denominators: a/d + b is
// (a + b d)/d where what is multiplied out cancels.
func (s *S) overDenominator(n *Node) *Node {
	var best *Node
	seen := make(map[*Node]bool)
	for _, t := range n.Args {
		fs := factors(t)
		if t.Op == expr.OpScale {
			fs = append(append([]*Node(nil), factors(t.Args[0])...), factors(t.Args[1])...)
		}
		for _, f := range fs {
			k, whole := exponent(f)
			if !whole || k >= 0 || k < -3 || f.Args[0].Op != expr.OpAdd || seen[f] || len(seen) == maxCandidates {
				continue
			}
			seen[f] = true
			d := s.Pow(f.Args[0], s.b.Int(int64(-k)))
			var top []*Node
			for _, a := range n.Args {
				ts := s.expandTerms(s.Had(a, d), 0)
				if ts == nil || len(top)+len(ts) > maxTerms {
					top = nil
					break
				}
				top = append(top, ts...)
			}
			if top == nil {
				continue
			}
			over := s.factored(s.Add(top...))
			if over.Op == expr.OpAdd && hasQuotient(over) { // (y/z − 1)/(1 − z)
				continue
			}
			if y := s.Had(over, f); best == nil || s.Cost(y) < s.Cost(best) {
				best = y
			}
		}
	}
	return best
}

// exponent is the whole exponent of a power.
func exponent(n *Node) (int, bool) {
	if n.Op != expr.OpPow {
		return 1, false
	}
	return n.Args[1].Int()
}

// complements writes one of two brackets that exclude each other by the other:
// [x < 0] = 1 − [x ≥ 0], and multiplies out.
func (s *S) complements(n *Node) *Node {
	var brackets []*Node
	seen := make(map[*Node]bool)
	for _, t := range n.Args {
		for _, x := range s.brackets(t) {
			if !seen[x] {
				seen[x] = true
				brackets = append(brackets, x)
			}
		}
	}
	var best *Node
	for _, x := range brackets {
		c := s.complement(x)
		if c == nil || !seen[c] {
			continue
		}
		sub := map[*Node]*Node{x: s.Add(s.onesOfOr1(x.Shape), s.Neg(c))}
		y := s.expand(s.Normal(s.b.Subst(n, sub)))
		if y == nil {
			continue
		}
		if y = s.factored(y); best == nil || s.Cost(y) < s.Cost(best) {
			best = y
		}
	}
	return best
}

// brackets lists the comparisons among the factors of a term.
func (s *S) brackets(t *Node) []*Node {
	var out []*Node
	switch t.Op {
	case expr.OpScale, expr.OpHad, expr.OpMul:
		for _, a := range t.Args {
			out = append(out, s.brackets(a)...)
		}
	case expr.OpT:
		return s.brackets(t.Args[0])
	case expr.OpCall:
		if complementOf[t.Fn.FnName()] != "" {
			return []*Node{t}
		}
	}
	return out
}

var complementOf = map[string]string{"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}

func (s *S) complement(n *Node) *Node { return s.call(complementOf[n.Fn.FnName()], n.Args...) }

// overUnder multiplies both sides of a fraction by what its denominator divides
// by: (1 + d/v)/(1 + q/v) is (v + d)/(v + q).
func (s *S) overUnder(n *Node) *Node {
	fs, core := factors(n), (*Node)(nil)
	if n.Op == expr.OpScale {
		fs, core = factors(n.Args[0]), n.Args[1]
		fs = append(append([]*Node(nil), fs...), factors(core)...)
	}
	if y := s.flatFraction(fs, n); y != nil {
		return y
	}
	for i, f := range fs {
		if f.Op != expr.OpPow || !f.Args[1].IsNum(-1, 1) || f.Args[0].Op != expr.OpAdd {
			continue
		}
		for _, x := range s.divisors(f.Args[0]) {
			rest := []*Node{s.Pow(s.times(f.Args[0], x), s.b.Int(-1)), x}
			taken := false
			for j, g := range fs {
				if j == i {
					continue
				}
				if !taken && g.Op == expr.OpAdd && slices.Contains(s.divisors(g), x) {
					g, taken = s.times(g, x), true
					rest = append(rest[:1], rest[2:]...)
				}
				rest = append(rest, g)
			}
			if y := s.Had(rest...); s.Cost(y) < s.Cost(n) {
				return y
			}
		}
	}
	return nil
}

// flatFraction multiplies a sum above the line by what its terms are divided by:
// (a/s − n)/(2 s) is (a − n s)/(2 s²).
func (s *S) flatFraction(fs []*Node, n *Node) *Node {
	under := false
	for _, f := range fs {
		under = under || f.IsScalar() && f.Op == expr.OpPow && f.Args[1].Op == expr.OpNum && f.Args[1].Num.Sign() < 0
	}
	if !under {
		return nil
	}
	var best *Node
	for i, g := range fs {
		if g.Op != expr.OpAdd {
			continue
		}
		for _, x := range s.divisors(g) {
			if y := s.Had(append(without(fs, i), s.times(g, x), s.Pow(x, s.b.Int(-1)))...); y.Shape == n.Shape && s.Cost(y) < s.Cost(n) {
				if best == nil || s.Cost(y) < s.Cost(best) {
					best = y
				}
			}
		}
	}
	return best
}

// divisors lists the scalars that terms of a sum are divided by.
func (s *S) divisors(sum *Node) []*Node {
	var out []*Node
	for _, t := range sum.Args {
		fs := factors(t)
		if t.Op == expr.OpScale {
			fs = factors(t.Args[0])
		}
		for _, f := range fs {
			if f.IsScalar() && f.Op == expr.OpPow && f.Args[1].IsNum(-1, 1) && !slices.Contains(out, f.Args[0]) {
				out = append(out, f.Args[0])
			}
		}
	}
	return out
}

// times multiplies a sum by a scalar, term by term.
func (s *S) times(sum, x *Node) *Node {
	args := make([]*Node, len(sum.Args))
	for i, t := range sum.Args {
		args[i] = s.Scale(x, t)
	}
	return s.Add(args...)
}
