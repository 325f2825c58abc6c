package matdiff

import (
	"context"
	"fmt"
	"math"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/draw"
	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// At gives the variables values, as in "x_1=1, w=[1,2,3], A=[1 2;3 4]"; a
// trace then shows the values of its lines and derivatives.
func At(point string) Option { return func(o *options) { o.at = point } }

// Mode says that only one mode of a trace is asked for, "forward" or "reverse".
// Forward mode has a pass for every variable, so that a deep network is traced
// much sooner for "reverse"; its forward mode is then neither made nor verified.
func Mode(mode string) Option { return func(o *options) { o.mode = mode } }

// Traced is a program evaluated line by line, with the derivatives of both
// modes and what the verifier said of the gradients.
type Traced struct {
	*derive.Trace
	Input   string
	Forward *verify.Report // of the last line of each forward pass; nil without verification, and with Mode("reverse")
	Reverse *verify.Report // of the adjoints of the variables
	passes  []derive.Pass
	point   string
	values  map[*expr.Node]*num.Mat // of what Doc prints, by its full form
	agree   string
}

// Trace evaluates the objective line by line and differentiates it in forward
// and in reverse mode. Both modes are verified as Derive verifies gradients, unless
// Mode asks for one.
// Errors are those of Derive, and those of the point given by At.
func Trace(ctx context.Context, program string, opts ...Option) (t *Traced, err error) {
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
	tr, err := derive.NewTrace(p, o.derive)
	if err != nil {
		return nil, diagnostic(err, program)
	}
	t = &Traced{Trace: tr, Input: program, point: o.at}
	if o.mode != "reverse" || o.at != "" { // values are compared between the modes
		if t.passes, err = tr.Passes(); err != nil && o.mode != "reverse" {
			return nil, diagnostic(err, program)
		}
	}
	if o.at != "" {
		if err := t.evaluate(p, o.at); err != nil {
			return nil, err
		}
	}
	if o.noVerify {
		return t, nil
	}
	return t, t.verify(ctx, o)
}

// evaluate computes the values of all lines and derivatives at a point.
func (t *Traced) evaluate(p *expr.Program, at string) error {
	env, list := eval.ParsePoint(at, p.Vars)
	if list.Err() != nil {
		return list
	}
	for _, v := range p.Vars {
		if !verify.Satisfies(env.Vars[v.Name], v.Props) {
			return pointError(at, "E602", fmt.Sprintf("the value of %s is not %s, as it is declared", v.Name, v.Props))
		}
	}
	var roots []*expr.Node
	for _, e := range t.Entries {
		roots = append(roots, e.Node)
	}
	derivs := [][]*derive.Deriv{t.Adjoints}
	for _, pass := range t.passes {
		derivs = append(derivs, pass.Tangents)
		env.Vars["d"+pass.Wrt.Name] = filled(env.Vars[pass.Wrt.Name], 1)
	}
	for _, ds := range derivs {
		for _, d := range ds {
			if d != nil && (t.Seed == nil || !holds(d.Full, t.Seed)) {
				roots = append(roots, d.Full)
			}
		}
	}
	for _, e := range t.Entries {
		for _, l := range e.Local {
			roots = append(roots, l.Node)
		}
	}
	out, err := eval.Compile(roots...).Run(env)
	if err != nil {
		return pointError(at, "E604", err.Error())
	}
	t.values = make(map[*expr.Node]*num.Mat, len(roots))
	for i, n := range roots {
		t.values[n] = out[i].Clone()
		if i < len(t.Entries) {
			for _, x := range out[i].Data {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					e := t.Entries[i]
					what := render.Expr(e.Node, render.Text)
					if e.Body != nil {
						what = render.Expr(e.Body, render.Text)
					}
					return pointError(at, "E604", fmt.Sprintf("the line %s = %s has no finite value at this point", e.Name, what))
				}
			}
		}
	}
	return t.compare()
}

// compare holds forward mode against reverse mode at the point.
func (t *Traced) compare() error {
	if !t.Scalar || t.passes == nil {
		return nil
	}
	worst := 0.0
	for _, pass := range t.passes {
		d := pass.Tangents[t.Root]
		if d == nil {
			continue
		}
		forward, reverse := t.values[d.Full], t.values[t.Gradient(pass.Wrt).Full]
		if forward == nil || reverse == nil {
			continue
		}
		sum, scale := 0.0, math.Abs(forward.Data[0])
		for _, x := range reverse.Data {
			sum += x
			scale += math.Abs(x)
		}
		if scale > 0 {
			worst = math.Max(worst, math.Abs(sum-forward.Data[0])/scale)
		}
	}
	if !(worst < 1e-9) {
		return &diag.Diagnostic{Code: "E901", Message: fmt.Sprintf("internal error: forward and reverse mode differ by %.2g at this point; please report it with the program", worst)}
	}
	t.agree = fmt.Sprintf("forward and reverse mode agree at the point to %.1g", math.Max(worst, 1e-16))
	return nil
}

func filled(like *num.Mat, x float64) *num.Mat {
	m := num.New(like.R, like.C)
	for k := range m.Data {
		m.Data[k] = x
	}
	return m
}

