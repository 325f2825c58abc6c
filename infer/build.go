package infer

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

func itoa(n int) string { return strconv.Itoa(n) }

// resolveAll turns the statements of the program into terms.
func (in *inferrer) resolveAll(tree *ast.Program) {
	for _, s := range tree.Stmts {
		switch s := s.(type) {
		case *ast.Decl, *ast.Prose:
		case *ast.ExprStmt:
			st := &statement{span: s.Span}
			if in.goalCall(s, st) {
				continue
			}
			st.t = in.expr(in.goal(s.X))
			in.stmts = append(in.stmts, st)
		case *ast.Equation:
			in.resolveEquation(s)
		default:
			in.errorf("E901", s.Pos(), "no reading for a statement of type %T", s)
		}
	}
	if !in.opt.Claims {
		in.passOver()
		in.onlyObjective(tree)
	}
}

// resolveEquation resolves a definition; other equations are claims.
func (in *inferrer) resolveEquation(e *ast.Equation) {
	n, ok := in.definedName(e)
	var s *symbol
	_, free := in.freeIndices(e)
	if ok {
		s = in.env.lookup(n.Text)
	} else if c, isCall := e.Sides[0].(*ast.Call); isCall && e.Then == nil {
		// f(x) = … was entered under the name f by collect.
		if f := in.env.lookup(c.Fun.Text); f != nil && f.kind == symDef && f.span == c.Fun.Span {
			n, s = c.Fun, f
		}
	}
	if s != nil && s.kind == symDef && s.def == nil {
		st := &statement{sym: s, name: s.name, span: e.Span}
		if c, isCall := e.Sides[0].(*ast.Call); isCall {
			st.params = []string{}
			for _, a := range c.Args {
				st.params = append(st.params, a.(*ast.Name).Text)
			}
		} else if _, c := ofItself(e); c != nil && in.ownMaps[c.Fun.Span] != nil && allNames(c.Args) {
			for _, a := range c.Args {
				st.params = append(st.params, a.(*ast.Name).Text)
			}
		}
		if len(free) > 0 {
			in.runs = in.runs[:0]
			for _, i := range free {
				in.indices = append(in.indices, index{name: i, free: true})
				in.runs = append(in.runs, index{name: i, free: true})
			}
			t := in.expr(e.Sides[1])
			in.indices = in.indices[:0]
			st.t = in.lifted(t, free)
		} else {
			st.t = in.expr(in.goal(e.Sides[1]))
		}
		s.def = st
		in.stmts = append(in.stmts, st)
		if len(e.Sides) == 2 || in.opt.Claims {
			return
		}
		in.notAClaim(e, e.Sides[2].Pos())
		return
	}
	if in.opt.Claims {
		return
	}
	switch {
	case s != nil && s.kind == symDef && s.def != nil:
		in.add(&diag.Diagnostic{Code: "E222", Message: s.name + " is defined twice",
			Labels: []diag.Label{{Span: n.Span, Text: "again here"}, {Span: s.def.span, Text: "defined here"}},
			Help:   "to test that both are equal, give the program to matdiff check"})
	case s != nil && s.kind == symSize: // reported by collect
	case in.ofDerivative(e):
		in.passed = append(in.passed, e)
	default:
		in.notAClaim(e, e.Sides[0].Pos())
	}
}

// goals are the words that stand before what is to be made small or large.
var goals = []string{"min", "max", "minimize", "minimise", "maximize", "maximise", "argmin", "argmax"}

