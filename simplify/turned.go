package simplify

import (
	"github.com/matdiff/matdiff/expr"
)

// maxTurned is the most results and parts among which the signs of all uses of
// each are counted.
const maxTurned = 32

// turnParts turns parts that are used with a minus only: of R = Y − P with the
// results −R W and −Xᵀ R one is P − Y.
func (s *S) turnParts(roots []*Node, lets, auto []Let) {
	if len(roots)+len(lets)+len(auto) > maxTurned {
		return
	}
	for i := len(auto) - 1; i >= 0; i-- {
		l := &auto[i]
		if l.Node.IsScalar() || s.typed[l.Node] != nil {
			continue
		}
		var c signCount
		for _, n := range append(append([]*Node(nil), roots...), append(letNodes(lets), letNodes(auto)...)...) {
			s.countSigns(n, l.Var, &c)
		}
		if c.up > c.down || c.up == c.down && c.first >= 0 {
			continue
		}
		most := 0
		if c.down > c.up {
			most = minusPrice
		}
		if x := s.sign(l.Node); x.um == nil || x.cm > x.cp+most {
			continue
		}
		l.Node = s.negate(l.Node)
		v := s.b.Var(&expr.Var{Name: l.Name, Kind: expr.Part, Shape: l.Var.Shape, Props: l.Node.Props, Of: l.Node})
		memo := map[*Node]*Node{l.Var: s.b.Neg(v)}
		if t := s.b.T(l.Var); t != l.Var {
			memo[t] = s.b.Neg(s.b.T(v))
		}
		l.Var = v
		turn := func(n *Node) *Node {
			if m := s.b.Subst(n, memo); m != n {
				return s.Normal(m)
			}
			return n
		}
		for j, r := range roots {
			roots[j] = turn(r)
		}
		for _, ls := range [][]Let{lets, auto} {
			for j := range ls {
				ls[j].Node = turn(ls[j].Node)
			}
		}
	}
}

// countSigns counts the terms of n that v is a factor of, by their sign; a use of
// another kind counts as one with a plus. first is the sign of the first.
func (s *S) countSigns(n, v *Node, c *signCount) {
	holds := make(map[*Node]bool)
	for _, x := range expr.Topo(n) {
		holds[x] = x == v
		for _, a := range x.Args {
			holds[x] = holds[x] || holds[a]
		}
	}
	if holds[n] {
		c.count(s, n, v, 1, holds)
	}
}

type signCount struct{ up, down, first int }

func (c *signCount) use(sign int) {
	if c.first == 0 {
		c.first = sign
	}
	if sign > 0 {
		c.up++
	} else {
		c.down++
	}
}

func (c *signCount) count(s *S, n, v *Node, sign int, holds map[*Node]bool) {
	if r, rest := s.ratSplit(n); rest != nil && rest != n {
		if !holds[rest] { // a product that ratSplit has made anew
			for _, a := range rest.Args {
				holds[rest] = holds[rest] || holds[a]
			}
		}
		n, sign = rest, sign*r.Sign()
	}
	if n == v {
		c.use(sign)
		return
	}
	var at []*Node
	for _, a := range n.Args {
		if holds[a] {
			at = append(at, a)
		}
	}
	switch {
	case n.Op == expr.OpAdd:
		for _, a := range at {
			c.count(s, a, v, sign, holds)
		}
	case len(at) == 1 && (n.Op == expr.OpScale || n.Op == expr.OpHad || n.Op == expr.OpMul || n.Op == expr.OpT || n.IsCall("tr")):
		c.count(s, at[0], v, sign, holds)
	default:
		c.use(1)
	}
}

// asTyped writes differences as the program does: b − A x is −(A x − b) where
// A x − b was typed, so that both are one part.
func (s *S) asTyped(roots []*Node, lets []Let) {
	memo := make(map[*Node]*Node)
	for _, n := range expr.Topo(append(letNodes(lets), roots...)...) {
		if s.turnedSum(n) {
			x := s.b.Subst(s.negate(n), memo)
			memo[n] = s.b.Neg(x)
			if t := s.b.T(n); t != n { // in (x − c)ᵀ(x − c) both signs come out
				memo[t] = s.b.Neg(s.b.T(x))
			}
		}
	}
	if len(memo) == 0 {
		return
	}
	for i, r := range roots {
		roots[i] = s.b.Subst(r, memo)
	}
	for i, l := range lets {
		lets[i].Node = s.b.Subst(l.Node, memo)
	}
}

// turnedSum tells whether the program writes the difference the other way round.
func (s *S) turnedSum(n *Node) bool {
	return n.Op == expr.OpAdd && s.typed[n] == nil && s.typed[s.negate(n)] != nil
}

// negated tells whether a scalar is minus another, which is what gets a name.
func negated(n *Node) bool {
	return n.Op == expr.OpHad && n.IsScalar() && len(n.Args) == 2 && n.Args[0].IsNum(-1, 1)
}
