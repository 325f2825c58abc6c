package parser

import (
	"regexp"
	"slices"
	"strings"
)

// regionKind tells how a piece of mathematics stands in a document.
type regionKind uint8

const (
	display regionKind = iota
	inline
	code
)

// region is a piece of mathematics: the bytes between its delimiters.
type region struct {
	start, end int
	kind       regionKind
}

var (
	fence     = regexp.MustCompile("\\A[ \t]{0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)")
	mathEnv   = regexp.MustCompile(`\A\\begin\{(equation|align|alignat|gather|multline|eqnarray|displaymath|math|flalign|dmath)(\*?)\}(?:\{\d+\})?`)
	codeEnv   = regexp.MustCompile(`\A\\begin\{(verbatim|lstlisting|Verbatim|minted)\}`)
	codeWords = setOf("matdiff math text txt plain plaintext latex tex")
	onlyMark  = regexp.MustCompile(`\A[ \t]*(?:[-*+>]|\d+[.)]|\(\d+\))?[ \t]*\z`)
	quads     = regexp.MustCompile(`\\q?quad\b`)
	afterQuad = regexp.MustCompile(`\A\s*(?:[=+\-&]|\\(?:cdot|times|odot|circ|end)\b|\\\\|\z)`)
	openQuad  = regexp.MustCompile(`(?:[=+\-&*(,]|\\\\|\A)\s*\z`)
	remarks   = regexp.MustCompile(`&&\s*(?:\\q?quad\s*)*\\text\s*\{[^{}]*\}[^\\&]*`)
	asides    = regexp.MustCompile(`&&|\\(?:intertext|shortintertext)\s*\{[^{}]*\}`)
)

// mathIn finds the mathematics of a document.
func mathIn(src string, tex bool) []region {
	var list []region
	bol := true // at the beginning of a line
	for i := 0; i < len(src); {
		if bol && !tex {
			if r, next, ok := fenced(src, i); ok {
				if r.end > r.start {
					list = append(list, r)
				}
				i = next
				continue
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
			i = between(src, i, 2, "$$", display, &list)
		case strings.HasPrefix(rest, `\[`):
			i = between(src, i, 2, `\]`, display, &list)
		case strings.HasPrefix(rest, `\(`):
			i = between(src, i, 2, `\)`, inline, &list)
		case strings.HasPrefix(rest, `\begin{`):
			head := rest[:min(len(rest), 60)]
			if m := mathEnv.FindStringSubmatch(head); m != nil {
				i = between(src, i, len(m[0]), `\end{`+m[1]+m[2]+"}", display, &list)
			} else if m := codeEnv.FindStringSubmatch(head); m != nil {
				i = between(src, i, len(m[0]), `\end{`+m[1]+"}", code, &list)
			} else {
				i++
			}
		case c == '\\':
			i += min(2, len(rest))
		case c == '$':
			i = dollar(src, i, &list)
		default:
			i++
		}
	}
	return list
}

func lineEnd(s string) int {
	if j := strings.IndexByte(s, '\n'); j >= 0 {
		return j
	}
	return len(s)
}

// between adds the region from i, after open bytes, to the closing text and
// returns where to go on; without a closing text the rest is no mathematics.
func between(src string, i, open int, close string, kind regionKind, list *[]region) int {
	j := strings.Index(src[i+open:], close)
	if j < 0 || j > 1<<16 {
		return i + open
	}
	*list = append(*list, region{i + open, i + open + j, kind})
	return i + open + j + len(close)
}

// dollar reads $…$ as Markdown does: no space inside the signs, no digit
// behind them, no empty line between them. Alone on its line it is a display.
func dollar(src string, i int, list *[]region) int {
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
			before := src[strings.LastIndexByte(src[:i], '\n')+1 : i]
			after := src[j+1 : j+1+lineEnd(src[j+1:])]
			if onlyMark.MatchString(before) && strings.Trim(after, " \t\r.,;:") == "" {
				kind = display
			}
			*list = append(*list, region{i + 1, j, kind})
			return j + 1
		}
	}
	return i + 1
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
	return r, 0, false
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
		if r.kind != code {
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
		blank(m[0], m[1], ' ')
	}
	for _, m := range quads.FindAllStringIndex(src, -1) {
		if text[m[0]] == ' ' {
			continue
		}
		if afterQuad.MatchString(src[m[1]:min(len(src), m[1]+40)]) || openQuad.MatchString(src[max(0, m[0]-40):m[0]]) && !strings.HasSuffix(strings.TrimSpace(src[:m[0]]), ",") || !level(src[:m[0]]) {
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
			if t := strings.TrimSpace(line); t == "" || strings.ContainsAny(t[:1], "=+-&") || !equates(t) {
				text[i] = ' '
			}
		}
	}
}

// level tells whether the braces of s balance.
func level(s string) bool {
	return strings.Count(s, "{")-strings.Count(s, `\{`) == strings.Count(s, "}")-strings.Count(s, `\}`)
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
		inside := slices.ContainsFunc(regions, func(r region) bool { return r.start <= from && to <= r.end+1 })
		if inside {
			continue
		}
		rest := []byte(line)
		for _, r := range regions {
			for k := max(r.start, from); k < min(r.end, to); k++ {
				rest[k-from] = ' '
			}
		}
		if strings.ContainsFunc(string(rest), isLetter) {
			n++
		}
	}
	return n
}
