package simplify

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
)

// minPart is the least length of a part that is named when it occurs twice.
const minPart = 6 * token

// minScalarPart is that of a product of scalars: c = 1/(‖w‖ ‖x‖) is no shorter
// to read.
const minScalarPart = 10 * token

func scalarProduct(n *Node) bool { return n.Op == expr.OpHad && n.IsScalar() && !n.Kept }

// nameParts names what occurs more than once and is long enough.
func (s *S) nameParts(roots []*Node, lets []Let, taken map[string]bool) ([]*Node, []Let) {
	all := append([]*Node(nil), roots...)
	for _, l := range lets {
		all = append(all, l.Node)
	}
	var refs expr.Table[int]
	var used expr.Table[bool]
	// definitions count only if something uses them
	order := expr.Topo(roots...)
	for _, n := range order {
		used.Set(n, true)
	}
	for changed := true; changed; {
		changed = false
		for i := len(lets) - 1; i >= 0; i-- { // users come after what they use
			l := lets[i]
			if used.At(l.Var) && !used.At(l.Node) {
				for _, n := range expr.Topo(l.Node) {
					used.Set(n, true)
				}
				changed = true
			}
		}
	}
	for _, n := range expr.Topo(all...) {
		if !used.At(n) {
			continue
		}
		for _, a := range n.Args {
			refs.Set(a, refs.At(a)+1)
		}
	}
	topo := expr.Topo(all...)
	for i := len(topo) - 1; i >= 0; i-- {
		if n := topo[i]; used.At(n) && refs.At(n) > 1 && (transparent(n) || negated(n)) {
			o := operand(n)
			refs.Set(o, refs.At(o)+refs.At(n)-1) // its operand is written as often
		}
	}
	for _, r := range roots {
		refs.Set(r, refs.At(r)+1)
	}
	var repl expr.Table[*Node]
	for _, l := range lets {
		repl.Set(l.Node, l.Var)
	}
	var length expr.Table[int]
	var out []Let
	next := make(map[string]int)
	var sub func(n *Node) *Node
	var memo expr.Table[*Node]
	sub = func(n *Node) *Node {
		if m, ok := memo.Get(n); ok {
			return m
		}
		m := n
		if v, ok := repl.Get(n); ok {
			m = v
		} else if len(n.Args) > 0 {
			args := make([]*Node, len(n.Args))
			changed := false
			for i, a := range n.Args {
				args[i] = sub(a)
				changed = changed || args[i] != a
			}
			if changed {
				m = s.b.With(n, args)
			}
		}
		memo.Set(n, m)
		return m
	}
	var isDef expr.Table[bool]
	for _, l := range lets {
		isDef.Set(l.Node, true)
	}
	for _, n := range expr.Topo(all...) {
		if !used.At(n) || len(n.Args) == 0 || isDef.At(n) {
			continue
		}
		short := sub(n)
		length.Set(n, s.length(short))
		if !nameable(n) || refs.At(n) < 2 || length.At(n) < minPart && !n.Kept && !s.often(n, refs.At(n)) || scalarProduct(n) && length.At(n) < minScalarPart {
			continue
		}
		// Y − softmax(…) is short once softmax(…) has a name.
		if c := s.longCall(n, &repl); c != nil && length.At(n)-length.At(c)+token < minPart {
			memo.Delete(n)
			for _, a := range n.Args {
				memo.Delete(a)
			}
			n = c
			short = sub(c)
		}
		name := fresh(n, taken, next)
		c, _ := s.ratSplit(short) // of a part that holds a turned difference
		turned := c.Sign() < 0
		if turned {
			short = s.negate(short)
		}
		v := s.b.Var(&expr.Var{Name: name, Kind: expr.Part, Shape: n.Shape, Props: short.Props, Of: short})
		out = append(out, Let{name, v, short})
		repl.Set(n, v)
		if turned {
			repl.Set(n, s.b.Neg(v))
		}
		memo.Set(n, repl.At(n))
	}
	for i, l := range lets {
		if isDef.At(l.Node) {
			memo.Delete(l.Node)
			v := repl.At(l.Node)
			repl.Delete(l.Node)
			lets[i].Node = sub(l.Node)
			repl.Set(l.Node, v)
			memo.Set(l.Node, v)
		}
	}
	res := make([]*Node, len(roots))
	for i, r := range roots {
		res[i] = sub(r)
	}
	return res, out
}

// longCall returns the one unnamed function value among the operands of n that
// is long enough for a name.
func (s *S) longCall(n *Node, repl *expr.Table[*Node]) *Node {
	for _, a := range n.Args {
		if a.Op == expr.OpScale {
			a = a.Args[1]
		}
		if a.Op == expr.OpCall && repl.At(a) == nil && s.Cost(a) >= minPart {
			return a
		}
	}
	return nil
}

// transparent nodes are written around their operand wherever it has a name: a
// transpose, a reciprocal.
func transparent(n *Node) bool {
	return n.Op == expr.OpT || n.Op == expr.OpPow && n.Args[1].Op == expr.OpNum && n.Args[1].Num.Sign() < 0
}

// often tells whether a short difference is used so many times that a name pays.
func (s *S) often(n *Node, uses int) bool {
	c := s.Cost(n) / token
	return n.Op == expr.OpAdd && !n.IsScalar() && c > 2 && uses > 2 && uses*(c-1) > c+4
}

// nameable keeps numbers, scalings and broadcasts of parts without a name.
func nameable(n *Node) bool {
	if transparent(n) || negated(n) {
		return false
	}
	switch n.Op {
	case expr.OpNum, expr.OpScale:
		return false
	case expr.OpMul:
		return !isOnesRow(n.Args[len(n.Args)-1]) && !isOnesCol(n.Args[0])
	}
	return true
}

// fresh chooses a name by what a part is. next has the number to try first for
// each letter.
func fresh(n *Node, taken map[string]bool, next map[string]int) string {
	var pool []string
	matrix := !n.Shape.R.IsOne() && !n.Shape.C.IsOne()
	switch {
	case n.IsCall("softmax"):
		pool = []string{"P", "p"}
	case n.IsCall("logsoftmax"):
		pool = []string{"L", "l"}
	case n.IsCall("sigmoid"):
		pool = []string{"S", "s"}
	case n.IsCall("tanh"), n.IsCall("relu"):
		pool = []string{"H", "h"}
	case n.IsCall("inv"):
		pool = []string{"M", "m"}
	case n.Op == expr.OpAdd:
		pool = []string{"R", "r"}
	case n.Op == expr.OpHad:
		pool = []string{"G", "g"}
	default:
		pool = []string{"T", "t"}
	}
	base := pool[0]
	if !matrix {
		base = pool[1]
	}
	if n.IsScalar() && !(n.Op == expr.OpCall && n.Fn.FnName() != "tr" && base != "t") {
		base = "c"
	}
	if !taken[base] && base != "T" {
		taken[base] = true
		return base
	}
	if base == "T" {
		base = "B"
	}
	for {
		next[base]++
		name := fmt.Sprintf("%s_%d", base, next[base])
		if !taken[name] {
			taken[name] = true
			return name
		}
	}
}
