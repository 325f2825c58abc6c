package parser

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// Recurrence is a text that steps through layers or time up to a symbol: l =
// 0…L−1 where nothing gives L a number.
type Recurrence struct {
	Index  string // l
	End    string // L
	Passed string // what was passed over: claims
	run    stepRange
	rest   []stepText
	form   map[string]string // how the level of a name is typed: "^", "_", "^("
	hidden []string          // names for the terms of the sums over the index
	own    []string          // those of them that the text has: q of q = Σ_t …
}

// FindRecurrence returns the recurrence of a text, nil if it has none or the
// text gives its length.
func FindRecurrence(src string) *Recurrence {
	if len(src) > maxSource {
		return nil
	}
	main, rest, values := steps(src)
	if main == nil || main.known {
		return nil
	}
	if _, ok := values[main.end]; ok {
		return nil
	}
	rest, passed := withoutClaims(rest)
	r := &Recurrence{Index: main.index, End: main.end, Passed: passed, run: *main, rest: rest, form: map[string]string{}}
	layered := main.layered(rest)
	for _, m := range levelRE.FindAllStringSubmatch(textOf(rest), -1) {
		if !layered[m[1]] {
			continue
		}
		name, form := nameOf(m[1], 0).Text, strings.TrimPrefix(m[0], m[1])[:1]
		if len(m[0]) > len(m[1])+2 && strings.ContainsAny(m[0][len(m[1])+2:len(m[0])-1], "([") {
			form += "("
			if strings.Contains(m[0], "[") {
				form = form[:1] + "["
			}
		}
		if old, ok := r.form[name]; !ok || len(form) > len(old) {
			r.form[name] = form
		}
	}
	r.hide()
	if g := activation(textOf(named(rest))); g != "" {
		r.rest = append([]stepText{{text: g + ": R -> R"}}, r.rest...)
	}
	return r
}

// First is the first value of the index, Last what stands before and after the
// end symbol in its last one: 0 and −1 in l = 0…L−1.
func (r *Recurrence) First() int { return r.run.lo }

// Last is what is added to End in the last value of the index.
func (r *Recurrence) Last() int { return r.run.off }

// Written is the program with so many steps written out, and the number that
// End has then. Level l of W is called W_l.
func (r *Recurrence) Written(steps int) (text string, end int) {
	end = r.run.lo + steps - 1 - r.run.off
	text, _ = r.run.numbered(end).write(r.rest, r.hidden...)
	return text, end
}

// hide chooses names for the terms of sums over the index, in the order of the
// sums: that of q = Σ_t …, or one that the text does not use.
func (r *Recurrence) hide() {
	text := textOf(r.rest)
	free := 'q'
	next := func() string {
		for ; free <= 'z'; free++ {
			if !regexp.MustCompile(`(^|[^\pL\\])` + string(free) + `($|[^\pL])`).MatchString(text) {
				free++
				return string(free - 1)
			}
		}
		return ""
	}
	for i, s := range r.rest {
		for _, m := range sumRE.FindAllStringSubmatch(s.text, -1) {
			if m[1] != r.Index {
				continue
			}
			name := ""
			if own := totalOf(s.text); own != "" && r.form[own] == "" && slices.ContainsFunc(r.rest[i+1:], func(t stepText) bool { return slices.Contains(wordRE.FindAllString(t.text, -1), own) }) {
				name = own
				r.own = append(r.own, own)
			} else {
				name = next()
			}
			if name == "" {
				return
			}
			r.hidden = append(r.hidden, name)
			r.form[name] = "^"
		}
	}
}

// Hidden tells whether a base name is not of the text but stands for a term of
// a sum over the index.
func (r *Recurrence) Hidden(base string) bool { return slices.Contains(r.hidden, base) }

// Typed tells whether the text itself names a sum over the index: q = Σ_t … .
func (r *Recurrence) Typed(base string) bool { return slices.Contains(r.own, base) }

var numbered = lazyregexp.New(`^(.+)_(\d+)$`)

// Level takes the name of a written program apart: W and 2 of W_2. Names that
// are not numbered by the index have none.
func (r *Recurrence) Level(name string) (base string, level int, ok bool) {
	m := numbered.FindStringSubmatch(name)
	if m == nil {
		return "", 0, false
	}
	if _, ok := r.form[m[1]]; !ok {
		return "", 0, false
	}
	n, err := strconv.Atoi(m[2])
	return m[1], n, err == nil
}

// Name is W^{l+1} as the text writes it: above or below the line.
func (r *Recurrence) Name(base, level string) string {
	form := r.form[base]
	switch {
	case form == "":
		form = "^"
	case len(form) > 1:
		return base + form[:1] + "{" + form[1:] + level + map[byte]string{'(': ")", '[': "]"}[form[1]] + "}"
	}
	if len(level) > 1 {
		level = "{" + level + "}"
	}
	return base + form + level
}

// Offset is what is added to the index where the text defines a name of each
// level: 1 for z^{l+1} = …
func (r *Recurrence) Offset(base string) int {
	for _, s := range r.rest {
		left, _, ok := strings.Cut(s.text, "=")
		m := levelRE.FindStringSubmatch(strings.TrimSpace(left))
		if !ok || m == nil || m[0] != strings.TrimSpace(left) || nameOf(m[1], 0).Text != base {
			continue
		}
		if name, off := level(m); name == r.Index {
			return off
		}
	}
	return 0
}
