// Package parser reads the text of a program into its syntax tree.
//
//	text ──scan──▶ tokens ──split──▶ statements ──grammar, climber──▶ ast.Program
//
// The scanner knows every spelling: ASCII, Unicode and LaTeX give one kind of
// token for one meaning. The splitter cuts the tokens into statements, so that
// each is parsed and reported by itself. The grammar of statements is a
// participle grammar; expressions are parsed by precedence climbing. No
// function name is known here: infer decides what a word is.
package parser

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// The grammar of a statement. Declare and Assume are empty marks that the
// splitter puts before declarations, so that one token decides.
type (
	statement struct {
		Declare  *declaration `parser:"  @@"`
		Assume   *assumption  `parser:"| Assume @@"`
		Map      *mapping     `parser:"| Map @@"`
		Equation *equation    `parser:"| @@"`
	}

	// declaration is X, Y: N×D symmetric, X ∈ R^{N×D} or x: vector. The words for
	// kinds of value are taken out of it and stand in its mark.
	declaration struct {
		Kind   string  `parser:"@Declare"`
		Names  []*name `parser:"@@ ( Comma @@ )*"`
		Before []*prop `parser:"( Colon ( @@ Comma? )*"`
		Shape  *shape  `parser:"    @@?"`
		Set    *set    `parser:"| In @@ )"`
		Props  []*prop `parser:"( Comma? @@ )*"`
	}

	name struct {
		Token lexer.Token `parser:"@Name"`
	}

	prop struct {
		Token lexer.Token `parser:"@Prop"`
	}

	// shape is scalar, n or N×D.
	shape struct {
		Scalar bool  `parser:"  @Scalar"`
		Rows   *size `parser:"| @@"`
		Cols   *size `parser:"  ( Times @@ )?"`
	}

	// assumption is A symmetric.
	assumption struct {
		Names []*name `parser:"@@ ( Comma @@ )*"`
		Props []*prop `parser:"@@ ( Comma? @@ )*"`
	}

	// mapping is f, g: R^n × R^m → R^k.
	mapping struct {
		Names []*name `parser:"@@ ( Comma @@ )* Colon"`
		From  []*set  `parser:"@@ ( Times @@ )* Arrow"`
		To    *set    `parser:"@@"`
	}

	// equation is an expression, or a chain a = b = c, or one that implies
	// another.
	equation struct {
		Sides []*side   `parser:"@@ ( Eq @@ )*"`
		Then  *equation `parser:"( Implies @@ )?"`
	}
)

// grammar is built once; it is safe for concurrent use.
var grammar = sync.OnceValue(func() *participle.Parser[statement] {
	return participle.MustBuild[statement](participle.Lexer(definition{}), participle.UseLookahead(1))
})

// maxErrors bounds how many errors are listed.
const maxErrors = 100

// Parse reads a program. It returns the statements that are right and every
// error, in order; the list is empty if there is none. It never panics.
func Parse(src string) (*ast.Program, *diag.List) {
	var steps string
	if len(src) <= maxSource {
		src, steps = unroll(src)
	}
	prog := &ast.Program{Source: src}
	errs := &diag.List{Source: src}
	if len(src) > maxSource {
		errs.Add(failure("E104", "the program is longer than 4 MB", "", label(ast.Span{}, "")))
		return prog, errs
	}
	toks := scan(src)
	prog.Notes = commandNote(src, toks)
	prog.Notes = append(prog.Notes, moduleNotes(src, toks)...)
	toks, notes := layers(src, toks)
	prog.Notes = append(prog.Notes, notes...)
	if steps != "" {
		if g := activation(src); g != "" {
			at := strings.Index(src, g+"(")
			errs.Add(failure("E202", "the function "+g+" of the recurrence is not given", "add "+g+" = tanh, or σ, relu, elu, softplus", label(ast.Span{Start: max(at, 0), End: max(at, 0) + 1}, "")))
		}
		prog.Notes = append(prog.Notes, ast.Note{Text: steps})
	}
	pieces := split(src, demote(toks))
	for i := range pieces {
		if len(errs.Items) > maxErrors {
			break
		}
		st, d := statementOf(&pieces[i], prog)
		if d != nil {
			errs.Add(d)
			prog.Broken = append(prog.Broken, pieces[i].span())
		} else if st != nil {
			prog.Stmts = append(prog.Stmts, st)
		}
	}
	if len(pieces) == 0 {
		errs.Add(failure("E118", "the program is empty", "write an objective: Q = sum((X w - y).^2)", label(ast.Span{}, "")))
	}
	if n := len(errs.Items); n > maxErrors {
		errs.Items = append(slices.Clone(errs.Items[:maxErrors]),
			failure("E123", "there are more errors than the first hundred", "", errs.Items[maxErrors].Labels[0]))
	}
	return prog, errs
}

