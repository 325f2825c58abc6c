package infer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/parser"
)

// dump writes a node as nested calls, so that tests see the structure.
func dump(n *expr.Node) string {
	args := make([]string, len(n.Args))
	for i, a := range n.Args {
		args[i] = dump(a)
	}
	list := "(" + strings.Join(args, " ") + ")"
	switch n.Op {
	case expr.OpNum:
		return n.Num.RatString()
	case expr.OpSize:
		return n.Dim.String()
	case expr.OpVar:
		return n.Var.Name
	case expr.OpOnes:
		return "1[" + n.Shape.String() + "]"
	case expr.OpZeros:
		return "0[" + n.Shape.String() + "]"
	case expr.OpEye:
		return "I[" + n.Shape.R.String() + "]"
	case expr.OpCall:
		return n.Fn.FnName() + list
	}
	return n.Op.String() + list
}

func inferText(src string, opt Options) (*Result, *diag.List) {
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		return nil, list
	}
	return Infer(tree, opt)
}

func shapesOf(p *expr.Program) string {
	var s []string
	for _, v := range p.Vars {
		s = append(s, v.Name+":"+v.Shape.String())
	}
	return strings.Join(s, " ")
}

// TestReadings holds what the language has of names, products and shapes: the
// program, the objective as it is understood, the variables.
func TestReadings(t *testing.T) {
	for _, c := range []struct{ src, want, vars string }{
		// The example of the contract: a row by broadcasting.
		{"Q = sum(Y .* logsoftmax(XW+b))", "sum(had(Y logsoftmax(add(mul(X W) mul(1[N×1] b)))))", "Y:N×K X:N×D W:D×K b:1×K"},
		// Juxtaposition, splitting of words.
		{"x: n; A: n×n; Q = x'Ax", "mul(t(x) A x)", "x:n×1 A:n×n"},
		{"A: m×n; B: m×p; Q = tr((2AᵀB)'*2AᵀB)", "tr(scale(2 mul(t(scale(2 mul(t(A) B))) t(A) B)))", ""},
		{"a: scalar; X: n×m; b: m; Q = sum(aXb)", "sum(scale(a mul(X b)))", ""},
		{"x1: 1×n; A: n×m; x2: m; Q = x1Ax2", "mul(x1 A x2)", "x1:1×n A:n×m x2:m×1"},
		{"X: n×m; W: m×k; V: m×k; Q = sum(X (W + V))", "sum(mul(X add(W V)))", ""},
		{"loss: scalar; Q = 2loss", "had(2 loss)", "loss:scalar"},
		{"Q = sum(Xtrain*yhat)", "sum(mul(Xtrain yhat))", "Xtrain:N×D yhat:D×1"},
		{"XW: n×n; Q = tr(XW)", "tr(XW)", "XW:n×n"},
		// Names in several spellings.
		{"z_1: n; Q = z₁'z_{1}", "mul(t(z_1) z_1)", "z_1:n×1"},
		{"x̂: n; Q = x̂'x̂", "mul(t(x̂) x̂)", "x̂:n×1"},
		{"mu: n; x: n; Q = (x-μ)'(x-mu)", "mul(t(add(x scale(-1 mu))) add(x scale(-1 mu)))", "mu:n×1 x:n×1"},
		// Declarations win over every other reading.
		{"sigma: scalar; x: n; Q = sum(sigma(x))", "sum(scale(sigma x))", "sigma:scalar x:n×1"},
		{"sigma: scalar; x: n; Q = sum(σ(x))", "sum(scale(sigma x))", "sigma:scalar x:n×1"},
		{"I: n×n; Q = tr(I*I)", "tr(mul(I I))", "I:n×n"},
		{"exp: scalar; x: n; Q = sum(exp(x))", "sum(scale(exp x))", ""},
		{"pi: scalar; Q = pi^2", "pow(pi 2)", "pi:scalar"},
		{"Q = pi*r^2", "had(pi() pow(r 2))", "r:scalar"},
		{"Q = e^2", "pow(e 2)", "e:scalar"},
		{"x: n; f = x'x; Q = f^2", "pow(mul(t(x) x) 2)", ""},
		// Calls without brackets.
		{"A: n×n spd; Q = log det A", "log(det(A))", ""},
		{"X: n×n; Q = tr X", "tr(X)", ""},
		{"z: n; Q = sum(σ z)", "sum(sigmoid(z))", ""},
		{"A: n×m; B: n×m; Q = tr A'B", "tr(mul(t(A) B))", ""},
		{"x: scalar; y: scalar; Q = y log x", "had(y log(x))", ""},
		{"x: scalar; Q = 1/log x", "pow(log(x) -1)", ""},
		{"x: scalar; Q = x(x + 1)", "had(x add(x 1))", ""},
		// Ones and identities.
		{"X: N×D; b: D; Q = sum(X + 1bᵀ)", "sum(add(X mul(1[N×1] t(b))))", ""},
		{"x: n; Q = 1ᵀx", "mul(t(1[n×1]) x)", ""},
		{"X: N×D; Q = sum(1'*X)", "sum(mul(t(1[N×1]) X))", ""},
		{"X: N×D; Q = sum(X*𝟏)", "sum(mul(X 1[D×1]))", ""},
		{"X: N×D; Q = sum(ones(N)'*X*1)", "sum(mul(t(1[N×1]) X))", ""},
		{"A: m×n; Q = tr(A'A + λI)", "tr(add(mul(t(A) A) scale(λ I[n])))", "A:m×n λ:scalar"},
		{"A: n×n; Q = tr(A + eye)", "tr(add(A I[n]))", ""},
		{"A: n×n; Q = tr(A + I(n))", "tr(add(A I[n]))", ""},
		{"A: m×n; x: n; Q = norm2(A*x - vector(1))", "norm(add(mul(A x) scale(-1 1[m×1])))", ""},
		{"A: m×n; Q = tr(A*matrix(2))", "tr(scale(2 mul(A 1[n×m])))", ""},
		// Sizes as scalars.
		{"X: N×D; Q = 1/N sum(X)", "had(pow(N -1) sum(X))", ""},
		{"x: k; Q = sqrt(k)*sum(x)", "had(sqrt(k) sum(x))", ""},
		// Precedence.
		{"x: n; A: n×n; Q = 1/2 x'Ax", "had(1/2 mul(t(x) A x))", ""},
		{"x: scalar; Q = -x^2", "had(-1 pow(x 2))", ""},
		{"A: n×n; Q = sum(A\\A)", "sum(mul(inv(A) A))", ""},
		{"X: n×n; Q = tr(X^3) + tr(X^-1)", "add(tr(mul(X X X)) tr(inv(X)))", ""},
		{"X: n×n; Q = sum(X^-T)", "sum(t(inv(X)))", ""},
		{"A: n×m; B: p×q; Q = sum(A ⊗ B)", "sum(kron(A B))", ""},
		{"X: n×m; Q = sum(1./X)", "sum(pow(X -1))", ""},
		{"x: n; Q = sum([x >= 0] .* x)", "sum(had(ge(x 0[n×1]) x))", ""},
		{"x: n; Q = ‖x‖^2", "pow(norm(x) 2)", ""},
		{"s: scalar; Q = |s|", "abs(s)", ""},
		{"A: n×m; B: n×m; Q = ⟨A, B⟩", "dot(A B)", ""},
		{"X: N×K; Q = sum(max(0, X))", "sum(max(0[N×K] X))", ""},
		// Broadcasting.
		{"X: N×K; v: N; Q = sum(X .* v)", "sum(had(X mul(v 1[1×K])))", ""},
		{"X: N×K; v: 1×K; Q = sum(X ./ v)", "sum(had(X mul(1[N×1] pow(v -1))))", ""},
		{"X: N×K; s: scalar; Q = sum(X + s)", "sum(add(X scale(s 1[N×K])))", ""},
		// Undeclared names: column, then row, then scalar; Greek scalar first.
		{"Q = norm(A*x-b)^2 + λ*norm(x)^2", "add(pow(norm(add(mul(A x) scale(-1 b))) 2) had(λ pow(norm(x) 2)))", "A:m×n x:n×1 b:m×1 λ:scalar"},
		{"Q = w'x + b", "add(mul(t(w) x) b)", "w:D×1 x:D×1 b:scalar"},
		{"Q = a'X b", "mul(t(a) X b)", "a:N×1 X:N×D b:D×1"},
		{"Q = x'a", "mul(t(x) a)", "x:n×1 a:n×1"},
		{"Q = tr(A*X')", "tr(mul(A t(X)))", "A:m×n X:m×n"},
		{"f = (x_1 x_2 sin(x_3) + exp(x_1 x_2))/x_3", "had(pow(x_3 -1) add(had(x_1 x_2 sin(x_3)) exp(had(x_1 x_2))))", "x_1:scalar x_2:scalar x_3:scalar"},
		{"Q = -1/N sum(Y .* logsoftmax(XW + b))", "had(-1 pow(N -1) sum(had(Y logsoftmax(add(mul(X W) mul(1[N×1] b))))))", "Y:N×K X:N×D W:D×K b:1×K"},
	} {
		r, list := inferText(c.src, Options{})
		if list.Err() != nil {
			t.Errorf("%s:\n%v", c.src, list)
			continue
		}
		if got := dump(r.Program.Objective.Node); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.src, got, c.want)
		}
		if got := shapesOf(r.Program); c.vars != "" && got != c.vars {
			t.Errorf("%s: variables %s, want %s", c.src, got, c.vars)
		}
	}
}

