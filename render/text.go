package render

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// Options choose what a Doc prints.
type Options struct {
	Colour bool // ANSI colours, for a terminal
	Steps  bool // the derivation too
}

const (
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	reset = "\x1b[0m"
)

// maxInline is the longest form that is printed beside one with named parts.
const maxInline = 32

type page struct {
	strings.Builder
	colour bool
}

func (p *page) paint(colour, s string) string {
	if !p.colour || s == "" {
		return s
	}
	return colour + s + reset
}

func (p *page) line(s string) { p.WriteString(strings.TrimRight(s, " ") + "\n") }

// gap starts a new paragraph.
func (p *page) gap() {
	if p.Len() > 0 {
		p.WriteByte('\n')
	}
}

// Text prints d for a terminal: reading, shapes, steps, named parts, gradients
// aligned at their "=", the verification and the notes.
func (d *Doc) Text(opt Options) string {
	pr := NewPrinter(Text, d.Names...)
	out := &page{colour: opt.Colour}
	rows := d.program(NewPrinter(Text, d.Names...))
	for _, r := range rows[:len(rows)-1] {
		out.line(r[0] + " = " + r[1])
	}
	out.line(d.Reading(Text))
	if len(d.Variables) > 0 {
		out.gap()
		d.shapes(out, pr)
	}
	if opt.Steps && len(d.Steps) > 0 {
		out.gap()
		d.stepLines(out, pr)
	}
	if parts := d.parts(); len(parts) > 0 {
		out.gap()
		var rows [][2]string
		for _, e := range parts {
			rows = append(rows, [2]string{pr.Name(e.Name), pr.is(e) + pr.Expr(e.Node) + pr.span(e.Range)})
		}
		equations(out, rows, nil)
	}
	if l, r := d.differential(NewPrinter(Text, d.Names...)); l != "" {
		out.gap()
		out.line(out.paint(bold, l) + " = " + r)
	}
	if len(d.Gradients) > 0 {
		out.gap()
		var rows [][2]string
		var tails []string
		meter := NewMeter()
		for _, g := range d.Gradients {
			right := pr.gradient(g)
			if g.Inline != nil && meter.Length(g.Inline) <= maxInline { // the whole form too, where it is short
				if whole := pr.Expr(g.Inline); utf8.RuneCountInString(whole) <= maxInline {
					right += " = " + whole
				}
			}
			rows = append(rows, [2]string{pr.derivative(d.of(), g.Wrt), right})
			tails = append(tails, gradientTail(out, g, d.Verification != nil))
		}
		equations(out, rows, tails)
	}
	if s := d.summary(); s != "" {
		out.gap()
		colour := green
		if all, _, _ := d.verdicts(); !all {
			colour = red
		}
		out.line(out.paint(colour, s))
	}
	first := true
	for _, n := range d.Notes {
		if strings.HasPrefix(n, "inferred ") {
			continue // shown with the shapes
		}
		if first {
			out.gap()
			first = false
		}
		out.line(out.paint(faint, "note: "+n))
	}
	return out.String()
}

func gradientTail(out *page, g Gradient, verified bool) string {
	var parts []string
	if verified && !g.Verified {
		s := "not verified"
		if g.Reason != "" {
			s += ": " + strings.TrimPrefix(g.Reason, s+": ")
		}
		parts = append(parts, out.paint(red, s))
	}
	if g.Note != "" {
		parts = append(parts, out.paint(faint, g.Note))
	}
	return strings.Join(parts, "; ")
}

