package rules_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// declared are the sets of properties that operands are tried with.
var declared = []expr.Props{0, expr.Symmetric, expr.PSD, expr.SPD, expr.Diagonal, expr.Diagonal | expr.Nonnegative, expr.Orthogonal,
	expr.Positive, expr.Nonnegative, expr.Binary, expr.UnitInterval, expr.Stochastic, expr.Simplex, expr.OneHot, expr.Positive | expr.Stochastic, expr.Symmetric | expr.Nonnegative}

// drawWith draws a matrix with the properties; ok is false if the shape cannot
// have them or it does not know how.
func drawWith(r *rand.Rand, s expr.Shape, p expr.Props) (*num.Mat, bool) {
	x := draw(r, s, "")
	square := s.IsSquare()
	if p&(expr.Symmetric|expr.PSD|expr.SPD|expr.Diagonal|expr.Orthogonal) != 0 && !square {
		return nil, false
	}
	if p.Has(expr.Simplex) && !s.IsCol() && !s.IsRow() {
		return nil, false
	}
	if p&(expr.Nonnegative|expr.Positive|expr.UnitInterval|expr.Stochastic|expr.Simplex) != 0 {
		x = x.Map(math.Abs)
	}
	switch {
	case p.Has(expr.SPD):
		x = num.Add(num.Mul(x, x.T()), 0.1, num.Eye(x.R))
	case p.Has(expr.PSD):
		y := x.Clone()
		for i := 0; i < y.R; i++ { // of lower rank
			y.Set(i, 0, 0)
		}
		x = num.Mul(y, y.T())
	case p.Has(expr.Diagonal):
		for i := range x.Data {
			if i/x.C != i%x.C {
				x.Data[i] = 0
			}
		}
	case p.Has(expr.Symmetric):
		x = num.Scale(0.5, num.Add(x, 1, x.T()))
	case p.Has(expr.Orthogonal):
		q, err := num.Polar(x)
		return q, err == nil
	case p.Has(expr.OneHot):
		x = num.New(x.R, x.C)
		if s.IsCol() {
			x.Data[r.IntN(x.R)] = 1
			return x, true
		}
		for i := 0; i < x.R; i++ {
			x.Set(i, r.IntN(x.C), 1)
		}
	case p.Has(expr.Binary):
		x = x.Map(func(v float64) float64 {
			if v > 0 {
				return 1
			}
			return 0
		})
	case p.Has(expr.Simplex):
		x = num.Scale(1/x.Sum(), x)
	case p.Has(expr.Stochastic):
		for i := 0; i < x.R; i++ {
			t := 0.0
			for j := 0; j < x.C; j++ {
				t += x.At(i, j)
			}
			for j := 0; j < x.C; j++ {
				x.Set(i, j, x.At(i, j)/t)
			}
		}
	case p.Has(expr.UnitInterval):
		x = x.Map(func(v float64) float64 { return v / (1 + v) })
	}
	return x, true
}

