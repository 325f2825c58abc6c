package check

import (
	"math/big"
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/render"
)

// What a report writes, it writes with the names that the line at hand uses and
// in its notation.

// nick is a definition that print writes by its name.
type nick struct{ body, part *Node }

// print writes n for a message.
func (c *checker) print(n *Node) string {
	d := c.style
	if d.style == render.LaTeX {
		d = plainDialect
	}
	return d.write(c.fold(n), false)
}

// asEntry makes the text of a vector or matrix that of its entry where the line
// speaks of one.
func (c *checker) asEntry(s string) string {
	if len(c.free) == 0 {
		return s
	}
	sub := strings.Join(c.free, "")
	latex := c.style.style == render.LaTeX
	if len(sub) > 1 || latex {
		sub = "{" + sub + "}"
	}
	switch {
	case bareWord.MatchString(s):
	case latex:
		s = `\left(` + s + `\right)`
	default:
		s = "(" + s + ")"
	}
	return s + "_" + sub
}

// bareWord is a name without a subscript, which takes one.
var bareWord = lazyregexp.New(`^(?:\pL|\\[a-zA-Z]+)$`)

// standIns are the numbers of the variables of standFor.
var standIns = lazyregexp.New(` #[0-9]+`)

// foldFor makes print write the defined names that the right side of a line
// uses, in the notation of the line.
func (c *checker) foldFor(text, line string) {
	c.folds, c.style = nil, dialectOf(text, line, c.src)
	for _, d := range c.prog.Defs {
		if strings.Contains(text, d.Name) {
			c.nick(d)
		}
	}
}

// nick makes print write a definition by its name.
func (c *checker) nick(d expr.Def) {
	if d.Name == "" || d.Node == nil || len(d.Node.Args) == 0 || c.assume[d.Node] != nil ||
		slices.ContainsFunc(c.folds, func(f nick) bool { return f.part.Var.Of == d.Node }) {
		return
	}
	part := c.b.Var(&expr.Var{Name: d.Name, Kind: expr.Part, Shape: d.Node.Shape, Of: d.Node})
	c.folds = append(c.folds, nick{c.fold(d.Node), part})
}

// fold puts names for what they are defined as. Sums and products are flat: a
// name is found among the terms and factors of longer ones.
func (c *checker) fold(n *Node) *Node {
	for _, f := range c.folds {
		n = c.b.Subst(n, map[*Node]*Node{f.body: f.part})
		switch f.body.Op {
		case expr.OpAdd, expr.OpMul, expr.OpHad, expr.OpPow, expr.OpCall:
			n = c.foldAmong(n, f, map[*Node]*Node{})
		}
	}
	return n
}

// foldAmong puts a name for a part of a sum or of a product.
func (c *checker) foldAmong(n *Node, f nick, memo map[*Node]*Node) *Node {
	if m := memo[n]; m != nil {
		return m
	}
	m := n
	if len(n.Args) > 0 {
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = c.foldAmong(a, f, memo)
		}
		switch {
		case n.Op == expr.OpPow:
			if m := c.foldPower(n, args, f); m != nil {
				memo[n] = m
				return m
			}
		case n.Op != f.body.Op || n.Op == expr.OpCall || len(args) < len(f.body.Args) || n.Op != expr.OpMul && n.Shape != f.body.Shape:
		case n.Op == expr.OpMul:
			args = c.foldRun(args, f)
		default:
			args = c.foldTerms(args, f)
		}
		if !slices.Equal(args, n.Args) {
			m = rejoined(c.b, n, args)
		}
	}
	memo[n] = m
	return m
}

// foldPower writes a power of what the name is a power of: 1/f for (1 + r²)^(−½)
// where f is the root of 1 + r².
func (c *checker) foldPower(n *Node, args []*Node, f nick) *Node {
	p, q := big.NewRat(1, 2), n.Args[1]
	switch {
	case len(f.body.Args) == 0 || args[0] != f.body.Args[0] || q.Op != expr.OpNum:
		return nil
	case f.body.Op == expr.OpPow && f.body.Args[1].Op == expr.OpNum:
		p = f.body.Args[1].Num
	case !f.body.IsCall("sqrt"):
		return nil
	}
	r := new(big.Rat).Quo(q.Num, p)
	if !r.IsInt() {
		return nil
	}
	return c.b.Pow(f.part, c.b.Num(r))
}

// foldDeep finds names also where they stand in another form, and the other
// names of parts where the line speaks in names.
func (c *checker) foldDeep(n *Node) *Node {
	n = c.fold(n)
	if len(c.folds) > 0 {
		typed := c.folds
		defer func() { c.folds = typed }()
		c.folds = slices.Clone(c.folds)
		for _, d := range c.prog.Defs {
			if d.Name != c.prog.Objective.Name && !d.Node.IsScalar() {
				c.nick(d)
			}
		}
		n = c.fold(n)
	}
	for _, f := range c.folds {
		if len(f.body.Args) == 0 || len(expr.Topo(n)) > 120 || len(expr.Topo(f.body)) > 60 {
			continue
		}
		body := c.s.Normal(f.part.Var.Of)
		for _, m := range expr.Topo(n) {
			if m.Op == f.body.Op && m.Shape == f.body.Shape && m != f.part && len(m.Args) > 0 && c.s.Normal(c.put(m, c.behind())) == body {
				n = c.b.Subst(n, map[*Node]*Node{m: f.part})
				break
			}
		}
	}
	return n
}

// behind are the definitions behind the names.
func (c *checker) behind() map[*Node]*Node {
	out := map[*Node]*Node{}
	for _, f := range c.folds {
		out[f.part] = f.part.Var.Of
	}
	return out
}

// rejoined is n with other operands, whose number may have changed.
func rejoined(b *expr.Builder, n *Node, args []*Node) *Node {
	if len(args) == 1 && (n.Op == expr.OpAdd || n.Op == expr.OpMul || n.Op == expr.OpHad) {
		return args[0]
	}
	return b.With(n, args)
}

// foldTerms puts the name for the terms of the sum that it is, or for their
// negatives; of an elementwise product for its factors.
func (c *checker) foldTerms(args []*Node, f nick) []*Node {
	for _, neg := range []bool{false, true} {
		if neg && f.body.Op != expr.OpAdd {
			break
		}
		rest, at := slices.Clone(args), -1
		for _, t := range f.body.Args {
			if neg {
				t = c.b.Neg(t)
			}
			i := slices.Index(rest, t)
			if i < 0 {
				at = -1
				break
			}
			if at < 0 || i < at {
				at = i
			}
			rest[i] = nil
		}
		if at < 0 {
			continue
		}
		rest[at] = f.part
		if neg {
			rest[at] = c.b.Neg(f.part)
		}
		return slices.DeleteFunc(rest, func(a *Node) bool { return a == nil })
	}
	return args
}

// foldRun puts the name, or its transpose, for a run of factors.
func (c *checker) foldRun(args []*Node, f nick) []*Node {
	k := len(f.body.Args)
	turned := make([]*Node, k)
	for i, a := range f.body.Args {
		turned[k-1-i] = c.b.T(a)
	}
	for i := 0; i+k <= len(args); i++ {
		for _, run := range []struct {
			factors []*Node
			part    *Node
		}{{f.body.Args, f.part}, {turned, c.b.T(f.part)}} {
			if slices.Equal(args[i:i+k], run.factors) {
				return c.foldRun(append(append(slices.Clone(args[:i]), run.part), args[i+k:]...), f)
			}
		}
	}
	return args
}
