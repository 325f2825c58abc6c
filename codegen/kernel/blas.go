package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// gemm computes C = alpha*op(A)*op(B) + beta*C. Small products are done in
// place; large ones go to the BLAS that is registered, but for gonum's own: its
// product of a matrix and a vector keeps four rows in registers and is up to
// twice as fast as its product of matrices, so gemmRows goes row by row of C.
// work is room for packing, and may be short or nil.
func gemm(work []float64, tA, tB blas.Transpose, alpha float64, A, B blas64.General, beta float64, C blas64.General) {
	nk := A.Cols
	if tA == blas.Trans {
		nk = A.Rows
	}
	n := C.Rows * C.Cols * nk
	if n <= 256 || n <= 2048 && C.Cols < 6 {
		gemmSmall(tA, tB, alpha, A, B, beta, C)
		return
	}
	if n > 8192 {
		if _, pure := blas64.Implementation().(gonum.Implementation); !pure {
			blas64.Gemm(tA, tB, alpha, A, B, beta, C)
			return
		}
	}
	gemmRows(work, tA, tB, alpha, A, B, beta, C)
}

// gemmRows computes C = alpha*op(A)*op(B) + beta*C row by row of C, on tiles of
// B that stay in cache.
func gemmRows(work []float64, tA, tB blas.Transpose, alpha float64, A, B blas64.General, beta float64, C blas64.General) {
	const tile = 8192
	nr, nc, nk := C.Rows, C.Cols, A.Cols
	if tA == blas.Trans {
		nk = A.Rows
	}
	switch {
	case tA == blas.NoTrans && nc <= 24 && 2*nc <= nk && (tB == blas.Trans || len(work) >= nc*nk):
		gemmDots(work, tB, alpha, A, B, beta, C)
		return
	case tA == blas.Trans && tB == blas.NoTrans && nc <= 32 && 2*nc <= nr && nk >= 8 && len(work) >= nc*min(nr, 128):
		gemmFlat(work, alpha, A, B, beta, C)
		return
	}
	width := min(nc, 128)
	depth := min(nk, tile/width)
	width = min(nc, tile/depth)
	// Rows of B that are some power of two apart fall on the same places in
	// the cache; a copy of the tile does not, and is turned where B is.
	pack := len(work) >= depth*width && nr >= 8 && (tB == blas.Trans || width >= 64 && depth >= 16 && B.Stride%32 == 0)
	for l := 0; l < nk; l += depth {
		d := min(depth, nk-l)
		b := beta
		if l > 0 {
			b = 1
		}
		a, inc, step := A.Data[l:], 1, A.Stride
		if tA == blas.Trans {
			a, inc, step = A.Data[l*A.Stride:], A.Stride, 1
		}
		for j := 0; j < nc; j += width {
			w := min(width, nc-j)
			if tB == blas.Trans && !pack {
				t := B.Data[j*B.Stride+l:]
				for i := range nr {
					gonum.Implementation{}.Dgemv(blas.NoTrans, w, d, alpha, t, B.Stride, a[i*step:], inc, b, C.Data[i*C.Stride+j:], 1)
				}
				continue
			}
			t, stride := B.Data, B.Stride
			switch {
			case !pack:
				t = t[l*stride+j:]
			case tB == blas.Trans:
				T := blas64.General{Rows: d, Cols: w, Stride: w, Data: work}
				copyMat(T, blas64.General{Rows: w, Cols: d, Stride: stride, Data: t[j*stride+l:]}, true)
				t, stride = work, w
			default:
				T := blas64.General{Rows: d, Cols: w, Stride: w, Data: work}
				copyMat(T, blas64.General{Rows: d, Cols: w, Stride: stride, Data: t[l*stride+j:]}, false)
				t, stride = work, w
			}
			for i := range nr {
				gonum.Implementation{}.Dgemv(blas.Trans, d, w, alpha, t, stride, a[i*step:], inc, b, C.Data[i*C.Stride+j:], 1)
			}
		}
	}
}

// gemmDots computes C = alpha*A*op(B) + beta*C for few columns of C, as dot
// products along the rows of A; a B that does not lie is turned first.
func gemmDots(work []float64, tB blas.Transpose, alpha float64, A, B blas64.General, beta float64, C blas64.General) {
	nc, nk := C.Cols, A.Cols
	if tB == blas.NoTrans {
		T := blas64.General{Rows: nc, Cols: nk, Stride: nk, Data: work}
		copyMat(T, B, true)
		B = T
	}
	depth := max(64, 8192/nc)
	for l := 0; l < nk; l += depth {
		d := min(depth, nk-l)
		b := beta
		if l > 0 {
			b = 1
		}
		for i := range C.Rows {
			gonum.Implementation{}.Dgemv(blas.NoTrans, nc, d, alpha, B.Data[l:], B.Stride, A.Data[i*A.Stride+l:], 1, b, C.Data[i*C.Stride:], 1)
		}
	}
}

