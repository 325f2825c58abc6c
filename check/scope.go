package check

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
)

// A new scope begins where the text speaks of something else by a name that it
// had: a declaration in another shape, a definition of a defined name in other
// variables, entries of another rank, or, after a heading, whatever does not
// fit. It keeps what came before as far as both can be read together, the
// latest first.

// scope is a list of statements; the first of them may be kept from earlier.
type scope struct {
	list []*statement
	kept int
}

// Bounds on the work for one statement.
const (
	maxKept    = 40 // earlier statements that a new scope is tried with
	maxPending = 40 // claims that wait
	maxContext = 200
)

// source is the scope as a program, a line for each statement, and where each
// begins.
func (s *scope) source() (string, []int) {
	var b strings.Builder
	at := make([]int, len(s.list))
	for i, st := range s.list {
		at[i] = b.Len()
		b.WriteString(st.text)
		b.WriteString(";\n")
	}
	return b.String(), at
}

// context is what the next statement is read with: declarations and
// definitions.
func (s *scope) context() *scope {
	c := &scope{}
	for _, t := range s.list {
		if t.defines() {
			c.list = append(c.list, t)
		}
	}
	if n := len(c.list); n > maxContext {
		c.list = c.list[n-maxContext:]
	}
	return c
}

// read infers the scope, nil if it cannot be read.
func (s *scope) read() *infer.Result {
	src, _ := s.source()
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		return nil
	}
	solutions(tree, nil)
	res, list := infer.Infer(tree, readDocument)
	if list.Err() != nil {
		return nil
	}
	return res
}

// trial is what became of a scope with a statement at its end.
type trial struct {
	res   *infer.Result
	list  *diag.List
	claim *infer.Claim // the statement, if it is one; of a chain the first that fails
	def   bool
	at    int // where the statement begins
}

// failure is the first error of the statement at the end, nil if it was read.
func (t *trial) failure() *diag.Diagnostic {
	if t.list.Err() != nil {
		return t.list.Items[0]
	}
	if t.claim != nil && t.claim.Err.Err() != nil {
		return t.claim.Err.Items[0]
	}
	if c := t.claim; c != nil && c.Of == nil && len(c.By) > 0 { // by a name of nobody knows what
		return &diag.Diagnostic{Code: "E201", Message: "unknown name " + strings.NewReplacer("{", "", "}", "").Replace(c.OfName)}
	}
	return nil
}

// tryRead infers a scope with one more statement.
func tryRead(sc *scope, s *statement) *trial {
	all := &scope{list: append(slices.Clone(sc.list), s)}
	t := &trial{}
	src, at := all.source()
	t.at = at[len(all.list)-1]
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		t.list = list
		return t
	}
	if t.res, t.list = infer.Infer(tree, readDocument); t.list.Err() != nil {
		return t
	}
	for i := range t.res.Claims {
		if c := &t.res.Claims[i]; c.Span.Start >= t.at && (t.claim == nil || t.claim.Err.Err() == nil) {
			t.claim = c
		}
	}
	for _, l := range t.res.Lines {
		t.def = t.def || l.Kind == infer.LineDef && l.Line == len(all.list)
	}
	return t
}

// place puts a statement into the scope at hand or into a new one.
func (r *reader) place(s *statement) {
	cur := r.scopes[len(r.scopes)-1]
	r.sized(cur, s)
	if n := len(r.pending); n > 0 && (r.pending[0].head < s.head || n > maxPending) {
		r.giveUp()
	}
	if of, ok := strings.CutPrefix(s.name, "d"); ok && slices.ContainsFunc(r.unsized, func(w *statement) bool { return w.name == of }) {
		s.name = ""
		r.pending = append(r.pending, s) // dz = …, and z waits
		return
	}
	got := r.spelled(cur.context(), s)
	fail := got.failure()
	switch {
	case fail == nil && !r.another(got):
		r.take(cur, s, got)
	case fail != nil && r.before(cur, s):
	case r.begins(cur, s, got, fail):
		r.open(cur, s, got, fail)
	case fail == nil:
		r.take(cur, s, got)
	default:
		r.misfit(cur, s, got, fail)
	}
}

// sized takes the definitions that wait for a size, M = I − 1 1'/N, if they are
// read together with a statement that speaks of them.
func (r *reader) sized(cur *scope, s *statement) {
	for i := 0; i < len(r.unsized); i++ {
		w := r.unsized[i]
		if replaceName(s.text, w.name, "") == s.text && (len(w.name) == 1 || !strings.Contains(s.text, w.name)) {
			continue
		}
		with := cur.context()
		with.list = append(with.list, w)
		if got := tryRead(with, s); got.failure() == nil && with.defined(got, s) {
			cur.list, r.all = append(cur.list, w), append(r.all, w)
			r.unsized = slices.Delete(r.unsized, i, i+1)
			i--
			r.retry(cur)
		}
	}
}

