package check

import (
	"github.com/matdiff/matdiff/expr"
)

// A slip of notation is made wherever the notation is used: one who writes F²
// for F∘F writes it twice. These edits change every place at once.

// consistent tries the edits that are made at all places.
func (w *namer) consistent() {
	if len(w.hits) > 0 || w.n.Shape != w.q.shape {
		return
	}
	typed, open := w.written()
	for _, split := range []int{0, 1, -1} {
		n := w.c.put(w.c.entrywise(typed, split, map[*Node]*Node{}), open)
		if n != w.n && !w.late() && w.right(n) {
			w.hit("hadamard", "matrix products stand where the elementwise products belong", n)
			return
		}
	}
}

// entrywise makes elementwise products of the matrix products of factors of
// one shape: of all factors, of the first with the product of the others, or of
// the product of the others with the last, as split is 0, 1 or -1.
func (c *checker) entrywise(n *Node, split int, memo map[*Node]*Node) *Node {
	if m := memo[n]; m != nil || len(n.Args) == 0 {
		if m == nil {
			m = n
		}
		return m
	}
	args := make([]*Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = c.entrywise(a, split, memo)
	}
	b := c.b
	m := attempt(func() *Node {
		if n.Op != expr.OpMul {
			return b.With(n, args)
		}
		var out []*Node
		for i := 0; i < len(args); {
			j := i + 1
			for j < len(args) && args[j].Shape == args[i].Shape {
				j++
			}
			run := args[i:j]
			switch {
			case len(run) < 3 || split == 0 || run[0] == run[len(run)-1]:
				out = append(out, b.Had(run...))
			case split > 0:
				out = append(out, b.Had(run[0], b.Mul(run[1:]...)))
			default:
				out = append(out, b.Had(b.Mul(run[:len(run)-1]...), run[len(run)-1]))
			}
			i = j
		}
		return b.Mul(out...)
	})
	if m == nil {
		m = n
	}
	memo[n] = m
	return m
}
