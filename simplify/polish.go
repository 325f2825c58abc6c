package simplify

import (
	"slices"
	"sort"

	"github.com/matdiff/matdiff/expr"
)

// Polish returns n with the signs and the order of terms that are printed.
func (s *S) Polish(n *Node) *Node { return s.polish(s.turnSigmoids(n)(n)) }

// Soft prices: a minus between terms instead of a plus, and a difference that
// the program writes the other way round.
const (
	minusPrice  = 2
	turnedPrice = 1
	// 1 − p is not turned to save a minus in front
	complementPrice = token + 1
)

// polish chooses signs for print: −2Aᵀ(b − Ax) is 2Aᵀ(Ax − b), and
// y∘(1 − σ(z)) is y∘σ(−z).
func (s *S) polish(n *Node) *Node {
	x, c := s.written(n)
	if m := s.onesided(n, x, c); m != nil {
		return m
	}
	return x
}

// written returns the shorter writing of n and its price.
func (s *S) written(n *Node) (*Node, int) {
	x := s.sign(n)
	if x.up != nil && (x.um == nil || x.cp <= x.cm+token) {
		return x.up, x.cp
	}
	return s.b.Neg(x.um), x.cm + token
}

// tidy gives a written node the notations that hold at any sign.
func (s *S) tidy(n *Node) *Node {
	if n.Op == expr.OpMul {
		n = s.transposeWhole(n)
	}
	if n.Op == expr.OpMul && len(n.Args) == 2 && isOnesCol(n.Args[0]) && isOnesRow(n.Args[1]) {
		n = s.b.Ones(n.Shape)
	}
	if n.Op == expr.OpHad {
		n = s.outerQuotient(s.powerQuotient(n))
	}
	if n.Op == expr.OpHad && n.IsScalar() {
		n = s.scalarOrder(s.oneRoot(n))
	}
	n = s.means(s.scaledPower(n))
	if n.Op == expr.OpMul && n.IsScalar() && isOnesRow(n.Args[0]) && !s.typedOnes && !isOnesCol(n.Args[len(n.Args)-1]) && !n.Args[1].IsCall("abs") {
		n = s.call0("sum", s.b.Mul(n.Args[1:]...))
	}
	return n
}

// powerQuotient writes pᵉ∘q⁻ᵉ as (p ./ q)ᵉ for an e that is no whole number:
// such powers are there only where p and q are positive.
func (s *S) powerQuotient(n *Node) *Node {
	for i, x := range n.Args {
		for j, y := range n.Args {
			if i == j || x.Op != expr.OpPow || y.Op != expr.OpPow || s.negate(x.Args[1]) != s.Normal(y.Args[1]) {
				continue
			}
			e := x.Args[1]
			if _, whole := e.Int(); whole || e.Op == expr.OpNum && e.Num.Sign() < 0 || s.Cost(e) > s.Cost(y.Args[1]) {
				continue
			}
			args := append([]*Node(nil), n.Args...)
			args[i] = s.b.Pow(s.b.Had(x.Args[0], s.b.Pow(y.Args[0], s.b.Int(-1))), e)
			q := s.b.Had(without(args, j)...)
			if s.Cost(q) > s.Cost(n) { // sqrt(d)/‖x‖
				continue
			}
			s.fire(powerOfQuotient)
			return s.tidy(q)
		}
	}
	return n
}

// outerQuotient writes P ∘ (1./u)(1./v)ᵀ as P ./ (u vᵀ).
func (s *S) outerQuotient(n *Node) *Node {
	if n.Op != expr.OpHad {
		return n
	}
	for i, x := range n.Args {
		u, v := s.outer(x)
		if u == nil || isOnesCol(u) || isOnesRow(v) || !belowLine(u) || !belowLine(v) && !(v.Op == expr.OpT && belowLine(v.Args[0])) {
			continue
		}
		args := append([]*Node(nil), n.Args...)
		s.fire(quotientByOuter)
		args[i] = s.b.Pow(s.b.Mul(s.Pow(u, s.b.Int(-1)), s.Pow(v, s.b.Int(-1))), s.b.Int(-1))
		return s.b.Had(args...)
	}
	return n
}

func belowLine(n *Node) bool { return n.Op == expr.OpPow && n.Args[1].IsNum(-1, 1) }

// oddFunctions have f(−x) = −f(x); linearFunctions are linear.
var (
	oddFunctions    = nameSet(oddNames)
	linearFunctions = map[string]bool{"tr": true, "diag": true, "sym": true, "vec": true, "mean": true, "colmean": true, "rowmean": true}
)

