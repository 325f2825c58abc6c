package codegen

import (
	"math"
	"math/big"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// lowerings says how the functions are computed that work on more than one
// entry at a time. Elementwise functions take their code from the rules; all
// others are expanded by their definition in the rules.
var lowerings map[string]func(l *lowerer, n *expr.Node) ref

func init() {
	lowerings = map[string]func(l *lowerer, n *expr.Node) ref{
		"sum":        reduction("sum", overAll),
		"rowsum":     reduction("sum", alongRow),
		"colsum":     reduction("sum", alongCol),
		"mean":       mean(overAll),
		"rowmean":    mean(alongRow),
		"colmean":    mean(alongCol),
		"prod":       reduction("prod", overAll),
		"product":    reduction("prod", overAll),
		"max":        extremum("max"),
		"min":        extremum("min"),
		"pi":         func(l *lowerer, n *expr.Node) ref { return l.g.rat(new(big.Rat).SetFloat64(math.Pi)) },
		"tr":         (*lowerer).trace,
		"diag":       (*lowerer).diag,
		"inv":        func(l *lowerer, n *expr.Node) ref { return l.inverse(n.Args[0]) },
		"det":        ofFactor(opDet, ""),
		"logdet":     ofFactor(opLogDet, ""),
		"logabsdet":  ofFactor(opLogDet, "abs"),
		"softmax":    (*lowerer).softmax,
		"logsoftmax": (*lowerer).logSoftmax,
		"logsumexp":  (*lowerer).logSumExp,
		"norm":       (*lowerer).norm,
		"vec":        kernelCall("vec"),
		"kron":       kernelCall("kron"),
		"expm":       kernelCall("expm"),
		"dexpm":      kernelCall("dexpm"),
		"d2expm":     kernelCall("d2expm"),
		"polar":      kernelCall("polar"),
		"normnuc":    kernelCall("normnuc"),
		"adjugate":   kernelCall("adjugate"),
		"unkronl":    kernelCall("unkronl"),
		"unkronr":    kernelCall("unkronr"),
		"prodrest":   kernelCall("prodrest"),
		"argmax":     (*lowerer).argmax,
		"unvec": func(l *lowerer, n *expr.Node) ref {
			if n.Shape.C.IsOne() {
				return l.memo[n.Args[0]]
			}
			return l.kernel("unvec", n.Shape, l.memo[n.Args[0]])
		},
		"crossentropy": func(l *lowerer, n *expr.Node) ref { return l.xlogy(-1, n, nil) },
		"entropy":      func(l *lowerer, n *expr.Node) ref { return l.xlogy(-1, n, nil) },
		"KL":           func(l *lowerer, n *expr.Node) ref { return l.xlogy(1, n, n.Args[1]) },
		"sigmoid":      func(l *lowerer, n *expr.Node) ref { return l.sigmoid(l.memo[n.Args[0]]) },
		"softplus":     func(l *lowerer, n *expr.Node) ref { return l.softplus(l.memo[n.Args[0]]) },
		"silu": func(l *lowerer, n *expr.Node) ref {
			x := l.memo[n.Args[0]]
			return l.g.mapOp("mul", n.Shape, x, l.sigmoid(x))
		},
		"relu": func(l *lowerer, n *expr.Node) ref { return l.g.mapOp("relu", n.Shape, l.memo[n.Args[0]]) },
		"square": func(l *lowerer, n *expr.Node) ref {
			return l.g.mapOp("square", n.Shape, l.memo[n.Args[0]])
		},
		"abs": func(l *lowerer, n *expr.Node) ref { return l.g.mapOp("abs", n.Shape, l.memo[n.Args[0]]) },
	}
}

func elementwise(n *expr.Node) bool {
	f, ok := n.Fn.(*rules.Func)
	return ok && f.Elementwise && f.Go != ""
}

func (l *lowerer) elementwise(n *expr.Node, args []ref) ref {
	return l.g.mapOp(n.Fn.FnName(), n.Shape, args...)
}

func reduction(fn string, ax axis) func(*lowerer, *expr.Node) ref {
	return func(l *lowerer, n *expr.Node) ref { return l.g.reduce(fn, ax, l.memo[n.Args[0]]) }
}

// extremum is the largest or smallest entry of one operand, or the larger or
// smaller of two, entry by entry.
func extremum(fn string) func(*lowerer, *expr.Node) ref {
	return func(l *lowerer, n *expr.Node) ref {
		if len(n.Args) == 1 {
			return l.g.reduce(fn, overAll, l.memo[n.Args[0]])
		}
		return l.g.mapOp(fn, n.Shape, l.memo[n.Args[0]], l.memo[n.Args[1]])
	}
}

func mean(ax axis) func(*lowerer, *expr.Node) ref {
	return func(l *lowerer, n *expr.Node) ref {
		x := l.memo[n.Args[0]]
		count := x.shape().Count()
		switch ax {
		case alongRow:
			count = x.shape().C
		case alongCol:
			count = x.shape().R
		}
		return l.g.mapOp("mul", n.Shape, l.g.mapOp("recip", expr.Scalar, l.g.size(count)), l.g.reduce("sum", ax, x))
	}
}

func ofFactor(o op, fn string) func(*lowerer, *expr.Node) ref {
	return func(l *lowerer, n *expr.Node) ref {
		a := n.Args[0]
		if a.IsScalar() {
			if o == opDet {
				return l.memo[a]
			}
			x := l.memo[a]
			if fn != "" {
				x = l.g.mapOp(fn, expr.Scalar, x)
			}
			return l.g.mapOp("log", expr.Scalar, x)
		}
		f, _ := l.factorOf(a)
		if o == opDet && f.v.fn == "chol" && !a.Props.Has(expr.SPD) {
			// The determinant of a singular matrix is 0.
			f = ref{v: l.g.intern(&val{op: opFactor, fn: "lu", args: f.v.args, shape: a.Shape})}
		}
		return ref{v: l.g.intern(&val{op: o, fn: fn, args: []ref{f}, shape: expr.Scalar})}
	}
}

func kernelCall(fn string) func(*lowerer, *expr.Node) ref {
	return func(l *lowerer, n *expr.Node) ref {
		args := make([]ref, len(n.Args))
		for i, a := range n.Args {
			args[i] = l.memo[a]
		}
		if n.IsScalar() && args[0].shape().IsScalar() {
			switch fn {
			case "expm":
				return l.g.mapOp("exp", expr.Scalar, args[0])
			case "normnuc":
				return l.g.mapOp("abs", expr.Scalar, args[0])
			}
		}
		if fn == "vec" && n.Args[0].Shape.C.IsOne() {
			return args[0]
		}
		if fn == "kron" && (args[0].shape().IsScalar() || args[1].shape().IsScalar()) {
			return l.g.mapOp("mul", n.Shape, args[0], args[1])
		}
		return l.kernel(fn, n.Shape, args...)
	}
}

// kernel calls a helper function; its operands are stored matrices as they
// stand.
func (l *lowerer) kernel(fn string, s expr.Shape, args ...ref) ref {
	for i, a := range args {
		if a.v.op == opEye {
			one := l.g.int(1)
			a = ref{v: l.g.intern(&val{op: opMap, fn: "ondiag", shape: a.v.shape, args: []ref{a, one}})}
		}
		if a.t || a.shape().IsScalar() {
			a = ref{v: l.g.intern(&val{op: opMap, fn: "copy", shape: a.shape(), args: []ref{a}})}
		}
		args[i] = a
	}
	return ref{v: l.g.intern(&val{op: opKernel, fn: fn, args: args, shape: s})}
}

func (l *lowerer) argmax(n *expr.Node) ref {
	x := l.memo[n.Args[0]]
	if x.shape().IsScalar() {
		return l.g.int(1)
	}
	if n.IsScalar() && x.shape().IsCol() {
		return l.kernel("argmaxAll", n.Shape, x)
	}
	return l.kernel("argmax", n.Shape, x)
}

// xlogy sums x log y over all entries, with 0 log 0 = 0; y is the last operand,
// or x over it for the divergence of two.
func (l *lowerer) xlogy(sign int64, n *expr.Node, over *expr.Node) ref {
	x := l.memo[n.Args[0]]
	y := l.memo[n.Args[len(n.Args)-1]]
	s := x.shape()
	if over != nil {
		y = l.g.mapOp("div", s, x, y)
	}
	r := l.g.reduce("sum", overAll, l.g.mapOp("xlogy", s, x, y))
	return l.g.mapOp("mul", expr.Scalar, l.g.int(sign), r)
}

// shifted is the largest entry of each row (of a column vector: of all), by
// which exponentials are kept in range, and the differences from it.
func (l *lowerer) shifted(z ref) (ax axis, m, d ref) {
	ax = alongRow
	if z.shape().C.IsOne() {
		ax = overAll
	}
	m = l.anchor(l.g.reduce("max", ax, z))
	return ax, m, l.g.mapOp("sub", z.shape(), z, m)
}

// anchor is m where it is finite: differences from an infinite one are NaN.
func (l *lowerer) anchor(m ref) ref { return l.g.mapOp("anchor", m.shape(), m) }

func (l *lowerer) softmax(n *expr.Node) ref {
	ax, _, d := l.shifted(l.memo[n.Args[0]])
	e := l.g.mapOp("exp", n.Shape, d)
	s := l.g.reduce("sum", ax, e)
	return l.g.mapOp("mul", n.Shape, e, l.g.mapOp("recip", s.shape(), s))
}

func (l *lowerer) logSoftmax(n *expr.Node) ref {
	ax, _, d := l.shifted(l.memo[n.Args[0]])
	s := l.g.reduce("sum", ax, l.g.mapOp("exp", n.Shape, d))
	return l.g.mapOp("sub", n.Shape, d, l.g.mapOp("log", s.shape(), s))
}

func (l *lowerer) logSumExp(n *expr.Node) ref {
	z := l.memo[n.Args[0]]
	ax, m, d := l.shifted(z)
	if n.IsScalar() && ax == alongRow {
		ax = overAll
		m = l.anchor(l.g.reduce("max", ax, z))
		d = l.g.mapOp("sub", z.shape(), z, m)
	}
	s := l.g.reduce("sum", ax, l.g.mapOp("exp", z.shape(), d))
	return l.g.mapOp("add", m.shape(), m, l.g.mapOp("log", s.shape(), s))
}

// sigmoid and softplus share exp(-|x|): 1/(1+e) or e/(1+e), and
// max(x,0) + log1p(e).
func (l *lowerer) sigmoid(x ref) ref {
	s := x.shape()
	return l.g.mapOp("sigmoid", s, x, l.expMinusAbs(x))
}

func (l *lowerer) softplus(x ref) ref {
	s := x.shape()
	return l.g.mapOp("add", s, l.g.mapOp("relu", s, x), l.g.mapOp("log1pe", s, l.expMinusAbs(x)))
}

func (l *lowerer) expMinusAbs(x ref) ref {
	s := x.shape()
	return l.g.mapOp("exp", s, l.g.mapOp("neg", s, l.g.mapOp("abs", s, x)))
}

func (l *lowerer) norm(n *expr.Node) ref {
	x := l.memo[n.Args[0]]
	if x.shape().IsScalar() {
		return l.g.mapOp("abs", expr.Scalar, x)
	}
	// Entries are brought near 1, so that no square overflows or vanishes.
	s := x.shape()
	u := l.g.mapOp("unit", expr.Scalar, l.g.reduce("max", overAll, l.g.mapOp("abs", s, x)))
	sum := l.g.reduce("sum", overAll, l.g.mapOp("square", s, l.g.mapOp("div", s, x, u)))
	return l.g.mapOp("mul", expr.Scalar, u, l.g.mapOp("sqrt", expr.Scalar, sum))
}

// evenPower is ‖x‖^(2k) by the sum of squares; ok tells whether n is one.
func (l *lowerer) evenPower(n *expr.Node) (r ref, ok bool) {
	a := see(n.Args[0])
	k, whole := n.Args[1].Int()
	if !a.IsCall("norm") || a.Args[0].IsScalar() || !whole || k <= 0 || k%2 != 0 {
		return ref{}, false
	}
	x := l.memo[a.Args[0]]
	sum := l.g.reduce("sum", overAll, l.g.mapOp("square", x.shape(), x))
	return l.halfPow(expr.Scalar, sum, int64(k)), true
}

// diag of a vector is a matrix, of a matrix the vector of its diagonal; of a
// product only the diagonal is computed.
func (l *lowerer) diag(n *expr.Node) ref {
	a := n.Args[0]
	x := l.memo[a]
	if a.Shape.IsScalar() {
		return x
	}
	if !a.Shape.IsSquare() {
		return l.diagMatrix(x)
	}
	if x.v.op == opMul && len(x.v.users) == 0 {
		p, q := x.v.args[0], x.v.args[1]
		if x.t {
			p, q = q.T(), p.T()
		}
		return l.g.reduce("sum", alongRow, l.g.mapOp("mul", p.shape(), p, q.T()))
	}
	if x.v.op == opEye {
		return l.g.fill(l.g.int(1), n.Shape)
	}
	return l.kernel("diagOf", n.Shape, ref{v: x.v})
}

// traceFactors lists the factors of tr(A B …), nil if the operand is no
// product.
func (l *lowerer) traceFactors(n *expr.Node) []factor {
	a := n.Args[0]
	for a.Op == expr.OpVar && a.Var.Kind == expr.Part {
		a = a.Var.Of
	}
	if a.Op != expr.OpMul {
		return nil
	}
	if _, done := l.memo[a]; done && len(l.chains) == 0 {
		return nil
	}
	fs := l.factors(a, false, nil)
	if len(fs) < 2 {
		return nil
	}
	return fs
}

// trace computes tr(AB) as Σ A∘Bᵀ, with the product cut in two, and turned,
// where that costs least.
func (l *lowerer) trace(n *expr.Node) ref {
	g := l.g
	fs := l.traceFactors(n)
	if fs == nil {
		x := l.memo[n.Args[0]]
		if in, ok := x.isFill(); ok && in.shape().IsScalar() {
			return g.mapOp("mul", expr.Scalar, in, g.size(x.shape().R))
		}
		if x.shape().IsScalar() {
			return x
		}
		if x.v.op == opEye {
			return g.size(x.shape().R)
		}
		return l.kernel("trace", expr.Scalar, ref{v: x.v})
	}
	best, at := -1.0, 0
	var plan *chainPlan
	for turn := range fs {
		turned := append(append([]factor(nil), fs[turn:]...), fs[:turn]...)
		p := l.plan(turned)
		for i := 0; i+1 < len(fs); i++ {
			first, end := turned[0].kind == inverse && i == 0, turned[i+1].kind == inverse && i+2 == len(fs)
			c := p.cost[0][i] + p.cost[i+1][len(fs)-1] + l.sizes(turned[0].shape.R)*l.sizes(turned[i].shape.C)
			switch {
			case end && first:
				continue
			case end || first: // solved for, then the diagonal
				c += l.step(turned, 0, i, len(fs)-1)
			}
			if best < 0 || c < best {
				best, plan, at = c, p, i
			}
		}
	}
	if plan == nil {
		plan = l.plan(fs)
		x := l.build(plan, 0, len(fs)-1)
		return l.kernel("trace", expr.Scalar, ref{v: x.v})
	}
	last := len(fs) - 1
	switch {
	case at == 0 && plan.fs[0].kind == inverse:
		x := l.apply(plan.fs[0], l.build(plan, 1, last))
		return l.kernel("trace", expr.Scalar, ref{v: x.v})
	case at == last-1 && plan.fs[last].kind == inverse:
		x := l.apply(plan.fs[last], l.build(plan, 0, at))
		return l.kernel("trace", expr.Scalar, ref{v: x.v})
	}
	a, b := l.build(plan, 0, at), l.build(plan, at+1, last)
	return g.reduce("sum", overAll, g.mapOp("mul", a.shape(), a, b.T()))
}
