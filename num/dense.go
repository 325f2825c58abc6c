package num

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// The factorisations of float64 matrices are gonum's.

func (m *Mat) dense() *mat.Dense { return mat.NewDense(m.R, m.C, append([]float64(nil), m.Data...)) }

func fromDense(d mat.Matrix) *Mat {
	r, c := d.Dims()
	m := New(r, c)
	for i := 0; i < r; i++ {
		for j := 0; j < c; j++ {
			m.Data[i*c+j] = d.At(i, j)
		}
	}
	return m
}

// Inv returns the inverse, or an error if m is singular to working precision.
func Inv(m *Mat) (*Mat, error) {
	if m.R != m.C {
		return nil, fmt.Errorf("inverse of a %d×%d matrix", m.R, m.C)
	}
	if !m.Finite() {
		return nil, fmt.Errorf("matrix has an infinite or undefined entry")
	}
	var o mat.Dense
	if err := o.Inverse(m.dense()); err != nil {
		// A condition number beyond 1/ε is reported with the result computed.
		if c, ok := err.(mat.Condition); !ok || math.IsInf(float64(c), 0) {
			return nil, fmt.Errorf("matrix is singular")
		}
	}
	return fromDense(&o), nil
}

// LogDet returns log|det m| and the sign of det m.
func LogDet(m *Mat) (logAbs, sign float64) {
	if !m.Finite() {
		return math.NaN(), math.NaN()
	}
	var lu mat.LU
	lu.Factorize(m.dense())
	return lu.LogDet()
}

// Det returns the determinant.
func Det(m *Mat) float64 {
	if !m.Finite() {
		return math.NaN()
	}
	var lu mat.LU
	lu.Factorize(m.dense())
	return lu.Det()
}

// Expm returns the matrix exponential (scaling and squaring with Padé
// approximants).
func Expm(m *Mat) *Mat {
	if !m.Finite() {
		return Fill(m.R, m.C, math.NaN())
	}
	var o mat.Dense
	o.Exp(m.dense())
	return fromDense(&o)
}

// SVD returns U, the singular values in falling order and V, m = U diag(s) Vᵀ.
func SVD(m *Mat) (u *Mat, s []float64, v *Mat, err error) {
	if !m.Finite() {
		return nil, nil, nil, fmt.Errorf("matrix has an infinite or undefined entry")
	}
	var f mat.SVD
	if !f.Factorize(m.dense(), mat.SVDThin) {
		return nil, nil, nil, fmt.Errorf("singular value decomposition did not converge")
	}
	var ud, vd mat.Dense
	f.UTo(&ud)
	f.VTo(&vd)
	return fromDense(&ud), f.Values(nil), fromDense(&vd), nil
}

// Polar returns the factor U Vᵀ of the singular value decomposition, the
// nearest matrix with orthonormal columns (or rows).
func Polar(m *Mat) (*Mat, error) {
	u, s, v, err := SVD(m)
	if err != nil {
		return nil, err
	}
	if len(s) == 0 || s[len(s)-1] <= 1e-14*s[0] {
		return nil, fmt.Errorf("matrix has not full rank")
	}
	return Mul(u, v.T()), nil
}
