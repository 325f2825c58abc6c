package simplify

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// oddNames have f(−x) = −f(x), evenNames f(−x) = f(x).
var (
	oddNames  = []string{"tanh", "sin", "tan", "asin", "atan", "sinh", "erf", "sign"}
	evenNames = []string{"cos", "cosh"}
)

// functionRewrites are the identities of functions taken entry by entry or
// along rows.
func functionRewrites() []Rewrite {
	return []Rewrite{
		{
			Name: "odd function", Given: "x: n; y: n", Left: "tanh(-x)", Right: "-tanh(x)", of: oddNames,
			If:    "the function is odd, and the first term of its operand negative",
			Stays: "x: n; normcdf(-x)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if neg, x := s.negative(a[0]); neg {
					return s.negate(s.Call(n.Fn, x))
				}
				return nil
			},
		},
		{
			Name: "even function", Given: "x: n", Left: "cos(-x)", Right: "cos(x)", of: evenNames,
			If:    "the function is even, and the first term of its operand negative",
			Stays: "x: n; exp(-x)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if neg, x := s.negative(a[0]); neg {
					return s.Call(n.Fn, x)
				}
				return nil
			},
		},
		{
			Name: "logistic function of a negative", Given: "z: n", Left: "sigmoid(-z)", Right: "1 - sigmoid(z)", of: []string{"sigmoid"},
			If:    "the first term of the operand is negative",
			Stays: "z: n; sigmoid(z)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if neg, x := s.negative(a[0]); neg {
					return s.Add(s.onesOfOr1(n.Shape), s.Neg(s.Call(n.Fn, x)))
				}
				return nil
			},
		},
		{
			Name: "absolute value of nonnegative entries", Given: "x: n nonnegative", Left: "abs(x)", Right: "x", of: []string{"abs"},
			If:    "every entry is at least 0",
			Stays: "x: n; abs(x)",
			call: func(_ *S, _ *Node, a []*Node) *Node {
				if a[0].Props.Has(expr.Nonnegative) {
					return a[0]
				}
				return nil
			},
		},
		{
			Name: "absolute value of a negative", Given: "x: n", Left: "abs(-x)", Right: "abs(x)", of: []string{"abs"},
			If:    "the first term of the operand is negative",
			Stays: "x: n; abs(x)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if neg, x := s.negative(a[0]); neg {
					return s.Call(n.Fn, x)
				}
				return nil
			},
		},
		{
			Name: "logarithm of an exponential", Given: "x: n", Left: "log(exp(x))", Right: "x", of: []string{"log"},
			If:    "the operand is an exponential",
			Stays: "x: n; log(sinh(x))",
			call: func(_ *S, _ *Node, a []*Node) *Node {
				if a[0].IsCall("exp") {
					return a[0].Args[0]
				}
				return nil
			},
		},
		{
			Name: "logarithm of a determinant", Given: "A: n×n", Left: "log(det(A))", Right: "logdet(A)", of: []string{"log"},
			If:    "the operand is a determinant; where it is negative the logarithm is not there",
			Stays: "A: n×n; log(tr(A))",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].IsCall("det") {
					return s.call("logdet", a[0].Args[0])
				}
				return nil
			},
		},
		{
			Name: "logarithm of softmax", Given: "Z: n×m", Left: "log(softmax(Z))", Right: "logsoftmax(Z)", of: []string{"log"},
			If:    "the operand is a softmax",
			Stays: "Z: n×m; log(sigmoid(Z))",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].IsCall("softmax") {
					return s.call("logsoftmax", a[0].Args[0])
				}
				return nil
			},
		},
		{
			Name: "logarithm of the logistic function", Given: "z: n", Left: "log(sigmoid(z))", Right: "-softplus(-z)", of: []string{"log"},
			If:    "the operand is σ(z) or 1 − σ(z)",
			Stays: "z: n; log(2 - sigmoid(z))",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].IsCall("sigmoid") {
					return s.Neg(s.call("softplus", s.negate(a[0].Args[0])))
				}
				if z := s.oneMinusSigmoid(a[0]); z != nil {
					return s.Neg(s.call("softplus", z))
				}
				return nil
			},
		},
		{
			Name: "logarithm of one", Given: "x: n; A: n×n", Left: "x + log(det(eye(n)) + det(A)*0)", Right: "x", of: []string{"log"},
			If:    "the operand is the number 1",
			Stays: "x: n; log(x)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].IsOne() {
					return s.b.Int(0)
				}
				return nil
			},
		},
		{
			Name: "softplus by its definition", Given: "z: n", Left: "log(1 + exp(z))", Right: "softplus(z)", of: []string{"log"},
			If:    "the number beside the exponential is 1",
			Stays: "z: n; log(2 + exp(z))",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if z := s.onePlusExp(a[0]); z != nil {
					return s.call("softplus", z)
				}
				return nil
			},
		},
		{
			Name: "logsumexp by its definition", Given: "Z: n×m", Left: "log(rowsum(exp(Z)))", Right: "logsumexp(Z)", of: []string{"log"},
			If:    "the sums are along the rows, or over a whole column vector",
			Stays: "Z: n×m; log(colsum(exp(Z)))",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if z := s.sumOfExp(a[0]); z != nil {
					return s.call("logsumexp", z)
				}
				return nil
			},
		},
		{
			Name: "logarithm of a power", Given: "x: n positive; a: scalar", Left: "log(x.^a)", Right: "a*log(x)", of: []string{"log"},
			If:    "the base is positive: of x² with a negative x the right side is not there",
			Stays: "x: n; log(x.^2)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if x := a[0]; x.Op == expr.OpPow && x.Args[0].Props.Has(expr.Positive) {
					return s.Scale(x.Args[1], s.Call(n.Fn, x.Args[0]))
				}
				return nil
			},
		},
		{
			Name: "softmax of a shift", Given: "Z: N×K; v: N", Left: "softmax(Z - v*ones(K)')", Right: "softmax(Z)", of: []string{"softmax", "logsoftmax"},
			If:    "the term is the same along each row, or along the whole column vector; of logsoftmax too",
			Stays: "Z: N×K; u: 1×K; softmax(Z - ones(N)*u)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if x, _ := s.unshift(a[0]); x != nil {
					return s.Call(n.Fn, s.Normal(x))
				}
				return nil
			},
		},
		{
			Name: "logsumexp of a shift", Given: "z: n; c: scalar", Left: "c + logsumexp(z - c)", Right: "logsumexp(z)", of: []string{"logsumexp"},
			If:    "the term is the same along each row, or along the whole column vector",
			Stays: "z: n; c: n; logsumexp(z - c)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if x, c := s.unshift(a[0]); x != nil {
					return s.Add(s.Normal(c), s.Call(n.Fn, s.Normal(x)))
				}
				return nil
			},
		},
		{
			Name: "softmax of log-softmax", Given: "Z: n×m", Left: "softmax(logsoftmax(Z))", Right: "softmax(Z)", of: []string{"softmax", "logsoftmax"},
			If:    "the operand is a log-softmax; of logsoftmax too",
			Stays: "Z: n×m; softmax(log1p(Z))",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].IsCall("logsoftmax") {
					return s.Call(n.Fn, a[0].Args[0])
				}
				return nil
			},
		},
		{
			Name: "logsumexp of log-softmax", Given: "Z: n×m; v: n", Left: "v + logsumexp(logsoftmax(Z))", Right: "v", of: []string{"logsumexp"},
			If:    "the operand is a log-softmax: its exponentials sum to 1",
			Stays: "Z: n×m; v: n; v + logsumexp(softmax(Z))",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].IsCall("logsoftmax") {
					return s.b.Zeros(n.Shape)
				}
				return nil
			},
		},
		{
			Name: "exponential of a logarithm", Given: "x: n", Left: "exp(log(x))", Right: "x", of: []string{"exp"},
			If:    "the operand is a logarithm",
			Stays: "x: n; exp(log1p(x).*x)",
			call: func(_ *S, _ *Node, a []*Node) *Node {
				if a[0].IsCall("log") {
					return a[0].Args[0]
				}
				return nil
			},
		},
		{
			Name: "exponential of log-softmax", Given: "Z: n×m", Left: "exp(logsoftmax(Z))", Right: "softmax(Z)", of: []string{"exp"},
			If:    "the operand is a log-softmax",
			Stays: "Z: n×m; exp(-logsoftmax(Z))",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].IsCall("logsoftmax") {
					return s.call("softmax", a[0].Args[0])
				}
				return nil
			},
		},
		{
			Name: "exponential of zero", Given: "x: n", Left: "x + exp(0*x)", Right: "x + ones(n)", of: []string{"exp"},
			If:    "every entry is 0",
			Stays: "x: n; x + exp(x)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].IsZero() {
					return s.onesOfOr1(n.Shape)
				}
				return nil
			},
		},
		{
			Name: "comparison of numbers", Given: "x: n", Left: "x + [0 <= 1/2]", Right: "x + 1", of: []string{"ge", "gt", "le", "lt", "eq", "ne"},
			If:    "the sides differ by a number",
			Stays: "x: n; [x <= 1/2]",
			call:  decided,
		},
		{
			Name: "comparison solved", Given: "m: n", Left: "[0 < 1 - m]", Right: "[m < 1]", of: []string{"ge", "gt", "le", "lt", "eq", "ne"},
			If:    "what both sides share cancels, positive factors drop out, and the result is shorter",
			Stays: "m: n; y: n; [m < y]",
			call:  comparison,
		},
		{
			Name: "function by its definition", Given: "x: n", Left: "mean(x)", Right: "sum(x)/n",
			If:    "the function has a definition by simpler ones; few that results keep, var, silu, gelu, step and entropy, are not written out",
			Stays: "x: n; var(x)",
			call: func(s *S, n *Node, _ []*Node) *Node {
				if f, ok := n.Fn.(*rules.Func); ok && len(f.Def) > 0 && !shown[f.Name] {
					if d, err := Define(s.b, n); err == nil && d != nil && d != n {
						return s.Normal(d)
					}
				}
				return nil
			},
		},
		{
			Name: "function of a transpose", Given: "X: n×m", Left: "tanh(X')", Right: "tanh(X)'",
			If:    "the function is taken entry by entry",
			Stays: "X: n×m; softmax(X')",
			call:  elementwise(transposed),
		},
		{
			Name: "function of repeated entries", Given: "X: n×m; v: n", Left: "X + tanh(v*ones(m)')", Right: "X + tanh(v)*ones(m)'",
			If:    "the function is taken entry by entry, and the operand repeats a column or a row",
			Stays: "A: n×k; B: k×m; tanh(A*B)",
			call:  elementwise(repeated),
		},
	}
}

