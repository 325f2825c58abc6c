package matdiff_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// TestRespelled derives objectives typed in ways of one value; the printed
// gradient is the same.
func TestRespelled(t *testing.T) {
	const ls = "X: N×D; w: D; y: N; "
	const sm = "Z: N×K; Y: N×K onehot; "
	for _, c := range []struct {
		wrt  string
		ways []string
	}{
		{"w", []string{ls + "Q = ‖X w - y‖²", ls + "Q = norm(X*w - y)^2", ls + "Q = (X w - y)'(X w - y)", ls + "Q = sum((X w - y).^2)",
			ls + "Q = dot(X w - y, X w - y)", ls + "Q = tr((X w - y)*(X w - y)')", ls + "Q = sum((X w - y) .* (X w - y))"}},
		{"w", []string{ls + "Q = mean((X w - y).^2)", ls + "Q = sum((X w - y).^2)/N", ls + "Q = 1/N ‖X w - y‖²", ls + "Q = (X w - y)'(X w - y)/N"}},
		{"X", []string{"A: n×n; X: n×n; Q = tr(A X)", "A: n×n; X: n×n; Q = tr(X A)", "A: n×n; X: n×n; Q = tr(X'A')", "A: n×n; X: n×n; Q = tr((A X)')", "A: n×n; X: n×n; Q = sum(A' .* X)", "A: n×n; X: n×n; Q = ⟨A', X⟩"}},
		{"X", []string{"A: n×n; B: n×n; X: n×n; Q = tr(A X B X')", "A: n×n; B: n×n; X: n×n; Q = tr(X B X' A)", "A: n×n; B: n×n; X: n×n; Q = tr(B X' A X)", "A: n×n; B: n×n; X: n×n; Q = tr(X B' X' A')"}},
		{"w", []string{ls + "Q = sum(log(1 + exp(X w)) - y .* (X w))", ls + "Q = sum(softplus(X w)) - y'X w", ls + "Q = sum(softplus(X w) - y .* (X w))", ls + "Q = sum(log1p(exp(X w))) - (X w)'y"}},
		{"w", []string{ls + "Q = -sum(y .* log(σ(X w)) + (1 - y) .* log(1 - σ(X w)))", ls + "Q = -y'log(σ(X w)) - (1 - y)'log(1 - σ(X w))"}},
		{"Z", []string{sm + "Q = -sum(Y .* logsoftmax(Z))", sm + "Q = -sum(Y .* log(softmax(Z)))", sm + "Q = sum(logsumexp(Z)) - sum(Y .* Z)", sm + "Q = -tr(Y' logsoftmax(Z))"}},
		{"z", []string{"z: n; Q = logsumexp(z)", "z: n; Q = log(sum(exp(z)))", "z: n; Q = log(1'exp(z))"}},
		{"X", []string{"X: n×n; Q = logdet(X)", "X: n×n; Q = log(det(X))"}},
		{"x", []string{"A: n×n; x: n; Q = x'A x", "A: n×n; x: n; Q = x'A'x", "A: n×n; x: n; Q = tr(A x x')", "A: n×n; x: n; Q = dot(x, A x)", "A: n×n; x: n; Q = sum(x .* (A x))"}},
		{"A", []string{"A: m×n; Q = ‖A‖²", "A: m×n; Q = tr(A'A)", "A: m×n; Q = tr(A A')", "A: m×n; Q = sum(A.^2)", "A: m×n; Q = sum(A .* A)", "A: m×n; Q = norm(A')^2"}},
	} {
		first := ""
		for i, src := range c.ways {
			d, err := matdiff.Derive(context.Background(), src, matdiff.Wrt(c.wrt), matdiff.NoVerify())
			if err != nil {
				t.Errorf("%s\n%v", src, err)
				continue
			}
			got := render.Expr(d.Grads[0].Node, render.ASCII)
			if i == 0 {
				first = got
			} else if got != first {
				t.Errorf("%s\n gives %s\n not   %s", src, got, first)
			}
		}
	}
}

// TestDeepResidual keeps the search for names in sums within bounds.
func TestDeepResidual(t *testing.T) {
	var b strings.Builder
	b.WriteString("H_0: N×D\n")
	const layers = 60
	for i := 1; i <= layers; i++ {
		fmt.Fprintf(&b, "H_%d = H_%d + tanh(H_%d*W_%d)\n", i, i-1, i-1, i)
	}
	fmt.Fprintf(&b, "Q = norm(H_%d)^2", layers)
	start := time.Now()
	if _, err := matdiff.Derive(context.Background(), b.String(), matdiff.NoVerify()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 2*time.Minute {
		t.Errorf("%d residual layers take %v", layers, took)
	}
}
