package simplify

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

// wholeRewrites are what the search for the shortest form tries at each node,
// in that order, beside taking out common factors. What is not shorter is not
// taken.
func wholeRewrites() []Rewrite {
	return []Rewrite{
		{
			Name: "product multiplied out in a trace", Given: "A: n×n; S: n×n symmetric", Left: "tr((A - A')*S)", Right: "0",
			If:    "the result is shorter",
			Stays: "X: n×m; A: n×m; tr((X - A)'*(X - A))",
			whole: func(s *S, n *Node) *Node {
				if !n.IsCall("tr") {
					return nil
				}
				if x := s.expand(n.Args[0]); x != nil && x.Op == expr.OpAdd {
					return s.Trace(x)
				}
				return nil
			},
		},
		{
			Name: "product multiplied out", Given: "y: n; p: n", Left: "(y ./ p - (1 - y) ./ (1 - p)) .* p .* (1 - p)", Right: "y - p",
			If:    "the result, with common factors taken out again, is shorter; by more than brackets where a difference of the program would be lost",
			Stays: "x: n; y: n; p: n; (x - y) .* p",
			whole: func(s *S, n *Node) *Node {
				if x := s.expand(n); x != nil && x != n {
					return s.keepsResidual(n, s.factored(x))
				}
				return nil
			},
		},
		{
			Name: "common denominator", Given: "p: n; y: n", Left: "1 - p ./ (p + y)", Right: "y ./ (p + y)",
			If:    "what is multiplied out cancels, so that the result is shorter",
			Stays: "x: n; y: n; z: n; z - x ./ (x + y)",
			whole: func(s *S, n *Node) *Node {
				if n.Op != expr.OpAdd || len(n.Args) > maxTerms {
					return nil
				}
				return s.overDenominator(n)
			},
		},
		{
			Name: "fraction cleared of fractions", Given: "q: scalar; v: scalar; d: scalar", Left: "(1 + d/v)/(1 + q/v)", Right: "(v + d)/(v + q)",
			If:    "a term of the denominator is divided by a scalar, and the result is shorter",
			Stays: "q: scalar; v: scalar; x: scalar; x/(1 + q/v)^2",
			whole: func(s *S, n *Node) *Node {
				if n.Op != expr.OpHad && n.Op != expr.OpScale {
					return nil
				}
				return s.overUnder(n)
			},
		},
		{
			Name: "complementary brackets", Given: "x: n; a: n", Left: "[x < a] + [x >= a]", Right: "ones(n)",
			If:    "the brackets exclude each other and one of them always holds, and the result is shorter",
			Stays: "x: n; a: n; b: n; [x < a] + [x >= b]",
			whole: func(s *S, n *Node) *Node {
				if n.Op != expr.OpAdd || len(n.Args) > maxTerms {
					return nil
				}
				return s.complements(n)
			},
		},
		{
			Name: "hyperbolic tangent by the logistic function", Given: "z: n", Left: "2*sigmoid(2*z) - 1", Right: "tanh(z)",
			If:    "the operand is an even multiple, so that the result is shorter",
			Stays: "z: n; 2*sigmoid(3*z) - 1",
			whole: func(s *S, n *Node) *Node {
				if n.Op != expr.OpAdd || len(n.Args) != 2 {
					return nil
				}
				return s.tanhOf(n.Args)
			},
		},
	}
}

// tanhOf writes c(2 σ(2z) − 1) as c tanh(z).
func (s *S) tanhOf(terms []*Node) *Node {
	for i, t := range terms {
		c, x := s.ratSplit(t)
		d, one := s.ratSplit(terms[1-i])
		if x == nil || !x.IsCall("sigmoid") || one != nil && !isOneTerm(one) || new(big.Rat).Mul(d, big.NewRat(-2, 1)).Cmp(c) != 0 {
			continue
		}
		k, z := s.ratSplit(x.Args[0])
		half := new(big.Rat).Mul(k, ratHalf)
		if z != nil && half.IsInt() {
			return s.withRat(new(big.Rat).Neg(d), s.call("tanh", s.withRat(half, z)))
		}
	}
	return nil
}

