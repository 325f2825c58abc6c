package simplify

import "github.com/matdiff/matdiff/expr"

var turnedOrder = map[string]string{"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}

// decided is the value of a bracket whose sides differ by a number.
func decided(s *S, n *Node, a []*Node) *Node {
	c, rest := s.ratSplit(s.Add(a[0], s.Neg(a[1])))
	sign := c.Sign()
	switch {
	case rest == nil || isOneTerm(rest):
	case rest.IsZero():
		sign = 0
	default:
		return nil
	}
	holds := map[string]bool{"lt": sign < 0, "le": sign <= 0, "gt": sign > 0, "ge": sign >= 0, "eq": sign == 0, "ne": sign != 0}
	if holds[n.Fn.FnName()] {
		return s.onesOfOr1(n.Shape)
	}
	return s.b.Zeros(n.Shape)
}

// comparison solves a bracket: what both sides share cancels, positive factors
// and numbers drop out, negative terms change sides: [0 < 1 − m] is [m < 1].
func comparison(s *S, n *Node, a []*Node) *Node {
	name := n.Fn.FnName()
	d := s.Add(a[0], s.Neg(a[1]))
	if x := s.expand(d); x != nil {
		d = s.shorter(d, x) // τ r − (τ − 1) r is r
	}
	if d.IsZero() {
		return nil
	}
	// d = r·y, r a number; [d > 0] is [y > 0] or [y < 0].
	y, flip := s.positiveFree(d)
	if flip {
		name = turnedOrder[name]
	}
	var l, r []*Node
	var number *Node
	terms := []*Node{y}
	if y.Op == expr.OpAdd {
		terms = y.Args
	} else if y.Op == expr.OpT && y.Args[0].Op == expr.OpAdd {
		terms = nil
		for _, t := range y.Args[0].Args {
			terms = append(terms, s.T(t))
		}
	}
	for _, t := range terms {
		c, rest := s.ratSplit(t)
		switch {
		case rest == nil || isOneTerm(rest):
			number = t
		case c.Sign() < 0:
			r = append(r, s.Neg(t))
		default:
			l = append(l, t)
		}
	}
	if len(l) == 0 {
		l, r, name = r, nil, turnedOrder[name]
		if number != nil {
			number = s.Neg(number)
		}
	}
	if number != nil {
		if c, _ := s.ratSplit(number); len(r) == 0 || c.Sign() < 0 {
			r = append(r, s.Neg(number))
		} else {
			l = append(l, number)
		}
	}
	side := func(ts []*Node) *Node {
		if len(ts) == 0 {
			if n.IsScalar() {
				return s.b.Int(0)
			}
			return s.b.Zeros(n.Shape)
		}
		return s.Add(ts...)
	}
	x, z := side(l), side(r)
	if x == a[0] && z == a[1] && name == n.Fn.FnName() {
		return nil
	}
	if constant(x) && !constant(z) { // [0 < z] is [z > 0]
		x, z, name = z, x, turnedOrder[name]
	}
	turned := constant(z) && !constant(a[1])
	if out := s.call0(name, x, z); s.Cost(out) < s.Cost(n) || turned && s.Cost(out) == s.Cost(n) {
		return out
	}
	return nil
}

// constant tells whether n is a number, or the same number everywhere.
func constant(n *Node) bool {
	return n.Op == expr.OpNum || n.Op == expr.OpZeros || isOneTerm(n) || n.Op == expr.OpScale && n.Args[0].Op == expr.OpNum && isOneTerm(n.Args[1])
}

// positiveFree takes positive factors and numbers off d; flip tells whether the
// number was negative.
func (s *S) positiveFree(d *Node) (y *Node, flip bool) {
	r, y := s.primitive(d)
	flip = r.Sign() < 0
	c, rest := s.ratSplit(y)
	if rest == nil {
		return d, false
	}
	if c.Sign() < 0 {
		flip = !flip
	}
	y = rest
	drop := func(fs []*Node) []*Node {
		var out []*Node
		for _, f := range fs {
			if !f.Props.Has(expr.Positive) {
				out = append(out, f)
			}
		}
		return out
	}
	if y.Op == expr.OpScale && y.Args[0].Props.Has(expr.Positive) {
		y = y.Args[1]
	}
	if y.Op == expr.OpHad {
		if fs := drop(y.Args); len(fs) > 0 {
			y = s.b.Had(fs...)
		}
	}
	return y, flip
}

// impliedBy tells whether a bracket is 1 wherever m is not 0: [z > 0] of
// max(0, z) and relu(z), [z < 0] of min(0, z).
func (s *S) impliedBy(bracket, m *Node) bool {
	name := bracket.Fn.FnName()
	var z *Node
	switch {
	case m.IsCall("relu"):
		z = m.Args[0]
	case (m.IsCall("max") || m.IsCall("min")) && len(m.Args) == 2 && m.Args[0].IsZero():
		z = m.Args[1]
	case (m.IsCall("max") || m.IsCall("min")) && len(m.Args) == 2 && m.Args[1].IsZero():
		z = m.Args[0]
	default:
		return false
	}
	if z.Shape != bracket.Args[0].Shape {
		return false
	}
	want := z
	if m.IsCall("min") {
		want = s.negate(z)
	}
	d := s.Add(bracket.Args[0], s.Neg(bracket.Args[1]))
	if name == "lt" || name == "le" {
		d = s.negate(d)
	} else if name != "gt" && name != "ge" {
		return false
	}
	x, fx := s.positiveFree(d)
	y, fy := s.positiveFree(want)
	return x == y && fx == fy
}
