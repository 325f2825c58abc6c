package rules

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/expr"
)

// Signature returns the call with the shapes of operands and result, e.g.
// "tr(X: n×n): scalar".
func (f *Func) Signature() string {
	var ps []string
	shapes := map[string]string{}
	letters := []string{"n×m", "p×q", "k×l"}
	vectors := []string{"n", "m", "k"}
	for i, p := range f.Params {
		s := letters[min(i, 2)]
		switch p.Kind {
		case Matrix:
			if f.Elementwise || f.Out == OutLast && i > 0 {
				s = letters[0]
			} else if f.Out == OutLast {
				s = "n·m×1"
			}
		case Square:
			s = "n×n"
		case Vector:
			s = vectors[min(i, 2)]
		case Number:
			s = "scalar"
		case SizeArg:
			s = "size"
		}
		if p.Like != "" {
			s = shapes[p.Like]
		}
		shapes[p.Name] = s
		text := p.Name + ": " + s
		switch {
		case p.Optional && p.Default != "":
			text += " = " + p.Default
		case p.Optional:
			text = "[" + text + "]"
		}
		ps = append(ps, text)
	}
	call := f.Name
	if len(ps) > 0 {
		call += "(" + strings.Join(ps, ", ") + ")"
	}
	return call + ": " + f.resultText(shapes)
}

func (f *Func) resultText(shapes map[string]string) string {
	first := ""
	if len(f.Params) > 0 {
		first = shapes[f.Params[0].Name]
	}
	switch f.Out {
	case OutSame:
		return first
	case OutScalar:
		return "scalar"
	case OutRows:
		return "n×1"
	case OutCols:
		return "1×m"
	case OutRowwise:
		return "n×1, of a column a scalar"
	case OutVec:
		return "n·m×1"
	case OutDiag:
		return "n×n of a vector, n×1 of a matrix"
	case OutOuter:
		return "n×m"
	case OutKron:
		return "n·p×m·q"
	case OutLast:
		return shapes[f.Params[len(f.Params)-1].Name]
	case OutSizes:
		if f.Op == expr.OpEye {
			return "n×n"
		}
		return "n×1 or n×m"
	case OutFreeCol:
		return "a column of inferred length"
	case OutFree:
		return "inferred"
	case OutOther:
		return "n/p×m/q"
	}
	return ""
}

// Differential returns the differential as an equation for each case, e.g.
// "dy = tr(inv(X)*dX)", or the reason why there is none.
func (f *Func) Differential() []string {
	if len(f.D) == 0 {
		return []string{"none: " + f.NoD}
	}
	var out []string
	if f.Result == "" {
		return []string{"none: a constant"}
	}
	for _, c := range f.D {
		note := ""
		switch {
		case c.When != nil:
			note = " (" + caseNote(c) + ")"
		case len(f.D) > 1:
			note = " (otherwise)"
		}
		out = append(out, "d"+f.Result+" = "+c.Src+note)
	}
	return out
}

// caseNote says in words which shape of the first operand a case is for.
func caseNote(c Case) string {
	var ws []string
	n, m := expr.Symbol("n"), expr.Symbol("m")
	one := expr.One
	for _, k := range []struct {
		name string
		s    expr.Shape
	}{{"column", expr.Shape{R: n, C: one}}, {"row", expr.Shape{R: one, C: m}}, {"matrix", expr.Shape{R: n, C: m}}, {"scalar", expr.Scalar}} {
		if c.When([]expr.Shape{k.s, k.s}) {
			ws = append(ws, k.name)
		}
	}
	return strings.Join(ws, " or ")
}

func (f *Func) domainText() string {
	if f.Domain.Text == "" {
		return "everywhere"
	}
	return f.Domain.Text
}

