package codegen

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/parser"
)

// extreme is a program at a point where the formula as written overflows,
// cancels or divides by zero, with the values that extended precision gives.
type extreme struct {
	src   string
	vars  map[string]*num.Mat
	value float64
	grads map[string][]float64
	tol   float64
}

func col(x ...float64) *num.Mat { return &num.Mat{R: len(x), C: 1, Data: x} }

func extremes(t *testing.T) []extreme {
	logits := &num.Mat{R: 2, C: 3, Data: []float64{800, 0, -800, -800, -801, 799}}
	labels := &num.Mat{R: 2, C: 3, Data: []float64{0, 0, 1, 0, 0, 1}}
	// e^-1600 and e^-1599 are zero in float64.
	first := []float64{1, 0, -1, 0, 0, 0}
	var out []extreme
	for _, q := range []string{"-sum(Y .* logsoftmax(Z))", "-sum(Y .* log(softmax(Z)))"} {
		out = append(out, extreme{"Z: N×K; Y: N×K onehot const; Q = " + q, map[string]*num.Mat{"Z": logits, "Y": labels}, 1600, map[string][]float64{"Z": first}, 1e-14})
	}
	z := col(800, -800, 40, -40, 0)
	sig := []float64{1, 0, 1 / (1 + math.Exp(-40)), math.Exp(-40) / (1 + math.Exp(-40)), 0.5}
	soft := []float64{800, 0, 40 + math.Exp(-40), math.Exp(-40), math.Ln2}
	sum := 0.0
	for _, s := range soft {
		sum += s
	}
	for _, q := range []string{"sum(softplus(z))", "sum(log(1 + exp(z)))", "-sum(log(1 - sigmoid(z)))", "-sum(log(sigmoid(-z)))"} {
		out = append(out, extreme{"z: n; Q = " + q, map[string]*num.Mat{"z": z}, sum, map[string][]float64{"z": sig}, 1e-14})
	}
	// A tiny softplus keeps its digits.
	tiny := math.Exp(-50)
	out = append(out, extreme{"z: n; Q = sum(log(1 + exp(z)))", map[string]*num.Mat{"z": col(-50, -800)}, tiny, map[string][]float64{"z": {tiny, 0}}, 1e-14})
	x := col(1000, 1000, -1000)
	for _, q := range []string{"logsumexp(x)", "log(sum(exp(x)))"} {
		out = append(out, extreme{"x: n; Q = " + q, map[string]*num.Mat{"x": x}, 1000 + math.Ln2, map[string][]float64{"x": {0.5, 0.5, 0}}, 1e-14})
	}
	// Cross-entropy with probabilities 0 and 1: 0 log 0 = 0.
	out = append(out, extreme{"Y: n const; P: n; Q = crossentropy(Y, P)", map[string]*num.Mat{"Y": col(1, 0, 0), "P": col(1, 0.5, 0.5)}, 0, map[string][]float64{"P": {-1, 0, 0}}, 1e-14})
	// So it is as written.
	out = append(out, extreme{"Y: N×K onehot const; P: N×K; Q = -sum(Y .* log(P))", map[string]*num.Mat{"Y": {R: 1, C: 3, Data: []float64{1, 0, 0}}, "P": {R: 1, C: 3, Data: []float64{0.5, 0, 0.5}}}, math.Ln2, map[string][]float64{"P": {-2, 0, 0}}, 1e-14})
	for _, q := range []string{"-sum(y .* log(p)) - sum((1 - y) .* log(1 - p))", "-y'log(p) - (1 - y)'log(1 - p)"} {
		out = append(out, extreme{"y: n binary const; p: n; Q = " + q, map[string]*num.Mat{"y": col(0, 1, 1, 0), "p": col(0, 1, 0.25, 0.75)}, 2 * math.Log(4), map[string][]float64{"p": {1, -1, -4, 4}}, 1e-14})
	}
	// Squares that overflow or vanish, and a quotient of infinities.
	for _, c := range []float64{1e200, 1e-200, 1} {
		out = append(out, extreme{"x: n; Q = norm(x)", map[string]*num.Mat{"x": col(3*c, -4*c)}, 5 * c, map[string][]float64{"x": {0.6, -0.8}}, 1e-14})
	}
	half := math.Exp(-40)
	out = append(out, extreme{"z: n; Q = sum(exp(z) ./ (1 + exp(z)))", map[string]*num.Mat{"z": col(800, -40)}, 1 + half, map[string][]float64{"z": {0, half}}, 1e-14})
	// log det of a matrix whose determinant overflows.
	big100 := num.Scale(1e200, num.Eye(4))
	out = append(out, extreme{"A: n×n spd; Q = log(det(A))", map[string]*num.Mat{"A": big100}, 4 * math.Log(1e200), nil, 1e-14})
	out = append(out, hilbert(8))
	for _, c := range asWritten {
		out = append(out, c.extreme(t))
	}
	return out
}

