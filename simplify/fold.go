package simplify

import (
	"math/big"

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
