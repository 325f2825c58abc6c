package simplify

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

// signed holds the shortest writings of a value and of its negative, neither
// with a minus in front; nil where there is none.
type signed struct {
	up, um *Node // n = up = −um
	cp, cm int   // their prices
}

// never is the price of what cannot be written, beyond that of any sum of what
// can.
const never = 1 << 60

func (s *S) sign(n *Node) signed {
	if x, ok := s.polished.Get(n); ok {
		return x
	}
	x := s.signs(n)
	// A value that doubles at each step of a recurrence has no bounded price.
	if x.up != nil {
		x.up, x.cp = s.tidy(x.up), min(max(x.cp, 0), maxCost)
	}
	if x.um != nil {
		x.um, x.cm = s.tidy(x.um), min(max(x.cm, 0), maxCost)
	}
	s.polished.Set(n, x)
	return x
}

func (s *S) signs(n *Node) signed {
	switch n.Op {
	case expr.OpNum:
		if n.Num.Sign() < 0 {
			m := s.b.Num(new(big.Rat).Neg(n.Num))
			return signed{nil, m, never, s.Cost(m)}
		}
	case expr.OpAdd:
		if m := s.sameEverywhere(n); m != n {
			return s.sign(m)
		}
		if m := s.grouped(n); m != nil {
			return s.signSum(m)
		}
		return s.signSum(n)
	case expr.OpMul:
		if x := squaredNorm(n); x != nil && n.Args[1] == x { // ‖−x‖² is ‖x‖²
			y := s.sign(x)
			w := y.up
			if w == nil || y.um != nil && y.cm < y.cp {
				w = y.um
			}
			return s.only(s.b.Mul(s.b.T(w), w))
		}
		return s.signProduct(n)
	case expr.OpScale, expr.OpHad:
		return s.signProduct(n)
	case expr.OpT:
		if m := s.spread(n); m != nil {
			return s.sign(m)
		}
		return s.through(n, s.sign(n.Args[0]))
	case expr.OpPow:
		b := s.sign(n.Args[0])
		e := s.polish(n.Args[1])
		k, whole := n.Args[1].Int()
		with := func(x *Node) *Node { return s.b.Pow(x, e) }
		switch {
		case whole && k%2 == 0:
			x := b.up
			if x == nil || b.um != nil && b.cm < b.cp {
				x = b.um
			}
			return s.only(with(x))
		case whole:
			out := signed{cp: never, cm: never}
			if b.up != nil {
				out.up, out.cp = with(b.up), b.cp+s.Cost(n)-s.Cost(n.Args[0])
			}
			if b.um != nil {
				out.um, out.cm = with(b.um), b.cm+s.Cost(n)-s.Cost(n.Args[0])
			}
			return out
		}
		return s.only(with(s.polish(n.Args[0])))
	case expr.OpCall:
		if t := s.typedTraces[n]; t != nil {
			return s.only(t)
		}
		if len(n.Args) == 1 && (oddFunctions[n.Fn.FnName()] || linearFunctions[n.Fn.FnName()]) {
			return s.through(n, s.sign(n.Args[0]))
		}
		if len(n.Args) == 0 {
			return s.only(n)
		}
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = s.polish(a)
		}
		return s.only(s.b.With(n, args))
	}
	return s.only(n)
}

func (s *S) only(n *Node) signed { return signed{n, nil, s.Cost(n), never} }

// through carries the signs of the operand of a linear or odd function.
func (s *S) through(n *Node, x signed) signed {
	own := s.Cost(n) - s.Cost(n.Args[0])
	out := signed{cp: never, cm: never}
	if x.up != nil {
		out.up, out.cp = s.b.With(n, []*Node{x.up}), x.cp+own
	}
	if x.um != nil {
		out.um, out.cm = s.b.With(n, []*Node{x.um}), x.cm+own
	}
	if out.up == nil {
		out.cp = never
	}
	return out
}

