package codegen

import (
	"go/token"
	"strings"
	"unicode"
)

// greek maps Greek letters to their names.
var greek = map[rune]string{
	'α': "alpha", 'β': "beta", 'γ': "gamma", 'δ': "delta", 'ε': "epsilon", 'ϵ': "epsilon", 'ζ': "zeta", 'η': "eta",
	'θ': "theta", 'ϑ': "theta", 'ι': "iota", 'κ': "kappa", 'λ': "lambda", 'μ': "mu", 'ν': "nu", 'ξ': "xi", 'ο': "omicron",
	'π': "pi", 'ρ': "rho", 'σ': "sigma", 'ς': "sigma", 'τ': "tau", 'υ': "upsilon", 'φ': "phi", 'ϕ': "phi", 'χ': "chi",
	'ψ': "psi", 'ω': "omega",
	'Γ': "Gamma", 'Δ': "Delta", 'Θ': "Theta", 'Λ': "Lambda", 'Ξ': "Xi", 'Π': "Pi", 'Σ': "Sigma", 'Υ': "Upsilon",
	'Φ': "Phi", 'Ψ': "Psi", 'Ω': "Omega", 'ℓ': "ell", '∂': "d", '∇': "grad",
}

// marks maps combining marks to words: x̂ is XHat.
var marks = map[rune]string{'\u0302': "Hat", '\u0303': "Tilde", '\u0304': "Bar", '\u0305': "Bar", '\u0307': "Dot", '\u030a': "Ring", '\u20d7': "Vec"}

// letters that carry a mark of their own: ŷ is one rune.
var marked = map[rune]string{'ŷ': "yHat", 'Ŷ': "YHat", 'ŵ': "wHat", 'Ŵ': "WHat", 'â': "aHat", 'ê': "eHat", 'î': "iHat", 'ô': "oHat", 'û': "uHat",
	'Â': "AHat", 'Ê': "EHat", 'ẑ': "zHat", 'Ẑ': "ZHat", 'ĉ': "cHat", 'ĝ': "gHat", 'ĥ': "hHat", 'ĵ': "jHat", 'ŝ': "sHat",
	'ã': "aTilde", 'ñ': "nTilde", 'õ': "oTilde", 'ũ': "uTilde", 'ẽ': "eTilde", 'ỹ': "yTilde", 'ṽ': "vTilde",
	'ā': "aBar", 'ē': "eBar", 'ī': "iBar", 'ō': "oBar", 'ū': "uBar", 'ȳ': "yBar",
	'ẋ': "xDot", 'ẏ': "yDot", 'ż': "zDot"}

// ascii spells a name in ASCII letters and digits: λ lambda, x_1 x1, ŷ yHat.
func ascii(name string) string {
	var b strings.Builder
	up := false
	write := func(s string) {
		if up && s != "" {
			s = strings.ToUpper(s[:1]) + s[1:]
		}
		up = false
		b.WriteString(s)
	}
	for _, r := range name {
		switch {
		case r == '_' || r == '^' || r == '{' || r == '}' || r == ',' || r == ' ' || r == '.':
			up = b.Len() > 0
		case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			write(string(r))
		case r == '\'' || r == '′':
			write("Prime")
		case r == '*' || r == '⋆' || r == '∗':
			write("Star")
		case r >= '₀' && r <= '₉':
			write(string('0' + r - '₀'))
		case greek[r] != "":
			write(greek[r])
		case marks[r] != "":
			b.WriteString(marks[r])
		case marked[r] != "":
			write(marked[r])
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			// Another script: its code point, so that the name stays distinct.
			write("u" + strings.ToLower(strings.TrimPrefix(strings.ToUpper(quoteRune(r)), "U+")))
		}
	}
	s := b.String()
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "v" + s
	}
	return s
}

func quoteRune(r rune) string {
	const hex = "0123456789abcdef"
	s := ""
	for x := uint32(r); x > 0; x >>= 4 {
		s = string(hex[x&15]) + s
	}
	return s
}

// exported is the ASCII spelling with a capital first letter: lambda Lambda.
func exported(name string) string {
	s := ascii(name)
	return strings.ToUpper(s[:1]) + s[1:]
}

// namer gives distinct names within a scope.
type namer struct {
	used map[string]bool
	next map[string]int // name → the first number to try with it
}

// predeclared are names that generated code uses with their usual meaning.
var predeclared = []string{"len", "max", "min", "panic", "range", "float64", "float32", "int", "string", "make", "copy", "nil", "true", "false",
	"math", "blas", "blas64", "blas32", "lapack64", "mat", "optimize", "testing", "fmt", "in", "grad", "m", "lo", "hi", "i", "j", "k", "append", "bool", "rune", "byte", "error", "new", "any", "iota", "init", "main"}

func newNamer(taken ...string) *namer {
	n := &namer{used: make(map[string]bool), next: make(map[string]int)}
	for _, s := range predeclared {
		n.used[s] = true
	}
	for _, s := range taken {
		n.used[s] = true
	}
	return n
}

// fresh returns name, or name2, name3 … if it is taken or a keyword.
func (n *namer) fresh(name string) string {
	s := name
	k := max(n.next[name], 2)
	for ; n.used[s] || token.IsKeyword(s); k++ {
		s = name + "_" + itoa(k)
		if !strings.ContainsAny(name[len(name)-1:], "0123456789") {
			s = name + itoa(k)
		}
	}
	n.next[name] = k
	n.used[s] = true
	return s
}

func itoa(k int) string {
	if k < 10 {
		return string(rune('0' + k))
	}
	return itoa(k/10) + string(rune('0'+k%10))
}
