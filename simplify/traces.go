package simplify

import "github.com/matdiff/matdiff/expr"

// innerRewrites are the identities of aᵀb for two columns a, b, a scalar.
func innerRewrites() []Rewrite {
	return []Rewrite{
		{
			Name: "sum of an elementwise product", Given: "a: n; b: n", Left: "sum(a .* b)", Right: "a'*b",
			If:    "the product has two factors: a third has no place in an inner product",
			Stays: "a: n; b: n; c: n; sum(a .* b .* c)",
			inner: func(s *S, a, b *Node) *Node {
				h := summed(a, b)
				switch {
				case h == nil:
				case h.Op == expr.OpHad && len(h.Args) == 2:
					return s.Mul(s.T(h.Args[0]), h.Args[1])
				case h.Op == expr.OpT && h.Args[0].Op == expr.OpHad && len(h.Args[0].Args) == 2: // of rows
					return s.Mul(h.Args[0].Args[0], s.T(h.Args[0].Args[1]))
				}
				return nil
			},
		},
		{
			Name: "sum of squares", Given: "a: n", Left: "sum(a.^2)", Right: "a'*a",
			If:    "the exponent is 2",
			Stays: "a: n; sum(a.^3)",
			inner: func(s *S, a, b *Node) *Node {
				h := summed(a, b)
				switch {
				case h == nil:
				case h.Op == expr.OpPow && h.Args[1].IsNum(2, 1):
					return s.Mul(s.T(h.Args[0]), h.Args[0])
				case h.Op == expr.OpT && h.Args[0].Op == expr.OpPow && h.Args[0].Args[1].IsNum(2, 1): // of a row
					return s.Mul(h.Args[0].Args[0], s.T(h.Args[0].Args[0]))
				}
				return nil
			},
		},
		{
			Name: "sum of the diagonal", Given: "A: n×n", Left: "sum(diag(A))", Right: "tr(A)",
			If:    "the diagonal is that of a matrix",
			Stays: "A: n×n; sum(diag(A).^2)",
			inner: func(s *S, a, b *Node) *Node {
				if h := summed(a, b); h != nil && h.IsCall("diag") {
					return s.Trace(h.Args[0])
				}
				return nil
			},
		},
		{
			Name: "inner product of powers", Given: "x: n; a: scalar", Left: "x'*x.^a", Right: "sum(x.^(a + 1))",
			If:    "both have one base: xᵀx is a norm",
			Stays: "x: n; x'*x",
			inner: func(s *S, a, b *Node) *Node {
				if a == b || isOnesCol(a) || isOnesCol(b) {
					return nil
				}
				x, y := power{a, s.b.Int(1)}, power{b, s.b.Int(1)}
				if a.Op == expr.OpPow {
					x = power{a.Args[0], a.Args[1]}
				}
				if b.Op == expr.OpPow {
					y = power{b.Args[0], b.Args[1]}
				}
				if x.base != y.base {
					return nil
				}
				h := s.Pow(x.base, s.Add(x.exp, y.exp))
				return s.Mul(s.b.T(s.ones(h.Shape.R)), h)
			},
		},
		{
			Name: "inner product of elementwise products", Given: "a: n; b: n; c: n", Left: "(a .* b)'*c", Right: "sum(a .* b .* c)",
			If:    "three factors or more are left, or one: two make an inner product again",
			Stays: "a: n; b: n; a'*b",
			inner: func(s *S, a, b *Node) *Node {
				if a == b || isOnesCol(a) || isOnesCol(b) || a.Op != expr.OpHad && b.Op != expr.OpHad {
					return nil
				}
				if h := s.Had(a, b); h.Op != expr.OpHad || len(h.Args) > 2 {
					return s.Mul(s.b.T(s.ones(h.Shape.R)), h)
				}
				return nil
			},
		},
	}
}

