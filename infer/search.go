package infer

// Budgets of the search, in evaluations of the whole program.
const (
	maxTries = 1200
	maxTies  = 400

	allTries = 20000 // of a program, all errors together

	maxWork = 20_000_000 // terms evaluated in all of them

	maxErrors = 50 // shape errors reported of one program
)

// solve finds the shapes of every statement; statements that have none are
// reported and left out.
func (in *inferrer) solve(y *typing) {
	in.residuals()
	in.weigh()
	in.families()
	in.tries = max(100, min(allTries, maxWork/(in.size()+1)))
	if in.plain {
		in.tries = max(100, in.tries/10)
	}
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

// size returns the number of terms of the program.
func (in *inferrer) size() int {
	n := 0
	for _, st := range in.stmts {
		in.eachTerm(st.t, func(t *term) { n += 1 + len(t.args) })
	}
	return n
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
	y.fresh = y.fresh[:0]
	clear(y.odd)
	clear(y.seen)
	for i := range in.stmts {
		if !in.evaluateOne(y, i) {
			return i
		}
	}
	return -1
}

// evaluateOne finds the shapes of one statement, those before it being known.
func (in *inferrer) evaluateOne(y *typing, i int) bool {
	st := in.stmts[i]
	if st.failed {
		return true
	}
	if !y.typ(st.t) {
		return false
	}
	if st.t.op == opBad {
		st.failed = true
		return true
	}
	if st.sym != nil && st.sym.declared {
		want := y.d.shapeOf(st.sym.known)
		if !y.d.unify(want.r, st.t.shp.r) || !y.d.unify(want.c, st.t.shp.c) {
			y.failed(st.t, "E204", 0, -1, st.t.names, y.seen)
			y.fail.i = -1
			y.fail.what = st.sym.name + " is declared " + st.sym.known.String()
			return false
		}
	}
	return true
}

// familyCost is what it costs to read x_1 and x_2 as different kinds of thing.
const familyCost = 8

// rank is the cost of the readings alone. Names that differ in their number
// only are of one kind: x_1, x_2 and x_3 are all scalars or all vectors.
func (in *inferrer) rank(choice []int8, sc *scope) int {
	c := 0
	for i := sc.lo; i < sc.hi; i++ {
		s := in.env.open[i]
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

// scope is what a search may vary and what it evaluates.
type scope struct {
	lo, hi int        // the open names that are varied
	eval   func() int // returns the statement that clashes, -1 if none does
	last   int        // the last statement evaluated
	ties   bool       // looks for readings as good as the best: see bounded
}

func (in *inferrer) wholeScope(y *typing) *scope {
	return &scope{hi: len(in.env.open), eval: func() int { return in.evaluate(y) }, last: len(in.stmts) - 1}
}

// window is a reading of the names of one statement that is as good as the
// best, as far as that statement tells.
type window struct {
	lo, hi int
	choice []int8
}

// fewNames is up to how many open names a program is searched as a whole.
const fewNames = 8

// search returns the cheapest reading that fits, or one that does not and the
// statement where it fails.
func (in *inferrer) search(y *typing) (*solution, *solution) {
	in.tieable, in.others = true, nil
	if len(in.env.open) > fewNames && len(in.stmts) > 1 {
		in.tieable = false
		if s := in.stepwise(y); s != nil {
			return s, nil
		}
	}
	var first *solution
	clear(y.choice)
	s := in.deepen(y, in.wholeScope(y), func(stmt int) {
		if first == nil || stmt > first.stmt {
			first = &solution{choice: append([]int8(nil), y.choice...), stmt: stmt}
		}
	})
	// If none fits, the statement that fails latest is to blame: those before
	// it can be read.
	return s, first
}

// stepwise settles the names of each statement before the next one is looked
// at, which is linear in the length of the program. It returns nil where a
// later statement contradicts an earlier choice; the program is then searched
// as a whole.
func (in *inferrer) stepwise(y *typing) *solution {
	y.d.reset()
	in.epochs++
	y.epoch = in.epochs
	clear(y.choice)
	clear(y.odd)
	clear(y.seen)
	total, lo := 0, 0
	for i := range in.stmts {
		hi := lo
		if m := in.stmts[i].t.names.max(); m >= lo {
			hi = m + 1
		}
		at, odd, seen := y.d.mark(), append(bits(nil), y.odd...), append(bits(nil), y.seen...)
		y.fresh = y.fresh[:0]
		sc := &scope{lo: lo, hi: hi, last: i, eval: func() int {
			y.d.undo(at)
			for _, s := range y.fresh {
				s.epoch = -1
			}
			y.fresh = y.fresh[:0]
			y.odd, y.seen = append(y.odd[:0], odd...), append(y.seen[:0], seen...)
			y.soft, y.outer, y.fail = 0, 0, nil
			if !in.evaluateOne(y, i) {
				return i
			}
			return -1
		}}
		s := in.deepen(y, sc, func(int) {})
		if s == nil {
			in.tieable, in.others = true, nil
			return nil
		}
		if hi > lo && s.cost > 0 && len(in.others) < 8 {
			tries := 0
			sc.ties = true
			other, _ := in.bounded(y, sc, s.cost, &tries, 50, func(int) {}, func() bool { return in.differs(y.choice, s.choice) })
			if other != nil {
				in.others = append(in.others, window{lo, hi, other.choice[lo:hi]})
			}
		}
		copy(y.choice, s.choice)
		sc.eval()
		total += s.cost
		lo = hi
	}
	return &solution{choice: append([]int8(nil), y.choice...), cost: total}
}

// deepen searches with a bound on the cost that grows until a reading fits.
func (in *inferrer) deepen(y *typing, sc *scope, note func(stmt int)) *solution {
	most := max(20, min(maxTries, in.tries/2))
	tries := 0
	defer func() { in.tries -= tries }()
	if sc.hi-sc.lo > fewNames {
		return in.descend(y, sc, &tries, most, note)
	}
	for bound, low := 0, 0; ; low = bound + 1 {
		s, next := in.bounded(y, sc, bound, &tries, most, note, nil)
		if s != nil {
			// Jumping back can pass over a bound between the last two.
			for s.cost > low {
				better, _ := in.bounded(y, sc, s.cost-1, &tries, most, note, nil)
				if better == nil {
					break
				}
				s = better
			}
			return s
		}
		if next < 0 {
			return nil
		}
		if tries >= most {
			break
		}
		bound = next
	}
	return in.descend(y, sc, &tries, 2*most, note)
}

// descend takes the first reading that fits at all and betters one name, or
// one family of names, at a time, for scopes with many names.
func (in *inferrer) descend(y *typing, sc *scope, tries *int, most int, note func(stmt int)) *solution {
	s, _ := in.bounded(y, sc, 1<<30, tries, most, note, nil)
	if s == nil {
		return nil
	}
	work := maxWork
	for better := true; better; {
		better = false
		for i := sc.lo; i < sc.hi; i++ {
			for k := range in.env.open[i].readings {
				if work -= sc.hi - sc.lo; *tries >= most || work < 0 || int8(k) == s.choice[i] {
					continue
				}
				copy(y.choice, s.choice)
				y.choice[i] = int8(k)
				for j := i + 1; j < sc.hi; j++ { // the numbered names of one letter move together
					if in.env.open[j].family == i {
						y.choice[j] = int8(k)
					}
				}
				if in.rank(y.choice, sc) >= s.cost {
					continue
				}
				*tries++
				if sc.eval() >= 0 {
					continue
				}
				if c := in.costOf(y, sc); c < s.cost {
					s = &solution{choice: append([]int8(nil), y.choice...), cost: c}
					better = true
				}
			}
		}
	}
	return s
}

// costOf is the cost of the reading that was just evaluated: what its names
// cost, and what a reader would not think of first.
func (in *inferrer) costOf(y *typing, sc *scope) int {
	c := in.rank(y.choice, sc) + 2*y.soft
	if !sc.ties {
		c += 6 * y.outer
	}
	if in.vectorObjective(sc.last) && !(sc.ties && y.outer > 0) {
		c++ // of two readings, the one in which the objective is a scalar
		if st := in.stmts[sc.last]; isGoal(st.name) && in.opaque(st.t) {
			c += vectorGoal - 1
		}
	}
	return c
}

// bounded searches the readings of cost at most bound, depth first, jumping
// back to the names that a clash depends on. It returns the first that fits
// and that accept, if given, accepts; otherwise the least cost above the bound
// that it met, -1 if there is none.
func (in *inferrer) bounded(y *typing, sc *scope, bound int, tries *int, most int, note func(int), accept func() bool) (*solution, int) {
	clear(y.choice[sc.lo:sc.hi])
	conflicts := make([]bits, sc.hi-sc.lo)
	steps := 0
	next := -1
	over := func(c int) {
		if c > bound && (next < 0 || c < next) {
			next = c
		}
	}
	for {
		if steps++; *tries >= most || steps > 20*most {
			*tries = most
			return nil, next
		}
		var c bits
		rank := in.rank(y.choice, sc)
		if rank > bound {
			over(rank)
			for i := sc.lo; i < sc.hi; i++ {
				if y.choice[i] > 0 || in.env.open[i].family >= 0 {
					c.add(i)
				}
			}
		} else {
			*tries++
			stmt := sc.eval()
			cost := 0
			if stmt < 0 {
				cost = in.costOf(y, sc)
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
			for j >= sc.hi {
				c.remove(j)
				j = c.max()
			}
			if j < sc.lo {
				return nil, next
			}
			c.remove(j)
			conflicts[j-sc.lo].union(c)
			for k := j + 1; k < sc.hi; k++ {
				y.choice[k] = 0
				conflicts[k-sc.lo] = conflicts[k-sc.lo][:0]
			}
			if int(y.choice[j])+1 < len(in.env.open[j].readings) {
				y.choice[j]++
				break
			}
			y.choice[j] = 0
			c = append(bits(nil), conflicts[j-sc.lo]...)
			conflicts[j-sc.lo] = conflicts[j-sc.lo][:0]
		}
	}
}

// vectorObjective tells whether the statement is the objective and not a
// scalar.
func (in *inferrer) vectorObjective(stmt int) bool {
	if stmt < 0 || stmt != len(in.stmts)-1 || in.stmts[stmt].failed {
		return false
	}
	return !in.stmts[stmt].t.shp.isScalar()
}
