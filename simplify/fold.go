package simplify

import (
	"math/big"
	"slices"

	"github.com/matdiff/matdiff/expr"
)

// named is a value that has a name.
type named struct {
	name  string
	node  *Node      // shortest form
	full  *Node      // normal form
	props expr.Props // of the value; some show in one of its forms only
}

// pattern is a name with the ways in which its value may occur inside others:
// as some terms of a sum, as some factors of a product, as the vector that a
// scalar scales.
type pattern struct {
	v     *Node   // of kind expr.Part
	terms []*Node // of its sum, multiplied out
	keys  []*Node // the terms without their scalar factors
	// v = coef · Π base^exp, elementwise
	coef  *big.Rat
	bases []power
	// v = scale · core, core not a scalar
	scale, core *Node
}

// folder replaces values by names. A replacement that does not shorten is not
// made; an eager folder makes those that keep the length too.
type folder struct {
	s        *S
	parts    map[*Node]*Node
	chains   map[*Node][]*Node // first factor → named products
	bySum    map[*Node][]*pattern
	byBase   map[*Node][]*pattern
	byCore   map[*Node][]*pattern
	scaled   map[*Node][]*pattern // first factor → named products with a scalar in front
	memo     expr.Table[*Node]
	cores    expr.Table[bool] // whether a core is below a node
	eager    bool
	patterns int
	twin     *folder // the eager one
}

func newFolder(s *S) *folder {
	return &folder{
		s: s, parts: make(map[*Node]*Node), chains: make(map[*Node][]*Node), bySum: make(map[*Node][]*pattern),
		byBase: make(map[*Node][]*pattern), byCore: make(map[*Node][]*pattern), scaled: make(map[*Node][]*pattern),
	}
}

// Folder returns a function that writes values by the names given, each defined
// by the names before it, in the form that is printed.
func (s *S) Folder(names []Let) func(*Node) *Node {
	f := newFolder(s)
	for _, l := range names {
		full := s.Normal(l.Node)
		short := s.Shorten(full)
		n := f.fold(short)
		if len(n.Args) == 0 || f.parts[n] != nil {
			continue
		}
		f.add(n, l.Var)
		if m := f.fold(full); m != n && len(m.Args) > 0 && f.parts[m] == nil {
			f.add(m, l.Var)
		}
		f.parts[full], f.parts[short] = l.Var, l.Var // else each name would fold all before it again
	}
	return func(n *Node) *Node { return s.polish(f.best(s.Shorten(s.Normal(n)))) }
}

// add registers the name v of the value n.
func (f *folder) add(n, v *Node) {
	f.parts[n] = v
	f.parts[f.s.T(n)] = f.s.T(v)
	if neg := f.s.negate(n); neg != n {
		f.parts[neg] = f.s.b.Neg(v)
	}
	if n.Op == expr.OpMul {
		f.chains[n.Args[0]] = append(f.chains[n.Args[0]], n)
		if t := f.s.T(n); t.Op == expr.OpMul && t != n {
			f.chains[t.Args[0]] = append(f.chains[t.Args[0]], t)
		}
	}
	if n.Op == expr.OpAdd && len(n.Args) <= maxTerms { // X A − X is X (A − I) too
		for _, c := range f.s.candidates(n.Args) {
			if len(c.at) == len(n.Args) && (c.side == left || c.side == right) {
				args := make([]*Node, len(n.Args))
				for i, t := range n.Args {
					args[i] = f.s.strip(t, c)
				}
				fs := []*Node{c.f, f.s.Add(args...)}
				if c.side == right {
					fs[0], fs[1] = fs[1], fs[0]
				}
				x := f.s.Mul(fs...)
				r, x := f.s.ratSplit(x)
				if r.Sign() != 0 && x != nil && x.Op == expr.OpMul && f.parts[x] == nil {
					w := f.s.withRat(new(big.Rat).Inv(r), v)
					f.parts[x] = w
					f.chains[x.Args[0]] = append(f.chains[x.Args[0]], x)
					if t := f.s.T(x); t.Op == expr.OpMul && t != x {
						f.parts[t] = f.s.T(w)
						f.chains[t.Args[0]] = append(f.chains[t.Args[0]], t)
					}
				}
			}
		}
	}
	if n.Op == expr.OpScale && n.Args[1].Op == expr.OpMul { // rowmean(X) = X 𝟏/D, in X 𝟏𝟏ᵀ/D
		for x, w := n, v; ; x, w = f.s.T(n), f.s.T(v) {
			c := x.Args[1]
			f.scaled[c.Args[0]] = append(f.scaled[c.Args[0]], &pattern{v: w, scale: x.Args[0], core: c})
			if w != v || f.s.T(v) == v {
				break
			}
		}
	}
	f.logOf(n, v)
	f.patternsOf(n, v)
	if t := f.s.T(n); t != n {
		f.patternsOf(t, f.s.T(v))
	}
	f.memo, f.cores = expr.Table[*Node]{}, expr.Table[bool]{}
	f.twin = nil
}

