package check

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// Derivations are written with words around the formulas: "Setting ∂Q/∂w = 0
// gives X'X w = X'y, hence w = …". Words are blanked out, or become the
// semicolon between two statements, byte for byte, so that lines and spans
// stay what they are. A word that the text declares or defines is a name.

// vocabulary is what counts as a name in one text.
type vocabulary map[string]bool

var (
	declaredNames = regexp.MustCompile(`(?m)(?:^|;)\s*([^\s=:;()∈][^=:;()∈]*?)\s*(?::|∈|\\in)`)
	definedName   = regexp.MustCompile(`(?m)(?:^|;)\s*(\pL[\pL\pM\pN_{}]*)\s*(?:\([^()=]*\)\s*)?=`)
)

func newVocabulary(src string) vocabulary {
	v := vocabulary{}
	for _, m := range declaredNames.FindAllStringSubmatch(src, -1) {
		names := strings.Split(m[1], ",")
		if len(names) == 1 && strings.ContainsAny(strings.TrimSpace(m[1]), " \t") {
			continue // words before a colon
		}
		for _, n := range names {
			v[strings.TrimSpace(n)] = true
		}
	}
	for _, m := range definedName.FindAllStringSubmatch(src, -1) {
		v[m[1]] = true
	}
	return v
}

// links stand between formulas and never in them, though they are short.
var links = map[string]bool{}

func init() {
	for _, w := range strings.Fields("so or if by as we is it at of in on to be up an and the for let now but thus hence then with since gives where " +
		"и но где так как то из по при для это was da so wo mit und für ist et où on or donc car ou si est le la les y e donde pues con es con se il che per dove") {
		links[w] = true
	}
}

