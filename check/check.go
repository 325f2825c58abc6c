// Package check judges derivations line by line.
//
//	text ──prose passed over──▶ parser, infer ──▶ claims
//	  each claim ──truth (derive, normal form, verify.Equal)──▶ right | transposed | undecided | false
//	  false ──from an earlier false line?──▶ inherited | wrong ──mistake, fix──▶ Report
//
// A gradient is compared with the one that derive finds; a differential, a
// Jacobian or a Hessian with the exact differential along directions that are
// drawn; a value with what it is said to equal.
package check

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/simplify"
	"github.com/matdiff/matdiff/verify"
)

// Node is an expression.
type Node = expr.Node

// Options of a check.
type Options struct {
	Seed  int64
	Hint  bool          // no fixes in the report
	Limit time.Duration // for naming the mistake of one line, 2 s if 0
	File  string        // name of the file, which helps to tell a document
}

// How a text is read: a derivation has one objective; a document may speak of
// things that it does not spell out.
var (
	readDerivation = infer.Options{Claims: true, Abstract: true, StandIn: true}
	readDocument   = infer.Options{Claims: true, Abstract: true}
)

// Check judges every definition and claim of a derivation. The list holds the
// errors of a text that has no meaning apart from its claims: a syntax error
// in the problem, a shape error in a definition.
func Check(ctx context.Context, src string, opt Options) (*Report, *diag.List) {
	if opt.Limit <= 0 {
		opt.Limit = 2 * time.Second
	}
	if parser.IsDocument(opt.File, src) {
		rep, list := checkDocument(ctx, opt.File, src, opt)
		if rep != nil {
			rep.finish(opt)
		}
		return rep, list
	}
	doc, list := read(src)
	if list.Err() != nil {
		return nil, list
	}
	res, list := infer.Infer(doc.tree, readDerivation)
	if list.Err() != nil {
		return nil, list
	}
	c := newChecker(ctx, res, opt)
	c.src, c.zero = doc.src, doc.zero
	rep := c.run(doc)
	rep.finish(opt)
	return rep, nil
}

// finish sets the verdict on the whole and keeps the answers back from a hint.
func (r *Report) finish(opt Options) {
	r.conclude()
	r.Hint = opt.Hint
	if opt.Hint {
		for i := range r.Lines {
			if m := r.Lines[i].Mistake; m != nil {
				m.Fix, m.Message = "", kindOf(m.ID)
			}
		}
	}
}

// checker is the state of one check.
type checker struct {
	ctx     context.Context
	opt     Options
	src     string
	res     *infer.Result
	prog    *expr.Program
	b       *expr.Builder
	s       *simplify.S
	moving  []string // inputs that the text differentiates by
	fresh   int
	folds   map[*Node]*Node // definitions written by name
	grads   map[[2]*Node]*Node
	falses  []int        // claims found false, in order
	text    bool         // the lines are those of a document
	zero    map[int]bool // lines that say that a gradient is zero
	assume  map[*Node]*Node
	props   map[*Node]expr.Props // assumed
	columns bool                 // a gradient of the text was right that is no row
	rows    *infer.Result        // the text with derivatives as rows, nil before it is asked for
	// plain leaves mistakes without names.
	plain bool
	// numeric leaves closed forms out: gradients are dual numbers, and equal is
	// what has equal values.
	numeric bool
}

func newChecker(ctx context.Context, res *infer.Result, opt Options) *checker {
	res.Program.B.Stop = ctx.Err
	c := &checker{ctx: ctx, opt: opt, res: res, prog: res.Program, b: res.Program.B, s: simplify.New(res.Program.B)}
	c.grads = make(map[[2]*Node]*Node)
	c.assume, c.props = make(map[*Node]*Node), make(map[*Node]expr.Props)
	c.moving = c.movers()
	return c
}

