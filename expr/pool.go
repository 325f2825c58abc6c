package expr

import (
	"fmt"
	"math/big"
)

// pool holds the nodes of a Builder and finds those that are there already.
//
// A derivation lives as long as its nodes do, and a collector walks all of them
// at each of its rounds. So they stand in pages, their operands too, and the
// hash table holds numbers: a node costs no object of its own.
type pool struct {
	pages [][]Node // of pageSize nodes, by ID
	cells []*Node  // room for operands
	slots []slot   // open addressing; a power of two, at most three quarters full
	used  int      // slots
	nodes int
}

const (
	pageBits = 6
	pageSize = 1 << pageBits
)

// few is how many operands of a sum or a product are gathered on the stack.
const few = 8

// slot is 1 more than the ID of a node, 0 for none, and bits of its hash.
type slot struct{ hash, id uint32 }

func newPool() pool { return pool{slots: make([]slot, 256)} }

func (p *pool) node(id int) *Node { return &p.pages[id>>pageBits][id&(pageSize-1)] }

// operands copies a list, so that callers gather operands where they like.
func (p *pool) operands(args []*Node) []*Node {
	if len(args) == 0 {
		return nil
	}
	if len(args) > cap(p.cells)-len(p.cells) {
		p.cells = make([]*Node, 0, max(len(args), 2*pageSize))
	}
	n := len(p.cells)
	p.cells = append(p.cells, args...)
	return p.cells[n:len(p.cells):len(p.cells)]
}

func (p *pool) grow() {
	old := p.slots
	p.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.id != 0 {
			i := int(s.hash) & (len(p.slots) - 1)
			for p.slots[i].id != 0 {
				i = (i + 1) & (len(p.slots) - 1)
			}
			p.slots[i] = s
		}
	}
}

func (p *pool) put(h uint32, n *Node) {
	if 4*p.used >= 3*len(p.slots) {
		p.grow()
	}
	i := int(h) & (len(p.slots) - 1)
	for p.slots[i].id != 0 {
		i = (i + 1) & (len(p.slots) - 1)
	}
	p.slots[i] = slot{h, uint32(n.ID + 1)}
	p.used++
}

// add makes a node of its own, without looking for it.
func (b *Builder) add(n Node) *Node {
	limit := b.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	if b.nodes >= limit {
		panic(&BudgetError{What: fmt.Sprintf("more than %d nodes", limit)})
	}
	if b.nodes == len(b.pages)<<pageBits {
		b.pages = append(b.pages, make([]Node, pageSize))
	}
	n.ID = b.nodes
	for _, a := range n.Args {
		n.HasD = n.HasD || a.HasD
	}
	out := b.node(n.ID)
	*out = n
	b.nodes++
	out.Props = inferProps(out)
	return out
}

// intern returns the node of that operator and these operands. One that is
// there already costs no allocation; the list stays the caller's. The shape
// follows from the operands.
func (b *Builder) intern(op Op, fn Fn, args []*Node, s Shape) *Node {
	b.ask()
	h := newHash(op)
	for _, a := range args {
		h.number(uint64(a.ID) + 0x9e3779b97f4a7c15)
	}
	if op == OpCall {
		h.text(fn.FnName())
	}
	sum := h.sum()
next:
	for i := int(sum) & (len(b.slots) - 1); b.slots[i].id != 0; i = (i + 1) & (len(b.slots) - 1) {
		if b.slots[i].hash != sum {
			continue
		}
		o := b.node(int(b.slots[i].id) - 1)
		if o.Op != op || len(o.Args) != len(args) || op == OpCall && (o.Fn.FnName() != fn.FnName() || o.Shape != s) {
			continue
		}
		for k, a := range args {
			if o.Args[k] != a {
				continue next
			}
		}
		return o
	}
	n := b.add(Node{Op: op, Fn: fn, Args: b.operands(args), Shape: s})
	b.put(sum, n)
	return n
}

// leaf is intern for a node without operands.
func (b *Builder) leaf(n Node) *Node {
	b.ask()
	h := newHash(n.Op)
	switch n.Op {
	case OpNum:
		h.integer(n.Num.Num())
		if !n.Num.IsInt() {
			h.integer(n.Num.Denom())
		}
	case OpSize:
		h.size(n.Dim)
	default:
		h.size(n.Shape.R)
		h.size(n.Shape.C)
	}
	sum := h.sum()
	for i := int(sum) & (len(b.slots) - 1); b.slots[i].id != 0; i = (i + 1) & (len(b.slots) - 1) {
		if b.slots[i].hash != sum {
			continue
		}
		o := b.node(int(b.slots[i].id) - 1)
		if o.Op == n.Op && o.Shape == n.Shape && o.Dim == n.Dim && (n.Op != OpNum || sameRat(o.Num, n.Num)) {
			return o
		}
	}
	out := b.add(n)
	b.put(sum, out)
	return out
}

// hash is FNV-1a with the high bits folded in.
type hash uint64

func newHash(op Op) hash {
	h := hash(14695981039346656037)
	h.number(uint64(op))
	return h
}

func (h *hash) number(x uint64) {
	*h = (*h ^ hash(x)) * 1099511628211
	*h ^= *h >> 29
}

func (h *hash) text(s string) {
	for i := 0; i < len(s); i++ {
		*h = (*h ^ hash(s[i])) * 1099511628211
	}
}

func (h *hash) integer(x *big.Int) {
	h.number(uint64(x.Sign()))
	for _, w := range x.Bits() {
		h.number(uint64(w))
	}
}

func (h *hash) size(d Dim) {
	h.number(uint64(d.K))
	h.text(d.Sym)
}

func (h hash) sum() uint32 { return uint32(h ^ h>>32) }

// sameRat compares without multiplying.
func sameRat(x, y *big.Rat) bool {
	if x.IsInt() || y.IsInt() {
		return x.IsInt() && y.IsInt() && x.Num().Cmp(y.Num()) == 0
	}
	return x.Num().Cmp(y.Num()) == 0 && x.Denom().Cmp(y.Denom()) == 0
}