// TestErrors holds programs with a mistake: the code, a part of the message,
// and a part of the help.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ src, code, message, help string }{
		{"A: n×p; x: p; b: n\nQ = sum(2*(A*x - b)*A')", "E203", "cannot multiply n×1 by p×n", "2*A'*(A*x - b)"},
		{"A: n×p; r: n\nQ = sum(2*A*r)", "E203", "cannot multiply n×p by n×1", "2*A'*r"},
		{"x: n; y: m\nQ = sum(x + y)", "E204", "cannot add n×1 and m×1", ""},
		{"X: n×p; Y: p×n\nQ = sum(X .* Y)", "E205", "n×p and p×n", "X .* Y'"},
		{"x: n; b: 1×p\nQ = sum(x + b)", "E206", "a column n×1 with a row 1×p", "x*1' + 𝟏*b"},
		{"A: n×p\nQ = tr(A)", "E207", "square", "tr(A'*A)"},
		{"x: n\nQ = sum(x^2)", "E208", "", "x.^2"},
		{"x: n\nQ = sum(x^2)", "E208", "", "‖x‖²"},
		{"X: n×n\nQ = tr(X^0.5)", "E209", "0.5", ".^"},
		{"X: n×n\nQ = tr(X^j)", "E209", "j", ".^"},
		{"A: n×n\nQ = |A|", "E210", "", "det(A), abs(A) or norm(A)"},
		{"a: n; x: n\nQ = sum(a/x'x)", "E211", "", "a/(x'x)"},
		{"x: n; a: n\nQ = sum(leakyrelu(x, a))", "E212", "scalar", ""},
		{"x: n\nQ = dot(x)", "E213", "dot takes 2 operands", ""},
		{"A: n×p\nq = sum(A, 1)", "E215", "", "rowsum(A)"},
		{"A: n×p\nq = mean(A, 0)", "E215", "", "colmean(A)"},
		{"A: n×n; AB: n×n; B: n×n; C: n×n\nQ = tr(ABC)", "E216", "A B C and as AB C", ""},
		{"Q = a*b", "E217", "equally good", "a"},
		{"X: n×p; n: scalar\nQ = n*sum(X)", "E218", "both a size and a variable", ""},
		{"A: n×p symmetric\nQ = sum(A)", "E219", "cannot be symmetric", ""},
		{"x: n; x: m\nQ = x'x", "E222", "declared twice", ""},
		{"x: n\nQ = x'x\nQ = 2x'x", "E222", "defined twice", "check"},
		{"Q = Q + 1", "E223", "before its definition", ""},
		{"X: n×p", "E224", "nothing to differentiate", ""},
		{"Q = summ(x)", "E202", "unknown function summ", "sum"},
		{"w: n\nQ = w'w\nw'w = 2", "E229", "claim", "check"},
		{"X: 0×3\nQ = sum(X)", "E231", "", ""},
		{"X: n×n\nQ = tr(X^5000)", "E227", "power", ""},
		{"A: n×n; b: p\nQ = sum(A \\ b)", "E235", "", ""},
		{"x: n; y: m\nQ = dot(x, y)", "E234", "", ""},
		{"X: n×m\nQ = ‖X‖_2", "E237", "", "‖X‖_F"},
	} {
		_, list := inferText(c.src, Options{})
		if list.Err() == nil {
			t.Errorf("%s: no error, want %s", c.src, c.code)
			continue
		}
		found := false
		for _, d := range list.Items {
			found = found || d.Code == c.code && strings.Contains(d.Message, c.message) && strings.Contains(d.Help, c.help)
		}
		if !found {
			t.Errorf("%s: want %s %q help %q, got", c.src, c.code, c.message, c.help)
			for _, d := range list.Items {
				t.Errorf("    %v help %q", d, d.Help)
			}
		}
	}
}