// placeAll puts declarations that stand together into the scope at hand, where
// they fit as a whole: the first of them alone may leave open what the next
// one says.
func (r *reader) placeAll(decls []*statement) bool {
	cur := r.scopes[len(r.scopes)-1]
	all := cur.context()
	last := len(decls) - 1
	all.list = append(all.list, decls[:last]...)
	if tryRead(all, decls[last]).failure() != nil {
		return false
	}
	for _, d := range decls {
		s := *d
		cur.list = append(cur.list, &s)
		r.all = append(r.all, &s)
	}
	r.retry(cur)
	return true
}

// take adds a statement that was read; claims that waited are tried again.
func (r *reader) take(sc *scope, s *statement, got *trial) {
	if d := r.mislabelled(sc, s, got); d != nil {
		r.note("what follows is judged with " + d.text)
	}
	sc.list = append(sc.list, s)
	if !s.decl && !got.def {
		s.name = ""
		return
	}
	r.all = append(r.all, s)
	r.shadow(sc, s)
	r.retry(sc)
}

// shadow drops the declaration of z, made before the last heading, where the
// text now defines Z: what it says of z from here on is meant of Z.
func (r *reader) shadow(sc *scope, s *statement) {
	o := otherCase(s.name)
	if s.decl || o == "" {
		return
	}
	for i := len(sc.list) - 1; i >= 0; i-- {
		t := sc.list[i]
		name, _, _ := strings.Cut(t.text, " ")
		if !t.decl || t.head >= s.head || strings.Trim(name, ":") != o {
			continue
		}
		without := &scope{kept: sc.kept, list: slices.Delete(slices.Clone(sc.list), i, i+1)}
		if i < sc.kept {
			without.kept--
		}
		if without.read() != nil {
			*sc = *without
		}
	}
}

func (r *reader) retry(sc *scope) {
	var rest []*statement
	for _, p := range r.pending {
		if got := r.spelled(sc.context(), p); got.failure() == nil {
			sc.list = append(sc.list, p)
			p.name = ""
		} else {
			rest = append(rest, p)
		}
	}
	r.pending = rest
}

// giveUp passes over the claims that still wait.
func (r *reader) giveUp() {
	cur := r.scopes[len(r.scopes)-1]
	for _, p := range r.pending {
		got := r.spelled(cur.context(), p)
		switch f := got.failure(); {
		case f != nil && got.claim != nil && shapeError(f.Code) && !p.rule:
			p.name = ""
			cur.list = append(cur.list, p)
		case f != nil:
			r.lose(p, f.Message)
		}
	}
	r.pending = nil
	for _, w := range r.unsized {
		r.lose(w, "nothing tells the size of a constant in it")
	}
	r.unsized = nil
}

// another tells whether an equation for a defined name speaks of another thing
// of that name: its right side has variables that the definition has not.
func (r *reader) another(got *trial) bool {
	c := got.claim
	if got.def || c == nil || c.Kind != infer.ClaimValue || c.OfName == "" || c.Of == nil || len(c.Sides) == 0 {
		return false
	}
	known := inputs(c.Of)
	for _, v := range inputs(c.Sides[len(c.Sides)-1]) {
		if !slices.Contains(known, v) {
			return true
		}
	}
	return false
}

func inputs(n *Node) []*expr.Var {
	var out []*expr.Var
	for _, m := range expr.Topo(n) {
		if m.Op == expr.OpVar && m.Var.Kind == expr.Input {
			out = append(out, m.Var)
		}
	}
	return out
}

