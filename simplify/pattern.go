package simplify

import "github.com/matdiff/matdiff/expr"

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
	for i, a := range args {
		l := s.Neg(a)
		z := args[1-i]
		if v := s.colBroadcast(l); v != nil && !l.Shape.R.IsOne() {
			l = v
		} else if l.Op == expr.OpScale && isOnesCol(l.Args[1]) {
			l = l.Args[0]
		}
		if l.IsCall("logsumexp") && l.Args[0] == z {
			s.fire("logsoftmax")
			return s.call("logsoftmax", z)
		}
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
				s.fire("softmax")
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

// hadPatterns recognises products of powers: exp(Z) / (exp(Z)1)1ᵀ,
// exp(z)(1 − σ(z)), sign(x)·x, sign(x)·|x|.
func (s *S) hadPatterns(ps []power) []power {
	for i := range ps {
		b := ps[i].base
		k, ok := ps[i].exp.Int()
		if !ok {
			continue
		}
		switch {
		case b.IsCall("exp") && k > 0:
			z := b.Args[0]
			for j := range ps {
				m, ok := ps[j].exp.Int()
				if !ok {
					continue
				}
				if m == 1 && k == 1 && s.oneMinusSigmoid(ps[j].base) == z {
					s.fire("sigmoid")
					ps[j] = power{s.call("sigmoid", z), s.b.Int(1)}
					ps[i].exp = s.b.Int(0)
					return s.hadPatterns(ps)
				}
				if m == -1 && k == 1 {
					v := s.colBroadcast(ps[j].base)
					if v != nil && s.sumOfExp(v) == z {
						s.fire("softmax")
						ps[j] = power{s.call("softmax", z), s.b.Int(1)}
						ps[i].exp = s.b.Int(0)
						return s.hadPatterns(ps)
					}
				}
			}
		case b.IsCall("exp") && k == -1:
			for j := range ps {
				if m, ok := ps[j].exp.Int(); ok && m == 2 && ps[j].base.IsCall("sigmoid") && ps[j].base.Args[0] == b.Args[0] {
					s.fire("sigmoid") // e⁻ᶻσ² = σ(1 − σ)
					ps[j].exp = s.b.Int(1)
					ps[i] = power{s.Add(s.onesOfOr1(b.Shape), s.Neg(ps[j].base)), s.b.Int(1)}
					return s.hadPatterns(ps)
				}
				if m, ok := ps[j].exp.Int(); ok && m == 1 && ps[j].base.IsCall("sigmoid") && ps[j].base.Args[0] == b.Args[0] {
					s.fire("sigmoid")
					ps[j].base = s.Add(s.onesOfOr1(b.Shape), s.Neg(ps[j].base))
					ps[i].exp = s.b.Int(0)
					return s.hadPatterns(ps)
				}
			}
		case k > 0 && b.Op == expr.OpCall && turnedOrder[b.Fn.FnName()] != "":
			for j := range ps {
				if m, ok := ps[j].exp.Int(); ok && m > 0 && j != i && s.impliedBy(b, ps[j].base) {
					s.fire("bracket-implied")
					ps[i].exp = s.b.Int(0)
					return s.hadPatterns(ps)
				}
			}
		case b.IsCall("sinh") && k == 1:
			for j := range ps {
				if m, ok := ps[j].exp.Int(); ok && m == -1 && ps[j].base.IsCall("cosh") && ps[j].base.Args[0] == b.Args[0] {
					s.fire("tanh")
					ps[j] = power{s.call("tanh", b.Args[0]), s.b.Int(1)}
					ps[i].exp = s.b.Int(0)
					return s.hadPatterns(ps)
				}
			}
		case b.IsCall("sign") && k == 1:
			for j := range ps {
				m, ok := ps[j].exp.Int()
				if !ok || j == i || m < 1 {
					continue
				}
				if ps[j].base == b.Args[0] && m == 1 {
					s.fire("sign-times-argument")
					ps[j].base = s.call("abs", b.Args[0])
					ps[i].exp = s.b.Int(0)
					return ps
				}
				if ps[j].base.IsCall("abs") && ps[j].base.Args[0] == b.Args[0] && m == 1 {
					s.fire("sign-times-argument")
					ps[j].base = b.Args[0]
					ps[i].exp = s.b.Int(0)
					return ps
				}
			}
		}
	}
	return ps
}

// powPatterns recognises 1/(1 + exp(−z)).
func (s *S) powPatterns(x, e *Node) *Node {
	k, ok := e.Int()
	if !ok || k >= 0 {
		return nil
	}
	if z := s.onePlusExp(x); z != nil {
		s.fire("sigmoid")
		return s.Pow(s.call("sigmoid", s.negate(z)), s.b.Int(int64(-k)))
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
				s.fire("softmax")
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
