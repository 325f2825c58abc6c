package derive

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// Entry is a line of a trace: an input, or one elementary operation on the
// lines above it.
type Entry struct {
	Name  string
	Alias string // the objective's name, where the numbering of the inputs goes on to the last line
	Input bool
	Var   *Node // the name as an operand: the input's variable, or of kind expr.Part
	Body  *Node // the operation, in the names of lines above; nil for an input
	Node  *Node // the value in the variables of the program
	Args  []int // the lines it uses, each once, in order of appearance

	Active bool  // depends on a variable that is differentiated by
	D      *Node // its differential in those of its operands, nil where it is not active
	Local  []Local
}

// Local is the partial derivative of a scalar line by a scalar operand.
type Local struct {
	Of   int   // the operand
	Node *Node // in the names of lines
}

// tape cuts the objective's DAG into elementary operations, operands first. An
// n-ary product is taken from left to right, so that what two products share
// is one line.
type tape struct {
	b       *expr.Builder
	entries []*Entry
	at      map[*Node]int   // name → line
	operand map[*Node]*Node // node of the DAG → what stands for it in a body
	line    map[*Node]*Node // body → name
	names   map[*Node]string
	still   map[*Node]bool // holds no variable; see fixed
	run     map[string]*Node
	lengths map[expr.Op][]int // of the sums and products that have a line of their own, longest first
	taken   map[string]bool
	prefix  string // of the names of lines
	next    int
	numbers bool // the lines go on with the numbers of the inputs
}

// newTape returns the trace of the objective's value. The entries for the
// inputs come first, in the order of the program.
func newTape(p *expr.Program) *tape {
	t := &tape{
		b: p.B, at: make(map[*Node]int), operand: make(map[*Node]*Node), line: make(map[*Node]*Node),
		names: make(map[*Node]string), still: make(map[*Node]bool), run: make(map[string]*Node),
		lengths: make(map[expr.Op][]int), taken: p.Taken(),
	}
	t.numbering(p)
	root := p.Objective.Node
	order := expr.Topo(root)
	reach := make(map[*Node]bool, len(order))
	for _, n := range order {
		reach[n] = true
	}
	for _, d := range p.Defs {
		if d.Name == p.Objective.Name && t.numbers && d.Node == root {
			continue // x_9, of the inputs' numbering
		}
		if t.names[d.Node] == "" && len(d.Node.Args) > 0 {
			t.names[d.Node] = d.Name
		}
		if !reach[d.Node] { // as a part of a longer sum or product
			order = append(order, d.Node)
		}
	}
	t.findRuns(order)
	for _, v := range p.Vars {
		if n := p.B.Var(v); reach[n] {
			t.add(&Entry{Name: v.Name, Input: true, Var: n, Node: n})
			t.operand[n] = n
		}
	}
	last := t.emit(root)
	if _, ok := t.at[last]; !ok { // a transpose or a constant is a line at the end
		last = t.op(root, last)
	}
	if e := t.entries[t.at[last]]; p.Objective.Name != e.Name {
		e.Alias = p.Objective.Name
	}
	return t
}

// numbering goes on where the inputs x_1 … x_n end, if they are named so;
// other programs name the lines v_1, v_2, ….
func (t *tape) numbering(p *expr.Program) {
	t.prefix, t.next = "v", 1
	base := ""
	seen := make(map[int]bool)
	for _, v := range p.Vars {
		b, sub, ok := strings.Cut(v.Name, "_")
		k, err := strconv.Atoi(sub)
		if !ok || err != nil || k < 1 || k > len(p.Vars) || seen[k] || base != "" && b != base {
			return
		}
		base, seen[k] = b, true
	}
	if base != "" {
		t.prefix, t.next, t.numbers = base, len(p.Vars)+1, true
	}
}

// fixed tells whether n holds no variable.
func (t *tape) fixed(n *Node) bool {
	f, ok := t.still[n]
	if !ok {
		f = n.Op != expr.OpVar
		for i := 0; i < len(n.Args) && f; i++ {
			f = t.fixed(n.Args[i])
		}
		t.still[n] = f
	}
	return f
}

func (t *tape) fresh() string {
	for {
		name := fmt.Sprintf("%s_%d", t.prefix, t.next)
		t.next++
		if !t.taken[name] {
			t.taken[name] = true
			return name
		}
	}
}

func (t *tape) add(e *Entry) *Node {
	t.at[e.Var] = len(t.entries)
	t.entries = append(t.entries, e)
	return e.Var
}

