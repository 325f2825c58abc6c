package rules

import (
	"fmt"
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// losses holds the divergences between distributions. They are sums over all
// entries, so that rows of a matrix add up; 0·log 0 counts as 0.
var losses = []*Func{
	{
		Name: "crossentropy", Spellings: []string{"cross_entropy", "CE"}, Family: "loss", Doc: "Cross-entropy -Σ y·log p of labels or probabilities y and probabilities p, over all entries.",
		Params: []Param{{Name: "Y"}, {Name: "P", Like: "Y"}}, Out: OutScalar, Result: "q",
		D: always("-dot(log(P), dY) - dot(Y ./ P, dP)"), Def: always("-sum(Y .* log(P))"), Props: propsEntropy(1),
		Eval: pairwise(func(y, p float64) (v, dy, dp float64) { return -xlogy(y, p), -math.Log(p), -y / p }),
		Dual: pairwiseDual(func(y, p float64) (v, dy, dp float64) { return -xlogy(y, p), -math.Log(p), -y / p }),
		Go:   "crossEntropy", NumPy: "-np.sum(_xlogy($1, $2))", NumPyFunc: numpyXlogy,
		Domain: Domain{Text: "P > 0", Sampler: "simplex", In: func(a ...*num.Mat) bool { return awayFromZero(a[1]) }},
		Identities: []Identity{
			{"cross-entropy by divergence", "crossentropy(y, p)", "entropy(y) + KL(y, p)", "y: n positive; p: n positive"},
			{"cross-entropy of a softmax", "crossentropy(y, softmax(z))", "-sum(y .* logsoftmax(z))", "y: n; z: n"},
		},
		Ref:      "Goodfellow, Bengio and Courville 2016, Deep Learning, section 3.13",
		Examples: []string{"X: N×D; W: D×K; Y: N×K onehot; Q = crossentropy(Y, softmax(X W))", "y: K onehot; p: K positive; Q = crossentropy(y, p)"},
	},
	{
		Name: "KL", Spellings: []string{"kl", "D_KL"}, Family: "loss", Doc: "Kullback-Leibler divergence Σ p·log(p/q) of p from q, over all entries.",
		Params: []Param{{Name: "P"}, {Name: "R", Like: "P"}}, Out: OutScalar, Result: "y",
		D: always("dot(log(P ./ R) + 1, dP) - dot(P ./ R, dR)"), Def: always("sum(P .* log(P ./ R))"), Props: propsKL,
		Text: "KL($1 ‖ $2)", LaTeX: `\operatorname{KL}($1 \,\Vert\, $2)`,
		Eval: pairwise(func(p, r float64) (v, dp, dr float64) { return xlogy(p, p/r), math.Log(p/r) + 1, -p / r }),
		Dual: pairwiseDual(func(p, r float64) (v, dp, dr float64) { return xlogy(p, p/r), math.Log(p/r) + 1, -p / r }),
		Go:   "klDivergence", NumPy: "np.sum(_xlogy($1, $1/$2))", NumPyFunc: numpyXlogy,
		Domain:     Domain{Text: "P > 0, R > 0", Sampler: "simplex", In: func(a ...*num.Mat) bool { return awayFromZero(a[0]) && awayFromZero(a[1]) }},
		Identities: []Identity{{"divergence from itself", "KL(p, p)", "0", "p: n positive"}, {"divergence by logarithms", "KL(p, r)", "sum(p .* log(p)) - sum(p .* log(r))", "p: n positive; r: n positive"}},
		Ref:        "Goodfellow, Bengio and Courville 2016, Deep Learning, section 3.13", Examples: []string{"p: n positive; q: n positive; Q = KL(p, q)", "p: n simplex const; z: n; Q = KL(p, softmax(z))"},
	},
	{
		Name: "entropy", Family: "loss", Doc: "Entropy -Σ p·log p, over all entries, in nats.",
		Params: []Param{{Name: "P"}}, Out: OutScalar, Result: "y",
		D: always("-dot(log(P) + 1, dP)"), Def: always("-sum(P .* log(P))"), Props: propsEntropy(0),
		Eval: number(func(p *num.Mat) float64 {
			return p.Map(func(p float64) float64 { return -xlogy(p, p) }).Sum()
		}),
		Dual: numberDual(func(p *num.Dual) (v, d float64) {
			for i, x := range p.V {
				v -= xlogy(x, x)
				if p.D[i] != 0 {
					d -= (math.Log(x) + 1) * p.D[i]
				}
			}
			return v, d
		}),
		Go: "entropy", NumPy: "-np.sum(_xlogy($1, $1))", NumPyFunc: numpyXlogy,
		Domain:     Domain{Text: "P > 0", Sampler: "simplex", In: func(a ...*num.Mat) bool { return awayFromZero(a[0]) }},
		Identities: []Identity{{"entropy as a cross-entropy", "entropy(p)", "crossentropy(p, p)", "p: n positive"}},
		Ref:        "Cover and Thomas 2006, Elements of Information Theory, eq. 2.1", Examples: []string{"p: n positive; Q = entropy(p)", "z: n; Q = entropy(softmax(z))"},
	},
}

// xlogy is x·log y, with 0·log 0 = 0.
func xlogy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}

func awayFromZero(p *num.Mat) bool { return all(func(x float64) bool { return x > 1e-3 })(p) }

// pairwise makes the kernel of a sum over the entries of two operands of one
// shape; f returns the term and its partial derivatives.
func pairwise(f func(x, y float64) (v, dx, dy float64)) func(args ...*num.Mat) (*num.Mat, error) {
	g := zip(func(x, y float64) float64 { v, _, _ := f(x, y); return v })
	return func(args ...*num.Mat) (*num.Mat, error) {
		if a, b := args[0], args[1]; a.R != b.R || a.C != b.C {
			return nil, fmt.Errorf("operands are %d×%d and %d×%d", a.R, a.C, b.R, b.C)
		}
		terms, err := g(args...)
		if err != nil {
			return nil, err
		}
		return num.Scalar(terms.Sum()), nil
	}
}

func pairwiseDual(f func(x, y float64) (v, dx, dy float64)) func(args ...*num.Dual) (*num.Dual, error) {
	g := zipDual(f)
	return func(args ...*num.Dual) (*num.Dual, error) {
		if a, b := args[0], args[1]; a.R != b.R || a.C != b.C {
			return nil, fmt.Errorf("operands are %d×%d and %d×%d", a.R, a.C, b.R, b.C)
		}
		terms, err := g(args...)
		if err != nil {
			return nil, err
		}
		return num.Along(total(terms.Value()), total(terms.Deriv())), nil
	}
}

// propsEntropy: -Σ y·log p is nonnegative where y ≥ 0 and p ≤ 1.
func propsEntropy(p int) func(a []*expr.Node) expr.Props {
	return func(a []*expr.Node) expr.Props {
		if a[0].Props.Has(expr.Nonnegative) && a[p].Props.Has(expr.UnitInterval) {
			return expr.Nonnegative
		}
		return 0
	}
}

// propsKL: the divergence of distributions is nonnegative (Gibbs).
func propsKL(a []*expr.Node) expr.Props {
	both := a[0].Props & a[1].Props
	if both.Has(expr.Simplex) || both.Has(expr.Stochastic) {
		return expr.Nonnegative
	}
	return 0
}
