package rules

import (
	"fmt"
	"math"

	"github.com/matdiff/matdiff/num"
)

var norms = []*Func{
	{
		Name: "norm", Spellings: []string{"norm2", "normF", "normf", "norm_2", "norm_F", "normfro"}, Family: "matrix",
		Doc:    "Euclidean norm of a vector, Frobenius norm of a matrix.",
		Params: x1, Out: OutScalar, Result: "y", D: always("dot(X, dX)/y"), Def: always("sum(X.^2)^(1/2)"), Props: propsNorm,
		Text: "‖$1‖", LaTeX: `\lVert $1\rVert`,
		Eval: number((*num.Mat).Norm),
		Dual: numberDual(func(x *num.Dual) (v, d float64) {
			v = x.Value().Norm()
			for i := range x.V {
				if x.D[i] != 0 {
					d += x.V[i] / v * x.D[i]
				}
			}
			return v, d
		}),
		Go: "norm", NumPy: "_norm($1)", NumPyFunc: numpyNorm,
		Domain: Domain{Text: "X ≠ 0", In: func(a ...*num.Mat) bool { return a[0].Norm() > 1e-3 }},
		Identities: []Identity{
			{"square of a norm", "norm(X)^2", "tr(X'*X)", "X: n×m"},
			{"norm of a multiple", "norm(a*X)", "abs(a)*norm(X)", "X: n×m; a: scalar"},
			{"norm of an orthogonal image", "norm(A*x)", "norm(x)", "A: n×n orthogonal; x: n"},
		},
		Ref: "Matrix Cookbook 2012, eq. 129", Examples: []string{"x: n; Q = norm(x)", "A: n×m; x: m; b: n; Q = ‖A x − b‖²"},
	},
	{
		Name: "norm1", Spellings: []string{"norm_1"}, Family: "matrix", Doc: "Sum of the absolute entries of a vector or matrix.",
		Params: x1, Out: OutScalar, Result: "y", D: always("dot(sign(X), dX)"), Def: always("sum(abs(X))"), Props: propsNorm,
		Text: "‖$1‖₁", LaTeX: `\lVert $1\rVert_1`,
		Eval: number(func(x *num.Mat) float64 { return x.Map(math.Abs).Sum() }),
		Dual: numberDual(func(x *num.Dual) (v, d float64) {
			for i := range x.V {
				v += math.Abs(x.V[i])
				d += sign(x.V[i]) * x.D[i]
			}
			return v, d
		}),
		Go: "norm1", NumPy: "np.sum(np.abs($1))",
		Domain:     Domain{Text: "smooth where X ≠ 0", Sampler: "nonzero", Kinks: []float64{0}},
		Identities: []Identity{{"norm by signs", "norm1(X)", "dot(sign(X), X)", "X: n×m"}},
		Ref:        "|x| = x·sign(x), sign locally constant", Examples: []string{"x: n; Q = norm1(x)"},
	},
	{
		Name: "normnuc", Spellings: []string{"nuclear", "nuclearnorm"}, Family: "matrix", Doc: "Nuclear norm ‖X‖_*: the sum of the singular values.",
		Params: x1, Out: OutScalar, Result: "y", D: always("dot(polar(X), dX)"), Props: propsNorm,
		Text: "‖$1‖_*", LaTeX: `\lVert $1\rVert_*`,
		Eval: func(args ...*num.Mat) (*num.Mat, error) {
			_, s, _, err := num.SVD(args[0])
			if err != nil {
				return nil, fmt.Errorf("normnuc: %w", err)
			}
			v := 0.0
			for _, x := range s {
				v += x
			}
			return num.Scalar(v), nil
		},
		Dual: func(args ...*num.Dual) (*num.Dual, error) {
			q, err := num.PolarDual(args[0])
			if err != nil {
				return nil, fmt.Errorf("normnuc: %w", err)
			}
			o := num.NewDual(1, 1)
			for i, v := range q.V { // ‖X‖_* = ⟨polar(X), X⟩
				o.V[0] += v * args[0].V[i]
				o.D[0] += q.D[i]*args[0].V[i] + v*args[0].D[i]
			}
			return o, nil
		},
		Go: "normNuc", NumPy: "np.linalg.norm($1, 'nuc')",
		Domain:     Domain{Text: "X of full rank", In: fullRank},
		Identities: []Identity{{"nuclear norm of an spd matrix", "normnuc(X)", "tr(X)", "X: n×n spd"}, {"nuclear norm of a transpose", "normnuc(X')", "normnuc(X)", "X: n×m"}, {"nuclear norm of a vector", "normnuc(x)", "norm(x)", "x: n"}},
		Ref:        "Watson 1992, Characterization of the subdifferential of some matrix norms, at full rank", Examples: []string{"X: n×m; Q = ‖X‖_*"},
	},
}
