package randexpr

import (
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// notation writes one of the less common signs: solving, kron, the identity I,
// fractions; "" if none fits the shape.
func (g *gen) notation(s expr.Shape, d int) string {
	square := s.IsSquare() && !s.IsScalar()
	switch g.rng.IntN(6) {
	case 0:
		if s.R.IsOne() {
			break
		}
		return paren(g.inside("spd", mat(s.R, s.R), d-1)) + " \\ " + g.atom(s, d)
	case 1:
		if s.R.IsOne() || s.C.IsOne() {
			break
		}
		a, b := g.atom(mat(s.R, expr.One), d), g.atom(mat(expr.One, s.C), d)
		if g.chance(0.5) {
			a, b = b, a
		}
		return a + " ⊗ " + b
	case 2:
		if square && !g.taken["I"] {
			return g.atom(s, d) + pick(g, " + ", " - ") + pick(g, "", "2 ", g.variable(expr.Scalar)+"*") + "I"
		}
	case 3:
		return `\frac{` + g.expr(s, d) + "}{" + g.inside("positive", expr.Scalar, d-1) + "}"
	case 4:
		return `\left( ` + g.expr(s, d) + ` \right)` + pick(g, "", " "+g.atom(expr.Scalar, d))
	case 5:
		t := g.atom(s, d)
		if t[0] >= '0' && t[0] <= '9' {
			t = paren(t)
		}
		return pick(g, "½ ", "¼ ", "2 ") + t
	}
	return ""
}

// entry returns a variable whose entries a sum can run over: its name has no
// subscript of its own.
func (g *gen) entry(s expr.Shape) string {
	for range 4 {
		if name := g.variable(s); !strings.Contains(name, "_") {
			return name
		}
	}
	return ""
}

// bigSum writes a sum or product over indices.
func (g *gen) bigSum() string {
	n, m := g.size(), g.size()
	x, y := g.entry(mat(n, expr.One)), g.entry(mat(n, expr.One))
	if x == "" || y == "" {
		return g.leaf(expr.Scalar)
	}
	over := func(i string, d expr.Dim) string {
		if g.chance(0.3) {
			return `\sum_{` + i + "=1}^{" + d.String() + "} "
		}
		return "Σ_{" + i + "=1}^{" + d.String() + "} "
	}
	switch g.rng.IntN(5) {
	case 0:
		return paren(over("i", n) + x + "_i^2 " + y + "_i")
	case 1:
		return paren(over("i", n) + pick(g, "exp", "tanh", "σ", "cos") + "(" + x + "_i " + y + "_i)")
	case 2:
		if a := g.entry(mat(n, m)); a != "" {
			if z := g.entry(mat(m, expr.One)); z != "" {
				return paren(over("i", n) + over("j", m) + a + "_{ij} " + x + "_i " + z + "_j")
			}
		}
	case 3:
		return paren("Π_{i=1}^{" + n.String() + "} (1 + " + x + "_i^2)")
	}
	return paren(over("i", n) + "(" + x + "_i - " + y + "_i)^2")
}
