package simplify

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

func isOneTerm(n *Node) bool {
	return n.IsOne() || n.Op == expr.OpOnes || isOnesRow(n) ||
		n.Op == expr.OpMul && len(n.Args) == 2 && isOnesCol(n.Args[0]) && isOnesRow(n.Args[1])
}

// onePlusExp returns z of 1 + exp(z).
func (s *S) onePlusExp(n *Node) *Node {
	if n.Op != expr.OpAdd || len(n.Args) != 2 {
		return nil
	}
	for i, a := range n.Args {
		if isOneTerm(a) && n.Args[1-i].IsCall("exp") {
			return n.Args[1-i].Args[0]
		}
	}
	return nil
}

// oneMinusSigmoid returns z of 1 − σ(z).
func (s *S) oneMinusSigmoid(n *Node) *Node {
	if n.Op != expr.OpAdd || len(n.Args) != 2 {
		return nil
	}
	for i, a := range n.Args {
		if isOneTerm(a) {
			if x := s.Neg(n.Args[1-i]); x.IsCall("sigmoid") {
				return x.Args[0]
			}
		}
	}
	return nil
}

// sumOfExp returns Z of exp(Z)1 for a matrix or 1ᵀexp(z) for a column vector.
func (s *S) sumOfExp(n *Node) *Node {
	if n.Op != expr.OpMul || len(n.Args) != 2 {
		return nil
	}
	a, b := n.Args[0], n.Args[1]
	switch {
	case isOnesCol(b) && a.IsCall("exp") && !a.Shape.R.IsOne():
		return a.Args[0]
	case isOnesRow(a) && b.IsCall("exp") && b.Shape.IsCol():
		return b.Args[0]
	case isOnesCol(b) && a.Op == expr.OpT && a.Args[0].IsCall("exp") && a.Args[0].Shape.IsCol():
		return a.Args[0].Args[0]
	}
	return nil
}

// addPatterns recognises z − logsumexp(z).
func (s *S) addPatterns(args []*Node) *Node {
	if len(args) != 2 {
		return nil
	}
	if n := s.hyperbolic(args[0], args[1]); n != nil {
		return n
	}
	for i, a := range args {
		l := s.Neg(a)
		z := args[1-i]
		if v := s.colBroadcast(l); v != nil && !l.Shape.R.IsOne() {
			l = v
		} else if l.Op == expr.OpScale && isOnesCol(l.Args[1]) {
			l = l.Args[0]
		}
		if l.IsCall("logsumexp") && l.Args[0] == z {
			s.fire(logSoftmax)
			return s.call("logsoftmax", z)
		}
	}
	return nil
}

// softplusDifference writes softplus(z) − softplus(−z) as z, the difference of
// log σ(z) and log(1 − σ(z)).
func (s *S) softplusDifference(terms []*Node) *Node {
	at := make(map[*Node]int)
	for j, t := range terms {
		c, core := s.scalarPart(t)
		if core == nil || !core.IsCall("softplus") {
			continue
		}
		at[core] = j
		z := core.Args[0]
		i, ok := at[s.call("softplus", s.negate(z))]
		if !ok {
			continue
		}
		if d, _ := s.scalarPart(terms[i]); s.negate(c) != d {
			continue
		}
		s.fire(softplusTwins)
		out := append(without(without(terms, j), i), s.Scale(c, z))
		return s.Add(out...)
	}
	return nil
}

// hyperbolic recognises eᶻ − e⁻ᶻ = 2 sinh z and eᶻ + e⁻ᶻ = 2 cosh z.
func (s *S) hyperbolic(x, y *Node) *Node {
	c, e := s.ratSplit(x)
	d, f := s.ratSplit(y)
	if e == nil || f == nil || !e.IsCall("exp") || !f.IsCall("exp") || e.Args[0] != s.negate(f.Args[0]) {
		return nil
	}
	two := s.b.Num(new(big.Rat).Mul(c, big.NewRat(2, 1)))
	switch {
	case c.Cmp(d) == 0:
		s.fire(hyperbolic)
		return s.Scale(two, s.call("cosh", e.Args[0]))
	case c.Cmp(new(big.Rat).Neg(d)) == 0:
		s.fire(hyperbolic)
		return s.Scale(two, s.call("sinh", e.Args[0]))
	}
	return nil
}

// scalePatterns recognises exp(z)/1ᵀexp(z) of a column vector.
func (s *S) scalePatterns(c, x *Node) *Node {
	if !x.Shape.IsCol() {
		return nil
	}
	cs := []*Node{c}
	if c.Op == expr.OpHad {
		cs = c.Args
	}
	xs := []*Node{x}
	if x.Op == expr.OpHad {
		xs = x.Args
	}
	for i, f := range cs {
		if f.Op != expr.OpPow || !f.Args[1].IsNum(-1, 1) {
			continue
		}
		z := s.sumOfExp(f.Args[0])
		if z == nil {
			continue
		}
		for j, e := range xs {
			if e.IsCall("exp") && e.Args[0] == z {
				s.fire(softmaxByExp)
				rest := without(cs, i)
				out := s.Had(append(without(xs, j), s.call("softmax", z))...)
				if len(rest) > 0 {
					out = s.Scale(s.Had(rest...), out)
				}
				return out
			}
		}
	}
	return nil
}

