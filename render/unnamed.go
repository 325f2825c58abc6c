package render

import (
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// unnamed lays out a call of a function that the program does not define, or a
// derivative of it:
//
//	f(x, y)         the call
//	∂f/∂x           by an operand that has a name, f being applied once
//	f'(X w)         of one operand without a name; ∇f(X w) if f is a number
//	∂f(y, x)/∂x     where f is applied several times
func (p *Printer) unnamed(n *expr.Node, u *rules.Unnamed) *tree {
	shown := *n
	shown.Args = n.Args[:len(u.Args)]
	kids := p.arguments(&shown)
	name := spell(u.Name, p.style)
	if len(u.By) == 0 {
		return p.plainCall(name, kids...)
	}
	call := writer{style: p.style}
	call.put(p.plainCall(name, kids...), 0)
	if len(kids) == 1 && (u.Args[0] == "" || u.Many) {
		if gradient := len(u.By) == 1 && !u.Entry && n.Shape == n.Args[0].Shape && !n.IsScalar() && n.Args[1].IsScalar(); gradient && p.style != ASCII {
			nabla := map[Style]string{Text: "∇", LaTeX: `\nabla `}[p.style]
			return p.plainCall(nabla+name, kids...)
		}
		return p.plainCall(name+strings.Repeat("'", len(u.By)), kids...)
	}
	if doubled(u) {
		mark := map[Style]string{Text: "∂" + indices(u.By, subscripts.Replace), ASCII: "d" + indices(u.By, nil), LaTeX: `\partial_{` + indices(u.By, nil) + `} `}[p.style]
		return p.plainCall(mark+name, kids...)
	}
	of := name
	if u.Many {
		of = call.out.String()
	}
	order := ""
	if len(u.By) > 1 {
		order = strconv.Itoa(len(u.By))
	}
	var by []string
	for k := 0; k < len(u.By); {
		i, times := u.By[k], 0
		for ; k < len(u.By) && u.By[k] == i; k++ {
			times++
		}
		s := spell(u.Args[i], p.style)
		if u.Args[i] == "" {
			arg := writer{style: p.style}
			arg.put(kids[i], 0)
			s = "(" + arg.out.String() + ")"
		}
		if times > 1 {
			s += p.raised(strconv.Itoa(times))
		}
		by = append(by, s)
	}
	d := map[Style]string{Text: "∂", ASCII: "d", LaTeX: `\partial `}[p.style]
	if order != "" {
		order = p.raised(order)
	}
	over, under := strings.TrimSuffix(d, " ")+order+strings.Repeat(" ", strings.Count(d, " "))+of, d+strings.Join(by, d)
	if p.style == LaTeX {
		return p.derived(`\frac{` + over + "}{" + under + "}")
	}
	return p.derived(over + "/" + under)
}

// raised is a small exponent.
func (p *Printer) raised(digits string) string {
	switch p.style {
	case Text:
		return superscripts.Replace(digits)
	case LaTeX:
		return "^{" + digits + "}"
	}
	return "^" + digits
}

// DropIdle takes out the steps that say nothing where derivatives of functions
// stand as they are: ∂Q/∂z = ∂Q/∂z, and a line that prints as the next one.
func (d *Doc) DropIdle() {
	pr := NewPrinter(Text, d.Names...)
	var out []Step
	for _, s := range d.Steps {
		if s.Lhs != nil && pr.Expr(s.Lhs) == pr.Expr(s.Rhs) {
			continue
		}
		if k := len(out) - 1; k >= 0 && s.Lhs != nil && out[k].Lhs == s.Lhs && pr.Expr(out[k].Rhs) == pr.Expr(s.Rhs) {
			out = out[:k]
		}
		out = append(out, s)
	}
	d.Steps = out
}

// doubled tells f(x, x): ∂f/∂x does not say which.
func doubled(u *rules.Unnamed) bool {
	for _, i := range u.By {
		for j, name := range u.Args {
			if j != i && name == u.Args[i] && name != "" {
				return true
			}
		}
	}
	return false
}

var subscripts = strings.NewReplacer("0", "₀", "1", "₁", "2", "₂", "3", "₃", "4", "₄", "5", "₅", "6", "₆", "7", "₇", "8", "₈", "9", "₉")

func indices(by []int, small func(string) string) string {
	s := ""
	for _, i := range by {
		s += strconv.Itoa(i + 1)
	}
	if small != nil {
		return small(s)
	}
	return s
}
