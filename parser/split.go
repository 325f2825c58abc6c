package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// Limits of a program.
const (
	maxSource    = 4 << 20
	maxStatement = 200_000 // tokens
	maxParts     = 1000    // sides of a chain; names, sizes and properties of a declaration
	maxNesting   = maxDepth
)

// piece is one statement's tokens, with what is already known to be wrong.
type piece struct {
	toks []lexer.Token
	err  *diag.Diagnostic
}

// splitter cuts the tokens of a program into statements, each parsed by
// itself, so that an error in one leaves the others to be read.
type splitter struct {
	src    string
	toks   []lexer.Token
	match  []int // index of the matching bracket, -1 for none
	faults map[int]*diag.Diagnostic
	pieces []piece

	// What separates has looked up: the end of a list of names, and whether a
	// sign of a statement (= : ∈) comes before the end of the statement.
	namesFrom, namesTo int
	signFrom, signTo   int
	sign               bool
}

func split(src string, toks []lexer.Token) []piece {
	s := &splitter{src: src, toks: toks, match: make([]int, len(toks)), faults: make(map[int]*diag.Diagnostic)}
	s.matchBrackets()
	s.cut()
	return s.pieces
}

var closers = map[lexer.TokenType]lexer.TokenType{
	tOpen: tClose, tLBrack: tRBrack, tLBrace: tRBrace, tLSet: tRSet, tLAngle: tRAngle, tCases: tEndCases, tMatrix: tEndMatrix,
	tLAbs: tRAbs, tLNorm: tRNorm,
}

var isCloser = func() map[lexer.TokenType]bool {
	m := make(map[lexer.TokenType]bool)
	for _, c := range closers {
		m[c] = true
	}
	return m
}()

// matchBrackets pairs the brackets. A bracket still open where a new statement
// clearly begins is unclosed, so that the fault stays within its statement.
func (s *splitter) matchBrackets() {
	var open []int
	drop := func() {
		if len(open) > 0 {
			i := open[len(open)-1] // the innermost says it for all
			s.faults[i] = missingIn(&s.toks[i], nil)
			open = open[:0]
		}
	}
	for i := range s.toks {
		s.match[i] = -1
	}
	for i := range s.toks {
		t := &s.toks[i]
		switch {
		case closers[t.Type] != 0:
			if t.Type == tCases && (i == 0 || s.ends(i-1)) {
				s.dissolve(i) // a system of equations, not a value by cases
				continue
			}
			open = append(open, i)
		case isCloser[t.Type]:
			n := len(open) - 1
			if n < 0 {
				s.faults[i] = missingIn(nil, t)
				continue
			}
			if j := open[n]; closers[s.toks[j].Type] == t.Type || s.isInterval(j, t.Type) {
				s.match[i], s.match[j] = j, i
				open = open[:n]
				continue
			}
			s.faults[open[n]] = missingIn(&s.toks[open[n]], t)
			s.match[i], s.match[open[n]] = open[n], i // as if it fitted, to go on behind it
			open = open[:n]
		case (t.Type == tEOL || t.Type == tSemi) && len(open) > 0:
			switch k := s.toks[open[len(open)-1]].Type; k {
			case tOpen, tLAngle, tLAbs, tLNorm:
				if s.beginsStatement(i + 1) {
					drop()
				}
			case tLBrack:
				if t.Type == tEOL && s.beginsStatement(i+1) && !s.closesSoon(i+1) {
					drop()
				}
			}
		}
	}
	drop()
}

// ends tells whether the token at i ends a statement.
func (s *splitter) ends(i int) bool {
	k := s.toks[i].Type
	return k == tEOL || k == tSemi
}

// dissolve turns \begin{cases} and its end into line ends.
func (s *splitter) dissolve(i int) {
	s.toks[i].Type = tEOL
	for j := i + 1; j < len(s.toks); j++ {
		switch s.toks[j].Type {
		case tAmp, tEndCases:
			end := s.toks[j].Type == tEndCases
			s.toks[j].Type = tEOL
			if !end {
				s.toks[j].Value = "&"
			}
			if end {
				return
			}
		case tCases:
			return
		}
	}
}

