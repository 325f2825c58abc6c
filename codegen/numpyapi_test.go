package codegen

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/internal/randexpr"
	"github.com/matdiff/matdiff/num"
)

// How modules take arguments and give results: each case is a program and
// Python that asserts; m is the module, raises(f, *words) that f raises a
// ValueError whose message has the words.
var numpyAPI = []struct{ src, py string }{
	{"A: m×n; x: n; b: 1×m; λ: scalar; Q = ‖A x - b'‖² + λ x'x", `
A, x, b = np.arange(6.).reshape(3, 2), np.array([1., -2.]), np.array([[1., 2., 3.]])
v, g = m.value_and_grad(A, x, b, 0.5)
assert isinstance(v, float) and v == m.value(A=A, x=x, b=b, λ=0.5)
r = A @ x - b[0]
assert np.isclose(v, r @ r + 0.5*x @ x)
assert list(g) == ["A", "x", "b", "λ"]
assert g["x"].shape == (2,) and g["b"].shape == (1, 3) and g["A"].shape == (3, 2) and np.shape(g["λ"]) == ()
assert np.allclose(g["x"], 2*A.T @ r + x)
for xs in (x, x[:, None]):
    for bs in (b, b[0]):
        for s in (0.5, np.float64(0.5), np.array(0.5), np.array([[0.5]])):
            w, h = m.value_and_grad(A, xs, bs, s)
            assert w == v and h["x"].shape == xs.shape and h["b"].shape == bs.shape
assert m.value([[0, 1], [2, 3], [4, 5]], [1, -2], (1, 2, 3), 0.5) == v
raises(lambda: m.value(A, [1, 2, 3], b, 1), "x", "(3,)", "(2,)", "(2, 1)")
raises(lambda: m.value(A, x[None], b, 1), "x", "(1, 2)", "(2, 1)")
raises(lambda: m.value(A[0], x, b, 1), "A", "(2,)", "(m, n)")
raises(lambda: m.value(A, x, b.T, 1), "b", "(3, 1)", "(1, 3)")
raises(lambda: m.value(A, x, b, [1, 2]), "λ", "(2,)", "number")
try:
    m.value(A, x, b, mu=1)
    assert False
except TypeError:
    pass`},
	{"A: n×n; x: n; Q = x'A x", `
raises(lambda: m.value(np.ones((2, 3)), np.ones(3)), "A", "(2, 3)", "(n, n)")
raises(lambda: m.value(np.ones((2, 2)), np.ones(3)), "x", "(3,)", "(2,)")`},
	{"A: n×m; B: n×m; x: n; y: n; Q = sum(A .* B) + x'y", `
a = [np.random.rand(2, 3), np.random.rand(2, 3), np.random.rand(2), np.random.rand(2, 1)]
_, g = m.value_and_grad(*a)
for k in g:
    assert not any(np.shares_memory(g[k], z) for z in a)
    assert not any(np.shares_memory(g[k], g[j]) for j in g if j != k)`},
	{"A: n×n; B: n×n; Q = tr(A + B) + sum(A*B)", `
_, g = m.value_and_grad(np.eye(2), np.eye(2))
assert not np.shares_memory(g["A"], g["B"])`},
	{"np: n; in: n; z₁: n; x̂: n; ϕ: scalar; float: scalar; unused: scalar const; Q = ϕ np'in + float z₁'x̂", `
v, g = m.value_and_grad(**{"np": [1, 2], "in": [3, 4], "z₁": [1, 1], "x̂": [2, 5], "float": 3, "unused": 0}, ϕ=2)
assert v == 2*11 + 3*7 and list(g) == ["np", "in", "z_1", "x̂", "φ", "float"], (v, list(g))
assert v == m.value([1, 2], [3, 4], [1, 1], [2, 5], 2, 3, 0)
assert m.value.__name__ == "value"`},
	{"x: n; Q = sum(x)/n + sum(ones(k))", `
assert m.value([1, 3], k=4) == 6
assert m.value_and_grad(np.ones((2, 1)), k=4)[1]["x"].tolist() == [[0.5], [0.5]]`},
	{"Z: N×K; Q = sum(logsumexp(Z)) + sum(softmax(Z)).^2", `
Z = np.array([[1.], [2.], [3.]])
assert np.isclose(m.value(Z), 6 + 9) and np.allclose(m.value_and_grad(Z)[1]["Z"], 1)`},
	{"x: 2n; A: n×m; Q = sum(x) + sum(A)", `
assert m.value([1, 2, 3, 4], [[1], [1]]) == 12
raises(lambda: m.value([1, 2, 3], [[1], [1]]), "x", "(3,)", "(4,)")`},
	{"a: scalar; b: scalar; Q = a/b + a^(1/3)", `
with np.errstate(all="ignore"):
    assert m.value(1, 0) == np.inf and np.isnan(m.value(-8, 1))`},
	// Networks of any depth are passed through forward and back, layer by layer.
	{net(1), netByHand(1)},
	{net(3), netByHand(3)},
	{net(6), netByHand(6)},
	{"h_0: k; W: k×k; U: k×d; b: k; x_t: d; h_t = tanh(W h_{t-1} + U x_t + b), t = 1…T; T = 4; Q = 1/2 ‖h_T‖²", `
k, d = 3, 2
W, U, b = np.random.randn(k, k), np.random.randn(k, d), np.random.randn(k)
x = [None] + [np.random.randn(d) for _ in range(4)]
h = [np.random.randn(k)]
for t in range(1, 5):
    h.append(np.tanh(W @ h[t - 1] + U @ x[t] + b))
g, gW, gU, gb = h[4].copy(), 0, 0, 0
want = {}
for t in range(4, 0, -1):
    g = g*(1 - h[t]**2)
    gW, gU, gb = gW + np.outer(g, h[t - 1]), gU + np.outer(g, x[t]), gb + g
    want["x_%d" % t] = U.T @ g
    g = W.T @ g
want.update(W=gW, U=gU, b=gb, h_0=g)
v, got = m.value_and_grad(h_0=h[0], W=W, U=U, b=b, x_1=x[1], x_2=x[2], x_3=x[3], x_4=x[4])
assert np.isclose(v, h[4] @ h[4]/2) and set(got) == set(want), (v, list(got))
for name in want:
    assert np.allclose(got[name], want[name]), name`},
}