// Taking out common factors.
var (
	factorLeft = inline(groupShortest, Rewrite{
		Name: "common factor on the left", Given: "A: n×k; B: k×m; C: k×m", Left: "A*B + A*C", Right: "A*(B + C)",
		If:    "both products begin with the factor: matrices do not commute",
		Stays: "A: n×n; B: n×n; C: n×n; A*B + C*A",
	})
	factorRight = inline(groupShortest, Rewrite{
		Name: "common factor on the right", Given: "A: n×k; B: n×k; x: k", Left: "A*x + B*x", Right: "(A + B)*x",
		If:    "both products end with the factor",
		Stays: "A: n×n; B: n×n; C: n×n; A*B + C*A",
	})
	factorEntry = inline(groupShortest, Rewrite{
		Name: "common factor of elementwise products", Given: "x: n; y: n; z: n", Left: "x .* y + x .* z", Right: "x .* (y + z)",
		If:    "the factor stands in both products",
		Stays: "w: n; x: n; y: n; z: n; w .* x + y .* z",
	})
	factorScalar = inline(groupShortest, Rewrite{
		Name: "common scalar factor", Given: "a: scalar; A: n×m; B: n×m", Left: "a*A + a*B", Right: "a*(A + B)",
		If:    "the scalar stands in both terms; of powers the least",
		Stays: "a: scalar; b: scalar; A: n×m; B: n×m; a*A + b*B",
	})
	factorNumber = inline(groupShortest, Rewrite{
		Name: "common number", Given: "A: n×m; B: n×m; C: n×m", Left: "2*A + 2*B", Right: "2*(A + B)",
		If:    "the numbers of all terms have a common factor",
		Stays: "A: n×m; B: n×m; 2*A + 3*B",
	})
)

// Names of values.
var (
	nameOfValue = inline(groupNames, Rewrite{
		Name: "name of a value", Given: "A: m×n; x: n; b: m; r = A*x - b", Left: "A'*(A*x - b)", Right: "A'*r",
		If:    "the value is that of a definition, its transpose or its negative",
		Stays: "A: m×n; x: n; b: m; r = A*x - b; A'*(A*x + b)",
	})
	nameOfRun = inline(groupNames, Rewrite{
		Name: "name of a run of factors", Given: "X: N×D; w: D; V: N×N; f = X*w", Left: "V*X*w", Right: "V*f",
		If:    "the factors of the definition stand side by side, in order",
		Stays: "X: N×N; w: N; f = X*w; X*X'*w",
	})
	nameInSum = inline(groupNames, Rewrite{
		Name: "name of some terms of a sum", Given: "A: m×n; x: n; b: m; c: m; r = A*x - b", Left: "A*x - b + c", Right: "r + c",
		If:    "the terms are those of the definition times one scalar, and the result is shorter",
		Stays: "A: m×n; x: n; b: m; c: m; r = A*x - b; b + c",
	})
	nameInProduct = inline(groupNames, Rewrite{
		Name: "name of some factors of a product", Given: "a: n; b: n positive; c: n; h = a ./ b", Left: "c .* a ./ b", Right: "c .* h",
		If:    "no division by what may be zero arises, and the result is shorter",
		Stays: "a: n; b: n; c: n; h = a ./ b; c .* a ./ b.^2 .* b.^3",
	})
	nameOfVector = inline(groupNames, Rewrite{
		Name: "name of a scaled vector", Given: "a: n; x: n; u = x/norm(x)", Left: "(a'*x)*x/norm(x)^2", Right: "(a'*u)*u",
		If:    "the scalar of the definition is never zero where it is defined, and the result is shorter",
		Stays: "a: n; x: n; u = x/norm(x); (a'*x)*a",
	})
)

