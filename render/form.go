package render

import (
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// function lays out f(kids) in the notation that the function's entry gives,
// as a call where it gives none.
func (p *Printer) function(f expr.Fn, kids ...*tree) *tree {
	rf, ok := f.(*rules.Func)
	if !ok {
		return p.plainCall(p.funcName(f.FnName()), kids...)
	}
	tmpl := rf.ASCII
	switch p.style {
	case Text:
		tmpl = rf.Text
	case LaTeX:
		tmpl = rf.LaTeX
	}
	if tmpl == "" || !fitsForm(tmpl, len(kids)) {
		return p.plainCall(p.funcName(rf.Name), kids...)
	}
	return p.form(tmpl, rf.Level, kids)
}

// call lays out the function of that name.
func (p *Printer) call(name string, kids ...*tree) *tree {
	if f := rules.Resolve(name, len(kids)); f != nil {
		return p.function(f, kids...)
	}
	return p.plainCall(p.funcName(name), kids...)
}

// latexFuncs are the functions that LaTeX has a command for.
var latexFuncs = map[string]bool{
	"exp": true, "log": true, "sin": true, "cos": true, "tan": true, "sinh": true, "cosh": true,
	"tanh": true, "det": true, "max": true, "min": true,
}

func (p *Printer) funcName(name string) string {
	if p.style != LaTeX {
		return name
	}
	if latexFuncs[name] {
		return `\` + name
	}
	return `\operatorname{` + strings.ReplaceAll(name, "_", `\_`) + "}"
}

// fitsForm tells whether a notation uses exactly the operands 1…n.
func fitsForm(tmpl string, n int) bool {
	used := 0
	for i := 0; i+1 < len(tmpl); i++ {
		if tmpl[i] != '$' {
			continue
		}
		k := int(tmpl[i+1] - '0')
		if k < 1 || k > n {
			return false
		}
		used |= 1 << k
	}
	return used == 1<<(n+1)-2
}

var (
	openers = []string{"(", "[", "‖", "|", "⟨", ",", `\|`, `\langle`, `\lVert`, `\lvert`}
	closers = []string{")", "]", "‖", "|", "⟩", ",", `\|`, `\rangle`, `\rVert`, `\rvert`, `\right`}
)

// form lays out a notation such as "‖$1‖₁" or `\det $1`, whose own level is
// level (0 for an atom). An operand between delimiters needs no brackets; any
// other stands at that level, beside a comparison at that of a sum.
func (p *Printer) form(tmpl string, level int, kids []*tree) *tree {
	if level == 0 {
		level = ast.LevelAtom
	}
	t := node(fForm, level, 1, kids...)
	t.text = tmpl
	t.slots = make([]int, len(kids))
	for i := 0; i+1 < len(tmpl); i++ {
		if tmpl[i] != '$' {
			continue
		}
		k := int(tmpl[i+1] - '1')
		need := level
		switch {
		case delimited(strings.TrimRight(tmpl[:i], " "), strings.TrimLeft(tmpl[i+2:], " ")):
			need = 0
		case strings.Contains(tmpl, "["):
			need = ast.LevelSum
		case level < ast.LevelPostfix:
			need = level + 1 // the operand may stand on either side of an operator
		}
		t.slots[k] = max(t.slots[k], need)
	}
	return t
}

func delimited(before, after string) bool {
	if strings.HasSuffix(before, "{") && strings.HasPrefix(after, "}") {
		// The braces of a command's argument delimit; bare braces do not show.
		head := before[:len(before)-1]
		cut := strings.LastIndex(head, `\`)
		return cut >= 0 && cut+1 < len(head) && strings.Trim(strings.ToLower(head[cut+1:]), "abcdefghijklmnopqrstuvwxyz") == ""
	}
	opens, closes := false, false
	for _, s := range openers {
		opens = opens || strings.HasSuffix(before, s)
	}
	for _, s := range closers {
		closes = closes || strings.HasPrefix(after, s)
	}
	return opens && closes
}
