package render

import (
	"regexp"
	"strconv"
	"strings"
)

// LaTeX prints d as paragraphs with align* environments, to be put into a
// document that loads amsmath.
func (d *Doc) LaTeX(opt Options) string {
	pr := NewPrinter(LaTeX, d.Names...)
	out := &page{}
	align(out, d.program(NewPrinter(LaTeX, d.Names...)), nil)
	d.where(out, pr)
	if opt.Steps && len(d.Steps) > 0 {
		rows, tails := d.stepRows(pr)
		align(out, rows, tails)
	}
	if parts := d.parts(); len(parts) > 0 {
		var rows [][2]string
		for _, e := range parts {
			rows = append(rows, [2]string{pr.Name(e.Name), pr.is(e) + pr.Expr(e.Node) + pr.span(e.Range)})
		}
		align(out, rows, nil)
	}
	if l, r := d.differential(NewPrinter(LaTeX, d.Names...)); l != "" {
		align(out, [][2]string{{l, r}}, nil)
	}
	if len(d.Gradients) > 0 {
		rows, tails := d.gradientRows(pr)
		for i, t := range tails {
			if t != "" {
				tails[i] = textTeX(t)
			}
		}
		align(out, rows, tails)
	}
	if s := d.summary(); s != "" {
		out.line("% " + s)
	}
	for _, n := range d.Notes {
		out.line("% note: " + n)
	}
	return out.String()
}

// where prints the shapes of the variables.
func (d *Doc) where(out *page, pr *Printer) {
	if len(d.Variables) > 0 {
		var vs []string
		for _, v := range d.Variables {
			vs = append(vs, "$"+d.member(pr, v.Name, pr.shape(v.Shape))+"$"+spaced(strings.Join(words(v), " ")))
		}
		for _, m := range d.Maps {
			vs = append(vs, "$"+pr.mapping(m)+"$")
		}
		out.line("where " + strings.Join(vs, ", ") + ".")
	}
}

func (d *Doc) stepRows(pr *Printer) (rows [][2]string, tails []string) {
	prev := ""
	said := newRemarks(pr)
	for _, s := range d.Steps {
		lhs := ""
		if s.Lhs != nil {
			lhs = pr.Expr(s.Lhs)
		}
		shown := lhs
		if lhs == prev {
			shown = ""
		}
		prev = lhs
		rows = append(rows, [2]string{shown, pr.Expr(s.Rhs)})
		tails = append(tails, joinText(said.reason(s, textTeX, plainText)))
	}
	return rows, tails
}

func (d *Doc) gradientRows(pr *Printer) (rows [][2]string, tails []string) {
	for _, g := range d.Gradients {
		rows = append(rows, [2]string{pr.derivative(d.of(), g.Wrt), pr.gradient(g)})
		tails = append(tails, gradientTail(&page{}, g, d.Verification != nil))
	}
	return rows, tails
}

// member prints X \in \mathbb{R}^{N \times D}.
func (d *Doc) member(pr *Printer, name, shape string) string {
	s := pr.Name(name) + ` \in \mathbb{R}`
	if shape != "scalar" {
		s += "^{" + shape + "}"
	}
	return s
}

func align(out *page, rows [][2]string, tails []string) {
	out.line(`\begin{align*}`)
	for i, r := range rows {
		s := r[0] + " &= " + r[1]
		if i < len(tails) && tails[i] != "" {
			s += " && " + tails[i]
		}
		if i+1 < len(rows) {
			s += ` \\`
		}
		out.line(strings.TrimLeft(s, " "))
	}
	out.line(`\end{align*}`)
}

// textTwice are words in two groups; in the first no brace ends but its own.
var textTwice = regexp.MustCompile(`\\text\{([^{}]*)\}\\text\{`)

// joinText makes one group of words of several that follow each other.
func joinText(s string) string {
	for {
		t := textTwice.ReplaceAllString(s, `\text{$1`)
		if t == s {
			return s
		}
		s = t
	}
}

