package infer

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// ClaimKind tells what a claim is about.
type ClaimKind uint8

// The kinds of claim.
const (
	ClaimValue        ClaimKind = iota // an equality of values: a second Q = …
	ClaimGradient                      // ∂Q/∂W = …, Q a scalar; W a variable or a defined name
	ClaimJacobian                      // dy/dx = …, y not a scalar
	ClaimHessian                       // d²Q/dw² = …
	ClaimDifferential                  // dQ = …, dZ = …
	ClaimStationary                    // ∂Q/∂w = 0, perhaps ⇒ w = …
	ClaimAssume                        // A symmetric, made on the way
	ClaimSecond                        // d²Q = …, the variables moving in straight lines
)

var claimNames = [...]string{"value", "gradient", "jacobian", "hessian", "differential", "stationary", "assumption", "second differential"}

// String names the kind.
func (k ClaimKind) String() string { return claimNames[k] }

// Claim is one equality of a derivation, or an assumption made on the way. A
// chain a = b = c is two claims.
type Claim struct {
	Line int      // 1-based, of the side claimed
	Span ast.Span // of the side claimed; of the whole equation in the first of a chain
	Text string   // source of the span
	Kind ClaimKind

	// Of is what the claim speaks about: the value that is differentiated, or
	// the left side of a ClaimValue, or the variable of a ClaimAssume. It is
	// nil for ∂Q/∂W where Q is an objective that the program does not define:
	// then the claim is about the pullback of the last definition.
	Of     *expr.Node
	OfName string // name as typed, "" if it is an expression
	// By is what is differentiated by, variables or defined names.
	By      []*expr.Node
	ByNames []string

	// Sides are the right sides of the chain up to this claim: the last is
	// claimed, the one before it is the line before.
	Sides []*expr.Node
	// Open is the last of Sides with the names of definitions as variables of
	// kind Part.
	Open *expr.Node

	// ThenLeft = ThenRight follows from a ClaimStationary, nil if nothing does.
	ThenLeft, ThenRight *expr.Node

	// Free are the indices of the left side: j of ∂Q/∂x_j = ….
	Free []string

	Props     expr.Props // ClaimAssume
	PropNames []string
	Const     bool

	Err *diag.List // errors in this claim, nil if it was understood
	// Parts is the right side in pieces where its shapes do not fit.
	Parts *Part
}

// claims reads the claims of a program whose definitions are understood.
func (in *inferrer) claims(tree *ast.Program) {
	in.env.diffs, in.closed = true, true
	in.buildAbstracts(tree)
	in.moved = movedIn(tree)
	for _, n := range in.sizes.order { // claims may speak of inferred sizes
		if in.env.lookup(n) == nil {
			in.env.put(&symbol{kind: symSize, name: n})
		}
	}
	defs, stmt := 0, 0
	for i, s := range tree.Stmts {
		line := Line{Line: in.line(s.Pos().Start), Text: in.text(s.Pos())}
		switch s := s.(type) {
		case *ast.Decl:
			line.Kind = LineDecl
			if s.Assume && in.usedBefore(tree.Stmts[:i], s) {
				in.assumptions(s)
				continue
			}
		case *ast.Prose:
			line.Kind = LineProse
		case *ast.ExprStmt:
			line.Kind = LineObjective
			stmt++
		case *ast.Equation:
			if stmt < len(in.stmts) && in.stmts[stmt].span == s.Span {
				line.Kind, line.Index = LineDef, defs
				in.res.Lines = append(in.res.Lines, line)
				st := in.stmts[stmt]
				defs++
				stmt++
				if len(s.Sides) > 2 {
					in.rightSides(s, Claim{Kind: ClaimValue, Of: st.node, OfName: st.name, Sides: []*expr.Node{st.node}}, s.Sides[2:], nil, nil)
				}
				continue
			}
			if l := in.lateSymbol(s); l != nil {
				in.lateDefinition(in.withVariable(s, l), l)
				continue
			}
			in.equation(s)
			continue
		}
		in.res.Lines = append(in.res.Lines, line)
	}
}

// isolated runs f with errors of its own, and returns them.
func (in *inferrer) isolated(f func()) (list *diag.List) {
	errs, seen := in.errs, in.seen
	in.errs, in.seen = &diag.List{Source: in.src, File: errs.File}, nil
	defer func() {
		if r := recover(); r != nil {
			in.add(broken(r))
		}
		if in.errs.Err() != nil {
			list = in.errs
		}
		in.errs, in.seen = errs, seen
	}()
	f()
	return nil
}

