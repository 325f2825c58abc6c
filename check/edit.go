package check

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

// candidate is an answer that differs from the written one by one mistake.
type candidate struct {
	n       *Node
	id, msg string
	guess   bool // something was put in that is not there
}

// editor makes the answers that are one edit away from a written one.
type editor struct {
	c     *checker
	pool  []*Node // factors that may be missing
	more  []*Node // terms that may be missing
	out   []candidate
	seen  map[*Node]int // index into out; -1 for the written answer
	sums  bool          // a term that is needed twice was dropped, not a factor lost
	stop  func() bool
	guess bool
	clash bool    // the shapes of the whole do not fit
	funcs []*Node // calls of what may be missing
	by    []*Node // variables that are differentiated by
	texts map[*Node]string
	// edit makes the edits at one node.
	edit func(n *Node, root bool, inCall string, put func(m *Node, id, msg string))
}

// print writes a node for a message; most are written many times.
func (e *editor) print(n *Node) string {
	s, ok := e.texts[n]
	if !ok {
		if e.texts == nil {
			e.texts = map[*Node]string{}
		}
		s = e.c.print(n)
		e.texts[n] = s
	}
	return s
}

// rank orders edits, likely ones first: a missing factor explains much, so it
// is last.
func rank(id string) int {
	switch id {
	case "missing-function":
		return 3
	case "chain-rule-factor", "extra-factor", "other-function", "extra-function", "missing-sum", "missing-diag", "wrong-point":
		return 2
	case "factor", "hadamard", "dropped-term", "extra-term", "power":
		return 1
	}
	return 0
}

// attempt runs f, which builds an expression whose shapes may not fit.
func attempt(f func() *Node) (n *Node) {
	defer func() {
		if r := recover(); r != nil {
			if b, ok := r.(*expr.BudgetError); ok {
				panic(b)
			}
			n = nil // the shapes do not fit
		}
	}()
	return f()
}

// walk makes every edit below n; up puts an edited n back into the whole.
func (e *editor) walk(n *Node, root bool, inCall string, up func(m *Node) *Node) {
	if e.stop() || len(e.out) > 4000 {
		return
	}
	e.edit(n, root, inCall, func(m *Node, id, msg string) {
		if m != n {
			e.put(m, up, id, msg)
		}
	})
	for i, a := range n.Args {
		if n.Op == expr.OpPow && i == 1 {
			continue // exponents are edited with their power
		}
		at := i
		call := inCall
		if f, ok := n.Fn.(*rules.Func); ok && n.Op == expr.OpCall && f.Elementwise {
			call = n.Fn.FnName()
		}
		e.walk(a, false, call, func(m *Node) *Node {
			args := append([]*Node(nil), n.Args...)
			args[at] = m
			if m = e.rebuilt(n, args, at); m == nil {
				return nil
			}
			return up(m)
		})
	}
}

// put adds the whole that m leads to, m an edited part of it.
func (e *editor) put(m *Node, up func(m *Node) *Node, id, msg string) {
	if m == nil || len(e.out) > 4000 {
		return
	}
	w := attempt(func() *Node { return up(m) })
	switch k, ok := e.seen[w]; {
	case w == nil:
	case !ok:
		e.seen[w] = len(e.out)
		e.out = append(e.out, candidate{w, id, msg, e.guess})
	case k >= 0 && rank(id) < rank(e.out[k].id): // the more telling of two names
		e.out[k].id, e.out[k].msg = id, msg
	}
}