// How results are written.
var (
	differenceTurned = inline(groupPrint, Rewrite{
		Name: "difference turned round", Given: "A: m×n; x: n; b: m", Left: "-2*A'*(b - A*x)", Right: "2*A'*(A*x - b)",
		If:    "that saves a minus in front, or the program writes the difference so",
		Stays: "A: m×n; x: n; b: m; A'*(A*x + b)",
	})
	complementWritten = inline(groupPrint, Rewrite{
		Name: "complement of the logistic function", Given: "y: n; z: n", Left: "y .* (1 - sigmoid(z))", Right: "y .* sigmoid(-z)",
		If:    "the value σ(z) itself does not occur beside it",
		Stays: "y: n; z: n; y .* sigmoid(z) .* (1 - sigmoid(z))",
	})
	transposedWhole = inline(groupPrint, Rewrite{
		Name: "transpose of a whole product", Given: "A: n×n; B: n×n; X: n×n", Left: "inv(X)'*A'*B'*inv(X)'", Right: "(inv(X)*B*A*inv(X))'",
		If:    "the product has three factors or more, and so many of them are transposed that a mark outside and its brackets cost less",
		Stays: "A: n×n; B: n×n; X: n×n; X*A'*B'*X'",
	})
	powerOfQuotient = inline(groupPrint, Rewrite{
		Name: "power of a quotient", Given: "p: n positive; q: n positive; a: scalar", Left: "p.^a ./ q.^a", Right: "(p ./ q).^a",
		If:    "the exponents are opposite and no whole numbers: then both bases are positive where the value is defined",
		Stays: "p: n; q: n; p.^2 ./ q.^2",
	})
	transposeSpread = inline(groupPrint, Rewrite{
		Name: "transpose of a sum by its terms", Given: "A: n×n; x: n; y: n", Left: "(x*y' - A)'", Right: "y*x' - A'",
		If:    "the result is no longer, and the program has no such sum",
		Stays: "A: n×n; B: n×n; inv(A)'*B'*inv(A)'",
	})
	rootOfProduct = inline(groupPrint, Rewrite{
		Name: "root of a product", Given: "a: scalar positive; b: scalar positive", Left: "sqrt(a)*sqrt(b)", Right: "sqrt(a*b)",
		If:    "both roots stand on one side of the line, and neither is a norm",
		Stays: "x: n; y: n; norm(x)*norm(y)",
	})
	powerOfScaled = inline(groupPrint, Rewrite{
		Name: "power of a scaled vector", Given: "x: n; c: scalar", Left: "x.^3/c^3", Right: "(x/c).^3",
		If:    "the exponents are opposite, or their sum is a number where they are none",
		Stays: "x: n; c: scalar; x.^3/c^2",
	})
	normOfProduct = inline(groupPrint, Rewrite{
		Name: "norm of a product", Given: "A: n×m; x: m", Left: "sqrt(x'*A'*A*x)", Right: "norm(A*x)",
		If:    "the second half of the product is the transpose of the first, under a root or an exponent that doubles to a shorter one; of traces too",
		Stays: "A: n×n; x: n; sqrt(x'*A*x)",
	})
	numberOfTerms = inline(groupPrint, Rewrite{
		Name: "number of some terms", Given: "A: n×m; B: n×m; C: n×m; D: n×m", Left: "1/2*A + 1/2*B + C .* D", Right: "1/2*(A + B) + C .* D",
		If:    "the terms have one number but for their signs, and the program has their sum or the number is a fraction",
		Stays: "A: n×m; B: n×m; C: n×m; 2*A - 2*B + C",
	})
	quotientByOuter = inline(groupPrint, Rewrite{
		Name: "quotient by an outer product", Given: "P: n×m; u: n; v: m", Left: "P .* ((1 ./ u)*(1 ./ v)')", Right: "P ./ (u*v')",
		If:    "both vectors stand below the line",
		Stays: "P: n×m; u: n; v: m; P .* (u*(1 ./ v)')",
	})
	sumOverCount = inline(groupPrint, Rewrite{
		Name: "mean", Given: "x: n", Left: "sum(x)/n", Right: "mean(x)",
		If:    "the sum has as many terms as the size says",
		Stays: "x: n; m: scalar; sum(x)/m",
	})
)
