package simplify

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// call0 makes a call as it is; call makes one in normal form.
func (s *S) call0(name string, args ...*Node) *Node { return s.b.MustCall(rules.Must(name), args...) }
func (s *S) call(name string, args ...*Node) *Node  { return s.Call(rules.Must(name), args...) }

// shown are calls with a definition that results keep, since that is how they
// are written: their definitions are not unfolded.
var shown = map[string]bool{"var": true, "silu": true, "gelu": true, "step": true, "entropy": true}

// Call returns f(args) in normal form for normal args.
func (s *S) Call(f expr.Fn, args ...*Node) *Node {
	n := s.b.MustCall(f, args...)
	if r := callRewrites[f.FnName()]; r != nil {
		if out := r(s, n, args); out != nil {
			return out
		}
	}
	fn, ok := f.(*rules.Func)
	if !ok {
		return n
	}
	if len(fn.Def) > 0 && !shown[fn.Name] {
		if d, err := Define(s.b, n); err == nil && d != nil && d != n {
			return s.Normal(d)
		}
	}
	if fn.Elementwise && len(args) >= 1 && !args[0].IsScalar() {
		if out := s.elementwise(fn, args); out != nil {
			return out
		}
	}
	return n
}

// elementwise moves an elementwise call under transposes and broadcasts:
// f(Xᵀ) = f(X)ᵀ, f(v1ᵀ) = f(v)1ᵀ.
func (s *S) elementwise(f *rules.Func, args []*Node) *Node {
	for _, a := range args[1:] {
		if !a.IsScalar() && a.Shape == args[0].Shape {
			return nil
		}
	}
	x := args[0]
	with := func(y *Node) *Node { return s.Call(f, append([]*Node{y}, args[1:]...)...) }
	switch {
	case x.Op == expr.OpT:
		return s.T(with(x.Args[0]))
	case x.Op == expr.OpMul && !x.Shape.R.IsOne() && !x.Shape.C.IsOne():
		if v := s.colBroadcast(x); v != nil {
			s.fire("elementwise-of-broadcast")
			return s.Mul(with(v), s.b.T(s.ones(x.Shape.C)))
		}
		if u := s.rowBroadcast(x); u != nil {
			s.fire("elementwise-of-broadcast")
			return s.Mul(s.ones(x.Shape.R), with(u))
		}
	}
	return nil
}

type callRewrite func(s *S, n *Node, a []*Node) *Node

// callRewrites are the identities of single functions, by name.
var callRewrites map[string]callRewrite

func init() {
	callRewrites = map[string]callRewrite{
		"tr": func(s *S, n *Node, a []*Node) *Node {
			if r := s.Trace(a[0]); r != n {
				return r
			}
			return n
		},
		"inv": inverse, "det": determinant, "logdet": logDeterminant, "log": logarithm, "exp": exponential,
		"sigmoid": oddAround, "softplus": nil, "diag": diagonal, "abs": absolute,
		"tanh": odd, "sin": odd, "tan": odd, "asin": odd, "atan": odd, "sinh": odd, "erf": odd, "sign": odd, "cos": even, "cosh": even,
		"ge": comparison, "gt": comparison, "le": comparison, "lt": comparison, "eq": comparison, "ne": comparison,
		"dexpm": frechet, "expm": transposeOut,
		"unkronl": unkron, "unkronr": unkron, "vec": vectorise, "unvec": unvectorise,
	}
}

// sign takes a negative coefficient off: −2z is (true, 2z).
func (s *S) negative(n *Node) (bool, *Node) {
	if n.Op == expr.OpAdd || n.Op == expr.OpT {
		r, _ := s.primitive(n)
		if r.Sign() < 0 {
			return true, s.negate(n)
		}
		return false, n
	}
	c, _ := s.ratSplit(n)
	if c.Sign() < 0 {
		return true, s.Neg(n)
	}
	return false, n
}

