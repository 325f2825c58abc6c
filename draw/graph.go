// Package draw draws pictures without other programs: computational graphs,
// as SVG and for Graphviz, and curves on logarithmic axes.
//
//	Graph ──layers──▶ order ──place──▶ boxes, curves ──▶ SVG
//	      ───────────────────────────────────────────▶ DOT
//
// The same input gives the same bytes.
package draw

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// Graph is a computational graph. Edges go from an operand to its user.
type Graph struct {
	Title string
	Nodes []Node
	Edges []Edge
}

// Node is a value: an input or an operation.
type Node struct {
	Name  string   // "x_4"
	Is    string   // "x_1 x_2", "" for an input
	Notes []string // beside the node: its adjoint, its value
	Input bool
	Last  bool // the objective
}

// Edge is the use of a value.
type Edge struct {
	From, To int
	Label    string // the shape
}

// Width counts the columns of a text; combining marks take none.
func width(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.Is(unicode.Mn, r) {
			n++
		}
	}
	return n
}

// DOT writes the graph for Graphviz.
func (g *Graph) DOT() string {
	var out strings.Builder
	out.WriteString("digraph {\n  rankdir=TB;\n  label=" + quoted(g.Title) + ";\n  labelloc=t;\n")
	out.WriteString("  bgcolor=\"white\";\n  node [shape=box, style=\"rounded,filled\", fillcolor=\"white\", fontname=\"DejaVu Sans\"];\n  edge [fontname=\"DejaVu Sans\", fontsize=10];\n")
	for i, n := range g.Nodes {
		label := n.Name
		if n.Is != "" {
			label += " = " + n.Is
		}
		for _, s := range n.Notes {
			label += "\n" + s
		}
		style := ""
		switch {
		case n.Input:
			style = `, fillcolor="#e8f0fe"`
		case n.Last:
			style = `, fillcolor="#fef3dc"`
		}
		fmt.Fprintf(&out, "  n%d [label=%s%s];\n", i, quoted(label), style)
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&out, "  n%d -> n%d [label=%s];\n", e.From, e.To, quoted(e.Label))
	}
	out.WriteString("}\n")
	return out.String()
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// The measures of the picture, in pixels.
const (
	fontSize = 14
	charW    = 8.6 // of the widest letters of the fonts named, so that texts stay inside
	smallW   = 7.4
	lineH    = 19
	padX     = 14
	padY     = 9
	gapX     = 44
	gapY     = 62
	margin   = 28
)

// vertex is a node or a bend of a long edge in the layered picture.
type vertex struct {
	node     int // -1 for a bend
	layer    int
	w, h     float64
	x, y     float64 // the middle
	up, down []int
}

// layout is a layered drawing: operands above their users.
type layout struct {
	g      *Graph
	vs     []*vertex
	layers [][]int
	paths  [][]int // per edge: the vertices from operand to user
}

// newLayout places the graph.
func newLayout(g *Graph) *layout {
	l := &layout{g: g}
	l.rank()
	l.bends()
	l.order()
	l.place()
	return l
}

// rank gives each node its layer: inputs just above their first user, an
// operation below all of its operands.
func (l *layout) rank() {
	g := l.g
	rank := make([]int, len(g.Nodes))
	for _, e := range g.Edges { // edges are in the order of their users
		rank[e.To] = max(rank[e.To], rank[e.From]+1)
	}
	for changed := true; changed; {
		changed = false
		for _, e := range g.Edges {
			if r := rank[e.From] + 1; r > rank[e.To] {
				rank[e.To], changed = r, true
			}
		}
	}
	first := make([]int, len(g.Nodes))
	for i := range first {
		first[i] = -1
	}
	for _, e := range g.Edges {
		if f := first[e.From]; f < 0 || rank[e.To] < f {
			first[e.From] = rank[e.To]
		}
	}
	for i, n := range g.Nodes {
		if n.Input && first[i] > 0 {
			rank[i] = first[i] - 1
		}
		l.vs = append(l.vs, l.box(i, rank[i]))
	}
}

func (l *layout) box(i, layer int) *vertex {
	n := l.g.Nodes[i]
	w := charW * float64(width(caption(n)))
	for _, s := range n.Notes {
		w = max(w, smallW*float64(width(s)))
	}
	return &vertex{node: i, layer: layer, w: w + 2*padX, h: float64(lineH*(1+len(n.Notes))) + 2*padY}
}

func caption(n Node) string {
	if n.Is == "" {
		return n.Name
	}
	return n.Name + " = " + n.Is
}

// bends splits the edges that cross layers.
func (l *layout) bends() {
	for _, e := range l.g.Edges {
		path := []int{e.From}
		for k := l.vs[e.From].layer + 1; k < l.vs[e.To].layer; k++ {
			path = append(path, len(l.vs))
			l.vs = append(l.vs, &vertex{node: -1, layer: k, w: 10})
		}
		path = append(path, e.To)
		for i := 1; i < len(path); i++ {
			a, b := path[i-1], path[i]
			l.vs[a].down = append(l.vs[a].down, b)
			l.vs[b].up = append(l.vs[b].up, a)
		}
		l.paths = append(l.paths, path)
	}
	for i, v := range l.vs {
		for len(l.layers) <= v.layer {
			l.layers = append(l.layers, nil)
		}
		l.layers[v.layer] = append(l.layers[v.layer], i)
	}
}