// goal takes min_w and the like off the front of an expression: what is
// differentiated is the function behind it.
func (in *inferrer) goal(e ast.Expr) ast.Expr {
	is := func(n *ast.Name) bool {
		word := in.env.known(n.Text) == nil && slices.Contains(goals, n.Base) && (n.Sub != "" || !isFunction(n.Base))
		if word && n.Sub != "" && in.goalIndex(n, e) {
			return false
		}
		if word {
			in.note("passed over %s: the objective is what follows", n.Src)
		}
		return word
	}
	switch x := e.(type) {
	case *ast.Call:
		if is(x.Fun) && len(x.Args) == 1 {
			return &ast.Paren{X: x.Args[0], Span: ast.Span{Start: x.Fun.Span.End, End: x.Span.End}}
		}
	case *ast.Postfix:
		if y := in.goal(x.X); y != x.X {
			p := *x
			p.X, p.Span.Start = y, y.Pos().Start
			return &p
		}
	case *ast.Power:
		if y := in.goal(x.X); y != x.X {
			p := *x
			p.X, p.Span.Start = y, y.Pos().Start
			return &p
		}
	case *ast.Binary:
		if n, ok := x.X.(*ast.Name); ok && x.Op == ast.Juxt && is(n) {
			return x.Y
		}
		if y := in.goal(x.X); y != x.X {
			b := *x
			b.X, b.Span.Start = y, y.Pos().Start
			return &b
		}
	}
	return e
}

// goalIndex reports max_i x_i, where i is an index of entries: not what is
// sought, as w is in min_w.
func (in *inferrer) goalIndex(n *ast.Name, e ast.Expr) bool {
	found := ""
	walk(e, func(x ast.Expr) {
		if m, ok := x.(*ast.Name); ok && m != n && len([]rune(n.Sub)) == 1 && strings.Contains(m.Sub, n.Sub) && len([]rune(strings.Trim(m.Sub, "{}"))) <= 2 {
			found = m.Base
		}
	})
	if found == "" {
		return false
	}
	d := &diag.Diagnostic{Code: "E225", Message: n.Src + " over an index has no matrix form in this language", Labels: []diag.Label{{Span: n.Span}}}
	if isFunction(n.Base) {
		d.Help = "of all entries write " + n.Base + "(" + found + ")"
	}
	in.add(d)
	return true
}

// onlyObjective reports a program without an objective, and expressions that
// stand before the last line and have no effect.
func (in *inferrer) onlyObjective(tree *ast.Program) {
	if len(in.stmts) == 0 && in.errs.Err() == nil {
		in.add(&diag.Diagnostic{Code: "E224", Message: "nothing to differentiate: the program has no definition and no expression",
			Labels: endOf(tree),
			Help:   "add a line such as Q = norm(X)^2"})
	}
	for i, st := range in.stmts {
		if st.sym == nil && i < len(in.stmts)-1 {
			in.note("passed over %s: the objective is the last definition or expression", in.text(st.span))
		}
	}
}

// endOf points at the last statement of a program.
func endOf(tree *ast.Program) []diag.Label {
	n := len(tree.Stmts)
	if n == 0 {
		return nil
	}
	return []diag.Label{{Span: tree.Stmts[n-1].Pos(), Text: "the last statement"}}
}

// build makes the nodes of all variables and statements.
func (in *inferrer) build() {
	in.b = expr.NewBuilder()
	in.b.Limit, in.b.Stop = in.opt.Limit, in.opt.Stop
	for _, s := range in.env.order {
		if s.kind != symVar || s.v != nil {
			continue
		}
		shp := s.known
		if s.idx >= 0 {
			if s.isSize || s.epoch != in.epochs {
				continue
			}
			shp = in.final(s.shp)
			in.checkAssumed(s, shp)
		} else if !s.declared {
			continue
		}
		s.v = &expr.Var{Name: s.name, Kind: expr.Input, Shape: shp, Props: s.props.Close(shp), Inferred: !s.declared, Const: s.isConst}
		s.node = in.b.Var(s.v)
	}
	in.noteShapes()
	for i, st := range in.stmts {
		in.nested = 0
		st.node = in.node(st.t)
		if st.nest = in.nested; expr.Sums(st.node) {
			st.nest++
		}
		switch {
		case st.sym == nil || i == len(in.stmts)-1:
		case st.nest > expr.MaxNest && expr.Sums(st.node):
			st.node = in.b.Keep(st.node)
		default:
			st.node = in.b.KeepLong(st.node)
		}
	}
	in.open()
}