// op makes the line of an operation, or finds it. body is in the names of
// lines, of the value n.
func (t *tape) op(n, body *Node) *Node {
	if v := t.line[body]; v != nil {
		return v
	}
	name := t.names[n]
	if name == "" {
		name = t.fresh()
	}
	e := &Entry{Name: name, Body: body, Node: n}
	e.Var = t.b.Var(&expr.Var{Name: name, Kind: expr.Part, Shape: n.Shape, Props: n.Props, Of: n})
	seen := make(map[int]bool)
	for _, a := range expr.Topo(body) {
		if i, ok := t.at[a]; ok && !seen[i] {
			seen[i] = true
			e.Args = append(e.Args, i)
		}
	}
	t.line[body] = e.Var
	return t.add(e)
}

func key(op expr.Op, args []*Node) string {
	var s strings.Builder
	s.WriteByte(byte('a' + op))
	for _, a := range args {
		s.WriteString(strconv.Itoa(a.ID))
		s.WriteByte(' ')
	}
	return s.String()
}

// findRuns remembers the sums and products of the DAG, so that x y within
// x y z is the line that x y has elsewhere, or the user's r within r + c.
func (t *tape) findRuns(order []*Node) {
	for _, n := range order {
		switch n.Op {
		case expr.OpAdd, expr.OpMul, expr.OpHad:
			t.run[key(n.Op, n.Args)] = n
			k := len(n.Args)
			ls := t.lengths[n.Op]
			i := 0
			for i < len(ls) && ls[i] > k {
				i++
			}
			if i == len(ls) || ls[i] != k {
				t.lengths[n.Op] = append(ls[:i:i], append([]int{k}, ls[i:]...)...)
			}
		}
	}
}

// grouped replaces the runs of operands that are a value of their own.
func (t *tape) grouped(n *Node) []*Node {
	var out []*Node
	args := n.Args
	for i := 0; i < len(args); {
		step := 1
		one := args[i]
		for _, k := range t.lengths[n.Op] {
			if k >= len(args) || i+k > len(args) {
				continue
			}
			if r := t.run[key(n.Op, args[i:i+k])]; r != nil {
				one, step = r, k
				break
			}
		}
		out = append(out, one)
		i += step
	}
	return out
}

// emit returns what stands for n in the body of a later line: a name, a
// transposed name, or an expression without variables.
func (t *tape) emit(n *Node) *Node {
	if v := t.operand[n]; v != nil {
		return v
	}
	v := t.compute(n)
	t.operand[n] = v
	return v
}

func (t *tape) compute(n *Node) *Node {
	b := t.b
	if t.fixed(n) {
		return n
	}
	switch n.Op {
	case expr.OpT:
		return b.T(t.emit(n.Args[0]))
	case expr.OpAdd:
		return t.chain(n, t.grouped(n), b.Add)
	case expr.OpMul:
		return t.product(n)
	case expr.OpHad:
		return t.hadamard(n)
	case expr.OpScale:
		return t.scaled(n, n.Args[0], t.emit(n.Args[1]), n.Args[1])
	}
	if x := n.Args[0]; n.Op == expr.OpPow && n.Args[1].IsNum(2, 1) && x.IsCall("norm") && t.names[x] == "" { // ‖r‖² is one operation
		return t.op(n, b.Pow(b.With(x, []*Node{t.emit(x.Args[0])}), n.Args[1]))
	}
	args := make([]*Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = t.emit(a)
	}
	return t.op(n, b.With(n, args))
}

// spread emits an operand of an elementwise operation: a row or column that is
// repeated, and a term that is subtracted, need no line of their own.
func (t *tape) spread(n *Node) *Node {
	b := t.b
	switch {
	case t.fixed(n) || t.operand[n] != nil || t.names[n] != "":
	case n.Op == expr.OpMul && len(n.Args) == 2 && isOnesCol(n.Args[0]) && n.Args[1].Shape.IsRow():
		return b.Mul(n.Args[0], t.emit(n.Args[1]))
	case n.Op == expr.OpMul && len(n.Args) == 2 && isOnesRow(n.Args[1]) && n.Args[0].Shape.IsCol():
		return b.Mul(t.emit(n.Args[0]), n.Args[1])
	case n.Op == expr.OpMul && len(n.Args) == 2 && n.IsScalar():
	case n.Op == expr.OpScale && n.Args[1].Op == expr.OpOnes:
		return b.Scale(t.emit(n.Args[0]), n.Args[1])
	case n.Op == expr.OpScale && n.Args[0].Op == expr.OpNum && n.Args[0].Num.Sign() < 0:
		return b.Neg(t.spread(b.Neg(n)))
	case n.Op == expr.OpHad && n.Args[0].Op == expr.OpNum && n.Args[0].Num.Sign() < 0:
		return b.Neg(t.spread(b.Neg(n)))
	}
	return t.emit(n)
}

