package check

import (
	"math/rand/v2"

	"github.com/matdiff/matdiff/expr"
)

// identity is an equation between two ways to write one value, applied at one
// node; it returns nil where it does not apply.
type identity struct {
	name string
	at   func(rng *rand.Rand, f *form) *form
}

func call1(f *form, name string) *form {
	if f.op == "call" && f.name == name && len(f.args) == 1 {
		return f.args[0]
	}
	return nil
}

// square returns x of x², nil if f is none.
func squared(f *form) *form {
	if f.op == "pow" && f.args[1].isNum("2") {
		return f.args[0]
	}
	return nil
}

// split cuts a product in two.
func split(rng *rand.Rand, f *form) (a, b *form) {
	k := 1 + rng.IntN(len(f.args)-1)
	return fMul(f.args[:k]...), fMul(f.args[k:]...)
}

func like(f *form, name string, args ...*form) *form { return fCall(name, f.r, f.c, args...) }

// spread is the column v as a matrix of c equal columns.
func spread(v *form, c expr.Dim) *form { return fMul(v, fOnes(expr.One, c)) }

var one = fNum("1")

// identities hold wherever both sides are defined.
var identities = []identity{
	{"transpose of a scalar", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" || !f.scalar() {
			return nil
		}
		return reversed(f)
	}},
	{"transposed twice", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" || f.scalar() {
			return nil
		}
		return fT(reversed(f))
	}},
	{"transpose of a product", func(rng *rand.Rand, f *form) *form {
		if f.op != "t" || f.args[0].op != "mul" {
			return nil
		}
		return reversed(f.args[0])
	}},
	{"transpose of a sum", func(rng *rand.Rand, f *form) *form {
		if f.op != "t" || f.args[0].op != "add" {
			return nil
		}
		var out []*form
		for _, a := range f.args[0].args {
			if a.op == "neg" {
				out = append(out, fNeg(fT(a.args[0])))
			} else {
				out = append(out, fT(a))
			}
		}
		return fAdd(out...)
	}},
	{"cyclic trace", func(rng *rand.Rand, f *form) *form {
		m := call1(f, "tr")
		if m == nil || m.op != "mul" {
			return nil
		}
		a, b := split(rng, m)
		return fTr(fMul(b, a))
	}},
	{"trace of the transpose", func(rng *rand.Rand, f *form) *form {
		if m := call1(f, "tr"); m != nil {
			return fTr(fT(m))
		}
		return nil
	}},
	{"trace as a sum", func(rng *rand.Rand, f *form) *form {
		m := call1(f, "tr")
		if m == nil || m.op != "mul" {
			return nil
		}
		a, b := split(rng, m)
		return fSum(fHad(fT(a), b))
	}},
	{"sum as a trace", func(rng *rand.Rand, f *form) *form {
		m := call1(f, "sum")
		if m == nil || m.op != "had" || len(m.args) < 2 {
			return nil
		}
		return fTr(fMul(fT(m.args[0]), m.without(0)))
	}},
	{"scalar as a trace", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" || !f.scalar() {
			return nil
		}
		a, b := split(rng, f)
		return fTr(fMul(b, a))
	}},
	{"inner product entry by entry", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" || !f.scalar() {
			return nil
		}
		a, b := split(rng, f)
		return fSum(fHad(fT(a), b))
	}},
	{"sum by ones", func(rng *rand.Rand, f *form) *form {
		m := call1(f, "sum")
		switch {
		case m == nil || m.row():
			return nil
		case m.col():
			return fMul(fOnes(expr.One, m.r), m)
		}
		return fMul(fOnes(expr.One, m.r), m, fOnes(m.c, expr.One))
	}},
	{"row sums by ones", func(rng *rand.Rand, f *form) *form {
		if m := call1(f, "rowsum"); m != nil && !m.c.IsOne() {
			return fMul(m, fOnes(m.c, expr.One))
		}
		if m := call1(f, "colsum"); m != nil && !m.r.IsOne() {
			return fMul(fOnes(expr.One, m.r), m)
		}
		return nil
	}},
	{"ones as row sums", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" {
			return nil
		}
		if k := len(f.args) - 1; f.args[k].op == "ones" && f.args[k].col() {
			m := f.without(k)
			return fCall("rowsum", m.r, expr.One, m)
		}
		if f.args[0].op == "ones" && f.args[0].row() {
			m := f.without(0)
			return fCall("colsum", expr.One, m.c, m)
		}
		return nil
	}},
	{"distribute", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" && f.op != "had" && f.op != "scale" {
			return nil
		}
		for i, a := range f.args {
			if a.op != "add" {
				continue
			}
			var out []*form
			for _, t := range a.args {
				if t.op == "neg" {
					out = append(out, fNeg(f.with(i, t.args[0])))
				} else {
					out = append(out, f.with(i, t))
				}
			}
			return fAdd(out...)
		}
		return nil
	}},
	{"factor out", func(rng *rand.Rand, f *form) *form {
		if f.op != "add" {
			return nil
		}
		k := fPow(fNum("2"), "-1")
		return fScale(fNum("2"), fScale(k, f))
	}},
	{"other order of terms", func(rng *rand.Rand, f *form) *form {
		if f.op != "add" {
			return nil
		}
		g := *f
		g.args = append([]*form(nil), f.args...)
		rng.Shuffle(len(g.args), func(i, j int) { g.args[i], g.args[j] = g.args[j], g.args[i] })
		return &g
	}},
	{"other order of entries", func(rng *rand.Rand, f *form) *form {
		if f.op != "had" {
			return nil
		}
		g := *f
		g.args = append([]*form(nil), f.args...)
		rng.Shuffle(len(g.args), func(i, j int) { g.args[i], g.args[j] = g.args[j], g.args[i] })
		return &g
	}},
	{"minus taken out", func(rng *rand.Rand, f *form) *form {
		if f.op != "add" {
			return nil
		}
		var out []*form
		for _, a := range f.args {
			out = append(out, fNeg(a))
		}
		return &form{op: "neg", r: f.r, c: f.c, args: []*form{fAdd(out...)}}
	}},
	{"number moved into a product", func(rng *rand.Rand, f *form) *form {
		if f.op != "scale" || f.args[1].op != "mul" {
			return nil
		}
		m := f.args[1]
		i := rng.IntN(len(m.args))
		if m.args[i].scalar() {
			return nil
		}
		return m.with(i, fScale(f.args[0], m.args[i]))
	}},
	{"a number written otherwise", func(rng *rand.Rand, f *form) *form {
		switch {
		case f.isNum("2"):
			return fHad(fNum("4"), fNum("1/2"))
		case f.isNum("1/2"):
			return &form{op: "add", r: f.r, c: f.c, args: []*form{fNum("1"), fNeg(fNum("1/2"))}}
		}
		return nil
	}},
	{"diag(v) A", func(rng *rand.Rand, f *form) *form {
		if f.op != "had" || f.scalar() || len(f.args) < 2 {
			return nil
		}
		a, b := f.args[0], f.without(0)
		switch {
		case a.col() && b.col():
			return fMul(fCall("diag", a.r, a.r, a), b)
		case a.row() && b.row():
			return fMul(a, fCall("diag", b.c, b.c, fT(b)))
		}
		return nil
	}},
	{"v1' ∘ A", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" || len(f.args) < 2 {
			return nil
		}
		if v := call1(f.args[0], "diag"); v != nil && v.col() {
			rest := f.without(0)
			return fHad(spread(v, rest.c), rest)
		}
		return nil
	}},
	{"outer product by diag", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" || len(f.args) != 2 || !f.args[0].col() || !f.args[1].row() {
			return nil
		}
		a := f.args[0]
		return fMul(fCall("diag", a.r, a.r, a), fOnes(a.r, expr.One), f.args[1])
	}},
	{"Hadamard with columns spread", func(rng *rand.Rand, f *form) *form {
		if f.op != "had" || !f.matrix() {
			return nil
		}
		for i, a := range f.args {
			if a.op == "mul" && len(a.args) == 2 && a.args[0].col() && a.args[1].op == "ones" && a.args[1].row() {
				return fMul(fCall("diag", f.r, f.r, a.args[0]), f.without(i))
			}
		}
		return nil
	}},
	{"inverse of a product", func(rng *rand.Rand, f *form) *form {
		m := call1(f, "inv")
		if m == nil || m.op != "mul" {
			return nil
		}
		a, b := split(rng, m)
		if !a.square() || !b.square() {
			return nil
		}
		return fMul(fInv(b), fInv(a))
	}},
	{"product of inverses", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" {
			return nil
		}
		for i := range f.args[:len(f.args)-1] {
			a, b := call1(f.args[i], "inv"), call1(f.args[i+1], "inv")
			if a != nil && b != nil {
				args := append(append([]*form(nil), f.args[:i]...), fInv(fMul(b, a)))
				return fMul(append(args, f.args[i+2:]...)...)
			}
		}
		return nil
	}},
	{"inverse of the transpose", func(rng *rand.Rand, f *form) *form {
		if m := call1(f, "inv"); m != nil {
			return fT(fInv(fT(m)))
		}
		return nil
	}},
	{"inverse of a multiple", func(rng *rand.Rand, f *form) *form {
		if m := call1(f, "inv"); m != nil {
			return fScale(fNum("2"), fInv(fScale(fNum("2"), m)))
		}
		return nil
	}},
	{"push-through", func(rng *rand.Rand, f *form) *form {
		if f.op != "var" || !f.matrix() {
			return nil // X = inv(I + XX')X(I + X'X)
		}
		return fMul(fInv(fAdd(fEye(f.r), fMul(f, fT(f)))), f, fAdd(fEye(f.c), fMul(fT(f), f)))
	}},
	{"Woodbury", func(rng *rand.Rand, f *form) *form {
		if f.op != "var" || !f.matrix() {
			return nil // X = (I − X inv(I + X'X) X')X(I + X'X)
		}
		k := fAdd(fEye(f.c), fMul(fT(f), f))
		return fMul(fAdd(fEye(f.r), fNeg(fMul(f, fInv(k), fT(f)))), f, k)
	}},
	{"times its inverse", func(rng *rand.Rand, f *form) *form {
		if m := call1(f, "inv"); m != nil {
			return fMul(f, m, f)
		}
		return nil
	}},
	{"squared norm", func(rng *rand.Rand, f *form) *form {
		x := squared(f)
		if x == nil {
			return nil
		}
		if u := call1(x, "norm"); u != nil && !u.scalar() {
			if rng.IntN(2) == 0 {
				return fSum(fPow(u, "2"))
			}
			return fInner(u, u)
		}
		return fHad(x, x)
	}},
	{"norm", func(rng *rand.Rand, f *form) *form {
		if u := call1(f, "norm"); u != nil && !u.scalar() {
			return fCall("sqrt", f.r, f.c, fInner(u, u))
		}
		return nil
	}},
	{"softmax", func(rng *rand.Rand, f *form) *form {
		z := call1(f, "softmax")
		if z == nil || z.row() || z.scalar() {
			return nil
		}
		s := fCall("logsumexp", z.r, expr.One, z)
		e := like(z, "exp", z)
		sum := fCall("rowsum", z.r, expr.One, e)
		if z.col() {
			s.r, sum = expr.One, fSum(e)
		}
		switch rng.IntN(3) {
		case 0:
			return like(f, "exp", like(f, "logsoftmax", z))
		case 1:
			return like(f, "exp", &form{op: "add", r: f.r, c: f.c, args: []*form{z, fNeg(s)}})
		}
		return &form{op: "had", r: f.r, c: f.c, args: []*form{e, fPow(sum, "-1")}}
	}},
	{"logsoftmax", func(rng *rand.Rand, f *form) *form {
		z := call1(f, "logsoftmax")
		if z == nil || z.row() || z.scalar() {
			return nil
		}
		s := fCall("logsumexp", z.r, expr.One, z)
		if z.col() {
			s.r = expr.One
		}
		return &form{op: "add", r: f.r, c: f.c, args: []*form{z, fNeg(s)}}
	}},
	{"sigmoid", func(rng *rand.Rand, f *form) *form {
		z := call1(f, "sigmoid")
		if z == nil {
			return nil
		}
		switch rng.IntN(3) {
		case 0:
			return &form{op: "add", r: f.r, c: f.c, args: []*form{one, fNeg(like(f, "sigmoid", fNeg(z)))}}
		case 1:
			return fPow(&form{op: "add", r: f.r, c: f.c, args: []*form{one, like(f, "exp", fNeg(z))}}, "-1")
		}
		half := fScale(fNum("1/2"), like(f, "tanh", fScale(fNum("1/2"), z)))
		return &form{op: "add", r: f.r, c: f.c, args: []*form{fNum("1/2"), half}}
	}},
	{"tanh", func(rng *rand.Rand, f *form) *form {
		z := call1(f, "tanh")
		if z == nil {
			return nil
		}
		return &form{op: "add", r: f.r, c: f.c, args: []*form{fScale(fNum("2"), like(f, "sigmoid", fScale(fNum("2"), z))), fNeg(one)}}
	}},
	{"exp", func(rng *rand.Rand, f *form) *form {
		z := call1(f, "exp")
		if z == nil {
			return nil
		}
		if z.op == "add" {
			var out []*form
			for _, a := range z.args {
				if a.r != z.r || a.c != z.c {
					return nil
				}
				out = append(out, like(f, "exp", a))
			}
			return fHad(out...)
		}
		return fPow(like(f, "exp", fNeg(z)), "-1")
	}},
	{"log", func(rng *rand.Rand, f *form) *form {
		z := call1(f, "log")
		if z == nil {
			return nil
		}
		return fScale(fNum("1/2"), like(f, "log", fPow(z, "2")))
	}},
	{"softplus", func(rng *rand.Rand, f *form) *form {
		z := call1(f, "softplus")
		if z == nil {
			return nil
		}
		if rng.IntN(2) == 0 {
			return &form{op: "add", r: f.r, c: f.c, args: []*form{z, like(f, "softplus", fNeg(z))}}
		}
		return like(f, "log", &form{op: "add", r: f.r, c: f.c, args: []*form{one, like(f, "exp", z)}})
	}},
	{"relu", func(rng *rand.Rand, f *form) *form {
		if z := call1(f, "relu"); z != nil {
			return fHad(z, like(f, "step", z))
		}
		return nil
	}},
	{"determinant", func(rng *rand.Rand, f *form) *form {
		for _, n := range []string{"det", "logdet"} {
			if m := call1(f, n); m != nil {
				return like(f, n, fT(m))
			}
		}
		return nil
	}},
	{"powers", func(rng *rand.Rand, f *form) *form {
		switch {
		case f.op == "pow" && minus1(f.args[1]):
			return fHad(f.args[0], fPow(f.args[0], "-2"))
		case f.op == "had" && len(f.args) == 2 && same(f.args[0], f.args[1]):
			return fPow(f.args[0], "2")
		}
		return nil
	}},
	{"Kronecker product", func(rng *rand.Rand, f *form) *form {
		if f.op != "mul" || !f.col() {
			return nil
		}
		a, b := split(rng, f)
		if !a.matrix() || !b.col() || a.size() > 8 {
			return nil
		}
		n := a.r.Times(a.c)
		return fMul(fCall("kron", a.r, n, fT(b), fEye(a.r)), fCall("vec", n, expr.One, a))
	}},
	{"inner product of vecs", func(rng *rand.Rand, f *form) *form {
		m := call1(f, "tr")
		if m == nil || m.op != "mul" || m.size() > 12 {
			return nil
		}
		a, b := split(rng, m)
		if !a.matrix() {
			return nil
		}
		n := a.r.Times(a.c)
		return fMul(fT(fCall("vec", n, expr.One, fT(a))), fCall("vec", n, expr.One, b))
	}},
}

// reversed is the transpose of a product, factor by factor.
func reversed(f *form) *form {
	g := &form{op: "mul", r: f.c, c: f.r}
	for i := range f.args {
		g.args = append(g.args, fT(f.args[len(f.args)-1-i]))
	}
	return g
}

// same tells whether two forms are written alike.
func same(a, b *form) bool {
	if a.op != b.op || a.name != b.name || a.r != b.r || a.c != b.c || len(a.args) != len(b.args) {
		return false
	}
	for i := range a.args {
		if !same(a.args[i], b.args[i]) {
			return false
		}
	}
	return true
}

// rewritten applies n identities at random, and tells which.
func rewritten(rng *rand.Rand, f *form, n int) (*form, []string) {
	var names []string
	for tries := 0; tries < 60 && len(names) < n; tries++ {
		id := identities[rng.IntN(len(identities))]
		list := spots(f)
		s := list[rng.IntN(len(list))]
		if s.in != nil && (s.in.op == "neg" && s.f.op == "neg") {
			continue
		}
		x := id.at(rng, s.f)
		if x == nil {
			continue
		}
		if g := s.up(x); g.size() <= 2*maxForm {
			f = g
			names = append(names, id.name)
		}
	}
	return f, names
}
