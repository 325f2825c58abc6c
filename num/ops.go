package num

import "math"

// FromRows returns the matrix with the rows given; all have one length.
func FromRows(rows ...[]float64) *Mat {
	if len(rows) == 0 {
		return New(0, 0)
	}
	m := New(len(rows), len(rows[0]))
	for i, r := range rows {
		copy(m.Data[i*m.C:(i+1)*m.C], r)
	}
	return m
}

// Fill returns the r×c matrix whose entries are all v.
func Fill(r, c int, v float64) *Mat {
	m := New(r, c)
	for i := range m.Data {
		m.Data[i] = v
	}
	return m
}

// Eye returns the n×n identity.
func Eye(n int) *Mat {
	m := New(n, n)
	for i := 0; i < n; i++ {
		m.Data[i*n+i] = 1
	}
	return m
}

// Map returns f of each entry.
func (m *Mat) Map(f func(float64) float64) *Mat {
	o := New(m.R, m.C)
	for i, v := range m.Data {
		o.Data[i] = f(v)
	}
	return o
}

// T returns the transpose.
func (m *Mat) T() *Mat {
	o := New(m.C, m.R)
	for i := 0; i < m.R; i++ {
		for j := 0; j < m.C; j++ {
			o.Data[j*m.R+i] = m.Data[i*m.C+j]
		}
	}
	return o
}

// Add returns a + s*b; the sizes are equal.
func Add(a *Mat, s float64, b *Mat) *Mat {
	o := New(a.R, a.C)
	for i, v := range a.Data {
		o.Data[i] = v + s*b.Data[i]
	}
	return o
}

// Scale returns s*a.
func Scale(s float64, a *Mat) *Mat {
	return a.Map(func(x float64) float64 { return s * x })
}

// Mul returns the matrix product a*b.
func Mul(a, b *Mat) *Mat {
	o := New(a.R, b.C)
	for i := 0; i < a.R; i++ {
		or := o.Data[i*o.C : (i+1)*o.C]
		for k := 0; k < a.C; k++ {
			v := a.Data[i*a.C+k]
			for j, w := range b.Data[k*b.C : (k+1)*b.C] {
				or[j] += v * w
			}
		}
	}
	return o
}

// Sum returns the sum of all entries, compensated (Neumaier).
func (m *Mat) Sum() float64 { return sum(m.Data) }

func sum(xs []float64) float64 {
	s, c := 0.0, 0.0
	for _, x := range xs {
		t := s + x
		if math.Abs(s) >= math.Abs(x) {
			c += (s - t) + x
		} else {
			c += (x - t) + s
		}
		s = t
	}
	if math.IsInf(s, 0) || math.IsNaN(c) {
		return s
	}
	return s + c
}

// Dot returns the sum of the products of the entries of a and b.
func Dot(a, b *Mat) float64 {
	p := make([]float64, len(a.Data))
	for i, v := range a.Data {
		p[i] = v * b.Data[i]
	}
	return sum(p)
}

// MaxAbs returns the largest absolute entry, 0 for an empty matrix.
func (m *Mat) MaxAbs() float64 {
	x := 0.0
	for _, v := range m.Data {
		x = math.Max(x, math.Abs(v))
	}
	return x
}

// Finite tells whether no entry is infinite or NaN.
func (m *Mat) Finite() bool {
	for _, v := range m.Data {
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return false
		}
	}
	return true
}

// Norm returns the Frobenius norm, without overflow.
func (m *Mat) Norm() float64 {
	s := m.MaxAbs()
	if s == 0 || math.IsInf(s, 0) || math.IsNaN(s) {
		return s
	}
	t := 0.0
	for _, v := range m.Data {
		t += (v / s) * (v / s)
	}
	return s * math.Sqrt(t)
}
