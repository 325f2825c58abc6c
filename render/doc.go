package render

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/expr"
)

// Doc is a whole result, ready to print in any format.
type Doc struct {
	Input     string   // the program as typed
	Names     []string // every name the program declares or defines
	Notes     []string // what was understood, in order
	Objective Equation // Name is "" for a bare expression
	// Of is the numerator of every gradient: the objective's name, or Q, the
	// unnamed function of a matrix-valued objective.
	Of        string
	Pullback  bool // the objective is not a scalar; gradients hold ∂Q/∂Z
	Defs      []Equation
	Variables []*expr.Var
	Maps      []expr.Map // functions that the program applies and does not define
	// Differential is dQ (or dZ of a pullback), nil where it is not wanted.
	Differential *expr.Node
	Lets         []Equation // named parts, each before its first use
	Gradients    []Gradient
	Steps        []Step
	// Verification is nil where none was asked for.
	Verification *Verification
}

// Equation is Name = Node.
type Equation struct {
	Name string
	Node *expr.Node
	// Typed, if there is one, is Node in the names of earlier equations, as it
	// was typed.
	Typed *expr.Node
	Sum   []Summand // the parts of the right side, nil if Node is all
	Is    string    // what the equation names, "∂Q/∂z^l", "" if nothing
	Range *Range    // the levels that it holds for, nil without any
}

func (e Equation) typed() *expr.Node {
	if e.Typed != nil {
		return e.Typed
	}
	return e.Node
}

// Gradient is ∂Q/∂Wrt = Node with the verifier's verdict on it.
type Gradient struct {
	Wrt         string
	Node        *expr.Node
	Inline      *expr.Node // without named parts, nil if Node has none
	Note        string     // "symmetric W: (G + G')/2", "Q does not depend on W"
	Verified    bool       // the verifier passed it
	Reason      string     // why it is not verified
	MaxRelError *float64   // largest relative error, nil if not measured
	Range       *Range     // the levels that it holds for, nil without any
	Sum         []Summand  // the parts of the right side, nil if Node is all
}

// Step is a line Lhs = Rhs of the derivation and the rule that gave it, with
// what is to be said of it in words, each $ for the next formula of About, and
// in equations.
type Step struct {
	Lhs, Rhs      *expr.Node
	Rule, Comment string
	About         []*expr.Node
	Given         []Identity
}

// Identity is an equation that a step uses: Left = Right, or dD = Right.
type Identity struct{ D, Left, Right *expr.Node }

// Verification tells how the gradients were verified.
type Verification struct {
	Step   float64        // relative step of the differences
	Points int            // points drawn
	Seed   int64          // seed of the draw
	Sizes  map[string]int // value of each size symbol
	Depth  string         // L, where a network was written out for it
	Depths []int          // the depths that were tried
}

// shape prints a shape as a declaration takes it.
func (p *Printer) shape(s expr.Shape) string {
	cross := " × "
	switch p.style {
	case Text:
		cross = "×"
	case ASCII:
		cross = " x "
	case LaTeX:
		cross = ` \times `
	}
	switch {
	case s.IsScalar():
		return "scalar"
	case s.IsCol():
		return p.dimText(s.R)
	}
	return p.dimText(s.R) + cross + p.dimText(s.C)
}

func (p *Printer) dimText(d expr.Dim) string {
	w := writer{style: p.style}
	w.put(p.dim(d), 0)
	return w.out.String()
}

// words lists the declared properties, without those that others imply.
func words(v *expr.Var) []string {
	var out []string
	names := v.Props.Names()
	for i, name := range names {
		p, implied := expr.PropNamed(name), false
		for j, other := range names {
			q := expr.PropNamed(other)
			implied = implied || i != j && q.Close(v.Shape).Has(p) && (!p.Close(v.Shape).Has(q) || j < i)
		}
		if !implied {
			out = append(out, name)
		}
	}
	if v.Const {
		out = append(out, "const")
	}
	return out
}

// Declaration prints "X: N×D symmetric".
func (p *Printer) Declaration(v *expr.Var) string {
	s := p.Name(v.Name) + ": " + p.shape(v.Shape)
	if ws := words(v); len(ws) > 0 {
		s += " " + strings.Join(ws, " ")
	}
	return s
}

// derivative prints the left side of a gradient: ∂Q/∂W, dQ/dW.
func (p *Printer) derivative(of, wrt string) string {
	switch p.style {
	case ASCII:
		return "d" + of + "/d" + wrt
	case LaTeX:
		return `\frac{\partial ` + p.Name(of) + `}{\partial ` + p.Name(wrt) + "}"
	}
	return "∂" + p.Name(of) + "/∂" + p.Name(wrt)
}

