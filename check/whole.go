package check

import (
	"fmt"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

// whole makes the right answer that a written one would be but for a mistake
// made on the whole of it.
func (c *checker) whole(cl *infer.Claim, q *question, n *Node) []candidate {
	b := c.b
	var out []candidate
	add := func(m *Node, id, msg string) {
		if m != nil && m.Shape == q.shape {
			out = append(out, candidate{n: m, id: id, msg: msg})
		}
	}
	call := func(f string, x *Node) *Node {
		if x.Op == expr.OpScale { // colsum(P − Y)/N
			if y := attempt(func() *Node { return b.MustCall(rules.Must(f), x.Args[1]) }); y != nil && (f == "tr" || f == "sum" || f == "colsum" || f == "rowsum") {
				return b.Scale(x.Args[0], y)
			}
		}
		return attempt(func() *Node { return b.MustCall(rules.Must(f), x) })
	}
	if n.Shape == q.shape {
		add(b.Neg(n), "sign", "the sign is wrong")
		add(b.Scale(b.Int(2), n), "factor", "a factor 2 is missing")
		add(b.Scale(b.Rat(1, 2), n), "factor", "there is a factor 2 too many")
		add(b.Scale(b.Int(-2), n), "factor", "a factor −2 is missing")
		add(b.Scale(b.Rat(-1, 2), n), "factor", "a factor −½ is missing")
		for _, k := range []int64{3, 4} {
			add(b.Scale(b.Int(k), n), "factor", fmt.Sprintf("a factor %d is missing", k))
			add(b.Scale(b.Rat(1, k), n), "factor", fmt.Sprintf("there is a factor %d too many", k))
		}
		for _, k := range c.sizeFactors(cl, q, n) {
			add(k.n, k.id, k.msg)
		}
		if !n.IsScalar() {
			add(b.T(n), "missing-transpose", "the transpose is missing")
			add(b.Neg(b.T(n)), "missing-transpose", "the transpose is missing, and the sign is wrong")
		}
	}
	if q.shape.IsSquare() && !q.shape.IsScalar() && (n.Shape.IsCol() || n.Shape.IsRow()) {
		add(call("diag", n), "missing-diag", "a vector stands where the diagonal matrix of it belongs")
	}
	batch := "the parameter is shared by all rows: the sum over them is missing"
	sums := []string{"colsum", "rowsum", "sum"}
	if q.shape.IsScalar() {
		batch = "the parameter enters every entry: the sum over them is missing"
		sums = []string{"sum"}
	}
	for _, x := range []*Node{n, b.T(n)} {
		for _, f := range sums {
			y := call(f, x)
			if y == nil || n.IsScalar() || y == n {
				continue
			}
			add(y, "missing-sum", batch)
			if !y.IsScalar() {
				add(b.T(y), "missing-sum", batch)
			}
		}
	}
	if q.shape.IsScalar() && n.Shape.IsSquare() && !n.IsScalar() {
		if m := n; m.Op == expr.OpScale || m.Op == expr.OpMul {
			if m.Op == expr.OpScale {
				m = m.Args[1]
			}
			if k := len(m.Args) - 1; m.Op == expr.OpMul && m.Args[k].Shape.IsRow() {
				if col := b.Mul(m.Args[:k]...); col.Shape.IsCol() {
					inner := b.Mul(m.Args[k], col)
					if n != m {
						inner = b.Had(n.Args[0], inner)
					}
					add(inner, "inner-outer-confusion", "an outer product stands where the inner product belongs")
				}
			}
		}
		add(call("tr", n), "missing-trace", "a scalar is needed: the trace is missing")
	}
	if n.IsScalar() && !q.shape.IsScalar() && len(cl.By) > 0 {
		add(b.Scale(n, cl.By[0]), "scalar-for-vector", "a scalar stands where "+cl.ByNames[0]+" is a factor")
		add(b.Scale(n, b.Ones(q.shape)), "ones", "the scalar belongs into every entry")
		if q.shape.IsSquare() {
			add(b.Scale(n, b.Eye(q.shape.R)), "identity", "the scalar belongs on the diagonal")
		}
	}
	return out
}

// broken is a wrong answer that a broken rule leads to.
type broken struct {
	n       *Node
	id, msg string
	twin    bool // what is lost is as much as is there: a factor 2 explains it as well
}

// frozen is a constant with the value of n.
func (c *checker) frozen(n *Node) *Node {
	c.fresh++
	return c.b.Var(&expr.Var{Name: fmt.Sprintf("value %d", c.fresh), Kind: expr.Input, Shape: n.Shape, Const: true})
}

const maxOccurrences = 12

const countedForAll = "and one occurrence was counted for all"

// occurrences derives by each occurrence of the variable alone: an answer that
// is a part of their sum, or counts one twice, has missed the product rule.
func (c *checker) occurrences(of, by *Node) []broken {
	if by.Props.Has(expr.Symmetric) && !by.IsScalar() {
		return nil
	}
	b := c.b
	var parts []*Node
	under := []bool{} // in a denominator
	below := map[*Node]bool{by: true}
	for _, m := range expr.Topo(of) {
		for _, a := range m.Args {
			below[m] = below[m] || below[a]
		}
	}
	var unfold func(n *Node, den bool) *Node
	unfold = func(n *Node, den bool) *Node {
		if len(parts) > maxOccurrences || !below[n] {
			return n
		}
		if n == by {
			c.fresh++
			v := b.Var(&expr.Var{Name: fmt.Sprintf("place %d", c.fresh), Kind: expr.Input, Shape: by.Shape})
			parts, under = append(parts, v), append(under, den)
			return v
		}
		args := make([]*Node, len(n.Args))
		neg := n.Op == expr.OpPow && n.Args[1].Op == expr.OpNum && n.Args[1].Num.Sign() < 0
		for i, a := range n.Args {
			args[i] = unfold(a, den || neg)
		}
		return b.With(n, args)
	}
	root := unfold(of, false)
	if len(parts) < 2 || len(parts) > maxOccurrences {
		return nil
	}
	p := *c.prog
	p.Objective, p.Defs, p.Vars = expr.Def{Name: "Q", Node: root}, nil, nil
	back := map[*Node]*Node{}
	for _, v := range parts {
		p.Vars = append(p.Vars, v.Var)
		back[v] = by
	}
	res, err := derive.Derive(&p, derive.Options{})
	if err != nil || !res.Scalar {
		return nil
	}
	g := make([]*Node, len(parts))
	for i := range parts {
		g[i] = b.Subst(res.Grads[i].Full, back)
	}
	var out []broken
	name := nameOf(by)
	normal := make([]*Node, len(g))
	for i := range g {
		normal[i] = c.s.Normal(g[i])
	}
	for i := range g {
		var rest []*Node
		twins, above := 0, !under[i] // the others are all in denominators
		for j := range g {
			if j != i {
				rest = append(rest, g[j])
				above = above && under[j]
				if normal[j] == normal[i] {
					twins++
				}
			}
		}
		id, msg := "product-rule", fmt.Sprintf("%s occurs %d times in the value, and one occurrence was not differentiated", name, len(g))
		if under[i] {
			id, msg = "quotient-rule", fmt.Sprintf("%s occurs in a denominator too, which was held constant", name)
		}
		out = append(out, broken{b.Add(rest...), id, msg, twins == 1})
		if len(g) > 2 {
			id, msg := "product-rule", fmt.Sprintf("%s occurs %d times in the value, and only one occurrence was differentiated", name, len(g))
			if above {
				id, msg = "quotient-rule", fmt.Sprintf("%s occurs in a denominator too, which was held constant", name)
			}
			out = append(out, broken{g[i], id, msg, false})
		}
		out = append(out, broken{b.Scale(b.Int(int64(len(g))), g[i]), "product-rule", fmt.Sprintf("%s occurs %d times in the value, %s", name, len(g), countedForAll), false})
	}
	return out
}
