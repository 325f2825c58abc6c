package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/parser"
)

// A line of a derivation is cut into words and mathematics. What stands between
// words and holds a relation is a formula; what holds none is a mention ("if A
// is symmetric", "the gradient by b is") and is passed over with the words.

// stretch is a piece of a line.
type stretch struct {
	start, end int
	words      bool // words; else mathematics
}

// parts cuts a line into stretches, blanks and commas with what they follow.
func (v vocabulary) parts(l string) []stretch {
	var out []stretch
	depth := 0
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
		case unicode.IsLetter(r) || r == '\\':
			j := wordEnd(l, i)
			add(i, j, depth <= 0 && v.isWordAt(l, i, j))
			i = j
			continue
		case len(out) > 0 && unicode.IsSpace(r):
			out[len(out)-1].end = i + n
		case unicode.IsSpace(r):
			add(i, i+n, true)
		case len(out) > 0 && out[len(out)-1].words && strings.ContainsRune(",.:!?…—–", r):
			out[len(out)-1].end = i + n
		default:
			if r == '(' || r == '[' {
				depth++
			} else if r == ')' || r == ']' {
				depth--
			}
			add(i, i+n, false)
		}
		i += n
	}
	return v.short(l, out)
}

// wordEnd is where the word at i ends: letters, digits, subscripts, accents,
// and a hyphen or an apostrophe within it.
func wordEnd(l string, i int) int {
	_, n := utf8.DecodeRuneInString(l[i:])
	j := i + n
	for j < len(l) {
		r, n := utf8.DecodeRuneInString(l[j:])
		next, _ := utf8.DecodeRuneInString(l[min(j+n, len(l)):])
		switch {
		case unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || unicode.IsDigit(r) || r == '_':
		case r == '-' && unicode.IsLower(next), r == '’' && unicode.IsLower(next):
		case r == '\'' && contraction(l[j+n:]):
		case r == '.' && abbreviation(l, i, j):
		default:
			return j
		}
		j += n
	}
	return j
}

// contraction tells the s and t of it's and don't.
func contraction(rest string) bool {
	return rest == "s" || rest == "t" || strings.HasPrefix(rest, "s ") || strings.HasPrefix(rest, "t ")
}

// abbreviation tells the point at j of w.r.t., d.h. and т.е.: single letters
// stand between the points.
func abbreviation(l string, i, j int) bool {
	last := i + strings.LastIndexByte(l[i:j], '.') + 1
	if utf8.RuneCountInString(l[last:j]) != 1 {
		return false
	}
	if last > i { // not the first point
		return true
	}
	_, n := utf8.DecodeRuneInString(l[j+1:])
	return strings.HasPrefix(l[min(j+1+n, len(l)):], ".")
}

// isWordAt tells whether l[i:j] is a word where it stands.
func (v vocabulary) isWordAt(l string, i, j int) bool {
	w := l[i:j]
	if strings.Contains(w, ".") {
		return true
	}
	if l[i] == '\\' || i > 0 && strings.ContainsRune("_{\\/", rune(l[i-1])) { // the da of dQ/da
		return false
	}
	if j < len(l) && strings.ContainsRune("(_{'^", rune(l[j])) {
		return false
	}
	return v.word(w) || v.meant(l, i, j)
}

var (
	bullet = lazyregexp.New(`^\s*(?:(?:\(?[0-9]{1,2}(?:\.[0-9]{1,2})*[.):]|\(?(?:i|ii|iii|iv|v|vi)[.)]|\([a-z]\)|[a-h][.)]|[•●▪◦‣–—*-])\s+)`)
	step   = lazyregexp.New(`^\s*\pL{2,}\s+[0-9]{1,2}\s*[.:)]\s+`)
	arrow  = lazyregexp.New(`^\s*(?:⇒|=>|⟹|→|⟶|⇔|⟺|<=>|∴|∵|\\Rightarrow|\\Longrightarrow|\\implies|\\iff|\\Leftrightarrow|\\therefore)`)
	ending = lazyregexp.New(`\s*(?:[.,;:!]|∎|□|■|QED|q\.e\.d\.|\(\s*(?:\*+|†)\s*\))+\s*$`)
	number = lazyregexp.New(`(?:\s{2,}|\t)\(\d+(?:\.\d+)*\)\s*$`)
)

