package kernel

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
)

// expAll replaces each entry of x by its exponential, as exp does.
func expAll(x []float64) {
	const round = 0x1.8p52
	for i, v := range x {
		if !(v >= -708 && v <= 709) {
			x[i] = math.Exp(v)
			continue
		}
		n := v*(64/math.Ln2) + round
		b := math.Float64bits(n)
		n -= round
		r := v - n*0x1.62e42fefp-7 - n*0x1.473de6af278edp-40
		t := &expTable[b&63]
		q := r * r
		p := t[1] + r + q*(0.5+r*(1.0/6)) + q*q*(1.0/24+r*(1.0/120)+q*(1.0/720))
		s := math.Float64frombits(math.Float64bits(t[0]) + b>>6<<52)
		x[i] = s + s*p
	}
}

// tanhAll replaces each entry of x by its hyperbolic tangent, as tanh does.
func tanhAll(x []float64) {
	const round = 0x1.8p52
	for i, v := range x {
		a := -2 * math.Abs(v)
		if !(a >= -44) {
			x[i] = tanh(v)
			continue
		}
		n := a*(64/math.Ln2) + round
		b := math.Float64bits(n)
		n -= round
		r := a - n*0x1.62e42fefp-7 - n*0x1.473de6af278edp-40
		t := &expTable[b&63]
		q := r * r
		p := t[1] + (r + (q*(0.5+r*(1.0/6)) + q*q*(1.0/24+r*(1.0/120)+q*(1.0/720))))
		s := math.Float64frombits(math.Float64bits(t[0]) + b>>6<<52)
		e := (s - 1) + s*p
		x[i] = math.Copysign(e/(2+e), v)
	}
}

// log1pUnitAll replaces each entry of x, in [0, 1], by log(1+x), as log1pUnit
// does.
func log1pUnitAll(x []float64) {
	const round = 0x1.8p46 // its last bit is a 64th
	for i, e := range x {
		if !(e >= 0 && e <= 1) {
			x[i] = math.Log1p(e)
			continue
		}
		c := e + round
		t := &logTable[math.Float64bits(c)&127]
		u := (e - (c - round)) * t[0]
		q := u * u
		x[i] = t[1] + (t[2] + (u - q*((0.5-u*(1.0/3))+q*((0.25-u*(1.0/5))+q*(1.0/6-u*(1.0/7)+q*(1.0/8))))))
	}
}

// copyColumn copies the column x to y.
func copyColumn(y, x blas64.General) {
	if x.Stride == 1 && y.Stride == 1 {
		copy(y.Data[:x.Rows], x.Data)
		return
	}
	for i := range x.Rows {
		y.Data[i*y.Stride] = x.Data[i*x.Stride]
	}
}

// expStrip stores the exponentials of the column x in y.
func expStrip(y, x blas64.General) {
	copyColumn(y, x)
	if y.Stride == 1 {
		expAll(y.Data[:y.Rows])
		return
	}
	for i := range y.Rows {
		y.Data[i*y.Stride] = exp(y.Data[i*y.Stride])
	}
}

// expNegAbsStrip stores exp(-|x|) of each entry of the column x in y.
func expNegAbsStrip(y, x blas64.General) {
	for i := range x.Rows {
		y.Data[i*y.Stride] = -math.Abs(x.Data[i*x.Stride])
	}
	expStrip(y, y)
}

// log1pUnitStrip stores log(1+x) of each entry of the column x, all in [0, 1],
// in y.
func log1pUnitStrip(y, x blas64.General) {
	copyColumn(y, x)
	if y.Stride == 1 {
		log1pUnitAll(y.Data[:y.Rows])
		return
	}
	for i := range y.Rows {
		y.Data[i*y.Stride] = log1pUnit(y.Data[i*y.Stride])
	}
}

// tanhStrip stores the hyperbolic tangents of the column x in y.
func tanhStrip(y, x blas64.General) {
	copyColumn(y, x)
	if y.Stride == 1 {
		tanhAll(y.Data[:y.Rows])
		return
	}
	for i := range y.Rows {
		y.Data[i*y.Stride] = tanh(y.Data[i*y.Stride])
	}
}
