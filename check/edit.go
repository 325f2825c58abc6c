package check

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// candidate is an answer that differs from the written one by one mistake.
type candidate struct {
	n       *Node
	id, msg string
	guess   bool   // something was put in that is not there
	also    string // another name for it
}

// editor makes the answers that are one edit away from a written one.
type editor struct {
	c      *checker
	pool   []*Node // factors that may be missing
	more   []*Node // terms that may be missing
	out    []candidate
	seen   map[*Node]int // index into out; -1 for the written answer
	sums   bool          // a term that is needed twice was dropped, not a factor lost
	stop   func() bool
	guess  bool
	also   string
	clash  bool    // the shapes of the whole do not fit
	funcs  []*Node // calls of what may be missing
	by     []*Node // variables that are differentiated by
	points []*Node // arguments of the elementwise functions of the value
	// powers are the bases of powers in the value and in what is right.
	powers map[*Node]bool
	texts  map[*Node]string
	// edit makes the edits at one node.
	edit func(n *Node, root bool, inCall string, put func(m *Node, id, msg string))
}

// print writes a node for a message; most are written many times.
func (e *editor) print(n *Node) string {
	s, ok := e.texts[n]
	if !ok {
		if e.texts == nil {
			e.texts = map[*Node]string{}
		}
		s = e.c.print(n)
		e.texts[n] = s
	}
	return s
}

// rank orders edits, likely ones first: a missing factor explains much, so it
// is last.
func rank(id string) int {
	switch id {
	case "missing-function":
		return 3
	case "chain-rule-factor", "extra-factor", "other-function", "extra-function", "missing-sum", "missing-diag", "wrong-point":
		return 2
	case "factor", "hadamard", "dropped-term", "extra-term", "power":
		return 1
	}
	return 0
}

// attempt runs f, which builds an expression whose shapes may not fit.
func attempt(f func() *Node) (n *Node) {
	defer func() {
		if r := recover(); r != nil {
			if b, ok := r.(*expr.BudgetError); ok {
				panic(b)
			}
			n = nil // the shapes do not fit
		}
	}()
	return f()
}

// walk makes every edit below n; up puts an edited n back into the whole.
func (e *editor) walk(n *Node, root bool, inCall string, up func(m *Node) *Node) {
	if e.stop() || len(e.out) > 4000 {
		return
	}
	e.edit(n, root, inCall, func(m *Node, id, msg string) {
		if m != n {
			e.put(m, up, id, msg)
		}
	})
	for i, a := range n.Args {
		if n.Op == expr.OpPow && i == 1 {
			continue // exponents are edited with their power
		}
		at := i
		call := inCall
		if f, ok := n.Fn.(*rules.Func); ok && n.Op == expr.OpCall && f.Elementwise {
			call = n.Fn.FnName()
		}
		e.walk(a, false, call, func(m *Node) *Node {
			args := append([]*Node(nil), n.Args...)
			args[at] = m
			if m = e.rebuilt(n, args, at); m == nil {
				return nil
			}
			return up(m)
		})
	}
}

// put adds the whole that m leads to, m an edited part of it.
func (e *editor) put(m *Node, up func(m *Node) *Node, id, msg string) {
	if m == nil || len(e.out) > 4000 {
		return
	}
	w := attempt(func() *Node { return up(m) })
	switch k, ok := e.seen[w]; {
	case w == nil:
	case !ok:
		e.seen[w] = len(e.out)
		e.out = append(e.out, candidate{w, id, msg, e.guess, e.also})
	case k >= 0 && rank(id) < rank(e.out[k].id): // the more telling of two names
		e.out[k].id, e.out[k].msg, e.out[k].also = id, msg, e.also
	}
}
