package render

import (
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// Networks of symbolic depth: names carry a level, W^{l+1}, and an equation
// holds for a run of them.

// Range is a run of levels, l = 0…L-1.
type Range struct{ Index, From, To string }

// Summand is a part of a gradient, summed over a run of levels where Over says
// so.
type Summand struct {
	By   *expr.Node // a factor before the sum, nil for none
	Node *expr.Node
	Over *Range
}

// span prints ", l = 0…L−1" to stand behind an equation; nothing for nil.
func (p *Printer) span(r *Range) string {
	if r == nil {
		return ""
	}
	switch p.style {
	case ASCII:
		return ", " + r.Index + " = " + r.From + ".." + r.To
	case LaTeX:
		return `, \quad ` + r.Index + " = " + r.From + `, \dots, ` + r.To
	}
	return ",   " + r.Index + " = " + minus(r.From) + "…" + minus(r.To)
}

// text is "l = 0…L-1"; nothing for nil.
func (r *Range) text() string {
	if r == nil {
		return ""
	}
	return r.Index + " = " + r.From + "…" + r.To
}

func (p *Printer) gradientAlone(g Gradient) string {
	g.Range = nil
	return p.gradient(g)
}

func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// gradient prints the right side of a gradient.
func (p *Printer) gradient(g Gradient) string {
	if g.Sum == nil {
		return p.Expr(g.Node) + p.span(g.Range)
	}
	return p.summands(g.Sum) + p.span(g.Range)
}

// summands prints Σ_{t=1}^T δ^t (h^{t−1})ᵀ + 2 λ W.
func (p *Printer) summands(parts []Summand) string {
	var out strings.Builder
	for i, s := range parts {
		t, by := p.tree(s.Node), ""
		w := writer{style: p.style}
		negative := t.form == fNeg
		if negative {
			t = t.kids[0]
		}
		if s.By != nil {
			c := p.tree(s.By)
			if c.form == fNeg {
				negative, c = !negative, c.kids[0]
			}
			if c.text != "1" {
				factor := writer{style: p.style}
				factor.put(c, ast.LevelProduct)
				by = factor.out.String() + map[Style]string{Text: " ", ASCII: "*", LaTeX: " "}[p.style]
			}
		}
		switch {
		case negative && i == 0:
			out.WriteString(signs[p.style].unary)
		case negative:
			out.WriteString(signs[p.style].minus)
		case i > 0:
			out.WriteString(" + ")
		}
		out.WriteString(by)
		if s.Over != nil {
			switch p.style {
			case LaTeX:
				out.WriteString(`\sum_{` + s.Over.Index + "=" + s.Over.From + "}^{" + s.Over.To + "} ")
			case ASCII:
				out.WriteString("sum_{" + s.Over.Index + "=" + s.Over.From + "}^{" + s.Over.To + "} ")
			default:
				out.WriteString("Σ_{" + s.Over.Index + "=" + s.Over.From + "}^" + braces(minus(s.Over.To)) + " ")
			}
		}
		w.put(t, ast.LevelUnary+1)
		out.WriteString(w.out.String())
	}
	return out.String()
}

func braces(s string) string {
	if len(s) > 1 {
		return "{" + s + "}"
	}
	return s
}

// is prints "∂Q/∂z^l = ", what an equation names, before its value.
func (p *Printer) is(e Equation) string {
	if e.Is == "" || p.style == ASCII || e.Node.Op == expr.OpVar && e.Node.Var.Name == e.Is {
		return ""
	}
	return p.Expr(expr.NewBuilder().Var(&expr.Var{Name: e.Is, Kind: expr.Adjoint, Shape: e.Node.Shape})) + " = "
}

// right prints the right side of an equation.
func (p *Printer) right(e Equation) string {
	if e.Sum != nil {
		return p.summands(e.Sum)
	}
	return p.Expr(e.typed())
}

// leveledName takes W^{l+1} apart.
func leveledName(name string) (base, level string, ok bool) {
	base, level, ok = strings.Cut(name, "^")
	return base, strings.Trim(level, "{}"), ok
}

// name lays out a name. One with a level above the line takes brackets where
// a power or a transpose follows: (W^{l+1})ᵀ.
func (p *Printer) name(name string) *tree {
	t := leaf(fName, spell(name, p.style))
	if strings.Contains(name, "^") {
		t.level = ast.LevelPostfix
	}
	return t
}

// depths says at which depths a result was tried: "written out for L = 2, 3
// and 5, ".
func (v *Verification) depths() string {
	if len(v.Depths) == 0 {
		return ""
	}
	s := ""
	for i, d := range v.Depths {
		switch {
		case i == 0:
		case i == len(v.Depths)-1:
			s += " and "
		default:
			s += ", "
		}
		s += strconv.Itoa(d)
	}
	return " for " + v.Depth + " = " + s + ","
}
