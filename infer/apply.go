package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// variable resolves a name that stands for a value.
func (in *inferrer) variable(name, src string, at ast.Span) *term {
	t := &term{op: opSym, span: at}
	if in.bound(name) != nil {
		return &term{op: opIndex, span: at, idx: []string{name}}
	}
	s := in.env.lookup(name)
	if s == nil {
		if in.closed {
			d := &diag.Diagnostic{Code: "E201", Message: "unknown name " + src, Labels: []diag.Label{{Span: at}}}
			if near := in.nearName(name); near != "" {
				d.Help = "did you mean " + near + "?"
			}
			in.add(d)
			return bad(at)
		}
		if in.looksMeant(name, at) {
			return bad(at)
		}
		s = in.env.put(&symbol{kind: symVar, name: src, span: at})
		in.openName(s, name)
	}
	if s.kind == symLost {
		return bad(at)
	}
	if s.late && s.node == nil {
		in.errorf("E236", at, "%s stands for a derivative: it can be used in what follows its definition", s.name)
		return bad(at)
	}
	if s.kind == symFunc {
		in.add(&diag.Diagnostic{Code: "E213", Message: "the function " + s.name + " has no operand here", Labels: []diag.Label{{Span: at}, {Span: s.span, Text: "applied here"}},
			Help: "give it an operand in brackets, or declare " + s.name + " as a variable where it is a factor"})
		return bad(at)
	}
	if s.kind == symDef {
		switch {
		case s.def == nil:
			if s.early {
				return bad(at)
			}
			s.early = true
			in.add(&diag.Diagnostic{Code: "E223", Message: s.name + " is used before its definition is complete",
				Labels: []diag.Label{{Span: at, Text: "used here"}, {Span: s.span, Text: "defined here"}}})
			return bad(at)
		case s.def.params != nil && s.def.t != nil:
		}
		t.names = s.def.t.names
	}
	t.sym = s
	if s.idx >= 0 {
		t.names = bits(nil).with(s.idx)
	}
	return t
}

func (in *inferrer) nearName(name string) string {
	for _, s := range in.env.order {
		if len(name) > 1 && len(s.name) > 1 && distance(strings.ToLower(name), strings.ToLower(s.name)) == 1 {
			return s.name
		}
	}
	return ""
}

// maxNames is the most undeclared names in a program.
const maxNames = 20000

// openName enters an undeclared name into the search for readings.
func (in *inferrer) openName(s *symbol, name string) {
	if len(in.env.open) >= maxNames {
		panic(&expr.BudgetError{What: "more than " + itoa(maxNames) + " undeclared names"})
	}
	s.idx = len(in.env.open)
	s.readings = readingsOf(s.key)
	if in.turned[s.key] && !isUpper(s.key) { // θᵀx_i: a vector before any shape is looked at
		s.readings = []reading{{asCol, 0}, {asRow, 2}}
	}
	in.env.open = append(in.env.open, s)
}

// onesSite is a 1 that touches a transposed factor: a column of ones, or the
// number where no column fits.
func (in *inferrer) onesSite(at ast.Span, readings []reading) *term {
	t := newTerm(opOnes, at)
	if in.closed {
		return t
	}
	s := &symbol{kind: symOnes, name: "1", span: at, idx: len(in.env.open), readings: readings}
	in.env.open = append(in.env.open, s)
	t.sym = s
	t.names = bits(nil).with(s.idx)
	return t
}

func (in *inferrer) eyeSite(at ast.Span) *term { return newTerm(opEye, at) }

func (in *inferrer) eyeFunc(n int) *rules.Func {
	for _, f := range rules.All() {
		if least, most := f.Arity(); f.Op == expr.OpEye && least <= n && n <= most {
			return f
		}
	}
	return nil
}

// call makes the call of a function by operands that are resolved.
func (in *inferrer) call(name string, at, nameAt ast.Span, args ...*term) *term {
	f := resolveFn(name, len(args))
	if f == nil {
		in.arity(name, at, len(args))
		return bad(at)
	}
	t := newTerm(opCall, at, args...)
	t.fn, t.opSpan = f, nameAt
	return t
}

func (in *inferrer) arity(name string, at ast.Span, n int) {
	f := function(name)
	if f == nil {
		in.errorf("E202", at, "unknown function %s", name)
		return
	}
	overloads := rules.Overloads(name)
	if len(overloads) == 0 {
		overloads = []*rules.Func{f}
	}
	var counts []int
	for _, g := range overloads {
		least, most := g.Arity()
		if least == 0 && most > 0 && n > 0 { // ones takes one or two sizes
			least = 1
		}
		for k := least; k <= most; k++ {
			if !slices.Contains(counts, k) {
				counts = append(counts, k)
			}
		}
	}
	takes := make([]string, len(counts))
	for i, k := range counts {
		takes[i] = itoa(k)
	}
	in.add(&diag.Diagnostic{Code: "E213", Message: fmt.Sprintf("%s takes %s %s, here it has %d", name, strings.Join(takes, " or "), plural(takes[len(takes)-1], "operand"), n),
		Labels: []diag.Label{{Span: at}}, Help: "write " + usage(overloads)})
}