// shapes prints the declarations, those of one shape on one line, those
// inferred under their own heading.
func (d *Doc) shapes(out *page, pr *Printer) {
	for _, inferred := range []bool{false, true} {
		var groups []string
		seen := make(map[string]int)
		for _, v := range d.Variables {
			if v.Inferred != inferred {
				continue
			}
			name, rest, _ := strings.Cut(pr.Declaration(v), ": ")
			if i, ok := seen[rest]; ok {
				groups[i] = strings.Replace(groups[i], ": ", ", "+name+": ", 1)
				continue
			}
			seen[rest] = len(groups)
			groups = append(groups, name+": "+rest)
		}
		for _, m := range d.Maps {
			if m.Inferred == inferred {
				groups = append(groups, pr.mapping(m))
			}
		}
		if len(groups) == 0 {
			continue
		}
		head := "shapes   "
		if inferred {
			head = "inferred "
		}
		out.line(out.paint(faint, head) + strings.Join(groups, "   "))
	}
}

// equations prints rows aligned at "=", with remarks behind.
func equations(out *page, rows [][2]string, tails []string) {
	left := 0
	for _, r := range rows {
		left = max(left, width(r[0]))
	}
	for i, r := range rows {
		s := pad(r[0], left)
		s = out.paint(bold, s) + " = " + r[1]
		if i < len(tails) && tails[i] != "" {
			s += "   " + tails[i]
		}
		out.line(s)
	}
}

// stepLines prints the derivation, numbered, with the rule of each line. A
// left side that repeats is left blank, as a lecturer would.
func (d *Doc) stepLines(out *page, pr *Printer) {
	left, right := 0, 0
	type row struct{ lhs, rhs, why string }
	var rows []row
	prev := ""
	said := newRemarks(pr)
	for _, s := range d.Steps {
		r := row{rhs: pr.Expr(s.Rhs), why: said.reason(s, plainText, plainText)}
		if s.Lhs != nil {
			r.lhs = pr.Expr(s.Lhs)
		}
		shown := r.lhs
		if r.lhs == prev {
			shown = ""
		}
		prev, r.lhs = r.lhs, shown
		rows = append(rows, r)
		left = max(left, width(r.lhs))
		if w := width(r.rhs); w <= 56 {
			right = max(right, w)
		}
	}
	num := len(strconv.Itoa(len(rows)))
	for i, r := range rows {
		n := strconv.Itoa(i + 1)
		s := out.paint(faint, strings.Repeat(" ", num-len(n))+n) + "  " + pad(r.lhs, left) + " = "
		if r.why == "" {
			out.line(s + r.rhs)
			continue
		}
		out.line(s + pad(r.rhs, right) + "   " + out.paint(faint, r.why))
	}
}

// remarks writes the reasons of steps in one style. What was said of a rule is
// not said again.
type remarks struct {
	p    *Printer
	said map[string]bool
}

func newRemarks(p *Printer) *remarks { return &remarks{p, make(map[string]bool)} }

func plainText(s string) string { return s }

// reason is the rule, what it states in formulas, and the comment; words and
// formulas say how each is marked.
func (m *remarks) reason(s Step, words, formula func(string) string) string {
	var said []string
	for _, id := range s.Given {
		f := m.p.identity(id)
		if !m.said[f] {
			m.said[f] = true
			said = append(said, formula(f))
		}
	}
	if c := m.p.comment(s, words, formula); c != "" {
		said = append(said, c)
	}
	if len(said) == 0 {
		return words(s.Rule)
	}
	if s.Rule == "" {
		return strings.Join(said, words("; "))
	}
	return words(s.Rule+": ") + strings.Join(said, words("; "))
}

// comment puts the formulas into the words of a comment.
func (p *Printer) comment(s Step, words, formula func(string) string) string {
	var out strings.Builder
	for i, w := range strings.Split(s.Comment, "$") {
		if i > 0 && i <= len(s.About) {
			out.WriteString(formula(p.Expr(s.About[i-1])))
		}
		if w != "" {
			out.WriteString(words(w))
		}
	}
	return out.String()
}

// identity prints tr(A B C) = tr(C A B), or d log det(X) = tr(X⁻¹ dX).
func (p *Printer) identity(id Identity) string {
	left := ""
	if id.D != nil {
		left = p.operand(id.D, ast.LevelPostfix)
		if p.style == ASCII {
			left = "(" + p.Expr(id.D) + ")"
		}
		if !strings.HasPrefix(left, "(") {
			left = " " + left
		}
		left = "d" + left
	} else {
		left = p.Expr(id.Left)
	}
	return left + " = " + p.Expr(id.Right)
}

