package rules

import (
	"fmt"
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// helpers are functions that the rules of others and printed results need.
var helpers = []*Func{
	{
		Name: "dexpm", Family: "matrix", Helper: true, Doc: "Fréchet derivative of the matrix exponential at X in the direction E.",
		Params: []Param{{Name: "X", Kind: Square}, {Name: "E", Kind: Square, Like: "X"}}, Result: "Y",
		D: always("dexpm(X, dE) + d2expm(X, E, dX)"), Adjoint: always("dexpm(X', G)"),
		Props: propsBothSymmetric,
		Eval: func(a ...*num.Mat) (*num.Mat, error) {
			e, k := unit(a[1])
			return num.Scale(k, block(num.Expm(blocks(a[0], e)), a[0].R, 0, 1)), nil
		},
		Dual: expmDirs,
		Go:   "dexpm", NumPy: "_dexpm($1, $2)", NumPyFunc: numpyExpm + numpyDexpm,
		Domain:     Domain{Sampler: "small"},
		Identities: []Identity{{"derivative at a commuting direction", "dexpm(X, X)", "X*expm(X)", "X: n×n"}, {"trace of the derivative", "tr(dexpm(X, A))", "tr(expm(X)*A)", "X: n×n; A: n×n"}},
		Ref:        "Higham 2008, Functions of Matrices, eq. 10.15 and 3.16", Examples: []string{"A: n×n; X: n×n; E: n×n; Q = tr(A dexpm(X, E))"},
	},
	{
		Name: "d2expm", Family: "matrix", Helper: true, Doc: "Second Fréchet derivative of the matrix exponential at X in the directions E and F.",
		Params: []Param{{Name: "X", Kind: Square, NoD: "third derivatives of the matrix exponential are not in the table"},
			{Name: "E", Kind: Square, Like: "X"}, {Name: "F", Kind: Square, Like: "X"}}, Result: "Y",
		D:       always("d2expm(X, dE, F) + d2expm(X, E, dF)"),
		Adjoint: []Case{{Of: "E", Src: "d2expm(X', G, F')"}, {Of: "F", Src: "d2expm(X', E', G)"}},
		Props:   propsBothSymmetric,
		Eval: func(a ...*num.Mat) (*num.Mat, error) {
			e, k := unit(a[1])
			f, l := unit(a[2])
			return num.Scale(k*l, block(num.Expm(blocks(a[0], e, f)), a[0].R, 0, 3)), nil
		},
		Dual: expmDirs,
		Go:   "d2expm", NumPy: "_d2expm($1, $2, $3)", NumPyFunc: numpyExpm + numpyD2expm,
		Domain:     Domain{Sampler: "small"},
		Identities: []Identity{{"order of directions", "d2expm(X, E, F)", "d2expm(X, F, E)", "X: n×n; E: n×n; F: n×n"}},
		Ref:        "Higham and Relton 2014, Higher order Fréchet derivatives of matrix functions", Examples: []string{"A: n×n; X: n×n const; E: n×n; F: n×n; Q = tr(A d2expm(X, E, F))"},
	},
	{
		Name: "polar", Family: "matrix", Helper: true, Doc: "Orthogonal polar factor U·Vᵀ of X = U·S·Vᵀ, the nearest matrix with orthonormal columns (or rows).",
		Params: []Param{{Name: "X", NoD: "the differential of the polar factor solves a Sylvester equation, which has no closed form in this language"}},
		Result: "Y", NoD: "the differential of the polar factor solves a Sylvester equation, which has no closed form in this language",
		Props: func(a []*expr.Node) expr.Props {
			if !a[0].Shape.IsSquare() {
				return 0
			}
			return a[0].Props&expr.Symmetric | expr.Orthogonal
		},
		Eval: func(a ...*num.Mat) (*num.Mat, error) {
			q, err := num.Polar(a[0])
			if err != nil {
				return nil, fmt.Errorf("polar: %w", err)
			}
			return q, nil
		},
		Dual: func(a ...*num.Dual) (*num.Dual, error) {
			q, err := num.PolarDual(a[0])
			if err != nil {
				return nil, fmt.Errorf("polar: %w", err)
			}
			return q, nil
		},
		Go: "polar", NumPy: "_polar($1)", NumPyFunc: numpyPolar,
		Domain:     Domain{Text: "X of full rank", In: fullRank},
		Identities: []Identity{{"polar factor is orthogonal", "polar(X)'*polar(X)", "eye(n)", "X: n×n"}, {"polar factor of a transpose", "polar(X')", "polar(X)'", "X: n×m"}, {"inner product with the polar factor", "dot(polar(X), X)", "normnuc(X)", "X: n×m"}},
		Ref:        "Higham 2008, Functions of Matrices, theorem 8.1", Examples: []string{"A: n×m; X: n×m const; Q = dot(A, polar(X))"},
	},
	{
		Name: "unvec", Family: "matrix", Helper: true, Doc: "The matrix shaped like S whose stacked columns are x.",
		Params: []Param{{Name: "x"}, {Name: "S"}}, Out: OutLast, Result: "Y",
		D: always("unvec(dx, S)"), Adjoint: []Case{{Of: "x", Src: "vec(G)"}},
		Def: []Case{
			{When: func(a []expr.Shape) bool { return a[1].IsCol() || a[1].IsScalar() }, Src: "x"},
			{When: func(a []expr.Shape) bool { return a[1].IsRow() }, Src: "x'"},
			{Src: "unvec(x, S)"},
		},
		Shape: func(a []expr.Shape) (expr.Shape, error) {
			if !a[0].C.IsOne() || a[0].R != a[1].Count() {
				return expr.Shape{}, fmt.Errorf("unvec needs a column of %v entries to fill %v, its operand is %v", a[1].Count(), a[1], a[0])
			}
			return a[1], nil
		},
		Props: func(a []*expr.Node) expr.Props {
			return a[0].Props & (expr.Positive | expr.Nonnegative | expr.Binary | expr.UnitInterval)
		},
		Text: "unvec($1)", LaTeX: `\operatorname{unvec}($1)`,
		Eval: func(a ...*num.Mat) (*num.Mat, error) {
			if len(a[0].Data) != len(a[1].Data) {
				return nil, fmt.Errorf("unvec: %d entries for %d×%d", len(a[0].Data), a[1].R, a[1].C)
			}
			return (&num.Mat{R: a[1].C, C: a[1].R, Data: a[0].Data}).T(), nil
		},
		Dual: func(a ...*num.Dual) (*num.Dual, error) {
			if len(a[0].V) != len(a[1].V) {
				return nil, fmt.Errorf("unvec: %d entries for %d×%d", len(a[0].V), a[1].R, a[1].C)
			}
			return (&num.Dual{R: a[1].C, C: a[1].R, V: a[0].V, D: a[0].D}).T(), nil
		},
		Go: "unvec", NumPy: "$1.reshape($2.shape, order='F')",
		Identities: []Identity{{"unvec undoes vec", "unvec(vec(X), X)", "X", "X: n×m"}},
		Ref:        "linear", Examples: []string{"X: n×m; Q = norm(unvec(vec(X), X))"},
	},
	{
		Name: "prodrest", Family: "reduction", Helper: true, Doc: "For each entry, the product of all others.",
		Params: x1, Result: "Y", D: always("Y .* (sum(dX ./ X) - dX ./ X)"),
		Eval: func(a ...*num.Mat) (*num.Mat, error) {
			y := num.New(a[0].R, a[0].C)
			p, q, n := 1.0, 1.0, len(y.Data)
			for i, x := range a[0].Data {
				y.Data[i] = p
				p *= x
			}
			for i := n - 1; i >= 0; i-- {
				y.Data[i] *= q
				q *= a[0].Data[i]
			}
			return y, nil
		},
		Dual: func(a ...*num.Dual) (*num.Dual, error) {
			y := num.NewDual(a[0].R, a[0].C)
			for i := range y.V {
				v, d := 1.0, 0.0
				for j, x := range a[0].V {
					if j != i {
						v, d = v*x, d*x+v*a[0].D[j]
					}
				}
				y.V[i], y.D[i] = v, d
			}
			return y, nil
		},
		Go: "prodrest", NumPy: "_prodrest($1)", NumPyFunc: numpyProdrest,
		Domain:     Domain{Text: "X ≠ 0", Sampler: "nonzero", In: all(func(x float64) bool { return math.Abs(x) > 1e-3 })},
		Identities: []Identity{{"rest of a product by division", "prodrest(x)", "prod(x) ./ x", "x: n positive"}},
		Ref:        "product rule", Examples: []string{"a: n; x: n positive; Q = dot(a, prodrest(x))"},
	},
	unkron("unkronl", "Adjoint of A ↦ kron(A, B): entry ij is the inner product of block ij of H with B.", "unkronr", "kron(G, B)",
		Identity{"left adjoint of the Kronecker product", "dot(kron(A, B), H)", "dot(A, unkronl(H, B))", "A: 2×3; B: 4×2; H: 8×6"},
		func(h, b *num.Mat) *num.Mat {
			o := num.New(h.R/b.R, h.C/b.C)
			for i := 0; i < h.R; i++ {
				for j := 0; j < h.C; j++ {
					o.Data[i/b.R*o.C+j/b.C] += h.At(i, j) * b.At(i%b.R, j%b.C)
				}
			}
			return o
		}),
	unkron("unkronr", "Adjoint of A ↦ kron(B, A): the sum of the blocks H_ij weighted by B_ij.", "unkronl", "kron(B, G)",
		Identity{"right adjoint of the Kronecker product", "dot(kron(B, A), H)", "dot(A, unkronr(H, B))", "B: 2×3; A: 4×2; H: 8×6"},
		func(h, b *num.Mat) *num.Mat {
			o := num.New(h.R/b.R, h.C/b.C)
			for i := 0; i < h.R; i++ {
				for j := 0; j < h.C; j++ {
					o.Data[i%o.R*o.C+j%o.C] += h.At(i, j) * b.At(i/o.R, j/o.C)
				}
			}
			return o
		}),
}

// unkron makes the entry of one of the two adjoints of the Kronecker product.
// It is linear in H, with a Kronecker product as its adjoint, and in B, where
// the adjoint is the other of the two: ⟨G, unkronl(H, B)⟩ = ⟨kron(G, B), H⟩ =
// ⟨B, unkronr(H, G)⟩.
func unkron(name, doc, other, adjoint string, id Identity, f func(h, b *num.Mat) *num.Mat) *Func {
	check := func(hr, hc, br, bc int) error {
		if br == 0 || bc == 0 || hr%br != 0 || hc%bc != 0 {
			return fmt.Errorf("%s: %d×%d is not made of %d×%d blocks", name, hr, hc, br, bc)
		}
		return nil
	}
	return &Func{
		Name: name, Family: "matrix", Helper: true, Doc: doc,
		Params: []Param{{Name: "H"}, {Name: "B"}}, Out: OutOther, Result: "Y",
		D:       always(name + "(dH, B) + " + name + "(H, dB)"),
		Adjoint: []Case{{Of: "H", Src: adjoint}, {Of: "B", Src: other + "(H, G)"}},
		Shape: func(a []expr.Shape) (expr.Shape, error) {
			r, ok1 := over(a[0].R, a[1].R)
			c, ok2 := over(a[0].C, a[1].C)
			if !ok1 || !ok2 {
				return expr.Shape{}, fmt.Errorf("%s needs a first operand whose sizes are multiples of those of the second, they are %v and %v", name, a[0], a[1])
			}
			return expr.Shape{R: r, C: c}, nil
		},
		Eval: func(a ...*num.Mat) (*num.Mat, error) {
			if err := check(a[0].R, a[0].C, a[1].R, a[1].C); err != nil {
				return nil, err
			}
			return f(a[0], a[1]), nil
		},
		Dual: func(a ...*num.Dual) (*num.Dual, error) {
			if err := check(a[0].R, a[0].C, a[1].R, a[1].C); err != nil {
				return nil, err
			}
			return bilinear(f)(a...)
		},
		Go: name, NumPy: "_" + name + "($1, $2)", NumPyFunc: numpyUnkron[name],
		Identities: []Identity{id}, Ref: "bilinear",
		Examples: []string{id.Declare + "; Q = " + id.Right},
	}
}

// bilinear makes the dual kernel of a function linear in each of two operands.
func bilinear(f func(a, b *num.Mat) *num.Mat) func(args ...*num.Dual) (*num.Dual, error) {
	return func(args ...*num.Dual) (*num.Dual, error) {
		a, b := args[0].Value(), args[1].Value()
		return num.Along(f(a, b), num.Add(f(args[0].Deriv(), b), 1, f(a, args[1].Deriv()))), nil
	}
}

// linear makes the dual kernel of a linear function.
func linear(f func(x *num.Mat) *num.Mat) func(args ...*num.Dual) (*num.Dual, error) {
	return oneDual(func(x *num.Dual) *num.Dual { return num.Along(f(x.Value()), f(x.Deriv())) })
}

// blocks builds the block triangular matrix whose exponential has Fréchet
// derivatives off the diagonal: [X E; 0 X], and for two directions
// [[X E; 0 X] [F 0; 0 F]; 0 [X E; 0 X]].
func blocks(x *num.Mat, dirs ...*num.Mat) *num.Mat {
	n := x.R
	o := num.New(n<<len(dirs), n<<len(dirs))
	put := func(m *num.Mat, bi, bj int) {
		for i := 0; i < n; i++ {
			for j := 0; j < n; j++ {
				o.Set(bi*n+i, bj*n+j, m.At(i, j))
			}
		}
	}
	k := 1 << len(dirs)
	for b := 0; b < k; b++ {
		put(x, b, b)
		for d, e := range dirs {
			if b&(1<<d) == 0 {
				put(e, b, b|1<<d)
			}
		}
	}
	return o
}

// block returns block (bi, bj) of n×n blocks.
func block(m *num.Mat, n, bi, bj int) *num.Mat {
	o := num.New(n, n)
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			o.Set(i, j, m.At(bi*n+i, bj*n+j))
		}
	}
	return o
}

