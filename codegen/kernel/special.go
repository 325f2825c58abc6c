package kernel

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// expm computes the matrix exponential y of x by scaling, a Taylor series and
// squaring. work has room for three matrices of that size.
func expm(work []float64, y, x blas64.General) {
	n := x.Rows
	norm := 0.0
	for i := range n {
		s := 0.0
		for _, v := range x.Data[i*x.Stride:][:n] {
			s += math.Abs(v)
		}
		norm = max(norm, s)
	}
	k := 0
	if norm > 0.5 {
		k = math.Ilogb(norm) + 2
	}
	s := blas64.General{Rows: n, Cols: n, Stride: n, Data: work[:n*n]}
	t := blas64.General{Rows: n, Cols: n, Stride: n, Data: work[n*n : 2*n*n]}
	u := blas64.General{Rows: n, Cols: n, Stride: n, Data: work[2*n*n : 3*n*n]}
	scale := math.Ldexp(1, -k)
	for i := range n {
		for j := range n {
			s.Data[i*n+j] = scale * x.Data[i*x.Stride+j]
		}
	}
	identity(y)
	identity(t)
	for term := 1; term <= 18; term++ {
		gemm(nil, blas.NoTrans, blas.NoTrans, 1/float64(term), t, s, 0, u)
		t, u = u, t
		for i := range n {
			row := y.Data[i*y.Stride:][:n]
			for j := range row {
				row[j] += t.Data[i*n+j]
			}
		}
	}
	for range k {
		copyMat(t, y, false)
		gemm(nil, blas.NoTrans, blas.NoTrans, 1, t, t, 0, y)
	}
}

// dexpm computes the derivative y of the matrix exponential at x in the
// direction e. work has room for 20 matrices of that size.
func dexpm(work []float64, y, x, e blas64.General) {
	n := x.Rows
	w := 2 * n
	b := blas64.General{Rows: w, Cols: w, Stride: w, Data: work[:w*w]}
	out := blas64.General{Rows: w, Cols: w, Stride: w, Data: work[w*w : 2*w*w]}
	zero(b)
	s := pow2(e)
	place(b, x, 0, 0, 1)
	place(b, x, 1, 1, 1)
	place(b, e, 0, 1, 1/s)
	expm(work[2*w*w:], out, b)
	out.Rows, out.Cols, out.Data = n, n, out.Data[n:]
	place(y, out, 0, 0, s)
}

// d2expm computes the second derivative y of the matrix exponential at x in
// the directions e and f. work has room for 80 matrices of that size.
func d2expm(work []float64, y, x, e, f blas64.General) {
	n := x.Rows
	w := 4 * n
	b := blas64.General{Rows: w, Cols: w, Stride: w, Data: work[:w*w]}
	out := blas64.General{Rows: w, Cols: w, Stride: w, Data: work[w*w : 2*w*w]}
	zero(b)
	s, t := pow2(e), pow2(f)
	for i := range 4 {
		place(b, x, i, i, 1)
	}
	place(b, e, 0, 1, 1/s)
	place(b, e, 2, 3, 1/s)
	place(b, f, 0, 2, 1/t)
	place(b, f, 1, 3, 1/t)
	expm(work[2*w*w:], out, b)
	out.Rows, out.Cols, out.Data = n, n, out.Data[3*n:]
	place(y, out, 0, 0, s*t)
}

// place copies x, scaled, to block (i, j) of b.
func place(b, x blas64.General, i, j int, scale float64) {
	for r := range x.Rows {
		to := b.Data[(i*x.Rows+r)*b.Stride+j*x.Cols:]
		for c, v := range x.Data[r*x.Stride:][:x.Cols] {
			to[c] = scale * v
		}
	}
}

// pow2 is the power of two next to the largest entry: a derivative is linear in
// its direction, but the exponential of a matrix with a long one in it loses
// digits.
func pow2(e blas64.General) float64 {
	top := 0.0
	for r := range e.Rows {
		for _, v := range e.Data[r*e.Stride:][:e.Cols] {
			top = max(top, math.Abs(v))
		}
	}
	if top == 0 {
		return 1
	}
	return math.Ldexp(1, math.Ilogb(top))
}

// jacobi rotates the columns of u, which has no more columns than rows, until
// they are orthogonal, and v along with them.
func jacobi(u, v blas64.General) {
	identity(v)
	for range 60 {
		off := false
		for p := range u.Cols {
			for q := p + 1; q < u.Cols; q++ {
				var a, b, c float64
				for i := range u.Rows {
					x, y := u.Data[i*u.Stride+p], u.Data[i*u.Stride+q]
					a += x * x
					b += y * y
					c += x * y
				}
				if math.Abs(c) <= 1e-16*math.Sqrt(a*b) {
					continue
				}
				off = true
				z := (b - a) / (2 * c)
				t := math.Copysign(1, z) / (math.Abs(z) + math.Sqrt(1+z*z))
				cs := 1 / math.Sqrt(1+t*t)
				sn := cs * t
				turn(u, p, q, cs, sn)
				turn(v, p, q, cs, sn)
			}
		}
		if !off {
			return
		}
	}
}

// turn rotates columns p and q of a.
func turn(a blas64.General, p, q int, cs, sn float64) {
	for i := range a.Rows {
		x, y := a.Data[i*a.Stride+p], a.Data[i*a.Stride+q]
		a.Data[i*a.Stride+p] = cs*x - sn*y
		a.Data[i*a.Stride+q] = sn*x + cs*y
	}
}

