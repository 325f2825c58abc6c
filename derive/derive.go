// Package derive finds closed-form gradients by matrix differentials.
//
//	expr.Program ──reverse walk──▶ d(node) from rules ──isolate──▶ ∂Q/∂node ──▶ Result
//
// The walk visits each node of the objective's DAG once, users before their
// operands. The differential of the node (a rule of the function table, or the
// product rule of an operator) is put into dQ = tr(∂Q/∂nodeᵀ d node) and
// isolate reads off what stands beside each operand's differential. There is no
// other source of gradients. Time and size are linear in the DAG.
package derive

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/simplify"
)

// Node is an expression.
type Node = expr.Node

// Symmetric says what the gradient by a symmetric variable means.
type Symmetric string

// The conventions for symmetric variables, G the gradient with free entries.
const (
	Half Symmetric = "half" // (G + Gᵀ)/2, the default
	Free Symmetric = "free" // G
	Book Symmetric = "book" // G + Gᵀ − G∘I, by the independent entries
)

// Options of a derivation.
type Options struct {
	Wrt       []string // variables; all that are not const if empty
	Numerator bool     // gradients transposed
	Symmetric Symmetric
	Steps     bool
	Plain     bool // gradients as the walk leaves them, for those who need their value alone
}

// Gradient is the gradient by one variable, in the shape of the variable.
type Gradient struct {
	Wrt  *expr.Var
	Node *Node
	Full *Node // the same without named parts
	Free *Node // the gradient with free entries, where a property of the variable changes it
	Note string
}

// Let names a part that several results share.
type Let struct {
	Name string
	Var  *Node // of kind expr.Part
	Node *Node
}

// Result is a derivation.
type Result struct {
	Program   *expr.Program
	Objective expr.Def
	Scalar    bool
	Adjoint   *Node // the symbol ∂Q/∂Z of a pullback, nil for a scalar objective
	Grads     []Gradient
	Lets      []Let
	Steps     []Step
	Notes     []string
	// Differential is dQ in the differentials of the variables, where the
	// program applies functions that it does not define: the chain rule whole.
	Differential *Node
}

