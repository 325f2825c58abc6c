package render

import (
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// gen draws well-shaped expressions over declared variables.
type gen struct {
	*expr.Builder
	r    *rand.Rand
	vars []*expr.Var
}

func newGen(seed uint64) *gen {
	g := &gen{Builder: expr.NewBuilder(), r: rand.New(rand.NewPCG(seed, 1))}
	n, m := expr.Symbol("n"), expr.Symbol("m")
	for _, v := range []struct {
		name string
		s    expr.Shape
	}{
		{"A", expr.Shape{R: n, C: n}}, {"B", expr.Shape{R: n, C: n}}, {"X", expr.Shape{R: n, C: m}}, {"Y", expr.Shape{R: n, C: m}},
		{"Wt", expr.Shape{R: m, C: n}}, {"x", expr.Shape{R: n, C: expr.One}}, {"y", expr.Shape{R: n, C: expr.One}},
		{"z_1", expr.Shape{R: m, C: expr.One}}, {"b", expr.Shape{R: expr.One, C: m}}, {"s", expr.Scalar}, {"λ", expr.Scalar}, {"mu", expr.Scalar},
	} {
		g.vars = append(g.vars, &expr.Var{Name: v.name, Shape: v.s})
	}
	return g
}

var dims = []expr.Dim{expr.Symbol("n"), expr.Symbol("m"), expr.One}

func (g *gen) dim() expr.Dim { return dims[g.r.IntN(3)] }

// draw returns an expression of shape s.
func (g *gen) draw(s expr.Shape, depth int) *expr.Node {
	if depth <= 0 {
		return g.leaf(s)
	}
	d := depth - 1
	switch g.r.IntN(12) {
	case 0, 1:
		args := []*expr.Node{g.draw(s, d), g.draw(s, d)}
		if g.r.IntN(3) == 0 {
			args = append(args, g.broadcast(s, d))
		}
		if g.r.IntN(2) == 0 {
			args[1] = g.Neg(args[1])
		}
		return g.Add(args...)
	case 2, 3, 4:
		k := g.dim()
		return g.Mul(g.draw(expr.Shape{R: s.R, C: k}, d), g.draw(expr.Shape{R: k, C: s.C}, d))
	case 5:
		args := []*expr.Node{g.draw(s, d), g.broadcast(s, d)}
		if g.r.IntN(3) == 0 && !constant(args[1]) {
			args[1] = g.Pow(args[1], g.Int(-1))
		}
		return g.Had(args...)
	case 6:
		return g.Scale(g.draw(expr.Scalar, d), g.draw(s, d))
	case 7:
		return g.Scale(g.Rat(int64(g.r.IntN(9)-4)*2+1, int64(1+g.r.IntN(5))), g.draw(s, d))
	case 8:
		return g.T(g.draw(s.T(), d))
	case 9:
		e := [][2]int64{{2, 1}, {3, 1}, {-1, 1}, {-2, 1}, {1, 2}, {-1, 2}, {3, 2}}[g.r.IntN(7)]
		x := g.draw(s, d)
		if constant(x) {
			return x
		}
		return g.Pow(x, g.Rat(e[0], e[1]))
	case 10:
		return g.call(s, d)
	}
	return g.leaf(s)
}

func (g *gen) call(s expr.Shape, d int) *expr.Node {
	f := func(name string, args ...*expr.Node) *expr.Node {
		n, err := g.Call(rules.Resolve(name, len(args)), args...)
		if err != nil {
			return g.leaf(s)
		}
		return n
	}
	switch {
	case s.IsScalar():
		t := expr.Shape{R: expr.Symbol("n"), C: g.dim()}
		switch g.r.IntN(4) {
		case 0:
			return f("sum", g.draw(t, d))
		case 1:
			return f("norm", g.draw(t, d))
		}
		sq := expr.Shape{R: expr.Symbol("n"), C: expr.Symbol("n")}
		return f([]string{"tr", "det", "logdet"}[g.r.IntN(3)], g.draw(sq, d))
	case s.IsSquare() && g.r.IntN(2) == 0:
		return f("inv", g.draw(s, d))
	}
	return f([]string{"exp", "log", "sigmoid", "tanh", "abs", "softplus"}[g.r.IntN(6)], g.draw(s, d))
}

// broadcast returns an expression of shape s that repeats a row, a column or
// a number, or that does not.
func (g *gen) broadcast(s expr.Shape, d int) *expr.Node {
	switch g.r.IntN(4) {
	case 0:
		return g.Mul(g.Ones(expr.Shape{R: s.R, C: expr.One}), g.draw(expr.Shape{R: expr.One, C: s.C}, d))
	case 1:
		return g.Mul(g.draw(expr.Shape{R: s.R, C: expr.One}, d), g.Ones(expr.Shape{R: expr.One, C: s.C}))
	case 2:
		return g.Scale(g.draw(expr.Scalar, d), g.Ones(s))
	}
	return g.draw(s, d)
}

// constant tells whether n repeats one number: infer folds the powers of such
// matrices, so their texts are no fixpoint.
func constant(n *expr.Node) bool {
	switch n.Op {
	case expr.OpScale:
		return constant(n.Args[1])
	case expr.OpT:
		return constant(n.Args[0])
	case expr.OpMul:
		for _, a := range n.Args {
			if !constant(a) {
				return false
			}
		}
		return true
	}
	return n.Op == expr.OpOnes
}

func (g *gen) leaf(s expr.Shape) *expr.Node {
	var fit []*expr.Node
	for _, v := range g.vars {
		switch s {
		case v.Shape:
			fit = append(fit, g.Var(v))
		case v.Shape.T():
			fit = append(fit, g.T(g.Var(v)))
		}
	}
	if s.IsScalar() {
		fit = append(fit, g.Int(2), g.Rat(1, 2), g.Size(expr.Symbol("n")))
	}
	if s.IsSquare() && !s.IsScalar() && s.R.Sym == "n" {
		fit = append(fit, g.Eye(s.R))
	}
	if len(fit) == 0 {
		return g.Ones(s)
	}
	return fit[g.r.IntN(len(fit))]
}

// TestRandomRoundTrip walks the loop with random expressions.
// MATDIFF_RANDOM=100000 runs more of them.
func TestRandomRoundTrip(t *testing.T) {
	count := 150
	if s := os.Getenv("MATDIFF_RANDOM"); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	failed, loose := 0, 0
	for seed := range uint64(count) {
		g := newGen(seed)
		s := expr.Shape{R: g.dim(), C: g.dim()}
		n := g.draw(s, 1+g.r.IntN(4))
		for _, style := range []Style{Text, ASCII, LaTeX} {
			err := roundTrip(g.vars, n, style)
			if errors.Is(err, errLoose) {
				loose++
				if testing.Verbose() {
					t.Logf("seed %d, %v: %v", seed, style, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("seed %d, %v: %v", seed, style, err)
				if failed++; failed > 20 {
					t.FailNow()
				}
			}
		}
	}
	// Random expressions are not in normal form; reading folds a few of them.
	if loose*100 > 3*count {
		t.Errorf("%d of %d texts change once when read and printed again", loose, 3*count)
	}
}
