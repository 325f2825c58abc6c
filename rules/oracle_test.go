package rules_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// wholeShapes are operands of every kind, of sizes that are numbers: single
// entries, single rows and columns, squares, wide and tall ones.
var wholeShapes = func() (out []expr.Shape) {
	for _, s := range [][2]int{{1, 1}, {4, 1}, {1, 3}, {3, 3}, {2, 2}, {2, 3}, {4, 3}, {6, 1}, {6, 6}} {
		out = append(out, expr.Shape{R: expr.Whole(s[0]), C: expr.Whole(s[1])})
	}
	return out
}()

// edges are entries at and near the borders of domains, and far out.
var edges = []float64{0, 1, -1, 1e-8, -1e-8, 1e-300, 0.5, -0.5, 0.999999, -0.999999, 1 - 1e-12, 3, -3, 10, -10, 30, -30, 40, -40, 200, -200, 700, -700, 1e5, -1e5, 1e15, -1e15}

// oracleCall is one call for testdata/oracle.py.
type oracleCall struct {
	Fn    string    `json:"fn"`
	Args  []entries `json:"args"`
	C     entries   `json:"c"`
	Value entries   `json:"value"`
	Grads []entries `json:"grads"`
}

type entries [][]any

func entriesOf(m *num.Mat) entries {
	if m == nil {
		return nil
	}
	out := make(entries, m.R)
	for i := range out {
		for j := range m.C {
			v := m.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				out[i] = append(out[i], fmt.Sprint(v)) // JSON has no such numbers
			} else {
				out[i] = append(out[i], v)
			}
		}
	}
	return out
}

// Every function has the values and the gradients that PyTorch finds for
// formulas of its own, at random points of every shape, and at the borders of
// its domain. It needs MATDIFF_TORCH, the path of a Python that has PyTorch.
func TestOracle(t *testing.T) {
	python := os.Getenv("MATDIFF_TORCH")
	if python == "" {
		t.Skip("MATDIFF_TORCH is not set")
	}
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	refused := map[string]int{}
	for i, f := range rules.All() {
		if f.Op != expr.OpNum {
			continue
		}
		tried := 0
		for j, call := range tuples(f, wholeShapes) {
			r := rand.New(rand.NewPCG(uint64(i), uint64(j)))
			for k := range 3 {
				if k > 0 && len(f.Params) > 2 {
					break
				}
				c, err := oracle(f, call, point(t, r, f, call), r)
				if err != nil {
					refused[f.Name+": "+err.Error()]++
					continue
				}
				tried++
				enc.Encode(c)
			}
		}
		if tried == 0 {
			t.Errorf("%s: no call", f.Name)
		}
		if !f.Elementwise || f.Family == "comparison" {
			continue
		}
		one := []expr.Shape{expr.Scalar, expr.Scalar, expr.Scalar}[:len(f.Params)]
		r := rand.New(rand.NewPCG(uint64(i), 1<<32))
		for _, x := range edges {
			args := []*num.Mat{num.Scalar(x), num.Scalar(0.7), num.Scalar(1)}[:len(f.Params)]
			at := false
			for _, k := range f.Domain.Kinks {
				at = at || k == x
			}
			if y, err := f.Apply(args...); err != nil || math.IsNaN(y.Data[0]) || at {
				continue
			}
			c, err := oracle(f, one, args, r)
			if err != nil {
				refused[f.Name+": "+err.Error()]++
				continue
			}
			enc.Encode(c)
		}
	}
	for why, n := range refused {
		t.Logf("%d refused: %s", n, why)
	}
	cmd := exec.Command(python, "testdata/oracle.py")
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var s struct {
			Summary string
			Missing []string
		}
		if json.Unmarshal([]byte(line), &s) == nil && s.Summary != "" {
			t.Log(s.Summary)
			if len(s.Missing) > 0 {
				t.Errorf("no formula for %v", s.Missing)
			}
			continue
		}
		t.Error(line)
	}
}

// tuples lists the operands among shapes that f accepts.
func tuples(f *rules.Func, shapes []expr.Shape) (out [][]expr.Shape) {
	all := [][]expr.Shape{nil}
	for range f.Params {
		var next [][]expr.Shape
		for _, t := range all {
			for _, s := range shapes {
				next = append(next, append(t[:len(t):len(t)], s))
			}
		}
		all = next
	}
	for _, t := range all {
		if _, err := f.FnShape(t); err == nil {
			out = append(out, t)
		}
	}
	return out
}

// oracle evaluates f and its derived gradients at args.
func oracle(f *rules.Func, call []expr.Shape, args []*num.Mat, r *rand.Rand) (c oracleCall, err error) {
	c.Fn = fmt.Sprintf("%s/%d", f.Name, len(f.Params))
	y, err := f.Apply(args...)
	if err != nil {
		return c, err
	}
	weight := num.New(y.R, y.C)
	for k := range weight.Data {
		weight.Data[k] = r.NormFloat64()
	}
	c.Value, c.C = entriesOf(y), entriesOf(weight)
	var src strings.Builder
	var names []string
	env := eval.Env{Vars: map[string]*num.Mat{"W_w": weight}, Sizes: map[string]int{}}
	for i, a := range args {
		name := fmt.Sprintf("X_%d", i+1)
		fmt.Fprintf(&src, "%s: %d×%d\n", name, a.R, a.C)
		names = append(names, name)
		env.Vars[name] = a
		c.Args = append(c.Args, entriesOf(a))
	}
	fmt.Fprintf(&src, "W_w: %d×%d\n", y.R, y.C)
	fmt.Fprintf(&src, "Q = sum(W_w .* %s(%s))", f.Name, strings.Join(names, ", "))
	if len(names) == 0 {
		return c, nil
	}
	for i, name := range names {
		if f.Params[i].NoD != "" || len(f.D) == 0 {
			c.Grads = append(c.Grads, nil)
			continue
		}
		d, err := matdiff.Derive(context.Background(), src.String(), matdiff.NoVerify(), matdiff.Wrt(name))
		if err != nil {
			return c, fmt.Errorf("%s: %w", src.String(), err)
		}
		g, err := eval.Eval(d.Grads[0].Full, env)
		if err != nil {
			return c, fmt.Errorf("%s: %w", src.String(), err)
		}
		if len(g.Data) == 1 && len(args[i].Data) > 1 {
			g = num.Fill(args[i].R, args[i].C, g.Data[0])
		}
		c.Grads = append(c.Grads, entriesOf(g))
	}
	return c, nil
}
