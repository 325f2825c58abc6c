package infer

import (
	"unicode"
	"unicode/utf8"
)

// greekNames maps the spelled names of Greek letters to the letters.
var greekNames = map[string]string{
	"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
	"theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
	"sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
	"Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
	"Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}

// keyOf returns the one key of a name that may be typed in two ways: mu_1 and
// μ_1 have the key μ_1.
func keyOf(name string) string {
	n := 0
	for n < len(name) && (name[n] >= 'a' && name[n] <= 'z' || name[n] >= 'A' && name[n] <= 'Z') {
		n++
	}
	if n < 2 || n > 10 || n < len(name) && name[n] >= utf8.RuneSelf && isLetter(firstRune(name[n:])) {
		return name
	}
	if g := greekNames[name[:n]]; g != "" {
		return g + name[n:]
	}
	return name
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func isGreek(r rune) bool { return r >= 0x370 && r <= 0x3ff }

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return unicode.IsLetter(r) || r == '𝟏' || r == '𝟎'
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// isMark tells combining characters, the hat of x̂.
func isMark(r rune) bool { return r >= 0x300 && unicode.Is(unicode.Mn, r) }

// latinLower tells lower-case letters of the Latin alphabet, with accents.
func latinLower(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z'
	}
	return !isGreek(r) && unicode.IsLower(r)
}

// isUpper tells whether a name starts with an upper-case letter.
func isUpper(name string) bool { return unicode.IsUpper(firstRune(name)) }
