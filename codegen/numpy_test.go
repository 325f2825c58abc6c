package codegen

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/num"
)

// python finds an interpreter that has NumPy.
func python(t *testing.T) string {
	for _, p := range []string{os.Getenv("MATDIFF_PYTHON"), "python3", "/usr/bin/python3"} {
		if p != "" && exec.Command(p, "-c", "import numpy").Run() == nil {
			return p
		}
	}
	t.Skip("no python3 with NumPy: the NumPy modules are not run")
	return ""
}

const numpyDriver = `
import importlib.util, json, sys, os
import numpy as np
np.seterr(all="ignore")
out = []
for t in json.load(sys.stdin):
    try:
        spec = importlib.util.spec_from_file_location(t["model"], os.path.join(sys.argv[1], t["model"] + ".py"))
        m = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(m)
        def arg(a):
            x = np.array(a["Data"]).reshape(a["R"], a["C"])
            if a["R"] == 1 and a["C"] == 1 and a["scalar"]:
                return float(x[0, 0])
            return x.ravel() if t["flat"] and 1 in x.shape else x
        args = {k: arg(a) for k, a in t["vars"].items()}
        args.update(t["sizes"])
        v, g = m.value_and_grad(**args)
        again = m.value(**args)
        for k in g:
            if np.shape(g[k]) != np.shape(args[k]):
                raise ValueError("gradient %s has shape %s, want %s" % (k, np.shape(g[k]), np.shape(args[k])))
        out.append({"Value": v, "Again": again, "Grads": {k: np.ravel(x).tolist() for k, x in g.items()}})
    except Exception as e:
        out.append({"Error": "%s: %s" % (type(e).__name__, e)})
json.dump(out, sys.stdout)
`

type pyMatrix struct {
	R, C   int
	Data   []float64
	Scalar bool `json:"scalar"`
}

type pyTrial struct {
	Model string              `json:"model"`
	Sizes map[string]int      `json:"sizes"` // those that no input shows
	Vars  map[string]pyMatrix `json:"vars"`
	Flat  bool                `json:"flat"`
}

// runNumPy runs the modules of the corpus and of extra programs.
func runNumPy(t *testing.T, ids []string, ins []Input) {
	py := python(t)
	dir := t.TempDir()
	var pys []pyTrial
	var trials []trial
	for i, in := range ins {
		out, err := Generate(in, Options{Lang: "numpy"})
		if err != nil {
			t.Errorf("%s: %v", ids[i], err)
			continue
		}
		name := fmt.Sprintf("m%d", i)
		if d := os.Getenv("MATDIFF_KEEP"); d != "" {
			dir = d
		}
		if err := os.WriteFile(filepath.Join(dir, name+".py"), out.Files[0].Data, 0o644); err != nil {
			t.Fatal(err)
		}
		var env eval.Env
		var want []*num.Mat
		if env, want, err = point(rng(ids[i]), in, false); err != nil {
			t.Errorf("%s: %v", ids[i], err)
			continue
		}
		pt := pyTrial{Model: name, Vars: make(map[string]pyMatrix), Sizes: make(map[string]int), Flat: i%2 == 0}
		g := newPyGen(&in)
		for _, v := range g.order {
			x := env.Vars[v.Name]
			pt.Vars[v.Name] = pyMatrix{x.R, x.C, x.Data, v.Shape.IsScalar()}
		}
		for _, s := range g.unread() {
			pt.Sizes[g.sizes[s]] = env.Sizes[s]
		}
		tr := trial{Model: name, id: ids[i], want: want}
		for _, gr := range in.Grads {
			tr.wrt = append(tr.wrt, gr.Wrt.Name)
		}
		pys = append(pys, pt)
		trials = append(trials, tr)
	}
	data, err := json.Marshal(pys)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(py, "-c", numpyDriver, dir)
	cmd.Stdin = strings.NewReader(string(data))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, first(stderr.String(), 3000))
	}
	var as []struct {
		answer
		Error string
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(strings.ReplaceAll(string(raw), "NaN", "1e300"), "Infinity", "1e300")), &as); err != nil {
		t.Fatal(err)
	}
	good := 0
	for i, tr := range trials {
		if as[i].Error != "" {
			t.Errorf("%s (%s): %s", tr.id, tr.Model, as[i].Error)
			continue
		}
		if agree(t, tr, as[i].answer) {
			good++
		}
	}
	t.Logf("%d of %d NumPy modules agree", good, len(trials))
}

// Every NumPy module of the corpus agrees with the evaluator.
func TestNumPyAgrees(t *testing.T) {
	ids, ins := corpusInputs(t)
	runNumPy(t, ids, ins)
}

// Random programs, too; more of them with MATDIFF_SLOW.
func TestNumPyAgreesOnRandomPrograms(t *testing.T) {
	n := 100
	if os.Getenv("MATDIFF_SLOW") != "" {
		n = 1000
	}
	ids, ins := randomInputs(1, n)
	runNumPy(t, ids, ins)
}