// order reduces crossings: each vertex moves to the mean place of its
// neighbours, in sweeps down and up; the best order found is kept.
func (l *layout) order() {
	best, least := l.snapshot(), l.crossings()
	for sweep := 0; sweep < 24 && least > 0; sweep++ {
		down := sweep%2 == 0
		for k := range l.layers {
			at := k
			if !down {
				at = len(l.layers) - 1 - k
			}
			l.sortLayer(at, down)
		}
		if c := l.crossings(); c < least {
			best, least = l.snapshot(), c
		}
	}
	l.layers = best
}

func (l *layout) snapshot() [][]int {
	out := make([][]int, len(l.layers))
	for i, x := range l.layers {
		out[i] = append([]int(nil), x...)
	}
	return out
}

func (l *layout) positions() []int {
	pos := make([]int, len(l.vs))
	for _, layer := range l.layers {
		for i, v := range layer {
			pos[v] = i
		}
	}
	return pos
}

func (l *layout) sortLayer(at int, down bool) {
	pos := l.positions()
	mean := make(map[int]float64)
	for _, v := range l.layers[at] {
		near := l.vs[v].up
		if !down {
			near = l.vs[v].down
		}
		m := float64(pos[v])
		if len(near) > 0 {
			m = 0
			for _, u := range near {
				m += float64(pos[u])
			}
			m /= float64(len(near))
		}
		mean[v] = m
	}
	sort.SliceStable(l.layers[at], func(i, j int) bool { return mean[l.layers[at][i]] < mean[l.layers[at][j]] })
}

// crossings counts the pairs of edges that cross between neighbouring layers.
func (l *layout) crossings() int {
	pos := l.positions()
	n := 0
	for _, layer := range l.layers {
		var ends [][2]int
		for i, v := range layer {
			for _, u := range l.vs[v].down {
				ends = append(ends, [2]int{i, pos[u]})
			}
		}
		if len(ends) > 400 {
			return 1 << 30 // not counted: any order will do
		}
		for i, a := range ends {
			for _, b := range ends[:i] {
				if (a[0]-b[0])*(a[1]-b[1]) < 0 {
					n++
				}
			}
		}
	}
	return n
}

// place gives coordinates: layers below one another, each vertex as near to
// the middle of its neighbours as those beside it allow.
func (l *layout) place() {
	y := float64(margin + lineH + 14)
	for _, layer := range l.layers {
		h := 0.0
		for _, v := range layer {
			h = max(h, l.vs[v].h)
		}
		x := float64(margin)
		for _, v := range layer {
			l.vs[v].y = y + h/2
			l.vs[v].x = x + l.vs[v].w/2
			x += l.vs[v].w + gapX
		}
		y += h + gapY
	}
	for sweep := 0; sweep < 40; sweep++ {
		down := sweep%2 == 0
		for k := range l.layers {
			at := k
			if !down {
				at = len(l.layers) - 1 - k
			}
			l.settle(l.layers[at], down, sweep > 30)
		}
	}
	left := l.vs[0].x
	for _, v := range l.vs {
		left = min(left, v.x-v.w/2)
	}
	for _, v := range l.vs {
		v.x += margin - left
	}
}

// settle moves the vertices of a layer towards their neighbours, keeping their
// order and distance: blocks that would overlap move as one.
func (l *layout) settle(layer []int, down, both bool) {
	type block struct {
		from, to  int     // of the layer
		sum       float64 // of wished places of the block's left end
		n         float64
		left, len float64
	}
	var blocks []block
	for i, v := range layer {
		x := l.vs[v]
		near := x.up
		if !down {
			near = x.down
		}
		if both {
			near = append(append([]int(nil), x.up...), x.down...)
		}
		want, weight := x.x, 0.01
		if len(near) > 0 {
			want, weight = l.wish(near), 1
			if x.node < 0 {
				weight = 3 // long edges run straight
			}
		}
		w := want - x.w/2
		b := block{i, i, w * weight, weight, w, x.w + gapX}
		for len(blocks) > 0 {
			p := blocks[len(blocks)-1]
			if p.left+p.len <= b.left {
				break
			}
			b = block{p.from, b.to, p.sum + b.sum - p.len*b.n, p.n + b.n, 0, p.len + b.len}
			b.left = b.sum / b.n
			blocks = blocks[:len(blocks)-1]
		}
		blocks = append(blocks, b)
	}
	for _, b := range blocks {
		x := b.left
		for i := b.from; i <= b.to; i++ {
			v := l.vs[layer[i]]
			v.x = x + v.w/2
			x += v.w + gapX
		}
	}
}

// wish is the middle of the neighbours; inputs pull little, so that the chain
// of operations runs straight down.
func (l *layout) wish(near []int) float64 {
	sum, n := 0.0, 0.0
	for _, u := range near {
		w := 1.0
		if i := l.vs[u].node; i >= 0 && l.g.Nodes[i].Input {
			w = 0.1
		}
		sum, n = sum+w*l.vs[u].x, n+w
	}
	return sum / n
}