// gemmFlat computes C = alpha*Aᵀ*B + beta*C for few columns of C: BᵀA, whose
// rows are long, tile by tile, and that turned.
func gemmFlat(work []float64, alpha float64, A, B blas64.General, beta float64, C blas64.General) {
	const width, depth = 128, 64
	nr, nc, nk := C.Rows, C.Cols, A.Rows
	for i := 0; i < nr; i += width {
		w := min(width, nr-i)
		for l := 0; l < nk; l += depth {
			d := min(depth, nk-l)
			b := float64(0)
			if l > 0 {
				b = 1
			}
			for j := range nc {
				gonum.Implementation{}.Dgemv(blas.Trans, d, w, alpha, A.Data[l*A.Stride+i:], A.Stride, B.Data[l*B.Stride+j:], B.Stride, b, work[j*w:], 1)
			}
		}
		C := blas64.General{Rows: w, Cols: nc, Stride: C.Stride, Data: C.Data[i*C.Stride:]}
		addTransposed(beta, C, blas64.General{Rows: nc, Cols: w, Stride: w, Data: work})
	}
}

// packRoom is the room that gemm packs into for a result of r by c, summing
// over k.
func packRoom(r, c, k int) int {
	return max(min(8192, c*k), min(c, 24)*k, min(c, 32)*min(r, 128))
}

// syrk computes the symmetric C = alpha*A*Aᵀ + beta*C, or alpha*Aᵀ*A + beta*C
// if t is blas.Trans, both triangles.
func syrk(t blas.Transpose, alpha float64, A blas64.General, beta float64, C blas64.General) {
	const width, depth = 128, 64
	n, nk := C.Rows, A.Cols
	if t == blas.Trans {
		nk = A.Rows
	}
	_, pure := blas64.Implementation().(gonum.Implementation)
	switch {
	case !pure && n*n*nk > 16384:
		blas64.Syrk(t, alpha, A, beta, blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: C.Stride, Data: C.Data})
	case t == blas.Trans:
		for l := 0; l < nk; l += depth {
			d := min(depth, nk-l)
			b := beta
			if l > 0 {
				b = 1
			}
			for j := 0; j < n; j += width {
				end := min(j+width, n)
				for i := range end {
					k := max(i, j)
					gonum.Implementation{}.Dgemv(blas.Trans, d, end-k, alpha, A.Data[l*A.Stride+k:], A.Stride, A.Data[l*A.Stride+i:], A.Stride, b, C.Data[i*C.Stride+k:], 1)
				}
			}
		}
	default:
		for l := 0; l < nk; l += 2 * depth {
			d := min(2*depth, nk-l)
			b := beta
			if l > 0 {
				b = 1
			}
			for j := 0; j < n; j += depth {
				end := min(j+depth, n)
				for i := range end {
					k := max(i, j)
					gonum.Implementation{}.Dgemv(blas.NoTrans, end-k, d, alpha, A.Data[k*A.Stride+l:], A.Stride, A.Data[i*A.Stride+l:], 1, b, C.Data[i*C.Stride+k:], 1)
				}
			}
		}
	}
	for i := range n {
		for j := i + 1; j < n; j++ {
			C.Data[j*C.Stride+i] = C.Data[i*C.Stride+j]
		}
	}
}

// gemv computes y = alpha*op(A)*x + beta*y; x and y are columns or rows.
func gemv(t blas.Transpose, alpha float64, A, x blas64.General, beta float64, y blas64.General) {
	v, w := vector(x), vector(y)
	if A.Rows*A.Cols <= 2048 {
		gonum.Implementation{}.Dgemv(t, A.Rows, A.Cols, alpha, A.Data, A.Stride, v.Data, v.Inc, beta, w.Data, w.Inc)
		return
	}
	blas64.Gemv(t, alpha, A, v, beta, w)
}

// vector views a matrix of one column or one row.
func vector(x blas64.General) blas64.Vector {
	if x.Cols == 1 {
		return blas64.Vector{N: x.Rows, Inc: x.Stride, Data: x.Data}
	}
	return blas64.Vector{N: x.Cols, Inc: 1, Data: x.Data}
}
