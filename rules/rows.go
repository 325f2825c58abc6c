package rules

import (
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// rowwise holds the functions along the rows of a matrix (a 1×K row too) or
// along a whole column vector.
var rowwise = []*Func{
	{
		Name: "softmax", Family: "row", Doc: "exp(x) divided by its sum, along each row of a matrix or along a whole column vector.",
		Params: x1, Result: "P",
		D: []Case{{When: isCol, Src: "P .* dX - P*(P'*dX)"}, {Src: "P .* (dX - rowsum(P .* dX)*ones(cols)')"}},
		Props: func(a []*expr.Node) expr.Props {
			if s := a[0].Shape; s.IsCol() || s.IsRow() {
				return expr.Positive | expr.Simplex | rowsOf(s)
			}
			return expr.Positive | expr.Stochastic
		},
		LaTeX: `\operatorname{softmax}($1)`,
		Eval:  one(softmax),
		Dual: alongRows(func(x, dx, y, dy []float64) {
			m, s, ds := maxOf(x), 0.0, 0.0
			for i, v := range x {
				y[i] = math.Exp(v - m)
				s += y[i]
				ds += y[i] * dx[i]
			}
			for i := range y {
				y[i] /= s
				dy[i] = y[i] * (dx[i] - ds/s)
			}
		}),
		Go: "softmax", NumPy: "_softmax($1, $axis)", NumPyFunc: numpySoftmax,
		Identities: []Identity{
			{"softmax of a vector sums to 1", "sum(softmax(x))", "1", "x: n"},
			{"softmax rows sum to 1", "rowsum(softmax(X))", "ones(n)", "X: n×m"},
			{"softmax does not see a shift", "softmax(x + a)", "softmax(x)", "x: n; a: scalar"},
			{"softmax of a vector by exp", "softmax(x)", "exp(x)/sum(exp(x))", "x: n"},
			{"softmax rows by exp", "softmax(X)", "exp(X) ./ rowsum(exp(X))", "X: n×m"},
			{"softmax by logsumexp", "softmax(X)", "exp(X - logsumexp(X))", "X: n×m"},
		},
		Ref:      "Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.106",
		Examples: []string{"x: n; a: n; Q = a' softmax(x)", "X: N×K; A: N×K; Q = sum(A .* softmax(X))"},
	},
	{
		Name: "logsoftmax", Spellings: []string{"log_softmax"}, Family: "row", Doc: "Logarithm of softmax: x - logsumexp(x), along each row or a whole column vector.",
		Params: x1, Result: "Y",
		D: []Case{{When: isCol, Src: "dX - ones(rows)*(softmax(X)'*dX)"}, {Src: "dX - rowsum(softmax(X) .* dX)*ones(cols)'"}},
		Eval: one(func(x *num.Mat) *num.Mat {
			return eachRow(x, func(x, y []float64) {
				m, l := logOfSum(x)
				for i, v := range x {
					y[i] = v - m - l
				}
			})
		}),
		Dual: alongRows(func(x, dx, y, dy []float64) {
			m, l := logOfSum(x)
			ds := 0.0
			for i, v := range x {
				ds += math.Exp(v-m-l) * dx[i]
			}
			for i, v := range x {
				y[i], dy[i] = v-m-l, dx[i]-ds
			}
		}),
		Go: "logSoftmax", NumPy: "_logsoftmax($1, $axis)", NumPyFunc: numpyLogSoftmax,
		Identities: []Identity{
			{"logsoftmax of a vector", "logsoftmax(x)", "x - logsumexp(x)", "x: n"},
			{"logsoftmax of rows", "logsoftmax(X)", "X - logsumexp(X)", "X: n×m"},
			{"exp of logsoftmax", "exp(logsoftmax(X))", "softmax(X)", "X: n×m"},
		},
		Ref:      "Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.2.2.3",
		Examples: []string{"X: N×D; W: D×K; Y: N×K onehot; Q = -sum(Y .* logsoftmax(X W))", "z: K; y: K onehot; Q = -y' logsoftmax(z)"},
	},
	{
		Name: "logsumexp", Spellings: []string{"lse"}, Family: "row", Doc: "log of the sum of exp: one number for a column vector, one for each row of a matrix.",
		Params: x1, Out: OutRowwise, Result: "y",
		D:     []Case{{When: isCol, Src: "softmax(X)'*dX"}, {Src: "rowsum(softmax(X) .* dX)"}},
		Props: func(a []*expr.Node) expr.Props { return a[0].Props & (expr.Positive | expr.Nonnegative) },
		Eval: one(func(x *num.Mat) *num.Mat {
			if x.C == 1 {
				return num.Scalar(logsumexp(x.Data))
			}
			o := num.New(x.R, 1)
			for i := range o.Data {
				o.Data[i] = logsumexp(x.Data[i*x.C : (i+1)*x.C])
			}
			return o
		}),
		Dual: oneDual(func(x *num.Dual) *num.Dual {
			r, c := x.R, x.C
			if c == 1 {
				r, c = 1, x.R
			}
			o := num.NewDual(r, 1)
			for i := 0; i < r; i++ {
				v, d := x.V[i*c:(i+1)*c], x.D[i*c:(i+1)*c]
				m, s, ds := maxOf(v), 0.0, 0.0
				for j := range v {
					e := math.Exp(v[j] - m)
					s += e
					ds += e * d[j]
				}
				_, l := logOfSum(v)
				o.V[i], o.D[i] = m+l, ds/s
			}
			return o
		}),
		Go: "logSumExp", NumPy: "_logsumexp($1, $axis)", NumPyFunc: numpyLogSumExp,
		Identities: []Identity{
			{"logsumexp of a vector", "logsumexp(x)", "log(sum(exp(x)))", "x: n"},
			{"logsumexp of rows", "logsumexp(X)", "log(rowsum(exp(X)))", "X: n×m"},
			{"logsumexp of a shift", "logsumexp(x + a)", "logsumexp(x) + a", "x: n; a: scalar"},
		},
		Ref: "Boyd and Vandenberghe 2004, Convex Optimization, section 3.1.5", Examples: []string{"x: n; Q = logsumexp(x)", "X: n×m; Q = sum(logsumexp(X))"},
	},
	{
		Name: "argmax", Family: "row", Doc: "Place of the largest entry, counted from 1: one number for a column vector, one for each row of a matrix. It evaluates but has no derivative.",
		Params: []Param{{Name: "X", NoD: noArgmax}}, Out: OutRowwise, Result: "y", NoD: noArgmax,
		Props: func([]*expr.Node) expr.Props { return expr.Positive },
		Eval: one(func(x *num.Mat) *num.Mat {
			r, c := x.R, x.C
			if c == 1 {
				r, c = 1, x.R
			}
			o := num.New(r, 1)
			for i := 0; i < r; i++ {
				k := 0
				for j, v := range x.Data[i*c : (i+1)*c] {
					if v > x.Data[i*c+k] {
						k = j
					}
				}
				o.Data[i] = float64(k + 1)
			}
			return o
		}),
		Dual: nil,
		Go:   "argmax", NumPy: "_argmax($1, $axis)", NumPyFunc: numpyArgmax,
		Identities: []Identity{{"argmax of an increasing function", "argmax(exp(x))", "argmax(x)", "x: n"}, {"argmax of a softmax", "argmax(softmax(X))", "argmax(X)", "X: n×m"}},
		Ref:        "piecewise constant", Examples: []string{"x: n const; a: scalar; Q = a argmax(x)"},
	},
}

const noArgmax = "argmax is a place, constant until it jumps: its value is known but it has no derivative to descend along"

// rowsOf tells which sums of a simplex vector are 1.
func rowsOf(s expr.Shape) expr.Props {
	if s.IsRow() {
		return expr.Stochastic
	}
	return expr.ColsSumOne
}

func maxOf(x []float64) float64 {
	m := math.Inf(-1)
	for _, v := range x {
		m = math.Max(m, v)
	}
	return m
}

func logsumexp(x []float64) float64 {
	m, l := logOfSum(x)
	return m + l
}

// logOfSum returns the largest entry m, and l with log Σ exp = m + l. Where one
// entry dominates, l is the logarithm of nearly 1, and has all its digits.
func logOfSum(x []float64) (m, l float64) {
	at, m := 0, math.Inf(-1)
	for i, v := range x {
		if v > m {
			at, m = i, v
		}
		if v != v {
			return v, v
		}
	}
	if math.IsInf(m, 0) {
		return m, 0
	}
	rest := 0.0
	for i, v := range x {
		if i != at {
			rest += math.Exp(v - m)
		}
	}
	return m, math.Log1p(rest)
}

func softmax(x *num.Mat) *num.Mat {
	return eachRow(x, func(x, y []float64) {
		m, s := maxOf(x), 0.0
		for i, v := range x {
			y[i] = math.Exp(v - m)
			s += y[i]
		}
		for i := range y {
			y[i] /= s
		}
	})
}

// eachRow applies f to each row, or to a whole column vector.
func eachRow(x *num.Mat, f func(x, y []float64)) *num.Mat {
	o := num.New(x.R, x.C)
	c := x.C
	if c == 1 {
		c = x.R
	}
	for i := 0; i+c <= len(x.Data) && c > 0; i += c {
		f(x.Data[i:i+c], o.Data[i:i+c])
	}
	return o
}

// alongRows is eachRow for dual numbers.
func alongRows(f func(x, dx, y, dy []float64)) func(args ...*num.Dual) (*num.Dual, error) {
	return oneDual(func(x *num.Dual) *num.Dual {
		o := num.NewDual(x.R, x.C)
		c := x.C
		if c == 1 {
			c = x.R
		}
		for i := 0; i+c <= len(x.V) && c > 0; i += c {
			f(x.V[i:i+c], x.D[i:i+c], o.V[i:i+c], o.D[i:i+c])
		}
		return o
	})
}
