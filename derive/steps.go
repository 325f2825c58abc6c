package derive

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/simplify"
)

// Step is a line of the derivation: Lhs = Rhs, by Rule. Comment says more in
// words, where each $ stands for the next formula of About; Given says it in
// equations.
type Step struct {
	Lhs, Rhs *Node
	Rule     string
	Comment  string
	About    []*Node
	Given    []Identity
}

// Identity is an equation that a step uses. Of a differential, D is the
// function value whose differential the left side is.
type Identity struct{ D, Left, Right *Node }

// writer writes the derivation down.
type writer struct {
	r      *run
	res    *Result
	ops    []*operand
	byPart map[*Node]*operand
	uses   map[*Node]int     // variable or part → operands that hold it and are still to come
	adj    map[*Node][]*Node // variable or part → what stands beside its differential
	closed map[*Node]*Node   // symbol ∂Q/∂Z → its value in the variables of the program
	lets   map[*Node]simplify.Let
	value  map[*Node]*Node // part → its value in the variables of the program
	same   map[*Node]*Node // name of the result → the operand of that name
	bodies map[*Node]*Node // value of an operand in its short forms → its name
	open   int             // variables and operands that stand in dQ
	known  map[*Node]bool  // names that a line has defined
	fold   func(*Node) *Node
	// dissolved tells the parts whose value is no node of the objective where
	// their name is used.
	dissolved map[*Node]bool
	frees     []string // names of gradients with free entries
	out       []Step
}

// maxFolded is the most operands whose gradients are written by names: each is
// a search of its own.
const maxFolded = 64

// shortAdjoint is the length up to which a gradient is put into the next line
// itself and not as ∂Q/∂Z.
const shortAdjoint = 3 * simplify.Token

// steps writes the derivation that the walk made: definitions with their
// differentials, dQ isolated identity by identity, then what stands beside
// each differential, put into that of the next operand.
func (r *run) steps(p *expr.Program, wrt []*expr.Var, res *Result) []Step {
	w := &writer{
		r: r, res: res, byPart: make(map[*Node]*operand), uses: make(map[*Node]int), adj: make(map[*Node][]*Node),
		closed: make(map[*Node]*Node), lets: make(map[*Node]simplify.Let), value: make(map[*Node]*Node), known: make(map[*Node]bool),
	}
	w.operands(p)
	w.names()
	todo := make(map[*Node]int, len(wrt)) // variable → place of its gradient
	for i, v := range wrt {
		todo[r.b.Var(v)] = i
	}
	for _, o := range w.ops {
		if err := w.define(o); err != nil {
			return nil
		}
	}
	for i := len(w.ops) - 1; i >= 0; i-- {
		o := w.ops[i]
		if !o.active {
			continue
		}
		if err := w.isolate(o); err != nil {
			return nil
		}
		for _, l := range o.leaves {
			w.uses[l]--
			if k, ok := todo[l]; ok && w.uses[l] == 0 {
				w.variable(wrt[k], res.Grads[k])
				delete(todo, l)
			}
		}
	}
	for i, v := range wrt {
		if _, ok := todo[r.b.Var(v)]; ok {
			w.variable(v, res.Grads[i])
		}
	}
	return w.out
}

func (w *writer) add(s Step) { w.out = append(w.out, s) }

func (w *writer) of() string { return w.res.Program.Of() }

// q returns the symbol dQ.
func (w *writer) q() *Node {
	v := &expr.Var{Name: "d" + w.of(), Kind: expr.Differential, Shape: expr.Scalar}
	if w.res.Scalar {
		v.Of = w.res.Program.Objective.Node
	}
	return w.r.b.Var(v)
}

// symbol returns ∂Q/∂Z for an operand or a variable.
func (w *writer) symbol(name string, of *Node) *Node {
	return w.r.b.Var(&expr.Var{Name: "∂" + w.of() + "/∂" + name, Kind: expr.Adjoint, Shape: of.Shape, Of: of})
}

