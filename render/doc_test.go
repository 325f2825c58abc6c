package render

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in testdata")

// TestDoc prints each testdata/*.txtar in every format. The section "input"
// is a derivation: its claims stand for the gradients and steps that the
// engine would give, its definitions before the last for named parts.
func TestDoc(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input := string(ar.Files[0].Data)
			d := docOf(t, input)
			js, err := d.JSON()
			if err != nil {
				t.Fatal(err)
			}
			got := []txtar.File{
				ar.Files[0],
				{Name: "text", Data: []byte(d.Text(Options{}))},
				{Name: "text-steps", Data: []byte(d.Text(Options{Steps: true}))},
				{Name: "text-colour", Data: []byte(strings.ReplaceAll(d.Text(Options{Colour: true}), "\x1b", "ESC"))},
				{Name: "ascii", Data: []byte(d.ASCII(Options{}))},
				{Name: "latex", Data: []byte(d.LaTeX(Options{Steps: true}))},
				{Name: "markdown", Data: []byte(d.Markdown(Options{Steps: true}))},
				{Name: "json", Data: js},
			}
			if _, err := read(d.ASCII(Options{Steps: true})); err != nil {
				t.Errorf("the ASCII form is no program: %v", err)
			}
			if *update {
				ar.Files = got
				if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(sections(ar.Files), sections(got)); diff != "" {
				t.Errorf("run with -update to accept (-want +got):\n%s", diff)
			}
		})
	}
}

func sections(fs []txtar.File) map[string]string {
	m := make(map[string]string)
	for _, f := range fs {
		m[f.Name] = string(f.Data)
	}
	return m
}

func docOf(t *testing.T, input string) *Doc {
	t.Helper()
	res, err := read(input)
	if err != nil {
		t.Fatal(err)
	}
	pr := res.Program
	d := &Doc{Input: input, Notes: pr.Notes, Variables: pr.Vars, Pullback: !pr.Objective.Node.IsScalar()}
	d.Objective = Equation{Name: pr.Objective.Name, Node: pr.Objective.Node}
	for _, v := range pr.Vars {
		d.Names = append(d.Names, v.Name)
	}
	for _, def := range pr.Defs {
		d.Names = append(d.Names, def.Name)
		if def.Node != pr.Objective.Node {
			d.Defs = append(d.Defs, Equation{Name: def.Name, Node: def.Node})
		}
	}
	worst := 3e-11
	for _, c := range res.Claims {
		n := c.Sides[len(c.Sides)-1]
		switch c.Kind {
		case infer.ClaimGradient:
			g := Gradient{Wrt: c.ByNames[0], Node: n, Verified: true, MaxRelError: &worst}
			if len(d.Gradients) == 3 {
				g.Verified, g.MaxRelError, g.Reason = false, nil, "the bound of the error is too large"
			}
			d.Gradients = append(d.Gradients, g)
		case infer.ClaimDifferential:
			lhs := pr.B.Var(&expr.Var{Name: "d" + strings.TrimPrefix(c.OfName, "d"), Kind: expr.Differential, Shape: n.Shape})
			d.Steps = append(d.Steps, Step{Lhs: lhs, Rhs: n, Rule: "product"})
		}
	}
	d.Verification = &Verification{Step: 6.055e-6, Points: 7, Seed: 1, Sizes: map[string]int{"N": 5, "D": 3, "K": 4}}
	return d
}
