package codegen

import (
	"strings"
	"testing"
)

// What a reader would not write twice, or not form at all, is not in a module.
func TestNumPyDoesNoNeedlessWork(t *testing.T) {
	for _, c := range []struct{ src, has, hasNot string }{
		{"Q: n×d; K: n×d; V: n×d; T: n×d; f = 1/2 ‖softmax(Q K'/sqrt(d)) V - T‖²", "f = 0.5*np.sum(R**2)", ""},
		{"A: N×n; S: n×n spd; Q = tr(A inv(S) A')", "", "np.trace"},
		{"x: n; y: n; Q = sum([x >= 1] .* y) + min(x)", "(x >= 1)", "np.ones"},
		{"A: m×n; x: n; b: m; d: scalar positive; Q = sum(sqrt((A x - b).^2 + d^2) - d)", "np.sqrt(r) - d", "np.ones"},
		{"X: N×D; g: 1×D; Q = sum(((X - rowmean(X)) .* g).^3)", "", "np.eye"},
	} {
		in, err := derived(c.src)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Generate(in, Options{Lang: "numpy"})
		if err != nil {
			t.Fatal(err)
		}
		text := string(out.Files[0].Data)
		text = text[strings.Index(text, "def value_and_grad"):]
		text = text[strings.LastIndex(text, `"""`):] // the code alone
		if !strings.Contains(text, c.has) || c.hasNot != "" && strings.Contains(text, c.hasNot) {
			t.Errorf("%s: want %q, not %q:\n%s", c.src, c.has, c.hasNot, text)
		}
	}
}
