// Package matdiff derives closed-form gradients of matrix expressions by matrix
// differentials and verifies each of them numerically.
//
//	program text ─parser▶ ast ─infer▶ expr ─derive, simplify▶ gradients ─verify▶ Derivation
//
// Each function here is that walk, a line a stage. Nothing is shared between
// calls but tables that do not change, so all are safe for concurrent use.
package matdiff

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/codegen"
	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/recursion"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// Option changes how a program is derived or verified.
type Option func(*options)

type options struct {
	derive   derive.Options
	verify   verify.Options
	noVerify bool
	order    string
	at       string
	mode     string
}

// Wrt chooses the variables to differentiate by; all that are not const if it
// is not given.
func Wrt(names ...string) Option { return func(o *options) { o.derive.Wrt = names } }

// Steps records the derivation too.
func Steps() Option { return func(o *options) { o.derive.Steps = true } }

// NumeratorLayout transposes the gradients.
func NumeratorLayout() Option { return func(o *options) { o.derive.Numerator = true } }

// Symmetric chooses the convention for symmetric variables: "half" (the
// default), "free" or "book".
func Symmetric(convention string) Option {
	return func(o *options) { o.derive.Symmetric = derive.Symmetric(convention) }
}

// Order chooses what is derived. Only "gradient" is there yet; "jacobian" and
// "hessian" are errors.
func Order(order string) Option { return func(o *options) { o.order = order } }

// NoVerify leaves out the numeric verification; the answers say so.
func NoVerify() Option { return func(o *options) { o.noVerify = true } }

// Seed seeds the points that the verifier draws; 1 if it is not given.
func Seed(seed int64) Option { return func(o *options) { o.verify.Seed = seed } }

// Points is the number of points that the verifier draws, at least 7.
func Points(n int) Option { return func(o *options) { o.verify.Points = n } }

// Derivation is a program with its gradients and what the verifier said of
// them.
type Derivation struct {
	*derive.Result
	Input  string
	Report *verify.Report // nil without verification
	// recursion prints a network of symbolic depth.
	recursion *render.Doc
}

// apply collects options. An option that has no meaning is an error.
func apply(opts []Option) (o options, err error) {
	for _, f := range opts {
		f(&o)
	}
	switch o.derive.Symmetric {
	case "", derive.Half, derive.Free, derive.Book:
	default:
		return o, fmt.Errorf("the convention for symmetric variables is half, free or book, not %q", o.derive.Symmetric)
	}
	switch o.mode {
	case "", "forward", "reverse":
	default:
		return o, fmt.Errorf("the mode of a trace is forward or reverse, not %q", o.mode)
	}
	if o.verify.Points != 0 && o.verify.Points < verify.MinPoints {
		return o, fmt.Errorf("a verification draws at least %d points, not %d", verify.MinPoints, o.verify.Points)
	}
	return o, nil
}

// guard turns the panics of exhausted budgets, and any mistake of ours, into
// errors: input never causes a panic.
func guard(err *error) {
	r := recover()
	if r == nil {
		return
	}
	var b *expr.BudgetError
	if e, ok := r.(error); ok && errors.As(e, &b) {
		*err = b
		if b.Cause != nil {
			*err = b.Cause
		}
		return
	}
	*err = &diag.Diagnostic{Code: "E901", Message: fmt.Sprintf("internal error: %v; please report it with the program", r)}
}

// Parse reads a program. The error, if any, is a *diag.List with all errors.
func Parse(program string) (*expr.Program, error) {
	return understand(context.Background(), program)
}

// understand is Parse until ctx ends; the Builder of the program goes on asking
// ctx in the stages after.
func understand(ctx context.Context, program string) (*expr.Program, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	tree, err := syntax(program)
	if err != nil {
		return nil, err
	}
	res, list := infer.Infer(tree, infer.Options{Stop: ctx.Err})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if list.Err() != nil {
		return nil, list
	}
	return res.Program, nil
}

func syntax(program string) (*ast.Program, error) {
	tree, list := parser.Parse(program)
	if list.Err() != nil {
		for _, d := range infer.Beside(tree) {
			list.Add(d)
		}
		list.Sort()
		return nil, list
	}
	return tree, nil
}

