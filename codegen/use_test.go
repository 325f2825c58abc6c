package codegen

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/expr"
)

// generatedPackage writes files, and generated ones of programs, into a folder
// of package model, which goes when the test ends.
func generatedPackage(t *testing.T, files map[string]string, programs map[string]string, opts ...Options) string {
	t.Helper()
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("testdata", "use-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, src := range programs {
		in, err := derived(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		for _, opt := range opts {
			opt.Name = name
			if opt.Float32 {
				opt.Name += "32"
			}
			out, err := Generate(in, opt)
			if err != nil {
				t.Fatalf("%s: %v", src, err)
			}
			files[strings.ToLower(opt.Name)+"_gen.go"] = string(out.Files[0].Data)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return "./" + dir
}

func goTest(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("go", append([]string{"test", "-vet=off"}, args...)...).CombinedOutput(); err != nil {
		t.Errorf("go test %s: %v\n%s", strings.Join(args, " "), err, first(string(out), 4000))
	}
}

const softmaxProgram = "X: N×D; W: D×K; b: 1×K; Y: N×K onehot; Q = -1/N sum(Y .* logsoftmax(X W + b))"

// Wrong shapes and nil arguments panic with a message that names the argument
// and both shapes; a nil gradient is the value alone.
func TestWrongArguments(t *testing.T) {
	dir := generatedPackage(t, map[string]string{"use_test.go": `package model

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

func input() *SoftmaxInput {
	return &SoftmaxInput{X: mat.NewDense(5, 3, nil), W: mat.NewDense(3, 2, nil), B: mat.NewDense(1, 2, nil), Y: mat.NewDense(5, 2, nil)}
}

func single(r, c int) blas32.General { return blas32.General{Rows: r, Cols: c, Stride: c, Data: make([]float32, r*c)} }

func TestArguments(t *testing.T) {
	m, m32 := NewSoftmax(5, 3, 2), NewSoftmax32(5, 3, 2)
	in32 := func() *Softmax32Input { return &Softmax32Input{X: single(5, 3), W: single(3, 2), B: single(1, 2), Y: single(5, 2)} }
	for _, c := range []struct {
		want string
		f    func()
	}{
		{"", func() { m.Value(input()) }},
		{"", func() { m.ValueAndGrad(input(), m.NewGrad()) }},
		{"model: X is 3×5, want 5×3", func() { in := input(); in.X = mat.NewDense(3, 5, nil); m.Value(in) }},
		{"model: B is 2×1, want 1×2", func() { in := input(); in.B = mat.NewDense(2, 1, nil); m.ValueAndGrad(in, m.NewGrad()) }},
		{"model: X is 0×0, want 5×3", func() { in := input(); in.X = new(mat.Dense); m.Value(in) }},
		{"model: Y is nil, want 5×2", func() { in := input(); in.Y = nil; m.Value(in) }},
		{"model: grad.W is 2×3, want 3×2", func() { g := m.NewGrad(); g.W = mat.NewDense(2, 3, nil); m.ValueAndGrad(input(), g) }},
		{"model: grad.W is nil, want 3×2", func() { g := m.NewGrad(); g.W = nil; m.ValueAndGrad(input(), g) }},
		{"model: grad.X is nil, want 5×3", func() { m.ValueAndGrad(input(), new(SoftmaxGrad)) }},
		{"model.NewSoftmax: a size is less than 1", func() { NewSoftmax(5, 0, 2) }},
		{"model: X is 3×5, want 5×3", func() { in := in32(); in.X = single(3, 5); m32.Value(in) }},
		{"model: Y is 0×0, want 5×2", func() { in := in32(); in.Y = blas32.General{}; m32.Value(in) }},
		{"model: grad.X is 0×0, want 5×3", func() { m32.ValueAndGrad(in32(), new(Softmax32Grad)) }},
	} {
		func() {
			defer func() {
				got := ""
				if r := recover(); r != nil {
					got = fmt.Sprint(r)
				}
				if got != c.want {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			c.f()
		}()
	}
	if v, w := m.ValueAndGrad(input(), nil), m.Value(input()); v != w {
		t.Errorf("value %v with a nil gradient, want %v", v, w)
	}
	if v, w := m32.ValueAndGrad(in32(), nil), m32.Value(in32()); v != w {
		t.Errorf("value %v with a nil gradient, want %v", v, w)
	}
}
`}, map[string]string{"Softmax": softmaxProgram}, Options{}, Options{Float32: true})
	goTest(t, dir)
}

// singlePrograms are computed in float32 and float64.
var singlePrograms = []string{
	softmaxProgram,
	"X: N×D; w: D; y: N binary; λ: scalar positive; Q = 1/N sum(softplus(X w) - y .* (X w)) + λ/2 w'w",
	"X: N×D; W: D×H; b: 1×H; V: H×K; c: 1×K; Y: N×K stochastic; Q = -1/N sum(Y .* logsoftmax(tanh(X W + b) V + c))",
	"A: m×n; x: n; b: m; λ: scalar; Q = ‖A x - b‖² + λ x'x",
	"Q: n×d; K: n×d; V: n×d; f = sum(tanh(softmax(Q K'/sqrt(d)) V))",
	"p: n simplex; q: n simplex; Q = KL(p, q)",
	"X: N×D; Q = sum(rowmean(X).^2) + sum(colmean(X).^3) + sum(logsumexp(X)) + var(X)",
	"X: N×D; g: 1×D; b: 1×D; T: N×D const; Z = (X - rowmean(X)) ./ sqrt(rowmean((X - rowmean(X)).^2) + 0.1) .* g + b; Q = 1/2 ‖Z - T‖²",
	"x: d; h: k; W: k×d; U: k×k; V: k×d; R: k×k; z = σ(V x + R h); c = tanh(W x + U h); g = (1 - z) .* h + z .* c; Q = sum(g.^2)",
	"R: N×M; U: N×k; V: M×k; Q = 1/2 ‖R - U V'‖²",
	"a: scalar positive; b: scalar; Q = a*exp(b) + log(a)",
	"A: n×n symmetric; x: n positive; Q = 1/2 x'A x - sum(log(x))",
}

// What is computed in float32 is within 1e-5 of the same in float64, relative
// to the largest entry; a third of the programs unless MATDIFF_SLOW is set.
func TestFloat32Agrees(t *testing.T) {
	var b strings.Builder
	b.WriteString(`package model

import (
	"math"
	"math/rand"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

// rounded is a with its entries as float32 has them, in both precisions.
func rounded(a *mat.Dense) blas32.General {
	r, c := a.Dims()
	g := blas32.General{Rows: r, Cols: c, Stride: c, Data: make([]float32, r*c)}
	a.Apply(func(i, j int, v float64) float64 {
		g.Data[i*c+j] = float32(v)
		return float64(float32(v))
	}, a)
	return g
}

func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	scale := 1e-3
	for _, w := range want {
		scale = math.Max(scale, math.Abs(w))
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= 1e-5*scale) {
			t.Errorf("%s: entry %d is %v in float32, %v in float64", what, i, got[i], want[i])
			return
		}
	}
}

`)
	programs := make(map[string]string)
	files := make(map[string]string)
	for i, src := range singlePrograms {
		if os.Getenv("MATDIFF_SLOW") == "" && i%3 > 0 {
			continue
		}
		name := fmt.Sprintf("S%d", i)
		programs[name] = src
		in, err := derived(src)
		if err != nil {
			t.Fatal(err)
		}
		// The drawing of points is that of the generated test.
		out, err := Generate(in, Options{Name: name, Test: true, File: strings.ToLower(name) + "_draw.go"})
		if err != nil {
			t.Fatal(err)
		}
		files[out.Files[1].Name] = string(out.Files[1].Data)
		gg := &goGen{in: &in, sizes: make(map[string]string), vars: make(map[*expr.Var]string)}
		gg.inputs()
		sizes := ""
		for _, s := range gg.symbols {
			sizes += "test" + name + gg.sizes[s] + ", "
		}
		fmt.Fprintf(&b, "func Test%sSingle(t *testing.T) {\nin := random%s(rand.New(rand.NewSource(7)))\nin32 := &%s32Input{}\n", name, name, name)
		for _, v := range gg.order {
			f := gg.vars[v]
			if v.Shape.IsScalar() {
				fmt.Fprintf(&b, "in32.%s = float32(in.%s)\nin.%s = float64(in32.%s)\n", f, f, f, f)
			} else {
				fmt.Fprintf(&b, "in32.%s = rounded(in.%s)\n", f, f)
			}
		}
		fmt.Fprintf(&b, "m, m32 := New%s(%s), New%s32(%s)\ng, g32 := m.NewGrad(), m32.NewGrad()\n", name, sizes, name, sizes)
		fmt.Fprintf(&b, "near(t, %q, []float32{m32.ValueAndGrad(in32, g32)}, []float64{m.ValueAndGrad(in, g)})\n", src)
		fmt.Fprintf(&b, "near(t, %q, []float32{m32.Value(in32)}, []float64{m.Value(in)})\n", src)
		for _, g := range in.Grads {
			f := gg.vars[g.Wrt]
			if g.Wrt.Shape.IsScalar() {
				fmt.Fprintf(&b, "near(t, %q, []float32{g32.%s}, []float64{g.%s})\n", src+", "+f, f, f)
			} else {
				fmt.Fprintf(&b, "near(t, %q, g32.%s.Data, g.%s.RawMatrix().Data)\n", src+", "+f, f, f)
			}
		}
		b.WriteString("}\n\n")
	}
	files["single_test.go"] = b.String()
	goTest(t, "-run", "Single", generatedPackage(t, files, programs, Options{}, Options{Float32: true}))
}

// One object for each goroutine, and workers inside of one, race with nobody
// and compute the same; SetWorkers(1) ends the goroutines. The race detector
// needs cgo and time, so it is asked for by MATDIFF_SLOW.
func TestConcurrentUse(t *testing.T) {
	dir := generatedPackage(t, map[string]string{"use_test.go": `package model

import (
	"math"
	"math/rand"
	"runtime"
	"sync"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
)

const n, d, k = 1000, 40, 9

func input() *SoftmaxInput {
	r := rand.New(rand.NewSource(1))
	draw := func(rows, cols int) *mat.Dense {
		a := mat.NewDense(rows, cols, nil)
		a.Apply(func(i, j int, v float64) float64 { return r.NormFloat64() }, a)
		return a
	}
	in := &SoftmaxInput{X: draw(n, d), W: draw(d, k), B: draw(1, k), Y: mat.NewDense(n, k, nil)}
	for i := range n {
		in.Y.Set(i, i%k, 1)
	}
	return in
}

// same compares to the last digits: sums are of other order with workers.
func same(t *testing.T, v, want float64, g, wantGrad *SoftmaxGrad) {
	t.Helper()
	if math.Abs(v-want) > 1e-12*math.Abs(want) {
		t.Errorf("value %v, want %v", v, want)
	}
	if !mat.EqualApprox(g.W, wantGrad.W, 1e-12) || !mat.EqualApprox(g.B, wantGrad.B, 1e-12) || !mat.EqualApprox(g.X, wantGrad.X, 1e-12) {
		t.Error("the gradients differ")
	}
}

// The goroutines share the inputs, nothing else.
func TestOneForEachGoroutine(t *testing.T) {
	in := input()
	one := NewSoftmax(n, d, k)
	g := one.NewGrad()
	want := one.ValueAndGrad(in, g)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			m := NewSoftmax(n, d, k)
			m.SetWorkers(1 + i)
			defer m.SetWorkers(1)
			mine := m.NewGrad()
			for range 5 {
				same(t, m.ValueAndGrad(in, mine), want, mine, g)
				if v := m.Value(in); math.Abs(v-want) > 1e-12*math.Abs(want) {
					t.Errorf("value %v, want %v", v, want)
				}
			}
		}()
	}
	wg.Wait()
}

func TestWorkers(t *testing.T) {
	in := input()
	m := NewSoftmax(n, d, k)
	g, h := m.NewGrad(), m.NewGrad()
	want := m.ValueAndGrad(in, g)
	before := runtime.NumGoroutine()
	for _, w := range []int{2, 3, 8, 100, 1, 0, 2} {
		m.SetWorkers(w)
		for range 3 {
			same(t, m.ValueAndGrad(in, h), want, h, g)
		}
	}
	m.SetWorkers(1)
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
`}, map[string]string{"Softmax": softmaxProgram}, Options{Workers: true})
	if os.Getenv("MATDIFF_SLOW") != "" {
		goTest(t, "-race", dir)
		return
	}
	goTest(t, dir)
}
