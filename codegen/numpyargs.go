package codegen

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/matdiff/matdiff/expr"
)

// newPyGen names the inputs and the sizes. Every variable of the program is an
// argument, whether or not the formulas still show it.
func newPyGen(in *Input) *pyGen {
	gg := &goGen{in: in, sizes: make(map[string]string), vars: make(map[*expr.Var]string)}
	gg.inputs()
	g := &pyGen{in: in, names: make(map[*expr.Var]string), sizes: make(map[string]string),
		helpers: make(map[string]string), used: make(map[string]bool)}
	for _, n := range []string{"np", "math", "functools", "shapes", "grads", "float", "int"} {
		g.used[n] = true
	}
	seen := make(map[string]bool)
	for _, v := range in.Program.Vars {
		if v.Kind != expr.Input {
			continue
		}
		g.order = append(g.order, v)
		for _, d := range []expr.Dim{v.Shape.R, v.Shape.C} {
			for _, s := range d.Symbols() {
				if !seen[s] {
					seen[s] = true
					g.symbols = append(g.symbols, s)
				}
			}
		}
	}
	for _, s := range gg.symbols {
		if !seen[s] {
			g.symbols = append(g.symbols, s)
		}
	}
	fresh := func(s string) string {
		for pyKeywords[s] || g.used[s] {
			s += "_"
		}
		g.used[s] = true
		return s
	}
	for _, v := range g.order {
		n := pyName(v.Name)
		// Python folds identifiers to their compatibility form; what it would
		// take for one name must not become two.
		g.names[v] = fresh(norm.NFKC.String(n))
		if n == v.Name && norm.NFKC.String(n) == g.names[v] {
			g.names[v] = n
		}
		if got := norm.NFKC.String(g.names[v]); got != v.Name {
			g.alias = append(g.alias, fmt.Sprintf("%q: %q", v.Name, got))
		}
		for _, typed := range otherSpellings(v.Name) {
			if strings.Contains(in.Program.Source, typed) {
				g.alias = append(g.alias, fmt.Sprintf("%q: %q", typed, g.names[v]))
			}
		}
	}
	for _, s := range g.symbols {
		g.sizes[s] = fresh(norm.NFKC.String(pyName(s)))
	}
	return g
}

// otherSpellings are the ways to type a name with an index: z_1 is z₁, z_{1}.
func otherSpellings(name string) []string {
	base, index, ok := strings.Cut(name, "_")
	if !ok || index == "" {
		return nil
	}
	out := []string{base + "_{" + index + "}"}
	if strings.Trim(index, "0123456789") == "" {
		low := strings.Map(func(r rune) rune { return r - '0' + '₀' }, index)
		out = append(out, base+low)
	}
	return out
}

var pyKeywords = map[string]bool{"False": true, "None": true, "True": true, "and": true, "as": true, "assert": true, "async": true, "await": true,
	"break": true, "class": true, "continue": true, "def": true, "del": true, "elif": true, "else": true, "except": true, "finally": true, "for": true,
	"from": true, "global": true, "if": true, "import": true, "in": true, "is": true, "lambda": true, "nonlocal": true, "not": true, "or": true,
	"pass": true, "raise": true, "return": true, "try": true, "while": true, "with": true, "yield": true}

// pyName is the name as typed where Python allows it: λ, x̂, x_1; else one that
// is close to it: z₁ is z_1, W_{i,j} is W_i_j, x_* is x_star.
func pyName(name string) string {
	var b strings.Builder
	under := func() {
		if s := b.String(); s != "" && !strings.HasSuffix(s, "_") {
			b.WriteByte('_')
		}
	}
	sub := false // in a run of subscripts
	for _, r := range name {
		low := strings.ContainsRune("₀₁₂₃₄₅₆₇₈₉₊₋", r) || unicode.Is(unicode.Lm, r)
		if low && !sub {
			under()
		}
		sub = low
		switch {
		case r == '{' || r == '}':
		case r == '₊' || r == '+':
			b.WriteString("plus")
		case r == '₋' || r == '-':
			b.WriteString("minus")
		case r == '*' || r == '⋆' || r == '∗':
			b.WriteString("star")
		case r == '∞':
			b.WriteString("inf")
		case r == '\'' || r == '′':
			b.WriteString("_prime")
		case r == '∂':
			b.WriteByte('d')
		case r == '∇':
			b.WriteString("grad")
		case low:
			b.WriteString(norm.NFKC.String(string(r)))
		case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		default:
			under()
		}
	}
	s := b.String()
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "v" + s
	}
	return s
}

