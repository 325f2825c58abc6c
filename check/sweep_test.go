package check

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// sweepSize is how many answers a sweep judges, and its seed:
//
//	MATDIFF_CHECK_SWEEP=10000 MATDIFF_CHECK_SEED=1 go test ./check -run Sweep -v -timeout 3h
//
// MATDIFF_CHECK_FROM=1802 begins with that answer, the 1802nd of the seed, and
// MATDIFF_CHECK_ALL logs the mistakes that are named beside others, too.
func sweepSize(usual int) (n int, seed uint64) {
	n, seed = usual, 1
	if k, err := strconv.Atoi(os.Getenv("MATDIFF_CHECK_SWEEP")); err == nil {
		n = k
	}
	if k, err := strconv.ParseUint(os.Getenv("MATDIFF_CHECK_SEED"), 10, 64); err == nil {
		seed = k
	}
	return n, seed
}

func sweepFrom() uint64 {
	k, _ := strconv.ParseUint(os.Getenv("MATDIFF_CHECK_FROM"), 10, 64)
	return k
}

// times collects how long lines took.
type times []time.Duration

func (t times) at(q float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	s := slices.Clone(t)
	slices.Sort(s)
	return s[min(len(s)-1, int(q*float64(len(s))))].Round(100 * time.Microsecond)
}

func (t times) String() string {
	return fmt.Sprintf("median %v, 90 %% %v, 99 %% %v, most %v", t.at(0.5), t.at(0.9), t.at(0.99), t.at(1))
}

func (s *subject) speller(rng *rand.Rand) *speller {
	p := &speller{rng: rng, kind: rng.IntN(3), taken: map[string]bool{}}
	for _, v := range s.prog.Vars {
		p.taken[v.Name] = true
	}
	for n := range s.defs {
		p.taken[n] = true
	}
	return p
}

