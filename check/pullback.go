package check

import (
	"fmt"
	"slices"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
)

// An objective that the text does not define is a function of its last
// definition L, and everything said of it is a pullback: with G = ∂Q/∂L,
// dQ = ⟨G, dL⟩. G stays a symbol; the other ∂Q/∂Z follow from it.

// abstract returns L, nil where the objective is a scalar that is defined.
func (c *checker) abstract() *Node {
	if n := c.prog.Objective.Node; n != nil && !n.IsScalar() {
		return n
	}
	return nil
}

// cotangent is the symbol ∂Q/∂L, by the name that the text gives it.
func (c *checker) cotangent() *Node {
	l := c.abstract()
	for i := range c.res.Claims {
		for _, s := range c.res.Claims[i].Sides {
			for _, m := range expr.Topo(s) {
				if m.Op == expr.OpVar && m.Var.Kind == expr.Adjoint && m.Var.Of == l {
					return m
				}
			}
		}
	}
	return c.b.Var(&expr.Var{Name: "∂Q/∂" + c.prog.Objective.Name, Kind: expr.Adjoint, Shape: l.Shape, Of: l})
}

// pullback is ∂Q/∂by in terms of ∂Q/∂L.
func (c *checker) pullback(by *Node) (*Node, error) {
	l := c.abstract()
	if valueOf(by) == l {
		return c.cotangent(), nil
	}
	k := [2]*Node{nil, by}
	if g, ok := c.grads[k]; ok {
		return g, nil
	}
	of, v := c.opened(l, by)
	if v.Var.Const {
		return nil, fmt.Errorf("%s is const", v.Var.Name)
	}
	p := *c.prog
	p.Objective, p.Vars, p.Defs = expr.Def{Name: c.prog.Objective.Name, Node: of}, []*expr.Var{v.Var}, nil
	res, err := derive.Derive(&p, derive.Options{Wrt: []string{v.Var.Name}})
	if err != nil {
		return nil, err
	}
	memo := map[*Node]*Node{res.Adjoint: c.cotangent()}
	if v != by {
		memo[v] = valueOf(by)
	}
	g := c.b.Subst(res.Grads[0].Full, memo)
	c.grads[k] = g
	return g, nil
}

// opened writes a value in terms of one of its parts, as a variable.
func (c *checker) opened(of, by *Node) (value, v *Node) {
	if isInput(by) {
		return of, by
	}
	v = c.standFor(by)
	if value, part := c.openedDefinition(of, by); part != nil {
		if out := c.b.Subst(value, map[*Node]*Node{part: v}); isPart(by) || holds(out, v) {
			return out, v
		}
	}
	if out := c.b.Subst(of, map[*Node]*Node{valueOf(by): v}); holds(out, v) {
		return out, v
	}
	if value := c.restatedBy(of, by, v); value != nil {
		return value, v
	}
	return c.b.Subst(of, map[*Node]*Node{valueOf(by): v}), v
}

// openedDefinition is Program.Opened with the objectives that the text does not
// define, and with what right lines have written anew where nothing else speaks
// of the part: in Q(A), A = tanh(Z) once a line has said so.
func (c *checker) openedDefinition(of, by *Node) (value, part *Node) {
	q := slices.IndexFunc(c.res.Abstract, func(q infer.Abstract) bool { return q.Node == of })
	if q < 0 {
		return c.prog.Opened(of, by)
	}
	p := *c.prog
	p.Defs = append(slices.Clip(p.Defs), c.res.Abstract[q].Def)
	if value, part = p.Opened(of, by); part != nil && holds(value, part) || len(c.restated) == 0 {
		return value, part
	}
	anew := map[*Node]*Node{} // a part → what a line says it is
	for _, k := range c.restated {
		cl := &c.res.Claims[k]
		for _, d := range c.prog.Defs {
			if d.Name == cl.OfName && d.Part != nil {
				anew[d.Part] = cl.Open
			}
			if d.Part != nil && (d.Part == by || d.Node == by && part == nil) {
				part = d.Part
			}
		}
	}
	memo, open := map[*Node]*Node{part: part}, map[*Node]*Node{}
	for _, d := range p.Defs {
		open[d.Part] = d.Open
		if n := anew[d.Part]; n != nil {
			open[d.Part] = n
		}
	}
	var write func(n *Node) *Node
	write = func(n *Node) *Node {
		for _, m := range expr.Topo(n) {
			if isPart(m) && memo[m] == nil && open[m] != nil {
				memo[m] = m.Var.Of // where it is made of itself
				memo[m] = write(open[m])
			}
		}
		return c.b.Subst(n, memo)
	}
	return write(c.res.Abstract[q].Open), part
}

// restatedBy is a value as a right line has written it anew, by the name of a
// part: J = p'g/c. It is nil if none has.
func (c *checker) restatedBy(of, by, v *Node) *Node {
	for k := len(c.restated) - 1; k >= 0; k-- {
		cl := &c.res.Claims[c.restated[k]]
		if valueOf(cl.Of) != valueOf(of) || cl.Open == nil {
			continue
		}
		memo := map[*Node]*Node{}
		for _, m := range expr.Topo(cl.Open) {
			switch {
			case !isPart(m):
			case m == by || valueOf(m) == valueOf(by):
				memo[m] = v
			default:
				memo[m] = valueOf(m)
			}
		}
		if out := c.b.Subst(cl.Open, memo); holds(out, v) {
			return out
		}
	}
	return nil
}

// standFor makes a variable that stands for a value. Its name is that of the
// value and a number: no name of the language has a space.
func (c *checker) standFor(n *Node) *Node {
	name := "part"
	if n.Op == expr.OpVar {
		name = n.Var.Name
	}
	for _, d := range c.prog.Defs {
		if d.Node == n && d.Name != "" {
			name = d.Name
			break
		}
	}
	c.fresh++
	return c.b.Var(&expr.Var{Name: fmt.Sprintf("%s #%d", name, c.fresh), Kind: expr.Input, Shape: n.Shape})
}

// isInput tells a variable from a value that the text defines.
func isInput(n *Node) bool { return n.Op == expr.OpVar && n.Var.Kind != expr.Part }

// isPart tells a defined name whose value has other names too.
func isPart(n *Node) bool { return n.Op == expr.OpVar && n.Var.Kind == expr.Part }

// valueOf is the value that a part stands for.
func valueOf(n *Node) *Node {
	if isPart(n) {
		return n.Var.Of
	}
	return n
}

// partial is the differential of a value by one of its parts alone, and the
// differential of that part.
func (c *checker) partial(of, by *Node) (d, dv *Node, err error) {
	value, v := c.opened(of, by)
	d, err = derive.Differential(c.b, value, []*Node{v})
	if err != nil {
		return nil, nil, err
	}
	dv = c.diff(v)
	if v != by {
		d = c.b.Subst(d, map[*Node]*Node{v: valueOf(by)})
	}
	return d, dv, nil
}
