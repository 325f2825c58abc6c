package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"
)

// scanner cuts source text into tokens. It never fails: what is no token of
// the language becomes a tBad, which the splitter reports with its statement.
type scanner struct {
	src    string
	pos    int
	toks   []lexer.Token
	braces []bool          // for each open {: does it hold a bound of a big operator?
	bound  bool            // the next _ or ^ carries a bound of a big operator
	latex  bool            // the text holds LaTeX line ends or environments: & aligns
	long   map[string]bool // declared words that begin with T, once asked for
	words  map[string]bool // words without a backslash, once asked for
	math   *bool           // whether formulas stand in \( … \), once asked for
}

// scan returns the tokens of src. Spaces and comments leave no token: whether
// two tokens touch is seen from their offsets.
func scan(src string) []lexer.Token {
	s := &scanner{src: src, toks: make([]lexer.Token, 0, len(src)/3+8)}
	s.latex = strings.Contains(src, `\\`) || strings.Contains(src, `\begin{`)
	for s.pos < len(src) {
		s.next()
	}
	return normKindsFirst(s.toks)
}

// normKindsFirst puts the kind of a norm before its power: ‖X‖²_F, \|X\|^2_F.
func normKindsFirst(toks []lexer.Token) []lexer.Token {
	for i := 0; i+2 < len(toks); i++ {
		if t := toks[i].Type; t != tNorm && t != tRNorm && t != tBar {
			continue
		}
		end := i + 2
		if toks[i+1].Type == tCaret && toks[i+2].Type == tNumber {
			end = i + 3
		} else if toks[i+1].Type != tSup {
			continue
		}
		if end >= len(toks) || toks[end].Type != tSub || endOf(toks[end-1]) != toks[end].Pos.Offset || endOf(toks[i]) != toks[i+1].Pos.Offset {
			continue
		}
		kind := toks[end]
		copy(toks[i+2:end+1], toks[i+1:end])
		toks[i+1] = kind
		for k := i + 1; k <= end; k++ {
			toks[k].Pos.Offset = endOf(toks[k-1])
		}
	}
	return toks
}

// take emits the next n bytes as a token.
func (s *scanner) take(t lexer.TokenType, n int) {
	s.toks = append(s.toks, lexer.Token{Type: t, Value: s.src[s.pos : s.pos+n], Pos: lexer.Position{Offset: s.pos}})
	s.pos += n
}

// at tells whether p stands at the position.
func (s *scanner) at(p string) bool { return strings.HasPrefix(s.src[s.pos:], p) }

func (s *scanner) byteAt(i int) byte {
	if i < len(s.src) {
		return s.src[i]
	}
	return 0
}

// afterOperand tells whether the last token ends an operand and touches this
// one, so that ' is a transpose and _ a subscript.
func (s *scanner) afterOperand() bool {
	if len(s.toks) == 0 {
		return false
	}
	last := s.toks[len(s.toks)-1]
	return last.Pos.Offset+len(last.Value) == s.pos && endsOperand(last.Type)
}

func endsOperand(t lexer.TokenType) bool {
	switch t {
	case tName, tNumber, tTrans, tInvT, tSup, tSub, tClose, tRBrack, tRBrace, tRSet, tRAngle, tRAbs, tRNorm, tBar, tNorm, tText, tEndCases, tEndMatrix:
		return true
	}
	return false
}

