package matdiff

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
)

// wanted finds the variables that the names given mean, in any spelling
// (lambda is λ), each once. The error lists every name that is no variable.
func wanted(p *expr.Program, names []string, input string) ([]string, error) {
	errs := &diag.List{Source: input}
	var out []string
	seen := make(map[string]bool)
	for _, name := range names {
		name = strings.TrimSpace(name)
		v, d := variable(p, name)
		switch {
		case d != nil:
			errs.Add(d)
		case !seen[v.Name]:
			seen[v.Name] = true
			out = append(out, v.Name)
		}
	}
	return out, errs.Err()
}

// variable is the variable of a name that may be differentiated by, or says
// what the name is instead.
func variable(p *expr.Program, name string) (*expr.Var, *diag.Diagnostic) {
	var free []string
	same := func(a, b string) bool { return infer.Key(a) == infer.Key(b) }
	near := ""
	for _, v := range p.Vars {
		switch {
		case same(v.Name, name) && v.Const:
			return nil, &diag.Diagnostic{Code: "E228", Message: v.Name + " is declared const", Help: "take const off its declaration"}
		case same(v.Name, name):
			return v, nil
		case strings.EqualFold(v.Name, name):
			near = v.Name
		}
		if !v.Const {
			free = append(free, v.Name)
		}
	}
	d := &diag.Diagnostic{Code: "E228", Message: fmt.Sprintf("%s is not a variable of the program", name)}
	if name == "" {
		d.Message = "a name is missing between the commas of the variables to differentiate by"
	}
	if len(free) > 0 {
		d.Help = "its variables are " + strings.Join(free, ", ")
	}
	if near != "" {
		d.Help = fmt.Sprintf("did you mean %s?", near)
	}
	for _, e := range p.Defs {
		if e.Name != "" && same(e.Name, name) {
			d.Message = fmt.Sprintf("%s is defined by the program, so it is not a free variable", e.Name)
		}
	}
	for _, s := range p.Sizes {
		if same(s, name) {
			d.Message = fmt.Sprintf("%s is a size; gradients are by variables", s)
		}
	}
	return nil, d
}