// written is a program as a text writes it and a point at which that overflows,
// cancels or loses its small numbers; what is right is computed in extended
// precision, the gradients by central differences of the formula as written.
type written struct {
	src  string
	vars map[string]*num.Mat
	tol  float64
}

var asWritten = []written{
	{"x: n; Q = sum(log(1 - exp(-x)))", map[string]*num.Mat{"x": col(1e-12, 1e-3, 0.5, 3, 40, 700)}, 1e-14},
	{"x: n; Q = sum(log(1 - exp(-x)))", map[string]*num.Mat{"x": col(40, 700)}, 1e-14},
	{"x: n; Q = -sum(log1p(-exp(x)))", map[string]*num.Mat{"x": col(-1e-9, -30)}, 1e-14},
	{"t: scalar; Q = log(1 - exp(-t))", map[string]*num.Mat{"t": num.Scalar(1e-15)}, 1e-14},
	{"x: n; Q = prod(x)", map[string]*num.Mat{"x": col(2, 0, -3, 5)}, 1e-14},
	{"x: n; Q = prod(x)", map[string]*num.Mat{"x": col(2, 0, -3, 0)}, 1e-14},
	{"X: n×m; a: scalar; Q = a prod(X)", map[string]*num.Mat{"X": matOf(2, 2, 1e-200, 1e200, 3, 4), "a": num.Scalar(2)}, 1e-14},
	{"A: n×n; Q = log(abs(det(A)))", map[string]*num.Mat{"A": matOf(3, 3, 0, 1e200, 0, 2e200, 0, 0, 0, 0, 3e200)}, 1e-14},
	{"A: n×n; Q = log(abs(det(A)))", map[string]*num.Mat{"A": matOf(2, 2, 0, -1e-300, 1e-300, 0)}, 1e-14},
	{"A: n×n; Q = log(det(A))", map[string]*num.Mat{"A": matOf(2, 2, 0, -1e-200, 1e-200, 0)}, 1e-14},
	{"x: n; Q = sum(log(1 + x))", map[string]*num.Mat{"x": col(1e-17, -1e-12, 3)}, 1e-14},
	{"x: n; Q = sum(exp(x) - 1)", map[string]*num.Mat{"x": col(1e-17, -1e-12, 1e-9)}, 1e-14},
	{"x: n; Q = mean(x.^2) - mean(x)^2", map[string]*num.Mat{"x": col(1e4+1, 1e4+2, 1e4+4)}, 1e-11},
	{"x: n; Q = x'x/n - (sum(x)/n)^2", map[string]*num.Mat{"x": col(1e4+1, 1e4+2, 1e4+4)}, 1e-11},
	{"x: 3; Q = sum(x.^2)/3 - (sum(x)/3)^2", map[string]*num.Mat{"x": col(1e4+1, 1e4+2, 1e4+4)}, 1e-11},
	{"x: n; Q = var(x)", map[string]*num.Mat{"x": col(1e4+1, 1e4+2, 1e4+4)}, 1e-11},
	{"x: n; Q = sum(log(cosh(x)))", map[string]*num.Mat{"x": col(800, -800, 1e-9, 0.4, -2)}, 1e-14},
	{"x: n; Q = sum(log(cosh(x)))", map[string]*num.Mat{"x": col(1e-9, -1e-7)}, 1e-14},
	{"x: n; Q = sum(sqrt(1 + x.^2) - 1)", map[string]*num.Mat{"x": col(1e-9, -1e-5)}, 1e-14},
	{"r: n; δ: scalar const; Q = δ^2 sum(sqrt(1 + (r/δ).^2) - 1)", map[string]*num.Mat{"r": col(1e-9, 1e-3), "δ": num.Scalar(0.5)}, 1e-13},
	{"a: n; b: n; Q = sum(log(exp(a) + exp(b)))", map[string]*num.Mat{"a": col(800, -800, 1), "b": col(790, -801, 2)}, 1e-13},
	{"x: n; Q = norm(x)", map[string]*num.Mat{"x": col(3e-320, 4e-320)}, 1e-3},
	{"x: n; Q = sqrt(x'x)", map[string]*num.Mat{"x": col(3e180, -4e180)}, 1e-14},
	{"x: n; Q = sqrt(sum(x.^2))", map[string]*num.Mat{"x": col(3e-180, -4e-180)}, 1e-14},
	{"A: m×n; x: n; b: m; Q = norm(A x - b)", map[string]*num.Mat{"A": matOf(2, 2, 1, 2, 3, 4), "x": col(1e200, 1e200), "b": col(0, 0)}, 1e-14},
	{"Z: N×K; Y: N×K onehot const; Q = -1/N sum(Y .* log(exp(Z) ./ (exp(Z) 1 1')))", map[string]*num.Mat{"Z": matOf(2, 3, 800, 790, -800, -800, -801, -799), "Y": matOf(2, 3, 0, 1, 0, 1, 0, 0)}, 1e-13},
	{"Z: N×K; Q = sum(log(exp(Z) 1))", map[string]*num.Mat{"Z": matOf(2, 2, 800, 790, -800, -801)}, 1e-14},
	{"X: N×D; w: D; y: N const; Q = sum(log(1 + exp(-y .* (X w))))", map[string]*num.Mat{"X": matOf(3, 2, 400, 1, -400, 2, 1, 1), "w": col(2, 1), "y": col(1, 1, -1)}, 1e-13},
	{"X: N×D; w: D; y: N const; Q = -sum(y .* log(sigmoid(X w)) + (1 - y) .* log(1 - sigmoid(X w)))", map[string]*num.Mat{"X": matOf(3, 2, 400, 1, -400, 2, 1, 1), "w": col(2, 1), "y": col(1, 0, 1)}, 1e-13},
	{"z: n; Q = sum(1 ./ (1 + exp(-z)))", map[string]*num.Mat{"z": col(800, -700, 1)}, 1e-14},
	{"z: n; Q = sum(sigmoid(z) .* (1 - sigmoid(z)))", map[string]*num.Mat{"z": col(50, -50, 300)}, 1e-13},
	{"X: n×n; Q = logdet(X'X + eye(n))", map[string]*num.Mat{"X": matOf(2, 2, 1e3, 2, 1, 1e-3)}, 1e-9},
	{"S: n×n spd; x: n; Q = logdet(S) + x' inv(S) x", map[string]*num.Mat{"S": matOf(2, 2, 1, 1-1e-9, 1-1e-9, 1), "x": col(1, -1)}, 1e-6},
	{"S: n×n spd; x: n; Q = x' inv(S) x", map[string]*num.Mat{"S": matOf(3, 3, 1e140, 0, 0, 0, 1e-140, 0, 0, 0, 1), "x": col(1, 1, 1)}, 1e-13},
	{"z: n; Q = sum(tanh(z)) + sum(log(1 - tanh(z).^2))", map[string]*num.Mat{"z": col(3, -2, 1e-9)}, 1e-12},
	{"p: n simplex; q: n simplex const; Q = sum(p .* log(p ./ q))", map[string]*num.Mat{"p": col(1e-300, 1-1e-16, 1e-20), "q": col(1e-200, 0.5, 0.5)}, 1e-13},
}