// width counts the columns that s takes; combining marks take none.
func width(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.Is(unicode.Mn, r) {
			n++
		}
	}
	return n
}

func pad(s string, n int) string {
	if w := width(s); w < n {
		return s + strings.Repeat(" ", n-w)
	}
	return s
}

// ASCII prints d as a program of the language: declarations, definitions,
// named parts, the objective and the gradients as claims; all else is comment.
func (d *Doc) ASCII(opt Options) string {
	pr := NewPrinter(ASCII, d.Names...)
	out := &page{}
	for _, v := range d.Variables {
		s := pr.Declaration(v)
		if v.Inferred {
			s += "  # inferred"
		}
		out.line(s)
	}
	for _, m := range d.Maps {
		s := pr.mapping(m)
		if m.Inferred {
			s += "  # inferred"
		}
		out.line(s)
	}
	rows := d.program(NewPrinter(ASCII, d.Names...))
	for _, r := range rows[:len(rows)-1] {
		out.line(r[0] + " = " + r[1])
	}
	// A definition cannot hold ∂Q/∂Z; such a part is written out. Parts that use
	// the value of the objective come after it.
	inline := false
	value := d.Objective.Name
	if value == "" {
		value = d.of()
	}
	late := map[string]bool{value: true}
	var after []Equation
	for _, e := range d.parts() {
		switch {
		case e.Name == value:
			continue
		case e.Is != "": // δ^L is the derivative of what comes first
			after = append(after, e)
			continue
		case d.Pullback && hasAdjoint(e.Node):
			inline = true
			continue
		case usesPart(e.Node, late):
			late[e.Name] = true
			after = append(after, e)
			continue
		}
		out.line(e.Name + " = " + pr.Expr(e.Node) + pr.span(e.Range))
	}
	last := rows[len(rows)-1]
	out.line(last[0] + " = " + last[1])
	for _, e := range after {
		out.line(pr.Name(e.Name) + " = " + pr.Expr(e.Node) + pr.span(e.Range))
	}
	if opt.Steps {
		said := newRemarks(pr)
		for i, s := range d.Steps {
			line := pr.Expr(s.Rhs)
			if s.Lhs != nil {
				line = pr.Expr(s.Lhs) + " = " + line
			}
			if why := said.reason(s, plainText, plainText); why != "" {
				line += "  # " + strconv.Itoa(i+1) + ": " + why
			}
			out.line(line)
		}
	}
	if l, r := d.differential(NewPrinter(ASCII, d.Names...)); l != "" {
		out.line(l + " = " + r)
	}
	for _, g := range d.Gradients {
		if inline && g.Inline != nil {
			g.Node = g.Inline
		}
		s := pr.derivative(d.of(), g.Wrt) + " = " + pr.gradient(g)
		if t := gradientTail(out, g, d.Verification != nil); t != "" {
			s += "  # " + t
		}
		out.line(s)
	}
	if s := d.summary(); s != "" {
		out.line("# " + s)
	}
	for _, n := range d.Notes {
		out.line("# note: " + n)
	}
	return out.String()
}

// hasAdjoint tells whether ∂Q/∂Z stands in n.
func hasAdjoint(n *expr.Node) bool {
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && (m.Var.Kind == expr.Adjoint || m.Var.Kind == expr.Part && m.Var.Of != nil && hasAdjoint(m.Var.Of)) {
			return true
		}
	}
	return false
}

// usesPart tells whether n is written with one of the parts named.
func usesPart(n *expr.Node, names map[string]bool) bool {
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Part && names[m.Var.Name] {
			return true
		}
	}
	return false
}

// shapePair is a shape as JSON gives it: rows, columns.
func shapePair(s expr.Shape) [2]string { return [2]string{s.R.String(), s.C.String()} }