func (s *scanner) next() {
	bound := s.bound
	c := s.src[s.pos]
	switch {
	case c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f':
		s.pos++
		return
	case c == '\n':
		s.bound = false
		s.take(tEOL, 1)
		return
	case c == '#' || c == '%':
		s.comment()
		return
	}
	s.bound = false
	switch {
	case bound && c == '_' || bound && c == '^':
		s.boundOf(c)
		return
	case isDigit(rune(c)), c == '.' && isDigit(rune(s.byteAt(s.pos+1))):
		s.number()
		return
	case isLetter(rune(c)) && c < utf8.RuneSelf:
		s.word()
		return
	case c >= utf8.RuneSelf:
		s.unicode()
		return
	}
	switch c {
	case '\\':
		s.backslash(bound)
	case '.':
		s.dot()
	case '^':
		if !s.elementwisePower() {
			s.caret()
		}
	case '_':
		if n := subEnd(s.src, s.pos); n > 0 && (s.afterOperand() || s.afterNabla()) {
			s.take(tSub, n-s.pos)
			return
		}
		s.take(tBad, 1)
	case '{':
		s.braces = append(s.braces, false)
		s.take(tLBrace, 1)
	case '}':
		if n := len(s.braces); n > 0 {
			s.bound = s.braces[n-1]
			s.braces = s.braces[:n-1]
		}
		s.take(tRBrace, 1)
	case '&':
		switch {
		case s.inEnvironment():
			s.take(tAmp, 1)
		case s.latex:
			s.pos++
		default:
			s.take(tBad, 1)
		}
	case '~':
		if s.latex && !s.at("~=") {
			s.pos++
			return
		}
		s.operator(c)
	case '$': // a program pasted with its dollars
		n := 1
		if s.at("$$") {
			n = 2
		}
		if s.lineStart() || s.blankTo(s.pos+n) {
			s.take(tEOL, n)
			return
		}
		s.bad(n)
	default:
		s.operator(c)
	}
}

// lineStart tells whether only spaces stand before the position on its line.
func (s *scanner) lineStart() bool {
	n := len(s.toks)
	return n == 0 || s.toks[n-1].Type == tEOL
}

func (s *scanner) operator(c byte) {
	for _, op := range ascii[c] {
		if s.at(op.text) {
			s.take(op.kind, len(op.text))
			return
		}
	}
	s.bad(1)
}

// bad emits n bytes that are no token, joined with one just before.
func (s *scanner) bad(n int) {
	if k := len(s.toks) - 1; k >= 0 && s.toks[k].Type == tBad && s.toks[k].Pos.Offset+len(s.toks[k].Value) == s.pos {
		s.toks[k].Value = s.src[s.toks[k].Pos.Offset : s.pos+n]
		s.pos += n
		return
	}
	s.take(tBad, n)
}

func (s *scanner) comment() {
	if i := strings.IndexByte(s.src[s.pos:], '\n'); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.src)
	}
}

// number scans 2, 2.5, .5, 1e-3, 2½. A point belongs to the operator that it
// begins, if any: 1./X is 1 ./ X.
func (s *scanner) number() {
	i := s.digits(s.pos)
	if r, _ := utf8.DecodeRuneInString(s.src[i:]); s.src[s.pos:i] == "1" && (r == '_' || subscripts[r] != 0) { // 1_n, a vector of ones
		if end := s.onesEnd(i); end > i && !s.afterOperand() {
			s.take(tName, end-s.pos)
			return
		}
	}
	if s.src[s.pos:i] == "11" && transposed(s.src[i:]) { // 11ᵀ, the matrix of ones
		s.take(tNumber, 1)
		s.take(tNumber, 1)
		return
	}
	if s.byteAt(i) == '.' {
		switch c := s.byteAt(i + 1); {
		case isDigit(rune(c)):
			i = s.digits(i + 1)
		case i > s.pos && strings.IndexByte(`*/^\'.T`, c) < 0:
			i++
		case i > s.pos && c == 0:
			i++
		}
	}
	if c := s.byteAt(i); c == 'e' || c == 'E' {
		j := i + 1
		if c := s.byteAt(j); c == '-' || c == '+' {
			j++
		}
		if k := s.digits(j); k > j {
			i = k
		}
	}
	if r, n := utf8.DecodeRuneInString(s.src[i:]); vulgar[r] != "" {
		i += n
	}
	s.take(tNumber, i-s.pos)
}

// transposed tells whether a sign of transposition comes first.
func transposed(src string) bool {
	for _, t := range []string{"'", "’", "ᵀ", "^T", "^⊤", `^\top`, "^{T}", "^{⊤}", `^{\top}`, ".T", "′"} {
		if rest, ok := strings.CutPrefix(src, t); ok {
			r, _ := utf8.DecodeRuneInString(rest)
			return t != "^T" && t != ".T" || !unicode.IsLetter(r)
		}
	}
	return false
}

