package verify

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// kit builds expressions by hand, so that these tests depend on no other
// stage.
type kit struct {
	*expr.Builder
	prog expr.Program
}

func newKit() *kit {
	k := &kit{Builder: expr.NewBuilder()}
	k.prog.B = k.Builder
	return k
}

func dim(x any) expr.Dim {
	switch x := x.(type) {
	case string:
		return expr.Symbol(x)
	case int:
		return expr.Whole(x)
	}
	panic("dim")
}

func (k *kit) v(name string, r, c any, props ...expr.Props) *expr.Node {
	v := &expr.Var{Name: name, Shape: expr.Shape{R: dim(r), C: dim(c)}}
	for _, p := range props {
		v.Props |= p
	}
	v.Props = v.Props.Close(v.Shape)
	n := k.Var(v)
	if k.prog.VarNamed(name) == nil {
		k.prog.Vars = append(k.prog.Vars, n.Var)
	}
	return n
}

func (k *kit) f(name string, args ...*expr.Node) *expr.Node {
	return k.MustCall(rules.Resolve(name, len(args)), args...)
}
func (k *kit) sum(x *expr.Node) *expr.Node         { return k.f("sum", x) }
func (k *kit) tr(x *expr.Node) *expr.Node          { return k.f("tr", x) }
func (k *kit) sq(x *expr.Node) *expr.Node          { return k.Pow(x, k.Int(2)) }
func (k *kit) norm2(x *expr.Node) *expr.Node       { return k.sum(k.sq(x)) }
func (k *kit) ones(r, c any) *expr.Node            { return k.Ones(expr.Shape{R: dim(r), C: dim(c)}) }
func (k *kit) sc(c int64, x *expr.Node) *expr.Node { return k.Scale(k.Int(c), x) }

// known is an objective with the gradients that a textbook gives.
type known struct {
	name  string
	build func(k *kit) (q *expr.Node, grads map[string]*expr.Node)
}

type grads = map[string]*expr.Node

