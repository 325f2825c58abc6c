package simplify

import (
	"math/big"
	"sort"

	"github.com/matdiff/matdiff/expr"
)

// power is a base with its exponent inside an elementwise product.
type power struct {
	base *Node
	exp  *Node // scalar
}

// Had returns the elementwise product of normal operands in normal form:
// equal bases merged, numbers in front, broadcasts combined, ordered by
// structure. For scalars it is the ordinary product.
func (s *S) Had(args ...*Node) *Node {
	shape := expr.Scalar
	for _, a := range args {
		if !a.IsScalar() {
			shape = a.Shape
		}
	}
	for _, a := range args {
		if a.IsZero() {
			return s.b.Zeros(shape)
		}
	}
	num := ratOne
	times := func(r *big.Rat) {
		if num == ratOne {
			num = r
			return
		}
		num = new(big.Rat).Mul(num, r)
	}
	var scal []*Node
	var ps []power
	var cols, rows []*Node // v of v1ᵀ, u of 1u
	index := make(map[*Node]int, len(args))
	add := func(base, e *Node) {
		if i, ok := index[base]; ok {
			s.fire(likeFactors)
			ps[i].exp = s.Add(ps[i].exp, e)
			return
		}
		index[base] = len(ps)
		ps = append(ps, power{base, e})
	}
	var take func(n *Node)
	take = func(n *Node) {
		if n.IsScalar() && !shape.IsScalar() {
			scal = append(scal, n)
			return
		}
		switch n.Op {
		case expr.OpNum:
			times(n.Num)
			return
		case expr.OpHad:
			if n.Kept {
				break
			}
			for _, a := range n.Args {
				take(a)
			}
			return
		case expr.OpScale:
			scal = append(scal, n.Args[0])
			take(n.Args[1])
			return
		case expr.OpOnes:
			return
		case expr.OpPow:
			base, e := n.Args[0], n.Args[1]
			if base.Op == expr.OpAdd {
				if k, ok := e.Int(); ok {
					r, y := s.primitive(base)
					if !isOne(r) {
						times(ratPow(r, k))
						base = y
					}
				}
			}
			add(base, e)
			return
		case expr.OpAdd:
			r, y := s.primitive(n)
			if !isOne(r) {
				times(r)
			}
			add(y, s.b.Int(1))
			return
		case expr.OpT:
			if isOnesRow(n) {
				return
			}
			if h := n.Args[0]; flat(h, expr.OpHad) {
				s.fire(transposeIn)
				for _, a := range h.Args {
					take(s.T(a))
				}
				return
			}
			if p := n.Args[0]; p.Op == expr.OpPow {
				add(s.T(p.Args[0]), p.Args[1])
				return
			}
		case expr.OpMul:
			if !n.Kept && !n.Shape.R.IsOne() && !n.Shape.C.IsOne() {
				if v := s.colBroadcast(n); v != nil {
					if !isOnesCol(v) {
						cols = append(cols, v)
					}
					return
				}
				if u := s.rowBroadcast(n); u != nil {
					rows = append(rows, u)
					return
				}
				if u, v := s.outer(n); u != nil {
					s.fire(outerFactor)
					cols, rows = append(cols, u), append(rows, v)
					return
				}
			}
		}
		if n.IsCall("exp") {
			c, u := s.ratSplit(n.Args[0])
			if u != nil {
				add(s.call0("exp", u), s.b.Num(c))
				return
			}
		}
		add(n, s.b.Int(1))
	}
	for _, a := range args {
		take(a)
	}
	ps = s.softmaxMeans(s.factorPairs(ps))
	cols = s.softmaxColumns(ps, cols)
	var out []*Node
	for _, p := range ps {
		if p.exp.IsZero() {
			s.fire(factorCancels)
			continue
		}
		x := s.Pow(p.base, p.exp)
		switch {
		case x.Op == expr.OpNum:
			times(x.Num)
		case x.Op == expr.OpScale && !shape.IsScalar():
			scal = append(scal, x.Args[0])
			out = append(out, x.Args[1])
		case flat(x, expr.OpHad):
			for _, y := range x.Args {
				if y.Op == expr.OpNum {
					times(y.Num)
				} else {
					out = append(out, y)
				}
			}
		case x.Op == expr.OpOnes || isOnesRow(x):
		default:
			out = append(out, x)
		}
	}
	if len(cols) > 0 && len(rows) > 0 { // v1ᵀ ∘ 1u = v u
		s.fire(rowTimesColumn)
		x := s.Mul(s.Had(cols...), s.Had(rows...))
		if x.Op == expr.OpScale {
			scal = append(scal, x.Args[0])
			x = x.Args[1]
		}
		out = append(out, x)
	} else if len(cols) > 0 {
		if len(cols) > 1 {
			s.fire(likeBroadcasts)
		}
		x := s.Mul(s.Had(cols...), s.b.T(s.ones(shape.C)))
		if x.Op == expr.OpScale {
			scal = append(scal, x.Args[0])
			x = x.Args[1]
		}
		if s.colBroadcast(x) == nil || !isOnesCol(s.colBroadcast(x)) {
			out = append(out, x)
		}
	} else if len(rows) > 0 {
		if len(rows) > 1 {
			s.fire(likeBroadcasts)
		}
		x := s.Mul(s.ones(shape.R), s.Had(rows...))
		if x.Op == expr.OpScale {
			scal = append(scal, x.Args[0])
			x = x.Args[1]
		}
		if u := s.rowBroadcast(x); u == nil || !isOnesRow(u) {
			out = append(out, x)
		}
	}
	if shape.IsScalar() {
		if num.Sign() == 0 {
			return s.b.Int(0)
		}
		sortNodes(out)
		if len(out) == 0 {
			return s.b.Num(num)
		}
		if !isOne(num) {
			out = append([]*Node{s.b.Num(num)}, out...)
		}
		return s.b.Had(out...)
	}
	if !isOne(num) {
		scal = append(scal, s.b.Num(num))
	}
	out = s.hadEye(out)
	sortNodes(out)
	var core *Node
	switch len(out) {
	case 0:
		core = s.onesOf(shape)
	case 1:
		core = out[0]
	default:
		core = s.orient(s.b.Had(out...))
	}
	if len(scal) == 0 {
		return core
	}
	return s.Scale(s.Had(scal...), core)
}