// names makes ready the writing of values by names: those of the operands
// first, then those of the result.
func (w *writer) names() {
	b := w.r.b
	var all []simplify.Let
	w.same, w.bodies = make(map[*Node]*Node), make(map[*Node]*Node)
	byName := make(map[string]*operand, len(w.ops))
	for _, o := range w.ops {
		if o.part != nil {
			byName[o.name] = o
			w.value[o.part] = o.value
			w.bodies[w.r.show(o.value)] = o.part
			w.bodies[w.r.s.Polish(w.r.s.Normal(o.value))] = o.part
			w.bodies[o.value] = o.part
			all = append(all, simplify.Let{Name: o.name, Var: o.part, Node: o.value})
		}
	}
	for _, l := range w.res.Lets {
		full := b.Subst(l.Node, w.value)
		if o := byName[l.Name]; o != nil {
			w.value[l.Var] = o.value
			w.same[l.Var] = o.part
			continue
		}
		w.value[l.Var] = full
		if l.Name == w.of() && w.res.Scalar { // the objective itself needs no line
			w.known[l.Var] = true
		}
		w.lets[l.Var] = simplify.Let(l)
		all = append(all, simplify.Let{Name: l.Name, Var: l.Var, Node: full})
	}
	if len(w.ops) <= maxFolded {
		w.fold = w.r.s.Folder(all)
	}
	w.dissolve()
}

// dissolve marks the operands whose node in the objective has not the uses that
// their name has: c'(W x) is c'Wx, which is no use of W x, and a value may be
// written out where it has a name.
func (w *writer) dissolve() {
	w.dissolved = make(map[*Node]bool)
	nodes := make(map[*Node]*Node, len(w.ops)) // node → part
	for _, o := range w.ops {
		if o.part != nil {
			nodes[o.node] = o.part
		}
	}
	for _, o := range w.ops {
		memo := make(map[*Node]*Node)
		topo := expr.Topo(o.body)
		for _, m := range topo {
			if v := w.value[m]; v != nil {
				memo[m] = v
			} else if p := nodes[m]; p != nil && p != o.part {
				w.dissolved[p] = true
			}
		}
		if len(memo) == 0 {
			continue
		}
		w.r.b.Subst(o.body, memo)
		for _, m := range topo {
			for _, a := range m.Args {
				if v := w.value[a]; v != nil && (memo[m] == nil || !slices.Contains(memo[m].Args, v)) {
					w.dissolved[a] = true
				}
			}
		}
	}
	for i := len(w.ops) - 1; i >= 0; i-- { // and what is used by one of them
		if o := w.ops[i]; o.part != nil && w.dissolved[o.part] {
			for _, m := range expr.Topo(o.body) {
				if w.value[m] != nil {
					w.dissolved[m] = true
				}
			}
		}
	}
}

// canon writes the result's names of operands as those of the steps.
func (w *writer) canon(n *Node) *Node { return w.r.b.Subst(n, w.same) }

// need defines the names that n uses and that no line has defined yet.
func (w *writer) need(n *Node) {
	for _, x := range expr.Topo(n) {
		l, ok := w.lets[x]
		if !ok || w.known[x] {
			continue
		}
		w.known[x] = true
		def := w.canon(l.Node)
		if d := w.r.b.Subst(def, w.bodies); w.r.s.Cost(d) < w.r.s.Cost(def) {
			def = d
		}
		w.need(def)
		w.add(Step{Lhs: x, Rhs: def, Rule: "definition", Comment: "a name for what occurs again"})
	}
}

// define writes an operand with its differential.
func (w *writer) define(o *operand) error {
	if o.part == nil {
		if o.lettered { // in letters that the reader has not seen it in
			w.add(Step{Lhs: w.r.b.Var(&expr.Var{Name: o.name, Kind: expr.Part, Shape: o.body.Shape, Of: o.value}), Rhs: o.body, Rule: "objective"})
		}
		return nil
	}
	w.add(Step{Lhs: o.part, Rhs: o.body, Rule: "definition"})
	w.known[o.part] = true
	if !o.active {
		return nil
	}
	shown, rule, given, err := w.differential(o)
	if err != nil {
		return err
	}
	w.add(Step{Lhs: o.diff(w.r.b), Rhs: shown, Rule: rule, Given: given})
	return nil
}

// differential returns do as it is written, in the names of the operands.
func (w *writer) differential(o *operand) (shown *Node, rule string, given []Identity, err error) {
	r := w.r
	d, leaves, err := r.full(r.unroot(o.body))
	if err != nil {
		return nil, "", nil, err
	}
	if o.part != nil {
		d = r.b.Subst(d, map[*Node]*Node{o.body: o.part})
	}
	o.d, o.leaves = r.tidy(d), leaves
	for _, l := range leaves {
		w.uses[l]++
	}
	rule, given = w.rules(o.body)
	return o.d, rule, given, nil
}

