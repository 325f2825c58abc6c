package derive

import (
	"maps"
	"math/bits"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// Count is a number that depends on the sizes: a sum of whole numbers times
// products of size symbols.
type Count map[string]int64

// add adds k times d.
func (c Count) add(k int64, d expr.Dim) {
	if k != 0 {
		c[d.Sym] += k * int64(d.K)
	}
}

func (c Count) plus(o Count) {
	for s, k := range o {
		c[s] += k
	}
}

func (c Count) times(d expr.Dim) Count {
	out := Count{}
	for s, k := range c {
		e := expr.One
		for _, x := range (expr.Dim{K: 1, Sym: s}).Symbols() {
			e = e.Times(expr.Symbol(x))
		}
		out.add(k, e.Times(d))
	}
	return out
}

// At returns the number for sizes; a symbol without a size counts as 10.
func (c Count) At(sizes map[string]int) int64 {
	var n int64
	for s, k := range c {
		for _, x := range (expr.Dim{K: 1, Sym: s}).Symbols() {
			v := 10
			if y, ok := sizes[x]; ok {
				v = y
			}
			k *= int64(v)
		}
		n += k
	}
	return n
}

// Terms lists the summands, those of most symbols first, as size and
// coefficient.
func (c Count) Terms() []expr.Dim {
	var out []expr.Dim
	for s, k := range c {
		if k != 0 {
			out = append(out, expr.Dim{K: int(k), Sym: s})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := strings.Count(out[i].Sym, "*"), strings.Count(out[j].Sym, "*")
		if out[i].Sym == "" || out[j].Sym == "" {
			return out[j].Sym == "" && out[i].Sym != ""
		}
		if a != b {
			return a > b
		}
		return out[i].Sym < out[j].Sym
	})
	return out
}

// A Count of more than maxTerms terms is printed without those of fewer sizes
// than the first, and never with more than longest: the forward mode of a deep
// network has a term for every pair of layers.
const (
	maxTerms = 4
	longest  = 32
)

// String prints c: "2 D² N + 3 D N + 1"; of many terms only those of most
// sizes, and an ellipsis for the rest.
func (c Count) String() string {
	var parts []string
	terms := c.Terms()
	for i, d := range terms {
		if i == longest || len(terms) > maxTerms && i > 0 && len(d.Symbols()) < len(terms[0].Symbols()) {
			parts = append(parts, "…")
			break
		}
		s := powers(d.Symbols())
		switch {
		case s == "":
			s = strconv.Itoa(d.K)
		case d.K != 1:
			s = strconv.Itoa(d.K) + " " + s
		}
		parts = append(parts, s)
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, " + ")
}

// powers writes D D N as D² N.
func powers(symbols []string) string {
	var out []string
	for i := 0; i < len(symbols); {
		j := i
		for j < len(symbols) && symbols[j] == symbols[i] {
			j++
		}
		s := symbols[i]
		if k := j - i; k > 1 {
			for _, r := range strconv.Itoa(k) {
				s += string([]rune("⁰¹²³⁴⁵⁶⁷⁸⁹")[r-'0'])
			}
		}
		out = append(out, s)
		i = j
	}
	return strings.Join(out, " ")
}

// Work is what a mode costs.
type Work struct {
	Passes Count
	Ops    Count // operations with numbers, of all passes, the value included
	Stored Count // numbers held at once
}

// operations counts the operations with numbers in the form n, each node once:
// sums, products, quotients and functions one an entry, a product of n×m by m×p
// 2nmp, a factorisation n³. Signs, transposes and repeated rows are free.
func operations(n *Node) Count {
	c := Count{}
	for _, x := range expr.Topo(n) {
		entries := x.Shape.Count()
		switch x.Op {
		case expr.OpAdd, expr.OpHad:
			k := int64(len(x.Args) - 1)
			if x.Op == expr.OpHad && x.Args[0].IsNum(-1, 1) {
				k--
			}
			c.add(k, entries)
		case expr.OpScale:
			if !x.Args[0].IsNum(-1, 1) {
				c.add(1, entries)
			}
		case expr.OpPow:
			c.add(1, entries)
		case expr.OpMul:
			c.plus(products(x.Args))
		case expr.OpCall:
			c.plus(call(x))
		}
		if x.Op == expr.OpHad || x.Op == expr.OpScale { // x ∘ 1/y is one division
			for _, a := range x.Args {
				if a.Op == expr.OpPow && a.Args[1].IsNum(-1, 1) {
					c.add(-1, a.Shape.Count())
				}
			}
		}
	}
	return c
}

// products counts a chain, taken from the side of a vector at its end.
func products(args []*Node) Count {
	c := Count{}
	k := len(args)
	fromRight := args[k-1].Shape.C.IsOne() && !args[0].Shape.R.IsOne()
	for i := 1; i < k; i++ {
		l, m, r := args[0].Shape.R, args[i].Shape.R, args[i].Shape.C
		ones := i == 1 && isOnesRow(args[0]) || isOnesCol(args[i])
		if fromRight {
			l, m, r = args[k-1-i].Shape.R, args[k-1-i].Shape.C, args[k-1].Shape.C
			ones = isOnesRow(args[k-1-i]) || i == 1 && isOnesCol(args[k-1])
		}
		switch {
		case m.IsOne() && (isOnesCol(args[0]) || isOnesRow(args[k-1])): // repeated
		case m.IsOne():
			c.add(1, l.Times(r))
		case ones:
			c.add(1, l.Times(m).Times(r))
		default:
			c.add(2, l.Times(m).Times(r))
		}
	}
	return c
}

func call(n *Node) Count {
	c := Count{}
	if len(n.Args) == 0 {
		return c
	}
	most := n.Shape.Count()
	if a := n.Args[0].Shape; n.Shape.IsScalar() || n.Shape != a {
		most = a.Count()
	}
	if f, ok := n.Fn.(*rules.Func); ok && f.Family == "matrix" && f.Params[0].Kind == rules.Square && !n.Args[0].IsScalar() && !n.IsCall("tr") {
		d := n.Args[0].Shape.R
		most = d.Times(d).Times(d)
	}
	c.add(1, most)
	return c
}

// count adds up the work of both modes. Forward mode can let go of a value and
// its tangent after their last use; reverse mode keeps every value for the way
// back.
func (w *tracer) count() {
	tr := w.tr
	one := func() Work { return Work{Passes: Count{}, Ops: Count{}, Stored: Count{}} }
	tr.Value, tr.Forward, tr.Reverse = one(), one(), one()
	value, last := Count{}, make([]int, len(tr.Entries))
	for i, e := range tr.Entries {
		last[i] = i
		if e.Input {
			last[i] = len(tr.Entries) // the caller's
			continue
		}
		value.plus(operations(e.Body))
		for _, k := range e.Args {
			last[k] = max(last[k], i)
		}
		tr.Reverse.Stored.add(1, e.Var.Shape.Count())
	}
	for _, e := range tr.Entries {
		if e.Input {
			tr.Reverse.Stored.add(1, e.Var.Shape.Count())
		}
	}
	tr.Value.Ops = value
	tr.Value.Passes.add(1, expr.One)
	w.lives(last)
	tr.Forward.Ops.plus(value)
	tr.Reverse.Ops.plus(value)
	tr.Reverse.Passes.add(1, expr.One)
	for _, v := range tr.Wrt {
		tr.Forward.Passes.add(1, v.Shape.Count())
	}
	w.tangents(tr.Forward.Ops)
	for _, a := range tr.Adjoints {
		if a != nil {
			tr.Reverse.Ops.plus(operations(a.raw))
		}
	}
}

// tangents adds up the operations of all forward passes without making them:
// what a line costs in a pass depends only on which of its operands move.
func (w *tracer) tangents(ops Count) {
	tr := w.tr
	moves := make([]passes, len(tr.Entries))
	for k, v := range tr.Wrt {
		if i, ok := w.at[w.b.Var(v)]; ok {
			moves[i] = moves[i].with(k)
		}
	}
	for i, e := range tr.Entries {
		if e.D == nil {
			continue
		}
		// Passes in which the same operands move are one class.
		type class struct {
			in    passes
			still map[*Node]*Node // differentials of operands that do not move
		}
		var all passes
		for _, k := range e.Args {
			all = all.or(moves[k])
		}
		moves[i] = all
		classes := []class{{all, make(map[*Node]*Node)}}
		for _, k := range e.Args {
			o := tr.Entries[k]
			if !o.Active {
				continue
			}
			var split []class
			for _, c := range classes {
				in, out := c.in.split(moves[k])
				if !in.empty() {
					split = append(split, class{in, c.still})
				}
				if !out.empty() {
					still := map[*Node]*Node{w.b.Diff(o.Var, "d"+o.Name): w.b.Zeros(o.Var.Shape)}
					maps.Copy(still, c.still)
					split = append(split, class{out, still})
				}
			}
			classes = split
		}
		for _, c := range classes {
			if c.in.empty() {
				continue
			}
			each := operations(w.show(w.b.Subst(e.D, c.still)))
			number := Count{}
			c.in.each(func(k int) {
				number.add(1, tr.Wrt[k].Shape.Count())
				tr.tangents++
			})
			for s, k := range number {
				ops.plus(each.times(expr.Dim{K: int(k), Sym: s}))
			}
		}
	}
}

// passes is a set of forward passes, by the places of their variables.
type passes []uint64

func (p passes) with(k int) passes {
	for len(p) <= k/64 {
		p = append(p, 0)
	}
	p[k/64] |= 1 << (k % 64)
	return p
}

func (p passes) empty() bool {
	for _, x := range p {
		if x != 0 {
			return false
		}
	}
	return true
}

func (p passes) or(q passes) passes {
	if len(p) < len(q) {
		p, q = q, p
	}
	out := slices.Clone(p)
	for i, x := range q {
		out[i] |= x
	}
	return out
}

// split returns what is in q and what is not.
func (p passes) split(q passes) (in, out passes) {
	in, out = make(passes, len(p)), slices.Clone(p)
	for i := range min(len(p), len(q)) {
		in[i] = p[i] & q[i]
		out[i] &^= q[i]
	}
	return in, out
}

func (p passes) each(f func(k int)) {
	for i, x := range p {
		for ; x != 0; x &= x - 1 {
			f(64*i + bits.TrailingZeros64(x))
		}
	}
}

// lives finds the most numbers that are needed at once, as values alone and
// with tangents: each from its line to the last line that uses it.
func (w *tracer) lives(last []int) {
	tr := w.tr
	ends := make([][]int, len(last)+1)
	for i, l := range last {
		ends[l] = append(ends[l], i)
	}
	live, both := Count{}, Count{}
	change := func(e *Entry, k int64) {
		live.add(k, e.Var.Shape.Count())
		both.add(k, e.Var.Shape.Count())
		if e.Active {
			both.add(k, e.Var.Shape.Count())
		}
	}
	for _, e := range tr.Entries {
		if e.Input {
			change(e, 1)
		}
	}
	top := func(c, most Count) Count {
		if c.At(nil) <= most.At(nil) {
			return most
		}
		out := Count{}
		out.plus(c)
		return out
	}
	for i, e := range tr.Entries {
		if !e.Input {
			change(e, 1)
		}
		tr.Value.Stored = top(live, tr.Value.Stored)
		tr.Forward.Stored = top(both, tr.Forward.Stored)
		for _, k := range ends[i] {
			change(tr.Entries[k], -1)
		}
	}
}
