package simplify

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

// matrixRewrites are the identities of functions of whole matrices.
func matrixRewrites() []Rewrite {
	return []Rewrite{
		{
			Name: "trace", Given: "A: n×n; B: n×n", Left: "tr(A'*B')", Right: "tr(A*B)", of: []string{"tr"},
			If:    "an identity of traces applies, or a rotation of the product comes first",
			Stays: "A: n×n; tr(A)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if r := s.Trace(a[0]); r != n {
					return r
				}
				return nil
			},
		},
		{
			Name: "inverse of a scalar", Given: "x: n", Left: "inv(x'*x)", Right: "1/(x'*x)", of: []string{"inv"},
			If:    "the operand is 1×1",
			Stays: "A: n×n; inv(A)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].IsScalar() {
					return s.Pow(a[0], s.b.Int(-1))
				}
				return nil
			},
		},
		{
			Name: "inverse of a transpose", Given: "A: n×n", Left: "inv(A')", Right: "inv(A)'", of: []string{"inv"},
			If:    "always",
			Stays: "A: n×n; inv(A)",
			call:  underTranspose,
		},
		{
			Name: "inverse of the identity", Given: "A: n×n; B: n×n", Left: "A + inv(inv(B)*B)", Right: "A + eye(n)", of: []string{"inv"},
			If:    "the operand is the identity",
			Stays: "A: n×n; inv(A + eye(n))",
			call: func(_ *S, _ *Node, a []*Node) *Node {
				if a[0].Op == expr.OpEye {
					return a[0]
				}
				return nil
			},
		},
		{
			Name: "inverse of a scaled matrix", Given: "A: n×n; a: scalar", Left: "inv(a*A)", Right: "inv(A)/a", of: []string{"inv"},
			If:    "always",
			Stays: "A: n×n; inv(A)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if x := a[0]; x.Op == expr.OpScale {
					return s.Scale(s.Pow(x.Args[0], s.b.Int(-1)), s.Call(n.Fn, x.Args[1]))
				}
				return nil
			},
		},
		{
			Name: "inverse of a product", Given: "A: n×n; B: n×n", Left: "inv(A*B)", Right: "inv(B)*inv(A)", of: []string{"inv"},
			If:    "every factor is square: XᵀX has an inverse where X has none",
			Stays: "X: n×m; inv(X'*X)",
			call: func(s *S, n *Node, a []*Node) *Node {
				x := a[0]
				if x.Op != expr.OpMul {
					return nil
				}
				args := make([]*Node, len(x.Args))
				for i, f := range x.Args {
					if !f.Shape.IsSquare() {
						return nil
					}
					args[len(args)-1-i] = s.Call(n.Fn, f)
				}
				return s.Mul(args...)
			},
		},
		{
			Name: "content of an inverse", Given: "A: n×n; B: n×n", Left: "inv(2*A - 4*B)", Right: "1/2*inv(A - 2*B)", of: []string{"inv"},
			If:    "the numbers of all terms have a common factor, or the first is negative",
			Stays: "A: n×n; B: n×n; inv(2*A - 3*B)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].Op != expr.OpAdd {
					return nil
				}
				if r, y := s.primitive(a[0]); !isOne(r) {
					return s.withRat(new(big.Rat).Inv(r), s.b.MustCall(n.Fn, y))
				}
				return nil
			},
		},
		{
			Name: "inverse of an inverse", Given: "A: n×n", Left: "inv(inv(A))", Right: "A", of: []string{"inv"},
			If:    "the operand is an inverse",
			Stays: "A: n×n; inv(A + inv(A))",
			call: func(_ *S, _ *Node, a []*Node) *Node {
				if a[0].IsCall("inv") {
					return a[0].Args[0]
				}
				return nil
			},
		},
		{
			Name: "inverse of an orthogonal matrix", Given: "U: n×n orthogonal", Left: "inv(U)", Right: "U'", of: []string{"inv"},
			If:    "the matrix is orthogonal",
			Stays: "U: n×n; inv(U)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].Props.Has(expr.Orthogonal) {
					s.used["orthogonal"] = true
					return s.T(a[0])
				}
				return nil
			},
		},
		{
			Name: "inverse of a diagonal matrix", Given: "v: n", Left: "inv(diag(v))", Right: "diag(1 ./ v)", of: []string{"inv"},
			If:    "the matrix is the diagonal one of a vector",
			Stays: "A: n×n; inv(A)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if v := s.diagArg(a[0]); v != nil {
					return s.call("diag", s.Pow(v, s.b.Int(-1)))
				}
				return nil
			},
		},
		{
			Name: "determinant of a scalar", Given: "x: n", Left: "det(x'*x)", Right: "x'*x", of: []string{"det"},
			If:    "the operand is 1×1",
			Stays: "A: n×n; det(A)",
			call: func(_ *S, _ *Node, a []*Node) *Node {
				if a[0].IsScalar() {
					return a[0]
				}
				return nil
			},
		},
		{
			Name: "determinant of a transpose", Given: "A: n×n", Left: "det(A')", Right: "det(A)", of: []string{"det", "logdet"},
			If:    "always",
			Stays: "A: n×n; det(A)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].Op == expr.OpT {
					return s.Call(n.Fn, a[0].Args[0])
				}
				return nil
			},
		},
		{
			Name: "determinant of the identity", Given: "A: n×n; a: scalar", Left: "a + det(inv(A)*A)", Right: "a + 1", of: []string{"det"},
			If:    "the operand is the identity",
			Stays: "A: n×n; det(A)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].Op == expr.OpEye {
					return s.b.Int(1)
				}
				return nil
			},
		},
		{
			Name: "log determinant of the identity", Given: "A: n×n; a: scalar", Left: "a + logdet(inv(A)*A)", Right: "a", of: []string{"logdet"},
			If:    "the operand is the identity",
			Stays: "A: n×n; logdet(A)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].Op == expr.OpEye {
					return s.b.Int(0)
				}
				return nil
			},
		},
		{
			Name: "determinant of a scaled matrix", Given: "A: n×n; a: scalar", Left: "det(a*A)", Right: "a^n*det(A)", of: []string{"det"},
			If:    "always",
			Stays: "A: n×n; det(A)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if x := a[0]; x.Op == expr.OpScale {
					return s.Had(s.Pow(x.Args[0], s.b.Size(x.Shape.R)), s.Call(n.Fn, x.Args[1]))
				}
				return nil
			},
		},
		{
			Name: "determinant of an inverse", Given: "A: n×n", Left: "det(inv(A))", Right: "1/det(A)", of: []string{"det"},
			If:    "the operand is an inverse",
			Stays: "A: n×n; det(A)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].IsCall("inv") {
					return s.Pow(s.Call(n.Fn, a[0].Args[0]), s.b.Int(-1))
				}
				return nil
			},
		},
		{
			Name: "log determinant of an inverse", Given: "A: n×n", Left: "logdet(inv(A))", Right: "-logdet(A)", of: []string{"logdet"},
			If:    "the operand is an inverse",
			Stays: "A: n×n; logdet(A)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].IsCall("inv") {
					return s.Neg(s.Call(n.Fn, a[0].Args[0]))
				}
				return nil
			},
		},
		{
			Name: "matrix exponential of a transpose", Given: "A: n×n", Left: "expm(A')", Right: "expm(A)'", of: []string{"expm"},
			If:    "always",
			Stays: "A: n×n; expm(A)",
			call:  underTranspose,
		},
		{
			Name: "diagonal of a row", Given: "v: n", Left: "diag(v')", Right: "diag(v)", of: []string{"diag"},
			If:    "the operand is a row",
			Stays: "v: n; diag(v)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].Shape.IsRow() {
					return s.Call(n.Fn, s.T(a[0]))
				}
				return nil
			},
		},
		{
			Name: "diagonal matrix of ones", Given: "A: n×n", Left: "A + diag(ones(n))", Right: "A + eye(n)", of: []string{"diag"},
			If:    "every entry is 1",
			Stays: "A: n×n; v: n; A + diag(v)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if isOnesCol(a[0]) {
					return s.b.Eye(a[0].Shape.R)
				}
				return nil
			},
		},
		{
			Name: "diagonal of a scaled operand", Given: "A: n×n; a: scalar", Left: "diag(a*A)", Right: "a*diag(A)", of: []string{"diag"},
			If:    "always",
			Stays: "A: n×n; diag(A)",
			call:  underScale,
		},
		{
			Name: "diagonal of a transpose", Given: "A: n×n", Left: "diag(A')", Right: "diag(A)", of: []string{"diag"},
			If:    "always",
			Stays: "A: n×n; diag(A)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].Op == expr.OpT && !a[0].Shape.IsCol() {
					return s.Call(n.Fn, a[0].Args[0])
				}
				return nil
			},
		},
		{
			Name: "diagonal of the identity", Given: "x: n; A: n×n", Left: "x + diag(inv(A)*A)", Right: "x + ones(n)", of: []string{"diag"},
			If:    "the operand is the identity",
			Stays: "A: n×n; diag(A)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[0].Op == expr.OpEye {
					return s.ones(a[0].Shape.R)
				}
				return nil
			},
		},
		{
			Name: "diagonal of an outer product", Given: "u: n; v: n", Left: "diag(u*v')", Right: "u .* v", of: []string{"diag"},
			If:    "the operand is a column times a row",
			Stays: "A: n×m; B: m×n; diag(A*B)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if x := a[0]; x.Op == expr.OpMul && !x.Shape.IsCol() && len(x.Args) == 2 && x.Args[0].Shape.C.IsOne() {
					return s.Had(x.Args[0], s.T(x.Args[1]))
				}
				return nil
			},
		},
		{
			Name: "diagonal of a product", Given: "A: n×m", Left: "diag(A*A')", Right: "rowsum(A .* A)", of: []string{"diag"},
			If:    "the sum is shorter",
			Stays: "A: n×m; B: m×n; diag(A*B)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[0].Op != expr.OpMul || a[0].Shape.IsCol() {
					return nil
				}
				if y := s.diagonalSum(a[0]); s.Cost(y) < s.Cost(n) {
					return y
				}
				return nil
			},
		},
		{
			Name: "diagonal of a diagonal matrix", Given: "v: n", Left: "diag(diag(v))", Right: "v", of: []string{"diag"},
			If:    "the inner operand is a vector: of a matrix the result is its diagonal part",
			Stays: "A: n×n; diag(diag(A))",
			call:  func(s *S, _ *Node, a []*Node) *Node { return s.diagArg(a[0]) },
		},
		{
			Name: "derivative of the matrix exponential by the identity", Given: "A: n×n; a: scalar", Left: "dexpm(A, eye(n))", Right: "expm(A)", of: []string{"dexpm"},
			If:    "the direction is the identity, which commutes with A",
			Stays: "A: n×n; B: n×n; dexpm(A, B)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				if a[1].Op == expr.OpEye {
					return s.call("expm", a[0])
				}
				return nil
			},
		},
		{
			Name: "derivative of the matrix exponential, scaled", Given: "A: n×n; B: n×n; a: scalar", Left: "dexpm(A, a*B)", Right: "a*dexpm(A, B)", of: []string{"dexpm"},
			If:    "the direction is scaled",
			Stays: "A: n×n; B: n×n; dexpm(A, B)",
			call: func(s *S, n *Node, a []*Node) *Node {
				if a[1].Op == expr.OpScale {
					return s.Scale(a[1].Args[0], s.Call(n.Fn, a[0], a[1].Args[1]))
				}
				return nil
			},
		},
		{
			Name: "adjoint of a Kronecker product at the identity", Given: "A: 2×2; B: 3×3", Left: "A + unkronl(eye(6), B)", Right: "A + tr(B)*eye(2)", of: []string{"unkronl", "unkronr"},
			If:    "the operand is the identity, and the other factor square",
			Stays: "A: 2×2; B: 3×3; H: 6×6; A + unkronl(H, B)",
			call:  unkron,
		},
		{
			Name: "adjoint of a Kronecker product at another", Given: "P: 2×3; Q: 4×2; B: 4×2", Left: "unkronl(kron(P, Q), B)", Right: "tr(Q'*B)*P", of: []string{"unkronl", "unkronr"},
			If:    "the products have factors of the same shapes",
			Stays: "P: 2×4; Q: 4×3; B: 4×2; unkronl(kron(P, Q), B)",
			call: func(s *S, n *Node, a []*Node) *Node {
				g := a[0]
				if !g.IsCall("kron") {
					return nil
				}
				same, other := g.Args[1], g.Args[0]
				if n.IsCall("unkronr") {
					same, other = other, same
				}
				if same.Shape != a[1].Shape {
					return nil
				}
				return s.Scale(s.Trace(s.Mul(s.T(same), a[1])), other)
			},
		},
		{
			Name: "vec of a vector", Given: "x: n", Left: "vec(x')", Right: "x", of: []string{"vec"},
			If:    "the operand is a row or a column",
			Stays: "X: n×m; vec(X)",
			call: func(s *S, _ *Node, a []*Node) *Node {
				switch x := a[0]; {
				case x.Shape.IsCol():
					return x
				case x.Shape.IsRow():
					return s.T(x)
				}
				return nil
			},
		},
		{
			Name: "vec of a scaled matrix", Given: "X: n×m; a: scalar", Left: "vec(a*X)", Right: "a*vec(X)", of: []string{"vec"},
			If:    "always",
			Stays: "X: n×m; vec(X)",
			call:  underScale,
		},
		{
			Name: "vec and its inverse", Given: "P: 4×5; Q: 2×3; X: 3×5; Y: 2×4", Left: "unvec(kron(P, Q)*vec(X), Y)", Right: "Q*X*P'", of: []string{"unvec"},
			If:    "the column says which matrix it stacks: vec(X), or a Kronecker product times one (Magnus and Neudecker 2019, theorem 2.2)",
			Stays: "x: 6; S: 2×3; unvec(x, S)",
			call:  func(s *S, n *Node, a []*Node) *Node { return s.unvec(a[0], n.Shape) },
		},
	}
}

func underTranspose(s *S, n *Node, a []*Node) *Node {
	if a[0].Op == expr.OpT {
		return s.T(s.Call(n.Fn, a[0].Args[0]))
	}
	return nil
}

func underScale(s *S, n *Node, a []*Node) *Node {
	if a[0].Op == expr.OpScale {
		return s.Scale(a[0].Args[0], s.Call(n.Fn, a[0].Args[1]))
	}
	return nil
}

// unkron: the adjoints of A ⊗ B at the identity are tr(B)I and tr(A)I.
func unkron(s *S, n *Node, a []*Node) *Node {
	g := a[0]
	var c *Node
	if g.Op == expr.OpScale {
		c, g = g.Args[0], g.Args[1]
	}
	var out *Node
	switch {
	case g.Op == expr.OpEye && a[1].Shape.IsSquare():
		out = s.Scale(s.Trace(a[1]), s.b.Eye(n.Shape.R))
	case c != nil:
		out = s.Call(n.Fn, g, a[1])
	default:
		return nil
	}
	if c != nil {
		out = s.Scale(c, out)
	}
	return out
}
