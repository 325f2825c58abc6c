package infer

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// A derivation gives names to derivatives: δ = ∂Q/∂Z, G = X' ∂Q/∂Z, and goes on
// with them. Such a definition is late: it is read among the claims, where what
// it differentiates is known, and so is a definition in terms of it. Said anew,
// δ = P − Y, the name of a derivative is a claim about that derivative.

// isLate tells whether a definition speaks of derivatives.
func (in *inferrer) isLate(e *ast.Equation) bool {
	if !in.opt.Claims || len(e.Sides) < 2 {
		return false
	}
	found := false
	walk(e.Sides[1], func(x ast.Expr) {
		switch x := x.(type) {
		case *ast.Deriv:
			found = found || !in.isQuotient(x) && in.differentiable(x)
		case *ast.Name:
			found = found || in.saysLate(x)
		case *ast.Call:
			found = found || in.saysLate(x.Fun)
		}
	})
	return found
}

// differentiable tells a derivative of something that the text knows from a
// quotient dt/dx of plain names.
func (in *inferrer) differentiable(d *ast.Deriv) bool {
	if d.Alt == nil {
		return true
	}
	of, ok := d.Of.(*ast.Name)
	return !ok || in.env.known(of.Text) != nil || in.entered[of.Text]
}

// saysLate tells whether a word is, or has as a factor, the name of a late
// definition.
func (in *inferrer) saysLate(n *ast.Name) bool {
	if s := in.env.lookup(n.Text); s != nil {
		return s.late
	}
	for _, s := range in.lates {
		if len([]rune(s.name)) == 1 && strings.Contains(n.Base, s.name) {
			return true
		}
	}
	return false
}

// enterLate enters the name of a late definition; s is its declaration, if it
// has one.
func (in *inferrer) enterLate(s *symbol, n *ast.Name, e *ast.Equation) {
	if s == nil {
		s = in.env.put(&symbol{name: n.Text, span: n.Span})
	}
	s.kind, s.late, s.span = symNode, true, n.Span
	if d, ok := e.Sides[1].(*ast.Deriv); ok {
		s.alias = d
	}
	in.lates = append(in.lates, s)
}

// standIn returns the objective that a derivative by the names speaks of by a
// name that the text does not define: the last scalar that is defined and goes
// into nothing else, if it depends on all of them. A name of the family of
// known ones, x_4 beside x_1, is no objective.
func (in *inferrer) standIn(name string, by []*ast.Name) *statement {
	if !in.opt.StandIn || in.kin(name) {
		return nil
	}
	var obj *statement
	for _, st := range in.stmts {
		if st.node != nil && st.node.IsScalar() {
			obj = st
		}
	}
	if obj == nil || obj.sym == nil {
		return nil
	}
	for _, st := range in.stmts {
		if st != obj && st.node != obj.node && dependsOn(st.node, obj.node) {
			return nil
		}
	}
	for _, n := range by {
		s := in.env.lookup(n.Text)
		if s == nil || s.kind == symSize || !dependsOn(obj.node, in.valueNode(s)) {
			return nil
		}
	}
	in.note("%s is not defined; its derivatives are read as those of %s", name, obj.name)
	return obj
}

// functionName returns the Q of ∂Q(w, b)/∂w, where Q is no function that can
// be applied; else what is differentiated.
func (in *inferrer) functionName(d *ast.Deriv) ast.Expr {
	c, ok := d.Of.(*ast.Call)
	if !ok || c.Space || len(c.Args) == 0 || !allNames(c.Args) {
		return d.Of
	}
	s := in.env.lookup(c.Fun.Text)
	switch {
	case s == nil && isFunction(c.Fun.Text) && len([]rune(c.Fun.Text)) > 1:
	case s == nil, s.by != nil, s.late, s.kind == symDef && s.def != nil && s.def.params == nil && in.valueNode(s).IsScalar():
		for _, a := range c.Args { // Q(x + y) and v(w) of a scalar v are none
			if in.env.lookup(a.(*ast.Name).Text) == nil {
				return d.Of
			}
		}
		return c.Fun
	}
	return d.Of
}

// hasParams tells whether a name is defined as f(x, y) = ….
func (in *inferrer) hasParams(n *ast.Name) bool {
	s := in.env.lookup(n.Text)
	return s != nil && s.def != nil && s.def.params != nil
}

