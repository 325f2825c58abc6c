package verify

import (
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Satisfies tells whether x has the declared properties p, to rounding.
func Satisfies(x *num.Mat, p expr.Props) bool {
	for _, v := range x.Data {
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0),
			p.Has(expr.Positive) && !(v > 0),
			p.Has(expr.Nonnegative) && v < 0,
			p.Has(expr.Binary) && v != 0 && v != 1:
			return false
		}
	}
	if p.Has(expr.Simplex) && math.Abs(total(x.Data)-1) > 1e-12 {
		return false
	}
	if p.Has(expr.Stochastic) || p.Has(expr.OneHot) && x.C > 1 {
		for i := 0; i < x.R; i++ {
			if math.Abs(total(x.Data[i*x.C:(i+1)*x.C])-1) > 1e-12 {
				return false
			}
		}
	}
	if p&(expr.Symmetric|expr.PSD|expr.SPD|expr.Diagonal|expr.Orthogonal) == 0 {
		return true
	}
	if x.R != x.C {
		return false
	}
	for i := 0; i < x.R; i++ {
		for j := 0; j < i; j++ {
			if p&(expr.Symmetric|expr.PSD|expr.SPD) != 0 && x.At(i, j) != x.At(j, i) ||
				p.Has(expr.Diagonal) && (x.At(i, j) != 0 || x.At(j, i) != 0) {
				return false
			}
		}
		for j := 0; j <= i && p.Has(expr.Orthogonal); j++ {
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(inner(x.Data[i*x.C:(i+1)*x.C], x.Data[j*x.C:(j+1)*x.C])-want) > 1e-9 {
				return false
			}
		}
	}
	if p.Has(expr.PSD) || p.Has(expr.SPD) {
		return positiveSemidefinite(x, p.Has(expr.SPD))
	}
	return true
}

func total(v []float64) float64 {
	s := 0.0
	for _, a := range v {
		s += a
	}
	return s
}

// positiveSemidefinite eliminates symmetrically; the pivots have the signs of
// the eigenvalues.
func positiveSemidefinite(x *num.Mat, strictly bool) bool {
	n, a := x.R, x.Clone()
	tol := 1e-11 * (1e-300 + x.MaxAbs())
	for k := 0; k < n; k++ {
		// The largest diagonal entry that is left comes next.
		q := k
		for i := k + 1; i < n; i++ {
			if a.At(i, i) > a.At(q, q) {
				q = i
			}
		}
		if q != k {
			for j := 0; j < n; j++ {
				u, v := a.At(k, j), a.At(q, j)
				a.Set(k, j, v)
				a.Set(q, j, u)
			}
			for j := 0; j < n; j++ {
				u, v := a.At(j, k), a.At(j, q)
				a.Set(j, k, v)
				a.Set(j, q, u)
			}
		}
		d := a.At(k, k)
		if d <= tol {
			if strictly {
				return false
			}
			for i := k; i < n; i++ {
				for j := k; j < n; j++ {
					if math.Abs(a.At(i, j)) > 10*tol {
						return false
					}
				}
			}
			return true
		}
		for i := k + 1; i < n; i++ {
			f := a.At(i, k) / d
			for j := k; j < n; j++ {
				a.Set(i, j, a.At(i, j)-f*a.At(k, j))
			}
		}
	}
	return true
}
