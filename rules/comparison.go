package rules

import "github.com/matdiff/matdiff/expr"

// comparison holds the Iverson brackets: 1 where the comparison holds, else 0.
// They are constant away from the edge, so their differential is zero.
var comparison = []*Func{
	compare("ge", ">=", "≥", `\ge`, "the first is greater or equal", func(x, y float64) bool { return x >= y }),
	compare("gt", ">", ">", `>`, "the first is greater", func(x, y float64) bool { return x > y }),
	compare("le", "<=", "≤", `\le`, "the first is less or equal", func(x, y float64) bool { return x <= y }),
	compare("lt", "<", "<", `<`, "the first is less", func(x, y float64) bool { return x < y }),
	compare("eq", "==", "=", `=`, "the two are equal", func(x, y float64) bool { return x == y }),
	compare("ne", "!=", "≠", `\ne`, "the two differ", func(x, y float64) bool { return x != y }),
	{
		Name: "between", Family: "comparison", Doc: "1 where a ≤ x ≤ b, 0 elsewhere, entry by entry: [x ∈ [a, b]].",
		Params: []Param{{Name: "X"}, {Name: "A"}, {Name: "B"}}, Elementwise: true, Result: "Y",
		D: always("0"), Def: always("[X >= A] .* [X <= B]"), Props: func(a []*expr.Node) expr.Props { return expr.Binary },
		Text: "[$1 ∈ [$2, $3]]", LaTeX: `[$1 \in [$2, $3]]`, ASCII: "[$2 <= $1] .* [$1 <= $3]", Level: levelProduct,
		Eval: zip3(func(x, a, b float64) float64 { return bit(a <= x && x <= b) }),
		Dual: zip3Dual(func(x, a, b float64) float64 { return bit(a <= x && x <= b) }),
		Go:   "between($1, $2, $3)", GoFunc: goBetween, NumPy: "(($1 >= $2) & ($1 <= $3)).astype(float)",
		Domain:     Domain{Text: "constant where X ≠ A and X ≠ B", In: apart3},
		Identities: []Identity{{"interval by two brackets", "between(x, y, z)", "[x >= y] .* [x <= z]", "x: n; y: n; z: n"}},
		Ref:        "Graham, Knuth and Patashnik 1994, Concrete Mathematics, section 2.1", Examples: []string{"x: n; Q = sum([x ∈ [0, 1]] .* x)"},
	},
}

func compare(name, ascii, text, latex, holds string, f func(x, y float64) bool) *Func {
	v := func(x, y float64) float64 { return bit(f(x, y)) }
	return &Func{
		Name: name, Family: "comparison", Doc: "1 where " + holds + ", 0 elsewhere, entry by entry: [x " + text + " y].",
		Params: []Param{{Name: "X"}, {Name: "Z"}}, Elementwise: true, Result: "Y",
		D: always("0"), Props: func(a []*expr.Node) expr.Props { return a[0].Props&a[1].Props&expr.Symmetric | expr.Binary },
		Text: "[$1 " + text + " $2]", LaTeX: "[$1 " + latex + " $2]", ASCII: "[$1 " + ascii + " $2]",
		Eval: zip(v),
		Dual: zipDual(func(x, y float64) (float64, float64, float64) { return v(x, y), 0, 0 }),
		Go:   "bit($1 " + ascii + " $2)", GoFunc: goBit, NumPy: "($1 " + ascii + " $2).astype(float)",
		Domain:     Domain{Text: "constant where X ≠ Z", In: apart},
		Identities: []Identity{complements[name]},
		Ref:        "Graham, Knuth and Patashnik 1994, Concrete Mathematics, section 2.1",
		Examples:   []string{"x: n; y: n; Q = sum([x " + ascii + " y] .* x)"},
	}
}

var complements = map[string]Identity{
	"ge": {"not less", "[x >= y]", "1 - [x < y]", "x: n; y: n"},
	"gt": {"greater by less", "[x > y]", "[y < x]", "x: n; y: n"},
	"le": {"not greater", "[x <= y]", "1 - [x > y]", "x: n; y: n"},
	"lt": {"less by greater", "[x < y]", "[y > x]", "x: n; y: n"},
	"eq": {"equal both ways", "[x == y]", "[x >= y] .* [x <= y]", "x: n; y: n"},
	"ne": {"not equal", "[x != y]", "1 - [x == y]", "x: n; y: n"},
}

const goBit = `// bit returns 1 if b holds, else 0.
func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
`

const goBetween = `// between returns 1 if a <= x <= b, else 0.
func between(x, a, b float64) float64 {
	if a <= x && x <= b {
		return 1
	}
	return 0
}
`
