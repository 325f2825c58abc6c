package recursion

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// verify puts the rows together at a few depths and tries the gradients.
func (n *network) verify(ctx context.Context, o Options, rows []*row, res *Result) error {
	total := verify.NewReport(o.Verify)
	total.Variables = make([]verify.Variable, len(res.Grads))
	for i, g := range res.Grads {
		total.Variables[i] = verify.Variable{Wrt: g.Wrt.Name, Verdict: verify.Pass}
	}
	tried := make([]bool, len(res.Grads))
	var depths []int
	for i, steps := range verifiedSteps {
		if i >= 3 && len(depths) > 1 {
			break
		}
		m, err := o.written(ctx, n.rec, steps)
		if err != nil {
			var list *diag.List
			if errors.As(err, &list) {
				continue // too shallow for what the text says of its last layers
			}
			return err
		}
		m.state, m.delta = n.state, n.delta
		m.open()
		claims, which, ok := m.together(n, rows, o)
		if !ok {
			continue
		}
		rep, err := verify.Gradients(ctx, m.p, claims, o.Verify)
		if err != nil {
			return err
		}
		depths = append(depths, m.end)
		total.Points, total.Step, total.Seed = rep.Points, rep.Step, rep.Seed
		for i, v := range rep.Variables {
			to := &total.Variables[which[i]]
			tried[which[i]] = true
			to.Checks += v.Checks
			to.MaxRelError, to.Bound = max(to.MaxRelError, v.MaxRelError), max(to.Bound, v.Bound)
			if to.Points == 0 || v.Points < to.Points {
				to.Points = v.Points
			}
			if !v.Verdict.Right() && to.Verdict != verify.Fail {
				to.Verdict, to.Counter = v.Verdict, v.Counter
				to.Reason = fmt.Sprintf("%s for %s = %d, at %s", v.Reason, n.rec.End, m.end, v.Wrt)
			}
		}
	}
	for i := range tried {
		if !tried[i] {
			total.Variables[i].Verdict, total.Variables[i].Reason = verify.Inconclusive, "no depth was tried that has it"
		}
	}
	res.Report = total
	res.Doc.Verification = &render.Verification{Step: total.Step, Points: total.Points, Seed: total.Seed, Sizes: map[string]int{}, Depth: n.rec.End, Depths: depths}
	for i := range res.Grads {
		v := total.Variables[i]
		g := &res.Doc.Gradients[i]
		g.Verified, g.Reason = v.Verdict.Right(), v.Reason
		if err := v.MaxRelError; v.Points > 0 {
			g.MaxRelError = &err
		}
	}
	return nil
}

// together puts the rows together for the depth of m; which tells the gradient
// that each claim is of.
func (m *network) together(n *network, rows []*row, o Options) (claims []verify.Claim, which []int, ok bool) {
	value := make(map[string]*expr.Node)
	move := func(lo, hi int) (int, int) { // the levels of a run at this depth
		if lo < hi {
			return lo, hi - n.end + m.end
		}
		if 2*lo > n.end {
			return lo - n.end + m.end, lo - n.end + m.end
		}
		return lo, lo
	}
	find := func(base string, k int, state bool) *row {
		var out *row
		for _, r := range rows {
			if lo, hi := move(r.lo, r.hi); r.base == base && r.state == state && lo <= k && k <= hi {
				if out != nil {
					return nil
				}
				out = r
			}
		}
		return out
	}
	place := func(t term, k int, shape expr.Shape) *expr.Node {
		return m.instance(n, t, k, shape, value)
	}
	for i := len(m.order) - 1; i >= 0; i-- {
		base, k, _ := m.rec.Level(m.order[i])
		if n.weightless(base) {
			continue
		}
		r := find(base, k, true)
		if r == nil {
			return nil, nil, false
		}
		v := place(r.terms[0], k, m.states[m.order[i]].Shape)
		if v == nil {
			return nil, nil, false
		}
		value[fmt.Sprintf("%s_%d", n.delta[base], k)] = v
	}
	g := -1
	for _, r := range rows {
		if r.state {
			continue
		}
		g++
		lo, hi := move(r.lo, r.hi)
		if r.base == "" {
			lo, hi = 0, 0
		}
		for k := lo; k <= hi; k++ {
			name := r.v.Name
			if r.base != "" {
				name = fmt.Sprintf("%s_%d", r.base, k)
			}
			v := m.p.VarNamed(name)
			if v == nil || r.base != "" && find(r.base, k, false) != r {
				return nil, nil, false
			}
			shape := v.Shape
			if o.Derive.Numerator {
				shape = shape.T()
			}
			var sum []*expr.Node
			for _, t := range r.terms {
				from, to := k, k
				if r.base == "" {
					from, to = move(t.lo, t.hi)
				}
				for j := from; j <= to; j++ {
					part := place(t, j, shape)
					if part == nil {
						return nil, nil, false
					}
					sum = append(sum, part)
				}
			}
			node := m.p.B.Add(sum...)
			if o.Derive.Numerator {
				node = m.p.B.T(node)
			}
			claims, which = append(claims, verify.Claim{Wrt: v, Node: node}), append(which, g)
		}
	}
	return claims, which, true
}

// instance is a term of n at level k of m, nil if m has no such level.
func (m *network) instance(n *network, t term, k int, shape expr.Shape, value map[string]*expr.Node) *expr.Node {
	found := func(name string) *expr.Node {
		if strings.HasPrefix(name, "∂") {
			return m.seed
		}
		if base, j, ok := n.split(name); ok {
			switch {
			case t.many():
				j += k - t.at
			case n.top(j, t.at):
				j += m.end - n.end
			}
			name = fmt.Sprintf("%s_%d", base, j)
		}
		if v := value[name]; v != nil {
			return v
		}
		if d := m.defNamed(name); d != nil {
			return d.Node
		}
		if v := m.p.VarNamed(name); v != nil {
			return m.p.B.Var(v)
		}
		return nil
	}
	sizes := make(map[string]expr.Dim)
	unify := func(from, to expr.Shape) {
		for _, d := range [][2]expr.Dim{{from.R, to.R}, {from.C, to.C}} {
			if s := d[0].Sym; s != "" && !strings.Contains(s, "*") && d[0].K == 1 {
				if _, ok := sizes[s]; !ok {
					sizes[s] = d[1]
				}
			}
		}
	}
	unify(t.node.Shape, shape)
	for _, x := range expr.Topo(t.node) {
		if x.Op != expr.OpVar {
			continue
		}
		v := found(x.Var.Name)
		if v == nil {
			return nil
		}
		if x.Shape.IsScalar() != v.Shape.IsScalar() {
			return nil
		}
		unify(x.Shape, v.Shape)
	}
	for _, x := range expr.Topo(t.node) {
		if x.Op == expr.OpVar && x.Shape.Subst(sizes) != found(x.Var.Name).Shape {
			return nil
		}
	}
	return rebuilt(m.p.B, t.node, sizes, nil, func(_ *expr.Builder, v *expr.Var) *expr.Node { return found(v.Name) })
}
