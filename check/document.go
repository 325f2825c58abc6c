package check

import (
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
)

// A text of words and formulas is read scope by scope. A scope is a run of
// statements in which every name means one thing.
//
//	statements ──place──▶ scopes ──infer, judge──▶ lines of the document
//	                 └──▶ passed over, with the reason
//
// A new scope begins where the text speaks of something else by a name that it
// had: a declaration in another shape, a definition of a defined name in other
// variables, entries of other rank, or, after a heading, anything that does
// not fit. It keeps what came before as far as both can be read together.

// PassedOver is a formula of a document that is no statement of the language.
type PassedOver struct {
	Line   int    `json:"line"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
}

// statement of a document: its text, on one line, and where it stands there.
type statement struct {
	text   string
	start  int
	name   string // what it could define
	decl   bool
	equals bool
	inline bool
	head   int // headings before it
	fixed  *Mistake
	fault  string // why it does not fit as written
}

// scope is a list of statements; the first of them may be kept from earlier.
type scope struct {
	list []*statement
	kept int
}

// reader places the statements of a document.
type reader struct {
	doc    *parser.Document
	all    []*statement // declarations and definitions that were understood
	scopes []*scope
	lost   []PassedOver
	notes  []string
}

// maxKept bounds what a new scope is tried with.
const maxKept = 60

// checkDocument judges the statements of a document.
func checkDocument(ctx context.Context, name, src string, opt Options) (*Report, *diag.List) {
	doc, list := parser.ParseDocument(name, src)
	if list.Err() != nil {
		return nil, list
	}
	r := &reader{doc: doc, scopes: []*scope{{}}}
	for _, p := range doc.Passed {
		if p.Text = strings.Trim(p.Text, " .,;:$"); p.Text != "" {
			r.lost = append(r.lost, PassedOver{Line: doc.Line(p.Span.Start), Text: p.Text, Reason: p.Why})
		}
	}
	for i, st := range doc.Program.Stmts {
		s := &statement{text: doc.Texts[i], start: doc.Starts[i], inline: doc.Inline[i]}
		s.head = sort.SearchInts(doc.Heads, s.start)
		s.decl, s.equals, s.name = shapeOf(st)
		r.place(s)
	}
	rep := &Report{Prose: doc.Prose}
	for _, s := range r.scopes {
		r.judge(ctx, s, opt, rep)
	}
	sort.SliceStable(rep.Lines, func(i, j int) bool { return rep.Lines[i].Line < rep.Lines[j].Line })
	sort.SliceStable(r.lost, func(i, j int) bool { return r.lost[i].Line < r.lost[j].Line })
	rep.PassedOver = r.lost
	rep.document = true
	return rep, nil
}

// shapeOf tells declarations, equations and what an equation could define.
func shapeOf(st ast.Stmt) (decl, equals bool, name string) {
	switch st := st.(type) {
	case *ast.Decl:
		return true, false, ""
	case *ast.Equation:
		switch x := st.Sides[0].(type) {
		case *ast.Name:
			return false, true, x.Text
		case *ast.Call:
			return false, true, x.Fun.Text
		}
		return false, true, ""
	}
	return false, false, ""
}

func (s *scope) source() (string, []int) {
	var b strings.Builder
	at := make([]int, len(s.list))
	for i, st := range s.list {
		at[i] = b.Len()
		b.WriteString(st.text)
		b.WriteString(";\n")
	}
	return b.String(), at
}

// trial is what became of a scope with a statement at its end.
type trial struct {
	res   *infer.Result
	list  *diag.List
	claim *infer.Claim // the statement, if it is one
	def   bool
	src   string
	at    []int
}

// failure is the first error of the statement at the end, nil if it was read.
func (r *trial) failure() *diag.Diagnostic {
	if r.list.Err() != nil {
		return r.list.Items[0]
	}
	if r.claim != nil && r.claim.Err.Err() != nil {
		return r.claim.Err.Items[0]
	}
	return nil
}

// read infers a scope with one more statement.
func read1(sc *scope, s *statement) *trial {
	t := &scope{list: append(slices.Clone(sc.list), s)}
	r := &trial{}
	r.src, r.at = t.source()
	tree, list := parser.Parse(r.src)
	if list.Err() != nil {
		r.list = list
		return r
	}
	if r.res, r.list = infer.Infer(tree, infer.Options{Claims: true, Abstract: true}); r.list.Err() != nil {
		return r
	}
	from := r.at[len(t.list)-1]
	for i := range r.res.Claims {
		if c := &r.res.Claims[i]; c.Span.Start >= from {
			if r.claim == nil || r.claim.Err.Err() == nil {
				r.claim = c
			}
		}
	}
	for _, l := range r.res.Lines {
		r.def = r.def || l.Kind == infer.LineDef && l.Line == len(t.list)
	}
	return r
}

// place puts a statement into the scope at hand or into a new one.
func (r *reader) place(s *statement) {
	cur := r.scopes[len(r.scopes)-1]
	context := &scope{list: slices.DeleteFunc(slices.Clone(cur.list), func(t *statement) bool { return t.equals && t.name == "" })}
	got := read1(context, s)
	fail := got.failure()
	if fail == nil && !r.another(got, s) {
		r.take(cur, s, got)
		return
	}
	if !r.begins(cur, s, got, fail) {
		r.wrong(cur, s, got, fail)
		return
	}
	next := &scope{}
	if f := read1(next, s).failure(); f != nil && !s.decl {
		// By itself it says nothing: it needs names that are around.
		next = r.keep(s, fail != nil)
		if got = read1(next, s); got.failure() != nil {
			r.wrong(cur, s, got, got.failure())
			return
		}
	} else {
		next = r.keep(s, fail != nil)
		got = read1(next, s)
	}
	next.kept = len(next.list)
	r.scopes = append(r.scopes, next)
	r.take(next, s, got)
}

// take adds a statement that was read.
func (r *reader) take(sc *scope, s *statement, got *trial) {
	sc.list = append(sc.list, s)
	if s.decl || got.def {
		r.all = append(r.all, s)
	} else {
		s.name = ""
	}
}

// another tells whether an equation for a defined name speaks of another thing
// of that name: its right side has variables that the definition has not.
func (r *reader) another(got *trial, s *statement) bool {
	c := got.claim
	if got.def || c == nil || c.Kind != infer.ClaimValue || c.OfName == "" || c.Of == nil || len(c.Sides) == 0 {
		return false
	}
	known := inputs(c.Of)
	for _, v := range inputs(c.Sides[len(c.Sides)-1]) {
		if !slices.Contains(known, v) {
			return true
		}
	}
	return false
}

func inputs(n *Node) []*expr.Var {
	var out []*expr.Var
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Input {
			out = append(out, m.Var)
		}
	}
	return out
}

// begins tells whether a statement that does not fit opens a new scope.
func (r *reader) begins(cur *scope, s *statement, got *trial, fail *diag.Diagnostic) bool {
	if len(cur.list) == 0 {
		return false
	}
	switch {
	case s.decl, fail == nil:
		return true
	case cur.list[len(cur.list)-1].head < s.head:
		return true
	}
	switch fail.Code {
	case "E223", "E225", "E218", "E222": // defined after its use; entries of another rank; a size and a name
		return true
	case "E201": // a defined name, by names that are new
		return got.claim != nil && got.claim.Kind == infer.ClaimValue && got.claim.OfName != "" && s.name != ""
	}
	return false
}

// keep returns the scope of what was understood before and can be read
// together with s, the latest first. What defines the name that s defines is
// kept only where both is meant to hold.
func (r *reader) keep(s *statement, both bool) *scope {
	next := &scope{}
	defined := map[string]bool{}
	if !both && s.name != "" {
		defined[s.name] = true
	}
	for i := len(r.all) - 1; i >= 0 && i >= len(r.all)-maxKept; i-- {
		t := r.all[i]
		if t.name != "" && defined[t.name] {
			continue
		}
		try := &scope{list: append([]*statement{t}, next.list...)}
		if got := read1(try, s); got.failure() != nil || both && r.another(got, s) {
			continue
		}
		next = try
		if t.name != "" {
			defined[t.name] = true
		}
	}
	return next
}

// wrong reports a statement that does not fit: as wrong where its shapes do not
// fit what is declared and defined, else as passed over.
func (r *reader) wrong(cur *scope, s *statement, got *trial, fail *diag.Diagnostic) {
	if got.claim != nil && shapeError(fail.Code) { // judged with its scope
		cur.list = append(cur.list, s)
		return
	}
	r.lost = append(r.lost, PassedOver{Line: r.doc.Line(s.start), Text: clean(s.text), Reason: fail.Message})
}

func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

// judge adds the lines of a scope to the report.
func (r *reader) judge(ctx context.Context, sc *scope, opt Options, rep *Report) {
	src, at := sc.source()
	tree, list := parser.Parse(src)
	if list.Err() != nil || len(sc.list) == 0 {
		return
	}
	solutions(tree)
	res, list := infer.Infer(tree, infer.Options{Claims: true, Abstract: true})
	if list.Err() != nil {
		return
	}
	c := newChecker(ctx, res, opt)
	c.src = src
	lines := c.run(&document{src: src}).Lines
	where := func(line int) (int, bool) { // of the document
		if line < 1 || line > len(sc.list) {
			return 0, false
		}
		return line - 1, line > sc.kept
	}
	_ = at
	for _, l := range lines {
		k, ok := where(l.Line)
		if !ok {
			continue
		}
		l.Line = r.doc.Line(sc.list[k].start)
		rep.Lines = append(rep.Lines, l)
	}
	for _, n := range res.Program.Notes {
		if !slices.Contains(rep.Notes, n) {
			rep.Notes = append(rep.Notes, n)
		}
	}
}
