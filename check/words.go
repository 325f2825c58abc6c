package check

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/rules"
)

// Derivations are written with words around the formulas: "Setting ∂Q/∂w = 0
// gives X'X w = X'y, hence w = …". Words are blanked out, or become the
// semicolon between two statements, byte for byte, so that lines and spans
// stay what they are. A word that the text declares or defines is a name.

// vocabulary is what counts as a name in one text.
type vocabulary map[string]bool

var (
	definedName = lazyregexp.New(`(\pL[\pL\pM\pN_{}]*)\s*(?:\([^()=]*\)\s*)?=`)
)

func newVocabulary(src string) vocabulary {
	v := vocabulary{}
	for l := range strings.Lines(src) {
		if i := strings.IndexAny(l, "#%"); i >= 0 {
			l = l[:i]
		}
		for _, m := range declared.FindAllStringSubmatchIndex(l, -1) {
			v[l[m[2]:m[3]]] = true
			for head := strings.TrimSpace(l[:m[2]]); strings.HasSuffix(head, ","); { // x, y: n
				head = strings.TrimRight(head, ", \t")
				at := strings.LastIndexFunc(head, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:∈", r) }) + 1
				v[head[at:]] = true
				head = strings.TrimSpace(head[:at])
			}
		}
		for _, m := range definedName.FindAllStringSubmatch(l, -1) {
			if !links[strings.ToLower(m[1])] {
				v[m[1]] = true
			}
		}
		if relates(l) {
			v.differentials(l)
		}
	}
	return v
}

// differentials makes names of the differentials of the single letters that
// stand beside an operator, declared or not: da in dQ = x' da.
func (v vocabulary) differentials(l string) {
	for i, r := range l {
		end := i + utf8.RuneLen(r)
		before, _ := utf8.DecodeLastRuneInString(l[:i])
		behind, _ := utf8.DecodeRuneInString(l[end:])
		if !letter(r) || letter(before) || letter(behind) {
			continue
		}
		before, _ = utf8.DecodeLastRuneInString(strings.TrimRight(l[:i], " "))
		behind, _ = utf8.DecodeRuneInString(strings.TrimLeft(l[end:], " "))
		if strings.ContainsRune("=*+-−/('’ᵀ·∘⊙", before) || strings.ContainsRune("=*+-−/)'’ᵀ^²·∘⊙", behind) {
			v["d"+string(r)] = true
		}
	}
}

// links stand between formulas and never in them, though they are short.
var links = map[string]bool{}

func init() {
	for _, w := range strings.Fields("so or if by as we is it at of in on to be up an and the for let now but thus hence then with since because gives get obtain yields where which therefore implies set setting using from " +
		"и а но где так как то из по при для это что was da so wo mit und für ist also et où on or donc car ou si est le la les donde pues con es con se il che per dove") {
		links[w] = true
	}
}

// word tells whether w is a word of a human language rather than a name.
func (v vocabulary) word(w string) bool {
	if v[w] || rules.Lookup(w) != nil || greek[w] || derivatives[w] || unicode.IsUpper(firstRune(w)) && v[strings.ToLower(w)] {
		return false
	}
	wordy := func(p string) bool { return !v[p] && !(strings.HasPrefix(p, "d") && v[p[1:]]) }
	if parts := strings.Split(w, "-"); len(parts) > 1 && !slices.ContainsFunc(parts, wordy) { // du-de is no word
		return false
	}
	if strings.HasPrefix(w, "d") && v[w[1:]] {
		return false
	}
	if links[strings.ToLower(w)] {
		return !v.product(w)
	}
	n, lower := 0, 0
	for i, r := range w {
		switch {
		case r == '-' || r == '’':
			continue
		case !letter(r):
			return false
		case i > 0 && unicode.IsUpper(r):
			return false
		case !unicode.IsUpper(r):
			lower++
		}
		n++
	}
	if n >= 2 && unicode.In(firstRune(w), unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
		return true
	}
	return n >= 3 && lower >= 2 && !v.product(w)
}

// product tells whether every letter of w is a name.
func (v vocabulary) product(w string) bool {
	for _, r := range w {
		if !v[string(r)] {
			return false
		}
	}
	return true
}

// letter tells a letter of a word; the ᵀ of a transpose is none.
func letter(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Lm, r) }

func firstRune(w string) rune { r, _ := utf8.DecodeRuneInString(w); return r }

// derivatives are words for derivatives, which are mathematics: grad Q.
var derivatives = map[string]bool{"grad": true, "grad_": true, "Hess": true, "hess": true}

var greek = map[string]bool{}

func init() {
	for _, w := range strings.Fields("alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi varphi chi psi omega " +
		"Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega") {
		greek[w] = true
	}
}