// logOf writes the function that the logarithm of a named value has become by
// the name: with p = σ(z) softplus(−z) is −log(p), with P = softmax(Z)
// logsoftmax(Z) is log(P).
func (f *folder) logOf(n, v *Node) {
	s := f.s
	if n.Op != expr.OpCall || !n.Props.Has(expr.Positive) {
		return
	}
	r, l := s.ratSplit(s.call("log", n))
	if l == nil || l.Op != expr.OpCall || l.IsCall("log") || f.parts[l] != nil {
		return
	}
	f.parts[l] = s.withRat(new(big.Rat).Inv(r), s.call0("log", v))
}

func (f *folder) patternsOf(n, v *Node) {
	s := f.s
	p := &pattern{v: v}
	switch n.Op {
	case expr.OpAdd, expr.OpMul, expr.OpScale, expr.OpHad:
		e := s.expand(n)
		if e != nil && e.Op == expr.OpT {
			e = nil
		}
		for _, sum := range []*Node{n, e} {
			if sum == nil || sum.Op != expr.OpAdd || len(sum.Args) > maxTerms {
				continue
			}
			q := &pattern{v: v, terms: sum.Args}
			f.patterns++
			for _, t := range sum.Args {
				_, k := s.scalarPart(t)
				q.keys = append(q.keys, k)
				if ps := f.bySum[k]; len(ps) == 0 || ps[len(ps)-1] != q {
					f.bySum[k] = append(ps, q)
				}
			}
			if sum == e {
				break
			}
		}
	}
	switch n.Op {
	case expr.OpHad, expr.OpPow, expr.OpScale, expr.OpCall:
		if n.Op == expr.OpScale && !n.IsScalar() {
			p.scale, p.core = n.Args[0], n.Args[1]
			_, ps := s.powers(p.scale)
			if p.scale.Op != expr.OpNum && s.divides(ps, s.b.Int(1), nil) {
				f.byCore[p.core] = append(f.byCore[p.core], p)
			}
			return
		}
		if n.Op == expr.OpCall && !n.IsCall("exp") {
			return
		}
		p.coef, p.bases = s.powers(n)
		for _, b := range p.bases {
			f.byBase[b.base] = append(f.byBase[b.base], p)
		}
	}
}

// scalarPart splits a term into its scalar factor and the rest; a scalar term
// is its own rest but for its number.
func (s *S) scalarPart(t *Node) (c, core *Node) {
	if t.Op == expr.OpScale {
		return t.Args[0], t.Args[1]
	}
	if t.IsScalar() {
		r, rest := s.ratSplit(t)
		if rest == nil {
			return s.b.Num(r), s.b.Int(1)
		}
		fs := factors(rest)
		at := len(fs) - 1
		for at > 0 && fs[at].Op == expr.OpPow { // a/x and a/x² share a
			at--
		}
		last := fs[at]
		return s.Scale(s.b.Num(r), s.Had(append([]*Node{s.b.Int(1)}, without(fs, at)...)...)), last
	}
	return s.b.Int(1), t
}

// powers lists the factors of an elementwise or scalar product.
func (s *S) powers(n *Node) (*big.Rat, []power) {
	coef := big.NewRat(1, 1)
	var out []power
	for _, x := range factors(n) {
		switch {
		case x.Op == expr.OpNum:
			coef = new(big.Rat).Mul(coef, x.Num)
		case x.Op == expr.OpPow:
			out = append(out, power{x.Args[0], x.Args[1]})
		case x.IsCall("exp"):
			c, u := s.ratSplit(x.Args[0])
			if u == nil { // exp of a number
				out = append(out, power{x, s.b.Int(1)})
				continue
			}
			out = append(out, power{s.call0("exp", u), s.b.Num(c)})
		default:
			out = append(out, power{x, s.b.Int(1)})
		}
	}
	return coef, out
}

// divides tells whether the k-th power of a product may be taken out of another
// without a division by what may be zero: each factor is there as often, or
// stands below the line anyway, or is positive.
func (s *S) divides(by []power, k *Node, have []power) bool {
	for _, b := range by {
		if b.base.Props.Has(expr.Positive) {
			continue
		}
		if b.exp.Op != expr.OpNum {
			return false
		}
		e := new(big.Rat).Mul(b.exp.Num, k.Num)
		if e.Sign() == 0 || e.Sign() < 0 && k.Num.Sign() > 0 {
			continue // x⁻¹ is taken out by a factor x
		}
		// 1/f of f = λ g is there only where 1/λ is: λ² g/f is 0/0 at λ = 0.
		enough := false
		for _, h := range have {
			enough = enough || h.base == b.base && h.exp.Op == expr.OpNum && h.exp.Num.Cmp(e)*e.Sign() >= 0
		}
		if !enough {
			return false
		}
	}
	return true
}

// better tells whether y may stand for x.
func (f *folder) better(x, y *Node) bool {
	if y == nil || y == x || y.Shape != x.Shape {
		return false
	}
	a, b := f.s.Cost(x), f.s.Cost(y)
	return b < a || f.eager && b < a+token
}

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