func holds(n, part *expr.Node) bool {
	for _, x := range expr.Topo(n) {
		if x == part {
			return true
		}
	}
	return false
}

func pointError(at, code, message string) error {
	return &diag.List{File: "--at", Source: at, Items: []*diag.Diagnostic{{Code: code, Message: message}}}
}

// verify judges the adjoints of the variables and the last line of each pass.
func (t *Traced) verify(ctx context.Context, o options) error {
	p := t.Program
	o.verify.Symmetric = convention(o.derive.Symmetric)
	var adjoints []verify.Claim
	for _, v := range t.Wrt {
		adjoints = append(adjoints, verify.Claim{Wrt: v, Node: t.Gradient(v).Full})
	}
	var err error
	if t.Reverse, err = verify.Gradients(ctx, p, adjoints, o.verify); err != nil {
		return err
	}
	if o.mode == "reverse" {
		return nil
	}
	t.Forward = &verify.Report{Step: verify.Step, Points: t.Reverse.Points, Seed: t.Reverse.Seed, Sizes: t.Reverse.Sizes}
	root := t.Entries[t.Root]
	for _, pass := range t.passes {
		d := pass.Tangents[t.Root]
		out := verify.Variable{Wrt: pass.Wrt.Name, Points: t.Reverse.Points}
		switch {
		case d == nil: // zero: the adjoint has been judged
			out = *t.Reverse.Of(pass.Wrt.Name)
		case pass.Wrt.Shape.IsScalar() && t.Scalar:
			rep, err := verify.Gradients(ctx, p, []verify.Claim{{Wrt: pass.Wrt, Node: d.Full}}, o.verify)
			if err != nil {
				return err
			}
			out = rep.Variables[0]
		default:
			out = t.verifyTangent(ctx, o, root, pass, d, out)
		}
		t.Forward.Variables = append(t.Forward.Variables, out)
	}
	return nil
}

// verifyTangent compares the differential of the objective with its derivative
// by dual numbers, where one variable moves.
func (t *Traced) verifyTangent(ctx context.Context, o options, root *derive.Entry, pass derive.Pass, d *derive.Deriv, out verify.Variable) verify.Variable {
	b := t.Program.B
	full := d.Full
	if pass.Wrt.Shape.IsScalar() { // dZ = ∂Z/∂t dt
		full = b.Scale(b.Diff(b.Var(pass.Wrt), "d"+pass.Wrt.Name), full)
	}
	opt := o.verify
	opt.Moving = []string{pass.Wrt.Name}
	truth := b.Diff(root.Node, "d·"+root.Name)
	c, err := verify.Equal(ctx, t.Program, truth, full, opt)
	if err != nil {
		out.Reason = "not verified: " + err.Error()
		return out
	}
	out.MaxRelError, out.Reason = c.MaxRelError, c.Reason
	switch c.Verdict {
	case verify.Same:
		out.Verdict = verify.Pass
	case verify.Different:
		out.Verdict = verify.Fail
	}
	return out
}

// Verdict tells whether a mode was found wrong, or could not be decided on.
func (t *Traced) Verdict(mode string) (wrong, undecided bool) {
	rep := t.Reverse
	if mode == "forward" {
		rep = t.Forward
	}
	if rep == nil {
		return false, false
	}
	for _, v := range rep.Variables {
		wrong = wrong || v.Verdict == verify.Fail
		undecided = undecided || v.Verdict == verify.Inconclusive
	}
	return wrong, undecided
}

// Doc returns the trace of a mode, "forward" or "reverse", ready to print.
func (t *Traced) Doc(mode string) *render.Trace {
	p := t.Program
	res := &derive.Result{Program: p, Objective: p.Objective, Scalar: t.Scalar, Notes: p.Notes}
	doc := (&Derivation{Result: res, Input: t.Input}).Doc()
	out := &render.Trace{Doc: doc, Mode: mode, At: t.point, Check: t.agree}
	rep := t.Reverse
	if mode == "forward" {
		rep = t.Forward
	}
	if rep != nil {
		doc.Verification = &render.Verification{Step: rep.Step, Points: rep.Points, Seed: rep.Seed, Sizes: rep.Sizes}
		for _, v := range rep.Variables {
			err := v.MaxRelError
			doc.Gradients = append(doc.Gradients, render.Gradient{Wrt: v.Wrt, Verified: v.Verdict.Right(), Reason: v.Reason, MaxRelError: &err})
		}
	}
	for _, e := range t.Entries {
		l := render.TraceLine{Name: e.Name, Alias: e.Alias, Input: e.Input, Shape: e.Var.Shape, Body: e.Body, Value: t.values[e.Node]}
		l.Local = t.local(e)
		out.Lines = append(out.Lines, l)
	}
	if mode == "forward" {
		for i := range t.passes {
			out.Passes = append(out.Passes, t.forwardPass(i))
		}
	} else {
		out.Passes = []render.TracePass{t.reversePass()}
	}
	cost := func(mode string, w derive.Work) render.TraceCost {
		return render.TraceCost{Mode: mode, Passes: w.Passes.String(), Operations: w.Ops.String(), Stored: w.Stored.String()}
	}
	out.Costs = []render.TraceCost{cost("value alone", t.Value), cost("forward", t.Trace.Forward), cost("reverse", t.Trace.Reverse)}
	return out
}