func (c *checker) run(doc *document) *Report {
	rep := &Report{Notes: c.prog.Notes, Prose: doc.prose}
	lost := doc.lost
	for _, l := range c.res.Lines {
		for len(lost) > 0 && lost[0].Line < l.Line {
			rep.Lines = append(rep.Lines, lost[0])
			lost = lost[1:]
		}
		switch l.Kind {
		case infer.LineDef, infer.LineObjective:
			rep.Lines = append(rep.Lines, Line{Line: l.Line, Text: l.Text, Kind: "definition", Verdict: Right})
		case infer.LineClaim:
			rep.Lines = append(rep.Lines, c.line(l.Index))
		}
	}
	rep.Lines = append(rep.Lines, lost...)
	sort.SliceStable(rep.Lines, func(i, j int) bool { return rep.Lines[i].Line < rep.Lines[j].Line })
	return rep
}

// line judges one claim.
func (c *checker) line(i int) (out Line) {
	cl := &c.res.Claims[i]
	out = Line{Line: cl.Line, Text: cl.Text, Kind: cl.Kind.String()}
	if cl.ThenLeft != nil {
		out.Line = 1 + strings.Count(c.src[:min(cl.Span.Start, len(c.src))], "\n")
	}
	_, rhs, _ := strings.Cut(cl.Text, "=")
	if rhs == "" {
		rhs = cl.Text
	}
	c.foldFor(rhs)
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(*expr.BudgetError)
			if !ok {
				panic(r)
			}
			out.Verdict, out.Reason = Undecided, b.Error()
		}
	}()
	if cl.Err.Err() != nil {
		d := cl.Err.Items[0]
		out.Reason = d.Message
		if !shapeError(d.Code) {
			out.Verdict = NotUnderstood
			return out
		}
		out.Verdict = Wrong
		out.Mistake = c.nameShape(i, d)
		if c.byRows(i) {
			out.Verdict, out.Reason = Transposed, "right where derivatives are rows: the numerator layout"
			out.Mistake.ID, out.Mistake.Message = "layout", "right in the other layout, where derivatives are rows; here a gradient has the shape of its variable"
			return out
		}
		c.falses = append(c.falses, i)
		return out
	}
	switch cl.Kind {
	case infer.ClaimAssume:
		c.assumption(cl, &out)
		return out
	case infer.ClaimStationary:
		c.stationary(i, cl, &out)
		return out
	}
	if len(cl.Sides) == 0 {
		out.Verdict = NotUnderstood
		return out
	}
	c.judge(i, cl.Sides[len(cl.Sides)-1], &out)
	return out
}

