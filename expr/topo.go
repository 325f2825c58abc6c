package expr

import "sync"

// walk is what a walk over a DAG needs: which nodes it has seen, by ID, and
// where it stands. Walks are many and mostly short, so that what they need is
// used again; a node counts as seen where its stamp is the walk's.
type walk struct {
	stamp []uint32
	now   uint32
	stack []frame
	out   []*Node
}

type frame struct {
	n *Node
	i int // the operand to go to next
}

var walks = sync.Pool{New: func() any { return new(walk) }}

// see tells whether n is new to the walk.
func (w *walk) see(n *Node) bool {
	if n.ID >= len(w.stamp) {
		w.stamp = append(w.stamp, make([]uint32, n.ID+1-len(w.stamp))...)
		w.stamp = w.stamp[:cap(w.stamp)]
	}
	if w.stamp[n.ID] == w.now {
		return false
	}
	w.stamp[n.ID] = w.now
	return true
}

// Topo returns the nodes below the roots, operands before their users, each
// once, in an order that depends only on the roots. All roots are of one
// Builder.
func Topo(roots ...*Node) []*Node { return TopoBelow(nil, roots...) }

// TopoBelow is Topo without the nodes that done holds of and what is below
// only them; done may be nil.
func TopoBelow(done func(*Node) bool, roots ...*Node) []*Node {
	w := walks.Get().(*walk)
	if w.now++; w.now == 0 { // after 2³² walks
		clear(w.stamp)
		w.now = 1
	}
	for _, r := range roots {
		if !w.see(r) || done != nil && done(r) {
			continue
		}
		w.stack = append(w.stack, frame{r, 0})
		for len(w.stack) > 0 {
			f := &w.stack[len(w.stack)-1]
			if f.i < len(f.n.Args) {
				a := f.n.Args[f.i]
				f.i++
				if w.see(a) && (done == nil || !done(a)) {
					w.stack = append(w.stack, frame{a, 0})
				}
				continue
			}
			w.out = append(w.out, f.n)
			f.n = nil // keeps no derivation alive
			w.stack = w.stack[:len(w.stack)-1]
		}
	}
	out := append([]*Node(nil), w.out...)
	clear(w.out)
	w.out = w.out[:0]
	walks.Put(w)
	return out
}