// Derive returns the gradients of a program's objective in closed form, each
// verified against central differences. Errors of the program are a
// *diag.List with spans; exhausted budgets an *expr.BudgetError. If ctx ends
// before the gradients are there, the error is its; while they are verified,
// those that are left are undecided.
func Derive(ctx context.Context, program string, opts ...Option) (d *Derivation, err error) {
	defer guard(&err)
	ctx, end := during(ctx)
	defer end()
	o, err := apply(opts)
	if err != nil {
		return nil, err
	}
	if rec := parser.FindRecurrence(program); rec != nil {
		return o.recursion(ctx, rec, program)
	}
	p, err := understand(ctx, program)
	if err != nil {
		return nil, err
	}
	return o.derived(ctx, p, p, program)
}

// recursion derives a network whose depth is a symbol.
func (o options) recursion(ctx context.Context, rec *parser.Recurrence, program string) (*Derivation, error) {
	if o.order != "" && o.order != "gradient" {
		return nil, diagnostic(&derive.Error{Code: "E501", Message: fmt.Sprintf("order %s is not there for a network of symbolic depth", o.order), Help: fmt.Sprintf("give %s a number: %s = 3", rec.End, rec.End)}, program)
	}
	o.verify.Symmetric = convention(o.derive.Symmetric)
	res, err := recursion.Derive(ctx, program, rec, recursion.Options{Derive: o.derive, Verify: o.verify, NoVerify: o.noVerify, Read: understand})
	if res == nil {
		return nil, diagnostic(err, program)
	}
	return &Derivation{Result: res.Result, Input: program, Report: res.Report, recursion: res.Doc}, err
}

// derived differentiates the objective of form, which has the value of that of
// p, and verifies the gradients against the objective of p.
func (o options) derived(ctx context.Context, p, form *expr.Program, input string) (*Derivation, error) {
	if o.order != "" && o.order != "gradient" {
		return nil, diagnostic(&derive.Error{Code: "E501", Message: fmt.Sprintf("order %s is not there yet", o.order), Help: "use --order gradient"}, input)
	}
	var err error
	if o.derive.Wrt, err = wanted(p, o.derive.Wrt, input); err != nil {
		return nil, err
	}
	res, err := derive.Derive(form, o.derive)
	if err != nil {
		return nil, diagnostic(err, input)
	}
	if len(res.Grads) == 0 {
		res.Notes = append(res.Notes, "there is no variable to differentiate by")
	}
	d := &Derivation{Result: res, Input: input}
	if o.noVerify {
		return d, nil
	}
	claims := make([]verify.Claim, len(res.Grads))
	for i, g := range res.Grads {
		n := g.Node
		if o.derive.Numerator {
			n = p.B.T(n)
		}
		claims[i] = verify.Claim{Wrt: g.Wrt, Node: n}
	}
	o.verify.Symmetric = convention(o.derive.Symmetric)
	d.Report, err = verify.Gradients(ctx, p, claims, o.verify)
	return d, err
}

func convention(s derive.Symmetric) verify.Symmetric {
	switch s {
	case derive.Free:
		return verify.Free
	case derive.Book:
		return verify.Book
	}
	return verify.Half
}

// diagnostic gives an error of the derivation the form of the others.
func diagnostic(err error, input string) error {
	var e *derive.Error
	if !errors.As(err, &e) {
		return err
	}
	d := &diag.Diagnostic{Code: e.Code, Message: e.Message, Help: e.Help}
	if at, ok := whereTyped(input, e.Fn); ok {
		d.Labels = []diag.Label{{Span: at}}
	}
	return &diag.List{Source: input, Items: []*diag.Diagnostic{d}}
}

// whereTyped finds the first use of a function in the text of a program.
func whereTyped(input string, f *rules.Func) (ast.Span, bool) {
	if f == nil {
		return ast.Span{}, false
	}
	for _, name := range append([]string{f.Name}, f.Spellings...) {
		if m := regexp.MustCompile(`(?:^|[^\pL\pN_])(` + regexp.QuoteMeta(name) + `)(?:[^\pL\pN_]|$)`).FindStringSubmatchIndex(input); m != nil {
			return ast.Span{Start: m[2], End: m[3]}, true
		}
	}
	return ast.Span{}, false
}

