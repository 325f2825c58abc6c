package num

// LeastNorm returns the shortest x for which a x comes closest to b; singular
// values below 1e-12 of the largest count as zero. It returns nil if a cannot be
// factored.
func LeastNorm(a *Mat, b []float64) []float64 {
	u, s, v, err := SVD(a)
	if err != nil {
		return nil
	}
	x := make([]float64, a.C)
	for k, sigma := range s {
		if sigma <= 1e-12*s[0] {
			break
		}
		c := 0.0
		for i := range b {
			c += u.At(i, k) * b[i]
		}
		for j := range x {
			x[j] += c / sigma * v.At(j, k)
		}
	}
	return x
}
