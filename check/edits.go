package check

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

// The edits of an expression at one node: each is a slip that one may have
// made there, undone.

// putter takes an edited node, the name of the slip and the words for it.
type putter func(m *Node, id, msg string)

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
		for i := range n.Args {
			e.term(n, i, put)
		}
		e.squares(n, put)
		e.traces(n, put)
	case expr.OpMul:
		e.products(n, put)
	case expr.OpHad:
		e.elementwise(n, put)
	case expr.OpScale:
		e.outer(n, put)
		e.lengths(n, put)
		put(n.Args[1], "extra-factor", "the factor "+e.print(n.Args[0])+" does not belong here")
		put(n.Args[0], "extra-factor", "the factor "+e.print(n.Args[1])+" does not belong here")
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
		e.calls(n, inCall, put)
	case expr.OpPow:
		e.power(n, put)
	}
	e.guess = true
	for _, t := range e.more {
		if t.Shape == n.Shape && n != t {
			e.missingTerm(n, t, inCall, put)
		}
	}
	e.guess = false
	if !e.c.on1(n) {
		e.missingCalls(n, inCall, put)
	}
	if !n.IsScalar() && !root {
		e.reductions(n, put)
	}
	e.missingFactors(n, root, inCall, put)
}

// missingTerm adds what may be missing beside n. In the argument of a function
// it is taken at another point.
func (e *editor) missingTerm(n, t *Node, inCall string, put putter) {
	b := e.c.b
	for _, m := range []*Node{t, b.Neg(t)} {
		what := "the term " + e.print(m) + " is missing beside " + e.print(n)
		if inCall == "" {
			put(b.Add(n, m), "dropped-term", what)
			continue
		}
		e.also = "dropped-term"
		put(b.Add(n, m), "wrong-point", inCall+" is taken at the wrong point: "+what)
		e.also = ""
	}
}

// missingCalls puts a function around n that what is right has.
func (e *editor) missingCalls(n *Node, inCall string, put putter) {
	for _, f := range e.funcs {
		name := f.Fn.FnName()
		if n.IsCall(name) || len(f.Args) > 1 && f.Shape != n.Shape {
			continue
		}
		m := attempt(func() *Node { return e.c.b.MustCall(f.Fn, append([]*Node{n}, f.Args[1:]...)...) })
		if m == nil {
			continue
		}
		if inCall == "" {
			put(m, "missing-function", name+" of "+e.print(n)+" is missing")
			continue
		}
		e.also = "missing-function"
		put(m, "wrong-point", inCall+" is taken at the wrong point: "+name+" of "+e.print(n)+" belongs inside")
		e.also = ""
	}
}

// term edits a term of a sum.
func (e *editor) term(n *Node, i int, put putter) {
	b, t := e.c.b, n.Args[i]
	with := func(x *Node) *Node {
		args := slices.Clone(n.Args)
		args[i] = x
		return b.Add(args...)
	}
	if u := t; !t.IsScalar() {
		k := b.Int(1)
		if t.Op == expr.OpScale {
			k, u = t.Args[0], t.Args[1]
		}
		if u.Op != expr.OpOnes {
			put(with(b.Scale(k, b.Pow(u, b.Int(2)))), "power", "the square of "+e.print(u)+" is missing")
		}
	}
	put(b.Add(append(slices.Clone(n.Args[:i]), n.Args[i+1:]...)...), "extra-term", "the term "+e.print(t)+" does not belong here")
	if e.sums {
		put(with(b.Scale(b.Int(2), t)), "dropped-term", "the term "+e.print(t)+" is needed twice: one of two equal terms was dropped, or a factor 2")
	} else {
		put(with(b.Scale(b.Int(2), t)), "factor", "before the term "+e.print(t)+" a factor 2 is missing, or one of two equal terms was dropped")
	}
	put(with(b.Scale(b.Rat(1, 2), t)), "factor", "the term "+e.print(t)+" has a factor 2 too many")
	for _, s := range e.c.prog.Sizes {
		k := b.Size(expr.Symbol(s))
		over, under := e.c.sizePower(t, k)
		if over {
			put(with(e.c.rescaled(t, b.Recip(k))), "factor-N", "the term "+e.print(t)+" has a factor "+s+" too many")
		} else {
			put(with(e.c.rescaled(t, b.Recip(k))), "missing-1/N", "the term "+e.print(t)+" lacks 1/"+s)
		}
		if under {
			put(with(e.c.rescaled(t, k)), "factor-N", "the term "+e.print(t)+" has a 1/"+s+" too many")
		} else {
			put(with(e.c.rescaled(t, k)), "factor-N", "the term "+e.print(t)+" lacks the factor "+s)
		}
	}
}

