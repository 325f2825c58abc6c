package matdiff_test

import (
	"context"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// The scalar that is differentiated needs a name that the program does not
// use: Q is a matrix of attention, and a layer may be called Q itself.
func TestNumeratorIsFree(t *testing.T) {
	for _, c := range []struct{ program, want, not string }{
		{"tr(Q A)", "∂L/∂Q = Aᵀ", "∂Q/"},
		{"Q = W x", "∂L/∂W = ∂L/∂Q xᵀ", "∂Q/∂Q"},
		{"softmax(Q K')V", "∂L/∂Q = G K", "∂Q/∂Q"},
		{"softmax(Q K')V", "Z_1 ", "Z = Q Kᵀ"},
		{"Q = x'L x", "∂Q/∂L = x xᵀ", "∂J"},
		{"L: n×p; Z = Q L x", "∂J/∂L", "∂L/∂Z"},
		{"Z = X W", "∂Q/∂W = Xᵀ ∂Q/∂Z", "∂L"},
	} {
		d, err := matdiff.Derive(context.Background(), c.program, matdiff.Steps())
		if err != nil {
			t.Errorf("%s: %v", c.program, err)
			continue
		}
		got := d.Doc().Text(render.Options{Steps: true})
		if !strings.Contains(got, c.want) || strings.Contains(got, c.not) {
			t.Errorf("%s: want %q and no %q in\n%s", c.program, c.want, c.not, got)
		}
	}
}
