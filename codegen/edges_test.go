package codegen

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

var (
	inf = math.Inf(1)
	nan = math.NaN()
)

// edge is a program at a point with zeros, infinities or NaN, and what both
// targets say there; a gradient that is nil is not looked at.
type edge struct {
	src   string
	vars  map[string]*num.Mat
	value float64
	grads map[string][]float64
}

var edges = []edge{
	// A masked logit counts nothing where its label is 0.
	{"Z: N×K; Y: N×K onehot const; Q = -sum(Y .* logsoftmax(Z))", map[string]*num.Mat{"Z": matOf(2, 3, 0, -inf, 0, 1, 1, -inf), "Y": matOf(2, 3, 1, 0, 0, 0, 1, 0)}, 2 * math.Ln2,
		map[string][]float64{"Z": {-0.5, 0, 0.5, 0.5, -0.5, 0}}},
	{"Z: N×K; Y: N×K onehot const; Q = -tr(Y' log(softmax(Z)))", map[string]*num.Mat{"Z": matOf(1, 2, 0, -inf), "Y": matOf(1, 2, 1, 0)}, 0, map[string][]float64{"Z": {0, 0}}},
	{"z: K; y: K const; Q = -y'logsoftmax(z)", map[string]*num.Mat{"z": col(0, -inf, 0), "y": col(0, 0, 1)}, math.Ln2, map[string][]float64{"z": {0.5, 0, -0.5}}},
	// It costs everything where its label is 1.
	{"z: K; y: K const; Q = -y'logsoftmax(z)", map[string]*num.Mat{"z": col(0, -inf), "y": col(0, 1)}, inf, nil},
	// The logarithm of no exponentials.
	{"x: n; Q = log(sum(exp(x)))", map[string]*num.Mat{"x": col(-inf, -inf)}, -inf, nil},
	{"x: n; Q = logsumexp(x)", map[string]*num.Mat{"x": col(-inf, 3)}, 3, map[string][]float64{"x": {0, 1}}},
	{"x: n; Q = logsumexp(x)", map[string]*num.Mat{"x": col(inf, 3)}, inf, nil},
	// y log p of numbers.
	{"y: scalar const; p: scalar; Q = -y*log(p) - (1 - y)*log(1 - p)", map[string]*num.Mat{"y": num.Scalar(0), "p": num.Scalar(0)}, 0, map[string][]float64{"p": {1}}},
	{"y: scalar const; p: scalar; Q = -2*y*log(p)", map[string]*num.Mat{"y": num.Scalar(0), "p": num.Scalar(0)}, 0, map[string][]float64{"p": {0}}},
	{"p: n; Q = -sum(p .* log(p))", map[string]*num.Mat{"p": col(0, 1)}, 0, map[string][]float64{"p": {inf, -1}}},
	{"p: n const; q: n; Q = sum(p .* log(p ./ q))", map[string]*num.Mat{"p": col(0, 1), "q": col(0, 0.5)}, math.Ln2, map[string][]float64{"q": {0, -2}}},
	{"p: n const; q: n; Q = KL(p, q)", map[string]*num.Mat{"p": col(0, 1), "q": col(0, 0.5)}, math.Ln2, map[string][]float64{"q": {0, -2}}},
	{"Y: n const; P: n; Q = crossentropy(Y, P)", map[string]*num.Mat{"Y": col(0, 1), "P": col(0, 0.5)}, math.Ln2, map[string][]float64{"P": {0, -2}}},
	// The subgradient of least length where a norm is not differentiable.
	{"x: n; Q = norm(x)", map[string]*num.Mat{"x": col(0, 0)}, 0, map[string][]float64{"x": {0, 0}}},
	{"w: n; λ: scalar; Q = λ ‖w‖", map[string]*num.Mat{"w": col(0, 0), "λ": num.Scalar(3)}, 0, map[string][]float64{"w": {0, 0}, "λ": {0}}},
	{"A: m×n; x: n; b: m; Q = ‖A x - b‖", map[string]*num.Mat{"A": matOf(2, 1, 1, 2), "x": col(1), "b": col(1, 2)}, 0, map[string][]float64{"A": {0, 0}, "x": {0}, "b": {0, 0}}},
	{"X: m×n; Q = sum(sqrt(rowsum(X.^2)))", map[string]*num.Mat{"X": matOf(2, 2, 0, 0, 3, -4)}, 5, map[string][]float64{"X": {0, 0, 0.6, -0.8}}},
	{"X: m×n; Q = sum(abs(X))", map[string]*num.Mat{"X": matOf(1, 2, 0, -2)}, 2, map[string][]float64{"X": {0, -1}}},
	{"x: n; Q = sum(x.^0) + sum(relu(x))", map[string]*num.Mat{"x": col(0, -1)}, 2, map[string][]float64{"x": {0, 0}}},
	{"x: n; Q = prod(x)", map[string]*num.Mat{"x": col(0, 0, 4)}, 0, map[string][]float64{"x": {0, 0, 0}}},
	// Determinants.
	{"A: n×n; Q = logdet(A)", map[string]*num.Mat{"A": matOf(2, 2, 0, 1, 1, 0)}, nan, nil},
	{"A: n×n const; a: scalar; Q = a logdet(A)", map[string]*num.Mat{"A": matOf(2, 2, 1, 1, 1, 1), "a": num.Scalar(1)}, -inf, map[string][]float64{"a": {-inf}}},
	{"A: n×n; Q = log(abs(det(A)))", map[string]*num.Mat{"A": matOf(2, 2, 0, 1, 1, 0)}, 0, map[string][]float64{"A": {0, 1, 1, 0}}},
	// The gradient of a determinant is the cofactors, also where it is 0.
	{"X: n×n; Q = det(X)", map[string]*num.Mat{"X": matOf(2, 2, 1, 2, 2, 4)}, 0, map[string][]float64{"X": {4, -2, -2, 1}}},
	{"X: n×n; Q = det(X)", map[string]*num.Mat{"X": matOf(3, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0)}, 0, map[string][]float64{"X": {0, 0, 0, 0, 0, 0, 0, 0, 0}}},
	{"X: n×n; A: n×n const; t: scalar; Q = t + 3 det(X + t A)", map[string]*num.Mat{"X": matOf(2, 2, 0, 0, 0, 0), "A": matOf(2, 2, 1, 0, 0, 2), "t": num.Scalar(0)}, 0,
		map[string][]float64{"X": {0, 0, 0, 0}, "t": {1}}},
	{"X: m×n; Q = det(X'X)", map[string]*num.Mat{"X": matOf(1, 2, 1, 0)}, 0, map[string][]float64{"X": {0, 0}}},
	{"X: n×n; Q = det(X)^2", map[string]*num.Mat{"X": matOf(2, 2, 1, 0, 0, 0)}, 0, map[string][]float64{"X": {0, 0, 0, 0}}},
	{"X: n×n const; A: n×n; Q = tr(A adj(X))", map[string]*num.Mat{"X": matOf(2, 2, 1, 2, 2, 4), "A": matOf(2, 2, 1, 0, 0, 1)}, 5, map[string][]float64{"A": {4, -2, -2, 1}}},
	// Brackets are 0 for NaN, and NaN goes through everything else.
	{"x: n; Q = sum(step(x))", map[string]*num.Mat{"x": col(nan, 2, 0, -1)}, 2, map[string][]float64{"x": {0, 0, 0, 0}}},
	{"x: n; Q = sum([x >= 0] .* [x <= 1])", map[string]*num.Mat{"x": col(nan, 0.5)}, 1, nil},
	{"x: n; Q = max(x)", map[string]*num.Mat{"x": col(1, nan)}, nan, nil},
	{"x: n; Q = sum(relu(x))", map[string]*num.Mat{"x": col(1, nan)}, nan, nil},
	{"x: n; Q = norm(x)", map[string]*num.Mat{"x": col(1, nan)}, nan, nil},
	{"x: n; Q = logsumexp(x)", map[string]*num.Mat{"x": col(1, nan)}, nan, nil},
	{"x: n; Q = sum(softplus(x))", map[string]*num.Mat{"x": col(1, nan)}, nan, nil},
	{"x: n; Q = sum(tanh(x))", map[string]*num.Mat{"x": col(1, nan)}, nan, map[string][]float64{"x": {1 / math.Cosh(1) / math.Cosh(1), nan}}},
	{"S: n×n spd; Q = logdet(S)", map[string]*num.Mat{"S": matOf(2, 2, nan, 0, 0, 1)}, nan, nil},
	{"A: n×n; b: n; Q = b'inv(A) b", map[string]*num.Mat{"A": matOf(2, 2, nan, 0, 0, 1), "b": col(1, 1)}, nan, nil},
	{"A: m×n; x: n; Q = norm(A x)^2", map[string]*num.Mat{"A": matOf(2, 2, 1, 2, nan, 1), "x": col(0, 1)}, nan, nil},
}