// equation reads a claim or a chain of claims.
func (in *inferrer) equation(e *ast.Equation) {
	var c Claim
	var expect *expr.Shape
	whole := e
	e, free := in.leftEntries(e)
	c.Free = free
	defer in.abstractIn(e)()
	_, in.gradient = e.Sides[0].(*ast.Deriv)
	in.leading = leadingD(e)
	in.moving = in.saysDifferential(e)
	defer func() { in.moving, in.gradient, in.leading = false, false, nil }()
	in.answer, in.then = e.Sides[1], e.Then
	err := in.isolated(func() { expect = in.leftSide(e, &c) })
	in.answer, in.then = nil, nil
	if err != nil {
		c.Err = err
		in.addClaim(c, whole.Span, whole.Span.Start)
		return
	}
	if e.Then != nil && c.Kind == ClaimGradient {
		c.Kind = ClaimStationary
	}
	in.rightSides(e, c, e.Sides[1:], expect, free)
}

// zeroOf is the literal 0 in the shape that a claim is about: d²r = 0.
func (in *inferrer) zeroOf(t *term, c *Claim, expect *expr.Shape) *expr.Node {
	if !t.isNum(0) || expect == nil || expect.IsScalar() || c.Kind == ClaimGradient || c.Kind == ClaimStationary {
		return nil
	}
	return in.b.Zeros(*expect)
}

// rightSides adds a claim for every right side of a chain.
func (in *inferrer) rightSides(e *ast.Equation, c Claim, sides []ast.Expr, expect *expr.Shape, free []string) {
	for i, s := range sides {
		d := c
		d.Sides = append([]*expr.Node(nil), c.Sides...)
		var t *term
		d.Err = in.isolated(func() {
			t = in.entries(s, free)
			n := in.zeroOf(t, &d, expect)
			if n == nil {
				n = in.claimNode(t, expect)
			}
			if n == nil {
				return
			}
			d.Sides = append(d.Sides, n)
			if d.Open = in.openNode(t); in.errs.Err() != nil || d.Open.Shape != n.Shape {
				d.Open = n
			}
			if d.Kind == ClaimGradient && n.IsZero() && t.op == opNum {
				d.Kind = ClaimStationary
			}
			if e.Then != nil && i == len(sides)-1 && len(e.Then.Sides) >= 2 {
				l := in.claimNode(in.expr(e.Then.Sides[0]), nil)
				if l != nil {
					if r := in.claimNode(in.expr(e.Then.Sides[1]), &l.Shape); r != nil {
						d.ThenLeft, d.ThenRight = l, r
					}
				}
			}
		})
		if d.Err == nil {
			c.Sides = d.Sides
		} else if t != nil {
			d.Parts = in.parts(t)
		}
		at, from := s.Pos(), s.Pos().Start
		if i == 0 && len(e.Sides) == len(sides)+1 {
			at = e.Sides[0].Pos().To(s.Pos())
			from = at.Start
			if e.Then != nil {
				at, from = e.Span, e.Span.Start
			}
		}
		in.addClaim(d, at, from)
	}
}

func (in *inferrer) addClaim(c Claim, at ast.Span, from int) {
	c.Span, c.Text, c.Line = at, in.text(at), in.line(from)
	in.res.Lines = append(in.res.Lines, Line{Line: c.Line, Kind: LineClaim, Index: len(in.res.Claims), Text: c.Text})
	in.res.Claims = append(in.res.Claims, c)
}

// leftSide reads what a claim is about; it returns the shape that the right
// sides should have, nil if that is open.
func (in *inferrer) leftSide(e *ast.Equation, c *Claim) *expr.Shape {
	if d, ok := in.aliased(e.Sides[0]).(*ast.Deriv); ok && !in.isQuotient(d) {
		return in.derivative(d, c)
	}
	t := in.expr(e.Sides[0])
	if t.op == opDiff {
		c.Kind = ClaimDifferential
		if t.sym != nil && t.sym.kind == symLost {
			in.errorf("E201", t.span, "it speaks of what is not understood: %s", t.sym.name)
			return nil
		}
		if t.sym != nil && in.openObjective(t.sym, t.span) {
			return nil
		}
		if t.sym != nil {
			c.Of, c.OfName = in.symNode(t.sym), t.sym.name
		} else if n := in.claimNode(t.args[0], nil); n != nil {
			c.Of = n
		}
		return shapeOrNil(c.Of)
	}
	c.Kind = ClaimValue
	c.Of = in.claimNode(t, nil)
	if t.op == opSym {
		c.OfName = t.sym.name
	}
	return shapeOrNil(c.Of)
}

