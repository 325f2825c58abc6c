package simplify

import (
	"maps"
	"slices"

	"github.com/matdiff/matdiff/expr"
)

// Bounds of the search for the shortest form: terms of an expanded sum, terms
// of a sum that is searched for common factors, candidates tried at each sum,
// factors of a sum, and of all sums of one search, beyond which only the best
// candidate is tried.
const (
	maxTerms      = 24
	maxFactorArgs = 40
	maxCandidates = 4
	maxWide       = 150
	maxWork       = 600
)

// minResidualGain is how much shorter a product must be multiplied out to lose
// a sum of the program.
const minResidualGain = token

// Local returns the shortest form found of a node made of parts that are
// already short; it is applied to every adjoint on the way.
func (s *S) Local(n *Node) *Node {
	s.local = true
	defer func() { s.local = false }()
	return s.Shorten(s.Normal(n))
}

// Shorten returns the shortest form found of a normal node: factored left and
// right, or expanded where that cancels. The value is the same.
func (s *S) Shorten(n *Node) *Node {
	if m, ok := s.best.Get(n); ok {
		return m
	}
	s.best.Set(n, n)
	out := n
	if len(n.Args) > 0 {
		args := make([]*Node, len(n.Args))
		changed := false
		for i, a := range n.Args {
			args[i] = s.Shorten(a)
			changed = changed || args[i] != a
		}
		if changed {
			out = s.rebuild(n, args)
		}
		out = s.shorter(out, s.factored(out))
		for _, r := range wholes {
			if y := s.shorter(out, r.whole(s, out)); y != out {
				s.fire(r)
				out = y
			}
		}
	}
	if out != n { // what was found may be shortened in turn
		out = s.Shorten(out)
	}
	s.best.Set(n, out)
	return out
}

// keepsResidual returns y, a product n multiplied out, unless a difference that
// the program has is lost for the gain of a bracket: (relu(z) − y) ∘ [z > 0] is
// understood at a glance, relu(z) − y ∘ [z > 0] is not.
func (s *S) keepsResidual(n, y *Node) *Node {
	if r := s.residual(n); r != nil && s.Cost(y)+minResidualGain > s.Cost(n) && s.residual(y) == nil {
		return nil
	}
	return y
}

// residual returns a sum of the program among the factors of a product, nil if there is none.
func (s *S) residual(n *Node) *Node {
	switch n.Op {
	case expr.OpAdd:
		if s.known[n] && !n.IsScalar() && !leavesIdentity(n) { // I − 𝟏𝟏ᵀ/n is no residual
			return n
		}
	case expr.OpT, expr.OpScale, expr.OpMul, expr.OpHad:
		for _, a := range n.Args {
			if r := s.residual(a); r != nil {
				return r
			}
		}
	}
	return nil
}

func (s *S) shorter(x, y *Node) *Node {
	if y != nil && s.Cost(y) < s.Cost(x) {
		return y
	}
	return x
}

// factored takes common factors out of a sum.
func (s *S) factored(n *Node) *Node {
	switch n.Op {
	case expr.OpT:
		if n.Args[0].Op == expr.OpAdd {
			return s.T(s.factored(n.Args[0]))
		}
	case expr.OpAdd:
		if len(n.Args) > maxFactorArgs {
			return n
		}
		m, ok := s.taken.Get(n)
		if !ok {
			s.work = 0
			clear(s.searched)
			m = s.factorSum(n, 6)
			s.taken.Set(n, m)
		}
		return m
	}
	return n
}

func leavesIdentity(sum *Node) bool {
	if sum.Op != expr.OpAdd {
		return false
	}
	return slices.ContainsFunc(sum.Args, identityTerm)
}

func identityTerm(n *Node) bool {
	return n.Op == expr.OpEye || n.Op == expr.OpScale && n.Args[1].Op == expr.OpEye
}

// side tells where a factor stands in a term.
type side uint8

const (
	left side = iota
	right
	entry  // of an elementwise product
	scalar // in front
)

var takingOut = [...]*Rewrite{left: factorLeft, right: factorRight, entry: factorEntry, scalar: factorScalar}

type candidate struct {
	side  side
	f     *Node
	gain  int
	first int   // the first term that has it
	at    []int // the terms that have it, empty if it is one
}