func (c *checker) judge(i int, n *Node, out *Line) {
	cl := &c.res.Claims[i]
	n, err := c.withJacobians(n, cl.Of)
	if err != nil {
		out.Verdict, out.Reason = Undecided, err.Error()
		return
	}
	of := cl.Of
	if cl.Kind == infer.ClaimValue && of != nil {
		if of, err = c.withJacobians(of, nil); err != nil {
			out.Verdict, out.Reason = Undecided, err.Error()
			return
		}
	}
	q, err := c.question(cl, of)
	if err != nil {
		out.Verdict, out.Reason = Undecided, err.Error()
		return
	}
	if c.unrelated(cl, q, n) {
		out.Verdict, out.Reason = NotUnderstood, fmt.Sprintf("%s does not depend on %s, as far as the text says", ofName(cl), cl.ByNames[0])
		return
	}
	rel, cmp := c.ask(q, n)
	if rel == verify.Same {
		out.Verdict = Right
		c.settleLayout(cl, n)
		if f := c.falseBefore(cl); f != nil {
			out.Reason = fmt.Sprintf("right, though line %d before it is false", f.Line)
		}
		return
	}
	if cl.Kind != infer.ClaimValue && cl.Kind != infer.ClaimDifferential {
		if r, _ := c.ask(q, c.b.T(n)); r == verify.Same && !n.IsScalar() {
			out.Verdict = Transposed
			out.Reason = "right in the other layout: this is the transpose"
			out.Mistake = &Mistake{ID: "layout", Message: "this is the transposed gradient: the other layout, or a transpose that was lost", Fix: c.print(c.s.T(n))}
			return
		}
	}
	if rel == verify.Undecided {
		out.Verdict = Undecided
		if cmp != nil {
			out.Reason = cmp.Reason
		}
		return
	}
	if why := c.directly(cl); why != "" {
		out.Verdict, out.Reason = Right, why
		return
	}
	if what := c.convention(cl, q, n); what != nil {
		out.Verdict, out.Reason = what.verdict, what.text
		if what.verdict == Wrong {
			out.Mistake = &Mistake{ID: "symmetric-convention", Message: what.text, Fix: c.print(q.truth)}
			c.falses = append(c.falses, i)
		}
		return
	}
	for k := len(c.falses) - 1; k >= 0; k-- {
		if c.follows(c.falses[k], cl, n) {
			out.Verdict, out.Follows = Inherited, c.res.Claims[c.falses[k]].Line
			out.Reason = fmt.Sprintf("follows from line %d", out.Follows)
			c.falses = append(c.falses, i)
			return
		}
	}
	out.Verdict = Wrong
	if cmp != nil && cmp.Counter != nil {
		out.Counter = counter(cmp.Counter)
		out.Reason = cmp.Counter.String()
	} else if q.shapes(n) != "" {
		out.Reason = q.shapes(n)
	}
	out.Mistake = c.name(i, q, n, cmp)
	if m := out.Mistake; m.Fix == "" && cl.Entries && q.truth != nil {
		m.Message += "; for all entries at once it is " + c.print(q.truth)
	}
	c.falses = append(c.falses, i)
}

func shapeError(code string) bool {
	switch code {
	case "E203", "E204", "E205", "E206", "E207", "E208", "E211", "E212", "E214", "E232", "E233", "E234", "E235", "E237":
		return true
	}
	return false
}

// question is what a claim asserts of its right side n: sides(n) are equal.
// truth is the right answer itself where it is known in closed form.
type question struct {
	kind   infer.ClaimKind
	shape  expr.Shape // of the answer
	truth  *Node
	prog   *expr.Program
	sides  func(n *Node) (a, b *Node)
	direct bool // of the direct derivative
}

func (q *question) shapes(n *Node) string {
	if n.Shape != q.shape {
		return fmt.Sprintf("the right side is %v, it should be %v", n.Shape, q.shape)
	}
	return ""
}

// question prepares the judgement on a claim, with of for what it speaks of.
func (c *checker) question(cl *infer.Claim, of *Node) (*question, error) {
	q := &question{kind: cl.Kind, prog: c.prog}
	b := c.b
	if len(cl.By) == 0 && cl.Kind != infer.ClaimValue && cl.Kind != infer.ClaimDifferential {
		return nil, fmt.Errorf("nothing says by what to differentiate")
	}
	switch cl.Kind {
	case infer.ClaimValue:
		q.shape, q.truth = of.Shape, of
		q.sides = func(n *Node) (*Node, *Node) { return of, n }
	case infer.ClaimGradient, infer.ClaimStationary:
		by := cl.By[0]
		q.shape = by.Shape
		if of == nil && c.abstract() != nil {
			g, err := c.pullback(by)
			if err != nil {
				return nil, err
			}
			q.truth = g
			q.sides = func(n *Node) (*Node, *Node) { return g, n }
			break
		}
		g, p, err := c.gradient(of, by)
		if err != nil {
			return nil, err
		}
		q.truth, q.prog = g, p
		q.sides = func(n *Node) (*Node, *Node) { return g, n }
	case infer.ClaimDifferential:
		if of == nil {
			l := c.abstract()
			if l == nil {
				return nil, fmt.Errorf("%s is not defined", cl.OfName)
			}
			q.shape = expr.Scalar
			d := c.inner(c.cotangent(), c.diff(l))
			q.sides = func(n *Node) (*Node, *Node) { return d, n }
			break
		}
		q.shape = of.Shape
		d := c.diff(of)
		q.sides = func(n *Node) (*Node, *Node) { return d, n }
	case infer.ClaimJacobian:
		by := cl.By[0]
		q.shape = expr.Shape{R: of.Shape.Count(), C: by.Shape.Count()}
		dof, dby := c.diff(of), c.diff(by)
		if !isInput(by) { // what else the value depends on is held fixed
			if d, dv, err := c.partial(of, by); err == nil {
				dof, dby = d, dv
			}
		}
		dy, dx := c.vec(dof), c.vec(dby)
		q.sides = func(n *Node) (*Node, *Node) { return dy, b.Mul(n, dx) }
		if by.IsScalar() && !of.Shape.IsCol() { // in the shape of the matrix
			q.shape = of.Shape
			q.sides = func(n *Node) (*Node, *Node) { return dof, b.Scale(dby, n) }
		}
	case infer.ClaimHessian:
		g, p, err := c.gradient(of, cl.By[0])
		if err != nil {
			return nil, err
		}
		by := cl.By[len(cl.By)-1]
		q.prog = p
		q.shape = expr.Shape{R: g.Shape.Count(), C: by.Shape.Count()}
		dg, dx := c.vec(c.diff(g)), c.vec(c.diff(by))
		q.sides = func(n *Node) (*Node, *Node) { return dg, b.Mul(n, dx) }
	default:
		return nil, fmt.Errorf("a claim of kind %v cannot be judged", cl.Kind)
	}
	return q, nil
}

