package parser

import (
	"path/filepath"
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
