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
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
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

// Differential returns dn in closed form, linear in the differentials dx of the
// variables given; other variables are held fixed. It is zero if n depends on
// none of them.
func Differential(b *expr.Builder, n *Node, vars []*Node) (*Node, error) {
	r := newRun(b, Options{})
	for _, v := range vars {
		r.active[v] = true
	}
	d, _, err := r.full(n)
	if err != nil {
		return nil, err
	}
	if d == nil {
		d = b.Zeros(n.Shape)
	}
	return d, nil
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

// d returns the differential symbol of an active node, zero of another.
func (r *run) d(n *Node) *Node {
	if !r.active[n] {
		return r.b.Zeros(n.Shape)
	}
	return r.b.Diff(n, fmt.Sprintf("d%d", n.ID))
}

// differential returns d(n), linear in the differentials of n's operands.
func (r *run) differential(n *Node) (*Node, error) {
	b := r.b
	switch n.Op {
	case expr.OpAdd:
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = r.d(a)
		}
		return b.Add(args...), nil
	case expr.OpScale:
		return b.Add(b.Scale(r.d(n.Args[0]), n.Args[1]), b.Scale(n.Args[0], r.d(n.Args[1]))), nil
	case expr.OpMul, expr.OpHad:
		return r.productRule(n, len(n.Args)), nil
	case expr.OpPow:
		x, e := n.Args[0], n.Args[1]
		out := b.Scale(e, b.Had(b.Pow(x, b.Sub(e, b.Int(1))), r.d(x)))
		if r.active[e] {
			lg, err := b.Call(rules.Must("log"), x)
			if err != nil {
				return nil, err
			}
			out = b.Add(out, b.Scale(r.d(e), b.Had(n, lg)))
		}
		return out, nil
	case expr.OpT:
		return b.T(r.d(n.Args[0])), nil
	case expr.OpCall:
		return r.callDifferential(n)
	}
	return nil, fmt.Errorf("derive: no differential of %v", n.Op)
}

// productRule returns the sum over the first k factors of the product with that
// factor's differential in its place.
func (r *run) productRule(n *Node, k int) *Node {
	var terms []*Node
	for i, a := range n.Args[:k] {
		if !r.active[a] {
			continue
		}
		args := append([]*Node(nil), n.Args...)
		args[i] = r.d(a)
		terms = append(terms, r.product(n.Op, args))
	}
	if len(terms) == 0 {
		return r.b.Zeros(n.Shape)
	}
	return r.b.Add(terms...)
}

// cycle tells how often a product with the adjoint g repeats itself where only
// the cyclic order of its factors counts: tr(X Y X Y) twice, by X Y. By
// cyclicity each time gives the same.
func cycle(n, g *Node) int {
	if g.Op == expr.OpScale {
		g = g.Args[1]
	}
	if n.Op != expr.OpMul || g.Op != expr.OpEye {
		return 1
	}
	return len(n.Args) / period(n.Args)
}

func (r *run) product(op expr.Op, args []*Node) *Node {
	if op == expr.OpMul {
		return r.b.Mul(args...)
	}
	return r.b.Had(args...)
}

// callDifferential instantiates the rule of a function.
func (r *run) callDifferential(n *Node) (*Node, error) {
	f, ok := n.Fn.(*rules.Func)
	if !ok {
		return nil, fmt.Errorf("derive: function %s is not of the table", n.Fn.FnName())
	}
	if f.Unnamed != nil {
		return r.chain(n, f)
	}
	shapes := make([]expr.Shape, len(n.Args))
	var names []string
	var holes []*Node
	for i, a := range n.Args {
		shapes[i] = a.Shape
		names = append(names, f.Params[i].Name)
		holes = append(holes, a)
		if r.active[a] && f.Params[i].NoD != "" {
			by := ""
			if len(f.Params) > 1 {
				by = " by its operand " + f.Params[i].Name
			}
			return nil, &Error{Code: "E301", Message: f.Name + " has no derivative" + by + ": " + f.Params[i].NoD, Fn: f}
		}
	}
	for i, a := range n.Args {
		if a.HasD {
			return nil, fmt.Errorf("derive: differential inside %s", f.Name)
		}
		names = append(names, "d"+f.Params[i].Name)
		holes = append(holes, r.d(a))
	}
	src, ok := rules.Pick(f.D, shapes)
	if !ok {
		why := f.NoD
		if why == "" {
			why = "no rule for these shapes"
		}
		return nil, &Error{Code: "E301", Message: fmt.Sprintf("%s has no derivative: %s", f.Name, why), Fn: f}
	}
	if f.Result != "" {
		names = append(names, f.Result)
		holes = append(holes, n)
	}
	d, err := simplify.Instantiate(r.b, src, names, holes)
	if err == nil && d.Shape != n.Shape && d.IsZero() { // the rule 0 of a step function, whatever its shape
		d = r.b.Zeros(n.Shape)
	}
	return d, err
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

// adjointValue is the gradient by a node of the objective's DAG, nil for what is
// no node of it.
func (r *run) adjointValue(n *Node) *Node {
	if gs := r.adjoint[n]; len(gs) == 1 {
		return gs[0]
	}
	return nil
}

// show is the short form of a part of a step.
func (r *run) show(n *Node) *Node {
	return r.s.Polish(r.s.Shorten(r.s.Normal(n)))
}

// tidy chooses the shorter of a differential as the rules wrote it and its
// normal form.
func (r *run) tidy(d *Node) *Node {
	n := r.s.Polish(r.s.Normal(d)) // not factored: isolation takes sums apart
	least := simplify.Token
	if d.IsScalar() {
		least = simplify.Token / 2
	}
	if r.s.Cost(n)+least > r.s.Cost(d) {
		n = d
	}
	return r.upright(n)
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
