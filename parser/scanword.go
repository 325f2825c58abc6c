package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
)

// wordAt tells whether a letter, digit or subscript stands at i.
func (s *scanner) wordAt(i int) bool {
	if i >= len(s.src) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(s.src[i:])
	return isLetter(r) || isDigit(r) || isMark(r) || r == '_' || subscripts[r] != 0
}

// word scans a name and, for sum_ and Σ_, the big operator it is.
func (s *scanner) word() {
	if n := s.bigOp(); n > 0 {
		s.take(tBigOp, n)
		s.bound = true
		return
	}
	end := s.wordEnd(s.pos)
	if modules[s.src[s.pos:end]] && s.byteAt(end) == '.' && isLetter(rune(s.byteAt(end+1))) && !(s.byteAt(end+1) == 'T' && !s.wordAt(end+2)) {
		s.module(end)
		return
	}
	if s.src[s.pos:end] == "d" && s.byteAt(end) == '\\' { // d\mathbf{X}, d\lambda
		if e := s.nameEnd(end); e > 0 {
			end = e
		}
	}
	s.take(tName, end-s.pos)
}

// modules are names that stand before functions in Python: np.exp(x). Those of
// other libraries are not here, since their functions differ (torch.var divides
// by n − 1).
var modules = map[string]bool{"np": true, "numpy": true, "jnp": true, "math": true}

// module passes over np. and np.linalg. before a function.
func (s *scanner) module(end int) {
	s.pos = end + 1
	for _, m := range []string{"linalg.", "special."} {
		if s.at(m) {
			s.pos += len(m)
		}
	}
}

// moduleNotes tells which functions lost the module before them.
func moduleNotes(src string, toks []lexer.Token) (notes []ast.Note) {
	seen := map[string]bool{}
	for _, t := range toks {
		at := t.Pos.Offset
		if t.Type != tName || at == 0 || src[at-1] != '.' || seen[t.Value] {
			continue
		}
		start := strings.LastIndexFunc(src[:at-1], func(r rune) bool { return !isLetter(r) && r != '.' }) + 1
		if m, _, _ := strings.Cut(src[start:at], "."); !modules[m] {
			continue
		}
		seen[t.Value] = true
		notes = append(notes, ast.Note{Span: ast.Span{Start: start, End: endOf(t)}, Text: "read " + src[start:endOf(t)] + " as " + t.Value})
	}
	return notes
}

// wordEnd returns where the word at i ends: letters, digits, accents,
// subscripts. A subscript in braces or in Unicode ends it.
func (s *scanner) wordEnd(i int) int {
	for i < len(s.src) {
		c := s.src[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(rune(c)) {
			i++
			continue
		}
		if c == '_' {
			e := subEnd(s.src, i)
			if e == 0 {
				return i
			}
			if n := s.src[i+1]; !isLetter(rune(n)) && !isDigit(rune(n)) && n < utf8.RuneSelf {
				return e
			}
			i = e
			continue
		}
		if c < utf8.RuneSelf {
			return i
		}
		r, n := utf8.DecodeRuneInString(s.src[i:])
		if subscripts[r] != 0 {
			return subRun(s.src, i)
		}
		if !isLetter(r) && !isMark(r) {
			return i
		}
		i += n
	}
	return i
}

// subRun returns where the run of subscript characters at i ends.
func subRun(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if subscripts[r] == 0 {
			break
		}
		i += n
	}
	return i
}

// bigOp returns the length of the big operator spelled as a word, 0 if there
// is none: sum_{i=1}, sum_i, Σ_{i=1}, Σᵢ. Whether Σ_i is a declared name is
// settled later, in demote.
func (s *scanner) bigOp() int {
	n := 0
	for _, w := range [...]string{"sum", "prod", "Σ", "Π"} {
		if s.at(w) {
			n = len(w)
			break
		}
	}
	if n == 0 || s.afterOperand() && s.toks[len(s.toks)-1].Type == tName {
		return 0
	}
	i := s.pos + n
	if s.byteAt(i) == '_' {
		if c := s.byteAt(i + 1); c == '{' {
			return n
		} else if c == '(' || 'a' <= c && c <= 'z' {
			if e := subEnd(s.src, i); e-i <= 3 || s.byteAt(e) == '_' {
				return n
			}
		}
		return 0
	}
	if r, _ := utf8.DecodeRuneInString(s.src[i:]); subscripts[r] != 0 && isLetter(subscripts[r]) {
		return n
	}
	return 0
}

// boundOf scans _ or ^ after a big operator and an unbraced bound.
func (s *scanner) boundOf(c byte) {
	if c == '_' {
		s.take(tUnder, 1)
	} else {
		s.take(tCaret, 1)
	}
	for s.byteAt(s.pos) == ' ' {
		s.pos++
	}
	switch c := s.byteAt(s.pos); {
	case c == '{':
		s.braces = append(s.braces, true)
		s.take(tLBrace, 1)
	case isDigit(rune(c)):
		s.take(tNumber, s.digits(s.pos)-s.pos)
		s.bound = true
	case isLetter(rune(c)) && c < utf8.RuneSelf:
		n := 1
		if e := s.wordEnd(s.pos); e-s.pos == 2 && isLetter(rune(s.src[e-1])) && s.byteAt(e) != '_' {
			n = 2 // Σ_ij
		}
		s.take(tName, n)
		s.bound = true
	}
}

func (s *scanner) afterNabla() bool {
	n := len(s.toks)
	if n == 0 {
		return false
	}
	if t := s.toks[n-1]; t.Type == tSup && n > 1 {
		return s.toks[n-2].Type == tNabla
	}
	return s.toks[n-1].Type == tNabla
}

// onesEnd returns where the subscript of 𝟏 ends: 𝟏_n, 𝟏ₙ.
func (s *scanner) onesEnd(i int) int {
	if s.byteAt(i) == '_' {
		return max(i, subEnd(s.src, i))
	}
	return subRun(s.src, i)
}
