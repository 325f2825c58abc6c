package num

import (
	"math"
	"math/rand/v2"
	"testing"
)

func random(r *rand.Rand, m, n int) *Mat {
	return New(m, n).Map(func(float64) float64 { return r.NormFloat64() })
}

func close(t *testing.T, what string, a, b *Mat, tol float64) {
	t.Helper()
	if a.R != b.R || a.C != b.C || !(Add(a, -1, b).MaxAbs() <= tol*(1+b.MaxAbs())) {
		t.Errorf("%s:\n%v\nwant\n%v", what, a, b)
	}
}

func TestFactorisations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := 1; n <= 7; n++ {
		a := random(r, n, n)
		inv, err := Inv(a)
		if err != nil {
			t.Fatal(err)
		}
		close(t, "A·A⁻¹", Mul(a, inv), Eye(n), 1e-9)
		close(t, "dual inverse", func() *Mat { d, _ := InvDual(Const(a)); return d.Value() }(), inv, 1e-9)
		l, s := LogDet(a)
		if d := Det(a); math.Abs(d-s*math.Exp(l)) > 1e-12*math.Abs(d) {
			t.Errorf("det %g, logdet %g %g", d, l, s)
		}
		pv, _, sign, _, err := LUDual(Const(a))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pv {
			sign *= p
		}
		if d := Det(a); math.Abs(d-sign) > 1e-10*math.Abs(d) {
			t.Errorf("det %g, dual pivots give %g", d, sign)
		}
		for m := 1; m <= 5; m++ {
			b := random(r, n, m)
			u, sv, v, err := SVD(b)
			if err != nil {
				t.Fatal(err)
			}
			us := u.Clone()
			for i := range us.Data {
				us.Data[i] *= sv[i%us.C]
			}
			close(t, "U·S·Vᵀ", Mul(us, v.T()), b, 1e-12)
			q, err := Polar(b)
			if err != nil {
				t.Fatal(err)
			}
			d, err := PolarDual(Const(b))
			if err != nil {
				t.Fatal(err)
			}
			close(t, "dual polar factor", d.Value(), q, 1e-9)
		}
	}
}

func TestSingular(t *testing.T) {
	for _, m := range []*Mat{New(3, 3), Fill(2, 2, 1), Fill(1, 1, math.NaN()), Fill(2, 2, math.Inf(1))} {
		if _, err := Inv(m); err == nil {
			t.Errorf("inverse of %v", m)
		}
		if _, err := InvDual(Const(m)); err == nil {
			t.Errorf("dual inverse of %v", m)
		}
		if _, err := Polar(m); err == nil {
			t.Errorf("polar factor of %v", m)
		}
	}
	if _, err := Inv(New(2, 3)); err == nil {
		t.Error("inverse of 2×3")
	}
	if d := Det(New(3, 3)); d != 0 {
		t.Errorf("det of zeros is %g", d)
	}
}

func TestExpm(t *testing.T) {
	// exp of a rotation generator is the rotation.
	for _, x := range []float64{0, 1e-9, 0.3, 2, 40} {
		want := FromRows([]float64{math.Cos(x), -math.Sin(x)}, []float64{math.Sin(x), math.Cos(x)})
		g := FromRows([]float64{0, -x}, []float64{x, 0})
		close(t, "expm", Expm(g), want, 1e-11)
		close(t, "dual expm", ExpmDual(Const(g)).Value(), want, 1e-11)
	}
	r := rand.New(rand.NewPCG(2, 2))
	for n := 1; n <= 6; n++ {
		a := Scale(2, random(r, n, n))
		close(t, "two exponentials", ExpmDual(Const(a)).Value(), Expm(a), 1e-10)
	}
}

func TestSumIsCompensated(t *testing.T) {
	if s := FromRows([]float64{1, 1e100, 1, -1e100}).Sum(); s != 2 {
		t.Errorf("sum %g, want 2", s)
	}
	if s := FromRows([]float64{math.Inf(1), 1}).Sum(); !math.IsInf(s, 1) {
		t.Errorf("sum with ∞ is %g", s)
	}
	if n := Fill(2, 2, 1e300).Norm(); math.Abs(n-2e300) > 1e286 {
		t.Errorf("norm %g, want 2e300", n)
	}
}
