// Package bench measures the generated code against its peers: what a careful
// user of gonum writes by hand, and, in the module bench/peers, other BLAS and
// other libraries.
package bench

import (
	"fmt"
	"math"
	"math/rand"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

//go:generate go run ./gen

// Workload is one program at one size: the generated code and its peers on the
// same data, each returning the objective and filling the same gradients.
type Workload struct {
	Name  string
	Run   []Runner
	Grads func() [][]float64 // copies of all gradients
}

// Runner is one way of computing a workload.
type Runner struct {
	Name string
	Step func() float64
}

func random(r *rand.Rand, m, n int) *mat.Dense {
	d := mat.NewDense(m, n, nil)
	for i := range d.RawMatrix().Data {
		d.RawMatrix().Data[i] = r.NormFloat64() / math.Sqrt(float64(n))
	}
	return d
}

func onehot(r *rand.Rand, m, n int) *mat.Dense {
	d := mat.NewDense(m, n, nil)
	for i := range m {
		d.Set(i, r.Intn(n), 1)
	}
	return d
}

func raw(d *mat.Dense) blas64.General { return d.RawMatrix() }

func column(d *mat.Dense) *mat.VecDense {
	r, _ := d.Dims()
	return mat.NewVecDense(r, d.RawMatrix().Data)
}

func general(r, c int) blas64.General {
	return blas64.General{Rows: r, Cols: c, Stride: c, Data: make([]float64, r*c)}
}

func vec(n int) blas64.Vector { return blas64.Vector{N: n, Inc: 1, Data: make([]float64, n)} }

func copies(ds ...*mat.Dense) func() [][]float64 {
	return func() [][]float64 {
		var out [][]float64
		for _, d := range ds {
			out = append(out, append([]float64(nil), d.RawMatrix().Data...))
		}
		return out
	}
}

func softmaxWork(n, d, k int) Workload {
	r := rand.New(rand.NewSource(1))
	X, W, b, Y := random(r, n, d), random(r, d, k), random(r, 1, k), onehot(r, n, k)
	m := NewSoftmaxRegression(n, d, k)
	in := &SoftmaxRegressionInput{X: X, W: W, B: b, Y: Y}
	g := m.NewGrad()
	var dn denseSoftmax
	bl := blasSoftmax{general(n, k)}
	return Workload{fmt.Sprintf("softmax/%dx%dx%d", n, d, k), []Runner{
		{"generated", func() float64 { return m.ValueAndGrad(in, g) }},
		{"dense", func() float64 { return dn.step(X, W, b, Y, g.W, g.B) }},
		{"blas64", func() float64 { return bl.step(raw(X), raw(W), raw(b), raw(Y), raw(g.W), raw(g.B)) }},
	}, copies(g.W, g.B)}
}

func logisticWork(n, d int) Workload {
	r := rand.New(rand.NewSource(2))
	X, w, y := random(r, n, d), random(r, d, 1), mat.NewDense(n, 1, nil)
	for i := range n {
		y.Set(i, 0, float64(r.Intn(2)))
	}
	m := NewLogisticRegression(n, d)
	g := m.NewGrad()
	in := &LogisticRegressionInput{X: X, W: w, Y: y}
	var dn denseLogistic
	bl := blasLogistic{vec(n)}
	wv, yv, gv := column(w), column(y), column(g.W)
	return Workload{fmt.Sprintf("logistic/%dx%d", n, d), []Runner{
		{"generated", func() float64 { return m.ValueAndGrad(in, g) }},
		{"dense", func() float64 { return dn.step(X, wv, yv, gv) }},
		{"blas64", func() float64 { return bl.step(raw(X), wv.RawVector(), yv.RawVector(), gv.RawVector()) }},
	}, copies(g.W)}
}

func mlpWork(n, d, h, k int) Workload {
	r := rand.New(rand.NewSource(3))
	X, W, b, V, c, Y := random(r, n, d), random(r, d, h), random(r, 1, h), random(r, h, k), random(r, 1, k), onehot(r, n, k)
	m := NewMLP(n, d, h, k)
	g := m.NewGrad()
	in := &MLPInput{X: X, W: W, B: b, V: V, C: c, Y: Y}
	var dn denseMLP
	bl := blasMLP{general(n, h), general(n, k), general(n, h)}
	return Workload{fmt.Sprintf("mlp/%dx%dx%dx%d", n, d, h, k), []Runner{
		{"generated", func() float64 { return m.ValueAndGrad(in, g) }},
		{"dense", func() float64 { return dn.step(X, W, b, V, c, Y, g.W, g.B, g.V, g.C) }},
		{"blas64", func() float64 {
			return bl.step(raw(X), raw(W), raw(b), raw(V), raw(c), raw(Y), raw(g.W), raw(g.B), raw(g.V), raw(g.C))
		}},
	}, copies(g.W, g.B, g.V, g.C)}
}

func leastSquaresWork(n, d int) Workload {
	r := rand.New(rand.NewSource(4))
	A, x, b := random(r, n, d), random(r, d, 1), random(r, n, 1)
	m := NewLeastSquares(n, d)
	g := m.NewGrad()
	in := &LeastSquaresInput{A: A, X: x, B: b}
	var dn denseLeastSquares
	bl := blasLeastSquares{vec(n)}
	xv, bv, gv := column(x), column(b), column(g.X)
	return Workload{fmt.Sprintf("leastsquares/%dx%d", n, d), []Runner{
		{"generated", func() float64 { return m.ValueAndGrad(in, g) }},
		{"dense", func() float64 { return dn.step(A, xv, bv, gv) }},
		{"blas64", func() float64 { return bl.step(raw(A), xv.RawVector(), bv.RawVector(), gv.RawVector()) }},
	}, copies(g.X)}
}

func factorisationWork(n, k int) Workload {
	r := rand.New(rand.NewSource(5))
	R, U, V := random(r, n, n), random(r, n, k), random(r, n, k)
	m := NewFactorisation(n, n, k)
	g := m.NewGrad()
	in := &FactorisationInput{R: R, U: U, V: V}
	var dn denseFactorisation
	bl := blasFactorisation{general(n, n)}
	return Workload{fmt.Sprintf("factorisation/%dx%dx%d", n, n, k), []Runner{
		{"generated", func() float64 { return m.ValueAndGrad(in, g) }},
		{"dense", func() float64 { return dn.step(R, U, V, g.U, g.V) }},
		{"blas64", func() float64 { return bl.step(raw(R), raw(U), raw(V), raw(g.U), raw(g.V)) }},
	}, copies(g.U, g.V)}
}

func gaussianWork(n, d int) Workload {
	r := rand.New(rand.NewSource(6))
	X, mu, B := random(r, n, d), random(r, d, 1), random(r, d, d)
	S := mat.NewDense(d, d, nil)
	S.Mul(B, B.T())
	for i := range d {
		S.Set(i, i, S.At(i, i)+1)
	}
	sym := mat.NewSymDense(d, append([]float64(nil), S.RawMatrix().Data...))
	m := NewGaussian(n, d)
	g := m.NewGrad()
	in := &GaussianInput{X: X, M: mu, S: S}
	var dn denseGaussian
	mv, gv := column(mu), column(g.M)
	return Workload{fmt.Sprintf("gaussian/%dx%d", n, d), []Runner{
		{"generated", func() float64 { return m.ValueAndGrad(in, g) }},
		{"dense", func() float64 { return dn.step(X, mv, sym, g.S, gv) }},
	}, copies(g.S, g.M)}
}

func attentionWork(n, d int) Workload {
	r := rand.New(rand.NewSource(7))
	Q, K, V, T := random(r, n, d), random(r, n, d), random(r, n, d), random(r, n, d)
	m := NewAttention(n, d)
	g := m.NewGrad()
	in := &AttentionInput{Q: Q, K: K, V: V, T: T}
	var dn denseAttention
	bl := blasAttention{general(n, n), general(n, d), general(n, n)}
	return Workload{fmt.Sprintf("attention/%dx%d", n, d), []Runner{
		{"generated", func() float64 { return m.ValueAndGrad(in, g) }},
		{"dense", func() float64 { return dn.step(Q, K, V, T, g.Q, g.K, g.V) }},
		{"blas64", func() float64 {
			return bl.step(raw(Q), raw(K), raw(V), raw(T), raw(g.Q), raw(g.K), raw(g.V))
		}},
	}, copies(g.Q, g.K, g.V)}
}

// Workloads lists the programs and sizes that are measured.
func Workloads() []func() Workload {
	return []func() Workload{
		func() Workload { return softmaxWork(32, 10, 3) },
		func() Workload { return softmaxWork(64, 32, 10) },
		func() Workload { return softmaxWork(1000, 784, 10) },
		func() Workload { return softmaxWork(256, 512, 512) },
		func() Workload { return logisticWork(32, 10) },
		func() Workload { return logisticWork(1000, 100) },
		func() Workload { return logisticWork(10000, 100) },
		func() Workload { return mlpWork(256, 784, 128, 10) },
		func() Workload { return leastSquaresWork(1000, 100) },
		func() Workload { return factorisationWork(500, 5) },
		func() Workload { return factorisationWork(500, 20) },
		func() Workload { return gaussianWork(1000, 50) },
		func() Workload { return attentionWork(128, 64) },
	}
}
