package parser

import (
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// regionKind tells how a piece of mathematics stands in a document.
type regionKind uint8

const (
	display regionKind = iota
	inline
	code
	row // of a Markdown table of variables
)

// region is a piece of mathematics: the bytes between its delimiters.
type region struct {
	start, end int
	kind       regionKind
}

var (
	fence      = lazyregexp.New("\\A[ \t]{0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)")
	mathEnv    = lazyregexp.New(`\A\\begin\{(equation|align|alignat|gather|multline|eqnarray|displaymath|math|flalign|dmath)(\*?)\}(?:\{\d+\})?`)
	codeEnv    = lazyregexp.New(`\A\\begin\{(verbatim|lstlisting|Verbatim|minted)\}(?:\[([^\]\n]*)\])?(?:\{(\w+)\})?`)
	language   = lazyregexp.New(`language\s*=\s*\{?(\w+)`)
	codeWords  = setOf("matdiff math text txt plain plaintext latex tex")
	onlyMark   = lazyregexp.New(`\A[ \t]*(?:[-*+>]|\d+[.)]|\(\d+\))?[ \t]*\z`)
	quads      = lazyregexp.New(`\\q?quad\b`)
	afterQuad  = lazyregexp.New(`\A\s*(?:[=+\-&]|\\(?:cdot|times|odot|circ|end)\b|\\\\|\z)`)
	openQuad   = lazyregexp.New(`(?:[=+\-&*(,]|\\\\|\A)\s*\z`)
	remarks    = lazyregexp.New(`&&?[\s(\[]*(?:\\q?quad\s*|\\[,;!:]\s*)*[\s(\[]*\\(?:text|textit|textrm|textnormal|mbox|because)\b`)
	wordsAhead = lazyregexp.New(`\A\s*(?:\\q?quad\s*)*[\s(\[]*\\(?:text|textit|textrm|textnormal|mbox)\s*\{`)
	leftOf     = lazyregexp.New(`\A[+-][^&]*[^&\s][^&]*&\s*=`) // -x'dr &= …
	tableRow   = lazyregexp.New(`\A\s*\|\s*\$([^$|]+)\$\s*\|\s*(?:\$([^$|]+)\$|scalar)\s*\|(?:([^|\n]*)\|)?`)
	asides     = lazyregexp.New(`&&|\\(?:intertext|shortintertext)\s*\{[^{}]*\}`)
)

// mathIn finds the mathematics of a document.
func mathIn(src string, tex bool) []region {
	f := &finder{src: src, ends: make(map[string]int)}
	bol := true // at the beginning of a line
	for i := 0; i < len(src); {
		if bol && !tex {
			if r, next, ok := fenced(src, i); ok {
				if r.end > r.start {
					f.list = append(f.list, r)
				}
				i = next
				continue
			}
			if m := tableRow.FindStringIndex(src[i : i+lineEnd(src[i:])]); m != nil {
				if from := i + strings.IndexByte(src[i:], '$') + 1; rowDeclares(src[from : i+m[1]-1]) {
					f.list = append(f.list, region{from, i + m[1] - 1, row})
					i += lineEnd(src[i:])
					continue
				}
			}
		}
		c := src[i]
		bol = c == '\n'
		rest := src[i:]
		switch {
		case c == '%' && tex:
			i += lineEnd(rest)
		case c == '`' && !tex: // code within a line
			if j := strings.IndexAny(rest[1:], "`\n"); j >= 0 && rest[1+j] == '`' {
				i += j + 2
			} else {
				i++
			}
		case strings.HasPrefix(rest, "$$"):
			i = f.between(i, 2, "$$", display)
		case strings.HasPrefix(rest, `\[`):
			i = f.between(i, 2, `\]`, display)
		case strings.HasPrefix(rest, `\(`):
			i = f.between(i, 2, `\)`, inline)
		case strings.HasPrefix(rest, `\begin{`):
			head := rest[:min(len(rest), 60)]
			if m := mathEnv.FindStringSubmatch(head); m != nil {
				i = f.between(i, len(m[0]), `\end{`+m[1]+m[2]+"}", display)
			} else if m := codeEnv.FindStringSubmatch(head); m != nil {
				n := len(f.list)
				i = f.between(i, len(m[0]), `\end{`+m[1]+"}", code)
				lang := m[3]
				if l := language.FindStringSubmatch(m[2]); l != nil {
					lang = l[1]
				}
				if lang != "" && !codeWords[strings.ToLower(lang)] {
					f.list = f.list[:n]
				}
			} else {
				i++
			}
		case c == '\\':
			i += min(2, len(rest))
		case c == '$':
			i = f.dollar(i)
		default:
			i++
		}
	}
	return f.list
}

// finder collects the regions of a text.
type finder struct {
	src  string
	list []region
	ends map[string]int // where each closing text was last found
}

func lineEnd(s string) int {
	if j := strings.IndexByte(s, '\n'); j >= 0 {
		return j
	}
	return len(s)
}

// between adds the region from i, after open bytes, to the closing text and
// returns where to go on; without a closing text the rest is no mathematics.
func (f *finder) between(i, open int, close string, kind regionKind) int {
	from := i + open
	j, found := f.ends[close]
	if !found || j < from {
		if j = strings.Index(f.src[from:], close); j < 0 {
			j = len(f.src) + 1
		} else {
			j += from
		}
		f.ends[close] = j
	}
	if j > len(f.src) || j > from+1<<16 {
		return from
	}
	f.list = append(f.list, region{from, j, kind})
	return j + len(close)
}

// dollar reads $…$ as Markdown does: no space inside the signs, no digit
// behind them, no empty line between them. Alone on its line it is a display.
func (f *finder) dollar(i int) int {
	src := f.src
	if i+1 >= len(src) || src[i+1] == ' ' || src[i+1] == '\n' {
		return i + 1
	}
	for j := i + 1; j < len(src) && j < i+4000; j++ {
		switch {
		case src[j] == '\\':
			j++
		case src[j] == '\n' && strings.HasPrefix(strings.TrimLeft(src[j+1:min(len(src), j+40)], " \t"), "\n"):
			return i + 1
		case src[j] == '$':
			if src[j-1] == ' ' || j+1 < len(src) && isDigit(rune(src[j+1])) {
				return i + 1
			}
			kind := inline
			if f.alone(i, j+1) {
				kind = display
			}
			f.list = append(f.list, region{i + 1, j, kind})
			return j + 1
		}
	}
	return i + 1
}

// maxMark bounds what may stand beside a formula that is alone on its line.
const maxMark = 40

// alone tells whether nothing but a list mark and punctuation stands beside
// the bytes from i to j on their line.
func (f *finder) alone(i, j int) bool {
	before := f.src[max(0, i-maxMark):i]
	if k := strings.LastIndexByte(before, '\n'); k >= 0 {
		before = before[k+1:]
	} else if i > maxMark {
		return false
	}
	after := f.src[j:min(len(f.src), j+maxMark)]
	if k := strings.IndexByte(after, '\n'); k >= 0 {
		after = after[:k]
	} else if j+maxMark < len(f.src) {
		return false
	}
	return onlyMark.MatchString(before) && strings.Trim(after, " \t\r.,;:") == ""
}

// fenced reads a code block at the beginning of a line. A block in another
// language is skipped: its region is empty.
func fenced(src string, i int) (r region, next int, ok bool) {
	m := fence.FindStringSubmatch(src[i : i+lineEnd(src[i:])])
	if m == nil {
		return r, 0, false
	}
	start := i + lineEnd(src[i:])
	for j := start; j < len(src); {
		j++ // past the line end
		line := src[j : j+lineEnd(src[j:])]
		if t := strings.TrimSpace(line); strings.HasPrefix(t, m[1]) && strings.Trim(t, m[1][:1]) == "" {
			if word, _, _ := strings.Cut(strings.TrimSpace(m[2]), " "); word != "" && !codeWords[strings.ToLower(word)] {
				return region{}, j + len(line), true
			}
			return region{start, j, code}, j + len(line), true
		}
		j += len(line)
	}
	return r, len(src), true // never closed: it runs to the end, as in Markdown
}

// mask returns the text with everything but the mathematics blanked, so that
// offsets stay. Line ends separate the regions.
func mask(src string, regions []region) string {
	out := make([]byte, len(src))
	for i := range out {
		out[i] = ' '
		if src[i] == '\n' {
			out[i] = '\n'
		}
	}
	for _, r := range regions {
		out[r.start-1] = '\n'
		if r.end < len(out) {
			out[r.end] = '\n'
		}
		text := out[r.start:r.end]
		copy(text, src[r.start:r.end])
		switch r.kind {
		case row:
			copy(text, rowText(src[r.start:r.end]))
		case display, inline:
			formula(text, src[r.start:r.end])
		}
	}
	return string(out)
}

// formula adapts the text of a formula: wide spaces and columns of remarks
// separate statements, line ends do not unless a new equation begins there.
func formula(text []byte, src string) {
	blank := func(from, to int, first byte) {
		for k := from; k < to; k++ {
			text[k] = ' '
		}
		text[from] = first
	}
	for _, m := range remarks.FindAllStringIndex(src, -1) {
		if src[m[0]+1] != '&' && strings.Contains(src, "cases}") { // x & \text{if } x > 0
			continue
		}
		blank(m[0], m[1]+rowEnd(src[m[1]:]), ' ')
	}
	depth, at := 0, 0
	for _, m := range quads.FindAllStringIndex(src, -1) {
		depth += braces(src[at:m[0]])
		at = m[0]
		if text[m[0]] == ' ' {
			continue
		}
		if end := closingRemark(src[m[1]:]); end > 0 {
			blank(m[0], m[1]+end, ' ')
			continue
		}
		if afterQuad.MatchString(src[m[1]:min(len(src), m[1]+40)]) || openQuad.MatchString(src[max(0, m[0]-40):m[0]]) && !strings.HasSuffix(strings.TrimSpace(src[max(0, m[0]-40):m[0]]), ",") || depth != 0 {
			blank(m[0], m[1], ' ')
		} else {
			blank(m[0], m[1], ';')
		}
	}
	for _, m := range asides.FindAllStringIndex(src, -1) {
		if text[m[0]] != ' ' {
			blank(m[0], m[1], ';')
		}
	}
	for i := range text {
		if text[i] == '\n' {
			line := src[i+1 : i+1+lineEnd(src[i+1:])]
			if t := strings.TrimSpace(line); t == "" || strings.ContainsAny(t[:1], "=+-&") && !leftOf.MatchString(t) || !equates(t) {
				text[i] = ' '
			}
		}
	}
}

// closingRemark returns the length of the words that s begins with, (chain
// rule), where nothing but the end of the row follows them; else 0.
func closingRemark(s string) int {
	m := wordsAhead.FindStringIndex(s)
	if m == nil {
		return 0
	}
	end := rowEnd(s)
	depth, i := 1, m[1]
	for ; i < end && depth > 0; i++ {
		switch s[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	if depth > 0 || strings.Trim(s[min(i, end):end], " \t\r\n.,;:)]&") != "" {
		return 0
	}
	return end
}

// rowEnd returns where the row of an aligned formula ends that s goes on with.
func rowEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], `\\`) && depth <= 0, strings.HasPrefix(s[i:], `\end{`):
			return i
		case s[i] == '\\':
			i++
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth--
		}
	}
	return len(s)
}

