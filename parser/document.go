package parser

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// Document is what was read from a text that holds mathematics among words, in
// any human language.
//
//	text ──mathIn──▶ regions ──mask──▶ tokens ──split──▶ statements
//	                                                └──▶ passed over
type Document struct {
	// Program holds the statements. Its Source is the whole text, so that spans
	// and line numbers are those of the document.
	Program *ast.Program
	// Passed lists the formulas, or parts of them, that are not statements of
	// the language, in order.
	Passed []Passed
	// Prose counts the lines of running text.
	Prose int

	lines []int // where each line begins
}

func newDocument(src string) *Document {
	d := &Document{Program: &ast.Program{Source: src}, lines: []int{0}}
	for i := range len(src) {
		if src[i] == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	return d
}

// Passed is a formula or line that was passed over.
type Passed struct {
	Span ast.Span
	Text string // on one line
	Why  string // "no statement", "words", or what the parser says of it
}

// IsDocument tells whether a file is to be read by ParseDocument: its name ends
// in .md, .markdown, .tex or .txt and it has formulas or code blocks.
func IsDocument(name, src string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown", ".tex", ".txt":
		return len(mathIn(src, isTeX(name))) > 0
	}
	return false
}

func isTeX(name string) bool { return strings.EqualFold(filepath.Ext(name), ".tex") }

// ParseDocument reads the declarations, definitions and claims of the display
// formulas ($$…$$, \[…\], align and the like, a $…$ alone on its line) and code
// blocks of a document, and declarations x ∈ R^n from formulas within a line.
// The name tells TeX by its ending, where % starts a comment. What is no
// statement is passed over and listed; the list of errors says only that the
// document is too long or holds no mathematics.
func ParseDocument(name, src string) (*Document, *diag.List) {
	doc := newDocument(src)
	errs := &diag.List{File: name, Source: src}
	if len(src) > maxSource {
		errs.Add(failure("E104", "the document is longer than 4 MB", "", label(ast.Span{}, "")))
		return doc, errs
	}
	regions := mathIn(src, isTeX(name))
	if len(regions) == 0 {
		errs.Add(failure("E118", "the document holds no mathematics", "formulas stand in $$…$$, \\[…\\], an align environment or a code block", label(ast.Span{}, "")))
		return doc, errs
	}
	doc.Prose = proseLines(src, regions)
	masked := mask(src, regions)
	pieces := split(masked, demote(scan(masked)))
	known := namesIn(pieces)
	at := 0
	for i := range pieces {
		p := &pieces[i]
		start := p.span().Start
		for at+1 < len(regions) && regions[at+1].start <= start {
			at++
		}
		doc.read(p, regions[at].kind, known)
	}
	return doc, errs
}

// ParseDerivation reads a derivation typed as a program whose lines may also be
// words: those are passed over. Errors in lines that are mathematics are
// reported as by Parse.
func ParseDerivation(src string) (*Document, *diag.List) {
	doc := newDocument(src)
	errs := &diag.List{Source: src}
	if len(src) > maxSource {
		errs.Add(failure("E104", "the program is longer than 4 MB", "", label(ast.Span{}, "")))
		return doc, errs
	}
	pieces := split(src, demote(scan(src)))
	known := namesIn(pieces)
	for i := range pieces {
		p := &pieces[i]
		if len(errs.Items) > maxErrors {
			break
		}
		if isProse(p.toks, known) {
			doc.Prose++
			doc.pass(p.span(), "words")
			continue
		}
		if p.toks = withoutLead(p.toks, known); len(p.toks) == 0 {
			continue
		}
		st, d := statementOf(p, doc.Program)
		if d != nil {
			errs.Add(d)
		} else if st != nil {
			doc.Program.Stmts = append(doc.Program.Stmts, st)
		}
	}
	if len(doc.Program.Stmts) == 0 && len(errs.Items) == 0 {
		errs.Add(failure("E118", "the program is empty", "write an objective: Q = sum((X w - y).^2)", label(ast.Span{}, "")))
	}
	return doc, errs
}

// Line returns the 1-based line of a byte offset of the source.
func (d *Document) Line(offset int) int {
	i, found := slices.BinarySearch(d.lines, offset)
	if found {
		i++
	}
	return max(i, 1)
}

func (d *Document) pass(s ast.Span, why string) {
	text := strings.Join(strings.Fields(d.Program.Source[s.Start:s.End]), " ")
	d.Passed = append(d.Passed, Passed{Span: s, Text: text, Why: why})
}

