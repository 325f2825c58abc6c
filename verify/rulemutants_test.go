package verify_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// broken is a wrong version of a differential.
type broken struct{ kind, src string }

// mutateRule lists wrong versions of a differential.
func mutateRule(src string) []broken {
	out := []broken{{"sign", "-(" + src + ")"}, {"factor 2", "2*(" + src + ")"}, {"factor ½", "(" + src + ")/2"}}
	for _, r := range [][3]string{
		{"sign inside", " + ", " - "},
		{"sign outside", " - ", " + "},
		{"transpose lost", "'", ""},
		{"Hadamard to product", " .* ", "*"},
		{"product to Hadamard", "*d", " .* d"},
	} {
		if m := strings.Replace(src, r[1], r[2], 1); m != src {
			out = append(out, broken{r[0], m})
		}
	}
	if i := strings.LastIndex(src, " + "); i > 0 && strings.Count(src[:i], "(") == strings.Count(src[:i], ")") {
		out = append(out, broken{"dropped term", src[:i]})
	}
	return out
}

// Every rule of the table is broken in every way listed, one at a time, and
// the gradients of its examples derived with the broken rule: where they have
// another value than those of the right rule, they are called wrong.
func TestRuleMutants(t *testing.T) {
	slow := os.Getenv("MATDIFF_SLOW") != ""
	caught, equal, refused := 0, 0, 0
	turn := 0
	for _, f := range rules.All() {
		for k := range f.D {
			src := f.D[k].Src
			if src == "0" {
				continue
			}
			for _, m := range mutateRule(src) {
				if turn++; !slow && turn%6 != 0 {
					continue
				}
				for _, ex := range f.Examples {
					good, err := gradientsOf(ex)
					if err != nil {
						t.Errorf("%s: %v", f.Name, err)
						continue
					}
					f.D[k].Src = m.src
					mutant, err := gradientsOf(ex)
					f.D[k].Src = src
					if err != nil {
						refused++ // does not fit in shape
						continue
					}
					for i, g := range mutant.Grads {
						rep, err := verify.Gradients(context.Background(), mutant.Program, []verify.Claim{{Wrt: g.Wrt, Node: g.Node}}, verify.Options{})
						if err != nil {
							refused++
							continue
						}
						v := rep.Variables[0]
						o, err := verify.Gradients(context.Background(), good.Program, []verify.Claim{{Wrt: good.Grads[i].Wrt, Node: good.Grads[i].Node}}, verify.Options{})
						if err != nil || !o.Right() {
							t.Errorf("%s: the right rule fails on %q", f.Name, ex)
						}
						same := same(t, mutant, good, i)
						switch {
						case same && v.Verdict.Right():
							equal++
						case same:
							t.Errorf("%s, %s: ∂/∂%s of %q is right, but %v: %s", f.Name, m.kind, g.Wrt.Name, ex, v.Verdict, v.Reason)
						case v.Verdict == verify.Fail:
							caught++
						default:
							t.Errorf("%s, %s: ∂/∂%s of %q is wrong, but %v: %s", f.Name, m.kind, g.Wrt.Name, ex, v.Verdict, v.Reason)
						}
					}
				}
			}
		}
	}
	t.Logf("%d wrong gradients of broken rules caught, %d unchanged passed, %d broken rules refused", caught, equal, refused)
	if caught == 0 {
		t.Error("no broken rule had an effect")
	}
}

func gradientsOf(src string) (res *derive.Result, err error) {
	d, err := matdiff.Derive(context.Background(), src, matdiff.NoVerify())
	if err != nil {
		return nil, err
	}
	return d.Result, nil
}

// same tells whether gradient i of two derivations of one program has one
// value. The programs are two, so the values are compared at equal points.
func same(t *testing.T, a, b *derive.Result, i int) bool {
	joined, err := verify.Equal(context.Background(), b.Program, b.Grads[i].Node, a.Grads[i].Node, verify.Options{Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	return joined.Verdict != verify.Different
}
