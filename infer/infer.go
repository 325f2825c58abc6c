// Package infer turns a syntax tree into shaped expressions: it decides what
// each word means, splits words into factors, finds the shapes of names that
// were not declared, makes broadcasting explicit, and reports every error.
//
//	ast.Program ──names──▶ terms ──shapes──▶ readings ──build──▶ expr.Program
//	                         │                  │                  + notes
//	                         └── words split    └── column, row, scalar or
//	                             into factors       matrix for each free name
//
// A term is a syntax tree whose words are resolved. Its shape follows from the
// shapes of the names by unification (dims.go, shape.go); which names are
// columns, rows, scalars or matrices is searched for in the order of preference
// of the language, cheapest reading first (search.go).
package infer

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// Options control Infer.
type Options struct {
	// Claims allows claims (dQ/dW = …, a second Q = …); without it they are
	// errors.
	Claims bool
	// Abstract allows claims about an objective that the text does not define
	// but differentiates: dQ = tr((∂Q/∂Z)' dZ).
	Abstract bool
	// Lost are names that the text defines on lines without a meaning.
	Lost []string
	// Rows reads the derivatives of scalars among operands as rows, transposed.
	Rows bool
	// StandIn lets ∂L/∂W stand for the derivative of the objective where the
	// text defines that under another name and says nothing of L.
	StandIn bool
	// Direct makes an objective that the text does not define a function of all
	// values that it is differentiated by, each by itself, even where one of
	// them is made of another.
	Direct bool
	// Differentials reads dX in claims as the differential of X even where d is a
	// name too.
	Differentials bool
	// Limit is the most nodes that the Builder may make, 0 for its default.
	Limit int
	// Stop is given to the Builder.
	Stop func() error
}

// Result is what Infer understood.
type Result struct {
	Program *expr.Program
	Claims  []Claim
	Lines   []Line // the statements in order, for reports by line
	// Jacobians explains the symbols ∂z/∂x of values that are no scalars: what
	// is differentiated, and by what.
	Jacobians map[*expr.Node][2]*expr.Node
	// Hessians explains the symbols ∂²Q/∂x∂y: of what, and by what.
	Hessians map[*expr.Node][3]*expr.Node
	// Differentials holds dQ of the objectives that are differentiated and not
	// defined, by their node.
	Differentials map[*expr.Node]*expr.Node
	// Abstract holds those objectives.
	Abstract []Abstract
}

// LineKind tells what a statement is.
type LineKind uint8

// The kinds of statement.
const (
	LineDecl LineKind = iota
	LineDef
	LineObjective
	LineClaim
	LineProse
)

// Line is one statement, or one side of a chain of claims.
type Line struct {
	Line  int // 1-based
	Kind  LineKind
	Index int // into Program.Defs or Claims
	Text  string
}

// Infer turns the tree into a program. The list is nil unless there are
// errors, and then holds all of them; the Result is nil only if the program
// has an error outside of its claims.
func Infer(tree *ast.Program, opt Options) (res *Result, list *diag.List) {
	return newInferrer(tree.Source, opt).guarded(tree)
}

// runPlain infers without looking for edits that mend the errors.
func runPlain(src string, tree *ast.Program, opt Options) (*Result, *diag.List) {
	in := newInferrer(src, opt)
	in.plain = true
	return in.guarded(tree)
}

// guarded runs and turns a panic into an error.
func (in *inferrer) guarded(tree *ast.Program) (res *Result, list *diag.List) {
	defer func() {
		if r := recover(); r != nil {
			in.add(broken(r))
			res, list = nil, in.errs
		}
	}()
	res = in.run(tree)
	if in.errs.Err() != nil {
		in.prove()
		in.errs.Sort()
		return nil, in.errs
	}
	return res, nil
}

// broken turns a panic into an error: of a budget, or of matdiff itself, since
// no input may end a program that uses the library.
func broken(r any) *diag.Diagnostic {
	if b, ok := r.(*expr.BudgetError); ok {
		return &diag.Diagnostic{Code: "E227", Message: b.Error()}
	}
	return &diag.Diagnostic{Code: "E901", Message: fmt.Sprintf("internal error in infer: %v", r)}
}

