package kernel

import (
	"math"
	"math/big"
	"math/rand"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

func random(r *rand.Rand, m, n int) blas64.General {
	a := newMat(m, n+3) // a stride of its own
	a.Cols = n
	for i := range a.Data {
		a.Data[i] = r.NormFloat64()
	}
	return a
}

// Every way of multiplying gives what gonum's gives, at small, thin, wide and
// large sizes.
func TestGemm(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for _, s := range [][3]int{{1, 1, 1}, {3, 2, 5}, {32, 3, 10}, {64, 10, 784}, {784, 10, 64}, {64, 300, 7}, {100, 130, 90}, {5, 41, 90}, {70, 40, 200}, {500, 5, 64}, {64, 500, 5}, {100, 256, 20}, {9, 700, 80}} {
		for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
			for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
				for _, room := range []int{0, packRoom(s[0], s[1], s[2])} {
					for _, beta := range []float64{0, 1, -0.5} {
						m, n, k := s[0], s[1], s[2]
						A, B, C := random(r, m, k), random(r, k, n), random(r, m, n)
						if tA == blas.Trans {
							A = random(r, k, m)
						}
						if tB == blas.Trans {
							B = random(r, n, k)
						}
						want := newMat(m, n)
						copyMat(want, C, false)
						blas64.Gemm(tA, tB, 0.7, A, B, beta, want)
						gemm(make([]float64, room), tA, tB, 0.7, A, B, beta, C)
						for i := range m {
							for j := range n {
								if d := C.Data[i*C.Stride+j] - want.Data[i*n+j]; math.Abs(d) > 1e-11 {
									t.Fatalf("%v %c %c beta %v room %d: entry %d,%d off by %v", s, tA, tB, beta, room, i, j, d)
								}
							}
						}
					}
				}
			}
		}
	}
}

// The product of a matrix and its transpose is what gemm gives, both triangles.
func TestSyrk(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for _, s := range [][2]int{{1, 1}, {5, 3}, {50, 64}, {64, 300}, {200, 70}, {300, 5}} {
		for _, beta := range []float64{0, 1} {
			n, k := s[0], s[1]
			A, At := random(r, n, k), random(r, k, n)
			C, D, want := newMat(n, n), newMat(n, n), newMat(n, n)
			identity(C)
			identity(D)
			identity(want)
			syrk(blas.NoTrans, 0.7, A, beta, C)
			gemm(nil, blas.NoTrans, blas.Trans, 0.7, A, A, beta, want)
			copyMat(At, A, true)
			syrk(blas.Trans, 0.7, At, beta, D)
			for i := range want.Data {
				if math.Abs(C.Data[i]-want.Data[i]) > 1e-11 || math.Abs(D.Data[i]-want.Data[i]) > 1e-11 {
					t.Fatalf("%v beta %v: entry %d is %v and %v, want %v", s, beta, i, C.Data[i], D.Data[i], want.Data[i])
				}
			}
		}
	}
}

// Factorisations solve and give determinants, at sizes below and above a block.
func TestFactorisations(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for _, n := range []int{1, 2, 7, 48, 64, 65, 130, 200} {
		a, x := random(r, n, n), random(r, n, 3)
		spd := newMat(n, n)
		gemm(nil, blas.NoTrans, blas.Trans, 1, a, a, 0, spd)
		for i := range n {
			spd.Data[i*n+i]++
		}
		residual := func(name string, t2 blas.Transpose, m blas64.General, y blas64.General) {
			z := newMat(n, 3)
			blas64.Gemm(t2, blas.NoTrans, 1, m, y, 0, z)
			for i := range n {
				for j := range 3 {
					if d := z.Data[i*3+j] - x.Data[i*x.Stride+j]; !(math.Abs(d) < 1e-8) {
						t.Fatalf("%s n=%d: residual %v", name, n, d)
					}
				}
			}
		}
		u, y := newMat(n, n), newMat(n, 3)
		copyMat(u, spd, false)
		cholesky(u)
		copyMat(y, x, false)
		cholSolve(u, y)
		residual("cholesky", blas.NoTrans, spd, y)
		lu, piv := newMat(n, n), make([]int, n)
		copyMat(lu, a, false)
		luFactor(lu, piv)
		for _, trans := range []bool{false, true} {
			copyMat(y, x, false)
			luSolve(trans, lu, piv, y)
			tt := blas.NoTrans
			if trans {
				tt = blas.Trans
			}
			residual("lu", tt, a, y)
		}
		copyMat(lu, spd, false)
		luFactor(lu, piv)
		if l, c := luLogDet(lu, piv), cholLogDet(u); math.Abs(l-c) > 1e-9*(1+math.Abs(c)) {
			t.Errorf("n=%d: log det by LU %v, by Cholesky %v", n, l, c)
		}
	}
	bad := newMat(3, 3)
	bad.Data[0] = -1
	cholesky(bad)
	if !math.IsNaN(cholLogDet(bad)) {
		t.Error("Cholesky of a matrix that is not positive definite is not NaN")
	}
}

