package simplify

// single tells whether p is a call of f to the first power.
func (p power) single(f string) bool { return p.exp.IsOne() && p.base.IsCall(f) }

// arg is the operand of the call that p's base is.
func (p power) arg() *Node { return p.base.Args[0] }

// factorRewrites are the identities of two factors p, q of an elementwise
// product, p a call of one of the functions named.
func factorRewrites() []Rewrite {
	return []Rewrite{
		{
			Name: "logistic function of a complement", Given: "z: n", Left: "exp(z) .* (1 - sigmoid(z))", Right: "sigmoid(z)", of: []string{"exp"},
			If:    "the exponential and the logistic function have one operand: eᶻ(1 − σ(z)) = eᶻ/(1 + eᶻ)",
			Stays: "z: n; x: n; exp(x) .* (1 - sigmoid(z))",
			two: func(s *S, p, q power) []power {
				if p.single("exp") && q.exp.IsOne() && s.oneMinusSigmoid(q.base) == p.arg() {
					return []power{{s.call("sigmoid", p.arg()), s.b.Int(1)}}
				}
				return nil
			},
		},
		{
			Name: "derivative of the logistic function", Given: "z: n", Left: "exp(-z) .* sigmoid(z).^2", Right: "sigmoid(z) .* (1 - sigmoid(z))", of: []string{"exp"},
			If:    "the exponential and the logistic function have one operand: e⁻ᶻσ(z) = 1 − σ(z)",
			Stays: "z: n; x: n; exp(-x) .* sigmoid(z).^2",
			two: func(s *S, p, q power) []power {
				if k, ok := p.exp.Int(); !ok || k != -1 || !p.base.IsCall("exp") || !q.base.IsCall("sigmoid") || q.arg() != p.arg() {
					return nil
				}
				k, ok := q.exp.Int()
				if !ok || k < 1 || k > 2 {
					return nil
				}
				one := s.b.Int(1)
				out := []power{{s.Add(s.onesOfOr1(p.base.Shape), s.Neg(q.base)), one}}
				if k == 2 {
					out = append(out, power{q.base, one})
				}
				return out
			},
		},
		{
			Name: "bracket implied by a factor", Given: "z: n", Left: "[z > 0] .* relu(z)", Right: "relu(z)", of: []string{"gt", "ge", "lt", "le"},
			If:    "the factor is zero wherever the bracket is",
			Stays: "z: n; [z > 1] .* relu(z)",
			two: func(s *S, p, q power) []power {
				k, ok := p.exp.Int()
				m, whole := q.exp.Int()
				if ok && whole && k > 0 && m > 0 && s.impliedBy(p.base, q.base) {
					return []power{q}
				}
				return nil
			},
		},
		{
			Name: "hyperbolic tangent by its definition", Given: "z: n", Left: "sinh(z) ./ cosh(z)", Right: "tanh(z)", of: []string{"sinh"},
			If:    "both have one operand",
			Stays: "z: n; x: n; sinh(x) ./ cosh(z)",
			two: func(s *S, p, q power) []power {
				if p.single("sinh") && q.exp.IsNum(-1, 1) && q.base.IsCall("cosh") && q.arg() == p.arg() {
					return []power{{s.call("tanh", p.arg()), s.b.Int(1)}}
				}
				return nil
			},
		},
		{
			Name: "sign times its operand", Given: "x: n", Left: "sign(x) .* x", Right: "abs(x)", of: []string{"sign"},
			If:    "the factor is the operand of the sign",
			Stays: "x: n; y: n; sign(x) .* y",
			two: func(s *S, p, q power) []power {
				if p.single("sign") && q.exp.IsOne() && q.base == p.arg() {
					return []power{{s.call("abs", p.arg()), s.b.Int(1)}}
				}
				return nil
			},
		},
		{
			Name: "sign times absolute value", Given: "x: n", Left: "sign(x) .* abs(x)", Right: "x", of: []string{"sign"},
			If:    "sign and absolute value have one operand",
			Stays: "x: n; y: n; sign(x) .* abs(y)",
			two: func(s *S, p, q power) []power {
				if p.single("sign") && q.single("abs") && q.arg() == p.arg() {
					return []power{{p.arg(), s.b.Int(1)}}
				}
				return nil
			},
		},
	}
}

