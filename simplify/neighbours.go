package simplify

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
)

// maxCentred is the most terms of a sum whose sums are tried to cancel.
const maxCentred = 4

// core is what a scalar scales.
func core(n *Node) *Node {
	if n.Op == expr.OpScale {
		return n.Args[1]
	}
	return n
}

// neighbours are the identities of two factors that stand side by side in a
// matrix product, in the order in which they are tried.
func neighbours() []Rewrite {
	return []Rewrite{
		{
			Name: "inverse cancels", Given: "A: n×n; B: n×m", Left: "inv(A)*A*B", Right: "B",
			If:    "a matrix stands beside its own inverse",
			Stays: "A: n×n; B: n×n; inv(A)*B*A",
			pair: func(s *S, a, b *Node) *Node {
				if isInvOf(a, b) || isInvOf(b, a) ||
					a.Op == expr.OpT && b.Op == expr.OpT && (isInvOf(a.Args[0], b.Args[0]) || isInvOf(b.Args[0], a.Args[0])) {
					return s.b.Eye(a.Shape.R)
				}
				return nil
			},
		},
		{
			Name: "orthogonal matrix", Given: "U: n×n orthogonal; x: n", Left: "U'*U*x", Right: "x",
			If:    "the matrix is orthogonal, and stands beside its own transpose",
			Stays: "U: n×n; x: n; U'*U*x",
			pair: func(s *S, a, b *Node) *Node {
				if a.Props.Has(expr.Orthogonal) && b == s.b.T(a) || b.Props.Has(expr.Orthogonal) && a == s.b.T(b) {
					s.used["orthogonal"] = true
					return s.b.Eye(a.Shape.R)
				}
				return nil
			},
		},
		{
			Name: "projector", Given: "x: n", Left: "(eye(n) - ones(n)*ones(n)'/n)*(eye(n) - ones(n)*ones(n)'/n)*x", Right: "(eye(n) - ones(n)*ones(n)'/n)*x",
			If:    "the square multiplied out is the sum itself, or its negative",
			Stays: "x: n; (eye(n) - ones(n)*ones(n)')*(eye(n) - ones(n)*ones(n)')*x",
			pair: func(s *S, a, b *Node) *Node {
				if a != b || a.Op != expr.OpAdd {
					return nil
				}
				if k := s.projector(a); k != 0 {
					return s.Scale(s.b.Int(int64(k)), a)
				}
				return nil
			},
		},
		{
			Name: "sum of ones", Given: "A: n×m", Left: "A*(ones(m)*ones(n)'*ones(n))", Right: "n*A*ones(m)",
			If:    "a row of ones stands before a column of ones",
			Stays: "A: n×n; ones(n)'*A*ones(n)",
			pair: func(s *S, a, b *Node) *Node {
				if isOnesRow(a) && isOnesCol(b) {
					return s.b.Size(a.Shape.C)
				}
				return nil
			},
		},
		{
			Name: "rows sum to one", Given: "Y: N×K onehot; v: N", Left: "v'*Y*ones(K)", Right: "v'*ones(N)",
			If:    "each row of the matrix sums to 1, by declaration or as those of softmax do",
			Stays: "Y: N×K; v: N; v'*Y*ones(K)",
			pair: func(s *S, a, b *Node) *Node {
				if isOnesCol(b) && a.Props.Has(expr.RowsSumOne) {
					s.used["rows sum to 1"] = true
					return s.ones(a.Shape.R)
				}
				return nil
			},
		},
		{
			Name: "columns sum to one", Given: "p: n simplex; v: m", Left: "v*(ones(n)'*p)", Right: "v",
			If:    "each column of the matrix sums to 1",
			Stays: "p: n; v: m; v*(ones(n)'*p)",
			pair: func(s *S, a, b *Node) *Node {
				if isOnesRow(a) && b.Props.Has(expr.ColsSumOne) {
					s.used["sums to 1"] = true
					return s.b.T(s.ones(b.Shape.C))
				}
				return nil
			},
		},
		{
			Name: "product of diagonal matrices", Given: "u: n; v: n; A: n×m", Left: "diag(u)*diag(v)", Right: "diag(u .* v)",
			If:    "both are diagonal matrices of vectors",
			Stays: "u: n; A: n×n; diag(u)*A",
			pair: func(s *S, a, b *Node) *Node {
				if v, w := s.diagArg(a), s.diagArg(b); v != nil && w != nil {
					return s.call("diag", s.Had(v, w))
				}
				return nil
			},
		},
		{
			Name: "diagonal matrix times a vector", Given: "v: n; x: n", Left: "diag(v)*x", Right: "v .* x",
			If:    "the factor is a diagonal matrix of a vector",
			Stays: "A: n×n; x: n; A*x",
			pair: func(s *S, a, b *Node) *Node {
				if v := s.diagArg(a); v != nil && b.Shape.IsCol() {
					return s.Had(v, b)
				}
				if v := s.diagArg(b); v != nil && a.Shape.IsRow() {
					return s.Had(a, s.T(v))
				}
				return nil
			},
		},
		{
			Name: "sums of a sum", Given: "Y: N×K onehot; Z: N×K", Left: "(Y - softmax(Z))*ones(K)", Right: "zeros(N)",
			If:    "the sums of every term are known, so that they cancel",
			Stays: "Y: N×K; Z: N×K; (Y - softmax(Z))*ones(K)",
			pair: func(s *S, a, b *Node) *Node {
				if isOnesCol(b) && a.Op == expr.OpAdd && s.contracts(a, b, false) {
					return s.mapAdd(a, func(t *Node) *Node { return s.Mul(t, b) })
				}
				if isOnesRow(a) && b.Op == expr.OpAdd && s.contracts(b, a, true) {
					return s.mapAdd(b, func(t *Node) *Node { return s.Mul(a, t) })
				}
				return nil
			},
		},
		{
			Name: "sums of centred rows or columns", Given: "x: n; A: n×m", Left: "A'*ones(n)*(ones(n)'*(x - ones(n)*(ones(n)'*x)/n))", Right: "zeros(m)",
			If:    "a term repeats a row or a column, and the sums of all terms cancel",
			Stays: "x: n; a: scalar; ones(n)'*(x - a*ones(n))",
			pair: func(s *S, a, b *Node) *Node {
				sums := func(n *Node, f func(*Node) *Node, repeated func(*Node) bool) *Node {
					if n.Op != expr.OpAdd || len(n.Args) > maxCentred || !slices.ContainsFunc(n.Args, repeated) {
						return nil
					}
					if x := s.mapAdd(n, f); x.IsZero() {
						return x
					}
					return nil
				}
				switch {
				case isOnesRow(a):
					return sums(b, func(t *Node) *Node { return s.Mul(a, t) }, func(t *Node) bool {
						t = core(t)
						return t == s.ones(b.Shape.R) || s.rowBroadcast(t) != nil
					})
				case isOnesCol(b):
					return sums(a, func(t *Node) *Node { return s.Mul(t, b) }, func(t *Node) bool {
						t = core(t)
						return isOnesRow(t) || s.colBroadcast(t) != nil
					})
				}
				return nil
			},
		},
		{
			Name: "row sums of scaled rows", Given: "v: n; M: n×m", Left: "((v*ones(m)') .* M)*ones(m)", Right: "v .* (M*ones(m))",
			If:    "the factor repeats a column, which all entries of a row share",
			Stays: "u: 1×m; M: n×m; ((ones(n)*u) .* M)*ones(m)",
			pair: func(s *S, a, b *Node) *Node {
				if isOnesCol(b) && a.Op == expr.OpHad {
					if v, m := s.takeBroadcast(a, false); v != nil {
						return s.Had(v, s.Mul(m, b))
					}
				}
				if isOnesRow(a) && b.Op == expr.OpHad {
					if u, m := s.takeBroadcast(b, true); u != nil {
						return s.Had(u, s.Mul(a, m))
					}
				}
				return nil
			},
		},
		{
			Name: "scaled columns times a vector", Given: "u: 1×m; M: n×m; x: m", Left: "((ones(n)*u) .* M)*x", Right: "M*(u' .* x)",
			If:    "the factor repeats a row, and a column stands after it: the scaling is that of the column",
			Stays: "A: n×m; M: n×m; x: m; (A .* M)*x",
			pair: func(s *S, a, b *Node) *Node {
				if b.Shape.IsCol() {
					if u, m := s.takeBroadcast(a, true); u != nil {
						return s.Mul(m, s.Had(s.T(u), b))
					}
				}
				if a.Shape.IsRow() {
					if v, m := s.takeBroadcast(b, false); v != nil {
						return s.Mul(s.Had(a, s.T(v)), m)
					}
				}
				return nil
			},
		},
	}
}

