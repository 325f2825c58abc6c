package simplify

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

// powerRewrites are the identities of xᵉ, taken entry by entry, in the order
// in which they are tried.
func powerRewrites() []Rewrite {
	return []Rewrite{
		{
			Name: "power of a number", Left: "(4/9)^(1/2)", Right: "2/3",
			If:    "the result is rational: others stay exact as written",
			Stays: "2^(1/2)",
			power: func(s *S, x, e *Node) *Node {
				if x.Op != expr.OpNum {
					return nil
				}
				if k, whole := e.Int(); whole && (x.Num.Sign() != 0 || k > 0) && k > -64 && k < 64 {
					return s.b.Num(ratPow(x.Num, k))
				}
				if e.Op == expr.OpNum && x.Num.Sign() > 0 {
					if r, ok := ratRoot(x.Num, e.Num); ok {
						return s.b.Num(r)
					}
				}
				return nil
			},
		},
		{
			Name: "power of a power", Given: "x: n", Left: "(x.^2).^3", Right: "x.^6",
			If:    "the outer exponent is whole, or the base is nonnegative: (x²)^½ is |x|",
			Stays: "x: n; a: scalar; (x.^3).^a",
			power: func(s *S, x, e *Node) *Node {
				if _, whole := e.Int(); x.Op == expr.OpPow && (whole || x.Args[0].Props.Has(expr.Nonnegative)) {
					return s.Pow(x.Args[0], s.Had(x.Args[1], e))
				}
				return nil
			},
		},
		{
			Name: "root of an even power", Given: "x: n", Left: "sqrt(x.^2)", Right: "abs(x)",
			If:    "the inner exponent is even: an odd power has the sign of its base",
			Stays: "x: n; sqrt(x.^3)",
			power: func(s *S, x, e *Node) *Node {
				if x.Op != expr.OpPow || e.Op != expr.OpNum {
					return nil
				}
				if k, ok := x.Args[1].Int(); ok && k%2 == 0 {
					return s.Pow(s.call("abs", x.Args[0]), s.Had(x.Args[1], e))
				}
				return nil
			},
		},
		{
			Name: "power of a product", Given: "x: n; y: n", Left: "(x .* y).^2", Right: "x.^2 .* y.^2",
			If:    "the exponent is whole, or every factor is nonnegative: two negative factors have a root together, not apart",
			Stays: "x: n; y: n; sqrt(x .* y)",
			power: func(s *S, x, e *Node) *Node {
				if _, whole := e.Int(); !flat(x, expr.OpHad) || !whole && !allNonneg(x.Args) {
					return nil
				}
				args := make([]*Node, len(x.Args))
				for i, a := range x.Args {
					args[i] = s.Pow(a, e)
				}
				return s.Had(args...)
			},
		},
		{
			Name: "positive factor of a root", Given: "x: n; y: n positive", Left: "sqrt(x .* y)", Right: "sqrt(x) .* sqrt(y)",
			If:    "the factor is positive: then the rest has a root wherever the product has",
			Stays: "x: n; y: n; sqrt(x .* y)",
			power: func(s *S, x, e *Node) *Node {
				if !flat(x, expr.OpHad) {
					return nil
				}
				var out, in []*Node
				for _, a := range x.Args {
					if a.Props.Has(expr.Positive) {
						out = append(out, s.Pow(a, e))
					} else {
						in = append(in, a)
					}
				}
				if len(out) == 0 || len(in) == 0 {
					return nil
				}
				return s.Had(append(out, s.Pow(s.b.Had(in...), e))...)
			},
		},
		{
			Name: "power of a scaled matrix", Given: "x: n; a: scalar", Left: "(a*x).^2", Right: "a^2*x.^2",
			If:    "the exponent is whole or the scalar positive, as for a product",
			Stays: "x: n; a: scalar; sqrt(a*x)",
			power: func(s *S, x, e *Node) *Node {
				if _, whole := e.Int(); x.Op == expr.OpScale && (whole || x.Args[0].Props.Has(expr.Positive)) {
					return s.Scale(s.Pow(x.Args[0], e), s.Pow(x.Args[1], e))
				}
				return nil
			},
		},
		{
			Name: "power of a transpose", Given: "X: n×m", Left: "(X').^3", Right: "(X.^3)'",
			If:    "the power is taken entry by entry",
			Stays: "X: n×m; X.^3",
			power: func(s *S, x, e *Node) *Node {
				if x.Op == expr.OpT {
					return s.T(s.Pow(x.Args[0], e))
				}
				return nil
			},
		},
		{
			Name: "power of repeated entries", Given: "v: n; X: n×m", Left: "X + (v*ones(m)').^3", Right: "X + v.^3*ones(m)'",
			If:    "one factor is a vector of ones: a product of others sums before the power",
			Stays: "A: n×k; B: k×m; (A*B).^3",
			power: func(s *S, x, e *Node) *Node {
				if x.Op != expr.OpMul {
					return nil
				}
				if v := s.colBroadcast(x); v != nil && !x.Shape.R.IsOne() {
					return s.Mul(s.Pow(v, e), s.b.T(s.ones(x.Shape.C)))
				}
				if u := s.rowBroadcast(x); u != nil && !x.Shape.C.IsOne() {
					return s.Mul(s.ones(x.Shape.R), s.Pow(u, e))
				}
				return nil
			},
		},
		{
			Name: "power of an outer product", Given: "u: n; v: m", Left: "(u*v').^2", Right: "u.^2*(v.^2)'",
			If:    "the exponent is whole, as for a product of factors of either sign",
			Stays: "u: n; v: m; sqrt(u*v')",
			power: func(s *S, x, e *Node) *Node {
				if _, whole := e.Int(); x.Op == expr.OpMul && whole {
					if u, v := s.outer(x); u != nil {
						return s.Mul(s.Pow(u, e), s.Pow(v, e))
					}
				}
				return nil
			},
		},
		{
			Name: "content of a power", Given: "x: n; y: n", Left: "(2*x - 4*y).^2", Right: "4*(x - 2*y).^2",
			If:    "the exponent is whole: the number may be negative",
			Stays: "x: n; y: n; sqrt(2*x - 4*y)",
			power: func(s *S, x, e *Node) *Node {
				k, whole := e.Int()
				if x.Op != expr.OpAdd || !whole || k <= -64 || k >= 64 {
					return nil
				}
				if r, y := s.primitive(x); !isOne(r) {
					return s.withRat(ratPow(r, k), s.Pow(y, e))
				}
				return nil
			},
		},
		{
			Name: "power of the identity", Given: "A: n×n", Left: "A + eye(n).^3", Right: "A + eye(n)",
			If:    "the exponent is positive: 0⁻¹ is not there",
			Stays: "A: n×n; A + (A + eye(n)).^3",
			power: func(s *S, x, e *Node) *Node {
				if k, whole := e.Int(); x.Op == expr.OpEye && whole && k > 0 {
					return x
				}
				return nil
			},
		},
		{
			Name: "power of binary entries", Given: "y: n binary", Left: "y.^2", Right: "y",
			If:    "every entry is 0 or 1 and the exponent positive",
			Stays: "y: n; y.^2",
			power: func(s *S, x, e *Node) *Node {
				if k, whole := e.Int(); whole && k > 0 && x.Props.Has(expr.Binary) {
					s.used["binary"] = true
					return x
				}
				return nil
			},
		},
		{
			Name: "power of an exponential", Given: "x: n; a: scalar", Left: "exp(x).^a", Right: "exp(a*x)",
			If:    "the base is an exponential",
			Stays: "x: n; a: scalar; cosh(x).^a",
			power: func(s *S, x, e *Node) *Node {
				if x.IsCall("exp") {
					return s.call("exp", s.Scale(e, x.Args[0]))
				}
				return nil
			},
		},
		{
			Name: "square of an absolute value", Given: "x: n", Left: "abs(x).^2", Right: "x.^2",
			If:    "the exponent is 2: |x|³ is not x³",
			Stays: "x: n; abs(x).^3",
			power: func(s *S, x, e *Node) *Node {
				if x.IsCall("abs") && e.IsNum(2, 1) {
					return s.Pow(x.Args[0], e)
				}
				return nil
			},
		},
		{
			Name: "logistic function", Given: "z: n", Left: "1 ./ (1 + exp(-z))", Right: "sigmoid(z)",
			If:    "the exponent is a negative whole number",
			Stays: "z: n; 1 ./ (2 + exp(-z))",
			power: func(s *S, x, e *Node) *Node {
				k, ok := e.Int()
				if !ok || k >= 0 {
					return nil
				}
				if z := s.onePlusExp(x); z != nil {
					return s.Pow(s.call("sigmoid", s.negate(z)), s.b.Int(int64(-k)))
				}
				return nil
			},
		},
	}
}

func allNonneg(ns []*Node) bool {
	for _, n := range ns {
		if !n.Props.Has(expr.Nonnegative) {
			return false
		}
	}
	return true
}

// ratRoot returns r^e if it is rational.
func ratRoot(r, e *big.Rat) (*big.Rat, bool) {
	if !e.Denom().IsInt64() || !e.Num().IsInt64() || e.Denom().Int64() != 2 {
		return nil, false
	}
	root := func(x *big.Int) (*big.Int, bool) {
		y := new(big.Int).Sqrt(x)
		return y, new(big.Int).Mul(y, y).Cmp(x) == 0
	}
	p, ok1 := root(r.Num())
	q, ok2 := root(r.Denom())
	k := e.Num().Int64()
	if !ok1 || !ok2 || k > 63 || k < -63 {
		return nil, false
	}
	return ratPow(new(big.Rat).SetFrac(p, q), int(k)), true
}
