package bench

import (
	"testing"

	"github.com/matdiff/matdiff/render"
)

// TestWorkIsLinear derives programs of n, 2n and 4n parts and holds the second
// doubling to the first: of the nodes that are built and of the bytes that are
// printed. It counts, so that a busy machine cannot make it fail.
func TestWorkIsLinear(t *testing.T) {
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var nodes, bytes [3]int
			for i := range nodes {
				d := derive(t, f.text(f.n<<i))
				nodes[i] = d.Program.B.Len()
				bytes[i] = len(d.Doc().Text(render.Options{}))
			}
			growth := func(what string, c [3]int) {
				if ratio := float64(c[2]-c[1]) / float64(c[1]-c[0]); ratio > 2.6 {
					t.Errorf("%s: %v for %d, %d, %d parts: the second doubling adds %.1f times what the first did, want about 2", what, c, f.n, 2*f.n, 4*f.n, ratio)
				}
			}
			growth("nodes", nodes)
			growth("bytes", bytes)
		})
	}
}