// open builds each definition once more, with earlier ones as parts.
func (in *inferrer) open() {
	if len(in.stmts) == 1 && !in.opt.Claims { // nothing comes earlier
		return
	}
	in.opening = true
	in.opens = make(map[*expr.Node]*statement, len(in.stmts))
	quiet := in.quiet
	in.quiet = true
	defer func() { in.opening, in.quiet = false, quiet }()
	for _, st := range in.stmts {
		st.open = in.node(st.t)
		st.part = in.b.Var(&expr.Var{Name: st.name, Kind: expr.Part, Shape: st.node.Shape, Props: st.node.Props, Of: st.node})
		in.opens[st.part] = st
	}
}

// openNode builds the side of a claim with the names of definitions as parts.
func (in *inferrer) openNode(t *term) *expr.Node {
	quiet := in.quiet
	in.opening, in.quiet = true, true
	defer func() { in.opening, in.quiet = false, quiet }()
	return in.node(t)
}

// checkAssumed enters the properties of an undeclared name ("A symmetric")
// once its shape is known.
func (in *inferrer) checkAssumed(s *symbol, shp expr.Shape) {
	for _, p := range s.assumed {
		if p.Name == "const" || p.Name == "constant" {
			s.isConst = true
			continue
		}
		q := expr.PropNamed(p.Name)
		if why := impossible(p.Name, q, shp); why != "" {
			in.add(&diag.Diagnostic{Code: "E219", Message: s.name + " is " + shp.String() + " and cannot be " + p.Name + ": " + why, Labels: []diag.Label{{Span: p.Span}}})
			continue
		}
		s.props |= q
	}
}

// program puts together the result.
func (in *inferrer) program() *expr.Program {
	in.noteMaps()
	p := &expr.Program{B: in.b, Source: in.src, Maps: in.maps}
	seen := map[string]bool{}
	size := func(n string) {
		if !seen[n] {
			seen[n] = true
			p.Sizes = append(p.Sizes, n)
		}
	}
	for _, s := range in.env.order {
		if s.kind == symSize {
			size(s.name)
		}
	}
	for _, n := range in.sizes.order {
		size(n)
	}
	for _, declared := range []bool{true, false} {
		for _, s := range in.env.order {
			if s.kind == symVar && s.v != nil && s.declared == declared {
				p.Vars = append(p.Vars, s.v)
			}
		}
	}
	for _, st := range in.stmts {
		d := expr.Def{Name: st.name, Node: st.node, Line: in.line(st.span.Start), Part: st.part, Open: st.open}
		if st.sym != nil {
			st.sym.node = st.node
			p.Defs = append(p.Defs, d)
		}
		p.Objective = d
	}
	return p
}

// node builds the expression of a term.
func (in *inferrer) node(t *term) *expr.Node {
	b := in.b
	if in.closed && in.isFill(t) && (in.hasOpen(t.shp.r) || in.hasOpen(t.shp.c)) {
		in.reportSize(t)
	}
	switch t.op {
	case opNum:
		return b.Num(t.num)
	case opSym:
		return in.symNode(t.sym)
	case opOnes:
		return b.Ones(in.final(t.shp))
	case opEye:
		return b.Eye(in.final(t.shp).R)
	case opNeg:
		return b.Neg(in.node(t.args[0]))
	case opAdd, opSub:
		return in.sumNode(t)
	case opHad, opElemDiv, opDiv:
		return in.hadNode(t)
	case opMul:
		in.noteHadamard(t)
		fs := make([]*expr.Node, len(t.args))
		for i, a := range t.args {
			fs[i] = in.node(a)
		}
		return in.chain(fs)
	case opSolve:
		x, y := in.node(t.args[0]), in.node(t.args[1])
		if x.IsScalar() {
			return b.Had(b.Recip(x), y)
		}
		return b.Mul(in.mustCall(t, "inv", x), y)
	case opT:
		return b.T(in.node(t.args[0]))
	case opInv, opInvT:
		x := in.node(t.args[0])
		if x.IsScalar() {
			return b.Recip(x)
		}
		x = in.mustCall(t, "inv", x)
		if t.op == opInvT {
			x = b.T(x)
		}
		return x
	case opPow:
		return in.powNode(t)
	case opElemPow:
		return b.Pow(in.node(t.args[0]), in.node(t.args[1]))
	case opAbs:
		return in.mustCall(t, "abs", in.node(t.args[0]))
	case opCall:
		return in.callNode(t)
	case opApply:
		return in.applyNode(t)
	case opSized:
		return in.node(t.args[0])
	case opDiff:
		return in.diffNode(t)
	case opHessian:
		return in.hessianNode(t)
	case opPrime:
		return in.primeNode(t)
	case opAdjoint:
		return in.adjointNode(t)
	case opJacobian:
		return in.jacobianNode(t)
	}
	in.errorf("E901", t.span, "no expression for a term of kind %d", t.op)
	return b.Int(0)
}

