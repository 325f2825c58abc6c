package simplify

import (
	"math/big"
	"slices"

	"github.com/matdiff/matdiff/expr"
)

func (f *folder) fold(n *Node) *Node {
	if m, ok := f.memo.Get(n); ok {
		return m
	}
	out := n
	if p, ok := f.parts[n]; ok {
		f.s.fire(nameOfValue)
		out = p
	} else if len(n.Args) > 0 {
		args := make([]*Node, len(n.Args))
		changed := false
		for i, a := range n.Args {
			args[i] = f.fold(a)
			changed = changed || args[i] != a
		}
		if changed {
			out = f.s.b.With(n, args)
			if f.eager {
				out = f.s.Normal(out)
			}
			if p, ok := f.parts[out]; ok {
				out = p
			}
		}
		for range 3 {
			next := f.inside(out)
			if next == out {
				break
			}
			out = next
		}
		if n.Kept {
			out = f.s.keep(out)
		}
	}
	f.memo.Set(n, out)
	return out
}

// inside looks for values among the terms or the factors of n.
func (f *folder) inside(n *Node) *Node {
	switch n.Op {
	case expr.OpMul:
		if len(f.chains) > 0 {
			n = f.subchain(n)
		}
	case expr.OpAdd:
		if len(f.bySum) > 0 {
			n = f.subsum(n)
		}
	case expr.OpHad, expr.OpPow, expr.OpScale, expr.OpCall:
		if len(f.byBase) > 0 && (n.Op != expr.OpCall || n.IsCall("exp")) {
			n = f.subproduct(n)
		}
	}
	if n.Op == expr.OpScale && n.Args[1].Op == expr.OpMul && len(f.scaled) > 0 {
		n = f.scaledRun(n)
	}
	if len(f.byCore) > 0 && (n.Op == expr.OpScale || n.Op == expr.OpHad && n.IsScalar()) {
		n = f.vector(n)
	}
	return n
}

// subchain replaces a run of factors that has a name.
func (f *folder) subchain(n *Node) *Node {
	for i := 0; n.Op == expr.OpMul && i < len(n.Args); i++ {
		var best *Node
		for _, pat := range f.chains[n.Args[i]] {
			k := len(pat.Args)
			if i+k > len(n.Args) || k == len(n.Args) || best != nil && len(best.Args) >= k {
				continue
			}
			match := true
			for j := 1; j < k && match; j++ {
				match = n.Args[i+j] == pat.Args[j]
			}
			if match {
				best = pat
			}
		}
		if best != nil {
			f.s.fire(nameOfRun)
			args := append(append(append([]*Node(nil), n.Args[:i]...), f.parts[best]), n.Args[i+len(best.Args):]...)
			n = f.s.b.Mul(args...)
		}
	}
	return n
}

// scaledRun replaces a run of factors that has a name with a scalar in front.
func (f *folder) scaledRun(n *Node) *Node {
	s := f.s
	args := n.Args[1].Args
	for i, a := range args {
		for _, p := range f.scaled[a] {
			k := len(p.core.Args)
			if i+k > len(args) || !sameNodes(p.core.Args, args[i:i+k]) {
				continue
			}
			by := append([]*Node(nil), factors(p.scale)...)
			c := factors(n.Args[0])
			have := make([]power, len(c))
			for j, x := range c {
				have[j] = power{x, s.b.Int(1)}
			}
			if !slices.ContainsFunc(by, func(x *Node) bool { return slices.Contains(c, x) }) {
				continue
			}
			if _, ps := s.powers(p.scale); !s.divides(ps, s.b.Int(1), have) {
				continue
			}
			fs := append(append(append([]*Node(nil), args[:i]...), p.v), args[i+k:]...)
			y := s.Scale(s.Had(n.Args[0], s.Pow(p.scale, s.b.Int(-1))), s.b.Mul(fs...))
			if f.better(n, y) {
				s.fire(nameOfRun)
				return y
			}
		}
	}
	return n
}

// maxSubsums bounds the named sums tried in one sum: a program of a thousand
// definitions over the same terms has as many for each of its sums.
const maxSubsums = 64