// ask judges the answer n.
func (c *checker) ask(q *question, n *Node) (verify.Relation, *verify.Comparison) {
	if n.Shape != q.shape {
		return verify.Different, nil
	}
	x, y := q.sides(n)
	if x == nil || y == nil {
		return verify.Undecided, nil
	}
	if q.kind == infer.ClaimDifferential {
		var first *verify.Comparison // the last that differs is the most lenient
		seen := false
		for _, o := range c.motions(n) {
			r, cmp := c.equal(q.prog, x, y, o)
			if r == verify.Same {
				return r, cmp
			}
			if !seen || r == verify.Different {
				first, seen = cmp, true
			}
		}
		return first.Verdict, first
	}
	return c.equal(q.prog, x, y, verify.Options{Seed: c.opt.Seed})
}

// equal compares two expressions: by normal form, then by numbers.
func (c *checker) equal(p *expr.Program, x, y *Node, o verify.Options) (verify.Relation, *verify.Comparison) {
	same := &verify.Comparison{Verdict: verify.Same, Reason: "one normal form"}
	if !c.numeric {
		x, y = c.adjointFree(p, x), c.adjointFree(p, y)
	}
	if len(c.assume) > 0 {
		x, y = c.assumed(x), c.assumed(y)
	}
	if x == y || !c.numeric && x.Shape == y.Shape && c.s.Normal(x) == c.s.Normal(y) {
		return verify.Same, same
	}
	cmp, err := verify.Equal(c.ctx, p, x, y, o)
	if err != nil {
		return verify.Undecided, &verify.Comparison{Reason: err.Error()}
	}
	return cmp.Verdict, cmp
}

// adjointFree puts derived gradients for the symbols ∂Q/∂Z where it can.
func (c *checker) adjointFree(p *expr.Program, n *Node) *Node {
	var memo map[*Node]*Node
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Differential && m.Var.Of != nil { // dg of a gradient g
			if of := c.adjointFree(p, m.Var.Of); of != m.Var.Of {
				if memo == nil {
					memo = make(map[*Node]*Node)
				}
				memo[m] = c.diff(of)
			}
			continue
		}
		if m.Op != expr.OpVar || m.Var.Kind != expr.Adjoint || m.Var.Of == nil || p == nil || p.Objective.Node == nil {
			continue
		}
		var g *Node
		var err error
		if p.Objective.Node.IsScalar() {
			g, _, err = c.gradient(p.Objective.Node, m.Var.Of)
		} else if c.abstract() != nil {
			g, err = c.pullback(m.Var.Of)
		}
		if g == nil {
			continue
		}
		if err == nil && g != m && g.Shape == m.Shape {
			if memo == nil {
				memo = make(map[*Node]*Node)
			}
			memo[m] = g
		}
	}
	if memo == nil {
		return n
	}
	return c.b.Subst(n, memo)
}

