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
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/simplify"
	"github.com/matdiff/matdiff/verify"
)

// Node is an expression.
type Node = expr.Node

// Options of a check.
type Options struct {
	Seed  int64
	Hint  bool          // no fixes in the report
	Limit time.Duration // a guard on naming the mistake of one line beside the counted work that bounds it to about 2 s; 10 s if 0
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
		opt.Limit = 10 * time.Second
	}
	if parser.IsDocument(opt.File, src) && !plainText(opt.File, src) {
		rep, list := checkDocument(ctx, opt.File, src, opt)
		if rep != nil {
			rep.finish(opt)
		}
		return rep, list
	}
	doc, list := read(src, nil)
	if list.Err() != nil {
		return nil, list
	}
	res, list := doc.inferEither(src)
	if list.Err() != nil && doc.lists[1+errorLine(doc.src, list)] { // the sentence says something else
		if doc, list = read(src, doc.lists); list.Err() != nil {
			return nil, list
		}
		res, list = doc.inferEither(src)
	}
	if list.Err() != nil {
		return nil, list
	}
	if unsaid := doc.unsaid(res); len(unsaid) > 0 { // they are definitions
		if doc, list = read(src, unsaid); list.Err() != nil {
			return nil, list
		}
		if res, list = doc.inferEither(src); list.Err() != nil {
			return nil, list
		}
	}
	c := newChecker(ctx, res, opt)
	c.src, c.words, c.zero, c.lost, c.read = doc.src, src, doc.zero, doc.names, doc.read
	c.lead, c.continues = doc.lead(src), continues(src)
	rep := c.run(doc)
	rep.source = strings.Split(strings.TrimRight(src, " \t\r\n"), "\n")
	rep.finish(opt)
	return rep, nil
}

// finish sets the verdict on the whole and keeps the answers back from a hint.
func (r *Report) finish(opt Options) {
	r.conclude()
	r.Hint = opt.Hint
	if !opt.Hint {
		return
	}
	for i := range r.Lines { // where and of what kind, not what
		l := &r.Lines[i]
		if m := l.Mistake; m != nil {
			l.Mistake, l.Counter = &Mistake{ID: m.ID, Message: kindOf(m.ID)}, nil
			if l.Verdict == Wrong {
				l.Reason = ""
			}
		}
	}
}

// checker is the state of one check.
type checker struct {
	ctx       context.Context
	opt       Options
	src       string
	words     string // the text as typed, with its words
	res       *infer.Result
	prog      *expr.Program
	b         *expr.Builder
	s         *simplify.S
	moving    []string // inputs that the text differentiates by
	fresh     int
	folds     []nick // definitions written by name
	grads     map[[2]*Node]*Node
	falses    []int // claims found false, in order
	restated  []int // right claims that write a value anew by names of parts
	text      bool  // the lines are those of a document
	read      infer.Options
	zero      map[int]bool // lines that say that a gradient is zero
	assume    map[*Node]*Node
	props     map[*Node]expr.Props // assumed
	columns   bool                 // a gradient of the text was right that is no row
	rowsShown bool                 // a gradient of the text was right as a row
	rows      *infer.Result        // the text with derivatives as rows, nil before it is asked for
	squares   *infer.Result        // the text with all sizes equal, likewise
	lost      []string             // names that lines define which were not understood
	constant  []string             // inputs that right lines hold constant and none disturbs
	// lead is the text before a claim in its clause, nil if there is none;
	// continues tells a line that goes on with the sentence of the one before.
	lead      func(cl *infer.Claim) string
	continues func(line int) bool
	given     map[int]*fact   // claims that are taken as given
	facts     map[*Node]*fact // those in force, by their inputs
	style     dialect         // of the line at hand
	free      []string        // indices of its left side
	typed     map[int]string  // lines as typed, by their numbers, where src is not what was typed
	work      int             // the most that the search for one mistake took
	// plain leaves mistakes without names.
	plain    bool
	supposed []stated // equations that the text assumes
	// unsettled says what supposedly could not decide, "" if it did.
	unsettled string
	// rights are the right claims in order; direct judges them with the
	// arguments of an objective without a definition apart, nil before it is
	// asked to.
	rights []int
	direct *checker
	// numeric leaves closed forms out: gradients are dual numbers, and equal is
	// what has equal values.
	numeric bool
}

// reading is how the text at hand is read.
func (c *checker) reading() infer.Options {
	if c.text {
		return readDocument
	}
	return c.read
}