func without(ns []*Node, i int) []*Node {
	return append(append([]*Node(nil), ns[:i]...), ns[i+1:]...)
}

// factorPairs applies the identities of two factors of an elementwise product
// until none applies.
func (s *S) factorPairs(ps []power) []power {
again:
	for i := range ps {
		b := ps[i].base
		if b.Op != expr.OpCall {
			continue
		}
		for _, r := range twos[b.Fn.FnName()] {
			for j := range ps {
				if j == i {
					continue
				}
				out := r.two(s, ps[i], ps[j])
				if out == nil {
					continue
				}
				s.fire(r)
				rest := make([]power, 0, len(ps))
				for k, p := range ps {
					if k != i && k != j {
						rest = append(rest, p)
					}
				}
				for _, p := range out {
					rest = s.joinPower(rest, p)
				}
				ps = rest
				goto again
			}
		}
	}
	return ps
}

// joinPower adds a factor to a product, merged with an equal base.
func (s *S) joinPower(ps []power, p power) []power {
	for i := range ps {
		if ps[i].base == p.base {
			ps[i].exp = s.Add(ps[i].exp, p.exp)
			return ps
		}
	}
	return append(ps, p)
}

// softmaxMeans recognises (aᵀexp(z))/(1ᵀexp(z)) as aᵀsoftmax(z), and of rows
// (exp(Z)V) ./ (exp(Z)1) as softmax(Z)V.
func (s *S) softmaxMeans(ps []power) []power {
	for i := range ps {
		if k, ok := ps[i].exp.Int(); !ok || k >= 0 {
			continue
		}
		z := s.sumOfExp(ps[i].base)
		if z == nil {
			continue
		}
		for j := range ps {
			if j == i || !ps[j].exp.IsOne() {
				continue
			}
			if m := s.overSum(ps[j].base, z); m != nil {
				s.fire(softmaxMean)
				rest := append(append([]power(nil), ps[:j]...), ps[j+1:]...)
				rest = s.joinPower(rest, power{ps[i].base, s.b.Int(1)})
				return s.softmaxMeans(s.joinPower(rest, power{m, s.b.Int(1)}))
			}
		}
	}
	return ps
}

// overSum divides a product linear in exp(z) by the sums of exp(z): softmax(z)
// stands where exp(z) stood. nil where it does not stand.
func (s *S) overSum(n, z *Node) *Node {
	if n.Op != expr.OpMul {
		return nil
	}
	fs := n.Args
	if !z.Shape.IsCol() { // the sums are along rows: those of the first factor
		fs = fs[:1]
	}
	for i, f := range fs {
		if m := s.softmaxIn(f, z); m != nil {
			args := append([]*Node(nil), n.Args...)
			args[i] = m
			return s.Mul(args...)
		}
	}
	return nil
}

func (s *S) softmaxIn(f, z *Node) *Node {
	switch {
	case f.IsCall("exp") && f.Args[0] == z:
		return s.call("softmax", z)
	case f.Op == expr.OpT && z.Shape.IsCol():
		if m := s.softmaxIn(f.Args[0], z); m != nil {
			return s.T(m)
		}
	case f.Op == expr.OpHad:
		for i, a := range f.Args {
			if a.IsCall("exp") && a.Args[0] == z {
				return s.Had(append(without(f.Args, i), s.call("softmax", z))...)
			}
		}
	}
	return nil
}

// softmaxColumns recognises exp(Z) ∘ (1/(exp(Z)1))1ᵀ among the operands of an
// elementwise product, v of each v1ᵀ given in cols.
func (s *S) softmaxColumns(ps []power, cols []*Node) []*Node {
	for i := range ps {
		if !ps[i].base.IsCall("exp") || !ps[i].exp.IsOne() {
			continue
		}
		for j, v := range cols {
			fs := []*Node{v}
			if v.Op == expr.OpHad {
				fs = v.Args
			}
			for k, f := range fs {
				if f.Op != expr.OpPow || !f.Args[1].IsNum(-1, 1) || s.sumOfExp(f.Args[0]) != ps[i].base.Args[0] {
					continue
				}
				s.fire(softmaxByExp)
				ps[i].base = s.call("softmax", ps[i].base.Args[0])
				out := without(cols, j)
				if rest := without(fs, k); len(rest) > 0 {
					out = append(out, s.Had(rest...))
				}
				return out
			}
		}
	}
	return cols
}