// unshift takes off the terms of a sum that are the same along each row, or
// along the whole column vector, and returns them as a column, or a scalar; nil
// if there are none.
func (s *S) unshift(n *Node) (rest, shift *Node) {
	if n.Op != expr.OpAdd {
		return nil, nil
	}
	var keep, off []*Node
	for _, t := range n.Args {
		c, x := s.b.Int(1), t
		if t.Op == expr.OpScale {
			c, x = t.Args[0], t.Args[1]
		}
		switch v := s.colBroadcast(x); {
		case n.Shape.IsCol() && isOnesCol(x):
			off = append(off, c)
		case !n.Shape.IsCol() && v != nil:
			off = append(off, s.b.Scale(c, v))
		default:
			keep = append(keep, t)
		}
	}
	if len(off) == 0 || len(keep) == 0 {
		return nil, nil
	}
	return s.b.Add(keep...), s.b.Add(off...)
}

// transposed and repeated move an elementwise call f under a transpose and
// under a broadcast of its operand x.
func transposed(s *S, x *Node, f func(*Node) *Node) *Node {
	if x.Op == expr.OpT {
		return s.T(f(x.Args[0]))
	}
	return nil
}

func repeated(s *S, x *Node, f func(*Node) *Node) *Node {
	if x.Op != expr.OpMul || x.Shape.R.IsOne() || x.Shape.C.IsOne() {
		return nil
	}
	if v := s.colBroadcast(x); v != nil {
		return s.Mul(f(v), s.b.T(s.ones(x.Shape.C)))
	}
	if u := s.rowBroadcast(x); u != nil {
		return s.Mul(s.ones(x.Shape.R), f(u))
	}
	return nil
}

// elementwise makes a rewrite of calls of every function that is taken entry by
// entry, with scalars beside its first operand.
func elementwise(move func(s *S, x *Node, f func(*Node) *Node) *Node) func(*S, *Node, []*Node) *Node {
	return func(s *S, n *Node, args []*Node) *Node {
		fn, ok := n.Fn.(*rules.Func)
		if !ok || !fn.Elementwise || len(args) == 0 || args[0].IsScalar() {
			return nil
		}
		for _, a := range args[1:] {
			if !a.IsScalar() && a.Shape == args[0].Shape {
				return nil
			}
		}
		return move(s, args[0], func(y *Node) *Node { return s.Call(fn, append([]*Node{y}, args[1:]...)...) })
	}
}