// local lists the partial derivatives of a scalar line by scalars, and the
// differential of any other.
func (t *Traced) local(e *derive.Entry) []render.TraceDeriv {
	b := t.Program.B
	if e.D == nil {
		return nil
	}
	whole := e.Var.IsScalar()
	for _, k := range e.Args {
		whole = whole && (t.Entries[k].Var.IsScalar() || !t.Entries[k].Active)
	}
	if !whole {
		return []render.TraceDeriv{{Line: e.Name, Symbol: b.Diff(e.Var, "d"+e.Name), Node: e.D}}
	}
	var out []render.TraceDeriv
	for _, l := range e.Local {
		of := t.Entries[l.Of]
		sym := b.Var(&expr.Var{Name: "∂" + e.Name + "/∂" + of.Name, Kind: expr.Adjoint, Shape: expr.Scalar})
		out = append(out, render.TraceDeriv{Line: of.Name, Symbol: sym, Node: l.Node, Value: t.values[l.Node]})
	}
	return out
}

func (t *Traced) deriv(e *derive.Entry, d *derive.Deriv) render.TraceDeriv {
	return render.TraceDeriv{Line: e.Name, Symbol: d.Symbol, Chain: d.Chain, Node: d.Node, Note: d.Note, Value: t.values[d.Full]}
}

func (t *Traced) forwardPass(i int) render.TracePass {
	pass := t.passes[i]
	name := pass.Wrt.Name
	out := render.TracePass{Wrt: name}
	switch {
	case pass.Wrt.Shape.IsScalar():
		out.Title = fmt.Sprintf("forward, by %s: ∂/∂%s of each line", name, name)
	case t.values != nil:
		out.Title = fmt.Sprintf("forward, by %s: the differential of each line as %s moves by d%s; values where all entries of d%s are 1", name, name, name, name)
	default:
		out.Title = fmt.Sprintf("forward, by %s: the differential of each line as %s moves by d%s", name, name, name)
	}
	zero := ""
	for k, e := range t.Entries {
		if d := pass.Tangents[k]; d != nil {
			row := t.deriv(e, d)
			if d.Node == d.Symbol {
				row.Note = "given"
			}
			out.Derivs = append(out.Derivs, row)
		} else {
			if zero != "" {
				zero += ", "
			}
			zero += e.Name
		}
	}
	if zero != "" {
		out.Title += " (0 for " + zero + ")"
	}
	return out
}

func (t *Traced) reversePass() render.TracePass {
	out := render.TracePass{Title: fmt.Sprintf("reverse: ∂%s/∂ each line, from the last line up", t.Of)}
	for k := len(t.Entries) - 1; k >= 0; k-- {
		if d := t.Adjoints[k]; d != nil {
			row := t.deriv(t.Entries[k], d)
			if d.Node == d.Symbol {
				row.Note = "given"
			}
			out.Derivs = append(out.Derivs, row)
		}
	}
	for _, v := range t.Wrt {
		if d := t.Gradient(v); d.Node.IsZero() {
			sym := t.Program.B.Var(&expr.Var{Name: "∂" + t.Of + "/∂" + v.Name, Kind: expr.Adjoint, Shape: v.Shape})
			out.Derivs = append(out.Derivs, render.TraceDeriv{Line: v.Name, Symbol: sym, Node: d.Node, Note: d.Note})
		}
	}
	return out
}

// Graph returns the computational graph: the lines of the trace, with shapes
// on the edges and adjoints, and values if a point was given, beside the nodes.
func (t *Traced) Graph() *draw.Graph {
	pr := render.NewPrinter(render.Text, t.Doc("reverse").Names...)
	title := t.Doc("reverse").Reading(render.Text)
	g := &draw.Graph{Title: clip(title, 110)}
	for i, e := range t.Entries {
		n := draw.Node{Name: e.Name, Input: e.Input, Last: i == t.Root}
		if e.Body != nil {
			n.Is = clip(pr.Expr(e.Body), 60)
		}
		if e.Alias != "" {
			n.Is += " = " + e.Alias
		}
		if v := t.values[e.Node]; v != nil {
			n.Notes = append(n.Notes, clip("value "+render.Number(v), 44))
		}
		if d := t.Adjoints[i]; d != nil {
			s := pr.Expr(d.Symbol)
			if d.Node != d.Symbol {
				s += " = " + pr.Expr(d.Node)
			}
			if v := t.values[d.Full]; v != nil {
				s += " = " + render.Number(v)
			}
			n.Notes = append(n.Notes, clip(s, 64))
		}
		g.Nodes = append(g.Nodes, n)
		for _, k := range e.Args {
			g.Edges = append(g.Edges, draw.Edge{From: k, To: i, Label: t.Entries[k].Var.Shape.String()})
		}
	}
	return g
}

// clip bounds a text of a picture.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