// bigExp is e^x to some 60 digits.
func bigExp(x float64) *big.Float {
	const prec = 200
	k := 0
	for math.Abs(x) > math.Ldexp(1, k-8) {
		k++
	}
	y := new(big.Float).SetPrec(prec).SetMantExp(big.NewFloat(x).SetPrec(prec), -k)
	sum, term := big.NewFloat(1).SetPrec(prec), big.NewFloat(1).SetPrec(prec)
	for i := 1; i < 30; i++ {
		term.Mul(term, y)
		term.Quo(term, big.NewFloat(float64(i)))
		sum.Add(sum, term)
	}
	for range k {
		sum.Mul(sum, sum)
	}
	return sum
}

// ulps is the distance of got from want in units of the last place of want.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	d := new(big.Float).SetPrec(200).Sub(big.NewFloat(got).SetPrec(200), want)
	f, _ := d.Float64()
	u := math.Nextafter(math.Abs(w), math.Inf(1)) - math.Abs(w)
	return math.Abs(f) / u
}

// The elementary functions against extended precision, over their range and
// near what they treat apart.
func TestElementary(t *testing.T) {
	r := rand.New(rand.NewSource(4))
	one := big.NewFloat(1).SetPrec(200)
	worst := make(map[string]float64)
	note := func(name string, x, got float64, want *big.Float, limit float64) {
		u := ulps(got, want)
		worst[name] = max(worst[name], u)
		if !(u <= limit) {
			t.Fatalf("%s(%v) = %v is %v ulp off", name, x, got, u)
		}
	}
	for i := range 6000 {
		x := r.NormFloat64() * math.Pow(2, float64(i%14-6))
		switch i % 20 {
		case 0:
			x = r.Float64()*1400 - 700
		case 1:
			x = (float64(i%400) - 200 + 0.5) * math.Ln2 / 64
		case 2:
			x = math.Ldexp(r.Float64(), -i%60)
		}
		if math.Abs(x) < 708 {
			note("exp", x, exp(x), bigExp(x), 0.6)
		}
		if math.Abs(x) < 20 && x != 0 {
			e := bigExp(2 * x)
			n := new(big.Float).SetPrec(200).Sub(e, one)
			note("tanh", x, tanh(x), n.Quo(n, e.Add(e, one)), 4)
		}
		// log(1+e) = 2(z + z³/3 + …), z = e/(2+e)
		e := min(math.Abs(x), 1/(1+math.Abs(x)))
		z := big.NewFloat(e).SetPrec(200)
		z.Quo(z, new(big.Float).SetPrec(200).Add(z, big.NewFloat(2)))
		q := new(big.Float).SetPrec(200).Mul(z, z)
		sum, p := new(big.Float).SetPrec(200), new(big.Float).SetPrec(200).Set(z)
		for k := 1; k < 90; k += 2 {
			sum.Add(sum, new(big.Float).SetPrec(200).Quo(p, big.NewFloat(float64(k))))
			p.Mul(p, q)
		}
		if e != 0 {
			note("log1pUnit", e, log1pUnit(e), sum.Mul(sum, big.NewFloat(2)), 1.5)
		}
	}
	t.Logf("worst errors in ulp: %v", worst)
	inf, nan := math.Inf(1), math.NaN()
	for _, x := range []float64{0, math.Copysign(0, -1), inf, -inf, nan, 800, -800, -745.2, -740, 709.5, 709.8, 5e-324, -5e-324, 1e-310, 22, -22} {
		if got, want := exp(x), math.Exp(x); !(math.Abs(got-want) <= 1e-15*want || got == want || got != got && want != want) {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
		if got, want := tanh(x), math.Tanh(x); got != want && !(got != got && want != want) || math.Signbit(got) != math.Signbit(want) && x == x {
			t.Errorf("tanh(%v) = %v, want %v", x, got, want)
		}
	}
	for _, e := range []float64{0, 1, 5e-324, nan, 0.5} {
		if got, want := log1pUnit(e), math.Log1p(e); !(math.Abs(got-want) <= 3e-16*want || got != got && want != want) {
			t.Errorf("log1pUnit(%v) = %v, want %v", e, got, want)
		}
	}
}

// The text of every kernel is complete: what it calls is there.
func TestSources(t *testing.T) {
	for _, n := range Names() {
		f, err := Lookup(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range f.Calls {
			if _, err := Lookup(c); err != nil {
				t.Error(err)
			}
		}
	}
}

// What is computed a strip at a time is what is computed one by one, bit by bit,
// at whatever stride.
func TestStrips(t *testing.T) {
	xs := []float64{0, 1, -1, 0.5, 1e-300, 1e-17, 0.0078125, 0.5, 0.999, -3, 12, -708, 709, 800, -800, math.Inf(1), math.Inf(-1), math.NaN()}
	same := func(name string, f func(y, x blas64.General), one func(x float64) float64) {
		for _, stride := range []int{1, 3} {
			n := len(xs)
			x := blas64.General{Rows: n, Cols: 1, Stride: stride, Data: make([]float64, n*stride)}
			y := blas64.General{Rows: n, Cols: 1, Stride: stride, Data: make([]float64, n*stride)}
			for i, v := range xs {
				x.Data[i*stride] = v
			}
			f(y, x)
			for i, v := range xs {
				if got, want := y.Data[i*stride], one(v); math.Float64bits(got) != math.Float64bits(want) && !(got != got && want != want) {
					t.Errorf("%s(%v) = %v in a strip of stride %d, %v alone", name, v, got, stride, want)
				}
			}
		}
	}
	same("exp", expStrip, exp)
	same("exp(-|x|)", expNegAbsStrip, func(x float64) float64 { return exp(-math.Abs(x)) })
	same("log1p", log1pUnitStrip, log1pUnit)
	same("tanh", tanhStrip, tanh)
}

// The adjugate is the cofactors turned, also of singular matrices, and X·adj(X)
// is det(X)·I.
func TestAdjugate(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	minor := func(x blas64.General, skipR, skipC int) float64 {
		n := x.Rows - 1
		if n == 0 {
			return 1
		}
		m, piv := newMat(n, n), make([]int, n)
		for i := range n {
			for j := range n {
				a, b := i, j
				if a >= skipR {
					a++
				}
				if b >= skipC {
					b++
				}
				m.Data[i*n+j] = x.Data[a*x.Stride+b]
			}
		}
		luFactor(m, piv)
		return luDet(m, piv)
	}
	for _, n := range []int{1, 2, 3, 5, 8} {
		for less := range 3 { // of full rank, and one and two less
			x, y := random(r, n, n), random(r, n, n)
			for i := max(0, n-less); i < n; i++ {
				for j := range n {
					x.Data[i*x.Stride+j] = 2 * x.Data[j]
					if n <= less {
						x.Data[i*x.Stride+j] = 0
					}
				}
			}
			adjugate(make([]float64, 2*n*(n+1)), y, x)
			scale := 0.0
			for i := range n {
				for j := range n {
					scale = max(scale, math.Abs(minor(x, i, j)))
				}
			}
			for i := range n {
				for j := range n {
					want := minor(x, j, i)
					if (i+j)%2 == 1 {
						want = -want
					}
					if d := y.Data[i*y.Stride+j] - want; !(math.Abs(d) <= 1e-13*max(scale, 1)) {
						t.Fatalf("n=%d, rank %d less: entry %d,%d is %v, want %v", n, less, i, j, y.Data[i*y.Stride+j], want)
					}
				}
			}
		}
	}
}
