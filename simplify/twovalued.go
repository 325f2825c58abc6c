package simplify

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

var (
	sumByValues = inline(groupPrint, Rewrite{
		Name: "slopes of a sum with a bracket", Given: "X: m×n; z: n", Left: "0.02*X*(1 + 99*[z > 0])", Right: "2*X*(0.01 + 0.99*[z > 0])",
		If:    "that takes away the fraction in front, and the program has no such sum",
		Stays: "z: n; x: n; x .* (1 + 4*[z > 0])",
	})
	scalarAtEntries = inline(groupShortest, Rewrite{
		Name: "scalar at every entry", Given: "z: n; a: scalar", Left: "[z > 0] - a*[z > 0] + a", Right: "(1 - a)*[z > 0] + a",
		If:    "all terms that are left of a common factor are scalars",
		Stays: "z: n; a: n; [z > 0] - a .* [z > 0]",
	})
)

// A twoValued sum c + d [z > 0] of a number and a bracket is c + d where the
// bracket holds. Taking off the content leaves whole numbers, 1 + 99 [z > 0]
// under 0.02, from which nobody reads the slopes 1 and 0.01.
type twoValued struct {
	c, d  *big.Rat // over their sum
	whole *big.Rat // their sum
	one   *Node
	cond  *Node
}

func (s *S) twoValuedOf(n *Node) *twoValued {
	if n.Op != expr.OpAdd || len(n.Args) != 2 || s.known[n] || n.Kept {
		return nil
	}
	c, one := s.ratSplit(n.Args[0])
	d, cond := s.ratSplit(n.Args[1])
	if one != nil && !isOneTerm(one) || cond == nil || cond.Op != expr.OpCall || complementOf[cond.Fn.FnName()] == "" {
		return nil
	}
	k := new(big.Rat).Add(c, d)
	if c.Sign() <= 0 || d.Sign() <= 0 || isOne(d) || isOne(k) || !k.IsInt() {
		return nil
	}
	t := &twoValued{new(big.Rat).Quo(c, k), new(big.Rat).Quo(d, k), k, one, cond}
	if _, exact := t.c.FloatPrec(); !exact {
		return nil
	}
	return t
}

// byValues returns a function that writes two-valued sums such that their value
// is 1 where the bracket holds, 0.01 + 0.99 [z > 0], if that takes a fraction
// away in front of every product of roots in which they stand.
func (s *S) byValues(roots ...*Node) func(n *Node) *Node {
	found := make(map[*Node]*twoValued)
	for _, n := range expr.Topo(roots...) {
		if t := s.twoValuedOf(n); t != nil {
			found[n] = t
		}
	}
	if len(found) == 0 {
		return func(n *Node) *Node { return n }
	}
	type place struct {
		n *Node
		r string
	}
	seen := make(map[place]bool)
	var visit func(n *Node, r *big.Rat)
	visit = func(n *Node, r *big.Rat) {
		if at := (place{n, r.RatString()}); seen[at] {
			return
		} else {
			seen[at] = true
		}
		// not where the fraction stays anyway
		if t := found[n]; t != nil && new(big.Rat).Mul(r, t.whole).Denom().Cmp(r.Denom()) >= 0 {
			delete(found, n)
		}
		k, x := s.ratSplit(n)
		if x == nil {
			return
		}
		r = new(big.Rat).Mul(r, k)
		if !product(x) {
			r = ratOne
		}
		for _, a := range x.Args {
			visit(a, r)
		}
	}
	for _, n := range roots {
		visit(n, ratOne)
	}
	// A node that changes is written as a number and the rest, so that products
	// have the number in front.
	type written struct {
		r *big.Rat
		x *Node // nil for a number
	}
	memo := make(map[*Node]written)
	var write func(n *Node) written
	join := func(n *Node) *Node {
		w := write(n)
		if w.x != nil && isOne(w.r) {
			return w.x
		}
		return s.withRat(w.r, w.x)
	}
	again := func(n *Node) written {
		if t := found[n]; t != nil {
			s.fire(sumByValues)
			return written{t.whole, s.b.Add(s.withRat(t.c, t.one), s.withRat(t.d, join(t.cond)))}
		}
		k, x := s.ratSplit(n)
		if x == nil || len(x.Args) == 0 {
			return written{ratOne, n}
		}
		args := make([]*Node, len(x.Args))
		changed := false
		for i, a := range x.Args {
			w := write(a)
			args[i] = w.x
			switch {
			case w.x == a && isOne(w.r):
				continue
			case !product(x) || x.Kept || w.x == nil:
				args[i] = join(a)
			default:
				k = new(big.Rat).Mul(k, w.r)
			}
			changed = true
		}
		if !changed {
			return written{ratOne, n}
		}
		return written{k, s.b.With(x, args)}
	}
	write = func(n *Node) written {
		w, ok := memo[n]
		if !ok {
			w = again(n)
			memo[n] = w
		}
		return w
	}
	return join
}

// product tells whether a number in an operand of n may stand before n.
func product(n *Node) bool {
	switch n.Op {
	case expr.OpScale, expr.OpHad, expr.OpMul, expr.OpT:
		return true
	}
	return false
}
