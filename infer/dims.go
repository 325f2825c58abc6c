package infer

import (
	"github.com/matdiff/matdiff/expr"
)

// dim is a size that may not be known yet: an index into dims. Dim 0 is the
// number 1. A dim that is not known is never 1: whether an expression is a
// scalar, a row, a column or a matrix follows from the readings of its names
// alone, and unification only finds out which sizes are equal.
type dim int32

// shape is rows by columns.
type shape struct{ r, c dim }

var scalar = shape{}

func (s shape) isScalar() bool { return s == scalar }
func (s shape) isCol() bool    { return s.c == 0 && s.r != 0 }
func (s shape) isRow() bool    { return s.r == 0 && s.c != 0 }
func (s shape) isMatrix() bool { return s.r != 0 && s.c != 0 }
func (s shape) t() shape       { return shape{s.c, s.r} }

type dimNode struct {
	up    dim      // parent, itself for a root
	known expr.Dim // size of a root, zero if not known
	prod  []dim    // a root that is a product of others
}

// dims is a union-find over sizes.
type dims struct {
	nodes []dimNode
	links []dim // roots that were linked to others, in order: undo unlinks them
	base  int   // nodes below it survive reset
}

// maxSize is the largest whole number that is a size.
const maxSize = 1 << 40

func newDims() *dims {
	d := &dims{nodes: make([]dimNode, 1, 64)}
	d.nodes[0] = dimNode{known: expr.One}
	d.base = 1
	return d
}

// reset forgets what was made since keep was called.
func (d *dims) reset() {
	d.undo(mark{d.base, 0})
}

// mark is a state to return to.
type mark struct{ nodes, links int }

func (d *dims) mark() mark { return mark{len(d.nodes), len(d.links)} }

// undo forgets what was made and unified since the mark. Paths are never
// compressed, so that unlinking a root restores its tree.
func (d *dims) undo(m mark) {
	for _, a := range d.links[m.links:] {
		d.nodes[a].up = a
	}
	d.links = d.links[:m.links]
	d.nodes = d.nodes[:m.nodes]
}

func (d *dims) link(a, b dim) {
	d.nodes[a].up = b
	d.links = append(d.links, a)
}

// fresh returns a new size that is not known, and not 1.
func (d *dims) fresh() dim {
	n := dim(len(d.nodes))
	d.nodes = append(d.nodes, dimNode{up: n})
	return n
}

// of returns the dim of a known size.
func (d *dims) of(k expr.Dim) dim {
	if k.IsOne() {
		return 0
	}
	n := dim(len(d.nodes))
	d.nodes = append(d.nodes, dimNode{up: n, known: k})
	return n
}

func (d *dims) shapeOf(s expr.Shape) shape { return shape{d.of(s.R), d.of(s.C)} }

// times returns the product of two sizes.
func (d *dims) times(a, b dim) dim {
	a, b = d.find(a), d.find(b)
	switch {
	case a == 0:
		return b
	case b == 0:
		return a
	}
	if x, y := d.nodes[a].known, d.nodes[b].known; x.Known() && y.Known() {
		if len(x.Sym)+len(y.Sym) > 1000 || x.K > maxSize/y.K {
			panic(&expr.BudgetError{What: "a size is the product of too many sizes"})
		}
		return d.of(x.Times(y))
	}
	n := d.fresh()
	d.nodes[n].prod = []dim{a, b}
	return n
}

func (d *dims) find(a dim) dim {
	for d.nodes[a].up != a {
		a = d.nodes[a].up
	}
	return a
}

// same tells whether two sizes are known to be equal.
func (d *dims) same(a, b dim) bool {
	a, b = d.find(a), d.find(b)
	return a == b || d.nodes[a].known.Known() && d.nodes[a].known == d.nodes[b].known
}

// open tells whether nothing is known of a root.
func (d *dims) open(r dim) bool { return !d.nodes[r].known.Known() && d.nodes[r].prod == nil }

