package matdiff_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// tracePrograms are traced in both modes: each line's adjoint and tangent must
// hold, and what is printed as ASCII must check.
var tracePrograms = []string{
	"f = (x_1 x_2 sin(x_3) + exp(x_1 x_2))/x_3",
	"x_3: scalar; f = sin(x_3) x_1 x_2 + exp(x_1 x_2)",
	"x: scalar; f = x",
	"x: scalar; f = -x",
	"x: scalar; f = 1/x",
	"x: scalar; y: scalar; f = 2 x y + x^2 - 3 y/x",
	"x: scalar; y: scalar; z: scalar; f = x y z + x y + y z",
	"a: scalar; b: scalar; f = a^b + log(1 + a^2)",
	"y_1 = x_1^2; f = y_1 x_2 + y_1",
	"x: scalar; y: scalar; z: scalar; r = x - y; f = (r + z)^2 + r",
	"A: n×p; x: p; b: n const; λ: scalar; r = A x − b; Q = ‖r‖² + λ ‖x‖²",
	"X: N×D; Y: N×K onehot; Z = X W + b; P = softmax(Z); Q = -1/N sum(Y .* log(P))",
	"Q = sum(Y .* logsoftmax(X W + b))",
	"Z = X W + b",
	"A: n×n symmetric; x: n; Q = x'A x",
	"A: n×n spd; Q = logdet(A) + tr(inv(A) B)",
	"x: n; Q = sum(tanh(W_2 tanh(W_1 x + b_1) + b_2))",
	"Q: n×d; K: m×d; V: m×p; A = softmax(Q K'/sqrt(d)); f = sum((A V).^2)",
	"X: n×p; Z = X'; Q = sum(Z.^3)",
	"t: scalar; A: n×n; x: n; y = t A x; Q = y'y/t",
	"x: n; Q = sum(x)/n + mean(x.^2)",
}

func TestTrace(t *testing.T) {
	for _, src := range tracePrograms {
		tr, err := matdiff.Trace(context.Background(), src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		for _, mode := range []string{"forward", "reverse"} {
			if wrong, undecided := tr.Verdict(mode); wrong || undecided {
				t.Errorf("%s: %s mode: wrong %v, undecided %v", src, mode, wrong, undecided)
			}
			d := tr.Doc(mode)
			ascii := d.ASCII(render.Options{})
			rep, err := matdiff.Check(context.Background(), ascii, matdiff.CheckOptions{})
			if err != nil {
				t.Errorf("%s: the ASCII form is not read: %v\n%s", src, err, ascii)
			} else if rep.Verdict == "wrong" {
				t.Errorf("%s: the ASCII form is wrong:\n%s\n%s", src, ascii, rep.Text(false))
			}
			for _, s := range []string{d.Text(render.Options{}), d.LaTeX(render.Options{}), d.Markdown(render.Options{})} {
				if strings.Contains(s, "%!") || strings.Contains(s, "\x00") {
					t.Errorf("%s: %s", src, s)
				}
			}
			if _, err := d.JSON(); err != nil {
				t.Errorf("%s: %v", src, err)
			}
		}
		// The adjoint of every line, against the derivative of the objective by it.
		if !tr.Scalar {
			continue
		}
		for i, a := range tr.Adjoints {
			e := tr.Entries[i]
			if a == nil || e.Input {
				continue
			}
			p := *tr.Program
			if e.Node == p.Objective.Node {
				continue
			}
			p.Defs = nil // lines use each other as the values do, not as the definitions are typed
			truth := p.B.Var(&expr.Var{Name: "truth " + e.Name, Kind: expr.Adjoint, Shape: e.Node.Shape, Of: e.Node})
			c, err := verify.Equal(context.Background(), &p, truth, a.Full, verify.Options{})
			if err != nil {
				t.Errorf("%s: ∂/∂%s: %v", src, e.Name, err)
			} else if c.Verdict == verify.Different {
				t.Errorf("%s: ∂/∂%s = %s: %s", src, e.Name, render.Expr(a.Full, render.Text), c.Reason)
			}
		}
	}
}

// TestTraceIsLinear traces chains of growing length.
func TestTraceIsLinear(t *testing.T) {
	for _, n := range []int{100, 400} {
		var src strings.Builder
		src.WriteString("x: n; W: n×n\n")
		prev := "x"
		for i := 1; i <= n; i++ {
			fmt.Fprintf(&src, "h_%d = tanh(W %s)\n", i, prev)
			prev = fmt.Sprintf("h_%d", i)
		}
		fmt.Fprintf(&src, "Q = sum(%s)\n", prev)
		tr, err := matdiff.Trace(context.Background(), src.String(), matdiff.NoVerify())
		if err != nil {
			t.Fatal(err)
		}
		if got := len(tr.Entries); got != 2*n+3 {
			t.Errorf("%d layers have %d lines, want %d", n, got, 2*n+3)
		}
		if got := len(tr.Doc("reverse").Text(render.Options{})); got > 400*n {
			t.Errorf("%d layers print %d bytes", n, got)
		}
	}
}

// A trace asked for in reverse mode does not verify the forward passes, of
// which there is one for every variable.
func TestTraceMode(t *testing.T) {
	const program = "W: 3×3; x: 3×1; Q = sum(tanh(W x))"
	for _, mode := range []string{"", "forward", "reverse"} {
		tr, err := matdiff.Trace(context.Background(), program, matdiff.Mode(mode))
		if err != nil {
			t.Fatalf("%q: %v", mode, err)
		}
		if tr.Reverse == nil || !tr.Reverse.Right() {
			t.Errorf("%q: reverse mode is not verified", mode)
		}
		if got := tr.Forward != nil; got != (mode != "reverse") {
			t.Errorf("%q: forward mode verified: %v", mode, got)
		}
		if wrong, undecided := tr.Verdict("reverse"); wrong || undecided {
			t.Errorf("%q: reverse mode judged wrong %v, undecided %v", mode, wrong, undecided)
		}
	}
	if _, err := matdiff.Trace(context.Background(), program, matdiff.Mode("sideways")); err == nil {
		t.Error("a mode that there is not was taken")
	}
}