// net is a network of some layers of the same width.
func net(layers int) string {
	var b strings.Builder
	b.WriteString("X: H×N; Y: H×N; ")
	for l := 1; l <= layers; l++ {
		fmt.Fprintf(&b, "W^%d: H×H; b^%d: H; ", l, l)
	}
	fmt.Fprintf(&b, "A^0 = X; A^{l+1} = tanh(W^{l+1} A^l + b^{l+1} 1'), l = 0…L−1; L = %d; Q = 1/2 ‖A^L - Y‖²", layers)
	return b.String()
}

// netByHand is Python that passes through the network and back by a loop.
func netByHand(layers int) string {
	return fmt.Sprintf(`
L, H, N = %d, 3, 4
args = {"X": np.random.randn(H, N), "Y": np.random.randn(H, N)}
for l in range(1, L + 1):
    args["W_%%d" %% l], args["b_%%d" %% l] = np.random.randn(H, H), np.random.randn(H)
A = [args["X"]]
for l in range(1, L + 1):
    A.append(np.tanh(args["W_%%d" %% l] @ A[l - 1] + args["b_%%d" %% l][:, None]))
G = A[L] - args["Y"]
want = {"Y": -G}
q = np.sum(G**2)/2
for l in range(L, 0, -1):
    G = G*(1 - A[l]**2)
    want["W_%%d" %% l], want["b_%%d" %% l] = G @ A[l - 1].T, G.sum(axis=1)
    G = args["W_%%d" %% l].T @ G
want["X"] = G
v, got = m.value_and_grad(**args)
assert np.isclose(v, q) and np.isclose(m.value(**args), q) and set(got) == set(want), (v, list(got))
for name in want:
    assert np.allclose(got[name], want[name]), name`, layers)
}

func TestNumPyInterface(t *testing.T) {
	py := python(t)
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("import sys\nimport numpy as np\nsys.path.insert(0, sys.argv[1])\nimport importlib\n" + `
def raises(f, *words):
    try:
        f()
    except ValueError as e:
        assert all(w in str(e) for w in words), (words, str(e))
        return
    assert False, "no error"

`)
	for i, c := range numpyAPI {
		in, err := derived(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		out, err := Generate(in, Options{Lang: "numpy"})
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		name := fmt.Sprintf("m%d", i)
		if err := os.WriteFile(filepath.Join(dir, name+".py"), out.Files[0].Data, 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "def case%d(m):%s\n\n", i, strings.ReplaceAll(c.py, "\n", "\n    "))
		fmt.Fprintf(&b, "try:\n    case%d(importlib.import_module(%q))\nexcept BaseException as e:\n    import traceback\n    print(%q)\n    traceback.print_exc(limit=-1, file=sys.stdout)\n", i, name, c.src)
	}
	file := filepath.Join(dir, "run.py")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(py, file, dir).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, first(string(out), 4000))
	}
}

// randomInputs are random programs with a scalar objective.
func randomInputs(seed uint64, n int) (ids []string, ins []Input) {
	for ; len(ids) < n; seed++ {
		src := randexpr.Program(seed, 6+int(seed%10))
		in, err := derived(src)
		if err != nil || !in.Objective.Node.IsScalar() || len(in.Grads) == 0 {
			continue
		}
		src = fmt.Sprintf("seed %d: %s", seed, src)
		// The point must be good for every step of the way there: a singular
		// matrix inside is an error to one and 1e17 to another, and a tanh hides
		// it from the value.
		env, _, err := point(rng(src), in, false)
		if err != nil {
			continue
		}
		inside := expr.Topo(in.Objective.Node)
		values := make([]*num.Mat, len(inside))
		for i, n := range inside {
			x, e := eval.Eval(n, env)
			if e != nil || !x.Finite() || x.MaxAbs() > 1e8 {
				err = fmt.Errorf("not finite inside")
				break
			}
			values[i] = x
		}
		if err == nil && !steady(rng(src), inside, env, values) {
			err = fmt.Errorf("ill-conditioned inside")
		}
		if err != nil {
			continue // not finite, or a jump, where it was drawn
		}
		ids = append(ids, src)
		ins = append(ins, in)
	}
	return ids, ins
}
