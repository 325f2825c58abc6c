package codegen

import (
	"fmt"
	"math"
	"math/big"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// The functions of this file are of generated code alone, not of the language:
// what is written in formulas is brought to them before it is differentiated,
// so that its differential, too, neither overflows nor cancels.
var (
	// log1mexp(x) = log(1 - e^x), x < 0.
	log1mexp = &rules.Func{
		Name: "log1mexp", Family: "elementwise", Elementwise: true,
		Params: []rules.Param{{Name: "X"}}, D: []rules.Case{{Src: "-dX ./ expm1(-X)"}},
		F: func(x float64, _ ...float64) float64 {
			if x > -math.Ln2 {
				return math.Log(-math.Expm1(x))
			}
			return math.Log1p(-math.Exp(x))
		},
		DF:   func(x float64, _ ...float64) float64 { return -1 / math.Expm1(-x) },
		Text: "log(1 − exp($1))", Go: "log1mexp", NumPy: "_log1mexp($1)", NumPyFunc: `def _log1mexp(x):
    return np.where(x > -0.6931471805599453, np.log(-np.expm1(x)), np.log1p(-np.exp(x)))
`,
	}
	// logcosh(x) = log(cosh(x)), by series where the cosine is near 1.
	logcosh = &rules.Func{
		Name: "logcosh", Family: "elementwise", Elementwise: true,
		Params: []rules.Param{{Name: "X"}}, D: []rules.Case{{Src: "tanh(X) .* dX"}},
		F: func(x float64, _ ...float64) float64 {
			if x = math.Abs(x); x < 1 {
				s := math.Sinh(x / 2)
				return math.Log1p(2 * s * s)
			}
			return x + math.Log1p(math.Exp(-2*x)) - math.Ln2
		},
		DF:   func(x float64, _ ...float64) float64 { return math.Tanh(x) },
		Text: "log(cosh($1))", Go: "logcosh", NumPy: "_logcosh($1)", NumPyFunc: `def _logcosh(x):
    a = np.abs(x)
    return np.where(a < 1, np.log1p(2*np.sinh(a/2)**2), a + np.log1p(np.exp(-2*a)) - 0.6931471805599453)
`,
	}
	// logabsdet(X) = log|det X|, whatever the sign.
	logabsdet = func() *rules.Func {
		f := *rules.Must("logdet")
		f.Name, f.Text, f.NumPy, f.Domain = "logabsdet", "log|det($1)|", "np.linalg.slogdet($1)[1]", rules.Must("inv").Domain
		f.Eval = func(args ...*num.Mat) (*num.Mat, error) {
			l, s := num.LogDet(args[0])
			if s == 0 || math.IsNaN(l) {
				return nil, fmt.Errorf("logabsdet: the matrix is singular")
			}
			return num.Scalar(l), nil
		}
		f.Dual = func(args ...*num.Dual) (*num.Dual, error) {
			pv, pd, _, _, err := num.LUDual(args[0])
			if err != nil {
				return nil, fmt.Errorf("logabsdet: %w", err)
			}
			v, d := 0.0, 0.0
			for i := range pv {
				v += math.Log(math.Abs(pv[i]))
				d += pd[i] / pv[i]
			}
			return &num.Dual{R: 1, C: 1, V: []float64{v}, D: []float64{d}}, nil
		}
		return &f
	}()
	// product is prod, but its derivative multiplies the other entries where that
	// of the table divides by the entry.
	product = func() *rules.Func {
		f := *rules.Must("prod")
		f.Name = "product"
		f.D = []rules.Case{{Src: "dot(prodrest(X), dX)"}}
		return &f
	}()
)

// own brings what is written to the functions above, nil if it is none of them.
func (s *stabiliser) own(n *expr.Node) *expr.Node {
	switch {
	case n.IsCall("log"):
		switch x := see(n.Args[0]); {
		case x.IsCall("cosh"):
			return s.b.MustCall(logcosh, x.Args[0])
		case x.IsCall("abs") && see(x.Args[0]).IsCall("det"):
			return s.b.MustCall(logabsdet, see(x.Args[0]).Args[0])
		case x.Op == expr.OpAdd && len(x.Args) == 2:
			// log(1 - exp(z)), log(exp(a) + exp(b)) = b + softplus(a - b)
			for i, a := range x.Args {
				o := see(x.Args[1-i])
				if e := s.negated(o); e != nil && allOnes(a) && see(e).IsCall("exp") {
					return s.b.MustCall(log1mexp, see(e).Args[0])
				}
			}
			if e, f := see(x.Args[0]), see(x.Args[1]); e.IsCall("exp") && f.IsCall("exp") {
				return s.b.Add(f.Args[0], s.call("softplus", s.b.Sub(e.Args[0], f.Args[0])))
			}
		}
	case n.IsCall("log1p"):
		if e := s.negated(see(n.Args[0])); e != nil && see(e).IsCall("exp") {
			return s.b.MustCall(log1mexp, see(e).Args[0])
		}
	case n.IsCall("prod") && !n.Args[0].IsScalar():
		return s.b.MustCall(product, n.Args[0])
	case n.Op == expr.OpAdd:
		if m := s.sigmoids(n); m != nil {
			return m
		}
		if len(n.Args) != 2 {
			return nil
		}
		if m := s.rootMinusOne(n); m != nil {
			return m
		}
		return s.variance(n)
	}
	return nil
}

// sigmoids takes the factors 1 - σ(z) out of a polynomial of σ(z): summed up,
// its terms cancel where σ(z) is near 1.
func (s *stabiliser) sigmoids(n *expr.Node) *expr.Node {
	var sig *expr.Node
	coef := make([]*big.Rat, 5)
	for i := range coef {
		coef[i] = new(big.Rat)
	}
	for _, a := range n.Args {
		c, x := big.NewRat(1, 1), a
		if (a.Op == expr.OpScale || a.Op == expr.OpHad) && len(a.Args) == 2 && a.Args[0].Op == expr.OpNum {
			c, x = a.Args[0].Num, a.Args[1]
		}
		x = see(x)
		k := 0
		switch {
		case allOnes(x):
		case x.IsCall("sigmoid"):
			k = 1
		case x.Op == expr.OpPow && see(x.Args[0]).IsCall("sigmoid"):
			if k, _ = x.Args[1].Int(); k < 2 || k >= len(coef) {
				return nil
			}
			x = see(x.Args[0])
		default:
			return nil
		}
		if k > 0 {
			if sig != nil && sig != x {
				return nil
			}
			sig = x
		}
		coef[k] = new(big.Rat).Add(coef[k], c)
	}
	if sig == nil {
		return nil
	}
	// coef = s^low·(1 - s)^high·q(s)
	low, high := 0, 0
	for coef[0].Sign() == 0 {
		coef = append(coef[1:], new(big.Rat))
		low++
	}
	for {
		sum := new(big.Rat)
		for _, c := range coef {
			sum.Add(sum, c)
		}
		if sum.Sign() != 0 {
			break
		}
		// q(s)/(1 - s) has the partial sums of the coefficients.
		next := new(big.Rat)
		for i, c := range coef {
			next = new(big.Rat).Add(next, c)
			coef[i] = next
		}
		high++
	}
	if high == 0 {
		return nil
	}
	var fs []*expr.Node
	if low > 0 {
		fs = append(fs, s.b.Pow(sig, s.b.Int(int64(low))))
	}
	fs = append(fs, s.b.Pow(s.call("sigmoid", s.b.Neg(sig.Args[0])), s.b.Int(int64(high))))
	var q []*expr.Node
	for k, c := range coef {
		switch {
		case c.Sign() == 0:
		case k == 0 && n.IsScalar():
			q = append(q, s.b.Num(c))
		case k == 0:
			q = append(q, s.b.Scale(s.b.Num(c), s.b.Ones(n.Shape)))
		default:
			q = append(q, s.b.Scale(s.b.Num(c), s.b.Pow(sig, s.b.Int(int64(k)))))
		}
	}
	return s.b.Had(append(fs, s.b.Add(q...))...)
}

// rootMinusOne writes √(1 + s) - 1 as s/(1 + √(1 + s)).
func (s *stabiliser) rootMinusOne(n *expr.Node) *expr.Node {
	for i, a := range n.Args {
		m := s.negated(a)
		if !(m != nil && allOnes(m) || a.IsNum(-1, 1)) {
			continue
		}
		r := see(n.Args[1-i])
		if r.Op != expr.OpPow || !r.Args[1].IsNum(1, 2) {
			continue
		}
		x := see(r.Args[0])
		if x.Op != expr.OpAdd {
			continue
		}
		for j, one := range x.Args {
			if allOnes(one) {
				rest := append(append([]*expr.Node(nil), x.Args[:j]...), x.Args[j+1:]...)
				return s.b.Had(s.b.Add(rest...), s.b.Recip(s.b.Add(one, r)))
			}
		}
	}
	return nil
}

// variance writes the mean of squares less the square of the mean as the mean
// of squared differences, which does not cancel.
func (s *stabiliser) variance(n *expr.Node) *expr.Node {
	for i, a := range n.Args {
		m := s.negated(n.Args[1-i])
		if m == nil {
			continue
		}
		if m = see(m); m.Op != expr.OpPow || !m.Args[1].IsNum(2, 1) {
			continue
		}
		x := meanOf(see(m.Args[0]))
		if x == nil {
			continue
		}
		if y := meanOf(see(a)); y != nil && (squareOf(y) == x) || squareSumOver(see(a), x) {
			return s.call("var", x)
		}
	}
	return nil
}

// meanOf returns x of mean(x), of sum(x)/count and of 1ᵀx/count.
func meanOf(n *expr.Node) *expr.Node {
	if n.IsCall("mean") {
		return see(n.Args[0])
	}
	x := overCount(n)
	switch {
	case x == nil:
	case x.IsCall("sum"):
		x = see(x.Args[0])
		if c := countOf(n); c == x.Shape.Count() {
			return x
		}
	case x.Op == expr.OpMul && len(x.Args) == 2 && onesVector(see(x.Args[0])) && x.Args[0].Shape.IsRow():
		if y := see(x.Args[1]); countOf(n) == y.Shape.Count() {
			return y
		}
	}
	return nil
}

// overCount returns x of x/n, n a size, nil if n is no such quotient.
func overCount(n *expr.Node) *expr.Node {
	if n.Op == expr.OpHad && n.IsScalar() && len(n.Args) == 2 {
		for i, a := range n.Args {
			if inverseSize(a) != (expr.Dim{}) {
				return see(n.Args[1-i])
			}
		}
	}
	return nil
}

// inverseSize returns n of 1/n, the zero size if a is no such thing.
func inverseSize(a *expr.Node) expr.Dim {
	switch {
	case a.Op == expr.OpPow && a.Args[1].IsNum(-1, 1) && a.Args[0].Op == expr.OpSize:
		return a.Args[0].Dim
	case a.Op == expr.OpNum && a.Num.Num().IsInt64() && a.Num.Num().Int64() == 1 && a.Num.Denom().IsInt64():
		return expr.Whole(int(a.Num.Denom().Int64()))
	}
	return expr.Dim{}
}

func countOf(n *expr.Node) expr.Dim {
	for _, a := range n.Args {
		if d := inverseSize(a); d != (expr.Dim{}) {
			return d
		}
	}
	return expr.Dim{}
}

// squareOf returns x of x∘x, nil if y is none.
func squareOf(y *expr.Node) *expr.Node {
	switch {
	case y.Op == expr.OpPow && y.Args[1].IsNum(2, 1), y.IsCall("square"):
		return see(y.Args[0])
	case y.Op == expr.OpHad && len(y.Args) == 2 && y.Args[0] == y.Args[1]:
		return see(y.Args[0])
	}
	return nil
}

// squareSumOver tells whether a is xᵀx or ‖x‖² over the count of x.
func squareSumOver(a, x *expr.Node) bool {
	y := overCount(a)
	if y == nil || countOf(a) != x.Shape.Count() {
		return false
	}
	switch {
	case y.Op == expr.OpMul && len(y.Args) == 2 && y.IsScalar():
		return see(y.Args[1]) == x && (y.Args[0].Op == expr.OpT && see(y.Args[0].Args[0]) == x)
	case y.Op == expr.OpPow && y.Args[1].IsNum(2, 1) && y.Args[0].IsCall("norm"):
		return see(y.Args[0].Args[0]) == x
	}
	return false
}
