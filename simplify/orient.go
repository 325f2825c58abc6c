package simplify

import (
	"math/big"
	"slices"

	"github.com/matdiff/matdiff/expr"
)

// complement tells whether a sum is 1 − x.
func complement(n *Node) bool {
	if n.Op != expr.OpAdd || len(n.Args) != 2 {
		return false
	}
	one, x := n.Args[0], n.Args[1]
	switch x.Op {
	case expr.OpScale:
		return (one.IsOne() || isOneTerm(one)) && x.Args[0].IsNum(-1, 1)
	case expr.OpHad:
		return one.IsOne() && x.Args[0].IsNum(-1, 1)
	}
	return false
}

// unit tells whether x of a complement 1 − x lies between 0 and 1.
func (s *S) unit(n *Node) bool {
	x := s.Neg(n.Args[1])
	if x.Op == expr.OpVar && x.Var.Kind == expr.Part && x.Var.Of != nil {
		x = x.Var.Of
	}
	return x.Props.Has(expr.Binary) || x.IsCall("sigmoid") || x.IsCall("softmax") || x.IsCall("normcdf")
}

// maxOriented is the most nodes of a result whose differences are compared.
const maxOriented = 400

// onesided writes a difference that stands in a result both ways round, as in
// (A x − b) ./ (1 + (b − A x).^2), one way; nil where there is none, or no way
// at the price of a sign.
func (s *S) onesided(n, x *Node, price int) *Node {
	if s.fixed != nil {
		return nil
	}
	order := expr.Topo(x)
	if len(order) > maxOriented {
		return nil
	}
	var seen map[*Node]bool
	var both []*Node
	for _, y := range order {
		if y.Op != expr.OpAdd {
			continue
		}
		m := s.Normal(y)
		if m.Op != expr.OpAdd || m.IsScalar() { // a − 1 in an exponent beside 1 − a
			continue
		}
		if seen == nil {
			seen = make(map[*Node]bool)
		}
		if seen[m] {
			continue
		}
		seen[m] = true
		if neg := s.negate(m); seen[neg] && neg != m {
			both = append(both, m)
		}
	}
	if len(both) == 0 {
		return nil
	}
	memo := s.polished
	defer func() { s.polished, s.fixed = memo, nil }()
	s.fixed = make(map[*Node]bool)
	out := (*Node)(nil)
	for _, m := range both {
		neg := s.negate(m)
		best := never
		for _, up := range []bool{true, false} {
			s.fixed[m], s.fixed[neg] = up, !up
			s.polished = expr.Table[signed]{}
			if y, c := s.written(n); c < best {
				best = c
				if c <= price+token {
					out = y
				}
			}
		}
		if best > price+token {
			delete(s.fixed, m)
			delete(s.fixed, neg)
			continue
		}
		s.polished = expr.Table[signed]{}
		for _, up := range []bool{true, false} {
			s.fixed[m], s.fixed[neg] = up, !up
			s.polished = expr.Table[signed]{}
			if _, c := s.written(n); c == best {
				break
			}
		}
	}
	return out
}

// spread writes the transpose of a sum or of an elementwise product by its
// terms where that is no longer: (tr(A) I − A)ᵀ is tr(A) I − Aᵀ. The sums of
// the program stay whole.
func (s *S) spread(n *Node) *Node {
	x := n.Args[0]
	if x.Op != expr.OpAdd && x.Op != expr.OpHad || x.Kept || s.known[x] || len(x.Args) > maxTerms {
		return nil
	}
	if m := s.transposed(x); s.Cost(m) <= s.Cost(n) {
		s.fire(transposeSpread)
		return m
	}
	return nil
}

