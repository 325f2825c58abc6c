package simplify

import (
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

// operand is what a transparent or negated node is written around.
func operand(n *Node) *Node {
	if negated(n) {
		return n.Args[1]
	}
	return n.Args[0]
}
