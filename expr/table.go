package expr

// Table holds a value for nodes of one Builder, as a map does; the zero Table
// is empty. It is the right one where much of what the Builder makes gets an
// entry: a look-up is two steps and an entry no more than itself. A map is
// right for a few nodes of many, and where nodes of several Builders meet.
type Table[T any] struct {
	pages []*page[T]
	n     int
}

type page[T any] struct {
	has  uint64 // which entries are there
	vals [pageSize]T
}

// Get returns the value for n and whether there is one.
func (t *Table[T]) Get(n *Node) (v T, ok bool) {
	if i := n.ID >> pageBits; i < len(t.pages) && t.pages[i] != nil {
		k := n.ID & (pageSize - 1)
		return t.pages[i].vals[k], t.pages[i].has>>k&1 != 0
	}
	return v, false
}

// At returns the value for n, the zero value if there is none.
func (t *Table[T]) At(n *Node) T {
	v, _ := t.Get(n)
	return v
}

// Set makes v the value for n.
func (t *Table[T]) Set(n *Node, v T) {
	i, k := n.ID>>pageBits, n.ID&(pageSize-1)
	for i >= len(t.pages) {
		t.pages = append(t.pages, nil)
	}
	p := t.pages[i]
	if p == nil {
		p = new(page[T])
		t.pages[i] = p
	}
	if p.has>>k&1 == 0 {
		p.has |= 1 << k
		t.n++
	}
	p.vals[k] = v
}

// Delete removes the value for n.
func (t *Table[T]) Delete(n *Node) {
	if _, ok := t.Get(n); ok {
		p, k := t.pages[n.ID>>pageBits], n.ID&(pageSize-1)
		p.has &^= 1 << k
		t.n--
		var zero T
		p.vals[k] = zero
	}
}

// Len returns the number of entries.
func (t *Table[T]) Len() int { return t.n }
