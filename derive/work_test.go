package derive

import (
	"fmt"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/expr"
)

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