func plural(n, w string) string {
	if n == "1" {
		return w
	}
	return w + "s"
}

// callNamed resolves the call of a known function as it is written.
func (in *inferrer) callNamed(name string, e *ast.Call, nameAt ast.Span) *term {
	at := nameAt.To(e.Span)
	f := resolveFn(name, len(e.Args))
	if f == nil {
		if in.numericAxis(name, e, at) {
			return bad(at)
		}
		in.arity(name, at, len(e.Args))
		for _, a := range e.Args {
			in.expr(a)
		}
		return bad(at)
	}
	if len(e.Args) == 2 && in.numericAxis(name, e, at) {
		return bad(at)
	}
	t := &term{op: opCall, fn: f, span: at, opSpan: nameAt}
	for i, a := range e.Args {
		if f.Params[i].Kind == rules.SizeArg {
			d, ok := in.sizeArg(a)
			if !ok {
				in.add(&diag.Diagnostic{Code: "E231", Message: fmt.Sprintf("%s takes a size here: a whole number or a size symbol, not %s", name, in.text(a.Pos())),
					Labels: []diag.Label{{Span: a.Pos()}}})
				return bad(at)
			}
			t.sizes = append(t.sizes, d)
			continue
		}
		t.args = append(t.args, in.expr(a))
	}
	t.gather()
	return t
}

// sizeArg reads an operand that is a size.
func (in *inferrer) sizeArg(e ast.Expr) (expr.Dim, bool) {
	if n, ok := e.(*ast.Name); ok {
		if s := in.env.lookup(n.Text); s != nil && s.kind == symNode && s.node.Op == expr.OpSize {
			return s.node.Dim, true
		} else if s != nil && s.kind == symNode && s.node.Op == expr.OpNum {
			if k, ok := s.node.Int(); ok {
				return expr.Whole(k), true
			}
		} else if s != nil && s.kind == symNode && s.node.Op == expr.OpHad {
			return dimOf(s.node)
		}
	}
	if n, ok := e.(*ast.Number); ok {
		if k, ok := wholeNumber(n.Val); !ok || k < 1 {
			return expr.One, false
		}
	}
	return in.sizeOf(e, false)
}

// dimOf returns the size that a product of sizes and whole numbers is.
func dimOf(n *expr.Node) (expr.Dim, bool) {
	switch n.Op {
	case expr.OpSize:
		return n.Dim, true
	case expr.OpNum:
		k, ok := n.Int()
		return expr.Whole(k), ok && k > 0
	case expr.OpHad:
		d := expr.One
		for _, a := range n.Args {
			e, ok := dimOf(a)
			if !ok {
				return d, false
			}
			d = d.Times(e)
		}
		return d, true
	}
	return expr.One, false
}

// numericAxis reports sum(A, 1): a reduction with a number as second operand.
func (in *inferrer) numericAxis(name string, e *ast.Call, at ast.Span) bool {
	if len(e.Args) != 2 {
		return false
	}
	n, ok := e.Args[1].(*ast.Number)
	f := resolveFn(name, 1)
	if !ok || f == nil || n.Text != "0" && n.Text != "1" && n.Text != "2" || !reduces(f) {
		return false
	}
	if resolveFn(name, 2) != nil && f.Out != rules.OutScalar && f.Out != rules.OutRowwise {
		return false
	}
	if resolveFn(name, 2) != nil && !in.isAxis(name) {
		return false
	}
	arg := in.text(e.Args[0].Pos())
	if slices.Contains(normNames, name) {
		d := &diag.Diagnostic{Code: "E213", Message: name + " takes no kind of norm",
			Labels: []diag.Label{{Span: n.Span}}}
		d.Offer(diag.Fix{Span: at, Text: "norm(" + arg + ")", For: "for the Euclidean or Frobenius norm"})
		d.Offer(diag.Fix{Span: at, Text: "norm1(" + arg + ")", For: "for the sum of absolute entries"})
		d.Advise()
		in.add(d)
		in.expr(e.Args[0])
		return true
	}
	d := &diag.Diagnostic{Code: "E215", Message: name + " with a numeric axis: MATLAB and NumPy mean opposite things by it",
		Labels: []diag.Label{{Span: n.Span, Text: "axis"}}}
	in.axisHelp(d, at, name, f, arg)
	in.add(d)
	in.expr(e.Args[0])
	return true
}

// normNames are the functions whose second operand in MATLAB and NumPy is the
// kind of norm.
var normNames = []string{"norm", "norm2", "nuclear"}

