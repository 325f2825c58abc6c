package simplify

import (
	"fmt"
	"math/big"
	"sort"

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
	n := s.Shorten(s.Normal(def))
	if len(n.Args) == 0 || n.Op == expr.OpT && len(n.Args[0].Args) == 0 {
		return
	}
	s.defs = append(s.defs, named{name, n})
	s.short[n] = true
	s.short[s.T(n)] = true
	s.cost = make(map[*Node]int)
}

type named struct {
	name string
	node *Node
}

// Finish brings results to the form that is printed: the shortest found, with
// the user's names folded back and repeated parts named. taken lists names in
// use.
func (s *S) Finish(roots []*Node, taken map[string]bool) ([]*Node, []Let) {
	parts := make(map[*Node]*Node) // shortest form, folded → Part
	var lets []Let
	f := &folder{s: s, parts: parts, memo: make(map[*Node]*Node)}
	for _, d := range s.defs {
		n := f.fold(d.node)
		if len(n.Args) == 0 {
			continue
		}
		if _, ok := parts[n]; ok {
			continue
		}
		v := s.b.Var(&expr.Var{Name: d.name, Kind: expr.Part, Shape: n.Shape, Props: n.Props, Of: n})
		f.add(n, v)
		f.parts[d.node] = v // else each definition would fold all before it again
		lets = append(lets, Let{d.name, v, n})
	}
	out := make([]*Node, len(roots))
	for i, r := range roots {
		x := s.Shorten(r)
		y := f.fold(x)
		if len(s.defs) > 0 { // a name is short: look again
			y = f.fold(s.Shorten(s.Normal(y)))
		}
		out[i] = y
	}
	out, auto := s.nameParts(out, lets, taken)
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
	s.countSigmoids(append(append([]*Node(nil), out...), letNodes(used)...))
	for i := range used {
		used[i].Node = s.polish(used[i].Node)
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

// countSigmoids counts the uses of σ(z) other than in 1 − σ(z), which may then
// be written σ(−z).
func (s *S) countSigmoids(roots []*Node) {
	s.sigmoids = make(map[*Node]int)
	for _, n := range expr.Topo(roots...) {
		if s.oneMinusSigmoid(n) != nil {
			continue
		}
		for _, a := range n.Args {
			if n.Op == expr.OpScale && n.Args[0].IsNum(-1, 1) {
				continue // the term of 1 − σ(z); counted with its sum
			}
			if a.IsCall("sigmoid") {
				s.sigmoids[a.Args[0]]++
			}
		}
	}
}

// transposeWhole writes X⁻ᵀAᵀBᵀX⁻ᵀ as (X⁻¹B A X⁻¹)ᵀ.
func (s *S) transposeWhole(n *Node) *Node {
	if n.Op != expr.OpMul || n.IsScalar() || n.Shape.R.IsOne() || n.Shape.C.IsOne() {
		return n
	}
	k := len(n.Args)
	rev := make([]*Node, k)
	up, down := 0, 0
	for i, a := range n.Args {
		if a.Op == expr.OpT {
			up++
		}
		rev[k-1-i] = a
		if !a.Props.Has(expr.Symmetric) {
			rev[k-1-i] = s.b.T(a)
		}
		if rev[k-1-i].Op == expr.OpT {
			down++
		}
	}
	if k > 2 && down+1 < up {
		return s.b.T(s.b.Mul(rev...))
	}
	return n
}

// displayOrder puts the terms of a sum in the order that people write: numbers,
// then products and function values, then single names, biases and identities
// last; within a kind the order of the normal form.
func (s *S) displayOrder(n *Node) *Node {
	kind := func(t *Node) int {
		_, t = s.ratSplit(t)
		if t == nil || isOneTerm(t) {
			return 0
		}
		if t.Op == expr.OpScale {
			if isOneTerm(t.Args[1]) {
				return 3
			}
			if t.Args[1].Op == expr.OpEye {
				return 4
			}
		}
		switch t.Op {
		case expr.OpEye:
			return 4
		case expr.OpVar, expr.OpSize:
			return 2
		case expr.OpT:
			if t.Args[0].Op == expr.OpVar {
				return 2
			}
		case expr.OpMul:
			if isOnesCol(t.Args[0]) || isOnesRow(t.Args[len(t.Args)-1]) && !t.Shape.R.IsOne() {
				return 3
			}
		}
		return 1
	}
	args := append([]*Node(nil), n.Args...)
	sort.SliceStable(args, func(i, j int) bool { return kind(args[i]) < kind(args[j]) })
	return s.b.Add(args...)
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

// folder replaces values by the names of definitions.
type folder struct {
	s     *S
	parts map[*Node]*Node
	chain []*Node // named products
	memo  map[*Node]*Node
}

func (f *folder) add(n, v *Node) {
	f.parts[n] = v
	f.parts[f.s.T(n)] = f.s.T(v)
	neg := f.s.negate(n)
	if neg != n {
		f.parts[neg] = f.s.b.Neg(v)
	}
	if n.Op == expr.OpMul {
		f.chain = append(f.chain, n)
	}
	f.memo = make(map[*Node]*Node)
}

func (f *folder) fold(n *Node) *Node {
	if m, ok := f.memo[n]; ok {
		return m
	}
	out := n
	if p, ok := f.parts[n]; ok {
		out = p
	} else if len(n.Args) > 0 {
		args := make([]*Node, len(n.Args))
		changed := false
		for i, a := range n.Args {
			args[i] = f.fold(a)
			changed = changed || args[i] != a
		}
		if changed {
			out = f.s.b.With(n, args)
			if p, ok := f.parts[out]; ok {
				out = p
			}
		}
		if out.Op == expr.OpMul && len(f.chain) > 0 {
			out = f.subchain(out)
		}
	}
	f.memo[n] = out
	return out
}

// subchain replaces a run of factors that has a name.
func (f *folder) subchain(n *Node) *Node {
	for _, c := range f.chain {
		for _, t := range []bool{false, true} {
			pat, v := c, f.parts[c]
			if t {
				pat = f.s.T(c)
				v = f.parts[pat]
			}
			if pat.Op != expr.OpMul || v == nil {
				continue
			}
			k := len(pat.Args)
			for i := 0; i+k <= len(n.Args); i++ {
				match := true
				for j := 0; j < k && match; j++ {
					match = n.Args[i+j] == pat.Args[j]
				}
				if !match || k == len(n.Args) {
					continue
				}
				args := append(append(append([]*Node(nil), n.Args[:i]...), v), n.Args[i+k:]...)
				n = f.s.b.Mul(args...)
				if n.Op != expr.OpMul {
					return n
				}
			}
		}
	}
	return n
}

// minPart is the least length of a part that is named when it occurs twice.
const minPart = 6

// nameParts names what occurs more than once and is long enough.
func (s *S) nameParts(roots []*Node, lets []Let, taken map[string]bool) ([]*Node, []Let) {
	all := append([]*Node(nil), roots...)
	for _, l := range lets {
		all = append(all, l.Node)
	}
	refs := make(map[*Node]int)
	used := make(map[*Node]bool)
	// definitions count only if something uses them
	order := expr.Topo(roots...)
	for _, n := range order {
		used[n] = true
	}
	for changed := true; changed; {
		changed = false
		for i := len(lets) - 1; i >= 0; i-- { // users come after what they use
			l := lets[i]
			if used[l.Var] && !used[l.Node] {
				for _, n := range expr.Topo(l.Node) {
					used[n] = true
				}
				changed = true
			}
		}
	}
	for _, n := range expr.Topo(all...) {
		if !used[n] {
			continue
		}
		for _, a := range n.Args {
			if a.Op == expr.OpT {
				continue
			}
			refs[a]++
		}
		if n.Op == expr.OpT {
			// a transpose counts where it is used
			continue
		}
	}
	for _, n := range expr.Topo(all...) {
		if used[n] && n.Op == expr.OpT {
			// its users counted the operand not at all
			refs[n.Args[0]] += max(refs[n]-1, 0)
		}
	}
	for _, r := range roots {
		refs[r]++
	}
	repl := make(map[*Node]*Node)
	for _, l := range lets {
		repl[l.Node] = l.Var
	}
	length := make(map[*Node]int)
	var out []Let
	next := make(map[string]int)
	var sub func(n *Node) *Node
	memo := make(map[*Node]*Node)
	sub = func(n *Node) *Node {
		if m, ok := memo[n]; ok {
			return m
		}
		m := n
		if v, ok := repl[n]; ok {
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
		memo[n] = m
		return m
	}
	isDef := make(map[*Node]bool)
	for _, l := range lets {
		isDef[l.Node] = true
	}
	for _, n := range expr.Topo(all...) {
		if !used[n] || len(n.Args) == 0 || isDef[n] {
			continue
		}
		short := sub(n)
		length[n] = s.Cost(short)
		if refs[n] < 2 || length[n] < minPart || !nameable(n) {
			continue
		}
		// Y − softmax(…) is short once softmax(…) has a name.
		if c := s.longCall(n, repl); c != nil && length[n]-length[c]+1 < minPart {
			delete(memo, n)
			for _, a := range n.Args {
				delete(memo, a)
			}
			n = c
			short = sub(c)
		}
		name := fresh(n, taken, next)
		v := s.b.Var(&expr.Var{Name: name, Kind: expr.Part, Shape: n.Shape, Props: n.Props, Of: short})
		repl[n] = v
		memo[n] = v
		out = append(out, Let{name, v, short})
	}
	for i, l := range lets {
		if isDef[l.Node] {
			delete(memo, l.Node)
			v := repl[l.Node]
			delete(repl, l.Node)
			lets[i].Node = sub(l.Node)
			repl[l.Node] = v
			memo[l.Node] = v
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
func (s *S) longCall(n *Node, repl map[*Node]*Node) *Node {
	for _, a := range n.Args {
		if a.Op == expr.OpScale {
			a = a.Args[1]
		}
		if a.Op == expr.OpCall && repl[a] == nil && s.Cost(a) >= minPart {
			return a
		}
	}
	return nil
}

// nameable keeps numbers, scalings and broadcasts of parts without a name.
func nameable(n *Node) bool {
	switch n.Op {
	case expr.OpNum, expr.OpT, expr.OpScale:
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
	if n.IsScalar() {
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

// Polish returns n with the signs and the order of terms that are printed.
func (s *S) Polish(n *Node) *Node { return s.polish(n) }

// polish chooses signs for print: −2Aᵀ(b − Ax) is 2Aᵀ(Ax − b), and
// y∘(1 − σ(z)) is y∘σ(−z).
func (s *S) polish(n *Node) *Node {
	if m, ok := s.polished[n]; ok {
		return m
	}
	out := n
	if len(n.Args) > 0 {
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = s.polish(a)
		}
		if n.Op == expr.OpMul || n.Op == expr.OpHad {
			for i, a := range args {
				if z := s.oneMinusSigmoid(a); z != nil && s.sigmoids[z] == 0 {
					args[i] = s.call0("sigmoid", s.negate(z))
				}
			}
		}
		out = s.b.With(n, args)
		if n.Op == expr.OpMul {
			out = s.transposeWhole(out)
		}
		if out.Op == expr.OpMul && len(out.Args) == 2 && isOnesCol(out.Args[0]) && isOnesRow(out.Args[1]) {
			out = s.b.Ones(out.Shape)
		}
		if out.Op == expr.OpAdd {
			out = s.displayOrder(out)
		}
		out = s.means(out)
	}
	out = s.flip(out)
	if s.polished == nil {
		s.polished = make(map[*Node]*Node)
	}
	s.polished[n] = out
	return out
}

// flip moves a negative coefficient into a difference.
func (s *S) flip(n *Node) *Node {
	c, rest := s.ratSplit(n)
	if c.Sign() >= 0 || rest == nil {
		return n
	}
	if y := s.flipped(rest); y != nil {
		return s.withRat(new(big.Rat).Neg(c), y)
	}
	return n
}

func (s *S) flipped(n *Node) *Node {
	switch n.Op {
	case expr.OpAdd:
		for _, a := range n.Args {
			if c, _ := s.ratSplit(a); c.Sign() < 0 {
				args := make([]*Node, len(n.Args))
				for i, a := range n.Args {
					args[i] = s.Neg(a)
				}
				return s.b.Add(args...)
			}
		}
	case expr.OpMul, expr.OpHad, expr.OpScale:
		if n.IsScalar() && n.Op == expr.OpMul {
			return nil // an inner product keeps both its sides alike
		}
		for i := len(n.Args) - 1; i >= 0; i-- {
			if y := s.flipped(n.Args[i]); y != nil {
				args := append([]*Node(nil), n.Args...)
				args[i] = y
				return s.b.With(n, args)
			}
		}
	case expr.OpT:
		if y := s.flipped(n.Args[0]); y != nil {
			return s.b.T(y)
		}
	case expr.OpCall:
		if oddFunctions[n.Fn.FnName()] {
			if y := s.flipped(n.Args[0]); y != nil {
				return s.b.MustCall(n.Fn, y)
			}
		}
	}
	return nil
}

// oddFunctions have f(−x) = −f(x).
var oddFunctions = map[string]bool{"tanh": true, "sin": true, "tan": true, "asin": true, "atan": true, "sinh": true, "erf": true, "sign": true}

// means writes sums of entries over their count as means: 1ᵀx/n is mean(x),
// 1ᵀX/N is colmean(X), X 1/K is rowmean(X).
func (s *S) means(n *Node) *Node {
	var c, x *Node
	switch {
	case n.Op == expr.OpHad && n.IsScalar() && len(n.Args) == 2:
		c, x = n.Args[0], n.Args[1]
	case n.Op == expr.OpScale:
		c, x = n.Args[0], n.Args[1]
	default:
		return n
	}
	if c.Op != expr.OpPow || !c.Args[1].IsNum(-1, 1) || x.Op != expr.OpMul {
		return n
	}
	k := len(x.Args)
	first, last := x.Args[0], x.Args[k-1]
	size := func(one *Node) bool { return c.Args[0] == s.b.Size(one.Shape.Count()) }
	switch {
	case isOnesRow(first) && size(first) && x.IsScalar():
		return s.call0("mean", s.b.Mul(x.Args[1:]...))
	case isOnesRow(first) && size(first):
		return s.call0("colmean", s.b.Mul(x.Args[1:]...))
	case isOnesCol(last) && size(last) && !isOnesCol(first):
		return s.call0("rowmean", s.b.Mul(x.Args[:k-1]...))
	case k > 2 && isOnesCol(first) && isOnesRow(x.Args[1]) && size(x.Args[1]):
		return s.b.Mul(first, s.call0("colmean", s.b.Mul(x.Args[2:]...)))
	case k > 2 && isOnesRow(last) && isOnesCol(x.Args[k-2]) && size(x.Args[k-2]):
		return s.b.Mul(s.call0("rowmean", s.b.Mul(x.Args[:k-2]...)), last)
	}
	return n
}