// TestAllErrors checks that every error of a program is reported.
func TestAllErrors(t *testing.T) {
	_, list := inferText("X: n×m; Y: m×n; A: n×m symmetric\nP = tr(X*Y + Y*X) + sum(X .* Y) + sum(X*X)\nR = foo2bar(X, 3) + tr(X)\nQ = sum(X + Y)", Options{})
	codes := map[string]int{}
	for _, d := range list.Items {
		codes[d.Code]++
	}
	for code, n := range map[string]int{"E203": 1, "E204": 2, "E205": 1, "E219": 1, "E202": 1} {
		if codes[code] < n {
			t.Errorf("%d errors %s, want %d", codes[code], code, n)
		}
	}
	if t.Failed() {
		for _, d := range list.Items {
			t.Log(d)
		}
	}
}

func TestNotes(t *testing.T) {
	for _, c := range []struct{ src, note string }{
		{"Q = sum(XW)", "read XW as X W"},
		{"Q = sum(XW + b)", "b (1×K) is repeated over N rows"},
		{"Q = sum(XW + b)", "inferred X: N×D, W: D×K, b: 1×K"},
		{"A: n×n; B: n×n; C: n×n; Q = sum(A .* B*C)", "(A .* B)*C"},
		{"A: n×n; Q = sum(exp(A))", "entry by entry"},
		{"A: n×m; Q = tr A'A", "read tr A'A as tr(A'A)"},
		{"Q = 1/N*sum(X)", "read N as a size"},
	} {
		r, list := inferText(c.src, Options{})
		if list.Err() != nil {
			t.Errorf("%s: %v", c.src, list)
			continue
		}
		if all := strings.Join(r.Program.Notes, "\n"); !strings.Contains(all, c.note) {
			t.Errorf("%s: no note %q in\n%s", c.src, c.note, all)
		}
	}
}

