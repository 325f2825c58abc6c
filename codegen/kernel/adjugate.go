package kernel

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
)

// adjugate stores in y the adjugate of x, det(x)·x⁻¹, also where x is singular:
// x is LU with rows and columns exchanged, and the adjugate of a triangle needs
// no division by its pivots. work has room for 2n²+2n entries.
func adjugate(work []float64, y, x blas64.General) {
	n := x.Rows
	u := blas64.General{Rows: n, Cols: n, Stride: n, Data: work[:n*n]}
	t := blas64.General{Rows: n, Cols: n, Stride: n, Data: work[n*n : 2*n*n]}
	rows, cols := work[2*n*n:][:n], work[2*n*n+n:][:n] // as numbers
	copyMat(u, x, false)
	for i := range n {
		rows[i], cols[i] = float64(i), float64(i)
	}
	sign := 1.0
	for k := range n {
		// The largest entry of what is left becomes the pivot.
		p, q, big := k, k, 0.0
		for i := k; i < n; i++ {
			for j, v := range u.Data[i*n+k : i*n+n] {
				if a := math.Abs(v); a > big || a != a {
					p, q, big = i, k+j, a
				}
			}
		}
		if p != k {
			sign = -sign
			rows[k], rows[p] = rows[p], rows[k]
			swapRows(u, k, p)
		}
		if q != k {
			sign = -sign
			cols[k], cols[q] = cols[q], cols[k]
			for i := range n {
				u.Data[i*n+k], u.Data[i*n+q] = u.Data[i*n+q], u.Data[i*n+k]
			}
		}
		pivot := u.Data[k*n : k*n+n]
		if pivot[k] == 0 {
			break
		}
		for i := k + 1; i < n; i++ {
			row := u.Data[i*n : i*n+n]
			f := row[k] / pivot[k]
			row[k] = f
			for j := k + 1; j < n; j++ {
				row[j] -= f * pivot[j]
			}
		}
	}
	// adj [U v; 0 d] = [d·adj(U) -adj(U)·v; 0 det(U)]
	zero(t)
	det := sign
	for k := range n {
		d := u.Data[k*n+k]
		for i := range k {
			row := t.Data[i*n : i*n+n]
			s := 0.0
			for j := i; j < k; j++ {
				s += row[j] * u.Data[j*n+k]
				row[j] *= d
			}
			row[k] = -s
		}
		t.Data[k*n+k] = det
		det *= d
	}
	// Times L⁻¹, column by column from the right, and back in order.
	for i := range n {
		row := t.Data[i*n : i*n+n]
		for k := n - 1; k >= 0; k-- {
			s := row[k]
			for j := k + 1; j < n; j++ {
				s -= row[j] * u.Data[j*n+k]
			}
			row[k] = s
		}
		out := y.Data[int(cols[i])*y.Stride:]
		for k, v := range row {
			out[int(rows[k])] = v
		}
	}
}
