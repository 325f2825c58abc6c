package codegen

import (
	"strings"

	"github.com/matdiff/matdiff/rules"
)

// Levels of Go expressions, loosest first.
const (
	lvSum = iota
	lvProduct
	lvUnary
	lvAtom
)

// scalarCode is the Go code of a function of single entries.
type scalarCode struct {
	form   string // $1, $2 stand for the operands
	level  int    // of the whole
	args   int    // least level of operands; operands are bracketed below it
	cost   float64
	cheap  bool // no dearer to compute again than to store and load
	helper string
}

// builtin holds the operations of the language itself and the forms that
// share parts; the functions of the table come from rules.
var builtin = map[string]scalarCode{
	"id":       {form: "$1", level: lvSum, cost: 0, cheap: true},
	"copy":     {form: "$1", level: lvSum},
	"xlogy":    {form: "m.xlogy($1, $2)", level: lvAtom, cost: 15, helper: "xlogy"},
	"xlog1py":  {form: "m.xlog1py($1, $2)", level: lvAtom, cost: 15, helper: "xlog1py"},
	"xdivy":    {form: "m.xdivy($1, $2)", level: lvAtom, cost: 2, helper: "xdivy"},
	"xtimes":   {form: "m.xtimes($1, $2)", level: lvAtom, cost: 1, helper: "xtimes"},
	"over0":    {form: "m.over0($1, $2)", level: lvAtom, cost: 1, helper: "over0"},
	"recip0":   {form: "m.recip0($1)", level: lvAtom, cost: 1, helper: "recip0"},
	"anchor":   {form: "m.anchor($1)", level: lvAtom, cost: 1, helper: "anchor"},
	"log1mexp": {form: "m.log1mexp($1)", level: lvAtom, cost: 15, helper: "log1mexp"},
	"logcosh":  {form: "m.logcosh($1)", level: lvAtom, cost: 15, helper: "logcosh"},
	"unit":     {form: "m.unit($1)", level: lvAtom, cost: 1, helper: "unit"},
	"add":      {form: "$1 + $2", level: lvSum, args: lvSum, cost: 1, cheap: true},
	"sub":      {form: "$1 - $2", level: lvSum, args: lvSum, cost: 1, cheap: true},
	"mul":      {form: "$1 * $2", level: lvProduct, args: lvProduct, cost: 1, cheap: true},
	"div":      {form: "$1 / $2", level: lvProduct, args: lvProduct, cost: 1},
	"neg":      {form: "-$1", level: lvUnary, args: lvAtom, cost: 1, cheap: true},
	"recip":    {form: "1 / $1", level: lvProduct, args: lvUnary, cost: 1},
	"square":   {form: "$1 * $1", level: lvProduct, args: lvAtom, cost: 1, cheap: true},
	"sqrt":     {form: "math.Sqrt($1)", level: lvAtom, cost: 1},
	"abs":      {form: "math.Abs($1)", level: lvAtom, cost: 1, cheap: true},
	"exp":      {form: "m.exp($1)", level: lvAtom, cost: 10, helper: "exp"},
	"log":      {form: "math.Log($1)", level: lvAtom, cost: 10},
	"log1p":    {form: "math.Log1p($1)", level: lvAtom, cost: 10},
	"log1pe":   {form: "m.log1pUnit($1)", level: lvAtom, cost: 10, helper: "log1pUnit"},
	"tanh":     {form: "m.tanh($1)", level: lvAtom, cost: 12, helper: "tanh"},
	"pow":      {form: "math.Pow($1, $2)", level: lvAtom, cost: 30},
	"relu":     {form: "max($1, 0)", level: lvAtom, cost: 1, cheap: true},
	"sigmoid":  {form: "m.sigmoid($1, $2)", level: lvAtom, cost: 4, helper: "sigmoid"},
}

// scalarOf returns the code of fn, arguments at their levels.
func scalarOf(fn string) (scalarCode, bool) {
	if c, ok := builtin[fn]; ok {
		return c, true
	}
	f := elementwiseRule(fn)
	if f == nil || f.Go == "" {
		return scalarCode{}, false
	}
	form := f.Go
	if !strings.Contains(form, "$") {
		ps := make([]string, len(f.Params))
		for i := range ps {
			ps[i] = "$" + string(rune('1'+i))
		}
		form += "(" + strings.Join(ps, ", ") + ")"
	}
	return scalarCode{form: form, level: lvSum, args: lvAtom, cost: 15}, true
}

// subtrahend and divisor tell whether operand i of fn needs a tighter level
// than its neighbour: a - (b - c), a / (b * c).
func tighter(fn string, i int) int {
	switch {
	case i == 1 && fn == "sub":
		return lvProduct
	case i == 1 && (fn == "div" || fn == "mul"):
		return lvUnary
	case i == 0 && fn == "square":
		return lvAtom
	}
	return -1
}

// elementwiseRule returns the elementwise function of that name; reductions
// (the largest entry) may share one.
func elementwiseRule(name string) *rules.Func {
	for _, f := range rules.All() {
		if f.Elementwise && f.Name == name {
			return f
		}
	}
	return nil
}
