package check

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// The edits of matrix products and of calls.

// products edits a matrix product.
func (e *editor) products(n *Node, put func(m *Node, id, msg string)) {
	b, k := e.c.b, len(n.Args)
	mul := func(args ...*Node) *Node {
		return attempt(func() *Node { return b.Mul(args...) })
	}
	if k == 2 && n.IsScalar() {
		put(mul(b.T(n.Args[0]), b.T(n.Args[1])), "inner-outer-confusion", "an inner product stands where the outer product belongs")
		put(mul(n.Args[1], n.Args[0]), "inner-outer-confusion", "an inner product stands where the outer product belongs")
	}
	for i := 0; i+1 < k && k > 2; i++ { // t r'v for (t'r) v
		if x, y := n.Args[i], n.Args[i+1]; x.Shape.IsCol() && y.Shape.IsRow() && x.Shape.R == y.Shape.C {
			rest := append(slices.Clone(n.Args[:i]), n.Args[i+2:]...)
			put(attempt(func() *Node { return b.Scale(b.Mul(b.T(x), b.T(y)), b.Mul(rest...)) }), "inner-outer-confusion", "an outer product stands where the inner product belongs")
		}
	}
	for i := 1; i < k; i++ {
		l, r := mul(n.Args[:i]...), mul(n.Args[i:]...)
		if l == nil || r == nil {
			continue
		}
		if n.IsScalar() && k > 2 {
			put(mul(b.T(l), b.T(r)), "inner-outer-confusion", "an inner product stands where the outer product belongs")
		}
		if l.Shape.IsSquare() && !l.IsScalar() && r.Shape == n.Shape {
			put(attempt(func() *Node { return b.Scale(b.MustCall(rules.Must("tr"), l), r) }), "missing-trace", "the trace of "+e.print(l)+" is missing")
		}
	}
	if k == 2 && !n.IsScalar() {
		x, y := n.Args[0], n.Args[1]
		if x.Shape.IsCol() && y.Shape.IsRow() {
			put(mul(b.T(x), b.T(y)), "inner-outer-confusion", "an outer product stands where the inner product belongs")
		}
		for _, p := range [][2]*Node{{x, y}, {b.T(x), y}, {x, b.T(y)}, {b.T(x), b.T(y)}} {
			put(attempt(func() *Node { return b.Had(p[0], p[1]) }), "hadamard", "a matrix product stands where the elementwise product belongs")
		}
	}
	if k == 2 && n.IsScalar() && n.Args[0].Shape.IsRow() && n.Args[1].Shape.IsCol() {
		x, y := b.T(n.Args[0]), n.Args[1]
		msg := "an inner product stands where the elementwise product belongs"
		if x == y {
			msg = "the squared length of " + e.print(x) + " stands where the square of each entry belongs"
		}
		put(b.Had(x, y), "hadamard", msg)
		put(b.T(b.Had(x, y)), "hadamard", msg)
	}
	for _, at := range []int{0, k - 1} { // 1'M for M1, the sum over the other axis
		if ones := n.Args[at]; k == 2 && (ones.Op == expr.OpOnes || ones.Op == expr.OpT && ones.Args[0].Op == expr.OpOnes) {
			x := n.Args[1-at]
			msg := "the sum is over the wrong axis"
			for _, d := range []struct{ l, r *Node }{
				{b.Ones(expr.Shape{R: expr.One, C: x.Shape.R}), x}, {x, b.Ones(expr.Shape{R: x.Shape.C, C: expr.One})},
			} {
				m := mul(d.l, d.r)
				put(m, "missing-sum", msg)
				if m != nil {
					put(b.T(m), "missing-sum", msg)
				}
			}
		}
	}
	order := "the factors are out of order: matrix products do not commute"
	if k <= 5 {
		permute(n.Args, func(p []*Node) {
			id, msg := "order-of-factors", order
			if inverses(n.Args, p) {
				id, msg = "inverse-order", "the inverse of a product reverses its factors"
			}
			put(mul(p...), id, msg)
		})
	} else {
		for i := 0; i < k; i++ {
			for j := i + 1; j < k; j++ {
				p := append([]*Node(nil), n.Args...)
				p[i], p[j] = p[j], p[i]
				put(mul(p...), "order-of-factors", order)
			}
		}
	}
	for i := range n.Args {
		for j := i + 1; j < k && k <= 5; j++ {
			with := append([]*Node(nil), n.Args...)
			with[i], with[j] = b.T(with[i]), b.T(with[j])
			guess := e.guess
			e.guess = true // one transpose is likelier
			put(mul(with...), "missing-transpose", "the transposes of "+e.print(n.Args[i])+" and "+e.print(n.Args[j])+" are missing")
			e.guess = guess
		}
	}
	turned := make([]*Node, k)
	for i, a := range n.Args {
		turned[i] = b.T(a)
	}
	put(mul(turned...), "missing-transpose", "the transposes of the factors are missing")
	for i := range n.Args {
		rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
		put(mul(rest...), "extra-factor", "the factor "+e.print(n.Args[i])+" does not belong here")
	}
	// Groups of factors.
	for i := 0; i < k; i++ {
		for j := i + 2; j <= k; j++ {
			g := mul(n.Args[i:j]...)
			if g == nil || k > 6 {
				continue
			}
			with := func(m *Node) *Node {
				if m == nil {
					return nil
				}
				args := append([]*Node(nil), n.Args[:i]...)
				args = append(args, m)
				return mul(append(args, n.Args[j:]...)...)
			}
			if x, y := n.Args[i], n.Args[i+1]; j == i+2 && k > 2 {
				for _, p := range [][2]*Node{{x, y}, {b.T(x), y}, {x, b.T(y)}, {b.T(x), b.T(y)}} {
					put(with(attempt(func() *Node { return b.Had(p[0], p[1]) })), "hadamard", "a matrix product stands where the elementwise product belongs")
				}
			}
			if j-i < k {
				put(with(b.T(g)), "missing-transpose", "the transpose of "+e.print(g)+" is missing")
				for _, p := range e.pool {
					if p.Shape == g.Shape {
						put(with(b.Had(g, p)), "chain-rule-factor", "the factor "+e.print(p)+" is missing")
					}
				}
			}
			for s := i; s < j; s++ { // a factor at any place of a product
				for _, p := range e.pool {
					if s > i && p.Shape.R == n.Args[s-1].Shape.C && p.Shape.C == n.Args[s].Shape.R && j == i+2 {
						args := append([]*Node(nil), n.Args[:s]...)
						args = append(args, p)
						put(mul(append(args, n.Args[s:]...)...), "chain-rule-factor", "the factor "+e.print(p)+" is missing")
					}
				}
			}
		}
	}
}