// namesIn lists the names among expressions.
func namesIn(list []ast.Expr) []*ast.Name {
	var out []*ast.Name
	for _, e := range list {
		if n, ok := e.(*ast.Name); ok {
			out = append(out, n)
		}
	}
	return out
}

// kin tells whether a name is x_4 where x_1 or another x_… is known.
func (in *inferrer) kin(name string) bool {
	base, _, ok := strings.Cut(name, "_")
	if !ok || base == "" {
		return false
	}
	for _, s := range in.env.order {
		if b, _, ok := strings.Cut(s.name, "_"); ok && b == base && s.name != name {
			return true
		}
	}
	return false
}

// lateSymbol returns the symbol that an equation defines late, nil if none.
func (in *inferrer) lateSymbol(e *ast.Equation) *symbol {
	n, ok := e.Sides[0].(*ast.Name)
	if !ok {
		return nil
	}
	if s := in.env.lookup(n.Text); s != nil && s.late && s.span == n.Span {
		return s
	}
	return nil
}

// withVariable puts the variable that the answer tells into g = ∇Q = 2 A'r.
func (in *inferrer) withVariable(e *ast.Equation, s *symbol) *ast.Equation {
	d, ok := e.Sides[1].(*ast.Deriv)
	if !ok || !d.Nabla || len(d.By) > 0 || len(e.Sides) < 3 {
		return e
	}
	var c Claim
	in.answer = e.Sides[2]
	err := in.isolated(func() { in.derivative(d, &c) })
	in.answer = nil
	if err != nil || len(c.ByNames) == 0 {
		return e
	}
	by := *d
	for _, n := range c.ByNames {
		by.By = append(by.By, &ast.Name{Text: n, Base: n, Src: n, Span: d.Span})
	}
	out := *e
	out.Sides = slices.Clone(e.Sides)
	out.Sides[1], s.alias = &by, &by
	return &out
}

// lateDefinition reads a late definition, and what it is said to equal besides.
func (in *inferrer) lateDefinition(e *ast.Equation, s *symbol) {
	c := Claim{Kind: ClaimValue, OfName: s.name}
	var n, open *expr.Node
	err := in.isolated(func() {
		t := in.expr(e.Sides[1])
		if n = in.claimNode(t, nil); n == nil {
			return
		}
		open = in.openNode(t)
		if s.declared && s.known != n.Shape {
			in.errorf("E206", s.span, "%s is declared %v, and what it is said to be is %v", s.name, s.known, n.Shape)
		}
	})
	if err != nil || n == nil {
		s.kind = symLost
		c.Err = err
		in.addClaim(c, e.Span, e.Span.Start)
		return
	}
	s.node = n
	part := in.b.Var(&expr.Var{Name: s.name, Kind: expr.Part, Shape: n.Shape, Of: n})
	if open == nil || open.Shape != n.Shape {
		open = n
	}
	p := in.res.Program
	p.Defs = append(p.Defs, expr.Def{Name: s.name, Node: n, Line: in.line(e.Span.Start), Part: part, Open: open})
	at := e.Sides[0].Pos().To(e.Sides[1].Pos())
	in.res.Lines = append(in.res.Lines, Line{Line: in.line(at.Start), Kind: LineDef, Index: len(p.Defs) - 1, Text: in.text(at)})
	if len(e.Sides) == 2 {
		return
	}
	expect := &n.Shape
	if s.alias == nil {
		c.Of, c.Sides = n, []*expr.Node{n}
	} else if err := in.isolated(func() { expect = in.derivative(s.alias, &c) }); err != nil {
		c.Err = err
		in.addClaim(c, e.Span, e.Span.Start)
		return
	}
	in.rightSides(e, c, e.Sides[2:], expect, nil)
}

// byNode is what a derivative by a name is by: the variable, or the value that
// is defined. Where that value has other names too, it is the part that stands
// for this one: of Q = v_1 v_2 + v_6 the derivative by v_6 is another than that
// by v_1, even where both are sum(x).
func (in *inferrer) byNode(s *symbol) *expr.Node {
	n := in.valueNode(s)
	if s.kind != symDef || s.def == nil || s.def.part == nil {
		return n
	}
	if len(n.Args) == 0 {
		return s.def.part
	}
	for _, st := range in.stmts {
		if st != s.def && st.sym != nil && st.node == n {
			return s.def.part
		}
	}
	return n
}