// diff is the differential of any expression.
func (c *checker) diff(n *Node) *Node {
	n = valueOf(n)
	if d := c.res.Differentials[n]; d != nil {
		return d
	}
	name := fmt.Sprintf("d#%d", n.ID)
	if n.Op == expr.OpVar {
		name = "d" + n.Var.Name
	} else {
		for _, d := range c.prog.Defs {
			if d.Node == n && d.Name != "" {
				name = "d" + d.Name
			}
		}
	}
	return c.b.Diff(n, name)
}

// vec stacks the columns.
func (c *checker) vec(n *Node) *Node {
	switch {
	case n.Shape.C.IsOne():
		return n
	case n.Shape.R.IsOne():
		return c.b.T(n)
	}
	return c.b.MustCall(rules.Must("vec"), n)
}

// gradient returns the derivative of a scalar by an input or by a part of it,
// everything below the part held fixed.
func (c *checker) gradient(of, by *Node) (*Node, *expr.Program, error) {
	p := *c.prog
	if of == nil {
		if p.Objective.Node == nil {
			return nil, nil, fmt.Errorf("there is nothing to differentiate")
		}
		of = p.Objective.Node
	}
	p.Objective = expr.Def{Name: "Q", Node: of}
	for _, d := range p.Defs {
		if d.Node == of {
			p.Objective = d
		}
	}
	k := [2]*Node{of, by}
	if g, ok := c.grads[k]; ok {
		return g, &p, nil
	}
	var g *Node
	if !c.numeric {
		g, _ = c.derived(&p, of, by)
	}
	if g == nil {
		// The adjoint as a symbol: its value is found by dual numbers.
		g = c.b.Var(&expr.Var{Name: "∂" + p.Objective.Name + "/∂" + nameOf(by), Kind: expr.Adjoint, Shape: by.Shape, Of: by})
	}
	c.grads[k] = g
	return g, &p, nil
}

func nameOf(n *Node) string {
	if n.Op == expr.OpVar {
		name, _, _ := strings.Cut(n.Var.Name, " #")
		return name
	}
	return fmt.Sprintf("#%d", n.ID)
}

// derived is the gradient in closed form.
func (c *checker) derived(p *expr.Program, of, by *Node) (*Node, error) {
	return c.derivedAs(p, of, by, derive.Half)
}

func (c *checker) derivedAs(p *expr.Program, of, by *Node, conv derive.Symmetric) (*Node, error) {
	q := *p
	v := by
	if !isInput(by) {
		of, v = c.opened(of, by)
		if !holds(of, v) && isPart(by) {
			return c.b.Zeros(by.Shape), nil
		}
	}
	if !holds(of, v) && v != by {
		return nil, fmt.Errorf("%s is not one part of the value", nameOf(by))
	}
	if v.Var.Const {
		return nil, fmt.Errorf("%s is const", v.Var.Name)
	}
	q.Objective = expr.Def{Name: p.Objective.Name, Node: of}
	q.Vars = []*expr.Var{v.Var}
	q.Defs = nil
	res, err := derive.Derive(&q, derive.Options{Wrt: []string{v.Var.Name}, Symmetric: conv, Plain: true})
	if err != nil {
		return nil, err
	}
	if !res.Scalar {
		return nil, fmt.Errorf("the value is not a scalar")
	}
	g := res.Grads[0].Full
	if !isInput(by) {
		g = c.b.Subst(g, map[*Node]*Node{v: valueOf(by)})
	}
	return g, nil
}

// holds tells whether n depends on the variable v.
func holds(n, v *Node) bool {
	for _, m := range expr.Topo(n) {
		if m == v {
			return true
		}
	}
	return false
}