func nameSet(names []string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, n := range names {
		out[n] = true
	}
	return out
}

// turnSigmoids returns a function that writes 1 − σ(z) as σ(−z) where σ(z)
// itself does not occur in the roots, so that a name is given to what is printed.
func (s *S) turnSigmoids(roots ...*Node) func(n *Node) *Node {
	plain := make(map[*Node]bool) // z of the σ(z) that stand outside 1 − σ(z)
	for _, n := range expr.Topo(roots...) {
		if s.oneMinusSigmoid(n) != nil || negated(n) || n.Op == expr.OpScale && n.Args[0].IsNum(-1, 1) {
			continue // the sum, or its term
		}
		for _, a := range n.Args {
			if a.IsCall("sigmoid") {
				plain[a.Args[0]] = true
			}
		}
	}
	memo := make(map[*Node]*Node)
	var turn func(n *Node) *Node
	turn = func(n *Node) *Node {
		if m, ok := memo[n]; ok {
			return m
		}
		m := n
		if z := s.oneMinusSigmoid(n); z != nil && !plain[z] {
			s.fire(complementWritten)
			m = s.call0("sigmoid", s.negate(turn(z)))
		} else if len(n.Args) > 0 {
			args := make([]*Node, len(n.Args))
			changed := false
			for i, a := range n.Args {
				args[i] = turn(a)
				changed = changed || args[i] != a
			}
			if changed {
				m = s.b.With(n, args)
			}
		}
		memo[n] = m
		return m
	}
	return turn
}

// transposeWhole writes X⁻ᵀAᵀBᵀX⁻ᵀ as (X⁻¹B A X⁻¹)ᵀ.
func (s *S) transposeWhole(n *Node) *Node {
	if n.Op != expr.OpMul || n.IsScalar() || n.Shape.R.IsOne() || n.Shape.C.IsOne() {
		return n
	}
	for _, a := range n.Args {
		if a.Shape.R.IsOne() || a.Shape.C.IsOne() {
			return n // X⁻ᵀa bᵀX⁻ᵀ, of vectors, is written as it is
		}
	}
	k := len(n.Args)
	rev := make([]*Node, k)
	up, down := 0, 0
	for i, a := range n.Args {
		if a.Op == expr.OpT {
			up++
		}
		rev[k-1-i] = a
		if !a.Props.Has(expr.Symmetric) {
			rev[k-1-i] = s.b.T(a)
		}
		if rev[k-1-i].Op == expr.OpT {
			down++
		}
	}
	if k > 2 && down+2 < up { // the mark outside and the brackets
		s.fire(transposedWhole)
		return s.b.T(s.b.Mul(rev...))
	}
	return n
}

// displayOrder puts the terms of a sum in the order that people write: that of
// the program if it has the sum; else that of the objective's summands which
// they come from, and of one summand numbers, then products and function
// values, then single names, biases and identities last.
func (s *S) displayOrder(n *Node) []*Node {
	kind := func(t *Node) int {
		_, t = s.ratSplit(t)
		if t == nil || isOneTerm(t) {
			return 0
		}
		if t.Op == expr.OpScale {
			if isOneTerm(t.Args[1]) {
				return 3
			}
			if t.Args[1].Op == expr.OpEye {
				return 4
			}
			if t.Args[1].Op == expr.OpVar && !holdsProduct(t.Args[0]) { // λ w, not (aᵀx) w
				t = t.Args[1]
			}
		}
		switch t.Op {
		case expr.OpEye:
			return 4
		case expr.OpVar, expr.OpSize:
			if t.Var != nil && t.Var.Kind == expr.Adjoint {
				return 1
			}
			return 2
		case expr.OpT:
			if t.Args[0].Op == expr.OpVar {
				return 2
			}
		case expr.OpMul:
			if isOnesCol(t.Args[0]) || isOnesRow(t.Args[len(t.Args)-1]) && !t.Shape.R.IsOne() {
				return 3
			}
		}
		return 1
	}
	type ranked struct {
		t             *Node
		typed, at, of int
	}
	order := s.typed[n]
	if order == nil {
		order = s.typed[s.negate(n)]
	}
	ts := make([]ranked, len(n.Args))
	for i, t := range n.Args {
		ts[i] = ranked{t: t, at: kind(t)}
		if order != nil {
			_, rest := s.ratSplit(t)
			ts[i].typed = order[rest]
		} else if ts[i].at > 0 && ts[i].at < 3 {
			ts[i].of = s.summand(t)
		} else if ts[i].at >= 3 {
			ts[i].of = len(s.summands)
		}
	}
	sort.SliceStable(ts, func(i, j int) bool {
		x, y := ts[i], ts[j]
		switch {
		case x.typed != y.typed:
			return x.typed < y.typed
		case order != nil:
			return false
		case x.of != y.of:
			return x.of < y.of
		}
		return x.at < y.at
	})
	args := make([]*Node, len(ts))
	for i, t := range ts {
		args[i] = t.t
	}
	if order == nil { // A + Aᵀ − B, not A − B + Aᵀ
		positive := func(t *Node) bool { r, _ := s.ratSplit(t); return r.Sign() > 0 }
		var up, down []*Node
		for _, t := range args {
			if positive(t) {
				up = append(up, t)
			} else {
				down = append(down, t)
			}
		}
		if len(up) > 1 && len(down) > 0 && !positive(args[0]) {
			args = append(up, down...)
		}
	}
	return args
}