// sumNode builds a chain of + and - at once, so that its length costs no more
// than its terms.
func (in *inferrer) sumNode(t *term) *expr.Node {
	var terms []*expr.Node
	u := t
	for ; u.op == opAdd || u.op == opSub; u = u.args[0] {
		n := in.wide(u.args[1], t.shp)
		if u.op == opSub {
			n = in.b.Neg(n)
		}
		terms = append(terms, n)
		if !in.sameShape(u.args[0].shp, t.shp) {
			u = u.args[0]
			break
		}
	}
	terms = append(terms, in.wide(u, t.shp))
	slices.Reverse(terms)
	return in.b.Add(terms...)
}

func (in *inferrer) sameShape(a, b shape) bool { return in.d.same(a.r, b.r) && in.d.same(a.c, b.c) }

// hadNode builds a chain of elementwise products and quotients, and of
// divisions by scalars, at once.
func (in *inferrer) hadNode(t *term) *expr.Node {
	b := in.b
	var fs, front []*expr.Node
	u := t
loop:
	for {
		if u != t && !in.sameShape(u.shp, t.shp) {
			break
		}
		switch u.op {
		case opHad:
			in.noteHadamard(u)
			fs = append(fs, in.factor(u.args[1], t.shp))
		case opElemDiv:
			fs = append(fs, in.spread(b.Recip(in.node(u.args[1])), u.args[1], t.shp, true))
		case opDiv:
			front = append(front, b.Recip(in.node(u.args[1])))
		default:
			break loop
		}
		u = u.args[0]
	}
	fs = append(fs, in.factor(u, t.shp))
	slices.Reverse(fs)
	return b.Had(append(front, fs...)...)
}

// chain multiplies from left to right: x'y z is (x'y) z, a number times z.
func (in *inferrer) chain(fs []*expr.Node) *expr.Node {
	b := in.b
	var scal, run []*expr.Node
	for _, f := range fs {
		switch {
		case f.IsScalar():
			scal = append(scal, f)
			continue
		case len(run) > 0 && run[0].Shape.R.IsOne() && run[len(run)-1].Shape.C.IsOne():
			scal = append(scal, b.Mul(run...))
			run = run[:0:0]
		}
		run = append(run, f)
	}
	return b.Mul(append(scal, run...)...)
}

func (in *inferrer) symNode(s *symbol) *expr.Node {
	switch {
	case s.kind == symSize:
		return in.b.Size(expr.Symbol(s.name))
	case s.isSize:
		return in.b.Size(expr.Symbol(s.name))
	case in.opening && s.kind == symDef && s.def != nil && s.def.part != nil:
		return s.def.part
	case s.kind == symDef && s.def != nil && s.def.node != nil:
		if s.def.node.Op != expr.OpCall {
			in.nested = max(in.nested, s.def.nest)
		}
		return s.def.node
	case s.node != nil:
		return s.node
	}
	return in.b.Int(0)
}

// wide builds a term in the wider shape of the sum that it is part of.
func (in *inferrer) wide(t *term, s shape) *expr.Node { return in.spread(in.node(t), t, s, false) }

// factor builds a term in the shape of an elementwise product; a scalar stays.
func (in *inferrer) factor(t *term, s shape) *expr.Node { return in.spread(in.node(t), t, s, true) }

