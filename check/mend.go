package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/rules"
)

// misfit settles a statement that does not fit into the scope: shapes that
// clash are wrong, what lacks a definition waits, the rest is passed over.
func (r *reader) misfit(cur *scope, s *statement, got *trial, fail *diag.Diagnostic) {
	switch {
	case got.claim != nil && shapeError(fail.Code) && s.rule:
		r.lose(s, fail.Message)
	case got.claim != nil && shapeError(fail.Code): // judged with its scope
		cur.list = append(cur.list, s)
		s.name = ""
	case got.claim != nil && (fail.Code == "E201" || fail.Code == "E228"):
		if r.numbered(cur, strings.TrimPrefix(fail.Message, "unknown name ")) {
			r.place(s)
			return
		}
		r.pending = append(r.pending, s)
	case got.claim == nil && fail.Code == "E230" && s.name != "" && len(r.unsized) < maxPending:
		r.unsized = append(r.unsized, s)
	case got.claim == nil && shapeError(fail.Code) && s.name != "":
		r.mended(cur, s, fail)
	default:
		if fail.Code == "E239" || fail.Code == "E202" {
			r.forget(cur, s, fail)
		}
		r.lose(s, fail.Message)
	}
}

// forget drops the definition of a function that the text now uses with other
// arguments: it means another one, which it does not define.
func (r *reader) forget(cur *scope, s *statement, fail *diag.Diagnostic) {
	name := fail.Message
	if i := strings.LastIndexByte(name, ' '); fail.Code == "E202" && i >= 0 {
		name = name[i+1:]
	} else {
		name, _, _ = strings.Cut(name, " ")
	}
	r.all = slices.DeleteFunc(r.all, func(t *statement) bool { return t.name == name })
	if i := slices.IndexFunc(cur.list, func(t *statement) bool { return t.name == name }); i >= 0 {
		next := &scope{}
		for k, t := range cur.list {
			if k != i && t.defines() {
				next.list = append(next.list, t)
			}
		}
		if next.read() != nil {
			next.kept = len(next.list)
			r.giveUp()
			r.scopes = append(r.scopes, next)
		}
	}
}

// mended reports a definition whose shapes do not fit; where one edit of it
// fits, what follows is judged with that.
func (r *reader) mended(cur *scope, s *statement, fail *diag.Diagnostic) {
	f := &Line{Line: s.parts[0].line, Text: s.parts[0].text, Kind: "definition", Verdict: Wrong, Reason: fail.Message,
		Mistake: &Mistake{ID: "shape", Message: fail.Message}}
	left, right, _ := strings.Cut(s.text, " = ")
	for _, e := range edits(right) {
		t := *s
		t.text = left + " = " + e.text
		got := tryRead(cur.context(), &t)
		if got.failure() != nil || !got.def {
			continue
		}
		f.Mistake = &Mistake{ID: e.id, Message: fail.Message + ": " + e.message, Fix: e.text}
		t.fault = f
		r.take(cur, &t, got)
		return
	}
	r.lines = append(r.lines, *f)
}

// spelled reads a statement as it is spelled or, where a name in it is not
// known, as it would be spelled without slips: a name in the other case, a
// function with one letter misread.
func (r *reader) spelled(sc *scope, s *statement) *trial {
	got := r.respelled(sc, s, tryRead(sc, s))
	for range 12 {
		fail := got.failure()
		if fail != nil && fail.Code == "E211" && r.quotient(sc, s, got) {
			got = tryRead(sc, s)
			continue
		}
		if fail == nil || fail.Code != "E201" && fail.Code != "E228" || len(fail.Labels) == 0 {
			break
		}
		at := fail.Labels[0].Span
		from, to := at.Start-got.at, at.End-got.at
		if from < 0 || to > len(s.text) || from >= to {
			break
		}
		word := s.text[from:to]
		if len(word) > 2 && word[0] == 'd' && got.res != nil && otherCase(word[1:]) != "" {
			word = word[1:]
		}
		as := r.slip(got, word, strings.HasPrefix(strings.TrimLeft(s.text[to:], " "), "("))
		if as == "" {
			break
		}
		t := *s
		if t.text = replaceName(s.text, word, as); t.text == s.text {
			t.text = strings.ReplaceAll(s.text, word, as)
		}
		next := tryRead(sc, &t)
		if f := next.failure(); f != nil && f.Code == fail.Code && len(f.Labels) > 0 && f.Labels[0].Span == at {
			break
		}
		*s, got = t, next
		r.note("read " + word + " as " + as + ", since nothing defines " + word)
	}
	return got
}

// quotient reads the fraction of two vectors as that of their entries.
func (r *reader) quotient(sc *scope, s *statement, got *trial) bool {
	at := got.failure().Labels[0].Span
	for _, end := range []int{at.Start - got.at, at.End - got.at} {
		for k := min(end, len(s.text)-1); k >= 0; k-- {
			if s.text[k] != '/' || k > 0 && s.text[k-1] == '.' || strings.HasPrefix(s.text[k+1:], "∂") || strings.HasPrefix(s.text[k+1:], "d") {
				continue
			}
			t := *s
			t.text = s.text[:k] + " ./ " + s.text[k+1:]
			if f := tryRead(sc, &t).failure(); f == nil || f.Code != "E211" || f.Labels[0].Span.Start != at.Start {
				r.note("read the fraction of vectors in " + clean(s.parts[0].text) + " entry by entry")
				*s = t
				return true
			}
		}
	}
	return false
}

// slip returns what a word that is not known was meant to be: the name in the
// other case, or the one function that differs in one letter; "" if neither.
func (r *reader) slip(got *trial, word string, call bool) string {
	if o := otherCase(word); o != "" && got.res != nil {
		if got.res.Program.VarNamed(o) != nil {
			return o
		}
		for _, d := range got.res.Program.Defs {
			if d.Name == o {
				return o
			}
		}
	}
	plain := strings.NewReplacer("_", "", "{", "", "}", "").Replace(word)
	if !call || plain == word || len(plain) < 2 {
		return ""
	}
	found := ""
	for _, f := range rules.All() {
		if _, most := f.Arity(); len(f.Name) != len(plain) || most == 0 {
			continue
		}
		differ := 0
		for i := range f.Name {
			if f.Name[i] != plain[i] {
				differ++
			}
		}
		if differ == 1 {
			if found != "" {
				return ""
			}
			found = f.Name
		}
	}
	return found
}

// otherCase is X for x and x for X.
func otherCase(w string) string {
	r, n := utf8.DecodeRuneInString(w)
	switch {
	case unicode.IsUpper(r):
		return string(unicode.ToLower(r)) + w[n:]
	case unicode.IsLower(r):
		return string(unicode.ToUpper(r)) + w[n:]
	}
	return ""
}
