package derive

import "github.com/matdiff/matdiff/expr"

// A product of n factors has n derivatives of n−1 factors each. One of more
// than longProduct factors is differentiated as a product of products of at most
// groupSize factors, and those as products again: then all derivatives together
// are as long as the product, give or take the size of a group.
const (
	longProduct = 16
	groupSize   = 8
)

// isLong tells whether a product with the adjoint g is differentiated by groups.
// A long adjoint is left to cancel: of log det(A B …) it is A⁻ᵀB⁻ᵀ….
func (r *run) isLong(n, g *Node) bool {
	return (n.Op == expr.OpMul || n.Op == expr.OpHad) && !r.opt.Plain && runs(n.Args) > longProduct && expr.Width(g) <= longProduct/2
}

// visitGroups visits a product of many factors by groups of them. Each group is
// one operand of the derivatives of the others.
func (r *run) visitGroups(n, g *Node) error {
	k, size := len(n.Args), groupSize
	for size*groupSize < k {
		size *= groupSize
	}
	isGroup := make(map[*Node]bool)
	var groups []*Node
	for i := 0; i < k; i += size {
		x := r.b.Keep(r.product(n.Op, n.Args[i:min(i+size, k)]))
		for _, a := range x.Args {
			r.active[x] = r.active[x] || r.active[a]
		}
		isGroup[x] = x.Kept
		groups = append(groups, x)
	}
	n = r.product(n.Op, groups)
	parts := make(map[*Node][]*Node)
	if err := r.isolate(g, r.productRule(n, len(n.Args)), func(v *expr.Var, part *Node) {
		if isGroup[v.Of] {
			parts[v.Of] = append(parts[v.Of], r.s.Normal(part))
			return
		}
		r.feed(v.Of, part, g)
	}); err != nil {
		return err
	}
	for _, x := range n.Args {
		if len(parts[x]) == 0 {
			continue
		}
		h := r.s.Keep(r.s.Local(r.sum(parts[x], x.Shape)))
		delete(parts, x)
		if err := r.visit(x, h); err != nil {
			return err
		}
	}
	return nil
}

// runs counts the factors of a product, a repeated one that stands beside itself
// once: it is written as a power.
func runs(fs []*Node) int {
	k := 0
	for i, f := range fs {
		if i == 0 || f != fs[i-1] {
			k++
		}
	}
	return k
}

// period is the length of the shortest list that fs repeats: of X Y X Y it is 2.
func period(fs []*Node) int {
	n := len(fs)
	// fail[i] is the length of the longest proper prefix of fs[:i] that ends it
	fail := make([]int, n+1)
	for i, k := 1, 0; i < n; i++ {
		for k > 0 && fs[i] != fs[k] {
			k = fail[k]
		}
		if fs[i] == fs[k] {
			k++
		}
		fail[i+1] = k
	}
	p := n - fail[n]
	if n%p != 0 {
		return n
	}
	return p
}