func (g *pyGen) dim(d expr.Dim) string {
	return dimCode(d, func(sym string) string { return g.sizes[sym] })
}

// params lists the parameters: the variables, and by keyword the sizes that no
// variable shows.
func (g *pyGen) params() []string {
	var out []string
	for _, v := range g.order {
		out = append(out, g.names[v])
	}
	if free := g.unread(); len(free) > 0 {
		if len(out) > 0 {
			out = append(out, "*")
		}
		for _, s := range free {
			out = append(out, g.sizes[s])
		}
	}
	return out
}

// unread lists the sizes that no input shows.
func (g *pyGen) unread() []string {
	known := make(map[string]bool)
	for _, v := range g.order {
		for _, d := range []expr.Dim{v.Shape.R, v.Shape.C} {
			if s := d.Symbols(); len(s) == 1 {
				known[s[0]] = true
			}
		}
	}
	var out []string
	for _, s := range g.symbols {
		if !known[s] {
			out = append(out, s)
		}
	}
	return out
}

// head reads the inputs as two-dimensional arrays, and the sizes off them. A
// size that is not known yet is given to the readers as a name, for their
// message. body is what follows.
func (g *pyGen) head(body string, grads []Gradient) string {
	known := make(map[string]bool)
	for _, s := range g.unread() {
		known[s] = true
	}
	ready := func(d expr.Dim) bool {
		for _, s := range d.Symbols() {
			if !known[s] {
				return false
			}
		}
		return true
	}
	// fresh tells whether d is a size that can be read off directly.
	single := func(d expr.Dim) bool { return d.K == 1 && len(d.Symbols()) == 1 }

	type line struct{ code, defines string }
	var lines []line
	var wait []*expr.Var
	read := func(v *expr.Var) {
		n := g.names[v]
		var args []string
		var reads [2]string
		dims := [2]expr.Dim{v.Shape.R, v.Shape.C}
		for i, d := range dims {
			if d.IsOne() && (v.Shape.IsCol() || v.Shape.IsRow()) {
				continue
			}
			if ready(d) {
				args = append(args, g.dim(d))
				continue
			}
			args = append(args, fmt.Sprintf("%q", g.dim(d)))
			if single(d) {
				reads[i] = g.sizes[d.Sym]
				if i == 1 && reads[0] == reads[1] { // n×n, n unknown
					reads[1] = ""
				}
			}
		}
		reader := map[bool]string{true: "_column", false: "_matrix"}[v.Shape.IsCol()]
		if v.Shape.IsRow() {
			reader = "_row"
		}
		g.helpers[reader] = pyReaders[reader]
		g.helpers["_differ"] = pyReaders["_differ"]
		call := fmt.Sprintf("%s = %s(%q, %s, %s)", n, reader, v.Name, n, strings.Join(args, ", "))
		lines = append(lines, line{code: call})
		for i, d := range dims {
			if s := d.Symbols(); !ready(d) && len(s) == 1 {
				known[s[0]] = true
				at := fmt.Sprintf("%s.shape[%d]", n, i)
				if d.K != 1 {
					at += " // " + itoa(d.K)
				}
				lines = append(lines, line{g.sizes[s[0]] + " = " + at, g.sizes[s[0]]})
				if d.K != 1 {
					// Whether it is a multiple is checked with what was read.
					again := []string{g.dim(v.Shape.R), g.dim(v.Shape.C)}
					if reader != "_matrix" {
						again = []string{g.dim(d)}
					}
					if ready(v.Shape.R) && ready(v.Shape.C) {
						lines = append(lines, line{code: fmt.Sprintf("%s(%q, %s, %s)", reader, v.Name, n, strings.Join(again, ", "))})
					}
				}
			}
		}
	}
	for _, v := range g.order {
		switch {
		case v.Shape.IsScalar():
			g.helpers["_number"] = pyReaders["_number"]
			lines = append(lines, line{code: fmt.Sprintf("%s = _number(%q, %s)", g.names[v], v.Name, g.names[v])})
		case (ready(v.Shape.R) || single(v.Shape.R)) && (ready(v.Shape.C) || single(v.Shape.C)):
			read(v)
		default:
			wait = append(wait, v)
		}
	}
	for _, v := range wait {
		read(v)
	}

	var b strings.Builder
	var shapes []string
	for _, gr := range grads {
		if v := gr.Wrt; v.Shape.IsCol() || v.Shape.IsRow() {
			shapes = append(shapes, fmt.Sprintf("%q: np.shape(%s)", v.Name, g.names[v]))
		}
	}
	if len(shapes) > 0 {
		fmt.Fprintf(&b, "    shapes = {%s}\n", strings.Join(shapes, ", "))
	}
	rest := body
	keep := make([]string, len(lines))
	for i := len(lines) - 1; i >= 0; i-- {
		if l := lines[i]; l.defines == "" || usesPyName(rest, l.defines) {
			keep[i] = "    " + l.code + "\n"
			rest = keep[i] + rest
		}
	}
	for i := 0; i < len(keep); i++ {
		// Both sizes of a matrix on one line.
		if i+1 < len(keep) {
			m, at, ok := strings.Cut(strings.TrimSuffix(keep[i], ".shape[0]\n"), " = ")
			n, at2, ok2 := strings.Cut(strings.TrimSuffix(keep[i+1], ".shape[1]\n"), " = ")
			if ok && ok2 && at == at2 && strings.HasSuffix(keep[i], "[0]\n") && strings.HasSuffix(keep[i+1], "[1]\n") {
				fmt.Fprintf(&b, "%s, %s = %s.shape\n", m, strings.TrimSpace(n), at)
				i++
				continue
			}
		}
		b.WriteString(keep[i])
	}
	return b.String()
}