// isolate puts what stands beside do into dQ = tr((∂Q/∂o)ᵀ do) and isolates
// the differentials of its operands.
func (w *writer) isolate(o *operand) error {
	b := w.r.b
	g, lhs := b.Int(1), w.q()
	switch {
	case o.part != nil:
		g = w.adjointOf(o)
		if g.IsZero() {
			return nil
		}
		if w.open--; w.open > 0 {
			lhs = w.inner(g, o.diff(b))
		}
		if rhs := w.inner(g, o.d); rhs != lhs {
			w.add(Step{Lhs: lhs, Rhs: rhs, Rule: "substitution", Comment: "$ inserted", About: []*Node{o.diff(b)}})
		}
	case w.res.Scalar:
		shown, rule, given, err := w.differential(o)
		if err != nil {
			return err
		}
		w.add(Step{Lhs: lhs, Rhs: shown, Rule: rule, Given: given})
	default:
		g = w.res.Adjoint
		shown, rule, given, err := w.differential(o)
		if err != nil {
			return err
		}
		dz := b.Diff(o.node, "d"+w.res.Objective.Name)
		w.add(Step{Lhs: dz, Rhs: shown, Rule: rule, Given: given})
		w.add(Step{Lhs: lhs, Rhs: w.inner(g, shown), Rule: "chain", Comment: "for any scalar function of $", About: []*Node{w.hole(w.res.Objective.Name, g.Shape)}, Given: []Identity{{Left: lhs, Right: w.inner(g, dz)}}})
	}
	return w.isolation(lhs, g, o)
}

// adjointOf writes ∂Q/∂o, which all users of o have given their part of, and
// returns it as the next lines have it: itself where it is short, by its name
// or as a symbol.
func (w *writer) adjointOf(o *operand) *Node {
	r := w.r
	open := r.show(r.sum(w.adj[o.part], o.part.Shape))
	sym := w.symbol(o.name, o.node)
	var full *Node
	if !w.dissolved[o.part] {
		full = r.adjointValue(o.node)
	}
	if full == nil {
		full = r.s.Normal(r.b.Subst(r.b.Subst(open, w.closed), w.value))
	}
	w.closed[sym] = full
	if open.IsZero() {
		return open
	}
	w.need(open)
	w.add(Step{Lhs: sym, Rhs: open, Rule: "isolated", Comment: w.beside(o.part), About: []*Node{o.diff(r.b)}})
	best := open
	if w.fold != nil && (r.s.Cost(open) > shortAdjoint || hasSymbol(open)) {
		best = w.shorter(open, w.fold(full))
	}
	if best != open {
		if let := w.letOf(best); let != nil && !w.known[let] {
			w.known[let] = true
			def := sym
			if best != let {
				def = r.show(r.b.Neg(sym))
			}
			w.add(Step{Lhs: let, Rhs: def, Rule: "definition", Comment: "a name for it"})
		} else {
			w.need(best)
			said, about := w.simplified(open)
			w.add(Step{Lhs: sym, Rhs: best, Rule: "simplified", Comment: said, About: about})
		}
	}
	if r.s.Cost(best) <= shortAdjoint {
		return best
	}
	return sym
}

// letOf returns the name of the result that n is, up to its sign.
func (w *writer) letOf(n *Node) *Node {
	if n.Op == expr.OpScale && n.Args[0].IsNum(-1, 1) {
		n = n.Args[1]
	}
	if _, ok := w.lets[n]; ok {
		return n
	}
	return nil
}

// shorter returns the form by names if it is shorter than the one isolated, or
// no longer and without the symbols that the other one is written with.
func (w *writer) shorter(open, named *Node) *Node {
	a, b := w.r.s.Cost(open), w.r.s.Cost(named)
	if named.Shape == open.Shape && (b < a || b == a && hasSymbol(open) && !hasSymbol(named)) {
		return named
	}
	return open
}

func hasSymbol(n *Node) bool {
	for _, x := range expr.Topo(n) {
		if x.Op == expr.OpVar && x.Var.Kind == expr.Adjoint {
			return true
		}
	}
	return false
}

func (w *writer) beside(part *Node) string {
	if len(w.adj[part]) > 1 {
		return "all that stands beside $"
	}
	return "beside $"
}