// word tells whether w is a word of a human language rather than a name.
func (v vocabulary) word(w string) bool {
	if v[w] || rules.Lookup(w) != nil || greek[w] || derivatives[w] || unicode.IsUpper(firstRune(w)) && v[strings.ToLower(w)] {
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

// stretch is a piece of a line.
type stretch struct {
	start, end int
	words      bool // words; else mathematics
}

// parts cuts a line into words and mathematics.
func (v vocabulary) parts(l string) []stretch {
	var out []stretch
	add := func(start, end int, words bool) {
		if n := len(out); n > 0 && out[n-1].words == words {
			out[n-1].end = end
			return
		}
		out = append(out, stretch{start, end, words})
	}
	for i := 0; i < len(l); {
		r, n := utf8.DecodeRuneInString(l[i:])
		switch {
		case letter(r) || r == '\\':
			j := i + n
			for j < len(l) {
				r, n := utf8.DecodeRuneInString(l[j:])
				if !letter(r) && !unicode.Is(unicode.Mn, r) && !unicode.IsDigit(r) && r != '_' &&
					!(r == '-' || r == '’') {
					break
				}
				if r == '-' || r == '’' { // within a word only
					next, _ := utf8.DecodeRuneInString(l[j+n:])
					if !unicode.IsLower(next) {
						break
					}
				}
				j += n
			}
			w := l[i:j]
			call := j < len(l) && (l[j] == '(' || l[j] == '_' || l[j] == '{' || l[j] == '\'')
			before := i > 0 && strings.ContainsRune("_{", rune(l[i-1]))
			add(i, j, !call && !before && r != '\\' && v.word(w))
			i = j
		case unicode.IsSpace(r):
			if len(out) > 0 {
				out[len(out)-1].end = i + n
			} else {
				add(i, i+n, true)
			}
			i += n
		default:
			add(i, i+n, len(out) > 0 && out[len(out)-1].words && strings.ContainsRune(",.:!?…—–", r))
			i += n
		}
	}
	return out
}

var (
	bullet  = regexp.MustCompile(`^\s*(?:(?:\(?[0-9]{1,2}[.)]|\([a-z]\)|[a-h]\)|[•●▪◦‣])\s+)`)
	arrow   = regexp.MustCompile(`^\s*(?:⇒|=>|⟹|→|⟶|⇔|⟺|<=>|∴|\\Rightarrow|\\Longrightarrow|\\implies|\\iff|\\Leftrightarrow|\\therefore)`)
	ending  = regexp.MustCompile(`\s*(?:[.,;:]|∎|□|■|QED|q\.e\.d\.|\(\s*(?:\*+|†)\s*\))+\s*$`)
	number  = regexp.MustCompile(`(?:\s{2,}|\t)\(\d+(?:\.\d+)*\)\s*$`)
	because = regexp.MustCompile(`(?:since|because|as|for|где|так как|da|weil|car)\s+(\pL[\pL\pN_]*)\s+(?:is\s+|ist\s+|est\s+)?(\pL+)\b`)
)

// formula blanks the words of a line that holds an equation; a line without
// one stays.
func (v vocabulary) formula(l string) string {
	nl := ""
	if strings.HasSuffix(l, "\n") {
		l, nl = l[:len(l)-1], "\n"
	}
	comment := ""
	if i := strings.IndexAny(l, "#%"); i >= 0 {
		l, comment = l[:i], l[i:]
	}
	if !strings.Contains(l, "=") {
		if m := arrow.FindStringIndex(l); m != nil {
			l = blankAt(l, m[0], m[1])
		}
		return l + comment + nl
	}
	for _, re := range []*regexp.Regexp{bullet, arrow, bullet} {
		if m := re.FindStringIndex(l); m != nil {
			l = blankAt(l, m[0], m[1])
		}
	}
	for _, re := range []*regexp.Regexp{number, ending} {
		if m := re.FindStringIndex(l); m != nil {
			l = blankAt(l, m[0], m[1])
		}
	}
	l = v.remarks(l)
	assumption := ""
	if m := because.FindStringSubmatch(l); m != nil && expr.PropNamed(m[2]) != 0 {
		assumption = m[1] + " " + m[2] + "; "
	}
	l = v.commas(v.blankWords(l))
	if assumption != "" {
		if t := strings.TrimSpace(l); len(assumption)+len(t) <= len(l) {
			l = assumption + t + strings.Repeat(" ", len(l)-len(assumption)-len(t))
		}
	}
	return l + comment + nl
}

func blankAt(l string, start, end int) string {
	return l[:start] + strings.Repeat(" ", end-start) + l[end:]
}

// blankWords blanks words before, behind and between equations.
func (v vocabulary) blankWords(l string) string {
	ps := v.parts(l)
	if len(ps) < 2 {
		return l
	}
	out := []byte(l)
	for i, p := range ps {
		if !p.words || strings.TrimSpace(l[p.start:p.end]) == "" {
			continue
		}
		before, after := l[:p.start], l[p.end:]
		if len(strings.TrimSpace(before)) == 0 && strings.HasPrefix(after, "=") {
			return string(out) // the left side of a definition
		}
		open := strings.Count(before, "(")+strings.Count(before, "[")-strings.Count(before, ")")-strings.Count(before, "]") > 0
		single := len(strings.Fields(l[p.start:p.end])) == 1
		known := links[strings.ToLower(strings.Trim(l[p.start:p.end], " ,.:"))]
		// One unknown word in the midst of a formula is a name.
		if open || i > 0 && single && !known && !strings.Contains(after, "=") && strings.TrimSpace(after) != "" {
			continue
		}
		if i > 0 && single && !known && strings.TrimSpace(after) == "" && !strings.HasSuffix(before, " ") {
			continue
		}
		if i > 0 && endsOpen(before) {
			continue
		}
		for k := p.start; k < p.end; k++ {
			out[k] = ' '
		}
		if strings.Contains(l[ps[max(i-1, 0)].start:p.start], "=") && strings.Contains(after, "=") && i > 0 {
			out[p.start] = ';'
		}
	}
	return string(out)
}

// endsOpen tells whether a formula breaks off at an operator: what follows
// belongs to it.
func endsOpen(s string) bool {
	s = strings.TrimSpace(s)
	r, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && strings.ContainsRune("=+-−*·∘⊙/\\^", r)
}

var remark = regexp.MustCompile(`\(([^()=]*)\)|\[([^\[\]=]*)\]`)

// remarks blanks brackets that hold words only: "(by cyclicity)".
func (v vocabulary) remarks(l string) string {
	for _, m := range remark.FindAllStringIndex(l, -1) {
		inner := strings.Fields(l[m[0]+1 : m[1]-1])
		words := 0
		for _, w := range inner {
			if v.word(strings.Trim(w, ",.;:")) {
				words++
			}
		}
		if len(inner) > 0 && words == len(inner) && m[0] > 0 && (l[m[0]-1] == ' ' || l[m[0]-1] == '\t') && (words > 1 || strings.TrimSpace(l[m[1]:]) == "") {
			l = blankAt(l, m[0], m[1])
		}
	}
	return l
}

var nextSet = regexp.MustCompile(`^\s*\pL[\pL\pN_]*\s*(?:∈|\\in|:)`)

// commas makes a comma between two equations a semicolon.
func (v vocabulary) commas(l string) string {
	out := []byte(l)
	depth, eq := 0, false
	for i := 0; i < len(l); i++ {
		switch l[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '=':
			eq = eq || depth == 0
		case ';':
			eq = false
		case ',':
			rest := l[i+1:]
			if k := strings.IndexByte(rest, ';'); k >= 0 {
				rest = rest[:k]
			}
			if depth == 0 && (eq && strings.Contains(rest, "=") || nextSet.MatchString(rest) && strings.Contains(l[:i], "∈")) {
				out[i] = ';'
				eq = false
			}
		}
	}
	return string(out)
}