// inverses tells whether two orders differ in inverses only.
func inverses(p, q []*Node) bool {
	moved := 0
	for i := range p {
		if p[i] == q[i] {
			continue
		}
		x := p[i]
		if x.Op == expr.OpT {
			x = x.Args[0]
		}
		if !x.IsCall("inv") {
			return false
		}
		moved++
	}
	return moved > 0
}

func permute(args []*Node, f func([]*Node)) {
	p := append([]*Node(nil), args...)
	var rec func(i int)
	rec = func(i int) {
		if i == len(p) {
			f(p)
			return
		}
		for j := i; j < len(p); j++ {
			p[i], p[j] = p[j], p[i]
			rec(i + 1)
			p[i], p[j] = p[j], p[i]
		}
	}
	rec(0)
}

// related are functions that get taken for one another.
var related = map[string][]string{
	"softmax": {"logsoftmax"}, "logsoftmax": {"softmax"}, "colsum": {"rowsum", "sum"}, "rowsum": {"colsum", "sum"}, "sum": {"tr"}, "tr": {"sum"},
	"sin": {"cos"}, "cos": {"sin"}, "sinh": {"cosh"}, "cosh": {"sinh"}, "det": {"logdet"}, "logdet": {"det"}, "rowmean": {"colmean"}, "colmean": {"rowmean"},
	"norm": {"norm1"}, "norm1": {"norm"}, "exp": {"expm"}, "mean": {"sum"},
}

// calls edits a function call.
func (e *editor) calls(n *Node, inCall string, put func(m *Node, id, msg string)) {
	b, f := e.c.b, n.Fn.FnName()
	if f == "inv" {
		put(n.Args[0], "missing-inverse", "the inverse of "+e.print(n.Args[0])+" does not belong here")
		if m := n.Args[0]; m.Op == expr.OpMul {
			var fs []*Node
			for i := range m.Args {
				x := m.Args[len(m.Args)-1-i]
				y := attempt(func() *Node { return b.MustCall(rules.Must("inv"), x) })
				if y == nil {
					fs = nil
					break
				}
				fs = append(fs, y)
			}
			if len(fs) > 0 {
				put(attempt(func() *Node { return b.Mul(fs...) }), "inverse-order", "the inverse of a product reverses its factors")
			}
		}
	}
	for _, g := range related[f] {
		if g == "colsum" || g == "rowsum" {
			put(attempt(func() *Node { return b.MustCall(rules.Must(g), n.Args...) }), "missing-sum", "the sum is over the wrong axis: "+g+" belongs here, not "+f)
			put(attempt(func() *Node { return b.T(b.MustCall(rules.Must(g), n.Args...)) }), "missing-sum", "the sum is over the wrong axis: "+g+" belongs here, not "+f)
		}
		id, msg := "other-function", g+" belongs here, not "+f
		if g == "expm" {
			id, msg = "elementwise-rule", "the elementwise exp stands where the matrix exponential belongs"
		}
		put(attempt(func() *Node { return b.MustCall(rules.Must(g), n.Args...) }), id, msg)
	}
	if len(n.Args) == 1 && n.Args[0].Shape == n.Shape && f != "inv" {
		if inCall == "" {
			put(n.Args[0], "extra-function", f+" does not belong here")
		} else {
			e.also = "extra-function"
			put(n.Args[0], "wrong-point", inCall+" is taken at the wrong point: "+e.print(n.Args[0])+" belongs inside, not its "+f)
			e.also = ""
		}
	}
	points := e.points
	if fn, ok := n.Fn.(*rules.Func); !ok || !fn.Elementwise || len(n.Args) == 0 {
		points = nil
	}
	for _, u := range points {
		if u != n.Args[0] && !e.c.on1(n.Args[0]) && u.IsScalar() == n.Args[0].IsScalar() {
			put(attempt(func() *Node { return b.MustCall(n.Fn, append([]*Node{u}, n.Args[1:]...)...) }), "wrong-point", f+" is taken at "+e.print(n.Args[0])+" where it is wanted at "+e.print(u))
		}
	}
	if f == "norm" {
		put(b.Pow(n, b.Int(2)), "norm-vs-squared-norm", "the norm must be squared")
	}
}
