package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// gemmSmall computes C = alpha*op(A)*op(B) + beta*C by plain loops, four
// columns of C at a time in registers.
func gemmSmall(tA, tB blas.Transpose, alpha float64, A, B blas64.General, beta float64, C blas64.General) {
	nr, nc, nk := C.Rows, C.Cols, A.Cols
	ai, al := A.Stride, 1 // steps of A along the rows of C and along the sum
	if tA == blas.Trans {
		nk = A.Rows
		ai, al = 1, A.Stride
	}
	bl, bj := B.Stride, 1
	if tB == blas.Trans {
		bl, bj = 1, B.Stride
	}
	for i := range nr {
		c := C.Data[i*C.Stride:][:nc]
		if beta == 0 {
			clear(c)
		} else if beta != 1 {
			for j := range c {
				c[j] *= beta
			}
		}
		j := 0
		for ; j+3 < nc && bj == 1; j += 4 {
			var s0, s1, s2, s3 float64
			p, q := i*ai, j
			for range nk {
				x, b := A.Data[p], B.Data[q:q+4:q+4]
				s0 += x * b[0]
				s1 += x * b[1]
				s2 += x * b[2]
				s3 += x * b[3]
				p += al
				q += bl
			}
			c[j] += alpha * s0
			c[j+1] += alpha * s1
			c[j+2] += alpha * s2
			c[j+3] += alpha * s3
		}
		if nc-j == 3 && bj == 1 {
			var s0, s1, s2 float64
			p, q := i*ai, j
			for range nk {
				x, b := A.Data[p], B.Data[q:q+3:q+3]
				s0 += x * b[0]
				s1 += x * b[1]
				s2 += x * b[2]
				p += al
				q += bl
			}
			c[j] += alpha * s0
			c[j+1] += alpha * s1
			c[j+2] += alpha * s2
			continue
		}
		for ; j < nc; j++ {
			var s float64
			p, q := i*ai, j*bj
			for range nk {
				s += A.Data[p] * B.Data[q]
				p += al
				q += bl
			}
			c[j] += alpha * s
		}
	}
}

// addTransposed computes C = beta*C + Pᵀ.
func addTransposed(beta float64, C, P blas64.General) {
	for i := range C.Rows {
		c := C.Data[i*C.Stride:][:C.Cols]
		p := i
		if beta == 0 {
			for j := range c {
				c[j] = P.Data[p]
				p += P.Stride
			}
			continue
		}
		for j := range c {
			c[j] = beta*c[j] + P.Data[p]
			p += P.Stride
		}
	}
}
