package codegen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
)

// trial is one point at which generated code runs.
type trial struct {
	Model string              `json:"model"`
	Sizes []int               `json:"sizes"`
	Vars  map[string]*num.Mat `json:"vars"` // by field

	id   string
	want []*num.Mat
	wrt  []string // fields
}

type answer struct {
	Value, Again float64
	Allocs       float64
	Grads        map[string][]float64
}

// model generates the code of one input under a name and its trials.
func model(t *testing.T, id, name string, in Input, workers bool) (src []byte, driver string, trials []trial, ok bool) {
	out, err := Generate(in, Options{Name: name, Package: "main", Workers: workers})
	if err != nil {
		t.Errorf("%s: %v", id, err)
		return nil, "", nil, false
	}
	again, err := Generate(in, Options{Name: name, Package: "main", Workers: workers})
	if err != nil || string(again.Files[0].Data) != string(out.Files[0].Data) {
		t.Errorf("%s: not deterministic", id)
	}
	shared := workers && bytes.Contains(out.Files[0].Data, []byte("SetWorkers"))
	if shared {
		// So that the small problems here are shared out, too.
		out.Files[0].Data = bytes.Replace(out.Files[0].Data, []byte("flops < 1<<20"), []byte("flops < 0"), 1)
	}
	gg := &goGen{in: &in, sizes: make(map[string]string), vars: make(map[*expr.Var]string)}
	gg.inputs()
	for _, large := range []bool{false, true} {
		env, want, err := point(rng(fmt.Sprint(id, large)), in, large)
		if err != nil {
			if !large {
				t.Errorf("%s: %v", id, err)
			}
			continue
		}
		tr := trial{Model: name, Vars: make(map[string]*num.Mat), id: id, want: want}
		for _, s := range gg.symbols {
			tr.Sizes = append(tr.Sizes, env.Sizes[s])
		}
		for _, v := range gg.order {
			tr.Vars[gg.vars[v]] = env.Vars[v.Name]
		}
		for _, g := range in.Grads {
			tr.wrt = append(tr.wrt, gg.vars[g.Wrt])
		}
		trials = append(trials, tr)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "func run%s(t trial) answer {\nm := New%s(", name, name)
	for i := range gg.symbols {
		fmt.Fprintf(&b, "t.Sizes[%d], ", i)
	}
	b.WriteString(")\n")
	if shared {
		b.WriteString("m.SetWorkers(4)\nm.SetWorkers(3)\ndefer m.SetWorkers(1)\n")
	}
	fmt.Fprintf(&b, "in := &%sInput{\n", name)
	for _, v := range gg.order {
		if v.Shape.IsScalar() {
			fmt.Fprintf(&b, "%s: t.Vars[%q].Data[0],\n", gg.vars[v], gg.vars[v])
		} else {
			fmt.Fprintf(&b, "%s: dense(t.Vars[%q]),\n", gg.vars[v], gg.vars[v])
		}
	}
	b.WriteString("}\ng := m.NewGrad()\n")
	for _, g := range in.Grads {
		if !g.Wrt.Shape.IsScalar() {
			fmt.Fprintf(&b, "g.%s = spoiled(g.%s)\n", gg.vars[g.Wrt], gg.vars[g.Wrt])
		}
	}
	b.WriteString("a := answer{Grads: map[string][]float64{}}\na.Value = m.ValueAndGrad(in, g)\na.Value = m.ValueAndGrad(in, g)\na.Again = m.Value(in)\n")
	for _, g := range in.Grads {
		f := gg.vars[g.Wrt]
		if g.Wrt.Shape.IsScalar() {
			fmt.Fprintf(&b, "a.Grads[%q] = []float64{g.%s}\n", f, f)
		} else {
			fmt.Fprintf(&b, "a.Grads[%q] = flat(g.%s)\n", f, f)
		}
	}
	b.WriteString("a.Allocs = testing.AllocsPerRun(2, func() { m.ValueAndGrad(in, g); m.Value(in) })\nreturn a\n}\n")
	return out.Files[0].Data, b.String(), trials, true
}

const driverHead = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"
)

type matrix struct {
	R, C int
	Data []float64
}

type trial struct {
	Model string
	Sizes []int
	Vars  map[string]*matrix
}

type answer struct {
	Value, Again float64
	Allocs       float64
	Grads        map[string][]float64
}

// dense is a view into a larger matrix, so that strides are honoured.
func dense(m *matrix) *mat.Dense {
	d := mat.NewDense(m.R+1, m.C+2, nil)
	v := d.Slice(1, m.R+1, 1, m.C+1).(*mat.Dense)
	for i := range m.R {
		for j := range m.C {
			v.Set(i, j, m.Data[i*m.C+j])
		}
	}
	return v
}

