package matdiff_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/internal/randexpr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// The loop of these tests:
//
//	program ──Derive──▶ gradients ──print──▶ claims in each notation
//	   └──────────────────────────────────────┴──Verify──▶ all right
//
// A result is thus read back from every notation and judged anew, by
// differences of the objective as read.
func readBack(program string, style render.Style, opts ...matdiff.Option) error {
	ctx := context.Background()
	d, err := matdiff.Derive(ctx, program, append(opts, matdiff.NoVerify())...)
	if err != nil {
		return nil // refused by name
	}
	doc := d.Doc()
	var text string
	if style == render.ASCII {
		text = doc.ASCII(render.Options{})
	} else {
		text = asClaims(doc, style)
	}
	rep, err := matdiff.Verify(ctx, text, opts...)
	if err != nil {
		return fmt.Errorf("%s\n%v", text, err)
	}
	if len(rep.Variables) != len(d.Grads) {
		return fmt.Errorf("%s\n%d of %d gradients read back", text, len(rep.Variables), len(d.Grads))
	}
	for _, v := range rep.Variables {
		if v.Verdict == verify.Fail {
			return fmt.Errorf("%s\nby %s: %s", text, v.Wrt, v.Reason)
		}
	}
	return nil
}

// asClaims writes the declarations, named parts, the objective and the gradients in one
// notation, as the formulas of a document.
func asClaims(d *render.Doc, style render.Style) string {
	p := render.NewPrinter(style, d.Names...)
	var out strings.Builder
	for _, v := range d.Variables {
		out.WriteString(p.Declaration(v) + "\n")
	}
	parts := d.Lets
	if d.Pullback {
		parts = d.Defs // a definition cannot hold ∂Q/∂Z
	}
	define := func() {
		for _, e := range parts {
			if e.Name != d.Objective.Name && e.Name != d.Of {
				out.WriteString(p.Name(e.Name) + " = " + p.Expr(e.Node) + "\n")
			}
		}
	}
	if d.Pullback {
		define()
	}
	name := d.Objective.Name
	if name == "" {
		name = d.Of
	}
	out.WriteString(p.Name(name) + " = " + p.Expr(d.Objective.Node) + "\n")
	if !d.Pullback { // parts may use the value, a pullback is that of what stands last
		define()
	}
	for _, g := range d.Gradients {
		n := g.Node
		if d.Pullback && g.Inline != nil {
			n = g.Inline
		}
		lhs := "∂" + d.Of + "/∂" + g.Wrt
		if style == render.LaTeX {
			lhs = `\frac{\partial ` + p.Name(d.Of) + `}{\partial ` + p.Name(g.Wrt) + `}`
		}
		out.WriteString(lhs + " = " + p.Expr(n) + "\n")
	}
	return out.String()
}

var styles = []render.Style{render.ASCII, render.Text, render.LaTeX}

func TestTextbookReadsBack(t *testing.T) {
	for i, c := range readTextbook(t) {
		for k, style := range styles {
			// Each case in one notation, in all of them where time allows.
			if i%len(styles) != k && os.Getenv("MATDIFF_SLOW") == "" {
				continue
			}
			if err := readBack(c.program, style); err != nil && !vague(style, err) {
				t.Errorf("%s in %v: %v", c.id, style, err)
			}
		}
	}
}

// MATDIFF_RANDOM=10000 tries that many random programs.
func TestRandomReadsBack(t *testing.T) {
	n := 60
	if s := os.Getenv("MATDIFF_RANDOM"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for seed := uint64(7000); seed < 7000+uint64(n); seed++ {
		program := randexpr.Program(seed, 6+int(seed%10))
		for _, style := range styles {
			err := readBack(program, style, matdiff.Seed(int64(seed)))
			if err != nil && !vague(style, err) {
				t.Errorf("seed %d in %v:\n%s\n%v", seed, style, program, err)
			}
		}
	}
}

// vague tells errors of notations that leave something to the reader: 𝟏 and I
// do not tell their sizes, alone or in a Kronecker product. ASCII leaves nothing.
func vague(style render.Style, err error) bool {
	return style != render.ASCII && (strings.Contains(err.Error(), "E230") || strings.Contains(err.Error(), "E214"))
}