// local makes the edits at one node.
func (e *editor) local(n *Node, root bool, inCall string, put func(m *Node, id, msg string)) {
	b := e.c.b
	if !n.IsScalar() {
		if n.Op == expr.OpT {
			put(n.Args[0], "missing-transpose", "the transpose of "+e.print(n.Args[0])+" does not belong here")
		} else {
			put(b.T(n), "missing-transpose", "the transpose of "+e.print(n)+" is missing")
		}
	}
	if !root || n.Op != expr.OpScale {
		what := "the sign of " + e.print(n) + " is wrong"
		if inCall != "" {
			what += ", inside the argument of " + inCall
		}
		if n.Op != expr.OpNum {
			put(b.Neg(n), "sign", what)
		}
	}
	switch n.Op {
	case expr.OpNum:
		put(b.Neg(n), "sign", "the sign of "+e.print(n)+" is wrong")
		put(b.Had(b.Int(2), n), "factor", "a factor 2 is missing")
		put(b.Had(b.Rat(1, 2), n), "factor", "there is a factor 2 too many")
	case expr.OpAdd:
		for i, t := range n.Args {
			rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
			if u := t; !t.IsScalar() {
				k := b.Int(1)
				if t.Op == expr.OpScale {
					k, u = t.Args[0], t.Args[1]
				}
				if u.Op != expr.OpOnes {
					put(b.Add(append(append([]*Node(nil), rest...), b.Scale(k, b.Pow(u, b.Int(2))))...), "power", "the square of "+e.print(u)+" is missing")
				}
			}
			put(b.Add(rest...), "extra-term", "the term "+e.print(t)+" does not belong here")
			twice := append([]*Node(nil), n.Args...)
			twice[i] = b.Scale(b.Int(2), t)
			id := "factor"
			if e.sums {
				id = "dropped-term"
			}
			put(b.Add(twice...), id, "the term "+e.print(t)+" is needed twice: one of two equal terms was dropped, or a factor 2")
			put(b.Add(append(rest, b.Scale(b.Rat(1, 2), t))...), "factor", "the term "+e.print(t)+" has a factor 2 too many")
			for _, s := range e.c.prog.Sizes {
				k := b.Size(expr.Symbol(s))
				over, under := e.c.sizePower(t, k)
				with := func(f *Node) *Node {
					return b.Add(append(append([]*Node(nil), rest...), e.c.rescaled(t, f))...)
				}
				if over {
					put(with(b.Recip(k)), "factor-N", "the term "+e.print(t)+" has a factor "+s+" too many")
				} else {
					put(with(b.Recip(k)), "missing-1/N", "the term "+e.print(t)+" lacks 1/"+s)
				}
				if under {
					put(with(k), "factor-N", "the term "+e.print(t)+" has a 1/"+s+" too many")
				} else {
					put(with(k), "factor-N", "the term "+e.print(t)+" lacks the factor "+s)
				}
			}
		}
		e.squares(n, put)
		e.traces(n, put)
	case expr.OpMul:
		e.products(n, put)
	case expr.OpHad:
		if !n.IsScalar() {
			for i := range n.Args {
				rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
				put(b.Had(rest...), "extra-factor", "the factor "+e.print(n.Args[i])+" does not belong here")
				for j := i; j < len(rest) && len(n.Args) > 2; j++ {
					fewer := append(append([]*Node(nil), rest[:j]...), rest[j+1:]...)
					put(b.Had(fewer...), "extra-factor", "the factors "+e.print(n.Args[i])+" and "+e.print(rest[j])+" do not belong here")
				}
			}
			if len(n.Args) == 2 {
				x, y := n.Args[0], n.Args[1]
				for _, p := range [][2]*Node{{x, y}, {y, x}} {
					for _, f := range []func() *Node{
						func() *Node { return b.Mul(p[0], p[1]) }, func() *Node { return b.Mul(b.T(p[0]), p[1]) }, func() *Node { return b.Mul(p[0], b.T(p[1])) },
					} {
						put(attempt(f), "hadamard", "an elementwise product stands where the matrix product belongs")
					}
				}
			}
		} else {
			for i := range n.Args {
				rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
				put(b.Had(rest...), "extra-factor", "the factor "+e.print(n.Args[i])+" does not belong here")
			}
		}
	case expr.OpScale:
		e.outer(n, put)
		put(n.Args[1], "extra-factor", "the factor "+e.print(n.Args[0])+" does not belong here")
	case expr.OpOnes:
		if n.Shape.IsSquare() {
			put(b.Eye(n.Shape.R), "identity", "a number is added to every entry where a multiple of the identity belongs")
		}
		for _, v := range e.by {
			if v.Shape == n.Shape {
				put(v, "scalar-for-vector", "a scalar stands where "+e.print(v)+" is a factor")
			}
		}
	case expr.OpCall:
		e.calls(n, put)
	case expr.OpPow:
		x, k := n.Args[0], n.Args[1]
		if x.Op == expr.OpSize {
			break // 1/N is there or not
		}
		if e.c.lengthOf(x) { // ‖u‖ for its square, and back
			put(b.Pow(x, b.Had(b.Int(2), k)), "norm-vs-squared-norm", "the norm must be squared")
			put(b.Pow(x, b.Had(b.Rat(1, 2), k)), "norm-vs-squared-norm", "the norm belongs here, not its square")
		}
		put(x, "power", "the power does not belong here")
		put(b.Pow(x, b.Neg(k)), "power", "the sign of the exponent is wrong")
		put(b.Pow(x, b.Add(k, b.Int(1))), "power", "the exponent is 1 too small")
		put(b.Pow(x, b.Sub(k, b.Int(1))), "power", "the exponent is 1 too large")
		put(b.Pow(x, b.Had(b.Int(2), k)), "power", "the square is missing")
		put(b.Pow(x, b.Had(b.Rat(1, 2), k)), "power", "there is a square too many")
	}
	e.guess = true
	for _, t := range e.more {
		if t.Shape == n.Shape && n != t {
			put(b.Add(n, t), "dropped-term", "the term "+e.print(t)+" is missing beside "+e.print(n))
			put(b.Sub(n, t), "dropped-term", "the term "+e.print(b.Neg(t))+" is missing beside "+e.print(n))
		}
	}
	e.guess = false
	if !e.c.on1(n) {
		for _, f := range e.funcs {
			name := f.Fn.FnName()
			if n.IsCall(name) || len(f.Args) > 1 && f.Shape != n.Shape {
				continue
			}
			if m := attempt(func() *Node { return b.MustCall(f.Fn, append([]*Node{n}, f.Args[1:]...)...) }); m != nil {
				put(m, "missing-function", name+" of "+e.print(n)+" is missing")
			}
		}
	}
	if !n.IsScalar() && !root {
		e.reductions(n, put)
	}
	// A factor that is missing.
	for _, p := range e.pool {
		id, why := "chain-rule-factor", "the factor "+e.print(p)+" is missing"
		with := func(m *Node) {
			switch {
			case m != nil && inCall != "":
				put(m, "wrong-point", inCall+" is taken at the wrong point: in its argument the factor "+e.print(p)+" is missing beside "+e.print(n))
			default:
				put(m, id, why)
			}
		}
		switch {
		case p.IsScalar():
			if n.Op != expr.OpNum || !p.IsNum(2, 1) {
				with(b.Scale(p, n))
			}
		case n.IsScalar() && !root && !e.clash:
		case n.IsScalar():
			if slices.Contains(e.by, p) {
				id, why = "scalar-for-vector", "a scalar stands where "+e.print(p)+" is a factor"
			}
			with(b.Scale(n, p))
		default:
			if p.Shape == n.Shape {
				if p == n && slices.ContainsFunc(e.by, func(v *Node) bool { return holds(n, v) }) {
					id, why = "power", "the square of "+e.print(p)+" is missing"
				}
				with(b.Had(n, p))
				id, why = "chain-rule-factor", "the factor "+e.print(p)+" is missing"
			}
			if p.Shape.C == n.Shape.R {
				with(attempt(func() *Node { return b.Mul(p, n) }))
			}
			if n.Shape.C == p.Shape.R {
				with(attempt(func() *Node { return b.Mul(n, p) }))
			}
		}
	}
}