// of is the numerator of the gradients.
func (d *Doc) of() string {
	if d.Of != "" {
		return d.Of
	}
	if d.Objective.Name != "" && !d.Pullback {
		return d.Objective.Name
	}
	return "Q"
}

// Reading prints the objective as it was understood.
func (d *Doc) Reading(style Style) string {
	rows := d.program(NewPrinter(style, d.Names...))
	last := rows[len(rows)-1]
	if d.Objective.Name == "" {
		return last[1]
	}
	return last[0] + " = " + last[1]
}

// program prints the definitions and the objective, each in the names defined
// before it.
func (d *Doc) program(pr *Printer) [][2]string {
	pr.typed = true
	var rows [][2]string
	for _, e := range d.Defs {
		if e.Name == d.Objective.Name {
			continue // printed last
		}
		rows = append(rows, [2]string{pr.Name(e.Name), pr.right(e) + pr.span(e.Range)})
		pr.Alias(e.Node, e.Name)
	}
	name := d.Objective.Name
	if name == "" {
		name = d.of()
	}
	return append(rows, [2]string{pr.Name(name), pr.right(d.Objective) + pr.span(d.Objective.Range)})
}

// mapping prints R^n × R^m → R^k.
func (p *Printer) mapping(m expr.Map) string {
	space := func(s expr.Shape) string {
		r := map[Style]string{Text: "R", ASCII: "R", LaTeX: `\mathbb{R}`}[p.style]
		switch {
		case s.IsScalar():
			return r
		case s.IsCol() && p.style != LaTeX && utf8.RuneCountInString(p.dimText(s.R)) == 1:
			return r + "^" + p.dimText(s.R)
		}
		return r + "^{" + p.shape(s) + "}"
	}
	times, to := map[Style]string{Text: " × ", ASCII: " x ", LaTeX: ` \times `}[p.style], map[Style]string{Text: " → ", ASCII: " -> ", LaTeX: ` \to `}[p.style]
	var from []string
	for _, s := range m.From {
		from = append(from, space(s))
	}
	return p.Name(m.Name) + ": " + strings.Join(from, times) + to + space(m.To)
}

// differential is dQ = …, with the definitions by name; "" if none is wanted.
func (d *Doc) differential(pr *Printer) (left, right string) {
	if d.Differential == nil {
		return "", ""
	}
	for _, e := range d.Defs {
		if e.Name != d.Objective.Name {
			pr.Alias(e.Node, e.Name)
		}
	}
	of := d.of()
	if d.Pullback {
		of = d.Objective.Name
	}
	return "d" + pr.Name(of), pr.Expr(d.Differential)
}

// parts are the named parts that are not definitions of the program.
func (d *Doc) parts() []Equation {
	defined := map[string]bool{d.Objective.Name: true}
	for _, e := range d.Defs {
		defined[e.Name] = true
	}
	var out []Equation
	for _, e := range d.Lets {
		if !defined[e.Name] {
			out = append(out, e)
		}
	}
	return out
}

// verdicts sorts the gradients: all passed, the largest error, those not
// verified.
func (d *Doc) verdicts() (all bool, worst float64, measured bool) {
	all = len(d.Gradients) > 0
	for _, g := range d.Gradients {
		all = all && g.Verified
		if g.MaxRelError != nil {
			worst, measured = max(worst, *g.MaxRelError), true
		}
	}
	return all, worst, measured
}

// summary is the line on verification.
func (d *Doc) summary() string {
	v := d.Verification
	switch {
	case len(d.Gradients) == 0:
		return ""
	case v == nil:
		return "not verified"
	}
	all, worst, measured := d.verdicts()
	s := "verified"
	if !all {
		s = "not all verified"
	}
	s += v.depths() + " at " + strconv.Itoa(v.Points) + " points"
	if v.Points == 1 {
		s = strings.TrimSuffix(s, "s")
	}
	if names := sizeList(v.Sizes); names != "" {
		s += " (" + names + ")"
	}
	if measured {
		s += ", largest relative error " + strconv.FormatFloat(worst, 'g', 2, 64)
	}
	return s
}

func sizeList(m map[string]int) string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	for i, n := range names {
		names[i] = n + " = " + strconv.Itoa(m[n])
	}
	return strings.Join(names, ", ")
}