// before reads a definition that stands behind its first use ("where z = …"):
// it is put before what uses it, if everything is read as well then and no
// claim has been about the name as a variable.
func (r *reader) before(cur *scope, s *statement) bool {
	if s.name == "" || s.decl {
		return false
	}
	res := cur.read()
	if res == nil || res.Program.VarNamed(s.name) == nil {
		return false
	}
	below := map[string]bool{} // what claims by the name as a variable speak of besides
	for _, c := range res.Claims {
		for _, by := range c.By {
			if by.Op == expr.OpVar && by.Var.Name == s.name && c.Of != nil {
				for _, v := range inputs(c.Of) {
					below[v.Name] = below[v.Name] || slices.Contains(inputs(c.Of), by.Var)
				}
			}
		}
	}
	for i := len(cur.list) - 1; i >= cur.kept; i-- {
		t := cur.list[i]
		if !t.defines() || t.decl {
			continue
		}
		moved := &scope{kept: cur.kept, list: slices.Insert(slices.Clone(cur.list), i, s)}
		now := moved.read()
		if now == nil || len(now.Claims) != len(res.Claims) {
			continue
		}
		if text, notes := respell(now.Program, s, true); text != s.text {
			t := *s
			t.text = text
			moved.list[i] = &t
			if again := moved.read(); again != nil && len(again.Claims) == len(res.Claims) {
				s, now = &t, again
				for _, n := range notes {
					r.note(n)
				}
			}
			moved.list[i] = s
		}
		for _, d := range now.Program.Defs {
			if d.Name != s.name {
				continue
			}
			for _, v := range inputs(d.Node) {
				if below[v.Name] { // a solution, x = inv(A'A) A'b, is no definition of the variable x
					return false
				}
			}
		}
		for k := range now.Claims {
			if now.Claims[k].Err.Err() != nil && res.Claims[k].Err.Err() == nil {
				return false
			}
		}
		cur.list = moved.list
		r.all = slices.Insert(r.all, max(0, slices.Index(r.all, t)), s)
		r.retry(cur)
		return true
	}
	return false
}

// begins tells whether a statement that does not fit opens a new scope.
func (r *reader) begins(cur *scope, s *statement, got *trial, fail *diag.Diagnostic) bool {
	if len(cur.list) == 0 {
		return false
	}
	switch {
	case s.decl, fail == nil:
		return true
	case cur.list[len(cur.list)-1].head < s.head && s.name != "":
		return true
	}
	switch fail.Code {
	case "E223", "E225", "E218", "E222": // defined after its use; entries of another rank; a size and a name
		return s.name != ""
	case "E201": // a defined name, by names that are new
		return got.claim != nil && got.claim.Kind == infer.ClaimValue && got.claim.OfName != "" && s.name != ""
	}
	return false
}

// open begins a new scope with a statement, if it can be read there.
func (r *reader) open(cur *scope, s *statement, got *trial, fail *diag.Diagnostic) {
	next := r.keep(s, fail != nil)
	now := r.spelled(next, s)
	if f := now.failure(); f != nil {
		if fail == nil || f.Code == "E202" || f.Code == "E239" {
			fail = f
		}
		r.misfit(cur, s, got, fail)
		return
	}
	r.giveUp()
	next.kept = len(next.list)
	r.scopes = append(r.scopes, next)
	r.take(next, s, now)
}

// keep returns the scope of what was understood before and can be read
// together with s. What defines the name that s defines is kept only where
// both is meant to hold.
func (r *reader) keep(s *statement, both bool) *scope {
	next := &scope{}
	defined := map[string]bool{}
	if !both && s.name != "" {
		defined[s.name] = true
	}
	alone := tryRead(next, s).failure()
	var order []*statement // declarations first: the others are read by them
	for _, decl := range []bool{true, false} {
		for i := len(r.all) - 1; i >= 0 && i >= len(r.all)-maxKept; i-- {
			if r.all[i].decl == decl {
				order = append(order, r.all[i])
			}
		}
	}
	decls := 0
	for _, t := range order {
		if t.name != "" && (defined[t.name] || !r.usedFrom(t.name, s)) {
			continue
		}
		try := &scope{list: slices.Clone(next.list)}
		if t.decl {
			try.list = slices.Insert(try.list, 0, t)
		} else {
			try.list = slices.Insert(try.list, decls, t)
		}
		got := tryRead(try, s)
		if t.name != "" {
			defined[t.name] = true // an older meaning does not come back
		}
		if f := got.failure(); f != nil && (alone == nil || f.Code != alone.Code) || f == nil && (both && r.another(got) || !try.defined(got, s)) {
			continue
		}
		next = try
		if t.decl {
			decls++
		}
	}
	return next
}

// defined tells whether every definition of a scope, and of a statement behind
// it that defines, is one when they are read together.
func (s *scope) defined(got *trial, last *statement) bool {
	n := 0
	for _, t := range s.list {
		if t.name != "" {
			n++
		}
	}
	if got.def {
		n++
	}
	return got.res != nil && len(got.res.Program.Defs) >= n
}

// usedFrom tells whether a name stands in a statement from s on.
func (r *reader) usedFrom(name string, s *statement) bool {
	for _, t := range r.texts {
		if t.start >= s.start && (len(name) > 1 && strings.Contains(t.text, name) || replaceName(t.text, name, "") != t.text ||
			otherCase(name) != "" && replaceName(t.text, otherCase(name), "") != t.text) {
			return true
		}
	}
	return false
}