func alike(got, want float64) bool {
	return got == want || got != got && want != want || math.Abs(got-want) <= 1e-14*math.Abs(want)
}

func (e edge) judge(t *testing.T, target string, got map[string][]float64) {
	t.Helper()
	if v := got[""]; len(v) != 1 || !alike(v[0], e.value) {
		t.Errorf("%s: %s at %v: value %v, want %v", target, e.src, e.vars, v, e.value)
	}
	for name, want := range e.grads {
		for i := range want {
			if len(got[name]) != len(want) || !alike(got[name][i], want[i]) {
				t.Errorf("%s: %s at %v: gradient %s is %v, want %v", target, e.src, e.vars, name, got[name], want)
				break
			}
		}
	}
}

// readEdges reads lines "number name values…" of a driver.
func readEdges(t *testing.T, out string) map[int]map[string][]float64 {
	t.Helper()
	all := make(map[int]map[string][]float64)
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		f := strings.Split(l, " ")
		var k int
		if _, err := fmt.Sscan(f[0], &k); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		if all[k] == nil {
			all[k] = make(map[string][]float64)
		}
		for _, s := range f[2:] {
			var x float64
			if _, err := fmt.Sscan(strings.NewReplacer("inf", "Inf", "nan", "NaN").Replace(s), &x); err != nil {
				t.Fatalf("%q: %v", l, err)
			}
			all[k][f[1]] = append(all[k][f[1]], x)
		}
	}
	return all
}

