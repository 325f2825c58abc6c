package simplify

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
)

// Let names a part.
type Let struct {
	Name string
	Var  *Node
	Node *Node
}

// Name makes the simplifier write the value of a definition by its name.
func (s *S) Name(name string, def *Node) {
	m := s.Normal(def)
	n := s.Shorten(m)
	if len(n.Args) == 0 || n.Op == expr.OpT && len(n.Args[0].Args) == 0 {
		return
	}
	s.defs = append(s.defs, named{name, n, m, m.Props | n.Props})
	for _, x := range []*Node{m, n} {
		s.setShort(x, token)
		s.setShort(s.T(x), 2*token)
		s.setShort(s.negate(x), 2*token)
		s.setShort(s.negate(s.T(x)), 3*token)
	}
	s.cost = expr.Table[int]{}
}

func (s *S) setShort(n *Node, price int) {
	if p, ok := s.short.Get(n); (!ok || price < p) && len(n.Args) > 0 {
		s.short.Set(n, price)
	}
}

// Objective gives the name of the objective, by which answers are written
// where that is much shorter: of a quotient u/v the gradient is (du − f dv)/v.
func (s *S) Objective(name string, n *Node) {
	n = s.Shorten(s.Normal(n))
	// of sqrt(u) it is du/(2f), of exp(u) it is f du, of det(U) it is f tr(U⁻¹dU)
	if n.Op == expr.OpAdd || len(n.Args) == 0 {
		return
	}
	s.goal = &named{name, n, n, n.Props}
}

// objectiveGain is how much shorter an answer by the objective's name must be.
const objectiveGain = 3 * token

func (s *S) foldObjective(f *folder, roots, out []*Node, lets []Let) []Let {
	if s.goal == nil {
		return lets
	}
	n := f.fold(s.goal.node)
	if len(n.Args) == 0 || f.parts[n] != nil {
		return lets
	}
	v := s.b.Var(&expr.Var{Name: s.goal.name, Kind: expr.Part, Shape: n.Shape, Props: n.Props, Of: n})
	f.add(n, v)
	f.add(s.goal.node, v)
	for i, r := range roots {
		y := f.best(s.Shorten(r))
		if z := f.best(r); s.Cost(z) < s.Cost(y) { // as it came, before u²/v² was one fraction
			y = z
		}
		if s.Cost(y)+objectiveGain <= s.Cost(out[i]) {
			out[i] = y
		}
	}
	return append(lets, Let{s.goal.name, v, n})
}

// Bounds of the search for residuals: results and typed sums, and what a result
// must gain over the residual written by a name where it stands.
const (
	maxResidualRoots = 6
	maxResiduals     = 3
	minResidualRoot  = 9 * token
	residualGain     = 3 * token
	residualLine     = 2 * token // a line of its own beside a single result
)

// foldResiduals writes results by a sum that the program has and gives no name,
// where that is more than the same with a shorter sum in it: the gradient of
// ‖X W Wᵀ − X‖² is 2(R W Wᵀ − R).
func (s *S) foldResiduals(out []*Node, lets []Let, taken map[string]bool) []Let {
	if len(s.defs) > 0 || len(out) > maxResidualRoots || len(s.typedList) > maxResiduals {
		return lets
	}
	for _, m := range s.typedList {
		n := s.Shorten(m)
		if r, x := s.ratSplit(m); n.IsScalar() || r.Sign() < 0 || x != m || s.Cost(m) < 5*token {
			continue
		}
		v := s.b.Var(&expr.Var{Name: " R", Kind: expr.Part, Shape: m.Shape, Props: m.Props | n.Props, Of: m})
		var f *folder
		better := false
		for _, r := range out {
			if s.Cost(r) < minResidualRoot {
				continue
			}
			if f == nil {
				f = newFolder(s)
				f.add(n, v)
				if f.parts[m] == nil {
					f.add(m, v)
				}
			}
			plain := s.b.Subst(r, f.parts)
			better = better || s.Cost(f.best(r))+residualGain <= s.Cost(plain)
		}
		if !better {
			continue
		}
		if y := f.best(out[0]); len(out) == 1 && s.Cost(y)+s.Cost(m)+residualLine >= s.Cost(out[0]) {
			if y = s.Normal(s.b.Subst(y, map[*Node]*Node{v: m})); s.Cost(y) <= s.Cost(out[0])+residualLine {
				out[0] = y // 4 A (AᵀA − I) for 4 (A AᵀA − A)
			}
			continue
		}
		name := fresh(m, taken, make(map[string]int))
		w := s.b.Var(&expr.Var{Name: name, Kind: expr.Part, Shape: m.Shape, Props: v.Props, Of: m})
		for i, r := range out {
			if y := f.best(r); s.Cost(y) < s.Cost(r) {
				out[i] = s.b.Subst(y, map[*Node]*Node{v: w})
			}
		}
		return append(lets, Let{name, w, m})
	}
	return lets
}