// missing names a property of p that x has not, "" if it has all.
func missing(x *num.Mat, p expr.Props) string {
	const tol = 1e-9
	scale := 1 + x.MaxAbs()
	every := func(ok func(i, j int, v float64) bool) bool {
		for i := 0; i < x.R; i++ {
			for j := 0; j < x.C; j++ {
				if !ok(i, j, x.At(i, j)) {
					return false
				}
			}
		}
		return true
	}
	sums := func(m *num.Mat) bool {
		for i := 0; i < m.R; i++ {
			t := 0.0
			for j := 0; j < m.C; j++ {
				t += m.At(i, j)
			}
			if math.Abs(t-1) > 1e-6*scale {
				return false
			}
		}
		return true
	}
	definite := func(shift float64) bool {
		if x.R != x.C {
			return false
		}
		// Elimination without pivoting: all pivots positive.
		a := num.Add(x, shift, num.Eye(x.R))
		for k := 0; k < a.R; k++ {
			if a.At(k, k) <= 0 {
				return false
			}
			for i := k + 1; i < a.R; i++ {
				f := a.At(i, k) / a.At(k, k)
				for j := k; j < a.R; j++ {
					a.Set(i, j, a.At(i, j)-f*a.At(k, j))
				}
			}
		}
		return true
	}
	for _, c := range []struct {
		p    expr.Props
		name string
		ok   func() bool
	}{
		{expr.Symmetric, "symmetric", func() bool {
			return x.R == x.C && every(func(i, j int, v float64) bool { return math.Abs(v-x.At(j, i)) <= tol*scale })
		}},
		{expr.PSD, "psd", func() bool { return definite(1e-8 * scale) }},
		{expr.SPD, "spd", func() bool { return definite(0) }},
		{expr.Diagonal, "diagonal", func() bool {
			return x.R == x.C && every(func(i, j int, v float64) bool { return i == j || math.Abs(v) <= tol*scale })
		}},
		{expr.Orthogonal, "orthogonal", func() bool {
			return x.R == x.C && num.Add(num.Mul(x, x.T()), -1, num.Eye(x.R)).MaxAbs() < 1e-7
		}},
		{expr.Positive, "positive", func() bool { return every(func(_, _ int, v float64) bool { return v > 0 }) }},
		{expr.Nonnegative, "nonnegative", func() bool { return every(func(_, _ int, v float64) bool { return v >= -tol*scale }) }},
		{expr.Binary, "binary", func() bool { return every(func(_, _ int, v float64) bool { return v == 0 || v == 1 }) }},
		{expr.OneHot, "onehot", func() bool {
			return every(func(_, _ int, v float64) bool { return v == 0 || v == 1 }) && sums(x)
		}},
		{expr.Stochastic, "stochastic", func() bool {
			return every(func(_, _ int, v float64) bool { return v >= 0 }) && sums(x)
		}},
		{expr.Simplex, "simplex", func() bool {
			return every(func(_, _ int, v float64) bool { return v >= 0 }) && math.Abs(x.Sum()-1) < 1e-9
		}},
		{expr.RowsSumOne, "rows sum to one", func() bool { return sums(x) }},
		{expr.ColsSumOne, "columns sum to one", func() bool { return sums(x.T()) }},
		{expr.Nonsingular, "nonsingular", func() bool { _, err := num.Inv(x); return err == nil }},
		{expr.UnitInterval, "within [0, 1]", func() bool { return every(func(_, _ int, v float64) bool { return v >= -tol && v <= 1+tol }) }},
	} {
		if p.Has(c.p) && !c.ok() {
			return c.name
		}
	}
	return ""
}

// What an entry says of its result holds for the kernel's, whatever the
// operands have.
func TestPropsHold(t *testing.T) {
	eachCall(t, func(t *testing.T, r *rand.Rand, f *rules.Func, call []expr.Shape) {
		try := func(ps []expr.Props, same bool) {
			b := expr.NewBuilder()
			var nodes []*expr.Node
			var args []*num.Mat
			for i, s := range call {
				if same && i > 0 && s == call[0] {
					nodes, args = append(nodes, nodes[0]), append(args, args[0])
					continue
				}
				x, ok := drawWith(r, s, ps[i])
				if !ok {
					return
				}
				nodes = append(nodes, b.Var(&expr.Var{Name: f.Params[i].Name, Shape: s, Props: ps[i]}))
				args = append(args, x)
			}
			n, err := b.Call(f, nodes...)
			if err != nil {
				t.Fatal(err)
			}
			if f.Domain.In != nil && !f.Domain.In(args...) {
				return
			}
			y, err := f.Apply(args...)
			if err != nil || !y.Finite() {
				return // outside the domain
			}
			if m := missing(y, n.Props); m != "" {
				t.Errorf("%v with %v: the result should be %s: %v of %v", call, ps, m, y, args)
			}
		}
		for _, p := range declared {
			ps := make([]expr.Props, len(call))
			for i := range ps {
				ps[i] = p
			}
			for range 3 {
				try(ps, false)
				try(ps, true)
			}
			if len(call) == 2 {
				for _, q := range declared {
					try([]expr.Props{p, q}, false)
				}
			}
		}
	})
}
