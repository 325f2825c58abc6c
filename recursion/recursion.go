// Package recursion derives networks of symbolic depth. Such a network has no
// list of gradients, but a rule for them:
//
//	z^{l+1} = W^{l+1} a^l + b^{l+1}, a^{l+1} = g(z^{l+1}), l = 0…L−1; Q = f(a^L)
//	    │ written out for a few layers, each adjoint by one pullback
//	    ▼
//	δ^L from the loss, δ^l from δ^{l+1}, ∂Q/∂W^l from δ^l
//	    │ put together again at other depths
//	    ▼
//	verified against differences of the network written out
//
// The adjoints that get a name are those of the states: what a layer hands to
// the next. Where a state is a function of one value of its own layer and of
// nothing else, a^l = g(z^l), that value is the state, so that δ^l = ∂Q/∂z^l.
package recursion

import (
	"context"
	"fmt"
	"slices"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// writtenSteps is how many steps are written out to see what is the same in all
// of them; verifiedSteps are the depths that the result is tried at, the last
// ones where the text says too much of its first and last layers for a shallow one.
const writtenSteps = 5

var verifiedSteps = []int{2, 3, writtenSteps, writtenSteps + 1, writtenSteps + 2}

// network is a recurrence written out.
type network struct {
	rec   *parser.Recurrence
	p     *expr.Program
	end   int             // the number that stands for L
	state map[string]bool // base names
	// within holds the value of each state, and the objective's under "", in
	// states, variables and nothing else; layer the definitions between.
	within map[string]*expr.Node
	layer  []expr.Def
	states map[string]*expr.Node // states as variables
	order  []string              // states in order of definition
	alias  map[string]string     // x where the text says a^0 = x
	seed   *expr.Node            // ∂Q/∂a^L where the objective is no scalar
	delta  map[string]string     // the name of the adjoint of a state
	weight map[string]*expr.Node // the adjoints that are numbers
}

// Options are what a recursion is derived with.
type Options struct {
	Derive   derive.Options
	Verify   verify.Options
	NoVerify bool
	// Read understands the text of a network that is written out.
	Read func(ctx context.Context, program string) (*expr.Program, error)
}

// Result is the recursion as a derivation of the network written out, with the
// page that prints it.
type Result struct {
	*derive.Result
	Doc    *render.Doc
	Report *verify.Report // nil without verification
}

// Derive derives the program that rec was found in. Its errors are those of
// Read, of derive and of verify.
func Derive(ctx context.Context, program string, rec *parser.Recurrence, o Options) (*Result, error) {
	n, err := o.written(ctx, rec, writtenSteps)
	if err != nil {
		return nil, err
	}
	n.chooseStates()
	n.open()
	rows, err := n.derive(o)
	if err != nil {
		return nil, err
	}
	if rows, err = n.selected(rows, o.Derive.Wrt, program); err != nil {
		return nil, err
	}
	res := n.result(rows, program)
	if o.NoVerify {
		return res, nil
	}
	return res, n.verify(ctx, o, rows, res)
}

// written reads the program of a recurrence with so many steps.
func (o Options) written(ctx context.Context, rec *parser.Recurrence, steps int) (*network, error) {
	text, end := rec.Written(steps)
	p, err := o.Read(ctx, text)
	if err != nil {
		return nil, err
	}
	return &network{rec: rec, p: p, end: end}, nil
}

// opened is the value of a definition in the names before it.
func opened(d expr.Def) *expr.Node {
	if d.Open != nil {
		return d.Open
	}
	return d.Node
}

// names lists the variables and definitions that stand in a node.
func names(n *expr.Node) []string {
	var out []string
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && (m.Var.Kind == expr.Input || m.Var.Kind == expr.Part) {
			out = append(out, m.Var.Name)
		}
	}
	return out
}

