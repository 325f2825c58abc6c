package rules_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/rules"
)

// goCode wraps the Go expression of every elementwise function in a function
// of its operands, with the helpers beside them.
func goCode() string {
	var b strings.Builder
	b.WriteString("package p\n\nimport \"math\"\n\n")
	helpers := map[string]bool{}
	for _, f := range rules.All() {
		if !f.Elementwise {
			continue
		}
		code := f.Go
		var ps []string
		for i := range f.Params {
			p := string(rune('x' + i))
			ps = append(ps, p)
			code = strings.ReplaceAll(code, fmt.Sprint("$", i+1), p)
		}
		fmt.Fprintf(&b, "func fn_%s_%d(%s float64) float64 { return %s }\n", f.Name, len(f.Params), strings.Join(ps, ", "), code)
		if f.GoFunc != "" && !helpers[f.GoFunc] {
			helpers[f.GoFunc] = true
			b.WriteString(f.GoFunc)
		}
	}
	return b.String()
}

func TestGoCodeCompiles(t *testing.T) {
	src := goCode()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	if _, err := conf.Check("p", fset, []*ast.File{file}, nil); err != nil {
		t.Errorf("%v\n%s", err, src)
	}
}

// Operands of a form that occur twice must be there as often as the function
// needs them: every operand is used.
func TestFormsUseEveryOperand(t *testing.T) {
	for _, f := range rules.All() {
		for _, form := range []string{f.Go, f.NumPy, f.Text, f.LaTeX, f.ASCII} {
			if !strings.Contains(form, "$") {
				continue
			}
			for i := range f.Params {
				if !strings.Contains(form, fmt.Sprint("$", i+1)) && !(f.Name == "unvec" && i == 1) {
					t.Errorf("%s: %q does not use operand %d", f.Name, form, i+1)
				}
			}
			if strings.Contains(form, fmt.Sprint("$", len(f.Params)+1)) {
				t.Errorf("%s: %q uses an operand that is not there", f.Name, form)
			}
		}
	}
}
