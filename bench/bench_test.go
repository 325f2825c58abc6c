package bench

import (
	"math"
	"testing"
)

// The generated code and the peers compute the same, and the generated code
// allocates nothing.
func TestPeersAgree(t *testing.T) {
	for _, f := range Workloads() {
		w := f()
		var q float64
		var want [][]float64
		for i, r := range w.Run {
			v := r.Step()
			got := w.Grads()
			if i == 0 {
				q, want = v, got
				if n := testing.AllocsPerRun(2, func() { r.Step() }); n != 0 {
					t.Errorf("%s: %v allocations", w.Name, n)
				}
				continue
			}
			if math.Abs(v-q) > 1e-9*math.Abs(q) {
				t.Errorf("%s %s: value %v, generated %v", w.Name, r.Name, v, q)
			}
			for k := range got {
				for j := range got[k] {
					if math.Abs(got[k][j]-want[k][j]) > 1e-9*(1+math.Abs(want[k][j])) {
						t.Fatalf("%s %s: gradient %d[%d] = %v, generated %v", w.Name, r.Name, k, j, got[k][j], want[k][j])
					}
				}
			}
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, f := range Workloads() {
		w := f()
		for _, r := range w.Run {
			b.Run(w.Name+"/"+r.Name, func(b *testing.B) {
				b.ReportAllocs()
				start := CPUTime()
				for b.Loop() {
					r.Step()
				}
				b.ReportMetric(float64(CPUTime()-start)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}