// The canonical form of elementwise products.
var (
	likeFactors = inline(groupElementwise, Rewrite{
		Name: "like factors", Given: "x: n; y: n", Left: "x .* y .* x", Right: "x.^2 .* y",
		If:    "the bases are equal; exponentials eᵃᵘ and eᵇᵘ count as powers of eᵘ",
		Stays: "x: n; y: n; x .* y",
	})
	factorCancels = inline(groupElementwise, Rewrite{
		Name: "factor cancels", Given: "x: n; y: n", Left: "x .* y ./ x", Right: "y",
		If:    "the exponents add up to zero; the value is kept wherever both sides are defined",
		Stays: "x: n; y: n; x .* y ./ x.^2",
	})
	rowTimesColumn = inline(groupElementwise, Rewrite{
		Name: "repeated column times repeated row", Given: "X: n×m; v: n; u: 1×m", Left: "X .* (v*ones(m)') .* (ones(n)*u)", Right: "X .* (v*u)",
		If:    "one factor repeats a column and the other a row: entry ij is vᵢuⱼ",
		Stays: "X: n×m; v: n; w: n; X .* (v*ones(m)') .* (w*ones(m)')",
	})
	likeBroadcasts = inline(groupElementwise, Rewrite{
		Name: "repeated columns", Given: "X: n×m; v: n; w: n", Left: "X .* (v*ones(m)') .* (w*ones(m)')", Right: "X .* ((v .* w)*ones(m)')",
		If:    "both factors repeat a column, or both a row",
		Stays: "X: n×m; v: n; u: 1×m; X .* (v*ones(m)') .* (ones(n)*u)",
	})
	outerFactor = inline(groupElementwise, Rewrite{
		Name: "elementwise product of outer products", Given: "u: n; v: m; w: n; z: m", Left: "(u*v') .* (w*z')", Right: "(u .* w)*(v .* z)'",
		If:    "a factor is a column times a row: entry ij is uᵢvⱼ",
		Stays: "A: n×k; B: k×m; u: n; v: m; (A*B).*(A*B)",
	})
	diagonalPart = inline(groupElementwise, Rewrite{
		Name: "diagonal part", Given: "A: n×n", Left: "A .* eye(n)", Right: "diag(diag(A))",
		If:    "a factor is the identity",
		Stays: "A: n×n; B: n×n; A .* B",
	})
	softmaxByExp = inline(groupElementwise, Rewrite{
		Name: "softmax by its definition", Given: "Z: n×m", Left: "exp(Z) ./ rowsum(exp(Z))", Right: "softmax(Z)",
		If:    "the sums are of the same exponentials, along the rows or over a whole column vector",
		Stays: "Z: n×m; exp(Z) ./ colsum(exp(Z))",
	})
	softplusTwins = inline(groupFunctions, Rewrite{
		Name: "log-odds of a sigmoid", Given: "z: n", Left: "softplus(z) - softplus(-z)", Right: "z",
		If:    "the operands are opposite and so are the factors",
		Stays: "z: n; softplus(z) + softplus(-z)",
	})
	softmaxMean = inline(groupElementwise, Rewrite{
		Name: "mean weighted by softmax", Given: "a: n; z: n", Left: "a'*exp(z)/sum(exp(z))", Right: "a'*softmax(z)",
		If:    "the sum is of the same exponentials; for the rows of a matrix too",
		Stays: "a: n; z: n; x: n; a'*exp(x)/sum(exp(z))",
	})
	hyperbolic = inline(groupFunctions, Rewrite{
		Name: "hyperbolic sine and cosine by exponentials", Given: "z: n", Left: "exp(z) - exp(-z)", Right: "2*sinh(z)",
		If:    "the operands are opposite and the numbers equal but for their signs",
		Stays: "z: n; exp(z) - 2*exp(-z)",
	})
	logSoftmax = inline(groupFunctions, Rewrite{
		Name: "logarithm of softmax by its definition", Given: "z: n", Left: "z - logsumexp(z)", Right: "logsoftmax(z)",
		If:    "logsumexp has the same operand",
		Stays: "z: n; x: n; z - logsumexp(x)",
	})
)
