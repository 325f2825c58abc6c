package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/verify"
)

// An equality of values that is no identity may say where a gradient is zero:
// after ∂Q/∂w = 2X'(Xw − y) the line X'X w = X'y does, with or without words
// that say so. It is judged at points where the gradients that the text has
// stated are zero, and says at which.

// stated is a gradient that a line has stated: the true one, and the false one
// where the line is false.
type stated struct {
	claim int
	by    *Node
	g     *Node
	wrong bool
}

// constraintWords tell that the variables in which an objective is linear are
// multipliers.
var constraintWords = lazyregexp.New(`(?i)lagrang|multipl|subject to|\bs\.\s?t\.|constraint|nebenbedingung|множител|ограничени|лагранж|contrainte|restricci`)

// atOptimum are words of a line about the value that a defined name has where
// a gradient is zero.
var atOptimum = lazyregexp.New(`(?i)minim|maxim|optim|extrem|attain|миним|максим|оптим`)

// lineOf is a line of a text, counted from 1.
func lineOf(text string, n int) string {
	for l := range strings.Lines(text) {
		if n--; n == 0 {
			return l
		}
	}
	return ""
}

// condition judges claim i, of = n, so; it tells whether it has a verdict.
func (c *checker) condition(i int, of, n *Node, out *Line) bool {
	if of == nil || of.Shape != n.Shape || of.HasD || n.HasD {
		return false
	}
	list := c.statedBefore(i)
	for k := len(list) - 1; k >= 0; k-- {
		if c.holdsWhere(list[k:k+1], of, n) {
			c.conditionHolds(i, list[k:k+1], out)
			return true
		}
	}
	if all := c.withMultipliers(list); len(all) > 1 && c.holdsWhere(all, of, n) {
		c.conditionHolds(i, all, out)
		return true
	}
	return false
}

func (c *checker) conditionHolds(i int, at []stated, out *Line) {
	var names []string
	for _, s := range at {
		if s.wrong {
			c.inherit(i, s.claim, out)
			return
		}
		names = append(names, nameOf(s.by))
	}
	slices.Sort(names)
	out.Verdict, out.Reason, out.Mistake = Right, "right where the gradient by "+listed(names)+" is zero", nil
	if len(names) > 1 {
		out.Reason = "right where the gradients by " + listed(names) + " are zero"
	}
}

// statedBefore lists the gradients of scalars by variables that lines before i
// state, the last of each variable.
func (c *checker) statedBefore(i int) []stated {
	var out []stated
	for k := 0; k < i; k++ {
		cl := &c.res.Claims[k]
		if cl.Kind != infer.ClaimGradient && cl.Kind != infer.ClaimStationary || len(cl.By) != 1 || !isInput(cl.By[0]) ||
			cl.Of == nil || !cl.Of.IsScalar() || cl.Err.Err() != nil || len(cl.Sides) == 0 {
			continue
		}
		s := stated{claim: k, by: cl.By[0]}
		if s.wrong = cl.Kind == infer.ClaimGradient && slices.Contains(c.falses, k); s.wrong {
			s.g = cl.Sides[len(cl.Sides)-1]
			if s.g.Shape != s.by.Shape {
				continue
			}
		} else {
			g, _, err := c.gradient(cl.Of, s.by)
			if err != nil || hasAdjoint(g) {
				continue
			}
			s.g = g
		}
		out = slices.DeleteFunc(out, func(o stated) bool { return o.by == s.by && c.res.Claims[o.claim].Of == cl.Of })
		out = append(out, s)
	}
	return out
}

// withMultipliers is the stated gradients of the last objective with those by
// the multipliers of its constraints; nil if it has none.
func (c *checker) withMultipliers(list []stated) []stated {
	if len(list) == 0 {
		return nil
	}
	of := c.res.Claims[list[len(list)-1].claim].Of
	var out []stated
	known := map[*Node]bool{}
	multiplier := func(g, v *Node) bool { return !holds(g, v) }
	some := false
	for _, s := range list {
		if c.res.Claims[s.claim].Of == of {
			out = append(out, s)
			known[s.by] = true
			some = some || multiplier(s.g, s.by)
		}
	}
	if constraintWords.MatchString(c.words) {
		for _, v := range inputs(of) {
			x := c.b.Var(v)
			if known[x] || v.Const || v.Props.Has(expr.Positive) || !multiplierName(v.Name) {
				continue
			}
			if g, _, err := c.gradient(of, x); err == nil && !hasAdjoint(g) && multiplier(g, x) {
				out = append(out, stated{claim: list[len(list)-1].claim, by: x, g: g})
				some = true
			}
		}
	}
	if !some {
		return nil
	}
	return out
}

// holdsWhere tells whether of = n where the gradients are zero; one of their
// variables must stand in it.
func (c *checker) holdsWhere(at []stated, of, n *Node) bool {
	return c.where(at, of, n) == verify.Same
}

func (c *checker) where(at []stated, of, n *Node) verify.Relation {
	var g []*Node
	var by []*expr.Var
	some := false
	for _, s := range at {
		g, by = append(g, c.assumed(s.g)), append(by, s.by.Var)
		some = some || holds(of, s.by) || holds(n, s.by)
	}
	if !some {
		return verify.Undecided
	}
	for range 2 {
		cmp, err := verify.Where(c.ctx, c.prog, g, by, c.assumed(of), c.assumed(n), verify.Options{Seed: c.opt.Seed})
		if err != nil {
			return verify.Undecided
		}
		if cmp.Verdict != verify.Undecided {
			return cmp.Verdict
		}
		// C w = λ w has w = 0 alone for most λ: the data move too.
		for _, x := range g {
			for _, v := range inputs(x) {
				if !v.Const && !slices.Contains(by, v) && v.Props&(expr.Orthogonal|expr.Simplex|expr.Stochastic|expr.Binary) == 0 {
					by = append(by, v)
				}
			}
		}
	}
	return verify.Undecided
}

// hasAdjoint tells a value that is known by numbers alone.
func hasAdjoint(n *Node) bool {
	return slices.ContainsFunc(expr.Topo(n), func(m *Node) bool { return m.Op == expr.OpVar && m.Var.Kind == expr.Adjoint })
}

// multiplierName tells the names that multipliers have: Greek letters.
func multiplierName(name string) bool {
	base, _, _ := strings.Cut(name, "_")
	return greek[base] || utf8.RuneCountInString(base) == 1 && unicode.Is(unicode.Greek, firstRune(base))
}
