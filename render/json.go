package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// Schema is the version of the JSON results.
const Schema = 1

type jsonDoc struct {
	Schema       int               `json:"schema"`
	Input        string            `json:"input"`
	Reading      string            `json:"reading"`
	Notes        []string          `json:"notes"`
	Objective    string            `json:"objective"`
	Variables    []jsonVariable    `json:"variables"`
	Functions    []jsonMap         `json:"functions,omitempty"`
	Lets         []jsonLet         `json:"lets"`
	Differential *jsonForms        `json:"differential,omitempty"`
	Gradients    []jsonGradient    `json:"gradients"`
	Steps        []jsonStep        `json:"steps"`
	Verification *jsonVerification `json:"verification"`
}

type jsonVariable struct {
	Name       string    `json:"name"`
	Shape      [2]string `json:"shape"`
	Properties []string  `json:"properties"`
	Inferred   bool      `json:"inferred"`
}

// jsonMap is a function without a formula: the shapes of operands and value.
type jsonMap struct {
	Name     string      `json:"name"`
	From     [][2]string `json:"from"`
	To       [2]string   `json:"to"`
	Inferred bool        `json:"inferred"`
}

type jsonForms struct {
	ASCII string `json:"ascii"`
	Text  string `json:"text"`
	LaTeX string `json:"latex"`
}

type jsonLet struct {
	Name  string    `json:"name"`
	Shape [2]string `json:"shape"`
	jsonForms
	Is    string `json:"is,omitempty"`    // what it names, ∂Q/∂z^l
	Range string `json:"range,omitempty"` // the levels that it holds for
}

type jsonGradient struct {
	Wrt   string    `json:"wrt"`
	Shape [2]string `json:"shape"`
	jsonForms
	Verified    bool     `json:"verified"`
	MaxRelError *float64 `json:"max_rel_error"` // null if nothing was measured
	Note        string   `json:"note,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	Range       string   `json:"range,omitempty"` // the levels that it holds for
}

type jsonStep struct {
	N int `json:"n"`
	jsonForms
	Rule    string `json:"rule"`
	Comment string `json:"comment,omitempty"`
}

type jsonVerification struct {
	Step   float64        `json:"step"`
	Points int            `json:"points"`
	Seed   int64          `json:"seed"`
	Sizes  map[string]int `json:"sizes"`
	Depths []int          `json:"depths,omitempty"` // numbers of layers that were tried
}

// printers holds one Printer a style.
type printers [3]*Printer

func (d *Doc) printers() *printers {
	return &printers{NewPrinter(Text, d.Names...), NewPrinter(ASCII, d.Names...), NewPrinter(LaTeX, d.Names...)}
}

func (ps *printers) each(f func(p *Printer) string) jsonForms {
	return jsonForms{Text: f(ps[Text]), ASCII: f(ps[ASCII]), LaTeX: f(ps[LaTeX])}
}

// JSON prints d by the schema of the language's description, indented, with
// a final newline. Every key but "note", "reason" and "comment" is always
// there; lists are never null, "verification" is where there was none. The
// steps are those of d. Equal results give equal bytes.
func (d *Doc) JSON() ([]byte, error) {
	ps := d.printers()
	j := jsonDoc{
		Schema: Schema, Input: d.Input, Reading: d.Reading(Text), Notes: append([]string{}, d.Notes...),
		Objective: d.of(), Variables: []jsonVariable{}, Lets: []jsonLet{}, Gradients: []jsonGradient{}, Steps: []jsonStep{},
	}
	if d.Pullback && d.Objective.Name != "" {
		j.Objective = d.Objective.Name
	}
	for _, v := range d.Variables {
		j.Variables = append(j.Variables, jsonVariable{v.Name, shapePair(v.Shape), append([]string{}, words(v)...), v.Inferred})
	}
	for _, m := range d.Maps {
		f := jsonMap{Name: m.Name, To: shapePair(m.To), Inferred: m.Inferred}
		for _, s := range m.From {
			f.From = append(f.From, shapePair(s))
		}
		j.Functions = append(j.Functions, f)
	}
	if d.Differential != nil {
		f := d.printers().each(func(p *Printer) string { l, r := d.differential(p); return l + " = " + r })
		j.Differential = &f
	}
	for _, e := range d.Lets {
		forms := ps.each(func(p *Printer) string { return p.Expr(e.Node) })
		j.Lets = append(j.Lets, jsonLet{e.Name, shapePair(e.Node.Shape), forms, e.Is, e.Range.text()})
	}
	for _, g := range d.Gradients {
		forms := ps.each(func(p *Printer) string { return p.gradientAlone(g) })
		err := g.MaxRelError
		if err != nil && (math.IsNaN(*err) || math.IsInf(*err, 0)) {
			err = nil // JSON has no such numbers; Reason tells
		}
		if g.Note != "" {
			j.Notes = append(j.Notes, "∂"+d.of()+"/∂"+g.Wrt+": "+g.Note)
		}
		j.Gradients = append(j.Gradients, jsonGradient{g.Wrt, shapePair(g.Node.Shape), forms, g.Verified, err, g.Note, g.Reason, g.Range.text()})
	}
	for i, s := range d.Steps {
		forms := ps.each(func(p *Printer) string { return p.step(s) })
		said := ps[Text].comment(s, plainText, plainText)
		for k := len(s.Given) - 1; k >= 0; k-- {
			if said != "" {
				said = "; " + said
			}
			said = ps[Text].identity(s.Given[k]) + said
		}
		j.Steps = append(j.Steps, jsonStep{i + 1, forms, s.Rule, said})
	}
	if v := d.Verification; v != nil {
		j.Verification = &jsonVerification{v.Step, v.Points, v.Seed, v.Sizes, v.Depths}
		if v.Sizes == nil {
			j.Verification.Sizes = map[string]int{}
		}
	}
	return EncodeJSON(j)
}

// step prints "dZ = X dW".
func (p *Printer) step(s Step) string {
	if s.Lhs == nil {
		return p.Expr(s.Rhs)
	}
	return p.Expr(s.Lhs) + " = " + p.Expr(s.Rhs)
}

// EncodeJSON encodes v as every command of matdiff does: indented by two,
// formulas unescaped ("<" stays "<").
func EncodeJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return buf.Bytes(), nil
}
