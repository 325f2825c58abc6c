package draw

import (
	"fmt"
	"math"
	"strings"
)

// Plot is a curve of measured points on two logarithmic axes, with straight
// lines of a slope for comparison.
type Plot struct {
	Title, X, Y string
	Points      [][2]float64 // x, y > 0; others are left out
	Best        int          // the point to mark, -1 for none
	Mark        float64      // an x to mark, 0 for none
	MarkText    string
	Slopes      []Slope
}

// Slope is the line y = C x^K where it is drawn, for x in [From, To].
type Slope struct {
	Text     string
	C, K     float64
	From, To float64
}

// The frame of a plot, in pixels.
const (
	plotW, plotH        = 760.0, 500.0
	plotLeft, plotRight = 84.0, 30.0
	plotTop, plotBottom = 56.0, 64.0
)

// halo keeps a text legible over lines.
const halo = `paint-order="stroke" stroke="#ffffff" stroke-width="5"`

// axis maps the powers of ten from lo to hi to pixels.
type axis struct {
	lo, hi int
	a, b   float64 // pixels
}

func (x axis) at(v float64) float64 {
	return x.a + (math.Log10(v)-float64(x.lo))/float64(x.hi-x.lo)*(x.b-x.a)
}

func newAxis(vs []float64, a, b float64) axis {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range vs {
		lo, hi = math.Min(lo, math.Log10(v)), math.Max(hi, math.Log10(v))
	}
	x := axis{int(math.Floor(lo + 1e-9)), int(math.Ceil(hi - 1e-9)), a, b}
	if x.hi == x.lo {
		x.hi++
	}
	return x
}

func power10(k int) string {
	digits := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	s := "10"
	if k < 0 {
		s, k = s+"⁻", -k
	}
	for _, r := range fmt.Sprint(k) {
		s += string(digits[r-'0'])
	}
	return s
}

// SVG draws the plot.
func (p *Plot) SVG() string {
	out := &picture{}
	out.open(plotW, plotH, p.Title)
	out.text(plotLeft, 28, `font-weight="bold"`, p.Title)
	var xs, ys []float64
	var pts [][2]float64
	best := -1
	for i, q := range p.Points {
		if q[0] > 0 && q[1] > 0 && !math.IsInf(q[1], 0) {
			if i == p.Best {
				best = len(pts)
			}
			pts = append(pts, q)
			xs, ys = append(xs, q[0]), append(ys, q[1])
		}
	}
	if len(pts) == 0 {
		out.text(plotLeft, plotH/2, "", "there is no point to draw")
		return out.close()
	}
	x, y := newAxis(xs, plotLeft, plotW-plotRight), newAxis(ys, plotH-plotBottom, plotTop)
	for k := x.lo; k <= x.hi; k++ {
		px := x.at(math.Pow10(k))
		fmt.Fprintf(out, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#e4e8ec"/>`+"\n", px, plotTop, px, plotH-plotBottom)
		out.text(px, plotH-plotBottom+19, `text-anchor="middle" font-size="12"`, power10(k))
	}
	step := 1 + (y.hi-y.lo)/12
	for k := y.lo; k <= y.hi; k += step {
		py := y.at(math.Pow10(k))
		fmt.Fprintf(out, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#e4e8ec"/>`+"\n", plotLeft, py, plotW-plotRight, py)
		out.text(plotLeft-8, py+4, `text-anchor="end" font-size="12"`, power10(k))
	}
	fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="none" stroke="#8c959f"/>`+"\n", plotLeft, plotTop, plotW-plotLeft-plotRight, plotH-plotTop-plotBottom)
	out.text((plotLeft+plotW-plotRight)/2, plotH-16, `text-anchor="middle"`, p.X)
	out.text(plotLeft, plotTop-9, `font-size="12"`, p.Y)
	p.slopes(out, x, y)
	if p.Mark > 0 {
		px := x.at(p.Mark)
		fmt.Fprintf(out, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#bf8700" stroke-width="1.5" stroke-dasharray="5 4"/>`+"\n", px, plotTop, px, plotH-plotBottom)
		out.text(px, plotTop-9, `text-anchor="middle" font-size="12" fill="#9a6700"`, p.MarkText)
	}
	var d strings.Builder
	for i, q := range pts {
		c := "L"
		if i == 0 {
			c = "M"
		}
		fmt.Fprintf(&d, "%s%.1f,%.1f ", c, x.at(q[0]), y.at(q[1]))
	}
	fmt.Fprintf(out, `<path d="%s" fill="none" stroke="#3a76c4" stroke-width="2"/>`+"\n", strings.TrimSpace(d.String()))
	for i, q := range pts {
		if i == best {
			fmt.Fprintf(out, `<circle cx="%.1f" cy="%.1f" r="7" fill="#bf8700"/>`+"\n", x.at(q[0]), y.at(q[1]))
			out.text(x.at(q[0])+12, y.at(q[1])+16, halo+` font-size="12" fill="#9a6700"`, "least error")
			continue
		}
		fmt.Fprintf(out, `<circle cx="%.1f" cy="%.1f" r="4" fill="#3a76c4"/>`+"\n", x.at(q[0]), y.at(q[1]))
	}
	return out.close()
}

// slopes draws the lines of comparison, cut to the frame.
func (p *Plot) slopes(out *picture, x, y axis) {
	for _, s := range p.Slopes {
		if !(s.C > 0) || math.IsInf(s.C, 0) {
			continue
		}
		inside := func(v float64) bool {
			l := math.Log10(s.C) + s.K*math.Log10(v)
			return l >= float64(y.lo)-1e-9 && l <= float64(y.hi)+1e-9
		}
		const n = 200
		first, last := 0.0, 0.0
		for i := 0; i <= n; i++ {
			v := s.From * math.Pow(s.To/s.From, float64(i)/n)
			if inside(v) {
				if first == 0 {
					first = v
				}
				last = v
			}
		}
		if first == 0 || first == last {
			continue
		}
		f := func(v float64) float64 { return s.C * math.Pow(v, s.K) }
		fmt.Fprintf(out, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#cf222e" stroke-width="1.3" stroke-dasharray="2 3"/>`+"\n", x.at(first), y.at(f(first)), x.at(last), y.at(f(last)))
		mid := math.Sqrt(first * last)
		px, py, anchor := x.at(mid)-10, y.at(f(mid))-8, "end"
		if s.K < 0 {
			px, anchor = x.at(mid)+10, "start"
		}
		out.text(px, py, fmt.Sprintf(`%s text-anchor="%s" font-size="12" fill="#a40e26"`, halo, anchor), s.Text)
	}
}
