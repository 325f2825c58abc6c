package simplify

import "github.com/matdiff/matdiff/expr"

// maxTyped is the most terms of a sum whose order is kept.
const maxTyped = 48

// Typed records how a program writes its sums, so that answers keep the order
// of its terms and the direction of its differences.
func (s *S) Typed(objective *Node, roots ...*Node) {
	if s.typed == nil {
		s.typed = make(map[*Node]map[*Node]int)
		s.known = make(map[*Node]bool)
		s.typedTraces = make(map[*Node]*Node)
	}
	for _, n := range expr.Topo(append(roots, objective)...) {
		if n.Op == expr.OpMul && n.IsScalar() && isOnesRow(n.Args[0]) {
			s.typedOnes = true
		}
		if n.Op == expr.OpAdd && len(n.Args) <= maxTyped {
			s.typedSum(n)
		}
		if n.IsCall("tr") {
			s.typedTrace(n)
		}
	}
	s.summandsOf(objective)
	s.cost = expr.Table[int]{}
}

// typedTrace keeps the factor with which a trace of names begins.
func (s *S) typedTrace(n *Node) {
	x := n.Args[0]
	if x.Op != expr.OpMul {
		return
	}
	for _, a := range x.Args {
		if untransposed(a).Op != expr.OpVar {
			return
		}
	}
	if m := s.Normal(n); m.IsCall("tr") && m != n && s.typedTraces[m] == nil {
		s.typedTraces[m] = n
	}
}

func (s *S) typedSum(n *Node) {
	m := s.Normal(n)
	if m.Op == expr.OpScale {
		m = m.Args[1]
	}
	if m.Op == expr.OpT {
		m = m.Args[0]
	}
	if m.Op != expr.OpAdd || s.typed[m] != nil {
		return
	}
	order := make(map[*Node]int)
	put := func(t *Node) {
		_, rest := s.ratSplit(t)
		for _, x := range []*Node{rest, s.turned(rest)} {
			if _, ok := order[x]; !ok {
				order[x] = len(order)
			}
		}
	}
	for _, a := range n.Args {
		x := s.Normal(a)
		if x.Op == expr.OpAdd {
			for _, t := range x.Args {
				put(t)
			}
			continue
		}
		put(x)
	}
	s.typed[m] = order
	s.known[m], s.known[s.negate(m)] = true, true
	s.knownScalars = s.knownScalars || m.IsScalar()
	s.typedList = append(s.typedList, m)
}

func (s *S) turned(n *Node) *Node {
	if n == nil {
		return nil
	}
	return s.T(n)
}

// retype follows the names that were folded into the program's sums.
func (s *S) retype(f *folder) {
	for _, m := range s.typedList {
		order := s.typed[m]
		y := f.fold(m)
		if y == m || y.Op != expr.OpAdd || s.typed[y] != nil {
			continue
		}
		folded := make(map[*Node]int, len(order))
		for t, i := range order {
			rest := t
			if t != nil {
				_, rest = s.ratSplit(f.fold(t))
			}
			if at, ok := folded[rest]; !ok || i < at {
				folded[rest] = i
			}
		}
		s.typed[y] = folded
	}
}

// summandsOf records which variables stand in which summand of the objective.
func (s *S) summandsOf(objective *Node) {
	n := objective
	for n.Op == expr.OpHad || n.Op == expr.OpScale {
		n = n.Args[len(n.Args)-1]
	}
	if n.Op != expr.OpAdd || len(n.Args) > 16 {
		return
	}
	for _, a := range n.Args {
		s.summands = append(s.summands, variablesOf(a, maxSummand))
	}
}

// variablesOf collects the variables below n, through names too; nil if more
// than limit nodes are below it.
func variablesOf(n *Node, limit int) map[*Node]bool {
	out := make(map[*Node]bool)
	seen := map[*Node]bool{n: true}
	stack := []*Node{n}
	put := func(x *Node) {
		if !seen[x] {
			seen[x] = true
			stack = append(stack, x)
		}
	}
	for len(stack) > 0 {
		x := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if len(seen) > limit {
			return nil
		}
		switch {
		case x.Op == expr.OpVar && x.Var.Kind == expr.Part && x.Var.Of != nil:
			put(x.Var.Of)
		case x.Op == expr.OpVar:
			out[x] = true
		}
		for _, a := range x.Args {
			put(a)
		}
	}
	return out
}

// Most nodes below a summand of the objective, and below a term, that are
// looked at.
const (
	maxSummand = 100_000
	maxTerm    = 300
)

// summand returns the place of the objective's summand that a term comes from:
// the one with all its variables and fewest others.
func (s *S) summand(t *Node) int {
	if len(s.summands) == 0 {
		return 0
	}
	vars := variablesOf(t, maxTerm)
	if vars == nil {
		return 0
	}
	at, least := len(s.summands), 0
	for i, m := range s.summands {
		all := true
		for v := range vars {
			all = all && m[v]
		}
		if all && (at == len(s.summands) || len(m) < least) {
			at, least = i, len(m)
		}
	}
	return at
}
