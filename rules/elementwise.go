package rules

import (
	"math"

	"github.com/matdiff/matdiff/expr"
)

// elementwise holds the functions of each entry that are smooth, or whose
// parts are; activations with kinks are in activation.go.
var elementwise = append([]*Func{
	{
		Name: "exp", Family: "elementwise", Doc: "e to the power of each entry; the matrix exponential is expm.",
		Params: x1, Elementwise: true, Result: "Y",
		D: always("Y .* dX"), Props: propsExp,
		LaTeX: `\exp($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Exp(x) },
		DF:    func(x float64, _ ...float64) float64 { return math.Exp(x) },
		Go:    "math.Exp($1)", NumPy: "np.exp($1)",
		Domain: Domain{Sampler: "small"},
		Identities: []Identity{
			{"exp of a sum", "exp(x + y)", "exp(x) .* exp(y)", "x: n; y: n"},
			{"exp of minus", "exp(-x)", "1 ./ exp(x)", "x: n"},
			{"exp undoes log", "exp(log(x))", "x", "x: n positive"},
		},
		Ref: "Abramowitz and Stegun 1964, 4.2.49", Examples: []string{"x: n; Q = sum(exp(x))"},
	},
	{
		Name: "log", Spellings: []string{"ln"}, Family: "elementwise", Doc: "Natural logarithm of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("dX ./ X"), Props: propsKeepSymmetric,
		LaTeX: `\log($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Log(x) },
		DF:    func(x float64, _ ...float64) float64 { return 1 / x },
		Go:    "math.Log($1)", NumPy: "np.log($1)",
		Domain: Domain{Text: "X > 0", Sampler: "positive", In: all(func(x float64) bool { return x > 1e-3 })},
		Identities: []Identity{
			{"log of a product", "log(x .* y)", "log(x) + log(y)", "x: n positive; y: n positive"},
			{"log of a quotient", "log(x ./ y)", "log(x) - log(y)", "x: n positive; y: n positive"},
			{"log of a power", "log(x.^a)", "a*log(x)", "x: n positive; a: scalar"},
			{"log undoes exp", "log(exp(x))", "x", "x: n"},
			{"log of a sigmoid", "log(sigmoid(x))", "-softplus(-x)", "x: n"},
			{"log of a softmax", "log(softmax(x))", "logsoftmax(x)", "x: n"},
		},
		Ref: "Abramowitz and Stegun 1964, 4.1.46", Examples: []string{"x: n positive; Q = sum(log(x))"},
	},
	{
		Name: "log1p", Family: "elementwise", Doc: "log(1 + x) of each entry, accurate near 0.",
		Params: x1, Elementwise: true, Result: "Y", D: always("dX ./ (1 + X)"), Props: propsLog1p,
		F:  func(x float64, _ ...float64) float64 { return math.Log1p(x) },
		DF: func(x float64, _ ...float64) float64 { return 1 / (1 + x) },
		Go: "math.Log1p($1)", NumPy: "np.log1p($1)",
		Domain:     Domain{Text: "X > -1", Sampler: "positive", In: all(func(x float64) bool { return x > -1+1e-3 })},
		Identities: []Identity{{"log1p by log", "log1p(x)", "log(1 + x)", "x: n positive"}, {"log1p of exp", "log1p(exp(x))", "softplus(x)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.1.46", Examples: []string{"x: n positive; Q = sum(log1p(x))"},
	},
	{
		Name: "expm1", Family: "elementwise", Doc: "exp(x) - 1 of each entry, accurate near 0.",
		Params: x1, Elementwise: true, Result: "Y", D: always("exp(X) .* dX"), Props: propsOdd,
		F:  func(x float64, _ ...float64) float64 { return math.Expm1(x) },
		DF: func(x float64, _ ...float64) float64 { return 1 + math.Expm1(x) },
		Go: "math.Expm1($1)", NumPy: "np.expm1($1)",
		Domain:     Domain{Sampler: "small"},
		Identities: []Identity{{"expm1 by exp", "expm1(x)", "exp(x) - 1", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.2.49", Examples: []string{"x: n; Q = sum(expm1(x))"},
	},
	{
		Name: "sqrt", Family: "elementwise", Doc: "Square root of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("dX ./ (2*Y)"), Def: always("X.^(1/2)"), Props: propsSqrt,
		LaTeX: `\sqrt{$1}`,
		F:     func(x float64, _ ...float64) float64 { return math.Sqrt(x) },
		DF:    func(x float64, _ ...float64) float64 { return 0.5 * math.Pow(x, -0.5) },
		Go:    "math.Sqrt($1)", NumPy: "np.sqrt($1)",
		Domain:     Domain{Text: "X > 0", Sampler: "positive", In: all(func(x float64) bool { return x > 1e-3 })},
		Identities: []Identity{{"square of a root", "sqrt(x).^2", "x", "x: n positive"}, {"root of a square", "sqrt(x.^2)", "abs(x)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, section 4.2, with exponent 1/2", Examples: []string{"x: n positive; Q = sum(sqrt(x))"},
	},
	{
		Name: "square", Family: "elementwise", Doc: "Square of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("2*X .* dX"), Def: always("X.^2"), Props: propsSquare,
		Text: "$1.^2", LaTeX: `{$1}^{\circ 2}`, ASCII: "$1.^2", Level: levelPostfix,
		F:  func(x float64, _ ...float64) float64 { return x * x },
		DF: func(x float64, _ ...float64) float64 { return x + x },
		Go: "$1*$1", NumPy: "np.square($1)",
		Identities: []Identity{{"square as a product", "square(x)", "x .* x", "x: n"}},
		Ref:        "product rule", Examples: []string{"x: n; Q = sum(square(x))"},
	},
	{
		Name: "sin", Family: "elementwise", Doc: "Sine of each entry, in radians.",
		Params: x1, Elementwise: true, Result: "Y", D: always("cos(X) .* dX"), Props: propsKeepSymmetric,
		LaTeX: `\sin($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Sin(x) },
		DF:    func(x float64, _ ...float64) float64 { return math.Cos(x) },
		Go:    "math.Sin($1)", NumPy: "np.sin($1)",
		Identities: []Identity{{"sine and cosine", "sin(x).^2 + cos(x).^2", "ones(n)", "x: n"}, {"sine is odd", "sin(-x)", "-sin(x)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.3.105", Examples: []string{"x: n; Q = sum(sin(x))"},
	},
	{
		Name: "cos", Family: "elementwise", Doc: "Cosine of each entry, in radians.",
		Params: x1, Elementwise: true, Result: "Y", D: always("-sin(X) .* dX"), Props: propsKeepSymmetric,
		LaTeX: `\cos($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Cos(x) },
		DF:    func(x float64, _ ...float64) float64 { return -math.Sin(x) },
		Go:    "math.Cos($1)", NumPy: "np.cos($1)",
		Identities: []Identity{{"cosine is even", "cos(-x)", "cos(x)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.3.106", Examples: []string{"x: n; Q = sum(cos(x))"},
	},
	{
		Name: "tan", Family: "elementwise", Doc: "Tangent of each entry, in radians.",
		Params: x1, Elementwise: true, Result: "Y", D: always("(1 + Y.^2) .* dX"), Props: propsKeepSymmetric,
		LaTeX: `\tan($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Tan(x) },
		DF:    func(x float64, _ ...float64) float64 { c := math.Cos(x); return 1 / (c * c) },
		Go:    "math.Tan($1)", NumPy: "np.tan($1)",
		Domain:     Domain{Text: "cos(X) ≠ 0", Sampler: "symmetric-unit", In: all(func(x float64) bool { return math.Abs(math.Cos(x)) > 0.05 })},
		Identities: []Identity{{"tangent as a quotient", "tan(x)", "sin(x) ./ cos(x)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.3.107", Examples: []string{"x: n; Q = sum(tan(x))"},
	},
	{
		Name: "asin", Spellings: []string{"arcsin"}, Family: "elementwise", Doc: "Inverse sine of each entry, in radians.",
		Params: x1, Elementwise: true, Result: "Y", D: always("dX ./ sqrt(1 - X.^2)"), Props: propsOdd,
		LaTeX: `\arcsin($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Asin(x) },
		DF:    func(x float64, _ ...float64) float64 { return 1 / math.Sqrt((1-x)*(1+x)) },
		Go:    "math.Asin($1)", NumPy: "np.arcsin($1)",
		Domain:     Domain{Text: "-1 < X < 1", Sampler: "symmetric-unit", In: all(insideUnit)},
		Identities: []Identity{{"sine of arcsine", "sin(asin(cos(x)))", "cos(x)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.4.52", Examples: []string{"x: n; Q = sum(asin(x))"},
	},
	{
		Name: "acos", Spellings: []string{"arccos"}, Family: "elementwise", Doc: "Inverse cosine of each entry, in radians.",
		Params: x1, Elementwise: true, Result: "Y", D: always("-dX ./ sqrt(1 - X.^2)"), Props: propsNonneg,
		LaTeX: `\arccos($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Acos(x) },
		DF:    func(x float64, _ ...float64) float64 { return -1 / math.Sqrt((1-x)*(1+x)) },
		Go:    "math.Acos($1)", NumPy: "np.arccos($1)",
		Domain:     Domain{Text: "-1 < X < 1", Sampler: "symmetric-unit", In: all(insideUnit)},
		Identities: []Identity{{"arccosine by arcsine", "acos(sin(x))", "pi/2 - asin(sin(x))", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.4.53", Examples: []string{"x: n; Q = sum(acos(x))"},
	},
	{
		Name: "atan", Spellings: []string{"arctan"}, Family: "elementwise", Doc: "Inverse tangent of each entry, in radians.",
		Params: x1, Elementwise: true, Result: "Y", D: always("dX ./ (1 + X.^2)"), Props: propsOdd,
		LaTeX: `\arctan($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Atan(x) },
		DF:    func(x float64, _ ...float64) float64 { h := math.Hypot(1, x); return 1 / h / h },
		Go:    "math.Atan($1)", NumPy: "np.arctan($1)",
		Identities: []Identity{{"tangent of arctangent", "tan(atan(x))", "x", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.4.54", Examples: []string{"x: n; Q = sum(atan(x))"},
	},
	{
		Name: "sinh", Family: "elementwise", Doc: "Hyperbolic sine of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("cosh(X) .* dX"), Props: propsOdd,
		LaTeX: `\sinh($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Sinh(x) },
		DF:    func(x float64, _ ...float64) float64 { return math.Cosh(x) },
		Go:    "math.Sinh($1)", NumPy: "np.sinh($1)",
		Domain:     Domain{Sampler: "small"},
		Identities: []Identity{{"hyperbolic sine by exp", "sinh(x)", "(exp(x) - exp(-x))/2", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.5.71", Examples: []string{"x: n; Q = sum(sinh(x))"},
	},
	{
		Name: "cosh", Family: "elementwise", Doc: "Hyperbolic cosine of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("sinh(X) .* dX"), Props: propsPositive,
		LaTeX: `\cosh($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Cosh(x) },
		DF:    func(x float64, _ ...float64) float64 { return math.Sinh(x) },
		Go:    "math.Cosh($1)", NumPy: "np.cosh($1)",
		Domain:     Domain{Sampler: "small"},
		Identities: []Identity{{"hyperbolic functions", "cosh(x).^2 - sinh(x).^2", "ones(n)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 4.5.72", Examples: []string{"x: n; Q = sum(cosh(x))"},
	},
	{
		Name: "tanh", Family: "elementwise", Doc: "Hyperbolic tangent of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("(1 - Y.^2) .* dX"), Props: propsOdd,
		LaTeX: `\tanh($1)`,
		F:     func(x float64, _ ...float64) float64 { return math.Tanh(x) },
		DF:    func(x float64, _ ...float64) float64 { c := math.Cosh(x); return 1 / c / c },
		Go:    "math.Tanh($1)", NumPy: "np.tanh($1)",
		Identities: []Identity{
			{"tanh is odd", "tanh(-x)", "-tanh(x)", "x: n"},
			{"tanh as a quotient", "tanh(x)", "sinh(x) ./ cosh(x)", "x: n"},
			{"tanh by sigmoid", "tanh(x)", "2*sigmoid(2*x) - 1", "x: n"},
		},
		Ref: "Abramowitz and Stegun 1964, 4.5.73", Examples: []string{"W: m×n; x: n; a = tanh(W x); Q = sum(a)"},
	},
	{
		Name: "erf", Family: "elementwise", Doc: "Error function 2/√π ∫₀ˣ exp(-t²) dt of each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("2/sqrt(pi)*exp(-X.^2) .* dX"), Props: propsOdd,
		F:  func(x float64, _ ...float64) float64 { return math.Erf(x) },
		DF: func(x float64, _ ...float64) float64 { return math.Exp(-x*x) * (2 / math.SqrtPi) },
		Go: "math.Erf($1)", NumPy: "_erf($1)", NumPyFunc: numpyErf,
		Identities: []Identity{{"erf is odd", "erf(-x)", "-erf(x)", "x: n"}, {"erf by the normal distribution", "erf(x)", "2*normcdf(sqrt(2)*x) - 1", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 7.1.1 and 7.1.19", Examples: []string{"x: n; Q = sum(erf(x))"},
	},
	{
		Name: "normpdf", Family: "elementwise", Helper: true, Doc: "Density of the standard normal distribution at each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("-X .* Y .* dX"), Props: propsPositive,
		F:  func(x float64, _ ...float64) float64 { return normPDF(x) },
		DF: func(x float64, _ ...float64) float64 { return -x * normPDF(x) },
		Go: "math.Exp(-0.5*$1*$1)*(1/math.Sqrt(2*math.Pi))", NumPy: "np.exp(-0.5*$1*$1)/np.sqrt(2*np.pi)",
		Identities: []Identity{{"normal density by exp", "normpdf(x)", "exp(-x.^2/2)/sqrt(2*pi)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 26.2.1", Examples: []string{"x: n; Q = sum(normpdf(x))"},
	},
	{
		Name: "normcdf", Family: "elementwise", Helper: true, Doc: "Distribution function of the standard normal distribution at each entry.",
		Params: x1, Elementwise: true, Result: "Y", D: always("normpdf(X) .* dX"), Props: propsUnitInterval,
		F:  func(x float64, _ ...float64) float64 { return normCDF(x) },
		DF: func(x float64, _ ...float64) float64 { return normPDF(x) },
		Go: "0.5*math.Erfc(-$1/math.Sqrt2)", NumPy: "0.5*_erfc(-$1/np.sqrt(2))", NumPyFunc: numpyErfc,
		Identities: []Identity{{"normal distribution by symmetry", "normcdf(-x)", "1 - normcdf(x)", "x: n"}},
		Ref:        "Abramowitz and Stegun 1964, 26.2.2", Examples: []string{"x: n; Q = sum(log(normcdf(x)))"},
	},
}, activations...)

// x1 is the parameter list of functions of one operand.
var x1 = []Param{{Name: "X"}}

func insideUnit(x float64) bool { return math.Abs(x) < 0.98 }

func normPDF(x float64) float64 { return math.Exp(-0.5*x*x) / math.Sqrt(2*math.Pi) }
func normCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

const numpyErf = `def _erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)
`

const numpyErfc = `def _erfc(x):
    return np.vectorize(math.erfc, otypes=[float])(x)
`

// Properties of elementwise results. A function of each entry keeps the
// symmetry of a matrix, and its zeros if f(0) = 0.

func propsKeepSymmetric(a []*expr.Node) expr.Props { return a[0].Props & expr.Symmetric }

// propsOdd is for f with the sign of x: f(0) = 0.
func propsOdd(a []*expr.Node) expr.Props {
	return a[0].Props & (expr.Symmetric | expr.Diagonal | expr.Positive | expr.Nonnegative)
}

func propsExp(a []*expr.Node) expr.Props { return propsKeepSymmetric(a) | expr.Positive }

func propsPositive(a []*expr.Node) expr.Props { return propsKeepSymmetric(a) | expr.Positive }

func propsNonneg(a []*expr.Node) expr.Props { return propsKeepSymmetric(a) | expr.Nonnegative }

func propsUnitInterval(a []*expr.Node) expr.Props {
	return propsKeepSymmetric(a) | expr.Positive | expr.UnitInterval
}

func propsLog1p(a []*expr.Node) expr.Props { return propsOdd(a) }

func propsSqrt(a []*expr.Node) expr.Props {
	return a[0].Props&(expr.Symmetric|expr.Diagonal|expr.Positive|expr.Binary|expr.UnitInterval) | expr.Nonnegative
}

func propsSquare(a []*expr.Node) expr.Props {
	return a[0].Props&(expr.Symmetric|expr.Diagonal|expr.Positive|expr.Binary|expr.UnitInterval|expr.PSD|expr.SPD) | expr.Nonnegative
}
