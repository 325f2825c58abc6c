package derive

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/simplify"
)

// operand is a line of the worked derivation: a definition of the program, or
// the argument of a function that is long enough to be given a letter.
type operand struct {
	name string
	node *Node // the value in the program
	body *Node // the value written with earlier operands as parts
	part *Node // of kind expr.Part; nil for the objective
}

// recorder notes the identities that an isolation used.
type recorder struct{ rules []string }

func (rec *recorder) add(rule string) {
	if rec == nil {
		return
	}
	for _, r := range rec.rules {
		if r == rule {
			return
		}
	}
	rec.rules = append(rec.rules, rule)
}

// steps writes the derivation that the walk made, operand by operand: each
// definition with its differential, dQ with the differentials isolated, and
// what stands beside each of them.
func (r *run) steps(p *expr.Program, wrt []*expr.Var, res *Result) []Step {
	ops := r.operands(p, res)
	w := &writer{r: r, res: res, parts: make(map[*Node]*operand), adj: make(map[*Node][]*Node)}
	for i := range ops {
		if ops[i].part != nil {
			w.parts[ops[i].part] = &ops[i]
		}
	}
	r.rec = &recorder{}
	defer func() { r.rec = nil }()
	for i := range ops {
		if o := ops[i]; o.part != nil {
			w.add(o.part, o.body, "definition", "")
		}
	}
	for i := len(ops) - 1; i >= 0; i-- {
		if err := w.operand(ops[i]); err != nil {
			return nil
		}
	}
	for i, v := range wrt {
		w.variable(v, res.Grads[i])
	}
	return w.out
}

type writer struct {
	r     *run
	res   *Result
	parts map[*Node]*operand
	adj   map[*Node][]*Node // leaf → what stands beside its differential
	out   []Step
}

func (w *writer) add(lhs, rhs *Node, rule, comment string) {
	w.out = append(w.out, Step{Lhs: lhs, Rhs: rhs, Rule: rule, Comment: comment})
}

// q returns the symbol dQ.
func (w *writer) q() *Node {
	return w.r.b.Var(&expr.Var{Name: "d" + w.of(), Kind: expr.Differential, Shape: expr.Scalar})
}

func (w *writer) of() string { return w.res.Program.Of() }

// operand differentiates one operand and isolates.
func (w *writer) operand(o operand) error {
	r, b := w.r, w.r.b
	d, leaves, err := r.full(o.body)
	if err != nil {
		return err
	}
	if len(leaves) == 0 {
		return nil
	}
	shown := r.tidy(d)
	var g *Node
	switch {
	case o.part != nil:
		sum := r.sum(w.adj[o.part], o.part.Shape)
		g = b.Var(&expr.Var{Name: "∂" + w.of() + "/∂" + o.name, Kind: expr.Adjoint, Shape: o.part.Shape, Of: o.part})
		w.add(g, r.show(sum), "isolated", "")
		w.add(b.Diff(o.part, "d"+o.name), shown, "differential", "")
	case w.res.Scalar:
		g = b.Int(1)
		w.add(w.q(), shown, "differential", "")
	default:
		g = w.res.Adjoint
		w.add(b.Diff(o.node, "d"+w.res.Objective.Name), shown, "differential", "")
	}
	if !g.IsOne() {
		w.add(w.q(), r.inner(g, shown), "substitution", "dQ = tr((∂Q/∂Z)ᵀ dZ)")
	}
	r.rec.rules = nil
	beside := make(map[*Node]*Node)
	err = r.isolate(g, d, func(v *expr.Var, part *Node) {
		part = r.s.Normal(part)
		if old, ok := beside[v.Of]; ok {
			part = r.s.Add(old, part)
		}
		beside[v.Of] = part
	})
	if err != nil {
		return err
	}
	var terms []*Node
	for _, l := range leaves {
		if c := beside[l]; c != nil && !c.IsZero() {
			w.adj[l] = append(w.adj[l], c)
			terms = append(terms, r.inner(r.show(c), b.Diff(l, "d"+l.Var.Name)))
		}
	}
	if len(terms) > 0 {
		sum := b.Add(terms...)
		if last := w.out[len(w.out)-1]; last.Rhs != sum {
			w.add(w.q(), sum, "isolation", strings.Join(r.rec.rules, "; "))
		}
	}
	return nil
}

// variable writes the gradient by a variable: as isolated, then closed.
func (w *writer) variable(v *expr.Var, g Gradient) {
	r, b := w.r, w.r.b
	x := b.Var(v)
	lhs := b.Var(&expr.Var{Name: "∂" + w.of() + "/∂" + v.Name, Kind: expr.Adjoint, Shape: g.Node.Shape, Of: x})
	open := r.show(r.sum(w.adj[x], v.Shape))
	if r.opt.Numerator {
		open = b.T(open)
	}
	if open != g.Node {
		w.add(lhs, open, "isolated", "")
	}
	w.add(lhs, g.Node, "gradient", g.Note)
}

