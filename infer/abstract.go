package infer

import (
	"strings"
	"unicode"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// A derivation may differentiate an objective that it does not define: dQ =
// tr((∂Q/∂Z)' dZ), ∂Q/∂W = X' ∂Q/∂Z. To first order such a Q is the sum of
// tr(G' Z) over the values Z that it is differentiated by and that lie above
// all others, each G a constant of its own, which is what ∂Q/∂Z stands for.

// Abstract is such an objective.
type Abstract struct {
	expr.Def          // in terms of the parts that it is a function of
	Args     []string // the names of those
	// Nested tells that the text differentiates it by some of what these are
	// made of.
	Nested bool
}

// abstracts enters the objectives that the claims differentiate and nothing
// else speaks of.
func (in *inferrer) abstracts(tree *ast.Program) {
	if !in.opt.Claims || !in.opt.Abstract {
		return
	}
	defined, used, diffs, inDefs := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	by := map[string][]*ast.Name{}
	var order []*ast.Name
	for _, s := range tree.Stmts {
		if x, ok := s.(*ast.ExprStmt); ok {
			if c, ok := x.X.(*ast.Call); ok {
				used[c.Fun.Text] = true // Q(z): see unnamed.go
			}
		}
		e, ok := s.(*ast.Equation)
		if !ok {
			continue
		}
		switch x := e.Sides[0].(type) {
		case *ast.Name:
			defined[x.Text] = true
			if base, idx := in.freeIndices(e); len(idx) > 0 {
				defined[base] = true
			}
			if q, ok := strings.CutPrefix(x.Text, "d"); ok && q != "" {
				diffs[q] = true
			}
		case *ast.Call:
			defined[x.Fun.Text] = defined[x.Fun.Text] || in.env.lookup(x.Fun.Text) == nil
		}
		_, claims := e.Sides[0].(*ast.Deriv)
		for ; e != nil; e = e.Then {
			for i, side := range e.Sides {
				walk(side, func(x ast.Expr) {
					switch x := x.(type) {
					case *ast.Name:
						if i > 0 || x != e.Sides[0] {
							used[x.Text] = true
							inDefs[x.Text] = inDefs[x.Text] || !claims && !strings.HasPrefix(entryLeft(e), "d")
						}
						if strings.HasPrefix(x.Text, "d") && len(x.Text) > 1 && i == len(e.Sides)-1 && x == side {
							diffs[x.Text[1:]] = true // … = dQ
						}
					case *ast.Deriv:
						of, isName := x.Of.(*ast.Name)
						if !isName || len(x.By) != 1 {
							return
						}
						z, isName := x.By[0].(*ast.Name)
						if !isName {
							return
						}
						if by[of.Text] == nil {
							order = append(order, of)
						}
						by[of.Text] = append(by[of.Text], z)
					}
				})
			}
		}
	}
	for _, of := range order {
		if used[of.Text] || defined[of.Text] || in.env.lookup(of.Text) != nil {
			continue
		}
		means := diffs[of.Text]
		for _, z := range by[of.Text] {
			means = means || defined[z.Text] || defined[entryBase(z)]
		}
		if means {
			s := in.env.put(&symbol{kind: symNode, name: of.Text, span: of.Span})
			s.by = by[of.Text]
			in.abstract = append(in.abstract, s)
		}
	}
	if len(in.abstract) > 0 {
		for _, s := range tree.Stmts {
			if e, ok := s.(*ast.Equation); ok {
				in.nameAdjoint(e, defined, inDefs)
			}
		}
	}
}

// nameAdjoint takes ∂Q/∂Z = G or G = ∂Q/∂Z, Q being abstract, as a name for
// the adjoint. A declared G has the shape of Z.
func (in *inferrer) nameAdjoint(e *ast.Equation, defined, inDefs map[string]bool) {
	if len(e.Sides) < 2 {
		return
	}
	d, isDeriv := e.Sides[0].(*ast.Deriv)
	g, isName := e.Sides[1].(*ast.Name)
	turned := !isDeriv
	if turned {
		d, isDeriv = e.Sides[1].(*ast.Deriv)
		g, isName = e.Sides[0].(*ast.Name)
	}
	if !isDeriv || !isName || len(d.By) != 1 || !turned && defined[g.Text] {
		return
	}
	of, ok := d.Of.(*ast.Name)
	z, ok2 := d.By[0].(*ast.Name)
	if !ok || !ok2 || in.env.lookup(of.Text) == nil || in.env.lookup(of.Text).by == nil || !defined[z.Text] {
		return
	}
	q, s := in.env.lookup(of.Text), in.env.lookup(g.Text)
	if s == nil {
		if inDefs[g.Text] {
			return
		}
		s = in.env.put(&symbol{kind: symNode, name: g.Text, span: g.Span})
	} else if s.kind != symVar || !s.declared {
		return
	}
	if q.given == nil {
		q.given = make(map[string]*symbol)
	}
	if q.given[z.Text] == nil {
		q.given[z.Text] = s
	}
}

// entryLeft is the name on the left of an equation, "" if it is none.
func entryLeft(e *ast.Equation) string {
	if n, ok := e.Sides[0].(*ast.Name); ok {
		return n.Text
	}
	return ""
}

// adjointOf returns the declared name of the adjoint of what an equation
// defines, nil if it has none.
func (in *inferrer) adjointOf(name string) *symbol {
	for _, q := range in.abstract {
		if s := q.given[name]; s != nil && s.declared {
			return s
		}
	}
	return nil
}

// entryBase is the name whose entry n could be: z_3 of z_{3i}, z of z_{ij}.
func entryBase(n *ast.Name) string {
	sub := strings.Trim(n.Sub, "{}")
	digits := strings.TrimRightFunc(sub, func(r rune) bool { return unicode.IsLower(r) || r == ',' || r == ' ' })
	if digits == sub || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	if digits == "" {
		return n.Base
	}
	return n.Base + "_" + digits
}

// buildAbstracts gives the abstract objectives their values, once those of the
// definitions are known.
func (in *inferrer) buildAbstracts(tree *ast.Program) {
	in.restated(tree)
	for _, q := range in.abstract {
		if obj := in.standIn(q.name, q.by); obj != nil {
			q.node, q.parts = obj.node, map[*expr.Node]*expr.Node{}
			continue
		}
		in.buildAbstract(q, q.by, false)
	}
}

// abstractIn gives the objectives that are functions of nobody knows what a
// value for one claim: a function of what that claim differentiates by. The
// function returned takes it back.
func (in *inferrer) abstractIn(e *ast.Equation) func() {
	var given []*symbol
	for _, q := range in.abstract {
		if q.node != nil {
			continue
		}
		var by []*ast.Name
		for _, side := range e.Sides {
			walk(side, func(x ast.Expr) {
				if d, ok := x.(*ast.Deriv); ok && len(d.By) == 1 {
					of, isName := d.Of.(*ast.Name)
					if z, ok := d.By[0].(*ast.Name); ok && isName && of.Text == q.name {
						by = append(by, z)
					}
				}
			})
		}
		in.buildAbstract(q, by, entryLeft(e) == "d"+q.name)
		given = append(given, q)
	}
	return func() {
		for _, q := range given {
			q.node, q.parts = nil, nil
		}
	}
}

// buildAbstract gives one abstract objective its value, as a function of the
// names given; several variables only if all is set.
func (in *inferrer) buildAbstract(q *symbol, by []*ast.Name, all bool) {
	var above []*symbol
	for _, n := range by {
		s := in.env.lookup(n.Text)
		if s == nil {
			s = in.env.lookup(entryBase(n))
		}
		if s == nil || s.kind == symSize || s == q || in.symNode(s).Shape.Count() == (expr.Dim{}) {
			continue
		}
		above = append(above, s)
	}
	if !all {
		above = in.pickAbove(above)
	}
	none := in.b.Int(0)
	q.node = none
	for _, s := range q.given {
		if !s.declared {
			s.node = none
		}
	}
	q.parts = map[*expr.Node]*expr.Node{}
	below := in.below(above)
	fun := Abstract{}
	var terms, opened, diffs []*expr.Node
	for _, s := range above {
		z, key := in.symNode(s), in.byNode(s)
		if q.parts[key] != nil || z.IsZero() {
			continue
		}
		if below[in.openOf(s)] {
			fun.Nested = true
			if !in.opt.Direct {
				continue
			}
		}
		name := "∂" + q.name + "/∂" + s.name
		given := q.given[s.name]
		if given != nil && given.declared && in.symNode(given).Shape == z.Shape {
			q.parts[key] = in.symNode(given)
		} else if given != nil && !given.declared {
			name = given.name
		}
		g := in.b.Var(&expr.Var{Name: name, Kind: expr.Input, Shape: z.Shape, Const: true})
		if q.parts[key] != nil {
			g = q.parts[key]
		} else if given != nil && !given.declared {
			given.node = g
		}
		q.parts[key] = g
		fun.Args = append(fun.Args, s.name)
		terms = append(terms, in.b.MustCall(rules.Must("sum"), in.b.Had(g, z)))
		opened = append(opened, in.b.MustCall(rules.Must("sum"), in.b.Had(g, in.openOf(s))))
		diffs = append(diffs, in.b.MustCall(rules.Must("sum"), in.b.Had(g, in.b.Diff(z, "d"+s.name))))
	}
	for _, z := range q.by { // of what lies below: the adjoint itself, by another name
		g, s := q.given[z.Text], in.env.lookup(z.Text)
		if g == nil || s == nil || g.declared || g.node != none || s.kind == symSize || len(terms) == 0 {
			continue
		}
		g.node = in.b.Var(&expr.Var{Name: g.name, Kind: expr.Adjoint, Shape: in.valueNode(s).Shape, Of: in.byNode(s)})
		q.parts[in.byNode(s)] = g.node
	}
	if len(terms) == 0 {
		q.node = nil
	} else {
		q.node = in.b.Add(terms...)
		if in.res.Differentials == nil {
			in.res.Differentials = make(map[*expr.Node]*expr.Node)
		}
		in.res.Differentials[q.node] = in.b.Add(diffs...)
		fun.Def = expr.Def{Name: q.name, Node: q.node, Open: in.b.Add(opened...),
			Part: in.b.Var(&expr.Var{Name: q.name, Kind: expr.Part, Shape: expr.Scalar, Of: q.node})}
		in.res.Abstract = append(in.res.Abstract, fun)
	}
}

// pickAbove keeps the values that the text defines, if it defines any: what Q
// is a function of besides is not said. Of several variables it keeps none,
// since each claim may then be about another function.
func (in *inferrer) pickAbove(list []*symbol) []*symbol {
	var defs []*symbol
	first := map[*symbol]bool{}
	for _, s := range list {
		first[s] = true
		if s.kind == symDef {
			defs = append(defs, s)
		}
	}
	if len(defs) > 0 {
		return defs
	}
	if len(first) > 1 {
		return nil
	}
	return list
}

// jacobianOperand resolves ∂z/∂x of a value that is no scalar, as a symbol
// that Result.Jacobians explains.
func (in *inferrer) jacobianOperand(of, by *symbol, e *ast.Deriv) *term {
	t := &term{op: opJacobian, span: e.Span, sym: by, of: of}
	if n := in.symNode(of); n.Shape.R != expr.One && n.Shape.C != expr.One && !in.symNode(by).IsScalar() {
		in.errorf("E236", e.Span, "∂%s/∂%s of a %v %s is no matrix; only the Jacobian of a vector can be an operand", of.name, by.name, n.Shape, of.name)
		return bad(e.Span)
	}
	return t
}

// jacobianShape is outputs by inputs; by a scalar it is the shape of the value.
func jacobianShape(of, by expr.Shape) expr.Shape {
	if by.IsScalar() && !of.IsCol() {
		return of
	}
	return expr.Shape{R: of.Count(), C: by.Count()}
}

func (in *inferrer) jacobianNode(t *term) *expr.Node {
	of, by := in.valueNode(t.of), in.byNode(t.sym)
	n := in.b.Var(&expr.Var{Name: "∂" + t.of.name + "/∂" + t.sym.name, Kind: expr.Adjoint, Shape: jacobianShape(of.Shape, by.Shape), Of: of})
	if in.res != nil {
		in.explain(n, of, by)
	}
	return n
}

// explain records what a symbol ∂z/∂x stands for.
func (in *inferrer) explain(n, of, by *expr.Node) {
	if in.res.Jacobians == nil {
		in.res.Jacobians = make(map[*expr.Node][2]*expr.Node)
	}
	in.res.Jacobians[n] = [2]*expr.Node{of, by}
}

// abstractDiff is dQ of an abstract objective, nil if n is none.
func (in *inferrer) abstractDiff(n *expr.Node) *expr.Node {
	if in.res == nil {
		return nil
	}
	return in.res.Differentials[n]
}
