package draw

import (
	"fmt"
	"math"
	"strings"
)

const fonts = `font-family="'DejaVu Sans', 'Noto Sans Math', 'Segoe UI', Arial, sans-serif"`

// picture collects the elements of an SVG.
type picture struct {
	strings.Builder
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// open begins an SVG of that size, with a background of its own, so that it
// reads on dark pages too.
func (p *picture) open(w, h float64, title string) {
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" %s font-size="%d" fill="#1b1f24">`+"\n", w, h, w, h, fonts, fontSize)
	fmt.Fprintf(p, "<title>%s</title>\n", escape(title))
	fmt.Fprintf(p, `<rect width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", w, h)
}

func (p *picture) close() string {
	p.WriteString("</svg>\n")
	return p.String()
}

// text writes a line; more holds further attributes.
func (p *picture) text(x, y float64, more, s string) {
	fmt.Fprintf(p, `<text x="%.1f" y="%.1f" %s>%s</text>`+"\n", x, y, more, math2svg(s))
}

// math2svg sets subscripts: x_4 and W_1 as a base with small figures below.
// What a terminal shows as x_4 is a subscript here.
func math2svg(s string) string {
	var out strings.Builder
	rs := []rune(s)
	for i := 0; i < len(rs); i++ {
		if rs[i] != '_' || i == 0 || i+1 == len(rs) {
			out.WriteString(escape(string(rs[i])))
			continue
		}
		j := i + 1
		for j < len(rs) && (rs[j] >= '0' && rs[j] <= '9' || rs[j] >= 'a' && rs[j] <= 'z' || rs[j] >= 'A' && rs[j] <= 'Z') {
			j++
		}
		if j == i+1 {
			out.WriteByte('_')
			continue
		}
		out.WriteString(`<tspan dy="3.5" font-size="75%">` + escape(string(rs[i+1:j])) + `</tspan><tspan dy="-3.5">&#8203;</tspan>`)
		i = j - 1
	}
	return out.String()
}

// SVG draws the graph from top to bottom: inputs blue, the objective yellow,
// the shape of each value on its edges.
func (g *Graph) SVG() string {
	if len(g.Nodes) == 0 {
		p := &picture{}
		p.open(2*margin, 2*margin, g.Title)
		return p.close()
	}
	l := newLayout(g)
	w, h := charW*float64(width(g.Title)), 0.0
	for _, v := range l.vs {
		w, h = math.Max(w, v.x+v.w/2), math.Max(h, v.y+v.h/2)
	}
	p := &picture{}
	p.open(w+2*margin, h+margin, g.Title)
	p.WriteString(`<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,1 L9,5 L0,9 z" fill="#57606a"/></marker></defs>` + "\n")
	p.text(margin, margin+4, `font-weight="bold"`, g.Title)
	labels := l.edges(p)
	for _, v := range l.vs {
		if v.node >= 0 {
			l.node(p, v)
		}
	}
	for _, s := range labels {
		p.WriteString(s)
	}
	return p.close()
}

func (l *layout) node(p *picture, v *vertex) {
	n := l.g.Nodes[v.node]
	fill, line := "#f6f8fa", "#8c959f"
	switch {
	case n.Last:
		fill, line = "#fff3d6", "#bf8700"
	case n.Input:
		fill, line = "#e3efff", "#3a76c4"
	}
	fmt.Fprintf(p, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="8" fill="%s" stroke="%s" stroke-width="1.3"/>`+"\n", v.x-v.w/2, v.y-v.h/2, v.w, v.h, fill, line)
	y := v.y - v.h/2 + padY + fontSize
	p.text(v.x, y, `text-anchor="middle"`, caption(n))
	for _, s := range n.Notes {
		y += lineH
		p.text(v.x, y, `text-anchor="middle" font-size="12" fill="#9a3412"`, s)
	}
}

// edges draws the curves and returns the labels, which are written over them.
func (l *layout) edges(p *picture) []string {
	var labels []string
	for i, e := range l.g.Edges {
		path := l.paths[i]
		from, to := l.vs[e.From], l.vs[e.To]
		x, y := from.x+port(from, l.rankOut(i), l.uses(e.From, true)), from.y+from.h/2
		var d strings.Builder
		fmt.Fprintf(&d, "M%.1f,%.1f", x, y)
		labelX, labelY := 0.0, 0.0
		for k, u := range path[1:] {
			v := l.vs[u]
			tx, ty := v.x, v.y
			if u == e.To {
				tx, ty = to.x+port(to, l.rankIn(i), l.uses(e.To, false)), to.y-to.h/2-2
			}
			mid := (y + ty) / 2
			fmt.Fprintf(&d, " C%.1f,%.1f %.1f,%.1f %.1f,%.1f", x, mid, tx, mid, tx, ty)
			if k == 0 {
				labelX, labelY = x+(tx-x)*0.32, y+gapY*0.40
			}
			x, y = tx, ty
		}
		fmt.Fprintf(p, `<path d="%s" fill="none" stroke="#57606a" stroke-width="1.3" marker-end="url(#arrow)"/>`+"\n", d.String())
		if e.Label == "" {
			continue
		}
		w := 6.6*float64(width(e.Label)) + 6
		labels = append(labels, fmt.Sprintf(`<rect x="%.1f" y="%.1f" width="%.1f" height="15" fill="#ffffff" fill-opacity="0.9"/><text x="%.1f" y="%.1f" text-anchor="middle" font-size="11" fill="#57606a">%s</text>`+"\n", labelX-w/2, labelY-11, w, labelX, labelY, escape(e.Label)))
	}
	return labels
}

// uses counts the edges at one side of a box.
func (l *layout) uses(node int, out bool) int {
	n := 0
	for _, e := range l.g.Edges {
		if out && e.From == node || !out && e.To == node {
			n++
		}
	}
	return n
}

// rankIn is the place of an edge among those that come into its user, from
// left to right.
func (l *layout) rankIn(i int) int {
	at := func(k int) float64 { p := l.paths[k]; return l.vs[p[len(p)-2]].x }
	n := 0
	for k, e := range l.g.Edges {
		if e.To == l.g.Edges[i].To && (at(k) < at(i) || at(k) == at(i) && k < i) {
			n++
		}
	}
	return n
}

// rankOut is the place of an edge among those that leave its operand.
func (l *layout) rankOut(i int) int {
	at := func(k int) float64 { return l.vs[l.paths[k][1]].x }
	n := 0
	for k, e := range l.g.Edges {
		if e.From == l.g.Edges[i].From && (at(k) < at(i) || at(k) == at(i) && k < i) {
			n++
		}
	}
	return n
}

// port is where edge k of n meets the side of a box, from its middle.
func port(v *vertex, k, n int) float64 {
	if n < 2 {
		return 0
	}
	span := math.Min(v.w-24, 26*float64(n-1))
	return -span/2 + span*float64(k)/float64(n-1)
}
