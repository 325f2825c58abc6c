package check

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// print writes n with the names of the definitions that the line at hand uses,
// for a message.
func (c *checker) print(n *Node) string {
	if c.style == render.LaTeX {
		return c.printIn(n, render.ASCII)
	}
	return c.printIn(n, c.style)
}

// printFix writes n in the notation of the line.
func (c *checker) printFix(n *Node) string { return c.asEntry(c.printIn(n, c.style)) }

// asEntry makes the text of a vector or matrix that of its entry where the line
// speaks of one.
func (c *checker) asEntry(s string) string {
	if len(c.free) == 0 {
		return s
	}
	sub := strings.Join(c.free, "")
	if len(sub) > 1 || c.style == render.LaTeX {
		sub = "{" + sub + "}"
	}
	switch {
	case bareWord.MatchString(s):
	case c.style == render.LaTeX:
		s = `\left(` + s + `\right)`
	default:
		s = "(" + s + ")"
	}
	return s + "_" + sub
}

// bareWord is a name without a subscript, which takes one.
var bareWord = regexp.MustCompile(`^(?:\pL|\\[a-zA-Z]+)$`)

func (c *checker) printIn(n *Node, style render.Style) string {
	if len(c.folds) > 0 {
		n = c.fold(n)
	}
	return standIns.ReplaceAllString(render.Expr(n, style), "")
}

// standIns are the numbers of the variables of standFor.
var standIns = regexp.MustCompile(` #[0-9]+`)

func (c *checker) fold(n *Node) *Node {
	memo := make(map[*Node]*Node, len(c.folds))
	for k, v := range c.folds {
		memo[k] = v
	}
	return c.b.Subst(n, memo)
}

// notation is the one that a line is written in: LaTeX, mathematical signs, or
// plain letters. A line that has none of its signs is as the text is.
func notation(line, text string) render.Style {
	signs := func(s string) bool { return strings.ContainsAny(s, "ᵀ⊤⊙∘⊗‖·½¼⅓²³⁻⟨𝟏√") }
	switch {
	case strings.Contains(line, `\`):
		return render.LaTeX
	case strings.ContainsAny(line, "'*") || strings.Contains(line, "^T"):
		return render.ASCII
	case signs(line), strings.ContainsAny(text, "ᵀ⊤") && !strings.ContainsAny(text, "'*"):
		return render.Text
	}
	return render.ASCII
}

// foldFor makes print write the defined names that a line's text uses.
func (c *checker) foldFor(text string) {
	c.folds, c.printed, c.style = nil, nil, notation(text, c.src)
	for _, d := range c.prog.Defs {
		if d.Name == "" || d.Node == nil || len(d.Node.Args) == 0 || !strings.Contains(text, d.Name) || c.assume[d.Node] != nil {
			continue
		}
		if c.folds == nil {
			c.folds = make(map[*Node]*Node)
		}
		if c.folds[d.Node] == nil {
			c.folds[d.Node] = c.b.Var(&expr.Var{Name: d.Name, Kind: expr.Part, Shape: d.Node.Shape, Of: d.Node})
		}
	}
}

// inner is the scalar tr(gᵀ m).
func (c *checker) inner(g, m *Node) *Node {
	switch b := c.b; {
	case g.IsScalar():
		return b.Had(g, m)
	case g.Shape.IsCol():
		return b.Mul(b.T(g), m)
	case g.Shape.IsRow():
		return b.Mul(g, b.T(m))
	default:
		return b.MustCall(rules.Must("tr"), b.Mul(b.T(g), m))
	}
}

// assumption takes a property made on the way into what follows: the name
// becomes an expression that has it.
func (c *checker) assumption(cl *infer.Claim, out *Line) {
	b, n := c.b, cl.Of
	out.Verdict = Right
	if n == nil || n.Op != expr.OpVar {
		out.Verdict, out.Reason = Undecided, "only an assumption about a variable can be taken into what follows"
		return
	}
	if n.Props.Has(cl.Props) {
		out.Reason = "known already"
		return
	}
	out.Reason = fmt.Sprintf("what follows is judged under the assumption that %s is %s", cl.OfName, strings.Join(cl.PropNames, " "))
	c.props[n] = cl.Props
	switch {
	case cl.Props.Has(expr.Diagonal):
		c.assume[n] = b.Had(n, b.Eye(n.Shape.R))
	case cl.Props.Has(expr.SPD):
		c.assume[n] = b.Add(b.Mul(b.T(n), n), b.Eye(n.Shape.R))
	case cl.Props.Has(expr.PSD):
		c.assume[n] = b.Mul(b.T(n), n)
	case cl.Props.Has(expr.Symmetric):
		c.assume[n] = b.Scale(b.Rat(1, 2), b.Add(n, b.T(n)))
	case cl.Props.Has(expr.Positive) || cl.Props.Has(expr.Nonnegative):
		c.assume[n] = b.Pow(n, b.Int(2))
	default:
		out.Verdict, out.Reason = Undecided, fmt.Sprintf("declare %s %s where its shape is declared", cl.OfName, strings.Join(cl.PropNames, " "))
	}
}

// assumed puts the assumptions into an expression.
func (c *checker) assumed(n *Node) *Node {
	memo := make(map[*Node]*Node, len(c.assume))
	for k, v := range c.assume {
		memo[k] = v
	}
	return c.b.Subst(n, memo)
}

type reading struct {
	verdict Verdict
	text    string
}

// convention recognises the other gradients by a symmetric variable.
func (c *checker) convention(cl *infer.Claim, q *question, n *Node) *reading {
	if cl.Kind != infer.ClaimGradient || !isInput(cl.By[0]) || n.Shape != q.shape {
		return nil
	}
	v := cl.By[0].Var
	if !v.Props.Has(expr.Symmetric) || v.Props.Has(expr.Diagonal) || v.Shape.IsScalar() {
		return nil
	}
	of := cl.Of
	if of == nil {
		of = c.prog.Objective.Node
	}
	try := func(conv derive.Symmetric) bool {
		g, err := c.derivedAs(c.prog, of, cl.By[0], conv)
		if err != nil {
			return false
		}
		r, _ := c.equal(c.prog, g, n, verify.Options{Seed: c.opt.Seed})
		return r == verify.Same
	}
	if try(derive.Book) {
		return &reading{Wrong, fmt.Sprintf("another convention: G + G' − G∘I, the derivative by the independent entries of the symmetric %s; here the gradient is (G + G')/2", v.Name)}
	}
	if try(derive.Free) {
		return &reading{Right, fmt.Sprintf("right with the entries of %s taken as free; of a symmetric %s the gradient is (G + G')/2", v.Name, v.Name)}
	}
	return nil
}
