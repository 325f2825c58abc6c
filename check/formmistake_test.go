package check

import (
	"math/rand/v2"

	"github.com/matdiff/matdiff/expr"
)

// mistake is one way to get a right answer wrong, made at one node of it. ids
// are the names under which it may be told; the first is its class.
type mistake struct {
	class string
	ids   []string
	at    func(rng *rand.Rand, s spot, v *answer) *form
}

// answer is what a mistaken answer is made from: the claim's own right side
// and what the program declares.
type answer struct {
	right *form
	by    *expr.Var   // what the gradient is by, nil for other claims
	vars  []*expr.Var // of the program
	sizes []string
}

var mistakes = []mistake{
	{"transpose", []string{"missing-transpose", "layout", "symmetric-assumed"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.f.op == "t" {
			return s.f.args[0]
		}
		if s.f.scalar() || s.f.op == "neg" || s.f.op == "ones" || s.f.op == "scale" {
			return nil
		}
		return fT(s.f)
	}},
	{"order of factors", []string{"order-of-factors", "inverse-order", "inner-outer-confusion"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.f.op != "mul" {
			return nil
		}
		i := rng.IntN(len(s.f.args) - 1)
		a, b := s.f.args[i], s.f.args[i+1]
		if same(a, b) || a.op == "ones" || b.op == "ones" {
			return nil
		}
		return s.f.with(i, b).with(i+1, a)
	}},
	{"sign", []string{"sign"}, func(rng *rand.Rand, s spot, v *answer) *form {
		switch {
		case s.f.op == "neg":
			return s.f.args[0]
		case s.in == nil, s.in.op == "add", s.in.op == "call":
			return fNeg(s.f)
		}
		return nil
	}},
	{"factor 2", []string{"factor", "chain-rule-factor", "dropped-term", "product-rule", "symmetric-assumed"}, func(rng *rand.Rand, s spot, v *answer) *form {
		switch {
		case s.f.isNum("2") && s.in != nil && (s.in.op == "had" || s.in.op == "scale"):
			return one
		case s.in == nil || s.in.op == "add":
			return fScale(fNum([]string{"2", "1/2"}[rng.IntN(2)]), s.f)
		}
		return nil
	}},
	{"1/N", []string{"missing-1/N", "factor-N"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.f.op == "pow" && s.f.args[0].op == "size" && minus1(s.f.args[1]) {
			return one
		}
		if s.in == nil && len(v.sizes) > 0 && rng.IntN(4) == 0 {
			n := &form{op: "size", name: v.sizes[rng.IntN(len(v.sizes))], r: expr.One, c: expr.One}
			if rng.IntN(2) == 0 {
				return fScale(n, s.f)
			}
			return fScale(fPow(n, "-1"), s.f)
		}
		return nil
	}},
	{"Hadamard for product", []string{"hadamard"}, func(rng *rand.Rand, s spot, v *answer) *form {
		f := s.f
		switch {
		case f.op == "had" && !f.scalar() && len(f.args) == 2 && f.args[0].matrix():
			return fMul(f.args[0], f.args[1])
		case f.op == "mul" && len(f.args) == 2 && f.args[0].op != "ones" && f.args[1].op != "ones":
			a, b := f.args[0], f.args[1]
			if a.r == b.r && a.c == b.c || a.scalar() {
				return fHad(a, b)
			}
		}
		return nil
	}},
	{"factor of the chain rule lost", []string{"chain-rule-factor", "extra-factor", "missing-sum"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.f.op != "mul" && s.f.op != "had" && s.f.op != "scale" {
			return nil
		}
		i := rng.IntN(len(s.f.args))
		a := s.f.args[i]
		if a.op == "num" || a.op == "size" || a.op == "ones" || a.op == "pow" && a.args[0].op == "size" {
			return nil
		}
		return s.f.without(i)
	}},
	{"term lost", []string{"dropped-term", "product-rule", "quotient-rule", "softmax-jacobian", "wrong-point"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.f.op != "add" {
			return nil
		}
		return s.f.without(rng.IntN(len(s.f.args)))
	}},
	{"symmetric assumed", []string{"symmetric-assumed", "missing-transpose"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.in != nil {
			return nil
		}
		for _, k := range rng.Perm(len(v.vars)) {
			x := v.vars[k]
			if !x.Shape.IsSquare() || x.Shape.IsScalar() || x.Props.Has(expr.Symmetric) || v.by != nil && x.Name == v.by.Name {
				continue
			}
			if g := untransposed(s.f, x.Name); !same(g, s.f) {
				return g
			}
		}
		return nil
	}},
	{"rows sum to one", []string{"rows-sum-to-one-assumed", "dropped-term", "chain-rule-factor", "extra-factor"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if u := call1(s.f, "rowsum"); u != nil && u.op == "var" {
			return fOnes(s.f.r, s.f.c)
		}
		if s.f.op == "mul" && len(s.f.args) == 2 && s.f.args[0].op == "var" && s.f.args[1].op == "ones" && s.f.args[1].col() && s.f.args[0].matrix() {
			return fOnes(s.f.r, s.f.c)
		}
		return nil
	}},
	{"sum over the batch", []string{"missing-sum", "extra-factor", "chain-rule-factor", "other-function"}, func(rng *rand.Rand, s spot, v *answer) *form {
		f := s.f
		switch {
		case f.op == "mul" && f.args[0].op == "ones" && f.args[0].row():
			rest := f.without(0)
			if rng.IntN(3) == 0 {
				return fCall("rowsum", rest.r, expr.One, rest)
			}
			return rest
		case call1(f, "colsum") != nil:
			if rng.IntN(3) == 0 {
				return fCall("rowsum", f.args[0].r, expr.One, f.args[0])
			}
			return f.args[0]
		case call1(f, "rowsum") != nil && f.args[0].matrix() && rng.IntN(2) == 0:
			return fCall("colsum", expr.One, f.args[0].c, f.args[0])
		}
		return nil
	}},
	{"scalar for vector", []string{"scalar-for-vector", "chain-rule-factor"}, func(rng *rand.Rand, s spot, v *answer) *form {
		f := s.f
		if f.op != "scale" || f.args[1].op != "var" || s.in == nil || s.in.op != "add" {
			return nil
		}
		return f.args[0]
	}},
	{"norm for its square", []string{"norm-vs-squared-norm", "power"}, func(rng *rand.Rand, s spot, v *answer) *form {
		switch {
		case s.f.op == "pow" && call1(s.f.args[0], "norm") != nil && s.f.args[1].isNum("2"):
			return s.f.args[0]
		case call1(s.f, "norm") != nil && (s.in == nil || s.in.op != "pow"):
			return fPow(s.f, "2")
		}
		return nil
	}},
	{"exponent", []string{"power", "wrong-derivative"}, func(rng *rand.Rand, s spot, v *answer) *form {
		f := s.f
		if f.op != "pow" || call1(f.args[0], "norm") != nil || f.args[0].op == "size" {
			return nil
		}
		switch {
		case f.args[1].isNum("2"):
			return []*form{f.args[0], fPow(f.args[0], "3")}[rng.IntN(2)]
		case f.args[1].op == "neg" && f.args[1].args[0].isNum("2"):
			return fPow(f.args[0], "-1")
		}
		return nil
	}},
	{"determinant lost", []string{"determinant-factor", "chain-rule-factor"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.f.op != "scale" && s.f.op != "had" {
			return nil
		}
		for i, a := range s.f.args {
			if call1(a, "det") != nil {
				return s.f.without(i)
			}
		}
		return nil
	}},
	{"symmetric convention", []string{"symmetric-convention"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.in != nil || v.by == nil || !v.by.Props.Has(expr.Symmetric) || v.by.Props.Has(expr.Diagonal) || v.by.Shape.IsScalar() {
			return nil
		}
		d := fCall("diag", s.f.r, s.f.r, fCall("diag", s.f.r, expr.One, s.f))
		return fAdd(fScale(fNum("2"), s.f), fNeg(d))
	}},
	{"inverse of a product", []string{"inverse-order", "order-of-factors"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if m := call1(s.f, "inv"); m != nil && m.op == "mul" {
			a, b := split(rng, m)
			if a.square() && b.square() {
				return fMul(fInv(a), fInv(b))
			}
		}
		if s.f.op != "mul" {
			return nil
		}
		for i := 0; i+1 < len(s.f.args); i++ {
			a, b := s.f.args[i], s.f.args[i+1]
			if call1(a, "inv") != nil && call1(b, "inv") != nil && !same(a, b) {
				return s.f.with(i, b).with(i+1, a)
			}
		}
		return nil
	}},
	{"elementwise for matrix", []string{"elementwise-rule", "other-function"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if m := call1(s.f, "expm"); m != nil {
			return fCall("exp", s.f.r, s.f.c, m)
		}
		if m := call1(s.f, "inv"); m != nil && m.op == "var" && !m.scalar() && rng.IntN(3) == 0 {
			return fPow(m, "-1")
		}
		return nil
	}},
	{"inner for outer product", []string{"inner-outer-confusion"}, func(rng *rand.Rand, s spot, v *answer) *form {
		f := s.f
		if f.op != "mul" || len(f.args) != 2 {
			return nil
		}
		a, b := f.args[0], f.args[1]
		if a.op == "ones" || b.op == "ones" || a.op == "t" && a.args[0].op == "ones" || b.op == "t" && b.args[0].op == "ones" {
			return nil
		}
		if a.col() && b.row() || a.row() && b.col() {
			return fMul(fT(a), fT(b))
		}
		return nil
	}},
	{"trace lost", []string{"missing-trace"}, func(rng *rand.Rand, s spot, v *answer) *form {
		return call1(s.f, "tr")
	}},
	{"sum lost", []string{"missing-sum"}, func(rng *rand.Rand, s spot, v *answer) *form {
		return call1(s.f, "sum")
	}},
	{"ones of another length", []string{"ones"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.f.op != "ones" || s.f.matrix() || len(v.sizes) < 2 {
			return nil
		}
		d := expr.Symbol(v.sizes[rng.IntN(len(v.sizes))])
		if d == s.f.r || d == s.f.c {
			return nil
		}
		if s.f.col() {
			return fOnes(d, expr.One)
		}
		return fOnes(expr.One, d)
	}},
	{"function lost", []string{"missing-function", "wrong-point", "chain-rule-factor"}, func(rng *rand.Rand, s spot, v *answer) *form {
		if s.f.op != "call" || len(s.f.args) != 1 || s.f.args[0].r != s.f.r || s.f.args[0].c != s.f.c || s.f.name == "inv" {
			return nil
		}
		return s.f.args[0]
	}},
	{"derivative of another function", []string{"other-function", "wrong-derivative"}, func(rng *rand.Rand, s spot, v *answer) *form {
		to := map[string]string{"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh", "softmax": "logsoftmax"}[s.f.name]
		if s.f.op != "call" || to == "" {
			return nil
		}
		return fCall(to, s.f.r, s.f.c, s.f.args...)
	}},
}

// untransposed takes A' for A: as if A were symmetric.
func untransposed(f *form, name string) *form {
	if f.op == "t" && f.args[0].is("var", name) {
		return f.args[0]
	}
	g := f
	for i, a := range f.args {
		if b := untransposed(a, name); b != a {
			g = g.with(i, b)
		}
	}
	return g
}
