package matdiff_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/internal/randexpr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/simplify"
)

// shuffled rebuilds n with the operands of sums and elementwise products in
// random order.
func shuffled(b *expr.Builder, rng *rand.Rand, n *expr.Node) *expr.Node {
	memo := make(map[*expr.Node]*expr.Node)
	for _, x := range expr.Topo(n) {
		if len(x.Args) == 0 {
			memo[x] = x
			continue
		}
		args := make([]*expr.Node, len(x.Args))
		for i, a := range x.Args {
			args[i] = memo[a]
		}
		if x.Op == expr.OpAdd || x.Op == expr.OpHad {
			rng.Shuffle(len(args), func(i, j int) { args[i], args[j] = args[j], args[i] })
		}
		memo[x] = b.With(x, args)
	}
	return memo[n]
}

func show(n *expr.Node) string {
	s := render.Expr(n, render.ASCII)
	if len(s) > 300 {
		s = s[:300] + "…"
	}
	return s
}

// confluent tests that the normal form and the shortest form of n are those of
// themselves, and of n with its operands in another order.
func confluent(t *testing.T, b *expr.Builder, rng *rand.Rand, n *expr.Node) (ok bool) {
	normal := func(n *expr.Node) *expr.Node { return simplify.New(b).Normal(n) }
	shortest := func(n *expr.Node) *expr.Node { s := simplify.New(b); return s.Shorten(s.Normal(n)) }
	m := normal(n)
	same := func(what string, x, y *expr.Node) bool {
		if x == y {
			return true
		}
		t.Errorf("%s\n  %s\n  %s", what, show(x), show(y))
		return false
	}
	if !same("the normal form is not its own", m, normal(m)) {
		return false
	}
	p := shuffled(b, rng, n)
	if !same("the normal form depends on the order", m, normal(p)) {
		return false
	}
	y := shortest(n)
	return same("the shortest form depends on the order", y, shortest(p)) &&
		same("the shortest form is not its own", y, shortest(y))
}

func TestConfluence(t *testing.T) {
	count := 300
	if s := os.Getenv("CONFLUENCE"); s != "" {
		count, _ = strconv.Atoi(s)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	bad, total := 0, 0
	one := func(name, src string) {
		d, err := matdiff.Derive(context.Background(), src, matdiff.NoVerify())
		if err != nil {
			return
		}
		b := d.Program.B
		ns := []*expr.Node{d.Program.Objective.Node}
		for _, g := range d.Grads {
			ns = append(ns, g.Full)
		}
		for _, n := range ns {
			if len(expr.Topo(n)) > 400 {
				continue
			}
			total++
			if !confluent(t, b, rng, n) {
				bad++
				t.Logf("in %s: %s", name, src)
			}
		}
	}
	for _, c := range readTextbook(t) {
		one(c.id, c.program)
	}
	for s := uint64(1); s <= uint64(count); s++ {
		one("seed "+strconv.FormatUint(s, 10), randexpr.Program(s, 4+int(s%9)))
	}
	t.Logf("%d of %d expressions", bad, total)
}
