package kernel

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// cholesky overwrites the upper triangle of a by U with UᵀU = a. If a is not
// positive definite, all becomes NaN.
func cholesky(a blas64.General) {
	s := blas64.Symmetric{Uplo: blas.Upper, N: a.Rows, Stride: a.Stride, Data: a.Data}
	if _, ok := lapack64.Potrf(s); !ok {
		for i := range a.Rows {
			row := a.Data[i*a.Stride:][:a.Cols]
			for j := range row {
				row[j] = math.NaN()
			}
		}
	}
}

// cholSolve overwrites b by the solution of UᵀU x = b.
func cholSolve(u, b blas64.General) {
	t := blas64.Triangular{Uplo: blas.Upper, Diag: blas.NonUnit, N: u.Rows, Stride: u.Stride, Data: u.Data}
	blas64.Trsm(blas.Left, blas.Trans, 1, t, b)
	blas64.Trsm(blas.Left, blas.NoTrans, 1, t, b)
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

// luFactor overwrites a by its LU factors, the row exchanges in piv.
func luFactor(a blas64.General, piv []int) {
	lapack64.Getrf(a, piv)
}

// luSolve overwrites b by the solution of a x = b, or aᵀ x = b if trans.
func luSolve(trans bool, lu blas64.General, piv []int, b blas64.General) {
	t := blas.NoTrans
	if trans {
		t = blas.Trans
	}
	lapack64.Getrs(t, lu, b, piv)
}

// luLogDet returns the logarithm of the determinant, NaN if it is negative.
func luLogDet(lu blas64.General, piv []int) float64 {
	s, negative := 0.0, false
	for i := range lu.Rows {
		x := lu.Data[i*lu.Stride+i]
		if (x < 0) != (piv[i] != i) {
			negative = !negative
		}
		s += math.Log(math.Abs(x))
	}
	if negative {
		return math.NaN()
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