func (s *subject) places(rng *rand.Rand, n int) []*place {
	var out []*place
	for range n {
		if p := newPlace(rng, s.prog, s.defs); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// TestSweepRight judges right answers, rewritten by identities at random and
// spelled at random: none may be called wrong.
func TestSweepRight(t *testing.T) {
	n, seed := sweepSize(300)
	list := newSubjects(t)
	kinds := []string{"gradient", "gradient", "gradient", "differential", "differential", "adjoint", "value"}
	verdicts, of, used := map[Verdict]int{}, map[string]int{}, map[string]int{}
	var took times
	unread, unsure, apart, done := 0, 0, 0, 0
	for i := sweepFrom(); done < n; i++ {
		rng := rand.New(rand.NewPCG(seed, i))
		s := list.deal(rng)
		if s == nil {
			continue
		}
		c := s.claim(rng, kinds[rng.IntN(len(kinds))])
		if c == nil {
			continue
		}
		f, names := rewritten(rng, c.right, 1+rng.IntN(5))
		if len(names) == 0 {
			continue
		}
		own := compare(s.places(rng, 6), c.right, f)
		text := s.text
		// A part of it by a new name.
		if parts := spots(f); rng.IntN(4) == 0 {
			p := parts[rng.IntN(len(parts))]
			if p.f.size() > 1 && p.f.size() < f.size() && s.closed(p.f) {
				text = strings.Replace(text, "\n"+s.of+" = ", "\nK_9 = "+spellPlain(p.f)+"\n"+s.of+" = ", 1)
				if text != s.text {
					f = p.up(&form{op: "var", name: "K_9", r: p.f.r, c: p.f.c})
					names = append(names, "a part by name")
				}
			}
		}
		line := c.left + " = " + s.speller(rng).spell(f)
		if len(line) > 1500 {
			continue
		}
		// The sweep's own judgement, which must agree that it is right.
		if own != relEqual { // a comparison of equal values, a singular matrix
			apart++
			t.Logf("seed %d: not equal by the sweep's own judgement: %v\n%s%s\nright: %s", i, names, text, line, spellPlain(c.right))
			continue
		}
		done++
		begin := time.Now()
		l, why := judged(text, line)
		took = append(took, time.Since(begin))
		of[c.kind]++
		if l == nil {
			unread++
			t.Logf("seed %d: not read: %s\n%s%s", i, why, text, line)
			continue
		}
		for _, k := range names {
			used[k]++
		}
		verdicts[l.Verdict]++
		switch l.Verdict {
		case Right:
			if l.Mistake != nil {
				t.Errorf("seed %d: right with a mistake: %+v\n%s%s", i, l.Mistake, text, line)
			}
		case Undecided:
			unsure++
			t.Logf("seed %d: undecided: %s; by %v\n%s%s", i, l.Reason, names, text, line)
		default:
			t.Errorf("seed %d: %s: %s; rewritten by %v\n%s%s", i, l.Verdict, l.Reason, names, text, line)
		}
	}
	t.Logf("%d right answers, %v; verdicts %v; %d cannot be decided, %d not read", done, of, verdicts, unsure, unread)
	t.Logf("time a text: %v; %d left out as not equal by the sweep's own judgement", took, apart)
	if 50*apart > done {
		t.Errorf("%d of %d identities do not hold", apart, done)
	}
	t.Logf("identities: %v", used)
}

// closed tells a form of the program's own names, without differentials and
// without the objective.
func (s *subject) closed(f *form) bool {
	if f.op == "var" && (f.name == s.of || s.defs[f.name] == nil && s.prog.VarNamed(f.name) == nil) {
		return false
	}
	return !slices.ContainsFunc(f.args, func(a *form) bool { return !s.closed(a) })
}

// differsAt compares two forms at a counterexample.
func (s *subject) differsAt(c *Counterexample, right, wrong *form) bool {
	if c == nil {
		return false
	}
	p := &place{sizes: c.Sizes, vars: map[string]*num.Mat{}, defs: s.defs}
	for name, rows := range c.Point {
		p.vars[name] = num.FromRows(rows...)
	}
	for name := range s.defs {
		delete(p.vars, name)
	}
	r := compare([]*place{p}, right, wrong)
	return r != relEqual && r != relUnclear
}

// tied tells a variable whose entries are not free.
func tied(v *expr.Var) bool { return v.Props.Has(expr.Symmetric) || v.Props.Has(expr.Diagonal) }

func spellPlain(f *form) string { return (&speller{}).spell(f) }

// class is what became of the answers with one kind of mistake.
type class struct{ made, equal, right, transposed, undecided, unread, named, conditional, other, fixed, badFix int }

// TestSweepMistakes judges right answers into which one mistake was put: none
// may be called right, but for those that the mistake left equal. It counts how
// many of the mistakes are told by their names, and how many fixes are right.
func TestSweepMistakes(t *testing.T) {
	n, seed := sweepSize(60)
	list := newSubjects(t)
	classes := map[string]*class{}
	var took times
	done := 0
	for i := sweepFrom(); done < n; i++ {
		rng := rand.New(rand.NewPCG(seed, 1<<32+i))
		s := list.deal(rng)
		if s == nil {
			continue
		}
		kind := "gradient"
		switch rng.IntN(10) {
		case 0:
			kind = "differential"
		case 1:
			kind = "adjoint"
		}
		c := s.claim(rng, kind)
		if c == nil || c.right.op == "zeros" || c.right.isNum("0") {
			continue
		}
		wrong, name, ids := s.mistaken(rng, c)
		if wrong == nil {
			continue
		}
		k := classes[name]
		if k == nil {
			k = &class{}
			classes[name] = k
		}
		if k.made >= max(3, n/15) { // no class may crowd out the others
			continue
		}
		line := c.left + " = " + s.speller(rng).spell(wrong)
		if len(line) > 600 {
			continue
		}
		if done++; done%500 == 0 && done < n {
			t.Log(tally(classes, done))
		}
		own := compare(s.places(rng, 6), c.right, wrong)
		if c.by != nil && tied(c.by) && name != "symmetric convention" {
			own = relUnclear
		}
		begin := time.Now()
		l, why := judged(s.text, line)
		d := time.Since(begin)
		k.made++
		if l == nil {
			k.unread++
			t.Logf("seed %d: %s: not read: %s\n%s%s", i, name, why, s.text, line)
			continue
		}
		if own == relEqual {
			if l.Verdict == Wrong && s.differsAt(l.Counter, c.right, wrong) { // at a point that the sweep's own missed
				own = relDiffers
			}
		}
		if own == relEqual {
			k.equal++
			if l.Verdict == Wrong || l.Verdict == Inherited {
				t.Errorf("seed %d: an edit that changes nothing is called %s\n%s%s", i, l.Verdict, s.text, line)
			}
			continue
		}
		if own == relUnclear {
			k.equal++
			continue
		}
		switch l.Verdict {
		case Right:
			k.right++
			t.Errorf("seed %d: %s: called right: %s\n%s%s\nright: %s", i, name, l.Reason, s.text, line, spellPlain(c.right))
			continue
		case Transposed:
			k.transposed++
			if own != relTransposed {
				t.Errorf("seed %d: %s: called transposed\n%s%s\nright: %s", i, name, s.text, line, spellPlain(c.right))
			}
			continue
		case Undecided, NotUnderstood:
			k.undecided++
			t.Logf("seed %d: %s: %s: %s\n%s%s", i, name, l.Verdict, l.Reason, s.text, line)
			continue
		}
		took = append(took, d)
		m := l.Mistake
		switch {
		case m == nil:
			t.Errorf("seed %d: no mistake: %s%s", i, s.text, line)
			continue
		case slices.Contains(ids, m.ID):
			k.named++
		case slices.ContainsFunc(m.Also, func(id string) bool { return slices.Contains(ids, id) }):
			k.conditional++
			if os.Getenv("MATDIFF_CHECK_ALL") != "" {
				t.Logf("seed %d: %s %v: first called %s %v: %s; fix %s\n%s%s\nright: %s", i, name, ids, m.ID, m.Also, m.Message, m.Fix, s.text, line, spellPlain(c.right))
			}
		default:
			k.other++
			t.Logf("seed %d: %s %v: called %s %v: %s; fix %s\n%s%s\nright: %s", i, name, ids, m.ID, m.Also, m.Message, m.Fix, s.text, line, spellPlain(c.right))
		}
		if m.Fix == "" {
			t.Logf("seed %d: %s: no fix: %s\n%s%s\nright: %s", i, name, m.Message, s.text, line, spellPlain(c.right))
			continue
		}
		k.fixed++
		if f, why := judged(s.text, c.left+" = "+m.Fix); f == nil || f.Verdict != Right {
			k.badFix++
			t.Errorf("seed %d: %s: the fix %s is not right: %s %+v\n%s%s", i, name, m.Fix, why, f, s.text, line)
		} else if g := s.read(c.left+" = "+m.Fix, ""); g != nil && c.by != nil && !tied(c.by) {
			if own := compare(s.places(rng, 6), c.right, g); own != relEqual && own != relUnclear {
				k.badFix++
				t.Errorf("seed %d: %s: the fix %s is not right by the sweep's own judgement\n%s%s", i, name, m.Fix, s.text, line)
			}
		}
	}
	t.Log(tally(classes, done))
	t.Logf("time a text whose mistake is named: %v", took)
}

// ruleClasses is what a broken rule is counted as, by the name of its mistake.
var ruleClasses = map[string]string{
	"dropped-term": "term lost", "sign": "sign", "factor": "factor 2", "product-rule": "product rule, one occurrence", "quotient-rule": "quotient rule",
	"missing-trace": "trace lost", "missing-sum": "sum over the batch", "missing-transpose": "transpose", "order-of-factors": "order of factors",
	"chain-rule-factor": "factor of the chain rule lost", "inner-outer-confusion": "inner for outer product", "power": "exponent",
	"norm-vs-squared-norm": "norm for its square", "wrong-point": "derivative at the wrong point", "wrong-derivative": "derivative of another function",
	"missing-1/N": "1/N", "elementwise-rule": "elementwise for matrix", "determinant-factor": "determinant lost", "softmax-jacobian": "softmax Jacobian",
	"rows-sum-to-one-assumed": "rows sum to one",
}

// mistaken puts one mistake into a claim: into what is written, into the rule
// of one node, or it takes the gradient by another variable.
func (s *subject) mistaken(rng *rand.Rand, c *claim) (wrong *form, name string, ids []string) {
	if c.whole != nil && rng.IntN(3) == 0 {
		if tied(c.by) { // of matrices with a structure the rule goes on
			return nil, "", nil
		}
		_, nodes := reverseGradient(c.whole, c.by.Name)
		if nodes == 0 {
			return nil, "", nil
		}
		for range 8 {
			g, ids, _ := brokenGradient(rng, c.whole, c.by.Name, rng.IntN(nodes))
			if g != nil && g.size() < maxForm {
				return g, ruleClasses[ids[0]], ids
			}
		}
		return nil, "", nil
	}
	if c.kind == "gradient" && rng.IntN(25) == 0 {
		for _, k := range rng.Perm(len(s.prog.Vars)) {
			v := s.prog.Vars[k]
			if v.Name == c.by.Name || v.Shape != c.by.Shape || v.Const || !s.whole.mentions(v.Name) {
				continue
			}
			if g := s.gradient(rng, v); g != nil && !g.isNum("0") && g.op != "zeros" {
				return g, "another variable", []string{"other-variable"}
			}
		}
	}
	v := &answer{right: c.right, by: c.by, vars: s.prog.Vars, sizes: s.prog.Sizes}
	list := spots(c.right)
	m := mistakes[rng.IntN(len(mistakes))]
	for _, k := range rng.Perm(len(list)) {
		x := m.at(rng, list[k], v)
		if x == nil || same(x, list[k].f) {
			continue
		}
		if g := list[k].up(x); !same(g, c.right) {
			return g, m.class, m.ids
		}
	}
	return nil, "", nil
}

// tally is the table of what became of the mistakes.
func tally(classes map[string]*class, done int) string {
	var names []string
	for name := range classes {
		names = append(names, name)
	}
	sort.Strings(names)
	var total class
	var out strings.Builder
	fmt.Fprintf(&out, "| mistake | made | left equal | called right | transposed | cannot decide | wrong | named | named among others | fix | \n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	row := func(name string, k *class) {
		wrong := k.named + k.conditional + k.other
		share := func(n int) string { return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(max(1, wrong))) }
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %d | %d | %d | %s | %s | %s |\n", name, k.made, k.equal, k.right, k.transposed, k.undecided+k.unread, wrong, share(k.named), share(k.named+k.conditional), share(k.fixed))
	}
	for _, name := range names {
		k := classes[name]
		row(name, k)
		total.made += k.made
		total.equal += k.equal
		total.right += k.right
		total.transposed += k.transposed
		total.undecided += k.undecided
		total.unread += k.unread
		total.named += k.named
		total.conditional += k.conditional
		total.other += k.other
		total.fixed += k.fixed
		total.badFix += k.badFix
	}
	row("all", &total)
	return fmt.Sprintf("%d mistaken answers; %d fixes not right\n%s", done, total.badFix, out.String())
}
