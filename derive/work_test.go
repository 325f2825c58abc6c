package derive

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
)

func traceOf(t *testing.T, src string) *Trace {
	t.Helper()
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		t.Fatal(list)
	}
	res, list := infer.Infer(tree, infer.Options{})
	if list.Err() != nil {
		t.Fatal(list)
	}
	tr, err := NewTrace(res.Program, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// The operations of the forward mode, which are counted by the operands of a
// line that move, are those of the passes line by line.
func TestForwardOperations(t *testing.T) {
	for _, src := range []string{
		"f = x_1 x_2 + sin(x_1)",
		"f = (x_1 x_2 sin(x_3) + exp(x_1 x_2))/x_3",
		"Q = sum(Y .* logsoftmax(XW + b))",
		"X: N×D; Y: N×D; W_1: D×M; W_2: M×D; H = tanh(X W_1); R = X + H W_2 - Y; Q = 1/2 ‖R‖²",
		"t: scalar; A: n×n; x: n; y = t A x; Q = y'y/t",
		"A: m×n; x: n; b: m; Z = A x - b; W = Z Z'",
		"a: scalar; b: scalar; c: scalar; Q = a b c (a + b + c) (a b + b c + c a)",
		"x: scalar; u: n; v: n; Q = sum((x u) .* v .* (u + v))",
	} {
		tr := traceOf(t, src)
		want, lines := Count{}, 0
		want.plus(tr.Value.Ops)
		passes, err := tr.Passes()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range passes {
			for i, d := range p.Tangents {
				if d == nil || tr.Entries[i].Input {
					continue
				}
				lines++
				want.plus(operations(d.raw).times(p.Wrt.Shape.Count()))
			}
		}
		zero := func(_ string, k int64) bool { return k == 0 }
		got := maps.Clone(tr.Forward.Ops)
		maps.DeleteFunc(got, zero)
		maps.DeleteFunc(want, zero)
		if !maps.Equal(got, want) || tr.tangents != lines {
			t.Errorf("%s:\n %v operations in %d lines are counted,\n %v in %d are made", src, got, tr.tangents, want, lines)
		}
	}
}

// A network has forward passes by each of its weights, of all layers above: of
// a deep one they are refused, and its reverse mode is not.
func TestDeepForwardMode(t *testing.T) {
	var src strings.Builder
	src.WriteString("h_0: n\n")
	for i := 1; i <= 512; i++ {
		fmt.Fprintf(&src, "W_%d: n×n; h_%d = tanh(W_%[1]d h_%[3]d)\n", i, i, i-1)
	}
	src.WriteString("Q = sum(h_512)\n")
	tr := traceOf(t, src.String())
	var e *Error
	if _, err := tr.Passes(); !errors.As(err, &e) || e.Code != "E227" {
		t.Errorf("%d lines are made: %v", tr.tangents, err)
	}
	if made := tr.Program.B.Len(); made > 100*512 {
		t.Errorf("reverse mode makes %d nodes for 512 layers", made)
	}
}

// The count of a deep network is not longer than a line or two.
func TestLongCount(t *testing.T) {
	for _, n := range []int{longest, longest + 1, 5000} {
		c := make(Count)
		for i := range n {
			d := expr.Symbol(fmt.Sprintf("n%d", i))
			c[d.Sym] = 2
		}
		s := c.String()
		if got := strings.Count(s, "+") + 1; got != min(n, longest+1) || strings.HasSuffix(s, "…") != (n > longest) {
			t.Errorf("%d terms are printed as %d: %.80s", n, got, s)
		}
	}
}
