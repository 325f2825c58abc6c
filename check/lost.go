package check

import (
	"slices"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

// What was left out of a line is not there to be edited. It is found from the
// other end: the right answer with one thing left out, or put wrong, is what
// was written.

// lost searches the answers one edit away from a right one for the written.
func (w *namer) lost() {
	found := 0
	for _, t := range w.rightForms() {
		e := &editor{c: w.c, seen: map[*Node]int{t: -1}, stop: w.late, by: w.cl.By}
		e.edit = e.losses
		e.walk(t, true, "", func(m *Node) *Node { return m })
		slices.SortStableFunc(e.out, func(a, b candidate) int { return lossRank(a.id) - lossRank(b.id) })
		for _, k := range e.out {
			if w.late() || found >= 3 {
				return
			}
			if !w.known(k.id) && w.same(k.n) {
				found++
				w.hit(k.id, k.msg, nil)
				w.hits[len(w.hits)-1].lost = true
			}
		}
	}
}

// lossRank orders the explanations, the telling ones first.
func lossRank(id string) int {
	switch id {
	case "chain-rule-factor":
		return 1
	case "factor", "power":
		return 2
	}
	return 0
}

// rightForms are ways to write the right answer: short, as the rules leave it,
// and multiplied out.
func (w *namer) rightForms() []*Node {
	if w.forms != nil {
		return slices.Clip(w.forms)
	}
	c := w.c
	out := []*Node{}
	add := func(n *Node) {
		if n != nil && n.Shape == w.q.shape && !slices.Contains(out, n) && len(expr.Topo(n)) < 200 {
			out = append(out, n)
		}
	}
	add(w.closed())
	if w.cl.Kind == infer.ClaimGradient && w.q.truth != nil && w.whole != nil && len(w.by) == 1 {
		add(w.q.truth)
		p := *c.prog
		p.Objective, p.Vars, p.Defs = expr.Def{Name: "Q", Node: w.whole}, []*expr.Var{w.by[0].Var}, nil
		if res, err := derive.Derive(&p, derive.Options{Wrt: []string{w.by[0].Var.Name}, Plain: true}); err == nil && res.Scalar {
			add(c.put(res.Grads[0].Full, w.back))
		}
		add(c.s.Normal(w.q.truth))
	}
	w.forms = out
	return slices.Clip(out)
}

// terms are the summands of the right answer and of the value: what may be
// missing inside a line.
func (w *namer) summands() []*Node {
	var out []*Node
	roots := w.rightForms()
	if of := w.of(); of != nil {
		roots = append(roots, of)
	}
	if of := w.of(); of != nil && w.cl.Kind == infer.ClaimValue && len(expr.Topo(of)) < 60 {
		roots = append(roots, w.c.multiplied(of))
	}
	for _, root := range roots {
		for _, m := range expr.Topo(root) {
			if m.Op != expr.OpAdd || len(m.Args) > 8 {
				continue
			}
			seen := map[*Node]bool{}
			for _, a := range m.Args {
				if a.Op == expr.OpScale && a.Args[0].IsNum(-1, 1) {
					a = a.Args[1]
				}
				if len(out) < 16 && !slices.Contains(out, a) {
					out = append(out, a)
				}
				if n := w.c.s.Normal(a); a.IsScalar() && w.cl.Kind == infer.ClaimValue { // x'y and y'x: both are missing
					if twice := w.c.b.Scale(w.c.b.Int(2), a); seen[n] && len(out) < 16 && !slices.Contains(out, twice) {
						out = append(out, twice)
					}
					seen[n] = true
				}
			}
		}
	}
	return out
}

// losses makes the edits at one node of a right answer.
func (e *editor) losses(n *Node, root bool, inCall string, put func(m *Node, id, msg string)) {
	b := e.c.b
	if !n.IsScalar() {
		switch {
		case n.Op == expr.OpT:
			put(n.Args[0], "missing-transpose", "the transpose of "+e.print(n.Args[0])+" is missing")
		case n.Shape.IsSquare():
			put(b.T(n), "missing-transpose", "the transpose of "+e.print(n)+" does not belong here")
		}
	}
	switch n.Op {
	case expr.OpAdd:
		for i, t := range n.Args {
			rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
			put(b.Add(rest...), "dropped-term", "the term "+e.print(t)+" is missing")
			put(b.Add(append(rest, b.Neg(t))...), "sign", "the sign of "+e.print(t)+" is wrong")
			if t.Op == expr.OpScale && !t.IsScalar() && slices.Contains(e.by, t.Args[1]) {
				put(b.Add(append(rest, b.Scale(t.Args[0], b.Ones(t.Shape)))...), "scalar-for-vector", "a scalar stands where "+e.print(t.Args[1])+" is a factor")
			}
		}
	case expr.OpMul:
		for i := range n.Args {
			for j := i + 2; j <= len(n.Args) && len(n.Args) <= 6; j++ {
				rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[j:]...)
				if len(rest) > 0 {
					put(attempt(func() *Node { return b.Mul(rest...) }), "chain-rule-factor", "the factor "+e.print(b.Mul(n.Args[i:j]...))+" is missing")
				}
			}
			rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
			put(attempt(func() *Node { return b.Mul(rest...) }), "chain-rule-factor", "the factor "+e.print(n.Args[i])+" is missing")
			if i+1 < len(n.Args) {
				x, y := n.Args[i], n.Args[i+1]
				args := append([]*Node(nil), n.Args...)
				args[i], args[i+1] = y, x
				put(attempt(func() *Node { return b.Mul(args...) }), "order-of-factors", "the factors "+e.print(x)+" and "+e.print(y)+" are out of order: matrix products do not commute")
				put(attempt(func() *Node {
					had := b.Had(x, y)
					return b.Mul(append(append(append([]*Node(nil), n.Args[:i]...), had), n.Args[i+2:]...)...)
				}), "hadamard", "an elementwise product stands where the matrix product of "+e.print(x)+" and "+e.print(y)+" belongs")
			}
		}
	case expr.OpHad:
		for i, a := range n.Args {
			rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
			id, msg := lostFactor(a)
			put(b.Had(rest...), id, msg+e.print(a)+" is missing")
		}
		if len(n.Args) == 2 && !n.IsScalar() {
			x, y := n.Args[0], n.Args[1]
			for _, f := range []func() *Node{
				func() *Node { return b.Mul(x, y) }, func() *Node { return b.Mul(y, x) }, func() *Node { return b.Mul(b.T(x), y) }, func() *Node { return b.Mul(x, b.T(y)) },
			} {
				put(attempt(f), "hadamard", "a matrix product stands where the elementwise product of "+e.print(x)+" and "+e.print(y)+" belongs")
			}
		}
	case expr.OpScale:
		id, msg := lostFactor(n.Args[0])
		put(n.Args[1], id, msg+e.print(n.Args[0])+" is missing")
		if s := n.Args[0]; s.IsCall("tr") {
			put(attempt(func() *Node { return b.Mul(s.Args[0], n.Args[1]) }), "missing-trace", "the trace of "+e.print(s.Args[0])+" is missing")
		}
	case expr.OpPow:
		x, k := n.Args[0], n.Args[1]
		if x.IsCall("norm") {
			put(x, "norm-vs-squared-norm", "the square of the norm is missing")
			break
		}
		put(x, "power", "the exponent of "+e.print(n)+" is missing")
		should := "the exponent of " + e.print(x) + " should be " + e.print(k)
		put(b.Pow(x, b.Add(k, b.Int(1))), "power", should)
		put(b.Pow(x, b.Sub(k, b.Int(1))), "power", should)
		put(b.Pow(x, b.Neg(k)), "power", should)
	case expr.OpCall:
		e.lostCalls(n, put)
	}
}