// Doc returns the derivation ready to print in any format.
func (d *Derivation) Doc() *render.Doc {
	if d.recursion != nil {
		return d.recursion
	}
	p := d.Program
	doc := &render.Doc{
		Input: d.Input, Notes: d.Notes, Variables: p.Vars, Maps: p.Maps, Differential: d.Differential, Pullback: !d.Scalar, Of: p.Of(),
		Objective: render.Equation{Name: p.Objective.Name, Node: p.Objective.Node, Typed: p.Objective.Open},
	}
	if doc.Pullback {
		doc.Objective.Name = d.Objective.Name
	}
	for _, v := range p.Vars {
		doc.Names = append(doc.Names, v.Name)
	}
	for _, e := range p.Defs {
		doc.Names = append(doc.Names, e.Name)
		if e.Name != p.Objective.Name {
			doc.Defs = append(doc.Defs, render.Equation{Name: e.Name, Node: e.Node, Typed: e.Open})
		}
	}
	for _, l := range d.Lets {
		doc.Lets = append(doc.Lets, render.Equation{Name: l.Name, Node: l.Node})
	}
	for _, s := range d.Steps {
		step := render.Step{Lhs: s.Lhs, Rhs: s.Rhs, Rule: s.Rule, Comment: s.Comment, About: s.About}
		for _, id := range s.Given {
			step.Given = append(step.Given, render.Identity(id))
		}
		doc.Steps = append(doc.Steps, step)
	}
	if len(p.Maps) > 0 { // ∂Q/∂z = ∂Q/∂z says nothing
		doc.DropIdle()
	}
	defined := make(map[string]bool)
	for _, e := range p.Defs {
		defined[e.Name] = true
	}
	parts := make(map[*expr.Node]*expr.Node)
	for _, l := range d.Lets {
		if !defined[l.Name] {
			parts[l.Var] = p.B.Subst(l.Node, parts)
		}
	}
	for i, g := range d.Grads {
		e := render.Gradient{Wrt: g.Wrt.Name, Node: g.Node, Note: g.Note, Reason: "not verified: verification was turned off"}
		if whole := p.B.Subst(g.Node, parts); whole != g.Node {
			e.Inline = whole
		}
		if d.Report != nil {
			v := d.Report.Variables[i]
			e.Verified = v.Verdict == verify.Pass || v.Verdict == verify.Zero
			e.Reason = v.Reason
			if v.Points > 0 {
				err := v.MaxRelError
				e.MaxRelError = &err
			}
		}
		doc.Gradients = append(doc.Gradients, e)
	}
	if r := d.Report; r != nil {
		doc.Verification = &render.Verification{Step: r.Step, Points: r.Points, Seed: r.Seed, Sizes: r.Sizes}
	}
	return doc
}

// Verdict tells whether every gradient passed; wrong if one was found false,
// undecided if the verifier could not decide on one.
func (d *Derivation) Verdict() (wrong, undecided bool) {
	if d.Report == nil {
		return false, false
	}
	for _, v := range d.Report.Variables {
		wrong = wrong || v.Verdict == verify.Fail
		undecided = undecided || v.Verdict == verify.Inconclusive
	}
	return wrong, undecided
}

// GenerateOptions chooses what code is generated; see package codegen.
type GenerateOptions = codegen.Options

// Generate writes code for the value and the gradients of a scalar objective.
// The gradients are those that Derive finds and verifies; a gradient that the
// verifier finds false is an error.
func Generate(ctx context.Context, program string, gen GenerateOptions, opts ...Option) (out *codegen.Output, err error) {
	defer guard(&err)
	ctx, end := during(ctx)
	defer end()
	o, err := apply(opts)
	if err != nil {
		return nil, err
	}
	p, err := understand(ctx, program)
	if err != nil {
		return nil, err
	}
	if len(p.Maps) > 0 {
		f := p.Maps[0].Name
		return nil, &diag.Diagnostic{Code: "E504", Message: "no code for " + f + ", a function without a formula", Help: "define it, " + f + "(…) = …, or name a function of the table"}
	}
	// The gradient of exp(z)/(1 + exp(z)) as written overflows; that of σ(z)
	// does not.
	d, err := o.derived(ctx, p, codegen.Stable(p), program)
	if err == nil {
		err = ctx.Err() // what is not verified is not written
	}
	if err != nil {
		return nil, err
	}
	if wrong, _ := d.Verdict(); wrong {
		return nil, &diag.Diagnostic{Code: "E901", Message: "internal error: a gradient failed its verification; no code is written"}
	}
	in := codegen.Input{Program: d.Program, Objective: p.Objective, Formula: func(n *expr.Node) string { return render.Expr(n, render.Text) }}
	for _, g := range d.Grads {
		in.Grads = append(in.Grads, codegen.Gradient{Wrt: g.Wrt, Node: g.Node})
	}
	out, err = codegen.Generate(in, gen)
	if rec := parser.FindRecurrence(program); rec != nil && err == nil {
		out.Notes = append(out.Notes, fmt.Sprintf("%s has no number, so the code is for %d steps; give it one, %s = 5", rec.End, parser.AnySteps, rec.End))
	}
	return out, err
}