func newChecker(ctx context.Context, res *infer.Result, opt Options) *checker {
	res.Program.B.Stop = ctx.Err
	c := &checker{ctx: ctx, opt: opt, res: res, prog: res.Program, b: res.Program.B, s: simplify.New(res.Program.B), read: readDerivation}
	c.grads = make(map[[2]*Node]*Node)
	c.assume, c.props, c.facts = make(map[*Node]*Node), make(map[*Node]expr.Props), make(map[*Node]*fact)
	c.moving = c.movers()
	return c
}

func (c *checker) run(doc *document) *Report {
	rep := &Report{Notes: c.prog.Notes, Prose: doc.prose}
	c.gather()
	lost := doc.lost
	for _, l := range c.res.Lines {
		for len(lost) > 0 && lost[0].Line < l.Line {
			rep.Lines = append(rep.Lines, lost[0])
			lost = lost[1:]
		}
		switch l.Kind {
		case infer.LineDef, infer.LineObjective:
			if doc.named[l.Line] { // said of the claim behind it
				continue
			}
			rep.Lines = append(rep.Lines, Line{Line: l.Line, Text: l.Text, Kind: "definition", Verdict: Right})
		case infer.LineClaim:
			out := c.line(l.Index)
			if out.Verdict == NotUnderstood && since.MatchString(c.wordsBefore(&c.res.Claims[l.Index])) {
				rep.Prose++ // an identity in names of its own
				continue
			}
			if s := doc.said[out.Line]; s != "" {
				if out.Text, out.chained = s, false; out.Verdict == NotUnderstood {
					rep.Prose++
					continue
				}
			}
			rep.Lines = append(rep.Lines, out)
		}
	}
	rep.Lines = append(rep.Lines, lost...)
	if len(c.constant) > 0 {
		verb := " are"
		if len(c.constant) == 1 {
			verb = " is"
		}
		rep.held = listed(c.constant) + verb + " held constant: no line disturbs " + map[bool]string{true: "it", false: "them"}[len(c.constant) == 1]
		rep.Notes = append(slices.Clip(rep.Notes), rep.held)
	}
	sort.SliceStable(rep.Lines, func(i, j int) bool { return rep.Lines[i].Line < rep.Lines[j].Line })
	return rep
}

