package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// latexOps are the commands that are operators, brackets or signs.
var latexOps = map[string]lexer.TokenType{
	"cdot": tMul, "times": tMul, "ast": tMul, "bullet": tMul, "odot": tElemMul, "circ": tElemMul, "otimes": tKron, "div": tDiv, "oslash": tElemDiv,
	"backslash": tSolve, "setminus": tSolve, "top": tTrans, "intercal": tTrans, "prime": tTrans, "pm": tArrow,
	"le": tCompare, "leq": tCompare, "leqslant": tCompare, "ge": tCompare, "geq": tCompare, "geqslant": tCompare, "lt": tCompare, "gt": tCompare,
	"ne": tCompare, "neq": tCompare, "succ": tCompare, "succeq": tCompare,
	"in": tIn, "equiv": tEq, "coloneqq": tEq, "triangleq": tEq, "colon": tColon,
	"Rightarrow": tImplies, "implies": tImplies, "Longrightarrow": tImplies, "Leftrightarrow": tImplies, "iff": tImplies,
	"to": tArrow, "rightarrow": tArrow, "leftarrow": tArrow, "longrightarrow": tArrow, "mapsto": tArrow, "approx": tArrow, "propto": tArrow, "sim": tArrow,
	"dots": tArrow, "ldots": tArrow, "cdots": tArrow, "vdots": tArrow, "ddots": tArrow, "ll": tArrow, "gg": tArrow, "int": tArrow,
	"blacksquare": tArrow, "square": tArrow, "qed": tArrow, "forall": tArrow, "exists": tArrow, "notin": tArrow, "subset": tArrow, "mid": tBar,
	"partial": tPartial, "nabla": tNabla, "frac": tFrac, "dfrac": tFrac, "tfrac": tFrac, "cfrac": tFrac, "sqrt": tSqrt,
	"sum": tBigOp, "prod": tBigOp, "underbrace": tBrace, "overbrace": tBrace, "underset": tOver, "overset": tOver, "stackrel": tOver,
	"|": tNorm, "Vert": tNorm, "parallel": tNorm, "lVert": tLNorm, "rVert": tRNorm, "vert": tBar, "lvert": tLAbs, "rvert": tRAbs,
	"langle": tLAngle, "rangle": tRAngle, "lbrace": tLSet, "rbrace": tRSet, "{": tLSet, "}": tRSet, "lbrack": tLBrack, "rbrack": tRBrack,
	"lparen": tOpen, "rparen": tClose,
	`\`: tEOL, "[": tEOL, "]": tEOL, "(": tEOL, ")": tEOL, "newline": tEOL, "cr": tEOL,
}

// latexSkip are the commands that only space or size; the number is how many
// arguments go with them.
var latexSkip = map[string]int{
	",": 0, ";": 0, ":": 0, "!": 0, " ": 0, ">": 0, "/": 0, "quad": 0, "qquad": 0, "displaystyle": 0, "textstyle": 0, "scriptstyle": 0, "limits": 0, "nolimits": 0,
	"big": 0, "Big": 0, "bigg": 0, "Bigg": 0, "bigl": 0, "Bigl": 0, "biggl": 0, "Biggl": 0, "bigr": 0, "Bigr": 0, "biggr": 0, "Biggr": 0,
	"bigm": 0, "middle": 0, "nonumber": 0, "notag": 0, "noindent": 0, "hfill": 0, "allowbreak": 0, "centering": 0, "mathop": 0, "mathrel": 0, "mathbin": 0, "mathord": 0,
	"tag": 1, "tag*": 1, "label": 1, "hspace": 1, "vspace": 1, "phantom": 1, "vphantom": 1, "hphantom": 1, "color": 1, "strut": 0, "boxed": 0, "ensuremath": 0,
	"left": 0, "right": 0,
}

// backslash scans a LaTeX command, a line continuation or the solve operator.
// A word after \ that is no command is a variable: A\b is A \ b.
func (s *scanner) backslash(bound bool) {
	cmd, end := command(s.src, s.pos)
	n := end - s.pos
	switch {
	case cmd == "" || cmd == "\n" || cmd == "\r" || strings.Trim(cmd, " \t") == "" && s.blankTo(end):
		if i := strings.IndexByte(s.src[s.pos:], '\n'); i >= 0 && strings.Trim(s.src[s.pos+1:s.pos+i], " \t\r") == "" {
			s.pos += i + 1 // backslash at the end of a line: it goes on
			return
		}
		s.take(tSolve, 1)
	case (cmd == "(" || cmd == "[") && (s.afterOperand() || s.afterSpaceOperand() && !s.inlineMath()): // (A'A)\(A'b)
		s.take(tSolve, 1)
	case cmd == " " && s.afterSpaceOperand():
		s.take(tSolve, 1) // A \ b
	case cmd == "left" || cmd == "right":
		s.pos = end
		s.delimiter(cmd == "left")
	case cmd == "begin" || cmd == "end":
		s.environment(cmd, end)
	case cmd == "text" || cmd == "mbox" || cmd == "textnormal":
		s.textOf(end)
	case greek[cmd] != "" && s.afterOperand() && s.typed(cmd): // A\beta in a program that types beta
		s.take(tSolve, 1)
	case s.isName(cmd):
		if e := s.nameEnd(s.pos); e > 0 {
			s.take(tName, e-s.pos)
			return
		}
		if fonts[cmd] { // a typeface around more than a name says nothing
			s.pos = end
			return
		}
		s.bad(n)
	case hasKey(latexSkip, cmd):
		s.pos = end
		for range latexSkip[cmd] {
			_, s.pos = argument(s.src, s.pos)
		}
		s.bound = bound && (cmd == "limits" || cmd == "nolimits")
	case latexOps[cmd] != 0:
		s.take(latexOps[cmd], n)
		s.bound = cmd == "sum" || cmd == "prod"
		if cmd == "frac" || cmd == "dfrac" || cmd == "tfrac" {
			s.digitsOfFrac()
		}
	case cmd != "" && isLetter(rune(cmd[0])) && cmd[0] < utf8.RuneSelf && s.afterSpaceOperand() && s.solvable(cmd):
		s.take(tSolve, 1)
	case cmd != "" && (cmd == "'" || cmd == "-" || cmd == "+" || isDigit(rune(cmd[0]))):
		s.take(tSolve, 1)
	default:
		s.bad(n)
	}
}

func hasKey(m map[string]int, k string) bool { _, ok := m[k]; return ok }

// isName tells whether a command begins a name.
func (s *scanner) isName(cmd string) bool {
	return fonts[cmd] || accents[cmd] != 0 || greek[cmd] != "" || functions[cmd]
}

// solvable tells a variable after \ from a misspelt command: short words are
// variables, as is whatever the text also holds without a backslash.
func (s *scanner) solvable(cmd string) bool {
	return len(cmd) <= 2 || s.typed(cmd)
}

// typed tells whether the text holds the word without a backslash.
func (s *scanner) typed(word string) bool {
	if s.words == nil {
		s.words = make(map[string]bool)
		for _, m := range plainWords.FindAllStringSubmatch(s.src, -1) {
			s.words[m[1]] = true
		}
	}
	return s.words[word]
}

// inlineMath tells whether the text is LaTeX with formulas in \( … \) or \[ … \].
func (s *scanner) inlineMath() bool {
	if s.math == nil {
		m := strings.Contains(s.src, `\)`) || strings.Contains(s.src, `\]`)
		s.math = &m
	}
	return *s.math
}

var plainWords = lazyregexp.New(`(?:^|[^\\A-Za-z])([A-Za-z]+)`)

// blankTo tells whether only spaces stand between i and the end of the line.
func (s *scanner) blankTo(i int) bool {
	for i < len(s.src) && (s.src[i] == ' ' || s.src[i] == '\t' || s.src[i] == '\r') {
		i++
	}
	return i >= len(s.src) || s.src[i] == '\n'
}

// afterSpaceOperand tells whether the last token ends an operand.
func (s *scanner) afterSpaceOperand() bool {
	return len(s.toks) > 0 && endsOperand(s.toks[len(s.toks)-1].Type)
}

// nameEnd returns where the name that begins with the command at i ends,
// subscripts included; 0 if it is none.
func (s *scanner) nameEnd(i int) int {
	cmd, end := command(s.src, i)
	switch {
	case accents[cmd] != 0 || fonts[cmd]:
		arg, next := argument(s.src, end)
		inner := spell(arg, 8)
		if !isWordOrDigit(inner) {
			return 0
		}
		if inner == "d" && fonts[cmd] { // \mathrm{d}X
			j := next
			for s.byteAt(j) == ' ' {
				j++
			}
			if r, _ := utf8.DecodeRuneInString(s.src[min(j, len(s.src)):]); isLetter(r) {
				return s.wordEnd(j)
			} else if r == '\\' {
				if c, _ := command(s.src, j); c != cmd && s.isName(c) && !functions[c] {
					if e := s.nameEnd(j); e > 0 {
						return e
					}
				}
			}
		}
		end = next
	case greek[cmd] != "":
	case functions[cmd]:
		return end
	default:
		return 0
	}
	return s.onesEnd(end)
}

// isWordOrDigit tells whether s is one word, or the digit of \mathbf{1}.
func isWordOrDigit(s string) bool {
	if s == "" {
		return false
	}
	if s == "1" || s == "0" || s == "𝟏" || s == "𝟎" {
		return true
	}
	for i, r := range s {
		if !isLetter(r) && (i == 0 || !isDigit(r) && !isMark(r) && r != '_') {
			return false
		}
	}
	return true
}

// textOf scans \text{…}: a word is a name, a phrase is tText.
func (s *scanner) textOf(end int) {
	arg, next := argument(s.src, end)
	switch word := strings.TrimSpace(arg); {
	case next == end:
		s.bad(end - s.pos)
	case word == "":
		s.pos = next
	case isWordOrDigit(word):
		s.take(tName, s.onesEnd(next)-s.pos)
	default:
		s.take(tText, next-s.pos)
	}
}

// delimiter scans the bracket after \left or \right.
func (s *scanner) delimiter(left bool) {
	for s.byteAt(s.pos) == ' ' {
		s.pos++
	}
	pick := func(n int, l, r lexer.TokenType) {
		if left {
			s.take(l, n)
		} else {
			s.take(r, n)
		}
	}
	switch {
	case s.at("|"):
		pick(1, tLAbs, tRAbs)
	case s.at(`\vert`):
		pick(5, tLAbs, tRAbs)
	case s.at(`\|`):
		pick(2, tLNorm, tRNorm)
	case s.at(`\Vert`):
		pick(5, tLNorm, tRNorm)
	case s.at("‖"):
		pick(len("‖"), tLNorm, tRNorm)
	case s.at("["): // square brackets of LaTeX group
		pick(1, tOpen, tClose)
	case s.at("]"):
		pick(1, tOpen, tClose)
	case s.at("."):
		s.pos++
	case s.at("<"):
		s.take(tLAngle, 1)
	case s.at(">"):
		s.take(tRAngle, 1)
	}
}

var (
	environmentName = lazyregexp.New(`\A\s*\{([a-zA-Z]+)\*?\}`)
	columnSpec      = lazyregexp.New(`\A\s*\{[lcr|@ ]*\}`)
)

// environment scans \begin{…} and \end{…}: cases and matrices are brackets,
// align and the like end a statement.
func (s *scanner) environment(cmd string, end int) {
	m := environmentName.FindStringSubmatch(s.src[end:min(end+40, len(s.src))])
	if m == nil {
		s.bad(end - s.pos)
		return
	}
	n := end + len(m[0]) - s.pos
	begin := cmd == "begin"
	switch m[1] {
	case "cases", "dcases", "rcases":
		s.take(map[bool]lexer.TokenType{true: tCases, false: tEndCases}[begin], n)
	case "matrix", "pmatrix", "bmatrix", "vmatrix", "Bmatrix", "Vmatrix", "smallmatrix", "array":
		if spec := columnSpec.FindString(s.src[s.pos+n : min(s.pos+n+60, len(s.src))]); begin {
			n += len(spec)
		}
		s.take(map[bool]lexer.TokenType{true: tMatrix, false: tEndMatrix}[begin], n)
	default:
		s.take(tEOL, n)
	}
}

// inEnvironment tells whether & separates cells here.
func (s *scanner) inEnvironment() bool {
	for i := len(s.toks) - 1; i >= 0 && i > len(s.toks)-400; i-- {
		switch s.toks[i].Type {
		case tCases, tMatrix:
			return true
		case tEndCases, tEndMatrix:
			return false
		}
	}
	return false
}

// digitsOfFrac splits \frac12 and \frac1n into arguments of one character.
func (s *scanner) digitsOfFrac() {
	for range 2 {
		c := s.byteAt(s.pos)
		switch {
		case isDigit(rune(c)):
			s.take(tNumber, 1)
		case isLetter(rune(c)) && c < utf8.RuneSelf && len(s.toks) > 0 && s.toks[len(s.toks)-1].Type == tNumber:
			s.take(tName, 1)
		default:
			return
		}
	}
}

// transposeForm matches what may stand after ^ for the transpose: T, {T}, ⊤,
// {-T}, \top, {\mathsf T}.
var transposeForm = lazyregexp.New(`\A\^\s*(?:\{\s*([-−]?)\s*(?:T|⊤|⊺|'|′|\\top|\\intercal|\\prime|\\(?:mathsf|mathrm|text|mathtt|mathit|rm|mathbf|operatorname)\s*(?:\{\s*T\s*\}|T))\s*\}` +
	`|([-−]?)(?:⊤|⊺|ᵀ|'|′|\\top\b|\\intercal\b|\\prime\b|\\(?:mathsf|mathrm|text|mathtt|mathit|rm)\s*(?:\{\s*T\s*\}|T)))`)

// caret scans ^ and, in one token, the transposes written with it. ^T is the
// transpose whatever letters follow (x^TAx), except in a longer word that the
// program gives a meaning of its own (x^Tmax with Tmax declared).
func (s *scanner) caret() {
	i := s.pos + 1
	for s.byteAt(i) == ' ' {
		i++
	}
	switch c := s.byteAt(i); {
	case c == '{' || c == '\\' || c >= utf8.RuneSelf || c == '\'' || c == '-':
		if m := transposeForm.FindStringSubmatch(s.src[s.pos:min(s.pos+60, len(s.src))]); m != nil {
			s.take(map[bool]lexer.TokenType{true: tInvT, false: tTrans}[m[1] != "" || m[2] != ""], len(m[0]))
			return
		}
		if c == '-' && s.byteAt(i+1) == 'T' && !s.longT(i+1) {
			s.take(tInvT, i+2-s.pos)
			return
		}
		if strings.HasPrefix(s.src[i:], "−T") && !s.longT(i+len("−")) {
			s.take(tInvT, i+len("−T")-s.pos)
			return
		}
	case c == 'T' && !s.longT(i):
		s.take(tTrans, i+1-s.pos)
		return
	}
	s.take(tCaret, 1)
}

var longNames = lazyregexp.New(`(?m)(?:^|[;,])\s*(T\w+)\s*(?:,[^\n:=]*)?(?::|∈|=)`)

// longT tells whether the word at i is a declared or defined name longer than
// T.
func (s *scanner) longT(i int) bool {
	w := s.src[i:s.wordEnd(i)]
	if len(w) < 2 {
		return false
	}
	if s.long == nil {
		s.long = make(map[string]bool)
		for _, m := range longNames.FindAllStringSubmatch(s.src, -1) {
			s.long[m[1]] = true
		}
	}
	return s.long[w]
}

// elementwisePower scans X^{\circ 2} and X^{\odot 2} as X.^{2}.
func (s *scanner) elementwisePower() bool {
	rest, ok := strings.CutPrefix(s.src[s.pos:], "^{")
	if !ok {
		return false
	}
	rest = strings.TrimLeft(rest, " ")
	for _, name := range []string{`\circ`, `\odot`} {
		after, ok := strings.CutPrefix(rest, name)
		if !ok || after == "" || isASCIILetter(after[0]) || strings.HasPrefix(strings.TrimLeft(after, " "), "}") {
			continue
		}
		s.take(tDotCaret, 1)
		s.braces = append(s.braces, false)
		s.take(tLBrace, 1)
		s.pos = len(s.src) - len(after)
		return true
	}
	return false
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
