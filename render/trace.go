package render

import (
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Trace is the evaluation of an objective line by line, with the derivatives
// of forward or of reverse mode, ready to print in any format.
type Trace struct {
	*Doc   // the program and the verification; its gradients are not printed
	Mode   string
	At     string // the point as it was given, "" for none
	Lines  []TraceLine
	Passes []TracePass // forward: one a variable; reverse: one
	Costs  []TraceCost
	Check  string // what the values at the point were compared with
}

// TraceLine is an input or an elementary operation on the lines above it.
type TraceLine struct {
	Name, Alias string
	Input       bool
	Shape       expr.Shape
	Body        *expr.Node   // nil for an input
	Local       []TraceDeriv // ∂x_6/∂x_4 = x_5, or dZ = X dW
	Value       *num.Mat     // nil without a point
}

// TracePass is a pass over the lines.
type TracePass struct {
	Title  string // "∂/∂x_1", "adjoints ∂f/∂x, from the last line up"
	Wrt    string // forward
	Derivs []TraceDeriv
}

// TraceDeriv is a derivative: Symbol = Chain = Node.
type TraceDeriv struct {
	Line        string // the line it stands beside
	Symbol      *expr.Node
	Chain, Node *expr.Node // Chain is nil where it says no more than Node
	Note        string
	Value       *num.Mat
}

// TraceCost is what a mode costs; each field holds sizes as it is printed.
type TraceCost struct {
	Mode, Passes, Operations, Stored string
}

// grid aligns the columns of a table.
type grid [][]string

func (g grid) write(out *page, gap string) {
	var w []int
	for _, r := range g {
		for i, c := range r {
			if i == len(w) {
				w = append(w, 0)
			}
			w[i] = max(w[i], width(c))
		}
	}
	for _, r := range g {
		var s strings.Builder
		for i, c := range r {
			if i > 0 && w[i] > 0 {
				s.WriteString(gap)
			}
			s.WriteString(pad(c, w[i]))
		}
		out.line(s.String())
	}
}

// maxShown is the most entries of a matrix whose value is printed.
const maxShown = 12

// Number prints a value: 0.5, [1; 2], [1 2; 3 4].
func Number(m *num.Mat) string {
	if m == nil {
		return ""
	}
	if len(m.Data) == 1 {
		return short(m.Data[0])
	}
	var s strings.Builder
	s.WriteByte('[')
	for k, x := range m.Data {
		switch {
		case k == maxShown && len(m.Data) > maxShown+2:
			s.WriteString(" …] (" + strconv.Itoa(m.R) + "×" + strconv.Itoa(m.C) + ")")
			return s.String()
		case k == 0:
		case k%m.C == 0:
			s.WriteString("; ")
		default:
			s.WriteByte(' ')
		}
		s.WriteString(short(x))
	}
	return s.String() + "]"
}

func short(x float64) string {
	if x == 0 {
		return "0" // not -0
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}

// equality prints "symbol = chain = node".
func (p *Printer) equality(d TraceDeriv) string {
	s := p.Expr(d.Symbol)
	if d.Chain != nil {
		s += " = " + p.Expr(d.Chain)
	}
	if d.Node != d.Symbol {
		s += " = " + p.Expr(d.Node)
	}
	return s
}

// operation prints "x_9 = x_8/x_3 = f".
func (p *Printer) operation(l TraceLine) string {
	s := p.Name(l.Name)
	if l.Body != nil {
		s += " = " + p.Expr(l.Body)
	}
	if l.Alias != "" {
		s += " = " + p.Name(l.Alias)
	}
	return s
}

func (t *Trace) scalars() bool {
	for _, l := range t.Lines {
		if !l.Shape.IsScalar() {
			return false
		}
	}
	return true
}

// Text prints t for a terminal: the program, the table of lines, the passes
// and what each mode costs.
func (t *Trace) Text(opt Options) string {
	out := &page{colour: opt.Colour}
	pr := NewPrinter(Text, t.Names...)
	rows := t.program(NewPrinter(Text, t.Names...))
	for _, r := range rows {
		out.line(r[0] + " = " + r[1])
	}
	if len(t.Variables) > 0 {
		out.gap()
		t.shapes(out, pr)
	}
	if t.At != "" {
		out.line(out.paint(faint, "at       ") + t.At)
	}
	out.gap()
	head := []string{"line", "operation"}
	if !t.scalars() {
		head = append(head, "shape")
	}
	if t.At != "" {
		head = append(head, "value")
	}
	table := grid{append(head, "local derivatives")}
	for _, l := range t.Lines {
		name, op, _ := strings.Cut(pr.operation(l), " = ")
		if l.Input {
			op = "input"
		}
		row := []string{name, op}
		if !t.scalars() {
			row = append(row, pr.shape(l.Shape))
		}
		if t.At != "" {
			row = append(row, Number(l.Value))
		}
		for _, d := range l.Local {
			row = append(row, pr.equality(d))
		}
		table = append(table, row)
	}
	table.write(out, "   ")
	for _, p := range t.Passes {
		out.gap()
		out.line(out.paint(bold, p.Title))
		var table grid
		for _, d := range p.Derivs {
			row := []string{pr.equality(d)}
			if t.At != "" {
				row = append(row, Number(d.Value))
			}
			if d.Note != "" {
				row = append(row, out.paint(faint, d.Note))
			}
			table = append(table, row)
		}
		table.write(out, "   ")
	}
	out.gap()
	t.costs().write(out, "   ")
	if t.Check != "" {
		out.gap()
		out.line(t.Check)
	}
	t.tail(out)
	return out.String()
}

func (t *Trace) costs() grid {
	table := grid{{"mode", "passes", "operations", "numbers stored"}}
	for _, c := range t.Costs {
		table = append(table, []string{c.Mode, c.Passes, c.Operations, c.Stored})
	}
	return table
}

// tail prints the verification and the notes.
func (t *Trace) tail(out *page) {
	if s := t.summary(); s != "" {
		if t.Check == "" {
			out.gap()
		}
		colour := green
		if all, _, _ := t.verdicts(); !all {
			colour = red
		}
		out.line(out.paint(colour, s))
	}
	first := true
	for _, n := range t.Notes {
		if strings.HasPrefix(n, "inferred ") {
			continue // shown with the shapes
		}
		if first {
			out.gap()
			first = false
		}
		out.line(out.paint(faint, "note: "+n))
	}
}

// ASCII prints t as a program of the language: a definition a line, the
// derivatives of the pass as claims, all else as comment.
func (t *Trace) ASCII(opt Options) string {
	out := &page{}
	pr := NewPrinter(ASCII, t.Names...)
	for _, v := range t.Variables {
		s := pr.Declaration(v)
		if v.Inferred {
			s += "  # inferred"
		}
		out.line(s)
	}
	last := ""
	for _, l := range t.Lines {
		if l.Input {
			if t.At != "" {
				out.line("# " + l.Name + " = " + Number(l.Value))
			}
			continue
		}
		s := pr.Name(l.Name) + " = " + pr.Expr(l.Body)
		var tail []string
		for _, d := range l.Local {
			tail = append(tail, pr.equality(d))
		}
		if t.At != "" {
			tail = append(tail, "value "+Number(l.Value))
		}
		if len(tail) > 0 {
			s += "  # " + strings.Join(tail, "; ")
		}
		out.line(s)
		if l.Alias != "" {
			last = pr.Name(l.Alias) + " = " + pr.Name(l.Name)
		}
	}
	if last != "" {
		out.line(last)
	}
	for _, p := range t.Passes {
		out.line("# " + p.Title)
		for _, d := range p.Derivs {
			s := pr.Expr(d.Symbol) + " = " + pr.Expr(d.Node)
			switch {
			case d.Symbol == d.Node:
				s = "# " + pr.Expr(d.Symbol)
			case len(t.Passes) > 1 && d.Symbol.HasD:
				s = "# " + s // in each pass another variable moves
			case t.Mode == "forward" && holdsAdjoint(d.Node):
				s = "# " + s // ∂x_8/∂x_1 is no operand of a claim
			}
			var tail []string
			if d.Chain != nil {
				tail = append(tail, "= "+pr.Expr(d.Chain))
			}
			if d.Note != "" {
				tail = append(tail, d.Note)
			}
			if t.At != "" && d.Value != nil {
				tail = append(tail, "value "+Number(d.Value))
			}
			if len(tail) > 0 {
				s += "  # " + strings.Join(tail, "; ")
			}
			out.line(s)
		}
	}
	for _, c := range t.Costs {
		out.line("# " + c.Mode + ": passes " + c.Passes + ", operations " + c.Operations + ", numbers stored " + c.Stored)
	}
	if s := t.summary(); s != "" {
		out.line("# " + s)
	}
	for _, n := range t.Notes {
		out.line("# note: " + n)
	}
	return out.String()
}