func (s *S) negate(n *Node) *Node {
	switch n.Op {
	case expr.OpAdd:
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = s.Neg(a)
		}
		return s.Add(args...)
	case expr.OpT:
		return s.T(s.negate(n.Args[0]))
	}
	return s.Neg(n)
}

func odd(s *S, n *Node, a []*Node) *Node {
	if neg, x := s.negative(a[0]); neg {
		s.fire("odd-function")
		return s.negate(s.Call(n.Fn, x))
	}
	return nil
}

func even(s *S, n *Node, a []*Node) *Node {
	if neg, x := s.negative(a[0]); neg {
		s.fire("even-function")
		return s.Call(n.Fn, x)
	}
	return nil
}

// oddAround: σ(−z) = 1 − σ(z).
func oddAround(s *S, n *Node, a []*Node) *Node {
	if neg, x := s.negative(a[0]); neg {
		s.fire("sigmoid-of-minus")
		return s.Add(s.onesOfOr1(n.Shape), s.Neg(s.Call(n.Fn, x)))
	}
	return nil
}

func absolute(s *S, n *Node, a []*Node) *Node {
	if a[0].Props.Has(expr.Nonnegative) {
		return a[0]
	}
	return even(s, n, a)
}

func transposeOut(s *S, n *Node, a []*Node) *Node {
	if a[0].Op == expr.OpT {
		return s.T(s.Call(n.Fn, a[0].Args[0]))
	}
	return nil
}

// inverse: of products, scalings, transposes, inverses, diagonals.
func inverse(s *S, n *Node, a []*Node) *Node {
	x := a[0]
	if x.IsScalar() {
		return s.Pow(x, s.b.Int(-1))
	}
	switch x.Op {
	case expr.OpT:
		return s.T(s.Call(n.Fn, x.Args[0]))
	case expr.OpEye:
		return x
	case expr.OpScale:
		return s.Scale(s.Pow(x.Args[0], s.b.Int(-1)), s.Call(n.Fn, x.Args[1]))
	case expr.OpMul:
		for _, f := range x.Args {
			if !f.Shape.IsSquare() {
				return nil
			}
		}
		s.fire("inverse-of-product")
		args := make([]*Node, len(x.Args))
		for i, f := range x.Args {
			args[len(args)-1-i] = s.Call(n.Fn, f)
		}
		return s.Mul(args...)
	case expr.OpAdd:
		r, y := s.primitive(x)
		if r.Cmp(ratOne) != 0 {
			return s.withRat(new(big.Rat).Inv(r), s.b.MustCall(n.Fn, y))
		}
	}
	switch {
	case x.IsCall("inv"):
		return x.Args[0]
	case x.Props.Has(expr.Orthogonal):
		s.used["orthogonal"] = true
		return s.T(x)
	case s.diagArg(x) != nil:
		return s.call("diag", s.Pow(s.diagArg(x), s.b.Int(-1)))
	}
	return nil
}

func determinant(s *S, n *Node, a []*Node) *Node {
	x := a[0]
	if x.IsScalar() {
		return x
	}
	switch x.Op {
	case expr.OpT:
		return s.Call(n.Fn, x.Args[0])
	case expr.OpEye:
		return s.b.Int(1)
	case expr.OpScale:
		return s.Had(s.Pow(x.Args[0], s.b.Size(x.Shape.R)), s.Call(n.Fn, x.Args[1]))
	}
	if x.IsCall("inv") {
		return s.Pow(s.Call(n.Fn, x.Args[0]), s.b.Int(-1))
	}
	return nil
}

func logDeterminant(s *S, n *Node, a []*Node) *Node {
	x := a[0]
	switch x.Op {
	case expr.OpT:
		return s.Call(n.Fn, x.Args[0])
	case expr.OpEye:
		return s.b.Int(0)
	}
	if x.IsCall("inv") {
		return s.Neg(s.Call(n.Fn, x.Args[0]))
	}
	return nil
}

