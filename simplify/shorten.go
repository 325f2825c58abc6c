package simplify

import (
	"maps"
	"math/big"
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

// Expand multiplies out products over sums, nil if there are too many terms.
func (s *S) Expand(n *Node) *Node { return s.expand(n) }

// expand multiplies out products over sums, nil if the result would have more
// than maxTerms terms.
func (s *S) expand(n *Node) *Node {
	m, ok := s.expanded.Get(n)
	if !ok {
		if ts := s.expandTerms(n, 0); ts != nil && len(ts) <= maxTerms {
			m = s.Add(ts...)
		}
		s.expanded.Set(n, m)
	}
	return m
}

// expandOrder lists the factors of a product, sums with quotients first: there
// the other factors may cancel.
func expandOrder(n *Node) []int {
	var first, rest []int
	for i, a := range n.Args {
		switch {
		case a.Op == expr.OpAdd && hasQuotient(a):
			first = append(first, i)
		case summand(a) != nil:
			rest = append(rest, i)
		}
	}
	return append(first, rest...)
}

// summand is the sum in a factor that is multiplied out: it, its transpose or
// its square.
func summand(a *Node) *Node {
	switch {
	case flat(a, expr.OpAdd):
		return a
	case a.Op == expr.OpT && flat(a.Args[0], expr.OpAdd):
		return a.Args[0]
	case a.Op == expr.OpPow && a.Args[1].IsNum(2, 1) && flat(a.Args[0], expr.OpAdd):
		return a.Args[0]
	}
	return nil
}

func hasQuotient(sum *Node) bool {
	var neg func(n *Node) bool
	neg = func(n *Node) bool {
		switch n.Op {
		case expr.OpHad, expr.OpScale:
			for _, a := range n.Args {
				if neg(a) {
					return true
				}
			}
		case expr.OpPow:
			return n.Args[1].Op == expr.OpNum && n.Args[1].Num.Sign() < 0
		}
		return false
	}
	for _, a := range sum.Args {
		if neg(a) {
			return true
		}
	}
	return false
}

func (s *S) expandTerms(n *Node, depth int) []*Node {
	if depth > 8 || n.Kept && depth > 0 {
		return []*Node{n}
	}
	if depth == 0 && s.countTerms(n) > maxTerms {
		return nil
	}
	again := func(x *Node) []*Node {
		if x == n {
			return []*Node{n}
		}
		return s.expandTerms(x, depth+1)
	}
	switch n.Op {
	case expr.OpScale:
		if c := n.Args[0]; c.Op == expr.OpHad { // −(a − b) x
			if ts := s.expandTerms(c, depth+1); len(ts) > 1 && len(ts) <= maxTerms {
				var out []*Node
				for _, t := range ts {
					more := again(s.Scale(t, n.Args[1]))
					if more == nil || len(out)+len(more) > maxTerms {
						return nil
					}
					out = append(out, more...)
				}
				return out
			}
		}
		if x := n.Args[1]; x.Op == expr.OpMul || x.Op == expr.OpHad {
			ts := s.expandTerms(x, depth+1)
			if ts == nil || len(ts) > maxTerms {
				return nil
			}
			if len(ts) > 1 {
				var out []*Node
				for _, t := range ts {
					more := again(s.Scale(n.Args[0], t))
					if more == nil || len(out)+len(more) > maxTerms {
						return nil
					}
					out = append(out, more...)
				}
				return out
			}
		}
	}
	switch n.Op {
	case expr.OpAdd:
		var out []*Node
		for _, a := range n.Args {
			t := s.expandTerms(a, depth+1)
			if t == nil || len(out)+len(t) > maxTerms {
				return nil
			}
			out = append(out, t...)
		}
		return out
	case expr.OpScale, expr.OpMul, expr.OpHad:
		for _, i := range expandOrder(n) {
			a := n.Args[i]
			sum := a
			tr := false
			if a.Op == expr.OpT && flat(a.Args[0], expr.OpAdd) {
				sum, tr = a.Args[0], true
			}
			if a.Op == expr.OpPow && a.Args[1].IsNum(2, 1) && a.Args[0].Op == expr.OpAdd {
				sum = a.Args[0]
			}
			if !flat(sum, expr.OpAdd) || len(sum.Args) > maxTerms {
				continue
			}
			var out []*Node
			for _, t := range sum.Args {
				if tr {
					t = s.T(t)
				}
				if sum != a && !tr { // (Σt)² = Σ t·(Σt)
					t = s.Had(t, sum)
				}
				args := append([]*Node(nil), n.Args...)
				args[i] = t
				x := s.rebuild(n, args)
				ts := again(x)
				if ts == nil || len(out)+len(ts) > maxTerms {
					return nil
				}
				out = append(out, ts...)
			}
			return out
		}
	case expr.OpPow:
		if n.Args[1].IsNum(2, 1) && n.Args[0].Op == expr.OpAdd && len(n.Args[0].Args) <= 3 {
			var out []*Node
			for _, x := range n.Args[0].Args {
				for _, y := range n.Args[0].Args {
					out = append(out, s.Had(x, y))
				}
			}
			return out
		}
	}
	return []*Node{n}
}