func TestProperties(t *testing.T) {
	r, list := inferText("S: n×n spd; Y: N×K onehot; w: n const; Q = tr(S) + sum(Y) + sum(w)", Options{})
	if list.Err() != nil {
		t.Fatal(list)
	}
	p := r.Program
	if v := p.VarNamed("S"); !v.Props.Has(expr.SPD | expr.Symmetric | expr.Nonsingular) {
		t.Errorf("S has %v", v.Props)
	}
	if v := p.VarNamed("Y"); !v.Props.Has(expr.OneHot | expr.RowsSumOne) {
		t.Errorf("Y has %v", v.Props)
	}
	if v := p.VarNamed("w"); !v.Const {
		t.Error("w is not const")
	}
}

// TestSharing checks that a defined name used later is the very same node.
func TestSharing(t *testing.T) {
	r, list := inferText("X: n×m; w: m; r = tanh(X*w)\nQ = r'r", Options{})
	if list.Err() != nil {
		t.Fatal(list)
	}
	p := r.Program
	if len(p.Defs) != 2 || p.Defs[1].Node.Args[1] != p.Defs[0].Node || p.Defs[1].Line != 2 || p.Objective.Name != "Q" {
		t.Errorf("definitions %+v", p.Defs)
	}
}

func TestClaims(t *testing.T) {
	src := "A: n×p; x: p; b: n\nQ = norm(A*x-b)^2\nr = A*x-b\ndr = A*dx\ndQ = 2*r'*dr\n = 2*r'*A*dx\ndQ/dx = 2*A*r\ndQ/dx = 2*A'*r\nQ = r'r\ndQ/dx = 2*A'*foo"
	r, list := inferText(src, Options{Claims: true})
	if list.Err() != nil {
		t.Fatal(list)
	}
	want := []struct {
		line  int
		kind  ClaimKind
		of    string
		sides int
		err   string
	}{
		{4, ClaimDifferential, "r", 1, ""}, {5, ClaimDifferential, "Q", 1, ""}, {6, ClaimDifferential, "Q", 2, ""},
		{7, ClaimGradient, "Q", 0, "E203"}, {8, ClaimGradient, "Q", 1, ""}, {9, ClaimValue, "Q", 1, ""}, {10, ClaimGradient, "Q", 0, "E201"},
	}
	if len(r.Claims) != len(want) {
		t.Fatalf("%d claims", len(r.Claims))
	}
	for i, w := range want {
		c := r.Claims[i]
		code := ""
		if c.Err != nil {
			code = c.Err.Items[0].Code
		}
		if c.Line != w.line || c.Kind != w.kind || c.OfName != w.of || len(c.Sides) != w.sides || code != w.err {
			t.Errorf("claim %d: line %d %v of %s, %d sides, error %q", i, c.Line, c.Kind, c.OfName, len(c.Sides), code)
		}
	}
	if r.Program.Objective.Name != "Q" {
		t.Errorf("objective %s", r.Program.Objective.Name)
	}
}