func (c written) extreme(t *testing.T) extreme {
	in, err := derived(c.src)
	if err != nil {
		t.Fatalf("%s: %v", c.src, err)
	}
	env := eval.Env{Vars: c.vars, Sizes: make(map[string]int)}
	for _, v := range in.Program.Vars {
		x := c.vars[v.Name]
		if v.Shape.R.Sym != "" {
			env.Sizes[v.Shape.R.Sym] = x.R
		}
		if v.Shape.C.Sym != "" {
			env.Sizes[v.Shape.C.Sym] = x.C
		}
	}
	var wrt []string
	for _, g := range in.Grads {
		wrt = append(wrt, g.Wrt.Name)
	}
	value, grads := exact(&in, env, wrt)
	// The gradient of a symmetric variable is of symmetric changes.
	for _, g := range in.Grads {
		if d := grads[g.Wrt.Name]; g.Wrt.Props.Has(expr.Symmetric) && !g.Wrt.Shape.IsScalar() {
			n := c.vars[g.Wrt.Name].R
			for i := range n {
				for j := range i {
					m := d[i*n+j]/2 + d[j*n+i]/2
					d[i*n+j], d[j*n+i] = m, m
				}
			}
		}
	}
	return extreme{c.src, c.vars, value, grads, c.tol}
}

