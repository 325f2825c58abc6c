package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
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
var bareWord = regexp.MustCompile(`^(?:\pL|\\[a-zA-Z]+)$`)

// standIns are the numbers of the variables of standFor.
var standIns = regexp.MustCompile(` #[0-9]+`)

// foldFor makes print write the defined names that a line's text uses.
func (c *checker) foldFor(text string) {
	c.folds, c.printed, c.style = nil, nil, dialectOf(text, c.src)
	for _, d := range c.prog.Defs {
		if d.Name == "" || d.Node == nil || len(d.Node.Args) == 0 || !strings.Contains(text, d.Name) || c.assume[d.Node] != nil {
			continue
		}
		if !slices.ContainsFunc(c.folds, func(f nick) bool { return f.part.Var.Of == d.Node }) {
			part := c.b.Var(&expr.Var{Name: d.Name, Kind: expr.Part, Shape: d.Node.Shape, Of: d.Node})
			c.folds = append(c.folds, nick{c.fold(d.Node), part})
		}
	}
}

// fold puts names for what they are defined as. Sums and products are flat: a
// name is found among the terms and factors of longer ones.
func (c *checker) fold(n *Node) *Node {
	for _, f := range c.folds {
		n = c.b.Subst(n, map[*Node]*Node{f.body: f.part})
		if f.body.Op == expr.OpAdd || f.body.Op == expr.OpMul || f.body.Op == expr.OpHad {
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
		case n.Op != f.body.Op || len(args) < len(f.body.Args) || n.Op != expr.OpMul && n.Shape != f.body.Shape:
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