func shapeOrNil(n *expr.Node) *expr.Shape {
	if n == nil {
		return nil
	}
	return &n.Shape
}

// derivative reads ∂Q/∂W on the left side of a claim.
func (in *inferrer) derivative(d *ast.Deriv, c *Claim) *expr.Shape {
	if len(d.By) == 0 && !d.Nabla {
		return in.second(d, c)
	}
	d = in.withoutVec(d)
	of := in.functionName(d)
	if c, ok := d.Of.(*ast.Call); ok && len(d.By) == 0 && !c.Space && allNames(c.Args) && (of != d.Of || in.hasParams(c.Fun)) { // ∇f(x)
		e := *d
		e.By, d = c.Args, &e
		for range d.Order - 1 {
			d.By = append(d.By, c.Args...)
		}
	}
	switch of := of.(type) {
	case nil:
		p := in.programSoFar()
		c.Of, c.OfName = p.Node, p.Name
	case *ast.Name:
		c.OfName = of.Src
		if s := in.env.lookup(of.Text); s != nil && s.kind == symFunc {
			if c.Of = in.onlyCall(s, of.Span); c.Of == nil {
				return nil
			}
			c.OfName = s.name
		} else if s != nil && s.kind == symLost {
			in.errorf("E201", of.Span, "it speaks of what is not understood: %s", s.name)
			return nil
		} else if s != nil {
			if in.openObjective(s, of.Span) {
				return nil
			}
			c.Of, c.OfName = in.symNode(s), s.name
		} else if !isShortName(of.Text) && isFunction(of.Text) {
			in.errorf("E236", of.Span, "%s is a function; the derivative is of a defined name", of.Src)
			return nil
		} else if in.kin(of.Text) {
			in.errorf("E201", of.Span, "unknown name %s", of.Src)
			return nil
		} else if obj := in.standIn(of.Text, namesIn(d.By)); obj != nil {
			c.Of, c.OfName = obj.node, obj.name
		}
	default:
		c.Of = in.claimNode(in.expr(d.Of), nil)
		if c.Of == nil {
			return nil
		}
	}
	for _, b := range d.By {
		t := in.expr(b)
		if t.op != opSym || t.sym.kind == symSize {
			if t.op != opBad {
				in.errorf("E228", b.Pos(), "derivatives are by a variable or a defined name, not by %s", in.text(b.Pos()))
			}
			return nil
		}
		c.By = append(c.By, in.byNode(t.sym))
		c.ByNames = append(c.ByNames, t.sym.name)
	}
	if len(c.By) == 0 { // ∇Q: by the only variable
		vars := in.onlyVariable(c.Of, c.OfName)
		if len(vars) > 1 && c.Of != nil && c.Of.IsScalar() {
			if s := in.likely(vars, d); s != nil {
				vars = []*symbol{s}
			}
		}
		if len(vars) != 1 {
			in.errorf("E228", d.Span, "∇ needs the variable to differentiate by: write ∇_x")
			return nil
		}
		for range d.Order {
			c.By, c.ByNames = append(c.By, vars[0].node), append(c.ByNames, vars[0].name)
		}
	}
	switch {
	case d.Order == 2:
		c.Kind = ClaimHessian
		return &expr.Shape{R: c.By[0].Shape.Count(), C: c.By[len(c.By)-1].Shape.Count()}
	case c.Of != nil && !c.Of.IsScalar():
		c.Kind = ClaimJacobian
		return &expr.Shape{R: c.Of.Shape.Count(), C: c.By[0].Shape.Count()}
	}
	c.Kind = ClaimGradient
	if in.opt.Rows {
		return &expr.Shape{R: c.By[0].Shape.C, C: c.By[0].Shape.R}
	}
	return &c.By[0].Shape
}

func dependsOn(n, v *expr.Node) bool {
	if n == nil {
		return true
	}
	for _, x := range expr.Topo(n) {
		if x == v {
			return true
		}
	}
	return false
}

// programSoFar returns the objective of ∇ without an operand: the last scalar
// definition.
func (in *inferrer) programSoFar() expr.Def {
	for i := len(in.stmts) - 1; i >= 0; i-- {
		if st := in.stmts[i]; st.node != nil && st.node.IsScalar() {
			return expr.Def{Name: st.name, Node: st.node}
		}
	}
	return expr.Def{}
}