func isOnesCol(n *Node) bool { return n.Op == expr.OpOnes && n.Shape.IsCol() }

func isOnesRow(n *Node) bool {
	return n.Shape.IsRow() && (n.Op == expr.OpOnes || n.Op == expr.OpT && n.Args[0].Op == expr.OpOnes)
}

// chain emits an n-ary sum or elementwise product, two operands a line.
func (t *tape) chain(n *Node, parts []*Node, join func(...*Node) *Node) *Node {
	acc, value := t.spread(parts[0]), parts[0]
	for i := 1; i < len(parts); i++ {
		value = join(value, parts[i])
		body := join(acc, t.spread(parts[i]))
		if i == len(parts)-1 {
			value = n
		}
		acc = t.joined(value, body, acc, parts[i])
	}
	return acc
}

// joined makes the line of a step of a sum or product; numbers and sizes join
// without one.
func (t *tape) joined(value, body, acc, part *Node) *Node {
	if t.fixed(acc) && t.fixed(part) {
		return body
	}
	return t.op(value, body)
}

// hadamard emits an elementwise product. Numbers and sizes in it scale the
// result at the end.
func (t *tape) hadamard(n *Node) *Node {
	b := t.b
	var scale, parts []*Node
	for _, a := range t.grouped(n) {
		if a.IsScalar() && t.fixed(a) {
			scale = append(scale, a)
		} else {
			parts = append(parts, a)
		}
	}
	if len(scale) == 0 {
		return t.factors(n, parts)
	}
	rest := b.Had(parts...)
	v := t.operand[rest]
	if v == nil {
		if len(parts) == 1 {
			v = t.emit(parts[0])
		} else if v = t.factors(rest, parts); t.operand[rest] == nil {
			t.operand[rest] = v
		}
	}
	return t.scaled(n, b.Had(scale...), v, rest)
}

// factors emits a product whose factors 1/y divide.
func (t *tape) factors(n *Node, parts []*Node) *Node {
	b := t.b
	operand := func(a *Node) *Node {
		if a.Op == expr.OpPow && a.Args[1].IsNum(-1, 1) && t.operand[a] == nil && t.names[a] == "" {
			return b.Recip(t.spread(a.Args[0]))
		}
		return t.spread(a)
	}
	first, from := parts[0], 1
	if len(parts) > 1 && first.Op == expr.OpPow && first.Args[1].IsNum(-1, 1) { // 1/y x is x/y
		first, parts = parts[1], append([]*Node{parts[1], first}, parts[2:]...)
	}
	acc, value := t.spread(first), first
	for i := from; i < len(parts); i++ {
		value = b.Had(value, parts[i])
		body := b.Had(acc, operand(parts[i]))
		if i == len(parts)-1 {
			value = n
		}
		acc = t.joined(value, body, acc, parts[i])
	}
	return acc
}

// scaled emits c x. A number or size c is part of the line; other scalars are
// operands.
func (t *tape) scaled(n, c, x, value *Node) *Node {
	b := t.b
	if !t.fixed(c) {
		if c.Op == expr.OpPow && c.Args[1].IsNum(-1, 1) && t.operand[c] == nil {
			return t.op(n, b.Scale(b.Recip(t.emit(c.Args[0])), x))
		}
		if c.Op == expr.OpHad && c.Args[0].Op == expr.OpNum { // 2 λ x: the number last
			rest := b.Had(c.Args[1:]...)
			inner := b.Scale(rest, value)
			return t.op(n, b.Scale(c.Args[0], t.scaled(inner, rest, x, value)))
		}
		c = t.emit(c)
	}
	return t.op(n, b.Scale(c, x))
}

// product emits a matrix product, from the side of the vector, since a matrix
// by a vector is less work than a matrix by a matrix.
func (t *tape) product(n *Node) *Node {
	b := t.b
	parts := t.grouped(n)
	ops := make([]*Node, len(parts))
	for i, a := range parts {
		ops[i] = t.emit(a)
	}
	k := len(parts)
	if parts[k-1].Shape.C.IsOne() && !parts[0].Shape.R.IsOne() {
		acc, value := ops[k-1], parts[k-1]
		for i := k - 2; i >= 0; i-- {
			value = b.Mul(parts[i], value)
			if i == 0 {
				value = n
			}
			acc = t.op(value, b.Mul(ops[i], acc))
		}
		return acc
	}
	acc, value := ops[0], parts[0]
	for i := 1; i < k; i++ {
		value = b.Mul(value, parts[i])
		if i == k-1 {
			value = n
		}
		acc = t.op(value, b.Mul(acc, ops[i]))
	}
	return acc
}
