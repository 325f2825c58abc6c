package simplify

import (
	"math/big"
	"slices"

	"github.com/matdiff/matdiff/expr"
)

// candidates lists the factors that two or more terms share.
func (s *S) candidates(terms []*Node) []candidate {
	var index map[key]int // of a long list
	out := make([]candidate, 0, 4*len(terms))
	for i, t := range terms {
		add := func(sd side, f *Node) {
			if f.Op == expr.OpNum || f.Op == expr.OpEye {
				return
			}
			k := key{sd, f}
			j := -1
			if index != nil {
				if at, ok := index[k]; ok {
					j = at
				}
			} else {
				j = slices.IndexFunc(out, func(c candidate) bool { return c.f == f && c.side == sd })
			}
			switch {
			case j < 0:
				if index != nil {
					index[k] = len(out)
				}
				out = append(out, candidate{side: sd, f: f, first: i})
			case len(out[j].at) > 0 && out[j].at[len(out[j].at)-1] == i || out[j].first == i: // twice in a term
			case len(out[j].at) == 0:
				out[j].at = append(out[j].at, out[j].first, i)
			default:
				out[j].at = append(out[j].at, i)
			}
		}
		if len(out) > 24 && index == nil {
			index = make(map[key]int, 4*len(terms))
			for j, c := range out {
				index[key{c.side, c.f}] = j
			}
		}
		_, rest := s.ratSplit(t)
		if rest == nil {
			continue
		}
		if t.IsScalar() {
			for _, f := range factors(rest) {
				add(scalar, f)
				if g := s.quotientOf(f); g != nil {
					add(scalar, g)
				}
			}
			continue
		}
		core := rest
		if rest.Op == expr.OpScale {
			for _, f := range factors(rest.Args[0]) {
				add(scalar, f)
				if g := s.quotientOf(f); g != nil {
					add(scalar, g)
				}
			}
			core = rest.Args[1]
		}
		switch core.Op {
		case expr.OpMul:
			add(left, core.Args[0])
			add(right, core.Args[len(core.Args)-1])
			if isOnesCol(core.Args[0]) || isOnesRow(core.Args[len(core.Args)-1]) {
				s.broadcastFactors(core, add)
			}
		case expr.OpHad:
			for _, f := range core.Args {
				add(entry, f)
				s.broadcastFactors(f, add)
			}
		default:
			add(left, core)
			add(right, core)
			add(entry, core)
		}
		if core.Op == expr.OpMul { // a product may be one operand of ∘
			add(entry, core)
		}
		if core.Op == expr.OpHad {
			add(left, core)
			add(right, core)
			if v, m := s.takeBroadcast(core, false); v != nil { // (v1ᵀ) ∘ M = diag(v) M
				add(right, lastFactor(m))
			}
		}
	}
	live := out[:0]
	for _, c := range out {
		if len(c.at) > 1 {
			c.gain = (len(c.at) - 1) * (s.inner(c.f) + token)
			live = append(live, c)
		}
	}
	return live
}

// broadcastFactors adds the factors of a row or a column that is repeated.
func (s *S) broadcastFactors(x *Node, add func(side, *Node)) {
	// An adjoint on the way keeps its sum outside: factors that are taken out of
	// each layer's would come together layer by layer.
	if s.local || x.Op != expr.OpMul || x.Shape.R.IsOne() || x.Shape.C.IsOne() {
		return
	}
	col, row := s.outer(x)
	if col == nil {
		return
	}
	each := func(v *Node, wrap func(*Node) *Node) {
		if v.Op == expr.OpOnes || isOnesRow(v) {
			return
		}
		turn := v.Op == expr.OpT
		if turn {
			v = v.Args[0]
		}
		for _, f := range factors(v) {
			for _, g := range []*Node{f, s.quotientOf(f)} {
				if g == nil {
					continue
				}
				if turn {
					g = s.T(g)
				}
				if g = wrap(g); g != x {
					add(entry, g)
				}
			}
		}
	}
	each(col, func(f *Node) *Node { return s.Mul(f, s.b.T(s.ones(x.Shape.C))) })
	if isOnesCol(col) {
		each(row, func(f *Node) *Node { return s.Mul(s.ones(x.Shape.R), f) })
	}
}

func lastFactor(n *Node) *Node {
	if n.Op == expr.OpMul {
		return n.Args[len(n.Args)-1]
	}
	return n
}

func factors(n *Node) []*Node {
	if flat(n, expr.OpHad) {
		return n.Args
	}
	return []*Node{n}
}

var ratLow = big.NewRat(-3, 2)

// quotientOf returns 1/c for 1/c^2 and 1/sqrt(c) for c^(-3/2): what it has in
// common with a lower power.
func (s *S) quotientOf(f *Node) *Node {
	if f.Op != expr.OpPow || f.Args[1].Op != expr.OpNum || f.Args[1].Num.Cmp(ratLow) > 0 {
		return nil
	}
	return s.Pow(f.Args[0], s.b.Num(new(big.Rat).Add(f.Args[1].Num, ratOne)))
}

// strip takes the factor of a candidate off a term.
func (s *S) strip(t *Node, c candidate) *Node {
	if c.side == scalar && c.f.Op == expr.OpPow {
		_, rest := s.ratSplit(t)
		if rest.Op == expr.OpScale {
			rest = rest.Args[0]
		}
		exact := false
		for _, f := range factors(rest) {
			exact = exact || f == c.f
		}
		if !exact {
			return s.Scale(s.Pow(c.f, s.b.Int(-1)), t)
		}
	}
	r, rest := s.ratSplit(t)
	if t.IsScalar() {
		fs := factors(rest)
		for i, f := range fs {
			if f == c.f {
				return s.withRat(r, s.scalarProduct(without(fs, i)))
			}
		}
	}
	var sc *Node
	core := rest
	if rest.Op == expr.OpScale {
		sc, core = rest.Args[0], rest.Args[1]
	}
	if c.side == scalar {
		fs := factors(sc)
		for i, f := range fs {
			if f == c.f {
				x := core
				if fs := without(fs, i); len(fs) > 0 {
					x = s.Scale(s.b.Had(fs...), core)
				}
				return s.withRat(r, x)
			}
		}
	}
	switch {
	case core == c.f:
		switch c.side {
		case left:
			core = s.b.Eye(core.Shape.C)
		case right:
			core = s.b.Eye(core.Shape.R)
		default:
			core = s.onesOf(core.Shape)
		}
	case core.Op == expr.OpHad && c.side == right:
		v, m := s.takeBroadcast(core, false)
		core = s.call0("diag", v)
		if m.Op == expr.OpMul {
			core = s.b.Mul(append([]*Node{core}, m.Args[:len(m.Args)-1]...)...)
		}
	case c.side == left:
		core = s.b.Mul(core.Args[1:]...)
	case c.side == right:
		core = s.b.Mul(core.Args[:len(core.Args)-1]...)
	case c.side == entry:
		i := slices.Index(core.Args, c.f)
		if i >= 0 && core.Op == expr.OpHad {
			core = s.b.Had(without(core.Args, i)...)
			break
		}
		core = s.Had(core, s.Pow(c.f, s.b.Int(-1))) // a factor of a row that is repeated
	}
	if sc != nil {
		core = s.Scale(sc, core)
	}
	if core.IsScalar() {
		return s.Had(s.b.Num(r), core)
	}
	return s.withRat(r, core)
}

func (s *S) scalarProduct(fs []*Node) *Node {
	if len(fs) == 0 {
		return nil
	}
	return s.b.Had(fs...)
}