// usesPyName tells whether the code has the identifier.
func usesPyName(code, name string) bool {
	for i := 0; ; {
		k := strings.Index(code[i:], name)
		if k < 0 {
			return false
		}
		i += k
		before, _ := utf8.DecodeLastRuneInString(code[:i])
		after, _ := utf8.DecodeRuneInString(code[i+len(name):])
		if !pyLetter(before) && !pyLetter(after) && before != '"' {
			return true
		}
		i += len(name)
	}
}

func pyLetter(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

const pyAlso = `def _also(names):
    """Let a function take arguments by names that Python cannot spell."""
    def wrap(f):
        @functools.wraps(f)
        def g(*args, **kwargs):
            return f(*args, **{names.get(k, k): x for k, x in kwargs.items()})
        return g
    return wrap
`

// pyReaders bring an argument to the form that the formulas work on, or say
// what is wrong with it. A size is a number, or a name if any will do.
var pyReaders = map[string]string{
	"_number": `def _number(name, x):
    if np.size(x) != 1:
        raise ValueError(f"{name} has shape {np.shape(x)}, want a number")
    return np.float64(np.asarray(x, dtype=float).item())
`,
	"_differ": `def _differ(want, got):
    return not isinstance(want, str) and want != got
`,
	"_matrix": `def _matrix(name, x, m, n):
    a = np.asarray(x, dtype=float)
    if a.ndim != 2 or _differ(m, a.shape[0]) or _differ(n, a.shape[1]) or m == n and a.shape[0] != a.shape[1]:
        raise ValueError(f"{name} has shape {np.shape(x)}, want ({m}, {n})")
    return a
`,
	"_column": `def _column(name, x, n):
    a = np.asarray(x, dtype=float)
    a = a[:, None] if a.ndim == 1 else a
    if a.ndim != 2 or a.shape[1] != 1 or _differ(n, len(a)):
        raise ValueError(f"{name} has shape {np.shape(x)}, want ({n},) or ({n}, 1)")
    return a
`,
	"_row": `def _row(name, x, n):
    a = np.asarray(x, dtype=float)
    a = a[None, :] if a.ndim == 1 else a
    if a.ndim != 2 or len(a) != 1 or _differ(n, a.shape[1]):
        raise ValueError(f"{name} has shape {np.shape(x)}, want ({n},) or (1, {n})")
    return a
`,
}
