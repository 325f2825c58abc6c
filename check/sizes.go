package check

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
)

// A size as a factor: the 1/N of a mean that is lost, and one that is put in
// where the value is no mean.

// sizeFactors makes the right answer that a written one would be but for a
// size as a factor of the whole.
func (c *checker) sizeFactors(cl *infer.Claim, q *question, n *Node) []candidate {
	b := c.b
	var out []candidate
	for _, s := range c.prog.Sizes {
		k := b.Size(expr.Symbol(s))
		add := func(num *Node, p int64, id, msg string) {
			out = append(out, candidate{n: c.rescaled(n, b.Had(num, b.Pow(k, b.Int(p)))), id: id, msg: msg})
		}
		over, under := c.sizePower(n, k)
		stray := (over || under) && !c.counts(cl, q, k) // the value has no such size
		for _, t := range []int64{1, 2} {
			switch {
			case stray && under:
				add(b.Int(t), 1, "factor-N", "there is a 1/"+s+" too many: the value is no mean over "+s)
			case under:
				add(b.Int(t), 1, "factor-N", "there is a 1/"+s+" too many")
			default:
				add(b.Int(t), 1, "factor-N", "the factor "+s+" is missing")
			}
			for _, r := range []*Node{b.Rat(1, t), b.Rat(1, 2*t)} {
				switch {
				case stray && over:
					add(r, -1, "factor-N", "there is a factor "+s+" too many: the value has none")
				case !stray && over:
					add(r, -1, "missing-1/N", "the value is a mean: 1/"+s+" is missing, and there is a factor "+s)
				case !stray:
					add(r, -1, "missing-1/N", "the value is a mean: 1/"+s+" is missing")
				}
			}
		}
		if !stray {
			add(b.Int(-1), -1, "missing-1/N", "the value is a mean: 1/"+s+" is missing, and the sign is wrong")
		}
	}
	return out
}

// sizePower tells whether a size stands above or under the line in the number
// that scales n.
func (c *checker) sizePower(n, k *Node) (over, under bool) {
	switch n.Op {
	case expr.OpSize:
		return n == k, false
	case expr.OpPow:
		over, under = c.sizePower(n.Args[0], k)
		if n.Args[1].Op == expr.OpNum && n.Args[1].Num.Sign() < 0 {
			return under, over
		}
		return over, under
	case expr.OpScale:
		return c.sizePower(n.Args[0], k)
	case expr.OpHad:
		for _, a := range n.Args {
			if a.IsScalar() {
				o, u := c.sizePower(a, k)
				over, under = over || o, under || u
			}
		}
	}
	return over, under
}

// counts tells whether a size is a factor of what is right: in the answer
// itself or, where none is known in closed form, in the value.
func (c *checker) counts(cl *infer.Claim, q *question, k *Node) bool {
	if q.truth != nil {
		return holds(q.truth, k)
	}
	of := cl.Of
	if of == nil {
		return true
	}
	return holds(of, k) || slices.ContainsFunc(expr.Topo(of), func(m *Node) bool {
		return m.IsCall("mean") || m.IsCall("rowmean") || m.IsCall("colmean") || m.IsCall("var")
	})
}

// rescaled multiplies n by a number; what cancels in front of it cancels.
func (c *checker) rescaled(n, k *Node) *Node {
	b := c.b
	switch {
	case n.Op == expr.OpScale:
		return b.Scale(c.s.Normal(b.Had(k, n.Args[0])), n.Args[1])
	case n.Op == expr.OpHad && n.IsScalar():
		var sizes, rest []*Node
		for _, a := range n.Args {
			if a.Op == expr.OpNum || a.Op == expr.OpSize || a.Op == expr.OpPow && a.Args[0].Op == expr.OpSize {
				sizes = append(sizes, a)
			} else {
				rest = append(rest, a)
			}
		}
		if len(rest) > 0 {
			return b.Had(append([]*Node{c.s.Normal(b.Had(append(sizes, k)...))}, rest...)...)
		}
	}
	return b.Scale(k, n)
}