// polar computes the orthogonal polar factor y of x. work has room for x and
// the square of its smaller side.
func polar(work []float64, y, x blas64.General) {
	t := x.Rows < x.Cols
	r, c := max(x.Rows, x.Cols), min(x.Rows, x.Cols)
	u := blas64.General{Rows: r, Cols: c, Stride: c, Data: work[:r*c]}
	v := blas64.General{Rows: c, Cols: c, Stride: c, Data: work[r*c : r*c+c*c]}
	copyMat(u, x, t)
	jacobi(u, v)
	for j := range c {
		s := 0.0
		for i := range r {
			s = math.Hypot(s, u.Data[i*c+j])
		}
		for i := range r {
			u.Data[i*c+j] /= s
		}
	}
	if t {
		gemm(nil, blas.NoTrans, blas.Trans, 1, v, u, 0, y)
	} else {
		gemm(nil, blas.NoTrans, blas.Trans, 1, u, v, 0, y)
	}
}

// normnuc returns the sum of the singular values of x. work has room for x and
// the square of its smaller side.
func normnuc(work []float64, x blas64.General) float64 {
	r, c := max(x.Rows, x.Cols), min(x.Rows, x.Cols)
	u := blas64.General{Rows: r, Cols: c, Stride: c, Data: work[:r*c]}
	v := blas64.General{Rows: c, Cols: c, Stride: c, Data: work[r*c : r*c+c*c]}
	copyMat(u, x, x.Rows < x.Cols)
	jacobi(u, v)
	sum := 0.0
	for j := range c {
		s := 0.0
		for i := range r {
			s = math.Hypot(s, u.Data[i*c+j])
		}
		sum += s
	}
	return sum
}

// argmax stores the place, from 1, of the largest entry of each row.
func argmax(y, x blas64.General) {
	for i := range x.Rows {
		k := 0
		row := x.Data[i*x.Stride:][:x.Cols]
		for j, v := range row {
			if v > row[k] {
				k = j
			}
		}
		y.Data[i*y.Stride] = float64(k + 1)
	}
}

// argmaxAll returns the place, from 1, of the largest entry of a column.
func argmaxAll(x blas64.General) float64 {
	k := 0
	for i := range x.Rows {
		if x.Data[i*x.Stride] > x.Data[k*x.Stride] {
			k = i
		}
	}
	return float64(k + 1)
}

// unvec fills y column by column from the column v.
func unvec(y, v blas64.General) {
	k := 0
	for j := range y.Cols {
		for i := range y.Rows {
			y.Data[i*y.Stride+j] = v.Data[k*v.Stride]
			k++
		}
	}
}

// unkronl stores in y the inner product of each block of h with b.
func unkronl(y, h, b blas64.General) {
	for i := range y.Rows {
		for j := range y.Cols {
			s := 0.0
			for k := range b.Rows {
				x := b.Data[k*b.Stride:][:b.Cols]
				z := h.Data[(i*b.Rows+k)*h.Stride+j*b.Cols:][:b.Cols]
				for l := range x {
					s += x[l] * z[l]
				}
			}
			y.Data[i*y.Stride+j] = s
		}
	}
}

// unkronr stores in y the sum of the blocks of h weighted by the entries of b.
func unkronr(y, h, b blas64.General) {
	zero(y)
	for i := range b.Rows {
		for j := range b.Cols {
			w := b.Data[i*b.Stride+j]
			for k := range y.Rows {
				x := y.Data[k*y.Stride:][:y.Cols]
				z := h.Data[(i*y.Rows+k)*h.Stride+j*y.Cols:][:y.Cols]
				for l := range x {
					x[l] += w * z[l]
				}
			}
		}
	}
}

// unit is what to divide by so that entries up to x come near 1: x, or 1 where
// x is zero or infinite.
func unit(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) {
		return 1
	}
	return x
}

// xlog1py returns x*log(1 + y), 0 if x is 0.
func xlog1py(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log1p(y)
}

// xdivy returns x/y, 0 if x is 0.
func xdivy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x / y
}

// xtimes returns x*y, 0 if x is 0.
func xtimes(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * y
}

// over0 returns x/s, 0 if s is 0.
func over0(x, s float64) float64 {
	if s == 0 {
		return 0
	}
	return x / s
}

// recip0 returns 1/x, 0 if x is 0.
func recip0(x float64) float64 {
	if x == 0 {
		return 0
	}
	return 1 / x
}

// anchor is what exponents are taken relative to: the largest, or 0 where that
// is infinite.
func anchor(x float64) float64 {
	if math.IsInf(x, 0) {
		return 0
	}
	return x
}

// log1mexp returns log(1 - exp(x)) for x < 0.
func log1mexp(x float64) float64 {
	if x > -math.Ln2 {
		return math.Log(-math.Expm1(x))
	}
	return math.Log1p(-math.Exp(x))
}

// logcosh returns log(cosh(x)).
func logcosh(x float64) float64 {
	x = math.Abs(x)
	if x < 1 {
		s := math.Sinh(x / 2)
		return math.Log1p(2 * s * s)
	}
	return x + math.Log1p(math.Exp(-2*x)) - math.Ln2
}

// prodrest stores in y, for each entry of x, the product of the others.
func prodrest(y, x blas64.General) {
	p := 1.0
	for i := range x.Rows {
		for j, v := range x.Data[i*x.Stride:][:x.Cols] {
			y.Data[i*y.Stride+j] = p
			p *= v
		}
	}
	p = 1
	for i := x.Rows - 1; i >= 0; i-- {
		row := x.Data[i*x.Stride:][:x.Cols]
		for j := len(row) - 1; j >= 0; j-- {
			y.Data[i*y.Stride+j] *= p
			p *= row[j]
		}
	}
}