// chooseStates finds what one layer hands to the next.
func (n *network) chooseStates() {
	n.state = make(map[string]bool)
	defined := make(map[string]expr.Def)
	for _, d := range n.p.Defs {
		defined[d.Name] = d
	}
	for _, d := range n.p.Defs {
		_, k, ok := n.rec.Level(d.Name)
		for _, name := range names(opened(d)) {
			base, j, leveled := n.rec.Level(name)
			if _, isDef := defined[name]; ok && leveled && isDef && j < k {
				n.state[base] = true
			}
		}
	}
	if len(n.state) != 1 {
		return
	}
	for seen := map[string]bool{}; ; {
		var base string
		for base = range n.state {
		}
		before := n.only(base, defined)
		if before == "" || seen[before] {
			return
		}
		seen[before] = true
		n.state = map[string]bool{before: true}
	}
}

// only returns the one value of its own layer that a state is a function of in
// the middle of the network, "" if there is more to it.
func (n *network) only(base string, defined map[string]expr.Def) string {
	mid := n.end - 2
	d, ok := defined[fmt.Sprintf("%s_%d", base, mid)]
	if !ok {
		return ""
	}
	before := ""
	for _, name := range names(opened(d)) {
		from, k, leveled := n.rec.Level(name)
		if _, isDef := defined[name]; !isDef || !leveled || k != mid || before != "" {
			return ""
		}
		before = from
	}
	return before
}

func (n *network) isState(name string) bool {
	base, _, ok := n.rec.Level(name)
	return ok && (n.state[base] || n.rec.Hidden(base))
}

// open writes each state in states and variables only.
func (n *network) open() {
	b := n.p.B
	n.within, n.states, n.alias = make(map[string]*expr.Node), make(map[string]*expr.Node), make(map[string]string)
	memo := make(map[*expr.Node]*expr.Node)
	for _, d := range n.p.Defs {
		v := b.Subst(opened(d), memo)
		if v.Op == expr.OpVar && v.Var.Kind == expr.Input {
			if _, _, ok := n.rec.Level(d.Name); ok && !n.isState(d.Name) {
				n.alias[v.Var.Name] = d.Name
			}
		}
		if n.isState(d.Name) {
			n.within[d.Name] = v
			n.order = append(n.order, d.Name)
			v = b.Var(&expr.Var{Name: d.Name, Kind: expr.Input, Shape: v.Shape, Inferred: true})
			n.states[d.Name] = v
		} else if d.Name != n.p.Objective.Name || !d.Node.IsScalar() {
			n.layer = append(n.layer, expr.Def{Name: d.Name, Node: v})
		}
		if d.Part != nil {
			memo[d.Part] = v
		}
	}
	q := n.p.Objective
	switch {
	case n.isState(q.Name):
		n.within[""] = n.states[q.Name]
	case q.Open != nil:
		n.within[""] = b.Subst(q.Open, memo)
	default:
		n.within[""] = q.Node
		if d := n.defNamed(q.Name); d != nil {
			n.within[""] = b.Subst(opened(*d), memo)
		}
	}
	taken := n.p.Taken()
	letters := slices.DeleteFunc([]string{"δ", "ε", "η", "ξ", "ζ", "κ", "Δ", "Λ"}, func(l string) bool { return taken[l] || n.numbered(l) })
	n.delta = make(map[string]string)
	for i := len(n.order) - 1; i >= 0; i-- {
		base, _, _ := n.rec.Level(n.order[i])
		if n.delta[base] == "" && !n.rec.Hidden(base) {
			n.delta[base] = fmt.Sprintf("∂_%s", base)
			if len(letters) > 0 {
				n.delta[base], letters = letters[0], letters[1:]
			}
		}
	}
	for _, s := range n.order {
		if base, _, _ := n.rec.Level(s); n.delta[base] == "" {
			n.delta[base] = fmt.Sprintf("∂_%s", base)
			if len(letters) > 0 {
				n.delta[base], letters = letters[0], letters[1:]
			}
		}
	}
	if !q.Node.IsScalar() {
		n.seed = n.adjointSeed()
	}
}

// adjointSeed is ∂Q/∂a^L.
func (n *network) adjointSeed() *expr.Node {
	q := n.p.Objective
	return n.p.B.Var(&expr.Var{Name: "∂" + n.p.Of() + "/∂" + q.Name, Kind: expr.Adjoint, Shape: q.Node.Shape, Of: q.Node})
}