// read takes what it can of one formula.
//
// It tries the formula as it stands and then with what writers add to one cut
// off: remarks in braces, arrows, conditions, frames.
func (d *Document) read(p *piece, kind regionKind, known map[string]bool) {
	whole := p.span()
	p.toks = withoutEnd(withoutLead(p.toks, known))
	if len(p.toks) == 0 {
		return
	}
	if kind == code && isProse(p.toks, known) {
		d.pass(whole, "words")
		return
	}
	if name, set := membership(p.toks); set != nil { // z = f(x, y) ∈ R^k says two things
		d.read(&piece{toks: p.toks[:len(p.toks)-len(set)], err: p.err}, kind, known)
		p.toks = append([]lexer.Token{name}, set...)
		whole = spanOf(&set[0]).To(whole)
	}
	var why *diag.Diagnostic
	for _, variant := range []func([]lexer.Token) []lexer.Token{unchained, keep, uncommented, conditioned, unwrapped} {
		toks := variant(p.toks)
		if toks == nil {
			continue
		}
		toks = withoutEnd(toks)
		notes := len(d.Program.Notes)
		q := &piece{toks: toks, err: p.err}
		st, e := statementOf(q, d.Program)
		if e == nil && st != nil && d.states(st, toks, kind) {
			if end := q.span().End; q.span().Start == whole.Start && end < whole.End && strings.Trim(d.Program.Source[end:whole.End], " \t\r\n.,;:") != "" {
				d.pass(ast.Span{Start: end, End: whole.End}, "no statement")
			}
			d.Program.Stmts = append(d.Program.Stmts, st)
			return
		}
		d.Program.Notes = d.Program.Notes[:notes]
		if e != nil && why == nil {
			why = e
		}
	}
	if why != nil {
		d.pass(whole, why.Message)
		return
	}
	if kind == inline {
		d.pass(whole, "within a line")
		return
	}
	d.pass(whole, "no statement")
}

// states tells whether a statement says something in a document: within a line
// only declarations do, and a bare expression does in code only.
func (d *Document) states(st ast.Stmt, toks []lexer.Token, kind regionKind) bool {
	switch st := st.(type) {
	case *ast.Decl:
		if kind == inline {
			return !st.Assume && hasKind(toks, tIn)
		}
		return true
	case *ast.ExprStmt:
		return kind == code
	}
	return kind != inline
}

func hasKind(toks []lexer.Token, k lexer.TokenType) bool {
	for i := range toks {
		if toks[i].Type == k {
			return true
		}
	}
	return false
}

func keep(toks []lexer.Token) []lexer.Token { return toks }

// uncommented cuts a formula at an arrow, a remark or an end-of-proof sign.
func uncommented(toks []lexer.Token) []lexer.Token {
	depth := 0
	for i := range toks {
		t := &toks[i]
		switch {
		case closers[t.Type] != 0:
			depth++
		case isCloser[t.Type]:
			depth--
		case depth == 0 && i > 0 && (t.Type == tText || t.Type == tImplies || t.Type == tArrow && endsFormula[t.Value]):
			return toks[:i]
		}
	}
	return nil
}

var endsFormula = setOf(`→ ← ⟶ -> \to \rightarrow \leftarrow \longrightarrow \blacksquare \square \qed ■ ∎`)

// unchained takes the remarks in braces out of a chain: a = \{…\} = b.
func unchained(toks []lexer.Token) []lexer.Token {
	if short := uncommented(toks); short != nil {
		toks = short
	}
	var out []lexer.Token
	sides, dropped := 0, false
	for from := 0; from <= len(toks); {
		to, depth := from, 0
		for to < len(toks) && (depth > 0 || toks[to].Type != tEq) {
			if closers[toks[to].Type] != 0 {
				depth++
			} else if isCloser[toks[to].Type] {
				depth--
			}
			to++
		}
		side := toks[from:to]
		if n := len(side); n > 1 && side[0].Type == tLSet && side[n-1].Type == tRSet {
			dropped = true
		} else {
			if sides > 0 {
				out = append(out, toks[from-1])
			}
			out = append(out, side...)
			sides++
		}
		from = to + 1
	}
	if !dropped || sides < 2 {
		return nil
	}
	return out
}

// membership finds the ∈ R^k after an equation for a name.
func membership(toks []lexer.Token) (name lexer.Token, set []lexer.Token) {
	if len(toks) < 4 || toks[0].Type != tName || toks[1].Type != tEq {
		return name, nil
	}
	depth := 0
	for i := range toks {
		switch t := toks[i].Type; {
		case closers[t] != 0:
			depth++
		case isCloser[t]:
			depth--
		case t == tIn && depth == 0:
			return toks[0], toks[i:]
		}
	}
	return name, nil
}

