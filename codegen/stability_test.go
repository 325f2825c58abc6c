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

func extremes() []extreme {
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
	return out
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
	cases := extremes()
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
	cases := extremes()
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
