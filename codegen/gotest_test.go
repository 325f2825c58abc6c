package codegen

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/diag"
)

// programs show every property of variables and every kind of operation.
var programs = []struct{ name, src string }{
	{"Softmax", "X: N×D; W: D×K; b: 1×K; Y: N×K onehot; Q = -1/N sum(Y .* logsoftmax(X W + b))"},
	{"Logistic", "X: N×D; w: D; y: N binary; λ: scalar positive; Q = 1/N sum(softplus(X w) - y .* (X w)) + λ/2 w'w"},
	{"MLP", "X: N×D; W: D×H; b: 1×H; V: H×K; c: 1×K; Y: N×K stochastic; Q = -1/N sum(Y .* logsoftmax(tanh(X W + b) V + c))"},
	{"Gaussian", "X: N×d; m: d; S: d×d spd; Q = N/2 logdet(S) + 1/2 tr(inv(S) (X - 1m')' (X - 1m'))"},
	{"Ridge", "A: m×n; x: n; b: m; λ: scalar; Q = ‖A x - b‖² + λ x'x"},
	{"Quadratic", "A: n×n symmetric; x: n; Q = 1/2 x'A x"},
	{"LogDet", "X: n×n; Q = log(det(X)) + tr(inv(X))"},
	{"Scalars", "a: scalar positive; b: scalar; Q = a*exp(b) + log(a)"},
	{"Diagonal", "D: n×n diagonal; x: n; Q = x'D x + sum(D)"},
	{"Orthogonal", "U: n×n orthogonal const; A: n×n; Q = tr(U'A U) + sum(exp(A))"},
	{"Attention", "Q: n×d; K: n×d; V: n×d; f = sum(tanh(softmax(Q K'/sqrt(d)) V))"},
	{"Simplex", "p: n simplex; q: n simplex; Q = KL(p, q)"},
	{"Kinks", "x: n; A: m×n; Q = sum(relu(A x)) + sum(abs(x)) + sum(max(A, 0.3)) + norm1(x)"},
	{"Rowwise", "X: N×D; Q = sum(rowmean(X).^2) + sum(colmean(X).^3) + sum(logsumexp(X)) + var(X)"},
	{"Special", "X: n×n; Q = tr(expm(0.1 X)) + sum(kron(X, X)) + sum(vec(X).^2) + normnuc(X)"},
	{"Odd_1", "β: n; x_1: n; ŷ: m; type: m×n; Q = (type β - ŷ)'(type x_1)"},
}

// The test that is generated beside the code passes, for every kind of
// program, in float64 and float32; all files share one package.
func TestGeneratedTests(t *testing.T) {
	dir, err := os.MkdirTemp("testdata", "tests-")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("MATDIFF_KEEP") == "" {
		defer os.RemoveAll(dir)
	}
	for i, p := range programs {
		if os.Getenv("MATDIFF_SLOW") == "" && i%4 > 0 {
			continue
		}
		in, err := derived(p.src)
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		for _, single := range []bool{false, true} {
			if single && i > 0 && os.Getenv("MATDIFF_SLOW") == "" {
				continue
			}
			opt := Options{Name: p.name, Test: true, Optimize: !single, Float32: single, File: strings.ToLower(p.name) + "_gen.go"}
			if single {
				opt.Name += "32"
				opt.File = strings.ToLower(p.name) + "32_gen.go"
			}
			out, err := Generate(in, opt)
			if single && err != nil && strings.Contains(err.Error(), "float32") {
				continue // factorisations are float64 only
			}
			if err != nil {
				t.Errorf("%s: %v", p.name, err)
				continue
			}
			for _, f := range out.Files {
				if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	out, err := exec.Command("go", "vet", "./"+dir).CombinedOutput()
	if err != nil {
		t.Errorf("go vet: %s", first(string(out), 3000))
	}
	out, err = exec.Command("go", "test", "-bench", ".", "-benchtime", "1x", "./"+dir).CombinedOutput()
	if err != nil {
		t.Errorf("%s", first(string(out), 5000))
	}
}

// The test that is generated passes for the programs of the corpus, too, and vet
// finds nothing in any of the files: every 120th unless MATDIFF_SLOW is set.
func TestGeneratedTestsOfCorpus(t *testing.T) {
	every := 120
	if os.Getenv("MATDIFF_SLOW") != "" {
		every = 1
	}
	ids, ins := corpusInputs(t)
	var pick []int
	for i := range ins {
		if i%every == 7%every && len(ins[i].Grads) > 0 {
			pick = append(pick, i)
		}
	}
	for batch := range slices.Chunk(pick, 40) {
		dir, err := os.MkdirTemp("testdata", "tests-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		for _, i := range batch {
			out, err := Generate(ins[i], Options{Name: fmt.Sprintf("C%d", i), Test: true, Workers: i%2 == 0, File: fmt.Sprintf("c%d_gen.go", i)})
			if err != nil {
				t.Errorf("%s: %v", ids[i], err)
				continue
			}
			for _, f := range out.Files {
				if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		if out, err := exec.Command("go", "test", "-vet=all", "-bench", ".", "-benchtime", "1x", "./"+dir).CombinedOutput(); err != nil {
			t.Errorf("programs %v: %s", batch, first(string(out), 5000))
		}
		os.RemoveAll(dir)
	}
}

// Bad options and programs are errors with a code.
func TestErrors(t *testing.T) {
	scalar, err := derived("x: n; Q = x'x")
	if err != nil {
		t.Fatal(err)
	}
	vector, err := derived("A: m×n; x: n; z = A x")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   Input
		opt  Options
		code string
	}{
		{scalar, Options{Lang: "rust"}, CodeTarget},
		{scalar, Options{Order: "third"}, CodeTarget},
		{scalar, Options{Package: "func"}, CodeName},
		{scalar, Options{Package: "a-b"}, CodeName},
		{scalar, Options{Name: "2Fast"}, CodeName},
		{scalar, Options{Name: "_"}, CodeName},
		{vector, Options{}, CodeNotScalar},
		{vector, Options{Lang: "numpy"}, CodeNotScalar},
	} {
		_, err := Generate(c.in, c.opt)
		d, ok := err.(*diag.Diagnostic)
		if !ok || d.Code != c.code {
			t.Errorf("%+v: %v, want code %s", c.opt, err, c.code)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"λ": "Lambda", "lambda": "Lambda", "x_1": "X1", "ŷ": "YHat", "x̂": "XHat", "β_0": "Beta0", "W_{ij}": "WIj", "Xtrain": "Xtrain",
		"z₁": "Z1", "Σ": "Sigma", "type": "Type", "x*": "XStar", "ф": "U444",
	} {
		if got := exported(in); got != want {
			t.Errorf("exported(%q) = %q, want %q", in, got, want)
		}
	}
}