// key is a candidate without what is known of it.
type key struct {
	side side
	f    *Node
}

// search is a sum with the number of factors that may still be taken out.
type search struct {
	sum   *Node
	depth int
}

// factorSum takes up to depth factors out of a normal sum, one after another.
func (s *S) factorSum(sum *Node, depth int) *Node {
	switch {
	case sum.Op == expr.OpT && sum.Args[0].Op == expr.OpAdd:
		return s.T(s.factorSum(sum.Args[0], depth))
	case sum.Op != expr.OpAdd || len(sum.Args) > maxFactorArgs:
		return sum
	}
	k := search{sum, depth}
	best, ok := s.searched[k]
	if !ok {
		best = s.factorTerms(sum, depth)
		s.searched[k] = best
	}
	return best
}

func (s *S) factorTerms(sum *Node, depth int) *Node {
	best, terms := sum, sum.Args
	if r, y := s.primitive(sum); !isOne(r) && !(r.Num().Int64() == -1 && r.IsInt()) {
		if g := s.shorter(best, s.b.Scale(s.b.Num(r), y)); g != best {
			s.fire(factorNumber)
			best = g
		}
	}
	if depth == 0 {
		return best
	}
	wide := 0
	for _, t := range terms {
		wide += 1 + len(t.Args)
		if t.Op == expr.OpScale {
			wide += len(t.Args[0].Args) + len(t.Args[1].Args)
		}
	}
	s.work += wide
	cands := s.candidates(terms)
	slices.SortStableFunc(cands, func(a, b candidate) int { return b.gain - a.gain })
	orders := sameFactors(terms)
	for i, c := range cands {
		if orders && len(c.at) < len(terms) {
			continue
		}
		if i == maxCandidates || i > 0 && (wide > maxWide || s.work > maxWork) {
			break
		}
		var inside, outside []*Node
		k := 0
		inverse := (c.side == left || c.side == right) && untransposed(c.f).IsCall("inv")
		for j, t := range terms {
			if k < len(c.at) && c.at[k] == j {
				k++
				// M − M S M, as M is soon a name, and seldom M (I − S M)
				if x := s.strip(t, c); !inverse || !identityTerm(x) {
					inside = append(inside, x)
					continue
				}
			}
			outside = append(outside, t)
		}
		if len(inside) < 2 {
			continue
		}
		in := s.factorSum(s.sameEverywhere(s.Add(inside...)), depth-1)
		var g *Node
		switch c.side {
		case left:
			g = s.Mul(c.f, in)
		case right:
			g = s.Mul(in, c.f)
		case entry:
			g = s.Had(c.f, in)
		case scalar:
			g = s.Scale(c.f, in)
		}
		if len(outside) > 0 {
			g = s.factorSum(s.Add(append(outside, g)...), depth-1)
		}
		if g = s.shorter(best, g); g != best {
			s.fire(takingOut[c.side])
			best = g
		}
	}
	return best
}

// sameFactors tells whether three or more terms are the same matrices in several
// orders, as of the derivative of a power: A X² + X A X + X² A says more than
// (A X + X A) X + X² A.
func sameFactors(terms []*Node) bool {
	if len(terms) < 3 {
		return false
	}
	var first map[*Node]int
	for _, t := range terms {
		if t.Op != expr.OpMul {
			return false
		}
		count := make(map[*Node]int, len(t.Args))
		for _, a := range t.Args {
			count[a]++
		}
		if first == nil {
			first = count
		}
		if !maps.Equal(first, count) {
			return false
		}
	}
	return true
}

// sameEverywhere writes a sum of scalars at every entry, 𝟏 − a 𝟏, as one scalar
// at every entry: (1 − a) 𝟏.
func (s *S) sameEverywhere(n *Node) *Node {
	if n.Op != expr.OpAdd || n.IsScalar() {
		return n
	}
	var one *Node
	cs := make([]*Node, len(n.Args))
	for i, a := range n.Args {
		cs[i] = s.b.Int(1)
		if a.Op == expr.OpScale {
			cs[i], a = a.Args[0], a.Args[1]
		}
		if !isOneTerm(a) {
			return n
		}
		one = a
	}
	s.fire(scalarAtEntries)
	return s.Scale(s.Add(cs...), one)
}