// line judges one claim.
func (c *checker) line(i int) (out Line) {
	cl := &c.res.Claims[i]
	out = Line{Line: cl.Line, Text: cl.Text, Kind: cl.Kind.String()}
	out.chained = strings.HasSuffix(strings.TrimRight(c.src[:min(cl.Span.Start, len(c.src))], " \t\r\n&"), "=")
	if cl.ThenLeft != nil {
		out.Line = 1 + strings.Count(c.src[:min(cl.Span.Start, len(c.src))], "\n")
	}
	_, rhs, _ := strings.Cut(cl.Text, "=")
	if rhs == "" {
		rhs = cl.Text
	}
	if s := c.typed[out.Line]; s != "" {
		rhs = s
	}
	c.foldFor(rhs, out.Text)
	c.free = cl.Free
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
		if k := c.followsInSquares(i); k >= 0 {
			c.inherit(i, k, &out)
			return out
		}
		out.Verdict = Wrong
		if out.Mistake = c.onesMeant(i); out.Mistake == nil {
			out.Mistake = c.nameShape(i, d)
		}
		if c.byRows(i) {
			if c.rowsShown {
				out.Verdict, out.Reason = Transposed, "right where derivatives are rows: the numerator layout"
				out.Mistake.ID, out.Mistake.Message = "layout", "right in the other layout, where derivatives are rows; here a gradient has the shape of its variable"
				return out
			}
			out.Mistake.Message += "; it would fit if derivatives were rows, the other layout"
		}
		c.falses = append(c.falses, i)
		return out
	}
	c.take(out.Line)
	if f := c.given[i]; f != nil {
		c.taken(f, &out)
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
		if len(c.lost) > 0 {
			out.Reason = "it speaks of what is not understood: " + listed(c.lost)
		}
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
		c.rights = append(c.rights, i)
		c.settleLayout(cl, n)
		if cl.Kind == infer.ClaimValue && cl.Open != nil && slices.ContainsFunc(expr.Topo(cl.Open), isPart) {
			c.restated = append(c.restated, i)
			c.grads = make(map[[2]*Node]*Node)
		}
		if f := c.falseBefore(cl); f != nil {
			out.Reason = fmt.Sprintf("right, though line %d before it is false", f.Line)
		}
		if s := c.noteHeld(cl, n); s != "" && out.Reason == "" {
			out.Reason = s
		}
		return
	}
	if cl.Kind != infer.ClaimValue && cl.Kind != infer.ClaimDifferential {
		if r, _ := c.ask(q, c.b.T(n)); r == verify.Same && !n.IsScalar() {
			out.Verdict = Transposed
			c.rowsShown = c.rowsShown || cl.Kind == infer.ClaimGradient && n.Shape.IsRow()
			out.Reason = "right in the other layout: this is the transpose"
			out.Mistake = &Mistake{ID: "layout", Message: "this is the transposed gradient: the other layout, or a transpose that was lost", Fix: c.confirmed(i, c.s.T(n), true)}
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
	if cl.Kind == infer.ClaimValue && cl.Of != nil && isInput(cl.Of) {
		if c.variable(cl, n, out); out.Verdict == Undecided {
			c.condition(i, of, n, out)
		}
		return
	}
	if cl.Kind == infer.ClaimValue && (!c.defines(cl) || c.zero[out.Line] || atOptimum.MatchString(lineOf(c.words, out.Line))) && c.condition(i, of, n, out) {
		return
	}
	if why := c.directly(cl); why != "" {
		out.Verdict, out.Reason = Right, why
		return
	}
	if why := c.apart(i); why != "" {
		out.Verdict, out.Reason = Right, why
		return
	}
	if cl.Kind == infer.ClaimValue && !c.defines(cl) && c.suppose(i, of, n, out) {
		return
	}
	if len(c.supposed) > 0 && n.Shape == q.shape {
		if why := c.supposedly(q.sides(n)); why != "" {
			out.Verdict, out.Reason = Right, why
			return
		}
		if c.unsettled != "" {
			out.Verdict, out.Reason = Undecided, c.unsettled
			return
		}
	}
	if what := c.convention(cl, q, n); what != nil {
		out.Verdict, out.Reason = what.verdict, what.text
		if what.verdict == Wrong {
			out.Mistake = &Mistake{ID: "symmetric-convention", Message: what.text, Fix: c.confirmed(i, q.truth, false)}
			c.falses = append(c.falses, i)
		}
		return
	}
	for k := len(c.falses) - 1; k >= 0; k-- {
		if c.follows(c.falses[k], cl, n) {
			c.inherit(i, c.falses[k], out)
			return
		}
	}
	if k := c.followsInSquares(i); k >= 0 {
		c.inherit(i, k, out)
		return
	}
	out.Verdict = Wrong
	if cmp != nil && cmp.Counter != nil {
		if out.Counter = counter(cmp.Counter); out.Counter != nil {
			out.Counter.shape = n.Shape
			if x, _ := q.sides(n); x != nil && x.Shape != n.Shape { // of the Jacobian times dx
				out.Counter.shape, out.Counter.of = x.Shape, "its product with some d"+cl.ByNames[len(cl.ByNames)-1]
			}
		}
		out.Reason = cmp.Counter.String()
	} else if q.shapes(n) != "" {
		out.Reason = q.shapes(n)
	}
	if n.Shape != q.shape {
		out.Mistake = c.onesMeant(i)
	}
	if out.Mistake == nil {
		out.Mistake = c.name(i, q, c.withoutItself(cl, q, n), cmp)
	}
	if m := out.Mistake; m.Fix == "" && len(cl.Free) > 0 && q.truth != nil {
		m.Message += "; for all entries at once it is " + c.print(q.truth)
	}
	c.falses = append(c.falses, i)
}

// defines tells a claim that says anew what a defined name is.
func (c *checker) defines(cl *infer.Claim) bool {
	return cl.OfName != "" && slices.ContainsFunc(c.prog.Defs, func(d expr.Def) bool { return d.Name == cl.OfName })
}

// inherit says that claim i follows from the false claim k.
func (c *checker) inherit(i, k int, out *Line) {
	out.Verdict, out.Follows, out.Mistake = Inherited, c.res.Claims[k].Line, nil
	out.Reason = fmt.Sprintf("follows from line %d", out.Follows)
	c.falses = append(c.falses, i)
}

func shapeError(code string) bool {
	switch code {
	case "E203", "E204", "E205", "E206", "E207", "E208", "E211", "E212", "E214", "E232", "E233", "E234", "E235", "E237":
		return true
	}
	return false
}
