package infer

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// Differentials and derivatives as operands of claims.

// differential resolves dX in a claim.
func (in *inferrer) differential(w string, at ast.Span) *term {
	s := in.env.lookup(w[1:])
	if s == nil {
		in.errorf("E236", at, "the differential %s of a value that the text does not define can only be the left side of a claim", w)
		return bad(at)
	}
	if s.kind == symLost {
		in.errorf("E201", at, "it speaks of what is not understood: %s", s.name)
		return bad(at)
	}
	return &term{op: opDiff, span: at, sym: s}
}

// derivOperand resolves ∂Q/∂Z as an operand of a claim.
func (in *inferrer) derivOperand(e *ast.Deriv) *term {
	if e.Alt != nil && (!in.env.diffs || in.isQuotient(e)) {
		return in.expr(e.Alt)
	}
	if !in.env.diffs {
		in.errorf("E236", e.Span, "a derivative stands in claims only; give the program to matdiff check")
		return bad(e.Span)
	}
	if len(e.By) == 0 && !e.Nabla {
		in.errorf("E236", e.Span, "a second differential stands on the left side of a claim: d²Q = …")
		return bad(e.Span)
	}
	e = in.withoutVec(e)
	if of, ok := e.Of.(*ast.Name); ok && len(e.By) == 1 && e.Order == 1 {
		if s := in.env.lookup(of.Text); s != nil && s.kind == symFunc {
			return in.partialOperand(s, e)
		}
	}
	if len(e.By) == 0 { // ∇Q
		of := in.derivedName(e)
		if s := in.env.lookup(of); s != nil {
			if vars := in.onlyVariable(in.valueNode(s), of); len(vars) == 1 {
				d := *e
				n := &ast.Name{Text: vars[0].name, Base: vars[0].name, Src: vars[0].name, Span: e.Span}
				for range e.Order {
					d.By = append(d.By, n)
				}
				return in.derivOperand(&d)
			}
		}
		in.errorf("E228", e.Span, "∇ needs the variable to differentiate by: write ∇_x")
		return bad(e.Span)
	}
	if e.Order == 2 {
		return in.hessianOperand(e)
	}
	if len(e.By) != 1 {
		in.errorf("E236", e.Span, "only a derivative by one name can be an operand")
		return bad(e.Span)
	}
	var entry []string
	by := e.By[0]
	if n, ok := by.(*ast.Name); ok && n.Sub != "" && len(in.indices) > 0 {
		base, idx := in.splitSub(n.Base, n.Sub)
		if len(idx) > 0 && in.env.lookup(base) != nil {
			by, entry = &ast.Name{Text: base, Base: base, Src: base, Span: n.Span}, idx
		}
	}
	t := in.expr(by)
	if t.op != opSym || t.sym.kind == symSize {
		if t.op != opBad {
			in.errorf("E228", e.By[0].Pos(), "derivatives are by a variable or a defined name, not by %s", in.text(e.By[0].Pos()))
		}
		return bad(e.Span)
	}
	a := &term{op: opAdjoint, span: e.Span, sym: t.sym}
	switch of := in.functionName(e).(type) {
	case nil:
		a.kind = in.programSoFar().Name
	case *ast.Name:
		a.kind = of.Src
		if s := in.env.lookup(of.Text); s != nil {
			if s.kind == symLost || t.sym.kind == symLost {
				in.errorf("E201", e.Span, "it speaks of what is not understood: %s", s.name)
				return bad(e.Span)
			}
			if in.openObjective(s, e.Span) {
				return bad(e.Span)
			}
			a.of, a.kind = s, s.name
			if n := in.symNode(s); !n.IsScalar() {
				return in.jacobianOperand(s, t.sym, e)
			}
		} else if obj := in.standIn(of.Text, namesIn([]ast.Expr{by})); obj != nil {
			a.of, a.kind = obj.sym, obj.name
		} else if in.opt.Abstract {
			in.errorf("E201", of.Span, "unknown name %s", of.Src)
			return bad(e.Span)
		}
	default:
		in.errorf("E236", e.Of.Pos(), "only a name can stand in the numerator of a derivative that is an operand")
		return bad(e.Span)
	}
	if len(entry) > 0 {
		return entryOf(a, entry)
	}
	if in.opt.Rows {
		return newTerm(opT, e.Span, a)
	}
	return a
}