// reductions puts the sum or the trace of a part in its place.
func (e *editor) reductions(n *Node, put func(m *Node, id, msg string)) {
	call := func(f string) *Node {
		return attempt(func() *Node { return e.c.b.MustCall(rules.Must(f), n) })
	}
	if n.Shape.IsSquare() {
		put(call("tr"), "missing-trace", "the trace of "+e.print(n)+" is missing")
	}
	put(call("sum"), "missing-sum", "the sum of the entries of "+e.print(n)+" is missing")
	if n.Shape.IsCol() || n.Shape.IsRow() {
		put(call("diag"), "missing-diag", "the diagonal matrix of "+e.print(n)+" belongs here")
		return
	}
	put(call("rowsum"), "missing-sum", "the sum along the rows of "+e.print(n)+" is missing")
	put(call("colsum"), "missing-sum", "the sum over the rows of "+e.print(n)+" is missing")
}

// lengthOf tells a norm, or the inner product of a part with itself.
func (c *checker) lengthOf(x *Node) bool {
	if x.IsCall("norm") {
		return true
	}
	return x.Op == expr.OpMul && x.IsScalar() && len(x.Args) == 2 && c.b.T(x.Args[0]) == x.Args[1]
}

// squares puts the square of what stands beside a constant: 1 + r for 1 + r².
func (e *editor) squares(n *Node, put func(m *Node, id, msg string)) {
	b := e.c.b
	for i, t := range n.Args {
		for t.Op == expr.OpScale {
			t = t.Args[1]
		}
		if len(n.Args) > 2 && (t.Op == expr.OpOnes || t.Op == expr.OpNum) {
			rest := b.Add(append(slices.Clone(n.Args[:i]), n.Args[i+1:]...)...)
			put(b.Add(n.Args[i], b.Pow(rest, b.Int(2))), "power", "the square of "+e.print(rest)+" is missing")
			k, _ := e.c.scaled(n.Args[i])
			for _, p := range e.pool { // 1 + r for 1 + r'r
				for _, m := range [][]*Node{{p, rest}, {rest, p}} {
					if m := e.c.join(&infer.Part{Op: infer.PartMul}, m); m != nil {
						put(e.c.join(&infer.Part{Op: infer.PartAdd}, []*Node{k, m}), "chain-rule-factor", "the factor "+e.print(p)+" is missing beside "+e.print(rest))
					}
				}
			}
		}
	}
}

