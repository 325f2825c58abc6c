package render

import (
	"math"

	"github.com/matdiff/matdiff/num"
)

type jsonTrace struct {
	Schema       int               `json:"schema"`
	Input        string            `json:"input"`
	Reading      string            `json:"reading"`
	Notes        []string          `json:"notes"`
	Objective    string            `json:"objective"`
	Trace        string            `json:"trace"`
	At           string            `json:"at,omitempty"`
	Variables    []jsonVariable    `json:"variables"`
	Lines        []jsonTraceLine   `json:"lines"`
	Passes       []jsonTracePass   `json:"passes"`
	Work         []jsonTraceCost   `json:"work"`
	Verified     bool              `json:"verified"`
	Verification *jsonVerification `json:"verification"`
}

type jsonTraceLine struct {
	Name  string    `json:"name"`
	Alias string    `json:"alias,omitempty"`
	Kind  string    `json:"kind"` // input, operation
	Shape [2]string `json:"shape"`
	// Operation is what the line is, nil for an input.
	Operation *jsonForms       `json:"operation,omitempty"`
	Local     []jsonTraceDeriv `json:"local"`
	Value     [][]float64      `json:"value,omitempty"`
}

type jsonTracePass struct {
	Title  string           `json:"title"`
	Wrt    string           `json:"wrt,omitempty"`
	Derivs []jsonTraceDeriv `json:"derivatives"`
}

type jsonTraceDeriv struct {
	Line   string      `json:"line"`
	Symbol jsonForms   `json:"symbol"`
	Chain  *jsonForms  `json:"chain,omitempty"`
	Is     jsonForms   `json:"is"`
	Note   string      `json:"note,omitempty"`
	Value  [][]float64 `json:"value,omitempty"`
}

type jsonTraceCost struct {
	Mode       string `json:"mode"`
	Passes     string `json:"passes"`
	Operations string `json:"operations"`
	Stored     string `json:"stored"`
}

// Rows gives a matrix row by row; nil where it has a number that JSON lacks.
func jsonRows(m *num.Mat) [][]float64 {
	if m == nil {
		return nil
	}
	out := make([][]float64, m.R)
	for i := range out {
		out[i] = append([]float64{}, m.Data[i*m.C:(i+1)*m.C]...)
		for j, x := range out[i] {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil
			}
			out[i][j] = x + 0 // not -0
		}
	}
	return out
}

// JSON prints t, indented, with a final newline.
func (t *Trace) JSON() ([]byte, error) {
	ps := t.printers()
	all, _, _ := t.verdicts()
	j := jsonTrace{
		Schema: Schema, Input: t.Input, Reading: t.Reading(Text), Notes: append([]string{}, t.Notes...), Objective: t.of(),
		Trace: t.Mode, At: t.At, Variables: []jsonVariable{}, Lines: []jsonTraceLine{}, Passes: []jsonTracePass{}, Work: []jsonTraceCost{},
		Verified: all && t.Verification != nil,
	}
	deriv := func(d TraceDeriv) jsonTraceDeriv {
		out := jsonTraceDeriv{Line: d.Line, Note: d.Note, Value: jsonRows(d.Value)}
		out.Symbol = ps.each(func(p *Printer) string { return p.Expr(d.Symbol) })
		out.Is = ps.each(func(p *Printer) string { return p.Expr(d.Node) })
		if d.Chain != nil {
			chain := ps.each(func(p *Printer) string { return p.Expr(d.Chain) })
			out.Chain = &chain
		}
		return out
	}
	for _, v := range t.Variables {
		j.Variables = append(j.Variables, jsonVariable{v.Name, shapePair(v.Shape), append([]string{}, words(v)...), v.Inferred})
	}
	for _, l := range t.Lines {
		line := jsonTraceLine{Name: l.Name, Alias: l.Alias, Kind: "input", Shape: shapePair(l.Shape), Local: []jsonTraceDeriv{}, Value: jsonRows(l.Value)}
		if l.Body != nil {
			line.Kind = "operation"
			op := ps.each(func(p *Printer) string { return p.Expr(l.Body) })
			line.Operation = &op
		}
		for _, d := range l.Local {
			line.Local = append(line.Local, deriv(d))
		}
		j.Lines = append(j.Lines, line)
	}
	for _, p := range t.Passes {
		pass := jsonTracePass{Title: p.Title, Wrt: p.Wrt, Derivs: []jsonTraceDeriv{}}
		for _, d := range p.Derivs {
			pass.Derivs = append(pass.Derivs, deriv(d))
		}
		j.Passes = append(j.Passes, pass)
	}
	for _, c := range t.Costs {
		j.Work = append(j.Work, jsonTraceCost(c))
	}
	if v := t.Verification; v != nil {
		j.Verification = &jsonVerification{v.Step, v.Points, v.Seed, v.Sizes, nil}
		if v.Sizes == nil {
			j.Verification.Sizes = map[string]int{}
		}
	}
	return EncodeJSON(j)
}
