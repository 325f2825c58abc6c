package iris

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// The fit of the regression is the optimum that Newton's method finds, written
// by hand with no part in common with the generated code. The bias is shifted
// by a constant without effect, so that probabilities are compared.
func TestSoftmaxOptimum(t *testing.T) {
	X, Y, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	const lambda = 1e-2
	W, b, value, err := FitSoftmax(X, Y, lambda)
	if err != nil {
		t.Fatal(err)
	}
	v, theta := newton(X, Y, lambda)
	if math.Abs(v-value) > 1e-10 {
		t.Errorf("L-BFGS on generated code ends at %.12f, Newton at %.12f", value, v)
	}
	n, d := X.Dims()
	_, k := Y.Dims()
	right := 0
	for i := range n {
		p := probabilities(X.RawRowView(i), theta, d, k)
		q := make([]float64, k)
		best := 0
		for c := range k {
			q[c] = b.At(0, c) + mat.Dot(mat.NewVecDense(d, X.RawRowView(i)), W.ColView(c))
			if q[c] > q[best] {
				best = c
			}
		}
		softmax(q)
		for c := range k {
			if math.Abs(p[c]-q[c]) > 1e-6 {
				t.Fatalf("flower %d, class %d: probability %v, by Newton %v", i, c, q[c], p[c])
			}
		}
		if Y.At(i, best) == 1 {
			right++
		}
	}
	t.Logf("objective %.10f, %d of %d right", value, right, n)
	if right < 140 {
		t.Errorf("%d of %d right", right, n)
	}
}

func softmax(z []float64) {
	m, s := math.Inf(-1), 0.0
	for _, v := range z {
		m = max(m, v)
	}
	for i, v := range z {
		z[i] = math.Exp(v - m)
		s += z[i]
	}
	for i := range z {
		z[i] /= s
	}
}

// probabilities of the classes of x; theta holds the weights, feature by
// feature, and then the biases.
func probabilities(x, theta []float64, d, k int) []float64 {
	z := make([]float64, k)
	for c := range k {
		z[c] = theta[d*k+c]
		for j := range d {
			z[c] += x[j] * theta[j*k+c]
		}
	}
	softmax(z)
	return z
}

// newton minimises the objective of softmax.txt. A tiny ridge on the biases
// settles their common shift and is too small to matter.
func newton(X, Y *mat.Dense, lambda float64) (value float64, theta []float64) {
	n, d := X.Dims()
	_, k := Y.Dims()
	p := (d + 1) * k
	theta = make([]float64, p)
	for range 60 {
		value = 0
		g, h := make([]float64, p), mat.NewSymDense(p, nil)
		for i := range n {
			x := append(append([]float64(nil), X.RawRowView(i)...), 1)
			q := probabilities(x, theta, d, k)
			for c := range k {
				value -= Y.At(i, c) * math.Log(q[c]) / float64(n)
			}
			for a := range d + 1 {
				for c := range k {
					g[a*k+c] += x[a] * (q[c] - Y.At(i, c)) / float64(n)
					for b := range d + 1 {
						for e := range k {
							if b*k+e < a*k+c {
								continue
							}
							w := -q[c] * q[e]
							if c == e {
								w += q[c]
							}
							h.SetSym(a*k+c, b*k+e, h.At(a*k+c, b*k+e)+x[a]*x[b]*w/float64(n))
						}
					}
				}
			}
		}
		for i := range d * k {
			value += lambda / 2 * theta[i] * theta[i]
			g[i] += lambda * theta[i]
			h.SetSym(i, i, h.At(i, i)+lambda)
		}
		for i := d * k; i < p; i++ {
			h.SetSym(i, i, h.At(i, i)+1e-9)
		}
		var chol mat.Cholesky
		if !chol.Factorize(h) {
			panic("Hessian is not positive definite")
		}
		var step mat.VecDense
		if err := chol.SolveVecTo(&step, mat.NewVecDense(p, g)); err != nil {
			panic(err)
		}
		for i := range theta {
			theta[i] -= step.AtVec(i)
		}
		if mat.Norm(&step, 2) < 1e-12 {
			break
		}
	}
	return value, theta
}

// The perceptron, trained through generated code, ends where the same method
// ends with a back-propagation written by hand.
func TestMLPOptimum(t *testing.T) {
	X, Y, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	const lambda, h, seed = 1e-2, 5, 3
	fit, value, err := FitMLP(X, Y, h, lambda, seed)
	if err != nil {
		t.Fatal(err)
	}
	n, d := X.Dims()
	_, k := Y.Dims()
	size := d*h + h + h*k + k
	problem := optimize.Problem{
		Func: func(x []float64) float64 { v, _ := byHand(X, Y, h, lambda, x); return v },
		Grad: func(g, x []float64) { _, s := byHand(X, Y, h, lambda, x); copy(g, s) },
	}
	r, err := optimize.Minimize(problem, Start(size, seed), settings(), &optimize.LBFGS{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.F-value) > 1e-8 {
		t.Errorf("generated code ends at %.12f, the one by hand at %.12f", value, r.F)
	}
	right := 0
	for i := range n {
		x := make([]float64, size)
		NewMLP(n, d, h, k).Pack(x, fit)
		p := forward(X.RawRowView(i), x, d, h, k, nil)
		best := 0
		for c := range k {
			if p[c] > p[best] {
				best = c
			}
		}
		if Y.At(i, best) == 1 {
			right++
		}
	}
	t.Logf("objective %.10f, %d of %d right", value, right, n)
	if right < 145 {
		t.Errorf("%d of %d right", right, n)
	}
}

// forward returns the probabilities of one flower and stores the hidden units
// in a, if it is not nil. x holds W, b, V, c.
func forward(f, x []float64, d, h, k int, a []float64) []float64 {
	if a == nil {
		a = make([]float64, h)
	}
	W, b, V, c := x[:d*h], x[d*h:d*h+h], x[d*h+h:d*h+h+h*k], x[d*h+h+h*k:]
	for u := range h {
		s := b[u]
		for j := range d {
			s += f[j] * W[j*h+u]
		}
		a[u] = math.Tanh(s)
	}
	z := make([]float64, k)
	for o := range k {
		z[o] = c[o]
		for u := range h {
			z[o] += a[u] * V[u*k+o]
		}
	}
	softmax(z)
	return z
}

// byHand is the objective of mlp.txt and its gradient, flower by flower.
func byHand(X, Y *mat.Dense, h int, lambda float64, x []float64) (float64, []float64) {
	n, d := X.Dims()
	_, k := Y.Dims()
	g := make([]float64, len(x))
	a := make([]float64, h)
	value := 0.0
	vAt := d*h + h
	for i := range n {
		f := X.RawRowView(i)
		p := forward(f, x, d, h, k, a)
		for o := range k {
			value -= Y.At(i, o) * math.Log(p[o]) / float64(n)
			p[o] = (p[o] - Y.At(i, o)) / float64(n)
			g[vAt+h*k+o] += p[o]
		}
		for u := range h {
			s := 0.0
			for o := range k {
				g[vAt+u*k+o] += a[u] * p[o]
				s += p[o] * x[vAt+u*k+o]
			}
			s *= 1 - a[u]*a[u]
			g[d*h+u] += s
			for j := range d {
				g[j*h+u] += f[j] * s
			}
		}
	}
	for i, v := range x {
		if i < d*h || i >= vAt && i < vAt+h*k {
			value += lambda / 2 * v * v
			g[i] += lambda * v
		}
	}
	return value, g
}
