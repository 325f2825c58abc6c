package check

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// textEdit is a right side with one slip mended.
type textEdit struct{ text, id, message string }

// edits lists what a right side whose shapes do not fit could have been.
func edits(rhs string) []textEdit {
	var out []textEdit
	for _, k := range operandEnds(rhs) {
		out = append(out, textEdit{rhs[:k] + "'" + rhs[k:], "missing-transpose", "a transpose is missing"})
	}
	for k := 0; k < len(rhs); k++ {
		if rhs[k] == '\'' {
			out = append(out, textEdit{rhs[:k] + rhs[k+1:], "missing-transpose", "a transpose does not belong here"})
		}
	}
	for k := 0; k < len(rhs); k++ {
		switch {
		case strings.HasPrefix(rhs[k:], ".*"):
			out = append(out, textEdit{rhs[:k] + "*" + rhs[k+2:], "hadamard", "an elementwise product stands where the matrix product belongs"})
		case rhs[k] == '*' && (k == 0 || rhs[k-1] != '.'):
			out = append(out, textEdit{rhs[:k] + ".*" + rhs[k+1:], "hadamard", "a matrix product stands where the elementwise product belongs"})
		}
	}
	for _, t := range swaps(rhs) {
		out = append(out, textEdit{t, "order-of-factors", "the factors are out of order"})
	}
	return out
}

// operandEnds returns the offsets behind names and closing brackets.
func operandEnds(s string) []int {
	var out []int
	for k := 0; k < len(s); {
		r, n := utf8.DecodeRuneInString(s[k:])
		next, _ := utf8.DecodeRuneInString(s[k+n:])
		word := letter(r) || r == '_' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		more := letter(next) || next == '_' || unicode.IsDigit(next) || unicode.Is(unicode.Mn, next)
		k += n
		if (word && !more && next != '(' && !unicode.IsDigit(r) || r == ')' || word && !more && next != '(') && next != '\'' && next != 'ᵀ' {
			out = append(out, k)
		}
	}
	return out
}

// factorAt returns the factors to both sides of the operator at s[k].
func factorAt(s string, k int) (l, r int) {
	const stops = "*+-/=,"
	l, r = k, k+1
	for depth := 0; l > 0; l-- {
		ch := s[l-1]
		if ch == ')' {
			depth++
		}
		if ch == '(' {
			if depth == 0 {
				break
			}
			depth--
		}
		if depth == 0 && strings.ContainsRune(stops, rune(ch)) {
			break
		}
	}
	for depth := 0; r < len(s); r++ {
		ch := s[r]
		if ch == '(' {
			depth++
		}
		if ch == ')' {
			if depth == 0 {
				break
			}
			depth--
		}
		if depth == 0 && strings.ContainsRune(stops, rune(ch)) {
			break
		}
	}
	return l, r
}

// swaps exchanges neighbouring factors of written products a*b.
func swaps(s string) []string {
	var out []string
	for k := 0; k < len(s); k++ {
		if s[k] != '*' || k > 0 && s[k-1] == '.' {
			continue
		}
		l, r := factorAt(s, k)
		a, b := strings.TrimSpace(s[l:k]), strings.TrimSpace(s[k+1:r])
		if a != "" && b != "" {
			out = append(out, s[:l]+b+"*"+a+s[r:])
		}
	}
	return out
}