// lostFactor says what the loss of a factor is.
func lostFactor(a *Node) (id, msg string) {
	switch {
	case a.Op == expr.OpNum:
		return "factor", "the factor "
	case determinant(a):
		return "determinant-factor", "the factor "
	case a.Op == expr.OpPow && a.Args[0].Op == expr.OpSize:
		return "missing-1/N", "the value is a mean: the factor "
	case a.Op == expr.OpSize:
		return "factor-N", "the factor "
	}
	return "chain-rule-factor", "the factor "
}

func (e *editor) lostCalls(n *Node, put func(m *Node, id, msg string)) {
	b, f := e.c.b, n.Fn.FnName()
	if f == "norm" {
		put(b.Pow(n, b.Int(2)), "norm-vs-squared-norm", "a norm is squared that is not")
	}
	if len(n.Args) == 1 && n.Args[0].Shape == n.Shape {
		put(n.Args[0], "missing-function", f+" of "+e.print(n.Args[0])+" is missing")
	}
	if f == "inv" && !n.IsScalar() {
		put(b.Pow(n.Args[0], b.Int(-1)), "elementwise-rule", "the reciprocal of each entry is no inverse of a matrix")
		if m := n.Args[0]; m.Op == expr.OpMul {
			var fs []*Node
			for _, a := range m.Args {
				x := attempt(func() *Node { return b.MustCall(rules.Must("inv"), a) })
				if x == nil {
					return
				}
				fs = append(fs, x)
			}
			put(attempt(func() *Node { return b.Mul(fs...) }), "inverse-order", "the inverse of a product reverses its factors")
		}
	}
	for _, g := range related[f] {
		id, msg := "other-function", f+" belongs where "+g+" stands"
		switch {
		case f != "sum" && f != "mean" && f != "tr" && (g == "colsum" || g == "rowsum" || g == "colmean" || g == "rowmean"):
			id, msg = "missing-sum", "the sum is over the wrong axis: "+f+" belongs here, not "+g
		case f == "expm" || g == "expm":
			id, msg = "elementwise-rule", "the elementwise exp is not the matrix exponential"
		}
		put(attempt(func() *Node { return b.MustCall(rules.Must(g), n.Args...) }), id, msg)
	}
}
