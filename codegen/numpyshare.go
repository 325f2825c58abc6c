package codegen

import (
	"strings"

	"github.com/matdiff/matdiff/expr"
)

func (p *pyPrinter) hint(n *expr.Node, name string) {
	if p.hints == nil {
		p.hints = make(map[*expr.Node]string)
	}
	if len(n.Args) > 0 && p.hints[n] == "" {
		p.hints[n] = name
	}
}

func (p *pyPrinter) local(name string) string {
	s := pyName(name)
	for pyKeywords[s] || p.used[s] {
		s += "_"
	}
	p.used[s] = true
	return s
}

func (p *pyPrinter) fresh(n *expr.Node) string {
	if h := p.hints[n]; h != "" {
		return p.local(h)
	}
	for {
		p.count++
		s := "t" + itoa(p.count)
		if !p.used[s] {
			p.used[s] = true
			return s
		}
	}
}

// share lists the nodes that get a variable: parts with a name and what is
// used more than once, in the order of computation.
func (p *pyPrinter) share(roots []*expr.Node) {
	p.unify(roots)
	uses := make(map[*expr.Node]int)
	var order []*expr.Node
	seen := make(map[*expr.Node]bool)
	type frame struct {
		n    *expr.Node
		i    int
		args []*expr.Node
	}
	for _, r := range roots {
		r = p.turned(r)
		uses[r]++
		if seen[r] {
			continue
		}
		seen[r] = true
		stack := []frame{{r, 0, p.operands(r)}}
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			if f.i < len(f.args) {
				a := p.turned(f.args[f.i])
				f.i++
				uses[a] += p.times(f.n, f.i-1)
				if !seen[a] {
					seen[a] = true
					stack = append(stack, frame{a, 0, p.operands(a)})
				}
				continue
			}
			order = append(order, f.n)
			stack = stack[:len(stack)-1]
		}
	}
	root := make(map[*expr.Node]bool)
	for _, r := range roots {
		root[p.turned(r)] = true
	}
	deep := make(map[*expr.Node]int)
	for _, n := range order {
		d := 0
		for _, a := range p.operands(n) {
			d = max(d, deep[p.turned(a)])
		}
		deep[n] = d + 1
		if len(n.Args) == 0 || p.light(n) {
			continue
		}
		if uses[n] > 1 || p.hints[n] != "" && !root[n] || deep[n] > 12 && !root[n] {
			p.shared = append(p.shared, n)
			deep[n] = 0
		}
	}
}

// turned is what n turns or negates, which costs a use of it nothing.
func (p *pyPrinter) turned(n *expr.Node) *expr.Node {
	for {
		n = p.see(n)
		switch {
		case n.Op == expr.OpT:
			n = n.Args[0]
		case (n.Op == expr.OpScale || n.Op == expr.OpHad) && len(n.Args) == 2 && n.Args[0].IsNum(-1, 1):
			n = n.Args[1]
		default:
			return n
		}
	}
}

// times counts how often the code of n shows operand i.
func (p *pyPrinter) times(n *expr.Node, i int) int {
	if n.Op == expr.OpCall {
		if f := ruleOf(n); f != nil {
			return max(1, strings.Count(f.NumPy, "$"+itoa(i+1)))
		}
	}
	return 1
}

// operands are the nodes that printing n prints.
func (p *pyPrinter) operands(n *expr.Node) []*expr.Node {
	for i, a := range n.Args {
		if m := p.see(a); n.Op == expr.OpMul && m.IsCall("inv") {
			args := append([]*expr.Node(nil), n.Args...)
			args[i] = m.Args[0]
			for j := i + 1; j < len(args); j++ {
				if m := p.see(args[j]); m.IsCall("inv") {
					args[j] = m.Args[0]
				}
			}
			return args
		}
		if m := p.see(a); m.Op == expr.OpVar && a != m && p.hints[m] == "" {
			p.hint(m, a.Var.Name)
		}
		if a.Op == expr.OpVar && a.Var.Kind == expr.Part {
			p.hint(p.see(a), a.Var.Name)
		}
	}
	return n.Args
}

// light tells whether n is not worth a variable: numbers and sizes, their
// multiples of a variable, and what NumPy repeats by itself.
func (p *pyPrinter) light(n *expr.Node) bool {
	n = p.see(n)
	switch n.Op {
	case expr.OpNum, expr.OpSize, expr.OpOnes, expr.OpZeros:
		return true
	case expr.OpScale:
		x := p.see(n.Args[1])
		return p.light(n.Args[0]) && (len(x.Args) == 0 || p.light(x)) || p.leaf(n.Args[0]) && ones(x)
	case expr.OpHad, expr.OpPow, expr.OpAdd:
		for _, a := range n.Args {
			if !p.light(a) {
				return false
			}
		}
		return true
	case expr.OpMul:
		v := p.repeated(n)
		return v != nil && (p.leaf(v) || p.light(v)) || ones(n)
	}
	return false
}

// leaf tells whether n is a variable, turned or to some power, or a number.
func (p *pyPrinter) leaf(n *expr.Node) bool {
	n = p.see(n)
	if n.Op == expr.OpT || n.Op == expr.OpPow && n.Args[1].Op == expr.OpNum {
		n = p.see(n.Args[0])
	}
	return len(n.Args) == 0
}

// repeated returns v of 1v or v1ᵀ, which NumPy repeats by itself.
func (p *pyPrinter) repeated(n *expr.Node) *expr.Node {
	n = p.see(n)
	if n.Op != expr.OpMul {
		return nil
	}
	last := len(n.Args) - 1
	if a := p.see(n.Args[0]); onesVector(a) && a.Shape.IsCol() {
		return p.g.in.Program.B.Mul(n.Args[1:]...)
	}
	if b := p.see(n.Args[last]); onesVector(b) && b.Shape.IsRow() {
		return p.g.in.Program.B.Mul(n.Args[:last]...)
	}
	return nil
}

// onesVector tells whether n is a vector of ones, lying or standing.
func onesVector(n *expr.Node) bool {
	if n.Op == expr.OpT {
		n = see(n.Args[0])
	}
	return n.Op == expr.OpOnes && (n.Shape.IsCol() || n.Shape.IsRow())
}

// ones tells whether all entries of n are 1.
func ones(n *expr.Node) bool {
	if n.Op == expr.OpMul && len(n.Args) == 2 && n.Args[0].Shape.C.IsOne() {
		return onesVector(see(n.Args[0])) && onesVector(see(n.Args[1]))
	}
	return n.Op == expr.OpOnes || onesVector(n)
}
