package render

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

const levelSum = ast.LevelSum

// number lays out r ≥ 0: ½, 2/3, 0.01, 1e-8.
func (p *Printer) number(r *big.Rat) *tree {
	if isFraction(r) {
		if p.style == LaTeX {
			t := leaf(fNumber, `\frac{`+r.Num().String()+"}{"+r.Denom().String()+"}")
			t.level, t.size = ast.LevelPostfix, 3
			return t
		}
		if s := vulgar[r.RatString()]; s != "" && p.style == Text {
			return leaf(fNumber, s)
		}
		t := leaf(fNumber, r.RatString())
		t.level, t.size = ast.LevelProduct, 3
		return t
	}
	s := decimal(r)
	if p.style == LaTeX {
		if m, e, ok := strings.Cut(s, "e"); ok {
			t := leaf(fNumber, m+` \cdot 10^{`+e+"}")
			if m == "1" {
				t = leaf(fNumber, "10^{"+e+"}")
			}
			t.level = ast.LevelProduct
			return t
		}
	}
	return leaf(fNumber, s)
}

var vulgar = map[string]string{"1/2": "½", "1/3": "⅓", "1/4": "¼"}

// isFraction tells whether r prints as p/q and not as a decimal.
func isFraction(r *big.Rat) bool { return !r.IsInt() && decimal(r) == "" }

// decimal prints whole numbers and those that were typed as decimals; it is
// empty for fractions. Halves, quarters and eighths are fractions.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		s := r.Num().String()
		if z := strings.TrimRight(s, "0"); len(s)-len(z) > 8 && len(z) > 0 {
			return z + "e" + strconv.Itoa(len(s)-len(z))
		}
		return s
	}
	if d := r.Denom(); d.IsInt64() && d.Int64() < 10 {
		return ""
	}
	f, _ := r.Float64()
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if back, ok := new(big.Rat).SetString(s); !ok || back.Cmp(r) != 0 {
		return ""
	}
	s = strings.Replace(s, "e-0", "e-", 1)
	return strings.Replace(s, "e+", "e", 1)
}

// spell prints a name: as typed, in LaTeX as a symbol with its subscript and
// accents.
func spell(name string, style Style) string {
	switch style {
	case Text:
		if strings.ContainsAny(name, "^{") {
			return minus(name)
		}
		return name
	case ASCII:
		return name
	}
	if base, level, ok := leveledName(name); ok {
		return spell(base, style) + "^{" + level + "}"
	}
	base, sub, _ := strings.Cut(name, "_")
	sub = strings.Trim(sub, "{}")
	out := latexBase(base)
	if sub != "" {
		out += "_{" + latexSub(sub) + "}"
	}
	return out
}

func latexSub(sub string) string {
	if c, ok := greek(sub); ok {
		return c
	}
	return strings.ReplaceAll(sub, "_", `\_`)
}

var accents = map[rune]string{'\u0302': "hat", '\u0303': "tilde", '\u0304': "bar", '\u0307': "dot"}

var composed = map[rune]string{
	'ŷ': `\hat{y}`, 'ẑ': `\hat{z}`, 'â': `\hat{a}`, 'ŵ': `\hat{w}`, 'ĉ': `\hat{c}`, 'ê': `\hat{e}`, 'ĝ': `\hat{g}`,
	'ĥ': `\hat{h}`, 'î': `\hat{i}`, 'ĵ': `\hat{j}`, 'ô': `\hat{o}`, 'ŝ': `\hat{s}`, 'û': `\hat{u}`,
	'Ŷ': `\hat{Y}`, 'Ẑ': `\hat{Z}`, 'Â': `\hat{A}`, 'Ŵ': `\hat{W}`, 'Ĉ': `\hat{C}`, 'Ĥ': `\hat{H}`, 'Ŝ': `\hat{S}`, 'Û': `\hat{U}`,
	'ã': `\tilde{a}`, 'ñ': `\tilde{n}`, 'õ': `\tilde{o}`, 'ỹ': `\tilde{y}`, 'ũ': `\tilde{u}`, 'ṽ': `\tilde{v}`,
	'ā': `\bar{a}`, 'ē': `\bar{e}`, 'ī': `\bar{i}`, 'ō': `\bar{o}`, 'ū': `\bar{u}`, 'ȳ': `\bar{y}`,
}

// latexBase prints the word before a subscript: y, \mathrm{loss}, \hat{x}_1.
func latexBase(base string) string {
	if c, ok := greek(base); ok {
		return c
	}
	head := strings.TrimRight(base, "0123456789")
	digits := base[len(head):]
	if c, ok := greek(head); ok {
		return c + digits
	}
	first, size := utf8.DecodeRuneInString(head)
	rest := head[size:]
	switch {
	case rest == "":
		if c, ok := composed[first]; ok {
			return c + digits
		}
		return head + digits
	case utf8.RuneCountInString(rest) == 1:
		r, _ := utf8.DecodeRuneInString(rest)
		if a, ok := accents[r]; ok {
			c := string(first)
			if g, ok := greek(c); ok {
				c = g
			}
			return `\` + a + "{" + c + "}" + digits
		}
	}
	return `\mathrm{` + base + "}"
}

var greekLetters = map[string]rune{
	"alpha": 'α', "beta": 'β', "gamma": 'γ', "delta": 'δ', "epsilon": 'ε', "zeta": 'ζ', "eta": 'η', "theta": 'θ',
	"iota": 'ι', "kappa": 'κ', "lambda": 'λ', "mu": 'μ', "nu": 'ν', "xi": 'ξ', "pi": 'π', "rho": 'ρ', "sigma": 'σ',
	"tau": 'τ', "upsilon": 'υ', "phi": 'φ', "chi": 'χ', "psi": 'ψ', "omega": 'ω',
	"Gamma": 'Γ', "Delta": 'Δ', "Theta": 'Θ', "Lambda": 'Λ', "Xi": 'Ξ', "Pi": 'Π', "Sigma": 'Σ', "Upsilon": 'Υ',
	"Phi": 'Φ', "Psi": 'Ψ', "Omega": 'Ω',
}

var greekCommands = func() map[rune]string {
	m := make(map[rune]string, len(greekLetters))
	for name, r := range greekLetters {
		m[r] = `\` + name
	}
	return m
}()

// greek returns the command of a Greek letter, given as a letter or by name.
func greek(s string) (string, bool) {
	if _, ok := greekLetters[s]; ok {
		return `\` + s, true
	}
	if r, size := utf8.DecodeRuneInString(s); size == len(s) && size > 0 {
		c, ok := greekCommands[r]
		return c, ok
	}
	return "", false
}

// adjointName prints ∂Q/∂Z.
func adjointName(v *expr.Var, style Style) string {
	switch style {
	case ASCII:
		return strings.ReplaceAll(v.Name, "∂", "d")
	case LaTeX:
		if of, by, ok := strings.Cut(v.Name, "/"); ok {
			return `\frac{\partial ` + spell(strings.TrimPrefix(of, "∂"), style) + `}{\partial ` + spell(strings.TrimPrefix(by, "∂"), style) + "}"
		}
	}
	return spell(v.Name, style)
}

// diffName prints dX.
func diffName(v *expr.Var, style Style) string {
	if base, ok := strings.CutPrefix(v.Name, "d"); ok && style == LaTeX && base != "" {
		return "d" + spell(base, style)
	}
	return v.Name
}
