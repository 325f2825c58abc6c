// Package randexpr writes random programs that are well typed: they use every
// operator of the language and every function of the rules table, which it
// ranges over without naming any.
//
//	seed ──▶ declarations, definitions, objective ──▶ program text
//
// Operands are mostly made to lie in the domain of the function they are given
// to, by the sampler that the function's entry names.
package randexpr

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// Program returns the program of a seed. size is about how many operators and
// functions its objective has.
func Program(seed uint64, size int) string {
	g := &gen{rng: rand.New(rand.NewPCG(seed, 0x72616e64)), budget: size}
	return g.program()
}

// Functions returns how often each function occurs in the programs of the
// seeds given, for a test that none is left out.
func Functions(seeds []uint64, size int) map[string]int {
	used := make(map[string]int)
	for _, s := range seeds {
		g := &gen{rng: rand.New(rand.NewPCG(s, 0x72616e64)), budget: size, used: used}
		g.program()
	}
	return used
}

// gen writes one program.
type gen struct {
	rng    *rand.Rand
	budget int
	vars   []variable
	defs   []string
	taken  map[string]bool
	used   map[string]int
}

type variable struct {
	name  string
	shape expr.Shape
	decl  string // "" for a definition
}

var sizes = []expr.Dim{expr.Symbol("n"), expr.Symbol("m"), expr.Symbol("k")}

func mat(r, c expr.Dim) expr.Shape { return expr.Shape{R: r, C: c} }

func (g *gen) chance(p float64) bool { return g.rng.Float64() < p }
func (g *gen) size() expr.Dim        { return sizes[g.rng.IntN(len(sizes))] }

func pick[T any](g *gen, list ...T) T { return list[g.rng.IntN(len(list))] }

// shape draws a shape to compute with.
func (g *gen) shape() expr.Shape {
	switch g.rng.IntN(8) {
	case 0:
		return expr.Scalar
	case 1, 2:
		return mat(g.size(), expr.One)
	case 3:
		return mat(expr.One, g.size())
	case 4:
		d := g.size()
		return mat(d, d)
	}
	return mat(g.size(), g.size())
}

func (g *gen) program() string {
	g.taken = map[string]bool{}
	for g.chance(0.3) && len(g.defs) < 3 {
		s := g.shape()
		text := g.expr(s, 2+g.rng.IntN(2))
		name := g.name(s)
		g.defs = append(g.defs, name+" = "+text)
		g.vars = append(g.vars, variable{name: name, shape: s})
	}
	s := expr.Scalar
	if g.chance(0.1) {
		s = g.shape()
	}
	body := g.expr(s, 5)
	var out []string
	for _, v := range g.vars {
		if v.decl != "" {
			out = append(out, v.decl)
		}
	}
	out = append(out, g.defs...)
	goal := "Q"
	if !s.IsScalar() {
		goal = "Z_0"
	}
	out = append(out, goal+" = "+body)
	text := strings.Join(out, "\n") + "\n"
	if g.chance(0.1) { // a whole number for a size
		whole := "${1}" + pick(g, "2", "3", "4") + "${2}"
		for range 2 { // matches share a letter in k×k
			text = wholeSize.ReplaceAllString(text, whole)
		}
	}
	return text
}

// wholeSize finds the size k where no letter or subscript stands beside it.
var wholeSize = regexp.MustCompile(`([^\pL_}])k([^\pL_{])`)