// formula blanks what is not mathematics in a line, byte for byte. A line
// without a relation that declares nothing stays.
func (v vocabulary) formula(l string) string {
	nl := ""
	if strings.HasSuffix(l, "\n") {
		l, nl = l[:len(l)-1], "\n"
	}
	comment := ""
	if i := strings.IndexAny(l, "#%"); i >= 0 {
		l, comment = l[:i], l[i:]
	}
	tail := comment + nl
	for _, re := range []*lazyregexp.Regexp{bullet, step, arrow, bullet} {
		if m := re.FindStringIndex(l); m != nil && (re == arrow || relates(l)) {
			l = blankAt(l, m[0], m[1])
		}
	}
	if !states(l) {
		return v.declaration(l) + tail
	}
	for _, re := range []*lazyregexp.Regexp{number, ending} {
		if m := re.FindStringIndex(l); m != nil {
			l = blankAt(l, m[0], m[1])
		}
	}
	assumption := v.assumption(l, true)
	l = v.remarks(l)
	l = v.declarations(v.commas(v.blankWords(l)), l)
	return before(assumption, l) + tail
}

// declarations puts the declarations of a typed line back into what is left of
// it, byte for byte, since their words are not prose: "a: scalar; A: n×n
// symmetric; Q = …", "Let A ∈ R^{n×n} symmetric. Q = …".
func (v vocabulary) declarations(l, typed string) string {
	start := 0
	typed = v.commas(typed) // x ∈ R^n, λ: scalar
	for i := range len(typed) + 1 {
		if i < len(typed) && typed[i] != ';' && !strings.HasPrefix(typed[i:], ". ") {
			continue
		}
		s := v.declaration(typed[start:i])
		all := true
		for _, part := range strings.Split(s, ";") {
			all = all && v.declares(part)
		}
		switch {
		case all && i < len(typed):
			l = l[:start] + s + ";" + l[i+1:]
		case all:
			l = l[:start] + s
		}
		start = i + 1
	}
	return l
}

// declares tells a statement that the language reads as a declaration, whose
// names and sizes are not words of a sentence ("Note: obvious").
func (v vocabulary) declares(s string) bool {
	if !strings.ContainsAny(s, ":∈") && !strings.Contains(s, `\in`) {
		return false
	}
	tree, list := parser.Parse(s)
	if list.Err() != nil || len(tree.Stmts) != 1 {
		return false
	}
	d, ok := tree.Stmts[0].(*ast.Decl)
	if !ok {
		return false
	}
	if d.Scalar || d.Assume || d.Cols != nil || len(d.Props) > 0 || len(d.From) > 0 {
		return true
	}
	size, ok := d.Rows.(*ast.Name)
	return !ok || !v.word(size.Text)
}

// before puts a statement before a line, in place of what is blank in it.
func before(s, l string) string {
	t := strings.TrimSpace(l)
	if s != "" && len(s)+2+len(t) > len(l) { // the blanks within give room
		t = strings.Join(strings.Fields(t), " ")
	}
	if s == "" || t == "" && len(s) > len(l) || t != "" && len(s)+2+len(t) > len(l) {
		return l
	}
	if t != "" {
		s += "; "
	}
	return s + t + strings.Repeat(" ", len(l)-len(s)-len(t))
}

func blankAt(l string, start, end int) string {
	return l[:start] + strings.Repeat(" ", end-start) + l[end:]
}

// states tells whether mathematics states something.
func states(s string) bool { return strings.ContainsAny(s, "=≈∈") }

// relates tells whether a line states or declares something.
func relates(s string) bool { return strings.ContainsAny(s, "=≈∈:") }

// blankWords blanks words before, behind and between formulas, and mentions.
func (v vocabulary) blankWords(l string) string {
	ps := v.named(l, v.parts(l))
	stated := 0
	for _, p := range ps {
		if !p.words && states(l[p.start:p.end]) {
			stated++
		}
	}
	out := []byte(l)
	blank := func(start, end int) {
		for k := start; k < end; k++ {
			out[k] = ' '
		}
	}
	seen := 0
	for i, p := range ps {
		s := l[p.start:p.end]
		prev := i > 0 && strings.TrimSpace(l[ps[i-1].start:ps[i-1].end]) != "" // words before
		switch {
		case p.words:
			blank(p.start, p.end)
			if seen > 0 && seen < stated {
				out[p.start] = ';'
			}
		case !states(s) && stated > 0 && (prev || i+1 < len(ps)):
			blank(p.start, p.end) // a mention
		default:
			seen++
			if prev {
				blank(p.start, p.end-len(strings.TrimLeft(s[mentioned(s):], " \t,.;:")))
			} else if i == 0 {
				if m := label.FindStringSubmatchIndex(s); m != nil {
					blank(p.start, p.start+m[3])
				}
			}
			if i+1 < len(ps) {
				blank(p.start+len(strings.TrimRight(s, " \t,.;:")), p.end)
			}
		}
	}
	return string(out)
}