// transposed is the transpose of n by its parts, in no normal form.
func (s *S) transposed(n *Node) *Node {
	if n.IsScalar() || n.Props.Has(expr.Symmetric) {
		return n
	}
	each := func() []*Node {
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = s.transposed(a)
		}
		return args
	}
	switch n.Op {
	case expr.OpT:
		return n.Args[0]
	case expr.OpAdd:
		if !s.known[n] && !n.Kept {
			return s.b.Add(each()...)
		}
	case expr.OpHad:
		return s.b.Had(each()...)
	case expr.OpScale:
		return s.b.Scale(n.Args[0], s.transposed(n.Args[1]))
	case expr.OpPow:
		return s.b.Pow(s.transposed(n.Args[0]), n.Args[1])
	case expr.OpMul:
		args := each()
		slices.Reverse(args)
		return s.b.Mul(args...)
	}
	return s.b.T(n)
}

// scalarOrder puts the factors of a scalar in the order in which people write
// them: numbers, sizes and variables, then names of parts, then values of
// functions and products.
func (s *S) scalarOrder(n *Node) *Node {
	if n.Op != expr.OpHad {
		return n
	}
	kind := func(x *Node) int {
		for x.Op == expr.OpPow {
			x = x.Args[0]
		}
		switch x.Op {
		case expr.OpNum:
			return 0
		case expr.OpSize:
			return 1
		case expr.OpVar:
			if x.Var.Kind == expr.Part {
				return 2
			}
			return 1
		case expr.OpCall:
			return 3
		}
		return 4
	}
	args := append([]*Node(nil), n.Args...)
	slices.SortStableFunc(args, func(x, y *Node) int { return kind(x) - kind(y) })
	return s.b.Had(args...)
}

// oneRoot writes sqrt(2)*sqrt(π) as sqrt(2 π), above and below the line.
func (s *S) oneRoot(n *Node) *Node {
	root := func(x *Node, e int64) bool {
		return x.Op == expr.OpPow && x.Args[1].IsNum(e, 2) && x.Args[0].IsScalar() && squaredNorm(x.Args[0]) == nil
	}
	for _, e := range []int64{1, -1} {
		var under, rest []*Node
		for _, x := range n.Args {
			if root(x, e) {
				under = append(under, x.Args[0])
			} else {
				rest = append(rest, x)
			}
		}
		if len(under) < 2 {
			continue
		}
		s.fire(rootOfProduct)
		n = s.b.Had(append(rest, s.b.Pow(s.scalarOrder(s.b.Had(under...)), s.b.Rat(e, 2)))...)
		if n.Op != expr.OpHad {
			return n
		}
	}
	return n
}

// scaledPower writes x.^k/cᵏ as (x/c).^k, and cᵉ x.^k where e + k is a number.
func (s *S) scaledPower(n *Node) *Node {
	var fs []*Node
	core := (*Node)(nil)
	switch {
	case n.Op == expr.OpScale:
		fs, core = factors(n.Args[0]), n.Args[1]
	case n.Op == expr.OpHad && n.IsScalar(): // cᵉ uᵀx.^k
		for i, x := range n.Args {
			if x.Op == expr.OpMul || x.IsCall("sum") {
				fs, core = without(n.Args, i), x
				break
			}
		}
	}
	if core == nil {
		return n
	}
	var parts []*Node
	switch core.Op {
	case expr.OpPow:
		parts = []*Node{core}
	case expr.OpMul, expr.OpHad:
		parts = core.Args
	case expr.OpCall:
		if core.IsCall("sum") {
			parts = core.Args
		}
	}
	for j, x := range parts {
		if x.Op != expr.OpPow || x.IsScalar() {
			continue
		}
		k := x.Args[1]
		if w, whole := k.Int(); whole && w < 2 || !whole && k.Op == expr.OpNum {
			continue
		}
		for i, c := range fs {
			if c.Op != expr.OpPow || c.Args[0].Op == expr.OpNum {
				continue
			}
			left := s.Add(s.Normal(c.Args[1]), s.Normal(k))
			if left.Op != expr.OpNum || k.Op == expr.OpNum && left.Num.Sign() != 0 {
				continue
			}
			s.fire(powerOfScaled)
			rest := append([]*Node(nil), without(fs, i)...)
			if left.Num.Sign() != 0 {
				rest = append(rest, s.b.Pow(c.Args[0], left))
			}
			y := s.b.Pow(s.b.Scale(s.b.Pow(c.Args[0], s.b.Int(-1)), x.Args[0]), k)
			if core.Op != expr.OpPow {
				args := append([]*Node(nil), parts...)
				args[j] = y
				y = s.b.With(core, args)
			}
			if len(rest) == 0 {
				return y
			}
			return s.scaledPower(s.b.Scale(s.scalarOrder(s.b.Had(rest...)), y))
		}
	}
	return n
}

