package main

import (
	"fmt"
	"math"
	"math/rand"
	"time"

	"github.com/gomlx/gomlx/backends/simplego"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"

	"github.com/matdiff/matdiff/bench"
)

// gomlxPeer is softmax or logistic regression on GoMLX with its backend in Go,
// nil for other workloads.
func gomlxPeer(name string) *peer {
	backend, err := simplego.New("")
	if err != nil {
		return nil
	}
	var n, d, k int
	r := rand.New(rand.NewSource(1))
	matrix := func(rows, cols int, f func(i, j int) float64) any {
		data := make([]float64, rows*cols)
		for i := range rows {
			for j := range cols {
				data[i*cols+j] = f(i, j)
			}
		}
		return tensors.FromFlatDataAndDimensions(data, rows, cols)
	}
	normal := func(cols int) func(i, j int) float64 {
		return func(i, j int) float64 { return r.NormFloat64() / math.Sqrt(float64(cols)) }
	}
	var exec *Exec
	var args []any
	if _, e := fmt.Sscanf(name, "softmax/%dx%dx%d", &n, &d, &k); e == nil {
		args = []any{matrix(n, d, normal(d)), matrix(d, k, normal(k)), matrix(1, k, normal(k)), matrix(n, k, func(i, j int) float64 {
			if i%k == j {
				return 1
			}
			return 0
		})}
		exec, err = NewExec(backend, func(in []*Node) []*Node {
			X, W, b, Y := in[0], in[1], in[2], in[3]
			Z := Add(Dot(X, W), BroadcastToShape(b, Y.Shape()))
			Q := DivScalar(Neg(ReduceAllSum(Mul(Y, LogSoftmax(Z)))), float64(n))
			return append([]*Node{Q}, Gradient(Q, W, b)...)
		})
	} else if _, e := fmt.Sscanf(name, "logistic/%dx%d", &n, &d); e == nil {
		args = []any{matrix(n, d, normal(d)), matrix(d, 1, normal(d)), matrix(n, 1, func(i, _ int) float64 { return float64(i % 2) })}
		exec, err = NewExec(backend, func(in []*Node) []*Node {
			X, w, y := in[0], in[1], in[2]
			z := Dot(X, w)
			Q := ReduceAllMean(Sub(Softplus(z), Mul(y, z)))
			return append([]*Node{Q}, Gradient(Q, w)...)
		})
	} else {
		return nil
	}
	if err != nil {
		return nil
	}
	return &peer{name: "gomlx", run: func(calls int) (time.Duration, error) {
		start := bench.CPUTime()
		for range calls {
			out, err := exec.Exec(args...)
			if err != nil {
				return 0, err
			}
			for _, t := range out {
				t.FinalizeAll()
			}
		}
		return bench.CPUTime() - start, nil
	}}
}