// signSum writes a sum in both orientations, each term with the sign that is
// shorter.
func (s *S) signSum(n *Node) signed {
	terms := s.displayOrder(n)
	write := func(turn bool) (*Node, int) {
		args := make([]*Node, len(terms))
		cost, plus, fix, gap := (len(terms)-1)*token, false, -1, never
		for i, t := range terms {
			x := s.sign(t)
			u, m, cu, cm := x.up, x.um, x.cp, x.cm
			if turn {
				u, m, cu, cm = m, u, cm, cu
			}
			if u != nil && (m == nil || cu <= cm+minusPrice) {
				args[i], plus = u, true
				cost += cu
				continue
			}
			args[i] = s.b.Neg(m)
			cost += cm + minusPrice
			if u != nil && cu-cm < gap {
				fix, gap = i, cu-cm
			}
		}
		if !plus {
			if fix >= 0 && gap < token {
				x := s.sign(terms[fix])
				args[fix] = x.up
				if turn {
					args[fix] = x.um
				}
				cost += gap
			} else {
				cost += token
			}
		}
		return s.b.Add(args...), cost
	}
	var out signed
	out.up, out.cp = write(false)
	out.um, out.cm = write(true)
	if s.typed[n] == nil && s.typed[s.negate(n)] != nil {
		out.cp += turnedPrice
	} else if s.typed[n] != nil {
		out.cm += turnedPrice
	}
	if complement(n) && (s.typed[n] != nil || s.unit(n)) {
		out.cm += complementPrice
	}
	if up, ok := s.fixed[n]; ok && up {
		out.um, out.cm = nil, never
	} else if ok {
		out.up, out.cp = nil, never
	}
	return out
}

// signProduct chooses the signs of the factors for an even and for an odd
// number of minus signs.
func (s *S) signProduct(n *Node) signed {
	if x := n.Args[len(n.Args)-1]; len(n.Args) == 2 && n.Args[0].IsNum(-1, 1) && complement(x) && s.fixed == nil {
		if y := s.sign(x); y.up != nil && y.um != nil { // a − 1 alone
			return signed{y.um, y.up, s.Cost(x), s.Cost(x)}
		}
	}
	own := s.Cost(n)
	up, um := []*Node{}, []*Node(nil)
	cp, cm := 0, never
	twins := twinSums(n.Args)
	for _, a := range n.Args {
		x := s.sign(a)
		if twins[untransposed(a)] && x.up != nil && x.um != nil {
			if x.cm < x.cp {
				x.up, x.cp = x.um, x.cm
			}
			x.um, x.cm = nil, never
		}
		own -= s.Cost(a)
		nup, num, ncp, ncm := []*Node(nil), []*Node(nil), never, never
		join := func(fs []*Node, c int, f *Node, d int, out *[]*Node, at *int) {
			if fs != nil && f != nil && c+d < *at {
				*out, *at = append(fs[:len(fs):len(fs)], f), c+d
			}
		}
		join(up, cp, x.up, x.cp, &nup, &ncp)
		join(um, cm, x.um, x.cm, &nup, &ncp)
		join(up, cp, x.um, x.cm, &num, &ncm)
		join(um, cm, x.up, x.cp, &num, &ncm)
		up, um, cp, cm = nup, num, ncp, ncm
	}
	if n.Args[0].Op == expr.OpNum && n.Args[0].Num.Sign() < 0 {
		own -= token
	}
	out := signed{cp: never, cm: never}
	if up != nil {
		for i, a := range n.Args {
			if x := s.sign(a); up[i] == x.um {
				s.fire(differenceTurned)
			}
		}
		out.up, out.cp = s.b.With(n, up), cp+own
	}
	if um != nil {
		out.um, out.cm = s.b.With(n, um), cm+own
	}
	return out
}

// twinSums are the differences that stand twice in a product, as in r rᵀ: both
// are written the same way round, which leaves the sign as it is.
func twinSums(args []*Node) map[*Node]bool {
	var twins map[*Node]bool
	for _, a := range args {
		u := untransposed(a)
		if u.Op != expr.OpAdd {
			continue
		}
		k := 0
		for _, b := range args {
			if untransposed(b) == u {
				k++
			}
		}
		if k == 2 {
			if twins == nil {
				twins = make(map[*Node]bool)
			}
			twins[u] = true
		}
	}
	return twins
}

func untransposed(n *Node) *Node {
	if n.Op == expr.OpT {
		return n.Args[0]
	}
	return n
}
