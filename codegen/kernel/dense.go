package kernel

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// newMat returns a zero matrix.
func newMat(r, c int) blas64.General {
	return blas64.General{Rows: r, Cols: c, Stride: c, Data: make([]float64, r*c)}
}

// badShape panics with the name of a matrix and both sizes.
func badShape(name string, a blas64.General, r, c int) {
	panic(fmt.Sprintf("PKG: %s is %d×%d, want %d×%d", name, a.Rows, a.Cols, r, c))
}

// view returns the data of an argument. It panics if that is nil or not r×c.
func view(name string, a *mat.Dense, r, c int) blas64.General {
	if a == nil {
		panic(fmt.Sprintf("PKG: %s is nil, want %d×%d", name, r, c))
	}
	x := a.RawMatrix()
	if x.Rows != r || x.Cols != c {
		badShape(name, x, r, c)
	}
	return x
}

// rows views the rows lo to hi of a.
func rows(a blas64.General, lo, hi int) blas64.General {
	a.Rows = hi - lo
	a.Data = a.Data[lo*a.Stride:]
	return a
}

// cols views the columns lo to hi of a row.
func cols(a blas64.General, lo, hi int) blas64.General {
	a.Cols = hi - lo
	a.Data = a.Data[lo:]
	return a
}

// zero clears a matrix.
func zero(a blas64.General) {
	for i := range a.Rows {
		clear(a.Data[i*a.Stride:][:a.Cols])
	}
}

// copyMat copies b, transposed if t, to a.
func copyMat(a, b blas64.General, t bool) {
	for i := range a.Rows {
		x := a.Data[i*a.Stride:][:a.Cols]
		if !t {
			copy(x, b.Data[i*b.Stride:])
			continue
		}
		p := i
		for j := range x {
			x[j] = b.Data[p]
			p += b.Stride
		}
	}
}

// identity sets a to the identity.
func identity(a blas64.General) {
	zero(a)
	for i := range a.Rows {
		a.Data[i*a.Stride+i] = 1
	}
}

// trace returns the sum of the diagonal of a.
func trace(a blas64.General) float64 {
	s := float64(0)
	for i := range a.Rows {
		s += a.Data[i*a.Stride+i]
	}
	return s
}

// diagOf copies the diagonal of a to the column d.
func diagOf(d, a blas64.General) {
	for i := range a.Rows {
		d.Data[i*d.Stride] = a.Data[i*a.Stride+i]
	}
}

// vec stacks the columns of a into the column v.
func vec(v, a blas64.General) {
	k := 0
	for j := range a.Cols {
		for i := range a.Rows {
			v.Data[k*v.Stride] = a.Data[i*a.Stride+j]
			k++
		}
	}
}

// kron computes the Kronecker product c of a and b.
func kron(c, a, b blas64.General) {
	for i := range a.Rows {
		for j := range a.Cols {
			x := a.Data[i*a.Stride+j]
			for k := range b.Rows {
				y := b.Data[k*b.Stride:][:b.Cols]
				z := c.Data[(i*b.Rows+k)*c.Stride+j*b.Cols:][:b.Cols]
				for l := range z {
					z[l] = x * y[l]
				}
			}
		}
	}
}

// sigmoid returns 1/(1+exp(-x)), given e = exp(-|x|).
func sigmoid(x, e float64) float64 {
	if x >= 0 {
		return 1 / (1 + e)
	}
	return e / (1 + e)
}

// xlogy returns x*log(y), 0 if x is 0.
func xlogy(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x * math.Log(y)
}

// packMat copies a, row by row, to x and returns the rest of x.
func packMat(x []float64, a blas64.General) []float64 {
	for i := range a.Rows {
		copy(x[:a.Cols], a.Data[i*a.Stride:])
		x = x[a.Cols:]
	}
	return x
}

// unpackMat fills a, row by row, from x and returns the rest of x.
func unpackMat(a blas64.General, x []float64) []float64 {
	for i := range a.Rows {
		copy(a.Data[i*a.Stride:][:a.Cols], x)
		x = x[a.Cols:]
	}
	return x
}

// addMat adds to a the entries x, row by row.
func addMat(a blas64.General, x []float64) {
	for i := range a.Rows {
		row := a.Data[i*a.Stride:][:a.Cols]
		for j, v := range x[i*a.Cols:][:a.Cols] {
			row[j] += v
		}
	}
}