func (n *network) numbered(base string) bool {
	for name := range n.p.Taken() {
		if b, _, ok := n.rec.Level(name); ok && b == base {
			return true
		}
	}
	return false
}

func (n *network) defNamed(name string) *expr.Def {
	for i := range n.p.Defs {
		if n.p.Defs[i].Name == name {
			return &n.p.Defs[i]
		}
	}
	return nil
}

// through is what Q owes to the states given, and to the loss where "" is among
// them, to first order: Σ tr(δᵀ z) + Q.
func (n *network) through(states []string) *expr.Node {
	b := n.p.B
	var terms []*expr.Node
	for _, s := range states {
		v := n.within[s]
		d := n.weight[s]
		switch {
		case d != nil:
		case s != "":
			base, k, _ := n.rec.Level(s)
			d = b.Var(&expr.Var{Name: fmt.Sprintf("%s_%d", n.delta[base], k), Kind: expr.Input, Shape: v.Shape, Const: true})
		case n.seed != nil:
			d = b.Var(&expr.Var{Name: n.seed.Var.Name, Kind: expr.Input, Shape: v.Shape, Const: true})
		default:
			terms = append(terms, v)
			continue
		}
		if v.IsScalar() || d.IsScalar() {
			terms = append(terms, b.Scale(d, v))
		} else {
			terms = append(terms, b.MustCall(rules.Must("tr"), b.Mul(b.T(d), v)))
		}
	}
	return b.Add(terms...)
}

// users lists the states that are functions of a variable, and "" for the loss.
func (n *network) users(name string) []string {
	var out []string
	for _, s := range append(slices.Clone(n.order), "") {
		if s != name && slices.Contains(names(n.within[s]), name) {
			out = append(out, s)
		}
	}
	if n.isState(name) && n.within[""] == n.states[name] {
		return []string{""}
	}
	return out
}

// adjoint is the derivative of Q by a variable or a state, through the states
// and the loss given.
func (n *network) adjoint(o Options, v *expr.Var, through []string) (*expr.Node, []derive.Step, error) {
	if len(through) == 0 {
		return n.p.B.Zeros(v.Shape), nil, nil
	}
	p := &expr.Program{B: n.p.B, Vars: []*expr.Var{v}, Sizes: n.p.Sizes, Maps: n.p.Maps}
	p.Objective = expr.Def{Node: n.through(through)}
	for _, s := range through {
		if n.within[s].Op == expr.OpCall && !n.within[s].IsScalar() { // tanh(…) has the name of its value
			p.Defs = append(p.Defs, expr.Def{Name: s, Node: n.within[s]})
		}
		for _, d := range n.layer {
			if !slices.ContainsFunc(p.Defs, func(e expr.Def) bool { return e.Name == d.Name }) && below(n.within[s], d.Node) {
				p.Defs = append(p.Defs, d)
			}
		}
	}
	p.Defs = append(p.Defs, p.Objective)
	opt := o.Derive
	opt.Wrt = []string{v.Name}
	opt.Numerator = opt.Numerator && !n.isState(v.Name)
	res, err := derive.Derive(p, opt)
	if err != nil {
		return nil, nil, err
	}
	defined := make(map[string]bool)
	for _, d := range p.Defs {
		defined[d.Name] = d.Name != ""
	}
	parts := make(map[*expr.Node]*expr.Node)
	for _, l := range res.Lets {
		if !defined[l.Name] {
			parts[l.Var] = n.p.B.Subst(l.Node, parts)
		}
	}
	whole := n.p.B.Subst(res.Grads[0].Node, parts)
	for _, m := range expr.Topo(whole) { // the value of what is no quantity of the text has no name
		if m.Op == expr.OpVar && m.Var.Kind == expr.Part && !defined[m.Var.Name] && m.Var.Of != nil {
			parts[m] = m.Var.Of
		}
	}
	return n.p.B.Subst(whole, parts), res.Steps, nil
}

func below(n, part *expr.Node) bool { return slices.Contains(expr.Topo(n), part) }