// unwrapped takes a statement out of \underbrace{…}_{…}, \boxed{…} or \{…\}.
func unwrapped(toks []lexer.Token) []lexer.Token {
	if len(toks) > 0 && toks[0].Type == tBrace {
		toks = toks[1:]
	}
	if len(toks) < 3 || toks[0].Type != tLBrace && toks[0].Type != tLSet {
		return nil
	}
	depth := 0
	for i := range toks {
		switch t := toks[i].Type; {
		case closers[t] != 0:
			depth++
		case isCloser[t]:
			if depth--; depth == 0 {
				if i == len(toks)-1 || i == len(toks)-2 && toks[i+1].Type == tSub {
					return toks[1:i]
				}
				return nil
			}
		}
	}
	return nil
}

// conditioned makes one name of p(y=1|x, w) on the left of a formula.
func conditioned(toks []lexer.Token) []lexer.Token {
	if len(toks) < 4 || toks[0].Type != tName || toks[1].Type != tOpen {
		return nil
	}
	depth, bar := 0, false
	for i := 1; i < len(toks); i++ {
		switch toks[i].Type {
		case tOpen:
			depth++
		case tBar, tEq:
			bar = true
		case tClose:
			if depth--; depth > 0 {
				continue
			}
			if !bar || i+1 >= len(toks) || toks[i+1].Type != tEq {
				return nil
			}
			var b strings.Builder
			for _, t := range toks[:i+1] {
				b.WriteString(t.Value)
			}
			name := lexer.Token{Type: tName, Value: b.String(), Pos: toks[0].Pos}
			out := append([]lexer.Token{name}, toks[i+1:]...)
			if short := uncommented(out); short != nil {
				return short
			}
			return out
		}
	}
	return nil
}

// withoutEnd drops punctuation at the end of a formula.
func withoutEnd(toks []lexer.Token) []lexer.Token {
	for n := len(toks); n > 0; n = len(toks) {
		t := &toks[n-1]
		if t.Type != tComma && !(t.Type == tBad && strings.Trim(t.Value, ".") == "") && !(t.Type == tText && n > 1) {
			break
		}
		toks = toks[:n-1]
	}
	return toks
}

// connectives begin a line of a derivation without being part of it.
var connectives = setOf("so thus hence then therefore where with and let since because now set define here also finally consequently moreover gives yields " +
	"So Thus Hence Then Therefore Where With And Let Since Because Now Set Define Here Also Finally Consequently Moreover " +
	"и где тогда поэтому пусть следовательно значит отсюда итак И Где Тогда Поэтому Пусть Следовательно Значит Отсюда Итак " +
	"also daher somit folglich wobei sei Also Daher Somit Folglich Wobei Sei donc alors où soit Donc Alors Soit luego entonces donde sea Luego Entonces Donde Sea")

// withoutLead drops connectives before a formula: "so dQ = …".
func withoutLead(toks []lexer.Token, known map[string]bool) []lexer.Token {
	for len(toks) > 0 && toks[0].Type == tName && connectives[toks[0].Value] && !known[toks[0].Value] {
		if len(toks) == 1 { // "hence," was cut off at its comma
			return nil
		}
		switch toks[1].Type {
		case tComma:
			toks = toks[1:]
		case tName, tPartial, tNabla, tFrac, tNorm, tBar, tOpen:
		default:
			return toks
		}
		toks = toks[1:]
	}
	return toks
}

// namesIn collects the names that statements declare or define.
func namesIn(pieces []piece) map[string]bool {
	known := make(map[string]bool)
	for i := range pieces {
		toks := pieces[i].toks
		k := 0
		for k+1 < len(toks) && toks[k].Type == tName && toks[k+1].Type == tComma {
			k += 2
		}
		if k+1 < len(toks) && toks[k].Type == tName && (toks[k+1].Type == tColon || toks[k+1].Type == tEq || toks[k+1].Type == tIn) {
			for _, t := range toks[:k+1] {
				known[t.Value] = true
			}
		}
	}
	return known
}

// wordy matches a word of a human language: two or more letters, all but the
// first of them small.
var wordy = regexp.MustCompile(`\A\pL\p{Ll}+\z`)

// isProse tells whether the tokens of a line are words rather than
// mathematics: two or more of them in a row, most of the line, without a sign
// that words do not have.
func isProse(toks []lexer.Token, known map[string]bool) bool {
	words, row, longest := 0, 0, 0
	for i := range toks {
		t := &toks[i]
		switch t.Type {
		case tName:
			call := i+1 < len(toks) && toks[i+1].Type == tOpen && endOf(*t) == toks[i+1].Pos.Offset
			if wordy.MatchString(t.Value) && !known[t.Value] && !call && !isProperty(t.Value) {
				words++
				row++
				longest = max(longest, row)
				continue
			}
		case tEq, tPartial, tNabla, tFrac, tIn, tImplies, tElemMul:
			return false
		}
		row = 0
	}
	return longest >= 2 && 2*words >= len(toks) || longest >= 3
}
