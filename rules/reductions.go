package rules

import (
	"fmt"
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// reductions holds sums, means, products and extrema.
var reductions = []*Func{
	{
		Name: "sum", Family: "reduction", Doc: "Sum of all entries.",
		Params: x1, Out: OutScalar, Result: "y", D: always("sum(dX)"), Adjoint: always("G*ones(rows, cols)"),
		Def: always("ones(rows)'*X*ones(cols)"), Props: propsSum,
		Eval: number((*num.Mat).Sum), Dual: linear(total),
		Go: "sum", NumPy: "np.sum($1)",
		Identities: []Identity{{"sum by rows", "sum(X)", "sum(rowsum(X))", "X: n×m"}, {"sum of a transpose", "sum(X')", "sum(X)", "X: n×m"}, {"sum of an outer product", "sum(x*y')", "sum(x)*sum(y)", "x: n; y: m"}},
		Ref:        "linear", Examples: []string{"X: n×m; Q = sum(X)", "X: n×m; Q = sum(exp(X))"},
	},
	{
		Name: "mean", Family: "reduction", Doc: "Mean of all entries.",
		Params: x1, Out: OutScalar, Result: "y", D: always("sum(dX)/count"), Adjoint: always("G/count*ones(rows, cols)"),
		Def: always("sum(X)/count"), Props: propsMean,
		Eval: number(mean), Dual: linear(func(x *num.Mat) *num.Mat { return num.Scalar(mean(x)) }),
		Go: "mean", NumPy: "np.mean($1)",
		Identities: []Identity{{"deviations cancel", "sum(X - mean(X))", "0", "X: n×m"}},
		Ref:        "linear", Examples: []string{"x: n; y: n; Q = mean((x - y).^2)"},
	},
	{
		Name: "var", Family: "reduction", Doc: "Population variance of all entries: the mean squared deviation from the mean (divides by the count).",
		Params: x1, Out: OutScalar, Result: "y", D: always("2/count*dot(X - mean(X), dX)"),
		Def: always("sum((X - mean(X)).^2)/count"), Props: propsNorm,
		Eval: number(func(x *num.Mat) float64 {
			m := mean(x)
			return mean(x.Map(func(v float64) float64 { return (v - m) * (v - m) }))
		}),
		Dual: numberDual(func(x *num.Dual) (v, d float64) {
			m, dm, n := mean(x.Value()), mean(x.Deriv()), float64(len(x.V))
			for i := range x.V {
				v += (x.V[i] - m) * (x.V[i] - m) / n
				d += 2 * (x.V[i] - m) * (x.D[i] - dm) / n
			}
			return v, d
		}),
		Go: "variance", NumPy: "np.var($1)",
		Identities: []Identity{{"variance by mean squares", "var(X)", "mean(X.^2) - mean(X)^2", "X: n×m"}, {"variance does not see a shift", "var(X + a)", "var(X)", "X: n×m; a: scalar"}},
		Ref:        "product rule; the deviations sum to 0", Examples: []string{"x: n; Q = var(x)"},
	},
	{
		Name: "prod", Family: "reduction", Doc: "Product of all entries.",
		Params: x1, Out: OutScalar, Result: "y", D: always("y*sum(dX ./ X)"), Props: propsProd,
		Text: "prod($1)",
		Eval: number(func(x *num.Mat) float64 {
			p := 1.0
			for _, v := range x.Data {
				p *= v
			}
			return p
		}),
		Dual: numberDual(func(x *num.Dual) (v, d float64) {
			v = 1
			for i := range x.V {
				v, d = v*x.V[i], d*x.V[i]+v*x.D[i]
			}
			return v, d
		}),
		Go: "prod", NumPy: "np.prod($1)",
		Domain:     Domain{Text: "X ≠ 0", Sampler: "nonzero", In: all(func(x float64) bool { return math.Abs(x) > 1e-3 })},
		Identities: []Identity{{"product by logarithms", "prod(x)", "exp(sum(log(x)))", "x: n positive"}},
		Ref:        "logarithmic differentiation", Examples: []string{"x: n positive; Q = prod(x)"},
	},
	{
		Name: "rowsum", Family: "reduction", Doc: "Sum of each row, a column vector.",
		Params: x1, Out: OutRows, Result: "y", D: always("rowsum(dX)"), Adjoint: always("G*ones(cols)'"), Def: always("X*ones(cols)"), Props: propsRowsum,
		Eval: one(rowsum), Dual: linear(rowsum),
		Go: "rowSum", NumPy: "np.sum($1, axis=1, keepdims=True)",
		Identities: []Identity{{"row sums as a product", "rowsum(X)", "X*ones(m)", "X: n×m"}, {"row sums of a transpose", "rowsum(X')", "colsum(X)'", "X: n×m"}},
		Ref:        "linear", Examples: []string{"X: n×m; w: n; Q = w' rowsum(X)"},
	},
	{
		Name: "colsum", Family: "reduction", Doc: "Sum of each column, a row vector.",
		Params: x1, Out: OutCols, Result: "y", D: always("colsum(dX)"), Adjoint: always("ones(rows)*G"), Def: always("ones(rows)'*X"), Props: propsColsum,
		Eval: one(colsum), Dual: linear(colsum),
		Go: "colSum", NumPy: "np.sum($1, axis=0, keepdims=True)",
		Identities: []Identity{{"column sums as a product", "colsum(X)", "ones(n)'*X", "X: n×m"}},
		Ref:        "linear", Examples: []string{"X: n×m; w: m; Q = colsum(X) w"},
	},
	{
		Name: "rowmean", Family: "reduction", Doc: "Mean of each row, a column vector.",
		Params: x1, Out: OutRows, Result: "y", D: always("rowsum(dX)/cols"), Adjoint: always("G*ones(cols)'/cols"), Def: always("rowsum(X)/cols"), Props: propsMean,
		Eval: one(rowmean), Dual: linear(rowmean),
		Go: "rowMean", NumPy: "np.mean($1, axis=1, keepdims=True)",
		Identities: []Identity{{"row means by row sums", "m*rowmean(X)", "rowsum(X)", "X: n×m"}},
		Ref:        "linear", Examples: []string{"X: n×m; Q = norm(X - rowmean(X))"},
	},
	{
		Name: "colmean", Family: "reduction", Doc: "Mean of each column, a row vector.",
		Params: x1, Out: OutCols, Result: "y", D: always("colsum(dX)/rows"), Adjoint: always("ones(rows)*G/rows"), Def: always("colsum(X)/rows"), Props: propsMean,
		Eval: one(colmean), Dual: linear(colmean),
		Go: "colMean", NumPy: "np.mean($1, axis=0, keepdims=True)",
		Identities: []Identity{{"column means by column sums", "n*colmean(X)", "colsum(X)", "X: n×m"}},
		Ref:        "linear", Examples: []string{"X: n×m; Q = norm(X - colmean(X))"},
	},
	extremum("max", "Largest entry of a vector or matrix.", math.Inf(-1), func(a, b float64) bool { return a > b }),
	extremum("min", "Smallest entry of a vector or matrix.", math.Inf(1), func(a, b float64) bool { return a < b }),
}

// extremum makes the entry of the largest or the smallest entry.
func extremum(name, doc string, start float64, better func(a, b float64) bool) *Func {
	at := func(xs []float64) int {
		best, k := start, 0
		for i, x := range xs {
			if better(x, best) {
				best, k = x, i
			}
		}
		return k
	}
	other := map[string]string{"max": "min", "min": "max"}[name]
	return &Func{
		Name: name, Family: "reduction", Doc: doc, Params: x1, Out: OutScalar, Result: "y",
		D: always("sum([X == y] .* dX)/sum([X == y])"), Props: propsMean,
		LaTeX: `\` + name + `($1)`,
		Eval: func(args ...*num.Mat) (*num.Mat, error) {
			if len(args[0].Data) == 0 {
				return nil, fmt.Errorf("%s of a matrix without entries", name)
			}
			return num.Scalar(args[0].Data[at(args[0].Data)]), nil
		},
		Dual: numberDual(func(x *num.Dual) (v, d float64) { k := at(x.V); return x.V[k], x.D[k] }),
		Go:   name + "Entry", NumPy: "np." + name + "($1)",
		Domain: Domain{Text: "one entry is the " + map[string]string{"max": "largest", "min": "smallest"}[name], In: func(a ...*num.Mat) bool {
			k := at(a[0].Data)
			for i, x := range a[0].Data {
				if i != k && math.Abs(x-a[0].Data[k]) < 1e-3*(1+math.Abs(x)) {
					return false
				}
			}
			return true
		}},
		Identities: []Identity{{name + " by " + other, name + "(X)", "-" + other + "(-X)", "X: n×m"}, {name + " of a shift", name + "(X + a)", name + "(X) + a", "X: n×m; a: scalar"}},
		Ref:        "the extreme entry keeps its place in a neighbourhood (Danskin 1966)", Examples: []string{"x: n; Q = " + name + "(x)"},
	}
}

func mean(x *num.Mat) float64 { return x.Sum() / float64(len(x.Data)) }

func total(x *num.Mat) *num.Mat { return num.Scalar(x.Sum()) }

func rowsum(x *num.Mat) *num.Mat {
	o := num.New(x.R, 1)
	for i := 0; i < x.R; i++ {
		for j := 0; j < x.C; j++ {
			o.Data[i] += x.Data[i*x.C+j]
		}
	}
	return o
}

func colsum(x *num.Mat) *num.Mat { return rowsum(x.T()).T() }

func rowmean(x *num.Mat) *num.Mat { return num.Scale(1/float64(x.C), rowsum(x)) }

func colmean(x *num.Mat) *num.Mat { return num.Scale(1/float64(x.R), colsum(x)) }

func propsSum(a []*expr.Node) expr.Props { return a[0].Props & (expr.Positive | expr.Nonnegative) }

func propsMean(a []*expr.Node) expr.Props {
	return a[0].Props & (expr.Positive | expr.Nonnegative | expr.UnitInterval)
}

func propsProd(a []*expr.Node) expr.Props {
	return a[0].Props & (expr.Positive | expr.Nonnegative | expr.Binary | expr.UnitInterval)
}

func propsRowsum(a []*expr.Node) expr.Props {
	return a[0].Props & (expr.Positive | expr.Nonnegative)
}

func propsColsum(a []*expr.Node) expr.Props { return propsRowsum(a) }