// atoms splits a size into its number, its symbols and open factors.
func (d *dims) atoms(a dim, k *int, syms *[]string, open *[]dim, depth int) {
	a = d.find(a)
	n := &d.nodes[a]
	switch {
	case n.known.Known():
		*k *= n.known.K
		*syms = append(*syms, n.known.Symbols()...)
	case n.prod != nil && depth < 40:
		for _, p := range n.prod {
			d.atoms(p, k, syms, open, depth+1)
		}
	default:
		*open = append(*open, a)
	}
}

// unify makes two sizes equal; it returns false if they cannot be.
func (d *dims) unify(a, b dim) bool {
	a, b = d.find(a), d.find(b)
	if a == b {
		return true
	}
	if a == 0 || b == 0 {
		return false
	}
	if !d.open(a) && d.open(b) {
		a, b = b, a
	}
	switch {
	case d.open(a) && d.open(b):
		if a < b { // the older one stays: stable names
			a, b = b, a
		}
		d.link(a, b)
		return true
	case d.open(a):
		if d.nodes[b].prod != nil && d.occurs(a, b, 0) {
			return false
		}
		d.link(a, b)
		return true
	}
	if d.nodes[a].known.Known() && d.nodes[b].known.Known() {
		return d.nodes[a].known == d.nodes[b].known
	}
	return d.unifyProducts(a, b)
}

func (d *dims) occurs(a, in dim, depth int) bool {
	in = d.find(in)
	if in == a {
		return true
	}
	if depth > 40 {
		return true
	}
	for _, p := range d.nodes[in].prod {
		if d.occurs(a, p, depth+1) {
			return true
		}
	}
	return false
}

// unifyProducts cancels common factors of two products; what is left must
// pair up in order.
func (d *dims) unifyProducts(a, b dim) bool {
	ka, kb := 1, 1
	var sa, sb []string
	var oa, ob []dim
	d.atoms(a, &ka, &sa, &oa, 0)
	d.atoms(b, &kb, &sb, &ob, 0)
	sa, sb = cancel(sa, sb)
	oa, ob = cancel(oa, ob)
	if len(oa) < len(ob) {
		oa, ob, sa, sb, ka, kb = ob, oa, sb, sa, kb, ka
	}
	switch {
	case len(oa) == 0:
		return ka == kb && len(sa) == 0 && len(sb) == 0
	case len(oa) == 1 && len(ob) == 0:
		if len(sa) > 0 || kb%ka != 0 || kb/ka == 1 && len(sb) == 0 {
			return false
		}
		rest := expr.Whole(kb / ka)
		for _, s := range sb {
			rest = rest.Times(expr.Symbol(s))
		}
		return d.unify(oa[0], d.of(rest))
	case len(oa) == len(ob)+len(sb) && ka == kb && len(sa) == 0:
		for i, o := range oa {
			if i < len(sb) {
				if !d.unify(o, d.of(expr.Symbol(sb[i]))) {
					return false
				}
			} else if !d.unify(o, ob[i-len(sb)]) {
				return false
			}
		}
		return true
	}
	return false
}

// cancel removes from both lists what they share.
func cancel[T comparable](a, b []T) (x, y []T) {
	y = append(y, b...)
next:
	for _, s := range a {
		for i, t := range y {
			if s == t {
				y = append(y[:i], y[i+1:]...)
				continue next
			}
		}
		x = append(x, s)
	}
	return x, y
}

// size returns the size as far as it is known; open ones are named by name.
func (d *dims) size(a dim, name func(root dim) string) expr.Dim {
	a = d.find(a)
	n := &d.nodes[a]
	switch {
	case n.known.Known():
		return n.known
	case n.prod != nil:
		out := expr.One
		for _, p := range n.prod {
			out = out.Times(d.size(p, name))
		}
		return out
	}
	return expr.Symbol(name(a))
}

func (d *dims) shape(s shape, name func(dim) string) expr.Shape {
	return expr.Shape{R: d.size(s.r, name), C: d.size(s.c, name)}
}