// norms writes (xᵀAᵀA x)^½ as norm(A x), and (xᵀx)^(p/2 − 1) as norm(x)^(p − 2).
func (s *S) norms(roots ...*Node) func(*Node) *Node {
	memo := make(map[*Node]*Node)
	for _, n := range expr.Topo(roots...) {
		if n.Op != expr.OpPow {
			continue
		}
		e, twice := n.Args[1], s.Normal(s.b.Scale(s.b.Int(2), n.Args[1]))
		x := s.halfOf(n.Args[0])
		if x == nil || e.Op == expr.OpNum && (e.Num.IsInt() || squaredNorm(n.Args[0]) != nil) || e.Op != expr.OpNum && s.Cost(twice) >= s.Cost(e) {
			continue
		}
		if _, whole := twice.Int(); e.Op == expr.OpNum && !whole {
			continue
		}
		s.fire(normOfProduct)
		y := s.call0("norm", x)
		if !twice.IsOne() {
			y = s.b.Pow(y, twice)
		}
		memo[n] = y
	}
	if len(memo) == 0 {
		return func(n *Node) *Node { return n }
	}
	return func(n *Node) *Node { return s.b.Subst(n, memo) }
}

// halfOf returns Y of a chain YᵀY that is 1×1, and of tr(Y Yᵀ); nil for another.
func (s *S) halfOf(n *Node) *Node {
	a := n
	if n.IsCall("tr") {
		a = n.Args[0]
	} else if !n.IsScalar() {
		return nil
	}
	if a.Op != expr.OpMul || len(a.Args)%2 != 0 {
		return nil
	}
	k := len(a.Args)
	for i := range k / 2 {
		if s.T(a.Args[i]) != a.Args[k-1-i] {
			return nil
		}
	}
	if isOnesRow(a.Args[0]) || isOnesCol(a.Args[0]) {
		return nil
	}
	x, t := s.b.Mul(a.Args[k/2:]...), s.b.Mul(a.Args[:k/2]...)
	if n.IsCall("tr") && s.Cost(t) < s.Cost(x) {
		x = t
	}
	return x
}

// grouped takes a number that some terms of a sum share in front of them where
// the program has their sum, or the number is a fraction: 2 A − 2 B + C is
// 2(A − B) + C; nil where there are none.
func (s *S) grouped(n *Node) *Node {
	if len(n.Args) < 3 || len(n.Args) > 6 || n.Kept {
		return nil
	}
	for i, t := range n.Args {
		c, _ := s.ratSplit(t)
		c = new(big.Rat).Abs(c)
		if isOne(c) {
			continue
		}
		var in, out []*Node
		for j, u := range n.Args {
			d, rest := s.ratSplit(u)
			if new(big.Rat).Abs(d).Cmp(c) != 0 {
				out = append(out, u)
				continue
			}
			if j < i {
				break
			}
			switch {
			case rest == nil:
				rest = s.b.Int(int64(d.Sign()))
			case d.Sign() < 0:
				rest = s.Neg(rest)
			}
			in = append(in, rest)
		}
		if len(in) < 2 || len(out) == 0 || len(in)+len(out) != len(n.Args) {
			continue
		}
		sum := s.b.Add(in...)
		if m := s.Normal(sum); !s.known[m] && c.IsInt() || m.Op != expr.OpAdd || len(m.Args) != len(in) {
			continue
		}
		s.fire(numberOfTerms)
		return s.b.Add(append(out, s.b.Scale(s.b.Num(c), s.Normal(sum)))...)
	}
	return nil
}
