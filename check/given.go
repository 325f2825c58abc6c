package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// An equation may be what a text takes as given: "where 1'y = 1", "mit P 1 = 1".
// It is not judged. Where x can be written so that it holds of any value, it is
// put so in what follows; other equations are supposed (see supposed.go).

// introduction tells how the words before an equation take it.
type introduction uint8

const (
	asClaim     introduction = iota // it is said to hold
	asReason                        // since, because: a fact, which may be false, or something assumed
	asGiven                         // where, with, assuming
	asCondition                     // if: for the sentence only
)

var introductions = []struct {
	words *regexp.Regexp
	as    introduction
}{
	{leads("where|wherein|with|having|given|assuming|assume|suppose|supposing|provided|subject to|such that|s\\.t\\.|under|knowing|granted|let|" +
		"где|при|пусть|с|предполагая|предположим|при условии|таких?|учитывая|" +
		"wobei|mit|unter|sei|seien|angenommen|vorausgesetzt|" +
		"où|avec|sachant|supposons|sous|soit|tel|telle|donde|con|sea|suponiendo|dado|dove|sia|supponendo|dato"), asGiven},
	{leads("since|because|as|так как|поскольку|т\\.к\\.|ведь|da|weil|denn|car|puisque|comme|porque|ya que|pues|dado que|poiché|dato che|perché"), asReason},
	{leads("if|when|whenever|если|когда|wenn|falls|si|lorsque|cuando|se|quando"), asCondition},
}