// holdsProduct tells whether a scalar has an inner product among its factors.
func holdsProduct(c *Node) bool {
	return slices.ContainsFunc(factors(c), func(x *Node) bool {
		for x.Op == expr.OpPow {
			x = x.Args[0]
		}
		return x.Op == expr.OpMul || x.Op == expr.OpCall
	})
}

// means writes a sum of entries over their count as a mean: 1ᵀx/n is mean(x),
// 1ᵀX/N is colmean(X), X 1/K is rowmean(X).
func (s *S) means(n *Node) *Node {
	var fs []*Node
	core := (*Node)(nil)
	switch {
	case n.Op == expr.OpHad && n.IsScalar():
		fs = n.Args
	case n.Op == expr.OpScale:
		fs, core = factors(n.Args[0]), n.Args[1]
	default:
		return n
	}
	for i, c := range fs {
		if c.Op != expr.OpPow || !c.Args[1].IsNum(-1, 1) {
			continue
		}
		rest := without(fs, i)
		if core != nil {
			if m := s.mean(core, c.Args[0]); m != nil {
				s.fire(sumOverCount)
				if len(rest) > 0 {
					m = s.b.Scale(s.b.Had(rest...), m)
				}
				return s.means(m)
			}
		}
		for j, x := range rest {
			if m := s.mean(x, c.Args[0]); m != nil {
				s.fire(sumOverCount)
				rest[j] = m
				m = s.b.Had(rest...)
				if core != nil {
					m = s.b.Scale(m, core)
				}
				return s.means(m)
			}
		}
	}
	return n
}

// mean returns the mean that x/count is, nil if it is none.
func (s *S) mean(x, count *Node) *Node {
	if x.IsCall("sum") && x.Args[0].Shape.C.IsOne() && count == s.b.Size(x.Args[0].Shape.R) {
		return s.call0("mean", x.Args[0])
	}
	if x.Op != expr.OpMul {
		return nil
	}
	k := len(x.Args)
	first, last := x.Args[0], x.Args[k-1]
	size := func(one *Node) bool { return count == s.b.Size(one.Shape.Count()) }
	switch {
	case isOnesRow(first) && size(first) && x.IsScalar() && !isOnesCol(last):
		return s.call0("mean", s.b.Mul(x.Args[1:]...))
	case isOnesRow(first) && isOnesCol(last) && k > 2 && x.IsScalar() && count == s.b.Size(first.Shape.C.Times(last.Shape.R)):
		return s.call0("mean", s.b.Mul(x.Args[1:k-1]...))
	case isOnesRow(first) && size(first) && !x.IsScalar():
		return s.call0("colmean", s.b.Mul(x.Args[1:]...))
	case isOnesCol(last) && size(last) && !isOnesCol(first) && !x.IsScalar():
		return s.call0("rowmean", s.b.Mul(x.Args[:k-1]...))
	case k > 2 && isOnesCol(first) && isOnesRow(x.Args[1]) && size(x.Args[1]):
		return s.b.Mul(first, s.call0("colmean", s.b.Mul(x.Args[2:]...)))
	case k > 2 && isOnesRow(last) && isOnesCol(x.Args[k-2]) && size(x.Args[k-2]):
		return s.b.Mul(s.call0("rowmean", s.b.Mul(x.Args[:k-2]...)), last)
	}
	return nil
}