// summed returns the other vector where one is ones: 1ᵀb or aᵀ1.
func summed(a, b *Node) *Node {
	switch {
	case isOnesCol(a):
		return b
	case isOnesCol(b):
		return a
	}
	return nil
}

// traceRewrites are the identities of tr(n), in the order in which they are
// tried. A product is not rotated before all of them failed.
func traceRewrites() []Rewrite {
	return []Rewrite{
		{
			Name: "trace of a scaled matrix", Given: "a: scalar; A: n×n", Left: "tr(a*A)", Right: "a*tr(A)",
			If:    "always",
			Stays: "A: n×n; B: n×n; tr(A .* B)",
			trace: func(s *S, n *Node) *Node {
				if n.Op == expr.OpScale {
					return s.Had(n.Args[0], s.Trace(n.Args[1]))
				}
				return nil
			},
		},
		{
			Name: "trace of a sum", Given: "A: n×n; B: n×n", Left: "tr(A + B*B)", Right: "tr(A) + tr(B*B)",
			If:    "always",
			Stays: "A: n×n; B: n×n; tr(A .* B)",
			trace: func(s *S, n *Node) *Node {
				if n.Op == expr.OpAdd {
					return s.mapAdd(n, s.Trace)
				}
				return nil
			},
		},
		{
			Name: "trace of a transpose", Given: "A: n×n", Left: "tr(A')", Right: "tr(A)",
			If:    "always",
			Stays: "A: n×n; B: n×n; tr(A .* B)",
			trace: func(s *S, n *Node) *Node {
				if n.Op == expr.OpT {
					return s.Trace(n.Args[0])
				}
				return nil
			},
		},
		{
			Name: "trace of the identity", Given: "A: n×n", Left: "tr(A + eye(n))", Right: "tr(A) + n",
			If:    "the operand is the identity",
			Stays: "A: n×n; tr(A)",
			trace: func(s *S, n *Node) *Node {
				switch n.Op {
				case expr.OpEye:
					return s.b.Size(n.Shape.R)
				case expr.OpZeros:
					return s.b.Int(0)
				}
				return nil
			},
		},
		{
			Name: "trace of a diagonal matrix", Given: "v: n", Left: "tr(diag(v))", Right: "sum(v)",
			If:    "the matrix is the diagonal one of a vector",
			Stays: "A: n×n; tr(A)",
			trace: func(s *S, n *Node) *Node {
				if v := s.diagArg(n); v != nil {
					return s.Mul(s.b.T(s.ones(v.Shape.R)), v)
				}
				return nil
			},
		},
		{
			Name: "trace of a Kronecker product", Given: "A: n×n; B: m×m", Left: "tr(kron(A, B))", Right: "tr(A)*tr(B)",
			If:    "both factors are square",
			Stays: "A: 2×3; B: 3×2; tr(kron(A, B))",
			trace: func(s *S, n *Node) *Node {
				if n.IsCall("kron") && n.Args[0].Shape.IsSquare() && n.Args[1].Shape.IsSquare() {
					return s.Had(s.Trace(n.Args[0]), s.Trace(n.Args[1]))
				}
				return nil
			},
		},
		{
			Name: "trace of an elementwise product with an outer product", Given: "A: n×n; u: n; v: n", Left: "tr(A .* (u*v'))", Right: "(u .* v)'*diag(A)",
			If:    "a factor is a column times a row",
			Stays: "A: n×n; B: n×n; tr(A .* B)",
			trace: func(s *S, n *Node) *Node {
				if n.Op != expr.OpHad {
					return nil
				}
				for i, a := range n.Args {
					if a.Op == expr.OpMul && a.Args[0].Shape.C.IsOne() && len(a.Args) == 2 {
						rest := s.b.Had(without(n.Args, i)...)
						return s.Mul(s.T(s.Had(a.Args[0], s.T(a.Args[1]))), s.call("diag", rest))
					}
				}
				return nil
			},
		},
		{
			Name: "trace of an outer product", Given: "u: n; v: n; A: n×n", Left: "tr(A*u*v')", Right: "v'*A*u",
			If:    "a factor is a row vector: rotated to the front it makes an inner product",
			Stays: "A: n×m; B: m×n; tr(A*B)",
			trace: func(s *S, n *Node) *Node {
				if n.Op != expr.OpMul {
					return nil
				}
				for i, f := range n.Args {
					if f.Shape.R.IsOne() {
						return s.Mul(append(append([]*Node(nil), n.Args[i:]...), n.Args[:i]...)...)
					}
				}
				return nil
			},
		},
		{
			Name: "trace cancels across the ends", Given: "A: n×n; B: n×n; C: n×n", Left: "tr(A*B*C*inv(A))", Right: "tr(B*C)",
			If:    "last and first factor cancel as neighbours: a trace is cyclic",
			Stays: "A: n×n; B: n×n; C: n×n; tr(A*B*inv(A)*C)",
			trace: func(s *S, n *Node) *Node {
				if n.Op != expr.OpMul {
					return nil
				}
				fs := n.Args
				k := len(fs)
				if r := s.pair(fs[k-1], fs[0]); r != nil {
					return s.Trace(s.Mul(append(append([]*Node(nil), fs[1:k-1]...), r)...))
				}
				return nil
			},
		},
		{
			Name: "trace with a diagonal matrix", Given: "v: n; A: n×m; B: m×n", Left: "tr(B*diag(v)*A)", Right: "v'*diag(A*B)",
			If:    "a factor is the diagonal matrix of a vector",
			Stays: "A: n×m; B: m×n; tr(A*B)",
			trace: func(s *S, n *Node) *Node {
				if n.Op != expr.OpMul {
					return nil
				}
				for i, f := range n.Args {
					if v := s.diagArg(f); v != nil {
						rot := append(append([]*Node(nil), n.Args[i+1:]...), n.Args[:i]...)
						return s.Mul(s.T(v), s.call("diag", s.Mul(rot...)))
					}
				}
				return nil
			},
		},
	}
}