// hadEye: A ∘ I = diag(diag(A)).
func (s *S) hadEye(out []*Node) []*Node {
	for i, x := range out {
		if x.Op == expr.OpEye && len(out) > 1 {
			rest := append(append([]*Node(nil), out[:i]...), out[i+1:]...)
			s.fire(diagonalPart)
			return []*Node{s.call("diag", s.call("diag", s.Had(rest...)))}
		}
	}
	return out
}

func (s *S) onesOf(shape expr.Shape) *Node {
	switch {
	case shape.C.IsOne():
		return s.ones(shape.R)
	case shape.R.IsOne():
		return s.b.T(s.ones(shape.C))
	}
	return s.b.Mul(s.ones(shape.R), s.b.T(s.ones(shape.C)))
}

func sortNodes(ns []*Node) {
	sort.SliceStable(ns, func(i, j int) bool { return expr.Compare(ns[i], ns[j]) < 0 })
}

func ratPow(r *big.Rat, k int) *big.Rat {
	out := big.NewRat(1, 1)
	if k < 0 {
		r, k = new(big.Rat).Inv(r), -k
	}
	for ; k > 0 && k < 4096; k-- {
		out.Mul(out, r)
	}
	return out
}

// Pow returns x elementwise to the power e in normal form.
func (s *S) Pow(x, e *Node) *Node {
	if e.IsOne() {
		return x
	}
	if e.IsZero() {
		return s.onesOfOr1(x.Shape)
	}
	if x.Op == expr.OpOnes {
		return x
	}
	for _, r := range powers {
		if out := r.power(s, x, e); out != nil {
			s.fire(r)
			return out
		}
	}
	return s.b.Pow(x, e)
}

func (s *S) onesOfOr1(shape expr.Shape) *Node {
	if shape.IsScalar() {
		return s.b.Int(1)
	}
	return s.onesOf(shape)
}
