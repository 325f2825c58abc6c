package infer

import (
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// ties reports a second reading that is as good as the best. A better one,
// which a search by statements can pass over, takes its place.
func (in *inferrer) ties(y *typing, best *solution) {
	for _, w := range in.others {
		other := &solution{choice: append([]int8(nil), best.choice...)}
		copy(other.choice[w.lo:w.hi], w.choice)
		copy(y.choice, other.choice)
		if in.evaluate(y) < 0 {
			copy(y.choice, best.choice)
			in.reportTie(best, other)
			return
		}
	}
	copy(y.choice, best.choice)
	for range 4 {
		if len(in.env.open) == 0 || best.cost == 0 || !in.tieable {
			return
		}
		tries := 0
		sc := in.wholeScope(y)
		sc.ties = true
		other, _ := in.bounded(y, sc, best.cost, &tries, maxTies, func(int) {}, func() bool {
			return in.differs(y.choice, best.choice)
		})
		copy(y.choice, best.choice)
		if other == nil {
			return
		}
		copy(y.choice, other.choice)
		in.evaluate(y)
		if y.outer > 0 || other.cost >= best.cost {
			copy(y.choice, best.choice)
			in.reportTie(best, other)
			return
		}
		best = other
	}
}

// differs tells whether two readings differ in a name.
func (in *inferrer) differs(a, b []int8) bool {
	for i, s := range in.env.open {
		if a[i] != b[i] && s.kind != symOnes {
			return true
		}
	}
	return false
}

func probeName(r dim) string { return "?" + strconv.Itoa(int(r)) }

// unprobe turns a size that a shape rule returned back into a dim.
func (y *typing) unprobe(k expr.Dim) dim {
	if !strings.Contains(k.Sym, "?") {
		return y.d.of(k)
	}
	out := y.d.of(expr.Whole(k.K))
	for _, s := range k.Symbols() {
		f := dim(0)
		if strings.HasPrefix(s, "?") {
			v, _ := strconv.Atoi(s[1:])
			f = dim(v)
		} else {
			f = y.d.of(expr.Symbol(s))
		}
		out = y.d.times(out, f)
	}
	return out
}
