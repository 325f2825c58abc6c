package verify

import (
	"math"
	"math/rand/v2"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// manner is a way to draw the entries of a variable. Declared properties are
// kept in every manner; the manner decides what they leave open.
type manner uint8

const (
	normal   manner = iota // standard normal, of either sign
	positive               // 0.5 … 2
	unit                   // 0.1 … 0.9
	signed                 // -0.8 … 0.8
	small                  // normal, a tenth of it
	nonzero                // ±(0.5 … 2)
	large                  // 1.2 … 3
	huge                   // 5 … 20
	negative               // -2 … -0.5
	tiny                   // 0.01 … 0.05
	simplex                // positive, each row (or the vector) sums to a little less than 1
	spd                    // square: positive definite, but not symmetric
	dominant               // square: diagonally dominant, positive determinant
	rotated                // square: dominant with a negative determinant
	whole                  // 1, 2, 3: class labels and counts
	sorted                 // normal, entries well apart from each other
)

// hinted maps the sampler names of the rules table to manners.
var hinted = map[string]manner{
	"positive": positive, "unit": unit, "symmetric-unit": signed, "spd": spd,
	"nonzero": nonzero, "small": small, "simplex": simplex,
}

// manners lists the ways worth trying for a variable of size r×c, likeliest
// first.
func manners(p expr.Props, r, c int) []manner {
	switch {
	case p&(expr.Binary|expr.Simplex|expr.Stochastic|expr.Orthogonal) != 0:
		return []manner{normal}
	case p.Has(expr.SPD):
		return []manner{normal, small, large, huge}
	case p.Has(expr.PSD):
		return []manner{normal, spd, small, huge}
	case p&(expr.Positive|expr.Nonnegative) != 0:
		return []manner{positive, unit, large, tiny, huge, simplex, whole}
	case r == c && r > 1 && p&expr.Diagonal == 0:
		return []manner{normal, dominant, spd, positive, small, unit, rotated, signed, negative, simplex, nonzero, huge}
	case r == 1 && c == 1:
		return []manner{normal, positive, unit, huge, negative, large, tiny, signed, whole}
	}
	return []manner{normal, positive, unit, small, simplex, signed, negative, large, tiny, nonzero, sorted, huge, whole}
}

// draw makes a matrix with the declared properties p. It returns nil if no
// matrix with them was found.
func draw(rng *rand.Rand, p expr.Props, m manner, r, c int, fresh bool) *num.Mat {
	for try := 0; try < 8; try++ {
		x := attempt(rng, p, m, r, c, fresh)
		if Satisfies(x, p) {
			return x
		}
	}
	if r == c {
		// Unusual combinations (orthogonal nonnegative, one-hot symmetric) have
		// at least the identity, or a multiple of ones.
		for _, x := range []*num.Mat{num.Eye(r), num.Fill(r, c, 1/float64(r))} {
			if Satisfies(x, p) {
				return x
			}
		}
	}
	return nil
}

// attempt draws once. fresh asks for the edge cases of the property: zeros in
// a nonnegative matrix, a psd matrix of lower rank.
func attempt(rng *rand.Rand, p expr.Props, m manner, r, c int, fresh bool) *num.Mat {
	x := num.New(r, c)
	switch {
	case p.Has(expr.OneHot):
		if c == 1 {
			x.Data[rng.IntN(r)] = 1
			return x
		}
		for i := 0; i < r; i++ {
			x.Set(i, rng.IntN(c), 1)
		}
		return x
	case p.Has(expr.Binary):
		return binary(rng, p, x)
	case p&(expr.Simplex|expr.Stochastic) != 0:
		fill(rng, positive, x)
		normalise(x, p.Has(expr.Simplex))
		return x
	case p.Has(expr.Orthogonal):
		return orthogonal(rng, p, x)
	case p.Has(expr.Diagonal):
		d := num.New(r, 1)
		if p&(expr.SPD|expr.PSD|expr.Positive|expr.Nonnegative) != 0 && m == normal {
			m = positive
		}
		fill(rng, m, d)
		for i := 0; i < r; i++ {
			x.Set(i, i, d.Data[i])
			if p&(expr.SPD|expr.PSD|expr.Nonnegative) != 0 {
				x.Set(i, i, math.Abs(d.Data[i]))
			}
		}
		return x
	case p&(expr.SPD|expr.PSD) != 0:
		return definite(rng, p, m, x, fresh)
	}
	if p&(expr.Positive|expr.Nonnegative) != 0 && m == normal {
		m = positive
	}
	fill(rng, m, x)
	if p&(expr.Positive|expr.Nonnegative) != 0 {
		for k, v := range x.Data { // whatever the functions would have
			x.Data[k] = math.Abs(v)
		}
	}
	if p.Has(expr.Nonnegative) && !p.Has(expr.Positive) && fresh && r*c > 1 {
		x.Data[rng.IntN(r*c)] = 0
	}
	switch {
	case p.Has(expr.Symmetric) && m == spd:
		return num.Scale(0.5, num.Add(x, 1, x.T()))
	case p.Has(expr.Symmetric) && r == c:
		mirror(x)
	}
	return x
}

func mirror(x *num.Mat) {
	for i := 0; i < x.R; i++ {
		for j := 0; j < i; j++ {
			x.Set(i, j, x.At(j, i))
		}
	}
}

// binary draws 0 and 1, both of them where there is room.
func binary(rng *rand.Rand, p expr.Props, x *num.Mat) *num.Mat {
	for k := range x.Data {
		x.Data[k] = float64(rng.IntN(2))
	}
	if n := len(x.Data); n > 1 && !p.Has(expr.Diagonal) {
		i := rng.IntN(n)
		x.Data[i] = 1
		x.Data[(i+1+rng.IntN(n-1))%n] = 0
	}
	if p.Has(expr.Positive) {
		for k := range x.Data {
			x.Data[k] = 1
		}
	}
	if p.Has(expr.Diagonal) {
		for i := 0; i < x.R; i++ {
			for j := 0; j < x.C; j++ {
				if i != j {
					x.Set(i, j, 0)
				}
			}
		}
	} else if p.Has(expr.Symmetric) {
		mirror(x)
	}
	return x
}

// normalise makes the rows, or all entries, sum to 1.
func normalise(x *num.Mat, all bool) {
	if all || x.C == 1 {
		x.Data = scaled(x.Data)
		return
	}
	for i := 0; i < x.R; i++ {
		copy(x.Data[i*x.C:(i+1)*x.C], scaled(x.Data[i*x.C:(i+1)*x.C]))
	}
}

func scaled(v []float64) []float64 {
	s := 0.0
	for _, a := range v {
		s += a
	}
	out := make([]float64, len(v))
	for i, a := range v {
		out[i] = a / s
	}
	return out
}

// orthogonal draws by Gram and Schmidt; symmetric ones are reflections,
// diagonal ones signs, nonnegative ones permutations.
func orthogonal(rng *rand.Rand, p expr.Props, x *num.Mat) *num.Mat {
	n := x.R
	switch {
	case p.Has(expr.Diagonal):
		for i := 0; i < n; i++ {
			x.Set(i, i, 1)
			if p&(expr.SPD|expr.PSD|expr.Nonnegative) == 0 && rng.IntN(2) == 0 {
				x.Set(i, i, -1)
			}
		}
		return x
	case p&(expr.SPD|expr.PSD) != 0:
		return num.Eye(n)
	case p.Has(expr.Symmetric):
		v := make([]float64, n)
		s := 0.0
		for i := range v {
			v[i] = rng.NormFloat64()
			s += v[i] * v[i]
		}
		for i := 0; i < n; i++ {
			for j := 0; j < n; j++ {
				x.Set(i, j, -2*v[i]*v[j]/s)
			}
			x.Set(i, i, 1+x.At(i, i))
		}
		return x
	case p.Has(expr.Nonnegative):
		for i, j := range rng.Perm(n) {
			x.Set(i, j, 1)
		}
		return x
	}
	fill(rng, normal, x)
	for i := 0; i < n; i++ {
		row := x.Data[i*n : (i+1)*n]
		for pass := 0; pass < 2; pass++ { // twice is enough for full accuracy
			for k := 0; k < i; k++ {
				other := x.Data[k*n : (k+1)*n]
				d := inner(row, other)
				for j := range row {
					row[j] -= d * other[j]
				}
			}
		}
		s := math.Sqrt(inner(row, row))
		for j := range row {
			row[j] /= s
		}
	}
	return x
}

func inner(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// definite draws B Bᵀ/n, for spd plus a part of the identity.
func definite(rng *rand.Rand, p expr.Props, m manner, x *num.Mat, fresh bool) *num.Mat {
	n := x.R
	rank := n
	if !p.Has(expr.SPD) && m == normal && fresh && n > 1 {
		rank = n - 1
	}
	b := num.New(n, rank)
	fill(rng, normal, b)
	if p&(expr.Positive|expr.Nonnegative) != 0 {
		fill(rng, positive, b)
	}
	scale := 1.0
	switch m {
	case small:
		scale = 0.05
	case large:
		scale = 4
	case huge:
		scale = 15
	}
	for i := 0; i < n; i++ {
		for j := 0; j <= i; j++ {
			v := scale * inner(b.Data[i*rank:(i+1)*rank], b.Data[j*rank:(j+1)*rank]) / float64(n)
			x.Set(i, j, v)
			x.Set(j, i, v)
		}
		if rank == n {
			x.Set(i, i, x.At(i, i)+0.5*scale)
		}
	}
	return x
}

// fill draws every entry in the manner given, the matrix having no property.
func fill(rng *rand.Rand, m manner, x *num.Mat) {
	u := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	each := func(f func() float64) {
		for k := range x.Data {
			x.Data[k] = f()
		}
	}
	switch m {
	case positive:
		each(func() float64 { return u(0.5, 2) })
	case unit:
		each(func() float64 { return u(0.1, 0.9) })
	case signed:
		each(func() float64 { return u(-0.8, 0.8) })
	case small:
		each(func() float64 { return 0.1 * rng.NormFloat64() })
	case nonzero:
		each(func() float64 { return math.Copysign(u(0.5, 2), rng.Float64()-0.5) })
	case large:
		each(func() float64 { return u(1.2, 3) })
	case huge:
		each(func() float64 { return u(5, 20) })
	case negative:
		each(func() float64 { return u(-2, -0.5) })
	case tiny:
		each(func() float64 { return u(0.01, 0.05) })
	case simplex:
		// Sums of exactly 1 would let a result pass that needs them.
		each(func() float64 { return u(0.5, 2) })
		normalise(x, x.R == 1)
		by := u(0.8, 0.97)
		for k := range x.Data {
			x.Data[k] *= by
		}
	case whole:
		each(func() float64 { return float64(1 + rng.IntN(3)) })
	case sorted:
		for k, i := range rng.Perm(len(x.Data)) {
			x.Data[k] = (float64(i)-float64(len(x.Data))/2)*0.5 + u(0, 0.2)
		}
	case spd, dominant, rotated:
		if x.R != x.C {
			each(func() float64 { return u(0.5, 2) })
			return
		}
		if m == spd {
			// A skew part changes no quadratic form. Without it a transpose
			// that is missing would pass.
			definite(rng, expr.SPD|expr.PSD, normal, x, false)
			for i := 0; i < x.R; i++ {
				for j := 0; j < i; j++ {
					by := u(0.1, 0.5)
					x.Set(i, j, x.At(i, j)+by)
					x.Set(j, i, x.At(j, i)-by)
				}
			}
			return
		}
		n := float64(x.R)
		each(func() float64 { return u(-0.5, 0.5) / math.Sqrt(n) })
		for i := 0; i < x.R; i++ {
			x.Set(i, i, x.At(i, i)+u(1, 2))
		}
		if m == rotated {
			for j := 0; j < x.C; j++ {
				x.Set(0, j, -x.At(0, j))
			}
		}
	default:
		each(rng.NormFloat64)
	}
}
