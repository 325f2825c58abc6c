package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// respelled reads again a statement in which a word that nobody declared is
// a product of names that are known (xw), or a capital letter that nobody
// declared is beside a matrix declared by the small one.
func (r *reader) respelled(sc *scope, s *statement, got *trial) *trial {
	if got.list.Err() != nil || got.res == nil {
		return got
	}
	text, notes := respell(got.res.Program, s, got.def)
	if text == s.text {
		return got
	}
	t := *s
	t.text = text
	next := tryRead(sc, &t)
	if next.failure() != nil && !shapeError(next.failure().Code) {
		return got
	}
	for _, n := range notes {
		r.note(n)
	}
	*s = t
	return next
}

// respell is the text of a statement that was read as part of p, with what
// was meant by words that p has as undeclared names, and notes on it.
func respell(p *expr.Program, s *statement, def bool) (string, []string) {
	known := map[string]bool{}
	matrix := map[string]bool{}
	for _, v := range p.Vars {
		if !v.Inferred {
			known[v.Name] = true
			matrix[v.Name] = !v.Shape.R.IsOne() && !v.Shape.C.IsOne()
		}
	}
	for _, d := range p.Defs {
		known[d.Name] = true
	}
	text := s.text
	var notes []string
	if z, ok := strings.CutPrefix(s.name, "d"); ok && def && known[otherCase(z)] && !known[z] { // dz where Z is defined
		text = replaceName(text, z, otherCase(z))
		notes = append(notes, "read "+z+" as "+otherCase(z)+", since nothing defines "+z)
	}
	for _, v := range p.Vars {
		if !v.Inferred || known[v.Name] {
			continue
		}
		if o := otherCase(v.Name); len(o) == 1 && unicode.IsUpper(rune(v.Name[0])) && matrix[o] {
			text = replaceName(text, v.Name, o)
			notes = append(notes, "read "+v.Name+" as "+o+", which is declared as a matrix")
			continue
		}
		if len(v.Name) < 2 || len(v.Name) > 4 || strings.Trim(v.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			continue
		}
		factors := strings.Split(v.Name, "")
		if !slices.ContainsFunc(factors, func(f string) bool { return !known[f] }) {
			text = replaceName(text, v.Name, strings.Join(factors, " "))
			notes = append(notes, "read "+v.Name+" as the product "+strings.Join(factors, " "))
		}
	}
	return text, notes
}

// replaceName puts a name for another wherever it stands as a word, as one
// after d, or as a factor in a word of capitals.
func replaceName(text, old, as string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRuneInString(text[i:])
		if !letter(c) {
			b.WriteString(text[i : i+n])
			i += n
			continue
		}
		j := i
		for j < len(text) {
			c, n := utf8.DecodeRuneInString(text[j:])
			if !letter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c) {
				break
			}
			j += n
		}
		word := text[i:j]
		sub := j < len(text) && text[j] == '_'
		switch {
		case sub:
		case word == old:
			word = as
		case word == "d"+old:
			word = "d" + as
		case len(old) == 1 && len(word) <= 3 && strings.Contains(word, old) && strings.ToUpper(word) == word && !strings.ContainsAny(word, "0123456789"):
			word = strings.ReplaceAll(strings.Join(strings.Split(word, ""), " "), old, as)
		}
		b.WriteString(word)
		i = j
	}
	return b.String()
}