// subsum replaces c·(some terms), the terms those of a named sum.
func (f *folder) subsum(n *Node) *Node {
	s := f.s
	best := n
	have := make(map[*Node]bool, len(n.Args))
	for _, t := range n.Args {
		_, k := s.scalarPart(t)
		have[k] = true
	}
	seen := make(map[*pattern]int)
	tries := 0
	for _, t := range n.Args {
		ct, kt := s.scalarPart(t)
		key, wrap := kt, func(x *Node) *Node { return x }
		if v := s.colBroadcast(kt); v != nil && !kt.Shape.R.IsOne() {
			one := s.b.T(s.ones(kt.Shape.C))
			key, wrap = v, func(x *Node) *Node { return s.Mul(x, one) }
		} else if u := s.rowBroadcast(kt); u != nil && !kt.Shape.C.IsOne() {
			one := s.ones(kt.Shape.R)
			key, wrap = u, func(x *Node) *Node { return s.Mul(one, x) }
		}
		for _, p := range f.bySum[key] {
			if p.v.Shape != key.Shape || seen[p] == 2 {
				continue
			}
			if seen[p] == 0 && kt == key { // most of its terms must be there
				missing := 0
				for _, k := range p.keys {
					if !have[k] && !k.IsScalar() {
						missing++
					}
				}
				if missing > 1 || missing == 1 && len(p.terms) > 3 {
					seen[p] = 2
					continue
				}
			}
			for i, q := range p.terms {
				if p.keys[i] != key {
					continue
				}
				cq, _ := s.scalarPart(q)
				if cq.IsZero() {
					continue
				}
				seen[p]++
				_, above := s.powers(ct)
				if _, by := s.powers(cq); !s.divides(by, s.b.Int(1), above) {
					continue
				}
				if tries++; tries > maxSubsums {
					return best
				}
				c := s.Had(ct, s.Pow(cq, s.b.Int(-1)))
				args := append([]*Node(nil), n.Args...)
				for _, q := range p.terms {
					args = append(args, wrap(s.Scale(s.Neg(c), q)))
				}
				args = append(args, wrap(s.Scale(c, p.v)))
				if y := s.Add(args...); f.better(best, y) {
					s.fire(nameInSum)
					best = y
				}
			}
		}
	}
	if len(n.Args) <= maxMultiplied {
		if y := f.multiplied(n); y != n && s.Cost(y) <= s.Cost(best) {
			return y
		}
	}
	return best
}

// maxMultiplied is the most terms of a sum in which a named sum is sought that
// was multiplied out with other factors.
const maxMultiplied = 8

// multiplied replaces a named sum R = X W − X in a sum with X W V, the product
// of its first term, by R V + X V, which cancels against the other terms.
func (f *folder) multiplied(n *Node) *Node {
	s := f.s
	best := n
	try := func(ct, key *Node, times func(*Node) *Node) {
		for _, p := range f.bySum[key] {
			if p.v.Shape != key.Shape {
				continue
			}
			for i, q := range p.terms {
				cq, _ := s.scalarPart(q)
				if p.keys[i] != key || cq.Op != expr.OpNum || cq.IsZero() {
					continue
				}
				c := s.Had(ct, s.Pow(cq, s.b.Int(-1)))
				args := append([]*Node(nil), n.Args...)
				for _, q := range p.terms {
					args = append(args, times(s.Scale(s.Neg(c), q)))
				}
				args = append(args, times(s.Scale(c, p.v)))
				if y := s.Add(args...); f.better(best, y) {
					s.fire(nameInSum)
					best = y
				}
			}
		}
	}
	for _, t := range n.Args {
		ct, kt := s.scalarPart(t)
		if kt.Op != expr.OpMul {
			continue
		}
		for i := 2; i < len(kt.Args); i++ { // a single factor is no residual's term
			first, rest := kt.Args[:i], kt.Args[i:]
			try(ct, s.b.Mul(first...), func(x *Node) *Node { return s.Mul(append([]*Node{x}, rest...)...) })
			first, rest = kt.Args[:len(kt.Args)-i], kt.Args[len(kt.Args)-i:]
			try(ct, s.b.Mul(rest...), func(x *Node) *Node { return s.Mul(append(append([]*Node(nil), first...), x)...) })
		}
	}
	return best
}

