package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// gemm computes C = alpha*op(A)*op(B) + beta*C. Small products are done in
// plain loops; with gonum's own BLAS, thin ones in the order that has long
// inner loops, and large ones in tiles that stay in cache (and that gonum does
// not split over goroutines, which would allocate).
func gemm(work []float64, tA, tB blas.Transpose, alpha float64, A, B blas64.General, beta float64, C blas64.General) {
	nr, nc, nk := C.Rows, C.Cols, A.Cols
	if tA == blas.Trans {
		nk = A.Rows
	}
	if nc < 4 && nk <= 64 || nr*nc*nk <= 4096 {
		gemmSmall(tA, tB, alpha, A, B, beta, C)
		return
	}
	if _, pure := blas64.Implementation().(gonum.Implementation); !pure {
		blas64.Gemm(tA, tB, alpha, A, B, beta, C)
		return
	}
	switch {
	case tA == blas.NoTrans && tB == blas.NoTrans && nc <= 40 && 2*nc <= nk && nr >= 8 && len(work) >= nc*nk:
		P := blas64.General{Rows: nc, Cols: nk, Stride: nk, Data: work}
		copyMat(P, B, true)
		B, tB = P, blas.Trans
	case tA == blas.NoTrans && tB == blas.Trans && nk <= 40 && 2*nk <= nc && nr >= 8 && len(work) >= nc*nk:
		P := blas64.General{Rows: nk, Cols: nc, Stride: nc, Data: work}
		copyMat(P, B, true)
		B, tB = P, blas.NoTrans
	case tA == blas.Trans && tB == blas.NoTrans && nc <= 40 && 2*nc <= nr && nk >= 8 && len(work) >= nc*nr:
		P := blas64.General{Rows: nc, Cols: nr, Stride: nr, Data: work}
		gemmTiles(blas.Trans, blas.NoTrans, alpha, B, A, 0, P)
		addTransposed(beta, C, P)
		return
	}
	gemmTiles(tA, tB, alpha, A, B, beta, C)
}

// gemmTiles computes C = alpha*op(A)*op(B) + beta*C tile by tile.
func gemmTiles(tA, tB blas.Transpose, alpha float64, A, B blas64.General, beta float64, C blas64.General) {
	const height, width, depth = 64, 128, 64
	nr, nc, nk := C.Rows, C.Cols, A.Cols
	if tA == blas.Trans {
		nk = A.Rows
	}
	for i := 0; i < nr; i += height {
		r := min(height, nr-i)
		for j := 0; j < nc; j += width {
			w := min(width, nc-j)
			c := blas64.General{Rows: r, Cols: w, Stride: C.Stride, Data: C.Data[i*C.Stride+j:]}
			b := beta
			for l := 0; l < nk; l += depth {
				d := min(depth, nk-l)
				x := blas64.General{Rows: r, Cols: d, Stride: A.Stride}
				if tA == blas.Trans {
					x.Rows, x.Cols = d, r
					x.Data = A.Data[l*A.Stride+i:]
				} else {
					x.Data = A.Data[i*A.Stride+l:]
				}
				y := blas64.General{Rows: d, Cols: w, Stride: B.Stride}
				if tB == blas.Trans {
					y.Rows, y.Cols = w, d
					y.Data = B.Data[j*B.Stride+l:]
				} else {
					y.Data = B.Data[l*B.Stride+j:]
				}
				blas64.Gemm(tA, tB, alpha, x, y, b, c)
				b = 1
			}
		}
	}
}

// syrk computes the symmetric C = alpha*A*Aᵀ + beta*C, or alpha*Aᵀ*A + beta*C
// if t is blas.Trans, both triangles.
func syrk(t blas.Transpose, alpha float64, A blas64.General, beta float64, C blas64.General) {
	n, k := C.Rows, A.Cols
	if t == blas.Trans {
		k = A.Rows
	}
	if n*n*k <= 4096 {
		if t == blas.Trans {
			gemmSmall(blas.Trans, blas.NoTrans, alpha, A, A, beta, C)
		} else {
			gemmSmall(blas.NoTrans, blas.Trans, alpha, A, A, beta, C)
		}
		return
	}
	blas64.Syrk(t, alpha, A, beta, blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: C.Stride, Data: C.Data})
	for i := range n {
		for j := i + 1; j < n; j++ {
			C.Data[j*C.Stride+i] = C.Data[i*C.Stride+j]
		}
	}
}

// gemv computes y = alpha*op(A)*x + beta*y; x and y are columns or rows.
func gemv(t blas.Transpose, alpha float64, A, x blas64.General, beta float64, y blas64.General) {
	blas64.Gemv(t, alpha, A, vector(x), beta, vector(y))
}

// vector views a matrix of one column or one row.
func vector(x blas64.General) blas64.Vector {
	if x.Cols == 1 {
		return blas64.Vector{N: x.Rows, Inc: x.Stride, Data: x.Data}
	}
	return blas64.Vector{N: x.Cols, Inc: 1, Data: x.Data}
}