// goNumber writes a float64 as Go, also if it is none.
func goNumber(x float64) string {
	switch {
	case math.IsNaN(x):
		return "math.NaN()"
	case math.IsInf(x, 0):
		return fmt.Sprintf("math.Inf(%d)", int(math.Copysign(1, x)))
	}
	return fmt.Sprint(x)
}

func TestEdges(t *testing.T) {
	dir, err := os.MkdirTemp("testdata", "edges-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\"fmt\"\n\"math\"\n\n\"gonum.org/v1/gonum/mat\"\n)\n\nvar _ = math.Pi\n\nfunc show(i int, name string, xs ...float64) {\nfmt.Print(i, \" \", name)\nfor _, x := range xs {\nfmt.Printf(\" %v\", x)\n}\nfmt.Println()\n}\n\nfunc main() {\nvar _ *mat.Dense\n")
	for i, e := range edges {
		in, err := stableInput(e.src)
		if err != nil {
			t.Fatalf("%s: %v", e.src, err)
		}
		out, err := Generate(in, Options{Name: fmt.Sprintf("E%d", i), Package: "main"})
		if err != nil {
			t.Fatalf("%s: %v", e.src, err)
		}
		write(fmt.Sprintf("e%d_gen.go", i), string(out.Files[0].Data))
		gg := &goGen{in: &in, sizes: make(map[string]string), vars: make(map[*expr.Var]string)}
		gg.inputs()
		sizes := make(map[string]int)
		for _, v := range gg.order {
			x := e.vars[v.Name]
			for d, k := range map[expr.Dim]int{v.Shape.R: x.R, v.Shape.C: x.C} {
				if d.Sym != "" {
					sizes[d.Sym] = k
				}
			}
		}
		fmt.Fprintf(&b, "{\nm := NewE%d(", i)
		for _, s := range gg.symbols {
			fmt.Fprintf(&b, "%d, ", sizes[s])
		}
		fmt.Fprintf(&b, ")\ng := m.NewGrad()\nv := m.ValueAndGrad(&E%dInput{\n", i)
		for _, v := range gg.order {
			x := e.vars[v.Name]
			if v.Shape.IsScalar() {
				fmt.Fprintf(&b, "%s: %s,\n", gg.vars[v], goNumber(x.Data[0]))
				continue
			}
			fmt.Fprintf(&b, "%s: mat.NewDense(%d, %d, []float64{", gg.vars[v], x.R, x.C)
			for _, y := range x.Data {
				b.WriteString(goNumber(y) + ", ")
			}
			b.WriteString("}),\n")
		}
		fmt.Fprintf(&b, "}, g)\nshow(%d, \"\", v)\n", i)
		for _, gr := range in.Grads {
			f := "g." + gg.vars[gr.Wrt]
			if !gr.Wrt.Shape.IsScalar() {
				f += ".RawMatrix().Data..."
			}
			fmt.Fprintf(&b, "show(%d, %q, %s)\n", i, gr.Wrt.Name, f)
		}
		b.WriteString("}\n")
	}
	b.WriteString("}\n")
	write("main.go", b.String())
	out, err := exec.Command("go", "run", "./"+dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, first(string(out), 3000))
	}
	got := readEdges(t, string(out))
	for i, e := range edges {
		e.judge(t, "Go", got[i])
	}
}