// The canonical form of a scalar product.
var (
	sumToTrace = inline(groupTraces, Rewrite{
		Name: "sum of the entries of an elementwise product", Given: "A: n×m; B: n×m", Left: "sum(A .* B)", Right: "tr(A'*B)",
		If:    "the product has two factors, or is a square",
		Stays: "A: n×m; B: n×m; C: n×m; sum(A .* B .* C)",
	})
	sumOfTranspose = inline(groupTraces, Rewrite{
		Name: "sum of a transpose", Given: "A: n×m", Left: "sum(A')", Right: "sum(A)",
		If:    "all entries are summed",
		Stays: "A: n×m; rowsum(A')",
	})
	weightedInner = inline(groupTraces, Rewrite{
		Name: "inner product by a diagonal matrix", Given: "u: k; A: k×n; v: n; B: n×m; w: m", Left: "u'*A*diag(v)*B*w", Right: "sum((A'*u) .* v .* (B*w))",
		If:    "the diagonal matrix is that of a vector",
		Stays: "u: n; A: n×n; w: n; u'*A*w",
	})
	scalarReversed = inline(groupTraces, Rewrite{
		Name: "transpose of an inner product", Given: "A: n×n; x: n; y: n", Left: "y'*A'*x", Right: "x'*A*y",
		If:    "the product is 1×1; of both writings the one with fewer transposes is taken, then the first by structure",
		Stays: "A: n×n; x: n; y: n; x'*A*y",
	})
	traceRotated = inline(groupTraces, Rewrite{
		Name: "cyclic rotation of a trace", Given: "A: n×n; B: n×n; C: n×n", Left: "tr(C*A*B)", Right: "tr(A*B*C)",
		If:    "a product of at most 24 factors, a bound on the rotations that are compared; transposes of them too",
		Stays: "A: n×n; B: n×n; C: n×n; tr(A*B*C)",
	})
)