// isInterval tells a half-open interval [x ∈ [a, b)].
func (s *splitter) isInterval(j int, close lexer.TokenType) bool {
	return j > 0 && s.toks[j-1].Type == tIn && (close == tClose || close == tRBrack)
}

// beginsStatement tells whether the tokens from i to the end of the line look
// like a statement of their own: a name, then = or : at the line's own level.
func (s *splitter) beginsStatement(i int) bool {
	for i < len(s.toks) && s.toks[i].Type == tEOL {
		i++
	}
	if i >= len(s.toks) {
		return false
	}
	switch s.toks[i].Type {
	case tName, tPartial, tNabla, tFrac:
	default:
		return false
	}
	depth := 0
	for end := min(len(s.toks), i+64); i < end; i++ {
		t := s.toks[i]
		switch {
		case s.ends(i):
			return false
		case closers[t.Type] != 0:
			depth++
		case isCloser[t.Type]:
			if depth--; depth < 0 {
				return false
			}
		case depth == 0 && (t.Type == tEq || t.Type == tColon || t.Type == tIn):
			return true
		}
	}
	return false
}

// closesSoon tells whether the square bracket closes on the line at i.
func (s *splitter) closesSoon(i int) bool {
	for ; i < len(s.toks) && !s.ends(i); i++ {
		if s.toks[i].Type == tRBrack {
			return true
		}
	}
	return false
}

// cut makes the statements: they end at newlines and semicolons outside of
// brackets, and at commas between statements.
func (s *splitter) cut() {
	var cur []lexer.Token
	var fault *diag.Diagnostic
	depth := 0
	var env []int
	flush := func() {
		if len(cur) == 0 && fault == nil {
			return
		}
		if fault != nil && fault.Code == "E103" && len(fault.Labels) == 1 && len(cur) > 0 && fault.Labels[0].Text == openedHere {
			if end := endOf(cur[len(cur)-1]); end > fault.Labels[0].Span.End {
				fault.Labels = append(fault.Labels, label(ast.Span{Start: end, End: end}, "not closed by here"))
			}
		}
		if fault == nil && len(cur) > maxStatement {
			fault = failure("E104", "the statement is too long", "give names to its parts", label(spanOf(&cur[0]), ""))
		}
		s.pieces = append(s.pieces, piece{toks: cur, err: fault})
		cur, fault, depth = nil, nil, 0
	}
	start, owned := 0, false // cur is the tokens from start on, unless owned
	for i := range s.toks {
		t := s.toks[i]
		if f := s.faults[i]; f != nil && fault == nil {
			fault = f
		}
		switch {
		case s.match[i] > i:
			depth++
			env = append(env, i)
			if depth > maxNesting && fault == nil {
				fault = failure("E104", "brackets are nested too deeply", "give names to the parts of the expression", label(spanOf(&t), ""))
			}
		case s.match[i] >= 0:
			if depth--; depth < 0 {
				depth = 0
			}
			if len(env) > 0 {
				env = env[:len(env)-1]
			}
		case t.Type == tEOL && t.Value == "&":
			continue
		case t.Type == tEOL && depth > 0:
			if k := s.toks[env[len(env)-1]].Type; (k == tCases || k == tMatrix) && t.Value == `\\` {
				cur = append(cur, t)
			}
			continue
		case t.Type == tEOL && s.continues(cur, start, i):
			continue
		case t.Type == tEq && s.repeats(cur, i):
			continue
		case t.Type == tEOL, t.Type == tSemi && depth == 0:
			flush()
			start = i + 1
			continue
		case t.Type == tComma && depth == 0 && s.separates(cur, i):
			flush()
			start = i + 1
			continue
		}
		switch {
		case cur == nil:
			cur, start, owned = s.toks[i:i+1:i+1], i, false
		case !owned && i == start+len(cur):
			cur = s.toks[start : i+1 : i+1]
		default: // a line end was left out
			cur, owned = append(cur, t), true
		}
	}
	flush()
}

