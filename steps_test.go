package matdiff_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// stepPrograms are programs whose printed derivation is checked line by line,
// beside those of the textbook.
var stepPrograms = []string{
	"Q = norm(A*x - b)^2",
	"Q = norm(X W - Y)^2",
	"Y: N×K onehot; Z = X W + b; P = softmax(Z); L = -sum(Y .* log(P))/N",
	"Q = sum(Y .* logsoftmax(XW+b))",
	"H = tanh(X W_1 + b_1); Z = H W_2 + b_2; Q = 1/2 ‖Z − Y‖²",
	"A = softmax(Q K'/sqrt(d)); O = A V; L = sum(O .* G)",
	"x: n; m = mean(x); s = sqrt(var(x) + 1e-5); y = (x - m)/s; L = c'y",
	"X: N×D; m = colmean(X); v = colmean((X - m).^2); Q = sum(((X - m) ./ sqrt(v + 1e-5)) .* G)",
	"X: n×n symmetric; Q = tr(A X B X)",
	"D: n×n diagonal; Q = tr(A D B)",
	"Z = X W + 1bᵀ",
	"y = A x; z = sin(y) .* y",
	"Q = sum((A .* X) .* (A .* X))",
	"X: N×D; Q = logdet(X'X + lambda*eye(D))",
	"Q = vec(X)'kron(A, B) vec(X)",
	"z = σ(W_z x + U_z h); r = σ(W_r x + U_r h); g = tanh(W x + U(r .* h)); hn = (1 - z).*h + z.*g; L = a'hn",
	"Q = norm1(A x - b) + lambda norm(x)",
	"x: n; y: n; Q = x'y/(norm(x)*norm(y))",
	"w: D; X: N×D; y: N; Q = sum(max(0, 1 - y .* (X w)))",
	"r = A x - b; f = r'r; Q = f^2 + exp(f)",
	"a: scalar; b: scalar; f = (a b + sin(a))/b",
	"X: n×n; Q = tr(expm(X) A)",
	"W: k×p; x: p; c: k; z = W x; u = z/‖z‖; L = c'u",
	"p: n positive; g: n positive; c = sum(p) + sum(g) - g'p; J = p'g/(sum(p) + sum(g) - p'g)",
	"X: n×n; d = det(X); Q = log(d)",
	"K: n×n symmetric; a: n; c = a'K a; Q = a'K^2 a/(a'K a); r = K a - Q a",
	"A: n×n; b: n; d: n; u = inv(A) b; Q = d'u",
}

// TestStepsAreEqualities holds every line of every derivation to be an equality:
// of values, of differentials along drawn directions, and of ∂Q/∂Z with the
// derivative by dual numbers with everything below Z held fixed.
func TestStepsAreEqualities(t *testing.T) {
	programs := append([]string(nil), stepPrograms...)
	stride := 7
	if os.Getenv("MATDIFF_SWEEP") != "" {
		stride = 1
	}
	for i, c := range readTextbook(t) {
		if i%stride == 0 {
			programs = append(programs, c.program)
		}
	}
	lines, undecided := 0, 0
	for _, p := range programs {
		d, err := matdiff.Derive(context.Background(), p, matdiff.Steps(), matdiff.NoVerify())
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		if len(d.Steps) == 0 {
			t.Errorf("%s: no steps", p)
		}
		prog := withOperands(d)
		dq := make(map[*expr.Node]*expr.Node)
		for i, s := range d.Steps {
			if symbolOfStructure(s.Lhs) || s.Lhs.Var != nil && s.Lhs.Var.Kind == expr.Part && s.Rule == "isolated" {
				continue // by convention, or the letter for what stands there
			}
			lines++
			left := s.Lhs
			if !d.Scalar && s.Rule == "chain" { // dQ = tr((∂Q/∂Z)ᵀ dZ) says what dQ is
				dq[left] = s.Given[0].Right
			}
			if x := dq[left]; x != nil {
				left = x
			}
			got, err := verify.Equal(context.Background(), prog, left, s.Rhs, verify.Options{Points: 3})
			switch {
			case err != nil:
				t.Errorf("%s: step %d: %s = %s: %v", p, i+1, render.Expr(s.Lhs, render.Text), render.Expr(s.Rhs, render.Text), err)
			case got.Verdict == verify.Different:
				t.Errorf("%s: step %d is no equality: %s = %s (%s)\n%s", p, i+1, render.Expr(s.Lhs, render.Text), render.Expr(s.Rhs, render.Text), s.Rule, d.Doc().Text(render.Options{Steps: true}))
			case got.Verdict == verify.Undecided:
				undecided++
			}
		}
		namesAreDefined(t, p, d)
		last := make(map[string]bool)
		for _, s := range d.Steps {
			if s.Lhs.Var != nil && (s.Rule == "gradient") {
				last[s.Lhs.Var.Name] = true
			}
		}
		for _, g := range d.Grads {
			if !last["∂"+d.Program.Of()+"/∂"+g.Wrt.Name] {
				t.Errorf("%s: the steps do not reach the gradient by %s", p, g.Wrt.Name)
			}
		}
	}
	t.Logf("%d lines of %d derivations, %d undecided", lines, len(programs), undecided)
	if undecided*50 > lines {
		t.Errorf("%d of %d lines are undecided", undecided, lines)
	}
}

