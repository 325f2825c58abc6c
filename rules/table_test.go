package rules_test

import (
	"bytes"
	"flag"
	"math"
	"os"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

var update = flag.Bool("update", false, "rewrite docs/functions.md")

// language lists the functions that the language promises, with their operands.
var language = map[string][]int{
	"exp": {1}, "log": {1}, "log1p": {1}, "expm1": {1}, "sqrt": {1}, "abs": {1}, "sign": {1}, "sin": {1}, "cos": {1}, "tan": {1},
	"asin": {1}, "acos": {1}, "atan": {1}, "sinh": {1}, "cosh": {1}, "tanh": {1}, "erf": {1}, "σ": {1}, "sigma": {1}, "sigmoid": {1},
	"softplus": {1}, "relu": {1}, "leakyrelu": {1, 2}, "elu": {1, 2}, "gelu": {1}, "silu": {1}, "softsign": {1}, "step": {1},
	"square": {1}, "max": {1, 2}, "min": {1, 2}, "tr": {1}, "trace": {1}, "det": {1}, "logdet": {1}, "inv": {1}, "diag": {1}, "expm": {1},
	"kron": {2}, "vec": {1}, "sym": {1}, "eye": {0, 1}, "zeros": {1, 2}, "ones": {1, 2}, "norm": {1}, "norm1": {1}, "norm2": {1},
	"normnuc": {1}, "dot": {2}, "outer": {2}, "sum": {1}, "mean": {1}, "var": {1}, "prod": {1}, "rowsum": {1}, "colsum": {1},
	"rowmean": {1}, "colmean": {1}, "logsumexp": {1}, "softmax": {1}, "logsoftmax": {1}, "vector": {1}, "matrix": {1},
	"ge": {2}, "gt": {2}, "le": {2}, "lt": {2}, "eq": {2}, "ne": {2}, "pi": {0}, "crossentropy": {2}, "KL": {2}, "argmax": {1},
}

func TestLanguageIsCovered(t *testing.T) {
	for name, arities := range language {
		for _, n := range arities {
			if rules.Resolve(name, n) == nil {
				t.Errorf("no function %s of %d operands", name, n)
			}
		}
	}
	if rules.Lookup("nosuch") != nil || rules.Resolve("exp", 2) != nil {
		t.Error("found what is not there")
	}
}

func TestEntriesAreComplete(t *testing.T) {
	type key struct {
		name string
		n    int
	}
	seen := map[key]string{}
	for _, f := range rules.All() {
		least, most := f.Arity()
		for _, name := range append([]string{f.Name}, f.Spellings...) {
			for n := least; n <= most; n++ {
				if other, ok := seen[key{name, n}]; ok {
					t.Errorf("%s of %d operands names both %s and %s", name, n, other, f.Name)
				}
				seen[key{name, n}] = f.Name
			}
		}
		switch {
		case f.Doc == "" || f.Ref == "" || f.Family == "":
			t.Errorf("%s: no doc, reference or family", f.Name)
		case len(f.Examples) == 0 || len(f.Identities) == 0:
			t.Errorf("%s: no example or identity", f.Name)
		case len(f.D) == 0 && f.NoD == "":
			t.Errorf("%s: neither a differential nor a reason for none", f.Name)
		case f.Go == "" || f.NumPy == "":
			t.Errorf("%s: no code", f.Name)
		case f.Op == expr.OpNum && f.F == nil && f.Eval == nil:
			t.Errorf("%s: no kernel", f.Name)
		case f.Op == expr.OpNum && len(f.D) > 0 && f.DF == nil && f.Dual == nil:
			t.Errorf("%s: no dual kernel", f.Name)
		}
		optional := false
		for _, p := range f.Params {
			if optional && !p.Optional {
				t.Errorf("%s: %s follows an optional parameter", f.Name, p.Name)
			}
			optional = optional || p.Optional
			if p.Optional && p.Default == "" && p.Kind != rules.SizeArg {
				t.Errorf("%s: %s has no default", f.Name, p.Name)
			}
		}
	}
}

func TestShapeErrors(t *testing.T) {
	n, m := expr.Symbol("n"), expr.Symbol("m")
	col, mat := expr.Shape{R: n, C: expr.One}, expr.Shape{R: n, C: m}
	for _, c := range []struct {
		name string
		args []expr.Shape
		want string
	}{
		{"det", []expr.Shape{mat}, "det needs a square matrix, its operand is n×m"},
		{"diag", []expr.Shape{mat}, "diag needs a vector or a square matrix, its operand is n×m"},
		{"outer", []expr.Shape{col, mat}, "outer needs a vector, operand 2 (y) is n×m"},
		{"dot", []expr.Shape{col, mat}, "dot needs operands of one shape, operand 1 (A) is n×1 and operand 2 (B) is n×m"},
		{"leakyrelu", []expr.Shape{mat, col}, "leakyrelu needs a scalar as operand 2 (a), which is n×1"},
		{"exp", []expr.Shape{mat, col}, "exp takes one operand, here it has 2"},
		{"leakyrelu", nil, "leakyrelu takes 1 or 2 operands, here it has 0"},
		{"unkronl", []expr.Shape{mat, {R: m, C: m}}, "unkronl needs a first operand whose sizes are multiples of those of the second, they are n×m and m×m"},
	} {
		_, err := rules.Must(c.name).FnShape(c.args)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s%v: %v\nwant %s", c.name, c.args, err, c.want)
		}
	}
}

