package kernel

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// cholesky overwrites the upper triangle of a by U with UᵀU = a, row by row in
// blocks of rows. If a is not positive definite, all becomes NaN.
func cholesky(a blas64.General) {
	const block = 64
	n := a.Rows
	for k := 0; k < n; k += block {
		end := min(k+block, n)
		for i := k; i < end; i++ {
			row := a.Data[i*a.Stride:][:n]
			if i > k {
				gonum.Implementation{}.Dgemv(blas.Trans, i-k, n-i, -1, a.Data[k*a.Stride+i:], a.Stride, a.Data[k*a.Stride+i:], a.Stride, 1, row[i:], 1)
			}
			if !(row[i] > 0) {
				for r := range n {
					all := a.Data[r*a.Stride:][:n]
					for j := range all {
						all[j] = math.NaN()
					}
				}
				return
			}
			d := math.Sqrt(row[i])
			row[i] = d
			for j := i + 1; j < n; j++ {
				row[j] /= d
			}
		}
		for i := end; i < n; i += block {
			h := min(block, n-i)
			p := blas64.General{Rows: end - k, Cols: h, Stride: a.Stride, Data: a.Data[k*a.Stride+i:]}
			q := blas64.General{Rows: end - k, Cols: n - i, Stride: a.Stride, Data: a.Data[k*a.Stride+i:]}
			c := blas64.General{Rows: h, Cols: n - i, Stride: a.Stride, Data: a.Data[i*a.Stride+i:]}
			gemm(nil, blas.Trans, blas.NoTrans, -1, p, q, 1, c)
		}
	}
}

// cholSolve overwrites b by the solution of UᵀU x = b.
func cholSolve(u, b blas64.General) {
	t := blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: u.Rows, Stride: u.Stride, Data: u.Data}
	trsm(blas.Trans, t, b)
	trsm(blas.NoTrans, t, b)
}

// cholLogDet returns the logarithm of the determinant of UᵀU.
func cholLogDet(u blas64.General) float64 {
	s := 0.0
	for i := range u.Rows {
		s += math.Log(u.Data[i*u.Stride+i])
	}
	return 2 * s
}

// cholDet returns the determinant of UᵀU.
func cholDet(u blas64.General) float64 {
	p := 1.0
	for i := range u.Rows {
		p *= u.Data[i*u.Stride+i]
	}
	return p * p
}

// luFactor overwrites a by its LU factors; row i was exchanged with piv[i].
func luFactor(a blas64.General, piv []int) {
	const block = 48
	n := a.Rows
	for k := 0; k < n; k += block {
		end := min(k+block, n)
		for i := k; i < end; i++ {
			p, big := i, math.Abs(a.Data[i*a.Stride+i])
			for r := i + 1; r < n; r++ {
				if x := math.Abs(a.Data[r*a.Stride+i]); x > big {
					p, big = r, x
				}
			}
			piv[i] = p
			row := a.Data[i*a.Stride:][:n]
			if p != i {
				other := a.Data[p*a.Stride:][:n]
				for j, x := range row {
					row[j], other[j] = other[j], x
				}
			}
			if row[i] == 0 {
				continue
			}
			for r := i + 1; r < n; r++ {
				below := a.Data[r*a.Stride:][:end]
				s := below[i] / row[i]
				below[i] = s
				for j := i + 1; j < end; j++ {
					below[j] -= s * row[j]
				}
			}
		}
		if end == n {
			return
		}
		t := blas64.Triangular{Uplo: blas.Lower, Diag: blas.Unit, N: end - k, Stride: a.Stride, Data: a.Data[k*a.Stride+k:]}
		right := blas64.General{Rows: end - k, Cols: n - end, Stride: a.Stride, Data: a.Data[k*a.Stride+end:]}
		trsm(blas.NoTrans, t, right)
		left := blas64.General{Rows: n - end, Cols: end - k, Stride: a.Stride, Data: a.Data[end*a.Stride+k:]}
		rest := blas64.General{Rows: n - end, Cols: n - end, Stride: a.Stride, Data: a.Data[end*a.Stride+end:]}
		gemm(nil, blas.NoTrans, blas.NoTrans, -1, left, right, 1, rest)
	}
}

// luSolve overwrites b by the solution of a x = b, or aᵀ x = b if trans.
func luSolve(trans bool, lu blas64.General, piv []int, b blas64.General) {
	lower := blas64.Triangular{Uplo: blas.Lower, Diag: blas.Unit, N: lu.Rows, Stride: lu.Stride, Data: lu.Data}
	upper := blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: lu.Rows, Stride: lu.Stride, Data: lu.Data}
	if trans {
		trsm(blas.Trans, upper, b)
		trsm(blas.Trans, lower, b)
		for i := len(piv) - 1; i >= 0; i-- {
			swapRows(b, i, piv[i])
		}
		return
	}
	for i, p := range piv {
		swapRows(b, i, p)
	}
	trsm(blas.NoTrans, lower, b)
	trsm(blas.NoTrans, upper, b)
}

// swapRows exchanges two rows.
func swapRows(b blas64.General, i, k int) {
	if i == k {
		return
	}
	x, y := b.Data[i*b.Stride:][:b.Cols], b.Data[k*b.Stride:][:b.Cols]
	for j, v := range x {
		x[j], y[j] = y[j], v
	}
}

// luLogDet returns the logarithm of the determinant: -Inf if it is 0, NaN if it
// is negative.
func luLogDet(lu blas64.General, piv []int) float64 {
	negative := false
	for i := range lu.Rows {
		x := lu.Data[i*lu.Stride+i]
		if x == 0 {
			return math.Inf(-1)
		}
		if (x < 0) != (piv[i] != i) {
			negative = !negative
		}
	}
	if negative {
		return math.NaN()
	}
	return luLogAbsDet(lu)
}

// luLogAbsDet returns the logarithm of the absolute value of the determinant.
func luLogAbsDet(lu blas64.General) float64 {
	s := 0.0
	for i := range lu.Rows {
		s += math.Log(math.Abs(lu.Data[i*lu.Stride+i]))
	}
	return s
}

// luDet returns the determinant.
func luDet(lu blas64.General, piv []int) float64 {
	p := 1.0
	for i := range lu.Rows {
		p *= lu.Data[i*lu.Stride+i]
		if piv[i] != i {
			p = -p
		}
	}
	return p
}