// subproduct replaces the factors of a power of a named product.
func (f *folder) subproduct(n *Node) *Node {
	s := f.s
	best := n
	scal := n
	if n.Op == expr.OpScale {
		scal = n.Args[0]
	}
	_, ps := s.powers(scal)
	for _, p := range ps {
		for _, pat := range f.byBase[p.base] {
			if pat.v.Shape != scal.Shape {
				continue
			}
			var e0 *Node
			for _, b := range pat.bases {
				if b.base == p.base {
					e0 = b.exp
				}
			}
			if p.exp.Op != expr.OpNum || e0 == nil || e0.Op != expr.OpNum || e0.Num.Sign() == 0 {
				continue
			}
			k := new(big.Rat).Quo(p.exp.Num, e0.Num)
			if !k.IsInt() || len(pat.bases) > 1 && len(ps) > 1 {
				k = big.NewRat(int64(k.Sign()), 1) // once, not the whole power
			}
			if ki := s.b.Num(k); k.Sign() != 0 && k.IsInt() {
				if !s.divides(pat.bases, ki, ps) {
					continue
				}
				args := []*Node{scal, s.Pow(pat.v, ki)}
				if !isOne(pat.coef) {
					args = append(args, s.Pow(s.b.Num(pat.coef), s.Neg(ki)))
				}
				for _, b := range pat.bases {
					args = append(args, s.Pow(b.base, s.Neg(s.Had(b.exp, ki))))
				}
				y := s.Had(args...)
				if n.Op == expr.OpScale {
					y = s.Scale(y, n.Args[1])
				}
				if f.better(best, y) {
					s.fire(nameInProduct)
					best = y
				}
			}
		}
	}
	return best
}

// vector writes (aᵀx)·x/‖x‖² by u = x/‖x‖ as (aᵀu)·u.
func (f *folder) vector(n *Node) *Node {
	s := f.s
	if !f.hasCore(n) {
		return n
	}
	best := n
	for _, x := range expr.Topo(n) {
		for _, p := range f.byCore[x] {
			memo := map[*Node]*Node{x: s.Scale(s.Pow(p.scale, s.b.Int(-1)), p.v)}
			_, ps := s.powers(p.scale)
			for _, b := range ps {
				memo[b.base] = b.base
			}
			if t := s.b.T(x); t != x {
				memo[t] = s.T(memo[x])
			}
			if y := s.Normal(s.b.Subst(n, memo)); f.better(best, y) {
				s.fire(nameOfVector)
				best = y
			}
		}
	}
	return best
}

// hasCore tells whether a core is below n, not too deep.
func (f *folder) hasCore(n *Node) bool {
	if h, ok := f.cores.Get(n); ok {
		return h
	}
	h := len(f.byCore[n]) > 0
	for _, a := range n.Args {
		h = f.hasCore(a) || h
	}
	f.cores.Set(n, h)
	return h
}

// best folds names into a result in several ways, as it is and multiplied out,
// and returns the shortest.
func (f *folder) best(x *Node) *Node {
	s := f.s
	best := f.fold(x)
	if len(f.parts) == 0 {
		return best
	}
	again := func(y *Node) {
		// a name is short: look again
		if z := f.fold(s.Shorten(s.Normal(y))); s.Cost(z) < s.Cost(best) || best == y && s.Cost(z) == s.Cost(best) {
			best = z
		}
	}
	again(best)
	if e := s.expand(x); e != nil && e != x {
		again(f.fold(e))
	}
	if f.patterns > 0 {
		if f.twin == nil { // one for all results: they share parts
			g := *f
			g.eager, g.memo = true, expr.Table[*Node]{}
			f.twin = &g
		}
		again(f.twin.fold(x))
	}
	return best
}
