package draw

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
)

// graphs are pictures of several shapes: a diamond, a ladder, a fan, a chain
// with an edge over many layers.
func graphs() map[string]*Graph {
	node := func(name string) Node {
		return Node{Name: name, Is: "a < b & c", Notes: []string{"∂f/∂" + name + " = 1/x_3"}}
	}
	gs := map[string]*Graph{"empty": {Title: "nothing"}, "one": {Nodes: []Node{{Name: "x", Input: true, Last: true}}}}
	add := func(name string, n int, edges ...[2]int) {
		g := &Graph{Title: name}
		for i := range n {
			x := node(fmt.Sprintf("v_%d", i))
			x.Input, x.Last = i < 2, i == n-1
			g.Nodes = append(g.Nodes, x)
		}
		for _, e := range edges {
			g.Edges = append(g.Edges, Edge{e[0], e[1], "N×K"})
		}
		gs[name] = g
	}
	add("diamond", 5, [2]int{0, 2}, [2]int{0, 3}, [2]int{1, 3}, [2]int{2, 4}, [2]int{3, 4})
	add("long", 7, [2]int{0, 2}, [2]int{1, 2}, [2]int{2, 3}, [2]int{3, 4}, [2]int{4, 5}, [2]int{0, 6}, [2]int{5, 6}, [2]int{2, 6})
	var fan [][2]int
	for i := 2; i < 20; i++ {
		fan = append(fan, [2]int{i % 2, i}, [2]int{i, 20})
	}
	add("fan", 21, fan...)
	var chain [][2]int
	for i := 2; i < 200; i++ {
		chain = append(chain, [2]int{i - 1, i})
	}
	add("chain", 200, chain...)
	return gs
}

// TestLayout: no two boxes touch, operands stand above their users, nothing
// leaves the picture.
func TestLayout(t *testing.T) {
	for name, g := range graphs() {
		if len(g.Nodes) == 0 {
			continue
		}
		l := newLayout(g)
		for i, a := range l.vs {
			if a.x-a.w/2 < margin-0.5 {
				t.Errorf("%s: vertex %d leaves the picture", name, i)
			}
			for j, b := range l.vs[:i] {
				if a.node < 0 || b.node < 0 {
					continue
				}
				if abs(a.x-b.x) < (a.w+b.w)/2+5 && abs(a.y-b.y) < (a.h+b.h)/2+5 {
					t.Errorf("%s: boxes %d and %d overlap", name, i, j)
				}
			}
		}
		for _, e := range g.Edges {
			if l.vs[e.From].y >= l.vs[e.To].y {
				t.Errorf("%s: %d stands below its user %d", name, e.From, e.To)
			}
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

// TestSVG: pictures are well-formed, have a background, and come out the same
// twice.
func TestSVG(t *testing.T) {
	pictures := map[string]func() string{
		"plot": (&Plot{Title: "a & b", Points: [][2]float64{{1e-1, 1e-3}, {1e-2, 1e-5}, {1e-3, 0}}, Best: 1, Mark: 1e-2, MarkText: "<",
			Slopes: []Slope{{"s", 0.1, 2, 1e-3, 1e-1}}}).SVG,
		"no points": (&Plot{Best: -1}).SVG,
	}
	for name, g := range graphs() {
		pictures[name] = g.SVG
		if s := g.DOT(); !strings.HasPrefix(s, "digraph {") || s != g.DOT() {
			t.Errorf("%s: %s", name, s)
		}
	}
	for name, svg := range pictures {
		s := svg()
		if s != svg() {
			t.Errorf("%s: two pictures differ", name)
		}
		d := xml.NewDecoder(strings.NewReader(s))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("%s: %v\n%s", name, err, s)
				break
			}
		}
		if !strings.Contains(s, `fill="#ffffff"/>`) || strings.Contains(s, "NaN") {
			t.Errorf("%s: no background, or not a number:\n%s", name, s)
		}
	}
}
