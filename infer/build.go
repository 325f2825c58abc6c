package infer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
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