// outer puts an outer product in the place of an inner one that scales a
// matrix: (a'b) dX for a b' dX.
func (e *editor) outer(n *Node, put func(m *Node, id, msg string)) {
	b, s, x := e.c.b, n.Args[0], n.Args[1]
	const msg = "an inner product stands where the outer product belongs"
	inners, rest := []*Node{s}, [][]*Node{nil}
	if s.Op == expr.OpHad {
		inners = s.Args
		rest = make([][]*Node, len(inners))
		for i := range inners {
			rest[i] = append(slices.Clone(inners[:i]), inners[i+1:]...)
		}
	}
	for i, u := range inners {
		if u.Op != expr.OpMul {
			continue
		}
		for k := 1; k < len(u.Args); k++ {
			outer := attempt(func() *Node { return b.Mul(b.T(b.Mul(u.Args[:k]...)), b.T(b.Mul(u.Args[k:]...))) })
			if outer == nil || outer.IsScalar() {
				continue
			}
			for _, o := range []*Node{outer, b.T(outer)} {
				scaled := func(args ...*Node) {
					if m := e.c.join(&infer.Part{Op: infer.PartMul}, append(slices.Clone(rest[i]), args...)); m != nil {
						put(m, "inner-outer-confusion", msg)
					}
				}
				if x.Op == expr.OpOnes {
					scaled(o)
				} else {
					scaled(o, x)
					scaled(x, o)
				}
			}
		}
	}
}

// traces reads a scalar that was spread over a matrix, among terms that lack
// their trace: inv(A) − y'x stands for tr(inv(A)) − y'x.
func (e *editor) traces(n *Node, put func(m *Node, id, msg string)) {
	b := e.c.b
	if !n.Shape.IsSquare() || n.IsScalar() {
		return
	}
	terms := make([]*Node, len(n.Args))
	outer := true // all that is spread out are products of two vectors
	for i, t := range n.Args {
		u := t
		for u.Op == expr.OpScale {
			u = u.Args[1]
		}
		outer = outer && (u.Op == expr.OpOnes || u.Op == expr.OpMul && u.Args[0].Shape.IsCol() && u.Args[len(u.Args)-1].Shape.IsRow())
		switch {
		case t.Op == expr.OpScale && t.Args[1].Op == expr.OpOnes:
			terms[i] = t.Args[0]
		case t.Op == expr.OpOnes:
			terms[i] = b.Int(1)
		default:
			t := t
			terms[i] = attempt(func() *Node { return b.MustCall(rules.Must("tr"), t) })
			if terms[i] == nil {
				return
			}
		}
	}
	if outer {
		put(b.Add(terms...), "inner-outer-confusion", "an outer product stands where the inner product belongs, or its trace is missing")
		return
	}
	put(b.Add(terms...), "missing-trace", "a scalar is needed: the trace is missing")
}

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
func (e *editor) calls(n *Node, put func(m *Node, id, msg string)) {
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
		put(n.Args[0], "extra-function", f+" does not belong here")
	}
	if f == "norm" {
		put(b.Pow(n, b.Int(2)), "norm-vs-squared-norm", "the norm must be squared")
	}
}