// mislabelled settles a second definition that contradicts a first one which
// only names a function, z = softmax(x), and is what another function makes of
// the same: then the first is the slip. It returns the definition, mended.
func (r *reader) mislabelled(sc *scope, s *statement, got *trial) *statement {
	cl := got.claim
	if cl == nil || got.def || cl.Kind != infer.ClaimValue || cl.OfName == "" || cl.Of == nil || cl.Of.Op != expr.OpCall || len(cl.Of.Args) != 1 || len(cl.Sides) == 0 {
		return nil
	}
	c := newChecker(r.ctx, got.res, r.opt)
	n := cl.Sides[len(cl.Sides)-1]
	same := func(x *Node) bool {
		if x.Shape != n.Shape {
			return false
		}
		rel, _ := c.equal(c.prog, x, n, verify.Options{Seed: r.opt.Seed})
		return rel == verify.Same
	}
	if same(cl.Of) {
		return nil
	}
	for _, f := range rules.All() {
		if len(f.Params) != 1 || f.Out != rules.OutSame || f.Name == cl.Of.Fn.FnName() {
			continue
		}
		x, err := c.b.Call(f, cl.Of.Args[0])
		if err != nil || !same(x) {
			continue
		}
		for _, d := range sc.list {
			if d.name != cl.OfName || d.fault != nil {
				continue
			}
			left, right, _ := strings.Cut(d.text, " = ")
			_, arg, ok := strings.Cut(right, "(")
			if !ok {
				return nil
			}
			fix := f.Name + "(" + arg
			msg := "line " + itoa(s.parts[0].line) + " defines " + cl.OfName + " as what " + f.Name + " makes, not " + cl.Of.Fn.FnName()
			d.fault = &Line{Verdict: Wrong, Reason: msg, Mistake: &Mistake{ID: "other-function", Message: msg, Fix: fix}}
			d.text = left + " = " + fix
			return d
		}
	}
	return nil
}

// twins settles a scope in which one name is written in both cases, W in a
// definition and w in the claims about it: they are one name where more is
// read then.
func (r *reader) twins(sc *scope) *scope {
	src := sc.count()
	if src.res == nil {
		return sc
	}
	best, fewest := sc, src.failures
	known := map[string]bool{}
	for _, v := range src.res.Program.Vars {
		if !v.Inferred {
			known[v.Name] = true
		}
	}
	for _, d := range src.res.Program.Defs {
		known[d.Name] = true
	}
	for _, v := range src.res.Program.Vars {
		o := otherCase(v.Name)
		if fewest == 0 || !v.Inferred || o == "" || !known[o] || !unicode.IsUpper([]rune(v.Name)[0]) {
			continue
		}
		if alt := r.rewritten(best, v.Name, o); alt != nil {
			if n := alt.count(); n.res != nil && n.failures < fewest {
				best, fewest = alt, n.failures
				r.note("read " + v.Name + " as " + o + ": the text writes both")
			}
		}
	}
	return best
}

// counted is how much of a scope does not fit.
type counted struct {
	res      *infer.Result
	failures int
}

func (s *scope) count() counted {
	res := s.read()
	if res == nil {
		return counted{}
	}
	n := counted{res: res}
	for i := range res.Claims {
		if c := &res.Claims[i]; c.Err.Err() != nil || len(c.Sides) > 0 && misshapen(c) {
			n.failures++
		}
	}
	for _, t := range s.list {
		if t.fault != nil {
			n.failures++
		}
	}
	return n
}

// misshapen tells a claim whose right side has another shape than its left.
func misshapen(c *infer.Claim) bool {
	got := c.Sides[len(c.Sides)-1].Shape
	switch {
	case c.Kind == infer.ClaimGradient && len(c.By) > 0:
		return got != c.By[0].Shape
	case (c.Kind == infer.ClaimDifferential || c.Kind == infer.ClaimValue) && c.Of != nil:
		return got != c.Of.Shape
	}
	return false
}

// rewritten reads the scope anew with one name for another, nil if it cannot.
func (r *reader) rewritten(sc *scope, old, as string) *scope {
	out := &scope{list: slices.Clone(sc.list[:sc.kept]), kept: sc.kept}
	quiet := &reader{ctx: r.ctx, opt: r.opt, doc: r.doc, scopes: []*scope{out}}
	for _, s := range sc.list[sc.kept:] {
		t := *s
		t.text = replaceName(s.text, old, as)
		got := tryRead(out.context(), &t)
		f := got.failure()
		switch {
		case f == nil:
			out.list = append(out.list, &t)
		case got.claim != nil:
			out.list = append(out.list, &t)
		case shapeError(f.Code) && t.name != "":
			n := len(quiet.lines)
			if quiet.mended(out, &t, f); len(quiet.lines) > n {
				return nil
			}
		default:
			return nil
		}
	}
	return out
}