// Error is a derivation that cannot be done, with a code of package diag.
type Error struct {
	Code    string
	Message string
	Help    string
	Fn      *rules.Func // the function at fault, nil if there is none
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// run is the state of one derivation.
type run struct {
	b       *expr.Builder
	s       *simplify.S
	opt     Options
	adjoint map[*Node][]*Node
	grown   map[*Node]bool // nodes whose adjoint is made of a long one
	nest    map[*Node]int  // nodes → sums of sums that their adjoint is made of
	level   int            // the same of the adjoint that is visited
	active  map[*Node]bool
	squares map[*Node]bool // see unroot
}

func newRun(b *expr.Builder, opt Options) *run {
	return &run{
		b: b, s: simplify.New(b), opt: opt,
		adjoint: make(map[*Node][]*Node), grown: make(map[*Node]bool), nest: make(map[*Node]int), active: make(map[*Node]bool),
	}
}

// Derive returns the gradients of the program's objective.
func Derive(p *expr.Program, opt Options) (*Result, error) {
	r := newRun(p.B, opt)
	wrt, err := variables(p, opt.Wrt)
	if err != nil {
		return nil, err
	}
	res := &Result{Program: p, Objective: p.Objective, Scalar: p.Objective.Node.IsScalar(), Notes: p.Notes}
	if opt.Plain {
		return res, r.plain(p, wrt, res)
	}
	r.s.Typed(p.Objective.Node, defNodes(p)...)
	for _, d := range p.Defs {
		if d.Name != "" && (d.Node != p.Objective.Node || !d.Node.IsScalar() || d.Name != p.Objective.Name) {
			r.s.Name(d.Name, d.Node)
		}
	}
	if opt.Numerator {
		res.Notes = append(res.Notes[:len(res.Notes):len(res.Notes)], "numerator layout: each gradient has the shape of its transposed variable")
	}
	if res.Scalar {
		r.s.Objective(p.Of(), p.Objective.Node)
	}
	free, err := r.adjoints(r.recognised(p), wrt, res)
	if err != nil {
		return nil, err
	}
	if s := edges(p.Objective.Node, wrt, free); s != "" {
		res.Notes = append(res.Notes[:len(res.Notes):len(res.Notes)], s)
	}
	full := make([]*Node, len(wrt))
	for i, v := range wrt {
		g := Gradient{Wrt: v}
		n := free[i]
		if n.IsZero() {
			g.Note = independence(p, v)
		} else {
			if n, g.Note = r.project(v, n); n != free[i] {
				g.Free = free[i]
			}
		}
		if opt.Numerator {
			n = r.s.T(n)
		}
		full[i] = n
		res.Grads = append(res.Grads, g)
	}
	taken := p.Taken()
	taken[res.Objective.Name] = true
	out, lets := r.s.Finish(full, taken)
	for i := range res.Grads {
		res.Grads[i].Node = out[i]
		res.Grads[i].Full = full[i]
	}
	for _, l := range lets {
		res.Lets = append(res.Lets, Let(l))
	}
	if len(p.Maps) > 0 {
		if d, _, err := r.full(p.Objective.Node); err == nil && d != nil {
			res.Differential = r.tidy(d)
		}
	}
	if opt.Steps {
		// The lines of the derivation follow the program as it is typed.
		if q := r.recognised(p); q.Objective.Node != p.Objective.Node {
			r.adjoint, r.active = make(map[*Node][]*Node), make(map[*Node]bool)
			if _, err := r.adjoints(p, wrt, res); err != nil {
				return nil, err
			}
		}
		res.Steps = r.steps(p, wrt, res)
	}
	return res, nil
}

// recognised returns the program with the functions that its objective spells
// out as calls: exp(Z) ./ rowsum(exp(Z)) has the derivative of softmax(Z).
func (r *run) recognised(p *expr.Program) *expr.Program {
	q := *p
	q.Objective.Node = r.s.Recogniser()(p.Objective.Node)
	return &q
}

// plain fills in the gradients without a search for their short form.
func (r *run) plain(p *expr.Program, wrt []*expr.Var, res *Result) error {
	free, err := r.adjoints(p, wrt, res)
	if err != nil {
		return err
	}
	for i, v := range wrt {
		g := Gradient{Wrt: v}
		g.Node, g.Note = r.project(v, free[i])
		g.Full = g.Node
		res.Grads = append(res.Grads, g)
	}
	return nil
}

// adjoints walks the DAG and returns the gradient with free entries by each
// variable, in normal form.
func (r *run) adjoints(p *expr.Program, wrt []*expr.Var, res *Result) ([]*Node, error) {
	root := p.Objective.Node
	order := expr.Topo(root)
	for _, v := range wrt {
		r.active[p.B.Var(v)] = true
	}
	for _, n := range order {
		for _, a := range n.Args {
			if r.active[a] {
				r.active[n] = true
			}
		}
	}
	seed := r.b.Int(1)
	if !root.IsScalar() {
		name := p.Objective.Name
		if name == "" {
			name = "Z"
			for i := 1; p.Taken()[name]; i++ {
				name = fmt.Sprintf("Z_%d", i)
			}
			res.Objective.Name = name
		}
		seed = r.b.Var(&expr.Var{Name: "∂" + p.Of() + "/∂" + name, Kind: expr.Adjoint, Shape: root.Shape, Of: res.Objective.Node})
		res.Adjoint = seed
	}
	if r.active[root] {
		r.adjoint[root] = []*Node{seed}
	}
	for i := len(order) - 1; i >= 0; i-- {
		n := order[i]
		if !r.active[n] || len(r.adjoint[n]) == 0 {
			continue
		}
		g := r.sum(r.adjoint[n], n.Shape)
		if !r.opt.Plain && len(n.Args) > 0 { // a variable's is a result, and shortened as one
			g = r.s.Local(g)
		}
		r.level = r.nest[n]
		if len(r.adjoint[n]) > 1 && expr.Sums(g) {
			r.level++
		}
		switch {
		case r.level > expr.MaxNest && r.level > r.nest[n] && !r.opt.Plain && len(n.Args) > 0: // nothing is made of a variable's
			g = r.s.KeepWhole(g)
		case r.grown[n]:
			g = r.s.Keep(g)
		}
		r.adjoint[n] = []*Node{g}
		if len(n.Args) == 0 || g.IsZero() {
			continue
		}
		if err := r.visit(n, g); err != nil {
			return nil, err
		}
	}
	out := make([]*Node, len(wrt))
	for i, v := range wrt {
		out[i] = r.sum(r.adjoint[p.B.Var(v)], v.Shape)
	}
	return out, nil
}

func (r *run) sum(gs []*Node, shape expr.Shape) *Node {
	if len(gs) == 0 {
		return r.b.Zeros(shape)
	}
	return r.s.Normal(r.b.Add(gs...))
}

// visit puts the differential of n into tr(gᵀ dn) and isolates.
func (r *run) visit(n, g *Node) error {
	var d *Node
	var err error
	if r.isLong(n, g) {
		return r.visitGroups(n, g)
	}
	if k := cycle(n, g); k > 1 {
		d, g = r.productRule(n, len(n.Args)/k), r.b.Scale(r.b.Int(int64(k)), g)
	} else if d, err = r.differential(n); err != nil {
		return err
	}
	if !d.HasD {
		return nil
	}
	return r.isolate(g, d, func(v *expr.Var, part *Node) { r.feed(v.Of, part, g) })
}

// feed adds a part to the adjoint of an operand; g is the adjoint that it comes
// from.
func (r *run) feed(operand, part, g *Node) {
	r.adjoint[operand] = append(r.adjoint[operand], r.s.Normal(part))
	r.nest[operand] = max(r.nest[operand], r.level)
	if 2*expr.Width(g) > expr.MaxFlat {
		r.grown[operand] = true
	}
}

// adjointValue is the gradient by a node of the objective's DAG, nil for what is
// no node of it.
func (r *run) adjointValue(n *Node) *Node {
	if gs := r.adjoint[n]; len(gs) == 1 {
		return gs[0]
	}
	return nil
}
