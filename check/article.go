package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/rules"
)

// articles stand before the words for functions where those are meant as words:
// "taking the trace", "at a maximum".
var articles = map[string]bool{}

func init() {
	for _, w := range strings.Fields("a an the this that its their each every der die das dem den des ein eine einen le la les un une el los") {
		articles[w] = true
	}
}

// meant tells a word for a function, at l[i:j], that the word before it speaks
// of.
func (v vocabulary) meant(l string, i, j int) bool {
	w := l[i:j]
	if rules.Lookup(w) == nil || utf8.RuneCountInString(w) < 3 || v[w] {
		return false
	}
	before := strings.Fields(l[:i])
	return len(before) > 0 && articles[strings.ToLower(before[len(before)-1])] && !v[before[len(before)-1]]
}

// short makes words of single letters that are none of the names of the text
// and stand between words: "at a maximum", "и с учётом".
func (v vocabulary) short(l string, ps []stretch) []stretch {
	var out []stretch
	for i, p := range ps {
		w := strings.TrimSpace(l[p.start:p.end])
		if !p.words && utf8.RuneCountInString(w) == 1 && unicode.IsLower(firstRune(w)) && !v[w] &&
			i+1 < len(ps) && ps[i+1].words && (i == 0 || ps[i-1].words) && strings.TrimSpace(l[ps[i+1].start:ps[i+1].end]) != "" {
			p.words = true
		}
		if n := len(out); n > 0 && out[n-1].words == p.words {
			out[n-1].end = p.end
			continue
		}
		out = append(out, p)
	}
	return out
}
