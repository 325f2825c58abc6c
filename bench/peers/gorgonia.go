package main

import (
	"fmt"
	"math"
	"math/rand"
	"time"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/matdiff/matdiff/bench"
)

// gorgoniaPeer is softmax or logistic regression on Gorgonia's tape machine,
// nil for other workloads.
func gorgoniaPeer(name string) *peer {
	var n, d, k int
	g := G.NewGraph()
	r := rand.New(rand.NewSource(1))
	matrix := func(name string, rows, cols int, f func(i, j int) float64) *G.Node {
		data := make([]float64, rows*cols)
		for i := range rows {
			for j := range cols {
				data[i*cols+j] = f(i, j)
			}
		}
		t := tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(data))
		return G.NewMatrix(g, tensor.Float64, G.WithShape(rows, cols), G.WithName(name), G.WithValue(t))
	}
	normal := func(cols int) func(i, j int) float64 {
		return func(i, j int) float64 { return r.NormFloat64() / math.Sqrt(float64(cols)) }
	}
	var wrt []*G.Node
	if _, err := fmt.Sscanf(name, "softmax/%dx%dx%d", &n, &d, &k); err == nil {
		X, W, b := matrix("X", n, d, normal(d)), matrix("W", d, k, normal(k)), matrix("b", 1, k, normal(k))
		Y := matrix("Y", n, k, func(i, j int) float64 {
			if i%k == j {
				return 1
			}
			return 0
		})
		P := G.Must(G.SoftMax(G.Must(G.BroadcastAdd(G.Must(G.Mul(X, W)), b, nil, []byte{0}))))
		Q := G.Must(G.Neg(G.Must(G.Mean(G.Must(G.Sum(G.Must(G.HadamardProd(Y, G.Must(G.Log(P)))), 1))))))
		wrt = []*G.Node{W, b}
		if _, err := G.Grad(Q, wrt...); err != nil {
			return nil
		}
	} else if _, err := fmt.Sscanf(name, "logistic/%dx%d", &n, &d); err == nil {
		X, w := matrix("X", n, d, normal(d)), matrix("w", d, 1, normal(d))
		y := matrix("y", n, 1, func(i, _ int) float64 { return float64(i % 2) })
		z := G.Must(G.Mul(X, w))
		Q := G.Must(G.Mean(G.Must(G.Sub(G.Must(G.Softplus(z)), G.Must(G.HadamardProd(y, z))))))
		wrt = []*G.Node{w}
		if _, err := G.Grad(Q, wrt...); err != nil {
			return nil
		}
	} else {
		return nil
	}
	vm := G.NewTapeMachine(g, G.BindDualValues(wrt...))
	return &peer{name: "gorgonia", run: func(n int) (time.Duration, error) {
		start := bench.CPUTime()
		for range n {
			vm.Reset()
			if err := vm.RunAll(); err != nil {
				return 0, err
			}
		}
		return bench.CPUTime() - start, nil
	}}
}