// axisHelp offers the functions that go along rows and down columns.
func (in *inferrer) axisHelp(d *diag.Diagnostic, at ast.Span, name string, f *rules.Func, arg string) {
	flip := arg + "'"
	if _, simple := strings.CutSuffix(arg, "'"); !simple && len(letters(arg)) != 1 {
		flip = "(" + arg + ")'"
	}
	byRow, byCol := "row"+name+"("+arg+")", "col"+name+"("+arg+")"
	forRow, forCol := "for one number a row", "for one number a column"
	switch {
	case isFunction("row"+name) && isFunction("col"+name):
	case f.Out == rules.OutSame: // softmax
		byRow, byCol = name+"("+arg+")", name+"("+flip+")'"
		forRow, forCol = "along the rows", "down the columns"
	case f.Out == rules.OutRowwise:
		byRow, byCol = name+"("+arg+")", name+"("+flip+")'"
	case name == "var":
		byRow, byCol = fmt.Sprintf("rowmean((%s - rowmean(%s)).^2)", arg, arg), fmt.Sprintf("colmean((%s - colmean(%s)).^2)", arg, arg)
	default:
		byRow, byCol = "rowsum("+arg+")", "colsum("+arg+")"
		forCol += "; " + name + " is of all entries"
	}
	d.Offer(diag.Fix{Span: at, Text: byRow, For: forRow})
	d.Offer(diag.Fix{Span: at, Text: byCol, For: forCol})
	d.Advise()
}

// isAxis tells whether the two-operand form of a name cannot be meant when the
// second operand is a bare number. max(X, 0) is the maximum with 0.
func (in *inferrer) isAxis(name string) bool {
	f := resolveFn(name, 2)
	return f == nil || !f.Elementwise
}

// reduces tells whether a function of one operand makes it smaller.
func reduces(f *rules.Func) bool {
	return f.Out == rules.OutScalar || f.Out == rules.OutRows || f.Out == rules.OutCols || f.Out == rules.OutRowwise ||
		f.Out == rules.OutSame && !f.Elementwise
}

// norms names the functions that the bars stand for.
var norms = map[string]string{"": "norm", "2": "norm", "F": "norm", "1": "norm1", "*": "nuclear"}

func (in *inferrer) norm(e *ast.Norm) *term {
	name := norms[e.Kind]
	if name == "" || !isFunction(name) {
		x := in.text(e.X.Pos())
		help := ""
		switch {
		case e.Kind == "∞" || e.Kind == "inf" || e.Kind == "max":
			help = "of a vector it is max(abs(" + x + "))"
		case e.Kind == "0":
			help = "the count of its entries that are not 0 is sum([" + x + " != 0])"
		case e.Kind != "" && len(e.Kind) == 1:
			help = "of a vector it is sum(abs(" + x + ").^" + e.Kind + ")^(1/" + e.Kind + ")"
		}
		in.add(&diag.Diagnostic{Code: "E122", Message: "norms are ‖x‖, ‖x‖_1, ‖x‖_2, ‖X‖_F and ‖X‖_*, not ‖…‖_" + e.Kind,
			Labels: []diag.Label{{Span: e.Span}}, Help: help})
		in.expr(e.X)
		return bad(e.Span)
	}
	t := in.call(name, e.Span, e.Span, in.expr(e.X))
	t.kind = "‖" + e.Kind
	return t
}

// comparisons names the functions of the comparison operators.
var comparisons = map[ast.Op]string{ast.Ge: "ge", ast.Gt: "gt", ast.Le: "le", ast.Lt: "lt", ast.Eq: "eq", ast.Ne: "ne"}

// iverson resolves [a <= x <= b] as a product of comparisons.
func (in *inferrer) iverson(e *ast.Iverson) *term {
	xs := make([]*term, len(e.Xs))
	for i, x := range e.Xs {
		xs[i] = in.expr(x)
	}
	if len(xs) == 3 && len(e.Ops) == 2 && e.Ops[0] == ast.Le && e.Ops[1] == ast.Le && isFunction("between") {
		return in.call("between", e.Span, e.Span, xs[1], xs[0], xs[2])
	}
	var t *term
	for i, o := range e.Ops {
		name := comparisons[o]
		if name == "" || i+1 >= len(xs) {
			in.errorf("E106", e.Span, "square brackets hold a comparison: [x >= a]")
			return bad(e.Span)
		}
		c := in.call(name, e.Span, e.Span, xs[i], xs[i+1])
		if t == nil {
			t = c
		} else {
			t = newTerm(opHad, e.Span, t, c)
		}
	}
	if t == nil {
		in.errorf("E221", e.Span, "square brackets hold a comparison, [x >= a]; matrices are named, not written out")
		return bad(e.Span)
	}
	return t
}

// applyDefined resolves f(x) where f(x) = … is defined: with the arguments of
// its definition it is the value.
func (in *inferrer) applyDefined(s *symbol, e *ast.Call) *term {
	same := len(e.Args) == len(s.def.params)
	for i, a := range e.Args {
		n, ok := a.(*ast.Name)
		same = same && ok && i < len(s.def.params) && keyOf(n.Text) == keyOf(s.def.params[i])
	}
	if !same {
		in.add(&diag.Diagnostic{Code: "E239", Message: fmt.Sprintf("%s is defined as %s(%s) and is given other arguments here", s.name, s.name, strings.Join(s.def.params, ", ")),
			Labels: []diag.Label{{Span: e.Span}, {Span: s.span, Text: "defined here"}}})
		return bad(e.Span)
	}
	return in.variable(e.Fun.Text, e.Fun.Text, e.Span)
}