// leads matches words at which a clause begins and that nothing but words
// separates from its end.
func leads(words string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[\s,;:(])(?:` + words + `)(?:\s[\pL\s’'-]*)?:?$`)
}

// general are words for what holds of everything: a false one is a mistake.
var general = lazyregexp.New(`(?i)identit|rule|formula|lemma|theorem|law|fact|propert|тождеств|правил|формул|лемм|теорем|свойств|regel|formel|satz|règle|formule|regla|fórmula|regola`)

// introduced tells how the text before an equation takes it.
func introduced(before string) introduction {
	if i := strings.LastIndexAny(before, ",;"); i >= 0 {
		before = before[i:]
	}
	if before = strings.TrimRight(before, " \t\n$\\[(&"); general.MatchString(before) {
		return asClaim
	}
	for _, in := range introductions {
		if in.words.MatchString(before) {
			return in.as
		}
	}
	return asClaim
}

// fact is an equation that the text takes as given of an input.
type fact struct {
	of  *Node
	put func(c *checker, x *Node) *Node // any value, made one of which it holds
	say string
	// in is the line that it is said for, 0 if for all that follow.
	in int
}

// facts are the equations about one input x that are known, both sides, and
// what makes any x fulfil them.
var facts = []struct {
	fits func(x *Node) bool
	a, b func(c *checker, x *Node) *Node
	put  func(c *checker, x *Node) *Node
}{
	{isSquare, func(c *checker, x *Node) *Node { return c.b.T(x) }, itself, assumable[0].put},
	{isSquare, func(c *checker, x *Node) *Node { return c.b.T(x) }, func(c *checker, x *Node) *Node { return c.b.Neg(x) },
		func(c *checker, x *Node) *Node { return c.b.Sub(x, c.b.T(x)) }},
	{isSquare, func(c *checker, x *Node) *Node { return c.b.Mul(c.b.T(x), x) }, func(c *checker, x *Node) *Node { return c.b.Eye(x.Shape.R) }, assumable[3].put},
	{isVector, call("sum"), toOne, call("softmax")},
	{isVector, call("sum"), toZero, func(c *checker, x *Node) *Node {
		return c.b.Sub(x, c.b.Had(c.b.MustCall(rules.Must("mean"), x), c.b.Ones(x.Shape)))
	}},
	{isVector, call("norm"), toOne, normed},
	{isVector, func(c *checker, x *Node) *Node { return c.inner(x, x) }, toOne, normed},
	{isMatrix, call("rowsum"), toOne, call("softmax")},
	{isMatrix, call("colsum"), toOne, func(c *checker, x *Node) *Node { return c.b.T(c.b.MustCall(rules.Must("softmax"), c.b.T(x))) }},
	{isMatrix, call("rowsum"), toZero, func(c *checker, x *Node) *Node {
		return c.b.Sub(x, c.b.Mul(c.b.MustCall(rules.Must("rowmean"), x), c.b.Ones(expr.Shape{R: expr.One, C: x.Shape.C})))
	}},
	{isMatrix, call("colsum"), toZero, func(c *checker, x *Node) *Node {
		return c.b.Sub(x, c.b.Mul(c.b.Ones(expr.Shape{R: x.Shape.R, C: expr.One}), c.b.MustCall(rules.Must("colmean"), x)))
	}},
	{isMatrix, call("norm"), toOne, normed},
	{anyShape, func(c *checker, x *Node) *Node { return c.b.Had(x, x) }, itself, call("step")},
}

func isSquare(x *Node) bool { return x.Shape.IsSquare() && !x.Shape.IsScalar() }
func isVector(x *Node) bool { return (x.Shape.IsCol() || x.Shape.IsRow()) && !x.Shape.IsScalar() }
func isMatrix(x *Node) bool { return !x.Shape.IsCol() && !x.Shape.IsRow() }
func anyShape(*Node) bool   { return true }

func itself(_ *checker, x *Node) *Node { return x }
func toOne(c *checker, _ *Node) *Node  { return c.b.Int(1) }
func toZero(c *checker, _ *Node) *Node { return c.b.Int(0) }

func call(fn string) func(c *checker, x *Node) *Node {
	return func(c *checker, x *Node) *Node { return c.b.MustCall(rules.Must(fn), x) }
}

func normed(c *checker, x *Node) *Node {
	return c.b.Scale(c.b.Pow(c.b.MustCall(rules.Must("norm"), x), c.b.Int(-1)), x)
}

// factOf is what an equation l = r says of an input, nil if that is not known.
func (c *checker) factOf(cl *infer.Claim, l, r *Node) *fact {
	if left, _, _ := strings.Cut(cl.Text, "="); isInput(l) && isMatrix(l) && strings.HasSuffix(strings.TrimSpace(left), " 1") { // P 1 = 1, the ones as a number
		l, r = call("rowsum")(c, l), c.b.Ones(expr.Shape{R: l.Shape.R, C: expr.One})
	}
	if isInput(l) && r.Shape == l.Shape && !holds(r, l) { // where λ = 1/2
		return &fact{of: l, put: func(*checker, *Node) *Node { return r }, say: cl.Text}
	}
	for _, v := range append(inputs(l), inputs(r)...) {
		x := c.b.Var(v)
		for _, f := range facts {
			if !f.fits(x) {
				continue
			}
			ok := attempt(func() *Node {
				a, b := f.a(c, x), f.b(c, x)
				if b.IsScalar() && !a.IsScalar() { // of each row
					b = c.b.Had(b, c.b.Ones(a.Shape))
				}
				if c.saysSame(l, r, a, b) || c.saysSame(r, l, a, b) || c.saysSame(l, r, c.b.T(a), c.b.T(b)) || c.saysSame(r, l, c.b.T(a), c.b.T(b)) {
					return x
				}
				return nil
			})
			if ok != nil {
				return &fact{of: x, put: f.put, say: cl.Text}
			}
		}
	}
	return nil
}

// saysSame tells whether l = r is a = b, side by side.
func (c *checker) saysSame(l, r, a, b *Node) bool {
	if l.Shape != a.Shape || r.Shape != b.Shape {
		return false
	}
	for _, p := range [2][2]*Node{{l, a}, {r, b}} {
		if rel, _ := c.equal(c.prog, p[0], p[1], verify.Options{Seed: c.opt.Seed}); rel != verify.Same {
			return false
		}
	}
	return true
}

// introduces tells how the text takes claim i.
func (c *checker) introduces(i int) introduction {
	if cl := &c.res.Claims[i]; c.judgeable(cl) {
		if lead := c.lead(cl); !saysZero(lead) { // the gradient vanishes if A x = b
			return introduced(lead)
		}
	}
	return asClaim
}

// judgeable tells an equation of values, of no defined name, that can be taken
// as given.
func (c *checker) judgeable(cl *infer.Claim) bool {
	return c.lead != nil && cl.Kind == infer.ClaimValue && cl.Of != nil && len(cl.Sides) == 1 && cl.Err.Err() == nil && len(cl.Free) == 0 &&
		(cl.OfName == "" || isInput(cl.Of))
}

// opening tells a line that begins with its condition: alone on it, "If A B = B
// A then" is said for the lines that follow.
var opening = lazyregexp.New(`(?i)^\s*(?:if|when|whenever|если|когда|wenn|falls|si|lorsque|cuando|se|quando)\s+$`)

var joins = lazyregexp.New(`(?i)^[\s,;]*(?:and|und|и|et|y|e)\s*$`)

// onItsLine tells whether a claim is the only one of its line.
func (c *checker) onItsLine(i int) bool {
	at := c.res.Claims[i].Line
	return (i == 0 || c.res.Claims[i-1].Line != at) && (i+1 == len(c.res.Claims) || c.res.Claims[i+1].Line != at)
}

// gather finds what the text takes as given, and the lines that say it.
func (c *checker) gather() {
	c.given = map[int]*fact{}
	last := asClaim
	for i := range c.res.Claims {
		cl := &c.res.Claims[i]
		how := c.introduces(i)
		if how == asClaim && i > 0 && cl.Line == c.res.Claims[i-1].Line && c.judgeable(cl) && joins.MatchString(c.lead(cl)) {
			how = last // with λ = 1 and w'w = 1
		}
		last = how
		if how == asClaim {
			continue
		}
		l, r := cl.Of, cl.Sides[0]
		if rel, _ := c.equal(c.prog, l, r, verify.Options{Seed: c.opt.Seed}); rel == verify.Same {
			continue // a fact
		}
		f := c.factOf(cl, l, r)
		if f == nil {
			if how == asReason {
				continue
			}
			if l.Shape != r.Shape || l.HasD || r.HasD || hasAdjoint(l) || hasAdjoint(r) {
				continue
			}
			f = &fact{say: cl.Text}
		}
		if how == asCondition && !(c.onItsLine(i) && opening.MatchString(c.lead(cl))) {
			f.in = cl.Line
		}
		c.given[i] = f
	}
}

// take puts what is given for a line into force, and ends what was given for
// others. A clause that begins the next line belongs to the sentence too.
func (c *checker) take(line int) {
	for i := range c.res.Claims {
		f := c.given[i]
		if f == nil {
			continue
		}
		from := c.res.Claims[i].Line
		if f.in == 0 && c.continues != nil && c.continues(from) && c.onItsLine(i) {
			from--
		}
		on := from <= line && (f.in == 0 || f.in == line)
		switch {
		case f.of == nil: // judged at points where it holds
			k := slices.IndexFunc(c.supposed, func(s stated) bool { return s.claim == i })
			if on && k < 0 {
				cl := &c.res.Claims[i]
				c.supposed = append(c.supposed, stated{claim: i, g: c.b.Sub(cl.Of, cl.Sides[0])})
			} else if !on && k >= 0 {
				c.supposed = slices.Delete(c.supposed, k, k+1)
			}
		case on && c.assume[f.of] == nil:
			if y := attempt(func() *Node { return f.put(c, f.of) }); y != nil {
				c.assume[f.of], c.facts[f.of] = y, f
				c.grads = make(map[[2]*Node]*Node)
			}
		case !on && c.facts[f.of] == f:
			delete(c.assume, f.of)
			delete(c.facts, f.of)
		}
	}
}

// taken reports on an equation that is taken as given.
func (c *checker) taken(f *fact, out *Line) {
	out.Kind, out.Verdict = "assumption", Right
	if out.Reason = "taken as given: what follows is judged with it"; f.in > 0 {
		out.Reason = "taken as given in this line"
	}
}

// lead returns the function that reads the text before a claim, up to what is
// stated before it on its line.
func (d *document) lead(typed string) func(cl *infer.Claim) string {
	return func(cl *infer.Claim) string {
		at := cl.Span.Start
		if at > len(d.src) {
			return ""
		}
		start := strings.LastIndexByte(d.src[:at], '\n') + 1
		line := typed[min(start, len(typed)):]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		end := at - start
		if !strings.HasPrefix(line[min(end, len(line)):], first(cl.Text)) { // words were put before it
			if end = strings.Index(line, first(cl.Text)); end < 0 {
				return ""
			}
		}
		from := 0
		if stated := len(strings.TrimRight(d.src[start:at], " \t;")); stated <= end && end == at-start {
			from = stated
		}
		return line[from:end]
	}
}

// first is the beginning of a claim as it is typed.
func first(text string) string {
	s, _, _ := strings.Cut(text, "=")
	return strings.TrimSpace(s)
}

// clauses are the words at which a line goes on with the sentence before it.
var clauses = lazyregexp.New(`(?i)^\s*(?:where|with|assuming|provided|subject to|s\.t\.|where|где|при|wobei|mit|où|avec|donde|con|dove)(?:\s|$)`)

// continues tells a line that begins with a clause and has a line above it.
func continues(typed string) func(line int) bool {
	lines := strings.Split(typed, "\n")
	return func(n int) bool {
		return n >= 2 && n <= len(lines) && clauses.MatchString(lines[n-1]) && strings.TrimSpace(lines[n-2]) != ""
	}
}