// openObjective reports an objective of which nothing says what it is a
// function of.
func (in *inferrer) openObjective(s *symbol, at ast.Span) bool {
	if s.by == nil || s.node != nil {
		return false
	}
	in.errorf("E201", at, "nothing says what %s is a function of", s.name)
	return true
}

// isQuotient tells whether dQ/dX is a quotient of declared names: of dQ, of dX
// or, in d x/dX and d/dX x, of d.
func (in *inferrer) isQuotient(d *ast.Deriv) bool {
	if len(d.By) == 0 && !d.Nabla { // d²Q
		s := in.env.lookup("d")
		return s != nil && (s.declared || s.kind == symDef)
	}
	q, ok := d.Alt.(*ast.Binary)
	for ok && q.Op == ast.Juxt { // d/dX x, dQ/d X
		q, ok = q.X.(*ast.Binary)
	}
	if !ok {
		return false
	}
	over := q.X
	if b, ok := over.(*ast.Binary); ok && b.Op == ast.Juxt { // d x
		over = b.X
	}
	for _, e := range []ast.Expr{over, q.Y} {
		if n, ok := e.(*ast.Name); ok {
			if s := in.env.lookup(n.Text); s != nil && (s.declared || s.kind != symVar && s.kind != symSize) {
				return true
			}
		}
	}
	return false
}

// claimNode finds the shape of a term of a claim and builds it. Sizes that the
// term leaves open, as in dQ/dX = I, are those of expect.
func (in *inferrer) claimNode(t *term, expect *expr.Shape) *expr.Node {
	if t.op == opBad || in.errs.Err() != nil {
		return nil
	}
	y := newTyping(in)
	in.epochs++
	y.epoch = in.epochs
	in.root = t
	if !y.typ(t) {
		in.report(y, y.fail)
		return nil
	}
	if t.op == opBad {
		return nil
	}
	if expect != nil && (in.hasOpen(t.shp.r) || in.hasOpen(t.shp.c)) {
		w := in.d.shapeOf(*expect)
		if (w.r == 0) == (t.shp.r == 0) && (w.c == 0) == (t.shp.c == 0) {
			_ = in.d.unify(t.shp.r, w.r) && in.d.unify(t.shp.c, w.c)
		}
	}
	n := in.node(t)
	if in.errs.Err() != nil {
		return nil
	}
	return n
}

func (in *inferrer) hasOpen(a dim) bool {
	r := in.d.find(a)
	return in.d.open(r) && in.sizes.name[r] == ""
}

// assumptions turns "A symmetric" after the first equation into claims.
func (in *inferrer) assumptions(d *ast.Decl) {
	for _, id := range d.Names {
		c := Claim{Kind: ClaimAssume, OfName: id.Text}
		c.Err = in.isolated(func() {
			s := in.env.lookup(id.Name)
			if s == nil || s.kind == symSize {
				in.errorf("E201", id.Span, "unknown name %s", id.Text)
				return
			}
			c.Of = in.symNode(s)
			for _, p := range d.Props {
				if p.Name == "const" || p.Name == "constant" {
					c.Const = true
					continue
				}
				q := expr.PropNamed(p.Name)
				if why := impossible(p.Name, q, c.Of.Shape); why != "" {
					in.errorf("E219", p.Span, "%s is %v and cannot be %s: %s", s.name, c.Of.Shape, p.Name, why)
					continue
				}
				c.Props |= q
				c.PropNames = append(c.PropNames, p.Name)
			}
		})
		in.addClaim(c, d.Span, d.Span.Start)
	}
}

// pickObjective makes what the derivative claims speak about the objective.
func (in *inferrer) pickObjective() {
	p := in.res.Program
	for _, kinds := range [][]ClaimKind{{ClaimGradient, ClaimHessian, ClaimJacobian, ClaimStationary}, {ClaimDifferential}} {
		for i := len(in.res.Claims) - 1; i >= 0; i-- {
			c := &in.res.Claims[i]
			for _, k := range kinds {
				if c.Kind != k || c.Of == nil || k == ClaimDifferential && !c.Of.IsScalar() {
					continue
				}
				for _, q := range in.abstract {
					if q.name == c.OfName && q.node == c.Of {
						p.Objective = expr.Def{Name: q.name, Node: q.node, Line: c.Line}
						return
					}
				}
				for _, d := range p.Defs {
					if d.Name == c.OfName && d.Node == c.Of {
						p.Objective = d
						return
					}
				}
			}
		}
	}
}
