package matdiff_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/simplify"
)

type respelling struct {
	name, given, wrt string
	ways             []string
}

func readRespelled(t testing.TB) []respelling {
	t.Helper()
	b, err := os.ReadFile("testdata/respelled.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []respelling
	for _, line := range strings.Split(string(b), "\n") {
		key, rest, _ := strings.Cut(line, ": ")
		switch {
		case key == "group":
			out = append(out, respelling{name: rest})
		case key == "given":
			out[len(out)-1].given = rest
		case key == "wrt":
			out[len(out)-1].wrt = rest
		case strings.HasPrefix(line, "    "):
			g := &out[len(out)-1]
			g.ways = append(g.ways, strings.TrimSpace(line))
		}
	}
	return out
}

// TestRespelledGroups derives objectives typed in ways of one value. The
// gradient is the same once names are written out; without definitions it is
// printed as long, in the order of terms and the direction of differences that
// the program gives.
func TestRespelledGroups(t *testing.T) {
	groups := readRespelled(t)
	if len(groups) < 60 {
		t.Errorf("%d groups", len(groups))
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			printed, whole := "", ""
			for i, way := range g.ways {
				d, err := matdiff.Derive(context.Background(), g.given+"; "+way, matdiff.Wrt(g.wrt), matdiff.NoVerify())
				if err != nil {
					t.Errorf("%s\n%v", way, err)
					continue
				}
				text := render.Expr(d.Grads[0].Node, render.ASCII)
				s := simplify.New(d.Program.B)
				full := render.Expr(s.Polish(s.Shorten(s.Normal(d.Grads[0].Full))), render.ASCII)
				for _, l := range d.Lets {
					if l.Var.Var.Kind == expr.Part {
						text += " where " + l.Name + " = " + render.Expr(l.Node, render.ASCII)
					}
				}
				if i == 0 {
					printed, whole = text, full
				}
				if full != whole {
					t.Errorf("%s\n gives %s\n not   %s", way, full, whole)
				} else if tokens(strings.TrimPrefix(text, "-")) != tokens(strings.TrimPrefix(printed, "-")) && !strings.Contains(way, "=") {
					t.Errorf("%s\n prints %s\n not    %s", way, text, printed)
				}
			}
		})
	}
}