// Finish brings results to the form that is printed: the shortest found, with
// the user's names folded back and repeated parts named. taken lists names in
// use.
func (s *S) Finish(roots []*Node, taken map[string]bool) ([]*Node, []Let) {
	var lets []Let
	f := newFolder(s)
	for _, d := range s.defs {
		n := f.fold(d.node)
		if len(n.Args) == 0 {
			continue
		}
		if _, ok := f.parts[n]; ok {
			continue
		}
		v := s.b.Var(&expr.Var{Name: d.name, Kind: expr.Part, Shape: n.Shape, Props: d.props | n.Props, Of: n})
		f.add(n, v)
		if d.full != n {
			if m := f.fold(d.full); m != n && len(m.Args) > 0 && f.parts[m] == nil {
				f.add(m, v)
			}
		}
		f.parts[d.full] = v
		f.parts[d.node] = v // else each definition would fold all before it again
		lets = append(lets, Let{d.name, v, n})
	}
	out := make([]*Node, len(roots))
	for i, r := range roots {
		out[i] = f.best(s.Shorten(r))
	}
	lets = s.foldObjective(f, roots, out, lets)
	lets = s.foldResiduals(out, lets, taken)
	s.retype(f)
	values := s.byValues(append(append([]*Node(nil), out...), letNodes(lets)...)...)
	for i, r := range out {
		out[i] = values(r)
	}
	for i, l := range lets {
		lets[i].Node = values(l.Node)
	}
	turn := s.turnSigmoids(append(append([]*Node(nil), out...), letNodes(lets)...)...)
	for i, r := range out {
		out[i] = turn(r)
	}
	norm := s.norms(append(append([]*Node(nil), out...), letNodes(lets)...)...)
	for i, r := range out {
		out[i] = norm(r)
	}
	for i, l := range lets {
		lets[i].Node = norm(l.Node)
	}
	s.asTyped(out, lets)
	out, auto := s.nameParts(out, lets, taken)
	s.turnParts(out, lets, auto)
	all := append(lets, auto...)
	// Only names that are used, in order of dependence.
	def := make(map[*Node]*Node, len(all))
	for _, l := range all {
		def[l.Var] = l.Node
	}
	need := make(map[*Node]bool)
	var mark func(n *Node)
	mark = func(n *Node) {
		if need[n] {
			return
		}
		need[n] = true
		for _, a := range n.Args {
			mark(a)
		}
		if d := def[n]; d != nil {
			mark(d)
		}
	}
	for _, r := range out {
		mark(r)
	}
	var used []Let
	for _, l := range all {
		if need[l.Var] {
			used = append(used, l)
		}
	}
	used = orderLets(used)
	for i := range used {
		used[i].Node = s.polish(turn(used[i].Node))
	}
	for i, r := range out {
		out[i] = s.polish(r)
	}
	return out, used
}

func letNodes(ls []Let) []*Node {
	out := make([]*Node, len(ls))
	for i, l := range ls {
		out[i] = l.Node
	}
	return out
}

// orderLets puts each let after those it uses.
func orderLets(ls []Let) []Let {
	at := make(map[*Node]int, len(ls))
	for i, l := range ls {
		at[l.Var] = i
	}
	var out []Let
	done := make([]bool, len(ls))
	var put func(i int)
	put = func(i int) {
		if done[i] {
			return
		}
		done[i] = true
		for _, x := range expr.Topo(ls[i].Node) {
			if j, ok := at[x]; ok {
				put(j)
			}
		}
		out = append(out, ls[i])
	}
	for i := range ls {
		put(i)
	}
	return out
}

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

// maxTurned is the most results and parts among which the signs of all uses of
// each are counted.
const maxTurned = 32

