package derive

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/simplify"
)

// term is tr(gᵀ e), e linear in differentials.
type term struct{ g, e *Node }

// move is one identity applied to a term. A move without a name changes nothing
// that a reader sees.
type move struct {
	name  string
	given *Identity
	to    []term
}

// maxMoves bounds the identities on the way to one gradient.
const maxMoves = 200

// isolation writes dQ = tr(gᵀ do) as the sum of tr(Gᵀ dX), one identity a line,
// and enters each G beside its dX.
func (w *writer) isolation(lhs, g *Node, o *operand) error {
	terms, err := w.quiet([]term{{g, o.d}})
	for range maxMoves {
		if err != nil {
			return err
		}
		i := 0
		for i < len(terms) && terms[i].e.Op == expr.OpVar {
			i++
		}
		if i == len(terms) {
			break
		}
		first, err := w.move(terms[i])
		if err != nil {
			return err
		}
		var next []term
		for j, t := range terms {
			if t.e.Op != expr.OpVar && j >= i {
				m, err := w.move(t)
				if err != nil {
					return err
				}
				if m.name == first.name {
					next = append(next, m.to...)
					continue
				}
			}
			next = append(next, t)
		}
		if terms, err = w.quiet(next); err != nil {
			return err
		}
		s := Step{Lhs: lhs, Rhs: w.written(terms), Rule: first.name}
		if first.given != nil {
			s.Given = []Identity{*first.given}
		}
		w.next(s)
	}
	return w.collect(lhs, terms, o)
}

// collect enters what stands beside each differential, and writes the terms of
// one differential as one.
func (w *writer) collect(lhs *Node, terms []term, o *operand) error {
	beside := make(map[*Node]*Node)
	for _, t := range terms {
		if t.e.Op != expr.OpVar || t.e.Var.Kind != expr.Differential {
			return fmt.Errorf("derive: %v is not isolated", t.e.Op)
		}
		part := w.r.s.Normal(t.g)
		if old, ok := beside[t.e.Var.Of]; ok {
			part = w.r.s.Add(old, part)
		}
		beside[t.e.Var.Of] = part
	}
	var last []term
	for _, l := range o.leaves {
		if c := beside[l]; c != nil && !c.IsZero() {
			if len(w.adj[l]) == 0 {
				w.open++
			}
			w.adj[l] = append(w.adj[l], c)
			last = append(last, term{c, w.r.b.Diff(l, "d"+l.Var.Name)})
		}
	}
	switch k := len(w.out) - 1; {
	case len(last) == 0:
	case len(last) < len(terms):
		w.next(Step{Lhs: lhs, Rhs: w.written(last), Rule: "collection", Comment: "the terms of each differential together"})
	case w.out[k].Lhs == lhs && w.out[k].Rule != "substitution":
		w.out[k].Rhs = w.written(last)
	}
	return nil
}

