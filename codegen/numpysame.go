package codegen

import (
	"fmt"
	"slices"

	"github.com/matdiff/matdiff/expr"
)

// see looks through named parts, and takes of all nodes that are equal then the
// first: the R of a gradient and the A x - b of the objective are computed once.
func (p *pyPrinter) see(n *expr.Node) *expr.Node {
	n = see(n)
	if r := p.same[n]; r != nil {
		return r
	}
	if p.same == nil {
		p.same, p.first = make(map[*expr.Node]*expr.Node), make(map[string]*expr.Node)
	}
	k := p.key(n)
	r := p.first[k]
	if r == nil {
		r = n
		p.first[k] = n
	}
	p.same[n] = r
	return r
}

// unify sees all that the roots need, operands first, so that see never goes
// deep.
func (p *pyPrinter) unify(roots []*expr.Node) {
	seen := make(map[*expr.Node]bool)
	type frame struct {
		n *expr.Node
		i int
	}
	for _, r := range roots {
		stack := []frame{{see(r), 0}}
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			if f.i < len(f.n.Args) {
				a := see(f.n.Args[f.i])
				f.i++
				if !seen[a] {
					seen[a] = true
					stack = append(stack, frame{a, 0})
				}
				continue
			}
			p.see(f.n)
			stack = stack[:len(stack)-1]
		}
	}
}

// key tells nodes apart that differ where parts are what they name.
func (p *pyPrinter) key(n *expr.Node) string {
	args := make([]int, len(n.Args))
	for i, a := range n.Args {
		args[i] = p.see(a).ID
	}
	switch n.Op {
	case expr.OpAdd, expr.OpHad:
		slices.Sort(args)
	case expr.OpNum, expr.OpSize, expr.OpVar:
		return fmt.Sprint("leaf ", n.ID)
	}
	k := fmt.Sprint(n.Op, n.Shape, args)
	if n.Op == expr.OpCall {
		k += n.Fn.FnName()
	}
	return k
}