func TestTemplate(t *testing.T) {
	n, m := expr.Symbol("n"), expr.Symbol("m")
	X := expr.Shape{R: n, C: m}
	sq := expr.Shape{R: n, C: n}
	for _, c := range []struct {
		src  string
		x    expr.Shape
		want string
	}{
		{"Y .* dX", X, "had(Y dX)"},
		{"tr(inv(X)*dX)", sq, "tr(mul(inv(X) dX))"},
		{"dX*ones(cols)", X, "mul(dX 1[m×1])"},
		{"1'*dX*1/count", X, "scale(pow(m*n -1) mul(t(1[n×1]) dX))"},
		{"sum(X)/(rows*cols)", X, ""},
	} {
		node, _, err := Template(c.src, []Param{{Name: "X", Shape: c.x}, {Name: "dX", Shape: c.x, Kind: expr.Differential}, {Name: "Y", Shape: c.x}})
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if got := dump(node); c.want != "" && c.want[0] != 's' && got != c.want {
			t.Errorf("%s: got %s, want %s", c.src, got, c.want)
		}
	}
	if _, _, err := Template("X + Unknown", []Param{{Name: "X", Shape: X}}); err == nil {
		t.Error("unknown name accepted")
	}
}

// TestHomework infers every program of the reference homework.
func TestHomework(t *testing.T) {
	data, err := os.ReadFile("testdata/homework.json")
	if err != nil {
		t.Skip("no homework:", err)
	}
	var cases []struct{ ID, Program string }
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		r, list := inferText(c.Program, Options{Claims: true})
		if list.Err() != nil {
			t.Errorf("%s: %v", c.ID, list)
			continue
		}
		for _, cl := range r.Claims {
			if cl.Err != nil && cl.Err.Items[0].Code != "E203" && cl.Err.Items[0].Code != "E204" {
				t.Errorf("%s line %d: %v", c.ID, cl.Line, cl.Err.Items[0])
			}
		}
	}
}

// TestTextbook infers every program of the corpus.
func TestTextbook(t *testing.T) {
	files, _ := filepath.Glob("../testdata/textbook/*.txt")
	n := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split(string(data), "\ncase: ")[1:] {
			name, rest, _ := strings.Cut(c, "\n")
			_, rest, ok := strings.Cut(rest, "program:\n")
			if !ok {
				continue
			}
			var lines []string
			for _, l := range strings.Split(rest, "\n") {
				if !strings.HasPrefix(l, "    ") && strings.TrimSpace(l) != "" {
					break
				}
				lines = append(lines, strings.TrimSpace(l))
			}
			n++
			if _, list := inferText(strings.Join(lines, "\n"), Options{}); list.Err() != nil {
				t.Errorf("%s %s:\n%s\n%v", filepath.Base(file), name, strings.Join(lines, "\n"), list)
			}
		}
	}
	t.Log(n, "programs")
}

func FuzzInfer(f *testing.F) {
	for _, s := range []string{
		"Q = sum(Y .* logsoftmax(XW+b))", "A: n×p; x: p; b: n\nQ = norm(A*x-b)^2\ndQ/dx = 2*A'*(A*x-b)", "Q = a*b", "x: n; Q = x'Ax + 1/2 log det A",
		"Q = Σ_{i=1}^n y_i log p_i", "X: 0×3; Q = X^9999", "dQ = tr(G' dZ)", "f(x) = x'x; Q = f(x)", "1'1", "A\\b/c.^-2", "[x >= y]", "‖X‖_* + |A|",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2000 {
			return
		}
		start := time.Now()
		for _, claims := range []bool{false, true} {
			r, list := inferText(src, Options{Claims: claims, Limit: 100000})
			lists := []*diag.List{list}
			if r != nil {
				for _, c := range r.Claims {
					lists = append(lists, c.Err)
				}
			}
			for _, l := range lists {
				if l.Err() != nil && slices.ContainsFunc(l.Items, func(d *diag.Diagnostic) bool { return d.Code == "E901" }) {
					t.Errorf("%q: %v", src, l)
				}
			}
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%v for %q", d, src)
		}
	})
}

func BenchmarkInfer(b *testing.B) {
	tree, list := parser.Parse("Q = sum(Y .* logsoftmax(XW+b))")
	if list.Err() != nil {
		b.Fatal(list)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, list := Infer(tree, Options{}); list.Err() != nil {
			b.Fatal(list)
		}
	}
}