// spoiled is a view of the same size full of numbers that must go.
func spoiled(g *mat.Dense) *mat.Dense {
	r, c := g.Dims()
	d := mat.NewDense(r+2, c+3, nil)
	d.Apply(func(i, j int, x float64) float64 { return 1e10 }, d)
	return d.Slice(1, r+1, 2, c+2).(*mat.Dense)
}

func flat(g *mat.Dense) []float64 {
	r, c := g.Dims()
	out := make([]float64, 0, r*c)
	for i := range r {
		out = append(out, g.RawRowView(i)...)
	}
	return out
}

func main() {
	var ts []trial
	if err := json.NewDecoder(os.Stdin).Decode(&ts); err != nil {
		panic(err)
	}
	out := make([]answer, len(ts))
	for i, t := range ts {
		func() {
			defer func() {
				if r := recover(); r != nil {
					fmt.Fprintln(os.Stderr, "panic in", t.Model, t.Sizes, r)
				}
			}()
			out[i] = runs[t.Model](t)
		}()
		for k, g := range out[i].Grads {
			for j, x := range g {
				if x != x || x > 1e300 || x < -1e300 {
					fmt.Fprintln(os.Stderr, "not finite:", t.Model, k)
					g[j] = 1e300
				}
			}
		}
		if v := out[i].Value; v != v || v > 1e300 || v < -1e300 {
			fmt.Fprintln(os.Stderr, "value not finite:", t.Model)
			out[i].Value = 1e300
		}
		if v := out[i].Again; v != v || v > 1e300 || v < -1e300 {
			out[i].Again = 1e300
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
`

// runGo compiles the models and runs the trials, some dozen models a program: the
// compiler takes a package as a whole.
func runGo(t *testing.T, sources map[string][]byte, drivers []string, trials []trial) []answer {
	t.Helper()
	const most = 60
	names := slices.Sorted(maps.Keys(sources))
	answers := make([]answer, len(trials))
	for batch := range slices.Chunk(names, most) {
		some := make(map[string][]byte)
		for _, n := range batch {
			some[n] = sources[n]
		}
		var ds []string
		for _, d := range drivers {
			name, _, _ := strings.Cut(strings.TrimPrefix(d, "func run"), "(")
			if some[name] != nil {
				ds = append(ds, d)
			}
		}
		var ts []trial
		var at []int
		for i, tr := range trials {
			if some[tr.Model] != nil {
				ts, at = append(ts, tr), append(at, i)
			}
		}
		for i, a := range runProgram(t, some, ds, ts) {
			answers[at[i]] = a
		}
	}
	return answers
}

// runProgram compiles the models into one program and runs the trials.
func runProgram(t *testing.T, sources map[string][]byte, drivers []string, trials []trial) []answer {
	t.Helper()
	dir, err := os.MkdirTemp("testdata", "agree-")
	if err != nil {
		t.Fatal(err)
	}
	keep := os.Getenv("MATDIFF_KEEP") != ""
	if !keep {
		defer os.RemoveAll(dir)
	}
	var names []string
	for n, src := range sources {
		names = append(names, n)
		if err := os.WriteFile(filepath.Join(dir, strings.ToLower(n)+"_gen.go"), src, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString(driverHead + "\nvar runs = map[string]func(trial) answer{\n")
	for _, n := range names {
		fmt.Fprintf(&b, "%q: run%s,\n", n, n)
	}
	b.WriteString("}\n\n" + strings.Join(drivers, "\n"))
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(trials)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "./"+dir)
	cmd.Stdin = strings.NewReader(string(data))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, first(stderr.String(), 6000))
	}
	if s := stderr.String(); s != "" {
		t.Log(first(s, 3000))
	}
	var as []answer
	if err := json.Unmarshal(out, &as); err != nil {
		t.Fatal(err)
	}
	return as
}

func first(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

// agree compares answers with the evaluator: to 1e-12 of the largest entry.
func agree(t *testing.T, tr trial, a answer) bool {
	ok := true
	check := func(what string, got []float64, want *num.Mat) {
		if len(got) != len(want.Data) {
			t.Errorf("%s %v: %s has %d entries, want %d×%d", tr.id, tr.Sizes, what, len(got), want.R, want.C)
			ok = false
			return
		}
		scale := math.Max(want.MaxAbs(), 1e-3)
		for i := range got {
			if d := math.Abs(got[i] - want.Data[i]); !(d <= tolerance*scale) {
				t.Errorf("%s (%s) %v: %s[%d] = %v, want %v", tr.id, tr.Model, tr.Sizes, what, i, got[i], want.Data[i])
				ok = false
				return
			}
		}
	}
	check("value", []float64{a.Value}, tr.want[0])
	check("Value", []float64{a.Again}, tr.want[0])
	for i, f := range tr.wrt {
		check("gradient "+f, a.Grads[f], tr.want[i+1])
	}
	if a.Allocs != 0 {
		t.Errorf("%s (%s): %v allocations per call", tr.id, tr.Model, a.Allocs)
		ok = false
	}
	return ok
}

// tolerance is what generated code may differ from the evaluator by, relative
// to the largest entry.
const tolerance = 1e-12

// corpusInputs are the programs of the corpus that have a scalar objective,
// with the gradients that the corpus states and with those that are derived.
func corpusInputs(t *testing.T) (ids []string, ins []Input) {
	for _, e := range corpus(t) {
		in, err := e.input()
		switch {
		case err != nil && !strings.Contains(strings.Join(e.grads, " "), "dQ/d") && !strings.Contains(e.id, "pb-"):
			t.Errorf("%s: %v", e.id, err)
		case err == nil && in.Objective.Node.IsScalar():
			ids = append(ids, e.id)
			ins = append(ins, in)
		}
		if in, err := derived(strings.Join(e.lines, "\n")); err == nil && in.Objective.Node.IsScalar() {
			ids = append(ids, e.id+"/derived")
			ins = append(ins, in)
		}
	}
	for _, f := range rules.All() {
		for i, src := range f.Examples {
			if in, err := derived(src); err == nil && in.Objective.Node.IsScalar() {
				ids = append(ids, fmt.Sprintf("rules/%s/%d", f.Name, i))
				ins = append(ins, in)
			}
		}
	}
	return ids, ins
}

// derived is a program with its gradients by the engine.
func derived(src string, wrt ...string) (Input, error) {
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		return Input{}, list
	}
	res, list := infer.Infer(tree, infer.Options{})
	if list.Err() != nil {
		return Input{}, list
	}
	d, err := derive.Derive(res.Program, derive.Options{Wrt: wrt})
	if err != nil {
		return Input{}, err
	}
	in := Input{Program: res.Program, Objective: d.Objective, Formula: func(n *expr.Node) string { return render.Expr(n, render.Text) }}
	for _, g := range d.Grads {
		in.Grads = append(in.Grads, Gradient{g.Wrt, g.Node})
	}
	return in, nil
}

// onceWrong is a case that was wrong beyond one block of rows: of R X − X R the
// second product was added to the rows of another block.
const onceWrong = "mn-commutator"

// Every program of the corpus with a scalar objective, generated, compiled and
// run at two points, agrees with the evaluator and allocates nothing. Every
// 30th unless MATDIFF_SLOW is set: compiling all takes a minute.
func TestAgreesWithEvaluator(t *testing.T) {
	sources := make(map[string][]byte)
	var drivers []string
	var trials []trial
	ids, ins := corpusInputs(t)
	for i, in := range ins {
		if os.Getenv("MATDIFF_SLOW") == "" && i%60 > 1 && !strings.Contains(ids[i], onceWrong) {
			continue
		}
		if only := os.Getenv("ONLY"); only != "" && !strings.Contains(ids[i], only) {
			continue
		}
		name := fmt.Sprintf("M%d", i)
		src, driver, ts, ok := model(t, ids[i], name, in, i%2 == 1)
		if !ok {
			continue
		}
		sources[name] = src
		drivers = append(drivers, driver)
		trials = append(trials, ts...)
	}
	answers := runGo(t, sources, drivers, trials)
	good := 0
	for i, tr := range trials {
		if agree(t, tr, answers[i]) {
			good++
		}
	}
	t.Logf("%d of %d points agree, %d programs", good, len(trials), len(sources))
}

// Random programs in Go; more of them with MATDIFF_SLOW.
func TestRandomProgramsAgree(t *testing.T) {
	n := 12
	if os.Getenv("MATDIFF_SLOW") != "" {
		n = 300
	}
	sources := make(map[string][]byte)
	var drivers []string
	var trials []trial
	ids, ins := randomInputs(5000, n)
	for i, in := range ins {
		name := fmt.Sprintf("R%d", i)
		src, driver, ts, ok := model(t, ids[i], name, in, i%2 == 1)
		if !ok {
			continue
		}
		sources[name] = src
		drivers = append(drivers, driver)
		trials = append(trials, ts...)
	}
	for i, a := range runGo(t, sources, drivers, trials) {
		agree(t, trials[i], a)
	}
}
