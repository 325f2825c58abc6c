package infer

import (
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// class is what an undeclared name may be.
type class uint8

const (
	asScalar class = iota
	asCol
	asRow
	asMatrix
)

// reading is a class and what it costs to take it.
type reading struct {
	class class
	cost  int
}

var (
	lowerReadings = []reading{{asCol, 0}, {asRow, 2}, {asScalar, 4}, {asMatrix, 9}}
	upperReadings = []reading{{asMatrix, 0}, {asScalar, 10}, {asCol, 11}, {asRow, 12}}
	greekReadings = []reading{{asScalar, 0}, {asCol, 2}, {asRow, 4}, {asMatrix, 8}}
	countReadings = []reading{{asMatrix, 0}, {asScalar, 3}, {asCol, 11}, {asRow, 12}} // N: more often a number
	onesReadings  = []reading{{asCol, 0}, {asScalar, 1}}
)

// readingsOf lists the readings of an undeclared name, the preferred first.
func readingsOf(key string) []reading {
	switch r := firstRune(key); {
	case key == "N":
		return countReadings
	case isUpper(key):
		return upperReadings
	case isGreek(r):
		return greekReadings
	}
	return lowerReadings
}

// Budgets of the search, in evaluations of the whole program.
const (
	maxTries = 3000
	maxTies  = 400

	maxErrors = 50 // shape errors reported of one program
)

// solve finds the shapes of every statement; statements that have none are
// reported and left out.
func (in *inferrer) solve(y *typing) {
	in.families()
	// A clash that no reading can mend is reported and its term taken out; what
	// stands beside it is then looked at again.
	for range maxErrors {
		best, c := in.search(y)
		if best != nil {
			copy(y.choice, best.choice)
			in.evaluate(y)
			in.ties(y, best)
			in.evaluate(y)
			return
		}
		copy(y.choice, c.choice)
		in.evaluate(y)
		f := y.fail
		in.report(y, f)
		if f.what != "" {
			in.stmts[c.stmt].failed = true
		} else {
			f.t.op = opBad
		}
		y.fail = nil
	}
}

// solution is a reading that fits, or one that does not and where it fails.
type solution struct {
	choice []int8
	cost   int
	stmt   int
}

// evaluate finds all shapes under the reading in y.choice; it returns the
// index of the statement that clashes, -1 if none does.
func (in *inferrer) evaluate(y *typing) int {
	y.d.reset()
	in.epochs++
	y.epoch = in.epochs
	y.soft, y.outer, y.fail = 0, 0, nil
	clear(y.odd)
	clear(y.seen)
	for i, st := range in.stmts {
		if st.failed {
			continue
		}
		if !y.typ(st.t) {
			return i
		}
		if st.t.op == opBad {
			st.failed = true
			continue
		}
		if st.sym != nil && st.sym.declared {
			want := y.d.shapeOf(st.sym.known)
			if !y.d.unify(want.r, st.t.shp.r) || !y.d.unify(want.c, st.t.shp.c) {
				y.failed(st.t, "E204", 0, -1, st.t.names, y.seen)
				y.fail.i = -1
				y.fail.what = st.sym.name + " is declared " + st.sym.known.String()
				return i
			}
		}
	}
	return -1
}

// familyCost is what it costs to read x_1 and x_2 as different kinds of thing.
const familyCost = 8

// rank is the cost of the readings alone. Names that differ in their number
// only are of one kind: x_1, x_2 and x_3 are all scalars or all vectors.
func (in *inferrer) rank(choice []int8) int {
	c := 0
	for i, s := range in.env.open {
		c += s.readings[choice[i]].cost
		if s.family >= 0 && choice[s.family] != choice[i] {
			c += familyCost
		}
	}
	return 2 * c
}

// families links each numbered name to the first one of its letter.
func (in *inferrer) families() {
	first := map[string]int{}
	for i, s := range in.env.open {
		s.family = -1
		l := letterOf(s.key)
		if s.kind != symVar || l == s.key || isUpper(s.key) || !numbered(s.key[len(l):]) {
			continue
		}
		if f, ok := first[l]; ok {
			s.family = f
		} else {
			first[l] = i
		}
	}
}

// numbered tells suffixes such as 1, _1, _12.
func numbered(s string) bool {
	if s[0] == '_' {
		s = s[1:]
	}
	for i := range len(s) {
		if !isDigit(rune(s[i])) {
			return false
		}
	}
	return s != ""
}

// search returns the cheapest reading that fits, or the first clash of the
// preferred reading. It goes through the readings by depth-first search that
// jumps back to the names that a clash depends on, with a bound on the cost
// that grows until a reading is found.
func (in *inferrer) search(y *typing) (*solution, *solution) {
	clear(y.choice)
	var first *solution
	note := func(stmt int) {
		if first == nil || stmt > first.stmt {
			first = &solution{choice: append([]int8(nil), y.choice...), stmt: stmt}
		}
	}
	tries := 0
	for bound, low := 0, 0; ; low = bound + 1 {
		s, next := in.bounded(y, bound, &tries, maxTries, note, nil)
		if s != nil {
			// Jumping back can pass over a bound between the last two.
			for s.cost > low {
				better, _ := in.bounded(y, s.cost-1, &tries, maxTries, note, nil)
				if better == nil {
					break
				}
				s = better
			}
			return s, nil
		}
		if next < 0 || tries >= maxTries {
			break
		}
		bound = next
	}
	if tries >= maxTries { // the first reading that fits at all
		more := 0
		if s, _ := in.bounded(y, 1<<30, &more, maxTries, note, nil); s != nil {
			return s, nil
		}
	}
	// The statement that fails latest is to blame: those before it can be read.
	return nil, first
}

// bounded searches the readings of cost at most bound. It returns the first
// that fits and that accept, if given, accepts; otherwise the least cost above
// the bound that it met, -1 if there is none.
func (in *inferrer) bounded(y *typing, bound int, tries *int, most int, note func(int), accept func() bool) (*solution, int) {
	n := len(in.env.open)
	clear(y.choice)
	conflicts := make([]bits, n)
	next := -1
	over := func(c int) {
		if c > bound && (next < 0 || c < next) {
			next = c
		}
	}
	for {
		if *tries >= most {
			return nil, next
		}
		var c bits
		rank := in.rank(y.choice)
		if rank > bound {
			over(rank)
			for i, s := range in.env.open {
				if y.choice[i] > 0 || s.family >= 0 {
					c.add(i)
				}
			}
		} else {
			*tries++
			stmt := in.evaluate(y)
			cost := rank + 2*y.soft
			if accept == nil {
				cost += 6 * y.outer
			}
			if n := len(in.stmts); n > 0 && stmt < 0 && !in.stmts[n-1].failed && !in.stmts[n-1].t.shp.isScalar() && (accept == nil || y.outer == 0) {
				cost++ // of two readings, the one in which the objective is a scalar
			}
			switch {
			case stmt >= 0:
				note(stmt)
				c.union(y.fail.names)
			case cost > bound:
				over(cost)
				c.union(y.seen)
			default:
				if accept == nil || accept() {
					return &solution{choice: append([]int8(nil), y.choice...), cost: cost}, next
				}
				c.union(y.seen)
			}
		}
		// Jump back to the last name that the conflict depends on.
		for {
			j := c.max()
			if j < 0 {
				return nil, next
			}
			c.remove(j)
			conflicts[j].union(c)
			for k := j + 1; k < n; k++ {
				y.choice[k] = 0
				conflicts[k] = conflicts[k][:0]
			}
			if int(y.choice[j])+1 < len(in.env.open[j].readings) {
				y.choice[j]++
				break
			}
			y.choice[j] = 0
			c = append(bits(nil), conflicts[j]...)
			conflicts[j] = conflicts[j][:0]
		}
	}
}

// ties reports a second reading that is as good as the best.
func (in *inferrer) ties(y *typing, best *solution) {
	if len(in.env.open) == 0 || best.cost == 0 {
		return
	}
	tries := 0
	other, _ := in.bounded(y, best.cost, &tries, maxTies, func(int) {}, func() bool {
		return in.differs(y.choice, best.choice)
	})
	copy(y.choice, best.choice)
	if other == nil {
		return
	}
	in.reportTie(best, other)
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
