package render

import (
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// LaTeX prints t as paragraphs with align* environments.
func (t *Trace) LaTeX(opt Options) string {
	out := &page{}
	pr := NewPrinter(LaTeX, t.Names...)
	align(out, t.program(NewPrinter(LaTeX, t.Names...)), nil)
	t.where(out, pr)
	rows := make([][2]string, 0, len(t.Lines))
	var tails []string
	for _, l := range t.Lines {
		name, op, _ := strings.Cut(pr.operation(l), " = ")
		tail := ""
		if l.Input {
			if l.Value == nil {
				continue
			}
			op = latexValue(l.Value)
		} else {
			for _, d := range l.Local {
				tail += " && " + pr.equality(d)
			}
			if l.Value != nil {
				op += " = " + latexValue(l.Value)
			}
		}
		rows = append(rows, [2]string{name, op})
		tails = append(tails, tail)
	}
	alignMath(out, rows, tails)
	for _, p := range t.Passes {
		out.line(`\paragraph{` + latexTitle(p.Title) + "}")
		rows, tails := rows[:0:0], tails[:0:0]
		for _, d := range p.Derivs {
			name, op, _ := strings.Cut(pr.equality(d), " = ")
			if op == "" {
				op = name
			}
			if d.Value != nil {
				op += " = " + latexValue(d.Value)
			}
			tail := ""
			if d.Note != "" {
				tail = ` && \text{` + escapeTeX(d.Note) + "}"
			}
			rows, tails = append(rows, [2]string{name, op}), append(tails, tail)
		}
		alignMath(out, rows, tails)
	}
	out.line(`\begin{tabular}{llll}`)
	for _, r := range t.costs() {
		out.line(escapeTeX(strings.Join(r, "\x00")) + ` \\`)
	}
	out.line(`\end{tabular}`)
	if s := t.summary(); s != "" {
		out.line("% " + s)
	}
	for _, n := range t.Notes {
		out.line("% note: " + n)
	}
	return strings.ReplaceAll(out.String(), "\x00", " & ")
}

// latexTitle sets the derivatives of a heading as formulas.
func latexTitle(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		if of, by, ok := strings.Cut(w, "/∂"); ok {
			by, comma := strings.CutSuffix(by, ",")
			w = `$\partial ` + strings.TrimSpace(spell(strings.TrimPrefix(of, "∂"), LaTeX)+`/\partial `+spell(by, LaTeX)) + "$"
			if comma {
				w += ","
			}
		} else if name, ok := strings.CutPrefix(w, "d"); ok && name != "" && i == len(words)-1 {
			w = "$d" + spell(name, LaTeX) + "$"
		}
		words[i] = w
	}
	return strings.Join(words, " ")
}

func alignMath(out *page, rows [][2]string, tails []string) {
	if len(rows) == 0 {
		return
	}
	out.line(`\begin{align*}`)
	for i, r := range rows {
		s := r[0] + " &= " + r[1] + tails[i]
		if i+1 < len(rows) {
			s += ` \\`
		}
		out.line(s)
	}
	out.line(`\end{align*}`)
}

// latexValue prints a number, or a matrix in brackets.
func latexValue(m *num.Mat) string {
	if len(m.Data) == 1 {
		return latexNumber(m.Data[0])
	}
	if len(m.Data) > maxShown {
		return `\text{` + strconv.Itoa(m.R) + "×" + strconv.Itoa(m.C) + "}"
	}
	var s strings.Builder
	s.WriteString(`\begin{bmatrix} `)
	for k, x := range m.Data {
		switch {
		case k == 0:
		case k%m.C == 0:
			s.WriteString(` \\ `)
		default:
			s.WriteString(" & ")
		}
		s.WriteString(latexNumber(x))
	}
	return s.String() + ` \end{bmatrix}`
}

func latexNumber(x float64) string {
	s := short(x)
	if m, e, ok := strings.Cut(s, "e"); ok {
		k, _ := strconv.Atoi(e)
		return m + ` \cdot 10^{` + strconv.Itoa(k) + "}"
	}
	return s
}

// Markdown prints t with tables of formulas.
func (t *Trace) Markdown(opt Options) string {
	out := &page{}
	pr := NewPrinter(LaTeX, t.Names...)
	out.line("## Objective")
	out.gap()
	for _, r := range t.program(NewPrinter(LaTeX, t.Names...)) {
		display(out, r[0]+" = "+r[1], "")
	}
	out.line("## Lines")
	out.gap()
	head, rule := "| line | shape |", "|---|---|"
	if t.At != "" {
		head, rule = head+" value |", rule+"---|"
	}
	out.line(head + " local derivatives |")
	out.line(rule + "---|")
	for _, l := range t.Lines {
		shape := pr.shape(l.Shape)
		if shape != "scalar" {
			shape = "$" + shape + "$"
		}
		s := "| $" + cell(pr.operation(l)) + "$ | " + shape + " |"
		if t.At != "" {
			s += " $" + latexValue(l.Value) + "$ |"
		}
		var local []string
		for _, d := range l.Local {
			local = append(local, "$"+cell(pr.equality(d))+"$")
		}
		out.line(s + " " + strings.Join(local, ", ") + " |")
	}
	for _, p := range t.Passes {
		out.gap()
		title := latexTitle(p.Title)
		out.line("## " + strings.ToUpper(title[:1]) + title[1:])
		out.gap()
		head, rule := "| line | derivative |", "|---|---|"
		if t.At != "" {
			head, rule = head+" value |", rule+"---|"
		}
		out.line(head)
		out.line(rule)
		for _, d := range p.Derivs {
			s := "| $" + pr.Name(d.Line) + "$ | $" + cell(pr.equality(d)) + "$"
			if d.Note != "" {
				s += " (" + d.Note + ")"
			}
			if t.At != "" {
				v := ""
				if d.Value != nil {
					v = "$" + latexValue(d.Value) + "$"
				}
				s += " | " + v
			}
			out.line(s + " |")
		}
	}
	out.gap()
	out.line("## Work")
	out.gap()
	for i, r := range t.costs() {
		out.line("| " + strings.Join(r, " | ") + " |")
		if i == 0 {
			out.line("|---|---|---|---|")
		}
	}
	if s := t.summary(); s != "" {
		out.gap()
		out.line(strings.ToUpper(s[:1]) + s[1:] + ".")
	}
	if len(t.Notes) > 0 {
		out.gap()
		out.line("## Notes")
		out.gap()
		for _, n := range t.Notes {
			out.line("- " + n)
		}
	}
	return out.String()
}

var bars = strings.NewReplacer(`\|`, `\Vert `, "|", `\vert `)

// cell is a formula within a table, whose bars would end the cell.
func cell(formula string) string { return bars.Replace(formula) }

func holdsAdjoint(n *expr.Node) bool {
	for _, x := range expr.Topo(n) {
		if x.Op == expr.OpVar && x.Var.Kind == expr.Adjoint {
			return true
		}
	}
	return false
}
