package num

import (
	"fmt"
	"math"
)

// Const returns m with derivative zero.
func Const(m *Mat) *Dual {
	d := NewDual(m.R, m.C)
	copy(d.V, m.Data)
	return d
}

// Along returns m with the derivative dm.
func Along(m, dm *Mat) *Dual {
	d := Const(m)
	copy(d.D, dm.Data)
	return d
}

// Value returns the values.
func (d *Dual) Value() *Mat { return &Mat{d.R, d.C, append([]float64(nil), d.V...)} }

// Deriv returns the derivatives.
func (d *Dual) Deriv() *Mat { return &Mat{d.R, d.C, append([]float64(nil), d.D...)} }

// Clone returns a copy.
func (d *Dual) Clone() *Dual {
	return &Dual{d.R, d.C, append([]float64(nil), d.V...), append([]float64(nil), d.D...)}
}

// T returns the transpose.
func (d *Dual) T() *Dual {
	o := NewDual(d.C, d.R)
	for i := 0; i < d.R; i++ {
		for j := 0; j < d.C; j++ {
			o.V[j*d.R+i], o.D[j*d.R+i] = d.V[i*d.C+j], d.D[i*d.C+j]
		}
	}
	return o
}

// AddDual returns a + s*b; the sizes are equal.
func AddDual(a *Dual, s float64, b *Dual) *Dual {
	o := NewDual(a.R, a.C)
	for i := range a.V {
		o.V[i] = a.V[i] + s*b.V[i]
		o.D[i] = a.D[i] + s*b.D[i]
	}
	return o
}

// ScaleDual returns s*a.
func ScaleDual(s float64, a *Dual) *Dual {
	o := NewDual(a.R, a.C)
	for i := range a.V {
		o.V[i], o.D[i] = s*a.V[i], s*a.D[i]
	}
	return o
}

// MulDual returns the matrix product a*b.
func MulDual(a, b *Dual) *Dual {
	o := NewDual(a.R, b.C)
	for i := 0; i < a.R; i++ {
		for k := 0; k < a.C; k++ {
			v, d := a.V[i*a.C+k], a.D[i*a.C+k]
			for j := 0; j < b.C; j++ {
				w, e := b.V[k*b.C+j], b.D[k*b.C+j]
				o.V[i*o.C+j] += v * w
				o.D[i*o.C+j] += v*e + d*w
			}
		}
	}
	return o
}

// EyeDual returns the n×n identity.
func EyeDual(n int) *Dual { return Const(Eye(n)) }

// dn is one dual number.
type dn struct{ v, d float64 }

func (a dn) mul(b dn) dn { return dn{a.v * b.v, a.v*b.d + a.d*b.v} }
func (a dn) sub(b dn) dn { return dn{a.v - b.v, a.d - b.d} }
func (a dn) div(b dn) dn {
	q := a.v / b.v
	return dn{q, (a.d - q*b.d) / b.v}
}