// spread makes broadcasting explicit: a scalar times ones, a column of ones
// times a row, a column times a row of ones.
func (in *inferrer) spread(n *expr.Node, t *term, s shape, product bool) *expr.Node {
	b := in.b
	want := in.final(s)
	switch {
	case n.Shape == want:
		return n
	case n.IsScalar():
		if product {
			return n
		}
		return b.Scale(n, b.Ones(want))
	case n.Shape.IsRow():
		in.note("%s (%v) is repeated over %v rows", in.termText(t), n.Shape, want.R)
		return b.Mul(b.Ones(expr.Shape{R: want.R, C: expr.One}), n)
	}
	in.note("%s (%v) is repeated over %v columns", in.termText(t), n.Shape, want.C)
	return b.Mul(n, b.Ones(expr.Shape{R: expr.One, C: want.C}))
}

func (in *inferrer) termText(t *term) string {
	if t.lifted {
		return showTerm(in, t)
	}
	return in.text(t.span)
}

// maxPower is the most factors that a power of a matrix is written out to.
const maxPower = expr.MaxFactors

func (in *inferrer) powNode(t *term) *expr.Node {
	b := in.b
	x, e := in.node(t.args[0]), in.node(t.args[1])
	if x.IsScalar() {
		return b.Pow(x, e)
	}
	k, ok := e.Int()
	if c, is := constant(t.args[1]); !ok && is && c.IsInt() && c.Num().IsInt64() { // j = 2
		k, ok = int(c.Num().Int64()), true
	}
	if !ok || k > maxPower || k < -maxPower {
		panic(&expr.BudgetError{What: "the power " + in.text(t.span) + " has more than " + itoa(maxPower) + " factors"})
	}
	if k == 0 {
		return b.Eye(x.Shape.R)
	}
	if k < 0 {
		x, k = in.mustCall(t, "inv", x), -k
	}
	fs := make([]*expr.Node, k)
	for i := range fs {
		fs[i] = x
	}
	return b.Mul(fs...)
}

// mustCall calls a function that an operator of the language stands for.
func (in *inferrer) mustCall(t *term, name string, args ...*expr.Node) *expr.Node {
	f := rules.Resolve(name, len(args))
	if f == nil {
		in.errorf("E202", t.span, "the function %s is missing", name)
		return args[0]
	}
	n, err := in.b.Call(f, args...)
	if err != nil {
		in.errorf("E214", t.span, "%v", err)
		return args[0]
	}
	return n
}

func (in *inferrer) callNode(t *term) *expr.Node {
	b, f := in.b, t.fn
	args := make([]*expr.Node, 0, len(f.Params))
	for _, a := range t.args {
		args = append(args, in.node(a))
	}
	switch f.Op {
	case expr.OpOnes, expr.OpZeros, expr.OpEye:
		s := in.final(t.shp)
		var n *expr.Node
		switch {
		case f.Op == expr.OpEye:
			n = b.Eye(s.R)
		case f.Op == expr.OpZeros:
			n = b.Zeros(s)
		default:
			n = b.Ones(s)
		}
		for _, a := range args {
			n = b.Had(a, n)
		}
		return n
	}
	if f.Elementwise {
		for i, a := range t.args {
			if f.Params[i].Kind == rules.Matrix && len(f.Params) > 1 {
				args[i] = in.spread(args[i], a, t.shp, false)
			}
		}
	}
	for i := len(args); i < len(f.Params); i++ {
		args = append(args, in.defaultOf(f, i))
	}
	in.noteCall(t, args)
	n, err := b.Call(f, args...)
	if err != nil {
		in.errorf("E214", t.span, "%v", err)
		return b.Int(0)
	}
	return n
}

// defaultOf returns the value of an optional parameter that is left out.
func (in *inferrer) defaultOf(f *rules.Func, i int) *expr.Node {
	if r, ok := new(big.Rat).SetString(f.Params[i].Default); ok {
		return in.b.Num(r)
	}
	n, err := compileInto(in.b, f.Params[i].Default)
	if err != nil {
		in.errorf("E901", ast.Span{}, "default of %s of %s: %v", f.Params[i].Name, f.Name, err)
		return in.b.Int(0)
	}
	return n
}