// valueNode is the value of a name, whether or not definitions are opened.
func (in *inferrer) valueNode(s *symbol) *expr.Node {
	opening := in.opening
	in.opening = false
	defer func() { in.opening = opening }()
	return in.symNode(s)
}

func (in *inferrer) diffNode(t *term) *expr.Node {
	if t.sym != nil {
		if d := in.abstractDiff(in.valueNode(t.sym)); d != nil {
			return d
		}
		return in.b.Diff(in.valueNode(t.sym), "d"+t.sym.name)
	}
	opening := in.opening
	in.opening = false
	defer func() { in.opening = opening }()
	return in.b.Diff(in.node(t.args[0]), "d("+in.stripped(t.args[0])+")")
}

func (in *inferrer) adjointNode(t *term) *expr.Node {
	z := in.valueNode(t.sym)
	if t.of != nil {
		if g := t.of.parts[in.byNode(t.sym)]; g != nil {
			return g
		}
	}
	n := in.b.Var(&expr.Var{Name: "∂" + t.kind + "/∂" + t.sym.name, Kind: expr.Adjoint, Shape: z.Shape, Of: in.byNode(t.sym)})
	if t.of != nil && t.of.kind == symDef && in.res != nil {
		in.explain(n, in.valueNode(t.of), in.byNode(t.sym))
	}
	return n
}

// derivedName is the name of what is differentiated, "" if it has none.
func (in *inferrer) derivedName(e *ast.Deriv) string {
	switch of := in.functionName(e).(type) {
	case nil:
		return in.programSoFar().Name
	case *ast.Name:
		if s := in.env.lookup(of.Text); s != nil {
			return s.name
		}
		if obj := in.standIn(of.Text, namesIn(e.By)); obj != nil {
			return obj.name
		}
	}
	return ""
}

// hessianOperand resolves d²Q/dx², Q a scalar, as a symbol that
// Result.Hessians explains.
func (in *inferrer) hessianOperand(e *ast.Deriv) *term {
	of := in.env.lookup(in.derivedName(e))
	if of == nil || len(e.By) != 2 || of.by != nil || !in.valueNode(of).IsScalar() {
		in.errorf("E236", e.Span, "only the second derivative of a defined scalar can be an operand")
		return bad(e.Span)
	}
	t := &term{op: opHessian, span: e.Span, of: of}
	for _, b := range e.By {
		x := in.expr(b)
		if x.op != opSym || x.sym.kind == symSize {
			if x.op != opBad {
				in.errorf("E228", b.Pos(), "derivatives are by a variable or a defined name, not by %s", in.text(b.Pos()))
			}
			return bad(e.Span)
		}
		t.args = append(t.args, x)
	}
	return t
}

func hessianShape(x, y *expr.Node) expr.Shape {
	return expr.Shape{R: x.Shape.Count(), C: y.Shape.Count()}
}

func (in *inferrer) hessianNode(t *term) *expr.Node {
	of, x, y := in.valueNode(t.of), in.byNode(t.args[0].sym), in.byNode(t.args[1].sym)
	name := "∂²" + t.of.name + "/∂" + t.args[0].sym.name + "∂" + t.args[1].sym.name
	n := in.b.Var(&expr.Var{Name: name, Kind: expr.Adjoint, Shape: hessianShape(x, y), Of: of})
	if in.res.Hessians == nil {
		in.res.Hessians = make(map[*expr.Node][3]*expr.Node)
	}
	in.res.Hessians[n] = [3]*expr.Node{of, x, y}
	return n
}
