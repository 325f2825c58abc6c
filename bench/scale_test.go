package bench

import (
	"context"
	"testing"

	"github.com/matdiff/matdiff"
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
			f.linear(t, "nodes", nodes)
			f.linear(t, "bytes", bytes)
		})
	}
}

// TestTraceIsLinear is the same of the lines in reverse mode and of the graph.
func TestTraceIsLinear(t *testing.T) {
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			var nodes, bytes, graph [3]int
			for i := range nodes {
				tr, err := matdiff.Trace(context.Background(), f.text(f.n<<i), matdiff.NoVerify(), matdiff.Mode("reverse"))
				if err != nil {
					t.Fatal(err)
				}
				bytes[i] = len(tr.Doc("reverse").Text(render.Options{}))
				graph[i] = len(tr.Graph().DOT())
				nodes[i] = tr.Program.B.Len()
			}
			f.linear(t, "nodes", nodes)
			f.linear(t, "bytes", bytes)
			f.linear(t, "bytes of the graph", graph)
		})
	}
}

// TestStepsAreLinear is the same of the worked derivation of recurrences, whose
// value written out in the variables alone doubles in length at each step.
func TestStepsAreLinear(t *testing.T) {
	for _, f := range families {
		switch f.name {
		case "tanh-network", "residual-network", "rnn-shared", "logistic-map", "autoregression":
		default:
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			f.n = 64 // from where gradients are no longer sought by names
			var nodes, bytes [3]int
			for i := range nodes {
				d, err := matdiff.Derive(context.Background(), f.text(f.n<<i), matdiff.NoVerify(), matdiff.Steps())
				if err != nil {
					t.Fatal(err)
				}
				nodes[i] = d.Program.B.Len()
				bytes[i] = len(d.Doc().Text(render.Options{Steps: true}))
			}
			f.linear(t, "nodes", nodes)
			f.linear(t, "bytes", bytes)
		})
	}
}

// linear fails where the second doubling adds much more than twice what the
// first did.
func (f family) linear(t *testing.T, what string, c [3]int) {
	t.Helper()
	if ratio := float64(c[2]-c[1]) / float64(c[1]-c[0]); ratio > 2.6 {
		t.Errorf("%s: %v for %d, %d, %d parts: the second doubling adds %.1f times what the first did, want about 2", what, c, f.n, 2*f.n, 4*f.n, ratio)
	}
}