var cases = []known{
	{"least squares", func(k *kit) (*expr.Node, grads) {
		A, x, b := k.v("A", "n", "p"), k.v("x", "p", 1), k.v("b", "n", 1)
		r := k.Sub(k.Mul(A, x), b)
		return k.norm2(r), grads{"x": k.sc(2, k.Mul(k.T(A), r)), "A": k.sc(2, k.Mul(r, k.T(x))), "b": k.sc(-2, r)}
	}},
	{"quadratic form", func(k *kit) (*expr.Node, grads) {
		A, x := k.v("A", "n", "n"), k.v("x", "n", 1)
		return k.Mul(k.T(x), A, x), grads{"x": k.Mul(k.Add(A, k.T(A)), x), "A": k.Mul(x, k.T(x))}
	}},
	{"bilinear form", func(k *kit) (*expr.Node, grads) {
		A, x, y := k.v("A", "n", "m"), k.v("x", "n", 1), k.v("y", "m", 1)
		return k.Mul(k.T(x), A, y), grads{"x": k.Mul(A, y), "A": k.Mul(x, k.T(y)), "y": k.Mul(k.T(A), x)}
	}},
	{"symmetric quadratic form", func(k *kit) (*expr.Node, grads) {
		A, x, y := k.v("A", "n", "n", expr.Symmetric), k.v("x", "n", 1), k.v("y", "n", 1)
		return k.Mul(k.T(x), A, y), grads{"A": k.Scale(k.Rat(1, 2), k.Add(k.Mul(x, k.T(y)), k.Mul(y, k.T(x)))), "x": k.Mul(A, y)}
	}},
	{"trace of a product", func(k *kit) (*expr.Node, grads) {
		A, X, B := k.v("A", "n", "m"), k.v("X", "m", "k"), k.v("B", "k", "n")
		return k.tr(k.Mul(A, X, B)), grads{"X": k.Mul(k.T(A), k.T(B)), "A": k.Mul(k.T(B), k.T(X)), "B": k.Mul(k.T(X), k.T(A))}
	}},
	{"trace of a power", func(k *kit) (*expr.Node, grads) {
		X := k.v("X", "n", "n")
		return k.tr(k.Mul(X, X, X)), grads{"X": k.sc(3, k.Mul(k.T(X), k.T(X)))}
	}},
	{"logdet", func(k *kit) (*expr.Node, grads) {
		X := k.v("X", "n", "n")
		return k.f("logdet", X), grads{"X": k.T(k.f("inv", X))}
	}},
	{"det", func(k *kit) (*expr.Node, grads) {
		X := k.v("X", "n", "n")
		return k.f("det", X), grads{"X": k.Scale(k.f("det", X), k.T(k.f("inv", X)))}
	}},
	{"gaussian covariance", func(k *kit) (*expr.Node, grads) {
		S, C := k.v("S", "d", "d", expr.SPD), k.v("C", "d", "d", expr.SPD)
		i := k.f("inv", S)
		return k.Add(k.f("logdet", S), k.tr(k.Mul(i, C))), grads{"S": k.Sub(i, k.Mul(i, C, i)), "C": i}
	}},
	{"inverse", func(k *kit) (*expr.Node, grads) {
		X, a, b := k.v("X", "n", "n"), k.v("a", "n", 1), k.v("b", "n", 1)
		i := k.f("inv", X)
		return k.Mul(k.T(a), i, b), grads{"X": k.Neg(k.Mul(k.T(i), a, k.T(b), k.T(i))), "a": k.Mul(i, b)}
	}},
	{"normal equations", func(k *kit) (*expr.Node, grads) {
		X, y := k.v("X", "N", "D"), k.v("y", "N", 1)
		h := k.Mul(X, k.f("inv", k.Mul(k.T(X), X)), k.T(X), y)
		return k.Mul(k.T(y), h), grads{"y": k.sc(2, h)}
	}},
	{"softmax regression", func(k *kit) (*expr.Node, grads) {
		X, W, b := k.v("X", "N", "D"), k.v("W", "D", "K"), k.v("b", 1, "K")
		Y := k.v("Y", "N", "K", expr.OneHot)
		one := k.ones("N", 1)
		Z := k.Add(k.Mul(X, W), k.Mul(one, b))
		R := k.Sub(Y, k.f("softmax", Z))
		return k.sum(k.Had(Y, k.f("logsoftmax", Z))), grads{"W": k.Mul(k.T(X), R), "b": k.Mul(k.T(one), R), "X": k.Mul(R, k.T(W)), "Y": k.f("logsoftmax", Z)}
	}},
	{"logistic regression", func(k *kit) (*expr.Node, grads) {
		X, w, y := k.v("X", "N", "D"), k.v("w", "D", 1), k.v("y", "N", 1, expr.Binary)
		one := k.ones("N", 1)
		p := k.f("sigmoid", k.Mul(X, w))
		q := k.Add(k.sum(k.Had(y, k.f("log", p))), k.sum(k.Had(k.Sub(one, y), k.f("log", k.Sub(one, p)))))
		return q, grads{"w": k.Mul(k.T(X), k.Sub(y, p)), "X": k.Mul(k.Sub(y, p), k.T(w))}
	}},
	{"cross-entropy of probabilities", func(k *kit) (*expr.Node, grads) {
		p, y := k.v("p", "n", 1), k.v("y", "n", 1, expr.Binary)
		one := k.ones("n", 1)
		q := k.Add(k.sum(k.Had(y, k.f("log", p))), k.sum(k.Had(k.Sub(one, y), k.f("log", k.Sub(one, p)))))
		return q, grads{"p": k.Sub(k.Had(y, k.Recip(p)), k.Had(k.Sub(one, y), k.Recip(k.Sub(one, p))))}
	}},
	{"tanh network", func(k *kit) (*expr.Node, grads) {
		V, W, x := k.v("V", "m", "h"), k.v("W", "h", "n"), k.v("x", "n", 1)
		a := k.f("tanh", k.Mul(W, x))
		y := k.Mul(V, a)
		d := k.Had(k.Mul(k.T(V), y), k.Sub(k.ones("h", 1), k.sq(a)))
		return k.Scale(k.Rat(1, 2), k.norm2(y)), grads{"V": k.Mul(y, k.T(a)), "W": k.Mul(d, k.T(x)), "x": k.Mul(k.T(W), d)}
	}},
	{"relu network", func(k *kit) (*expr.Node, grads) {
		v, W, x := k.v("v", "h", 1), k.v("W", "h", "n"), k.v("x", "n", 1)
		z := k.Mul(W, x)
		g := k.f("gt", z, k.Zeros(z.Shape))
		return k.Mul(k.T(v), k.f("relu", z)), grads{"v": k.f("relu", z), "W": k.Mul(k.Had(v, g), k.T(x)), "x": k.Mul(k.T(W), k.Had(v, g))}
	}},
	{"hadamard", func(k *kit) (*expr.Node, grads) {
		X, A, B := k.v("X", "n", "m"), k.v("A", "n", "m"), k.v("B", "n", "m")
		return k.sum(k.Had(A, X, X, B)), grads{"X": k.sc(2, k.Had(A, X, B)), "A": k.Had(X, X, B)}
	}},
	{"norm", func(k *kit) (*expr.Node, grads) {
		x, a := k.v("x", "n", 1), k.v("a", "n", 1)
		d := k.Sub(x, a)
		return k.f("norm", d), grads{"x": k.Scale(k.Recip(k.f("norm", d)), d)}
	}},
	{"power with fractions", func(k *kit) (*expr.Node, grads) {
		x := k.v("x", "n", 1)
		return k.sum(k.Pow(x, k.Rat(3, 2))), grads{"x": k.Scale(k.Rat(3, 2), k.Pow(x, k.Rat(1, 2)))}
	}},
	{"power with a variable exponent", func(k *kit) (*expr.Node, grads) {
		x, a := k.v("x", "n", 1), k.v("a", 1, 1)
		y := k.Pow(x, a)
		return k.sum(y), grads{"a": k.sum(k.Had(y, k.f("log", x))), "x": k.Scale(a, k.Pow(x, k.Add(a, k.Int(-1))))}
	}},
	{"rayleigh quotient", func(k *kit) (*expr.Node, grads) {
		A, x := k.v("A", "n", "n", expr.Symmetric), k.v("x", "n", 1)
		d := k.Recip(k.Mul(k.T(x), x))
		r := k.Had(k.Mul(k.T(x), A, x), d)
		return r, grads{"x": k.Scale(k.Had(k.Int(2), d), k.Sub(k.Mul(A, x), k.Scale(r, x))), "A": k.Scale(d, k.Mul(x, k.T(x)))}
	}},
	{"mean squared error", func(k *kit) (*expr.Node, grads) {
		X, w, y := k.v("X", "N", "D"), k.v("w", "D", 1), k.v("y", "N", 1)
		r := k.Sub(k.Mul(X, w), y)
		n := k.Recip(k.Size(expr.Symbol("N")))
		return k.Had(n, k.norm2(r)), grads{"w": k.Scale(k.Had(k.Int(2), n), k.Mul(k.T(X), r)), "y": k.Scale(k.Had(k.Int(-2), n), r)}
	}},
	{"ridge", func(k *kit) (*expr.Node, grads) {
		X, w, y, l := k.v("X", "N", "D"), k.v("w", "D", 1), k.v("y", "N", 1), k.v("λ", 1, 1)
		r := k.Sub(k.Mul(X, w), y)
		return k.Add(k.norm2(r), k.Had(l, k.norm2(w))), grads{"w": k.Add(k.sc(2, k.Mul(k.T(X), r)), k.Scale(k.Had(k.Int(2), l), w)), "λ": k.norm2(w)}
	}},
	{"diagonal scaling", func(k *kit) (*expr.Node, grads) {
		v, A, B := k.v("v", "n", 1), k.v("A", "n", "m"), k.v("B", "m", "n")
		return k.tr(k.Mul(k.f("diag", v), A, B)), grads{"v": k.f("diag", k.Mul(A, B)), "A": k.T(k.Mul(B, k.f("diag", v)))}
	}},
	{"diagonal variable", func(k *kit) (*expr.Node, grads) {
		D, A := k.v("D", "n", "n", expr.Diagonal), k.v("A", "n", "n")
		return k.tr(k.Mul(D, A, D)), grads{"D": k.f("diag", k.Had(k.f("diag", D), k.sc(2, k.f("diag", A))))}
	}},
	{"orthogonal variable, free", func(k *kit) (*expr.Node, grads) {
		Q, A := k.v("Q", "n", "n", expr.Orthogonal), k.v("A", "n", "n", expr.Symmetric)
		return k.tr(k.Mul(k.T(Q), A, Q)), grads{"Q": k.sc(2, k.Mul(A, Q))}
	}},
	{"poisson", func(k *kit) (*expr.Node, grads) {
		X, w, y := k.v("X", "N", "D"), k.v("w", "D", 1), k.v("y", "N", 1, expr.Nonnegative)
		e := k.Mul(X, w)
		mu := k.f("exp", e)
		return k.Sub(k.sum(mu), k.Mul(k.T(y), e)), grads{"w": k.Mul(k.T(X), k.Sub(mu, y)), "y": k.Neg(e)}
	}},
	{"matrix factorisation", func(k *kit) (*expr.Node, grads) {
		U, V, R := k.v("U", "n", "k"), k.v("V", "m", "k"), k.v("R", "n", "m")
		E := k.Sub(k.Mul(U, k.T(V)), R)
		return k.norm2(E), grads{"U": k.sc(2, k.Mul(E, V)), "V": k.sc(2, k.Mul(k.T(E), U)), "R": k.sc(-2, E)}
	}},
	{"pullback of a linear layer", func(k *kit) (*expr.Node, grads) {
		X, W, b := k.v("X", "N", "D"), k.v("W", "D", "K"), k.v("b", "K", 1)
		Z := k.Add(k.Mul(X, W), k.Mul(k.ones("N", 1), k.T(b)))
		G := k.Var(&expr.Var{Name: "∂Q/∂Z", Kind: expr.Adjoint, Shape: Z.Shape, Of: Z})
		return Z, grads{"W": k.Mul(k.T(X), G), "b": k.Mul(k.T(G), k.ones("N", 1)), "X": k.Mul(G, k.T(W))}
	}},
	{"untouched variable", func(k *kit) (*expr.Node, grads) {
		x, y := k.v("x", "n", 1), k.v("y", "n", 1)
		return k.norm2(x), grads{"y": k.Zeros(y.Shape), "x": k.sc(2, x)}
	}},
	{"cancelling objective", func(k *kit) (*expr.Node, grads) {
		A, B := k.v("A", "n", "m"), k.v("B", "m", "n")
		return k.Sub(k.tr(k.Mul(A, B)), k.tr(k.Mul(B, A))), grads{"A": k.Zeros(A.Shape)}
	}},
}

// program finishes the kit's program, the objective scaled by c.
func (k *kit) program(q *expr.Node, c *expr.Node) *expr.Program {
	if q.IsScalar() {
		q = k.Had(c, q)
	}
	k.prog.Objective = expr.Def{Node: q}
	return &k.prog
}

// claims lists the gradients in the order of the variables.
func (k *kit) claims(gs grads) []Claim {
	var out []Claim
	for _, v := range k.prog.Vars {
		if g := gs[v.Name]; g != nil {
			out = append(out, Claim{v, g})
		}
	}
	return out
}
