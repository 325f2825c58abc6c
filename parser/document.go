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
	// Texts holds for each statement its own source on one line, remarks and
	// line ends blanked byte for byte: byte k of it stands at Starts + k of the
	// document. A text is itself a program of one statement.
	Texts  []string
	Starts []int
	// Inline tells for each statement whether it stood within a line of words.
	Inline []bool
	// Heads holds the offsets at which headings begin.
	Heads []int
	// Passed lists the formulas, or parts of them, that are not statements of
	// the language, in order.
	Passed []Passed
	// Prose counts the lines of running text.
	Prose int

	lines  []int  // where each line begins
	masked string // Source without its words
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

// IsDocument tells whether a text is to be read by ParseDocument: it has
// formulas between signs that no program has, or code blocks. In a file whose
// name ends in .md, .markdown, .tex or .txt a formula within a line is enough.
func IsDocument(name, src string) bool {
	regions := mathIn(src, isTeX(name))
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".markdown", ".tex", ".txt":
		return len(regions) > 0
	}
	for _, r := range regions {
		if r.kind == code || r.kind == display && !onlyDollars(src, r) {
			return true
		}
	}
	return false
}

// onlyDollars tells a formula between single dollars: a program that was
// pasted with its dollars is no document.
func onlyDollars(src string, r region) bool {
	return src[r.start-1] == '$' && (r.start < 2 || src[r.start-2] != '$')
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
	doc.Heads = headings(src, regions, isTeX(name))
	masked := mask(src, regions)
	doc.masked = masked
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
	original := p.toks
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
			d.keep(st, toks, original, kind == inline)
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

// keep takes a statement whose tokens are toks, out of those of its formula.
func (d *Document) keep(st ast.Stmt, toks, formula []lexer.Token, inline bool) {
	d.Program.Stmts = append(d.Program.Stmts, st)
	start, end := toks[0].Pos.Offset, endOf(toks[len(toks)-1])
	text := []byte(strings.Repeat(" ", end-start))
	k := 0
	for i, t := range toks {
		copy(text[t.Pos.Offset-start:], t.Value)
		if i+1 == len(toks) {
			break
		}
		for k < len(formula) && formula[k].Pos.Offset <= t.Pos.Offset {
			k++
		}
		next := toks[i+1].Pos.Offset
		if k < len(formula) && formula[k].Pos.Offset == next && endOf(t) <= next { // nothing was cut off between them
			gap := d.masked[endOf(t):next]
			if c := strings.IndexByte(gap, '%'); c >= 0 {
				gap = gap[:c]
			}
			copy(text[endOf(t)-start:], strings.ReplaceAll(gap, "=", " ")) // a = repeated at a line end
		}
	}
	for i, c := range text {
		if c == '\n' || c == '\r' || c == '$' || c == '&' && !hasKind(toks, tAmp) {
			text[i] = ' '
		}
	}
	d.Texts = append(d.Texts, string(text))
	d.Starts = append(d.Starts, start)
	d.Inline = append(d.Inline, inline)
}

// states tells whether a statement says something in a document: within a line
// of words declarations do and equations that are no mere setting (n = 10); a
// bare expression does in code only.
func (d *Document) states(st ast.Stmt, toks []lexer.Token, kind regionKind) bool {
	switch st := st.(type) {
	case *ast.Decl:
		if kind == inline {
			return !st.Assume && (hasKind(toks, tIn) || hasKind(toks, tColon) && !isRatio(st))
		}
		return true
	case *ast.ExprStmt:
		return kind == code
	case *ast.Equation:
		if kind == inline {
			_, name := st.Sides[0].(*ast.Name)
			return !name || !isValue(st.Sides[1])
		}
	}
	return true
}

// usualSizes are the letters that sizes have.
const usualSizes = "n m p q r d k l h N M P Q R D K L H T B C J"

// isRatio tells x: y and f: g, which declare nothing in running text: y is no
// letter for a size.
func isRatio(d *ast.Decl) bool {
	n, ok := d.Rows.(*ast.Name)
	return ok && d.Cols == nil && len(d.Props) == 0 && d.Kind == "" && (n.Sub != "" || !strings.Contains(usualSizes, n.Text))
}

// isValue tells a number, with or without a sign.
func isValue(e ast.Expr) bool {
	if u, ok := e.(*ast.Unary); ok {
		e = u.X
	}
	_, ok := e.(*ast.Number)
	return ok
}

func hasKind(toks []lexer.Token, k lexer.TokenType) bool {
	for i := range toks {
		if toks[i].Type == k {
			return true
		}
	}
	return false
}