// continues tells whether the statement cur, which began at token start, goes
// on behind the line end at i.
func (s *splitter) continues(cur []lexer.Token, start, i int) bool {
	if len(cur) == 0 {
		return false
	}
	j := i + 1
	soft := s.toks[i].Value == `\\`
	for j < len(s.toks) && s.toks[j].Type == tEOL {
		soft = soft || s.toks[j].Value == `\\`
		j++
	}
	if j >= len(s.toks) {
		return false
	}
	switch s.toks[j].Type {
	case tEq, tMul, tElemMul, tDiv, tElemDiv, tSolve, tKron, tImplies, tAdd:
		return s.toks[j].Type != tMul || s.toks[j].Value != "•"
	case tMinus:
		if soft || s.indent(s.toks[j]) > s.indent(s.toks[start]) {
			return true
		}
	}
	switch cur[len(cur)-1].Type {
	case tEq, tMul, tElemMul, tDiv, tElemDiv, tSolve, tKron, tAdd, tMinus, tComma, tColon, tIn, tImplies:
		return !s.beginsStatement(j)
	}
	return false
}

// repeats tells whether the = at i, at the start of a line, repeats the one at
// the end of the line before.
func (s *splitter) repeats(cur []lexer.Token, i int) bool {
	return len(cur) > 0 && cur[len(cur)-1].Type == tEq && s.toks[i-1].Type == tEOL
}

// indent is the column, in bytes, of a token on its line.
func (s *splitter) indent(t lexer.Token) int {
	return t.Pos.Offset - 1 - strings.LastIndexByte(s.src[:t.Pos.Offset], '\n')
}

// separates tells whether the comma at i, outside of brackets and after cur,
// stands between statements: x: n, y: m. Commas between the names of one
// declaration and before its properties belong to it.
func (s *splitter) separates(cur []lexer.Token, i int) bool {
	if len(cur) == 0 {
		return true
	}
	if i+1 < len(s.toks) && isProperty(s.toks[i+1].Value) {
		return false
	}
	if s.namesTo <= i { // else the comma is in the list looked at before
		s.namesFrom = i - len(cur)
		s.namesTo = s.namesFrom
		for s.namesTo < len(s.toks) && (s.toks[s.namesTo].Type == tName && s.toks[s.namesTo].Value != "in" || s.toks[s.namesTo].Type == tComma) {
			s.namesTo++
		}
	}
	if j := s.namesTo; j > i {
		if j < len(s.toks) && (s.toks[j].Type == tColon || s.toks[j].Type == tIn || s.toks[j].Value == "in" || s.toks[j].Type == tCompare) || isProperty(s.toks[j-1].Value) {
			return false
		}
	}
	return s.signAhead(i + 1)
}

// signAhead tells whether a sign that makes a statement follows at the level
// of token i before the statement ends.
func (s *splitter) signAhead(i int) bool {
	if s.signFrom <= i && i < s.signTo {
		return s.sign
	}
	s.signFrom, s.sign = i, false
	depth, j := 0, i
	for ; j < len(s.toks) && !s.sign; j++ {
		t := s.toks[j]
		if depth == 0 && s.ends(j) {
			break
		}
		switch {
		case s.match[j] > j:
			depth++
		case s.match[j] >= 0:
			depth--
		case depth > 0:
		case t.Type == tEq || t.Type == tColon || t.Type == tIn:
			s.sign = true
		}
	}
	s.signTo = j
	return s.sign
}

// span covers the tokens of a statement.
func (p *piece) span() ast.Span {
	if len(p.toks) == 0 {
		return ast.Span{}
	}
	return spanOf(&p.toks[0]).To(spanOf(&p.toks[len(p.toks)-1]))
}
