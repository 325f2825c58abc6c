package derive

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

func defNodes(p *expr.Program) []*Node {
	out := make([]*Node, len(p.Defs))
	for i, d := range p.Defs {
		out[i] = d.Node
	}
	return out
}

// independence says why a gradient is zero: the variable does not occur, or
// only where the objective is piecewise constant in it, as in [x ≥ a].
func independence(p *expr.Program, v *expr.Var) string {
	if occurs(p.Objective.Node, v) {
		return fmt.Sprintf("%s is constant in %s wherever it has a derivative", objectiveName(p), v.Name)
	}
	return fmt.Sprintf("%s does not depend on %s", objectiveName(p), v.Name)
}

// edges says that Iverson brackets that move with a variable add nothing to
// its gradient; of one that is zero independence says why.
func edges(q *Node, wrt []*expr.Var, free []*Node) string {
	var brackets []*Node
	for _, n := range expr.Topo(q) {
		if f, ok := n.Fn.(*rules.Func); ok && n.Op == expr.OpCall && f.Family == "comparison" {
			brackets = append(brackets, n)
		}
	}
	if len(brackets) == 0 {
		return ""
	}
	within := make(map[*expr.Var]bool)
	for _, n := range expr.Topo(brackets...) {
		if n.Op == expr.OpVar {
			within[n.Var] = true
		}
	}
	var names []string
	for i, v := range wrt {
		if !free[i].IsZero() && within[v] {
			names = append(names, v.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "a bracket [… ≥ …] is constant away from its edge, where it has no derivative: it adds nothing to the gradient by " + strings.Join(names, ", ")
}

func objectiveName(p *expr.Program) string {
	if p.Objective.Name != "" {
		return p.Objective.Name
	}
	return "the objective"
}

func variables(p *expr.Program, names []string) ([]*expr.Var, error) {
	if len(names) == 0 {
		var out []*expr.Var
		for _, v := range p.Vars {
			if !v.Const {
				out = append(out, v)
			}
		}
		return out, nil
	}
	var out []*expr.Var
	for _, name := range names {
		v := p.VarNamed(name)
		for _, w := range p.Vars {
			if v == nil && infer.Key(w.Name) == infer.Key(name) {
				v = w
			}
		}
		if v == nil {
			return nil, &Error{Code: "E228", Message: fmt.Sprintf("%s is not a variable of the program", name), Help: "its variables are " + list(p.Vars)}
		}
		if v.Const {
			return nil, &Error{Code: "E228", Message: fmt.Sprintf("%s is declared const", name), Help: "take const off its declaration"}
		}
		out = append(out, v)
	}
	return out, nil
}

func list(vs []*expr.Var) string {
	s := ""
	for i, v := range vs {
		if i > 0 {
			s += ", "
		}
		s += v.Name
	}
	return s
}

// project makes the gradient with free entries that of a symmetric or
// diagonal variable.
func (r *run) project(v *expr.Var, g *Node) (*Node, string) {
	switch {
	case v.Shape.IsScalar():
	case v.Props.Has(expr.Diagonal):
		return r.s.Normal(r.b.Had(g, r.b.Eye(v.Shape.R))), fmt.Sprintf("%s is diagonal: the diagonal part of the gradient with free entries", v.Name)
	case v.Props.Has(expr.Symmetric):
		if r.opt.Symmetric == Free {
			return g, fmt.Sprintf("%s is symmetric; this is the gradient with free entries", v.Name)
		}
		t := r.s.T(g)
		if r.opt.Symmetric == Book {
			n := r.b.Add(g, t, r.b.Neg(r.b.Had(g, r.b.Eye(v.Shape.R))))
			return r.s.Normal(n), fmt.Sprintf("%s is symmetric: G + Gᵀ − G∘I, by its independent entries", v.Name)
		}
		if t == g {
			return g, ""
		}
		if e := r.s.Expand(g); e != nil && r.s.T(e) == e {
			return g, ""
		}
		n := r.s.Normal(r.b.Scale(r.b.Rat(1, 2), r.b.Add(g, t)))
		return n, fmt.Sprintf("%s is symmetric: (G + Gᵀ)/2", v.Name)
	}
	return g, ""
}

// projected writes the gradient by a symmetric or diagonal variable by that
// with free entries; nil where both are one.
func (r *run) projected(v *expr.Var, g *Node) *Node {
	b := r.b
	switch {
	case v.Shape.IsScalar():
	case v.Props.Has(expr.Diagonal):
		return b.Had(g, b.Eye(v.Shape.R))
	case v.Props.Has(expr.Symmetric) && r.opt.Symmetric == Book:
		return b.Add(g, b.T(g), b.Neg(b.Had(g, b.Eye(v.Shape.R))))
	case v.Props.Has(expr.Symmetric) && r.opt.Symmetric != Free:
		return b.Scale(b.Rat(1, 2), b.Add(g, b.T(g)))
	}
	return nil
}

// occurs tells whether a variable stands in an expression, even where it makes
// no difference to it: in sign(x).
func occurs(n *Node, v *expr.Var) bool {
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && m.Var == v {
			return true
		}
	}
	return false
}