// turnParts turns parts that are used with a minus only: of R = Y − P with the
// results −R W and −Xᵀ R one is P − Y.
func (s *S) turnParts(roots []*Node, lets, auto []Let) {
	if len(roots)+len(lets)+len(auto) > maxTurned {
		return
	}
	for i := len(auto) - 1; i >= 0; i-- {
		l := &auto[i]
		if l.Node.IsScalar() || s.typed[l.Node] != nil {
			continue
		}
		var c signCount
		for _, n := range append(append([]*Node(nil), roots...), append(letNodes(lets), letNodes(auto)...)...) {
			s.countSigns(n, l.Var, &c)
		}
		if c.up > c.down || c.up == c.down && c.first >= 0 {
			continue
		}
		most := 0
		if c.down > c.up {
			most = minusPrice
		}
		if x := s.sign(l.Node); x.um == nil || x.cm > x.cp+most {
			continue
		}
		l.Node = s.negate(l.Node)
		v := s.b.Var(&expr.Var{Name: l.Name, Kind: expr.Part, Shape: l.Var.Shape, Props: l.Node.Props, Of: l.Node})
		memo := map[*Node]*Node{l.Var: s.b.Neg(v)}
		if t := s.b.T(l.Var); t != l.Var {
			memo[t] = s.b.Neg(s.b.T(v))
		}
		l.Var = v
		turn := func(n *Node) *Node {
			if m := s.b.Subst(n, memo); m != n {
				return s.Normal(m)
			}
			return n
		}
		for j, r := range roots {
			roots[j] = turn(r)
		}
		for _, ls := range [][]Let{lets, auto} {
			for j := range ls {
				ls[j].Node = turn(ls[j].Node)
			}
		}
	}
}

// countSigns counts the terms of n that v is a factor of, by their sign; a use of
// another kind counts as one with a plus. first is the sign of the first.
func (s *S) countSigns(n, v *Node, c *signCount) {
	holds := make(map[*Node]bool)
	for _, x := range expr.Topo(n) {
		holds[x] = x == v
		for _, a := range x.Args {
			holds[x] = holds[x] || holds[a]
		}
	}
	if holds[n] {
		c.count(s, n, v, 1, holds)
	}
}

type signCount struct{ up, down, first int }

func (c *signCount) use(sign int) {
	if c.first == 0 {
		c.first = sign
	}
	if sign > 0 {
		c.up++
	} else {
		c.down++
	}
}

func (c *signCount) count(s *S, n, v *Node, sign int, holds map[*Node]bool) {
	if r, rest := s.ratSplit(n); rest != nil && rest != n {
		if !holds[rest] { // a product that ratSplit has made anew
			for _, a := range rest.Args {
				holds[rest] = holds[rest] || holds[a]
			}
		}
		n, sign = rest, sign*r.Sign()
	}
	if n == v {
		c.use(sign)
		return
	}
	var at []*Node
	for _, a := range n.Args {
		if holds[a] {
			at = append(at, a)
		}
	}
	switch {
	case n.Op == expr.OpAdd:
		for _, a := range at {
			c.count(s, a, v, sign, holds)
		}
	case len(at) == 1 && (n.Op == expr.OpScale || n.Op == expr.OpHad || n.Op == expr.OpMul || n.Op == expr.OpT || n.IsCall("tr")):
		c.count(s, at[0], v, sign, holds)
	default:
		c.use(1)
	}
}

// asTyped writes differences as the program does: b − A x is −(A x − b) where
// A x − b was typed, so that both are one part.
func (s *S) asTyped(roots []*Node, lets []Let) {
	memo := make(map[*Node]*Node)
	for _, n := range expr.Topo(append(letNodes(lets), roots...)...) {
		if s.turnedSum(n) {
			x := s.b.Subst(s.negate(n), memo)
			memo[n] = s.b.Neg(x)
			if t := s.b.T(n); t != n { // in (x − c)ᵀ(x − c) both signs come out
				memo[t] = s.b.Neg(s.b.T(x))
			}
		}
	}
	if len(memo) == 0 {
		return
	}
	for i, r := range roots {
		roots[i] = s.b.Subst(r, memo)
	}
	for i, l := range lets {
		lets[i].Node = s.b.Subst(l.Node, memo)
	}
}

// turnedSum tells whether the program writes the difference the other way round.
func (s *S) turnedSum(n *Node) bool {
	return n.Op == expr.OpAdd && s.typed[n] == nil && s.typed[s.negate(n)] != nil
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

// negated tells whether a scalar is minus another, which is what gets a name.
func negated(n *Node) bool {
	return n.Op == expr.OpHad && n.IsScalar() && len(n.Args) == 2 && n.Args[0].IsNum(-1, 1)
}

// operand is what a transparent or negated node is written around.
func operand(n *Node) *Node {
	if negated(n) {
		return n.Args[1]
	}
	return n.Args[0]
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