// The canonical form of a product of more than two factors.
var (
	inverseOfProductCancels = inline(groupProducts, Rewrite{
		Name: "inverse of a product cancels", Given: "A: n×k; B: n×m", Left: "A*inv(A'*A)*A'*A", Right: "A",
		If:    "the factors beside the inverse are those of its operand, in order",
		Stays: "A: n×k; A*inv(A'*A)*A'",
	})
	innerProductOut = inline(groupProducts, Rewrite{
		Name: "inner product inside a product", Given: "x: n; u: m; A: n×n", Left: "u*x'*A*x", Right: "(x'*A*x)*u",
		If:    "a run of factors is 1×1, and so commutes",
		Stays: "x: n; u: m; u*x'",
	})
	diagonalFactor = inline(groupProducts, Rewrite{
		Name: "diagonal matrix times a matrix", Given: "v: n; A: n×m", Left: "diag(v)*A", Right: "(v*ones(m)') .* A",
		If:    "the diagonal matrix stands at an end of the product",
		Stays: "v: n; A: m×n; B: n×m; A*diag(v)*B",
	})
	scaledRowsOut = inline(groupProducts, Rewrite{
		Name: "scaled rows out of a product", Given: "v: n; M: n×k; B: k×m", Left: "((v*ones(k)') .* M)*B", Right: "(v*ones(m)') .* (M*B)",
		If:    "the rows of the first factor are scaled, or the columns of the last",
		Stays: "u: 1×k; M: n×k; B: k×m; ((ones(n)*u) .* M)*B",
	})
)
