package infer

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// Derivatives by other spellings than ∂Q/∂W: by a name that the text gave them,
// Q'(x), grad Q, grad_x Q, D_x f, Hess Q. They are what they look like only
// where Q, f and x are known and the word itself is not.

// derivWords are the words for derivatives, and their order.
var derivWords = map[string]int{"grad": 1, "D": 1, "Hess": 2, "hess": 2, "Hessian": 2}

// aliased returns the derivative that a side of a claim stands for, or the
// side itself.
func (in *inferrer) aliased(e ast.Expr) ast.Expr {
	switch x := e.(type) {
	case *ast.Name:
		if s := in.env.lookup(x.Text); s != nil && s.late && s.alias != nil {
			return s.alias
		}
		if d := in.spelledSecond(x); d != nil {
			return d
		}
	case *ast.Call: // grad(Q)
		if len(x.Args) == 1 {
			if d := in.worded(x.Fun, x.Args[0], x.Span); d != nil {
				return d
			}
		}
	case *ast.Postfix: // Q' of a scalar, ∂y/∂x'
		if d := in.byRow(x); d != nil {
			return d
		}
		if n, ok := x.X.(*ast.Name); ok && x.Op == ast.Transpose {
			if s := in.env.lookup(n.Text); s != nil && s.kind == symDef && in.valueNode(s).IsScalar() {
				if vars := in.onlyVariable(in.valueNode(s), s.name); len(vars) == 1 {
					return &ast.Deriv{Of: n, Order: 1, Nabla: true, Span: x.Pos()}
				}
			}
		}
	case *ast.Binary:
		if x.Op != ast.Juxt {
			break
		}
		if n, ok := x.X.(*ast.Name); ok { // grad Q
			if d := in.worded(n, x.Y, x.Pos()); d != nil {
				return d
			}
		}
		if d := in.primed(x); d != nil {
			return d
		}
	}
	return e
}

// byRow returns the Jacobian ∂y/∂x of ∂y/∂x', the derivative of a column by a
// row; nil where the transpose is that of a gradient.
func (in *inferrer) byRow(e *ast.Postfix) *ast.Deriv {
	d, ok := e.X.(*ast.Deriv)
	if !ok || e.Op != ast.Transpose || d.Order != 1 || len(d.By) != 1 || !in.env.diffs {
		return nil
	}
	n, ok := in.withoutVec(d).Of.(*ast.Name)
	if !ok {
		return nil
	}
	s := in.env.lookup(n.Text)
	if s == nil || s.by != nil || in.valueNode(s).IsScalar() {
		return nil
	}
	return d
}

// withoutVec reads ∂vec(Y)/∂vec(X)' as the Jacobian ∂Y/∂X, which is by vec.
func (in *inferrer) withoutVec(d *ast.Deriv) *ast.Deriv {
	bare := func(e ast.Expr) ast.Expr {
		if c, ok := e.(*ast.Call); ok && c.Fun.Text == "vec" && len(c.Args) == 1 && in.env.lookup("vec") == nil {
			if n, ok := c.Args[0].(*ast.Name); ok {
				return n
			}
		}
		return e
	}
	if len(d.By) != 1 {
		return d
	}
	of, by := bare(d.Of), bare(d.By[0])
	if of == d.Of && by == d.By[0] {
		return d
	}
	out := *d
	out.Of, out.By = of, []ast.Expr{by}
	return &out
}

// worded reads grad_x Q.
func (in *inferrer) worded(n *ast.Name, of ast.Expr, at ast.Span) ast.Expr {
	order := derivWords[n.Base]
	if order == 0 || in.env.lookup(n.Text) != nil {
		return nil
	}
	d := &ast.Deriv{Of: of, Order: order, Nabla: true, Span: at}
	if sub := strings.Trim(n.Sub, "{}"); sub != "" {
		if in.env.lookup(sub) == nil {
			return nil
		}
		d.By = []ast.Expr{&ast.Name{Text: sub, Base: sub, Src: sub, Span: n.Span}}
		if order == 2 {
			d.By = append(d.By, d.By[0])
		}
	} else if n.Text == "D" && !in.isDefined(of) {
		return nil
	}
	if o, ok := of.(*ast.Name); ok && in.env.lookup(o.Text) == nil && in.standIn(o.Text, nil) == nil {
		return nil
	}
	return d
}

func (in *inferrer) isDefined(e ast.Expr) bool {
	n, ok := e.(*ast.Name)
	if !ok {
		return false
	}
	s := in.env.lookup(n.Text)
	return s != nil && s.kind == symDef
}

// primed reads Q'(x) and Q”(x) of a scalar Q that depends on x.
func (in *inferrer) primed(e *ast.Binary) ast.Expr {
	at, ok := e.Y.(*ast.Paren)
	if !ok {
		return nil
	}
	x, ok := at.X.(*ast.Name)
	if !ok {
		return nil
	}
	order, of := 0, e.X
	for {
		p, ok := of.(*ast.Postfix)
		if !ok || p.Op != ast.Transpose {
			break
		}
		order, of = order+1, p.X
	}
	q, ok := of.(*ast.Name)
	if !ok || order == 0 || order > 2 {
		return nil
	}
	s, v := in.env.lookup(q.Text), in.env.lookup(x.Text)
	if v == nil || v.kind == symSize {
		return nil
	}
	if s == nil {
		if obj := in.standIn(q.Text, []*ast.Name{x}); obj == nil || isFunction(q.Text) {
			return nil
		}
	} else if s.kind != symDef || !dependsOn(in.valueNode(s), in.valueNode(v)) || !in.valueNode(s).IsScalar() && s.def.params == nil {
		return nil
	}
	by := []ast.Expr{x}
	if order == 2 {
		by = append(by, x)
	}
	return &ast.Deriv{Of: q, By: by, Order: order, Span: e.Pos()}
}

// onlyVariable is what ∇Q is by: the only variable of Q; of several the one by
// which the text says to differentiate, Q(x) = … or dx.
func (in *inferrer) onlyVariable(of *expr.Node, name string) []*symbol {
	var all, said []*symbol
	var params []string
	if s := in.env.lookup(name); s != nil && s.def != nil {
		params = s.def.params
	}
	for _, s := range in.env.order {
		if s.v == nil || s.isConst || s.kind != symVar || !dependsOn(of, s.node) {
			continue
		}
		all = append(all, s)
		if slices.Contains(params, s.name) || len(params) == 0 && in.moved[s.name] {
			said = append(said, s)
		}
	}
	if len(said) == 1 {
		return said
	}
	return all
}

// movedIn lists the names by which a text differentiates, or whose differential
// it writes.
func movedIn(tree *ast.Program) map[string]bool {
	out := map[string]bool{}
	for _, s := range tree.Stmts {
		for _, side := range sidesOf(s) {
			walk(side, func(e ast.Expr) {
				switch e := e.(type) {
				case *ast.Deriv:
					for _, n := range namesIn(e.By) {
						out[n.Text] = true
					}
				case *ast.Name:
					if len(e.Text) > 1 && e.Text[0] == 'd' {
						out[e.Text[1:]] = true
					}
				}
			})
		}
	}
	return out
}