// withOperands is the program with the letters of the steps as definitions, so
// that the objective shows each operand as one part.
func withOperands(d *matdiff.Derivation) *expr.Program {
	p := *d.Program
	p.Defs = nil
	objective := p.Objective
	if objective.Open == nil {
		objective.Open = objective.Node
	}
	for _, s := range d.Steps {
		if s.Lhs.Op != expr.OpVar || s.Lhs.Var.Kind != expr.Part {
			continue
		}
		switch {
		case s.Rule == "objective":
			objective.Open = s.Rhs
		case s.Rule == "definition" && s.Comment == "":
			p.Defs = append(p.Defs, expr.Def{Name: s.Lhs.Var.Name, Node: s.Lhs.Var.Of, Part: s.Lhs, Open: s.Rhs})
		}
	}
	objective.Part = d.Program.B.Var(&expr.Var{Name: "objective", Kind: expr.Part, Shape: objective.Node.Shape, Of: objective.Node})
	p.Defs = append(p.Defs, objective)
	return &p
}

// symbolOfStructure tells the gradient by a variable whose entries are not free.
func symbolOfStructure(n *expr.Node) bool {
	if n.Op != expr.OpVar || n.Var.Kind != expr.Adjoint || n.Var.Of == nil || n.Var.Of.Op != expr.OpVar {
		return false
	}
	return n.Var.Of.Var.Props&(expr.Symmetric|expr.Diagonal) != 0
}

// namesAreDefined demands that a line uses only what the program or an earlier
// line has.
func namesAreDefined(t *testing.T, p string, d *matdiff.Derivation) {
	t.Helper()
	known := map[string]bool{d.Program.Of(): true}
	for _, s := range d.Steps {
		for _, n := range expr.Topo(s.Rhs) {
			if n.Op != expr.OpVar || n.Var.Kind == expr.Input || n.Var.Kind == expr.Differential || known[n.Var.Name] {
				continue
			}
			if n == d.Adjoint {
				continue
			}
			t.Errorf("%s: %s is used before it is defined, in %s = %s", p, n.Var.Name, render.Expr(s.Lhs, render.Text), render.Expr(s.Rhs, render.Text))
		}
		if s.Lhs.Op == expr.OpVar {
			known[s.Lhs.Var.Name] = true
		}
	}
}

// TestStepsSayOneThing demands that no line repeats the one before it, and that
// a line names few identities.
func TestStepsSayOneThing(t *testing.T) {
	for _, p := range stepPrograms {
		d, err := matdiff.Derive(context.Background(), p, matdiff.Steps(), matdiff.NoVerify())
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		var last derive.Step
		for i, s := range d.Steps {
			if i > 0 && s.Rhs == last.Rhs && s.Lhs == last.Lhs {
				t.Errorf("%s: step %d says what the one before it says", p, i+1)
			}
			if n := strings.Count(s.Rule, ",") + 1; n > 3 {
				t.Errorf("%s: step %d needs %d rules: %s", p, i+1, n, s.Rule)
			}
			last = s
		}
	}
}

// TestStepsCheck gives derivations as printed in ASCII to the checker: a
// derivation of ours is one that it calls right, pullbacks of an unnamed
// objective too.
func TestStepsCheck(t *testing.T) {
	programs := append([]string(nil), stepPrograms...)
	stride := 24
	if os.Getenv("MATDIFF_SWEEP") != "" {
		stride = 1
	}
	for i, c := range readTextbook(t) {
		if i%stride == 0 || strings.HasPrefix(c.id, "pb-") {
			programs = append(programs, c.program)
		}
	}
	for _, p := range programs {
		d, err := matdiff.Derive(context.Background(), p, matdiff.Steps(), matdiff.NoVerify())
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		text := d.Doc().ASCII(render.Options{Steps: true})
		r, err := matdiff.Check(context.Background(), text, matdiff.CheckOptions{})
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		if r.Verdict != "right" {
			t.Errorf("called %s:\n%s\n%s", r.Verdict, text, r.Text(false))
		}
	}
}

// TestStepsAreLinear counts the nodes that the steps of networks of growing
// depth take beside the derivation itself.
func TestStepsAreLinear(t *testing.T) {
	extra := func(layers int) int {
		src, prev := "x: n; y: n; W: n×n\n", "x"
		for i := 1; i <= layers; i++ {
			src += fmt.Sprintf("h_%d = tanh(W_%d %s + b_%d)\n", i, i, prev, i)
			prev = fmt.Sprintf("h_%d", i)
		}
		src += "Q = norm(" + prev + " - y)^2\n"
		nodes := [2]int{}
		for i, opts := range [][]matdiff.Option{{matdiff.NoVerify()}, {matdiff.NoVerify(), matdiff.Steps()}} {
			d, err := matdiff.Derive(context.Background(), src, opts...)
			if err != nil {
				t.Fatal(err)
			}
			nodes[i] = d.Program.B.Len()
		}
		return nodes[1] - nodes[0]
	}
	if a, b := extra(50), extra(200); b > 5*a {
		t.Errorf("the steps of 50 layers take %d nodes, of 200 layers %d", a, b)
	}
}