// hilbert is the Gaussian log-likelihood with the covariance of Hilbert, whose
// condition is 1e10 for n = 8; the values are computed in rational numbers.
func hilbert(n int) extreme {
	h := num.New(n, n)
	a := make([][]*big.Rat, n)
	b := make([]*big.Rat, n)
	for i := range n {
		a[i] = make([]*big.Rat, n)
		b[i] = big.NewRat(1, 1)
		for j := range n {
			h.Set(i, j, 1/float64(i+j+1))
			a[i][j] = new(big.Rat).SetFloat64(h.At(i, j)) // as rounded
		}
	}
	logDet := 0.0
	for k := range n {
		p, _ := a[k][k].Float64()
		logDet += math.Log(p)
		for i := k + 1; i < n; i++ {
			f := new(big.Rat).Quo(a[i][k], a[k][k])
			for j := k; j < n; j++ {
				a[i][j].Sub(a[i][j], new(big.Rat).Mul(f, a[k][j]))
			}
			b[i].Sub(b[i], new(big.Rat).Mul(f, b[k]))
		}
	}
	quad := new(big.Rat)
	for k := range n {
		quad.Add(quad, new(big.Rat).Quo(new(big.Rat).Mul(b[k], b[k]), a[k][k]))
	}
	q, _ := quad.Float64()
	x := num.Fill(n, 1, 1)
	return extreme{"S: n×n spd const; x: n const; a: scalar; Q = a*(logdet(S) + x' inv(S) x)", map[string]*num.Mat{"S": h, "x": x, "a": num.Scalar(1)}, logDet + q, map[string][]float64{"a": {logDet + q}}, 1e-6}
}