func logarithm(s *S, n *Node, a []*Node) *Node {
	x := a[0]
	if x.IsCall("exp") {
		return x.Args[0]
	}
	switch {
	case x.IsCall("det"):
		s.fire("log-of-det")
		return s.call("logdet", x.Args[0])
	case x.IsCall("softmax"):
		return s.call("logsoftmax", x.Args[0])
	case x.IsCall("sigmoid"):
		s.fire("log-of-sigmoid")
		return s.Neg(s.call("softplus", s.negate(x.Args[0])))
	case x.IsOne():
		return s.b.Int(0)
	}
	// log(1 + exp z) = softplus z; log(1 − σ(z)) = −softplus(z)
	if z := s.onePlusExp(x); z != nil {
		s.fire("softplus")
		return s.call("softplus", z)
	}
	if z := s.oneMinusSigmoid(x); z != nil {
		s.fire("log-of-sigmoid")
		return s.Neg(s.call("softplus", z))
	}
	if z := s.sumOfExp(x); z != nil {
		s.fire("logsumexp")
		return s.call("logsumexp", z)
	}
	if x.Op == expr.OpPow && x.Args[0].Props.Has(expr.Positive) {
		return s.Scale(x.Args[1], s.Call(n.Fn, x.Args[0]))
	}
	return nil
}

func exponential(s *S, n *Node, a []*Node) *Node {
	x := a[0]
	switch {
	case x.IsCall("log"):
		return x.Args[0]
	case x.IsCall("logsoftmax"):
		return s.call("softmax", x.Args[0])
	case x.IsZero():
		return s.onesOfOr1(n.Shape)
	}
	return nil
}

func diagonal(s *S, n *Node, a []*Node) *Node {
	x := a[0]
	if x.Shape.IsRow() {
		return s.Call(n.Fn, s.T(x))
	}
	if x.Shape.IsCol() {
		if isOnesCol(x) {
			return s.b.Eye(x.Shape.R)
		}
		if x.Op == expr.OpScale {
			return s.Scale(x.Args[0], s.Call(n.Fn, x.Args[1]))
		}
		return nil
	}
	switch x.Op {
	case expr.OpT:
		return s.Call(n.Fn, x.Args[0])
	case expr.OpScale:
		return s.Scale(x.Args[0], s.Call(n.Fn, x.Args[1]))
	case expr.OpEye:
		return s.ones(x.Shape.R)
	case expr.OpMul:
		if len(x.Args) == 2 && x.Args[0].Shape.C.IsOne() { // diag(u vᵀ) = u ∘ v
			return s.Had(x.Args[0], s.T(x.Args[1]))
		}
		if y := s.diagonalSum(x); s.Cost(y) < s.Cost(n) {
			s.fire("diagonal-of-product")
			return y
		}
	}
	if v := s.diagArg(x); v != nil {
		return v
	}
	return nil
}

// frechet: the derivative of expm in a direction that commutes.
func frechet(s *S, n *Node, a []*Node) *Node {
	switch {
	case a[1].Op == expr.OpEye:
		return s.call("expm", a[0])
	case a[1].Op == expr.OpScale:
		return s.Scale(a[1].Args[0], s.Call(n.Fn, a[0], a[1].Args[1]))
	}
	return nil
}

// unkron: the adjoints of A ⊗ B at the identity are tr(B)I and tr(A)I.
func unkron(s *S, n *Node, a []*Node) *Node {
	g := a[0]
	var c *Node
	if g.Op == expr.OpScale {
		c, g = g.Args[0], g.Args[1]
	}
	var out *Node
	switch {
	case g.Op == expr.OpEye && a[1].Shape.IsSquare():
		s.fire("kron-at-identity")
		out = s.Scale(s.Trace(a[1]), s.b.Eye(n.Shape.R))
	case c != nil:
		out = s.Call(n.Fn, g, a[1])
	default:
		return nil
	}
	if c != nil {
		out = s.Scale(c, out)
	}
	return out
}