// Undeclare drops some of the declarations that only give a shape. The program
// may then have another reading, or none.
func Undeclare(program string, seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 0x756e))
	var out []string
	for _, line := range strings.Split(program, "\n") {
		if plainDecl.MatchString(line) && rng.IntN(2) == 0 {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

var plainDecl = regexp.MustCompile(`^[^ =]+: ([^ ]+|[^ ]+ x [^ ]+)$`)

// name finds a new name in the manner of the field.
func (g *gen) name(s expr.Shape) string {
	list := []string{"A", "B", "C", "F", "H", "U", "V", "W", "X", "Y"}
	switch {
	case s.IsScalar():
		list = []string{"α", "β", "λ", "s", "t", "c"}
	case s.IsCol() || s.IsRow():
		list = []string{"a", "b", "u", "v", "w", "x", "y", "p", "q"}
	}
	name := list[g.rng.IntN(len(list))]
	for i := 1; g.taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", strings.SplitN(name, "_", 2)[0], i)
	}
	g.taken[name] = true
	return name
}

// variable returns one of that shape, a new one or one that is there.
func (g *gen) variable(s expr.Shape) string {
	var have []string
	for _, v := range g.vars {
		if v.shape == s {
			have = append(have, v.name)
		}
	}
	if len(have) > 0 && g.chance(0.55) {
		return pick(g, have...)
	}
	return g.declare(s, g.properties(s))
}

// declare makes a variable with the properties given.
func (g *gen) declare(s expr.Shape, props ...string) string {
	name := g.name(s)
	text := "scalar"
	if !s.IsScalar() {
		text = s.R.String() + "×" + s.C.String()
		if s.IsCol() && g.chance(0.5) {
			text = s.R.String()
		}
		if g.chance(0.3) {
			text = strings.ReplaceAll(text, "×", " x ")
		}
	}
	for _, p := range props {
		if p != "" {
			text += " " + p
		}
	}
	g.vars = append(g.vars, variable{name: name, shape: s, decl: name + ": " + text})
	return name
}

// properties draws a property that the shape can have.
func (g *gen) properties(s expr.Shape) string {
	if !g.chance(0.2) {
		return ""
	}
	list := []string{"positive", "nonnegative", "binary", "const"}
	switch {
	case s.IsScalar():
		list = []string{"positive", "nonnegative", "const"}
	case s.IsCol():
		list = append(list, "simplex")
	case s.IsRow():
	case s.IsSquare():
		list = append(list, "symmetric", "symmetric", "spd", "psd", "diagonal", "orthogonal", "stochastic")
	default:
		list = append(list, "onehot", "stochastic")
	}
	p := pick(g, list...)
	if p == "symmetric" && g.chance(0.2) {
		p += " " + pick(g, "positive", "nonnegative")
	}
	return p
}

// paren brackets a text.
func paren(s string) string { return "(" + s + ")" }

// atom returns an operand that needs no brackets.
func (g *gen) atom(s expr.Shape, depth int) string {
	t := g.expr(s, depth)
	if strings.ContainsAny(t, " +-*/.^'⊙ᵀ·⊗Σ∏\\|‖") {
		return paren(t)
	}
	return t
}

// leaf returns a variable or a constant of that shape.
func (g *gen) leaf(s expr.Shape) string {
	switch {
	case s.IsScalar() && g.chance(0.35):
		if d := g.vars; len(d) > 0 && g.chance(0.3) { // a size as a number
			if r := d[g.rng.IntN(len(d))]; r.decl != "" && !r.shape.R.IsOne() {
				return pick(g, "1/"+r.shape.R.String(), r.shape.R.String())
			}
		}
		return pick(g, "2", "3", "1/2", "0.5", "-1", "1.5")
	case s.IsSquare() && !s.IsScalar() && g.chance(0.1):
		return "eye(" + s.R.String() + ")"
	case !s.IsScalar() && g.chance(0.06):
		return "ones(" + s.R.String() + ", " + s.C.String() + ")"
	}
	return g.variable(s)
}

// expr returns an expression of that shape.
func (g *gen) expr(s expr.Shape, depth int) string {
	g.budget--
	if depth <= 0 || g.budget <= 0 {
		return g.leaf(s)
	}
	d := depth - 1
	switch g.rng.IntN(27) {
	case 0, 1:
		return g.atom(s, d) + pick(g, " + ", " - ") + g.atom(s, d)
	case 2:
		return g.broadcast(s, d)
	case 3:
		return g.times(g.atom(expr.Scalar, d), g.atom(s, d))
	case 4:
		return g.atom(s, d) + "/" + paren(g.inside("positive", expr.Scalar, d-1))
	case 5, 6, 7:
		j := g.size()
		if g.chance(0.15) {
			j = expr.One
		}
		return g.times(g.atom(mat(s.R, j), d), g.atom(mat(j, s.C), d))
	case 8, 9:
		return g.atom(s, d) + pick(g, " .* ", " .* ", " ⊙ ", " ∘ ") + g.atom(s, d)
	case 10:
		return g.atom(s, d) + " ./ " + paren(g.inside("positive", s, d-1))
	case 11:
		return g.power(s, d)
	case 12:
		return g.atom(s.T(), d) + pick(g, "'", "'", "ᵀ", "^T", ".T", `^\top`)
	case 13:
		return pick(g, "-", "-", "-", "+") + g.atom(s, d)
	case 14:
		return g.bracket(s) + " .* " + g.atom(s, d)
	case 15:
		if s.IsScalar() {
			return g.scalar(d)
		}
	case 16, 17, 18, 19:
		if t := g.notation(s, d); t != "" {
			return t
		}
	}
	return g.call(s, d)
}

// times multiplies two operands that need no brackets.
func (g *gen) times(a, b string) string {
	return a + pick(g, "*", "*", " * ", " ") + b
}

// broadcast adds a scalar, a row over the rows or a column over the columns.
func (g *gen) broadcast(s expr.Shape, d int) string {
	if s.IsScalar() {
		return g.atom(s, d) + " + " + g.atom(s, d)
	}
	other := expr.Scalar
	if !s.R.IsOne() && !s.C.IsOne() {
		other = pick(g, expr.Scalar, mat(expr.One, s.C), mat(s.R, expr.One))
	}
	return g.atom(s, d) + pick(g, " + ", " - ", " .* ") + g.atom(other, d)
}

// power writes one of the powers.
func (g *gen) power(s expr.Shape, d int) string {
	switch {
	case g.chance(0.1):
		return paren(g.inside("positive", s, d-1)) + ".^" + paren(g.expr(expr.Scalar, d-1))
	case g.chance(0.3):
		return paren(g.inside("positive", s, d-1)) + pick(g, ".^(1/2)", ".^(-1)", ".^1.5", ".^(-2)")
	case s.IsScalar():
		return g.atom(s, d) + pick(g, "^2", "²", "^3")
	case s.IsSquare():
		if g.chance(0.4) {
			return paren(g.inside("spd", s, d-1)) + pick(g, "^-1", "⁻¹", "^(-1)", "^-T")
		}
		return g.atom(s, d) + pick(g, "^2", "^3", ".^2")
	}
	return g.atom(s, d) + pick(g, ".^2", ".^2", ".^3")
}

// bracket writes an Iverson bracket of two variables or a number.
func (g *gen) bracket(s expr.Shape) string {
	if g.chance(0.15) {
		return "[" + g.variable(s) + " ∈ " + pick(g, "[0, 1]", "[-1/2, 1/2]") + "]"
	}
	right := pick(g, "0", "1/2")
	if g.chance(0.5) {
		right = g.variable(s)
	}
	return "[" + g.variable(s) + pick(g, " >= ", " ≥ ", " > ", " < ", " <= ", " ≤ ", " != ", " ≠ ", " == ") + right + "]"
}

// scalar writes one of the scalars that the language has signs for.
func (g *gen) scalar(d int) string {
	n, m := g.size(), g.size()
	v := mat(n, expr.One)
	switch g.rng.IntN(9) {
	case 5:
		return g.bigSum()
	case 6:
		return "|" + g.atom(expr.Scalar, d) + "|"
	case 7:
		s := pick(g, v, mat(n, m))
		return "‖" + g.expr(s, d) + "‖" + pick(g, "", "_1", "_F", "^3")
	case 8:
		return pick(g, "1ᵀ", "𝟏ᵀ", "1'*") + g.atom(v, d)
	case 0:
		return "‖" + g.expr(pick(g, v, mat(n, m)), d) + "‖²"
	case 1:
		return "||" + g.expr(pick(g, v, mat(n, m)), d) + "||^2"
	case 2:
		s := pick(g, v, mat(n, m))
		return "⟨" + g.expr(s, d) + ", " + g.expr(s, d) + "⟩"
	case 3:
		x := g.variable(v)
		return x + "'*" + g.atom(mat(n, n), d) + "*" + x
	}
	return g.atom(v, d) + "'*" + g.atom(v, d)
}

// inside writes an operand that lies in the domain that a sampler of the rules
// table names; now and then it does not care.
func (g *gen) inside(sampler string, s expr.Shape, d int) string {
	if g.chance(0.1) {
		return g.expr(s, d)
	}
	one := "1"
	x := func() string { return g.atom(s, d) }
	switch sampler {
	case "positive":
		if g.chance(0.3) {
			return g.declare(s, "positive")
		}
		return one + " + " + x() + ".^2"
	case "unit":
		return "0.9 ./ (" + pick(g, "1.2", "2") + " + " + x() + ".^2)"
	case "symmetric-unit":
		a := g.leaf(s)
		return paren(a) + " ./ (2 + " + paren(a) + ".^2)"
	case "spd":
		if s.IsSquare() && !s.IsScalar() {
			if g.chance(0.3) {
				return g.declare(s, "spd")
			}
			a := g.atom(mat(s.R, pick(g, s.R, g.size())), d)
			return a + "*" + a + "' + eye(" + s.R.String() + ")"
		}
		return one + " + " + x() + ".^2"
	case "small":
		return "0.3*" + x()
	case "simplex":
		if s.IsCol() {
			return g.declare(s, "simplex")
		}
		if !s.IsScalar() && !s.IsRow() {
			return g.declare(s, "stochastic")
		}
		return g.declare(s, "positive")
	}
	return g.expr(s, d)
}