// expmDirs evaluates a Fréchet derivative of the exponential on dual numbers:
// the last block of the first block row.
func expmDirs(args ...*num.Dual) (*num.Dual, error) {
	vs, ds, scale := []*num.Mat{args[0].Value()}, []*num.Mat{args[0].Deriv()}, 1.0
	for _, a := range args[1:] {
		v, k := unit(a.Value())
		vs, ds = append(vs, v), append(ds, num.Scale(1/k, a.Deriv()))
		scale *= k
	}
	e := num.ExpmDual(num.Along(blocks(vs[0], vs[1:]...), blocks(ds[0], ds[1:]...)))
	n, last := args[0].R, 1<<(len(args)-1)-1
	return num.Along(num.Scale(scale, block(e.Value(), n, 0, last)), num.Scale(scale, block(e.Deriv(), n, 0, last))), nil
}

// unit scales a direction to about 1 by a power of two, which it returns: a
// derivative is linear in its direction, but the exponential of a matrix that
// holds a long one loses digits.
func unit(e *num.Mat) (*num.Mat, float64) {
	top := e.MaxAbs()
	if top == 0 || math.IsInf(top, 0) || math.IsNaN(top) {
		return e, 1
	}
	k := math.Ldexp(1, math.Ilogb(top))
	if math.IsInf(1/k, 0) { // below the least normal number
		return e, 1
	}
	return num.Scale(1/k, e), k
}

// fullRank tells whether a matrix is well away from those of lower rank.
func fullRank(a ...*num.Mat) bool {
	_, s, _, err := num.SVD(a[0])
	return err == nil && len(s) > 0 && s[len(s)-1] > 1e-3*s[0]
}

// propsBothSymmetric: a directional derivative of the exponential is symmetric
// if the point and the directions are. With two directions this holds too,
// since every order of the factors occurs.
func propsBothSymmetric(a []*expr.Node) expr.Props {
	p := expr.Symmetric
	for _, x := range a {
		p &= x.Props
	}
	return p
}
