package simplify

import (
	"strconv"

	"github.com/matdiff/matdiff/expr"
)

// Bounds of what is looked at as the definition of a function: nodes, and
// different operands.
const (
	maxWritten  = 24
	maxOperands = 4
)

// recogniser writes functions that a program spells out, as
// exp(Z) ./ rowsum(exp(Z)) and 1 ./ (1 + exp(-z)) do, as calls, so that both
// spellings have one derivative. It uses the rewrites of the table on the
// spelling alone: in the place of each operand stands a variable without
// properties, since a property of a value is none of its derivative.
type recogniser struct {
	s      *S
	memo   expr.Table[*Node]
	near   expr.Table[int]  // nodes down to the operands of exponentials; 0: none is there
	varies expr.Table[bool] // whether a variable is below
}

// Recogniser returns a function that recognises in the nodes given to it. It
// shares what it finds among them.
func (s *S) Recogniser() func(*Node) *Node {
	r := &recogniser{s: s}
	return func(n *Node) *Node {
		for _, x := range expr.TopoBelow(func(x *Node) bool { return r.memo.At(x) != nil }, n) {
			r.memo.Set(x, r.node(x))
		}
		return r.memo.At(n)
	}
}

// spelling are the functions by which others are spelt out, and those that are
// then recognised.
var (
	spelling   = map[string]bool{"exp": true, "sinh": true, "cosh": true}
	recognised = map[string]bool{"softmax": true, "logsoftmax": true, "sigmoid": true, "softplus": true, "logsumexp": true, "tanh": true}
)

// measure notes what is below a node: every operand has been measured.
func (r *recogniser) measure(n *Node) {
	near := 0
	varies := n.Op == expr.OpVar
	for _, a := range n.Args {
		near += r.near.At(a)
		varies = varies || r.varies.At(a)
	}
	switch {
	case n.Op == expr.OpCall && (spelling[n.Fn.FnName()] || recognised[n.Fn.FnName()]):
		near = 1
	case near > 0:
		near += len(n.Args)
	}
	r.near.Set(n, near)
	r.varies.Set(n, varies)
}

func (r *recogniser) node(x *Node) *Node {
	args := make([]*Node, len(x.Args))
	changed := false
	for i, a := range x.Args {
		args[i] = r.memo.At(a)
		changed = changed || args[i] != a
	}
	y := x
	if changed {
		y = r.s.b.With(x, args)
		r.measureBelow(y)
	} else {
		r.measure(y)
	}
	if isSoftmax(y) {
		return r.unshifted(y)
	}
	if k := r.near.At(y); k < 2 || k > maxWritten {
		return y
	}
	if z := r.written(y); z != nil {
		r.measureBelow(z)
		return r.unshifted(z)
	}
	return y
}

func isSoftmax(n *Node) bool { return n.IsCall("softmax") || n.IsCall("logsoftmax") }

// unshifted takes shifts off the operands of softmax: exp(Z − max(Z)) over its
// sums is softmax(Z).
func (r *recogniser) unshifted(n *Node) *Node {
	memo := make(map[*Node]*Node)
	for _, y := range expr.TopoBelow(func(x *Node) bool { return r.near.At(x) == 0 }, n) {
		if isSoftmax(y) {
			if x, _ := r.s.unshift(y.Args[0]); x != nil {
				memo[y] = r.s.b.MustCall(y.Fn, x)
			}
		}
	}
	if len(memo) == 0 {
		return n
	}
	out := r.s.b.Subst(n, memo)
	r.measureBelow(out)
	return out
}

func (r *recogniser) measureBelow(n *Node) {
	for _, x := range expr.TopoBelow(func(x *Node) bool { _, ok := r.near.Get(x); return ok }, n) {
		r.measure(x)
	}
}

// written returns y with the functions that it spells out as calls, nil if it
// spells out none.
func (r *recogniser) written(y *Node) *Node {
	h := &holes{r: r, memo: make(map[*Node]*Node), back: make(map[*Node]*Node)}
	form := h.of(y)
	if h.tooMany || !h.spelt {
		return nil
	}
	out := r.s.Normal(form)
	for _, n := range expr.Topo(out) {
		if n.Op == expr.OpCall && spelling[n.Fn.FnName()] {
			return nil
		}
	}
	return r.s.b.Subst(out, h.back)
}

// holes puts variables in the places of operands.
type holes struct {
	r       *recogniser
	memo    map[*Node]*Node // operand → variable
	back    map[*Node]*Node
	spelt   bool // a function by which others are spelt out is there
	tooMany bool
}

func (h *holes) hole(n *Node) *Node {
	v, ok := h.memo[n]
	if !ok {
		h.tooMany = h.tooMany || len(h.memo) == maxOperands
		v = h.r.s.b.Var(&expr.Var{Name: "operand " + strconv.Itoa(len(h.memo)+1), Kind: expr.Hole, Shape: n.Shape, Of: n})
		h.memo[n], h.back[v] = v, n
	}
	return v
}

func (h *holes) of(n *Node) *Node {
	b := h.r.s.b
	switch {
	case h.tooMany || !h.r.varies.At(n):
		return n
	case h.r.near.At(n) == 0:
		return h.hole(n)
	}
	args := append([]*Node(nil), n.Args...)
	if n.Op == expr.OpCall && (spelling[n.Fn.FnName()] || recognised[n.Fn.FnName()]) {
		h.spelt = h.spelt || spelling[n.Fn.FnName()]
		if c, x := h.r.s.ratSplit(args[0]); h.r.varies.At(args[0]) && x != nil {
			args[0] = h.r.s.withRat(c, h.hole(x))
		}
	} else {
		for i, a := range args {
			args[i] = h.of(a)
		}
	}
	return b.With(n, args)
}
