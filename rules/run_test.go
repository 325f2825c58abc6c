package rules_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// The NumPy code of every entry has the values of the kernel, at random points
// and, for functions of entries, far out. It needs MATDIFF_PYTHON, the path of
// a Python that has NumPy.
func TestNumPyCode(t *testing.T) {
	python := os.Getenv("MATDIFF_PYTHON")
	if python == "" {
		t.Skip("MATDIFF_PYTHON is not set")
	}
	var src strings.Builder
	src.WriteString("import json, math\nimport numpy as np\nnp.seterr(all='raise', under='ignore')\n")
	var wants []*num.Mat
	var names []string
	written := map[string]bool{}
	body := &strings.Builder{}
	add := func(f *rules.Func, args []*num.Mat) {
		y, err := f.Apply(args...)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			return
		}
		for _, fn := range strings.SplitAfter(f.NumPyFunc, "\n\n") {
			if !written[fn] {
				written[fn] = true
				src.WriteString(fn + "\n")
			}
		}
		axis := "1"
		if len(args) > 0 && args[0].C == 1 {
			axis = "0"
		}
		code := strings.ReplaceAll(f.NumPy, "$axis", axis)
		for i, a := range args {
			fmt.Fprintf(body, "x%d = np.array(%s)\n", i, pythonRows(a))
			code = strings.ReplaceAll(code, fmt.Sprint("$", i+1), fmt.Sprint("x", i))
		}
		fmt.Fprintf(body, "out.append(np.atleast_2d(%s).tolist())\n", code)
		wants, names = append(wants, y), append(names, fmt.Sprintf("%s of %v", f.NumPy, args))
	}
	eachCall(t, func(t *testing.T, r *rand.Rand, f *rules.Func, call []expr.Shape) {
		if f.Eval == nil && f.F == nil || f.NumPy == "" {
			return
		}
		add(f, point(t, r, f, call))
		if f.Elementwise && len(f.Params) == 1 && f.Domain.Text == "" && f.Domain.Sampler == "" && len(call) == 1 {
			add(f, []*num.Mat{num.FromRows([]float64{-800, -40, 0, 40, 800})})
		}
	})
	src.WriteString("out = []\n" + body.String() + "print(json.dumps(out))\n")
	file := filepath.Join(t.TempDir(), "f.py")
	if err := os.WriteFile(file, []byte(src.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, file)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got [][][]float64
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for i, w := range wants {
		g := num.FromRows(got[i]...)
		if !near(g, w, 1e-9) || g.R != w.R || g.C != w.C {
			t.Errorf("%s: %v, want %v", names[i], g, w)
		}
	}
}

func pythonRows(m *num.Mat) string {
	rows := make([][]float64, m.R)
	for i := range rows {
		rows[i] = m.Data[i*m.C : (i+1)*m.C]
	}
	b, _ := json.Marshal(rows)
	return string(b) + ", dtype=float"
}

// The Go code of every elementwise entry has the values of the kernel. It
// needs MATDIFF_SLOW, since it builds a program.
func TestGoCode(t *testing.T) {
	if os.Getenv("MATDIFF_SLOW") == "" {
		t.Skip("MATDIFF_SLOW is not set")
	}
	var body strings.Builder
	var wants []float64
	var names []string
	for _, f := range rules.All() {
		if !f.Elementwise {
			continue
		}
		for _, x := range []float64{-1e300, -800, -40, -1.25, -0.5, 0.25, 0.5, 1.5, 40, 800, 1e300} {
			args := []*num.Mat{num.Scalar(x), num.Scalar(0.25), num.Scalar(1)}[:len(f.Params)]
			y, err := f.Apply(args...)
			if err != nil || math.IsNaN(y.Data[0]) {
				continue
			}
			var as []string
			for _, a := range args {
				as = append(as, fmt.Sprint("float64(", a.Data[0], ")"))
			}
			fmt.Fprintf(&body, "\tfmt.Println(fn_%s_%d(%s))\n", f.Name, len(f.Params), strings.Join(as, ", "))
			wants, names = append(wants, y.Data[0]), append(names, fmt.Sprint(f.Go, " at ", x))
		}
	}
	src := strings.Replace(goCode(), "package p\n\nimport \"math\"\n", "package main\n\nimport (\n\"fmt\"\n\"math\"\n)\n", 1) +
		"func main() {\n" + body.String() + "}\n"
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("go", "run", file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for i, line := range strings.Fields(string(text)) {
		var g float64
		if _, err := fmt.Sscan(line, &g); err != nil {
			t.Fatal(line, err)
		}
		if w := wants[i]; g != w && !(math.Abs(g-w) <= 1e-13*math.Abs(w)) && math.Abs(w) > 1e-300 {
			t.Errorf("%s: %g, want %g", names[i], g, w)
		}
	}
}
