package codegen

import (
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// factor is one factor of a product. diag(v) and inverses stay what they are:
// they scale rows or solve instead of being formed.
type factor struct {
	kind  factorKind
	n     *expr.Node // the matrix; v of diag(v); A of inv(A)
	t     bool
	shape expr.Shape
}

type factorKind uint8

const (
	plain factorKind = iota
	diagonal
	inverse
)

func (f factor) needs() *expr.Node { return f.n }

// key names the factor by the value that its matrix is lowered to, the same one
// whether a formula has its name or what it names.
func (l *lowerer) key(f factor) string {
	r := l.memo[f.n]
	s := strconv.Itoa(r.v.id) + "." + strconv.Itoa(int(f.kind))
	if f.t != r.t {
		s += "'"
	}
	return s
}

func (f factor) flipped() factor {
	f.t = !f.t
	f.shape = f.shape.T()
	return f
}

// factors flattens a product through transposes.
func (l *lowerer) factors(n *expr.Node, t bool, out []factor) []factor {
	if _, done := l.memo[n]; !done || len(out) == 0 && n.Op == expr.OpMul && !t {
		switch {
		case n.Op == expr.OpMul:
			for i := range n.Args {
				a := n.Args[i]
				if t {
					a = n.Args[len(n.Args)-1-i]
				}
				out = l.factors(a, t, out)
			}
			return out
		case n.Op == expr.OpT:
			return l.factors(n.Args[0], !t, out)
		}
	}
	s := n.Shape
	if t {
		s = s.T()
	}
	f := factor{plain, n, t, s}
	m := n
	for m.Op == expr.OpVar && m.Var.Kind == expr.Part && (m.Var.Of.IsCall("inv") || m.Var.Of.IsCall("diag")) {
		m = m.Var.Of
	}
	switch {
	case m.Op == expr.OpT:
		return l.factors(m.Args[0], !t, out)
	case m.IsCall("diag") && m.Shape.IsSquare() && !m.Args[0].Shape.IsSquare():
		f.kind, f.n = diagonal, m.Args[0]
	case m.IsCall("inv") && !m.IsScalar():
		f.kind, f.n = inverse, m.Args[0]
		if f.t && f.n.Props.Has(expr.Symmetric) {
			f.t = false
		}
	case m.Op == expr.OpOnes && !s.R.IsOne() && !s.C.IsOne():
		f.shape = s
	}
	return append(out, f)
}

// estimate gives a size for comparing costs: symbols that usually count
// observations are taken to be large, those that count classes or components
// small.
func estimate(d expr.Dim) float64 {
	x := float64(d.K)
	for _, s := range d.Symbols() {
		switch s[0] {
		case 'N', 'T', 'M':
			x *= 512
		case 'K', 'k', 'q', 'r', 'L':
			x *= 32
		default:
			x *= 128
		}
	}
	return x
}

// chain multiplies the factors in the order that costs least, by dynamic
// programming; sub-products already computed cost nothing.
func (l *lowerer) chain(fs []factor) ref {
	c := l.plan(fs)
	return l.build(c, 0, len(fs)-1)
}

type chainPlan struct {
	fs    []factor
	cost  [][]float64
	split [][]int
}

func (l *lowerer) plan(fs []factor) *chainPlan {
	k := len(fs)
	c := &chainPlan{fs: fs, cost: make([][]float64, k), split: make([][]int, k)}
	for i := range fs {
		c.cost[i] = make([]float64, k)
		c.split[i] = make([]int, k)
	}
	for w := 1; w < k; w++ {
		for i := 0; i+w < k; i++ {
			j := i + w
			best := -1.0
			for m := i; m < j; m++ {
				x := c.cost[i][m] + c.cost[m+1][j] + l.step(fs, i, m, j)
				if best < 0 || x < best {
					best, c.split[i][j] = x, m
				}
			}
			if _, ok := l.chains[l.seqKey(fs[i:j+1])]; ok {
				best = 0
			}
			c.cost[i][j] = best
		}
	}
	return c
}

// step is the cost of multiplying factors i…m by factors m+1…j.
func (l *lowerer) step(fs []factor, i, m, j int) float64 {
	r, k, n := l.sizes(fs[i].shape.R), l.sizes(fs[m].shape.C), l.sizes(fs[j].shape.C)
	left, right := fs[m], fs[j]
	switch {
	case i == m && left.kind == diagonal, m+1 == j && right.kind == diagonal:
		return r * n
	case i == m && left.kind == plain && left.n.Op == expr.OpOnes:
		return k * n
	case m+1 == j && right.kind == plain && right.n.Op == expr.OpOnes:
		return r * k
	case fs[m].shape.C.IsOne():
		return r * n
	case i == m && left.kind == inverse && m+1 == j && right.kind == inverse:
		return 3 * r * k * n
	}
	if m == i && m+1 == j && left.n == right.n && left.t != right.t {
		return r * k * n / 2 // one triangle
	}
	return r * k * n
}

func (l *lowerer) seqKey(fs []factor) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(l.key(f))
		b.WriteByte(' ')
	}
	return b.String()
}

