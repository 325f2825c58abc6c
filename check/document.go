package check

import (
	"context"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/parser"
)

// A text of words and formulas is read scope by scope. A scope is a run of
// statements in which every name means one thing.
//
//	statements ──place──▶ scopes ──infer, judge──▶ lines of the document
//	                 └──▶ passed over, with the reason
//
// See scope.go for where a scope begins.

// PassedOver is a formula of a document that is no statement of the language.
type PassedOver struct {
	Line   int    `json:"line"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
	rule   bool   // not said of what the document is about
}

// part is where one line of the report stands in the document.
type part struct {
	line int
	text string
}

// statement of a document. Its text is program text, whatever it was typed in.
type statement struct {
	text   string
	parts  []part // of its first two sides, then of every further side
	start  int    // where it stands
	name   string // what it defines, or could
	decl   bool
	eq     *ast.Equation
	hidden bool  // not written in the text: a node of a computation
	rule   bool  // an identity beside another formula: "— since tr(B') = tr(B)"
	head   int   // headings before it
	fault  *Line // it does not fit as written; text is what it was read as then
}

// reader places the statements of a document.
type reader struct {
	ctx     context.Context
	opt     Options
	doc     *parser.Document
	texts   []*statement // as they stand
	all     []*statement // declarations and definitions that were understood
	scopes  []*scope
	pending []*statement // claims that wait for a definition
	unsized []*statement // definitions that wait for a use that tells their size
	lost    []PassedOver
	lines   []Line
	notes   []string
}

// checkDocument judges the statements of a document.
func checkDocument(ctx context.Context, name, src string, opt Options) (*Report, *diag.List) {
	doc, list := parser.ParseDocument(name, src)
	if list.Err() != nil {
		return nil, list
	}
	r := &reader{ctx: ctx, opt: opt, doc: doc, scopes: []*scope{{}}}
	said := r.properties()
	for _, p := range doc.Passed {
		if slices.ContainsFunc(said, func(s *statement) bool { return s.start == p.Span.Start }) {
			continue
		}
		if p.Text = strings.Trim(p.Text, " .,;:$"); p.Text != "" {
			r.lost = append(r.lost, PassedOver{Line: doc.Line(p.Span.Start), Text: p.Text, Reason: p.Why})
		}
	}
	for i := range doc.Program.Stmts {
		r.texts = append(r.texts, r.statement(i))
	}
	for _, s := range said {
		at, _ := slices.BinarySearchFunc(r.texts, s.start, func(t *statement, start int) int { return t.start - start })
		r.texts = slices.Insert(r.texts, at, s)
	}
	for i := 0; i < len(r.texts) && ctx.Err() == nil; {
		n := 1
		for i+n < len(r.texts) && r.texts[i].decl && r.texts[i+n].decl {
			n++
		}
		if n == 1 || !r.placeAll(r.texts[i:i+n]) {
			s := *r.texts[i]
			r.place(&s)
			n = 1
		}
		i += n
	}
	r.giveUp()
	rep := &Report{Prose: doc.Prose, document: true}
	for _, s := range r.scopes {
		r.judge(s)
	}
	rep.Lines, rep.PassedOver, rep.Notes = r.lines, r.lost, r.notes
	for _, p := range r.lost {
		if strings.Contains(p.Text, "=") && !p.rule {
			rep.Lines = append(rep.Lines, Line{Line: p.Line, Text: p.Text, Kind: "formula", Verdict: NotUnderstood, Reason: p.Reason})
		}
	}
	sort.SliceStable(rep.Lines, func(i, j int) bool { return rep.Lines[i].Line < rep.Lines[j].Line })
	sort.SliceStable(rep.PassedOver, func(i, j int) bool { return rep.PassedOver[i].Line < rep.PassedOver[j].Line })
	return rep, nil
}

// properties are the declarations that the words beside a name within a line
// make: "let $A$ be symmetric". What is said under a condition is said of its
// own sentence only.
func (r *reader) properties() []*statement {
	var out []*statement
	src := r.doc.Program.Source
	for _, p := range r.doc.Passed {
		name := strings.Trim(p.Text, " .,;:$")
		if p.Why != "within a line" || !bareName.MatchString(name) {
			continue
		}
		sentence := src[max(0, p.Span.Start-200):p.Span.Start]
		if i := strings.LastIndexAny(sentence, ".\n"); i >= 0 {
			sentence = sentence[i+1:]
		}
		prop := beside(src, p.Span.Start, p.Span.End)
		if prop == "" || conditions.MatchString(" "+sentence) {
			continue
		}
		s := &statement{text: name + " " + prop, start: p.Span.Start, decl: true}
		s.head = sort.SearchInts(r.doc.Heads, s.start)
		s.parts = []part{{r.doc.Line(s.start), name + " " + prop}}
		out = append(out, s)
	}
	return out
}

var bareName = lazyregexp.New(`^\pL$|^\\[a-zA-Z]+$`)

// statement prepares the i-th statement of the document.
func (r *reader) statement(i int) *statement {
	d := r.doc
	s := &statement{text: d.Texts[i], start: d.Starts[i]}
	s.head = sort.SearchInts(d.Heads, s.start)
	whole := part{d.Line(s.start), clean(d.Texts[i])}
	switch st := d.Program.Stmts[i].(type) {
	case *ast.Decl:
		s.decl = true
		if d.Inline[i] {
			if prop := beside(d.Program.Source, s.start, s.start+len(s.text)); prop != "" {
				s.text += " " + prop
			}
		}
	case *ast.Equation:
		s.eq, s.rule = st, d.Inline[i] && r.besideAnother(s.start) && !isName(st.Sides[0]) && !isDiff(st.Sides[0])
		switch x := st.Sides[0].(type) {
		case *ast.Name:
			s.name = x.Text
		case *ast.Call:
			s.name = x.Fun.Text
		}
		var sides []string
		for k, x := range st.Sides {
			sides = append(sides, ast.Text(x))
			switch at := x.Pos(); k {
			case 0:
			case 1:
				s.parts = append(s.parts, part{d.Line(st.Sides[0].Pos().Start), r.source(st.Sides[0].Pos().To(at))})
			default:
				s.parts = append(s.parts, part{d.Line(at.Start), r.source(at)})
			}
		}
		if n := len(sides); n == 2 && st.Then == nil && isDiff(st.Sides[1]) && !isDiff(st.Sides[0]) && s.name == "" {
			sides[0], sides[1] = sides[1], sides[0] // … = dQ
		}
		text := strings.Join(sides, " = ")
		for e := st.Then; e != nil; e = e.Then {
			var sides []string
			for _, x := range e.Sides {
				sides = append(sides, ast.Text(x))
			}
			text += " ⇒ " + strings.Join(sides, " = ")
		}
		if prog, list := parser.Parse(text); list.Err() == nil && len(prog.Stmts) == 1 {
			s.text = text
		}
	}
	if len(s.parts) == 0 {
		s.parts = []part{whole}
	}
	return s
}

// besideAnother tells a formula within a line that another formula stands in.
func (r *reader) besideAnother(start int) bool {
	line := r.doc.Program.Source[:start]
	line = line[strings.LastIndexByte(line, '\n')+1:]
	return strings.Count(line, "$") > 2 || strings.Count(line, `\(`) > 1
}

func isName(x ast.Expr) bool {
	_, ok := x.(*ast.Name)
	return ok
}

// isDiff tells dQ and ∂Q/∂W.
func isDiff(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Deriv:
		return true
	case *ast.Name:
		return len(x.Text) > 1 && x.Text[0] == 'd'
	}
	return false
}

// source is the text of a span of the document on one line.
func (r *reader) source(s ast.Span) string {
	return clean(strings.ReplaceAll(strings.Trim(r.doc.Program.Source[s.Start:s.End], "$"), "&", " "))
}

func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

func (r *reader) lose(s *statement, reason string) {
	var text []string
	for _, p := range s.parts {
		text = append(text, p.text)
	}
	if s.rule {
		reason = "a rule in letters of its own"
	}
	r.lost = append(r.lost, PassedOver{Line: s.parts[0].line, Text: strings.Join(text, " = "), Reason: reason, rule: s.rule})
}

// judge adds the lines of a scope to the report.
func (r *reader) judge(sc *scope) {
	sc = r.twins(sc)
	var claims []*statement // behind the definitions, in the order of the text
	list := slices.DeleteFunc(slices.Clone(sc.list), func(s *statement) bool {
		if !s.defines() {
			claims = append(claims, s)
		}
		return !s.defines()
	})
	sort.SliceStable(claims, func(i, j int) bool { return claims[i].start < claims[j].start })
	list = append(list, claims...)
	sc = &scope{list: list, kept: sc.kept}
	src, _ := sc.source()
	res := sc.read()
	if res == nil {
		for _, s := range list[sc.kept:] {
			if len(list) > 1 {
				r.lose(s, "it does not fit beside the others")
			}
		}
		return
	}
	c := newChecker(r.ctx, res, r.opt)
	c.src, c.text, c.typed = src, true, map[int]string{}
	c.lead = func(cl *infer.Claim) string {
		k := strings.Count(src[:min(cl.Span.Start, len(src))], "\n")
		if k >= len(list) || list[k].start > len(r.doc.Program.Source) {
			return ""
		}
		before := r.doc.Program.Source[max(0, list[k].start-120):list[k].start]
		if i := max(strings.LastIndex(before, ". "), strings.LastIndex(before, ".\n")); i >= 0 {
			before = before[i+1:]
		}
		return before
	}
	for k, s := range list {
		for _, p := range s.parts {
			c.typed[k+1] += p.text + " "
		}
	}
	seen := make(map[int]int) // lines of the report for each statement
	for _, l := range c.run(&document{src: src}).Lines {
		k := l.Line - 1
		if k < sc.kept || k >= len(list) {
			continue
		}
		s := list[k]
		if s.hidden {
			continue
		}
		p := s.parts[min(seen[k], len(s.parts)-1)]
		seen[k]++
		if l.Verdict == NotUnderstood {
			r.lost = append(r.lost, PassedOver{Line: p.line, Text: p.text, Reason: l.Reason})
			continue
		}
		if f := s.fault; f != nil && seen[k] == 1 {
			l.Verdict, l.Reason, l.Mistake = f.Verdict, f.Reason, f.Mistake
		}
		l.Line, l.Text = p.line, p.text
		l.Reason = lineNumber.ReplaceAllStringFunc(l.Reason, func(m string) string {
			if n, err := strconv.Atoi(m[len("line "):]); err == nil && n >= 1 && n <= len(list) {
				return "line " + itoa(list[n-1].parts[0].line)
			}
			return m
		})
		if l.Follows >= 1 && l.Follows <= len(list) {
			l.Follows = list[l.Follows-1].parts[0].line
		}
		r.lines = append(r.lines, l)
	}
	for _, n := range res.Program.Notes {
		r.note(n)
	}
}

// lineNumber is how a reason speaks of a line of the scope.
var lineNumber = lazyregexp.New(`line \d+`)

func itoa(n int) string { return strconv.Itoa(n) }

func (s *statement) defines() bool { return s.decl || s.name != "" }

func (r *reader) note(n string) {
	for _, m := range r.notes {
		if m == n {
			return
		}
	}
	r.notes = append(r.notes, n)
}