// elementwise edits an elementwise product.
func (e *editor) elementwise(n *Node, put putter) {
	b := e.c.b
	for i := range n.Args {
		rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
		id := "extra-factor"
		if determinant(n.Args[i]) {
			id = "determinant-factor"
		}
		put(b.Had(rest...), id, "the factor "+e.print(n.Args[i])+" does not belong here")
		for j := i; j < len(rest) && len(n.Args) > 2 && !n.IsScalar(); j++ {
			fewer := append(append([]*Node(nil), rest[:j]...), rest[j+1:]...)
			put(b.Had(fewer...), "extra-factor", "the factors "+e.print(n.Args[i])+" and "+e.print(rest[j])+" do not belong here")
		}
	}
	if n.IsScalar() || len(n.Args) != 2 {
		return
	}
	x, y := n.Args[0], n.Args[1]
	for _, p := range [][2]*Node{{x, y}, {y, x}} {
		for _, f := range []func() *Node{
			func() *Node { return b.Mul(p[0], p[1]) }, func() *Node { return b.Mul(b.T(p[0]), p[1]) }, func() *Node { return b.Mul(p[0], b.T(p[1])) },
		} {
			put(attempt(f), "hadamard", "an elementwise product stands where the matrix product belongs")
		}
	}
}

// determinant tells a power of a determinant.
func determinant(n *Node) bool {
	return n.IsCall("det") || n.Op == expr.OpPow && n.Args[0].IsCall("det")
}

// power edits a power.
func (e *editor) power(n *Node, put putter) {
	b, x, k := e.c.b, n.Args[0], n.Args[1]
	if x.Op == expr.OpSize {
		return // 1/N is there or not
	}
	if e.c.lengthOf(x) { // ‖u‖ for its square, and back
		put(b.Pow(x, b.Had(b.Int(2), k)), "norm-vs-squared-norm", "the norm must be squared")
		put(b.Pow(x, b.Had(b.Rat(1, 2), k)), "norm-vs-squared-norm", "the norm belongs here, not its square")
	}
	what := "the exponent of " + e.print(x)
	put(x, "power", what+" is 1: the power does not belong here")
	put(b.Pow(x, b.Neg(k)), "power", "the sign of the exponent of "+e.print(x)+" is wrong")
	put(b.Pow(x, b.Add(k, b.Int(1))), "power", what+" is 1 too small")
	put(b.Pow(x, b.Sub(k, b.Int(1))), "power", what+" is 1 too large")
	put(b.Pow(x, b.Had(b.Int(2), k)), "power", "the square of "+e.print(n)+" is missing")
	put(b.Pow(x, b.Had(b.Rat(1, 2), k)), "power", what+" is twice what it should be")
	if x.Shape.IsSquare() && !x.IsScalar() && k.Op == expr.OpNum && k.Num.Sign() < 0 && k.Num.IsInt() && k.Num.Num().Int64() >= -3 {
		inv := b.MustCall(rules.Must("inv"), x)
		run := make([]*Node, -k.Num.Num().Int64())
		for i := range run {
			run[i] = inv
		}
		for _, m := range []*Node{b.Mul(run...), b.T(b.Mul(run...))} {
			put(m, "elementwise-rule", "the reciprocal of each entry stands where the inverse of "+e.print(x)+" belongs")
		}
	}
}

// missingFactors puts a factor beside n that what is right has.
func (e *editor) missingFactors(n *Node, root bool, inCall string, put putter) {
	b := e.c.b
	for _, p := range e.pool {
		id, why := "chain-rule-factor", "the factor "+e.print(p)+" is missing"
		if determinant(p) {
			id = "determinant-factor"
		} else if e.powers[p] && factorOf(n, p) {
			id, why = "power", "the exponent of "+e.print(p)+" is 1 too small"
		}
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
				if p == n && e.powers[p] {
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

// factorOf tells whether p, or a power of it, is n or a factor of it.
func factorOf(n, p *Node) bool {
	switch {
	case n == p:
		return true
	case n.Op == expr.OpPow:
		return n.Args[0] == p
	case n.Op == expr.OpHad || n.Op == expr.OpScale:
		return slices.ContainsFunc(n.Args, func(a *Node) bool { return factorOf(a, p) })
	}
	return false
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

// lengths puts the squares of entries for a squared length in a number that
// scales a product with a vector: (1 − a'a) W'δ for W'((1 − a∘a)∘δ).
func (e *editor) lengths(n *Node, put putter) {
	b, s, x := e.c.b, n.Args[0], n.Args[1]
	factors := []*Node{x}
	if x.Op == expr.OpMul {
		factors = x.Args
	}
	for _, m := range expr.Topo(s) {
		if m.Op != expr.OpMul || len(m.Args) != 2 || !m.IsScalar() || b.T(m.Args[0]) != m.Args[1] {
			continue
		}
		a := m.Args[1]
		v := e.spread(s, m, b.Had(a, a))
		for i := range factors {
			u := attempt(func() *Node { return b.Mul(factors[i:]...) })
			if v == nil || u == nil || u.Shape != v.Shape {
				continue
			}
			put(attempt(func() *Node { return b.Mul(append(slices.Clone(factors[:i]), b.Had(v, u))...) }), "hadamard",
				"the squared length of "+e.print(a)+" stands where the square of each entry belongs")
		}
	}
}

// spread puts a vector for a part m of a number s, nil if it does not fit.
func (e *editor) spread(s, m, v *Node) *Node {
	if s == m {
		return v
	}
	args, at := slices.Clone(s.Args), -1
	for i, a := range args {
		if x := e.spread(a, m, v); x == nil {
			return nil
		} else if x != a {
			args[i], at = x, i
		}
	}
	if at < 0 {
		return s
	}
	return attempt(func() *Node { return e.rebuilt(s, args, at) })
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
