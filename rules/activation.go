package rules

import (
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// activations holds the activation functions and the functions with kinks.
var activations = []*Func{
	{
		Name: "sigmoid", Spellings: []string{"σ", "sigma", "logistic", "expit"}, Family: "elementwise",
		Doc:    "Logistic function 1/(1 + exp(-x)) of each entry.",
		Params: x1, Elementwise: true, Result: "S", D: always("S .* (1 - S) .* dX"), Props: propsUnitInterval,
		Text: "σ($1)", LaTeX: `\sigma($1)`,
		F:  func(x float64, _ ...float64) float64 { return sigmoid(x) },
		DF: func(x float64, _ ...float64) float64 { c := 2 * math.Cosh(x/2); return 1 / c / c },
		Go: "1/(1+math.Exp(-$1))", NumPy: "_sigmoid($1)", NumPyFunc: numpySigmoid,
		Identities: []Identity{
			{"sigmoid of minus", "sigmoid(-x)", "1 - sigmoid(x)", "x: n"},
			{"sigmoid by exp", "sigmoid(x)", "1 ./ (1 + exp(-x))", "x: n"},
			{"sigmoid as a quotient", "exp(x) ./ (1 + exp(x))", "sigmoid(x)", "x: n"},
			{"sigmoid by tanh", "sigmoid(x)", "(1 + tanh(x/2))/2", "x: n"},
		},
		Ref:      "Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.88",
		Examples: []string{"X: N×D; w: D; y: N; p = σ(X w); Q = -sum(y .* log(p) + (1 - y) .* log(1 - p))"},
	},
	{
		Name: "softplus", Family: "elementwise", Doc: "log(1 + exp(x)) of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("sigmoid(X) .* dX"), Props: propsPositive,
		F:  func(x float64, _ ...float64) float64 { return softplus(x) },
		DF: func(x float64, _ ...float64) float64 { return sigmoid(x) },
		Go: "math.Max($1, 0)+math.Log1p(math.Exp(-math.Abs($1)))", NumPy: "np.logaddexp(0, $1)",
		Identities: []Identity{
			{"softplus by log", "softplus(x)", "log(1 + exp(x))", "x: n"},
			{"softplus of minus", "softplus(-x)", "softplus(x) - x", "x: n"},
		},
		Ref: "Goodfellow, Bengio and Courville 2016, Deep Learning, section 3.10", Examples: []string{"X: N×D; w: D; y: N; Q = sum(softplus(-y .* (X w)))"},
	},
	{
		Name: "relu", Spellings: []string{"ReLU"}, Family: "elementwise", Doc: "max(x, 0) of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("[X > 0] .* dX"), Props: propsRelu,
		F: func(x float64, _ ...float64) float64 { return math.Max(x, 0) },
		DF: func(x float64, _ ...float64) float64 {
			if x > 0 {
				return 1
			}
			return 0
		},
		Go: "math.Max($1, 0)", NumPy: "np.maximum($1, 0)",
		Domain: Domain{Text: "smooth where X ≠ 0", Kinks: []float64{0}},
		Identities: []Identity{
			{"relu as a bracket", "relu(x)", "[x > 0] .* x", "x: n"},
			{"relu in two parts", "relu(x) - relu(-x)", "x", "x: n"},
			{"relu as a maximum", "relu(x)", "max(x, 0)", "x: n"},
		},
		Ref: "Goodfellow, Bengio and Courville 2016, Deep Learning, section 6.3.1", Examples: []string{"W: m×n; x: n; Q = sum(relu(W x))"},
	},
	{
		Name: "leakyrelu", Spellings: []string{"LeakyReLU", "leaky_relu", "prelu"}, Family: "elementwise",
		Doc:    "x where x > 0, a·x elsewhere, of each entry.",
		Params: []Param{{Name: "X"}, {Name: "a", Kind: Number, Optional: true, Default: "0.01"}}, Elementwise: true,
		Result: "Y", D: always("([X > 0] + a*[X <= 0]) .* dX + da*min(X, 0)"), Props: propsKeepSymmetric,
		F: func(x float64, p ...float64) float64 {
			if x > 0 {
				return x
			}
			return p[0] * x
		},
		DF: func(x float64, p ...float64) float64 {
			if x > 0 {
				return 1
			}
			return p[0]
		},
		Dual: zipDual(func(x, a float64) (v, dx, da float64) {
			if x > 0 {
				return x, 1, 0
			}
			return a * x, a, x
		}),
		Go: "leakyReLU($1, $2)", GoFunc: goLeakyReLU, NumPy: "np.where($1 > 0, $1, $2*$1)",
		Domain:     Domain{Text: "smooth where X ≠ 0", Kinks: []float64{0}},
		Identities: []Identity{{"leaky relu by relu", "leakyrelu(x, a)", "relu(x) - a*relu(-x)", "x: n; a: scalar"}},
		Ref:        "Maas, Hannun and Ng 2013, Rectifier nonlinearities improve neural network acoustic models",
		Examples:   []string{"x: n; Q = sum(leakyrelu(x, 0.1))"},
	},
	{
		Name: "elu", Spellings: []string{"ELU"}, Family: "elementwise",
		Doc:    "x where x > 0, a·(exp(x) - 1) elsewhere, of each entry.",
		Params: []Param{{Name: "X"}, {Name: "a", Kind: Number, Optional: true, Default: "1"}}, Elementwise: true,
		Result: "Y", D: always("([X > 0] + a*[X <= 0] .* exp(min(X, 0))) .* dX + da*expm1(min(X, 0))"), Props: propsKeepSymmetric,
		F: func(x float64, p ...float64) float64 {
			if x > 0 {
				return x
			}
			return p[0] * math.Expm1(x)
		},
		DF: func(x float64, p ...float64) float64 {
			if x > 0 {
				return 1
			}
			return p[0] * math.Exp(x)
		},
		Dual: zipDual(func(x, a float64) (v, dx, da float64) {
			if x > 0 {
				return x, 1, 0
			}
			e := math.Expm1(x)
			return a * e, a * (e + 1), e
		}),
		Go: "elu($1, $2)", GoFunc: goELU, NumPy: "np.where($1 > 0, $1, $2*np.expm1(np.minimum($1, 0)))",
		Domain:     Domain{Text: "smooth where X ≠ 0; once differentiable at 0 if a = 1", Kinks: []float64{0}},
		Identities: []Identity{{"elu by relu", "elu(x, a)", "relu(x) + a*expm1(min(x, 0))", "x: n; a: scalar"}},
		Ref:        "Clevert, Unterthiner and Hochreiter 2016, Fast and accurate deep network learning by exponential linear units",
		Examples:   []string{"x: n; Q = sum(elu(x, 1))"},
	},
	{
		Name: "gelu", Spellings: []string{"GELU"}, Family: "elementwise", Doc: "x·Φ(x) of each entry, Φ the standard normal distribution function.",
		Params: x1, Elementwise: true, Result: "Y", D: always("(normcdf(X) + X .* normpdf(X)) .* dX"), Def: always("X .* normcdf(X)"),
		Props: propsKeepSymmetric,
		F: func(x float64, _ ...float64) float64 {
			if x < -40 { // Φ(x) is below the smallest number; avoids ∞·0
				return 0
			}
			return x * normCDF(x)
		},
		DF: func(x float64, _ ...float64) float64 {
			if math.Abs(x) > 40 {
				return sigmoid(1e3 * x)
			}
			return 0.5*math.Erfc(-x/math.Sqrt2) + x*normPDF(x)
		},
		Go: "0.5*$1*math.Erfc(-$1/math.Sqrt2)", NumPy: "0.5*$1*_erfc(-$1/np.sqrt(2))", NumPyFunc: numpyErfc,
		Identities: []Identity{{"gelu in two parts", "gelu(x) - gelu(-x)", "x", "x: n"}},
		Ref:        "Hendrycks and Gimpel 2016, Gaussian error linear units", Examples: []string{"x: n; Q = sum(gelu(x))"},
	},
	{
		Name: "silu", Spellings: []string{"SiLU", "swish"}, Family: "elementwise", Doc: "x·sigmoid(x) of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("(sigmoid(X) + Y .* (1 - sigmoid(X))) .* dX"), Def: always("X .* sigmoid(X)"),
		Props: propsKeepSymmetric,
		F:     func(x float64, _ ...float64) float64 { return x * sigmoid(x) },
		DF: func(x float64, _ ...float64) float64 {
			c := 2 * math.Cosh(x/2)
			return sigmoid(x) + x/c/c
		},
		Go: "$1/(1+math.Exp(-$1))", NumPy: "$1*_sigmoid($1)", NumPyFunc: numpySigmoid,
		Identities: []Identity{{"silu in two parts", "silu(x) - silu(-x)", "x", "x: n"}},
		Ref:        "Elfwing, Uchibe and Doya 2018, Sigmoid-weighted linear units", Examples: []string{"x: n; Q = sum(silu(x))"},
	},
	{
		Name: "softsign", Family: "elementwise", Doc: "x/(1 + |x|) of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("dX ./ (1 + abs(X)).^2"), Props: propsOdd,
		F: func(x float64, _ ...float64) float64 {
			if math.IsInf(x, 0) {
				return math.Copysign(1, x)
			}
			return x / (1 + math.Abs(x))
		},
		DF: func(x float64, _ ...float64) float64 { h := 1 + math.Abs(x); return 1 / h / h },
		Go: "$1/(1+math.Abs($1))", NumPy: "$1/(1 + np.abs($1))",
		Identities: []Identity{{"softsign as a quotient", "softsign(x)", "x ./ (1 + abs(x))", "x: n"}},
		Ref:        "Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks", Examples: []string{"x: n; Q = sum(softsign(x))"},
	},
	{
		Name: "abs", Family: "elementwise", Doc: "Absolute value of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("sign(X) .* dX"), Props: propsAbs,
		LaTeX: `\lvert $1\rvert`,
		F:     func(x float64, _ ...float64) float64 { return math.Abs(x) },
		DF:    func(x float64, _ ...float64) float64 { return sign(x) },
		Go:    "math.Abs($1)", NumPy: "np.abs($1)",
		Domain: Domain{Text: "smooth where X ≠ 0", Kinks: []float64{0}},
		Identities: []Identity{
			{"absolute value by sign", "abs(x)", "sign(x) .* x", "x: n"},
			{"absolute value of a product", "abs(x .* y)", "abs(x) .* abs(y)", "x: n; y: n"},
		},
		Ref: "|x| = x·sign(x), sign locally constant", Examples: []string{"x: n; Q = sum(abs(x))"},
	},
	{
		Name: "sign", Spellings: []string{"sgn"}, Family: "elementwise", Doc: "-1, 0 or 1 by the sign of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("0"), Props: propsKeepSymmetric,
		F:  func(x float64, _ ...float64) float64 { return sign(x) },
		DF: func(x float64, _ ...float64) float64 { return 0 },
		Go: "sign($1)", GoFunc: goSign, NumPy: "np.sign($1)",
		Domain:     Domain{Text: "constant where X ≠ 0", Kinks: []float64{0}},
		Identities: []Identity{{"sign is odd", "sign(-x)", "-sign(x)", "x: n"}},
		Ref:        "constant on both sides of 0", Examples: []string{"x: n; Q = sum(sign(x) .* x)"},
	},
	{
		Name: "step", Spellings: []string{"heaviside"}, Family: "elementwise", Doc: "1 where x ≥ 0, 0 elsewhere, of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("0"), Def: always("[X >= 0]"), Props: propsBinary,
		F:  func(x float64, _ ...float64) float64 { return bit(x >= 0) },
		DF: func(x float64, _ ...float64) float64 { return 0 },
		Go: "step($1)", GoFunc: goStep, NumPy: "np.where($1 >= 0, 1.0, 0.0)",
		Domain:     Domain{Text: "constant where X ≠ 0", Kinks: []float64{0}},
		Identities: []Identity{{"step as a bracket", "step(x)", "[x >= 0]", "x: n"}},
		Ref:        "constant on both sides of 0", Examples: []string{"x: n; Q = sum(step(x) .* x)"},
	},
	{
		Name: "max", Spellings: []string{"maximum"}, Family: "elementwise", Doc: "The larger of two operands, entry by entry.",
		Params: []Param{{Name: "X"}, {Name: "Z"}}, Elementwise: true, Result: "Y",
		D: always("[X >= Z] .* dX + [X < Z] .* dZ"), Props: propsMax2,
		LaTeX: `\max($1, $2)`,
		Eval:  zip(math.Max),
		Dual: zipDual(func(x, z float64) (v, dx, dz float64) {
			if x >= z {
				return x, 1, 0
			}
			return z, 0, 1
		}),
		Go: "math.Max($1, $2)", NumPy: "np.maximum($1, $2)",
		Domain:     Domain{Text: "smooth where X ≠ Z", In: apart},
		Identities: []Identity{{"maximum by relu", "max(x, y)", "y + relu(x - y)", "x: n; y: n"}, {"sum of maximum and minimum", "max(x, y) + min(x, y)", "x + y", "x: n; y: n"}},
		Ref:        "the larger operand is constant in a neighbourhood", Examples: []string{"x: n; y: n; Q = sum(max(x, y))"},
	},
	{
		Name: "min", Spellings: []string{"minimum"}, Family: "elementwise", Doc: "The smaller of two operands, entry by entry.",
		Params: []Param{{Name: "X"}, {Name: "Z"}}, Elementwise: true, Result: "Y",
		D: always("[X <= Z] .* dX + [X > Z] .* dZ"), Props: propsMin2,
		LaTeX: `\min($1, $2)`,
		Eval:  zip(math.Min),
		Dual: zipDual(func(x, z float64) (v, dx, dz float64) {
			if x <= z {
				return x, 1, 0
			}
			return z, 0, 1
		}),
		Go: "math.Min($1, $2)", NumPy: "np.minimum($1, $2)",
		Domain:     Domain{Text: "smooth where X ≠ Z", In: apart},
		Identities: []Identity{{"minimum by maximum", "min(x, y)", "-max(-x, -y)", "x: n; y: n"}},
		Ref:        "the smaller operand is constant in a neighbourhood", Examples: []string{"x: n; y: n; Q = sum(min(x, y))"},
	},
}

func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0, or NaN
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// apart tells whether no entries of the two operands are nearly equal.
func apart(args ...*num.Mat) bool {
	a, b := args[0], args[1]
	for i := 0; i < max(len(a.Data), len(b.Data)); i++ {
		x, y := a.Data[i%len(a.Data)], b.Data[i%len(b.Data)]
		if math.Abs(x-y) < 1e-3*(1+math.Abs(x)) {
			return false
		}
	}
	return true
}

const goSign = `// sign returns -1, 0 or 1.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}
`

const goStep = `// step returns 1 if x >= 0, else 0.
func step(x float64) float64 {
	if x >= 0 {
		return 1
	}
	return 0
}
`

const goLeakyReLU = `// leakyReLU returns x if x > 0, else a*x.
func leakyReLU(x, a float64) float64 {
	if x > 0 {
		return x
	}
	return a * x
}
`

const goELU = `// elu returns x if x > 0, else a*(exp(x)-1).
func elu(x, a float64) float64 {
	if x > 0 {
		return x
	}
	return a * math.Expm1(x)
}
`

func propsRelu(a []*expr.Node) expr.Props {
	return a[0].Props&(expr.Symmetric|expr.Diagonal|expr.Positive|expr.Binary|expr.UnitInterval) | expr.Nonnegative
}

func propsAbs(a []*expr.Node) expr.Props { return propsRelu(a) }

func propsBinary(a []*expr.Node) expr.Props { return propsKeepSymmetric(a) | expr.Binary }

func propsMax2(a []*expr.Node) expr.Props {
	both, any := a[0].Props&a[1].Props, a[0].Props|a[1].Props
	return both&(expr.Symmetric|expr.Diagonal|expr.Binary|expr.UnitInterval) | any&(expr.Positive|expr.Nonnegative)
}

func propsMin2(a []*expr.Node) expr.Props {
	return a[0].Props & a[1].Props & (expr.Symmetric | expr.Diagonal | expr.Binary | expr.UnitInterval | expr.Positive | expr.Nonnegative)
}

func apart3(args ...*num.Mat) bool { return apart(args[0], args[1]) && apart(args[0], args[2]) }