// Kernels stay finite where the mathematics does.
func TestKernelsAtExtremes(t *testing.T) {
	everywhere := []string{"sigmoid", "softplus", "tanh", "erf", "relu", "gelu", "silu", "softsign", "abs", "sign", "step", "normpdf", "normcdf", "atan", "sin", "cos", "leakyrelu", "elu"}
	for _, name := range everywhere {
		f := rules.Must(name)
		p := []float64{0.5}[:len(f.Params)-1]
		for _, x := range []float64{0, 1e-300, -1e-300, 36, -36, 745, -745, 800, -800, 1e5, -1e5, 1e300, -1e300} {
			if v, d := f.F(x, p...), f.DF(x, p...); math.IsNaN(v+d) || math.IsInf(v+d, 0) {
				t.Errorf("%s(%g) = %g, derivative %g", name, x, v, d)
			}
		}
	}
	x := num.FromRows([]float64{800, -800, 1e300}, []float64{-1e300, -1e300, -1e300})
	for _, name := range []string{"softmax", "logsoftmax", "logsumexp", "norm", "max", "min", "argmax"} {
		y, err := rules.Resolve(name, 1).Apply(x)
		if err != nil || !y.Finite() {
			t.Errorf("%s: %v %v", name, y, err)
		}
	}
	if y, err := rules.Must("logdet").Apply(num.Scale(1e-200, num.Eye(4))); err != nil || math.Abs(y.Data[0]+800*math.Ln10) > 1e-9 {
		t.Errorf("logdet: %v %v", y, err)
	}
	onehot, p := num.FromRows([]float64{1, 0}), num.FromRows([]float64{0.5, 0})
	for _, name := range []string{"crossentropy", "KL"} {
		if y, err := rules.Must(name).Apply(onehot, p); err != nil || !y.Finite() {
			t.Errorf("%s with 0·log 0: %v %v", name, y, err)
		}
	}
}

// Kernels are accurate where the textbook form would cancel or underflow.
func TestKernelsAreAccurate(t *testing.T) {
	for _, c := range []struct {
		name    string
		x, want float64
	}{
		{"softplus", -50, math.Exp(-50)}, {"softplus", 50, 50 + math.Exp(-50)}, {"sigmoid", -700, math.Exp(-700)},
		{"log1p", 1e-18, 1e-18}, {"expm1", 1e-18, 1e-18}, {"normcdf", -30, 4.906713927148187e-198},
		{"silu", -700, -700 * math.Exp(-700)}, {"gelu", -30, -30 * 4.906713927148187e-198},
	} {
		if got := rules.Must(c.name).F(c.x); math.Abs(got-c.want) > 1e-12*math.Abs(c.want) {
			t.Errorf("%s(%g) = %g, want %g", c.name, c.x, got, c.want)
		}
	}
}

func TestFunctionsDocument(t *testing.T) {
	var b bytes.Buffer
	if err := rules.WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	const file = "../docs/functions.md"
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(old, b.Bytes()) {
		t.Errorf("%s is out of date: go test ./rules -run TestFunctionsDocument -update", file)
	}
}