// familyTitles orders and names the families.
var familyTitles = []struct{ name, title string }{
	{"elementwise", "Elementwise"},
	{"comparison", "Comparisons (Iverson brackets)"},
	{"matrix", "Matrices"},
	{"reduction", "Reductions"},
	{"row", "Along rows, or along a whole column vector"},
	{"loss", "Losses and divergences"},
}

// WriteText prints the table for a terminal: name, other spellings, shapes,
// differential, domain and reference.
func WriteText(w io.Writer) error {
	for i, fam := range familyTitles {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if _, err := fmt.Fprintln(w, fam.title); err != nil {
			return err
		}
		for _, f := range All() {
			if f.Family != fam.name {
				continue
			}
			if err := f.writeShort(w); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Func) writeShort(w io.Writer) error {
	head := f.Signature()
	if len(f.Spellings) > 0 {
		head += "   also " + strings.Join(f.Spellings, " ")
	}
	if _, err := fmt.Fprintf(w, "  %s\n", head); err != nil {
		return err
	}
	for _, d := range f.Differential() {
		fmt.Fprintf(w, "      %s\n", d)
	}
	_, err := fmt.Fprintf(w, "      domain: %s   source: %s\n", f.domainText(), f.Ref)
	return err
}

// Describe returns all that a user may want to know of one function.
func (f *Func) Describe() string {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %s%s%s\n", label, strings.Repeat(" ", max(1, 14-utf8.RuneCountInString(label))), text)
		}
	}
	fmt.Fprintf(&b, "%s\n  %s\n", f.Signature(), f.Doc)
	line("also", strings.Join(f.Spellings, " "))
	for _, d := range f.Differential() {
		line("differential", d)
	}
	for _, c := range f.Def {
		note := ""
		if c.When != nil {
			note = " (" + caseNote(c) + ")"
		}
		line("definition", c.Src+note)
	}
	for _, c := range f.Adjoint {
		of := c.Of
		if of == "" && len(f.Params) > 0 {
			of = f.Params[len(f.Params)-1].Name
		}
		note := ""
		if c.When != nil {
			note = " (" + caseNote(c) + ")"
		}
		line("adjoint", "∂Q/∂"+of+" = "+c.Src+" with G = ∂Q/∂"+f.Result+note)
	}
	line("domain", f.domainText())
	for _, id := range f.Identities {
		line("identity", id.Left+" = "+id.Right)
	}
	for _, e := range f.Examples {
		line("example", e)
	}
	line("source", f.Ref)
	return b.String()
}

// WriteMarkdown prints the table as docs/functions.md holds it.
func WriteMarkdown(w io.Writer) error {
	if _, err := io.WriteString(w, `# Functions

Generated from the table in `+"`rules/`"+`; do not edit. A function of the table is one entry: its differential below is what
`+"`derive`"+` uses, and every line of it is tested against central differences and dual numbers. `+"`dX`"+` is the differential of the operand X;
`+"`rows`, `cols` and `count`"+` are the sizes of the first operand.
`); err != nil {
		return err
	}
	for _, fam := range familyTitles {
		fmt.Fprintf(w, "\n## %s\n\n| function | meaning | differential | domain | source |\n|---|---|---|---|---|\n", fam.title)
		for _, f := range All() {
			if f.Family != fam.name {
				continue
			}
			name := code(f.Signature())
			if len(f.Spellings) > 0 {
				var also []string
				for _, s := range f.Spellings {
					also = append(also, code(s))
				}
				name += "<br>also " + strings.Join(also, ", ")
			}
			var ds []string
			for _, d := range f.Differential() {
				if strings.HasPrefix(d, "none: ") {
					ds = append(ds, cell(d))
					continue
				}
				ds = append(ds, code(d))
			}
			if _, err := fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", name, cell(f.Doc), strings.Join(ds, "<br>"), cell(f.domainText()), cell(f.Ref)); err != nil {
				return err
			}
		}
	}
	return nil
}

func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`).Replace(s)
}

func code(s string) string { return "`" + strings.ReplaceAll(s, "|", `\|`) + "`" }