func TestEdgesNumPy(t *testing.T) {
	py := python(t)
	var b strings.Builder
	b.WriteString("import types\nimport numpy as np\nnp.seterr(all=\"ignore\")\nfrom numpy import nan, inf\n")
	for i, e := range edges {
		in, err := stableInput(e.src)
		if err != nil {
			t.Fatalf("%s: %v", e.src, err)
		}
		out, err := Generate(in, Options{Lang: "numpy"})
		if err != nil {
			t.Fatalf("%s: %v", e.src, err)
		}
		fmt.Fprintf(&b, "m = types.ModuleType('m')\nexec(%q, m.__dict__)\nargs = {}\n", out.Files[0].Data)
		for _, v := range in.Program.Vars {
			x := e.vars[v.Name]
			if x == nil {
				continue
			}
			text := strings.NewReplacer(" ", ", ", "+Inf", "inf", "-Inf", "-inf", "NaN", "nan").Replace(fmt.Sprint(x.Data))
			if v.Shape.IsScalar() {
				fmt.Fprintf(&b, "args[%q] = float(%s[0])\n", v.Name, text)
			} else {
				fmt.Fprintf(&b, "args[%q] = np.array(%s, dtype=float).reshape(%d, %d)\n", v.Name, text, x.R, x.C)
			}
		}
		fmt.Fprintf(&b, "v, g = m.value_and_grad(**args)\nprint('%d ', v)\nfor k, x in g.items():\n    print('%d', k, *[float(y) for y in np.ravel(x)])\n", i, i)
	}
	cmd := exec.Command(py, "-")
	cmd.Stdin = strings.NewReader(b.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, first(string(out), 3000))
	}
	got := readEdges(t, string(out))
	for i, e := range edges {
		e.judge(t, "NumPy", got[i])
	}
}