// inferrer is the state of one run.
type inferrer struct {
	src            string
	opt            Options
	errs           *diag.List
	env            *env
	notes          []string
	noted          map[string]bool
	b              *expr.Builder
	d              *dims
	stmts          []*statement
	passed         []*ast.Equation // of gradients, where only check tests them
	res            *Result
	epochs         int
	tries          int                       // evaluations of the search that are left
	terms          int                       // size of the program, 0 before it is counted
	tieable        bool                      // ties are looked for in the program as a whole
	others         []window                  // ties within statements
	fixes          int                       // edits tried for all errors
	indices        []index                   // bound here, the innermost last
	bases, vectors map[string]bool           // names with entries; names whose entries are vectors
	runs           []index                   // all of the statement at hand
	indexed        []*symbol                 // undeclared names that have entries
	root           *term                     // of the claim or template at hand
	nested         int                       // the deepest definition that the statement being built names
	quiet          bool                      // no notes: templates
	plain          bool                      // no edits are looked for: a try-out of one
	closed         bool                      // no undeclared names: templates and claims
	opening        bool                      // definitions are built as their parts
	opens          map[*expr.Node]*statement // the definitions, by their parts
	abstract       []*symbol                 // objectives that are differentiated and not defined
	entered        map[string]bool           // names on the left of equations
	lates          []*symbol                 // late definitions
	used           map[string]bool           // names in definitions so far
	moved          map[string]bool           // names by which the text differentiates
	then           *ast.Equation             // what follows from the claim whose left side is read
	nabla          *symbol                   // the variable of the last ∇ that does not name it
	answer         ast.Expr                  // right side of the claim whose left side is read
	moving         bool                      // the claim at hand is about a differential
	gradient       bool                      // or about a derivative
	leading        *ast.Name                 // the d that it begins with
	turned         map[string]bool           // names that are transposed somewhere, in a program with sums
	ownMaps        map[ast.Span]*symbol      // the functions of Q = Q(z), by the span of their name
	maps           []expr.Map                // the functions that are not defined
	chosen         []int8                    // the reading of each open name
	sizes          sizeNames
	seen           map[errorKey]bool
}

type errorKey struct {
	code       string
	start, end int
	msg        string
}

// statement is a definition or objective on its way through infer.
type statement struct {
	sym    *symbol // what it defines, nil for a bare expression
	name   string
	params []string // of f(x, y) = …
	t      *term
	span   ast.Span
	failed bool
	node   *expr.Node
	part   *expr.Node // stands for node in open, see expr.Def
	open   *expr.Node
	anew   []*expr.Node // parts by which lines write it anew, see abstract.go
	nest   int          // definitions that are sums, one of another, down to this one
}

func newInferrer(src string, opt Options) *inferrer {
	in := &inferrer{src: src, opt: opt, errs: &diag.List{Source: src}, env: newEnv(), d: newDims()}
	return in
}

// add reports an error once.
func (in *inferrer) add(d *diag.Diagnostic) {
	k := errorKey{code: d.Code, msg: d.Message}
	if len(d.Labels) > 0 {
		k.start, k.end = d.Labels[0].Span.Start, d.Labels[0].Span.End
	}
	if in.seen == nil {
		in.seen = make(map[errorKey]bool)
	}
	if !in.seen[k] {
		in.seen[k] = true
		in.errs.Add(d)
	}
}

func (in *inferrer) errorf(code string, at ast.Span, format string, args ...any) {
	in.add(&diag.Diagnostic{Code: code, Message: fmt.Sprintf(format, args...), Labels: []diag.Label{{Span: at}}})
}

// note records what was understood, once.
func (in *inferrer) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if in.noted == nil {
		in.noted = make(map[string]bool)
	}
	if !in.noted[s] {
		in.noted[s] = true
		in.notes = append(in.notes, s)
	}
}

// text returns the source of a span on one line.
func (in *inferrer) text(s ast.Span) string {
	if s.Start < 0 || s.End > len(in.src) || s.Start >= s.End {
		return ""
	}
	return strings.Join(strings.Fields(in.src[s.Start:s.End]), " ")
}

// line returns the 1-based line of a byte offset.
func (in *inferrer) line(at int) int {
	return 1 + strings.Count(in.src[:min(max(at, 0), len(in.src))], "\n")
}

func (in *inferrer) run(tree *ast.Program) *Result {
	in.res = &Result{}
	in.collect(tree)
	in.scanIndices(tree)
	in.resolveAll(tree)
	y := newTyping(in)
	in.solve(y)
	in.chosen = y.choice
	in.hintSizes(tree)
	in.nameSizes(y)
	if in.errs.Err() != nil {
		// Later stages need shapes that hold; the claims of a program with
		// errors are not looked at.
		return nil
	}
	in.build()
	for _, n := range tree.Notes {
		in.note("%s", n.Text)
	}
	p := in.program()
	in.res.Program = p
	if in.opt.Claims {
		in.claims(tree)
		in.pickObjective()
	}
	p.Notes = in.notes
	return in.res
}