// quiet takes sums and scalar factors apart and makes the moves that change
// nothing to be seen.
func (w *writer) quiet(ts []term) ([]term, error) {
	var out []term
	for _, t := range ts {
		switch {
		case !t.e.HasD:
			continue
		case t.e.Op == expr.OpVar:
			out = append(out, t)
			continue
		}
		var to []term
		switch {
		case t.e.Op == expr.OpAdd:
			for _, a := range t.e.Args {
				to = append(to, term{t.g, a})
			}
		case t.e.Op == expr.OpScale && !t.e.Args[0].HasD:
			to = []term{{w.r.b.Scale(t.e.Args[0], t.g), t.e.Args[1]}}
		default:
			m, err := w.move(t)
			if err != nil {
				return nil, err
			}
			if m.name != "" {
				out = append(out, t)
				continue
			}
			to = m.to
		}
		more, err := w.quiet(to)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// next adds a line unless it reads like the one before.
func (w *writer) next(s Step) {
	if k := len(w.out); k > 0 && w.out[k-1].Lhs == s.Lhs && w.out[k-1].Rhs == s.Rhs {
		return
	}
	w.add(s)
}

// written is the sum of the terms.
func (w *writer) written(terms []term) *Node {
	args := make([]*Node, len(terms))
	for i, t := range terms {
		args[i] = w.inner(t.g, t.e)
	}
	return w.r.b.Add(args...)
}

// inner writes tr(gᵀ m), g in its shortest form and its scalar in front.
func (w *writer) inner(g, m *Node) *Node {
	r, b := w.r, w.r.b
	g = r.show(g)
	if g.IsScalar() {
		return b.Had(g, m)
	}
	if g.Shape.IsRow() { // of a row both are turned
		g, m = r.show(b.T(g)), b.T(m)
	}
	var c *Node
	if g.Op == expr.OpScale {
		c, g = g.Args[0], g.Args[1]
	}
	t := b.T(g)
	if x := r.show(t); r.s.Cost(x) <= r.s.Cost(t) {
		t = x
	}
	n := b.Mul(t, m)
	if !g.Shape.IsCol() {
		n = b.MustCall(rules.Must("tr"), n)
	}
	if c != nil {
		n = b.Scale(c, n)
	}
	return n
}

// move applies the identity that brings a term nearer to its differential. The
// identities are those of isolate; what is written is what differs.
func (w *writer) move(t term) (move, error) {
	b, g, e := w.r.b, t.g, t.e
	switch e.Op {
	case expr.OpScale:
		c, m := e.Args[0], e.Args[1]
		if m.HasD {
			return move{}, fmt.Errorf("derive: not linear in the differentials")
		}
		to := []term{{w.inner(g, m), c}}
		if g.IsScalar() {
			return move{to: to}, nil
		}
		return move{"scalar", w.identity(scalarOut, g.Shape), to}, nil
	case expr.OpHad:
		i, err := only(e)
		if err != nil {
			return move{}, err
		}
		rest := append([]*Node{g}, e.Args[:i]...)
		to := []term{{b.Had(append(rest, e.Args[i+1:]...)...), e.Args[i]}}
		if e.IsScalar() {
			return move{to: to}, nil
		}
		if isFill(g) {
			return move{"trace", w.identity(sumOfProduct, e.Shape), to}, nil
		}
		return move{"Hadamard", w.identity(hadamard, e.Shape), to}, nil
	case expr.OpMul:
		return w.moveProduct(g, e)
	case expr.OpT:
		return move{"transposition", w.identity(transposed, e.Shape), []term{{b.T(g), e.Args[0]}}}, nil
	case expr.OpCall:
		return w.moveCall(g, e)
	}
	return move{}, fmt.Errorf("derive: %v of a differential is not linear", e.Op)
}

// isFill tells whether all entries of n are one number.
func isFill(n *Node) bool {
	if n.Op == expr.OpScale {
		n = n.Args[1]
	}
	return n.Op == expr.OpOnes || isOnesRow(n) || n.Op == expr.OpMul && len(n.Args) == 2 && isOnesCol(n.Args[0]) && isOnesRow(n.Args[1])
}

func (w *writer) moveProduct(g, e *Node) (move, error) {
	b := w.r.b
	i, err := only(e)
	if err != nil {
		return move{}, err
	}
	if k := len(e.Args); e.IsScalar() && k > 2 && isOnesRow(e.Args[0]) && isOnesCol(e.Args[k-1]) && i > 0 && i < k-1 { // the sum of all entries
		x := b.Mul(e.Args[1 : k-1]...)
		return move{to: []term{{b.Scale(g, b.Ones(x.Shape)), x}}}, nil
	}
	if e.IsScalar() && i == 0 && (e.Args[0].Op == expr.OpT || e.Args[0].Shape.IsRow()) {
		// dxᵀA x = (A x)ᵀ dx: a number is its own transpose
		return move{"transposition", w.identity(turned, e.Args[0].Shape), []term{{b.Had(g, b.Mul(e.Args[1:]...)), b.T(e.Args[0])}}}, nil
	}
	var fs []*Node
	if i > 0 {
		fs = append(fs, b.T(b.Mul(e.Args[:i]...)))
	}
	fs = append(fs, g)
	if i+1 < len(e.Args) {
		fs = append(fs, b.T(b.Mul(e.Args[i+1:]...)))
	}
	to := []term{{b.Mul(fs...), e.Args[i]}}
	if i+1 == len(e.Args) {
		return move{to: to}, nil // tr((gᵀ A) dX) as it stands
	}
	if g.IsScalar() || g.Shape.IsCol() || g.Shape.IsRow() {
		return move{"cyclicity", w.identity(outerTrace, g.Shape), to}, nil
	}
	return move{"cyclicity", w.identity(cyclic, g.Shape), to}, nil
}

func (w *writer) moveCall(g, e *Node) (move, error) {
	b := w.r.b
	f, ok := e.Fn.(*rules.Func)
	if !ok {
		return move{}, fmt.Errorf("derive: function %s is not of the table", e.Fn.FnName())
	}
	at := -1
	shapes := make([]expr.Shape, len(e.Args))
	for i, a := range e.Args {
		shapes[i] = a.Shape
		if a.HasD {
			if at >= 0 {
				return move{}, fmt.Errorf("derive: %s of two differentials", f.Name)
			}
			at = i
		}
	}
	x := e.Args[at]
	if src, ok := f.AdjointFor(at, shapes); ok {
		out, err := w.adjointIdentity(f, src, at, g, e.Args)
		if err != nil {
			return move{}, err
		}
		to := []term{{out, x}}
		if g.IsScalar() && (isFill(out) || out.Op == expr.OpEye || out.Op == expr.OpScale && out.Args[1].Op == expr.OpEye) {
			return move{to: to}, nil // the sum or the trace as it stands
		}
		id, err := w.adjointStatement(f, src, at, g, e)
		if err != nil {
			return move{}, err
		}
		return move{"adjoint of " + f.Name, id, to}, nil
	}
	d, err := simplify.Define(b, e)
	if err != nil {
		return move{}, err
	}
	if d == nil {
		return move{}, &Error{Code: "E302", Message: fmt.Sprintf("no identity isolates the differential inside %s", f.Name)}
	}
	return move{"definition of " + f.Name, w.definition(f, e), []term{{g, d}}}, nil
}

// adjointIdentity instantiates f*(g) for the operand of that place. The first
// name gives rows, cols and count: the function's first parameter, of whose
// differential only the shape counts.
func (w *writer) adjointIdentity(f *rules.Func, src string, at int, g *Node, args []*Node) (*Node, error) {
	names := make([]string, 0, len(args)+1)
	holes := make([]*Node, 0, len(args)+1)
	for i, a := range args {
		if a.HasD {
			a = w.r.b.Zeros(a.Shape)
		}
		names, holes = append(names, f.Params[i].Name), append(holes, a)
	}
	return simplify.Instantiate(w.r.b, src, append(names, "G"), append(holes, g))
}
