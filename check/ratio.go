package check

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// maxTerm bounds the numbers of a wrong factor: 2/3, 3/10, 100.
const maxTerm = 100

// ratio looks for a wrong number before the whole answer: at the point at
// which the line is false, the right side is the same multiple of the written
// one in every entry, a number times one of the scales.
func (w *namer) ratio(scales ...*Node) {
	if !w.sift || len(w.hits) > 0 || w.n.Shape != w.q.shape {
		return
	}
	x, y := w.q.sides(w.n)
	if x == nil || y == nil {
		return
	}
	a, err := w.value(x)
	if err != nil {
		return
	}
	v, err := w.value(y)
	if err != nil {
		return
	}
	if y == w.n && w.n.Op == expr.OpAdd {
		w.termRatio(a, v)
	}
	r, ok := quotient(a.Data, v.Data)
	if !ok {
		return
	}
	b := w.c.b
	for _, k := range scales {
		v, err := w.value(k)
		if err != nil || v.Data[0] == 0 {
			continue
		}
		p, q, ok := fraction(r / v.Data[0])
		if !ok {
			continue
		}
		k = b.Had(b.Rat(p, q), k)
		if fix := b.Scale(k, w.n); w.right(fix) {
			if k.Op != expr.OpNum { // the derived answer is shorter than one with powers that cancel
				fix = nil
			}
			w.hit("factor", w.ratioWords(k), fix)
			return
		}
	}
}

// termRatio looks for a wrong number before one term of a sum: what the line
// lacks is a multiple of that term.
func (w *namer) termRatio(right, typed *num.Mat) {
	b := w.c.b
	lacks := make([]float64, len(right.Data))
	for i := range lacks {
		lacks[i] = right.Data[i] - typed.Data[i]
	}
	for i, t := range w.n.Args {
		v, err := w.value(t)
		if err != nil || len(v.Data) != len(lacks) {
			continue
		}
		r, ok := quotient(lacks, v.Data)
		if !ok {
			continue
		}
		// A term that is needed twice or not at all, and one of the other sign,
		// has better names.
		p, q, ok := fraction(1 + r)
		if !ok || p == 2 && q == 1 || p == -1 && q == 1 {
			continue
		}
		k := b.Rat(p, q)
		args := slices.Clone(w.n.Args)
		args[i] = b.Scale(k, t)
		if fix := b.Add(args...); w.right(fix) {
			was, should := numberOf(t), new(big.Rat)
			should.Mul(was, k.Num)
			w.hit("factor", "of the term "+w.c.print(t)+" the factor is "+written(was)+", it should be "+written(should), fix)
			return
		}
	}
}

// quotient is the one number by which a is a multiple of b.
func quotient(a, b []float64) (float64, bool) {
	var dot, square, most float64
	for i := range b {
		dot += a[i] * b[i]
		square += b[i] * b[i]
		most = max(most, math.Abs(a[i]))
	}
	r := dot / square
	if r == 0 || math.IsNaN(r) || math.IsInf(r, 0) {
		return 0, false
	}
	for i := range b {
		if !(math.Abs(a[i]-r*b[i]) <= 1e-6*most) {
			return 0, false
		}
	}
	return r, true
}

// scales are what a factor may hold beside a number: powers of the sizes and
// of the scalars that are no variables here.
func (w *namer) scales() []*Node {
	b := w.c.b
	var out []*Node
	powers := func(k *Node) {
		for _, p := range []int64{1, -1, 2, -2} {
			out = append(out, b.Pow(k, b.Int(p)))
		}
	}
	for _, s := range w.c.prog.Sizes {
		powers(b.Size(expr.Symbol(s)))
	}
	for _, v := range w.c.prog.Vars {
		if x := b.Var(v); x.IsScalar() && !(len(w.cl.By) > 0 && w.cl.By[0] == x) {
			powers(x)
		}
	}
	return out
}

// fraction finds p/q with small p and q, the smallest q first.
func fraction(r float64) (p, q int64, ok bool) {
	for q = 1; q <= maxTerm; q++ {
		f := r * float64(q)
		if k := math.Round(f); k != 0 && math.Abs(k) <= maxTerm && math.Abs(f-k) <= 1e-7*math.Abs(f) {
			return int64(k), q, true
		}
	}
	return 0, 0, false
}

// ratioWords says what number stands there and what should, or by how much the
// whole is to be multiplied.
func (w *namer) ratioWords(k *Node) string {
	if k.Op != expr.OpNum {
		return "a factor " + w.c.print(k) + " is missing"
	}
	if w.n.Op == expr.OpAdd {
		return "the whole should be " + written(k.Num) + " times this"
	}
	was := numberOf(w.n)
	return "the factor is " + written(was) + ", it should be " + written(new(big.Rat).Mul(was, k.Num))
}

// numberOf is the number that a product begins with.
func numberOf(n *Node) *big.Rat {
	out := big.NewRat(1, 1)
	switch n.Op {
	case expr.OpNum:
		return n.Num
	case expr.OpMul, expr.OpScale, expr.OpHad:
		for _, a := range n.Args {
			out.Mul(out, numberOf(a))
		}
	case expr.OpT:
		return numberOf(n.Args[0])
	}
	return out
}

func written(r *big.Rat) string { return strings.Replace(r.RatString(), "-", "−", 1) }