// simplified says what was put into a form on the way to a shorter one.
func (w *writer) simplified(open *Node) (comment string, about []*Node) {
	for _, x := range expr.Topo(open) {
		if x.Op == expr.OpVar && x.Var.Kind == expr.Adjoint && w.closed[x] != nil {
			about = append(about, x)
		}
	}
	if len(about) == 0 {
		for _, x := range expr.Topo(open) {
			if o := w.byPart[x]; o != nil && !w.given(o) {
				about = append(about, x)
			}
		}
	}
	if len(about) == 0 {
		return "", nil
	}
	return strings.TrimSuffix(strings.Repeat("$ and ", len(about)), "and ") + "inserted", about
}

// given tells whether an operand has its name from the program.
func (w *writer) given(o *operand) bool {
	for _, d := range w.res.Program.Defs {
		if d.Part == o.part {
			return true
		}
	}
	return false
}

// variable writes the gradient by a variable: as isolated, then closed.
func (w *writer) variable(v *expr.Var, g Gradient) {
	r, b := w.r, w.r.b
	x := b.Var(v)
	lhs := b.Var(&expr.Var{Name: "∂" + w.of() + "/∂" + v.Name, Kind: expr.Adjoint, Shape: g.Node.Shape, Of: x})
	open := r.show(r.sum(w.adj[x], v.Shape))
	last := w.canon(g.Node)
	if len(w.adj[x]) == 0 || open.IsZero() {
		w.add(Step{Lhs: lhs, Rhs: last, Rule: "gradient", Comment: g.Note})
		return
	}
	beside, dx := w.beside(x), []*Node{b.Diff(x, "d"+v.Name)}
	if g.Free == nil && r.projected(v, open) != nil && open != last && !alike(open, last) {
		// The gradient is symmetric as it is; what was isolated need not be.
		full := r.s.Normal(b.Subst(b.Subst(open, w.closed), w.value))
		if r.s.Normal(b.T(full)) != full {
			g.Free = full
			_, g.Note = r.project(v, full)
		}
	}
	if g.Free != nil { // with free entries first
		free := b.Var(&expr.Var{Name: w.freeName(), Kind: expr.Part, Shape: v.Shape, Of: g.Free})
		w.need(open)
		w.add(Step{Lhs: free, Rhs: open, Rule: "isolated", Comment: beside + ", as if its entries were free", About: dx})
		if n := r.projected(v, free); n != nil && n != last {
			w.add(Step{Lhs: lhs, Rhs: n, Rule: "projection", Comment: g.Note})
		}
		w.need(last)
		w.add(Step{Lhs: lhs, Rhs: last, Rule: "gradient"})
		return
	}
	if r.opt.Numerator {
		open = r.show(b.T(open))
	}
	w.need(open)
	if alike(open, last) {
		open = last // only the order of factors differs
	}
	if open == last || !hasSymbol(open) && w.plain(open) == w.plain(last) {
		w.add(Step{Lhs: lhs, Rhs: open, Rule: "gradient", Comment: join("; ", beside, g.Note), About: dx})
		return
	}
	w.add(Step{Lhs: lhs, Rhs: open, Rule: "isolated", Comment: beside, About: dx})
	w.need(last)
	said, about := w.simplified(open)
	w.add(Step{Lhs: lhs, Rhs: last, Rule: "gradient", Comment: join("; ", said, g.Note), About: about})
}

// alike tells whether two forms of one value hold the same operators and names,
// each as often.
func alike(a, b *Node) bool {
	count := make(map[*Node]int)
	ops := make(map[expr.Op]int)
	var walk func(n *Node, k int)
	left := 4 * maxMoves
	walk = func(n *Node, k int) {
		if left--; left < 0 {
			return
		}
		if len(n.Args) == 0 {
			count[n] += k
		} else {
			ops[n.Op] += k
		}
		for _, x := range n.Args {
			walk(x, k)
		}
	}
	walk(a, 1)
	walk(b, -1)
	for _, k := range count {
		if k != 0 {
			return false
		}
	}
	for _, k := range ops {
		if k != 0 {
			return false
		}
	}
	return left >= 0
}

// plain writes all names out, and simplifies nothing.
func (w *writer) plain(n *Node) *Node { return w.r.s.Polish(w.r.b.Subst(n, w.value)) }

func join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

// freeName is a letter for the gradient with free entries.
func (w *writer) freeName() string {
	taken := w.res.Program.Taken()
	for _, l := range w.res.Lets {
		taken[l.Name] = true
	}
	for _, o := range w.ops {
		taken[o.name] = true
	}
	for _, n := range w.frees { // of another variable: a name is defined once
		taken[n] = true
	}
	name := free("G", taken)
	w.frees = append(w.frees, name)
	return name
}