// show is the short form of a part of a step.
func (r *run) show(n *Node) *Node {
	return r.s.Polish(r.s.Shorten(r.s.Normal(n)))
}

// tidy chooses the shorter of a differential as the rules wrote it and its
// normal form.
func (r *run) tidy(d *Node) *Node {
	n := r.s.Polish(r.s.Shorten(r.s.Normal(d)))
	if r.s.Cost(n) < r.s.Cost(d) {
		return n
	}
	return d
}

// full returns the differential of an expression down to its variables and
// parts, and those leaves in order of appearance.
func (r *run) full(body *Node) (*Node, []*Node, error) {
	memo := make(map[*Node]*Node)
	active := make(map[*Node]bool)
	saved := r.active
	defer func() { r.active = saved }()
	var leaves []*Node
	order := expr.Topo(body)
	for _, n := range order {
		if n.Op == expr.OpVar {
			if saved[n] || n.Var.Kind == expr.Part && r.active[n] {
				active[n] = true
				leaves = append(leaves, n)
				memo[n] = r.b.Diff(n, "d"+n.Var.Name)
			}
			continue
		}
		for _, a := range n.Args {
			active[n] = active[n] || active[a]
		}
	}
	r.active = active
	if len(leaves) == 0 {
		return nil, nil, nil
	}
	for _, n := range order {
		if !active[n] || n.Op == expr.OpVar {
			continue
		}
		d, err := r.differential(n)
		if err != nil {
			return nil, nil, err
		}
		sub := make(map[*Node]*Node)
		for _, a := range n.Args {
			if active[a] {
				sub[r.d(a)] = memo[a]
			}
		}
		memo[n] = r.b.Subst(d, sub)
	}
	return memo[body], leaves, nil
}

// operands lists the definitions that the objective uses, and the long
// arguments of its functions under letters of their own.
func (r *run) operands(p *expr.Program, res *Result) []operand {
	taken := p.Taken()
	taken[res.Objective.Name] = true
	for _, l := range res.Lets {
		taken[l.Name] = true
	}
	root := p.Objective.Node
	reach := make(map[*Node]bool)
	for _, n := range expr.Topo(root) {
		reach[n] = true
	}
	names := make(map[*Node]string)
	for _, d := range p.Defs {
		if reach[d.Node] && d.Node != root && r.active[d.Node] && len(d.Node.Args) > 0 && names[d.Node] == "" {
			names[d.Node] = d.Name
		}
	}
	for _, l := range res.Lets { // the names of the answer where they fit
		if of := l.Var.Var.Of; reach[of] && names[of] == "" && r.active[of] && of != root {
			names[of] = l.Name
		}
	}
	for _, n := range expr.Topo(root) {
		f, ok := n.Fn.(*rules.Func)
		if n.Op != expr.OpCall || !ok || len(f.Adjoint) > 0 {
			continue
		}
		for _, a := range n.Args {
			if r.active[a] && len(a.Args) > 0 && a.Op != expr.OpT && names[a] == "" && a != root && r.s.Cost(a) > 2*simplify.Token {
				names[a] = letter(a, taken)
			}
		}
	}
	var out []operand
	memo := make(map[*Node]*Node)
	for _, n := range expr.Topo(root) {
		if n != root && names[n] == "" {
			continue
		}
		o := operand{name: names[n], node: n, body: n}
		if len(n.Args) > 0 {
			args := make([]*Node, len(n.Args))
			for i, a := range n.Args {
				args[i] = r.b.Subst(a, memo)
			}
			o.body = r.b.With(n, args)
		}
		if n != root {
			o.part = r.b.Var(&expr.Var{Name: o.name, Kind: expr.Part, Shape: n.Shape, Props: n.Props, Of: n})
			memo[n] = o.part
			r.active[o.part] = true
		}
		out = append(out, o)
	}
	return out
}

// letter names an operand: Z for a matrix, z for a vector, t for a scalar, R
// and r for differences.
func letter(n *Node, taken map[string]bool) string {
	base := "Z"
	if n.Op == expr.OpAdd {
		for _, a := range n.Args {
			if a.Op == expr.OpScale && a.Args[0].IsNum(-1, 1) {
				base = "R"
			}
		}
	}
	switch {
	case n.IsScalar():
		base = "t"
	case n.Shape.IsCol() || n.Shape.IsRow():
		base = strings.ToLower(base)
	}
	name := base
	for i := 1; taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	taken[name] = true
	return name
}
