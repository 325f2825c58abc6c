package matdiff_test

import (
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
)

// TestOutsideSums remarks on an index that its sum does not reach, and on
// nothing else.
func TestOutsideSums(t *testing.T) {
	for src, want := range map[string]bool{
		"Q = Σ_{i=1}^n a_i + b_i":                        true,
		"Q = Σ_{i=1}^n (a_i + b_i)":                      false,
		"Q = Σ_{i=1}^n x_i + Σ_{i=1}^n y_i":              false,
		"b_i: scalar; Q = Σ_{i=1}^n a_i + b_i":           false,
		"Q = Σ_i y_i w_i - x_1":                          false,
		"z_i = w^T x_i + b; Q = Σ_{i=1}^n (z_i - y_i)^2": false,
	} {
		p, err := matdiff.Parse(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got := strings.Contains(strings.Join(p.Notes, "\n"), "stands outside of the sum"); got != want {
			t.Errorf("%s: remarked %v, want %v: %q", src, got, want, p.Notes)
		}
	}
}