func textTeX(s string) string { return `\text{` + escapeTeX(s) + "}" }

var texEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, "_", `\_`, "%", `\%`, "&", `\&`, "#", `\#`, "$", `\$`, "{", `\{`, "}", `\}`, "^", `\^{}`, "~", `\~{}`)

// escapeTeX writes s for text mode, where formulas need their dollars.
func escapeTeX(s string) string {
	var out strings.Builder
	for _, r := range texEscapes.Replace(s) {
		switch c, greek := greekCommands[r]; {
		case greek:
			out.WriteString("$" + c + "$")
		case texSymbols[r] != "":
			out.WriteString("$" + texSymbols[r] + "$")
		default:
			out.WriteRune(r)
		}
	}
	return strings.ReplaceAll(out.String(), "$$", "")
}

var texSymbols = map[rune]string{
	'∂': `\partial `, 'ᵀ': `^{\top}`, '∘': `\circ `, '×': `\times `, '−': "-", '𝟏': `\mathbf{1}`, '⁻': "^{-}", '¹': "^{1}", '²': "^{2}",
	'≥': `\geq `, '≤': `\leq `, '→': `\to `, '‖': `\|`, '∇': `\nabla `, 'Σ': `\Sigma `, '∞': `\infty `,
}

// Markdown prints d with headings, a table of variables and LaTeX formulas.
func (d *Doc) Markdown(opt Options) string {
	pr := NewPrinter(LaTeX, d.Names...)
	out := &page{}
	out.line("## Objective")
	out.gap()
	for _, r := range d.program(NewPrinter(LaTeX, d.Names...)) {
		display(out, r[0]+" = "+r[1], "")
	}
	if len(d.Variables) > 0 {
		out.line("| variable | shape | properties | |")
		out.line("|---|---|---|---|")
		for _, v := range d.Variables {
			how := "declared"
			if v.Inferred {
				how = "inferred"
			}
			shape := pr.shape(v.Shape)
			if shape != "scalar" {
				shape = "$" + shape + "$"
			}
			out.line("| $" + pr.Name(v.Name) + "$ | " + shape + " | " + strings.Join(words(v), " ") + " | " + how + " |")
		}
		for _, m := range d.Maps {
			out.line("| $" + pr.Name(m.Name) + "$ | $" + strings.TrimPrefix(pr.mapping(m), pr.Name(m.Name)+": ") + "$ | no formula | " + map[bool]string{true: "inferred", false: "declared"}[m.Inferred] + " |")
		}
		out.gap()
	}
	if opt.Steps && len(d.Steps) > 0 {
		out.line("## Derivation")
		out.gap()
		said := newRemarks(pr)
		for i, s := range d.Steps {
			why := said.reason(s, plainText, func(f string) string { return "$" + f + "$" })
			if why != "" {
				why = " — " + why
			}
			out.line(strconv.Itoa(i+1) + ". $" + pr.step(s) + "$" + why)
		}
		out.gap()
	}
	if len(d.Gradients) > 0 {
		out.line("## Gradients")
		out.gap()
	}
	for _, e := range d.parts() {
		display(out, pr.Name(e.Name)+" = "+pr.is(e)+pr.Expr(e.Node)+pr.span(e.Range), "")
	}
	if l, r := d.differential(NewPrinter(LaTeX, d.Names...)); l != "" {
		display(out, l+" = "+r, "")
	}
	rows, tails := d.gradientRows(pr)
	for i, r := range rows {
		display(out, r[0]+" = "+r[1], tails[i])
	}
	if s := d.summary(); s != "" {
		out.line(strings.ToUpper(s[:1]) + s[1:] + ".")
		out.gap()
	}
	if len(d.Notes) > 0 {
		out.line("## Notes")
		out.gap()
		for _, n := range d.Notes {
			out.line("- " + n)
		}
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

func display(out *page, formula, tail string) {
	out.line("$$" + formula + "$$")
	if tail != "" {
		out.gap()
		out.line(tail)
	}
	out.gap()
}

func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}