func (s *scanner) digits(i int) int {
	for i < len(s.src) && isDigit(rune(s.src[i])) {
		i++
	}
	return i
}

// dot scans the operators that begin with a point.
func (s *scanner) dot() {
	switch c := s.byteAt(s.pos + 1); {
	case s.at(".**"):
		s.take(tStarStar, 3)
	case c == '*':
		s.take(tElemMul, 2)
	case c == '/':
		s.take(tElemDiv, 2)
	case c == '^':
		s.take(tDotCaret, 2)
	case c == '\'':
		s.take(tTrans, 2)
	case c == '+': // Julia's entry by entry: x .+ 1, exp.(x)
		s.take(tAdd, 2)
	case c == '-':
		s.take(tMinus, 2)
	case c == '(' && len(s.toks) > 0 && s.toks[len(s.toks)-1].Type == tName && endOf(s.toks[len(s.toks)-1]) == s.pos:
		s.pos++
	case s.afterOperand() && superscripts[runeAt(s.src, s.pos+1)] != 0 && runeAt(s.src, s.pos+1) != 'ᵀ': // x.²
		start := s.pos
		s.pos++
		s.unicode()
		last := &s.toks[len(s.toks)-1]
		last.Value, last.Pos.Offset = s.src[start:s.pos], start
	case c == 'T' && s.afterOperand() && !s.wordAt(s.pos+2):
		s.take(tTrans, 2)
	case s.at("..."): // line continuation, as in MATLAB
		s.comment()
		s.pos = min(s.pos+1, len(s.src))
	case s.wordAt(s.pos+1) && len(s.toks) > 0 && endsOperand(s.toks[len(s.toks)-1].Type): // X.sum
		s.take(tBad, s.wordEnd(s.pos+1)-s.pos)
	case c == '\\' && s.afterOperand() && s.byteAt(s.pos+2) != '\\' && !s.wordAt(s.pos+3): // X.\Y
		s.take(tBad, 2)
	default:
		s.bad(1)
	}
}

func runeAt(s string, i int) rune {
	r, _ := utf8.DecodeRuneInString(s[min(i, len(s)):])
	return r
}

func (s *scanner) unicode() {
	r, n := utf8.DecodeRuneInString(s.src[s.pos:])
	switch {
	case r == utf8.RuneError && n == 1:
		s.bad(1)
	case r == '\u00a0' || 0x2000 <= r && r <= 0x200d || r == 0x202f || r == 0x205f || r == 0x3000 || r == 0xfeff || r == 0x2061 || r == 0x2062:
		s.pos += n
	case r == 0x2028 || r == 0x2029 || r == 0x85:
		s.take(tEOL, n)
	case r == '⁻' && strings.HasPrefix(s.src[s.pos+n:], "ᵀ"):
		s.take(tInvT, n+len("ᵀ"))
	case r == 'ᵀ':
		s.take(tTrans, n)
	case superscripts[r] != 0:
		i := s.pos
		for i < len(s.src) {
			r, n := utf8.DecodeRuneInString(s.src[i:])
			if superscripts[r] == 0 || r == 'ᵀ' || i > s.pos && r == '⁻' {
				break
			}
			i += n
		}
		s.take(tSup, i-s.pos)
	case subscripts[r] != 0:
		s.take(tSub, subRun(s.src, s.pos)-s.pos)
	case r == '𝟏' || r == '𝟙' || r == '𝟎' || r == '𝟘' || r == '𝟭' || r == 'ℓ':
		s.take(tName, s.onesEnd(s.pos+n)-s.pos)
	case vulgar[r] != "":
		s.take(tNumber, n)
	case unicodeOps[r] != 0:
		s.take(unicodeOps[r], n)
		s.bound = r == '∑' || r == '∏'
		if next, _ := utf8.DecodeRuneInString(s.src[s.pos:]); r == '∇' && subscripts[next] != 0 {
			s.take(tSub, subRun(s.src, s.pos)-s.pos)
		}
	case r == '…' || r == '⋯':
		s.take(tArrow, n)
	case isLetter(r):
		s.word()
	default:
		s.bad(n)
	}
}