// label is a variable before the derivative by it: "W: ∂Q/∂W = …".
var label = lazyregexp.New(`^(\s*\pL[\pL\pN_]*\s*:)(?:\s*(?:∂|∇|\\frac|\\nabla|d\pL)|\s+=)`)

// mentioned is where the formula begins that stands behind a mention, as in
// "by W: ∂Q/∂W = …" and "with respect to W, dQ = …".
func mentioned(s string) int {
	depth, at := 0, 0
	for i, r := range s {
		switch {
		case r == '(' || r == '[' || r == '{':
			depth++
		case r == ')' || r == ']' || r == '}':
			depth--
		case depth == 0 && (r == ',' || r == ':'):
			at = i + 1
		case r == '∈': // x, y ∈ R^n
			return 0
		case r == '=' || r == '≈' || r == ';':
			return at
		}
	}
	return at
}

// named makes mathematics of the words that are names of values where they
// stand.
func (v vocabulary) named(l string, ps []stretch) []stretch {
	var out []stretch
	add := func(p stretch) {
		if n := len(out); n > 0 && out[n-1].words == p.words {
			out[n-1].end = p.end
		} else if p.end > p.start {
			out = append(out, p)
		}
	}
	for i, p := range ps {
		if !p.words {
			add(p)
			continue
		}
		text := strings.TrimSpace(l[p.start:p.end])
		var next, after string
		if i+1 < len(ps) {
			next, after = l[ps[i+1].start:ps[i+1].end], strings.TrimSpace(l[ps[i+1].end:])
		}
		prev := i > 0 && len(out) > 0 && !out[len(out)-1].words
		single := !strings.ContainsAny(text, " ,:")
		known := links[strings.ToLower(strings.Trim(text, " ,.:"))]
		switch {
		case text == "":
			p.words = len(out) == 0 || out[len(out)-1].words
		case strings.HasPrefix(next, "="): // what is defined: the last word
			at := p.start + strings.LastIndexAny(strings.TrimRight(l[p.start:p.end], " \t"), " \t") + 1
			if w := strings.TrimSpace(l[at:p.end]); !strings.ContainsAny(w, ".,:") && !links[strings.ToLower(w)] {
				add(stretch{p.start, at, true})
				p.start, p.words = at, false
			}
		case prev && endsOpen(l[:p.start]):
			p.words = false
		case prev && single && !known && strings.TrimSpace(next) != "" && !states(next) && after == "":
			p.words = false // one unknown word in the midst of a formula
		case prev && single && !known && next == "" && !strings.HasSuffix(l[:p.start], " "):
			p.words = false
		}
		add(p)
	}
	return out
}

// endsOpen tells whether a formula breaks off at an operator: what follows
// belongs to it.
func endsOpen(s string) bool {
	s = strings.TrimSpace(s)
	r, _ := utf8.DecodeLastRuneInString(s)
	return s != "" && strings.ContainsRune("=+-−*·∘⊙/\\^", r)
}

var remark = lazyregexp.New(`\[([^\[\]=]*)\]|\(((?:[^()=]|\(\d+\))*)\)`)

// remarks blanks brackets that hold words only: "(by cyclicity)".
func (v vocabulary) remarks(l string) string {
	for _, m := range remark.FindAllStringIndex(l, -1) {
		inner := strings.Fields(l[m[0]+1 : m[1]-1])
		words, names := 0, 0
		for _, w := range inner {
			w = strings.Trim(w, ",.;:")
			if v.word(w) || strings.Contains(w, ".") && wordEnd(w, 0) == len(w) {
				words++
			} else if numeral.MatchString(w) { // [from (3)]
				names++
			} else if v[w] || utf8.RuneCountInString(w) == 1 {
				names++ // (as A is square)
			}
		}
		if words > 0 && words+names == len(inner) && m[0] > 0 && (l[m[0]-1] == ' ' || l[m[0]-1] == '\t') && (words > 1 || strings.TrimSpace(l[m[1]:]) == "") {
			l = blankAt(l, m[0], m[1])
		}
	}
	return l
}

var numeral = lazyregexp.New(`^\(?\d+(?:\.\d+)*[a-z]?\)?$`)

var nextSet = lazyregexp.New(`^\s*\pL[\pL\pN_]*\s*(?:∈|\\in|:)`)

// sentence is what follows the period behind an equation where another follows.
var sentence = lazyregexp.New(`^\. +(?:\pL|∂|∇|\\)[^;]*=`)

// commas makes a comma or a period between two equations a semicolon.
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
		case '.':
			if depth == 0 && eq && i > 0 && l[i-1] != '.' && l[i-1] != ' ' && sentence.MatchString(l[i:]) {
				out[i] = ';'
				eq = false
			}
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
