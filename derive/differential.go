package derive

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/simplify"
)

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