// LUDual factorises a square matrix of dual numbers by elimination with
// partial pivoting on the values. It returns the pivots u_ii with the sign of
// the permutation, and a function that solves A*X = B.
func LUDual(a *Dual) (pivV, pivD []float64, sign float64, solve func(b *Dual) *Dual, err error) {
	n := a.R
	m := make([]dn, n*n)
	for i := range m {
		m[i] = dn{a.V[i], a.D[i]}
	}
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	sign = 1
	for k := 0; k < n; k++ {
		p := k
		for i := k + 1; i < n; i++ {
			if math.Abs(m[i*n+k].v) > math.Abs(m[p*n+k].v) {
				p = i
			}
		}
		if m[p*n+k].v == 0 || math.IsNaN(m[p*n+k].v) {
			return nil, nil, 0, nil, fmt.Errorf("matrix is singular")
		}
		if p != k {
			sign = -sign
			perm[p], perm[k] = perm[k], perm[p]
			for j := 0; j < n; j++ {
				m[p*n+j], m[k*n+j] = m[k*n+j], m[p*n+j]
			}
		}
		for i := k + 1; i < n; i++ {
			f := m[i*n+k].div(m[k*n+k])
			m[i*n+k] = f
			for j := k + 1; j < n; j++ {
				m[i*n+j] = m[i*n+j].sub(f.mul(m[k*n+j]))
			}
		}
	}
	for i := 0; i < n; i++ {
		pivV = append(pivV, m[i*n+i].v)
		pivD = append(pivD, m[i*n+i].d)
	}
	solve = func(b *Dual) *Dual {
		x := NewDual(n, b.C)
		y := make([]dn, n)
		for c := 0; c < b.C; c++ {
			for i := 0; i < n; i++ {
				y[i] = dn{b.V[perm[i]*b.C+c], b.D[perm[i]*b.C+c]}
				for j := 0; j < i; j++ {
					y[i] = y[i].sub(m[i*n+j].mul(y[j]))
				}
			}
			for i := n - 1; i >= 0; i-- {
				for j := i + 1; j < n; j++ {
					y[i] = y[i].sub(m[i*n+j].mul(y[j]))
				}
				y[i] = y[i].div(m[i*n+i])
				x.V[i*b.C+c], x.D[i*b.C+c] = y[i].v, y[i].d
			}
		}
		return x
	}
	return pivV, pivD, sign, solve, nil
}

// InvDual returns the inverse.
func InvDual(a *Dual) (*Dual, error) {
	_, _, _, solve, err := LUDual(a)
	if err != nil {
		return nil, err
	}
	return solve(EyeDual(a.R)), nil
}

// ExpmDual returns the matrix exponential: a Taylor series of the scaled
// matrix, squared back, all in dual arithmetic.
func ExpmDual(a *Dual) *Dual {
	norm := 0.0 // largest row sum of values and of derivatives
	for i := 0; i < a.R; i++ {
		s := 0.0
		for j := 0; j < a.C; j++ {
			s += math.Abs(a.V[i*a.C+j])
		}
		norm = math.Max(norm, s)
	}
	k := 0
	if norm > 0.5 && !math.IsInf(norm, 0) {
		_, e := math.Frexp(norm)
		k = e + 1
	}
	x := ScaleDual(math.Ldexp(1, -k), a)
	out, term := EyeDual(a.R), EyeDual(a.R)
	for i := 1; i <= 20; i++ {
		term = ScaleDual(1/float64(i), MulDual(term, x))
		out = AddDual(out, 1, term)
	}
	for ; k > 0; k-- {
		out = MulDual(out, out)
	}
	return out
}

// PolarDual returns the nearest matrix with orthonormal columns (or rows), the
// factor U Vᵀ of the singular value decomposition, by Halley's iteration
// X ← X (3I + XᵀX)(I + 3XᵀX)⁻¹ in dual arithmetic (Higham, Functions of
// Matrices, section 8.5). The matrix must have full rank.
func PolarDual(a *Dual) (*Dual, error) {
	if a.R < a.C {
		q, err := PolarDual(a.T())
		if err != nil {
			return nil, err
		}
		return q.T(), nil
	}
	norm := a.Value().Norm()
	if norm == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
		return nil, fmt.Errorf("matrix has not full rank")
	}
	x := ScaleDual(1/norm, a)
	// Q does not change with the scale of X, so the derivative of the norm
	// needs no care.
	eye := EyeDual(a.C)
	done := false
	for i := 0; i < 80; i++ {
		g := MulDual(x.T(), x)
		inv, err := InvDual(AddDual(eye, 3, g))
		if err != nil {
			return nil, err
		}
		next := MulDual(MulDual(x, AddDual(ScaleDual(3, eye), 1, g)), inv)
		diff := Add(next.Value(), -1, x.Value()).MaxAbs()
		x = next
		if done {
			return x, nil
		}
		done = diff < 1e-9 // cubic: one more step brings values and derivatives to rounding
	}
	return nil, fmt.Errorf("matrix has not full rank")
}