func (l *lowerer) build(c *chainPlan, i, j int) ref {
	fs := c.fs
	if i == j {
		return l.whole(fs[i])
	}
	key := l.seqKey(fs[i : j+1])
	if r, ok := l.chains[key]; ok {
		return r
	}
	m := c.split[i][j]
	var r ref
	switch {
	case i == m && fs[i].kind != plain:
		r = l.apply(fs[i], l.build(c, m+1, j))
	case m+1 == j && fs[j].kind != plain:
		r = l.apply(fs[j].flipped(), l.build(c, i, m).T()).T()
	default:
		r = l.product(l.build(c, i, m), l.build(c, m+1, j))
	}
	l.chains[key] = r
	back := make([]factor, 0, j+1-i)
	for x := j; x >= i; x-- {
		back = append(back, fs[x].flipped())
	}
	l.chains[l.seqKey(back)] = r.T()
	return r
}

// whole is a factor as a matrix of its own.
func (l *lowerer) whole(f factor) ref {
	r := l.memo[f.n]
	switch f.kind {
	case diagonal:
		return l.diagMatrix(r)
	case inverse:
		r = l.inverse(f.n)
	}
	if f.t {
		r = r.T()
	}
	return r
}

// apply multiplies by diag(v) or inv(A) from the left.
func (l *lowerer) apply(f factor, x ref) ref {
	if f.kind == diagonal {
		v := l.memo[f.n]
		if v.shape().IsRow() {
			v = v.T()
		}
		return l.g.mapOp("mul", x.shape(), v, x)
	}
	return l.solve(f.n, f.t, x)
}

// product multiplies two matrices: sums, outer products and repeated vectors
// need no matrix product.
func (l *lowerer) product(a, b ref) ref {
	g := l.g
	as, bs := a.shape(), b.shape()
	s := expr.Shape{R: as.R, C: bs.C}
	if in, ok := a.inside("neg"); ok && in.shape() == as {
		return g.mapOp("neg", s, l.product(in, b))
	}
	if in, ok := b.inside("neg"); ok && in.shape() == bs {
		return g.mapOp("neg", s, l.product(a, in))
	}
	if as.C.IsOne() {
		return g.mapOp("mul", s, a, b)
	}
	if in, ok := b.isFill(); ok {
		if in.shape().R.IsOne() { // b repeats a row: A·1·row
			return g.mapOp("mul", s, g.reduce("sum", alongRow, a), in)
		}
		return g.fill(l.product(a, in), s) // b repeats a column
	}
	if in, ok := a.isFill(); ok {
		if in.shape().C.IsOne() {
			return g.mapOp("mul", s, in, g.reduce("sum", alongCol, b))
		}
		return g.fill(l.product(in, b), s)
	}
	if a.v.op == opEye {
		return b
	}
	if b.v.op == opEye {
		return a
	}
	if s.IsScalar() {
		return g.reduce("sum", overAll, g.mapOp("mul", bs, a.T(), b))
	}
	if s.R.IsOne() || a.t && b.t && !s.C.IsOne() {
		// A row times a matrix is a matrix times a column; (BA)ᵀ for AᵀBᵀ.
		return l.matmul(b.T(), a.T(), s.T()).T()
	}
	if v := g.find(b.T(), a.T(), s.T()); v != nil {
		return ref{v, true}
	}
	return l.matmul(a, b, s)
}

func (l *lowerer) matmul(a, b ref, s expr.Shape) ref {
	if a.v.shape.IsCol() || a.v.shape.IsRow() {
		// A vector is read the same way lying or standing.
		a = ref{a.v, a.t}
	}
	return ref{v: l.g.intern(&val{op: opMul, args: []ref{a, b}, shape: s})}
}

// factorOf returns the factorisation of A, Cholesky's where A is known to be
// positive (semi)definite, and whether it is of the transposed matrix.
func (l *lowerer) factorOf(n *expr.Node) (ref, bool) {
	a := l.memo[n]
	kind, t := "lu", a.t
	if n.Props.Has(expr.PSD) {
		kind, t = "chol", false
	} else if n.Props.Has(expr.Symmetric) {
		t = false
	}
	a.t = false
	return ref{v: l.g.intern(&val{op: opFactor, fn: kind, args: []ref{a}, shape: n.Shape})}, t
}

// solve returns A⁻¹x, or A⁻ᵀx if t.
func (l *lowerer) solve(n *expr.Node, t bool, x ref) ref {
	if n.IsScalar() {
		return l.g.mapOp("div", x.shape(), x, l.memo[n])
	}
	f, ft := l.factorOf(n)
	if f.v.fn == "chol" {
		t, ft = false, false
	}
	return ref{v: l.g.intern(&val{op: opSolve, trans: t != ft, args: []ref{f, x}, shape: x.shape()})}
}

// inverse forms A⁻¹, where the inverse itself is asked for.
func (l *lowerer) inverse(n *expr.Node) ref {
	if n.IsScalar() {
		return l.g.mapOp("recip", expr.Scalar, l.memo[n])
	}
	f, t := l.factorOf(n)
	return ref{l.g.intern(&val{op: opInverse, args: []ref{f}, shape: n.Shape}), t}
}

// diagMatrix forms diag(v).
func (l *lowerer) diagMatrix(v ref) ref {
	if v.shape().IsRow() {
		v = v.T()
	}
	s := expr.Shape{R: v.shape().R, C: v.shape().R}
	eye := ref{v: l.g.intern(&val{op: opEye, shape: s})}
	return l.g.mapOp("ondiag", s, eye, v)
}