// Generated Go is finite and right where the mathematics is.
func TestStable(t *testing.T) {
	sources := make(map[string][]byte)
	var drivers []string
	var trials []trial
	cases := extremes(t)
	for i, c := range cases {
		in, err := stableInput(c.src)
		if err != nil {
			t.Fatalf("%s: %v", c.src, err)
		}
		name := fmt.Sprintf("S%d", i)
		src, driver, _, ok := model(t, c.src, name, in, false)
		if !ok {
			continue
		}
		gg := &goGen{in: &in, sizes: make(map[string]string), vars: make(map[*expr.Var]string)}
		gg.inputs()
		tr := trial{Model: name, id: c.src, Vars: make(map[string]*num.Mat)}
		for _, s := range gg.symbols {
			for _, v := range gg.order {
				if v.Shape.R == expr.Symbol(s) {
					tr.Sizes = append(tr.Sizes, c.vars[v.Name].R)
					break
				} else if v.Shape.C == expr.Symbol(s) {
					tr.Sizes = append(tr.Sizes, c.vars[v.Name].C)
					break
				}
			}
		}
		for _, v := range gg.order {
			tr.Vars[gg.vars[v]] = c.vars[v.Name]
		}
		sources[name] = src
		drivers = append(drivers, driver)
		trials = append(trials, tr)
	}
	near := func(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Abs(b) || a == b }
	for i, a := range runGo(t, sources, drivers, trials) {
		c := cases[i]
		if !near(a.Value, c.value, c.tol) {
			t.Errorf("%s: value %v, want %v", c.src, a.Value, c.value)
		}
		for v, want := range c.grads {
			got := a.Grads[exported(v)]
			for k := range want {
				if len(got) != len(want) || !near(got[k], want[k], max(c.tol, 1e-13)) {
					t.Errorf("%s: gradient %s is %v, want %v", c.src, v, got, want)
					break
				}
			}
		}
	}
}

// stableInput is derived from the stable form, as generated code is.
func stableInput(src string) (Input, error) {
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		return Input{}, list
	}
	res, list := infer.Infer(tree, infer.Options{})
	if list.Err() != nil {
		return Input{}, list
	}
	d, err := derive.Derive(Stable(res.Program), derive.Options{})
	if err != nil {
		return Input{}, err
	}
	in := Input{Program: res.Program, Objective: res.Program.Objective}
	for _, g := range d.Grads {
		in.Grads = append(in.Grads, Gradient{g.Wrt, g.Node})
	}
	return in, nil
}

// So is generated NumPy.
func TestStableNumPy(t *testing.T) {
	py := python(t)
	var b strings.Builder
	b.WriteString("import json, types\nimport numpy as np\nnp.seterr(all=\"ignore\")\nout = []\n")
	cases := extremes(t)
	for _, c := range cases {
		in, err := stableInput(c.src)
		if err != nil {
			t.Fatalf("%s: %v", c.src, err)
		}
		out, err := Generate(in, Options{Lang: "numpy"})
		if err != nil {
			t.Fatalf("%s: %v", c.src, err)
		}
		fmt.Fprintf(&b, "m = types.ModuleType('m')\nexec(%q, m.__dict__)\nargs = {}\n", out.Files[0].Data)
		for name, x := range c.vars {
			text := strings.ReplaceAll(fmt.Sprint(x.Data), " ", ", ")
			fmt.Fprintf(&b, "args[%q] = np.array(%s).reshape(%d, %d)\n", name, text, x.R, x.C)
		}
		b.WriteString("v, g = m.value_and_grad(**args)\nout.append([v, {k: np.ravel(x).tolist() for k, x in g.items()}])\n")
	}
	b.WriteString("print(json.dumps(out))\n")
	cmd := exec.Command(py, "-")
	cmd.Stdin = strings.NewReader(b.String())
	cmd.Stderr = os.Stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("-Infinity", "-1e999", "Infinity", "1e999", "NaN", "null").Replace(string(raw))
	var as [][2]json.RawMessage
	if err := json.Unmarshal([]byte(text), &as); err != nil {
		t.Fatal(err)
	}
	near := func(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Abs(b) || a == b }
	for i, a := range as {
		c := cases[i]
		value := math.NaN()
		grads := map[string][]float64{}
		if json.Unmarshal(a[0], &value) != nil || !near(value, c.value, c.tol) {
			t.Errorf("%s: value %s, want %v", c.src, a[0], c.value)
		}
		json.Unmarshal(a[1], &grads) // infinities do not decode, and are not wanted
		for v, want := range c.grads {
			for k := range want {
				if len(grads[v]) != len(want) || !near(grads[v][k], want[k], max(c.tol, 1e-13)) {
					t.Errorf("%s: gradient %s is %s, want %v", c.src, v, a[1], want)
					break
				}
			}
		}
	}
}