// rowText writes the cells of a row, name, shape and properties, as a
// declaration of the same length.
func rowText(cells string) string {
	name, rest, _ := strings.Cut(cells, "|")
	shape, props, _ := strings.Cut(rest, "|")
	for _, w := range strings.FieldsFunc(props, func(r rune) bool { return r == ' ' || r == ',' }) {
		if !isProperty(w) {
			props = strings.Repeat(" ", len(props))
			break
		}
	}
	out := name + ":" + shape
	if len(out) < len(cells) {
		out += " " + props
	}
	return strings.ReplaceAll(out, "$", " ")
}

// rowDeclares tells whether the cells of a row declare a name.
func rowDeclares(cells string) bool {
	pieces := split(cells, demote(scan(rowText(cells))))
	if len(pieces) != 1 {
		return false
	}
	st, d := statementOf(&pieces[0], &ast.Program{Source: cells})
	_, ok := st.(*ast.Decl)
	return ok && d == nil
}

// braces counts the braces of s that open and are not closed in it.
func braces(s string) int {
	return strings.Count(s, "{") - strings.Count(s, `\{`) - strings.Count(s, "}") + strings.Count(s, `\}`)
}

// equates tells whether a line has an equals sign outside of braces.
func equates(line string) bool {
	depth := 0
	for _, r := range line {
		switch r {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			depth--
		case '=':
			if depth == 0 {
				return true
			}
		}
	}
	return strings.Contains(line, `\in `)
}

// proseLines counts the lines that hold words outside of the regions.
func proseLines(src string, regions []region) int {
	n, at := 0, 0
	for line := range strings.SplitAfterSeq(src, "\n") {
		from, to := at, at+len(line)
		at = to
		for len(regions) > 0 && regions[0].end < from {
			regions = regions[1:]
		}
		words, k := false, from
		for _, r := range regions {
			if r.start >= to {
				break
			}
			words = words || hasWords(src[k:max(k, r.start)])
			k = min(to, max(k, r.end))
		}
		if words || hasWords(src[k:to]) {
			n++
		}
	}
	return n
}

// delimiters are what stands around a formula without being words.
var delimiters = lazyregexp.New(`\\(?:begin|end)\{[a-zA-Z]+\*?\}|\\[\[\]()]`)

func hasWords(s string) bool {
	return strings.ContainsFunc(delimiters.ReplaceAllString(s, ""), isLetter)
}
