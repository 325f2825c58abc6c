package rules

import (
	"fmt"
	"math"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

const (
	levelPostfix = ast.LevelPostfix
	levelProduct = ast.LevelProduct
)

var square1 = []Param{{Name: "X", Kind: Square}}

// matrix holds the functions of a whole matrix; norms are in norms.go, the
// helpers that only rules and results need in helpers.go.
var matrix = concat([]*Func{
	{
		Name: "tr", Spellings: []string{"trace", "Tr"}, Family: "matrix", Doc: "Trace: the sum of the diagonal of a square matrix.",
		Params: square1, Out: OutScalar, Result: "y",
		D: always("tr(dX)"), Adjoint: always("G*eye(rows)"), Props: propsTrace,
		LaTeX: `\operatorname{tr}($1)`,
		Eval:  number(func(x *num.Mat) float64 { return diagOf(x).Sum() }),
		Dual: numberDual(func(x *num.Dual) (v, d float64) {
			for i := 0; i < x.R; i++ {
				v += x.V[i*x.C+i]
				d += x.D[i*x.C+i]
			}
			return v, d
		}),
		Go: "trace", NumPy: "np.trace($1)",
		Identities: []Identity{
			{"trace of a transpose", "tr(X')", "tr(X)", "X: n×n"},
			{"trace is cyclic", "tr(A*B)", "tr(B*A)", "A: n×m; B: m×n"},
			{"trace of a sum", "tr(A + B)", "tr(A) + tr(B)", "A: n×n; B: n×n"},
			{"trace of a product as a sum", "tr(A'*B)", "sum(A .* B)", "A: n×m; B: n×m"},
		},
		Ref: "Matrix Cookbook 2012, eq. 36", Examples: []string{"A: n×n; X: n×n; Q = tr(A X)"},
	},
	{
		Name: "det", Spellings: []string{"Det"}, Family: "matrix", Doc: "Determinant of a square matrix.",
		Params: square1, Out: OutScalar, Result: "Y", D: always("Y*tr(inv(X)*dX)"), Props: propsDet,
		LaTeX: `\det($1)`,
		Eval:  number(num.Det),
		Dual: func(args ...*num.Dual) (*num.Dual, error) {
			pv, pd, s, _, err := num.LUDual(args[0])
			if err != nil {
				return nil, fmt.Errorf("det: %w", err)
			}
			v, d := s, 0.0
			for i := range pv {
				v, d = v*pv[i], d*pv[i]+v*pd[i]
			}
			return &num.Dual{R: 1, C: 1, V: []float64{v}, D: []float64{d}}, nil
		},
		Go: "det", NumPy: "np.linalg.det($1)",
		Domain: Domain{Text: "X invertible", Sampler: "nonsingular", In: invertible},
		Identities: []Identity{
			{"determinant of a transpose", "det(X')", "det(X)", "X: n×n"},
			{"determinant of a product", "det(A*B)", "det(A)*det(B)", "A: n×n; B: n×n"},
			{"determinant of an inverse", "det(inv(X))", "1/det(X)", "X: n×n"},
			{"determinant by logdet", "det(X)", "exp(logdet(X))", "X: n×n spd"},
			{"determinant of I plus a product", "det(eye(n) + A*B)", "det(eye(m) + B*A)", "A: n×m; B: m×n"},
		},
		Ref: "Matrix Cookbook 2012, eq. 42", Examples: []string{"X: n×n; Q = det(X)"},
	},
	{
		Name: "logdet", Family: "matrix", Doc: "Logarithm of the determinant of a square matrix.",
		Params: square1, Out: OutScalar, Result: "y", D: always("tr(inv(X)*dX)"),
		LaTeX: `\log\det($1)`, Text: "log det($1)", Level: levelPostfix,
		Eval: func(args ...*num.Mat) (*num.Mat, error) {
			l, s := num.LogDet(args[0])
			if s <= 0 || math.IsNaN(l) {
				return nil, fmt.Errorf("logdet: the determinant is not positive")
			}
			return num.Scalar(l), nil
		},
		Dual: func(args ...*num.Dual) (*num.Dual, error) {
			pv, pd, s, _, err := num.LUDual(args[0])
			if err != nil {
				return nil, fmt.Errorf("logdet: %w", err)
			}
			v, d := 0.0, 0.0
			for i := range pv {
				s *= sign(pv[i])
				v += math.Log(math.Abs(pv[i]))
				d += pd[i] / pv[i]
			}
			if s < 0 {
				return nil, fmt.Errorf("logdet: the determinant is not positive")
			}
			return &num.Dual{R: 1, C: 1, V: []float64{v}, D: []float64{d}}, nil
		},
		Go: "logDet", NumPy: "_logdet($1)", NumPyFunc: numpyLogDet,
		Domain: Domain{Text: "det(X) > 0", Sampler: "spd", In: func(a ...*num.Mat) bool {
			_, s := num.LogDet(a[0])
			return s > 0 && invertible(a...)
		}},
		Identities: []Identity{
			{"logdet of an inverse", "logdet(inv(X))", "-logdet(X)", "X: n×n spd"},
			{"logdet of a transpose", "logdet(X')", "logdet(X)", "X: n×n spd"},
			{"logdet of a product", "logdet(A*B)", "logdet(A) + logdet(B)", "A: n×n spd; B: n×n spd"},
			{"logdet by det", "logdet(X)", "log(det(X))", "X: n×n spd"},
			{"logdet of a multiple", "logdet(a*X)", "n*log(a) + logdet(X)", "X: n×n spd; a: scalar positive"},
		},
		Ref: "Matrix Cookbook 2012, eq. 43", Examples: []string{"X: n×n spd; Q = logdet(X)"},
	},
	{
		Name: "inv", Spellings: []string{"inverse"}, Family: "matrix", Doc: "Inverse of a square matrix.",
		Params: square1, Result: "Y", D: always("-Y*dX*Y"), Props: propsInv,
		Text: "$1⁻¹", LaTeX: "$1^{-1}", Level: levelPostfix,
		Eval: func(args ...*num.Mat) (*num.Mat, error) {
			y, err := num.Inv(args[0])
			if err != nil {
				return nil, fmt.Errorf("inv: %w", err)
			}
			return y, nil
		},
		Dual: func(args ...*num.Dual) (*num.Dual, error) {
			y, err := num.InvDual(args[0])
			if err != nil {
				return nil, fmt.Errorf("inv: %w", err)
			}
			return y, nil
		},
		Go: "inv", NumPy: "np.linalg.inv($1)",
		Domain: Domain{Text: "X invertible", Sampler: "nonsingular", In: invertible},
		Identities: []Identity{
			{"inverse of a product", "inv(A*B)", "inv(B)*inv(A)", "A: n×n; B: n×n"},
			{"inverse of a transpose", "inv(X')", "inv(X)'", "X: n×n"},
			{"inverse of an inverse", "inv(inv(X))", "X", "X: n×n"},
			{"inverse of a multiple", "inv(a*X)", "inv(X)/a", "X: n×n; a: scalar positive"},
			{"product with the inverse", "X*inv(X)", "eye(n)", "X: n×n"},
		},
		Ref: "Matrix Cookbook 2012, eq. 40", Examples: []string{"a: n; X: n×n; b: n; Q = a' inv(X) b"},
	},
	{
		Name: "adj", Spellings: []string{"adjugate"}, Family: "matrix", Doc: "Adjugate det(X)·inv(X) of a square matrix.",
		Params: square1, Result: "Y", D: always("tr(Y*dX)*inv(X) - Y*dX*inv(X)"), Def: always("det(X)*inv(X)"), Props: propsAdj,
		LaTeX: `\operatorname{adj}($1)`,
		Eval: func(args ...*num.Mat) (*num.Mat, error) {
			y, err := num.Inv(args[0])
			if err != nil {
				return nil, fmt.Errorf("adj: %w", err)
			}
			return num.Scale(num.Det(args[0]), y), nil
		},
		Dual: func(args ...*num.Dual) (*num.Dual, error) {
			pv, pd, s, solve, err := num.LUDual(args[0])
			if err != nil {
				return nil, fmt.Errorf("adj: %w", err)
			}
			v, d := s, 0.0
			for i := range pv {
				v, d = v*pv[i], d*pv[i]+v*pd[i]
			}
			y := solve(num.EyeDual(args[0].R))
			for i := range y.V {
				y.V[i], y.D[i] = v*y.V[i], d*y.V[i]+v*y.D[i]
			}
			return y, nil
		},
		Go: "adjugate", NumPy: "np.linalg.det($1)*np.linalg.inv($1)",
		Domain:     Domain{Text: "X invertible", Sampler: "nonsingular", In: invertible},
		Identities: []Identity{{"product with the adjugate", "X*adj(X)", "det(X)*eye(n)", "X: n×n"}},
		Ref:        "Matrix Cookbook 2012, eq. 41, with eq. 40", Examples: []string{"A: n×n; X: n×n; Q = tr(A adj(X))"},
	},
	{
		Name: "diag", Family: "matrix", Doc: "The diagonal matrix of a vector, or the diagonal of a square matrix as a column.",
		Params: x1, Out: OutDiag, Result: "Y", D: always("diag(dX)"), Props: propsDiag,
		Adjoint: []Case{{When: isScalar, Src: "G"}, {When: isRow, Src: "diag(G)'"}, {Src: "diag(G)"}},
		LaTeX:   `\operatorname{diag}($1)`,
		Eval:    one(diag), Dual: linear(diag),
		Go: "diag", NumPy: "_diag($1)", NumPyFunc: numpyDiag,
		Identities: []Identity{
			{"diagonal of a diagonal matrix", "diag(diag(x))", "x", "x: n"},
			{"diagonal matrix times a vector", "diag(x)*y", "x .* y", "x: n; y: n"},
			{"diagonal matrices multiply entry by entry", "diag(x)*diag(y)", "diag(x .* y)", "x: n; y: n"},
			{"trace by the diagonal", "sum(diag(X))", "tr(X)", "X: n×n"},
			{"diagonal of a transpose", "diag(X')", "diag(X)", "X: n×n"},
		},
		Ref: "linear", Examples: []string{"x: n; A: n×n; Q = tr(A diag(x))", "X: n×n; w: n; Q = w' diag(X)"},
	},
	{
		Name: "expm", Family: "matrix", Doc: "Matrix exponential of a square matrix.",
		Params: square1, Result: "Y", D: always("dexpm(X, dX)"), Props: propsExpm,
		Text: "expm($1)", LaTeX: `\operatorname{expm}($1)`,
		Eval: one(num.Expm), Dual: oneDual(num.ExpmDual),
		Go: "expm", NumPy: "_expm($1)", NumPyFunc: numpyExpm,
		Domain: Domain{Sampler: "small"},
		Identities: []Identity{
			{"exponential of a transpose", "expm(X')", "expm(X)'", "X: n×n"},
			{"exponential of minus", "expm(-X)", "inv(expm(X))", "X: n×n"},
			{"determinant of an exponential", "logdet(expm(X))", "tr(X)", "X: n×n"},
		},
		Ref: "Higham 2008, Functions of Matrices, eq. 10.15", Examples: []string{"X: n×n; A: n×n; Q = tr(A expm(X))", "X: n×n; Q = tr(expm(X))"},
	},
	{
		Name: "kron", Family: "matrix", Doc: "Kronecker product: the blocks A_ij·B.",
		Params: []Param{{Name: "A"}, {Name: "B"}}, Out: OutKron, Result: "Y", D: always("kron(dA, B) + kron(A, dB)"),
		Adjoint: []Case{{Of: "A", Src: "unkronl(G, B)"}, {Of: "B", Src: "unkronr(G, A)"}}, Props: propsKron,
		Text: "$1 ⊗ $2", LaTeX: `$1 \otimes $2`, Level: levelProduct,
		Eval: func(a ...*num.Mat) (*num.Mat, error) { return kron(a[0], a[1]), nil },
		Dual: bilinear(kron),
		Go:   "kron", NumPy: "np.kron($1, $2)",
		Identities: []Identity{
			{"transpose of a Kronecker product", "kron(A, B)'", "kron(A', B')", "A: m×n; B: p×q"},
			{"product of Kronecker products", "kron(A, B)*kron(C, D)", "kron(A*C, B*D)", "A: m×n; B: p×q; C: n×k; D: q×l"},
			{"vec of a triple product", "vec(A*X*B)", "kron(B', A)*vec(X)", "A: m×n; X: n×p; B: p×q"},
			{"inverse of a Kronecker product", "inv(kron(A, B))", "kron(inv(A), inv(B))", "A: n×n; B: m×m"},
			{"trace of a Kronecker product", "tr(kron(A, B))", "tr(A)*tr(B)", "A: n×n; B: m×m"},
		},
		Ref: "Matrix Cookbook 2012, eq. 39", Examples: []string{"A: m×n; X: p×q; C: k×l; Q = sum(kron(A, X))"},
	},
	{
		Name: "vec", Family: "matrix", Doc: "The columns of a matrix stacked into one column vector.",
		Params: x1, Out: OutVec, Result: "Y", D: always("vec(dX)"), Adjoint: always("unvec(G, ones(rows, cols))"), Props: propsVec,
		Def:   []Case{{When: isCol, Src: "X"}, {When: isScalar, Src: "X"}, {When: isRow, Src: "X'"}, {Src: "vec(X)"}},
		LaTeX: `\operatorname{vec}($1)`,
		Eval:  one(vec), Dual: linear(vec),
		Go: "vec", NumPy: "$1.reshape(-1, 1, order='F')",
		Identities: []Identity{
			{"inner product of vecs", "vec(A)'*vec(B)", "tr(A'*B)", "A: n×m; B: n×m"},
			{"vec of a vector", "vec(x)", "x", "x: n"},
			{"vec of an outer product", "vec(x*y')", "kron(y, x)", "x: n; y: m"},
		},
		Ref: "Magnus and Neudecker 2019, section 2.4", Examples: []string{"X: n×m; A: k×k; Q = vec(X)' vec(X)"},
	},
	{
		Name: "sym", Family: "matrix", Doc: "Symmetric part (X + Xᵀ)/2 of a square matrix.",
		Params: square1, Result: "Y", D: always("sym(dX)"), Def: always("(X + X')/2"), Adjoint: always("sym(G)"),
		Props: func(a []*expr.Node) expr.Props {
			return a[0].Props&(expr.PSD|expr.SPD|expr.Diagonal|expr.Positive|expr.Nonnegative|expr.UnitInterval) | expr.Symmetric
		},
		LaTeX: `\operatorname{sym}($1)`,
		Eval:  one(sym), Dual: linear(sym),
		Go: "sym", NumPy: "0.5*($1 + $1.T)",
		Identities: []Identity{{"quadratic form sees the symmetric part", "x'*sym(X)*x", "x'*X*x", "X: n×n; x: n"}},
		Ref:        "linear", Examples: []string{"X: n×n; A: n×n; Q = tr(A sym(X))"},
	},
	{
		Name: "dot", Spellings: []string{"inner"}, Family: "matrix", Doc: "Inner product ⟨A, B⟩ of two vectors or matrices of one shape: the sum of A_ij·B_ij.",
		Params: []Param{{Name: "A"}, {Name: "B", Like: "A"}}, Out: OutScalar, Result: "y",
		D:       always("dot(dA, B) + dot(A, dB)"),
		Def:     []Case{{When: isCol, Src: "A'*B"}, {When: isRow, Src: "A*B'"}, {Src: "tr(A'*B)"}},
		Adjoint: []Case{{Of: "A", Src: "G*B"}, {Of: "B", Src: "G*A"}},
		Props:   propsDot,
		Text:    "⟨$1, $2⟩", LaTeX: `\langle $1, $2\rangle`,
		Eval: func(a ...*num.Mat) (*num.Mat, error) {
			if a[0].R != a[1].R || a[0].C != a[1].C {
				return nil, fmt.Errorf("dot: operands are %d×%d and %d×%d", a[0].R, a[0].C, a[1].R, a[1].C)
			}
			return num.Scalar(num.Dot(a[0], a[1])), nil
		},
		Dual: bilinear(func(a, b *num.Mat) *num.Mat { return num.Scalar(num.Dot(a, b)) }),
		Go:   "dot", NumPy: "np.sum($1*$2)",
		Identities: []Identity{{"inner product as a sum", "dot(A, B)", "sum(A .* B)", "A: n×m; B: n×m"}, {"inner product with itself", "dot(A, A)", "norm(A)^2", "A: n×m"}},
		Ref:        "product rule", Examples: []string{"x: n; y: n; Q = dot(x, y)", "A: n×m; B: n×m; Q = ⟨A, B⟩"},
	},
	{
		Name: "outer", Family: "matrix", Doc: "Outer product x·yᵀ of two vectors.",
		Params: []Param{{Name: "x", Kind: Vector}, {Name: "y", Kind: Vector}}, Out: OutOuter, Result: "Y",
		D: always("outer(dx, y) + outer(x, dy)"),
		Def: []Case{
			{When: func(a []expr.Shape) bool { return a[0].IsRow() && a[1].IsRow() }, Src: "x'*y"},
			{When: func(a []expr.Shape) bool { return a[0].IsRow() }, Src: "x'*y'"},
			{When: func(a []expr.Shape) bool { return a[1].IsRow() }, Src: "x*y"},
			{Src: "x*y'"},
		},
		Props: func(a []*expr.Node) expr.Props {
			p := a[0].Props & a[1].Props & (expr.Positive | expr.Nonnegative | expr.Binary | expr.UnitInterval)
			if a[0] == a[1] {
				p |= expr.PSD
			}
			return p
		},
		Eval: func(a ...*num.Mat) (*num.Mat, error) { return outer(a[0], a[1]), nil },
		Dual: bilinear(outer),
		Go:   "outer", NumPy: "np.outer($1, $2)",
		Identities: []Identity{{"outer product as a product", "outer(x, y)", "x*y'", "x: n; y: m"}, {"trace of an outer product", "tr(outer(x, y))", "x'*y", "x: n; y: n"}},
		Ref:        "product rule", Examples: []string{"x: n; y: m; A: m×n; Q = tr(A outer(x, y))"},
	},
	{
		Name: "eye", Spellings: []string{"identity"}, Family: "matrix", Doc: "Identity matrix; its size is inferred if not given.",
		Params: []Param{{Name: "n", Kind: SizeArg, Optional: true}}, Out: OutSizes, Op: expr.OpEye, D: always("0"), Ref: "constant",
		Go: "eye", NumPy: "np.eye($1)",
		Identities: []Identity{{"identity is neutral", "eye(n)*X", "X", "X: n×m"}}, Examples: []string{"A: m×n; λ: scalar; Q = logdet(A'A + λ eye(n))"},
	},
	{
		Name: "ones", Family: "matrix", Doc: "Column vector or matrix of ones: ones(n), ones(n, m).",
		Params: sizes2, Out: OutSizes, Op: expr.OpOnes, D: always("0"), Ref: "constant",
		Go: "ones", NumPy: "np.ones(($1, $2))",
		Identities: []Identity{{"ones count", "ones(n)'*ones(n)", "n", "x: n"}}, Examples: []string{"X: n×m; Q = ones(n)' X ones(m)"},
	},
	{
		Name: "zeros", Family: "matrix", Doc: "Column vector or matrix of zeros: zeros(n), zeros(n, m).",
		Params: sizes2, Out: OutSizes, Op: expr.OpZeros, D: always("0"), Ref: "constant",
		Go: "zeros", NumPy: "np.zeros(($1, $2))",
		Identities: []Identity{{"zeros are neutral", "X + zeros(n, m)", "X", "X: n×m"}}, Examples: []string{"x: n; Q = sum(max(x, zeros(n)))"},
	},
	{
		Name: "vector", Family: "matrix", Doc: "Column vector with every entry c, its length inferred from the context.",
		Params: []Param{{Name: "c", Kind: Number}}, Out: OutFreeCol, Op: expr.OpOnes, Result: "y", D: always("vector(dc)"), Ref: "linear",
		Go: "fill", NumPy: "$1*np.ones(shape)",
		Identities: []Identity{{"constant vector", "x + vector(2)", "x + 2", "x: n"}}, Examples: []string{"x: n; Q = norm2(x - vector(1))"},
	},
	{
		Name: "matrix", Family: "matrix", Doc: "Matrix with every entry c, its sizes inferred from the context.",
		Params: []Param{{Name: "c", Kind: Number}}, Out: OutFree, Op: expr.OpOnes, Result: "Y", D: always("matrix(dc)"), Ref: "linear",
		Go: "fill", NumPy: "$1*np.ones(shape)",
		Identities: []Identity{{"constant matrix", "X + matrix(2)", "X + 2", "X: n×m"}}, Examples: []string{"X: n×m; Q = norm(X - matrix(1))"},
	},
	{
		Name: "pi", Spellings: []string{"π"}, Family: "matrix", Doc: "The number π.",
		Params: nil, Out: OutScalar, D: always("0"), Props: func([]*expr.Node) expr.Props { return expr.Positive },
		Text: "π", LaTeX: `\pi`, ASCII: "pi",
		Eval: func(...*num.Mat) (*num.Mat, error) { return num.Scalar(math.Pi), nil },
		Dual: func(...*num.Dual) (*num.Dual, error) { return num.Const(num.Scalar(math.Pi)), nil },
		Go:   "math.Pi", NumPy: "np.pi",
		Identities: []Identity{{"sine of π", "cos(pi)", "-1", "x: n"}},
		Ref:        "constant", Examples: []string{"x: n; Q = n/2*log(2*pi) + x'x/2"},
	},
}, norms, helpers)

var sizes2 = []Param{{Name: "n", Kind: SizeArg, Optional: true}, {Name: "m", Kind: SizeArg, Optional: true}}

func concat(fs ...[]*Func) []*Func {
	var out []*Func
	for _, f := range fs {
		out = append(out, f...)
	}
	return out
}

func diagOf(x *num.Mat) *num.Mat {
	o := num.New(x.R, 1)
	for i := range o.Data {
		o.Data[i] = x.At(i, i)
	}
	return o
}

// diag of a vector is a diagonal matrix, of a matrix its diagonal.
func diag(x *num.Mat) *num.Mat {
	if x.R != 1 && x.C != 1 {
		return diagOf(x)
	}
	n := len(x.Data)
	o := num.New(n, n)
	for i, v := range x.Data {
		o.Data[i*n+i] = v
	}
	return o
}

func vec(x *num.Mat) *num.Mat {
	t := x.T()
	return &num.Mat{R: len(t.Data), C: 1, Data: t.Data}
}

func sym(x *num.Mat) *num.Mat { return num.Scale(0.5, num.Add(x, 1, x.T())) }

func kron(a, b *num.Mat) *num.Mat {
	o := num.New(a.R*b.R, a.C*b.C)
	for i := 0; i < o.R; i++ {
		for j := 0; j < o.C; j++ {
			o.Data[i*o.C+j] = a.At(i/b.R, j/b.C) * b.At(i%b.R, j%b.C)
		}
	}
	return o
}

func outer(x, y *num.Mat) *num.Mat {
	o := num.New(len(x.Data), len(y.Data))
	for i, v := range x.Data {
		for j, w := range y.Data {
			o.Data[i*o.C+j] = v * w
		}
	}
	return o
}

// invertible tells whether a matrix is well away from the singular ones.
func invertible(a ...*num.Mat) bool {
	inv, err := num.Inv(a[0])
	return err == nil && inv.Norm()*a[0].Norm() < 1e6
}