// commandNote remarks on A\beta, which is A β in LaTeX and A \ beta in MATLAB,
// where the text has no other LaTeX to tell.
func commandNote(src string, toks []lexer.Token) []ast.Note {
	if strings.Count(src, `\`) != 1 {
		return nil
	}
	for i := 1; i < len(toks); i++ {
		t, last := &toks[i], &toks[i-1]
		if t.Type == tName && t.Value[0] == '\\' && endOf(*last) == t.Pos.Offset && endsOperand(last.Type) {
			text := last.Value + t.Value
			return []ast.Note{{Span: spanOf(last).To(spanOf(t)), Text: fmt.Sprintf("%s was read as the product %s %s; the solution of a system is %s \\ %s", text, last.Value, nameOf(t.Value, 0).Text, last.Value, t.Value[1:])}}
		}
	}
	return nil
}

// ParseExpr reads a single expression.
func ParseExpr(src string) (ast.Expr, *diag.List) {
	prog, errs := Parse(src)
	if len(errs.Items) > 0 {
		return nil, errs
	}
	if len(prog.Stmts) == 1 {
		if s, ok := prog.Stmts[0].(*ast.ExprStmt); ok {
			return s.X, errs
		}
	}
	last := prog.Stmts[len(prog.Stmts)-1]
	errs.Add(failure("E106", "a single expression is expected here", "", label(last.Pos(), "")))
	return nil, errs
}

// statementOf parses one statement; nil, nil if it holds none.
func statementOf(p *piece, prog *ast.Program) (st ast.Stmt, d *diag.Diagnostic) {
	defer func() { // a fault of ours must not end the caller's program
		if r := recover(); r != nil {
			st, d = nil, failure("E901", fmt.Sprint("the parser failed: ", r), "please report this program", label(p.span(), ""))
		}
	}()
	if p.err != nil {
		return nil, p.err
	}
	toks := classify(p.toks)
	if d := tooMany(toks); d != nil {
		return nil, d
	}
	lex, err := lexer.Upgrade(&tokens{list: toks})
	if err != nil {
		return nil, failure("E901", err.Error(), "", label(p.span(), ""))
	}
	parsed, err := grammar().ParseFromLexer(lex)
	if err != nil {
		return nil, explain(err, toks, p.span())
	}
	switch {
	case parsed.Declare != nil:
		return parsed.Declare.tree(p.span())
	case parsed.Assume != nil:
		return parsed.Assume.tree(p.span()), nil
	case parsed.Map != nil:
		return parsed.Map.tree(p.span()), nil
	}
	for e := parsed.Equation; e != nil; e = e.Then {
		if len(e.Sides) == 1 && (e.Then != nil || e != parsed.Equation) {
			return nil, noEquation(toks)
		}
	}
	eq := parsed.Equation.tree(prog)
	if len(eq.Sides) == 1 && eq.Then == nil {
		return &ast.ExprStmt{X: eq.Sides[0], Span: p.span()}, nil
	}
	eq.Span = p.span()
	return eq, nil
}

// noEquation is the error of ⇒ with something else than equations beside it.
func noEquation(toks []lexer.Token) *diag.Diagnostic {
	for i := range toks {
		if t := &toks[i]; t.Type == tImplies {
			help := "write a = b ⇒ c = d"
			if t.Value == "=>" {
				help = "greater or equal is >= and stands in square brackets: [x >= a]"
			}
			return failure("E106", quote(t.Value)+" stands between two equations", help, label(spanOf(t), ""))
		}
	}
	return failure("E901", "an implication without its sign", "", label(spanOf(&toks[0]), ""))
}

// tooMany guards the statement grammar, whose time and stack grow with the
// parts of a statement.
func tooMany(toks []lexer.Token) *diag.Diagnostic {
	parts, implies := 0, 0
	for i := range toks {
		switch toks[i].Type {
		case tEq:
			parts++
		case tImplies:
			implies++
		}
		if toks[0].Type == tDeclare || toks[0].Type == tAssume || toks[0].Type == tMap {
			parts++
		}
		if parts > maxParts || implies > 8 {
			return failure("E104", "the statement has too many parts", "write several statements", label(spanOf(&toks[i]), ""))
		}
	}
	return nil
}

// tree converts the parsed sides and collects their notes.
func (e *equation) tree(prog *ast.Program) *ast.Equation {
	eq := &ast.Equation{}
	for _, s := range e.Sides {
		eq.Sides = append(eq.Sides, s.X)
		for _, q := range s.quotients {
			prog.Notes = append(prog.Notes, q.note(prog.Source))
		}
	}
	if e.Then != nil {
		eq.Then = e.Then.tree(prog)
	}
	eq.Span = eq.Sides[0].Pos().To(eq.Sides[len(eq.Sides)-1].Pos())
	return eq
}

// note words the remark that 1/2N is (1/2)N.
func (q quotient) note(src string) ast.Note {
	text := func(s ast.Span) string { return src[s.Start:s.End] }
	all := q.left.To(q.rest)
	if q.root {
		return ast.Note{Span: all, Text: fmt.Sprintf("%s was read as (%s)/%s: an exponent that is a fraction needs brackets", text(all), text(q.left), text(q.rest))}
	}
	return ast.Note{Span: all, Text: fmt.Sprintf("%s was read as (%s)(%s): / takes one factor", text(all), text(q.left), text(q.rest))}
}

// explain turns participle's error into a diagnostic.
func explain(err error, toks []lexer.Token, span ast.Span) *diag.Diagnostic {
	var se *syntaxError
	if errors.As(err, &se) {
		return se.Diagnostic
	}
	var ue *participle.UnexpectedTokenError
	if !errors.As(err, &ue) {
		return failure("E901", err.Error(), "", label(span, ""))
	}
	t := &ue.Unexpected
	if len(toks) > 0 && (toks[0].Type == tDeclare || toks[0].Type == tAssume || toks[0].Type == tMap) {
		for i := range toks {
			if toks[i].Type == tColon || toks[i].Type == tIn {
				break
			}
			if toks[i].Type == tName && toks[i].Pos.Offset == t.Pos.Offset {
				return failure("E111", "unexpected "+quote(t.Value)+" in a declaration", "names are separated by commas: X, Y: N×D", label(spanOf(t), ""))
			}
		}
		return badDeclaration(t, span)
	}
	return unexpected(t, "", span)
}

// demote turns Σ_i and sum_i back into names where the program declares or
// defines them: a declaration wins over every other reading.
func demote(toks []lexer.Token) []lexer.Token {
	names := make(map[string]bool)
	joined := func(i int) (lexer.Token, int, bool) {
		if i+2 >= len(toks) || toks[i].Type != tBigOp || toks[i].Value[0] == '\\' {
			return lexer.Token{}, 0, false
		}
		n := 0
		switch {
		case toks[i+1].Type == tUnder && toks[i+2].Type == tName:
			n = 3
		case toks[i+1].Type == tUnder && toks[i+2].Type == tLBrace && i+4 < len(toks) && toks[i+4].Type == tRBrace:
			n = 5
		case toks[i+1].Type == tSub:
			n = 2
		default:
			return lexer.Token{}, 0, false
		}
		var b strings.Builder
		for _, t := range toks[i : i+n] {
			b.WriteString(t.Value)
		}
		return lexer.Token{Type: tName, Value: b.String(), Pos: toks[i].Pos}, n, true
	}
	for i := range toks {
		if toks[i].Type != tBigOp || i > 0 && toks[i-1].Type != tEOL && toks[i-1].Type != tSemi && toks[i-1].Type != tComma {
			continue
		}
		if t, n, ok := joined(i); ok && i+n < len(toks) {
			switch toks[i+n].Type {
			case tEq, tColon, tIn, tComma:
				names[identOf(t.Value, 0).Name] = true
			}
		}
	}
	if len(names) == 0 {
		return toks
	}
	var out []lexer.Token
	for i := 0; i < len(toks); i++ {
		if t, n, ok := joined(i); ok && names[identOf(t.Value, 0).Name] {
			out = append(out, t)
			i += n - 1
			continue
		}
		out = append(out, toks[i])
	}
	return out
}
