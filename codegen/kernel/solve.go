package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// trsm overwrites b by the solution of op(a) x = b, a triangular, in blocks of
// rows: a row takes what is solved of its block by one product of matrix and
// vector, and the blocks that follow take the whole block by one product of
// matrices.
func trsm(t blas.Transpose, a blas64.Triangular, b blas64.General) {
	const block = 64
	n := a.N
	if b.Cols == 1 {
		blas64.Trsv(t, a, blas64.Vector{N: n, Inc: b.Stride, Data: b.Data})
		return
	}
	if _, pure := blas64.Implementation().(gonum.Implementation); !pure && n*n*b.Cols > 16384 {
		blas64.Trsm(blas.Left, t, 1, a, b)
		return
	}
	// The coefficient of row l in row i is a.Data[i*down+l*over].
	down, over := a.Stride, 1
	if t == blas.Trans {
		down, over = 1, a.Stride
	}
	forward := (a.Uplo == blas.Lower) == (t == blas.NoTrans)
	for k := 0; k < n; k += block {
		lo, hi := k, min(k+block, n) // the rows solved in this turn
		if !forward {
			lo, hi = max(0, n-k-block), n-k
		}
		for s := range hi - lo {
			i, from := lo+s, lo // rows from, …, from+s-1 are solved
			if !forward {
				i = hi - 1 - s
				from = i + 1
			}
			row := b.Data[i*b.Stride:][:b.Cols]
			if s > 0 {
				gonum.Implementation{}.Dgemv(blas.Trans, s, b.Cols, -1, b.Data[from*b.Stride:], b.Stride, a.Data[i*down+from*over:], over, 1, row, 1)
			}
			if a.Diag == blas.NonUnit {
				r := 1 / a.Data[i*a.Stride+i]
				for j := range row {
					row[j] *= r
				}
			}
		}
		from, rest := hi, n-hi // the rows still to be solved
		if !forward {
			from, rest = 0, lo
		}
		if rest == 0 {
			return
		}
		c := blas64.General{Rows: rest, Cols: hi - lo, Stride: a.Stride, Data: a.Data[from*down+lo*over:]}
		if t == blas.Trans {
			c.Rows, c.Cols = c.Cols, c.Rows
		}
		x := blas64.General{Rows: hi - lo, Cols: b.Cols, Stride: b.Stride, Data: b.Data[lo*b.Stride:]}
		y := blas64.General{Rows: rest, Cols: b.Cols, Stride: b.Stride, Data: b.Data[from*b.Stride:]}
		gemm(nil, t, blas.NoTrans, -1, c, x, 1, y)
	}
}
